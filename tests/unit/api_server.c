#include "config.h"
#include "tests/unit/api_server.h"
#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/str.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { API_CONNECTIONS = 64, API_REQUEST = 16384, API_IDS = 64 };

struct api_server {
	int fd, port;
	pthread_t thread;
	pthread_t connections[API_CONNECTIONS];
	int n_connections; /* the accepting thread's */
	atomic_bool done;

	pthread_mutex_t lock; /* guards all below */
	enum api_trouble trouble;
	int troubles, bad, absent, delay_ms;
	int served[API_CHANNELS];
	int requests, widest;
};

struct api_connection {
	struct api_server *a;
	int fd;
};

static const struct {
	int status;
	const char *body;
} api_troubles[] = {
    [API_UNAVAILABLE] = {503, "{\"error\":{\"code\":503,\"message\":\"Backend Error\",\"errors\":"
                              "[{\"message\":\"Backend Error\",\"domain\":\"global\","
                              "\"reason\":\"backendError\"}]}}"},
    [API_REFUSED] = {400, "{\"error\":{\"code\":400,\"message\":\"Invalid id\",\"errors\":"
                          "[{\"message\":\"Invalid id\",\"domain\":\"youtube.parameter\","
                          "\"reason\":\"invalidParameter\"}]}}"},
    [API_SPENT] = {403, "{\"error\":{\"code\":403,\"message\":\"You have exceeded your quota.\","
                        "\"errors\":[{\"message\":\"You have exceeded your quota.\","
                        "\"domain\":\"youtube.quota\",\"reason\":\"quotaExceeded\"}]}}"},
    [API_TORN] = {200, "{\"items\":[{\"id\":\"UC"},
};

static bool api_wait(struct api_server *a, int fd)
{
	while (!atomic_load(&a->done)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 20) > 0)
			return true;
	}
	return false;
}

/* One request's head into buf. */
static bool api_read(struct api_server *a, int fd, char *buf)
{
	size_t n = 0;

	while (n + 1 < API_REQUEST && api_wait(a, fd)) {
		ssize_t got = recv(fd, buf + n, API_REQUEST - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		buf[n] = '\0';
		if (strstr(buf, "\r\n\r\n"))
			return true;
	}
	return false;
}

static uint32_t api_number(const struct cid *c)
{
	return (uint32_t)c->b[0] << 24 | (uint32_t)c->b[1] << 16 | (uint32_t)c->b[2] << 8 | c->b[3];
}

static int api_ids(const char *request, struct cid *ids)
{
	const char *p = strstr(request, "&id=");
	int n = 0;

	for (p = p ? p + 4 : ""; n < API_IDS && strlen(p) >= CID_TEXT; p += CID_TEXT + 1) {
		if (!cid_parse(p, CID_TEXT, &ids[n]) || api_number(&ids[n]) >= API_CHANNELS)
			break;
		n++;
		if (p[CID_TEXT] != ',')
			break;
	}
	return n;
}

static void api_items_locked(struct api_server *a, const struct cid *ids, int n, struct str *body)
{
	char text[CID_TEXT + 1];
	bool first = true;

	str_adds(body, "{\"items\":[");
	for (int i = n - 1; i >= 0; i--) { /* YouTube answers in any order */
		uint32_t number = api_number(&ids[i]);
		a->served[number]++;
		if (a->absent && number % (uint32_t)a->absent == 0)
			continue;
		str_addf(body,
		    "%s{\"id\":\"%s\",\"etag\":\"e\",\"snippet\":{\"title\":\"T, \\\"%u\\\"\","
		    "\"description\":\"about\",\"publishedAt\":\"2020-01-01T00:00:00Z\"},"
		    "\"statistics\":{\"viewCount\":\"%u\",\"subscriberCount\":\"5\","
		    "\"hiddenSubscriberCount\":false,\"videoCount\":\"1\"}}",
		    first ? "" : ",", cid_format(&ids[i], text), number, number);
		first = false;
	}
	str_adds(body, "]}");
}

/* Chooses the answer; returns the status. */
static int api_answer_locked(struct api_server *a, const struct cid *ids, int n, struct str *body)
{
	enum api_trouble trouble = a->trouble;
	bool troubled = a->troubles != 0;

	a->requests++;
	a->widest = n > a->widest ? n : a->widest;
	for (int i = 0; i < n; i++)
		if (!troubled && a->bad >= 0 && api_number(&ids[i]) == (uint32_t)a->bad) {
			str_adds(body, api_troubles[API_REFUSED].body);
			return api_troubles[API_REFUSED].status;
		}
	if (!troubled) {
		api_items_locked(a, ids, n, body);
		return 200;
	}
	a->troubles -= a->troubles > 0;
	str_adds(body, api_troubles[trouble].body);
	return api_troubles[trouble].status;
}

static bool api_send(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool api_reply(struct api_server *a, int fd, const char *request)
{
	struct cid ids[API_IDS];
	struct str head, body;
	int n = api_ids(request, ids), status, delay;
	bool ok;

	str_init(&head, 1000);
	str_init(&body, 1000000);
	pthread_mutex_lock(&a->lock);
	delay = a->delay_ms;
	pthread_mutex_unlock(&a->lock);
	for (; delay > 0 && !atomic_load(&a->done); delay -= 10)
		clock_sleep_ms(delay < 10 ? delay : 10);
	pthread_mutex_lock(&a->lock);
	status = api_answer_locked(a, ids, n, &body);
	pthread_mutex_unlock(&a->lock);
	str_addf(&head,
	    "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    status, body.len);
	ok = api_send(fd, str_get(&head), head.len) && api_send(fd, str_get(&body), body.len);
	str_done(&head);
	str_done(&body);
	return ok;
}

static void *api_connection_main(void *arg)
{
	struct api_connection *c = arg;
	char *buf = malloc(API_REQUEST);

	while (buf && api_read(c->a, c->fd, buf) && api_reply(c->a, c->fd, buf))
		;
	free(buf);
	close(c->fd);
	free(c);
	return NULL;
}

static void *api_main(void *arg)
{
	struct api_server *a = arg;

	while (a->n_connections < API_CONNECTIONS && api_wait(a, a->fd)) {
		struct api_connection *c = malloc(sizeof *c);
		if (!c)
			break;
		*c = (struct api_connection){a, accept(a->fd, NULL, NULL)};
		if (c->fd < 0 || pthread_create(&a->connections[a->n_connections], NULL,
		                     api_connection_main, c) != 0) {
			free(c);
			break;
		}
		a->n_connections++;
	}
	return NULL;
}

struct api_server *api_server_start(void)
{
	struct api_server *a = calloc(1, sizeof *a);
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof at;

	if (!a)
		return NULL;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->bad = -1;
	pthread_mutex_init(&a->lock, NULL);
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(a->fd, (struct sockaddr *)&at, size) || listen(a->fd, 32) ||
	    getsockname(a->fd, (struct sockaddr *)&at, &size) ||
	    pthread_create(&a->thread, NULL, api_main, a)) {
		close(a->fd);
		free(a);
		return NULL;
	}
	a->port = ntohs(at.sin_port);
	return a;
}

void api_server_stop(struct api_server *a)
{
	if (!a)
		return;
	atomic_store(&a->done, true);
	pthread_join(a->thread, NULL);
	for (int i = 0; i < a->n_connections; i++)
		pthread_join(a->connections[i], NULL);
	close(a->fd);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

int api_server_port(const struct api_server *a)
{
	return a->port;
}

void api_server_trouble(struct api_server *a, enum api_trouble trouble, int n)
{
	pthread_mutex_lock(&a->lock);
	a->trouble = trouble;
	a->troubles = n;
	pthread_mutex_unlock(&a->lock);
}

static void api_set(struct api_server *a, int *place, int value)
{
	pthread_mutex_lock(&a->lock);
	*place = value;
	pthread_mutex_unlock(&a->lock);
}

void api_server_bad(struct api_server *a, int number)
{
	api_set(a, &a->bad, number);
}

void api_server_absent(struct api_server *a, int n)
{
	api_set(a, &a->absent, n);
}

void api_server_delay(struct api_server *a, int ms)
{
	api_set(a, &a->delay_ms, ms);
}

static int api_get(struct api_server *a, const int *place)
{
	int value;

	pthread_mutex_lock(&a->lock);
	value = *place;
	pthread_mutex_unlock(&a->lock);
	return value;
}

int api_server_served(struct api_server *a, uint32_t number)
{
	return number < API_CHANNELS ? api_get(a, &a->served[number]) : 0;
}

int api_server_requests(struct api_server *a)
{
	return api_get(a, &a->requests);
}

int api_server_widest(struct api_server *a)
{
	return api_get(a, &a->widest);
}
