#include "config.h"
#include "engine/youtube/playlists_list.h"

#include "engine/youtube/query.h"

#include <string.h>

const struct channel_page_shape playlist_owners_shape = {
    .kind = "youtube#playlistItemListResponse",
    .id = "snippet/videoOwnerChannelId",
    .title = "snippet/videoOwnerChannelTitle",
};

void playlists_query(const struct cid *channel, struct str *out)
{
	char id[CID_TEXT + 1];

	str_addf(out,
	    "part=id,contentDetails&channelId=%s&maxResults=50"
	    "&fields=kind,nextPageToken,items(id,contentDetails/itemCount)&prettyPrint=false",
	    cid_format(channel, id));
}

static bool playlists_is_id(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z') ||
		        (text[i] >= 'a' && text[i] <= 'z') || text[i] == '_' || text[i] == '-'))
			return false;
	return len > 0 && len <= PLAYLIST_ID_MOST;
}

enum err playlists_parse(struct json_reader *reader, const char *body, size_t len,
    struct arena *arena, struct playlist_name **rows, int *n, struct errbuf *eb)
{
	struct json_node items, item;
	struct json_walk w;
	const char *next, *text;
	size_t text_len;
	enum err err = channel_page_open(
	    reader, body, len, "youtube#playlistListResponse", arena, &items, &next, eb);

	*n = 0;
	*rows = err ? NULL : arena_alloc(arena, PLAYLISTS_PAGE * sizeof **rows);
	if (err)
		return err;
	if (!*rows)
		return err_set(eb, ERR_NOMEM, "out of memory while reading playlists");
	json_walk_start(&w, items);
	while (*n < PLAYLISTS_PAGE && json_walk_next(&w, &item, NULL)) {
		struct playlist_name *row = *rows + *n;
		if (!json_node_text(json_node_get(item, "id"), &text, &text_len) ||
		    !playlists_is_id(text, text_len))
			continue;
		row->id = arena_dup(arena, text, text_len);
		if (!row->id)
			return err_set(eb, ERR_NOMEM, "out of memory while reading playlists");
		if (!json_node_int(json_node_path(item, "contentDetails/itemCount"), &row->items))
			row->items = -1;
		++*n;
	}
	return ERR_OK;
}

void playlist_owners_query(const char *playlist, struct str *out)
{
	str_adds(out,
	    "part=snippet&maxResults=50&fields=kind,nextPageToken,"
	    "items/snippet(videoOwnerChannelId,videoOwnerChannelTitle)&prettyPrint=false");
	query_add(out, "playlistId", playlist);
}
