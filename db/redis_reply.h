/*
 * redis_reply - what Redis answered, as a small tree, and how it is read from the wire's two forms:
 * RESP2 (hiredis' reader) and the JSON of Upstash's REST interface. An answer owns all its replies and
 * is freed whole. Everything that comes in is hostile: bytes, items and depth are bounded.
 * An answer belongs to one thread at a time.
 */
#ifndef TUBEOPS_DB_REDIS_REPLY_H
#define TUBEOPS_DB_REDIS_REPLY_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum redis_type { REDIS_NIL, REDIS_NUMBER, REDIS_TEXT, REDIS_ERROR, REDIS_ARRAY };

/* REDIS_DEPTH: arrays within arrays at most. */
enum { REDIS_DEPTH = 7, REDIS_ANSWER_LIMIT = 16 * 1024 * 1024 };

struct redis_reply {
	enum redis_type type;
	int64_t number; /* of REDIS_NUMBER */
	const char
	    *text; /* of REDIS_TEXT and REDIS_ERROR: as it came, n bytes, then a NUL; else NULL */
	size_t n;  /* bytes of text, or items of an array */
	struct redis_reply *items;
};

/* One reply per command, in the order of the commands. */
struct redis_answer {
	size_t n;
	struct redis_reply *replies;
	struct arena *arena; /* holds everything, this struct too */
};

/* n replies, all nil, and room for `limit` bytes of texts and items. NULL: out of memory. */
struct redis_answer *redis_answer_new(size_t n, size_t limit);
void redis_answer_free(struct redis_answer *a);
/* n more replies, all nil, that a owns. NULL: out of memory or over the limit. */
struct redis_reply *redis_answer_room(struct redis_answer *a, size_t n);

/* Is it this text? */
bool redis_reply_is(const struct redis_reply *r, const char *text);
/* The text, NULL for every other type. */
const char *redis_reply_text(const struct redis_reply *r);
/* A number, or a text that is one. */
bool redis_reply_number(const struct redis_reply *r, int64_t *out);
/* Item i of an array; a nil one when there is none, never NULL. */
const struct redis_reply *redis_reply_item(const struct redis_reply *r, size_t i);

/* ---- redis_resp.c: RESP2 ---- */
struct redis_resp;
/* Reads replies of one connection one after the other. NULL: out of memory. */
struct redis_resp *redis_resp_new(void);
void redis_resp_free(struct redis_resp *p);
/* The next call's replies go into a, n of them; borrowed until they are read. */
void redis_resp_expect(struct redis_resp *p, struct redis_answer *a, size_t limit);
/*
 * Takes bytes that came. *done: all replies are there. ERR_CORRUPT: this is no RESP2, or more replies
 * than were asked for; ERR_LIMIT: larger than the limit. After an error the connection is of no more use.
 */
enum err redis_resp_feed(
    struct redis_resp *p, const char *bytes, size_t len, bool *done, struct errbuf *eb) MUST_CHECK;

/* ---- redis_json.c: JSON of the REST interface ---- */
struct json_reader;
struct json_node;
struct str;

enum redis_encoding {
	REDIS_ENCODING_BASE64, /* all texts but "OK" */
	REDIS_ENCODING_PLAIN
};
/*
 * Reads the body of an answer: {"result":…} or {"error":…} for one command, an array of these for
 * several. An {"error":…} where an array is due is the only reply of *whole (owned by a), which is
 * NULL otherwise. ERR_CORRUPT: this is no such JSON; ERR_LIMIT.
 */
enum err redis_json_read(struct json_reader *json, const char *body, size_t len,
    enum redis_encoding encoding, bool several, struct redis_answer *a,
    const struct redis_reply **whole, struct errbuf *eb) MUST_CHECK;
/* Words as a JSON array of texts. ERR_INVALID: a word is not UTF-8. lens NULL: all end with a NUL. */
enum err redis_json_words(struct str *out, const char *const *words, const size_t *lens, size_t n,
    struct errbuf *eb) MUST_CHECK;

#endif
