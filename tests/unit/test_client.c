#include "config.h"
#include "engine/youtube/client.h"

#include "engine/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define KEY "AIzaTESTKEYTESTKEYTESTKEYTESTKEY0000001"

/* ---- a small server of its own, one connection at a time ---- */

enum server_mode {
	SERVER_SEND,  /* the answer, connection stays */
	SERVER_CLOSE, /* the answer, then hang up */
	SERVER_DRIP,  /* a byte of it each 50 ms */
	SERVER_STALL, /* nothing at all */
	SERVER_RESET, /* the answer, then a TCP reset */
	SERVER_FLOOD  /* header lines without end */
};

struct server {
	int fd;
	int port;
	pthread_t thread;
	atomic_bool done;
	pthread_mutex_t lock; /* for all below */
	enum server_mode mode;
	char *answer;
	size_t answer_len;
	char request[8192]; /* the last one */
	int connections, requests;
};

static bool server_wait(struct server *s, int fd)
{
	while (!atomic_load(&s->done)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 10) > 0)
			return true;
	}
	return false;
}

static bool server_read(struct server *s, int fd)
{
	char buf[sizeof s->request];
	size_t n = 0;

	while (n + 1 < sizeof buf && server_wait(s, fd)) {
		ssize_t got = recv(fd, buf + n, sizeof buf - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		buf[n] = '\0';
		if (strstr(buf, "\r\n\r\n")) {
			pthread_mutex_lock(&s->lock);
			memcpy(s->request, buf, n + 1);
			s->requests++;
			pthread_mutex_unlock(&s->lock);
			return true;
		}
	}
	return false;
}

static bool server_send(int fd, const char *p, size_t n)
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

static void server_drip(struct server *s, int fd, const char *p, size_t n)
{
	for (; n && !atomic_load(&s->done); n--, p++) {
		if (!server_send(fd, p, 1))
			return;
		clock_sleep_ms(50);
	}
}

static void server_flood(struct server *s, int fd)
{
	static const char line[] = "X-Filler: 0123456789012345678901234567890123456789\r\n";

	if (server_send(fd, "HTTP/1.1 200 OK\r\n", 17))
		while (!atomic_load(&s->done) && server_send(fd, line, sizeof line - 1))
			;
}

static bool server_answer(struct server *s, int fd)
{
	const struct linger hard = {.l_onoff = 1, .l_linger = 0};
	enum server_mode mode;
	char *copy;
	size_t n;

	pthread_mutex_lock(&s->lock);
	mode = s->mode;
	n = s->answer_len;
	copy = malloc(n + 1);
	if (copy && n)
		memcpy(copy, s->answer, n);
	pthread_mutex_unlock(&s->lock);
	if (mode == SERVER_STALL)
		server_wait(s, fd);
	else if (mode == SERVER_FLOOD)
		server_flood(s, fd);
	else if (copy && mode == SERVER_DRIP)
		server_drip(s, fd, copy, n);
	else if (copy)
		server_send(fd, copy, n);
	if (mode == SERVER_RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	free(copy);
	return mode == SERVER_SEND;
}

static void *server_run(void *arg)
{
	struct server *s = arg;

	while (server_wait(s, s->fd)) {
		int fd = accept(s->fd, NULL, NULL);
		if (fd < 0)
			continue;
		pthread_mutex_lock(&s->lock);
		s->connections++;
		pthread_mutex_unlock(&s->lock);
		while (server_read(s, fd) && server_answer(s, fd))
			;
		close(fd);
	}
	return NULL;
}

static struct server *server_start(void)
{
	struct server *s = calloc(1, sizeof *s);
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = 0};
	socklen_t size = sizeof at;

	assert_non_null(s);
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
	return s;
}

static void server_end(struct server *s)
{
	atomic_store(&s->done, true);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s->answer);
	free(s);
}

static void server_set(struct server *s, enum server_mode mode, const char *answer, size_t len)
{
	pthread_mutex_lock(&s->lock);
	free(s->answer);
	s->answer = malloc(len + 1);
	assert_non_null(s->answer);
	memcpy(s->answer, answer, len);
	s->answer_len = len;
	s->mode = mode;
	s->request[0] = '\0';
	pthread_mutex_unlock(&s->lock);
}

/* Status line and header lines given; length and body added. */
static void server_set_body(
    struct server *s, enum server_mode mode, const char *head, const char *body, size_t len)
{
	size_t size = strlen(head) + len + 100;
	char *text = malloc(size);
	int n;

	assert_non_null(text);
	n = snprintf(text, size, "%s\r\nContent-Length: %zu\r\n\r\n", head, len);
	assert_true(n > 0);
	memcpy(text + n, body, len);
	server_set(s, mode, text, (size_t)n + len);
	free(text);
}

/* ---- the tests ---- */

struct fix {
	struct server *s;
	struct secret *key;
	struct client *c;
	struct client_reply reply;
	struct errbuf eb;
	char base[64];
	atomic_bool stop;
};

static void open_client(struct fix *f, struct client_config cfg)
{
	client_free(f->c);
	cfg.base = f->base;
	cfg.stop = &f->stop;
	assert_int_equal(client_new(&f->c, &cfg, &f->eb), ERR_OK);
}

static int fix_start(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->s = server_start();
	f->key = secret_new(KEY, strlen(KEY));
	assert_non_null(f->key);
	snprintf(f->base, sizeof f->base, "http://127.0.0.1:%d/", f->s->port);
	open_client(f, (struct client_config){0});
	*state = f;
	return 0;
}

static int fix_end(void **state)
{
	struct fix *f = *state;

	client_free(f->c);
	server_end(f->s);
	secret_free(f->key);
	free(f);
	return 0;
}

static enum err call(struct fix *f)
{
	return client_call(
	    f->c, METHOD_CHANNELS_LIST, "part=snippet&id=UCx", f->key, &f->reply, &f->eb);
}

static void check_trouble(const struct fix *f, const char *reason)
{
	assert_int_equal(f->reply.fault.fault, FAULT_SERVER);
	assert_string_equal(f->reply.fault.reason, reason);
	assert_true(strlen(f->reply.fault.message) > 10);
	assert_null(strstr(f->reply.fault.message, KEY));
}

static void test_request(void **state)
{
	struct fix *f = *state;
	char request[sizeof f->s->request], *end;

	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 200 OK", "{\"items\":[]}", 12);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.status, 200);
	assert_int_equal(f->reply.fault.fault, FAULT_NONE);
	assert_int_equal(f->reply.len, 12);
	assert_string_equal(f->reply.body, "{\"items\":[]}");
	for (int i = 0; i < 64; i++)
		assert_int_equal(f->reply.body[f->reply.len + (size_t)i], 0);
	assert_int_equal(f->reply.retry_after_s, -1);
	assert_int_equal(f->reply.date, 0);
	pthread_mutex_lock(&f->s->lock);
	memcpy(request, f->s->request, sizeof request);
	pthread_mutex_unlock(&f->s->lock);
	assert_non_null(strstr(request, "\r\nX-Goog-Api-Key: " KEY "\r\n"));
	assert_non_null(strstr(request, "\r\nAccept-Encoding: gzip\r\n"));
	assert_non_null(strstr(request, "\r\nUser-Agent: tubeops/"));
	assert_non_null(strstr(request, " (gzip)\r\n"));
	end = strstr(request, "\r\n");
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(request, "GET /youtube/v3/channels?part=snippet&id=UCx HTTP/1.1");
}

static void test_keep_alive(void **state)
{
	struct fix *f = *state;
	int connections, requests;

	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 200 OK", "{}", 2);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(call(f), ERR_OK);
		assert_string_equal(f->reply.body, "{}");
	}
	pthread_mutex_lock(&f->s->lock);
	connections = f->s->connections;
	requests = f->s->requests;
	pthread_mutex_unlock(&f->s->lock);
	assert_int_equal(connections, 1);
	assert_int_equal(requests, 5);
}

static size_t gzip(const char *in, size_t len, char *out, size_t size)
{
	z_stream z = {0};
	Bytef *copy = malloc(len);

	assert_non_null(copy);
	memcpy(copy, in, len);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = copy;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)size;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	free(copy);
	return size - z.avail_out;
}

static void test_gzip(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip";
	enum { SIZE = 1 << 20 };
	struct fix *f = *state;
	char *plain = malloc(SIZE), *packed = malloc(SIZE);
	size_t n;

	assert_non_null(plain);
	assert_non_null(packed);
	memset(plain, 'x', SIZE);
	n = gzip(plain, SIZE, packed, SIZE);
	assert_true(n < SIZE / 100);
	server_set_body(f->s, SERVER_SEND, head, packed, n);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_NONE);
	assert_int_equal(f->reply.len, SIZE);
	assert_memory_equal(f->reply.body, plain, SIZE);
	/* the limit is on what comes out, not on what was sent */
	open_client(f, (struct client_config){.body_limit = SIZE - 1});
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "tooLarge");
	assert_true(f->reply.len < SIZE);
	/* damaged in the middle */
	memset(packed + n / 2, 0xA5, n / 4);
	open_client(f, (struct client_config){0});
	server_set_body(f->s, SERVER_SEND, head, packed, n);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_SERVER);
	assert_string_not_equal(f->reply.fault.reason, "tooLarge");
	free(plain);
	free(packed);
}

static void test_truncated(void **state)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[";
	struct fix *f = *state;

	server_set(f->s, SERVER_CLOSE, half, sizeof half - 1);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "truncated");
	server_set(f->s, SERVER_CLOSE, "", 0);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "reset");
	assert_int_equal(f->reply.status, 0);
	server_set(f->s, SERVER_RESET, half, sizeof half - 1);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_SERVER);
	assert_true(strcmp(f->reply.fault.reason, "reset") == 0 ||
	            strcmp(f->reply.fault.reason, "truncated") == 0);
	server_set(f->s, SERVER_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n", 21);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "badReply");
}

static void test_too_slow(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}";
	struct fix *f = *state;

	open_client(f, (struct client_config){.total_ms = 400});
	server_set(f->s, SERVER_DRIP, answer, sizeof answer - 1);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "timeout");
	assert_in_range(f->reply.elapsed_ms, 350, 2000);
	server_set(f->s, SERVER_STALL, "", 0);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "timeout");
}

static void test_redirect_refused(void **state)
{
	static const char head[] = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/";
	struct fix *f = *state;
	int requests;

	server_set_body(f->s, SERVER_SEND, head, "", 0);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.status, 302);
	check_trouble(f, "redirect");
	pthread_mutex_lock(&f->s->lock);
	requests = f->s->requests;
	pthread_mutex_unlock(&f->s->lock);
	assert_int_equal(requests, 1);
}

static void test_oversize(void **state)
{
	struct fix *f = *state;
	char *body = calloc(1, 300000);

	assert_non_null(body);
	open_client(f, (struct client_config){.body_limit = 200000});
	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 200 OK", body, 300000);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "tooLarge");
	assert_true(f->reply.len <= 200000);
	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 200 OK", body, 200000);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_NONE);
	assert_int_equal(f->reply.len, 200000);
	server_set(f->s, SERVER_FLOOD, "", 0);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "tooLarge");
	free(body);
}

static void test_error_body(void **state)
{
	static const char body[] =
	    "{\"error\":{\"code\":403,\"message\":\"Bad \\u003cb\\u003ekey\\u003c/b\\u003e " KEY
	    "\",\"errors\":[{\"reason\":\"quotaExceeded\",\"domain\":\"youtube.quota\"}]}}";
	struct fix *f = *state;

	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 403 Forbidden", body, sizeof body - 1);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.status, 403);
	assert_int_equal(f->reply.fault.fault, FAULT_BUCKET_SPENT);
	assert_int_equal(f->reply.fault.status, 403);
	assert_string_equal(f->reply.fault.reason, "quotaExceeded");
	assert_string_equal(f->reply.fault.message, "Bad key ***");
}

static void test_reply_headers(void **state)
{
	static const struct {
		const char *retry;
		int64_t want;
	} rows[] = {{"7", 7}, {"0", 0}, {"100000", 300}, {"-5", 0}, {"soon", -1},
	    {"Sun, 22 Nov 2026 12:01:00 GMT", 60}, {"Sun, 22 Nov 2026 11:00:00 GMT", 0},
	    {"Mon, 22 Nov 2027 11:00:00 GMT", 300}, {"99999999999999999999", -1}};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char head[256];
		snprintf(head, sizeof head,
		    "HTTP/1.1 503 Busy\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nRetry-After: %s",
		    rows[i].retry);
		server_set_body(f->s, SERVER_SEND, head, "", 0);
		assert_int_equal(call(f), ERR_OK);
		assert_int_equal(f->reply.status, 503);
		assert_int_equal(f->reply.date, 1795348800);
		assert_int_equal(f->reply.retry_after_s, rows[i].want);
		check_trouble(f, "http503");
	}
}

static void *stop_later(void *arg)
{
	struct fix *f = arg;

	clock_sleep_ms(200);
	atomic_store(&f->stop, true);
	return NULL;
}

static void test_stop(void **state)
{
	struct fix *f = *state;
	pthread_t thread;

	server_set(f->s, SERVER_STALL, "", 0);
	assert_int_equal(pthread_create(&thread, NULL, stop_later, f), 0);
	assert_int_equal(call(f), ERR_CANCELLED);
	pthread_join(thread, NULL);
	assert_in_range(f->reply.elapsed_ms, 150, 1500);
	check_trouble(f, "cancelled");
	assert_int_equal(f->eb.code, ERR_CANCELLED);
	/* set already: nothing is sent */
	server_set_body(f->s, SERVER_SEND, "HTTP/1.1 200 OK", "{}", 2);
	assert_int_equal(call(f), ERR_CANCELLED);
	assert_true(f->reply.elapsed_ms < 100);
	atomic_store(&f->stop, false);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_NONE);
}

static void test_no_server(void **state)
{
	struct client_config cfg = {.base = "http://127.0.0.1:1"};
	struct fix *f = *state;

	client_free(f->c);
	f->c = NULL;
	assert_int_equal(client_new(&f->c, &cfg, &f->eb), ERR_OK);
	assert_int_equal(call(f), ERR_OK);
	check_trouble(f, "connect");
	assert_int_equal(f->reply.status, 0);
	assert_int_equal(f->reply.len, 0);
	assert_string_equal(f->reply.body, "");
}

/* Our server speaks no TLS: the client must not fall back to plain text. */
static void test_tls(void **state)
{
	struct client_config cfg = {0};
	struct fix *f = *state;
	char base[64];

	snprintf(base, sizeof base, "https://127.0.0.1:%d", f->s->port);
	cfg.base = base;
	cfg.total_ms = 2000;
	client_free(f->c);
	f->c = NULL;
	assert_int_equal(client_new(&f->c, &cfg, &f->eb), ERR_OK);
	server_set_body(f->s, SERVER_CLOSE, "HTTP/1.1 200 OK", "{}", 2);
	assert_int_equal(call(f), ERR_OK);
	assert_int_equal(f->reply.fault.fault, FAULT_SERVER);
	assert_int_equal(f->reply.status, 0);
	pthread_mutex_lock(&f->s->lock);
	assert_null(strstr(f->s->request, KEY));
	pthread_mutex_unlock(&f->s->lock);
}

static void test_keys(void **state)
{
	static const struct {
		const char *key, *reason;
	} rows[] = {{"", "keyMissing"}, {"AIza\r\nHost: evil", "keyMalformed"},
	    {"AIza key", "keyMalformed"}, {"AIz\xC3\xA4", "keyMalformed"}};
	struct fix *f = *state;
	int requests;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct secret *key = secret_new(rows[i].key, strlen(rows[i].key));
		assert_non_null(key);
		assert_int_equal(
		    client_call(f->c, METHOD_CHANNELS_LIST, "id=x", key, &f->reply, &f->eb),
		    ERR_OK);
		assert_int_equal(f->reply.fault.fault, FAULT_KEY);
		assert_string_equal(f->reply.fault.reason, rows[i].reason);
		secret_free(key);
	}
	pthread_mutex_lock(&f->s->lock);
	requests = f->s->requests;
	pthread_mutex_unlock(&f->s->lock);
	assert_int_equal(requests, 0);
}

static void test_bases(void **state)
{
	static const struct {
		const char *base;
		enum err want;
	} rows[] = {{"https://youtube.googleapis.com", ERR_OK},
	    {"https://example.org/prefix/", ERR_OK}, {"http://127.0.0.1:8080", ERR_OK},
	    {"http://127.1.2.3", ERR_OK}, {"http://localhost:9", ERR_OK},
	    {"http://[::1]:9", ERR_OK}, {"HTTP://LOCALHOST", ERR_OK},
	    {"http://youtube.googleapis.com", ERR_INVALID},
	    {"http://127.0.0.1.evil.org", ERR_INVALID}, {"http://localhost.evil.org", ERR_INVALID},
	    {"http://127.0.0.1@evil.org", ERR_INVALID}, {"http://10.0.0.1", ERR_INVALID},
	    {"http://[::2]", ERR_INVALID}, {"", ERR_INVALID}, {NULL, ERR_INVALID},
	    {"youtube.googleapis.com", ERR_INVALID}, {"ftp://127.0.0.1", ERR_INVALID},
	    {"file:///etc/passwd", ERR_INVALID}, {"https://", ERR_INVALID},
	    {"https://user:pw@example.org", ERR_INVALID},
	    {"https://example.org/?key=1", ERR_INVALID}, {"https://example.org/#x", ERR_INVALID},
	    {"https://exa mple.org", ERR_INVALID}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct client_config cfg = {.base = rows[i].base};
		struct client *c = NULL;
		struct errbuf eb = {0};
		assert_int_equal(client_new(&c, &cfg, &eb), rows[i].want);
		assert_int_equal(c != NULL, rows[i].want == ERR_OK);
		assert_null(strstr(eb.text, "pw"));
		client_free(c);
	}
}

static int group_start(void **state)
{
	(void)state;
	return client_global_init(NULL) == ERR_OK ? 0 : -1;
}

static int group_end(void **state)
{
	(void)state;
	client_global_done();
	return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, fix_start, fix_end)
	const struct CMUnitTest tests[] = {T(test_request), T(test_keep_alive), T(test_gzip),
	    T(test_truncated), T(test_too_slow), T(test_redirect_refused), T(test_oversize),
	    T(test_error_body), T(test_reply_headers), T(test_stop), T(test_no_server), T(test_tls),
	    T(test_keys), cmocka_unit_test(test_bases)};

	return cmocka_run_group_tests(tests, group_start, group_end);
}
