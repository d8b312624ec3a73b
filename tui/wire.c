#include "config.h"
#include "tui/wire.h"
#include "tui/remote.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	WIRE_CONNECT_MS = 5000,
	WIRE_REPLY_LIMIT = 16 * 1024 * 1024,
	WIRE_URL_LIMIT = 8192,
	WIRE_SILENT_S = 40, /* a stream says something every 15 s */
	WIRE_TURN_MS = 1000,
	WIRE_CONNECTIONS = 8
};

struct wire_transfer {
	struct wire_transfer *next;
	struct wire *wire;
	CURL *easy;
	struct curl_slist *headers;
	void *tag;
	char *body;
	bool stream;
	int requests; /* sent: libcurl would repeat one on its own */
	struct str reply;
	char words[CURL_ERROR_SIZE];
};

struct wire {
	const struct wire_ops *ops;
	void *arg;
	pthread_t thread;
	atomic_bool stop;
	CURLM *multi;

	/* of the thread */
	char *url, *ca;
	struct secret *token;
	bool own;
	struct wire_transfer *transfers;
};

/* ---- one call ---- */

static size_t wire_on_body(char *data, size_t size, size_t n, void *arg)
{
	struct wire_transfer *t = arg;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->stream && status == 200) {
		t->wire->ops->piece(t->wire->arg, data, size * n);
		return size * n;
	}
	str_add(&t->reply, data, size * n);
	return t->reply.err ? 0 : size * n;
}

/* A kept connection that ends without an answer makes libcurl send the request once more: what it
 * asked for may have been done. */
static int wire_on_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct wire_transfer *t = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	return t->body && t->requests++ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void wire_transfer_free(struct wire_transfer *t)
{
	if (t->easy) {
		curl_multi_remove_handle(t->wire->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	remote_headers_free(t->headers);
	if (t->body)
		explicit_bzero(t->body, strlen(t->body));
	free(t->body);
	str_done(&t->reply);
	free(t);
}

static bool wire_set_texts(struct wire_transfer *t, const char *url)
{
	const struct wire *w = t->wire;
	const struct {
		CURLoption option;
		const void *value; /* NULL: as it is */
	} options[] = {{CURLOPT_URL, url}, {CURLOPT_PROTOCOLS_STR, "http,https"},
	    {CURLOPT_ACCEPT_ENCODING, t->stream ? NULL : "gzip"},
	    {CURLOPT_USERAGENT, "tubeops/" PACKAGE_VERSION},
	    {CURLOPT_NOPROXY, strncmp(url, "http:", 5) == 0 ? "*" : NULL}, {CURLOPT_CAINFO, w->ca},
	    {CURLOPT_ERRORBUFFER, t->words}, {CURLOPT_HTTPHEADER, t->headers},
	    {CURLOPT_WRITEDATA, t}, {CURLOPT_PREREQDATA, t}, {CURLOPT_PRIVATE, t},
	    {CURLOPT_POSTFIELDS, t->body}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].value &&
		    curl_easy_setopt(t->easy, options[i].option, options[i].value) != CURLE_OK)
			return false;
	return curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, wire_on_body) == CURLE_OK &&
	       curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, wire_on_request) == CURLE_OK;
}

static bool wire_set_numbers(struct wire_transfer *t, int64_t most_ms)
{
	const struct {
		CURLoption option;
		int64_t value;
	} options[] = {{CURLOPT_NOSIGNAL, 1}, {CURLOPT_FOLLOWLOCATION, 0}, {CURLOPT_QUICK_EXIT, 1},
	    {CURLOPT_CONNECTTIMEOUT_MS, WIRE_CONNECT_MS}, {CURLOPT_SSL_VERIFYPEER, 1},
	    {CURLOPT_SSL_VERIFYHOST, t->wire->own ? 0 : 2}, {CURLOPT_TCP_KEEPALIVE, 1},
	    {CURLOPT_TIMEOUT_MS, t->stream ? 0 : most_ms},
	    {CURLOPT_LOW_SPEED_LIMIT, t->stream ? 1 : 0},
	    {CURLOPT_LOW_SPEED_TIME, t->stream ? WIRE_SILENT_S : 0}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (curl_easy_setopt(t->easy, options[i].option, (long)options[i].value) !=
		    CURLE_OK)
			return false;
	return true;
}

static bool wire_transfer_begin(struct wire_transfer *t, const struct wire_call *c)
{
	struct str url;
	bool ok;

	t->easy = curl_easy_init();
	t->headers = remote_headers(t->wire->token, c->once, &ok);
	t->body = c->body ? str_dup(c->body) : NULL;
	if (!t->easy || !ok || (c->body && !t->body))
		return false;
	str_init(&url, WIRE_URL_LIMIT);
	remote_url(&url, t->wire->url, c->path);
	ok = !url.err && wire_set_texts(t, str_get(&url)) && wire_set_numbers(t, c->most_ms) &&
	     curl_multi_add_handle(t->wire->multi, t->easy) == CURLM_OK;
	str_done(&url);
	return ok;
}

bool wire_send(struct wire *w, const struct wire_call *c)
{
	struct wire_transfer *t = w->url ? calloc(1, sizeof *t) : NULL;

	if (!t)
		return false;
	t->wire = w;
	t->stream = c->stream;
	str_init(&t->reply, WIRE_REPLY_LIMIT);
	if (!wire_transfer_begin(t, c)) {
		wire_transfer_free(t);
		return false;
	}
	t->tag = c->tag;
	t->next = w->transfers;
	w->transfers = t;
	return true;
}

void wire_drop(struct wire *w)
{
	while (w->transfers) {
		struct wire_transfer *t = w->transfers;
		w->transfers = t->next;
		w->ops->dropped(w->arg, t->tag);
		wire_transfer_free(t);
	}
}

enum err wire_aim(struct wire *w, const char *url, const struct secret *token, const char *ca,
    bool own, struct errbuf *eb)
{
	free(w->url);
	free(w->ca);
	secret_free(w->token);
	w->url = str_dup(url);
	w->ca = ca && *ca ? str_dup(ca) : NULL;
	w->token = token ? secret_copy(token) : NULL;
	w->own = own && w->ca;
	return w->url && (w->ca || !ca || !*ca) && (w->token || !token)
	           ? ERR_OK
	           : err_set(eb, ERR_NOMEM, "out of memory");
}

/* ---- the thread ---- */

/* Takes it out of the list. */
static void wire_unlink(struct wire_transfer *t)
{
	struct wire_transfer **at = &t->wire->transfers;

	while (*at && *at != t)
		at = &(*at)->next;
	if (*at)
		*at = t->next;
}

static void wire_ended(struct wire_transfer *t, CURLcode code)
{
	const char *words = t->words[0] ? t->words : curl_easy_strerror(code);
	struct wire_reply r = {.trouble = ""};
	struct str clean;
	long status = 0;

	wire_unlink(t);
	str_init(&clean, 3 * (CURL_ERROR_SIZE + 64));
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	r.text = str_get(&t->reply);
	r.len = t->reply.len;
	if (code == CURLE_OK) {
		r.status = (int)status;
	} else {
		text_clean(words, strlen(words), &clean);
		r.trouble = clean.len ? str_get(&clean) : "the call failed";
	}
	t->wire->ops->reply(t->wire->arg, t->tag, &r);
	str_done(&clean);
	wire_transfer_free(t);
}

static void wire_read_ends(struct wire *w)
{
	struct CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(w->multi, &left))) {
		CURLcode code = msg->data.result;
		char *of = NULL;
		if (msg->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &of) != CURLE_OK || !of)
			continue;
		wire_ended((struct wire_transfer *)(void *)of, code);
	}
}

static void *wire_main(void *arg)
{
	struct wire *w = arg;
	int running;

	while (!atomic_load(&w->stop)) {
		int64_t wait = w->ops->turn(w->arg, clock_mono_ms());
		curl_multi_perform(w->multi, &running);
		wire_read_ends(w);
		wait = wait < 0 ? 0 : wait > WIRE_TURN_MS ? WIRE_TURN_MS : wait;
		if (!atomic_load(&w->stop))
			curl_multi_poll(w->multi, NULL, 0, (int)wait, NULL);
	}
	wire_drop(w);
	return NULL;
}

void wire_wake(struct wire *w)
{
	curl_multi_wakeup(w->multi);
}

enum err wire_new(struct wire **out, const struct wire_ops *ops, void *arg, struct errbuf *eb)
{
	struct wire *w = calloc(1, sizeof *w);
	sigset_t all, before;
	bool ok = false;

	*out = NULL;
	if (!w)
		return err_set(eb, ERR_NOMEM, "out of memory");
	w->ops = ops;
	w->arg = arg;
	atomic_init(&w->stop, false);
	w->multi = curl_multi_init();
	*out = w; /* before its thread begins: turn may want it */
	if (w->multi) {
		curl_multi_setopt(w->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)WIRE_CONNECTIONS);
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		ok = pthread_create(&w->thread, NULL, wire_main, w) == 0;
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	if (ok)
		return ERR_OK;
	*out = NULL;
	if (w->multi)
		curl_multi_cleanup(w->multi);
	free(w);
	return err_set(eb, ERR_NOMEM, "cannot start a thread for the connection");
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	atomic_store(&w->stop, true);
	curl_multi_wakeup(w->multi);
	pthread_join(w->thread, NULL);
	curl_multi_cleanup(w->multi);
	free(w->url);
	free(w->ca);
	secret_free(w->token);
	free(w);
}
