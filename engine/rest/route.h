/*
 * route - what the REST server answers, without the server: one request as plain texts, one reply
 * as status and JSON, one table of routes between them. Stateless; any thread.
 */
#ifndef TUBEOPS_REST_ROUTE_H
#define TUBEOPS_REST_ROUTE_H

#include "db/staging.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/command.h"

#include <jansson.h>

struct engine;
struct rest_events;
struct rest_exports;
struct rest_stream;
struct rest_upload;

enum {
	REST_GET = 1, /* HEAD too */
	REST_POST = 2
};
enum {
	REST_BODY_LIMIT = 1024 * 1024,
	REST_JOBS_MOST = 1000,
	REST_LIST_MOST = 1000,
	REST_LOG_MOST = 5000
};

/* How the server is to run a route. */
enum {
	REST_SLOW = 1, /* it waits for a disk, a job or YouTube: on a thread of the pool */
	REST_BULK =
	    2,        /* its body may be large and goes to a file: rest_call.upload; slow as well */
	REST_LIVE = 4 /* differs from one moment to the next: no ETag */
};

/* What the server counts itself, since its start. */
enum { REST_CLASSES = 5 }; /* of statuses: 1xx … 5xx */
struct rest_numbers {
	int64_t replies[REST_CLASSES];
	int64_t connections; /* open now */
	int64_t cut;         /* clients that were too slow */
	int64_t too_many;    /* requests beyond the rate of their address */
	int64_t streams;     /* event streams, now */
};

/* What the server has for handlers. All of them may be used by any of its threads. */
struct rest_services {
	struct rest_events *events;
	struct rest_exports *exports;
	void (*numbers)(void *arg, struct rest_numbers *out);
	void *arg;
};

/* One request and its reply. Texts of the request are borrowed; headers are NULL when not sent. */
struct rest_call {
	struct engine *engine;
	const struct settings *settings;
	bool local_only;            /* listening on loopback: Host must be local */
	bool inside;                /* asked by this process: needs no token */
	struct staging_limit limit; /* of what handlers read; none in the beginning */

	const char *method;
	const char *path;  /* without the query, not decoded */
	const char *query; /* NULL: none */
	const char *host, *origin, *authorization, *content_type;
	const char *accept_encoding, *if_none_match, *last_event_id, *idempotency_key;
	const struct rest_services *services; /* NULL: asked from inside, without a server */
	const char *body;
	size_t body_len;
	struct rest_upload *upload; /* of REST_BULK when the server took it; borrowed; else NULL */

	const struct rest_route *route; /* by route_find */
	bool owner;      /* the caller is of this process's user: engine_token_fits */
	bool only_looks; /* its token may change nothing */
	struct str arg;  /* {id} of the path */

	int status;
	char *text;                 /* owned JSON with a newline at its end; NULL: out of memory */
	struct rest_stream *stream; /* instead of text: the server's from here on */
	const char *type;           /* its Content-Type; NULL: application/json */
	char file[64];              /* name for who saves it; "": none */
	bool packed;                /* the stream is gzip already */
	bool replayed;              /* an earlier request of this Idempotency-Key did it */
	const char *allow;          /* value of the Allow header, or NULL */
	int64_t retry_after_s;      /* value of the Retry-After header; 0: none */
};

typedef void rest_handler(struct rest_call *c);

/* A parameter of a query or a member of a body, for checks, /openapi.json and people. */
struct rest_param {
	const char *name;
	enum param_type type;
	int64_t least, most; /* of numbers */
	bool required;
	const char *help;
};

struct rest_params {
	const struct rest_param *list;
	size_t n;
};

struct rest_route {
	unsigned methods;
	const char *path;
	rest_handler *handler;
	bool auth;          /* needs a token when there is one */
	enum action action; /* of handlers that stand for one; else ACTION_COUNT */
	const char *help;
	unsigned how; /* REST_SLOW … */
	/* of rest_json: what makes the whole reply, as the engine's functions do */
	char *(*json)(struct engine *e, struct errbuf *eb);
	struct rest_params query, body;
	const char *job_type; /* whose parameters the body takes too; NULL: none */
	/* what it answers with, in the notation of openapi.h: "{status:text,version:text}" */
	const char *reply;
	const char *media; /* of the reply; NULL: application/json */
};

/* route_table.c: all of them; the last has no path. */
const struct rest_route *rest_routes(void);

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
/* Takes text, JSON in its final form; NULL: replies with what eb says. */
void rest_reply_text(struct rest_call *c, char *text, const struct errbuf *eb);

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

/* lists.c */
rest_handler rest_channels, rest_channel, rest_channel_videos, rest_channel_discoveries;
rest_handler rest_videos, rest_discoveries;
/* False: the query has none of the words of lists, and no reply is made. */
bool rest_dead_list(struct rest_call *c);
bool rest_jobs_list(struct rest_call *c, int64_t limit);

/* handlers.c */
rest_handler rest_health, rest_json, rest_jobs, rest_job, rest_batch, rest_migrate, rest_job_start;
rest_handler rest_action, rest_key_action, rest_dead, rest_body_action, rest_schedule_action;
rest_handler rest_job_result, rest_sync, rest_session;
/* Does a command and fills r; false when it failed, with the reply made. */
/* Who calls, as struct command says it. */
const char *rest_by(const struct rest_call *c);
bool rest_command(struct rest_call *c, struct command *command, struct command_reply *r);
/* What every route that starts a job answers: job_id, task_id, status, message. */
json_t *rest_started(const struct command_reply *r, const char *message);
/* pages.c: what no engine function makes */
rest_handler rest_stream_events, rest_stream_export, rest_metrics, rest_openapi, rest_index;
/* original.c */
rest_handler rest_legacy_fetch, rest_sample_metadata, rest_sample_videos, rest_bulk_add;
/* handlers_plan.c */
rest_handler rest_whatif, rest_plan_action, rest_price;
/* handlers_numbers.c */
rest_handler rest_job_page, rest_log, rest_log_summary, rest_service;

#endif
