/*
 * worker: what a server thread needs for the length of one request and would be dear to make each
 * time: a channel's scratch space and a gzip state.
 * Threads: workers_take and workers_give from any; a worker belongs to its taker.
 */
#ifndef SIM_WORKER_H
#define SIM_WORKER_H

#include "channel.h"

struct workers;
struct worker;

struct workers *workers_new(void);
void workers_free(struct workers *ws);
/* NULL: out of memory. */
struct worker *workers_take(struct workers *ws);
void workers_give(struct workers *ws, struct worker *w);
struct channel *worker_channel(struct worker *w);
/* Replaces *body by its gzip form (level 1); takes and returns owned. False: left as it was. */
bool worker_gzip(struct worker *w, char **body, size_t *len);

#endif
