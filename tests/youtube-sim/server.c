#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "breakage.h"
#include "waits.h"

#define POST_LIMIT (1u << 20)
#define MEMORY_PER_CONNECTION (96u << 10)
#define CONNECTIONS 4000
#define IDLE_SECONDS 300
#define STALL_LOOK_MS 200
#define SLOW_TICK_MS 100
#define BLOCK 16384

struct server {
	struct api *api;
	struct waits *waits;
	struct MHD_Daemon *daemon;
	uint16_t port;
};

/* One HTTP request: made when its head is read, freed by request_done. */
struct request {
	struct server *server;
	struct MHD_Connection *connection;
	struct out body;
	bool decided;
	bool waited;
	struct reply reply;
	uint64_t stall_until_ms;
	uint64_t sent; /* of a body given in pieces */
	uint64_t started_ms;
};

struct param_list {
	struct query_param *items;
	size_t count;
	bool failed;
};

static enum MHD_Result add_param(void *arg, enum MHD_ValueKind kind, const char *key,
    size_t key_len, const char *value, size_t value_len)
{
	struct param_list *l = arg;
	struct query_param *items;

	(void)kind;
	if ((l->count & (l->count - 1)) == 0) {
		items = realloc(l->items, (l->count ? 2 * l->count : 1) * sizeof *items);
		if (items == NULL) {
			l->failed = true;
			return MHD_NO;
		}
		l->items = items;
	}
	l->items[l->count++] =
	    (struct query_param){{key, key_len}, {value ? value : "", value ? value_len : 0}};
	return MHD_YES;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void decide(struct request *rq, const char *path, const char *verb)
{
	struct param_list params = {NULL, 0, false};
	struct MHD_Connection *c = rq->connection;
	struct api *api = rq->server->api;
	struct ask ask = {
	    .is_get = strcmp(verb, MHD_HTTP_METHOD_GET) == 0,
	    .path = path,
	    .key_header = header(c, "X-Goog-Api-Key"),
	    .if_none_match = header(c, "If-None-Match"),
	    .accept_encoding = header(c, "Accept-Encoding"),
	    .user_agent = header(c, "User-Agent"),
	    .has_credentials = header(c, "Authorization") != NULL,
	};

	rq->decided = true;
	MHD_get_connection_values_n(c, MHD_GET_ARGUMENT_KIND, add_param, &params);
	ask.params = params.items;
	ask.param_count = params.count;
	if (params.failed)
		rq->reply = (struct reply){.status = 500, .is_error = true};
	else if (strncmp(path, "/sim/", 5) == 0)
		api_control(api, &ask, (struct slice){rq->body.data, rq->body.len}, &rq->reply);
	else
		api_answer(api, &ask, &rq->reply);
	free(params.items);
}

/* Bodies given in pieces. The callbacks run in a server thread, one at a time for a connection. */

static size_t body_size(const struct reply *r)
{
	return r->kind == REPLY_HUGE ? BREAKAGE_HUGE_BYTES : r->len;
}

static size_t slow_allowance(struct request *rq)
{
	uint64_t passed = simclock_steady_ms() - rq->started_ms;
	uint64_t allowed = 1 + passed * rq->reply.arg / 1000;

	return allowed > rq->sent ? (size_t)(allowed - rq->sent) : 0;
}

/* Linux resets a connection that is "connected" to nowhere; closing it would end it politely. */
static void reset_connection(struct request *rq)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(rq->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	if (info != NULL && connect(info->connect_fd, &nowhere, sizeof nowhere) != 0)
		fprintf(stderr, "youtube-sim: a connection could not be reset\n");
}

static ssize_t read_piece(void *arg, uint64_t pos, char *to, size_t max)
{
	struct request *rq = arg;
	const struct reply *r = &rq->reply;
	uint64_t end = body_size(r);
	size_t n = max;

	if (r->kind == REPLY_HALF || r->kind == REPLY_RESET) {
		end /= 2;
		if (pos >= end) {
			if (r->kind == REPLY_RESET)
				reset_connection(rq);
			return MHD_CONTENT_READER_END_WITH_ERROR;
		}
	}
	if (pos >= end)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n > end - pos)
		n = (size_t)(end - pos);
	if (r->kind == REPLY_SLOW) {
		size_t allowed = slow_allowance(rq);

		if (allowed == 0 && waits_add(rq->server->waits, rq->connection, SLOW_TICK_MS))
			return 0;
		if (waits_stopping(rq->server->waits))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		n = allowed == 0 ? 1 : n < allowed ? n : allowed;
	}
	rq->sent = pos + n;
	if (r->kind == REPLY_HUGE)
		return (ssize_t)breakage_huge_read(pos, to, n);
	memcpy(to, r->body + pos, n);
	return (ssize_t)n;
}

static struct MHD_Response *make_response(struct request *rq)
{
	struct reply *r = &rq->reply;
	struct MHD_Response *m;

	if (r->kind != REPLY_WHOLE) {
		rq->started_ms = simclock_steady_ms();
		return MHD_create_response_from_callback(body_size(r), BLOCK, read_piece, rq, NULL);
	}
	if (r->body == NULL)
		return MHD_create_response_from_buffer_with_free_callback(0, NULL, NULL);
	m = MHD_create_response_from_buffer_with_free_callback(r->len, r->body, free);
	if (m != NULL)
		r->body = NULL; /* the response owns it now */
	return m;
}

static void add_headers(const struct reply *r, struct MHD_Response *m)
{
	char seconds[24];

	if (r->html)
		MHD_add_response_header(m, "Content-Type", "text/html; charset=UTF-8");
	else if (r->status != 304 && body_size(r) > 0)
		MHD_add_response_header(m, "Content-Type", "application/json; charset=UTF-8");
	MHD_add_response_header(m, "Vary", "Origin");
	MHD_add_response_header(m, "Vary", "X-Origin");
	MHD_add_response_header(m, "Vary", "Referer");
	if (r->gzip)
		MHD_add_response_header(m, "Content-Encoding", "gzip");
	MHD_add_response_header(m, "Vary", "Accept-Encoding");
	MHD_add_response_header(m, "Cache-Control",
	    r->is_error ? "private, max-age=0"
	                : "private, max-age=300, must-revalidate, no-transform");
	MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(m, "Server", "youtube-sim");
	if (r->etag[0] != '\0')
		MHD_add_response_header(m, "ETag", r->etag);
	if (r->retry_after_s > 0) {
		snprintf(seconds, sizeof seconds, "%llu", (unsigned long long)r->retry_after_s);
		MHD_add_response_header(m, "Retry-After", seconds);
	}
}

static enum MHD_Result send_reply(struct request *rq)
{
	unsigned status = rq->reply.status;
	struct MHD_Response *m = make_response(rq);
	enum MHD_Result done;

	if (m == NULL)
		return MHD_NO;
	add_headers(&rq->reply, m);
	done = MHD_queue_response(rq->connection, status, m);
	MHD_destroy_response(m);
	return done;
}

/* libmicrohttpd does not notice a client leaving while its connection is suspended: look now and
 * then. */
static bool client_left(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	char byte;
	ssize_t n;

	if (info == NULL)
		return true;
	n = recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/* MHD_NO closes the connection without an answer. */
static enum MHD_Result stall(struct request *rq)
{
	uint64_t now = simclock_steady_ms();

	if (rq->stall_until_ms == 0)
		rq->stall_until_ms = now + rq->reply.arg * 1000;
	if (now >= rq->stall_until_ms || client_left(rq->connection) ||
	    !waits_add(rq->server->waits, rq->connection, STALL_LOOK_MS))
		return MHD_NO;
	return MHD_YES;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
    const char *verb, const char *version, const char *data, size_t *data_len, void **state)
{
	struct request *rq = *state;

	(void)version;
	if (rq == NULL) {
		rq = calloc(1, sizeof *rq);
		if (rq == NULL)
			return MHD_NO;
		rq->server = arg;
		rq->connection = connection;
		out_init(&rq->body, POST_LIMIT);
		*state = rq;
		return MHD_YES;
	}
	if (*data_len > 0) {
		out_add(&rq->body, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	if (!rq->decided)
		decide(rq, path, verb);
	if (rq->reply.kind == REPLY_STALL)
		return stall(rq);
	if (rq->reply.delay_ms > 0 && !rq->waited) {
		rq->waited = true;
		if (waits_add(rq->server->waits, connection, rq->reply.delay_ms))
			return MHD_YES;
	}
	return send_reply(rq);
}

static void request_done(
    void *arg, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct request *rq = *state;

	(void)arg;
	(void)connection;
	(void)why;
	if (rq == NULL)
		return;
	out_done(&rq->body);
	free(rq->reply.body);
	free(rq);
	*state = NULL;
}

static bool read_port(struct server *s)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

	if (info != NULL)
		s->port = info->port;
	return info != NULL && s->port != 0;
}

struct server *server_start(
    struct api *api, const char *host, uint16_t port, unsigned threads, struct out *why)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->api = api;
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		out_text(why, "not an IPv4 address: ");
		out_text(why, host);
		free(s);
		return NULL;
	}
	s->waits = waits_new();
	if (s->waits != NULL)
		s->daemon = MHD_start_daemon(flags, port, NULL, NULL, on_request, s,
		    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
		    threads > 1 ? threads : 0u, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
		    MHD_OPTION_NOTIFY_COMPLETED, request_done, NULL, MHD_OPTION_END);
	if (s->daemon == NULL || !read_port(s)) {
		out_text(why, "cannot listen on this address and port");
		server_stop(s);
		return NULL;
	}
	return s;
}

uint16_t server_port(const struct server *s)
{
	return s->port;
}

void server_stop(struct server *s)
{
	if (s == NULL)
		return;
	if (s->waits != NULL)
		waits_stop(s->waits);
	if (s->daemon != NULL)
		MHD_stop_daemon(s->daemon);
	waits_free(s->waits);
	free(s);
}
