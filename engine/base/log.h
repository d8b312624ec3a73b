/*
 * log - one line per event, to a file (text or JSON Lines), to stderr, and to a ring that the
 * screen reads and searches. log_at may be called from any thread and never waits for a disk: one writer
 * thread empties the queue; when it is full the oldest line is dropped and counted. Every line
 * passes text_mask_secrets. NULL is a log that goes nowhere.
 */
#ifndef TUBEOPS_BASE_LOG_H
#define TUBEOPS_BASE_LOG_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define LOG_LEVELS(X)                                                               \
	X(LOG_ERROR, "error", 'E')     /* somebody must look */                     \
	X(LOG_WARNING, "warning", 'W') /* handled, but strange */                   \
	X(LOG_INFO, "info", 'I')       /* a line per ten batches, never per item */ \
	X(LOG_DEBUG, "debug", 'D')     /* per call */

enum log_level {
#define LOG_ENUM(name, word, letter) name,
	LOG_LEVELS(LOG_ENUM)
#undef LOG_ENUM
	    LOG_LEVEL_COUNT
};

struct log_line {
	uint64_t seq; /* from 1, without gaps but for dropped lines */
	int64_t at_ms;
	enum log_level level;
	int64_t job; /* 0: none */
	char source[16];
	char text[232]; /* cut for the screen; files get it whole */
};

struct log_config {
	enum log_level level;
	const char *path; /* NULL: no file */
	bool json;        /* file and stderr as JSON Lines */
	bool to_stderr;
	size_t ring; /* lines kept in memory; 0: LOG_RING_LINES */
};
enum { LOG_RING_LINES = 1024 };

struct log;

/* Opens the file (0600 when it is new) and starts the writer thread. */
enum err log_open(struct log **out, const struct log_config *cfg, struct errbuf *eb) MUST_CHECK;
/* Writes what is queued, closes. */
void log_close(struct log *lg);
void log_at(struct log *lg, enum log_level level, const char *source, int64_t job, const char *fmt,
    ...) PRINTF_LIKE(5, 6);
/* Opens the file anew by its name, for log rotation (SIGHUP). Any thread; not in a handler. */
void log_reopen(struct log *lg);
/* Lines newer than after, oldest first, at most max of the newest; returns how many. */
size_t log_tail(struct log *lg, uint64_t after, struct log_line *lines, size_t max);

/* One line in full; borrowed for the call. */
struct log_text {
	uint64_t seq;
	int64_t at_ms;
	enum log_level level;
	int64_t job;
	const char *source;
	const char *text;
	int64_t
	    place; /* where it begins in the log's files, 0: not known; lines of files have no seq */
};

typedef bool log_takes_fn(void *arg, const struct log_text *line);

/* Which lines of those in memory; all that is given must hold. */
struct log_ask {
	uint64_t after;       /* newer than this one, oldest of them first; 0: the newest ones */
	uint64_t before;      /* older than this one; 0: any */
	enum log_level level; /* this one or worse */
	int64_t job;          /* 0: any */
	const char *source;   /* NULL: any */
	const char *find;     /* somewhere in the text, in any case; NULL: any */
	log_takes_fn *takes;  /* and what it says; called while the log goes on; NULL: any */
	void *takes_arg;
	int64_t since_ms, until_ms; /* UTC ms, until not included; 0: any */
	size_t limit;
	/* log_file_search alone: lines that end at this place at most, the newest of them; or that
	 * begin behind this one, the oldest of them; 0: not given */
	int64_t file_before, file_after;
};

struct log_numbers {
	uint64_t oldest, newest; /* in memory; 0: none yet */
	int64_t oldest_ms;
	uint64_t dropped; /* lines that the file lacks, because its thread could not follow */
	uint64_t queued;  /* that wait for the file */
	uint64_t by_level[LOG_LEVEL_COUNT]; /* lines so far */
};
void log_numbers(struct log *lg, struct log_numbers *out);

typedef void log_line_fn(void *arg, const struct log_text *line);
/* Calls fn for the lines asked for, oldest first; the log goes on meanwhile. *out is of the moment
 * when it began. ERR_NOMEM. */
enum err log_search(struct log *lg, const struct log_ask *a, log_line_fn *fn, void *arg,
    struct log_numbers *out) MUST_CHECK;

/* Where the file goes on beyond what a search found; 0: it does not. */
struct log_spots {
	int64_t before; /* for file_before */
	int64_t after;  /* for file_after; 0: there memory begins */
};

/*
 * The same of the file, of lines that are older than what memory holds. Reads some megabytes at most,
 * so that a filter may find nothing although *out says where to go on. Lines that this log did not
 * write are passed over. Files that were rotated away (NAME.1, NAME.2.gz, NAME-20261122 …) are older
 * parts of the same: places hold over a rotation, not over a restart. Any thread; ERR_NOMEM.
 */
enum err log_file_search(struct log *lg, const struct log_ask *a, log_line_fn *fn, void *arg,
    struct log_spots *out) MUST_CHECK;
/* The place where memory begins, for file_before; 0: there is no file. */
int64_t log_file_end(struct log *lg);

/* Lines dropped because the writer could not follow, and lines of level error so far. */
uint64_t log_dropped(struct log *lg);
uint64_t log_errors(struct log *lg);
bool log_level_parse(const char *word, enum log_level *out);
const char *log_level_word(enum log_level level);

#endif
