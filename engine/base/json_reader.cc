#include "config.h"

extern "C" {
#include "engine/base/err.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
}
#include "engine/base/json_reader.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <simdjson.h>

using simdjson::dom::document;

/*
 * Nodes are positions on simdjson's tape, whose format is documented and stable: a word has its
 * type in the top byte and a value below. Reading it here keeps a node small and copyable.
 */
namespace
{

constexpr size_t SIZE_MOST = size_t{1} << 30;
constexpr size_t SIZE_FIRST = size_t{64} << 10;
constexpr size_t TAIL = simdjson::SIMDJSON_PADDING + 64;
constexpr uint64_t VALUE_MASK = 0x00FFFFFFFFFFFFFF;

struct buffer {
	char *bytes = nullptr;
	size_t cap = 0;
};

/* Grows by doubling, so that replies of slowly growing size do not allocate each time. */
bool buffer_reserve(struct buffer *b, size_t size)
{
	size_t cap = b->cap ? b->cap : SIZE_FIRST;

	if (size <= b->cap)
		return true;
	while (cap < size)
		cap *= 2;
	free(b->bytes);
	b->bytes = static_cast<char *>(malloc(cap));
	b->cap = b->bytes ? cap : 0;
	return b->bytes != nullptr;
}

} // namespace

struct json_reader {
	simdjson::dom::parser parser;
	document doc;
	struct buffer padded;
	size_t room = 0; /* bytes the parser and the document are ready for */
	size_t size_limit;
	size_t depth;

	json_reader(size_t limit, size_t depth_limit)
	    : parser(SIZE_MOST * 3 + TAIL), size_limit(limit), depth(depth_limit)
	{
	}
	json_reader(const json_reader &) = delete;
	json_reader &operator=(const json_reader &) = delete;
	~json_reader()
	{
		free(padded.bytes);
	}
};

namespace
{

/* ---- mending ---- */

int hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9'   ? c - '0'
		        : c >= 'a' && c <= 'f' ? c - 'a' + 10
		        : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                               : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* simdjson 3.0 lets a lone low surrogate through as three bad bytes, so these are looked for. */
bool has_surrogate_escape(const char *p, const char *end)
{
	while (end - p > 3 && (p = static_cast<const char *>(memchr(p, '\\', size_t(end - p))))) {
		if (end - p > 3 && p[1] == 'u' && (p[2] == 'd' || p[2] == 'D') && p[3] >= '8')
			return true;
		p += 2;
	}
	return false;
}

struct mender {
	const char *p;
	const char *end;
	char *out;
};

void mend_copy(struct mender *m, size_t n)
{
	memcpy(m->out, m->p, n);
	m->out += n;
	m->p += n;
}

/* At a backslash: pairs of surrogates stay, single ones become U+FFFD. */
void mend_escape(struct mender *m)
{
	int code = m->end - m->p > 1 && m->p[1] == 'u' ? hex4(m->p + 2, m->end) : -1;

	if (code < 0xD800 || code > 0xDFFF) {
		mend_copy(m, m->end - m->p > 1 ? 2 : 1);
		return;
	}
	if (code < 0xDC00 && m->end - m->p > 7 && m->p[6] == '\\' && m->p[7] == 'u') {
		int low = hex4(m->p + 8, m->end);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			mend_copy(m, 12);
			return;
		}
	}
	memcpy(m->out, "\\ufffd", 6);
	m->out += 6;
	m->p += 6;
}

void mend_bytes(struct mender *m)
{
	uint32_t code;
	size_t n = text_utf8_next(m->p, size_t(m->end - m->p), &code);

	if (n) {
		mend_copy(m, n);
		return;
	}
	memcpy(m->out, "\xEF\xBF\xBD", 3);
	m->out += 3;
	m->p++;
}

/* A whole number beyond 64 bits is refused by simdjson; written as a fraction it is taken. */
void mend_number(struct mender *m)
{
	size_t n = 1, digits;

	while (m->p + n < m->end && m->p[n] >= '0' && m->p[n] <= '9')
		n++;
	digits = n - (*m->p == '-' ? 1 : 0);
	const char *after = m->p + n;
	bool fraction = after < m->end && strchr(".eE", *after) && *after;
	bool big =
	    digits > 19 || (digits == 19 && memcmp(after - 19, "9223372036854775807", 19) > 0);
	mend_copy(m, n);
	if (fraction) {
		while (m->p < m->end && *m->p && strchr("0123456789.eE+-", *m->p))
			mend_copy(m, 1);
	} else if (big) {
		*m->out++ = '.';
		*m->out++ = '0';
	}
}

/* out needs room for 3 * len + 2 bytes; returns the length. */
size_t mend(const char *text, size_t len, char *out)
{
	struct mender m = {text, text + len, out};
	bool inside = false;

	while (m.p < m.end) {
		if (*m.p & '\x80') {
			mend_bytes(&m);
		} else if (inside && *m.p == '\\') {
			mend_escape(&m);
		} else if (!inside && ((*m.p >= '0' && *m.p <= '9') || *m.p == '-')) {
			mend_number(&m);
		} else {
			inside ^= *m.p == '"';
			*m.out++ = *m.p++;
		}
	}
	return size_t(m.out - out);
}

/* ---- parsing ---- */

simdjson::error_code reader_make_room(struct json_reader *r, size_t size)
{
	size_t room = r->room ? r->room : SIZE_FIRST;

	if (size <= r->room)
		return simdjson::SUCCESS;
	while (room < size)
		room *= 2;
	r->room = 0;
	simdjson::error_code e = r->parser.allocate(room, r->depth);
	if (!e)
		e = r->doc.allocate(room);
	if (!e)
		r->room = room;
	return e;
}

simdjson::error_code reader_run(struct json_reader *r, size_t len)
{
	simdjson::error_code e = reader_make_room(r, len);

	if (e)
		return e;
	memset(r->padded.bytes + len, 0, TAIL);
	return r->parser.parse_into_document(r->doc, r->padded.bytes, len, false).error();
}

/* Asked the other way round: newer versions have codes of their own for big numbers. */
bool is_mendable(simdjson::error_code e)
{
	switch (e) {
	case simdjson::SUCCESS:
	case simdjson::CAPACITY:
	case simdjson::MEMALLOC:
	case simdjson::DEPTH_ERROR:
	case simdjson::TAPE_ERROR:
	case simdjson::T_ATOM_ERROR:
	case simdjson::F_ATOM_ERROR:
	case simdjson::N_ATOM_ERROR:
	case simdjson::EMPTY:
	case simdjson::UNCLOSED_STRING:
	case simdjson::UNESCAPED_CHARS:
		return false;
	default:
		return true;
	}
}

enum err reader_parse(struct json_reader *r, const char *text, size_t len, struct errbuf *eb)
{
	bool mended = has_surrogate_escape(text, text + len);
	simdjson::error_code e = simdjson::SUCCESS;

	for (int round = 0; round < 2; round++) {
		if (!buffer_reserve(&r->padded, (mended ? 3 * len + 2 : len) + TAIL))
			return err_set(eb, ERR_NOMEM, "out of memory while reading JSON");
		if (mended) {
			e = reader_run(r, mend(text, len, r->padded.bytes));
		} else {
			memcpy(r->padded.bytes, text, len);
			e = reader_run(r, len);
		}
		if (mended || !is_mendable(e))
			break;
		mended = true;
	}
	if (!e)
		return ERR_OK;
	if (e == simdjson::MEMALLOC)
		return err_set(eb, ERR_NOMEM, "out of memory while reading JSON");
	if (e == simdjson::DEPTH_ERROR || e == simdjson::CAPACITY)
		return err_set(
		    eb, ERR_LIMIT, "the JSON is deeper than the %zu levels allowed", r->depth - 1);
	return err_set(eb, ERR_INVALID, "not valid JSON: %s", simdjson::error_message(e));
}

/* ---- the tape ---- */

const document *doc_of(const void *doc)
{
	return static_cast<const document *>(doc);
}

char tape_type(const void *doc, size_t at)
{
	return static_cast<char>(doc_of(doc)->tape[at] >> 56);
}

/* Where the thing after the one at `at` begins. */
size_t tape_next(const void *doc, size_t at)
{
	switch (tape_type(doc, at)) {
	case '{':
	case '[':
		return static_cast<uint32_t>(doc_of(doc)->tape[at]);
	case 'l':
	case 'u':
	case 'd':
		return at + 2;
	default:
		return at + 1;
	}
}

const char *tape_text(const void *doc, size_t at, size_t *len)
{
	const uint8_t *p = doc_of(doc)->string_buf.get() + (doc_of(doc)->tape[at] & VALUE_MASK);
	uint32_t n;

	memcpy(&n, p, sizeof n);
	*len = n;
	return reinterpret_cast<const char *>(p + sizeof n);
}

bool real_to_int(double v, int64_t *out)
{
	if (!(v >= -9223372036854775808.0 && v < 9223372036854775808.0) || v != std::floor(v))
		return false;
	*out = static_cast<int64_t>(v);
	return true;
}

struct json_node member(struct json_node node, const char *name, size_t name_len)
{
	if (json_node_type(node) != JSON_NODE_OBJECT)
		return {nullptr, 0};
	size_t end = tape_next(node.doc, node.at) - 1;
	for (size_t at = node.at + 1; at < end; at = tape_next(node.doc, at + 1)) {
		size_t len;
		const char *text = tape_text(node.doc, at, &len);
		if (len == name_len && memcmp(text, name, len) == 0)
			return {node.doc, at + 1};
	}
	return {nullptr, 0};
}

} // namespace

/* ---- the C face ---- */

struct json_reader *json_reader_new(size_t size_limit, int depth_limit)
{
	size_t depth = depth_limit < 1 ? 1 : depth_limit > 1024 ? 1024 : size_t(depth_limit);

	try {
		/* simdjson counts the root too */
		return new (std::nothrow)
		    json_reader(size_limit < SIZE_MOST ? size_limit : SIZE_MOST, depth + 1);
	} catch (...) {
		return nullptr;
	}
}

size_t json_reader_bytes(const struct json_reader *r)
{
	/* the parser's indexes take about as much as the text, the document three times that */
	return sizeof *r + 5 * r->room;
}

void json_reader_free(struct json_reader *r)
{
	delete r;
}

enum err json_reader_parse(
    struct json_reader *r, const char *text, size_t len, struct json_node *root, struct errbuf *eb)
{
	*root = {nullptr, 0};
	if (len > r->size_limit)
		return err_set(
		    eb, ERR_LIMIT, "the JSON has %zu bytes, %zu are allowed", len, r->size_limit);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (!len)
		return err_set(eb, ERR_INVALID, "not valid JSON: the text is empty");
	try {
		enum err e = reader_parse(r, text, len, eb);
		if (!e)
			*root = {&r->doc, 1};
		return e;
	} catch (const std::bad_alloc &) {
		return err_set(eb, ERR_NOMEM, "out of memory while reading JSON");
	} catch (...) {
		return err_set(eb, ERR_INVALID, "not valid JSON");
	}
}

enum json_type json_node_type(struct json_node node)
{
	if (!node.doc)
		return JSON_NODE_NONE;
	switch (tape_type(node.doc, node.at)) {
	case 'n':
		return JSON_NODE_NULL;
	case 't':
	case 'f':
		return JSON_NODE_BOOL;
	case 'l':
		return JSON_NODE_INT;
	case 'u':
		return doc_of(node.doc)->tape[node.at + 1] > INT64_MAX ? JSON_NODE_REAL
		                                                       : JSON_NODE_INT;
	case 'd':
		return JSON_NODE_REAL;
	case '"':
		return JSON_NODE_TEXT;
	case '[':
		return JSON_NODE_ARRAY;
	case '{':
		return JSON_NODE_OBJECT;
	default:
		return JSON_NODE_NONE;
	}
}

struct json_node json_node_get(struct json_node node, const char *name)
{
	return member(node, name, strlen(name));
}

struct json_node json_node_path(struct json_node node, const char *path)
{
	for (;;) {
		const char *slash = strchr(path, '/');
		if (!slash)
			return json_node_get(node, path);
		node = member(node, path, size_t(slash - path));
		path = slash + 1;
	}
}

bool json_node_text(struct json_node node, const char **text, size_t *len)
{
	*text = nullptr;
	*len = 0;
	if (json_node_type(node) != JSON_NODE_TEXT)
		return false;
	*text = tape_text(node.doc, node.at, len);
	return true;
}

bool json_node_int(struct json_node node, int64_t *out)
{
	if (!node.doc)
		return false;
	uint64_t word = doc_of(node.doc)->tape[node.at + 1];
	switch (tape_type(node.doc, node.at)) {
	case 'l':
		memcpy(out, &word, sizeof word);
		return true;
	case 'u':
		*out = word > INT64_MAX ? *out : static_cast<int64_t>(word);
		return word <= INT64_MAX;
	case 'd': {
		double v;
		memcpy(&v, &word, sizeof v);
		return real_to_int(v, out);
	}
	case '"': {
		size_t len;
		const char *text = tape_text(node.doc, node.at, &len);
		return str_to_i64_n(text, len, INT64_MIN, INT64_MAX, out) == ERR_OK;
	}
	default:
		return false;
	}
}

bool json_node_real(struct json_node node, double *out)
{
	int64_t n;

	if (json_node_type(node) == JSON_NODE_REAL) {
		memcpy(out, &doc_of(node.doc)->tape[node.at + 1], sizeof *out);
		return true;
	}
	if (json_node_type(node) != JSON_NODE_INT || !json_node_int(node, &n))
		return false;
	*out = static_cast<double>(n);
	return true;
}

bool json_node_bool(struct json_node node, bool *out)
{
	if (json_node_type(node) != JSON_NODE_BOOL)
		return false;
	*out = tape_type(node.doc, node.at) == 't';
	return true;
}

void json_walk_start(struct json_walk *w, struct json_node node)
{
	enum json_type type = json_node_type(node);

	*w = {nullptr, 0, 0, false};
	if (type != JSON_NODE_ARRAY && type != JSON_NODE_OBJECT)
		return;
	w->doc = node.doc;
	w->at = node.at + 1;
	w->end = tape_next(node.doc, node.at) - 1;
	w->object = type == JSON_NODE_OBJECT;
}

bool json_walk_next(struct json_walk *w, struct json_node *item, const char **name)
{
	size_t len;

	if (name)
		*name = nullptr;
	if (!w->doc || w->at >= w->end)
		return false;
	if (w->object) {
		if (name)
			*name = tape_text(w->doc, w->at, &len);
		w->at++;
	}
	*item = {w->doc, w->at};
	w->at = tape_next(w->doc, w->at);
	return true;
}
