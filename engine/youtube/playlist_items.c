#include "config.h"
#include "engine/youtube/playlist_items.h"

#include "engine/youtube/reply.h"

#include <string.h>

/* Tokens are opaque: every byte that a query may not hold as it is becomes %XX. */
static void playlist_add_escaped(struct str *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                            "0123456789-_.~";

	for (; *text; text++)
		if (strchr(plain, *text))
			str_addc(out, *text);
		else
			str_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

void playlist_items_query(const struct cid *channel, const char *token, struct str *out)
{
	char text[CID_TEXT + 1];

	str_adds(out, "part=contentDetails&playlistId=UU");
	str_adds(out, cid_format(channel, text) + 2);
	str_addf(out, "&maxResults=%d", PLAYLIST_PAGE_ITEMS);
	if (token) {
		str_adds(out, "&pageToken=");
		playlist_add_escaped(out, token);
	}
	str_adds(out, "&fields=nextPageToken,items/contentDetails(videoId,videoPublishedAt)"
	              "&prettyPrint=false");
}

static enum err playlist_token(struct json_node root, const char **out, struct errbuf *eb)
{
	struct json_node node = json_node_get(root, "nextPageToken");
	enum json_type type = json_node_type(node);
	const char *text;
	size_t len;

	*out = NULL;
	if (type == JSON_NODE_NONE || type == JSON_NODE_NULL)
		return ERR_OK;
	if (!json_node_text(node, &text, &len) || len > PLAYLIST_TOKEN_MOST || strlen(text) != len)
		return err_set(
		    eb, ERR_INVALID, "the page token of the reply cannot be used; ask again");
	*out = len ? text : NULL;
	return ERR_OK;
}

enum err playlist_items_parse(struct json_reader *reader, const char *body, size_t len,
    struct playlist_page *page, struct errbuf *eb)
{
	struct json_node root, items, item;
	struct json_walk w;
	enum err err = json_reader_parse(reader, body, len, &root, eb);

	page->n = page->odd = 0;
	page->token = NULL;
	if (!err)
		err = reply_items(root, "youtube#playlistItemListResponse", &items, eb);
	if (!err)
		err = playlist_token(root, &page->token, eb);
	if (err)
		return err;
	json_walk_start(&w, items);
	while (json_walk_next(&w, &item, NULL)) {
		struct json_node details = json_node_get(item, "contentDetails");
		struct playlist_item one;
		if (!reply_vid(json_node_get(details, "videoId"), &one.vid)) {
			page->odd++;
			continue;
		}
		one.tombstone =
		    json_node_type(json_node_get(details, "videoPublishedAt")) != JSON_NODE_TEXT;
		if (page->n == PLAYLIST_PAGE_ITEMS)
			return err_set(eb, ERR_INVALID,
			    "the reply holds more items than were asked for; ask again");
		page->items[page->n++] = one;
	}
	return ERR_OK;
}
