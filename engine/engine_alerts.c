/*
 * The thread that looks for alerts every few seconds, tells the web hook, and keeps what a single
 * snapshot cannot know. Its lock is a leaf: snapshots are made before it is taken.
 */
#include "config.h"
#include "engine/alerts.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "engine/base/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WATCH_MS = 2000,
	WATCH_HOOK_MS = 10000,
	WATCH_HOOK_TRIES = 3,
	WATCH_SAMPLE_S = 600,
	WATCH_SAMPLES = 24 * 6 + 1,
	WATCH_GROWTH_S = 3600 /* less than an hour of writing says nothing about a day */
};

/* How large the data was, every ten minutes of the last day. */
struct watch_sizes {
	int64_t at[WATCH_SAMPLES], bytes[WATCH_SAMPLES];
	int n;
};

struct alert_watch {
	struct engine *engine;
	pthread_t thread;
	atomic_bool stop;  /* ends a post under way */
	struct http *http; /* the thread's; NULL: no hook */
	const struct secret *url;
	int64_t ended_ms; /* jobs that ended until then are told of; the thread's */
	int failures;     /* posts in vain, in a row; the thread's */

	pthread_mutex_t lock; /* guards all below; rank: leaf */
	pthread_cond_t wake;
	struct alerts alerts;
	struct alert_pace pace;
	struct alert_drift drift;
	struct watch_sizes sizes;
};

/* ---- the web hook ---- */

/* What is sent never holds a secret: texts pass the same mask as the log. */
static json_t *watch_text(const char *text)
{
	struct str out;
	json_t *j;

	str_init(&out, 4096);
	text_mask_secrets(text, strlen(text), &out);
	j = json_string(str_get(&out));
	str_done(&out);
	return j;
}

static char *watch_body(const struct snapshot *s, const char *kind, const char *level,
    const char *subject, const char *text, int64_t since)
{
	char iso[CLOCK_ISO_SIZE];
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "kind", kind, "level", level, "node",
	    s->node, "since", clock_iso(since, iso), "subject", watch_text(subject), "text",
	    watch_text(text));
	char *body = j ? json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	json_decref(j);
	return body;
}

/* True when the other side took it. Takes body. */
static bool watch_post(struct alert_watch *w, char *body)
{
	const struct http_header lines[] = {{"Content-Type", "application/json", NULL}};
	struct http_reply reply = {.status = 0};
	struct errbuf eb = {0};
	enum err err;
	bool taken;

	if (!body)
		return false;
	err = http_send(w->http,
	    &(struct http_request){.url = secret_reveal(w->url),
	        .headers = lines,
	        .n = 1,
	        .body = body,
	        .len = strlen(body)},
	    &reply, &eb);
	free(body);
	taken = !err && !reply.reason[0] && reply.status >= 200 && reply.status < 300;
	if (!taken && err != ERR_CANCELLED)
		log_at(w->engine->parts.log, LOG_WARNING, "alert", 0,
		    "ALERT_WEBHOOK did not take an alert: %s",
		    reply.reason[0] ? reply.message : "its answer is not 2xx");
	w->failures = taken ? 0 : w->failures + 1;
	return taken;
}

/* One that was not taken is tried again at the next rounds; after some in a row nobody waits. */
static void watch_tell(struct alert_watch *w, const struct snapshot *s)
{
	struct alert copy, *one;

	while (w->http && !atomic_load(&w->stop)) {
		const struct alert_info *info;
		bool taken;
		pthread_mutex_lock(&w->lock);
		one = alerts_untold(&w->alerts, clock_now());
		if (one)
			copy = *one;
		pthread_mutex_unlock(&w->lock);
		if (!one)
			return;
		info = alert_info(copy.found.kind);
		taken = watch_post(w, watch_body(s, info->word, info->level, copy.found.subject,
		                          copy.found.text, copy.found.since));
		if (!taken && w->failures < WATCH_HOOK_TRIES)
			return;
		w->failures = 0;
		pthread_mutex_lock(&w->lock);
		for (size_t i = 0; i < w->alerts.n; i++)
			if (w->alerts.list[i].id == copy.id)
				w->alerts.list[i].told_at = clock_now();
		pthread_mutex_unlock(&w->lock);
	}
}

/* ---- jobs that ended ---- */

static void watch_ended(
    struct alert_watch *w, const struct snapshot *s, const struct snapshot_job *j)
{
	char text[200], name[32];

	snprintf(name, sizeof name, "J-%lld", (long long)j->no);
	snprintf(text, sizeof text, "%s %s is %s: %lld done, %lld missing, %lld failed%s%.100s",
	    name, j->word, j->status, (long long)j->done, (long long)j->missing,
	    (long long)j->failed, j->reason[0] ? "; " : "", j->reason);
	text_utf8_mend(text);
	pthread_mutex_lock(&w->lock);
	w->alerts.bell++;
	pthread_mutex_unlock(&w->lock);
	if (w->http)
		(void)watch_post(w, watch_body(s, "job_ended", "info", name, text, s->made_at));
}

/* One that a person cancelled is no news to anybody, one that failed is an alert. */
static void watch_jobs(struct alert_watch *w, const struct snapshot *s)
{
	int64_t newest = w->ended_ms;

	for (size_t i = s->n_jobs; i-- > 0;) { /* they come newest first */
		const struct snapshot_job *j = &s->jobs[i];
		if (j->completed_ms <= w->ended_ms || strcmp(j->status, "completed") != 0)
			continue;
		watch_ended(w, s, j);
		newest = j->completed_ms > newest ? j->completed_ms : newest;
	}
	w->ended_ms = newest;
}

/* ---- the disk ---- */

static void watch_size_note(struct watch_sizes *z, int64_t now, int64_t bytes)
{
	if (z->n && now - z->at[z->n - 1] < WATCH_SAMPLE_S)
		return;
	if (z->n == WATCH_SAMPLES) {
		memmove(z->at, z->at + 1, sizeof z->at - sizeof z->at[0]);
		memmove(z->bytes, z->bytes + 1, sizeof z->bytes - sizeof z->bytes[0]);
		z->n--;
	}
	z->at[z->n] = now;
	z->bytes[z->n++] = bytes;
}

static int64_t watch_growth(const struct watch_sizes *z, int64_t now, int64_t bytes)
{
	double grown;

	if (!z->n || now - z->at[0] < WATCH_GROWTH_S)
		return -1;
	grown = (double)(bytes - z->bytes[0]);
	return grown < 0 ? 0 : (int64_t)(grown * 86400 / (double)(now - z->at[0]));
}

/* ---- the thread ---- */

static void watch_round(struct alert_watch *w)
{
	const struct snapshot *s = engine_snapshot(w->engine);
	struct alert_found found[ALERTS_FOUND];
	size_t n;

	if (!s)
		return;
	pthread_mutex_lock(&w->lock);
	watch_size_note(&w->sizes, s->made_at, s->staging_bytes + s->wal_bytes);
	if (s->n_keys_usable)
		alert_pace_note(&w->pace, s->made_at, s->units_left,
		    s->cluster.on ? s->cluster.units_per_h : s->units_per_h, s->reset_at);
	alert_drift_note(&w->drift, s);
	n = alerts_find(s, &w->pace, &w->drift, found, ALERTS_FOUND);
	alerts_update(&w->alerts, found, n, s->made_at);
	pthread_mutex_unlock(&w->lock);
	watch_jobs(w, s);
	watch_tell(w, s);
	snapshot_unref(s);
}

static void *watch_main(void *arg)
{
	struct alert_watch *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!atomic_load(&w->stop)) {
		int64_t until = clock_mono_ms() + WATCH_MS;
		pthread_mutex_unlock(&w->lock);
		watch_round(w);
		pthread_mutex_lock(&w->lock);
		while (!atomic_load(&w->stop) && clock_mono_ms() < until)
			clock_cond_wait_until(&w->wake, &w->lock, until);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* An address that cannot be used is said once; alerts are shown all the same. */
static void watch_open_hook(struct alert_watch *w)
{
	struct http_config cfg = {
	    .stop = &w->stop, .connect_ms = WATCH_HOOK_MS, .total_ms = WATCH_HOOK_MS};
	struct errbuf eb = {0};
	enum err err;

	w->url = settings_secret(w->engine->parts.settings, SET_ALERT_WEBHOOK, 0);
	if (!w->url)
		return;
	err = http_check_address(secret_reveal(w->url), false, "ALERT_WEBHOOK", &cfg.plain, &eb);
	if (!err)
		err = http_new(&w->http, &cfg, &eb);
	if (err)
		log_at(w->engine->parts.log, LOG_ERROR, "alert", 0, "%s", err_text(&eb));
}

enum err alert_watch_start(struct alert_watch **out, struct engine *e, struct errbuf *eb)
{
	struct alert_watch *w = calloc(1, sizeof *w);

	*out = NULL;
	if (!w)
		return err_set(eb, ERR_NOMEM, "out of memory");
	w->engine = e;
	w->ended_ms = clock_now_ms();
	pthread_mutex_init(&w->lock, NULL);
	clock_cond_init(&w->wake);
	watch_open_hook(w);
	if (pthread_create(&w->thread, NULL, watch_main, w) != 0) {
		http_free(w->http);
		free(w);
		return err_set(eb, ERR_NOMEM, "cannot start the thread that looks for alerts");
	}
	*out = w;
	return ERR_OK;
}

void alert_watch_stop(struct alert_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	atomic_store(&w->stop, true);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	http_free(w->http);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	free(w);
}

void alert_watch_show(struct alert_watch *w, struct snapshot *s)
{
	pthread_mutex_lock(&w->lock);
	alerts_show(&w->alerts, s);
	s->facts.disk_growth = watch_growth(&w->sizes, s->made_at, s->staging_bytes + s->wal_bytes);
	if (w->pace.spent_at && s->made_at < w->pace.reset_at)
		s->facts.spent_at = w->pace.spent_at;
	pthread_mutex_unlock(&w->lock);
}

/* ---- the action and the resource ---- */

enum err command_alert(
    struct engine *e, const struct command *c, struct command_reply *r, struct errbuf *eb)
{
	enum err err = ERR_NOTFOUND;
	int64_t id;

	if (!c->target || str_to_i64(c->target, 1, INT64_MAX, &id))
		return err_set(eb, ERR_INVALID, "name an alert by its number");
	pthread_mutex_lock(&e->look);
	if (e->alerts) {
		pthread_mutex_lock(&e->alerts->lock);
		if (alerts_ack(&e->alerts->alerts, id))
			err = ERR_OK;
		pthread_mutex_unlock(&e->alerts->lock);
	}
	pthread_mutex_unlock(&e->look);
	if (err)
		return err_set(eb, err, "no alert %lld lasts", (long long)id);
	snprintf(r->text, sizeof r->text, "alert %lld is silent until it ends", (long long)id);
	return ERR_OK;
}

static json_t *alert_object(const struct snapshot_alert *a)
{
	return json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:I,s:I}", "id", (json_int_t)a->id,
	    "kind", a->kind, "level", a->level, "subject", a->subject, "text", a->text, "help",
	    a->help, "needs_person", a->person, "acked", a->acked, "since", (json_int_t)a->since,
	    "until", (json_int_t)a->until);
}

static json_t *alert_blocked(const struct snapshot_blocked *b)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:b}", "what", b->what, "state", b->state, "why",
	    b->why, "help", b->help, "until", (json_int_t)b->until, "needs_person", b->person);
}

char *engine_alerts_json(struct engine *e, struct errbuf *eb)
{
	const struct snapshot *s = engine_snapshot(e);
	json_t *alerts = json_array(), *blocked = json_array(), *j = NULL;

	for (size_t i = 0; s && i < s->n_alerts; i++)
		json_array_append_new(alerts, alert_object(&s->alerts[i]));
	for (size_t i = 0; s && i < s->n_blocked; i++)
		json_array_append_new(blocked, alert_blocked(&s->blocked[i]));
	if (s)
		j = json_pack("{s:O,s:O,s:I,s:I}", "alerts", alerts, "blocked", blocked,
		    "need_person", (json_int_t)s->alerts_person, "bell", (json_int_t)s->bell);
	json_decref(alerts);
	json_decref(blocked);
	snapshot_unref(s);
	return engine_json_text(j, eb);
}
