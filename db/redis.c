#include "config.h"
#include "db/redis_parts.h"
#include "engine/base/backoff.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	REDIS_CONNECT_MS = 5000,
	REDIS_ANSWER_MS = 5000,
	REDIS_BACKOFF_MS = 200, /* cap of the first wait after an error, and of all */
	REDIS_BACKOFF_MOST_MS = 30000,
	REDIS_PAUSE_MOST_MS = 300000, /* a server's own wish */
	REDIS_COMMANDS_MOST = 10000,
	REDIS_WORDS = 4096 /* of an error text that a server sends */
};

/* ---- errors ---- */

/* The words without the secret, which a hostile server could send back, and fit for a line. */
static void redis_words(const struct redis *r, const char *text, size_t len, struct str *out)
{
	struct str plain, masked;

	str_init(&plain, (size_t)2 * REDIS_WORDS);
	str_init(&masked, (size_t)4 * REDIS_WORDS);
	len = len < REDIS_WORDS ? len : REDIS_WORDS;
	for (size_t i = 0; i < len; i++) /* one line */
		if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0')
			len = i;
	while (len && text[len - 1] == '.')
		len--;
	text_hide(text, len, r->target.secret ? secret_reveal(r->target.secret) : NULL, &plain);
	text_mask_secrets(str_get(&plain), plain.len, &masked);
	text_clean(str_get(&masked), masked.len, out);
	str_done(&plain);
	str_done(&masked);
}

static enum err redis_explain(
    const struct redis *r, const char *text, size_t len, enum redis_fault *fault, struct errbuf *eb)
{
	const struct redis_state *s = redis_state_find(text, len);
	struct str words;

	str_init(&words, (size_t)12 * REDIS_WORDS);
	redis_words(r, text, len, &words);
	err_set(eb, s->err, "Redis at %s: %.200s%s%s", r->target.place, str_get(&words),
	    s->advice ? "; " : "", s->advice ? s->advice : "");
	str_done(&words);
	if (fault)
		*fault = s->fault;
	return s->err;
}

enum err redis_refused(struct redis *r, const char *text, size_t len, struct errbuf *eb)
{
	return redis_explain(r, text, len, &r->fault, eb);
}

enum err redis_reply_fault(const struct redis *r, const struct redis_reply *reply,
    enum redis_fault *fault, struct errbuf *eb)
{
	if (reply->type == REDIS_ERROR)
		return redis_explain(r, reply->text, reply->n, fault, eb);
	if (fault)
		*fault = REDIS_FINE;
	return ERR_OK;
}

/* ---- connecting ---- */

void redis_disconnect(struct redis *r)
{
	if (r->link)
		r->transport->close(r->link);
	r->link = NULL;
}

/* After an error: what is gone is let go of, and the next try waits. */
static enum err redis_failed(struct redis *r, enum err err, struct errbuf *eb)
{
	int64_t wait;

	if (r->fault == REDIS_FINE) /* memory ran out, most likely; nothing is known of the wire */
		r->fault = REDIS_LOST;
	if (r->fault == REDIS_LOST)
		redis_disconnect(r);
	if (r->fault != REDIS_LOST && r->fault != REDIS_AGAIN && r->link)
		return err; /* the server answers */
	if (err == ERR_CANCELLED)
		return err;
	wait = backoff_ms(r->failures, REDIS_BACKOFF_MS, REDIS_BACKOFF_MOST_MS);
	if (r->pause_ms > wait)
		wait = r->pause_ms < REDIS_PAUSE_MOST_MS ? r->pause_ms : REDIS_PAUSE_MOST_MS;
	r->failures++;
	err_set(&r->trouble, err, "%s", err_text(eb));
	r->again_at = clock_mono_ms() + wait;
	log_at(r->log, r->failures == 1 ? LOG_WARNING : LOG_DEBUG, "redis", 0,
	    "%s; next try in %" PRId64 " ms", err_text(eb), wait);
	return err;
}

static enum err redis_connect(struct redis *r, struct errbuf *eb)
{
	enum err err;

	if (r->link && r->transport->is_stale(r->link))
		redis_disconnect(r);
	if (r->link)
		return ERR_OK;
	err = r->transport->open(r, &r->link, clock_mono_ms() + r->connect_ms, eb);
	if (!err && r->failures)
		log_at(r->log, LOG_INFO, "redis", 0, "Redis at %s answers again", r->target.place);
	return err;
}

int64_t redis_wait_ms(const struct redis *r)
{
	int64_t left = r->again_at - clock_mono_ms();

	return r->failures && left > 0 ? left : 0;
}

void redis_hurry(struct redis *r)
{
	r->again_at = 0;
}

/* ---- calls ---- */

static enum err redis_check_call(struct redis *r, const struct redis_call *call, struct errbuf *eb)
{
	int64_t wait = redis_wait_ms(r);
	bool empty = !call->n || call->n > REDIS_COMMANDS_MOST;

	for (size_t i = 0; i < call->n && !empty; i++)
		empty = !call->commands[i].n || call->commands[i].n > INT32_MAX;
	if (empty) {
		r->fault = REDIS_REFUSED;
		return err_set(eb, ERR_INVALID, "a call to Redis has 1 to %d commands with words",
		    REDIS_COMMANDS_MOST);
	}
	r->fault = REDIS_LOST;
	if (r->stop && atomic_load_explicit(r->stop, memory_order_relaxed))
		return err_set(eb, ERR_CANCELLED, "stopped");
	if (wait)
		return err_set(eb, ERR_UNAVAIL,
		    "%.430s (a moment ago; the next try is in %" PRId64 " ms)",
		    err_text(&r->trouble), wait);
	r->fault = REDIS_FINE;
	return ERR_OK;
}

/* A replica now: the name may lead to the new primary already. */
static bool redis_is_demoted(const struct redis_answer *a)
{
	static const char word[] = "READONLY";

	for (size_t i = 0; i < a->n; i++)
		if (a->replies[i].type == REDIS_ERROR &&
		    strncmp(a->replies[i].text, word, sizeof word - 1) == 0)
			return true;
	return false;
}

enum err redis_call(
    struct redis *r, const struct redis_call *call, struct redis_answer **out, struct errbuf *eb)
{
	int64_t answer_ms = call->answer_ms > 0 ? call->answer_ms : r->answer_ms;
	struct redis_answer *a = NULL;
	struct errbuf own = {0};
	enum err err;

	*out = NULL;
	eb = eb ? eb : &own;
	err = redis_check_call(r, call, eb);
	if (err)
		return err;
	r->pause_ms = 0;
	err = redis_connect(r, eb);
	if (!err) {
		a = redis_answer_new(call->n, r->answer_limit);
		err = a ? r->transport->call(r, r->link, call, a, clock_mono_ms() + answer_ms, eb)
		        : err_set(eb, ERR_NOMEM, "out of memory");
	}
	if (err) {
		redis_answer_free(a);
		return redis_failed(r, err, eb);
	}
	r->failures = 0;
	if (redis_is_demoted(a))
		redis_disconnect(r);
	*out = a;
	return ERR_OK;
}

enum err redis_ask(struct redis *r, const struct redis_command *command, struct redis_answer **out,
    struct errbuf *eb)
{
	const struct redis_call call = {.commands = command, .n = 1};
	struct redis_answer *a;
	enum err err = redis_call(r, &call, &a, eb);

	if (out)
		*out = NULL;
	if (!err)
		err = redis_reply_fault(r, &a->replies[0], &r->fault, eb);
	if (!err && out)
		*out = a;
	else
		redis_answer_free(a);
	return err;
}

enum redis_fault redis_fault(const struct redis *r)
{
	return r->fault;
}

/* ---- life ---- */

void redis_config_read(struct redis_config *cfg, const struct settings *s)
{
	const char *ca = settings_text(s, SET_REDIS_CA, 0);

	cfg->names = (struct redis_names){.url = settings_secret(s, SET_REDIS_URL, 0),
	    .upstash = settings_secret(s, SET_UPSTASH_REDIS_URL, 0),
	    .token = settings_secret(s, SET_UPSTASH_REDIS_REST_TOKEN, 0)};
	cfg->ca_file = *ca ? ca : NULL;
}

enum err redis_new(struct redis **out, const struct redis_config *cfg, struct errbuf *eb)
{
	struct redis *r = calloc(1, sizeof *r);
	enum err err;

	*out = NULL;
	if (!r)
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = redis_target_find(&r->target, &cfg->names, eb);
	r->ca_file = cfg->ca_file ? str_dup(cfg->ca_file) : NULL;
	if (!err && cfg->ca_file && !r->ca_file)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (err) {
		redis_free(r);
		return err;
	}
	r->transport =
	    r->target.kind == REDIS_REST ? &redis_transport_rest : &redis_transport_stream;
	r->stop = cfg->stop;
	r->log = cfg->log;
	r->connect_ms = cfg->connect_ms > 0 ? cfg->connect_ms : REDIS_CONNECT_MS;
	r->answer_ms = cfg->answer_ms > 0 ? cfg->answer_ms : REDIS_ANSWER_MS;
	r->answer_limit = cfg->answer_limit ? cfg->answer_limit : REDIS_ANSWER_LIMIT;
	*out = r;
	return ERR_OK;
}

void redis_free(struct redis *r)
{
	if (!r)
		return;
	redis_disconnect(r);
	redis_target_done(&r->target);
	free(r->ca_file);
	free(r);
}

const char *redis_place(const struct redis *r)
{
	return r->target.place;
}

const struct redis_target *redis_target(const struct redis *r)
{
	return &r->target;
}

bool redis_can_block(const struct redis *r)
{
	return r->transport->can_block;
}
