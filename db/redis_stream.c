/* Redis' own protocol over a wire: TCP and TLS. hiredis forms commands and reads replies. */
#include "config.h"
#include "db/redis_parts.h"
#include "db/redis_wire.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_READ = 16 * 1024, STREAM_SEND_MOST = 64 * 1024 * 1024, STREAM_LOGIN_MOST = 4 };

struct redis_link {
	struct redis_wire *wire;
	struct redis_resp *resp;
	struct str out;
	char in[STREAM_READ];
};

/* ---- one exchange ---- */

static enum err stream_form(struct redis_link *l, const struct redis_command *c, struct errbuf *eb)
{
	const char **words = malloc(c->n * sizeof *words);
	char *text = NULL;
	long long n = -1; /* int in older versions of the library */

	if (words) {
		memcpy(words, c->words, c->n * sizeof *words);
		n = redisFormatCommandArgv(&text, (int)c->n, words, c->lens);
	}
	if (n >= 0) {
		str_add(&l->out, text, (size_t)n);
		explicit_bzero(text, (size_t)n);
		redisFreeCommand(text);
	}
	free(words);
	if (n < 0 || l->out.err == ERR_NOMEM)
		return err_set(eb, ERR_NOMEM, "out of memory");
	return l->out.err ? err_set(eb, l->out.err, "the commands are larger than is allowed")
	                  : ERR_OK;
}

static enum err stream_fail(struct redis *r, const struct errbuf *why, struct errbuf *eb)
{
	r->fault = REDIS_LOST;
	return err_set(eb, why->code, "Redis at %s: %s", r->target.place, err_text(why));
}

/* Sends what was formed and reads meanwhile, so that neither side waits for the other for ever. */
static enum err stream_exchange(struct redis_link *l, struct redis_answer *a, size_t limit,
    int64_t deadline_ms, struct errbuf *eb)
{
	size_t sent = 0;
	bool done = false;
	enum err err = ERR_OK;

	redis_resp_expect(l->resp, a, limit);
	while (!err && !done) {
		ssize_t out = 0, in;

		if (sent < l->out.len) {
			out = redis_wire_write(l->wire, l->out.text + sent, l->out.len - sent, eb);
			sent += out > 0 ? (size_t)out : 0;
		}
		/* a server that refuses says why before it hangs up: read even when writing failed */
		in = redis_wire_read(l->wire, l->in, sizeof l->in, eb);
		if (in > 0)
			err = redis_resp_feed(l->resp, l->in, (size_t)in, &done, eb);
		else if (in < 0 || out < 0)
			err = eb->code;
		else if (!out)
			err = redis_wire_wait(l->wire, deadline_ms, eb);
		if (!err && !done && clock_mono_ms() > deadline_ms)
			err =
			    err_set(eb, ERR_TIMEOUT, "the answer did not come to its end in time");
	}
	if (!err && sent < l->out.len)
		err = err_set(eb, ERR_CORRUPT, "answers came before the commands were sent");
	return err;
}

/* ---- logging in ---- */

struct login {
	struct redis_command commands[STREAM_LOGIN_MOST];
	const char *words[STREAM_LOGIN_MOST][3];
	size_t n;
	size_t ping; /* which one it is */
	char number[24];
};

static void login_add(struct login *in, const char *a, const char *b, const char *c)
{
	const char **w = in->words[in->n];

	w[0] = a;
	w[1] = b;
	w[2] = c;
	in->commands[in->n++] =
	    (struct redis_command){.words = w, .n = (size_t)(1 + (b != NULL) + (c != NULL))};
}

static void login_form(struct login *in, const struct redis_target *t)
{
	const char *password = t->secret ? secret_reveal(t->secret) : NULL;

	if (password)
		login_add(in, "AUTH", t->user ? t->user : password, t->user ? password : NULL);
	login_add(in, "CLIENT", "SETNAME", "tubeops");
	if (t->number) {
		snprintf(in->number, sizeof in->number, "%lld", (long long)t->number);
		login_add(in, "SELECT", in->number, NULL);
	}
	in->ping = in->n;
	login_add(in, "PING", NULL, NULL);
}

/* A server need not know CLIENT, and a user need not have the right to PING: the rest must do. */
static enum err login_judge(
    struct redis *r, const struct login *in, const struct redis_answer *a, struct errbuf *eb)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct redis_reply *reply = &a->replies[i];
		bool named = strcmp(in->words[i][0], "CLIENT") == 0;

		if (i == in->ping && reply->type == REDIS_ERROR && reply->n >= 6 &&
		    memcmp(reply->text, "NOPERM", 6) == 0)
			continue;
		if (!named && reply->type == REDIS_ERROR)
			return redis_refused(r, reply->text, reply->n, eb);
	}
	return ERR_OK;
}

static enum err stream_login(
    struct redis *r, struct redis_link *l, int64_t deadline_ms, struct errbuf *eb)
{
	struct errbuf why = {0};
	struct login in = {.n = 0};
	struct redis_answer *a;
	enum err err = ERR_OK;

	login_form(&in, &r->target);
	a = redis_answer_new(in.n, STREAM_READ);
	if (!a)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < in.n && !err; i++)
		err = stream_form(l, &in.commands[i], &why);
	if (!err)
		err = stream_exchange(l, a, STREAM_READ, deadline_ms, &why);
	if (l->out.text) /* the password was in it */
		explicit_bzero(l->out.text, l->out.cap);
	if (err == ERR_CORRUPT || (err == ERR_UNAVAIL && r->target.kind == REDIS_TCP)) {
		const struct errbuf told = why;
		err_set(&why, err,
		    "%s; check that this is the port of a Redis, and whether it wants TLS "
		    "(rediss://)",
		    told.text);
	}
	err = err ? stream_fail(r, &why, eb) : login_judge(r, &in, a, eb);
	redis_answer_free(a);
	return err;
}

/* ---- the transport ---- */

static void stream_close(struct redis_link *l)
{
	redis_wire_close(l->wire);
	redis_resp_free(l->resp);
	str_done(&l->out);
	free(l);
}

static enum err stream_open(
    struct redis *r, struct redis_link **out, int64_t deadline_ms, struct errbuf *eb)
{
	struct redis_wire_config cfg = {.host = r->target.host,
	    .port = r->target.port,
	    .tls = r->target.kind == REDIS_TLS,
	    .ca_file = r->ca_file,
	    .stop = r->stop};
	struct redis_link *l = calloc(1, sizeof *l);
	struct errbuf why = {0};
	enum err err;

	*out = NULL;
	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	str_init(&l->out, STREAM_SEND_MOST);
	l->resp = redis_resp_new();
	if (!l->resp)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else if (redis_wire_open(&l->wire, &cfg, deadline_ms, &why))
		err = stream_fail(r, &why, eb);
	else
		err = stream_login(r, l, deadline_ms, eb);
	if (err)
		stream_close(l);
	else
		*out = l;
	return err;
}

/* Of a transaction: the one real answer is EXEC's, the errors before it say why it was refused. */
static enum err stream_unwrap(
    struct redis *r, const struct redis_answer *all, struct redis_answer *a, struct errbuf *eb)
{
	const struct redis_reply *exec = &all->replies[all->n - 1];

	for (size_t i = 0; i < all->n && exec->type != REDIS_ARRAY; i++)
		if (all->replies[i].type == REDIS_ERROR)
			return redis_refused(r, all->replies[i].text, all->replies[i].n, eb);
	if (exec->type != REDIS_ARRAY || exec->n != a->n) {
		const struct errbuf why = {ERR_CORRUPT, "the transaction's answer makes no sense"};
		return stream_fail(r, &why, eb);
	}
	memcpy(a->replies, exec->items, a->n * sizeof *a->replies);
	return ERR_OK;
}

static enum err stream_form_all(
    struct redis_link *l, const struct redis_call *call, struct errbuf *eb)
{
	enum err err = ERR_OK;

	str_reset(&l->out);
	if (call->all_or_none)
		err = stream_form(l, &REDIS_COMMAND("MULTI"), eb);
	for (size_t i = 0; i < call->n && !err; i++)
		err = stream_form(l, &call->commands[i], eb);
	if (!err && call->all_or_none)
		err = stream_form(l, &REDIS_COMMAND("EXEC"), eb);
	return err;
}

static enum err stream_call(struct redis *r, struct redis_link *l, const struct redis_call *call,
    struct redis_answer *a, int64_t deadline_ms, struct errbuf *eb)
{
	struct errbuf why = {0};
	struct redis_answer all = *a;
	enum err err;

	if (call->all_or_none) {
		/* the transaction's own replies, in the same arena */
		all.n = a->n + 2;
		all.replies = redis_answer_room(a, all.n);
		if (!all.replies)
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	err = stream_form_all(l, call, eb);
	if (err) {
		r->fault = REDIS_REFUSED; /* nothing was sent */
		return err_prefix(eb, "Redis at %s", r->target.place);
	}
	err = stream_exchange(l, &all, r->answer_limit, deadline_ms, &why);
	if (err)
		return stream_fail(r, &why, eb);
	return call->all_or_none ? stream_unwrap(r, &all, a, eb) : ERR_OK;
}

/* A server hangs up on those who are idle; whatever else came unasked makes the wire useless as well. */
static bool stream_is_stale(struct redis_link *l)
{
	char byte;

	return redis_wire_read(l->wire, &byte, 1, NULL) != 0;
}

const struct redis_transport redis_transport_stream = {.open = stream_open,
    .call = stream_call,
    .is_stale = stream_is_stale,
    .close = stream_close,
    .can_block = true};
