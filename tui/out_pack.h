/*
 * out_pack - how a file is to be packed, by its name: .gz. Pure.
 */
#ifndef TUBEOPS_OUT_PACK_H
#define TUBEOPS_OUT_PACK_H

#include "engine/base/err.h"

/* Does the name ask for packing? ERR_INVALID for a way of packing that is not known here. */
enum err out_pack_wanted(const char *path, bool *out, struct errbuf *eb) MUST_CHECK;

#endif
