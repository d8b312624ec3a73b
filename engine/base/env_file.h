/*
 * env_file - reads the .env format: NAME=value lines with comments, blank lines, `export`,
 * single quotes (taken as they are), double quotes (\n \t \" \\ \$, may run over lines), CRLF and
 * a byte order mark. Pure; any thread.
 */
#ifndef TUBEOPS_BASE_ENV_FILE_H
#define TUBEOPS_BASE_ENV_FILE_H

#include "engine/base/err.h"

#include <stddef.h>

/* Called for each pair, in order; an error from it ends the reading. Borrows its texts. */
typedef enum err env_file_fn(
    void *arg, const char *name, const char *value, int line, struct errbuf *eb);

/* path is only for messages. ERR_INVALID with "path:line: what" for a line that makes no sense. */
enum err env_file_parse(const char *path, const char *text, size_t len, env_file_fn *fn, void *arg,
    struct errbuf *eb) MUST_CHECK;
/* Reads the file (at most 1 MiB) and parses it. ERR_NOTFOUND when there is none. */
enum err env_file_read(const char *path, env_file_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;

#endif
