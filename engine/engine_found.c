#include "config.h"
#include "engine/engine_found.h"
#include "db/list.h"
#include "engine/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { FOUND_STEP_MS = 1000, FOUND_BYTES = 1 << 20 };

#define FOUND_ID "channel_id"

struct found {
	struct filter *filter;
	struct list_ask ask;
	int field;
	char *place; /* behind what came so far; NULL: nothing did */
};

enum err found_open(struct found **out, const char *q, const char *sort, struct errbuf *eb)
{
	struct found *f = calloc(1, sizeof *f);
	int fields[LIST_FIELDS];
	enum err err;

	*out = f;
	if (!f)
		return err_set(eb, ERR_NOMEM, "out of memory");
	f->ask = (struct list_ask){.thing = &list_channels,
	    .limit = FOUND_MOST,
	    .fields = &f->field,
	    .scan = true,
	    .scan_ms = FOUND_STEP_MS,
	    .count = LIST_COUNT_CHEAP};
	err = list_choose(f->ask.thing, FOUND_ID, fields, &f->ask.n_fields, eb);
	f->field = fields[0];
	if (!err)
		err = list_sort_choose(f->ask.thing, sort, &f->ask.sort, &f->ask.descending, eb);
	if (!err)
		err = filter_parse(&f->filter, q ? q : "", list_filter_fields(f->ask.thing),
		    clock_now(), NULL, eb);
	f->ask.filter = f->filter;
	if (!err)
		return ERR_OK;
	found_close(f);
	*out = NULL;
	return err;
}

void found_close(struct found *f)
{
	if (!f)
		return;
	filter_free(f->filter);
	free(f->place);
	free(f);
}

/* Rows are {"channel_id":"UC…"}, separated by commas. */
static size_t found_read(const struct str *rows, struct cid ids[FOUND_MOST])
{
	static const char before[] = "{\"" FOUND_ID "\":\"";
	const char *at = str_get(rows);
	size_t n = 0;

	while (n < FOUND_MOST && (at = strstr(at, before))) {
		at += sizeof before - 1;
		n += cid_parse(at, strnlen(at, CID_TEXT), &ids[n]);
	}
	return n;
}

enum err found_next(struct found *f, struct staging *s, struct cid ids[FOUND_MOST], size_t *n,
    bool *more, struct errbuf *eb)
{
	struct list_answer a = {.n = 0};
	enum err err;

	*n = 0;
	*more = false;
	str_init(&a.rows, FOUND_BYTES);
	f->ask.place = f->place;
	err = list_run(s, &f->ask, &a, eb);
	if (!err) {
		*n = found_read(&a.rows, ids);
		*more = a.next != NULL;
		free(f->place);
		f->place = a.next;
		a.next = NULL;
	}
	list_answer_done(&a);
	str_done(&a.rows);
	return err;
}
