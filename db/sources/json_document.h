/*
 * json_document - the items of JSON documents read from an input one by one, whatever the size of
 * the document: of an array, or of the array "channels" in an object whose other members, before
 * and behind it, are passed over. Several documents may follow each other. Finds the borders by
 * brackets and quotes alone; what an item means is the caller's business. Belongs to one thread.
 */
#ifndef TUBEOPS_DB_SOURCES_JSON_DOCUMENT_H
#define TUBEOPS_DB_SOURCES_JSON_DOCUMENT_H

#include "db/sources/input.h"

/* How far the value at hand was looked through; zeroed for a new one. */
struct json_scan {
	size_t at;
	size_t depth;
	bool text; /* at is inside a text */
	bool torn; /* it has a line's end inside a text: it was never closed */
};

/*
 * Looks through the value that begins at p, of which len bytes are at hand, from where the last
 * call stopped. True: it ends at *n (a word such as 12 in front of what may follow it).
 */
bool json_scan_value(struct json_scan *s, const char *p, size_t len, size_t *n);

enum json_place { JSON_OUTSIDE, JSON_MEMBERS, JSON_ITEMS };

struct json_document {
	enum json_place place; /* zero it to begin */
	bool in_object;        /* the array is a member */
	bool found;            /* this object had its "channels" */
	bool skipping;         /* the rest of an item that was too long is to be dropped */
	char resume;           /* lines are dropped until one that begins so; 0: none */
	int64_t items;
	struct json_scan scan;
};

struct json_item {
	const char *text; /* borrowed until the next call */
	size_t len;
	int64_t line;
	int64_t number;      /* in its array, from 1 */
	const char *problem; /* static; NULL: all is well */
};

/*
 * *more is false at the end. ERR_CORRUPT with the line when the file ends inside a document or an
 * object makes no sense; items that make none are given with their problem, and the next ones follow.
 */
enum err json_document_next(struct json_document *d, struct input *in, struct json_item *item,
    bool *more, struct errbuf *eb) MUST_CHECK;
/* Does the input begin with an array, or an object with "channels", rather than with JSON Lines? */
enum err json_document_is_next(struct input *in, bool *is, struct errbuf *eb) MUST_CHECK;

#endif
