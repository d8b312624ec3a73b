/*
 * subscriptions: whom a channel follows in public (subscriptions.list, one unit a page). Most
 * channels answer 403, which costs the unit too: that is remembered, and not asked again for 90 days.
 */
#include "config.h"
#include "engine/discovery/search.h"
#include "engine/discovery/pages.h"
#include "engine/youtube/subscriptions_list.h"

static enum err subscriptions_page(struct search *s, const struct search_source *src,
    struct arena *arena, struct channel_page *page, struct errbuf *eb)
{
	struct client_reply reply;
	struct str *query = search_query(s);
	enum err err;

	subscriptions_query(&src->row->cid, page->next, query);
	err = search_call(s, METHOD_SUBSCRIPTIONS_LIST, str_get(query), &reply, eb);
	if (err)
		return err;
	if (channel_page_parse(
	        search_json(s), reply.body, reply.len, &subscriptions_shape, arena, page, eb))
		return search_torn(s, eb);
	for (int i = 0; i < page->n && !err; i++)
		err = search_report(s, src, &page->rows[i].cid, page->rows[i].title, NULL, -1, eb);
	return err;
}

static enum err subscriptions_find(
    struct search *s, const struct search_source *src, struct errbuf *eb)
{
	return pages_walk_open(s, src, subscriptions_page, eb);
}

const struct discovery_method subscriptions_method = {
    .name = "subscriptions",
    .service = "youtube_subscriptions",
    .confidence = 0.5,
    .bucket = BUCKET_UNITS,
    .units = 1,
    .most = -1,
    .help = "whom the channel follows in public; 1 unit a page of 50, also when it is hidden, as "
            "most are (then not again for 90 days)",
    .find = subscriptions_find,
};
