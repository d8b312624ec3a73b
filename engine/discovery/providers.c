#include "config.h"
#include "engine/discovery/providers.h"

#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/base/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROVIDERS_MOST = 16,
	TROUBLES_IN_A_ROW = 3,
	PAUSE_FIRST_MS = 60 * 1000,
	PAUSE_MOST_MS = 60 * 60 * 1000,
	URL_MOST = 8 * 1024
};

/* A connection that nobody uses now. */
struct provider_idle {
	struct provider_idle *next;
	struct http *http;
};

struct provider_use {
	struct provider *p;
	const struct secret *key; /* borrowed from the settings; NULL: it needs none */
	struct meter *meter;      /* NULL: nobody counts */

	pthread_mutex_t lock; /* guards what follows; rank: leaf */
	struct provider_idle *idle;
	int64_t next_ms;  /* when the next request may go out */
	int64_t until_ms; /* paused until then; 0: not */
	int64_t pause_ms; /* how long the last pause was */
	int troubles;     /* in a row */
	int64_t since_ms; /* of the first of them */
	char trouble[160];
};

struct providers {
	struct provider_use uses[PROVIDERS_MOST];
	int n;
	const struct settings *settings;
	struct log *log;
};

/* ---- loading ---- */

static enum err providers_read_file(const char *path, struct str *out, struct errbuf *eb)
{
	FILE *f = fopen(path, "rbe");
	char buf[4096];
	size_t n;
	bool bad;

	if (!f)
		return err_set(
		    eb, ERR_NOTFOUND, "%s: %s; see DISCOVERY_PROVIDERS", path, strerror(errno));
	while ((n = fread(buf, 1, sizeof buf, f)) > 0 && !out->err)
		str_add(out, buf, n);
	bad = ferror(f) != 0;
	fclose(f);
	if (bad)
		return err_set(eb, ERR_IO, "%s cannot be read", path);
	if (out->err)
		return err_set(eb, out->err, "%s: larger than %d bytes: this is no description",
		    path, PROVIDER_FILE_MOST);
	return ERR_OK;
}

static enum err providers_key(
    struct provider_use *u, const struct settings *settings, const char *file, struct errbuf *eb)
{
	if (!u->p->key)
		return ERR_OK;
	u->key = settings_secret(settings, SET_PROVIDER_KEY, u->p->key);
	if (!u->key)
		return err_set(eb, ERR_NOTFOUND, "%s: its key is missing: set PROVIDER_KEY_%d",
		    file, u->p->key);
	if (!http_is_sound(u->key))
		return err_set(eb, ERR_INVALID,
		    "%s: PROVIDER_KEY_%d holds characters that no key has: enter it again", file,
		    u->p->key);
	return ERR_OK;
}

static enum err providers_add(struct providers *ps, const char *path, struct errbuf *eb)
{
	struct provider_use *u = &ps->uses[ps->n];
	struct str text;
	enum err err;

	if (ps->n == PROVIDERS_MOST)
		return err_set(
		    eb, ERR_LIMIT, "%s: there are %d providers already", path, PROVIDERS_MOST);
	str_init(&text, PROVIDER_FILE_MOST);
	err = providers_read_file(path, &text, eb);
	if (!err)
		err = provider_parse(&u->p, path, str_get(&text), text.len, eb);
	str_done(&text);
	if (!err)
		err = providers_key(u, ps->settings, path, eb);
	for (int i = 0; i < ps->n && !err; i++)
		if (strcmp(ps->uses[i].p->name, u->p->name) == 0)
			err = err_set(eb, ERR_EXISTS, "%s: there is another provider named %s",
			    path, u->p->name);
	if (err) {
		provider_free(u->p);
		*u = (struct provider_use){0};
		return err;
	}
	pthread_mutex_init(&u->lock, NULL);
	ps->n++;
	return ERR_OK;
}

enum err providers_open(struct providers **out, const struct settings *settings, struct log *log,
    providers_load_fn *fn, void *arg, struct errbuf *eb)
{
	const char *at = settings_text(settings, SET_DISCOVERY_PROVIDERS, 0);
	struct providers *ps = calloc(1, sizeof *ps);

	*out = ps;
	if (!ps)
		return err_set(eb, ERR_NOMEM, "out of memory");
	ps->settings = settings;
	ps->log = log;
	while (*at) {
		struct errbuf why = {0};
		size_t n = strcspn(at, ","), from = strspn(at, ", ");
		char *path;
		if (from) {
			at += from;
			continue;
		}
		path = str_dup_n(at, n);
		at += n;
		if (!path) {
			providers_close(ps);
			*out = NULL;
			return err_set(eb, ERR_NOMEM, "out of memory");
		}
		for (; n && path[n - 1] == ' '; n--)
			path[n - 1] = '\0';
		if (providers_add(ps, path, &why))
			fn(arg, path, NULL, err_text(&why));
		else
			fn(arg, path, ps->uses[ps->n - 1].p, NULL);
		free(path);
	}
	return ERR_OK;
}

void providers_close(struct providers *ps)
{
	for (int i = 0; ps && i < ps->n; i++) {
		struct provider_use *u = &ps->uses[i];
		while (u->idle) {
			struct provider_idle *next = u->idle->next;
			http_free(u->idle->http);
			free(u->idle);
			u->idle = next;
		}
		pthread_mutex_destroy(&u->lock);
		provider_free(u->p);
	}
	free(ps);
}

int providers_count(const struct providers *ps)
{
	return ps ? ps->n : 0;
}

const struct provider *providers_at(const struct providers *ps, int i)
{
	return ps->uses[i].p;
}

/* ---- numbers ---- */

void providers_numbers(struct providers *ps, int i, struct provider_numbers *out)
{
	struct provider_use *u = &ps->uses[i];

	pthread_mutex_lock(&u->lock);
	*out = (struct provider_numbers){
	    .paused = u->until_ms > 0, .since_ms = u->since_ms, .until_ms = u->until_ms};
	memcpy(out->trouble, u->trouble, sizeof out->trouble);
	pthread_mutex_unlock(&u->lock);
}

void providers_meter(struct providers *ps, struct meters *ms)
{
	for (int i = 0; i < ps->n; i++)
		ps->uses[i].meter = meters_get(ms, "service", ps->uses[i].p->name);
}

/* ---- whose turn it is ---- */

/* One request's turn. */
struct provider_turn {
	int64_t at_ms;
	bool is_probe; /* after a pause: the one that tries how it is */
};

/* False: it is paused. */
static bool providers_turn(struct provider_use *u, struct provider_turn *t)
{
	int64_t now = clock_mono_ms();
	bool go;

	pthread_mutex_lock(&u->lock);
	go = now >= u->until_ms;
	if (go) {
		t->at_ms = now > u->next_ms ? now : u->next_ms;
		t->is_probe = u->until_ms != 0;
		u->next_ms = t->at_ms + (int64_t)(60000 / u->p->per_minute);
		if (t->is_probe) /* meanwhile the others leave it alone */
			u->until_ms = t->at_ms + u->p->timeout_ms + 1;
	}
	pthread_mutex_unlock(&u->lock);
	return go;
}

/* Another request found trouble since this one got its turn. */
static bool providers_is_paused(struct provider_use *u, const struct provider_turn *t)
{
	bool paused;

	pthread_mutex_lock(&u->lock);
	paused = !t->is_probe && clock_mono_ms() < u->until_ms;
	pthread_mutex_unlock(&u->lock);
	return paused;
}

static void providers_note_well(struct provider_use *u)
{
	pthread_mutex_lock(&u->lock);
	u->troubles = 0;
	u->until_ms = u->pause_ms = u->since_ms = 0;
	u->trouble[0] = '\0';
	pthread_mutex_unlock(&u->lock);
}

enum err providers_reset(struct providers *ps, const char *name, struct errbuf *eb)
{
	for (int i = 0; ps && i < ps->n; i++)
		if (strcmp(ps->uses[i].p->name, name) == 0) {
			providers_note_well(&ps->uses[i]);
			return ERR_OK;
		}
	return err_set(eb, ERR_NOTFOUND, "there is no external service \"%.40s\"", name);
}

/* at_once: do not wait for more troubles. least_ms: the service's own wish, 0: none. */
static void providers_note_trouble(struct providers *ps, struct provider_use *u,
    const struct provider_turn *t, bool at_once, int64_t least_ms, const char *why)
{
	int64_t pause = 0, now = clock_mono_ms();
	bool first;

	pthread_mutex_lock(&u->lock);
	u->troubles++;
	first = u->troubles == 1;
	u->since_ms = first ? now : u->since_ms;
	snprintf(u->trouble, sizeof u->trouble, "%.150s", why);
	/* requests that were out together with the one that began the pause make it no longer */
	if (t->is_probe || (now >= u->until_ms && (at_once || u->troubles >= TROUBLES_IN_A_ROW))) {
		pause = u->pause_ms ? 2 * u->pause_ms : PAUSE_FIRST_MS;
		pause = pause < least_ms ? least_ms : pause;
		pause = pause > PAUSE_MOST_MS ? PAUSE_MOST_MS : pause;
		u->pause_ms = pause;
		u->until_ms = now + pause;
	}
	pthread_mutex_unlock(&u->lock);
	if (ps->log && pause)
		log_at(ps->log, LOG_WARNING, "provider", 0, "%s is left alone for %lld s: %s",
		    u->p->name, (long long)(pause / 1000), why);
	else if (ps->log && first)
		log_at(ps->log, LOG_INFO, "provider", 0, "%s: %s", u->p->name, why);
}

/* ---- asking ---- */

static enum err providers_connect(struct provider_use *u, const struct provider_asking *asking,
    struct provider_idle **out, struct errbuf *eb)
{
	const struct http_config cfg = {.plain = u->p->plain,
	    .stop = asking->stop,
	    .total_ms = u->p->timeout_ms,
	    .connect_ms = u->p->timeout_ms,
	    .body_limit = u->p->body_limit};
	enum err err;

	pthread_mutex_lock(&u->lock);
	*out = u->idle;
	if (*out)
		u->idle = (*out)->next;
	pthread_mutex_unlock(&u->lock);
	if (*out)
		return ERR_OK;
	*out = calloc(1, sizeof **out);
	err = *out ? http_new(&(*out)->http, &cfg, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	if (err)
		free(*out);
	return err;
}

static void providers_disconnect(struct provider_use *u, struct provider_idle *c)
{
	pthread_mutex_lock(&u->lock);
	c->next = u->idle;
	u->idle = c;
	pthread_mutex_unlock(&u->lock);
}

/* What an answer that is no 200 means. */
static enum provider_outcome providers_refused(struct providers *ps, struct provider_use *u,
    const struct provider_turn *t, const struct http_reply *reply)
{
	char why[HTTP_MESSAGE + HTTP_REASON + 64];
	int64_t wish = reply->retry_after_s > 0 ? reply->retry_after_s * 1000 : 0;
	int status = reply->status;

	if (!reply->reason[0] && (status == 404 || status == 410 || status == 204)) {
		providers_note_well(u);
		return PROVIDER_NOTHING;
	}
	if (reply->reason[0])
		snprintf(why, sizeof why, "%s: %s", reply->reason, reply->message);
	else if (status == 401 || status == 403)
		snprintf(why, sizeof why, "it answers %d: is %s right and allowed there?", status,
		    u->p->key ? "its key" : "asking without a key");
	else if (status >= 300 && status < 400)
		snprintf(why, sizeof why,
		    "it answers %d, leads elsewhere: nobody follows; mend its url", status);
	else
		snprintf(why, sizeof why, "it answers %d", status);
	providers_note_trouble(
	    ps, u, t, status == 401 || status == 403 || status == 429 || wish, wish, why);
	return PROVIDER_FAILED;
}

/* fn's errors must not be taken for those of the answer. */
struct provider_relay {
	provider_find_fn *fn;
	void *arg;
	enum err err;
};

static enum err providers_relay(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb)
{
	struct provider_relay *r = arg;

	r->err = r->fn(r->arg, cid, handle, title, eb);
	return r->err;
}

static enum err providers_answer(struct providers *ps, struct provider_use *u,
    const struct provider_turn *t, const struct provider_asking *asking,
    const struct http_reply *reply, struct provider_relay *relay, enum provider_outcome *outcome,
    struct errbuf *eb)
{
	struct errbuf why = {0};
	enum err err;

	if (reply->reason[0] || reply->status != 200) {
		*outcome = providers_refused(ps, u, t, reply);
		return ERR_OK;
	}
	err = provider_read(
	    u->p, asking->json, reply->body, reply->len, providers_relay, relay, &why);
	if (relay->err || err == ERR_NOMEM)
		return err_set(eb, err, "%s", err_text(&why));
	*outcome = err ? PROVIDER_FAILED : PROVIDER_ANSWERED;
	if (err)
		providers_note_trouble(ps, u, t, false, 0, err_text(&why));
	else
		providers_note_well(u);
	return ERR_OK;
}

static enum err providers_request(struct providers *ps, struct provider_use *u,
    const struct provider_turn *t, const struct provider_asking *asking, const char *url,
    struct provider_relay *relay, enum provider_outcome *outcome, struct errbuf *eb)
{
	const struct http_header lines[] = {
	    {"Accept", u->p->format == PROVIDER_JSON ? "application/json" : "text/html", NULL},
	    {u->p->header, u->p->prefix ? u->p->prefix : "", u->key}};
	struct provider_idle *connection = NULL;
	struct http_reply reply;
	enum err err = providers_connect(u, asking, &connection, eb);

	if (err)
		return err;
	err = http_get(connection->http, url, lines, u->key ? 2 : 1, &reply, eb);
	if (!err)
		err = providers_answer(ps, u, t, asking, &reply, relay, outcome, eb);
	if (!err)
		meter_note(u->meter, clock_mono_ms(), reply.elapsed_ms * 1000,
		    *outcome == PROVIDER_FAILED);
	providers_disconnect(u, connection);
	return err;
}

enum err providers_ask(struct providers *ps, int i, const struct provider_asking *asking,
    const struct cid *cid, const char *handle, provider_find_fn *fn, void *arg,
    enum provider_outcome *outcome, struct errbuf *eb)
{
	struct provider_relay relay = {.fn = fn, .arg = arg};
	struct provider_use *u = &ps->uses[i];
	struct provider_turn t;
	struct str url;
	enum err err;

	*outcome = PROVIDER_SKIPPED;
	str_init(&url, URL_MOST);
	err = provider_url(u->p, cid, handle, &url);
	if (err == ERR_NOTFOUND || err == ERR_LIMIT) {
		err = ERR_OK; /* no handle, or one that cannot be one */
	} else if (!err && providers_turn(u, &t)) {
		if (t.at_ms > clock_mono_ms() && !asking->wait(asking->wait_arg, t.at_ms))
			err = err_set(eb, ERR_CANCELLED, "stopping");
		else if (!providers_is_paused(u, &t))
			err = providers_request(
			    ps, u, &t, asking, str_get(&url), &relay, outcome, eb);
	}
	str_done(&url);
	return err;
}
