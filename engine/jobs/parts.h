/*
 * parts - the engine's parts as its own modules see them: who is there to be used. Filled by
 * engine.c before any thread starts, constant afterwards. All borrowed.
 */
#ifndef TUBEOPS_JOBS_PARTS_H
#define TUBEOPS_JOBS_PARTS_H

#include "engine/base/log.h"
#include "engine/base/settings.h"
#include "engine/jobs/writer.h"
#include "engine/quota/ledger.h"

struct client_watch;
struct dispatcher;
struct meters;
struct providers;
struct sync;

struct engine_parts {
	const struct settings *settings;
	struct log *log;
	const char *data_dir;
	const char *staging_path;
	struct writer *writer; /* NULL when only looking */
	struct ledger *ledger;
	struct dispatcher *dispatcher; /* NULL unless working */
	struct sync *sync;             /* NULL without DATABASE_URL */
	struct providers *providers;   /* external services; NULL unless working */
	struct meters *meters;         /* what is asked of whom: NULL is fine */
	struct client_watch *watch;    /* for API clients; NULL is fine */
};

#endif
