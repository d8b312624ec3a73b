#include "config.h"
#include "engine/base/filter_parts.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FILTER_ARENA = 1024 * 1024 };

/* The longer ones first. */
static const struct {
	const char *sign;
	enum filter_sign op;
} filter_signs[] = {{"!=", SIGN_IS_NOT}, {">=", SIGN_FROM}, {"<=", SIGN_TO}, {"=", SIGN_IS},
    {">", SIGN_ABOVE}, {"<", SIGN_BELOW}, {":", SIGN_HAS}, {"~", SIGN_FITS}};

enum { FILTER_SIGNS = sizeof filter_signs / sizeof filter_signs[0] };

/* ---- what goes wrong ---- */

void filter_fail(struct filter_reader *r, size_t at, const char *fmt, ...)
{
	struct str s;
	va_list ap;
	size_t column = 1;

	if (r->err)
		return;
	for (size_t i = 0; i < at && i < r->len; i++)
		column += ((unsigned char)r->text[i] & 0xC0) != 0x80;
	str_init(&s, 1024);
	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	r->err = err_set(r->eb, ERR_INVALID, "filter, column %zu: %s", column, str_get(&s));
	if (r->bad)
		*r->bad = at;
	str_done(&s);
}

int filter_cut(const char *text, size_t len)
{
	return (int)(len > 40 ? text_utf8_cut(text, len, 40) : len);
}

static void filter_fail_field(struct filter_reader *r, size_t at, size_t len)
{
	struct str all;

	str_init(&all, 600);
	for (const struct filter_field *f = r->f->fields; f->name; f++)
		str_addf(&all, "%s%s", all.len ? " " : "", f->name);
	filter_fail(r, at,
	    "there is no field \"%.*s\"; there are %s; to look for this text, put it in quotes",
	    filter_cut(r->text + at, len), r->text + at, str_get(&all));
	str_done(&all);
}

/* ---- making nodes ---- */

struct filter_node *filter_node_new(struct filter_reader *r, enum filter_node_kind kind)
{
	struct filter_node *n;

	if (++r->nodes > FILTER_NODES) {
		filter_fail(r, r->at, "more than %d parts", FILTER_NODES);
		return NULL;
	}
	n = arena_alloc(r->f->arena, sizeof *n);
	if (!n) {
		r->err = err_set(r->eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	n->kind = kind;
	n->field = FILTER_ANY;
	return n;
}

struct filter_node *filter_not(struct filter_reader *r, struct filter_node *child)
{
	struct filter_node *n = child ? filter_node_new(r, FILTER_NOT) : NULL;

	if (n)
		n->child = child;
	return n;
}

/* ---- terms ---- */

static bool filter_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

void filter_skip_blanks(struct filter_reader *r)
{
	while (r->at < r->len && filter_is_blank(r->text[r->at]))
		r->at++;
}

static bool filter_has_name(const struct filter_field *f, const char *name, size_t len)
{
	const char *also = f->also;

	if (strlen(f->name) == len && memcmp(f->name, name, len) == 0)
		return true;
	while (also && *also) {
		size_t n = strcspn(also, " ");
		if (n == len && memcmp(also, name, len) == 0)
			return true;
		also += n + (also[n] == ' ');
	}
	return false;
}

static int filter_find_field(const struct filter *f, const char *name, size_t len)
{
	for (int i = 0; f->fields[i].name; i++)
		if (filter_has_name(&f->fields[i], name, len))
			return i;
	return -1;
}

static bool filter_is_name(char c, bool first)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
	       (!first && ((c >= '0' && c <= '9') || c == '.'));
}

static const char *filter_sign_at(const struct filter_reader *r, size_t at, enum filter_sign *op)
{
	for (size_t i = 0; i < FILTER_SIGNS; i++) {
		size_t n = strlen(filter_signs[i].sign);
		if (r->len - at >= n && memcmp(r->text + at, filter_signs[i].sign, n) == 0) {
			*op = filter_signs[i].op;
			return filter_signs[i].sign;
		}
	}
	return NULL;
}

/* A name with an operator behind it? Addresses (https://…) have none. */
static const char *filter_name_and_sign(
    const struct filter_reader *r, size_t *name_len, enum filter_sign *op)
{
	size_t at = r->at;
	const char *sign;

	while (at < r->len && filter_is_name(r->text[at], at == r->at))
		at++;
	*name_len = at - r->at;
	sign = *name_len ? filter_sign_at(r, at, op) : NULL;
	if (sign && *op == SIGN_HAS && r->len - at >= 3 && memcmp(r->text + at, "://", 3) == 0)
		return NULL;
	return sign;
}

static struct filter_node *filter_term(struct filter_reader *r)
{
	size_t begin = r->at, name_len = 0;
	enum filter_sign op = SIGN_IS;
	struct filter_node *n;
	const char *sign;
	bool no = false;
	int field;

	for (; r->at < r->len && r->text[r->at] == '!' && filter_sign_at(r, r->at, &op) == NULL;
	     r->at++)
		no = !no;
	if (r->at == r->len || filter_is_blank(r->text[r->at]) || r->text[r->at] == '|') {
		filter_fail(r, begin, "what is not wanted belongs right behind the !");
		return NULL;
	}
	sign = filter_sign_at(r, r->at, &op);
	if (sign && op != SIGN_FITS && op != SIGN_HAS) {
		filter_fail(r, r->at,
		    "a field belongs right before %s, and its value right behind: subs>=10k", sign);
		return NULL;
	}
	sign = filter_name_and_sign(r, &name_len, &op);
	if (!sign) {
		n = filter_any_term(r);
		return no ? filter_not(r, n) : n;
	}
	begin = r->at;
	field = filter_find_field(r->f, r->text + begin, name_len);
	if (field < 0) {
		filter_fail_field(r, begin, name_len);
		return NULL;
	}
	r->at += name_len + strlen(sign);
	n = filter_field_term(r, field, op, begin);
	return no ? filter_not(r, n) : n;
}

/* ---- the whole ---- */

static struct filter_node *filter_both(struct filter_reader *r)
{
	struct filter_node *all = filter_node_new(r, FILTER_AND);
	struct filter_node *last = NULL;

	if (!all)
		return NULL;
	for (filter_skip_blanks(r); !r->err && r->at < r->len && r->text[r->at] != '|';
	     filter_skip_blanks(r)) {
		struct filter_node *n = filter_term(r);
		if (!n)
			return NULL;
		if (last)
			last->next = n;
		else
			all->child = n;
		last = n;
	}
	if (!all->child)
		filter_fail(r, r->at, "something to look for belongs on both sides of a |");
	return all->child && !all->child->next ? (struct filter_node *)(uintptr_t)all->child : all;
}

static const struct filter_node *filter_either(struct filter_reader *r)
{
	struct filter_node *all = filter_node_new(r, FILTER_OR);
	struct filter_node *last = NULL;

	if (!all)
		return NULL;
	for (;;) {
		struct filter_node *n = filter_both(r);
		if (r->err || !n)
			return NULL;
		if (last)
			last->next = n;
		else
			all->child = n;
		last = n;
		if (r->at == r->len)
			return all->child->next ? all : all->child;
		r->at++; /* the | */
	}
}

static enum err filter_read(
    struct filter *f, const char *text, int64_t now, size_t *at, struct errbuf *eb)
{
	struct filter_reader *r = calloc(1, sizeof *r);
	enum err err;

	if (!r)
		return err_set(eb, ERR_NOMEM, "out of memory");
	r->f = f;
	r->text = text;
	r->len = strlen(text);
	r->now = now;
	r->bad = at;
	r->eb = eb;
	if (r->len > FILTER_LIMIT)
		r->err = err_set(eb, ERR_LIMIT, "a filter may have %d bytes", FILTER_LIMIT);
	else if (!text_is_clean(text, r->len))
		r->err = err_set(eb, ERR_INVALID, "the filter holds control characters");
	filter_skip_blanks(r);
	if (!r->err && r->at < r->len)
		f->root = filter_either(r);
	err = r->err;
	free(r);
	return err;
}

enum err filter_parse(struct filter **out, const char *text, const struct filter_field *fields,
    int64_t now, size_t *at, struct errbuf *eb)
{
	struct filter *f = calloc(1, sizeof *f);
	enum err err = f ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	*out = NULL;
	if (at)
		*at = 0;
	if (err)
		return err;
	f->fields = fields;
	f->arena = arena_new(FILTER_ARENA);
	err =
	    f->arena ? filter_read(f, text, now, at, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	if (err)
		filter_free(f);
	else
		*out = f;
	return err;
}

/* The first of the terms that must all hold. */
static struct filter_node *filter_terms(const struct filter_node *root)
{
	return (
	    struct filter_node *)(uintptr_t)(root && root->kind == FILTER_AND ? root->child : root);
}

enum err filter_join(struct filter *f, struct filter *other, struct errbuf *eb)
{
	struct filter_node *all = arena_alloc(f->arena, sizeof *all), *last;

	if (!all || f->other) {
		filter_free(other);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	f->other = other;
	all->kind = FILTER_AND;
	all->field = FILTER_ANY;
	all->child = last = filter_terms(f->root);
	while (last && last->next)
		last = (struct filter_node *)(uintptr_t)last->next;
	if (last)
		last->next = filter_terms(other->root);
	else
		all->child = filter_terms(other->root);
	f->root = all->child ? all : NULL;
	return ERR_OK;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	filter_free(f->other);
	for (size_t i = 0; i < f->n_patterns; i++)
		pattern_free(f->patterns[i]);
	free(f->patterns);
	arena_free(f->arena);
	free(f);
}

const struct filter_node *filter_root(const struct filter *f)
{
	return f ? f->root : NULL;
}

const struct filter_field *filter_fields(const struct filter *f)
{
	return f->fields;
}
