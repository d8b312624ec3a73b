#include "config.h"
#include "engine/rest/route.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"
#include "engine/engine.h"

#include <stdlib.h>

enum { REST_RETRY_S = 5 };

static const struct {
	enum err err;
	int status;
} body_statuses[] = {
    {ERR_INVALID, 400},
    {ERR_LIMIT, 400},
    {ERR_NOTFOUND, 404},
    {ERR_EXISTS, 409},
    {ERR_DENIED, 409},
    {ERR_BUSY, 503},
    {ERR_QUOTA, 503},
    {ERR_UNAVAIL, 503},
    {ERR_TIMEOUT, 503},
    {ERR_NOMEM, 503},
};

/* Only a program mistake or no memory makes it fail; both end as text NULL, which is a 500. */
static char *body_dump(json_t *json)
{
	const size_t flags = JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY |
	                     JSON_REAL_PRECISION(15);
	char *plain = json ? json_dumps(json, flags) : NULL;
	struct str s;

	str_init(&s, 64 * 1024 * 1024);
	if (plain)
		str_addf(&s, "%s\n", plain);
	json_decref(json);
	free(plain);
	if (s.len)
		return str_take(&s);
	str_done(&s);
	return NULL;
}

void rest_reply_json(struct rest_call *c, int status, json_t *json)
{
	free(c->text);
	c->text = body_dump(json);
	c->status = c->text ? status : 500;
	if ((status == 503 || status == 429) && !c->retry_after_s)
		c->retry_after_s = REST_RETRY_S;
}

void rest_reply_error(struct rest_call *c, int status, const char *fmt, ...)
{
	struct str raw, clean;
	va_list ap;

	str_init(&raw, 4096);
	str_init(&clean, 3 * 4096);
	va_start(ap, fmt);
	str_addv(&raw, fmt, ap);
	va_end(ap);
	text_clean(str_get(&raw), raw.len, &clean);
	rest_reply_json(c, status, json_pack("{s:s}", "error", str_get(&clean)));
	str_done(&clean);
	str_done(&raw);
}

/* Seconds until quota comes back by itself, at the latest. */
static int64_t body_until_reset(const struct rest_call *c)
{
	const struct snapshot *s = engine_snapshot(c->engine);
	int64_t left = s ? s->reset_at - clock_now() : 0;

	snapshot_unref(s);
	return left > 0 ? left : REST_RETRY_S;
}

void rest_reply_fault(struct rest_call *c, enum err err, const struct errbuf *eb)
{
	int status = 500;

	if (err == ERR_QUOTA)
		c->retry_after_s = body_until_reset(c);
	for (size_t i = 0; i < sizeof body_statuses / sizeof body_statuses[0]; i++)
		if (body_statuses[i].err == err)
			status = body_statuses[i].status;
	rest_reply_error(c, status, "%s", eb->text[0] ? eb->text : err_word(err));
}

void rest_reply_text(struct rest_call *c, char *text, const struct errbuf *eb)
{
	struct str s;

	if (!text) {
		rest_reply_fault(c, eb->code, eb);
		return;
	}
	str_init(&s, SIZE_MAX / 2);
	str_adds(&s, text);
	if (s.len && s.text[s.len - 1] != '\n')
		str_addc(&s, '\n');
	free(text);
	free(c->text);
	c->text = str_take(&s);
	c->status = c->text ? 200 : 500;
}

static bool body_is_falsy(const json_t *json)
{
	return json_is_null(json) || json_is_false(json) ||
	       (json_is_array(json) && !json_array_size(json)) ||
	       (json_is_string(json) && !json_string_length(json)) ||
	       (json_is_number(json) && json_number_value(json) == 0);
}

json_t *rest_body_object(struct rest_call *c)
{
	json_error_t error;
	json_t *json;

	if (!c->body_len)
		return json_object();
	json = json_loadb(c->body, c->body_len, JSON_DECODE_ANY, &error);
	if (!json) {
		rest_reply_error(c, 400, "the body is not JSON: %.160s (line %d, column %d)",
		    error.text, error.line, error.column);
		return NULL;
	}
	if (json_is_object(json))
		return json;
	if (!body_is_falsy(json)) {
		json_decref(json);
		rest_reply_error(c, 400, "send a JSON object, such as {\"batch_size\": 1000}");
		return NULL;
	}
	json_decref(json);
	return json_object();
}

bool rest_body_int(struct rest_call *c, const json_t *body, const char *name, int64_t least,
    int64_t most, int64_t *out)
{
	const json_t *member = json_object_get(body, name);
	int64_t value;

	if (!member || json_is_null(member))
		return true;
	value = json_integer_value(member);
	if (json_is_integer(member) && value >= least && value <= most) {
		*out = value;
		return true;
	}
	rest_reply_error(c, 400, "%s must be a whole number from %lld to %lld", name,
	    (long long)least, (long long)most);
	return false;
}

bool rest_body_text(struct rest_call *c, const json_t *body, const char *name, const char **out)
{
	const json_t *member = json_object_get(body, name);

	*out = NULL;
	if (!member || json_is_null(member))
		return true;
	*out = json_string_value(member);
	if (*out)
		return true;
	rest_reply_error(c, 400, "%s must be a text", name);
	return false;
}
