#include "config.h"
#include "db/redis_wire.h"
#include "engine/base/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	WIRE_SLICE_MS = 100, /* how soon a wait sees the stop flag */
	WIRE_ADDRESS_MS =
	    1500,         /* what one of several addresses gets at least, when there is that much */
	WIRE_IDLE_S = 30, /* keep-alive: first probe, then three more */
	WIRE_PROBE_S = 10,
	WIRE_PROBES = 3,
	WIRE_UNSENT_MS = 30000
};

struct redis_wire {
	int fd;
	struct redis_tls *tls; /* NULL: plain */
	const atomic_bool *stop;
	short read_events, write_events; /* what each waits for; 0: nothing */
};

/* ---- waiting ---- */

static enum err wire_poll(
    struct redis_wire *w, short events, int64_t deadline_ms, struct errbuf *eb)
{
	struct pollfd p = {.fd = w->fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - clock_mono_ms();
		int64_t slice = left < WIRE_SLICE_MS ? left : WIRE_SLICE_MS;

		if (w->stop && atomic_load_explicit(w->stop, memory_order_relaxed))
			return err_set(eb, ERR_CANCELLED, "stopped while waiting for the server");
		if (left <= 0)
			return err_set(eb, ERR_TIMEOUT, "the server does not answer in time");
		if (poll(&p, 1, (int)slice) > 0)
			return ERR_OK;
	}
}

enum err redis_wire_wait(struct redis_wire *w, int64_t deadline_ms, struct errbuf *eb)
{
	short events = (short)(w->read_events | w->write_events);

	w->read_events = w->write_events = 0;
	return wire_poll(w, events, deadline_ms, eb);
}

/* ---- bytes ---- */

static ssize_t wire_broken(ssize_t n, short wanted, short *events, struct errbuf *eb)
{
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
		*events = wanted;
		return 0;
	}
	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		err_set(eb, ERR_UNAVAIL, "the server hung up");
	else
		err_set(eb, ERR_UNAVAIL, "the connection broke (%s)", strerror(errno));
	return -1;
}

ssize_t redis_wire_read(struct redis_wire *w, void *buf, size_t len, struct errbuf *eb)
{
	ssize_t n;

	w->read_events = 0;
	if (w->tls)
		return redis_tls_read(w->tls, buf, len, &w->read_events, eb);
	n = recv(w->fd, buf, len, 0);
	return n > 0 ? n : wire_broken(n, POLLIN, &w->read_events, eb);
}

ssize_t redis_wire_write(struct redis_wire *w, const void *buf, size_t len, struct errbuf *eb)
{
	ssize_t n;

	w->write_events = 0;
	if (w->tls)
		return redis_tls_write(w->tls, buf, len, &w->write_events, eb);
	n = send(w->fd, buf, len, MSG_NOSIGNAL);
	return n > 0 ? n : wire_broken(n, POLLOUT, &w->write_events, eb);
}

/* ---- connecting ---- */

static void wire_options(int fd)
{
	const struct {
		int level, name, value;
	} options[] = {{IPPROTO_TCP, TCP_NODELAY, 1}, {SOL_SOCKET, SO_KEEPALIVE, 1},
	    {IPPROTO_TCP, TCP_KEEPIDLE, WIRE_IDLE_S}, {IPPROTO_TCP, TCP_KEEPINTVL, WIRE_PROBE_S},
	    {IPPROTO_TCP, TCP_KEEPCNT, WIRE_PROBES},
	    {IPPROTO_TCP, TCP_USER_TIMEOUT, WIRE_UNSENT_MS}};

	/* none of them is worth failing for: deadlines hold without */
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
		    sizeof options[i].value);
}

static enum err wire_connect_one(
    struct redis_wire *w, const struct addrinfo *a, int64_t deadline_ms, struct errbuf *eb)
{
	int trouble = 0;
	socklen_t len = sizeof trouble;
	enum err err = ERR_OK;

	w->fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	if (w->fd < 0)
		return err_set(eb, ERR_IO, "no socket (%s)", strerror(errno));
	wire_options(w->fd);
	if (connect(w->fd, a->ai_addr, a->ai_addrlen) != 0) {
		if (errno != EINPROGRESS)
			trouble = errno;
		else
			err = wire_poll(w, POLLOUT, deadline_ms, eb);
		if (!err && !trouble &&
		    getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &trouble, &len) != 0)
			trouble = errno;
	}
	if (trouble)
		err = err_set(eb, ERR_UNAVAIL,
		    "no connection (%s): check that it runs, the port and the firewall",
		    strerror(trouble));
	if (err) {
		close(w->fd);
		w->fd = -1;
	}
	return err;
}

/* One address after the other; each gets its share of the time. */
static enum err wire_connect(
    struct redis_wire *w, const struct addrinfo *list, int64_t deadline_ms, struct errbuf *eb)
{
	enum err err = err_set(eb, ERR_NOTFOUND, "the server has no address");
	int left = 0;

	for (const struct addrinfo *a = list; a; a = a->ai_next)
		left++;
	for (const struct addrinfo *a = list; a; a = a->ai_next, left--) {
		int64_t now = clock_mono_ms(), share = (deadline_ms - now) / left;

		if (share < WIRE_ADDRESS_MS)
			share = WIRE_ADDRESS_MS;
		err = wire_connect_one(
		    w, a, now + share < deadline_ms ? now + share : deadline_ms, eb);
		if (!err || err == ERR_CANCELLED)
			break;
	}
	return err;
}

static enum err wire_start_tls(struct redis_wire *w, const struct redis_wire_config *cfg,
    int64_t deadline_ms, struct errbuf *eb)
{
	enum err err = ERR_OK;
	int done = 0;

	w->tls = redis_tls_new(w->fd, cfg->host, cfg->ca_file, eb);
	if (!w->tls)
		return eb->code;
	while (!err && (done = redis_tls_handshake(w->tls, &w->read_events, eb)) == 0)
		err = redis_wire_wait(w, deadline_ms, eb);
	if (err == ERR_TIMEOUT) /* a server without TLS waits for the end of a line */
		err_set(eb, err,
		    "the server does not answer to TLS in time: if it has none on this port, write "
		    "redis://");
	return err ? err : done < 0 ? eb->code : ERR_OK;
}

enum err redis_wire_open(struct redis_wire **out, const struct redis_wire_config *cfg,
    int64_t deadline_ms, struct errbuf *eb)
{
	struct redis_wire *w = calloc(1, sizeof *w);
	struct addrinfo *list = NULL;
	struct errbuf own = {0};
	enum err err;

	*out = NULL;
	if (!w)
		return err_set(eb, ERR_NOMEM, "out of memory");
	w->fd = -1;
	w->stop = cfg->stop;
	err = redis_resolve(cfg->host, cfg->port, cfg->stop, deadline_ms, &list, &own);
	if (!err)
		err = wire_connect(w, list, deadline_ms, &own);
	if (list)
		freeaddrinfo(list);
	if (!err && cfg->tls)
		err = wire_start_tls(w, cfg, deadline_ms, &own);
	if (!err) {
		*out = w;
		return ERR_OK;
	}
	redis_wire_close(w);
	return err_set(eb, err, "%s", err_text(&own));
}

void redis_wire_close(struct redis_wire *w)
{
	if (!w)
		return;
	redis_tls_free(w->tls);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}
