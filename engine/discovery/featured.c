/*
 * youtube_featured: the channels on the shelves of a channel's page (channelSections.list, one
 * unit). No cap per source of its own: a page has at most some twelve shelves.
 */
#include "config.h"
#include "engine/discovery/search.h"

#include "engine/youtube/reply.h"

static const char featured_query[] =
    "part=contentDetails&channelId=%s&fields=items/contentDetails/channels&prettyPrint=false";

static enum err featured_shelf(
    struct search *s, const struct search_source *src, struct json_node shelf, struct errbuf *eb)
{
	struct json_walk w;
	struct json_node item;
	struct cid cid;
	const char *text;
	size_t len;
	enum err err = ERR_OK;

	json_walk_start(&w, json_node_path(shelf, "contentDetails/channels"));
	while (!err && json_walk_next(&w, &item, NULL))
		if (json_node_text(item, &text, &len) && cid_parse(text, len, &cid))
			err = search_report(s, src, &cid, NULL, NULL, -1, eb);
	return err;
}

/* A shelf without channels is an empty object; what is no object is no shelf: the reply is torn. */
static enum err featured_shelves(
    struct json_node root, struct json_node *shelves, struct errbuf *eb)
{
	enum err err = reply_items(root, "youtube#channelSectionListResponse", shelves, eb);
	struct json_walk w;
	struct json_node item;

	if (err)
		return err;
	json_walk_start(&w, *shelves);
	while (json_walk_next(&w, &item, NULL))
		if (json_node_type(item) != JSON_NODE_OBJECT)
			return err_set(
			    eb, ERR_INVALID, "the reply holds items that are no shelves");
	return ERR_OK;
}

static enum err featured_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	char id[CID_TEXT + 1];
	struct str *query = search_query(s);
	struct client_reply reply;
	struct json_node root, shelves, item;
	struct json_walk w;
	enum err err;

	str_addf(query, featured_query, cid_format(&src->row->cid, id));
	err = search_call(s, METHOD_CHANNEL_SECTIONS_LIST, str_get(query), &reply, eb);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err)
		return err;
	if (json_reader_parse(search_json(s), reply.body, reply.len, &root, eb) ||
	    featured_shelves(root, &shelves, eb))
		return search_torn(s, eb);
	json_walk_start(&w, shelves);
	while (!err && json_walk_next(&w, &item, NULL))
		err = featured_shelf(s, src, item, eb);
	return err;
}

const struct discovery_method featured_method = {
    .name = "youtube_featured",
    .service = "youtube_featured",
    .confidence = 0.8,
    .bucket = BUCKET_UNITS,
    .units = 1,
    .most = -1,
    .is_default = true,
    .help = "channels on the shelves of the channel's page; 1 unit",
    .find = featured_find,
};
