/* The JSON of Upstash's REST interface (docs: Redis, Features, REST API). */
#include "config.h"
#include "db/redis_reply.h"
#include "engine/base/arena.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <string.h>

/* What reading one body needs at hand. */
struct body {
	struct redis_answer *answer;
	enum redis_encoding encoding;
	struct errbuf *eb;
};

static enum err body_refuse(struct body *b, const char *what)
{
	return err_set(b->eb, ERR_CORRUPT, "the answer is not in the form of Upstash: %s", what);
}

static enum err body_full(struct body *b)
{
	return err_set(b->eb, ERR_LIMIT, "the answer is larger than is allowed");
}

static int base64_digit(unsigned char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* RFC 4648 with padding, nothing else between; false: it is not that. Room for len / 4 * 3 in out. */
static bool base64_decode(const char *text, size_t len, char *out, size_t *n)
{
	uint32_t bits = 0;
	size_t pad = 0;

	*n = 0;
	if (len % 4)
		return false;
	while (pad < 2 && len && text[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i++) {
		int d = i >= len - pad ? 0 : base64_digit((unsigned char)text[i]);

		if (d < 0)
			return false;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 != 3)
			continue;
		for (int k = 2; k >= 0; k--)
			out[(*n)++] = (char)(bits >> 8 * k);
		bits = 0;
	}
	*n -= pad;
	return true;
}

static enum err body_text(struct body *b, const char *text, size_t len, struct redis_reply *r)
{
	bool coded =
	    b->encoding == REDIS_ENCODING_BASE64 && !(len == 2 && memcmp(text, "OK", 2) == 0);
	char *copy =
	    coded ? arena_alloc(b->answer->arena, len + 1) : arena_dup(b->answer->arena, text, len);

	if (!copy)
		return body_full(b);
	r->type = REDIS_TEXT;
	r->text = copy;
	r->n = len;
	if (coded && !base64_decode(text, len, copy, &r->n))
		return body_refuse(b, "a text is not base64, as was asked for");
	copy[r->n] = '\0';
	return ERR_OK;
}

static enum err body_value(struct body *b, struct json_node node, struct redis_reply *r);

static enum err body_array(struct body *b, struct json_node node, struct redis_reply *r)
{
	struct redis_reply *items;
	struct json_node item;
	struct json_walk w;
	enum err err = ERR_OK;
	size_t n = 0;

	for (json_walk_start(&w, node); json_walk_next(&w, &item, NULL);)
		n++;
	items = redis_answer_room(b->answer, n);
	if (!items)
		return body_full(b);
	*r = (struct redis_reply){.type = REDIS_ARRAY, .items = items, .n = n};
	for (json_walk_start(&w, node); !err && json_walk_next(&w, &item, NULL);)
		err = body_value(b, item, items++);
	return err;
}

/* Depth is bounded by the JSON reader. */
static enum err body_value(struct body *b, struct json_node node, struct redis_reply *r)
{
	const char *text;
	size_t len;

	switch (json_node_type(node)) {
	case JSON_NODE_NULL:
		return ERR_OK;
	case JSON_NODE_INT:
		r->type = REDIS_NUMBER;
		return json_node_int(node, &r->number) ? ERR_OK
		                                       : body_refuse(b, "a number is too large");
	case JSON_NODE_TEXT:
		json_node_text(node, &text, &len);
		return body_text(b, text, len, r);
	case JSON_NODE_ARRAY:
		return body_array(b, node, r);
	default:
		return body_refuse(b, "a value is none that Redis has");
	}
}

/* {"result":…} or {"error":"…"} */
static enum err body_item(struct body *b, struct json_node node, struct redis_reply *r)
{
	struct json_node result = json_node_get(node, "result");
	const char *text;
	size_t len;

	if (json_node_text(json_node_get(node, "error"), &text, &len)) {
		*r = (struct redis_reply){
		    .type = REDIS_ERROR, .text = arena_dup(b->answer->arena, text, len), .n = len};
		return r->text ? ERR_OK : body_full(b);
	}
	if (json_node_type(result) == JSON_NODE_NONE)
		return body_refuse(b, "neither result nor error");
	return body_value(b, result, r);
}

static enum err body_items(struct body *b, struct json_node root, struct redis_answer *a)
{
	struct json_node item;
	struct json_walk w;
	enum err err = ERR_OK;
	size_t n = 0;

	for (json_walk_start(&w, root); !err && json_walk_next(&w, &item, NULL); n++)
		err = n < a->n ? body_item(b, item, &a->replies[n])
		               : body_refuse(b, "more results than commands");
	if (!err && n < a->n)
		err = body_refuse(b, "fewer results than commands");
	return err;
}

enum err redis_json_read(struct json_reader *json, const char *body, size_t len,
    enum redis_encoding encoding, bool several, struct redis_answer *a,
    const struct redis_reply **whole, struct errbuf *eb)
{
	struct body b = {.answer = a, .encoding = encoding, .eb = eb};
	struct redis_reply *error;
	struct json_node root;
	enum err err = json_reader_parse(json, body, len, &root, eb);

	*whole = NULL;
	if (err)
		return err_set(eb, err == ERR_LIMIT ? ERR_LIMIT : ERR_CORRUPT, "the answer is %s",
		    err == ERR_LIMIT ? "larger or deeper than is allowed" : "no JSON");
	if (several && json_node_type(root) == JSON_NODE_ARRAY)
		return body_items(&b, root, a);
	if (json_node_type(root) != JSON_NODE_OBJECT)
		return body_refuse(&b, "no object");
	if (!several)
		return body_item(&b, root, a->replies);
	error = redis_answer_room(a, 1);
	if (!error)
		return body_full(&b);
	err = body_item(&b, root, error);
	if (!err && error->type != REDIS_ERROR)
		err = body_refuse(&b, "one result for several commands");
	*whole = err ? NULL : error;
	return err;
}

static bool words_are_utf8(const char *text, size_t len)
{
	uint32_t code;

	while (len) {
		size_t n = text_utf8_next(text, len, &code);
		if (!n)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

enum err redis_json_words(
    struct str *out, const char *const *words, const size_t *lens, size_t n, struct errbuf *eb)
{
	str_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		size_t len = lens ? lens[i] : strlen(words[i]);

		if (!words_are_utf8(words[i], len))
			return err_set(eb, ERR_INVALID,
			    "Upstash takes texts alone over REST: encode binary data, or use its "
			    "rediss:// address");
		if (i)
			str_addc(out, ',');
		text_add_json(out, words[i], len);
	}
	str_addc(out, ']');
	return out->err ? err_set(eb, out->err, "the commands are larger than is allowed") : ERR_OK;
}
