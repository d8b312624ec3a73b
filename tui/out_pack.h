/*
 * out_pack - what is written to a stream goes packed into another, in the way that a file's name
 * asks for: .gz. Main thread only.
 */
#ifndef TUBEOPS_OUT_PACK_H
#define TUBEOPS_OUT_PACK_H

#include "engine/base/err.h"

#include <stdio.h>

/* Does the name ask for packing? ERR_INVALID for a way of packing that is not known here. */
enum err out_pack_wanted(const char *path, bool *out, struct errbuf *eb) MUST_CHECK;
/* A stream of its own; fclose ends the packed data, not `to`, which is borrowed until then, and
 * reports what went wrong on the way. NULL when out of memory. */
FILE *out_pack_open(FILE *to);

#endif
