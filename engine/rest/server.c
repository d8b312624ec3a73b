#include "config.h"
#include "engine/rest/address.h"
#include "engine/rest/server_parts.h"
#include "engine/engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	REST_THREADS = 2,
	REST_POOL_THREADS = 4,
	REST_POOL_ROOM = 256,
	REST_EXPORTS = 4,
	REST_MEMORY = 32 * 1024,
	REST_PEM_LIMIT = 1024 * 1024,
	REST_FILES = 256 /* descriptors for everything but connections */
};

/* Of GnuTLS: its usual choice without what is older than TLS 1.2. */
static const char server_tls[] = "NORMAL:-VERS-TLS-ALL:+VERS-TLS1.2:+VERS-TLS1.3";

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
	if (rest_address_is_loopback(a) || settings_secret(s, SET_API_TOKEN, 0) ||
	    settings_secret(s, SET_API_TOKEN_READ, 0))
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

/* ---- TLS ---- */

static enum err server_read_pem(const char *path, char **out, struct errbuf *eb)
{
	FILE *file = fopen(path, "re");
	struct str text;
	size_t n = 1;

	str_init(&text, REST_PEM_LIMIT);
	while (file && n) {
		char *room = str_room(&text, 4096);
		n = room ? fread(room, 1, 4096, file) : 0;
		str_grown(&text, n);
	}
	if (!file || ferror(file) || text.err || !text.len)
		err_set(eb, ERR_INVALID, "%s cannot be read as a certificate or its key: %s", path,
		    text.err ? "it is too large"
		    : errno  ? strerror(errno)
		             : "it is empty");
	else
		*out = str_take(&text);
	if (file)
		fclose(file);
	if (text.text)
		explicit_bzero(text.text, text.cap);
	str_done(&text);
	return *out ? ERR_OK : ERR_INVALID;
}

/* Leaves tls_cert NULL when none is configured. */
static enum err server_load_tls(struct rest *r, struct errbuf *eb)
{
	const char *cert = settings_text(r->settings, SET_TLS_CERT, 0);
	const char *key = settings_text(r->settings, SET_TLS_KEY, 0);
	enum err err;

	if (!*cert && !*key)
		return ERR_OK;
	if (!*cert || !*key)
		return err_set(eb, ERR_INVALID,
		    "TLS_CERT_FILE and TLS_KEY_FILE belong together: set both, or none for plain "
		    "HTTP");
	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
		return err_set(eb, ERR_INVALID, "this libmicrohttpd was built without TLS");
	errno = 0;
	err = server_read_pem(cert, &r->tls_cert, eb);
	return err ? err : server_read_pem(key, &r->tls_key, eb);
}

/* ---- starting ---- */

/* Each connection is a descriptor; the soft limit is often 1024 where the hard one is not. */
static void server_make_room(struct rest *r, int64_t connections)
{
	rlim_t wanted = (rlim_t)connections + REST_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_at(r->log, LOG_WARNING, "rest", 0,
		    "only %lld descriptors may be open: fewer than REST_CONNECTIONS wants",
		    (long long)limit.rlim_cur);
}

static void server_numbers(void *arg, struct rest_numbers *out)
{
	struct rest *r = arg;
	struct rest_guard_numbers n;

	rest_guard_numbers(r->guard, &n);
	for (int i = 0; i < REST_CLASSES; i++)
		out->replies[i] = atomic_load(&r->replies[i]);
	out->connections = n.open;
	out->cut = n.cut;
	out->too_many = n.too_many;
	out->streams = rest_events_streams(r->services.events);
}

static bool server_start_parts(struct rest *r, int64_t connections)
{
	int64_t patience_ms = settings_number(r->settings, SET_REST_TIMEOUT, 0) * 1000;

	r->guard = rest_guard_start(patience_ms, settings_number(r->settings, SET_REST_RATE, 0),
	    settings_is_set(r->settings, SET_REST_RATE, 0));
	r->pool = rest_pool_start(REST_POOL_THREADS, REST_POOL_ROOM, request_run);
	r->services =
	    (struct rest_services){.events = rest_events_start(r->engine, (int)connections * 3 / 4),
	        .exports = rest_exports_start(r->engine, r->log, REST_EXPORTS),
	        .numbers = server_numbers,
	        .arg = r};
	return r->guard && r->pool && r->services.events && r->services.exports;
}

/* The server's threads must not take the signals that the main thread waits for. */
static struct MHD_Daemon *server_start_daemon(struct rest *r, int fd, int64_t connections)
{
	struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, r->tls_cert},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, r->tls_key},
	    {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)server_tls},
	    {MHD_OPTION_END, 0, NULL}};
	unsigned flags =
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_Daemon *d;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	d = MHD_start_daemon(flags | (r->tls_cert ? MHD_USE_TLS : 0), 0, NULL, NULL, request_handle,
	    r, MHD_OPTION_EXTERNAL_LOGGER, server_log, r, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned)REST_THREADS, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)settings_number(r->settings, SET_REST_PER_ADDRESS, 0),
	    MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)settings_number(r->settings, SET_REST_TIMEOUT, 0),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REST_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
	    1, MHD_OPTION_URI_LOG_CALLBACK, request_uri_seen, r, MHD_OPTION_NOTIFY_COMPLETED,
	    request_completed, r, MHD_OPTION_NOTIFY_CONNECTION, request_connection, r,
	    MHD_OPTION_ARRAY, r->tls_cert ? tls : tls + 3, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return d;
}

/* What was started, in whatever order it did not come to its end. */
static void server_free(struct rest *r)
{
	rest_events_free(r->services.events);
	rest_exports_free(r->services.exports);
	rest_pool_free(r->pool);
	rest_guard_stop(r->guard);
	if (r->tls_key)
		explicit_bzero(r->tls_key, strlen(r->tls_key));
	free(r->tls_key);
	free(r->tls_cert);
	free(r);
}

/* Nobody waits for anything of ours any more: no connection is suspended. */
static void server_end_parts(struct rest *r)
{
	atomic_store(&r->stopping, true);
	rest_pool_end(r->pool);
	rest_exports_end(r->services.exports);
	rest_events_end(r->services.events);
}

static enum err server_start(struct rest *r, int fd, const char *address, struct errbuf *eb)
{
	int64_t connections = settings_number(r->settings, SET_REST_CONNECTIONS, 0);
	enum err err = server_load_tls(r, eb);

	if (err)
		return err;
	server_make_room(r, connections);
	rest_upload_sweep(engine_data_dir(r->engine));
	if (!server_start_parts(r, connections))
		err = err_set(eb, ERR_NOMEM, "cannot start the REST server on %.100s", address);
	if (!err)
		r->daemon = server_start_daemon(r, fd, connections);
	if (!err && !r->daemon)
		err = err_set(eb, ERR_INVALID, "cannot start the REST server on %.100s%s", address,
		    r->tls_cert
		        ? ": are TLS_CERT_FILE and TLS_KEY_FILE a PEM certificate and its key?"
		        : "");
	if (err)
		server_end_parts(r);
	return err;
}

enum err rest_start(struct rest **out, struct engine *e, const struct settings *s, struct log *lg,
    const char *address, int *port, struct errbuf *eb)
{
	struct rest_address a;
	struct rest *r = NULL;
	enum err err;
	int fd = -1;

	*out = NULL;
	err = rest_address_parse(address, &a, eb);
	if (!err)
		err = server_check(&a, s, address, eb);
	if (!err)
		err = server_socket(&a, address, &fd, eb);
	if (!err && !(r = calloc(1, sizeof *r)))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err) {
		*r = (struct rest){.engine = e,
		    .settings = s,
		    .log = lg,
		    .local_only = rest_address_is_loopback(&a)};
		err = server_start(r, fd, address, eb);
	}
	if (err) {
		if (fd >= 0)
			close(fd);
		if (r)
			server_free(r);
		return err;
	}
	if (port)
		*port = server_port(fd);
	*out = r;
	return ERR_OK;
}

bool rest_is_tls(const struct rest *r)
{
	return r->tls_cert != NULL;
}

void rest_stop(struct rest *r)
{
	if (!r)
		return;
	/* MHD must not be stopped while connections are suspended */
	server_end_parts(r);
	MHD_stop_daemon(r->daemon);
	server_free(r);
}
