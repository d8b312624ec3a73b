/*
 * gzip - packing what is written: a file that packs into another, and a text at once. A FILE belongs
 * to one thread at a time.
 */
#ifndef TUBEOPS_BASE_GZIP_H
#define TUBEOPS_BASE_GZIP_H

#include <stddef.h>
#include <stdio.h>

/* A stream of its own; fclose ends the packed data, not `to`, which is borrowed until then, and
 * reports what went wrong on the way. NULL when out of memory. */
FILE *gzip_open(FILE *to);
/* The packed text, owned; quick rather than small. NULL: no memory. */
char *gzip_pack(const char *text, size_t len, size_t *packed);

#endif
