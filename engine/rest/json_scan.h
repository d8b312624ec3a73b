/*
 * json_scan - checks a JSON text that comes in pieces, at constant memory, and keeps what the body of
 * POST /api/bulk-add-channels must be known for before it is taken: that it is whole, an object, how
 * many items its "channels" has, and the text of its "source". Belongs to one thread.
 */
#ifndef TUBEOPS_REST_JSON_SCAN_H
#define TUBEOPS_REST_JSON_SCAN_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { REST_SCAN_DEPTH = 64, REST_SCAN_KEY = 16, REST_SCAN_SOURCE = 512 };

struct rest_scan {
	int state; /* of json_scan.c */
	int depth;
	uint64_t objects; /* bit of each open level: it is an object */
	int left;         /* of a word or of \uXXXX: bytes to come */
	const char *word; /* of true, false, null: what is to come */
	bool is_key;      /* the text at hand is a member's name */
	int64_t bytes;    /* read, all of them */

	char key[REST_SCAN_KEY]; /* of the outermost object, raw */
	size_t key_len;
	bool in_channels, in_source;
	char source[REST_SCAN_SOURCE]; /* raw, with its quotes */
	size_t source_len;

	bool is_object;      /* the whole is one */
	bool channels_array; /* its "channels" is an array */
	bool channels_else;  /* or something else */
	int64_t items;
};

void rest_scan_init(struct rest_scan *s);
/* ERR_INVALID says where the text is no JSON; the same again for all that follows. */
enum err rest_scan_add(
    struct rest_scan *s, const char *text, size_t len, struct errbuf *eb) MUST_CHECK;
/* Is it whole? An empty text is. */
enum err rest_scan_end(struct rest_scan *s, struct errbuf *eb) MUST_CHECK;
/* The text of "source", decoded and owned; NULL when there is none. ERR_INVALID: it is no text. */
enum err rest_scan_source(const struct rest_scan *s, char **out, struct errbuf *eb) MUST_CHECK;

#endif
