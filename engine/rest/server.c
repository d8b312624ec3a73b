#include "config.h"
#include "engine/rest/address.h"
#include "engine/rest/server_parts.h"
#include "engine/engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	REST_THREADS = 2,
	REST_POOL_THREADS = 4,
	REST_POOL_ROOM = 256,
	REST_CONNECTIONS = 256,
	REST_PER_IP = 64,
	REST_TIMEOUT_S = 30,
	REST_MEMORY = 32 * 1024
};

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
	d = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
	    NULL, request_handle, r, MHD_OPTION_EXTERNAL_LOGGER, server_log, r,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)REST_THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)REST_CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)REST_PER_IP,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)REST_TIMEOUT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REST_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT,
	    1, MHD_OPTION_URI_LOG_CALLBACK, request_uri_seen, r, MHD_OPTION_NOTIFY_COMPLETED,
	    request_completed, NULL, MHD_OPTION_END);
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
		rest_upload_sweep(engine_data_dir(e));
		r->pool = rest_pool_start(REST_POOL_THREADS, REST_POOL_ROOM, request_run);
		r->daemon = r->pool ? server_start_daemon(r, fd) : NULL;
	}
	if (!r || !r->daemon) {
		close(fd);
		if (r)
			rest_pool_stop(r->pool);
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
	/* MHD must not be stopped while connections are suspended: the pool resumes them all */
	atomic_store(&r->stopping, true);
	rest_pool_stop(r->pool);
	MHD_stop_daemon(r->daemon);
	free(r);
}
