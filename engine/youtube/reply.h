/*
 * reply - reading the members of an API reply into the values that rows have: clean texts, counts,
 * times, lists. What the parsers of all methods share. Texts live in the arena of the reader; a
 * member that is absent or of a wrong kind is "not known", never an error. One thread at a time.
 */
#ifndef TUBEOPS_YOUTUBE_REPLY_H
#define TUBEOPS_YOUTUBE_REPLY_H

#include "db/rows.h"
#include "engine/base/arena.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

struct reply_reader {
	struct arena *arena;
	struct str clean; /* for the few texts that need cleaning */
	bool failed;      /* out of memory; looked at once, at the end */
};

/* len: of the body. Nothing is allocated yet. */
void reply_begin(struct reply_reader *r, struct arena *arena, size_t len);
/* Frees what cleaning took. True when memory was enough for everything. */
bool reply_end(struct reply_reader *r);

/*
 * The list `items` of a body. Absent is the same as empty: YouTube leaves it out now and then.
 * ERR_INVALID when it is no object, an error sent as a success, or of another kind than `kind`
 * ("youtube#channelListResponse"; bodies without a kind are taken): the reply is torn.
 */
enum err reply_items(
    struct json_node root, const char *kind, struct json_node *items, struct errbuf *eb) MUST_CHECK;

/* A clean copy, or NULL when it is no text or nothing is left of it. */
const char *reply_text(struct reply_reader *r, struct json_node node);
const char *reply_text_n(struct reply_reader *r, struct json_node node, size_t *len);
/* The first of two paths below item that holds a text. */
const char *reply_text_or(
    struct reply_reader *r, struct json_node item, const char *first, const char *second);
/* COUNT_NONE when it is no number or below 0. */
int64_t reply_count(struct json_node node);
/* 0, 1, or -1 when it is no boolean. */
int reply_flag(struct json_node node);
/* UTC seconds; INT64_MIN when it is no RFC 3339 time. */
int64_t reply_time(struct json_node node);
/* "high" is what nearly all have; else the widest, else any: new keys appear now and then. */
const char *reply_thumbnail(struct reply_reader *r, struct json_node thumbnails);
/* An array of texts, those that are none left out; n is -1 when it is no array. */
struct text_list reply_list(struct reply_reader *r, struct json_node node);
/* A video id; false when it is none. */
bool reply_vid(struct json_node node, int64_t *out);

#endif
