/* Terms of a filter as ranges of an index. */
#include "config.h"
#include "db/list_plan.h"

#include <math.h>
#include <string.h>

/* ---- what the first column of an index is fixed to ---- */

/* A text as it stands in the index; false: no text there is so long. */
static bool arm_text(struct list_bind *b, const struct list_way *w, const struct filter_text *t)
{
	size_t len = t->len;

	if (w->equal_form == LIST_PRIMARY) {
		const char *dash = memchr(t->text, '-', len);
		len = dash ? (size_t)(dash - t->text) : len;
	}
	if (len >= LIST_BLOB || (t->how != PATTERN_IS && t->how != PATTERN_TAG))
		return false;
	*b = (struct list_bind){.kind = LIST_BIND_TEXT, .len = len};
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)t->text[i];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (letter && w->equal_form == LIST_UPPER)
			c &= (unsigned char)~32;
		else if (letter && w->equal_form == LIST_PRIMARY)
			c |= 32;
		b->blob[i] = c;
	}
	return true;
}

static bool arm_add(struct list_plan *p, struct list_arm a)
{
	if (p->n_arms == LIST_ARMS)
		return false;
	p->arms[p->n_arms++] = a;
	return true;
}

static bool arms_of_choices(
    struct list_plan *p, const struct list_thing *t, const struct filter_node *n)
{
	const char *const *words = t->filters[n->field].words;

	if (n->or_unknown || (n->choices & ~p->way->equal_choices))
		return false;
	for (int i = 0; words[i]; i++) {
		struct list_arm a = {.has_equal = true};
		if (!(n->choices >> i & 1))
			continue;
		a.equal = (struct list_bind){.kind = LIST_BIND_INT, .number = i};
		if (t->sources[n->field].is_text_choice)
			a.equal = (struct list_bind){
			    .kind = LIST_BIND_TEXT, .text = words[i], .len = strlen(words[i])};
		if (!arm_add(p, a))
			return false;
	}
	return p->n_arms > 0;
}

bool list_arms_equal(struct list_plan *p, const struct list_thing *t, const struct filter_node *n)
{
	struct list_arm a = {.has_equal = true};

	p->n_arms = 0;
	if (n->field != p->way->equal_field)
		return false;
	if (n->kind == FILTER_AMONG)
		return arms_of_choices(p, t, n);
	if (n->kind != FILTER_FITS)
		return false;
	for (size_t i = 0; i < n->n; i++)
		if (!arm_text(&a.equal, p->way, &n->texts[i]) || !arm_add(p, a))
			return false;
	a.equal = (struct list_bind){.kind = LIST_BIND_NULL};
	return !n->or_unknown || arm_add(p, a);
}

/* ---- ranges of numbers ---- */

static struct list_bind arm_number(double n)
{
	struct list_bind b = {.kind = LIST_BIND_REAL, .real = n};

	if (floor(n) == n && fabs(n) < 9e15) {
		b.kind = LIST_BIND_INT;
		b.number = (int64_t)n;
	}
	return b;
}

static double arm_value(const struct list_bound *b)
{
	return b->value.kind == LIST_BIND_INT ? (double)b->value.number : b->value.real;
}

/* The narrower of two ends. sign 1: of lower ones, -1: of upper ones. */
static void arm_narrow(struct list_bound *b, bool has, double n, bool open, int sign)
{
	double old = arm_value(b);

	if (!has || (b->is_set && (n - old) * sign < 0))
		return;
	b->open = open || (b->is_set && !(n > old) && !(n < old) && b->open);
	b->is_set = true;
	b->value = arm_number(n);
}

static bool arms_within(struct list_plan *p, const struct filter_node *n)
{
	struct list_arm old[LIST_ARMS];
	int n_old = p->n_arms;

	memcpy(old, p->arms, sizeof old);
	if (n->or_unknown && n->n)
		return false;
	p->n_arms = 0;
	for (int i = 0; i < n_old; i++) {
		struct list_arm a = old[i];
		if (n->or_unknown) {
			a.unknown = true;
			if (!arm_add(p, a))
				return false;
		}
		for (size_t k = 0; k < n->n; k++) {
			const struct filter_range *x = &n->ranges[k];
			a = old[i];
			arm_narrow(&a.lo, x->has_lo, x->lo, x->above_lo, 1);
			arm_narrow(&a.hi, x->has_hi, x->hi, x->below_hi, -1);
			if (!arm_add(p, a))
				return false;
		}
	}
	return true;
}

/* ---- ranges of texts and ids ---- */

/* The lowest and highest key that begin so; false: none does. */
static bool arm_id(const struct filter_text *t, struct cid *lo, struct cid *hi)
{
	char low[CID_TEXT + 1] = "UC---------------------A", high[] = "UCzzzzzzzzzzzzzzzzzzzzzw";

	if (t->len > CID_TEXT || (t->how == PATTERN_IS && t->len != CID_TEXT))
		return false;
	if (memcmp(t->text, low, t->len < 2 ? t->len : 2) != 0)
		return false;
	memcpy(low, t->text, t->len);
	memcpy(high, t->text, t->len);
	return cid_parse(low, CID_TEXT, lo) && cid_parse(high, CID_TEXT, hi);
}

static struct list_bind arm_cid(const struct cid *cid)
{
	struct list_bind b = {.kind = LIST_BIND_BLOB, .len = CID_BYTES};

	memcpy(b.blob, cid->b, CID_BYTES);
	return b;
}

static bool arms_fit_ids(struct list_plan *p, const struct filter_node *n)
{
	p->n_arms = 0;
	for (size_t i = 0; i < n->n; i++) {
		struct list_arm a = {.has_equal = false};
		struct cid lo, hi;
		if (n->texts[i].how != PATTERN_IS && n->texts[i].how != PATTERN_BEGINS)
			return false;
		if (!arm_id(&n->texts[i], &lo, &hi))
			continue;
		a.lo = (struct list_bound){.is_set = true, .value = arm_cid(&lo)};
		a.hi = (struct list_bound){.is_set = true, .value = arm_cid(&hi)};
		if (!arm_add(p, a))
			return false;
	}
	p->none = !p->n_arms;
	return true;
}

static bool arms_fit_texts(struct list_plan *p, const struct filter_node *n)
{
	p->n_arms = 0;
	for (size_t i = 0; i < n->n; i++) {
		const struct filter_text *t = &n->texts[i];
		size_t sure = pattern_sure_prefix(t->text, t->len);
		struct list_bind b = {.kind = LIST_BIND_TEXT, .text = t->text, .len = sure};
		bool is_whole = t->how == PATTERN_IS && sure == t->len;
		struct list_arm a = {.has_equal = false};
		if ((t->how != PATTERN_IS && t->how != PATTERN_BEGINS) || !sure)
			return false;
		a.lo = (struct list_bound){.is_set = true, .value = b};
		a.hi = (struct list_bound){
		    .is_set = true, .beyond = !is_whole, .open = !is_whole, .value = b};
		if (!arm_add(p, a))
			return false;
	}
	return p->n_arms > 0;
}

/* Narrows the arms by a term; false (arms are of no use then): it makes no ranges here. */
bool list_arms_range(struct list_plan *p, const struct filter_node *n, bool first)
{
	if (n->field != p->way->field || p->way->field < 0)
		return false;
	if (n->kind == FILTER_WITHIN && p->way->key_kind == LIST_KEY_NUMBER)
		return arms_within(p, n);
	if (n->kind != FILTER_FITS || n->or_unknown || !first || p->way->equal)
		return false;
	return p->way->key_kind == LIST_KEY_ID     ? arms_fit_ids(p, n)
	       : p->way->key_kind == LIST_KEY_TEXT ? arms_fit_texts(p, n)
	                                           : false;
}

/* ---- as SQL ---- */

static void arm_bound(
    struct list_sql *q, const struct list_way *w, const struct list_bound *b, const char *sign)
{
	if (!b->is_set)
		return;
	list_sql_add(q, " AND %s %s%s ", w->key, sign, b->open ? "" : "=");
	if (w->prefix)
		list_sql_add(q, "'%s' || ", w->prefix);
	list_sql_bind(q, &b->value);
	if (b->beyond)
		list_sql_add(q, " || char(1114111)");
}

void list_arm_where(struct list_sql *q, const struct list_way *w, const struct list_arm *a)
{
	list_sql_add(q, "%s", w->guard ? w->guard : "1");
	if (a->has_equal) {
		list_sql_add(q, " AND %s IS ", w->equal);
		list_sql_bind(q, &a->equal);
	}
	if (a->unknown)
		list_sql_add(q, " AND %s IS NULL", w->key);
	else if (a->known && !a->lo.is_set && !a->hi.is_set)
		list_sql_add(q, " AND %s IS NOT NULL", w->key);
	arm_bound(q, w, &a->lo, ">");
	arm_bound(q, w, &a->hi, "<");
}
