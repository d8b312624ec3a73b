/*
 * export - rows as CSV or JSON Lines while they are read: a thread per export writes into a small
 * buffer, the server empties it as fast as its client reads. The server's threads open and read;
 * start and stop belong to one thread.
 */
#ifndef TUBEOPS_REST_EXPORT_H
#define TUBEOPS_REST_EXPORT_H

#include "engine/engine.h"
#include "engine/rest/stream.h"

struct rest_exports;

struct rest_exports *rest_exports_start(struct engine *e, struct log *lg, int most);
/* Ends what is under way: those streams break. NULL is allowed, here and below. */
void rest_exports_end(struct rest_exports *x);
/* Waits for the last thread, then frees; after the last stream is done. */
void rest_exports_free(struct rest_exports *x);
/* Begins one; cfg's texts are copied, out and progress are not looked at. pack: gzip. ERR_INVALID:
 * cfg asks for what there is not. ERR_BUSY: as many as may be are under way. */
enum err rest_export_open(struct rest_exports *x, const struct engine_export *cfg, bool pack,
    struct rest_stream **out, struct errbuf *eb) MUST_CHECK;

#endif
