/*
 * playlists_list - the methods playlists.list (which lists a channel made) and playlistItems.list on one
 * of them (whose videos are in it). Pure but for the arena, any thread.
 * Source: owners are absent for private and deleted videos; itemCount counts those too.
 */
#ifndef TUBEOPS_YOUTUBE_PLAYLISTS_LIST_H
#define TUBEOPS_YOUTUBE_PLAYLISTS_LIST_H

#include "engine/youtube/channel_page.h"

enum { PLAYLISTS_PAGE = 50, PLAYLIST_ID_MOST = 64 };

struct playlist_name {
	const char *id; /* letters, digits, _ and - */
	int64_t items;  /* -1: not said */
};

/* Appends the query of the first page. */
void playlists_query(const struct cid *channel, struct str *out);
/* Lists in the order of the page; ids that are none left out. ERR_INVALID: the reply is torn. */
enum err playlists_parse(struct json_reader *reader, const char *body, size_t len,
    struct arena *arena, struct playlist_name **rows, int *n, struct errbuf *eb) MUST_CHECK;

/* The owners of the first 50 videos of a list. */
extern const struct channel_page_shape playlist_owners_shape;
void playlist_owners_query(const char *playlist, struct str *out);

#endif
