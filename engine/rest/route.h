/*
 * route - what the REST server answers, without the server: one request as plain texts, one reply
 * as status and JSON, one table of routes between them. Stateless; any thread.
 */
#ifndef TUBEOPS_REST_ROUTE_H
#define TUBEOPS_REST_ROUTE_H

#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/command.h"

#include <jansson.h>

struct engine;

enum {
	REST_GET = 1, /* HEAD too */
	REST_POST = 2
};
enum { REST_BODY_LIMIT = 1024 * 1024 };

/* One request and its reply. Texts of the request are borrowed; headers are NULL when not sent. */
struct rest_call {
	struct engine *engine;
	const struct settings *settings;
	bool local_only; /* listening on loopback: Host must be local */

	const char *method;
	const char *path;  /* without the query, not decoded */
	const char *query; /* NULL: none */
	const char *host, *origin, *authorization, *content_type;
	const char *body;
	size_t body_len;

	const struct rest_route *route; /* by route_find */
	bool owner;     /* the caller is a command of this process's user: engine_token_fits */
	struct str arg; /* {id} of the path */

	int status;
	char *text;        /* owned JSON with a newline at its end; NULL: out of memory */
	const char *allow; /* value of the Allow header, or NULL */
};

typedef void rest_handler(struct rest_call *c);

struct rest_route {
	unsigned methods;
	const char *path;
	rest_handler *handler;
	bool auth;          /* needs the token when there is one */
	enum action action; /* of handlers that stand for one; else ACTION_COUNT */
	const char *help;
};

void rest_call_init(struct rest_call *c, struct engine *e, const struct settings *s);
void rest_call_done(struct rest_call *c);
/*
 * Finds the route and checks what can be checked before the body: path, method, Host, Origin,
 * token. False when the reply is made already.
 */
bool rest_call_start(struct rest_call *c);
/* Runs the route's handler; the body is complete. */
void rest_call_finish(struct rest_call *c);

/* ---- for handlers ---- */
void rest_reply_error(struct rest_call *c, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Maps an engine's error to a status. */
void rest_reply_fault(struct rest_call *c, enum err err, const struct errbuf *eb);
/* Takes json (NULL is out of memory) and writes it with sorted keys, compact, ASCII. */
void rest_reply_json(struct rest_call *c, int status, json_t *json);
/* Takes text, JSON in its final form; NULL: replies with err. */
void rest_reply_text(struct rest_call *c, char *text, enum err err, const struct errbuf *eb);

/*
 * The body as an object: an empty body and a falsy one ({}, [], null, 0, false, "") are {} as they
 * always were. NULL when it is nothing of the kind; the reply is made then.
 */
json_t *rest_body_object(struct rest_call *c);
/* A whole number in a body object; absent or null leaves *out. False: the reply is made. */
bool rest_body_int(struct rest_call *c, const json_t *body, const char *name, int64_t least,
    int64_t most, int64_t *out);
/* A text in a body object; absent or null is NULL, borrowed from body. False: the reply is made. */
bool rest_body_text(struct rest_call *c, const json_t *body, const char *name, const char **out);

/* handlers.c */
rest_handler rest_health, rest_stats, rest_jobs, rest_job, rest_batch, rest_migrate, rest_job_start;
rest_handler rest_action, rest_key_action, rest_dead, rest_body_action;
rest_handler rest_schedules, rest_schedule_action;
rest_handler rest_job_result, rest_sync;

#endif
