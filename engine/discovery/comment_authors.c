/*
 * comment_authors: who writes below the videos of a channel (commentThreads.list, one unit for 100
 * threads and the replies that come with them). Most are viewers without a video, so one source is
 * no sign: only who writes below several is found (the parameter comment_sources).
 */
#include "config.h"
#include "engine/discovery/pages.h"
#include "engine/youtube/comment_threads.h"

static enum err comment_page(struct search *s, const struct search_source *src, struct arena *arena,
    struct channel_page *page, struct errbuf *eb)
{
	struct client_reply reply;
	struct str *query = search_query(s);
	enum err err;

	comment_threads_query(&src->row->cid, page->next, query);
	err = search_call(s, METHOD_COMMENT_THREADS_LIST, str_get(query), &reply, eb);
	if (err)
		return err;
	if (channel_page_parse(
	        search_json(s), reply.body, reply.len, &comment_threads_shape, arena, page, eb))
		return search_torn(s, eb);
	for (int i = 0; i < page->n && !err; i++)
		err = search_sight(s, src, &page->rows[i].cid, page->rows[i].title, eb);
	return err;
}

static enum err comment_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	return pages_walk_open(s, src, comment_page, eb);
}

const struct discovery_method comment_authors_method = {
    .name = "comment_authors",
    .service = "youtube_comments",
    .confidence = 0.05,
    .bucket = BUCKET_UNITS,
    .units = 1,
    .help = "who comments below several of the sources (--comment-sources, 2); 1 unit a "
            "page of 100 comments; low confidence, left for batch_metadata to confirm",
    .find = comment_find,
};
