#include "config.h"
#include "engine/base/http.h"

#include "engine/base/clock.h"
#include "engine/base/gunzip.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
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
	BODY_TAIL = 64, /* zeros that may be read after the body */
	HEAD_LIMIT = 256 * 1024,
	PLACE_LIMIT = 64 * 1024, /* bytes of an address in front of its query */
	SLOW_BYTES_S = 200,
	SLOW_S = 20,
	CONN_LIFE_S = 1500, /* hang up before the server does */
	STOP_POLL_MS = 100, /* how soon a call in flight sees the stop flag */
	H2_TROUBLES = 3,    /* so many within H2_WINDOW_MS: HTTP/1.1 from then on */
	H2_WINDOW_MS = 10 * 60 * 1000,
	RETRY_AFTER_MOST = 300
};

struct http {
	CURL *easy;
	CURLM *multi; /* of one: it can be left while a call hangs, curl_easy_perform can not */
	const atomic_bool *stop;
	int64_t total_ms;
	size_t body_limit;
	struct str got, unpacked; /* the body as it came; what a packed one holds */
	struct str place;         /* the address without its query */
	struct gunzip *gunzip;
	size_t head_len;
	int requests; /* sent in this call: one, or libcurl wanted to repeat it */
	bool too_large, no_memory;
	int64_t h2_trouble_ms[H2_TROUBLES]; /* 0: none yet; a ring */
	int h2_next;
	char date_text[40]; /* the last one that was read; longer ones are read each time */
	int64_t date;
	char words[CURL_ERROR_SIZE];
};

/* ---- what went wrong below HTTP ---- */

static const struct http_trouble {
	CURLcode code;
	const char *reason;
	const char *message;
} http_troubles[] = {
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
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, "tooLarge", "The answer's headers are larger than any that is known"},
#endif
    {CURLE_HTTP2, "http2", "The HTTP/2 connection failed"},
    {CURLE_HTTP2_STREAM, "http2", "The HTTP/2 stream failed"},
    {CURLE_BAD_CONTENT_ENCODING, "encoding", "The compressed answer is damaged"},
    {CURLE_WEIRD_SERVER_REPLY, "badReply", "The answer is not HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, "badReply", "The answer is not HTTP"},
};

static void http_set_reason(struct http_reply *reply, const char *reason, const char *message)
{
	snprintf(reply->reason, sizeof reply->reason, "%s", reason);
	snprintf(reply->message, sizeof reply->message, "%s", message);
}

/* curl's own words behind ours; they hold names of hosts, never the request. */
static void http_set_trouble(struct http *h, CURLcode code, struct http_reply *reply)
{
	const struct http_trouble *end =
	    http_troubles + sizeof http_troubles / sizeof http_troubles[0];
	const struct http_trouble *row = http_troubles;
	const char *words = h->words[0] ? h->words : curl_easy_strerror(code);
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
	http_set_reason(reply, row < end ? row->reason : "network", "");
	n = text_utf8_cut(str_get(&clean), clean.len, sizeof reply->message - 1);
	memcpy(reply->message, str_get(&clean), n);
	reply->message[n] = '\0';
	str_done(&text);
	str_done(&clean);
}

/* Some middle boxes break HTTP/2 again and again: then the older version serves. */
static void http_note_http2(struct http *h, CURLcode code)
{
	int64_t now = clock_mono_ms(), oldest;

	if (code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM)
		return;
	h->h2_trouble_ms[h->h2_next] = now ? now : 1;
	h->h2_next = (h->h2_next + 1) % H2_TROUBLES;
	oldest = h->h2_trouble_ms[h->h2_next];
	if (oldest && now - oldest <= H2_WINDOW_MS)
		curl_easy_setopt(h->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

/* ---- receiving ---- */

static size_t http_on_body(char *data, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	n *= one;
	h->too_large = n > h->body_limit - h->got.len;
	if (h->too_large)
		return 0;
	str_add(&h->got, data, n);
	h->no_memory = h->got.err != ERR_OK;
	return h->no_memory ? 0 : n;
}

/* libcurl keeps all header lines: somebody must count them. */
static size_t http_on_head(char *data, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	(void)data;
	h->head_len += n * one;
	h->too_large = h->head_len > HEAD_LIMIT;
	return h->too_large ? 0 : n * one;
}

static const char *http_header_value(struct http *h, const char *name)
{
	struct curl_header *line;

	return curl_easy_header(h->easy, name, 0, CURLH_HEADER, -1, &line) == CURLHE_OK
	           ? line->value
	           : NULL;
}

static int64_t http_date(const char *text)
{
	time_t at = text ? curl_getdate(text, NULL) : -1;

	return at < 0 ? 0 : at;
}

/* The server's Date, read once a second: that is costly. */
static int64_t http_server_date(struct http *h)
{
	const char *text = http_header_value(h, "Date");

	if (!text)
		return 0;
	if (strcmp(text, h->date_text) != 0) {
		h->date = http_date(text);
		snprintf(h->date_text, sizeof h->date_text, "%s", text);
	}
	return h->date;
}

/* Seconds or a date; past and silly values are clamped. */
static int64_t http_retry_after(const char *text, int64_t server_date)
{
	int64_t s, now = server_date ? server_date : clock_now();

	if (!text)
		return -1;
	if (str_to_i64(text, INT64_MIN, INT64_MAX, &s) != ERR_OK) {
		s = http_date(text);
		if (!s)
			return -1;
		s -= now;
	}
	return s < 0 ? 0 : s > RETRY_AFTER_MOST ? RETRY_AFTER_MOST : s;
}

/* ---- the call ---- */

static bool http_is_stopped(const struct http *h)
{
	return h->stop && atomic_load_explicit(h->stop, memory_order_relaxed);
}

static void http_wipe_list(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		OPENSSL_cleanse(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

/* One more line; the list stays as it was when memory ran out. */
static bool http_add_line(struct curl_slist **list, const struct http_header *line)
{
	size_t size = strlen(line->name) + strlen(line->prefix) + 3 +
	              (line->secret ? secret_length(line->secret) : 0);
	char *text = malloc(size);
	struct curl_slist *more;

	if (!text)
		return false;
	snprintf(text, size, "%s: %s%s", line->name, line->prefix,
	    line->secret ? secret_reveal(line->secret) : "");
	more = curl_slist_append(*list, text);
	OPENSSL_cleanse(text, size);
	free(text);
	*list = more ? more : *list;
	return more != NULL;
}

/*
 * A kept connection that ends without an answer makes libcurl send the request once more, on its
 * own: YouTube may have billed the first one, and the second was never booked; Redis may have done it.
 */
static int http_on_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct http *h = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	return h->requests++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Drives the transfer to its end or until the stop flag is seen. */
static CURLcode http_transfer(struct http *h, int64_t total_ms)
{
	CURLcode code = CURLE_FAILED_INIT;
	int64_t until_ms = clock_mono_ms() + total_ms + CONNECT_MS;
	int running = 1, left;
	CURLMsg *msg;

	if (curl_multi_add_handle(h->multi, h->easy) != CURLM_OK)
		return CURLE_FAILED_INIT;
	while (running) {
		if (http_is_stopped(h)) {
			code = CURLE_ABORTED_BY_CALLBACK;
			break;
		}
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			break;
		if (running && curl_multi_poll(h->multi, NULL, 0, STOP_POLL_MS, NULL) != CURLM_OK)
			break;
		/* libcurl keeps its own time limit; this one is for the day it does not */
		if (running && clock_mono_ms() > until_ms) {
			code = CURLE_OPERATION_TIMEDOUT;
			break;
		}
	}
	while (!running && (msg = curl_multi_info_read(h->multi, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			code = msg->data.result;
	curl_multi_remove_handle(h->multi, h->easy);
	return code;
}

/*
 * A reply is whole in memory anyway: libcurl, which would unpack as it reads, takes twice the time.
 * The limit holds against compressed bombs as well.
 */
static CURLcode http_unpack(struct http *h, const struct str **body)
{
	const char *how = http_header_value(h, "Content-Encoding");
	enum err err;

	*body = &h->got;
	if (!how || !h->got.len || str_is_equal_nocase(how, "identity"))
		return CURLE_OK;
	*body = &h->unpacked;
	str_reset(&h->unpacked);
	if (!str_is_equal_nocase(how, "gzip") && !str_is_equal_nocase(how, "x-gzip"))
		return CURLE_BAD_CONTENT_ENCODING;
	err = gunzip_text(h->gunzip, str_get(&h->got), h->got.len, h->body_limit, &h->unpacked);
	h->too_large = err == ERR_LIMIT;
	h->no_memory = err == ERR_NOMEM;
	return err ? CURLE_BAD_CONTENT_ENCODING : CURLE_OK;
}

static bool http_pad(struct str *body)
{
	char *tail = str_room(body, BODY_TAIL);

	if (tail)
		memset(tail, 0, BODY_TAIL + 1);
	return tail != NULL;
}

static void http_read_reply(struct http *h, const struct str *body, struct http_reply *reply)
{
	long status = 0;

	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->body =
	    body->text ? body->text : ""; /* str_get of an empty one has no room behind it */
	reply->len = body->len;
	reply->date = http_server_date(h);
	reply->retry_after_s = http_retry_after(http_header_value(h, "Retry-After"), reply->date);
}

static enum err http_judge(
    struct http *h, CURLcode code, struct http_reply *reply, struct errbuf *eb)
{
	if (code == CURLE_ABORTED_BY_CALLBACK) {
		http_set_reason(reply, "cancelled", "The call was cancelled");
		return err_set(eb, ERR_CANCELLED, "the call was cancelled");
	}
	if (h->no_memory || code == CURLE_OUT_OF_MEMORY) {
		http_set_reason(reply, "memory", "Out of memory");
		return err_set(eb, ERR_NOMEM, "out of memory while reading the answer");
	}
	if (h->too_large) {
		http_set_reason(reply, "tooLarge", "");
		snprintf(reply->message, sizeof reply->message,
		    "The answer is larger than the allowed %zu bytes", h->body_limit);
	} else if (code != CURLE_OK) {
		http_note_http2(h, code);
		http_set_trouble(h, code, reply);
	}
	return ERR_OK;
}

/* Where the part begins that goes into the request's first line; NULL: libcurl shall see to it. */
static const char *http_find_target(const char *url, size_t *query)
{
	const char *host = strstr(url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	size_t i = 0;

	while (url[i] > ' ' && url[i] < 0x7F && url[i] != '#')
		i++;
	*query = strcspn(url, "?");
	return !url[i] && url[*query] && path && path < url + *query ? path : NULL;
}

/*
 * libcurl takes an address apart and together again byte by byte, and a query of ours has 50 ids: it
 * gets what stands before the query, and the target of the request as it is to be sent.
 */
static CURLcode http_set_url(struct http *h, const char *url)
{
	size_t query;
	const char *target = http_find_target(url, &query);
	CURLcode code = curl_easy_setopt(h->easy, CURLOPT_REQUEST_TARGET, target);

	if (code || !target)
		return code ? code : curl_easy_setopt(h->easy, CURLOPT_URL, url);
	str_reset(&h->place);
	str_add(&h->place, url, query);
	return h->place.err ? CURLE_OUT_OF_MEMORY
	                    : curl_easy_setopt(h->easy, CURLOPT_URL, str_get(&h->place));
}

/* All that one request differs in from the one before. */
static CURLcode http_set_request(
    struct http *h, const struct http_request *r, struct curl_slist *lines, int64_t total_ms)
{
	CURLcode code = http_set_url(h, r->url);

	if (!code)
		code = curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, lines);
	if (!code)
		code = curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)total_ms);
	if (code || !r->body)
		return code ? code : curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	code = curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
	return code ? code : curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, r->body);
}

enum err http_get(struct http *h, const char *url, const struct http_header *headers, int n,
    struct http_reply *reply, struct errbuf *eb)
{
	return http_send(
	    h, &(struct http_request){.url = url, .headers = headers, .n = n}, reply, eb);
}

enum err http_send(
    struct http *h, const struct http_request *request, struct http_reply *reply, struct errbuf *eb)
{
	int64_t start_ms = clock_mono_ms();
	int64_t total_ms = request->total_ms > 0 ? request->total_ms : h->total_ms;
	struct curl_slist *lines = NULL;
	const struct str *body = &h->got;
	CURLcode code = CURLE_OK;

	str_reset(&h->got);
	str_reset(&h->unpacked);
	h->head_len = 0;
	h->requests = 0;
	h->too_large = h->no_memory = false;
	h->words[0] = '\0';
	*reply = (struct http_reply){.retry_after_s = -1};
	if (!http_add_line(&lines, &(struct http_header){"Accept-Encoding", "gzip", NULL}))
		code = CURLE_OUT_OF_MEMORY;
	for (int i = 0; i < request->n && !code; i++)
		code = http_add_line(&lines, &request->headers[i]) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
	if (!code)
		code = http_set_request(h, request, lines, total_ms);
	if (!code)
		code = http_transfer(h, total_ms);
	if (h->requests > 1) {
		code = CURLE_GOT_NOTHING;
		h->words[0] = '\0';
	}
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	http_wipe_list(lines);
	if (!code)
		code = http_unpack(h, &body);
	if (!http_pad(&h->got) || !http_pad(&h->unpacked))
		h->no_memory = true;
	http_read_reply(h, body, reply);
	reply->elapsed_ms = clock_mono_ms() - start_ms;
	return http_judge(h, code, reply, eb);
}

/* ---- life ---- */

static bool http_is_loopback(const char *host)
{
	struct in_addr a;

	if (strcmp(host, "[::1]") == 0 || str_is_equal_nocase(host, "localhost"))
		return true;
	return inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

/* A part of the address, returns owned by curl; NULL when it is absent. */
static char *http_url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static enum err http_check_parts(
    CURLU *url, bool is_base, const char *what, bool *plain, struct errbuf *eb)
{
	static const CURLUPart unwanted[] = {
	    CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT, CURLUPART_QUERY};
	const size_t n = sizeof unwanted / sizeof unwanted[0] - !is_base;
	char *scheme = http_url_part(url, CURLUPART_SCHEME);
	char *host = http_url_part(url, CURLUPART_HOST);
	enum err e = ERR_OK;

	*plain = scheme && strcmp(scheme, "http") == 0;
	if (!scheme || !host || (!*plain && strcmp(scheme, "https") != 0))
		e = err_set(eb, ERR_INVALID, "%s must begin with https://", what);
	else if (*plain && !http_is_loopback(host))
		e = err_set(eb, ERR_INVALID,
		    "%s would send the key unencrypted to %s: use https://", what, host);
	for (size_t i = 0; !e && i < n; i++) {
		char *part = http_url_part(url, unwanted[i]);
		if (part)
			e = err_set(eb, ERR_INVALID, "%s may have no user, password%s or fragment",
			    what, is_base ? ", query" : "");
		curl_free(part);
	}
	curl_free(scheme);
	curl_free(host);
	return e;
}

enum err http_check_address(
    const char *address, bool is_base, const char *what, bool *plain, struct errbuf *eb)
{
	CURLU *url;
	enum err e;

	*plain = false;
	if (!address || !*address)
		return err_set(eb, ERR_INVALID, "%s is empty", what);
	url = curl_url();
	if (!url)
		return err_set(eb, ERR_NOMEM, "out of memory while reading %s", what);
	/* curl itself would forgive a missing scheme only when asked to */
	if (curl_url_set(url, CURLUPART_URL, address, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		e = err_set(eb, ERR_INVALID, "%s is no address such as https://host", what);
	else
		e = http_check_parts(url, is_base, what, plain, eb);
	curl_url_cleanup(url);
	return e;
}

bool http_is_sound(const struct secret *value)
{
	const char *text = value ? secret_reveal(value) : "";
	size_t len = value ? secret_length(value) : 0, i = 0;

	while (i < len && text[i] > ' ' && text[i] < 0x7F)
		i++;
	return len && i == len;
}

static bool http_set_limits(struct http *h, const struct http_config *cfg)
{
	const struct {
		CURLoption option;
		int64_t value;
	} options[] = {{CURLOPT_NOSIGNAL, 1}, {CURLOPT_NOPROGRESS, 1}, {CURLOPT_FOLLOWLOCATION, 0},
	    {CURLOPT_CONNECTTIMEOUT_MS, cfg->connect_ms > 0 ? cfg->connect_ms : CONNECT_MS},
	    {CURLOPT_TIMEOUT_MS, h->total_ms}, {CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_S},
	    {CURLOPT_LOW_SPEED_TIME, SLOW_S}, {CURLOPT_TCP_KEEPALIVE, 1},
	    {CURLOPT_MAXLIFETIME_CONN, CONN_LIFE_S}, {CURLOPT_SSL_VERIFYPEER, 1},
	    {CURLOPT_SSL_VERIFYHOST, 2}, {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
	    /* a hanging look-up of a name must not hold up the end of the program */
	    {CURLOPT_QUICK_EXIT, 1}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (curl_easy_setopt(h->easy, options[i].option, (long)options[i].value) !=
		    CURLE_OK)
			return false;
	return true;
}

static bool http_set_texts(struct http *h, bool plain, const char *ca_file)
{
	const struct {
		CURLoption option;
		const char *value;
	} options[] = {{CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https"},
	    /* Google compresses only for agents that say so in their name as well */
	    {CURLOPT_USERAGENT, "tubeops/" PACKAGE_VERSION " (gzip)"},
	    /* a proxy is never on the way to this machine itself */
	    {CURLOPT_NOPROXY, plain ? "*" : NULL}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].value &&
		    curl_easy_setopt(h->easy, options[i].option, options[i].value) != CURLE_OK)
			return false;
	/* the system's own are found in CURLOPT_CAPATH's default, too */
	if (ca_file && curl_easy_setopt(h->easy, CURLOPT_CAINFO, ca_file) != CURLE_OK)
		return false;
	return curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, h->words) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, http_on_body) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_PREREQFUNCTION, http_on_request) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_PREREQDATA, h) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, http_on_head) == CURLE_OK &&
	       curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h) == CURLE_OK;
}

enum err http_new(struct http **out, const struct http_config *cfg, struct errbuf *eb)
{
	struct http *h = calloc(1, sizeof *h);

	*out = NULL;
	if (!h)
		return err_set(eb, ERR_NOMEM, "out of memory while opening an HTTP client");
	h->stop = cfg->stop;
	h->total_ms = cfg->total_ms > 0 ? cfg->total_ms : TOTAL_MS;
	h->body_limit = cfg->body_limit ? cfg->body_limit : BODY_LIMIT;
	str_init(&h->got, h->body_limit + BODY_TAIL);
	str_init(&h->unpacked, h->body_limit + BODY_TAIL);
	str_init(&h->place, PLACE_LIMIT);
	h->easy = curl_easy_init();
	h->multi = curl_multi_init();
	h->gunzip = gunzip_new();
	if (!h->easy || !h->multi || !h->gunzip || !http_set_limits(h, cfg) ||
	    !http_set_texts(h, cfg->plain, cfg->ca_file)) {
		http_free(h);
		return err_set(eb, ERR_NOMEM, "the HTTP client could not be opened");
	}
	*out = h;
	return ERR_OK;
}

size_t http_bytes(const struct http *h)
{
	return sizeof *h + h->got.cap + h->unpacked.cap;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	gunzip_free(h->gunzip);
	str_done(&h->got);
	str_done(&h->unpacked);
	str_done(&h->place);
	free(h);
}
