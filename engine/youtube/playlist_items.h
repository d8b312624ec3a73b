/*
 * playlist_items - the method playlistItems.list on the uploads of a channel: builds its query,
 * reads a page of video ids. Pure; any thread with a json_reader of its own.
 * Source: an uploads list is "UU" + the channel's id from its third character on; it holds the
 * newest 20,000; its pages may be short, empty or repeat an item although a token follows; 404
 * means no public uploads.
 */
#ifndef TUBEOPS_YOUTUBE_PLAYLIST_ITEMS_H
#define TUBEOPS_YOUTUBE_PLAYLIST_ITEMS_H

#include "engine/base/ids.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { PLAYLIST_PAGE_ITEMS = 50, PLAYLIST_UPLOADS_MOST = 20000, PLAYLIST_TOKEN_MOST = 4096 };

struct playlist_item {
	int64_t vid;
	bool tombstone; /* private or deleted: it has no date of its own */
};

struct playlist_page {
	struct playlist_item items[PLAYLIST_PAGE_ITEMS];
	int n;
	int odd; /* items without a valid video id, left out */
	/* of the next page; NULL: this was the last. Borrowed from the reader until its next parse. */
	const char *token;
};

/* Appends the query of a page; token NULL: the first one. Always a full page: it costs the same. */
void playlist_items_query(const struct cid *channel, const char *token, struct str *out);
/* ERR_INVALID when it is no such list, or one that cannot be gone on with: the reply is torn. */
enum err playlist_items_parse(struct json_reader *reader, const char *body, size_t len,
    struct playlist_page *page, struct errbuf *eb) MUST_CHECK;

#endif
