/* n and N of the Log: from line to line that fits what was looked for, also where more must be read. */
#include "config.h"
#include "tui/views/log_parts.h"
#include "engine/base/log_filter.h"

#include <stdio.h>
#include <string.h>

void log_find_note(struct log_find *f, const char *filter, int64_t now)
{
	struct filter *fresh;

	if (!f->text.limit)
		str_init(&f->text, FILTER_LIMIT);
	if (!*filter || strcmp(filter, str_get(&f->text)) == 0 ||
	    filter_parse(&fresh, filter, log_filter_fields, now, NULL, NULL))
		return;
	filter_free(f->filter);
	f->filter = fresh;
	str_reset(&f->text);
	str_adds(&f->text, filter);
}

void log_find_done(struct log_find *f)
{
	filter_free(f->filter);
	str_done(&f->text);
}

static bool find_fits(const struct log_find *f, const struct log_row *row)
{
	struct log_filter_row r = {.text = row->line->text ? row->line->text : "",
	    .source = row->line->source,
	    .job = row->line->job,
	    .level = row->line->level,
	    .at_ms = row->line->at_ms};

	return !row->piece && filter_match(f->filter, log_filter_get, &r);
}

/* The cursor stands there, with lines around it; following ends. */
static void find_stand(struct log_own *own, struct table *t, size_t line)
{
	int half = t->page / 2;

	own->follow = false;
	table_go(t, line);
	t->top = (int)line > half ? (int)line - half : 0;
	snprintf(own->pinned, sizeof own->pinned, "%s", t->selected);
}

static void find_end(struct log_find *f)
{
	f->seeks = 0;
	f->vain = true;
}

void log_find_go(struct log_own *own, struct table *t)
{
	struct log_find *f = &own->find;
	bool up = f->seeks < 0;
	size_t at = t->at;

	if (!f->seeks || !t->n)
		return;
	while (up ? at > 0 : at + 1 < t->n) {
		at = up ? at - 1 : at + 1;
		if (!find_fits(f, &own->rows[t->lines[at].at]))
			continue;
		find_stand(own, t, at);
		f->seeks = 0;
		return;
	}
	/* what was looked through need not be again when more is there */
	if (up && !own->lines.at_oldest)
		find_stand(own, t, 0);
	else if (!up && own->lines.newer)
		find_stand(own, t, t->n - 1);
	else
		find_end(f);
}

void log_find_step(struct log_own *own, struct table *t, int by)
{
	own->find.seeks = by;
	own->find.vain = false;
	log_find_go(own, t);
}
