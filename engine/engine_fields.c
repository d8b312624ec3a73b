/* Fields of CSV and JSON Lines, and the columns that a channel has. */
#include "config.h"
#include "engine/engine_fields.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <stddef.h>
#include <string.h>

/*
 * Spreadsheets run texts that begin like formulas: a quote in front makes them texts. "-" and "@"
 * begin numbers, handles and many titles too: there only what could call something gets one.
 */
static bool fields_is_formula(const char *text)
{
	if (*text == '-' || *text == '@')
		return strpbrk(text, "(|!=") != NULL;
	return *text && strchr("=+\t\r", *text);
}

static void fields_csv_text(struct str *s, const char *text, char sep)
{
	bool formula = fields_is_formula(text);

	if (!formula && !strchr(text, sep) && !strpbrk(text, "\"\r\n") && *text != ' ') {
		str_adds(s, text);
		return;
	}
	str_addc(s, '"');
	if (formula)
		str_addc(s, '\'');
	for (; *text; text++) {
		if (*text == '"')
			str_addc(s, '"');
		str_addc(s, *text);
	}
	str_addc(s, '"');
}

static void fields_name(struct fields *x, const char *name)
{
	if (x->jsonl)
		str_addf(&x->row, "%c\"%s\":", x->first ? '{' : ',', name);
	else if (!x->first)
		str_addc(&x->row, x->sep);
	x->first = false;
}

void fields_text(struct fields *x, const char *name, const char *text)
{
	fields_name(x, name);
	if (!text) {
		if (x->jsonl)
			str_adds(&x->row, "null");
	} else if (x->jsonl) {
		text_add_json(&x->row, text, strlen(text));
	} else {
		fields_csv_text(&x->row, text, x->sep);
	}
}

void fields_int(struct fields *x, const char *name, int64_t value, int64_t none)
{
	fields_name(x, name);
	if (value != none)
		str_addf(&x->row, "%lld", (long long)value);
	else if (x->jsonl)
		str_adds(&x->row, "null");
}

void fields_share(struct fields *x, const char *name, double share)
{
	fields_name(x, name);
	str_addf(&x->row, "%.4g", share);
}

void fields_time(struct fields *x, const char *name, int64_t s, int64_t none)
{
	char iso[CLOCK_ISO_SIZE];

	fields_text(x, name, s == none ? NULL : clock_iso(s, iso));
}

/* In CSV a list is one field, its items separated by |. */
void fields_list(struct fields *x, const char *name, const struct text_list *list)
{
	struct str joined;

	if (!x->jsonl) {
		str_init(&joined, FIELDS_LIMIT);
		for (int i = 0; i < list->n; i++)
			str_addf(&joined, "%s%s", i ? "|" : "", list->items[i]);
		fields_text(x, name, list->n < 0 ? NULL : str_get(&joined));
		str_done(&joined);
		return;
	}
	fields_name(x, name);
	str_adds(&x->row, list->n < 0 ? "null" : "[");
	for (int i = 0; i < list->n; i++) {
		if (i)
			str_addc(&x->row, ',');
		text_add_json(&x->row, list->items[i], strlen(list->items[i]));
	}
	if (list->n >= 0)
		str_addc(&x->row, ']');
}

/* ---- channels ---- */

static const struct channel_meta no_meta = {.published_at = INT64_MIN,
    .subscriber_count = COUNT_NONE,
    .video_count = COUNT_NONE,
    .view_count = COUNT_NONE,
    .hidden_subscribers = -1,
    .made_for_kids = -1,
    .keywords = {NULL, -1},
    .topics = {NULL, -1}};

/* What a column takes its value from: a member of the metadata, or more than that. */
struct column {
	const char *name;
	void (*put)(struct fields *x, const struct column *c, const struct channel_row *r,
	    const struct channel_meta *m);
	size_t at; /* of the member */
};

#define COLUMN_MEMBER(m, column, type) \
	((const type *)(const void *)((const char *)(m) + (column)->at))

#define COLUMN_PUT(what)                                                    \
	static void column_##what(struct fields *x, const struct column *c, \
	    const struct channel_row *r, const struct channel_meta *m)

COLUMN_PUT(text)
{
	(void)r;
	fields_text(x, c->name, *COLUMN_MEMBER(m, c, char *const));
}

COLUMN_PUT(count)
{
	(void)r;
	fields_int(x, c->name, *COLUMN_MEMBER(m, c, int64_t), COUNT_NONE);
}

COLUMN_PUT(flag)
{
	(void)r;
	fields_int(x, c->name, *COLUMN_MEMBER(m, c, int), -1);
}

COLUMN_PUT(time)
{
	(void)r;
	fields_time(x, c->name, *COLUMN_MEMBER(m, c, int64_t), INT64_MIN);
}

COLUMN_PUT(list)
{
	(void)r;
	fields_list(x, c->name, COLUMN_MEMBER(m, c, struct text_list));
}

COLUMN_PUT(channel_id)
{
	char id[CID_TEXT + 1];

	(void)m;
	fields_text(x, c->name, cid_format(&r->cid, id));
}

COLUMN_PUT(title)
{
	fields_text(x, c->name, m->title ? m->title : r->import_title);
}

COLUMN_PUT(description)
{
	fields_text(x, c->name, m->description ? m->description : r->import_description);
}

COLUMN_PUT(confidence)
{
	(void)r;
	fields_int(x, c->name, m->language ? m->language_confidence : -1, -1);
}

COLUMN_PUT(state)
{
	(void)m;
	fields_text(x, c->name, item_state_word(r->state[OP_METADATA]));
}

COLUMN_PUT(source)
{
	(void)m;
	fields_text(x, c->name, r->source);
}

COLUMN_PUT(created)
{
	(void)m;
	fields_time(x, c->name, r->created_at, 0);
}

COLUMN_PUT(fetched)
{
	fields_time(x, c->name, r->has_meta ? m->fetched_at : 0, 0);
}

#define COLUMN_OF(what, member)                                               \
	{                                                                     \
#member, column_##what, offsetof(struct channel_meta, member) \
	}

static const struct column columns[] = {
    {"channel_id", column_channel_id, 0},
    {"title", column_title, 0},
    {"description", column_description, 0},
    COLUMN_OF(count, subscriber_count),
    COLUMN_OF(count, video_count),
    COLUMN_OF(count, view_count),
    COLUMN_OF(text, country),
    COLUMN_OF(text, language),
    COLUMN_OF(text, language_source),
    {"language_confidence", column_confidence, 0},
    COLUMN_OF(text, default_language),
    COLUMN_OF(text, custom_url),
    COLUMN_OF(time, published_at),
    COLUMN_OF(text, thumbnail_url),
    COLUMN_OF(text, banner_url),
    COLUMN_OF(list, keywords),
    {"topic_categories", column_list, offsetof(struct channel_meta, topics)},
    COLUMN_OF(text, privacy_status),
    COLUMN_OF(flag, made_for_kids),
    {"metadata", column_state, 0},
    {"source", column_source, 0},
    {"created_at", column_created, 0},
    {"fetched_at", column_fetched, 0},
    COLUMN_OF(flag, hidden_subscribers),
    COLUMN_OF(text, etag),
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

const char *channel_column_name(int column)
{
	return column >= 0 && column < COLUMNS ? columns[column].name : NULL;
}

void channel_column_put(int column, struct fields *x, const struct channel_row *r)
{
	const struct column *c = &columns[column];

	c->put(x, c, r, r->has_meta ? &r->meta : &no_meta);
}
