/*
 * redis - what comes from a Redis or from its settings, chosen by the first digit: 0 an address as
 * REDIS_URL, 1 as UPSTASH_REDIS_URL with a token, 2 the JSON of one command, 3 of several, 4 RESP. A
 * tree that was read is whole; RESP in pieces is read as RESP in one.
 */
#include "config.h"
#include "db/redis_fault.h"
#include "db/redis_reply.h"
#include "db/redis_url.h"
#include "engine/base/json_reader.h"
#include "engine/base/secret.h"
#include "engine/base/str.h"
#include "tests/fuzz/fuzz.h"

enum { REDIS_FUZZ_LIMIT = 1 << 18, REDIS_SEVERAL = 3, REDIS_TEXT_MOST = 1 << 20 };

/* ---- addresses ---- */

static void check_target(const struct redis_target *t)
{
	FUZZ_CHECK(t->host && *t->host && t->place && *t->place && t->setting);
	FUZZ_CHECK(t->port >= 0 && t->port <= 65535 && t->number >= 0);
	FUZZ_CHECK(!t->secret || secret_length(t->secret));
	FUZZ_CHECK(!t->user || *t->user);
	if (t->kind == REDIS_REST) {
		FUZZ_CHECK(t->base && t->secret && !strpbrk(t->base, "@?#\r\n"));
		FUZZ_CHECK(strncmp(t->base, t->plain ? "http://" : "https://", 7 + !t->plain) == 0);
	} else {
		FUZZ_CHECK(t->port);
	}
}

static void fuzz_address(const uint8_t *data, size_t size, bool upstash)
{
	struct secret *url = secret_new((const char *)data, size), *token = secret_new("tok1", 4);
	struct redis_names names = {.url = upstash ? NULL : url,
	    .upstash = upstash ? url : NULL,
	    .token = upstash ? token : NULL};
	struct errbuf eb = {0};
	struct redis_target t;
	enum err err;

	FUZZ_CHECK(url && token);
	err = redis_target_find(&t, &names, &eb);
	if (!err)
		check_target(&t);
	else
		FUZZ_CHECK((err == ERR_INVALID || err == ERR_LIMIT || err == ERR_NOTFOUND) &&
		           strstr(eb.text, "REDIS"));
	fuzz_check_clean(eb.text);
	redis_target_done(&t);
	secret_free(url);
	secret_free(token);
}

/* ---- replies ---- */

/* All of a tree as a text; it must be sound all over. */
static void print_reply(const struct redis_reply *r, int depth, struct str *out)
{
	FUZZ_CHECK(depth <= REDIS_DEPTH + 4);
	str_addf(out, "%d:%lld:%zu:", (int)r->type, (long long)r->number, r->n);
	if (r->type == REDIS_TEXT || r->type == REDIS_ERROR) {
		FUZZ_CHECK(r->text && r->text[r->n] == '\0');
		str_add(out, r->text, r->n);
		FUZZ_CHECK(redis_state_find(r->text, r->n) != NULL);
	}
	if (r->type != REDIS_ARRAY)
		return;
	FUZZ_CHECK(r->items);
	for (size_t i = 0; i < r->n; i++)
		print_reply(&r->items[i], depth + 1, out);
}

static void print_answer(const struct redis_answer *a, struct str *out)
{
	for (size_t i = 0; i < a->n; i++)
		print_reply(&a->replies[i], 0, out);
}

static void check_refusal(enum err err, const struct errbuf *eb)
{
	FUZZ_CHECK(err == ERR_CORRUPT || err == ERR_LIMIT);
	FUZZ_CHECK(eb->text[0]);
	fuzz_check_clean(eb->text);
}

static void fuzz_json(const char *text, size_t size, bool several)
{
	struct json_reader *json = json_reader_new(REDIS_FUZZ_LIMIT, REDIS_DEPTH + 4);
	struct redis_answer *a = redis_answer_new(several ? REDIS_SEVERAL : 1, REDIS_FUZZ_LIMIT);
	const struct redis_reply *whole;
	struct errbuf eb = {0};
	struct str out;
	enum err err;

	FUZZ_CHECK(json && a);
	str_init(&out, REDIS_TEXT_MOST);
	err = redis_json_read(json, text, size,
	    size % 2 ? REDIS_ENCODING_BASE64 : REDIS_ENCODING_PLAIN, several, a, &whole, &eb);
	if (err)
		check_refusal(err, &eb);
	else if (whole)
		print_reply(whole, 0, &out);
	else
		print_answer(a, &out);
	FUZZ_CHECK(!whole || (several && whole->type == REDIS_ERROR));
	str_done(&out);
	redis_answer_free(a);
	json_reader_free(json);
}

/* Feeds pieces of `step` bytes; what was read is in out. */
static enum err feed(const char *text, size_t size, size_t step, bool *whole, struct str *out)
{
	struct redis_resp *p = redis_resp_new();
	struct redis_answer *a = redis_answer_new(2, REDIS_FUZZ_LIMIT);
	struct errbuf eb = {0};
	enum err err = ERR_OK;

	FUZZ_CHECK(p && a);
	*whole = false;
	redis_resp_expect(p, a, REDIS_FUZZ_LIMIT);
	for (size_t at = 0; at < size && !err; at += step)
		err =
		    redis_resp_feed(p, text + at, size - at < step ? size - at : step, whole, &eb);
	if (err)
		check_refusal(err, &eb);
	else if (*whole)
		print_answer(a, out);
	redis_resp_free(p);
	redis_answer_free(a);
	return err;
}

static void fuzz_resp(const char *text, size_t size)
{
	struct str one, pieces;
	bool whole, whole_too;
	enum err err;

	str_init(&one, REDIS_TEXT_MOST);
	str_init(&pieces, REDIS_TEXT_MOST);
	err = feed(text, size, size ? size : 1, &whole, &one);
	FUZZ_CHECK(feed(text, size, 3, &whole_too, &pieces) == err);
	FUZZ_CHECK(err || (whole == whole_too && strcmp(str_get(&one), str_get(&pieces)) == 0));
	str_done(&one);
	str_done(&pieces);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	size_t which = fuzz_choose(&data, &size, 5);

	if (which < 2)
		fuzz_address(data, size, which == 1);
	else if (which < 4)
		fuzz_json((const char *)data, size, which == 3);
	else
		fuzz_resp((const char *)data, size);
	return 0;
}
