/*
 * out_pack - how a file is to be packed, by its name: .gz or .zst. Pure.
 */
#ifndef TUBEOPS_OUT_PACK_H
#define TUBEOPS_OUT_PACK_H

#include "engine/base/err.h"

#include <stdio.h>

/* A stream that packs into `to`; fclose ends it and leaves `to` open. NULL: no memory. */
typedef FILE *out_pack_fn(FILE *to);

/* *out: what packs a file of this name, NULL when it stays plain; path NULL is standard output.
 * ERR_INVALID for a way of packing that is not known here. */
enum err out_pack_of(const char *path, out_pack_fn **out, struct errbuf *eb) MUST_CHECK;

#endif
