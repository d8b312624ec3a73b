/* Filters asked about rows in memory. */
#include "config.h"
#include "engine/base/filter.h"
#include "engine/base/str.h"

#include <string.h>

struct filter_asked {
	const struct filter_field *fields;
	filter_get_fn *get;
	const void *row;
};

static bool match_texts(const struct filter_node *n, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < n->n; i++)
		if (pattern_fits(n->texts[i].pattern, text, len))
			return true;
	return false;
}

/* Under either of its names. */
static bool match_names(const struct filter_node *n, const struct filter_data *d)
{
	return match_texts(n, d->text) || (d->also && match_texts(n, d->also));
}

static bool match_any(const struct filter_asked *a, const struct filter_node *n)
{
	for (int i = 0; a->fields[i].name; i++) {
		struct filter_data d = {0};
		if (!a->fields[i].any)
			continue;
		a->get(a->row, i, &d);
		if (d.text && match_names(n, &d))
			return true;
	}
	return false;
}

static bool match_range(const struct filter_range *x, double number)
{
	if (x->has_lo && (x->above_lo ? number <= x->lo : number < x->lo))
		return false;
	return !x->has_hi || (x->below_hi ? number < x->hi : number <= x->hi);
}

static bool match_number(const struct filter_node *n, double number)
{
	for (size_t i = 0; i < n->n; i++)
		if (match_range(&n->ranges[i], number))
			return true;
	return false;
}

static bool match_choice(
    const struct filter_node *n, const struct filter_field *f, const char *text)
{
	for (int i = 0; f->words[i]; i++)
		if ((n->choices >> i & 1) && str_is_equal_nocase(f->words[i], text))
			return true;
	return false;
}

static bool match_field(const struct filter_asked *a, const struct filter_node *n)
{
	struct filter_data d = {0};

	a->get(a->row, n->field, &d);
	if (n->kind == FILTER_WITHIN)
		return d.has_number ? match_number(n, d.number) : n->or_unknown;
	if (!d.text || !*d.text)
		return n->or_unknown ||
		       (d.text && n->kind == FILTER_FITS && match_texts(n, d.text));
	return n->kind == FILTER_AMONG ? match_choice(n, &a->fields[n->field], d.text)
	                               : match_names(n, &d);
}

static bool match_node(const struct filter_asked *a, const struct filter_node *n)
{
	const struct filter_node *child = n->child;

	switch (n->kind) {
	case FILTER_NOT:
		return !match_node(a, child);
	case FILTER_AND:
		while (child && match_node(a, child))
			child = child->next;
		return !child;
	case FILTER_OR:
		while (child && !match_node(a, child))
			child = child->next;
		return child != NULL;
	default:
		return n->field == FILTER_ANY ? match_any(a, n) : match_field(a, n);
	}
}

bool filter_match(const struct filter *f, filter_get_fn *get, const void *row)
{
	const struct filter_node *root = filter_root(f);
	struct filter_asked a = {f ? filter_fields(f) : NULL, get, row};

	return !root || match_node(&a, root);
}
