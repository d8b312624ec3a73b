/*
 * out_file - a file that gets its name when it is complete and on the disk; until then it has a name
 * of its own beside it. A name that ends in .gz or .zst packs it. Devices and pipes are written as
 * they are; a link stays, what it points to is replaced. Any thread.
 */
#ifndef TUBEOPS_OUT_FILE_H
#define TUBEOPS_OUT_FILE_H

#include "engine/base/err.h"

#include <stdbool.h>
#include <stdio.h>

struct out_file {
	const char *path; /* NULL: stdout; borrowed */
	char *target;     /* path with its links followed; owned */
	char *temporary;
	FILE *plain; /* what packed bytes go to; NULL: out is not packed */
	FILE *out;
	bool overwrite;
};

/* Before any work: ERR_DENIED when the file exists and may not be replaced, ERR_INVALID for a way of
 * packing that is not known. path NULL is standard output. */
enum err out_file_check(const char *path, bool overwrite, struct errbuf *eb) MUST_CHECK;
/* Checks, then opens. What came to be under that name meanwhile is found by out_file_close. */
enum err out_file_open(
    struct out_file *f, const char *path, bool overwrite, struct errbuf *eb) MUST_CHECK;
/* Gives the file its name; when err is one already, removes it instead. Returns the first error. */
enum err out_file_close(struct out_file *f, enum err err, struct errbuf *eb) MUST_CHECK;

#endif
