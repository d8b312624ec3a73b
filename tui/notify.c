#include "config.h"
#include "tui/notify.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { NOTIFY_EVERY_MS = 10000, NOTIFY_LEAST_MS = 50, NOTIFY_TEXT = 4096 };

struct notify {
	int fd;
	bool watched;
	int every_ms;
};

/* A third of WATCHDOG_USEC, unless WATCHDOG_PID says that it is meant for another process. */
static void notify_watchdog(struct notify *n)
{
	const char *usec = settings_environment("WATCHDOG_USEC");
	const char *pid = settings_environment("WATCHDOG_PID");
	int64_t us = 0, whose = 0;

	n->every_ms = NOTIFY_EVERY_MS;
	if (!usec || str_to_i64(usec, 1, INT64_MAX, &us))
		return;
	if (pid && (str_to_i64(pid, 1, INT32_MAX, &whose) || whose != getpid()))
		return;
	n->watched = true;
	us /= 3000;
	if (us < NOTIFY_EVERY_MS)
		n->every_ms = us < NOTIFY_LEAST_MS ? NOTIFY_LEAST_MS : (int)us;
}

/* "/path" or "@name" of the abstract namespace. */
static enum err notify_connect(const struct notify *n, const char *path, struct errbuf *eb)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 1};
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof to.sun_path)
		return err_set(eb, ERR_INVALID,
		    "NOTIFY_SOCKET: \"%s\" is neither an absolute path nor a name that begins with "
		    "@",
		    path);
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	if (setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0 ||
	    connect(n->fd, (struct sockaddr *)&to,
	        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) != 0)
		return err_set(eb, ERR_IO, "NOTIFY_SOCKET: %s: %s", path, strerror(errno));
	return ERR_OK;
}

enum err notify_open(struct notify **out, struct errbuf *eb)
{
	const char *path = settings_environment("NOTIFY_SOCKET");
	struct notify *n;
	enum err err;

	*out = NULL;
	if (!path || !*path)
		return ERR_OK;
	n = calloc(1, sizeof *n);
	if (!n)
		return err_set(eb, ERR_NOMEM, "out of memory");
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = n->fd < 0 ? err_set(eb, ERR_IO, "no file descriptor is left")
	                : notify_connect(n, path, eb);
	if (err) {
		notify_close(n);
		return err;
	}
	notify_watchdog(n);
	*out = n;
	return ERR_OK;
}

void notify_close(struct notify *n)
{
	if (!n)
		return;
	if (n->fd >= 0)
		close(n->fd);
	free(n);
}

enum err notify_send(const struct notify *n, struct errbuf *eb, const char *fmt, ...)
{
	enum err err = ERR_OK;
	struct str text;
	va_list ap;

	if (!n)
		return ERR_OK;
	str_init(&text, NOTIFY_TEXT);
	va_start(ap, fmt);
	str_addv(&text, fmt, ap);
	va_end(ap);
	if (text.err)
		err = err_set(eb, text.err, "too long for the service manager");
	else if (send(n->fd, text.text, text.len, MSG_NOSIGNAL) < 0)
		err = err_set(eb, ERR_IO, "the service manager hears nothing: %s", strerror(errno));
	str_done(&text);
	return err;
}

int notify_every_ms(const struct notify *n)
{
	return n ? n->every_ms : -1;
}

const char *notify_beat(const struct notify *n)
{
	return n && n->watched ? "WATCHDOG=1\n" : "";
}
