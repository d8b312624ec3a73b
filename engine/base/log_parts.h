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
	LOG_RING_LINE = 256, /* bytes a line of the ring may have on average */
	LOG_FILES = 128
};

/* Where the log's file began when it was opened, so that what is older has room below it. */
#define LOG_PLACE (INT64_C(1) << 50)

/* One line: unchanged once it is in the ring, but for its place. */
struct log_entry {
	struct log_entry *next; /* of the queue; under its lock */
	atomic_int holders;
	atomic_int_fast64_t place; /* of log_files; -1: in no file */
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
	int64_t base;     /* the place where it begins */
	int64_t written;  /* its end behind our last line */
	int unpacked_fd;  /* of the packed file that was read last; -1: none */
	struct stat unpacked;
};

void log_entry_drop(struct log_entry *e);

/* ---- log_files.c ---- */
/* One file, [begin, end) of all places. */
struct log_part {
	char *path;
	int fd;
	int64_t begin, end;
	int64_t number; /* behind its name; 0: none */
	struct stat stat;
	bool packed;
};
/* The log's file and older ones, newest first; of whoever opened it. */
struct log_files {
	struct log *log;
	struct log_part parts[LOG_FILES];
	size_t n;
};
/* Any thread. What cannot be read is left out. */
void log_files_open(struct log *lg, struct log_files *f);
void log_files_close(struct log_files *f);
/* The newest part that has something below this place, the oldest that has something from it on; NULL. */
const struct log_part *log_files_below(const struct log_files *f, int64_t place);
const struct log_part *log_files_above(const struct log_files *f, int64_t place);
/* Bytes [from, to) of a part; fewer, or none, when it cannot be read. */
size_t log_files_read(
    struct log_files *f, const struct log_part *part, int64_t from, int64_t to, char *out);

/* ---- log_ring.c ---- */
enum err log_ring_init(struct log_ring *r, size_t lines) MUST_CHECK;
void log_ring_done(struct log_ring *r);
/* Numbers it and keeps it; the ring becomes one more holder. The oldest ones go. */
void log_ring_add(struct log_ring *r, struct log_entry *e);
/* Does the line fit all that is asked for? */
bool log_is_asked(const struct log_ask *a, const struct log_text *line);

#endif
