/*
 * redis_url - which Redis the settings name, and how it is reached:
 *   redis://[[user]:password@]host[:port][/number]     TCP
 *   rediss://…                                         TLS
 *   https://host and a token                           Upstash's REST interface
 * Pure functions, any thread. No error text repeats a part of a URL.
 *
 * What counts, as the original had it: UPSTASH_REDIS_URL with a token wins over REDIS_URL, and the
 * original's placeholder counts as empty. Where it is more than the original: UPSTASH_REDIS_URL may be
 * the rediss:// address that Upstash's console shows as well; the token may stand in the URL, as a
 * password or as ?_token=; ports and slashes are taken as they are written.
 */
#ifndef TUBEOPS_DB_REDIS_URL_H
#define TUBEOPS_DB_REDIS_URL_H

#include "engine/base/err.h"
#include "engine/base/secret.h"

#include <stdint.h>

enum redis_kind { REDIS_TCP, REDIS_TLS, REDIS_REST };

struct redis_names {
	const struct secret *url;     /* REDIS_URL; all may be NULL */
	const struct secret *upstash; /* UPSTASH_REDIS_URL */
	const struct secret *token;   /* UPSTASH_REDIS_REST_TOKEN */
};

struct redis_target {
	enum redis_kind kind;
	const char *setting; /* that named it; static */
	char *user;          /* the texts are owned; NULL: none */
	char *host;          /* decoded, without brackets */
	int port;
	int64_t number;        /* of the database */
	struct secret *secret; /* password or token; NULL: none */
	char *base;            /* REST: address without a slash at its end */
	bool plain;            /* REST: http, to this machine */
	char *place;           /* for people: "127.0.0.1:6379/0" */
	const char *note;      /* what is set but does not count, and why; static; NULL: nothing */
};

/*
 * ERR_NOTFOUND: nothing is set. ERR_INVALID with what is wrong and what to write. End it with
 * redis_target_done whatever is returned.
 */
enum err redis_target_find(
    struct redis_target *t, const struct redis_names *names, struct errbuf *eb) MUST_CHECK;
void redis_target_done(struct redis_target *t);

#endif
