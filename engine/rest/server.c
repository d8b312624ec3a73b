#include "config.h"
#include "engine/rest/rest.h"
#include "engine/rest/address.h"
#include "engine/rest/route.h"
#include "engine/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	REST_THREADS = 2,
	REST_CONNECTIONS = 256,
	REST_PER_IP = 64,
	REST_TIMEOUT_S = 30,
	REST_MEMORY = 32 * 1024,
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
};

/* From the request line to the end of the reply; MHD keeps it in *con_cls. */
struct rest_request {
	struct rest_call call;
	char *uri; /* path, NUL, query */
	struct str body;
	int64_t began_ms;
	size_t received;
	bool started; /* the headers were seen */
	bool decided; /* the reply is made, the body does not matter */
};

static void *server_uri_seen(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct rest *r = cls;
	struct rest_request *q = calloc(1, sizeof *q);
	char *mark;

	(void)connection;
	if (!q)
		return NULL;
	q->uri = str_dup(uri);
	if (!q->uri) {
		free(q);
		return NULL;
	}
	rest_call_init(&q->call, r->engine, r->settings);
	q->call.local_only = r->local_only;
	str_init(&q->body, REST_BODY_LIMIT);
	q->began_ms = clock_mono_ms();
	mark = strchr(q->uri, '?');
	q->call.path = q->uri;
	q->call.query = mark ? mark + 1 : NULL;
	if (mark)
		*mark = '\0';
	return q;
}

static void server_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
    enum MHD_RequestTerminationCode code)
{
	struct rest_request *q = *con_cls;

	(void)cls;
	(void)connection;
	(void)code;
	*con_cls = NULL;
	if (!q)
		return;
	if (q->body.text)
		explicit_bzero(q->body.text, q->body.cap); /* may hold an API key */
	str_done(&q->body);
	rest_call_done(&q->call);
	free(q->uri);
	free(q);
}

/* MHD copies the answer only when asked to; the text belongs to the response from here on. */
static struct MHD_Response *server_response(struct rest_call *c)
{
	char no_memory[] = "{\"error\":\"out of memory\"}\n";
	char *text = c->text;

	c->text = NULL;
	if (text)
		return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	c->status = 500;
	return MHD_create_response_from_buffer(
	    sizeof no_memory - 1, no_memory, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result server_reply(
    struct rest *r, struct MHD_Connection *connection, struct rest_request *q)
{
	struct rest_call *c = &q->call;
	struct MHD_Response *response = server_response(c);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (c->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, c->allow);
	if (c->status == 401)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	result = MHD_queue_response(connection, (unsigned)c->status, response);
	MHD_destroy_response(response);
	log_at(r->log, LOG_DEBUG, "rest", 0, "%.16s %.200s %d, %lld ms", c->method, c->path,
	    c->status, (long long)(clock_mono_ms() - q->began_ms));
	return result;
}

static const char *server_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* The headers are there: decides what can be decided without the body. */
static void server_start(
    struct rest_request *q, struct MHD_Connection *connection, const char *method)
{
	struct rest_call *c = &q->call;
	const char *length = server_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t bytes = 0;

	q->started = true;
	c->method = method;
	c->host = server_header(connection, MHD_HTTP_HEADER_HOST);
	c->origin = server_header(connection, MHD_HTTP_HEADER_ORIGIN);
	c->authorization = server_header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
	c->content_type = server_header(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
	if (!rest_call_start(c)) {
		q->decided = true;
	} else if (length && str_to_i64(length, 0, REST_BODY_LIMIT, &bytes)) {
		rest_reply_error(c, 413, "the body is larger than %d bytes", REST_BODY_LIMIT);
		q->decided = true;
	}
}

/* May the reply go out before the body came? Else its sender would see a reset, not the reply. */
static bool server_can_skip_body(struct MHD_Connection *connection)
{
	const char *length = server_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t bytes;

	return server_header(connection, MHD_HTTP_HEADER_EXPECT) ||
	       (length && str_to_i64(length, 0, REST_DRAIN_LIMIT, &bytes));
}

static enum MHD_Result server_take_body(struct rest_request *q, const char *data, size_t *len)
{
	q->received += *len;
	if (!q->decided) {
		str_add(&q->body, data, *len);
		if (q->body.err) {
			rest_reply_error(&q->call, q->body.err == ERR_LIMIT ? 413 : 503,
			    "the body is larger than %d bytes or than memory allows",
			    REST_BODY_LIMIT);
			q->decided = true;
		}
	}
	*len = 0;
	return q->received <= REST_DRAIN_LIMIT ? MHD_YES : MHD_NO;
}

static enum MHD_Result server_request(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *len, void **con_cls)
{
	struct rest *r = cls;
	struct rest_request *q = *con_cls;

	(void)url;
	(void)version;
	if (!q)
		return MHD_NO;
	if (!q->started) {
		server_start(q, connection, method);
		if (q->decided && server_can_skip_body(connection))
			return server_reply(r, connection, q);
		return MHD_YES;
	}
	if (*len)
		return server_take_body(q, data, len);
	if (!q->decided) {
		q->call.body = str_get(&q->body);
		q->call.body_len = q->body.len;
		rest_call_finish(&q->call);
	}
	return server_reply(r, connection, q);
}

static void server_log(void *cls, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void server_log(void *cls, const char *fmt, va_list ap)
{
	struct rest *r = cls;
	struct str s;

	str_init(&s, 1024);
	str_addv(&s, fmt, ap);
	while (s.len && s.text[s.len - 1] == '\n')
		s.text[--s.len] = '\0';
	log_at(r->log, LOG_DEBUG, "rest", 0, "%s", str_get(&s));
	str_done(&s);
}

static enum err server_check(
    const struct rest_address *a, const struct settings *s, const char *address, struct errbuf *eb)
{
	if (rest_address_is_loopback(a) || settings_secret(s, SET_API_TOKEN, 0))
		return ERR_OK;
	return err_set(eb, ERR_DENIED,
	    "listening on %.100s would let everybody on the network in: set API_TOKEN, or listen "
	    "on "
	    "127.0.0.1",
	    address);
}

/* A socket of our own, because MHD does not say why it could not make one. */
static enum err server_socket(
    const struct rest_address *a, const char *address, int *out, struct errbuf *eb)
{
	int one = 1, error;
	int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    bind(fd, (const struct sockaddr *)&a->at, a->size) == 0 && listen(fd, SOMAXCONN) == 0) {
		*out = fd;
		return ERR_OK;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	if (error == EADDRINUSE)
		return err_set(eb, ERR_BUSY,
		    "%.100s is in use by another program: choose another address with --listen, or "
		    "end it",
		    address);
	return err_set(eb, ERR_IO, "cannot listen on %.100s: %s", address, strerror(error));
}

static int server_port(int fd)
{
	struct rest_address a = {.size = sizeof a.at};
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (getsockname(fd, (struct sockaddr *)&a.at, &a.size) != 0)
		return 0;
	if (a.at.ss_family == AF_INET) {
		memcpy(&v4, &a.at, sizeof v4);
		return ntohs(v4.sin_port);
	}
	memcpy(&v6, &a.at, sizeof v6);
	return ntohs(v6.sin6_port);
}

/* The server's threads must not take the signals that the main thread waits for. */
static struct MHD_Daemon *server_start_daemon(struct rest *r, int fd)
{
	struct MHD_Daemon *d;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL,
	    server_request, r, MHD_OPTION_EXTERNAL_LOGGER, server_log, r, MHD_OPTION_LISTEN_SOCKET,
	    fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)REST_THREADS, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)REST_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)REST_PER_IP,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)REST_TIMEOUT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REST_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
	    1, MHD_OPTION_URI_LOG_CALLBACK, server_uri_seen, r, MHD_OPTION_NOTIFY_COMPLETED,
	    server_completed, NULL, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return d;
}

enum err rest_start(struct rest **out, struct engine *e, const struct settings *s, struct log *lg,
    const char *address, int *port, struct errbuf *eb)
{
	struct rest_address a;
	struct rest *r;
	enum err err;
	int fd = -1;

	*out = NULL;
	err = rest_address_parse(address, &a, eb);
	if (!err)
		err = server_check(&a, s, address, eb);
	if (!err)
		err = server_socket(&a, address, &fd, eb);
	if (err)
		return err;
	r = calloc(1, sizeof *r);
	if (r) {
		*r = (struct rest){.engine = e,
		    .settings = s,
		    .log = lg,
		    .local_only = rest_address_is_loopback(&a)};
		r->daemon = server_start_daemon(r, fd);
	}
	if (!r || !r->daemon) {
		close(fd);
		free(r);
		return err_set(eb, ERR_NOMEM, "cannot start the REST server on %.100s", address);
	}
	if (port)
		*port = server_port(fd);
	*out = r;
	return ERR_OK;
}

void rest_stop(struct rest *r)
{
	if (!r)
		return;
	MHD_stop_daemon(r->daemon);
	free(r);
}
