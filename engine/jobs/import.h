/*
 * import - millions of channel ids from a file or stdin into staging: read, sort in bounded memory
 * (runs on disk when there are many), merge, and hand over to the writer slice by slice, each one
 * transaction. What was committed stays when it is stopped or killed; running the same import again
 * completes it. When the source fails in the middle, what came before is stored all the same. import_run blocks its thread and starts one of its own; the stop flag and the
 * progress numbers are shared with any thread.
 */
#ifndef TUBEOPS_JOBS_IMPORT_H
#define TUBEOPS_JOBS_IMPORT_H

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"
#include "engine/jobs/writer.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT_PHASES(X)             \
	X(IMPORT_OPENING, "opening") \
	X(IMPORT_READING, "reading") \
	X(IMPORT_STORING, "storing") \
	X(IMPORT_ENDED, "ended")

enum import_phase {
#define IMPORT_PHASE_ENUM(name, word) name,
	IMPORT_PHASES(IMPORT_PHASE_ENUM)
#undef IMPORT_PHASE_ENUM
};

struct import_progress {
	_Atomic int64_t bytes_read;
	_Atomic int64_t bytes_total; /* 0: not known (stdin) */
	_Atomic int64_t rows_read;
	_Atomic int64_t rows_settled; /* those whose fate is known; rows_read at the end */
	_Atomic int64_t rows_added;
	atomic_int phase;
};

struct import_config {
	const char *path;   /* "-": stdin; or a database's URL with its password masked */
	const char *format; /* "csv", "list", "json"; NULL or "auto": guessed */
	const struct secret *password; /* of the database; NULL: none */
	const char *source;            /* the origin's word; NULL: "migration" */
	const char *label;             /* for people; NULL: the path */
	int64_t memory_mib;            /* for sorting; 0: 192 */
	size_t block;                  /* bytes read at a time; 0: 1 MiB */
	const char *column;            /* as in struct source_config */
	/* name of a list of staging_wanted.h that is filled anew with the ids that lack metadata; the
	 * input is a table of source.h then; NULL: none */
	const char *list;
	const char *data_dir;
	struct writer *writer;
	struct log *log;                  /* may be NULL */
	const atomic_bool *stop;          /* may be NULL */
	struct import_progress *progress; /* may be NULL */
	_Atomic int64_t *total;           /* of a job: rows read; may be NULL */
	_Atomic int64_t *processed;       /* of a job: rows settled; may be NULL */
};

enum { IMPORT_REJECTS = 100, IMPORT_REASON_SIZE = 96 };

struct import_reject {
	int64_t line;
	char reason[IMPORT_REASON_SIZE];
};

/* read = added + known + erased + invalid + duplicates + unresolved + unresolved_known + unstored */
struct import_result {
	int64_t origin; /* 0: it did not come so far */
	int64_t read;   /* rows; the header and blank lines are none */
	int64_t added;
	int64_t known;  /* in staging before */
	int64_t erased; /* somebody had them erased: they stay away */
	int64_t invalid;
	int64_t duplicates; /* further rows of a channel in this input; the first one counts */
	int64_t unresolved; /* handles and names newly put aside */
	int64_t unresolved_known;
	int64_t list;     /* number of the list; 0 without one */
	int64_t wanted;   /* ids in it */
	int64_t unstored; /* read, but not stored: only when it ended early */
	struct import_reject rejects[IMPORT_REJECTS]; /* the first of them */
	int n_rejects;
	char *rejects_path; /* all of them as CSV; NULL: there are none; owned */
	double seconds;
};

/*
 * ERR_CANCELLED when the stop flag ended it. *result is filled whatever happens and holds what was
 * done; end it with import_result_done.
 */
enum err import_run(
    const struct import_config *cfg, struct import_result *result, struct errbuf *eb) MUST_CHECK;
void import_result_done(struct import_result *result);
const char *import_phase_word(enum import_phase phase);

#endif
