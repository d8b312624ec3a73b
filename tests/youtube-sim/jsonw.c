#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "jsonw.h"

void jsonw_init(struct jsonw *w, struct out *out, bool pretty, const struct fields *select)
{
	*w = (struct jsonw){.out = out, .pretty = pretty};
	w->select[0] = select;
}

static void new_line(struct jsonw *w)
{
	static const char spaces[2 * JSONW_MAX_DEPTH + 2] = "                                 ";

	out_char(w->out, '\n');
	out_add(w->out, spaces, (size_t)2 * w->depth);
}

/* Comma, line and name before a value; false when the member is not selected. */
static bool lead(struct jsonw *w, const char *name, const struct fields **below)
{
	struct out *o = w->out;
	size_t len = 0;

	*below = w->select[w->depth];
	if (name != NULL) {
		len = strlen(name);
		if (!fields_select(w->select[w->depth], name, len, below))
			return false;
	}
	if (w->some[w->depth])
		out_char(o, ',');
	w->some[w->depth] = true;
	if (w->pretty && w->depth > 0)
		new_line(w);
	if (name != NULL) {
		out_char(o, '"');
		out_add(o, name, len);
		out_add(o, "\": ", w->pretty ? 3 : 2);
	}
	return true;
}

static bool open_nest(struct jsonw *w, const char *name, char mark)
{
	const struct fields *below;

	if (w->depth + 1 >= JSONW_MAX_DEPTH || !lead(w, name, &below))
		return false;
	out_char(w->out, mark);
	w->depth++;
	w->some[w->depth] = false;
	w->select[w->depth] = below;
	return true;
}

static void close_nest(struct jsonw *w, char mark)
{
	bool some = w->some[w->depth];

	w->depth--;
	if (some && w->pretty)
		new_line(w);
	out_char(w->out, mark);
}

bool jsonw_object(struct jsonw *w, const char *name)
{
	return open_nest(w, name, '{');
}

bool jsonw_array(struct jsonw *w, const char *name)
{
	return open_nest(w, name, '[');
}

void jsonw_object_end(struct jsonw *w)
{
	close_nest(w, '}');
}

void jsonw_array_end(struct jsonw *w)
{
	close_nest(w, ']');
}

void jsonw_end(struct jsonw *w)
{
	if (w->pretty)
		out_char(w->out, '\n');
}

void jsonw_string(struct jsonw *w, const char *name, const char *text)
{
	jsonw_outside(w, name, slice_of(text));
}

void jsonw_outside(struct jsonw *w, const char *name, struct slice text)
{
	const struct fields *below;

	if (!lead(w, name, &below))
		return;
	out_char(w->out, '"');
	out_json_outside(w->out, text.p, text.len);
	out_char(w->out, '"');
}

void jsonw_escaped(struct jsonw *w, const char *name, const char *p, size_t len)
{
	const struct fields *below;

	if (!lead(w, name, &below))
		return;
	out_char(w->out, '"');
	out_add(w->out, p, len);
	out_char(w->out, '"');
}

void jsonw_number(struct jsonw *w, const char *name, uint64_t v)
{
	const struct fields *below;

	if (lead(w, name, &below))
		out_u64(w->out, v);
}

void jsonw_number_text(struct jsonw *w, const char *name, uint64_t v)
{
	const struct fields *below;

	if (!lead(w, name, &below))
		return;
	out_char(w->out, '"');
	out_u64(w->out, v);
	out_char(w->out, '"');
}

void jsonw_bool(struct jsonw *w, const char *name, bool v)
{
	const struct fields *below;

	if (lead(w, name, &below))
		out_text(w->out, v ? "true" : "false");
}

size_t jsonw_hole(struct jsonw *w, const char *name, size_t n)
{
	const struct fields *below;
	size_t at;

	if (!lead(w, name, &below))
		return 0;
	out_char(w->out, '"');
	at = w->out->len;
	for (size_t i = 0; i < n; i++)
		out_char(w->out, '0');
	out_char(w->out, '"');
	return w->out->failed ? 0 : at;
}

void jsonw_raw(struct jsonw *w, const char *name, const char *p, size_t len)
{
	const struct fields *below;

	if (lead(w, name, &below))
		out_add(w->out, p, len);
}
