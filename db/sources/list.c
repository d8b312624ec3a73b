#include "config.h"
#include "db/sources/list.h"
#include "db/sources/input.h"

#include <stdlib.h>
#include <string.h>

struct list {
	bool begun;
};

/* No separator in the lines at hand: then a comma later on is part of somebody's URL. */
static bool list_is_like(const struct input *in)
{
	for (size_t i = in->start; i < in->end; i++)
		if (in->buf[i] == ',' || in->buf[i] == ';' || in->buf[i] == '\t')
			return false;
	return true;
}

static enum err list_start(
    void **state, struct input *in, const struct source_config *cfg, struct errbuf *eb)
{
	(void)in;
	(void)cfg;
	*state = calloc(1, sizeof(struct list));
	return *state ? ERR_OK : err_set(eb, ERR_NOMEM, "no memory to read a list");
}

static void list_end(void *state)
{
	free(state);
}

static bool list_is_blank(const struct input_line *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->text[i] != ' ' && l->text[i] != '\t' && l->text[i] != '\r')
			return false;
	return true;
}

static bool list_is_header(const struct input_line *l)
{
	struct source_text t = {l->text, l->len};
	int rank;

	if (t.len >= 2 && t.text[0] == '"' && t.text[t.len - 1] == '"')
		t = (struct source_text){t.text + 1, t.len - 2};
	return source_part_by_name(t.text, t.len, &rank) == SOURCE_REF;
}

static enum err list_next(
    void *state, struct input *in, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct list *list = state;
	struct input_line l;
	enum err err;

	for (;;) {
		bool first = !list->begun;
		err = input_next_line(in, SOURCE_FIELD_MAX, &l, more, eb);
		if (err || !*more)
			return err;
		if (list_is_blank(&l))
			continue;
		list->begun = true;
		if (!first || !list_is_header(&l))
			break;
	}
	*row =
	    (struct source_row){.line = l.number, .ref = {l.text, l.len}, .raw = {l.text, l.len}};
	if (l.too_long)
		row->problem = "a field is longer than 1 MiB";
	else if (memchr(l.text, '\0', l.len))
		row->problem = "a NUL byte";
	return ERR_OK;
}

const struct source_format list_format = {"list", list_is_like, list_start, list_next, list_end};
