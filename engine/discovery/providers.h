/*
 * providers - the external services in use: their descriptions, keys, rates and troubles. One for
 * the process, shared by all workers; every function but open and close may be called by any thread.
 *
 * A provider never makes a channel fail. Each one keeps to its requests per minute over all workers;
 * one in trouble (three useless answers in a row, a refused key, "slow down") is left alone for a
 * while, longer each time, and then tried with a single request.
 */
#ifndef TUBEOPS_DISCOVERY_PROVIDERS_H
#define TUBEOPS_DISCOVERY_PROVIDERS_H

#include "engine/base/log.h"
#include "engine/base/meter.h"
#include "engine/base/settings.h"
#include "engine/discovery/provider.h"

#include <stdatomic.h>

struct providers;

/* Called for each file that cannot be used: "file:line: why"; or with error NULL, for one that can. */
typedef void providers_load_fn(
    void *arg, const char *file, const struct provider *p, const char *error);

struct provider_numbers {
	bool paused;      /* left alone until until_ms, then tried with one request */
	int64_t since_ms; /* clock_mono_ms of the first trouble of this pause */
	int64_t until_ms;
	char trouble[160]; /* the last one; "" since the last good answer */
};
void providers_numbers(struct providers *ps, int i, struct provider_numbers *out);
/* Ends the pause of a provider by hand. ERR_NOTFOUND: there is none of this name. */
enum err providers_reset(struct providers *ps, const char *name, struct errbuf *eb) MUST_CHECK;
/* Counts requests from now on; before they begin. ms may be NULL. */
void providers_meter(struct providers *ps, struct meters *ms);

/*
 * Reads the files that DISCOVERY_PROVIDERS names (comma-separated; empty: none) and takes their
 * keys. Files that are faulty or lack their key are left out and told to fn. ERR_NOMEM alone.
 * settings and log are borrowed for the life of *out; log may be NULL.
 */
enum err providers_open(struct providers **out, const struct settings *settings, struct log *log,
    providers_load_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;
void providers_close(struct providers *ps);

int providers_count(const struct providers *ps);
const struct provider *providers_at(const struct providers *ps, int i);

enum provider_outcome {
	PROVIDER_ANSWERED, /* what it knows was handed to fn */
	PROVIDER_NOTHING,  /* it does not know the channel */
	PROVIDER_SKIPPED,  /* not asked: paused, or the channel has no handle */
	PROVIDER_FAILED    /* asked in vain */
};

/* What the asking thread brings along. */
struct provider_asking {
	struct json_reader *json;
	/* Waits until clock_mono_ms() is until_ms; false: the process stops. */
	bool (*wait)(void *arg, int64_t until_ms);
	void *wait_arg;
	const atomic_bool *stop; /* ends a request in flight; NULL: none */
};

/*
 * Asks provider i about a channel and hands what it finds to fn. ERR_OK with an outcome;
 * ERR_CANCELLED when the process stops, ERR_NOMEM, and errors of fn.
 */
enum err providers_ask(struct providers *ps, int i, const struct provider_asking *asking,
    const struct cid *cid, const char *handle, provider_find_fn *fn, void *arg,
    enum provider_outcome *outcome, struct errbuf *eb) MUST_CHECK;

#endif
