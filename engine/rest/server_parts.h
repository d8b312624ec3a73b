/*
 * server_parts - the inside of the REST server, shared by server.c, request.c and reply.c alone.
 * A request belongs to the server's thread of its connection, or to a thread of the pool while its
 * connection is suspended: never to both.
 */
#ifndef TUBEOPS_REST_SERVER_PARTS_H
#define TUBEOPS_REST_SERVER_PARTS_H

#include "engine/rest/events.h"
#include "engine/rest/export.h"
#include "engine/rest/guard.h"
#include "engine/rest/negotiate.h"
#include "engine/rest/pool.h"
#include "engine/rest/rest.h"
#include "engine/rest/route.h"
#include "engine/rest/upload.h"

#include <microhttpd.h>
#include <stdatomic.h>

enum {
	/*
	 * A body that is too large is read to its end up to here, so that its sender can read why.
	 */
	REST_DRAIN_LIMIT = 16 * 1024 * 1024
};

struct rest {
	struct MHD_Daemon *daemon;
	struct engine *engine;
	const struct settings *settings;
	struct log *log;
	bool local_only;
	struct rest_pool *pool;
	struct rest_guard *guard;
	struct rest_services services;
	_Atomic int64_t replies[REST_CLASSES];
	_Atomic int64_t told_at;  /* the second in which refusals were logged … */
	_Atomic int64_t told;     /* … and how many of them */
	char *tls_cert, *tls_key; /* the files' texts; the key is wiped in the end */
	atomic_bool stopping;     /* nothing more is given to the pool */
};

/* From the request line to the end of the reply; MHD keeps it in *con_cls. */
struct rest_request {
	struct rest *rest;
	struct MHD_Connection *connection;
	struct rest_call call;
	char *uri; /* path, NUL, query */
	struct str body;
	struct rest_upload *upload; /* of routes with large bodies */
	int64_t began_ms;
	int64_t received; /* bytes of the body */
	int64_t sent;     /* bytes of the reply */
	bool started;     /* the headers were seen */
	bool decided;     /* the reply is made, the body does not matter */
	bool answered;    /* the reply is queued */
	bool varies;      /* it depends on Accept-Encoding */
	char etag[REST_ETAG_SIZE];
	struct rest_guarded *guarded; /* its connection; NULL: nobody watches it */
};

/* ---- request.c: callbacks of libmicrohttpd; cls is the struct rest ---- */
void *request_uri_seen(void *cls, const char *uri, struct MHD_Connection *connection);
void request_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code);
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len, void **con_cls);
void request_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code);
/* Of the pool: item is a request whose connection is suspended. */
void request_run(void *item);

/* ---- reply.c ---- */
/* Queues what the call says. */
enum MHD_Result reply_queue(struct rest_request *q);
const char *request_header(const struct rest_request *q, const char *name);

#endif
