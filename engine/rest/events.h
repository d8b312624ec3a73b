/*
 * events - what GET /api/events sends: one thread looks at the engine while somebody listens, makes
 * a text of each change once, and wakes all streams. Their ids let a client that comes back get what
 * it missed, as far as the ring of the newest events holds it. Start and stop belong to one thread;
 * the rest is for the server's threads.
 *
 * Events: hello (first, with what was asked for), reset (what was missed is not known: look at
 * /api/snapshot), job, quota, key, workers, counts, log, alert. Data is one line of JSON.
 */
#ifndef TUBEOPS_REST_EVENTS_H
#define TUBEOPS_REST_EVENTS_H

#include "engine/rest/stream.h"

#include <stdint.h>

struct engine;
struct rest_events;

struct rest_events *rest_events_start(struct engine *e, int most_streams);
/* Ends all streams at their next read, and takes no more. */
void rest_events_end(struct rest_events *ev);
/* After the last stream is done. NULL is allowed. */
void rest_events_free(struct rest_events *ev);
/* last_id: the value of Last-Event-ID, or NULL. NULL: too many listen, or no memory. */
struct rest_stream *rest_events_open(struct rest_events *ev, const char *last_id);
int rest_events_streams(struct rest_events *ev);

#endif
