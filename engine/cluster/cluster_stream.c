/*
 * Pointers to chunks in a Redis Stream: who leads publishes chunks that are ready, whoever has room reads
 * one and claims that chunk. A pointer is nothing but a hint. It is struck out as soon as it was read and
 * tried; what gets lost on the way (a restart, FLUSHALL, a reader that dies) is published again after a
 * while, what comes twice is refused by the claim. Without Redis the same claims name no chunk.
 */
#include "config.h"
#include "db/redis.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/cluster/cluster_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	STREAM_ANSWER_MS = 2000,
	STREAM_IDLE_MS = 1000, /* after reading in vain; doubles up to the next */
	STREAM_IDLE_MOST_MS = 30000,
	STREAM_BATCH = 32,        /* pointers published at a time */
	STREAM_AGAIN_S = 60,      /* a ready chunk is published again after so long */
	STREAM_CLAIM_MS = 600000, /* pointers that a dead reader left behind */
	STREAM_TROUBLE_MS = 5000,
	STREAM_LOOK_MS = 60000 /* it is asked how it is when nothing else was asked for so long */
};

struct stream {
	struct redis *redis;
	char key[96], consumer[UUID_TEXT + 1];
	bool failed;              /* the last thing that was asked of it */
	bool has_group, has_read; /* what was left over from an earlier life was read */
	int64_t read_ms, idle_ms; /* clock_mono_ms of the next read */
	int64_t auto_ms;          /* of the next look for what dead readers left */
	int64_t publish_ms;
	int64_t look_ms; /* of the next look whether it is there */
};

enum err node_stream_open(struct cluster *c, struct errbuf *eb)
{
	struct redis_config cfg = {
	    .stop = &c->hurried, .log = c->log, .answer_ms = STREAM_ANSWER_MS};
	struct redis *redis = NULL;
	struct stream *s;
	enum err err;

	redis_config_read(&cfg, c->settings);
	err = redis_new(&redis, &cfg, eb);
	if (err == ERR_NOTFOUND)
		return ERR_OK;
	if (err)
		return err;
	s = calloc(1, sizeof *s);
	if (!s) {
		redis_free(redis);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	s->redis = redis;
	uuid_format(&c->self.node, s->consumer);
	c->redis = (struct cluster_redis){.configured = true, .ok = true};
	snprintf(c->redis.place, sizeof c->redis.place, "%.95s", redis_place(redis));
	c->stream = s;
	return ERR_OK;
}

void node_stream_close(struct cluster *c)
{
	if (c->stream)
		redis_free(c->stream->redis);
	free(c->stream);
	c->stream = NULL;
}

const char *node_stream_word(const struct cluster *c)
{
	return !c->stream ? "none" : c->stream->failed ? "away" : "ok";
}

void node_stream_name(struct cluster *c, const struct uuid *cluster)
{
	char text[UUID_TEXT + 1];

	if (c->stream)
		snprintf(c->stream->key, sizeof c->stream->key, "{tubeops:%s}:work",
		    uuid_format(cluster, text));
}

/* ---- is it there? ---- */

/* Redis is there to be asked, or not for a while. */
static bool stream_failed(struct cluster *c, const struct errbuf *eb)
{
	struct stream *s = c->stream;
	struct cluster_redis *r = &c->redis;
	int64_t wait = redis_wait_ms(s->redis);

	wait = wait > STREAM_TROUBLE_MS ? wait : STREAM_TROUBLE_MS;
	log_at(c->log, s->failed ? LOG_DEBUG : LOG_WARNING, "cluster", 0,
	    "chunks are claimed without Redis for a while: %s", err_text(eb));
	s->failed = true;
	s->has_group = false;
	s->look_ms = s->read_ms = s->publish_ms = clock_mono_ms() + wait;
	pthread_mutex_lock(&c->lock);
	r->ok = false;
	r->since = r->since ? r->since : clock_now();
	r->tries++;
	r->retry_at = clock_now() + wait / 1000;
	snprintf(r->trouble, sizeof r->trouble, "%.159s", err_text(eb));
	pthread_mutex_unlock(&c->lock);
	return false;
}

static void stream_answered(struct cluster *c)
{
	struct stream *s = c->stream;
	struct cluster_redis *r = &c->redis;

	if (s->failed)
		log_at(c->log, LOG_INFO, "cluster", 0, "Redis tells of chunks again");
	s->failed = false;
	s->look_ms = clock_mono_ms() + STREAM_LOOK_MS;
	pthread_mutex_lock(&c->lock);
	r->ok = true;
	r->since = r->tries = r->retry_at = 0;
	r->trouble[0] = '\0';
	r->last_ok = clock_now();
	pthread_mutex_unlock(&c->lock);
}

void cluster_redis(struct cluster *c, struct cluster_redis *out)
{
	*out = (struct cluster_redis){.configured = false};
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	*out = c->redis;
	pthread_mutex_unlock(&c->lock);
}

void cluster_redis_now(struct cluster *c)
{
	if (!c)
		return;
	atomic_store(&c->redis_now, true);
	shared_poke(c->shared);
}

/* Makes the group; everything that is ready is published anew when there was none. */
static bool stream_group(struct cluster *c)
{
	struct stream *s = c->stream;
	const struct redis_command make =
	    REDIS_COMMAND("XGROUP", "CREATE", s->key, "w", "0", "MKSTREAM");
	struct errbuf eb = {0};
	enum err err;

	if (s->has_group)
		return true;
	err = redis_ask(s->redis, &make, NULL, &eb);
	if (err && redis_fault(s->redis) != REDIS_GROUP_EXISTS)
		return stream_failed(c, &eb);
	stream_answered(c);
	if (!err && cluster_unpublished(c->pg, &eb)) { /* PostgreSQL: its next statement tells */
		s->read_ms = s->publish_ms = clock_mono_ms() + STREAM_TROUBLE_MS;
		return false;
	}
	s->has_group = true;
	s->has_read = false;
	return true;
}

void node_stream_look(struct cluster *c)
{
	const struct redis_command ping = REDIS_COMMAND("PING");
	struct stream *s = c->stream;
	struct errbuf eb = {0};

	if (!s)
		return;
	if (atomic_exchange(&c->redis_now, false)) {
		redis_hurry(s->redis);
		s->look_ms = s->read_ms = s->publish_ms = 0;
	}
	if (clock_mono_ms() < s->look_ms)
		return;
	if (s->failed)
		stream_group(c); /* what failed may be that, and not a PING */
	else if (redis_ask(s->redis, &ping, NULL, &eb))
		stream_failed(c, &eb);
	else
		stream_answered(c);
}

/* ---- publishing ---- */

static bool stream_add(struct cluster *c, const struct cluster_pointer *p, int n)
{
	struct stream *s = c->stream;
	struct redis_command commands[STREAM_BATCH];
	const char *words[STREAM_BATCH][9];
	char chunk[STREAM_BATCH][24], job[STREAM_BATCH][UUID_TEXT + 1];
	struct redis_call call = {.commands = commands, .n = (size_t)n};
	struct redis_answer *answer = NULL;
	struct errbuf eb = {0};

	for (int i = 0; i < n; i++) {
		snprintf(chunk[i], sizeof chunk[i], "%lld", (long long)p[i].chunk);
		uuid_format(&p[i].job, job[i]);
		words[i][0] = "XADD";
		words[i][1] = s->key;
		words[i][2] = "*";
		words[i][3] = "v";
		words[i][4] = "1";
		words[i][5] = "c";
		words[i][6] = chunk[i];
		words[i][7] = "j";
		words[i][8] = job[i];
		commands[i] = (struct redis_command){.words = words[i], .n = 9};
	}
	if (redis_call(s->redis, &call, &answer, &eb))
		return stream_failed(c, &eb);
	for (size_t i = 0; i < answer->n; i++)
		if (answer->replies[i].type == REDIS_ERROR) {
			redis_reply_fault(
			    s->redis, &answer->replies[i], &(enum redis_fault){0}, &eb);
			redis_answer_free(answer);
			return stream_failed(c, &eb);
		}
	redis_answer_free(answer);
	stream_answered(c);
	return true;
}

enum err node_publish(struct cluster *c, bool *did, struct errbuf *eb)
{
	struct cluster_pointer ready[STREAM_BATCH];
	struct stream *s = c->stream;
	int n = 0;
	enum err err;

	if (!s || !c->leads || clock_mono_ms() < s->publish_ms)
		return ERR_OK;
	err = cluster_unseen(c->pg, STREAM_AGAIN_S, c->lease_ms / 4, ready, STREAM_BATCH, &n, eb);
	if (err || !n || !stream_group(c) || !stream_add(c, ready, n)) {
		s->publish_ms = clock_mono_ms() + NODE_JOBS_MS;
		return err;
	}
	*did = n == STREAM_BATCH;
	return cluster_published(c->pg, ready, n, eb);
}

/* ---- reading ---- */

/* Of [name, value, …]: the value; NULL. */
static const char *stream_field(const struct redis_reply *fields, const char *name)
{
	for (size_t i = 0; i + 1 < fields->n; i += 2)
		if (redis_reply_is(redis_reply_item(fields, i), name))
			return redis_reply_text(redis_reply_item(fields, i + 1));
	return NULL;
}

/* An entry of a later version, or one without a body, names nothing that could be claimed. */
static void stream_pointer(const struct redis_reply *entry, struct cluster_pointer *out)
{
	const struct redis_reply *fields = redis_reply_item(entry, 1);
	const char *version = stream_field(fields, "v"), *chunk = stream_field(fields, "c");
	const char *job = stream_field(fields, "j");

	*out = (struct cluster_pointer){.chunk = 0};
	if (!version || strcmp(version, "1") != 0 || !chunk || !job ||
	    !uuid_parse(job, strlen(job), &out->job) ||
	    str_to_i64(chunk, 1, INT64_MAX, &out->chunk))
		out->chunk = 0;
}

/* Read and tried is done: the chunk's row knows the rest. Struck out first: an entry without a body that
 * was not acknowledged comes again, one that was acknowledged and not struck out would stay for good. */
static bool stream_strike(struct cluster *c, const char *id)
{
	struct stream *s = c->stream;
	const struct redis_command both[2] = {
	    REDIS_COMMAND("XDEL", s->key, id), REDIS_COMMAND("XACK", s->key, "w", id)};
	const struct redis_call call = {.commands = both, .n = 2};
	struct redis_answer *answer = NULL;
	struct errbuf eb = {0};

	if (redis_call(s->redis, &call, &answer, &eb))
		return stream_failed(c, &eb);
	redis_answer_free(answer);
	return true;
}

/* What a reader that is gone left behind comes back to this one. */
static struct redis_answer *stream_ask(struct cluster *c, struct errbuf *eb)
{
	struct stream *s = c->stream;
	const struct redis_command left =
	    REDIS_COMMAND("XAUTOCLAIM", s->key, "w", s->consumer, "600000", "0-0", "COUNT", "1");
	const struct redis_command fresh = REDIS_COMMAND("XREADGROUP", "GROUP", "w", s->consumer,
	    "COUNT", "1", "STREAMS", s->key, s->has_read ? ">" : "0");
	struct redis_answer *answer = NULL;
	bool look = c->leads && clock_mono_ms() >= s->auto_ms;

	if (look)
		s->auto_ms = clock_mono_ms() + STREAM_CLAIM_MS;
	return redis_ask(s->redis, look ? &left : &fresh, &answer, eb) ? NULL : answer;
}

/* The first entry of an answer of either command; a nil one. */
static const struct redis_reply *stream_entry(const struct redis_answer *a)
{
	const struct redis_reply *r = &a->replies[0];
	const struct redis_reply *first = redis_reply_item(r, 0);

	if (first->type == REDIS_ARRAY) /* XREADGROUP: [[key, [entry]]] */
		return redis_reply_item(redis_reply_item(first, 1), 0);
	return redis_reply_item(redis_reply_item(r, 1), 0); /* XAUTOCLAIM: [cursor, [entry], …] */
}

/* True: out names a chunk to try. */
static bool stream_read(struct cluster *c, struct cluster_pointer *out)
{
	struct stream *s = c->stream;
	struct errbuf eb = {0};
	struct redis_answer *answer = stream_ask(c, &eb);
	const struct redis_reply *entry;
	char id[64] = "";

	if (!answer && redis_fault(s->redis) == REDIS_NO_GROUP) {
		s->has_group = false; /* FLUSHALL: made anew at once */
		return false;
	}
	if (!answer)
		return stream_failed(c, &eb);
	stream_answered(c);
	entry = stream_entry(answer);
	if (redis_reply_text(redis_reply_item(entry, 0)))
		snprintf(id, sizeof id, "%s", redis_reply_text(redis_reply_item(entry, 0)));
	stream_pointer(entry, out);
	redis_answer_free(answer);
	if (!id[0])
		s->has_read = true;
	return id[0] && stream_strike(c, id) && out->chunk;
}

bool node_pointer(struct cluster *c, struct cluster_pointer *out)
{
	struct stream *s = c->stream;

	if (!s || clock_mono_ms() < s->read_ms || !stream_group(c))
		return false;
	if (stream_read(c, out)) {
		s->idle_ms = 0;
		return true;
	}
	s->idle_ms = s->idle_ms ? s->idle_ms * 2 : STREAM_IDLE_MS;
	if (s->idle_ms > STREAM_IDLE_MOST_MS)
		s->idle_ms = STREAM_IDLE_MOST_MS;
	if (clock_mono_ms() >= s->read_ms)
		s->read_ms = clock_mono_ms() + (s->has_group && s->has_read ? s->idle_ms : 0);
	return false;
}
