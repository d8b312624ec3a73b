/* One request from its first line to its reply, as libmicrohttpd tells it. */
#include "config.h"
#include "engine/rest/server_parts.h"
#include "engine/base/clock.h"
#include "engine/rest/stream.h"
#include "engine/engine.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_TELL = 20 /* refusals logged a second; more go to the level debug */ };

/* ---- connections ---- */

void request_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
	struct rest *r = cls;
	const union MHD_ConnectionInfo *fd;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = fd ? rest_guard_enter(r->guard, fd->connect_fd) : NULL;
	} else {
		/* MHD closes the socket only after this */
		rest_guard_leave(r->guard, *socket_context);
		*socket_context = NULL;
	}
}

static const struct sockaddr *request_peer(const struct rest_request *q)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return info ? info->client_addr : NULL;
}

/* ---- life ---- */

void *request_uri_seen(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct rest *r = cls;
	struct rest_request *q = calloc(1, sizeof *q);
	const union MHD_ConnectionInfo *info;
	char *mark;

	if (!q)
		return NULL;
	q->uri = str_dup(uri);
	if (!q->uri) {
		free(q);
		return NULL;
	}
	q->rest = r;
	q->connection = connection;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	q->guarded = info ? info->socket_context : NULL;
	rest_call_init(&q->call, r->engine, r->settings);
	q->call.local_only = r->local_only;
	q->call.services = &r->services;
	str_init(&q->body, REST_BODY_LIMIT);
	q->began_ms = clock_mono_ms();
	mark = strchr(q->uri, '?');
	q->call.path = q->uri;
	q->call.query = mark ? mark + 1 : NULL;
	if (mark)
		*mark = '\0';
	return q;
}

/* What changed something or was refused is for everybody, plain reads for who looks closely. A flood
 * of refusals does not drive other lines out of the log. */
static enum log_level request_level(struct rest_request *q)
{
	struct rest *r = q->rest;
	int64_t now = clock_mono_ms() / 1000;

	if (q->call.status < 400 && strcmp(q->call.method, "POST") != 0)
		return LOG_DEBUG;
	if (atomic_exchange(&r->told_at, now) != now)
		atomic_store(&r->told, 0);
	if (atomic_fetch_add(&r->told, 1) >= REQUEST_TELL)
		return LOG_DEBUG;
	return q->call.status >= 500 ? LOG_WARNING : LOG_INFO;
}

/* Without the query, which may hold anything. */
static void request_log(struct rest_request *q)
{
	char from[INET6_ADDRSTRLEN + 8] = "?";
	const struct sockaddr *peer = request_peer(q);

	if (peer)
		getnameinfo(peer,
		    peer->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
		                                : sizeof(struct sockaddr_in),
		    from, sizeof from, NULL, 0, NI_NUMERICHOST);
	log_at(q->rest->log, request_level(q), "rest", 0,
	    "%.16s %.200s %d, %s, %lld bytes, %lld ms", q->call.method, q->call.path,
	    q->call.status, from, (long long)q->sent, (long long)(clock_mono_ms() - q->began_ms));
}

void request_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct rest_request *q = *con_cls;

	(void)cls;
	(void)connection;
	(void)code;
	*con_cls = NULL;
	if (!q)
		return;
	if (q->answered)
		request_log(q);
	if (q->call.stream)
		q->call.stream->ops->done(q->call.stream);
	if (q->body.text)
		explicit_bzero(q->body.text, q->body.cap); /* may hold an API key */
	str_done(&q->body);
	rest_upload_free(q->upload);
	rest_call_done(&q->call);
	rest_guard_expect(q->rest->guard, q->guarded, 0);
	free(q->uri);
	free(q);
}

const char *request_header(const struct rest_request *q, const char *name)
{
	return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

/* ---- the body ---- */

static int64_t request_body_limit(const struct rest_request *q)
{
	if (q->call.route && q->call.route->how & REST_BULK)
		return settings_number(q->rest->settings, SET_REST_BULK, 0) * 1024 * 1024;
	return REST_BODY_LIMIT;
}

static void request_too_large(struct rest_request *q)
{
	rest_reply_error(
	    &q->call, 413, "the body is larger than %lld bytes", (long long)request_body_limit(q));
	q->decided = true;
}

/* False: its address sends too many; the reply is made. */
static bool request_is_in_time(struct rest_request *q)
{
	if (rest_guard_admit(q->rest->guard, request_peer(q), clock_mono_ms()))
		return true;
	q->call.retry_after_s = 1;
	rest_reply_error(&q->call, 429, "too many requests from this address: send fewer a second");
	return false;
}

/* The headers are there: decides what can be decided without the body. */
static void request_start(struct rest_request *q, const char *method)
{
	struct rest_call *c = &q->call;
	const char *length = request_header(q, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct errbuf eb = {.code = ERR_OK};
	int64_t bytes = 0;

	q->started = true;
	c->method = method;
	c->host = request_header(q, MHD_HTTP_HEADER_HOST);
	c->origin = request_header(q, MHD_HTTP_HEADER_ORIGIN);
	c->authorization = request_header(q, MHD_HTTP_HEADER_AUTHORIZATION);
	c->content_type = request_header(q, MHD_HTTP_HEADER_CONTENT_TYPE);
	c->accept_encoding = request_header(q, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	c->if_none_match = request_header(q, MHD_HTTP_HEADER_IF_NONE_MATCH);
	c->last_event_id = request_header(q, "Last-Event-ID");
	c->idempotency_key = request_header(q, "Idempotency-Key");
	q->decided = !request_is_in_time(q) || !rest_call_start(c);
	if (!q->decided && length && str_to_i64(length, 0, request_body_limit(q), &bytes))
		request_too_large(q);
	if (q->decided || !(c->route->how & REST_BULK) || (length && !bytes))
		return;
	if (rest_upload_new(&q->upload, engine_data_dir(q->rest->engine), &eb)) {
		rest_reply_fault(c, eb.code, &eb);
		q->decided = true;
	}
	c->upload = q->upload;
}

/* May the reply go out before the body came? Else its sender would see a reset, not the reply. */
static bool request_can_skip_body(const struct rest_request *q)
{
	const char *length = request_header(q, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t bytes;

	return request_header(q, MHD_HTTP_HEADER_EXPECT) ||
	       (length && str_to_i64(length, 0, REST_DRAIN_LIMIT, &bytes));
}

static void request_store(struct rest_request *q, const char *data, size_t len)
{
	struct errbuf eb = {.code = ERR_OK};

	if (q->received > request_body_limit(q)) {
		request_too_large(q);
	} else if (q->upload) {
		if (rest_upload_add(q->upload, data, len, &eb)) {
			rest_reply_fault(&q->call, eb.code, &eb);
			q->decided = true;
		}
	} else {
		str_add(&q->body, data, len);
		if (!q->body.err)
			return;
		rest_reply_error(&q->call, 503, "out of memory");
		q->decided = true;
	}
}

static enum MHD_Result request_take_body(struct rest_request *q, const char *data, size_t *len)
{
	int64_t most = request_body_limit(q);

	q->received += (int64_t)*len;
	rest_guard_expect_since(q->rest->guard, q->guarded, q->began_ms, q->received);
	if (!q->decided)
		request_store(q, data, *len);
	*len = 0;
	return q->received <= (most > REST_DRAIN_LIMIT ? most : REST_DRAIN_LIMIT) ? MHD_YES
	                                                                          : MHD_NO;
}

/* ---- the handler ---- */

/* Who reads the reply finds nothing left of the body that was stored. */
static void request_drop_upload(struct rest_request *q)
{
	rest_upload_free(q->upload);
	q->upload = q->call.upload = NULL;
}

void request_run(void *item)
{
	struct rest_request *q = item;

	rest_call_finish(&q->call);
	q->decided = true;
	request_drop_upload(q);
	MHD_resume_connection(q->connection);
}

/* True: the pool has it, and the reply comes when the connection is resumed. */
static bool request_give(struct rest_request *q)
{
	if (!(q->call.route->how & (REST_SLOW | REST_BULK)))
		return false;
	if (!atomic_load(&q->rest->stopping)) {
		rest_guard_forgive(q->rest->guard, q->guarded);
		MHD_suspend_connection(q->connection);
		if (rest_pool_give(q->rest->pool, q))
			return true;
		MHD_resume_connection(q->connection);
	}
	rest_reply_error(&q->call, 503, "too many requests wait already: try again in a moment");
	q->decided = true;
	return false;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len, void **con_cls)
{
	struct rest_request *q = *con_cls;

	(void)cls;
	(void)connection;
	(void)url;
	(void)version;
	if (!q)
		return MHD_NO;
	if (!q->started) {
		request_start(q, method);
		if (q->decided && request_can_skip_body(q))
			return reply_queue(q);
		return MHD_YES;
	}
	if (*len)
		return request_take_body(q, data, len);
	if (!q->decided) {
		q->call.body = str_get(&q->body);
		q->call.body_len = q->body.len;
		if (request_give(q))
			return MHD_YES;
	}
	if (!q->decided)
		rest_call_finish(&q->call);
	request_drop_upload(q);
	return reply_queue(q);
}
