/*
 * upload - a body that is too large for memory: written to a file in the data folder as it comes,
 * and checked on the way. Belongs to one thread at a time.
 */
#ifndef TUBEOPS_REST_UPLOAD_H
#define TUBEOPS_REST_UPLOAD_H

#include "engine/base/err.h"
#include "engine/rest/json_scan.h"

struct rest_upload;

/* A new file in this folder. */
enum err rest_upload_new(struct rest_upload **out, const char *dir, struct errbuf *eb) MUST_CHECK;
/* Deletes the file. NULL is allowed. */
void rest_upload_free(struct rest_upload *u);
/* ERR_INVALID: it is no JSON; ERR_IO: the disk does not take it. Stays so. */
enum err rest_upload_add(
    struct rest_upload *u, const char *data, size_t len, struct errbuf *eb) MUST_CHECK;
/* All is there: writes what is still in memory. */
enum err rest_upload_end(struct rest_upload *u, struct errbuf *eb) MUST_CHECK;
const char *rest_upload_path(const struct rest_upload *u);
const struct rest_scan *rest_upload_scan(const struct rest_upload *u);
/* Deletes what a process that died left in this folder, which must be ours. */
void rest_upload_sweep(const char *dir);

#endif
