/* The original's endpoints that do something small at once: one live call,
 * a few channels fetched. */
#include "config.h"
#include "db/staging_dead.h"
#include "db/staging_feeds.h"
#include "db/staging_videos.h"
#include "engine/engine_report.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "engine/quota/day.h"
#include "engine/youtube/channels.h"
#include "engine/youtube/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_MOST = 3, SAMPLE_TICK_MS = 250, SAMPLE_CALL_MS = 15000, SAMPLE_WAIT_MS = 20000 };

static const char sample_no_key[] = "No active YouTube API keys found";

/* ---- one live call ---- */

/* A ticket for a call now; waits for the keys' pause between calls, not for quota. */
static enum err sample_ticket(struct engine *e, struct ledger_ticket *t, struct errbuf *eb)
{
	int64_t until_ms = 0, until = 0, end = clock_mono_ms() + SAMPLE_CALL_MS;
	enum err err;

	while ((err = ledger_take(e->parts.ledger, METHOD_CHANNELS_LIST, STAGE_NONE, t, &until_ms,
	            &until, eb)) == ERR_BUSY &&
	       clock_mono_ms() < end && !atomic_load(&e->drained))
		clock_sleep_ms(until_ms - clock_mono_ms() < SAMPLE_TICK_MS
		                   ? until_ms - clock_mono_ms()
		                   : SAMPLE_TICK_MS);
	return err == ERR_UNAVAIL ? err_set(eb, ERR_INVALID, "%s", sample_no_key) : err;
}

static json_t *sample_test_report(const struct channel_meta *m, const char *key)
{
	char id[CID_TEXT + 1], count[32];

	snprintf(count, sizeof count, "%lld", (long long)m->subscriber_count);
	return json_pack("{s:b,s:s,s:{s:s,s:s,s:o},s:s}", "success", 1, "message",
	    "YouTube API connection successful", "test_channel", "id", cid_format(&m->cid, id),
	    "title", m->title ? m->title : "", "subscriber_count",
	    m->subscriber_count == COUNT_NONE ? json_integer(0) : json_string(count),
	    "api_key_used", key);
}

static json_t *sample_test_read(
    const struct client_reply *reply, const char *key, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(0x100000, 32);
	struct arena *arena = arena_new(0);
	struct channel_meta *rows = NULL;
	json_t *j = NULL;
	int n = 0;

	if (!reader || !arena)
		err_set(eb, ERR_NOMEM, "out of memory");
	else if (channels_parse(reader, reply->body, reply->len, arena, &rows, &n, NULL, eb))
		err_set(eb, ERR_UNAVAIL, "the answer makes no sense");
	else if (!n)
		err_set(eb, ERR_INVALID, "No data returned from YouTube API");
	else
		j = sample_test_report(&rows[0], key);
	arena_free(arena);
	json_reader_free(reader);
	return j;
}

char *engine_youtube_test_json(struct engine *e, struct errbuf *eb)
{
	struct client_config cfg = {.watch = e->parts.watch,
	    .base = settings_text(e->parts.settings, SET_YOUTUBE_API_BASE, 0),
	    .total_ms = SAMPLE_CALL_MS};
	struct client *client = NULL;
	struct client_reply reply;
	struct ledger_ticket t;
	json_t *j = NULL;
	enum err err = client_new(&client, &cfg, eb);

	if (!err)
		err = sample_ticket(e, &t, eb);
	if (err) {
		client_free(client);
		return NULL;
	}
	err = client_call(client, METHOD_CHANNELS_LIST,
	    "part=snippet,statistics&id=UCBJycsmduvYEL83R_U4JriQ&maxResults=1&prettyPrint=false",
	    t.secret, &reply, eb);
	if (!err && reply.fault.fault == FAULT_NONE)
		j = sample_test_read(&reply, t.key_name, eb);
	else if (!err)
		err_set(eb, ERR_UNAVAIL, "key %s: %s: %s", t.key_name, reply.fault.reason,
		    reply.fault.message);
	ledger_settle(e->parts.ledger, &t, true, err ? NULL : &reply.fault, -1);
	client_free(client);
	if (!j && eb->code != ERR_INVALID)
		err_prefix(eb, "YouTube API test failed");
	return j ? engine_json_text(j, eb) : NULL;
}

/* ---- a few channels fetched ---- */

struct sample {
	const char *type; /* of the job that does it */
	enum feed_kind feed;
	enum op op;
	int most;
	const char *params; /* besides the ids; JSON members, or "" */
	const char *count;  /* name of the number in the answer */
	const char *did, *nothing, *failed;
	json_t *(*result)(struct engine *e, const struct channel_row *row);
};

static json_t *sample_metadata_row(struct engine *e, const struct channel_row *row)
{
	(void)e;
	return json_pack("{s:s,s:s?,s:o}", "status", "updated", "title",
	    row->has_meta ? row->meta.title : NULL, "subscriber_count",
	    row->has_meta && row->meta.subscriber_count != COUNT_NONE
	        ? json_integer(row->meta.subscriber_count)
	        : json_null());
}

/* Under the look lock, as every row's. */
static json_t *sample_videos_row(struct engine *e, const struct channel_row *row)
{
	int64_t n = 0;

	if (staging_videos_count(e->reader, &row->cid, &n, NULL))
		n = 0;
	return json_pack("{s:s,s:s?,s:I}", "status", "success", "title",
	    row->has_meta ? row->meta.title : NULL, "videos_added", (json_int_t)n);
}

static const struct sample samples[] = {
    [ENGINE_SAMPLE_METADATA] = {"metadata_fetch", FEED_METADATA, OP_METADATA, 3, "", "updated",
        "Updated metadata for", "All sample channels already have metadata",
        "Metadata fetch failed", sample_metadata_row},
    [ENGINE_SAMPLE_VIDEOS] = {"video_fetch", FEED_VIDEOS, OP_VIDEOS, 2,
        ",\"videos_per_channel\":10", "processed", "Processed videos for",
        "No channels ready for video fetching", "Video fetch failed", sample_videos_row},
};

static enum err sample_choose(
    struct engine *e, const struct sample *what, struct cid *ids, int *n, struct errbuf *eb)
{
	struct feed_ask ask = {.today = day_number(clock_now())};
	struct feed_place place = {0};
	const struct snapshot *s = engine_snapshot(e);
	bool active = false;
	enum err err;

	for (size_t i = 0; s && i < s->n_keys; i++)
		active = active || report_key_is_active(&s->keys[i]);
	snapshot_unref(s);
	if (!active)
		return err_set(eb, ERR_INVALID, "%s", sample_no_key);
	pthread_mutex_lock(&e->look);
	err = staging_feed_page(e->reader, what->feed, &ask, &place, ids, what->most, n, eb);
	pthread_mutex_unlock(&e->look);
	return err;
}

static enum err sample_start(struct engine *e, const struct sample *what, const struct cid *ids,
    int n, struct command_reply *r, struct errbuf *eb)
{
	struct command c = {.action = ACTION_JOB_START, .job_type = what->type, .by = "rest"};
	char id[CID_TEXT + 1];
	struct str params;
	enum err err;

	str_init(&params, 1024);
	str_adds(&params, "{\"channel_ids\":[");
	for (int i = 0; i < n; i++)
		str_addf(&params, "%s\"%s\"", i ? "," : "", cid_format(&ids[i], id));
	str_addf(&params, "]%s}", what->params);
	c.params_json = str_get(&params);
	err = engine_command(e, &c, r, eb);
	str_done(&params);
	return err;
}

/* ERR_BUSY: it goes on. Whoever waits for quota or for another job is told why at once. */
static enum err sample_look(const struct dispatcher_job *job, struct errbuf *eb)
{
	const struct job_row *row = &job->row;

	switch (row->status) {
	case JOB_COMPLETED:
		return ERR_OK;
	case JOB_PENDING:
		if (!row->reason[0])
			return ERR_BUSY;
		return err_set(eb, ERR_UNAVAIL,
		    "it would have to wait (%s), and that job fetches the same", row->reason);
	case JOB_RUNNING:
		return ERR_BUSY;
	case JOB_WAITING:
		return err_set(eb, row->until ? ERR_QUOTA : ERR_UNAVAIL, "%s", row->reason);
	default:
		return err_set(eb, ERR_UNAVAIL, "%s",
		    row->reason[0] ? row->reason : job_status_word(row->status));
	}
}

static enum err sample_wait(struct engine *e, int64_t no, struct errbuf *eb)
{
	int64_t end = clock_mono_ms() + SAMPLE_WAIT_MS;
	struct dispatcher_job job;
	struct str said;
	uint64_t seen = 0;
	enum err err = ERR_BUSY;

	while (err == ERR_BUSY && clock_mono_ms() < end && !atomic_load(&e->drained)) {
		dispatcher_wait_change(e->parts.dispatcher, &seen, SAMPLE_TICK_MS);
		err = dispatcher_job_get(e->parts.dispatcher, no, &job)
		          ? sample_look(&job, eb)
		          : err_set(eb, ERR_NOTFOUND, "J-%lld is gone", (long long)no);
	}
	if (!err)
		return ERR_OK;
	if (err == ERR_BUSY)
		err = err_set(eb, ERR_TIMEOUT, "no answer in %d s", SAMPLE_WAIT_MS / 1000);
	str_init(&said, 256);
	if (dispatcher_job_act(
	        e->parts.dispatcher, no, ACTION_JOB_CANCEL, "rest", &said, &(struct errbuf){0}))
		log_at(e->parts.log, LOG_DEBUG, "rest", no, "ended by itself");
	str_done(&said);
	return err;
}

struct sample_rows {
	struct engine *engine;
	const struct sample *what;
	json_t *results;
	int done;
};

static enum err sample_letter(void *arg, const struct dead_letter *d, struct errbuf *eb)
{
	(void)eb;
	json_object_set_new(arg, "error", json_string(d->message ? d->message : d->reason));
	return ERR_CANCELLED;
}

static enum err sample_row(void *arg, const struct channel_row *row, struct errbuf *eb)
{
	struct sample_rows *r = arg;
	const struct dead_filter which = {.op = r->what->op, .cid = &row->cid};
	enum item_state state = row->state[r->what->op];
	char id[CID_TEXT + 1];
	json_t *j = NULL;
	enum err err = ERR_OK;

	if (state == ITEM_DONE)
		j = r->what->result(r->engine, row);
	else if (state == ITEM_FAILED)
		j = json_pack("{s:s}", "status", "error");
	else if (state != ITEM_PENDING && r->what->op == OP_METADATA)
		j = json_pack("{s:s}", "status", "not_found");
	if (state == ITEM_FAILED)
		err = staging_dead_letters_each(r->engine->reader, &which, 1, sample_letter, j, eb);
	r->done += state == ITEM_DONE;
	if (!j)
		return err;
	json_object_set_new(j, "channel_id", json_string(cid_format(&row->cid, id)));
	json_array_append_new(r->results, j);
	return err;
}

/* The key that was used last, which is the one of the job that just ended. */
static void sample_key(struct engine *e, json_t *j)
{
	struct ledger_key none;
	size_t room = ledger_keys(e->parts.ledger, &none, 0);
	struct ledger_key *keys = calloc(room + 1, sizeof *keys);
	const struct ledger_key *last = NULL;

	room = keys && ledger_keys(e->parts.ledger, keys, room) >= room ? room : 0;
	for (size_t i = 0; i < room; i++)
		if (!last || keys[i].last_used > last->last_used)
			last = &keys[i];
	json_object_set_new(j, "api_key_used", last ? json_string(last->name) : json_null());
	json_object_set_new(j, "quota_used", json_integer(last ? last->used[BUCKET_UNITS] : 0));
	free(keys);
}

static json_t *sample_report(
    struct engine *e, const struct sample *what, const struct cid *ids, int n, struct errbuf *eb)
{
	struct sample_rows rows = {e, what, json_array(), 0};
	json_t *j = json_object();
	char message[80];
	enum err err = ERR_OK;

	pthread_mutex_lock(&e->look);
	for (int i = 0; i < n && !err; i++)
		err = staging_channel_get(e->reader, &ids[i], sample_row, &rows, eb);
	pthread_mutex_unlock(&e->look);
	snprintf(message, sizeof message, "%s %d channels", what->did, rows.done);
	json_object_set_new(j, "message", json_string(message));
	json_object_set_new(j, what->count, json_integer(rows.done));
	json_object_set_new(j, "results", rows.results);
	sample_key(e, j);
	if (!err)
		return j;
	json_decref(j);
	return NULL;
}

char *engine_sample_json(struct engine *e, enum engine_sample which, struct errbuf *eb)
{
	const struct sample *what = &samples[which];
	struct command_reply r = {.err = ERR_OK};
	struct cid ids[SAMPLE_MOST];
	json_t *j = NULL;
	int n = 0;
	enum err err = sample_choose(e, what, ids, &n, eb);

	if (err)
		return NULL;
	if (!n)
		return engine_json_text(
		    json_pack("{s:s,s:i}", "message", what->nothing, what->count, 0), eb);
	err = sample_start(e, what, ids, n, &r, eb);
	if (!err)
		err = sample_wait(e, r.job, eb);
	if (!err)
		j = sample_report(e, what, ids, n, eb);
	if (j)
		return engine_json_text(j, eb);
	err_prefix(eb, "%s", what->failed);
	return NULL;
}
