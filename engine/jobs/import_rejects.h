/*
 * import_rejects - the file of the rows an import could not take: CSV of line, reason, text. Made
 * with the first one, under a temporary name until the end. One thread.
 */
#ifndef TUBEOPS_JOBS_IMPORT_REJECTS_H
#define TUBEOPS_JOBS_IMPORT_REJECTS_H

#include "engine/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct import_rejects;

/* <data_dir>/rejects/import-<origin>.csv; nothing is made yet. NULL when out of memory. */
struct import_rejects *import_rejects_new(const char *data_dir, int64_t origin);
void import_rejects_free(struct import_rejects *r);
enum err import_rejects_add(struct import_rejects *r, int64_t line, const char *reason,
    const char *text, size_t len, struct errbuf *eb) MUST_CHECK;
/*
 * Ends the file. Whole: it gets its name; otherwise it keeps the temporary one. *path: returns
 * owned, NULL when there were no rows.
 */
enum err import_rejects_end(
    struct import_rejects *r, bool whole, char **path, struct errbuf *eb) MUST_CHECK;

#endif
