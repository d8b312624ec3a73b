/*
 * zstd_file - a file that packs what is written into another one, as zstd does (RFC 8878), with its
 * checksum. A FILE belongs to one thread at a time.
 */
#ifndef TUBEOPS_BASE_ZSTD_FILE_H
#define TUBEOPS_BASE_ZSTD_FILE_H

#include <stdio.h>

/* A stream of its own; fclose ends the packed data, not `to`, which is borrowed until then, and
 * reports what went wrong on the way. NULL when out of memory. */
FILE *zstd_file_open(FILE *to);

#endif
