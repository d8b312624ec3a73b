/* All that is known of a channel, as lines: labels and texts, wrapped to the width of the list. */
#include "config.h"
#include "tui/views/channel_parts.h"
#include "tui/views/job_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ABOUT_LINES = 2000, ABOUT_TEXT = 64 * 1024, ABOUT_LABEL = 17, ABOUT_LEAST = 20 };

struct about_line {
	const char *label; /* of the first line of a fact; constant */
	size_t from;       /* in the text of all */
	const char *text;
};

struct channel_about {
	int64_t got_ms; /* of the answer that it was made from */
	int w;
	struct str text; /* wrapped, each line ended by NUL */
	struct about_line lines[ABOUT_LINES];
	size_t n;
};

/* label, member; what is not there is left out */
static const struct {
	const char *label, *member;
} about_facts[] = {
    {"id", "channel_id"},
    {"title", "title"},
    {"imported as", "imported_title"},
    {"handle", "custom_url"},
    {"made", "published_at"},
    {"country", "country"},
    {"language", "language"},
    {"known by", "language_source"},
    {"certain, %", "language_confidence"},
    {"subscribers", "subscriber_count"},
    {"hidden", "hidden_subscribers"},
    {"videos", "video_count"},
    {"stored", "videos_stored"},
    {"listed", "uploads_listed"},
    {"views", "view_count"},
    {"made for kids", "made_for_kids"},
    {"privacy", "privacy_status"},
    {"topics", "topic_categories"},
    {"keywords", "keywords"},
    {"source", "source"},
    {"origin", "origin"},
    {"added", "created_at"},
    {"fetched", "fetched_at"},
    {"found from", "found_from"},
    {"steps away", "found_depth"},
    {"picture", "thumbnail_url"},
    {"banner", "banner_url"},
    {"description", "description"},
};

void channel_about_free(struct channel_about *a)
{
	if (!a)
		return;
	str_done(&a->text);
	free(a);
}

/* Bytes of text that one line of w columns holds: up to a line's end, else a blank, else all. */
static size_t about_cut(const char *text, int w)
{
	size_t line = strcspn(text, "\n"), at = 0, blank = 0;

	for (int x = 0; at < line && x < w; x++) {
		blank = text[at] == ' ' ? at : blank;
		at++;
		while (at < line && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
	}
	return at < line && blank ? blank : at;
}

static void about_add(struct channel_about *a, const char *label, const char *text)
{
	bool first = true;

	while (a->n < ABOUT_LINES && (*text || first)) {
		size_t len = about_cut(text, a->w);
		a->lines[a->n].from = a->text.len;
		str_add(&a->text, text, len);
		str_addc(&a->text, '\0');
		if (a->text.err)
			return;
		a->lines[a->n++].label = first ? label : "";
		first = false;
		text += len;
		text += *text == '\n' || *text == ' ';
	}
}

/* Counts in full with their commas; all else as parameters of jobs are shown. */
static void about_value(struct json_node v, char *out)
{
	char n[FORMAT_SIZE];
	int64_t count;

	if (json_node_type(v) == JSON_NODE_INT && json_node_int(v, &count))
		snprintf(out, ABOUT_TEXT, "%s", format_full(n, count));
	else
		job_value(v, out, ABOUT_TEXT);
}

static void about_make(struct channel_about *a, struct json_node channel)
{
	char *value = malloc(ABOUT_TEXT);

	a->n = 0;
	str_reset(&a->text);
	for (size_t i = 0; value && i < sizeof about_facts / sizeof about_facts[0]; i++) {
		about_value(json_node_get(channel, about_facts[i].member), value);
		if (*value)
			about_add(a, about_facts[i].label, value);
	}
	free(value);
	for (size_t i = 0; i < a->n; i++) /* it does not grow any more */
		a->lines[i].text = a->text.text + a->lines[i].from;
}

void channel_about_update(
    const struct view_ctx *c, struct channel_own *own, const struct resource *r, int w)
{
	struct channel_about *a = own->about;

	(void)c;
	if (!a) {
		a = own->about = calloc(1, sizeof *a);
		if (a)
			str_init(&a->text, 4 * ABOUT_TEXT);
	}
	w = w - ABOUT_LABEL > ABOUT_LEAST ? w - ABOUT_LABEL : ABOUT_LEAST;
	if (!a || !r->answer.root.doc || (a->got_ms == r->got_ms && a->w == w && a->n))
		return;
	a->w = w;
	a->got_ms = r->got_ms;
	about_make(a, r->answer.root);
}

/* ---- as a list ---- */

static void about_label(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct about_line *line = r->item;

	(void)c;
	out->role = ROLE_OFF;
	snprintf(out->text, sizeof out->text, "%s", line->label);
}

static void about_text(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct about_line *line = r->item;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", line->text);
}

static const struct table_col about_columns[] = {
    {"what", "WHAT", 13, 13, 0, ALIGN_LEFT, about_label, NULL, NULL, NULL, FILTER_TEXT},
    {"text", "", 20, 400, 0, ALIGN_LEFT, about_text, NULL, NULL, NULL, FILTER_TEXT},
};

static const struct channel_about *about_of(const struct view_state *st)
{
	const struct channel_own *own = st->own;

	return own ? own->about : NULL;
}

static size_t about_count(const struct view_ctx *c, struct view_state *st)
{
	(void)c;
	return about_of(st) ? about_of(st)->n : 0;
}

static void about_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)c;
	out->item = &about_of(st)->lines[at];
}

static void about_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%zu", r->at);
}

static void about_copy(const struct table_row *r, struct str *out)
{
	const struct about_line *line = r->item;

	str_adds(out, line->text);
}

const struct table_def channel_about_table = {
    .what = "lines",
    .cols = about_columns,
    .n_cols = sizeof about_columns / sizeof about_columns[0],
    .count = about_count,
    .row = about_row,
    .id = about_id,
    .copy = about_copy,
    .order_words = "as it is",
    .empty = "nothing is known of it yet",
};
