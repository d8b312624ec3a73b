/* One field of a filter and its values, one word. */
#include "config.h"
#include "engine/base/filter_parts.h"
#include "engine/base/filter_values.h"
#include "engine/base/ids.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

static void filter_no_memory(struct filter_reader *r)
{
	if (!r->err)
		r->err = err_set(r->eb, ERR_NOMEM, "out of memory");
}

static void *filter_keep(struct filter_reader *r, const void *from, size_t size)
{
	void *to = arena_alloc(r->f->arena, size ? size : 1);

	if (to && size)
		memcpy(to, from, size);
	if (!to)
		filter_no_memory(r);
	return to;
}

static bool filter_keep_pattern(struct filter *f, struct pattern *p)
{
	if (f->n_patterns == f->room) {
		size_t room = f->room ? 2 * f->room : 8;
		struct pattern **more = realloc(f->patterns, room * sizeof(*more));
		if (!more)
			return false;
		f->patterns = more;
		f->room = room;
	}
	f->patterns[f->n_patterns++] = p;
	return true;
}

static void filter_add_text(
    struct filter_reader *r, enum pattern_kind how, const struct filter_value *v, bool nocase)
{
	struct filter_text t = {.how = how, .text = v->text, .len = v->len};
	struct errbuf why = {.code = ERR_OK};

	if (pattern_new(&t.pattern, how, v->text, v->len, nocase, &why)) {
		if (why.code == ERR_NOMEM)
			filter_no_memory(r);
		filter_fail(r, v->at, "%s", why.text);
		return;
	}
	if (!filter_keep_pattern(r->f, t.pattern)) {
		pattern_free(t.pattern);
		filter_no_memory(r);
		return;
	}
	r->texts[r->n_texts++] = t;
}

/* ---- reading values ---- */

static bool filter_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void filter_read_quoted(struct filter_reader *r, struct str *out)
{
	size_t begin = r->at++;

	while (r->at < r->len && r->text[r->at] != '"') {
		r->at += r->text[r->at] == '\\' && r->at + 1 < r->len &&
		         (r->text[r->at + 1] == '"' || r->text[r->at + 1] == '\\');
		str_addc(out, r->text[r->at++]);
	}
	if (r->at == r->len)
		filter_fail(r, begin, "a \" without its second one");
	r->at += r->at < r->len;
}

/* Up to a blank, or one of `stops`. */
static void filter_read_value(struct filter_reader *r, const char *stops, struct filter_value *v)
{
	struct str s;

	str_init(&s, FILTER_LIMIT);
	*v = (struct filter_value){.at = r->at};
	if (++r->values > FILTER_VALUES)
		filter_fail(r, r->at, "more than %d values", FILTER_VALUES);
	v->quoted = r->at < r->len && r->text[r->at] == '"';
	if (v->quoted) {
		filter_read_quoted(r, &s);
		v->begins = r->at < r->len && r->text[r->at] == '*';
		r->at += v->begins;
	} else {
		while (r->at < r->len && !filter_is_blank(r->text[r->at]) &&
		       !strchr(stops, r->text[r->at]))
			str_addc(&s, r->text[r->at++]);
		v->begins = s.len && s.text[s.len - 1] == '*';
		v->unknown = s.len == 1 && s.text[0] == '-';
	}
	v->len = s.len - (v->begins && !v->quoted);
	v->text = filter_keep(r, str_get(&s), s.len + 1);
	if (v->text && v->begins && !v->quoted)
		((char *)(uintptr_t)v->text)[v->len] = '\0';
	if (s.err)
		filter_no_memory(r);
	if (v->quoted && r->at < r->len && !filter_is_blank(r->text[r->at]) &&
	    !strchr("|,", r->text[r->at]))
		filter_fail(r, r->at, "a blank belongs behind the second \"");
	str_done(&s);
}

/* An expression keeps its * and its |. */
static void filter_read_regular(struct filter_reader *r, struct filter_value *v)
{
	filter_read_value(r, "", v);
	if (!r->err && v->begins && !v->quoted)
		((char *)(uintptr_t)v->text)[v->len++] = '*';
}

/* ---- terms of one field ---- */

static void filter_drop_mark(const struct filter_field *f, struct filter_value *v)
{
	if (f->mark && v->len && v->text[0] == f->mark) {
		v->text++;
		v->len--;
	}
}

static void filter_text_value(struct filter_reader *r, const struct filter_field *f,
    enum filter_sign op, struct filter_value *v)
{
	bool exact = f->kind == FILTER_ID, small = !exact && pattern_is_small(v->text, v->len);

	if (op != SIGN_FITS)
		filter_drop_mark(f, v);
	if (op == SIGN_FITS)
		filter_add_text(r, PATTERN_REGULAR, v, small);
	else if (v->begins)
		filter_add_text(r, PATTERN_BEGINS, v, !exact);
	else if (op == SIGN_HAS)
		filter_add_text(r, PATTERN_HAS, v, small);
	else
		filter_add_text(r, f->kind == FILTER_TAG ? PATTERN_TAG : PATTERN_IS, v, !exact);
}

/* From..to (not included) of a value; both are one for numbers and ages. */
static bool filter_span(struct filter_reader *r, const struct filter_field *f,
    const struct filter_value *v, double *from, double *to, bool *is_age)
{
	int64_t a, b;

	*is_age = false;
	if (f->kind == FILTER_NUMBER) {
		if (filter_number(v->text, v->len, from)) {
			*to = *from;
			return true;
		}
		filter_fail(r, v->at, "\"%.*s\" is no number; write %s>=10k, for example",
		    filter_cut(v->text, v->len), v->text, f->name);
		return false;
	}
	if (filter_age(v->text, v->len, &a)) {
		*is_age = true;
		*from = *to = (double)(r->now - a);
		return true;
	}
	if (filter_date(v->text, v->len, r->now, &a, &b)) {
		*from = (double)a;
		*to = (double)b;
		return true;
	}
	filter_fail(r, v->at, "\"%.*s\" is no time; write %s<30d or %s>2026-11-20, for example",
	    filter_cut(v->text, v->len), v->text, f->name, f->name);
	return false;
}

/* An age that grows goes back in time. */
static enum filter_sign filter_turned(enum filter_sign op)
{
	switch (op) {
	case SIGN_ABOVE:
		return SIGN_BELOW;
	case SIGN_FROM:
		return SIGN_TO;
	case SIGN_BELOW:
		return SIGN_ABOVE;
	case SIGN_TO:
		return SIGN_FROM;
	default:
		return op;
	}
}

static void filter_range_value(struct filter_reader *r, const struct filter_field *f,
    enum filter_sign op, const struct filter_value *v)
{
	struct filter_range x = {0};
	double from, to;
	bool is_age;

	if (!filter_span(r, f, v, &from, &to, &is_age))
		return;
	if (is_age && (op == SIGN_IS || op == SIGN_IS_NOT || op == SIGN_HAS)) {
		filter_fail(r, v->at, "an age is shorter or longer: write %s<%s or %s>%s", f->name,
		    v->text, f->name, v->text);
		return;
	}
	op = is_age ? filter_turned(op) : op;
	x.has_lo = op != SIGN_BELOW && op != SIGN_TO;
	x.has_hi = op != SIGN_ABOVE && op != SIGN_FROM;
	/* a day is a span: what lies behind it begins where it ends */
	x.lo = op == SIGN_ABOVE ? to : from;
	x.above_lo = op == SIGN_ABOVE && from >= to;
	x.hi = op == SIGN_BELOW ? from : to;
	x.below_hi = op == SIGN_BELOW || from < to;
	r->ranges[r->n_ranges++] = x;
}

/* Of words in order: the one that was named (or several, by their beginning) and those beside it. */
static uint64_t filter_ranks(uint64_t named, enum filter_sign op)
{
	uint64_t low = named & (~named + 1), high = named;

	for (int i = 1; i < 64; i *= 2) /* all bits below the highest */
		high |= high >> i;
	switch (op) {
	case SIGN_FROM:
		return ~(low - 1);
	case SIGN_ABOVE:
		return ~high;
	case SIGN_TO:
		return high;
	case SIGN_BELOW:
		return low - 1;
	default:
		return named;
	}
}

static void filter_choice_value(struct filter_reader *r, const struct filter_field *f,
    enum filter_sign op, const struct filter_value *v, uint64_t *choices)
{
	bool begins = v->begins || f->kind == FILTER_RANK;
	struct str all;
	uint64_t found = 0;

	str_init(&all, 600);
	for (int i = 0; f->words[i]; i++) {
		size_t len = strlen(f->words[i]);
		str_addf(&all, "%s%s", i ? " " : "", f->words[i]);
		if (v->len <= len && (begins || v->len == len)) {
			char *begin = str_dup_n(f->words[i], v->len);
			if (begin && str_is_equal_nocase(begin, v->text))
				found |= (uint64_t)1 << i;
			free(begin);
		}
	}
	if (!found)
		filter_fail(r, v->at, "%s is never \"%.*s\"; it is one of %s", f->name,
		    filter_cut(v->text, v->len), v->text, str_get(&all));
	*choices |= found ? filter_ranks(found, op) : 0;
	str_done(&all);
}

/* Which operators a kind of field has. */
static bool filter_op_fits(enum filter_kind kind, enum filter_sign op)
{
	bool order = op == SIGN_ABOVE || op == SIGN_FROM || op == SIGN_BELOW || op == SIGN_TO;

	if (kind == FILTER_TEXT || kind == FILTER_TAG || kind == FILTER_ID)
		return !order;
	return op != SIGN_FITS && (!order || kind != FILTER_CHOICE);
}

static void filter_one_value(struct filter_reader *r, const struct filter_field *f,
    enum filter_sign op, struct filter_value *v, struct filter_node *n)
{
	if (!v->len && !v->quoted && !v->begins)
		filter_fail(
		    r, v->at, "a value belongs right behind %s; - means not known", f->name);
	if (r->err)
		return;
	if (v->unknown)
		n->or_unknown = true;
	else if (f->kind == FILTER_CHOICE || f->kind == FILTER_RANK)
		filter_choice_value(r, f, op, v, &n->choices);
	else if (f->kind == FILTER_NUMBER || f->kind == FILTER_TIME)
		filter_range_value(r, f, op, v);
	else
		filter_text_value(r, f, op, v);
}

struct filter_node *filter_field_term(
    struct filter_reader *r, int field, enum filter_sign op, size_t at)
{
	static const enum filter_node_kind kinds[] = {[FILTER_TEXT] = FILTER_FITS,
	    [FILTER_TAG] = FILTER_FITS,
	    [FILTER_ID] = FILTER_FITS,
	    [FILTER_NUMBER] = FILTER_WITHIN,
	    [FILTER_TIME] = FILTER_WITHIN,
	    [FILTER_CHOICE] = FILTER_AMONG,
	    [FILTER_RANK] = FILTER_AMONG};
	const struct filter_field *f = &r->f->fields[field];
	struct filter_node *n = filter_node_new(r, kinds[f->kind]);
	bool one = op != SIGN_IS && op != SIGN_IS_NOT && op != SIGN_HAS;
	struct filter_value v;

	if (!n)
		return NULL;
	if (!filter_op_fits(f->kind, op)) {
		filter_fail(r, at,
		    filter_op_fits(f->kind, SIGN_FROM) ? "%s takes = != > >= < <="
		    : f->kind == FILTER_CHOICE         ? "%s takes = and !="
		                                       : "%s is a text: it takes = != : ~",
		    f->name);
		return NULL;
	}
	n->field = field;
	r->n_texts = r->n_ranges = 0;
	do {
		if (op == SIGN_FITS)
			filter_read_regular(r, &v);
		else
			filter_read_value(r, one ? "|" : "|,", &v);
		filter_one_value(r, f, op, &v, n);
	} while (!r->err && !one && r->at < r->len && r->text[r->at] == ',' && ++r->at);
	n->texts = filter_keep(r, r->texts, r->n_texts * sizeof r->texts[0]);
	n->ranges = filter_keep(r, r->ranges, r->n_ranges * sizeof r->ranges[0]);
	n->n = r->n_texts + r->n_ranges;
	return op == SIGN_IS_NOT ? filter_not(r, n) : n;
}

/* The channel id that a word is, or that its address leads to. */
static bool filter_find_id(struct filter_value *v)
{
	static const char before[] = "/channel/";
	const char *at = strstr(v->text, before);
	struct cid cid;

	at = at ? at + sizeof before - 1 : v->text;
	if (v->begins || strlen(at) < CID_TEXT || (at == v->text && v->len != CID_TEXT) ||
	    !cid_parse(at, CID_TEXT, &cid))
		return false;
	v->text = at;
	v->len = CID_TEXT;
	return true;
}

/* A word that says by its form which field it is of. */
static bool filter_claimed(struct filter_reader *r, struct filter_node *n, struct filter_value *v)
{
	for (int i = 0; r->f->fields[i].name && !v->quoted; i++) {
		const struct filter_field *f = &r->f->fields[i];
		bool marked = f->mark && v->text[0] == f->mark && v->len > 1;
		if (!marked && !(f->kind == FILTER_ID && filter_find_id(v)))
			continue;
		filter_drop_mark(f, v);
		n->field = i;
		filter_add_text(r, marked ? PATTERN_BEGINS : PATTERN_IS, v, marked);
		return true;
	}
	return false;
}

struct filter_node *filter_any_term(struct filter_reader *r)
{
	struct filter_node *n = filter_node_new(r, FILTER_FITS);
	bool regular = r->text[r->at] == '~';
	struct filter_value v;

	if (!n)
		return NULL;
	r->n_texts = 0;
	r->at += regular;
	if (regular)
		filter_read_regular(r, &v);
	else
		filter_read_value(r, "|", &v);
	if (!r->err && !v.len)
		filter_fail(r, v.at,
		    regular ? "an expression belongs right behind the ~"
		            : "there is nothing to look for");
	if (r->err)
		return NULL;
	if (regular)
		filter_add_text(r, PATTERN_REGULAR, &v, pattern_is_small(v.text, v.len));
	else if (!filter_claimed(r, n, &v))
		filter_add_text(r, v.begins ? PATTERN_BEGINS : PATTERN_HAS, &v,
		    v.begins || pattern_is_small(v.text, v.len));
	n->texts = filter_keep(r, r->texts, r->n_texts * sizeof r->texts[0]);
	n->n = r->n_texts;
	return n;
}
