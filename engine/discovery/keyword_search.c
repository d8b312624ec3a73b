/*
 * keyword_search: channels that YouTube's search finds for a channel's keywords (search.list). A
 * project has 100 such calls a day, in a bucket of their own, and one answer holds up to 50
 * channels for the price of 5. So one search a source with 50 results is asked by default instead
 * of the original's three with 5 each: it brings more channels and serves three times the sources.
 * What stands further down counts less.
 *
 * When the bucket is spent: a job with this method alone waits for the next day like any other. In a
 * job with other methods these go on; the source is done without this one, counted as `skipped`, and
 * noted in target_note as "later".
 */
#include "config.h"
#include "engine/discovery/keywords.h"
#include "engine/discovery/pages.h"
#include "engine/youtube/search_list.h"

#include <string.h>

enum { FULL_RANKS = 5, RANKS = 50 };

static const double keyword_prior = 0.4, keyword_last = 0.2;

/* The first five are as good as the original's; then less and less. */
static double keyword_confidence(int rank)
{
	if (rank < FULL_RANKS)
		return keyword_prior;
	return keyword_prior -
	       (keyword_prior - keyword_last) * (rank - FULL_RANKS + 1) / (RANKS - FULL_RANKS);
}

/* A language that search.list takes, or NULL. */
static const char *keyword_language(const struct channel_meta *m, char out[3])
{
	const char *l = m->language;

	if (!l || m->language_confidence < 50 || strcmp(l, "und") == 0)
		return NULL;
	if (strcmp(l, "zh-Hans") == 0 || strcmp(l, "zh-Hant") == 0)
		return l;
	if (strspn(l, "abcdefghijklmnopqrstuvwxyz") != 2 || (l[2] && l[2] != '-'))
		return NULL;
	memcpy(out, l, 2);
	out[2] = '\0';
	return out;
}

static enum err keyword_ask(struct search *s, const struct search_source *src, const char *words,
    struct arena *arena, struct errbuf *eb)
{
	struct client_reply reply;
	struct channel_page page;
	char language[3];
	struct str *query = search_query(s);
	enum err err;

	search_list_query(words, keyword_language(&src->row->meta, language), query);
	err = search_call(s, METHOD_SEARCH_LIST, str_get(query), &reply, eb);
	if (err)
		return err;
	if (channel_page_parse(
	        search_json(s), reply.body, reply.len, &search_list_shape, arena, &page, eb))
		return search_torn(s, eb);
	for (int i = 0; i < page.n && i < RANKS && !err; i++)
		err = search_report(
		    s, src, &page.rows[i].cid, page.rows[i].title, NULL, keyword_confidence(i), eb);
	return err;
}

/* The bucket is spent and others want to go on. */
static enum err keyword_skip(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	enum err err = search_count(s, src, NULL, "skipped", 1, eb);

	return err ? err : search_close(s, src, "later", eb);
}

static enum err keyword_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct text_list words = {NULL, 0};
	struct arena *arena = arena_new(0);
	struct channel_meta m = src->row->meta;
	enum err err = ERR_OK;

	if (!arena)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (!src->row->has_meta)
		m = (struct channel_meta){
		    .title = src->row->import_title, .description = src->row->import_description};
	err = keywords_pick(&m, pages_param(s, "searches", 1), arena, &words, eb);
	if (!err && !words.n)
		err = search_count(s, src, NULL, "wordless", 1, eb);
	for (int i = 0; i < words.n && !err; i++)
		err = keyword_ask(s, src, words.items[i], arena, eb);
	arena_free(arena);
	if (err == ERR_QUOTA && !search_is_alone(s))
		err = keyword_skip(s, src, eb);
	return err;
}

const struct discovery_method keyword_search_method = {
    .name = "keyword_search",
    .service = "youtube_search",
    .confidence = 0.4,
    .bucket = BUCKET_SEARCH,
    .units = 1,
    .most = RANKS,
    .help =
        "channels that YouTube's search finds for its keywords; 1 of the project's 100 searches "
        "a day (--option searches: up to 3 for one channel)",
    .find = keyword_find,
};
