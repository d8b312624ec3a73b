/*
 * ids - channel and video ids as numbers. "UC" + 22 base64url characters carry 128 bits (the
 * last character only two: A Q g w), a video id 64 (the last four). Both are kept in the order
 * of their text, so that key order, text order and UUID order are one. Pure functions.
 * Source: the id rules of the YouTube Data API as measured on recorded replies.
 */
#ifndef TUBEOPS_BASE_IDS_H
#define TUBEOPS_BASE_IDS_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CID_BYTES = 16, CID_TEXT = 24, VID_TEXT = 11, UUID_TEXT = 36 };

struct cid {
	unsigned char b[CID_BYTES]; /* compare with memcmp: text order */
};

/* Exactly len bytes. False when it is no channel id (length, characters, padding bits). */
bool cid_parse(const char *text, size_t len, struct cid *out);
/* "UC…" and NUL into buf (CID_TEXT + 1 bytes); returns buf. */
char *cid_format(const struct cid *c, char *buf);
int cid_compare(const struct cid *a, const struct cid *b);
/* A key that stands for a number where work is handed out by key; no channel's. */
struct cid cid_from_number(int64_t n);
int64_t cid_number(const struct cid *c);

/* Exactly len bytes. Signed, so that SQLite's integer order is the text's order. */
bool vid_parse(const char *text, size_t len, int64_t *out);
char *vid_format(int64_t vid, char *buf); /* VID_TEXT + 1 bytes */

struct uuid {
	unsigned char b[16];
};
/* Random, version 4. ERR_IO when the system gives no randomness. */
enum err uuid_new(struct uuid *out) MUST_CHECK;
/* The same one for the same text, made of its SHA-256: version 8. */
enum err uuid_from_text(const char *text, size_t len, struct uuid *out) MUST_CHECK;
/* Lower case with dashes into buf (UUID_TEXT + 1 bytes); returns buf. */
char *uuid_format(const struct uuid *u, char *buf);
/* Dashes optional, any case, braces and "urn:uuid:" allowed, as the original took them. */
bool uuid_parse(const char *text, size_t len, struct uuid *out);

#endif
