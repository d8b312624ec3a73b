/*
 * engine_redis - whether the Redis of the settings is well, for callers who must not wait long: a thread
 * checks when somebody asked and the last result is 10 s old; nobody asks: nothing is sent.
 * redis_probe_json may be called from any thread, the others from the engine's owner.
 */
#ifndef TUBEOPS_ENGINE_REDIS_H
#define TUBEOPS_ENGINE_REDIS_H

#include "engine/base/log.h"
#include "engine/base/settings.h"

#include <jansson.h>

struct redis_probe;

/* Also when no Redis is configured, or wrongly: that is its answer then. */
enum err redis_probe_start(struct redis_probe **out, const struct settings *settings,
    struct log *log, struct errbuf *eb) MUST_CHECK;
/* Ends a check that is going on. */
void redis_probe_stop(struct redis_probe *p);
/*
 * The body of GET /api/redis-test: {"status":"success", "redis_version", "connected_clients",
 * "used_memory_human", "environment"} or {"status":"error", "message"}. Waits less than a second, and only
 * for a check that has just begun. Returns owned; NULL: out of memory.
 */
json_t *redis_probe_json(struct redis_probe *p);

#endif
