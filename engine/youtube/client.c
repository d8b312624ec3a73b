#include "config.h"
#include "engine/youtube/client.h"

#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

enum {
	CONNECT_MS = 10 * 1000,
	TOTAL_MS = 60 * 1000,
	BODY_LIMIT = 8 << 20,
	BODY_FIRST = 64 * 1024,
	BODY_TAIL = 64 + 1, /* zeros that may be read after the body */
	HEAD_LIMIT = 256 * 1024,
	SLOW_BYTES_S = 200,
	SLOW_S = 20,
	CONN_LIFE_S = 1500, /* hang up before the server does */
	STOP_POLL_MS = 100, /* how soon a call in flight sees the stop flag */
	H2_TROUBLES = 3,    /* so many within H2_WINDOW_MS: HTTP/1.1 from then on */
	H2_WINDOW_MS = 10 * 60 * 1000,
	RETRY_AFTER_MOST = 300,
	URL_LIMIT = 64 * 1024
};

struct client {
	CURL *easy;
	CURLM *multi; /* of one: it can be left while a call hangs, curl_easy_perform can not */
	char *base;   /* without a slash at its end */
	const atomic_bool *stop;
	int64_t total_ms;
	size_t body_limit;
	struct str url;
	char *body;
	size_t len, cap;
	size_t head_len;
	int requests; /* sent in this call: one, or libcurl wanted to repeat it */
	bool too_large, no_memory;
	int64_t h2_trouble_ms[H2_TROUBLES]; /* 0: none yet; a ring */
	int h2_next;
	char words[CURL_ERROR_SIZE];
};

/* ---- what went wrong below HTTP ---- */

/* Each one is FAULT_SERVER: back off, try again. */
static const struct client_trouble {
	CURLcode code;
	const char *reason;
	const char *message;
} client_troubles[] = {
    {CURLE_OPERATION_TIMEDOUT, "timeout", "No answer in time"},
    {CURLE_COULDNT_RESOLVE_HOST, "resolve",
        "The server's name was not found: check the network and DNS"},
    {CURLE_COULDNT_RESOLVE_PROXY, "resolve", "The proxy's name was not found: check https_proxy"},
    {CURLE_COULDNT_CONNECT, "connect", "No connection to the server: check network and firewall"},
    {CURLE_SSL_CONNECT_ERROR, "tls", "The TLS connection failed"},
    {CURLE_PEER_FAILED_VERIFICATION, "certificate",
        "The server's certificate was refused: check the clock, the package ca-certificates, and "
        "whether a proxy stands between"},
    {CURLE_SSL_CACERT_BADFILE, "certificate",
        "The CA certificates could not be read: install the package ca-certificates"},
    {CURLE_SSL_ISSUER_ERROR, "certificate",
        "The server's certificate has a wrong issuer: check whether a proxy stands between"},
    {CURLE_RECV_ERROR, "reset", "The connection broke while reading the answer"},
    {CURLE_SEND_ERROR, "reset", "The connection broke while sending"},
    {CURLE_GOT_NOTHING, "reset", "The server hung up without an answer"},
    {CURLE_PARTIAL_FILE, "truncated", "The answer ended too early"},
    {CURLE_HTTP2, "http2", "The HTTP/2 connection failed"},
    {CURLE_HTTP2_STREAM, "http2", "The HTTP/2 stream failed"},
    {CURLE_BAD_CONTENT_ENCODING, "encoding", "The compressed answer is damaged"},
    {CURLE_WEIRD_SERVER_REPLY, "badReply", "The answer is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, "badReply", "The answer is not HTTP"},
};

static void client_set_fault(struct client_reply *reply, const char *reason, const char *message)
{
	struct fault_info *f = &reply->fault;

	*f = (struct fault_info){.fault = FAULT_SERVER, .status = reply->status};
	snprintf(f->reason, sizeof f->reason, "%s", reason);
	snprintf(f->message, sizeof f->message, "%s", message);
}

/* curl's own words behind ours; they hold names of hosts, never the request. */
static void client_set_trouble(struct client *c, CURLcode code, struct client_reply *reply)
{
	const struct client_trouble *end =
	    client_troubles + sizeof client_troubles / sizeof client_troubles[0];
	const struct client_trouble *row = client_troubles;
	const char *words = c->words[0] ? c->words : curl_easy_strerror(code);
	struct str text, clean;
	size_t n;

	while (row < end && row->code != code)
		row++;
	str_init(&text, 4096);
	str_init(&clean, (size_t)3 * 4096);
	str_addf(&text, "%s (", row < end ? row->message : "The call failed");
	text_mask_secrets(words, strlen(words), &text);
	str_addc(&text, ')');
	text_clean(str_get(&text), text.len, &clean);
	client_set_fault(reply, row < end ? row->reason : "network", "");
	n = text_utf8_cut(str_get(&clean), clean.len, sizeof reply->fault.message - 1);
	memcpy(reply->fault.message, str_get(&clean), n);
	reply->fault.message[n] = '\0';
	str_done(&text);
	str_done(&clean);
}

/* Some middle boxes break HTTP/2 again and again: then the older version serves. */
static void client_note_http2(struct client *c, CURLcode code)
{
	int64_t now = clock_mono_ms(), oldest;

	if (code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM)
		return;
	c->h2_trouble_ms[c->h2_next] = now ? now : 1;
	c->h2_next = (c->h2_next + 1) % H2_TROUBLES;
	oldest = c->h2_trouble_ms[c->h2_next];
	if (oldest && now - oldest <= H2_WINDOW_MS)
		curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* ---- receiving ---- */

static bool client_body_reserve(struct client *c, size_t len)
{
	size_t cap = c->cap ? c->cap : BODY_FIRST;
	char *grown;

	if (len + BODY_TAIL <= c->cap)
		return true;
	while (cap < len + BODY_TAIL)
		cap *= 2;
	grown = realloc(c->body, cap);
	if (!grown)
		return false;
	c->body = grown;
	c->cap = cap;
	return true;
}

/* Called with decoded bytes: the limit holds against compressed bombs as well. */
static size_t client_on_body(char *data, size_t one, size_t n, void *arg)
{
	struct client *c = arg;

	n *= one;
	c->too_large = n > c->body_limit - c->len;
	c->no_memory = !c->too_large && !client_body_reserve(c, c->len + n);
	if (c->too_large || c->no_memory)
		return 0;
	memcpy(c->body + c->len, data, n);
	c->len += n;
	return n;
}

/* libcurl keeps all header lines: somebody must count them. */
static size_t client_on_head(char *data, size_t one, size_t n, void *arg)
{
	struct client *c = arg;

	(void)data;
	c->head_len += n * one;
	c->too_large = c->head_len > HEAD_LIMIT;
	return c->too_large ? 0 : n * one;
}

static const char *client_header(struct client *c, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
	                                                                             : NULL;
}

static int64_t client_date(const char *text)
{
	time_t at = text ? curl_getdate(text, NULL) : -1;

	return at < 0 ? 0 : at;
}

/* Seconds or a date; past and silly values are clamped. */
static int64_t client_retry_after(const char *text, int64_t server_date)
{
	int64_t s, now = server_date ? server_date : clock_now();

	if (!text)
		return -1;
	if (str_to_i64(text, INT64_MIN, INT64_MAX, &s) != ERR_OK) {
		s = client_date(text);
		if (!s)
			return -1;
		s -= now;
	}
	return s < 0 ? 0 : s > RETRY_AFTER_MOST ? RETRY_AFTER_MOST : s;
}

/* ---- the call ---- */

static bool client_is_stopped(const struct client *c)
{
	return c->stop && atomic_load_explicit(c->stop, memory_order_relaxed);
}

static void client_wipe_list(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		OPENSSL_cleanse(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

/* Returns owned (client_wipe_list); NULL when out of memory. */
static struct curl_slist *client_headers(const struct secret *key)
{
	static const char name[] = "X-Goog-Api-Key: ";
	size_t size = sizeof name + secret_length(key);
	struct curl_slist *list = NULL, *more = NULL;
	char *line = malloc(size);

	if (!line)
		return NULL;
	snprintf(line, size, "%s%s", name, secret_reveal(key));
	list = curl_slist_append(NULL, line);
	OPENSSL_cleanse(line, size);
	free(line);
	if (list)
		more = curl_slist_append(list, "Accept: application/json");
	if (!more)
		client_wipe_list(list);
	return more;
}

/*
 * A kept connection that ends without an answer makes libcurl send the request once more, on its
 * own: YouTube may have billed the first one, and the second was never booked.
 */
static int client_on_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct client *c = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	return c->requests++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Drives the transfer to its end or until the stop flag is seen. */
static CURLcode client_transfer(struct client *c)
{
	CURLcode code = CURLE_FAILED_INIT;
	int64_t until_ms = clock_mono_ms() + c->total_ms + CONNECT_MS;
	int running = 1, left;
	CURLMsg *msg;

	if (curl_multi_add_handle(c->multi, c->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running) {
		if (client_is_stopped(c)) {
			code = CURLE_ABORTED_BY_CALLBACK;
			break;
		}
		if (curl_multi_perform(c->multi, &running) != CURLM_OK)
			break;
		if (running && curl_multi_poll(c->multi, NULL, 0, STOP_POLL_MS, NULL) != CURLM_OK)
			break;
		/* libcurl keeps its own time limit; this one is for the day it does not */
		if (running && clock_mono_ms() > until_ms) {
			code = CURLE_OPERATION_TIMEDOUT;
			break;
		}
	}
	while (!running && (msg = curl_multi_info_read(c->multi, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			code = msg->data.result;
	curl_multi_remove_handle(c->multi, c->easy);
	return code;
}

static void client_read_reply(struct client *c, struct client_reply *reply)
{
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	memset(c->body + c->len, 0, BODY_TAIL);
	reply->body = c->body;
	reply->len = c->len;
	reply->date = client_date(client_header(c, "Date"));
	reply->retry_after_s = client_retry_after(client_header(c, "Retry-After"), reply->date);
}

static enum err client_judge(
    struct client *c, CURLcode code, struct client_reply *reply, struct errbuf *eb)
{
	if (code == CURLE_ABORTED_BY_CALLBACK) {
		client_set_fault(reply, "cancelled", "The call was cancelled");
		return err_set(eb, ERR_CANCELLED, "the call was cancelled");
	}
	if (c->no_memory || code == CURLE_OUT_OF_MEMORY) {
		client_set_fault(reply, "memory", "Out of memory");
		return err_set(eb, ERR_NOMEM, "out of memory while reading the answer");
	}
	if (c->too_large) {
		client_set_fault(reply, "tooLarge", "");
		snprintf(reply->fault.message, sizeof reply->fault.message,
		    "The answer is larger than the allowed %zu bytes", c->body_limit);
	} else if (code != CURLE_OK) {
		client_note_http2(c, code);
		client_set_trouble(c, code, reply);
	} else {
		fault_classify(reply->status, reply->body, reply->len, &reply->fault);
	}
	return ERR_OK;
}

/* A line end in a key could smuggle in a header; and without a key no call is worth its time. */
static bool client_key_is_sound(const struct secret *key, struct client_reply *reply)
{
	const char *text = key ? secret_reveal(key) : "";
	size_t len = key ? secret_length(key) : 0, i = 0;

	while (i < len && text[i] > ' ' && text[i] < 0x7F)
		i++;
	if (len && i == len)
		return true;
	client_set_fault(reply, len ? "keyMalformed" : "keyMissing",
	    len ? "The API key holds characters that no key has: enter it again"
	        : "There is no API key: add one");
	reply->fault.fault = FAULT_KEY;
	return false;
}

enum err client_call(struct client *c, enum method m, const char *query, const struct secret *key,
    struct client_reply *reply, struct errbuf *eb)
{
	int64_t start_ms = clock_mono_ms();
	struct curl_slist *headers;
	CURLcode code;

	c->len = c->head_len = 0;
	c->requests = 0;
	c->too_large = c->no_memory = false;
	c->words[0] = '\0';
	memset(c->body, 0, BODY_TAIL);
	*reply = (struct client_reply){.body = c->body, .retry_after_s = -1};
	if (!client_key_is_sound(key, reply))
		return ERR_OK;
	str_reset(&c->url);
	str_addf(&c->url, "%s%s?%s", c->base, method_info(m)->path, query);
	headers = c->url.err ? NULL : client_headers(key);
	if (!headers) {
		client_set_fault(reply, "memory", "Out of memory");
		return err_set(eb, ERR_NOMEM, "out of memory while making a call");
	}
	code = curl_easy_setopt(c->easy, CURLOPT_URL, str_get(&c->url));
	if (!code)
		code = curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers);
	if (!code)
		code = client_transfer(c);
	if (c->requests > 1) {
		code = CURLE_GOT_NOTHING;
		c->words[0] = '\0';
	}
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
	client_wipe_list(headers);
	client_read_reply(c, reply);
	reply->elapsed_ms = clock_mono_ms() - start_ms;
	return client_judge(c, code, reply, eb);
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

static bool client_is_loopback(const char *host)
{
	struct in_addr a;

	if (strcmp(host, "[::1]") == 0 || str_is_equal_nocase(host, "localhost"))
		return true;
	return inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

/* A part of the address, returns owned by curl; NULL when it is absent. */
static char *client_url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static enum err client_check_parts(CURLU *url, bool *plain, struct errbuf *eb)
{
	static const CURLUPart unwanted[] = {
	    CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT};
	char *scheme = client_url_part(url, CURLUPART_SCHEME);
	char *host = client_url_part(url, CURLUPART_HOST);
	enum err e = ERR_OK;

	*plain = scheme && strcmp(scheme, "http") == 0;
	if (!scheme || !host || (!*plain && strcmp(scheme, "https") != 0))
		e = err_set(eb, ERR_INVALID, "the API address must begin with https://");
	else if (*plain && !client_is_loopback(host))
		e = err_set(eb, ERR_INVALID,
		    "the API address would send the key unencrypted to %s: use https://", host);
	for (size_t i = 0; !e && i < sizeof unwanted / sizeof unwanted[0]; i++) {
		char *part = client_url_part(url, unwanted[i]);
		if (part)
			e = err_set(eb, ERR_INVALID,
			    "the API address may have no user, password, query or fragment");
		curl_free(part);
	}
	curl_free(scheme);
	curl_free(host);
	return e;
}

static enum err client_check_base(const char *base, bool *plain, struct errbuf *eb)
{
	CURLU *url;
	enum err e;

	*plain = false;
	if (!base || !*base)
		return err_set(eb, ERR_INVALID, "the API address is empty");
	url = curl_url();
	if (!url)
		return err_set(eb, ERR_NOMEM, "out of memory while opening the API client");
	/* curl itself would forgive a missing scheme only when asked to */
	if (curl_url_set(url, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		e = err_set(eb, ERR_INVALID, "the API address is no address such as https://host");
	else
		e = client_check_parts(url, plain, eb);
	curl_url_cleanup(url);
	return e;
}

static bool client_set_limits(struct client *c, const struct client_config *cfg)
{
	const struct {
		CURLoption option;
		int64_t value;
	} options[] = {{CURLOPT_NOSIGNAL, 1}, {CURLOPT_NOPROGRESS, 1}, {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_CONNECTTIMEOUT_MS, cfg->connect_ms > 0 ? cfg->connect_ms : CONNECT_MS},
	    {CURLOPT_TIMEOUT_MS, c->total_ms}, {CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_S},
	    {CURLOPT_LOW_SPEED_TIME, SLOW_S}, {CURLOPT_TCP_KEEPALIVE, 1},
	    {CURLOPT_MAXLIFETIME_CONN, CONN_LIFE_S}, {CURLOPT_SSL_VERIFYPEER, 1},
	    {CURLOPT_SSL_VERIFYHOST, 2}, {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
	    /* a hanging look-up of a name must not hold up the end of the program */
	    {CURLOPT_QUICK_EXIT, 1}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (curl_easy_setopt(c->easy, options[i].option, (long)options[i].value) !=
		    CURLE_OK)
			return false;
	return true;
}

static bool client_set_texts(struct client *c, bool plain)
{
	const struct {
		CURLoption option;
		const char *value;
	} options[] = {{CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https"},
	    {CURLOPT_ACCEPT_ENCODING, "gzip"},
	    /* Google compresses only for agents that say so in their name as well */
	    {CURLOPT_USERAGENT, "tubeops/" PACKAGE_VERSION " (gzip)"},
	    /* a proxy is never on the way to this machine itself */
	    {CURLOPT_NOPROXY, plain ? "*" : NULL}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].value &&
		    curl_easy_setopt(c->easy, options[i].option, options[i].value) != CURLE_OK)
			return false;
	return curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->words) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, client_on_body) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_PREREQFUNCTION, client_on_request) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_PREREQDATA, c) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, client_on_head) == CURLE_OK &&
	       curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c) == CURLE_OK;
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
	struct client *c;
	bool plain;
	enum err e = client_check_base(cfg->base, &plain, eb);

	*out = NULL;
	if (e)
		return e;
	c = calloc(1, sizeof *c);
	if (!c)
		return err_set(eb, ERR_NOMEM, "out of memory while opening the API client");
	str_init(&c->url, URL_LIMIT);
	c->stop = cfg->stop;
	c->total_ms = cfg->total_ms > 0 ? cfg->total_ms : TOTAL_MS;
	c->body_limit = cfg->body_limit ? cfg->body_limit : BODY_LIMIT;
	c->base = client_trimmed(cfg->base);
	c->easy = curl_easy_init();
	c->multi = curl_multi_init();
	if (!c->base || !c->easy || !c->multi || !client_body_reserve(c, 0) ||
	    !client_set_limits(c, cfg) || !client_set_texts(c, plain)) {
		client_free(c);
		return err_set(eb, ERR_NOMEM, "the API client could not be opened");
	}
	*out = c;
	return ERR_OK;
}

size_t client_bytes(const struct client *c)
{
	return sizeof *c + c->cap + c->url.len;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	curl_multi_cleanup(c->multi);
	str_done(&c->url);
	free(c->base);
	free(c->body);
	free(c);
}
