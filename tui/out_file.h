/*
 * out_file - a file that gets its name when it is complete and on the disk; until then it has a name
 * of its own beside it. A name that ends in .gz packs it. Devices and pipes are written as they are; a link stays, what it points to
 * is replaced. Main thread only.
 */
#ifndef TUBEOPS_OUT_FILE_H
#define TUBEOPS_OUT_FILE_H

#include "engine/base/err.h"

#include <stdio.h>

struct out_file {
	const char *path; /* NULL: stdout; borrowed */
	char *target;     /* path with its links followed; owned */
	char *temporary;
	FILE *plain; /* what packed bytes go to; NULL: out is not packed */
	FILE *out;
};

enum err out_file_open(struct out_file *f, const char *path, struct errbuf *eb) MUST_CHECK;
/* Gives the file its name; when err is one already, removes it instead. Returns the first error. */
enum err out_file_close(struct out_file *f, enum err err, struct errbuf *eb) MUST_CHECK;

#endif
