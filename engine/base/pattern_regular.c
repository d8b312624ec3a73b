/*
 * Regular expressions: compiled to a small program that is run over the text with all its states at
 * once (Thompson's construction as Pike's machine runs it), so that no expression is slow.
 */
#include "config.h"
#include "engine/base/pattern_parts.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { REGULAR_DEPTH = 30, REGULAR_REPEAT = 100, REGULAR_RANGES = 400 };

enum regular_do { DO_CHAR, DO_ANY, DO_CLASS, DO_SPLIT, DO_JUMP, DO_BEGIN, DO_END, DO_FOUND };

struct regular_step {
	enum regular_do what;
	uint32_t code; /* DO_CHAR */
	int to, end;   /* where it goes on; DO_CLASS: ranges[to .. end) */
	bool negated;
};

struct regular_range {
	uint32_t from, to;
};

struct pattern_program {
	bool nocase;
	int n, n_ranges;
	struct regular_step steps[PATTERN_PROGRAM];
	struct regular_range ranges[REGULAR_RANGES];
};

/* ---- compiling ---- */

struct regular_reader {
	struct pattern_program *p;
	const char *text;
	size_t len, at;
	int depth;
	struct errbuf *eb;
	enum err err;
};

static void regular_fail(struct regular_reader *r, const char *what)
{
	if (!r->err)
		r->err = err_set(r->eb, ERR_INVALID, "expression: %s", what);
}

static int regular_emit(struct regular_reader *r, struct regular_step s)
{
	if (r->p->n == PATTERN_PROGRAM) {
		if (!r->err)
			r->err =
			    err_set(r->eb, ERR_LIMIT, "expression: too long with its repetitions");
		return 0;
	}
	r->p->steps[r->p->n] = s;
	return r->p->n++;
}

static bool regular_at(const struct regular_reader *r, char c)
{
	return r->at < r->len && r->text[r->at] == c;
}

static uint32_t regular_char(struct regular_reader *r)
{
	size_t bytes = 0;
	uint32_t code;

	if (r->at >= r->len)
		return 0;
	code = pattern_next(r->text + r->at, r->len - r->at, &bytes);
	r->at += bytes;
	return code;
}

static void regular_range_add(struct regular_reader *r, uint32_t from, uint32_t to)
{
	if (r->p->n_ranges == REGULAR_RANGES) {
		regular_fail(r, "too many characters in [ ]");
		return;
	}
	r->p->ranges[r->p->n_ranges++] = (struct regular_range){from, to};
}

/* \d and its like; false: the letter means something else. */
static bool regular_kind(struct regular_reader *r, char letter)
{
	static const struct {
		char letter;
		struct regular_range ranges[5];
		int n;
	} kinds[] = {
	    {'d', {{'0', '9'}}, 1},
	    {'w', {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'_', '_'}, {0xAA, 0x10FFFF}}, 5},
	    {'s', {{'\t', '\r'}, {' ', ' '}, {0xA0, 0xA0}, {0x2000, 0x200A}, {0x3000, 0x3000}}, 5},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].letter == letter) {
			for (int k = 0; k < kinds[i].n; k++)
				regular_range_add(
				    r, kinds[i].ranges[k].from, kinds[i].ranges[k].to);
			return true;
		}
	return false;
}

/* Behind a backslash. A class of its own, or one character. */
static void regular_escape(struct regular_reader *r)
{
	struct regular_step s = {.what = DO_CLASS, .to = r->p->n_ranges};
	char c = r->at < r->len ? r->text[r->at] : '\0';

	if (c == 'D' || c == 'W' || c == 'S' || c == 'd' || c == 'w' || c == 's') {
		r->at++;
		s.negated = c < 'a';
		if (!regular_kind(r, (char)(c | 32)))
			return;
		s.end = r->p->n_ranges;
		regular_emit(r, s);
		return;
	}
	if (!c || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
		regular_fail(r, "a \\ may stand before d, w, s or a sign; write \\\\ for itself");
	else
		regular_emit(r, (struct regular_step){.what = DO_CHAR, .code = regular_char(r)});
}

/* One end of a range in [ ]. */
static uint32_t regular_class_char(struct regular_reader *r)
{
	if (regular_at(r, '\\'))
		r->at++;
	return regular_char(r);
}

static void regular_class(struct regular_reader *r)
{
	struct regular_step s = {.what = DO_CLASS, .to = r->p->n_ranges};
	bool first = true;

	s.negated = regular_at(r, '^');
	r->at += s.negated;
	while (!r->err && (first || !regular_at(r, ']'))) {
		uint32_t from, to;
		if (r->at >= r->len) {
			regular_fail(r, "a [ without its ]");
			return;
		}
		first = false;
		if (r->text[r->at] == '\\' && r->at + 1 < r->len &&
		    regular_kind(r, r->text[r->at + 1])) {
			r->at += 2;
			continue;
		}
		from = to = regular_class_char(r);
		if (regular_at(r, '-') && r->at + 1 < r->len && r->text[r->at + 1] != ']') {
			r->at++;
			to = regular_class_char(r);
		}
		if (to < from)
			regular_fail(r, "a range in [ ] that ends before it begins");
		regular_range_add(r, from, to);
	}
	r->at++;
	s.end = r->p->n_ranges;
	regular_emit(r, s);
}

static void regular_either(struct regular_reader *r);

static void regular_group(struct regular_reader *r)
{
	if (r->at + 1 < r->len && r->text[r->at] == '?' && r->text[r->at + 1] == ':')
		r->at += 2;
	if (++r->depth > REGULAR_DEPTH)
		regular_fail(r, "too many ( within each other");
	else
		regular_either(r);
	r->depth--;
	if (!regular_at(r, ')'))
		regular_fail(r, "a ( without its )");
	r->at++;
}

/* One thing that may be repeated. */
static void regular_atom(struct regular_reader *r)
{
	char c = r->text[r->at];

	if (c == '*' || c == '+' || c == '?' || c == '{') {
		regular_fail(r, "nothing stands before * + ? or {");
		return;
	}
	if (!strchr(".^$\\[(", c) || !c) {
		uint32_t code = regular_char(r);
		regular_emit(r, (struct regular_step){.what = DO_CHAR,
		                    .code = r->p->nocase ? pattern_fold(code) : code});
		return;
	}
	r->at++;
	switch (c) {
	case '.':
		regular_emit(r, (struct regular_step){.what = DO_ANY});
		break;
	case '^':
		regular_emit(r, (struct regular_step){.what = DO_BEGIN});
		break;
	case '$':
		regular_emit(r, (struct regular_step){.what = DO_END});
		break;
	case '[':
		regular_class(r);
		break;
	case '(':
		regular_group(r);
		break;
	default:
		regular_escape(r);
	}
}

static int regular_count(struct regular_reader *r)
{
	int n = 0;

	while (r->at < r->len && r->text[r->at] >= '0' && r->text[r->at] <= '9' && n <= 1000)
		n = n * 10 + (r->text[r->at++] - '0');
	return n;
}

/* How often: behind an atom. False: once. most -1: without end. */
static bool regular_times(struct regular_reader *r, int *least, int *most)
{
	char c = r->at < r->len ? r->text[r->at] : '\0';

	if (!c || !strchr("*+?{", c))
		return false;
	r->at++;
	*least = c == '+';
	*most = c == '?' ? 1 : -1;
	if (c == '{') {
		*least = regular_count(r);
		*most = *least;
		if (regular_at(r, ',')) {
			r->at++;
			*most = regular_at(r, '}') ? -1 : regular_count(r);
		}
		if (!regular_at(r, '}') || *least > REGULAR_REPEAT || *most > REGULAR_REPEAT ||
		    (*most >= 0 && *most < *least))
			regular_fail(r, "write {2}, {2,} or {2,5}, at most 100");
		r->at++;
	}
	r->at += regular_at(r, '?'); /* the shortest or the longest: it is there or not */
	return true;
}

/* The atom that begins at `from`, once more. */
static void regular_again(struct regular_reader *r, size_t from)
{
	size_t after = r->at;

	r->at = from;
	regular_atom(r);
	r->at = after;
}

/* Makes room for one step before `begin`. */
static void regular_shift(struct regular_reader *r, int begin, struct regular_step s)
{
	int last = regular_emit(r, s);

	if (r->err)
		return;
	for (int i = last; i > begin; i--) {
		r->p->steps[i] = r->p->steps[i - 1];
		if (r->p->steps[i].what == DO_SPLIT || r->p->steps[i].what == DO_JUMP) {
			r->p->steps[i].to += r->p->steps[i].to >= begin;
			r->p->steps[i].end += r->p->steps[i].end >= begin;
		}
	}
	r->p->steps[begin] = s;
}

static void regular_optional(struct regular_reader *r, int begin)
{
	regular_shift(r, begin, (struct regular_step){.what = DO_SPLIT, .to = begin + 1});
	if (!r->err)
		r->p->steps[begin].end = r->p->n;
}

static void regular_repeated(struct regular_reader *r)
{
	size_t from = r->at;
	int begin = r->p->n, least, most;

	regular_atom(r);
	if (r->err || !regular_times(r, &least, &most))
		return;
	for (int i = 1; i < least && !r->err; i++) {
		begin = r->p->n;
		regular_again(r, from);
	}
	if (most < 0 && !r->err) {
		if (least)
			regular_emit(r, (struct regular_step){
			                    .what = DO_SPLIT, .to = begin, .end = r->p->n + 1});
		else {
			regular_emit(r, (struct regular_step){.what = DO_JUMP});
			regular_optional(r, begin);
			if (!r->err)
				r->p->steps[r->p->n - 1].to = begin;
		}
		return;
	}
	if (!least && !r->err && most > 0)
		regular_optional(r, begin);
	if (!most) /* {0}: not at all */
		r->p->n = begin;
	for (int i = least ? least : 1; i < most && !r->err; i++) {
		begin = r->p->n;
		regular_again(r, from);
		if (!r->err)
			regular_optional(r, begin);
	}
}

static void regular_either(struct regular_reader *r)
{
	int begin = r->p->n, jump;

	while (!r->err && r->at < r->len && !regular_at(r, '|') && !regular_at(r, ')'))
		regular_repeated(r);
	if (r->err || !regular_at(r, '|'))
		return;
	r->at++;
	jump = regular_emit(r, (struct regular_step){.what = DO_JUMP});
	if (r->err)
		return;
	regular_shift(
	    r, begin, (struct regular_step){.what = DO_SPLIT, .to = begin + 1, .end = jump + 2});
	if (r->err)
		return;
	r->p->steps[begin].end = jump + 2;
	if (++r->depth > REGULAR_DEPTH)
		regular_fail(r, "too many alternatives");
	else
		regular_either(r);
	r->depth--;
	r->p->steps[jump + 1] = (struct regular_step){.what = DO_JUMP, .to = r->p->n};
}

enum err pattern_compile(
    struct pattern_program **out, const char *text, size_t len, bool nocase, struct errbuf *eb)
{
	struct pattern_program *p = calloc(1, sizeof *p);
	struct regular_reader r = {.p = p, .text = text, .len = len, .eb = eb};

	*out = NULL;
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	p->nocase = nocase;
	regular_either(&r);
	if (!r.err && r.at < len)
		regular_fail(&r, "a ) without its (");
	regular_emit(&r, (struct regular_step){.what = DO_FOUND});
	if (r.err) {
		free(p);
		return r.err;
	}
	*out = p;
	return ERR_OK;
}

void pattern_program_free(struct pattern_program *p)
{
	free(p);
}

/* ---- running ---- */

/* Places in the program that a text has led to, each once. */
struct regular_places {
	int n;
	int16_t at[PATTERN_PROGRAM];
	uint8_t has[PATTERN_PROGRAM];
};

/* What is reached from `step` without reading; true: the end of the program. */
static bool regular_reach(const struct pattern_program *p, struct regular_places *to, int step,
    bool at_begin, bool at_end)
{
	int16_t todo[2 * PATTERN_PROGRAM];
	int n = 0;

	todo[n++] = (int16_t)step;
	while (n) {
		const struct regular_step *s;
		int i = todo[--n];
		if (to->has[i])
			continue;
		to->has[i] = 1;
		s = &p->steps[i];
		switch (s->what) {
		case DO_FOUND:
			return true;
		case DO_JUMP:
			todo[n++] = (int16_t)s->to;
			break;
		case DO_SPLIT:
			todo[n++] = (int16_t)s->end;
			todo[n++] = (int16_t)s->to;
			break;
		case DO_BEGIN:
			if (at_begin)
				todo[n++] = (int16_t)(i + 1);
			break;
		case DO_END:
			if (at_end)
				todo[n++] = (int16_t)(i + 1);
			break;
		default:
			to->at[to->n++] = (int16_t)i;
		}
	}
	return false;
}

static bool regular_in_class(
    const struct pattern_program *p, const struct regular_step *s, uint32_t code)
{
	for (int i = s->to; i < s->end; i++)
		if (code >= p->ranges[i].from && code <= p->ranges[i].to)
			return true;
	return false;
}

/* A class with capitals takes small letters too, and the other way round. */
static bool regular_takes(
    const struct pattern_program *p, const struct regular_step *s, uint32_t code)
{
	uint32_t folded = p->nocase ? pattern_fold(code) : code;
	bool in;

	if (s->what == DO_ANY)
		return true;
	if (s->what == DO_CHAR)
		return s->code == folded;
	in = regular_in_class(p, s, code) || regular_in_class(p, s, folded) ||
	     (p->nocase && code >= 'a' && code <= 'z' && regular_in_class(p, s, code - 32));
	return in != s->negated;
}

static void regular_clear(const struct pattern_program *p, struct regular_places *places)
{
	places->n = 0;
	memset(places->has, 0, (size_t)p->n);
}

bool pattern_run(const struct pattern_program *p, const char *text, size_t len)
{
	struct regular_places lists[2];
	struct regular_places *now = &lists[0], *next = &lists[1], *other;
	size_t at = 0, bytes = 0;

	regular_clear(p, now);
	for (;;) {
		uint32_t code;
		if (regular_reach(p, now, 0, !at, at == len))
			return true;
		if (at == len)
			return false;
		code = pattern_next(text + at, len - at, &bytes);
		at += bytes;
		regular_clear(p, next);
		for (int i = 0; i < now->n; i++)
			if (regular_takes(p, &p->steps[now->at[i]], code) &&
			    regular_reach(p, next, now->at[i] + 1, false, at == len))
				return true;
		other = now;
		now = next;
		next = other;
	}
}
