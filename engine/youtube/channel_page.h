/*
 * channel_page - a page of any list of the API whose items name channels: subscribed ones, found
 * ones, owners of videos, authors of comments. What differs is where in an item the channel stands:
 * a row of data. Pure but for the arena; any thread with a json_reader of its own.
 */
#ifndef TUBEOPS_YOUTUBE_CHANNEL_PAGE_H
#define TUBEOPS_YOUTUBE_CHANNEL_PAGE_H

#include "engine/base/arena.h"
#include "engine/base/ids.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { CHANNEL_PAGE_MOST = 2000, CHANNEL_PAGE_TOKEN = 4096 };

/* Where things stand; paths as of json_node_path. */
struct channel_page_shape {
	const char *kind;  /* of the whole reply, in any case: YouTube writes both */
	const char *id;    /* in an item: the channel's id */
	const char *title; /* its title or name */
	bool escaped;      /* the title is HTML: search.list alone */
	/* a list below each item that holds more of them; NULL: none */
	const char *below, *below_id, *below_title;
};

struct channel_name {
	struct cid cid;
	const char *title; /* clean; NULL when absent */
};

struct channel_page {
	struct channel_name *rows; /* in the order of the page, repeats and all */
	int n;
	int without;      /* items that name no channel: deleted videos, nameless authors */
	const char *next; /* token of the next page; NULL: that was the last */
};

/* ERR_INVALID when it is no such list: the reply is torn. Absent `items` are none. */
enum err channel_page_parse(struct json_reader *reader, const char *body, size_t len,
    const struct channel_page_shape *shape, struct arena *arena, struct channel_page *out,
    struct errbuf *eb) MUST_CHECK;
/* The same checks for lists of other things: `items` (absent when there are none) and the token. */
enum err channel_page_open(struct json_reader *reader, const char *body, size_t len,
    const char *kind, struct arena *arena, struct json_node *items, const char **next,
    struct errbuf *eb) MUST_CHECK;

#endif
