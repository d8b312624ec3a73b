/*
 * adopted: channel ids of a real list that take the place of made-up ones; the n-th id of the list is
 * that of channel number n. Read-only once read, any thread. NULL stands for an empty list.
 */
#ifndef SIM_ADOPTED_H
#define SIM_ADOPTED_H

#include <stdbool.h>
#include <stdint.h>

#include "ids.h"

struct adopted;

/* The first channel id of each line, repeated ones once. NULL: no file, no id, or no memory.
 * Returned owned. */
struct adopted *adopted_read(const char *path);
void adopted_free(struct adopted *a);
uint64_t adopted_count(const struct adopted *a);
bool adopted_id(const struct adopted *a, uint64_t index, struct bits128 *id);
bool adopted_find(const struct adopted *a, struct bits128 id, uint64_t *index);

#endif
