/*
 * waits: connections that must wait (latency, slow bodies, stalls) without holding a server
 * thread. A waiting connection is suspended and resumed by one timer thread. libmicrohttpd forbids
 * stopping with suspended connections: call waits_stop first, it resumes them all and refuses new
 * ones.
 * Threads: waits_add from the server's threads, inside a handler or content reader only.
 */
#ifndef SIM_WAITS_H
#define SIM_WAITS_H

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

struct waits;

struct waits *waits_new(void);
/* Suspends the connection for ms; false when it was not (stopping, or no memory): go on at once. */
bool waits_add(struct waits *w, struct MHD_Connection *connection, uint64_t ms);
bool waits_stopping(struct waits *w);
void waits_stop(struct waits *w);
void waits_free(struct waits *w);

#endif
