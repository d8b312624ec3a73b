#include "config.h"
#include "engine/snapshot_json.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_JSON_LIMIT = 8 * 1024 * 1024, SNAPSHOT_JSON_DEPTH = 8 };

static bool field_is_array(const struct snapshot_field *f)
{
	return f->element != f->size || f->count_at != SNAPSHOT_FULL;
}

/* ---- struct to JSON ---- */

static void encode_i64(const void *p, struct str *out)
{
	int64_t v;

	memcpy(&v, p, sizeof v);
	str_addf(out, "%" PRId64, v);
}

static void encode_u64(const void *p, struct str *out)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	str_addf(out, "%" PRIu64, v);
}

static void encode_i32(const void *p, struct str *out)
{
	int v;

	memcpy(&v, p, sizeof v);
	str_addf(out, "%d", v);
}

static void encode_u32(const void *p, struct str *out)
{
	unsigned v;

	memcpy(&v, p, sizeof v);
	str_addf(out, "%u", v);
}

/* JSON has no words for what is not finite. 17 digits give the same double back. */
static void encode_double(const void *p, struct str *out)
{
	double v;

	memcpy(&v, p, sizeof v);
	if (!isfinite(v))
		str_adds(out, "null");
	else if (fabs(v) < 1e15 && v == (double)(int64_t)v)
		str_addf(out, "%.1f", v);
	else
		str_addf(out, "%.17g", v);
}

static void encode_bool(const void *p, struct str *out)
{
	bool v;

	memcpy(&v, p, sizeof v);
	str_adds(out, v ? "true" : "false");
}

static void encode_text(const char *text, size_t size, struct str *out)
{
	size_t len = strnlen(text, size);
	struct str clean;

	if (text_is_clean(text, len)) {
		text_add_json(out, text, len);
		return;
	}
	str_init(&clean, 3 * size + 1);
	text_clean(text, len, &clean);
	text_add_json(out, str_get(&clean), clean.len);
	str_done(&clean);
}

static void encode_level(const void *p, struct str *out)
{
	enum log_level v;

	memcpy(&v, p, sizeof v);
	str_addf(out, "\"%s\"", log_level_word(v));
}

static void (*const encode_number[SNAPSHOT_KINDS])(const void *, struct str *) = {
    [SNAPSHOT_I64] = encode_i64,
    [SNAPSHOT_U64] = encode_u64,
    [SNAPSHOT_I32] = encode_i32,
    [SNAPSHOT_U32] = encode_u32,
    [SNAPSHOT_DOUBLE] = encode_double,
    [SNAPSHOT_BOOL] = encode_bool,
    [SNAPSHOT_LEVEL] = encode_level,
};

/* How many elements of a list are in use; never more than there are. */
static size_t field_count(const struct snapshot_field *f, const void *from)
{
	size_t room = f->size / f->element, n = room;

	if (f->count_at != SNAPSHOT_FULL)
		memcpy(&n, (const char *)from + f->count_at, sizeof n);
	return n < room ? n : room;
}

static void encode_one(const struct snapshot_field *f, const char *p, struct str *out)
{
	if (f->kind == SNAPSHOT_LIST)
		snapshot_shape_encode(f->of, p, out);
	else if (f->kind == SNAPSHOT_TEXT)
		encode_text(p, f->size, out);
	else
		encode_number[f->kind](p, out);
}

static void encode_array(const struct snapshot_field *f, const void *from, struct str *out)
{
	const char *p = (const char *)from + f->at;
	size_t n = field_count(f, from);

	str_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		bool first = f->row && i * f->element % f->row == 0;
		bool last = f->row && (i + 1) * f->element % f->row == 0;
		if (i)
			str_addc(out, ',');
		if (first)
			str_addc(out, '[');
		encode_one(f, p + i * f->element, out);
		if (last)
			str_addc(out, ']');
	}
	str_addc(out, ']');
}

void snapshot_shape_encode(const struct snapshot_shape *of, const void *from, struct str *out)
{
	for (size_t i = 0; i < of->n; i++) {
		const struct snapshot_field *f = &of->fields[i];
		str_addc(out, i ? ',' : '{');
		str_addc(out, '"');
		str_adds(out, f->name);
		str_adds(out, "\":");
		if (field_is_array(f))
			encode_array(f, from, out);
		else
			encode_one(f, (const char *)from + f->at, out);
	}
	str_addc(out, '}');
}

void snapshot_encode(const struct snapshot *s, struct str *out)
{
	snapshot_shape_encode(snapshot_shape(), s, out);
}

/* ---- JSON to struct ---- */

static bool decode_i64(struct json_node node, void *p)
{
	int64_t v;
	bool ok = json_node_type(node) == JSON_NODE_INT && json_node_int(node, &v);

	if (ok)
		memcpy(p, &v, sizeof v);
	return ok;
}

static bool decode_u64(struct json_node node, void *p)
{
	int64_t v = 0;

	return decode_i64(node, &v) && v >= 0 && memcpy(p, &v, sizeof v) != NULL;
}

static bool decode_i32(struct json_node node, void *p)
{
	int64_t v = 0;
	int small;

	if (!decode_i64(node, &v) || v < INT32_MIN || v > INT32_MAX)
		return false;
	small = (int)v;
	memcpy(p, &small, sizeof small);
	return true;
}

static bool decode_u32(struct json_node node, void *p)
{
	int64_t v = 0;
	unsigned small;

	if (!decode_i64(node, &v) || v < 0 || v > UINT32_MAX)
		return false;
	small = (unsigned)v;
	memcpy(p, &small, sizeof small);
	return true;
}

static bool decode_double(struct json_node node, void *p)
{
	double v = 0;
	bool ok = json_node_type(node) == JSON_NODE_NULL || json_node_real(node, &v);

	if (ok)
		memcpy(p, &v, sizeof v);
	return ok;
}

static bool decode_bool(struct json_node node, void *p)
{
	bool v, ok = json_node_bool(node, &v);

	if (ok)
		memcpy(p, &v, sizeof v);
	return ok;
}

static bool decode_level(struct json_node node, void *p)
{
	enum log_level v;
	const char *text;
	size_t len;

	if (!json_node_text(node, &text, &len) || strlen(text) != len || !log_level_parse(text, &v))
		return false;
	memcpy(p, &v, sizeof v);
	return true;
}

static bool (*const decode_number[SNAPSHOT_KINDS])(struct json_node, void *) = {
    [SNAPSHOT_I64] = decode_i64,
    [SNAPSHOT_U64] = decode_u64,
    [SNAPSHOT_I32] = decode_i32,
    [SNAPSHOT_U32] = decode_u32,
    [SNAPSHOT_DOUBLE] = decode_double,
    [SNAPSHOT_BOOL] = decode_bool,
    [SNAPSHOT_LEVEL] = decode_level,
};

static bool decode_text(struct json_node node, char *to, size_t size)
{
	const char *text;
	struct str clean;
	size_t len;

	if (!json_node_text(node, &text, &len))
		return false;
	str_init(&clean, 3 * len + 1);
	text_clean(text, len, &clean);
	len = text_utf8_cut(str_get(&clean), clean.len, size - 1);
	memcpy(to, str_get(&clean), len);
	to[len] = '\0';
	str_done(&clean);
	return true;
}

static enum err decode_one(
    const struct snapshot_field *f, struct json_node node, char *to, struct errbuf *eb)
{
	bool ok;

	if (f->kind == SNAPSHOT_LIST)
		return snapshot_shape_decode(f->of, node, to, eb);
	ok = f->kind == SNAPSHOT_TEXT ? decode_text(node, to, f->size)
	                              : decode_number[f->kind](node, to);
	return ok ? ERR_OK
	          : err_set(eb, ERR_INVALID, "the snapshot's %s is of another kind", f->name);
}

/* Fills from..upto of a member's elements; those beyond are left out. *n: behind the last one. */
static enum err decode_elements(const struct snapshot_field *f, struct json_node node, char *to,
    size_t from, size_t upto, size_t *n, struct errbuf *eb)
{
	struct json_node item;
	struct json_walk walk;
	const char *name;
	enum err err = ERR_OK;

	*n = from;
	if (json_node_type(node) != JSON_NODE_ARRAY)
		return err_set(eb, ERR_INVALID, "the snapshot's %s is no list", f->name);
	json_walk_start(&walk, node);
	while (!err && *n < upto && json_walk_next(&walk, &item, &name))
		err = decode_one(f, item, to + (*n)++ * f->element, eb);
	return err;
}

static enum err decode_matrix(
    const struct snapshot_field *f, struct json_node node, char *to, struct errbuf *eb)
{
	size_t wide = f->row / f->element, n;
	struct json_node row;
	struct json_walk walk;
	const char *name;
	enum err err = ERR_OK;

	if (json_node_type(node) != JSON_NODE_ARRAY)
		return err_set(eb, ERR_INVALID, "the snapshot's %s is no list", f->name);
	json_walk_start(&walk, node);
	for (size_t i = 0; !err && i < f->size / f->row && json_walk_next(&walk, &row, &name); i++)
		err = decode_elements(f, row, to, i * wide, (i + 1) * wide, &n, eb);
	return err;
}

static enum err decode_field(
    const struct snapshot_field *f, struct json_node node, char *to, struct errbuf *eb)
{
	size_t n = 0;
	enum err err;

	if (!field_is_array(f))
		return decode_one(f, node, to + f->at, eb);
	if (f->row)
		return decode_matrix(f, node, to + f->at, eb);
	err = decode_elements(f, node, to + f->at, 0, f->size / f->element, &n, eb);
	if (f->count_at != SNAPSHOT_FULL)
		memcpy(to + f->count_at, &n, sizeof n);
	return err;
}

enum err snapshot_shape_decode(
    const struct snapshot_shape *of, struct json_node node, void *to, struct errbuf *eb)
{
	enum err err = ERR_OK;

	if (json_node_type(node) != JSON_NODE_OBJECT)
		return err_set(eb, ERR_INVALID, "a part of the snapshot is no object");
	for (size_t i = 0; i < of->n && !err; i++) {
		struct json_node value = json_node_get(node, of->fields[i].name);
		if (value.doc)
			err = decode_field(&of->fields[i], value, to, eb);
	}
	return err;
}

enum err snapshot_decode(const char *text, size_t len, struct snapshot **out, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(SNAPSHOT_JSON_LIMIT, SNAPSHOT_JSON_DEPTH);
	struct snapshot *s = snapshot_new();
	struct json_node root;
	enum err err = ERR_OK;

	*out = NULL;
	if (!reader || !s)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = json_reader_parse(reader, text, len, &root, eb);
	if (!err)
		err = snapshot_shape_decode(snapshot_shape(), root, s, eb);
	json_reader_free(reader);
	if (err) {
		snapshot_unref(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}
