/*
 * log_parts - the inside of the log, shared by the files engine/base/log*.c alone: entries, which
 * the queue to the writer thread, the ring and those who search it hold together, and the ring.
 */
#ifndef TUBEOPS_BASE_LOG_PARTS_H
#define TUBEOPS_BASE_LOG_PARTS_H

#include "engine/base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum {
	LOG_LINE_LIMIT = 8192,
	LOG_RING_LINE = 256 /* bytes a line of the ring may have on average */
};

/* One line: unchanged once it is in the ring, but for its place. */
struct log_entry {
	struct log_entry *next; /* of the queue; under its lock */
	atomic_int holders;
	atomic_int_fast64_t place; /* in the file that is written now; -1: not there */
	int64_t at_ms;
	int64_t job;
	uint64_t seq;
	enum log_level level;
	char source[16];
	size_t len;
	char text[]; /* masked and escaped */
};

struct log_ring {
	struct log_entry **lines; /* by seq % room */
	size_t room, bytes;
	uint64_t first, last; /* first is the oldest one kept; 0, 0: none yet */
};

struct log {
	struct log_config cfg;
	char *path;
	int fd;             /* the writer thread's alone */
	atomic_bool reopen; /* asked for by log_reopen */
	pthread_t thread;

	pthread_mutex_t lock; /* guards all below; rank: leaf, nothing slow under it */
	pthread_cond_t filled;
	struct log_entry *head, **tail;
	size_t queued;
	uint64_t dropped;
	uint64_t by_level[LOG_LEVEL_COUNT];
	bool closing;
	struct log_ring ring;
	struct stat stat; /* of the file */
	int64_t written;  /* its end behind our last line */
};

void log_entry_drop(struct log_entry *e);

/* ---- log_ring.c ---- */
enum err log_ring_init(struct log_ring *r, size_t lines) MUST_CHECK;
void log_ring_done(struct log_ring *r);
/* Numbers it and keeps it; the ring becomes one more holder. The oldest ones go. */
void log_ring_add(struct log_ring *r, struct log_entry *e);
/* Does the line fit all that is asked for? */
bool log_is_asked(const struct log_ask *a, const struct log_text *line);

#endif
