/*
 * staging_import - many channels at once into the staging file: a virtual table feeds rows that
 * lie in memory, in key order, to one INSERT (the quickest way into SQLite there is, and the
 * B-tree is only ever extended at its end). Writer thread only, inside its transaction (W).
 */
#ifndef TUBEOPS_DB_STAGING_IMPORT_H
#define TUBEOPS_DB_STAGING_IMPORT_H

#include "db/staging.h"

#include <stdatomic.h>

struct staging_import_row {
	struct cid cid;
	const char *text;                    /* title, then description; clean UTF-8; borrowed */
	uint32_t title_len, description_len; /* 0: none */
};

struct staging_import {
	const struct staging_import_row *rows; /* in key order, no key twice; borrowed */
	size_t n;
	bool has_descriptions;
	int64_t origin;
	int64_t wanted_list; /* takes the rows that lack metadata, see staging_wanted.h; 0: none */
	const atomic_bool *stop; /* may be NULL; when it gets true the rest is left out */
	/* the outcome; valid when the transaction was committed */
	size_t taken;   /* rows that were used: n, or fewer when stopped */
	int64_t added;  /* those that were new */
	int64_t wanted; /* those that lack metadata and came into the list */
	int64_t erased; /* those that were erased once and are not taken */
};

/* Once per connection that writes: staging_open does it. */
enum err staging_import_register(struct staging *s, struct errbuf *eb) MUST_CHECK;
/* Adds the rows that are not known yet and counts them. May be tried again after a rollback. */
enum err staging_import_put(
    struct staging *s, struct staging_import *im, struct errbuf *eb) MUST_CHECK;
/*
 * Makes sure that a walk over this origin is still to begin, so that rows added now will be sent,
 * wherever an earlier walk has come to. *seq: 0 at first, then kept by the caller between calls.
 */
enum err staging_import_outbox(
    struct staging *s, int64_t origin, int64_t *seq, struct errbuf *eb) MUST_CHECK;

#endif
