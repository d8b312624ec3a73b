/* Upstash's REST interface: JSON over HTTP (docs: Redis, Features, REST API; Troubleshooting). */
#include "config.h"
#include "db/redis_parts.h"
#include "engine/base/clock.h"
#include "engine/base/http.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

/* REST_SEND_MOST: what the free and pay-as-you-go plans take in one request. */
enum { REST_SEND_MOST = 10 * 1024 * 1024, REST_URL = 8192, REST_JSON_DEPTH = REDIS_DEPTH + 4 };

struct redis_link {
	struct http *http;
	struct json_reader *json;
	enum redis_encoding encoding;
	struct str out, url;
};

static void rest_close(struct redis_link *l)
{
	http_free(l->http);
	json_reader_free(l->json);
	str_done(&l->out);
	str_done(&l->url);
	free(l);
}

/* ---- what an HTTP answer means ---- */

static enum err rest_fail(struct redis *r, enum redis_fault fault, enum err err,
    const struct http_reply *reply, const char *advice, struct errbuf *eb)
{
	r->fault = fault;
	if (reply->status)
		return err_set(eb, err, "Redis at %s: HTTP %d%s%s%s", r->target.place,
		    reply->status, reply->message[0] ? ", " : "", reply->message, advice);
	return err_set(eb, err, "Redis at %s: %s%s", r->target.place, reply->message, advice);
}

static const struct rest_status {
	int status;
	enum redis_fault fault;
	enum err err;
	const char *advice;
} rest_statuses[] = {
    {401, REDIS_HALT, ERR_DENIED, ": check UPSTASH_REDIS_REST_TOKEN"},
    {403, REDIS_HALT, ERR_DENIED,
        ": check UPSTASH_REDIS_REST_TOKEN and the list of allowed addresses"},
    {404, REDIS_HALT, ERR_INVALID, ": check UPSTASH_REDIS_URL, this is no REST address of Upstash"},
    {405, REDIS_HALT, ERR_INVALID, ": check UPSTASH_REDIS_URL, this is no REST address of Upstash"},
    {413, REDIS_REFUSED, ERR_LIMIT, ": the request is larger than the plan allows"},
    {429, REDIS_AGAIN, ERR_UNAVAIL, ": too many requests at once"},
};

/* For answers that are no JSON of Upstash, and for those without an answer. */
static enum err rest_judge(struct redis *r, const struct http_reply *reply, struct errbuf *eb)
{
	const size_t n = sizeof rest_statuses / sizeof rest_statuses[0];

	if (reply->retry_after_s > 0)
		r->pause_ms = reply->retry_after_s * 1000;
	if (!reply->status || reply->message[0]) {
		if (strcmp(reply->reason, "certificate") == 0)
			return rest_fail(r, REDIS_HALT, ERR_DENIED, reply,
			    "; a CA of your own is named by REDIS_CA", eb);
		if (strcmp(reply->reason, "tooLarge") == 0)
			return rest_fail(r, REDIS_REFUSED, ERR_LIMIT, reply, "", eb);
		return rest_fail(r, REDIS_LOST,
		    strcmp(reply->reason, "timeout") == 0 ? ERR_TIMEOUT : ERR_UNAVAIL, reply, "",
		    eb);
	}
	for (size_t i = 0; i < n; i++)
		if (rest_statuses[i].status == reply->status)
			return rest_fail(r, rest_statuses[i].fault, rest_statuses[i].err, reply,
			    rest_statuses[i].advice, eb);
	if (reply->status >= 500)
		return rest_fail(r, REDIS_AGAIN, ERR_UNAVAIL, reply, "", eb);
	return rest_fail(r, REDIS_HALT, ERR_CORRUPT, reply,
	    ": not an answer of Upstash; check UPSTASH_REDIS_URL", eb);
}

/* Statuses of which the body tells more: what Upstash says itself. */
static bool rest_has_body(const struct http_reply *reply)
{
	return !reply->message[0] && (reply->status == 200 || reply->status >= 400);
}

static enum err rest_read(struct redis *r, struct redis_link *l, const struct http_reply *reply,
    bool several, struct redis_answer *a, struct errbuf *eb)
{
	const struct redis_reply *whole = NULL;
	struct errbuf why = {0};
	enum err err = rest_has_body(reply) ? redis_json_read(l->json, reply->body, reply->len,
	                                          l->encoding, several, a, &whole, &why)
	                                    : ERR_CORRUPT;

	if (err && reply->status == 200 && rest_has_body(reply)) {
		r->fault = err == ERR_LIMIT ? REDIS_REFUSED : REDIS_HALT;
		return err_set(eb, err, "Redis at %s: %s", r->target.place, err_text(&why));
	}
	if (err)
		return rest_judge(r, reply, eb);
	if (!several && a->replies[0].type == REDIS_ERROR && reply->status != 200 &&
	    reply->status != 400)
		whole = &a->replies[0]; /* not of the command: of the token, of a limit */
	if (!whole)
		return reply->status == 200 || reply->status == 400 ? ERR_OK
		                                                    : rest_judge(r, reply, eb);
	err = redis_refused(r, whole->text, whole->n, eb);
	if (r->fault == REDIS_REFUSED && reply->status != 200 && reply->status != 400)
		return rest_judge(r, reply, eb); /* the status says more than its words */
	return err;
}

/* ---- calls ---- */

static enum err rest_form(
    struct redis_link *l, const struct redis_call *call, bool several, struct errbuf *eb)
{
	enum err err = ERR_OK;

	str_reset(&l->out);
	if (several)
		str_addc(&l->out, '[');
	for (size_t i = 0; i < call->n && !err; i++) {
		if (i)
			str_addc(&l->out, ',');
		err = redis_json_words(&l->out, call->commands[i].words, call->commands[i].lens,
		    call->commands[i].n, eb);
	}
	if (several)
		str_addc(&l->out, ']');
	return err          ? err
	       : l->out.err ? err_set(eb, l->out.err, "the commands are larger than Upstash takes")
	                    : ERR_OK;
}

static enum err rest_call(struct redis *r, struct redis_link *l, const struct redis_call *call,
    struct redis_answer *a, int64_t deadline_ms, struct errbuf *eb)
{
	const struct http_header lines[] = {{"Authorization", "Bearer ", r->target.secret},
	    {"Content-Type", "application/json", NULL}, {"Accept", "application/json", NULL},
	    {"Upstash-Encoding", "base64", NULL}, {"Expect", "", NULL}};
	bool several = call->all_or_none || call->n > 1;
	int64_t left = deadline_ms - clock_mono_ms();
	struct http_request request = {
	    .headers = lines, .n = sizeof lines / sizeof lines[0], .total_ms = left > 0 ? left : 1};
	struct http_reply reply;
	enum err err = rest_form(l, call, several, eb);

	if (err) {
		r->fault = REDIS_REFUSED; /* nothing was sent */
		return err_prefix(eb, "Redis at %s", r->target.place);
	}
	str_reset(&l->url);
	str_adds(&l->url, r->target.base);
	str_adds(&l->url, call->all_or_none ? "/multi-exec" : several ? "/pipeline" : "/");
	request.url = str_get(&l->url);
	request.body = str_get(&l->out);
	request.len = l->out.len;
	err = http_send(l->http, &request, &reply, eb);
	if (err) {
		r->fault = REDIS_LOST;
		return err;
	}
	return rest_read(r, l, &reply, several, a, eb);
}

/*
 * A PING shows whether address and token are good, and whether texts come as base64, as asked for:
 * servers that only imitate Upstash's interface may not know that header.
 */
static enum err rest_login(
    struct redis *r, struct redis_link *l, int64_t deadline_ms, struct errbuf *eb)
{
	const struct redis_command ping = REDIS_COMMAND("PING");
	const struct redis_call call = {.commands = &ping, .n = 1};
	struct redis_answer *a = redis_answer_new(1, REST_URL);
	const struct redis_reply *reply;
	enum err err;

	if (!a)
		return err_set(eb, ERR_NOMEM, "out of memory");
	reply = a->replies;
	l->encoding = REDIS_ENCODING_PLAIN;
	err = rest_call(r, l, &call, a, deadline_ms, eb);
	if (!err && reply->type == REDIS_ERROR)
		err = redis_refused(r, reply->text, reply->n, eb);
	else if (!err && redis_reply_is(reply, "UE9ORw=="))
		l->encoding = REDIS_ENCODING_BASE64;
	else if (!err && !redis_reply_is(reply, "PONG")) {
		r->fault = REDIS_HALT;
		err = err_set(eb, ERR_CORRUPT,
		    "Redis at %s: not an answer of Upstash; check UPSTASH_REDIS_URL",
		    r->target.place);
	}
	redis_answer_free(a);
	return err;
}

static enum err rest_open(
    struct redis *r, struct redis_link **out, int64_t deadline_ms, struct errbuf *eb)
{
	const struct http_config cfg = {.plain = r->target.plain,
	    .stop = r->stop,
	    .connect_ms = r->connect_ms,
	    .total_ms = r->connect_ms + r->answer_ms,
	    .body_limit = r->answer_limit,
	    .ca_file = r->ca_file};
	struct redis_link *l = calloc(1, sizeof *l);
	enum err err;

	*out = NULL;
	if (!l)
		return err_set(eb, ERR_NOMEM, "out of memory");
	str_init(&l->out, REST_SEND_MOST);
	str_init(&l->url, REST_URL);
	l->json = json_reader_new(r->answer_limit, REST_JSON_DEPTH);
	err = l->json ? http_new(&l->http, &cfg, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = rest_login(r, l, deadline_ms, eb);
	if (err)
		rest_close(l);
	else
		*out = l;
	return err;
}

/* libcurl looks after its connections itself. */
static bool rest_is_stale(struct redis_link *l)
{
	(void)l;
	return false;
}

const struct redis_transport redis_transport_rest = {.open = rest_open,
    .call = rest_call,
    .is_stale = rest_is_stale,
    .close = rest_close,
    .can_block = false};
