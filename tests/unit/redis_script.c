#include "config.h"
#include "tests/unit/redis_script.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SCRIPT_SLICE_MS = 20, SCRIPT_READ = 1 << 20 };

struct redis_script {
	redis_script_fn *play;
	pthread_t thread;
	atomic_bool stopping;
	atomic_int connections, closed;
	int fd, port;
};

/* Waits until fd can be read; false: the test is over. */
static bool script_wait(struct redis_script *s, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!atomic_load(&s->stopping))
		if (poll(&p, 1, SCRIPT_SLICE_MS) > 0)
			return true;
	return false;
}

static void *script_main(void *arg)
{
	struct redis_script *s = arg;

	while (script_wait(s, s->fd)) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			continue;
		s->play(s, fd, atomic_fetch_add(&s->connections, 1));
		close(fd);
		atomic_fetch_add(&s->closed, 1);
	}
	return NULL;
}

struct redis_script *redis_script_start(redis_script_fn *play)
{
	struct redis_script *s = calloc(1, sizeof *s);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;

	if (!s)
		abort();
	s->play = play;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(s->fd, 8) != 0 ||
	    getsockname(s->fd, (struct sockaddr *)&a, &len) != 0)
		abort();
	s->port = ntohs(a.sin_port);
	if (pthread_create(&s->thread, NULL, script_main, s) != 0)
		abort();
	return s;
}

void redis_script_stop(struct redis_script *s)
{
	atomic_store(&s->stopping, true);
	pthread_join(s->thread, NULL);
	close(s->fd);
	free(s);
}

int redis_script_port(const struct redis_script *s)
{
	return s->port;
}

int redis_script_connections(struct redis_script *s)
{
	return atomic_load(&s->connections);
}

void redis_script_wait_closed(struct redis_script *s, int n)
{
	while (atomic_load(&s->closed) < n)
		poll(NULL, 0, 1);
}

bool redis_script_expect(struct redis_script *s, int fd, const char *text)
{
	char *seen = malloc(SCRIPT_READ);
	size_t len = 0;
	bool found = false;

	while (seen && !found && len < SCRIPT_READ && script_wait(s, fd)) {
		ssize_t n = recv(fd, seen + len, SCRIPT_READ - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		found = memmem(seen, len, text, strlen(text)) != NULL;
	}
	free(seen);
	return found;
}

void redis_script_send(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void redis_script_say(int fd, const char *text)
{
	redis_script_send(fd, text, strlen(text));
}

bool redis_script_login(struct redis_script *s, int fd)
{
	if (!redis_script_expect(s, fd, "PING\r\n"))
		return false;
	redis_script_say(fd, "+OK\r\n+PONG\r\n");
	return true;
}

void redis_script_hang(struct redis_script *s, int fd)
{
	char buf[4096];

	while (script_wait(s, fd))
		if (recv(fd, buf, sizeof buf, 0) <= 0)
			return;
}
