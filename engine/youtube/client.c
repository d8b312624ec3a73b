#include "config.h"
#include "engine/youtube/client.h"

#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/http.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URL_LIMIT = 64 * 1024 };

/* The body of a call that was not made: as many zeros as one may read behind a body. */
static const char client_nothing[64 + 1];

struct client {
	struct http *http;
	struct client_watch *watch;
	char *base; /* without a slash at its end */
	struct str url;
};

/* ---- the call ---- */

/* Trouble below HTTP is FAULT_SERVER: back off, try again. */
static void client_set_fault(
    struct client_reply *reply, enum fault fault, const char *reason, const char *message)
{
	struct fault_info *f = &reply->fault;

	*f = (struct fault_info){.fault = fault, .status = reply->status};
	snprintf(f->reason, sizeof f->reason, "%s", reason);
	snprintf(f->message, sizeof f->message, "%s", message);
}

/* Without a key no call is worth its time. */
static bool client_key_is_sound(const struct secret *key, struct client_reply *reply)
{
	bool there = key && secret_length(key);

	if (http_is_sound(key))
		return true;
	client_set_fault(reply, FAULT_KEY, there ? "keyMalformed" : "keyMissing",
	    there ? "The API key holds characters that no key has: enter it again"
	          : "There is no API key: add one");
	return false;
}

static void client_tell(struct client *c, enum method m, const struct client_reply *reply)
{
	bool failed = reply->fault.fault != FAULT_NONE && reply->fault.fault != FAULT_TARGET;

	if (!c->watch)
		return;
	meter_note(c->watch->methods[m], clock_mono_ms(), reply->elapsed_ms * 1000, failed);
	if (!reply->date)
		return;
	atomic_store_explicit(
	    &c->watch->date_ahead, reply->date - clock_now(), memory_order_relaxed);
	atomic_store_explicit(&c->watch->date_at, clock_now(), memory_order_relaxed);
}

enum err client_call(struct client *c, enum method m, const char *query, const struct secret *key,
    struct client_reply *reply, struct errbuf *eb)
{
	const struct http_header lines[] = {
	    {"X-Goog-Api-Key", "", key}, {"Accept", "application/json", NULL}};
	struct http_reply got;
	enum err e;

	*reply = (struct client_reply){.body = client_nothing, .retry_after_s = -1};
	if (!client_key_is_sound(key, reply))
		return ERR_OK;
	str_reset(&c->url);
	str_addf(&c->url, "%s%s?%s", c->base, method_info(m)->path, query);
	if (c->url.err) {
		client_set_fault(reply, FAULT_SERVER, "memory", "Out of memory");
		return err_set(eb, ERR_NOMEM, "out of memory while making a call");
	}
	e = http_get(c->http, str_get(&c->url), lines, 2, &got, eb);
	*reply = (struct client_reply){.status = got.status,
	    .body = got.body,
	    .len = got.len,
	    .retry_after_s = got.retry_after_s,
	    .date = got.date,
	    .elapsed_ms = got.elapsed_ms};
	if (got.reason[0])
		client_set_fault(reply, FAULT_SERVER, got.reason, got.message);
	else
		fault_classify(got.status, got.body, got.len, &reply->fault);
	if (!e)
		client_tell(c, m, reply);
	return e;
}

/* ---- life ---- */

enum err client_global_init(struct errbuf *eb)
{
	/* with CURLOPT_NOSIGNAL a write to a closed TLS connection raises it */
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(eb, ERR_UNAVAIL, "libcurl could not be started");
	return ERR_OK;
}

void client_global_done(void)
{
	curl_global_cleanup();
}

static char *client_trimmed(const char *base)
{
	size_t n = strlen(base);

	while (n && base[n - 1] == '/')
		n--;
	return str_dup_n(base, n);
}

enum err client_new(struct client **out, const struct client_config *cfg, struct errbuf *eb)
{
	struct http_config http = {.stop = cfg->stop,
	    .connect_ms = cfg->connect_ms,
	    .total_ms = cfg->total_ms,
	    .body_limit = cfg->body_limit};
	struct client *c;
	enum err e = http_check_address(cfg->base, true, "the API address", &http.plain, eb);

	*out = NULL;
	if (e)
		return e;
	c = calloc(1, sizeof *c);
	if (!c)
		return err_set(eb, ERR_NOMEM, "out of memory while opening the API client");
	str_init(&c->url, URL_LIMIT);
	c->watch = cfg->watch;
	c->base = client_trimmed(cfg->base);
	e = c->base ? http_new(&c->http, &http, eb)
	            : err_set(eb, ERR_NOMEM, "out of memory while opening the API client");
	if (e)
		client_free(c);
	else
		*out = c;
	return e;
}

size_t client_bytes(const struct client *c)
{
	return sizeof *c + http_bytes(c->http) + c->url.len;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	http_free(c->http);
	str_done(&c->url);
	free(c->base);
	free(c);
}
