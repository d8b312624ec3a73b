/*
 * quota_store - the file quota.db: keys, refused projects, and the book of units by project,
 * bucket and Pacific day. Only SQL; what the numbers mean is the ledger's business. One thread at
 * a time. Every commit is on the disk when it returns. Texts in rows are borrowed.
 */
#ifndef TUBEOPS_DB_QUOTA_STORE_H
#define TUBEOPS_DB_QUOTA_STORE_H

#include "engine/base/err.h"

#include <stdint.h>

struct quota_store;

struct quota_key_row {
	int64_t id;
	const char *name;
	const char *project;
	const char *secret; /* NULL when it stands in the settings */
	const char *print;
	const char *refused; /* "" when it is not */
	bool from_settings;
	bool enabled;
	int64_t quota; /* 0: not given */
	int64_t errors;
	int64_t last_used, last_ok; /* UTC seconds; 0 never */
	int64_t calls, calls_day;
};

struct quota_book_row {
	const char *project;
	const char *bucket;
	int64_t day;
	int64_t used;
	int64_t limit;
	int64_t spent_at; /* UTC seconds; 0 */
};

/* Units of a book by hour, key and stage. */
struct quota_spending_row {
	int64_t day;
	const char *project;
	const char *bucket;
	int64_t key;
	const char *stage; /* "" of none */
	int hour;          /* of the Pacific day, from 0 */
	int64_t units;
	int64_t failed; /* of them: for calls that brought nothing */
};

/* read_only: the file must exist (ERR_NOTFOUND) and nothing below marked W may be called. */
enum err quota_store_open(
    struct quota_store **out, const char *path, bool read_only, struct errbuf *eb) MUST_CHECK;
/* The schema that quota_store_open brings a file to. */
int quota_store_newest_version(void);
/* W: takes over what the file at path has booked beyond this one, project by project and day by
 * day. Not between begin and commit; on error nothing is changed. */
enum err quota_store_merge(struct quota_store *qs, const char *path, struct errbuf *eb) MUST_CHECK;
/* Moves the write-ahead log into the file and closes. NULL is allowed. */
void quota_store_close(struct quota_store *qs);

/* W: what stands between begin and commit is kept whole or not at all. */
enum err quota_store_begin(struct quota_store *qs, struct errbuf *eb) MUST_CHECK;
/* W: rolls back by itself when it fails. */
enum err quota_store_commit(struct quota_store *qs, struct errbuf *eb) MUST_CHECK;
void quota_store_rollback(struct quota_store *qs);

typedef enum err quota_key_fn(void *arg, const struct quota_key_row *row, struct errbuf *eb);
typedef enum err quota_project_fn(
    void *arg, const char *name, const char *refused, struct errbuf *eb);
/* By rising id. An error from fn ends the walk. */
enum err quota_store_keys_each(
    struct quota_store *qs, quota_key_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
enum err quota_store_projects_each(
    struct quota_store *qs, quota_project_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* W: a new row; its number in *id. */
enum err quota_store_key_add(struct quota_store *qs, const struct quota_key_row *row, int64_t *id,
    struct errbuf *eb) MUST_CHECK;
/* W: everything but secret and print; a key that has come to the settings loses its secret. */
enum err quota_store_key_save(
    struct quota_store *qs, const struct quota_key_row *row, struct errbuf *eb) MUST_CHECK;
/* W: the key's text is wiped from the file too. Not between begin and commit. */
enum err quota_store_key_remove(struct quota_store *qs, int64_t id, struct errbuf *eb) MUST_CHECK;
/* W: overwrites what removed and emptied rows left behind. Not between begin and commit. */
void quota_store_wipe(struct quota_store *qs);
/* W: an empty reason forgets it. */
enum err quota_store_project_refuse(
    struct quota_store *qs, const char *name, const char *reason, struct errbuf *eb) MUST_CHECK;

/* Fills used, limit and spent_at of row by its other fields; zeros and *found false without one. */
enum err quota_store_book_get(
    struct quota_store *qs, struct quota_book_row *row, bool *found, struct errbuf *eb) MUST_CHECK;
/* W */
enum err quota_store_book_put(
    struct quota_store *qs, const struct quota_book_row *row, struct errbuf *eb) MUST_CHECK;
/* W: gives units of a lease back; never below zero. */
enum err quota_store_book_return(struct quota_store *qs, const struct quota_book_row *row,
    int64_t units, struct errbuf *eb) MUST_CHECK;
/* The newest day of all books; 0 when they are empty. */
enum err quota_store_newest_day(struct quota_store *qs, int64_t *day, struct errbuf *eb) MUST_CHECK;

/* W */
enum err quota_store_spending_put(
    struct quota_store *qs, const struct quota_spending_row *row, struct errbuf *eb) MUST_CHECK;
typedef enum err quota_spending_fn(
    void *arg, const struct quota_spending_row *row, struct errbuf *eb);
/* The rows of days from..to; by_key: summed up to a row for each day, bucket and key, the other texts
 * "". An error from fn ends the walk. */
enum err quota_store_spending_each(struct quota_store *qs, int64_t from, int64_t to, bool by_key,
    quota_spending_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* W */
enum err quota_store_spending_forget(
    struct quota_store *qs, int64_t before_day, struct errbuf *eb) MUST_CHECK;
/* Units that the projects with a book of that day did not spend on it; -1: there is none. */
enum err quota_store_left_over(struct quota_store *qs, const char *bucket, int64_t day,
    int64_t *out, struct errbuf *eb) MUST_CHECK;

#endif
