/*
 * writer - the thread that owns the only writing connection to the staging file. Everything that
 * changes staging is a small function handed to it; it groups them into one transaction, commits,
 * then tells their owners. It alone checkpoints. Any thread may post; the queue is bounded, so a
 * slow disk slows the workers instead of filling memory.
 */
#ifndef TUBEOPS_JOBS_WRITER_H
#define TUBEOPS_JOBS_WRITER_H

#include "db/staging.h"
#include "engine/base/log.h"
#include "engine/base/meter.h"

struct writer;

/*
 * Changes staging; runs on the writer thread inside its transaction. An error undoes only this.
 * ERR_IO and ERR_BUSY (disk full, locked) undo the transaction, which is tried again until the
 * disk takes it: apply may be called many times and must not use up its arg.
 */
typedef enum err write_fn(struct staging *s, void *arg, struct errbuf *eb);
/* Called on the writer thread after the commit (or the failure); takes arg back. Must be quick. */
typedef void written_fn(void *arg, enum err err, const struct errbuf *eb);

struct write_op {
	write_fn *apply;
	written_fn *after; /* may be NULL */
	void *arg;
	bool alone; /* a long one (a slice of an import): its own transaction */
	bool once;  /* alone, and a disk that refuses is an error: nobody waits for it */
};

struct writer_numbers {
	uint64_t ops, commits;
	int64_t queued, room; /* waiting, and how many may */
	int64_t commit_us;    /* of the last commit */
	int64_t wal_pages;
	bool stalled;      /* the disk refuses: trying again until it takes */
	char trouble[160]; /* why, "" when all is well */
};

/* Opens the file (creates, migrates) and starts the thread. */
enum err writer_start(
    struct writer **out, const char *path, struct log *log, struct errbuf *eb) MUST_CHECK;
/* Does what is queued, checkpoints, closes the file. */
void writer_stop(struct writer *w);
/*
 * When the disk refuses (numbers.stalled): tries no longer, takes nothing more; those who wait get
 * their errors. Staging keeps what was committed. Otherwise does nothing. Any thread.
 */
void writer_give_up(struct writer *w);
/* Copies op. ERR_CANCELLED after writer_stop began: after is not called, arg stays the caller's. */
enum err writer_post(struct writer *w, const struct write_op *op) MUST_CHECK;
/* Posts; the caller, who keeps arg, waits later, once, by writer_await. */
struct writer_promise;
enum err writer_promise(struct writer *w, write_fn *fn, void *arg, struct writer_promise **out,
    struct errbuf *eb) MUST_CHECK;
/* Waits for its commit, frees the promise; returns what apply or the commit returned. */
enum err writer_await(struct writer_promise *p, struct errbuf *eb) MUST_CHECK;
/* Both in one. */
enum err writer_run(
    struct writer *w, write_fn *fn, void *arg, bool alone, struct errbuf *eb) MUST_CHECK;
/* Tried once: a disk that refuses is an error. For who opens a folder and has nobody to tell yet. */
enum err writer_run_once(struct writer *w, write_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
/* Counts commits in m from now on: how long each took, those that failed. */
void writer_meter(struct writer *w, struct meter *m);
void writer_numbers(struct writer *w, struct writer_numbers *out);

#endif
