/* Projects, their buckets, their keys: one list, because keys only show their part of a project. */
#include "config.h"
#include "tui/views/key_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

/* ---- words ---- */

static const struct {
	const char *state, *word;
	enum role role;
} key_states[] = {
    {"ok", "ok", ROLE_OK},
    {"cooling", "cooling", ROLE_OFF},
    {"spent", "parked", ROLE_OFF},
    {"untested", "untested", ROLE_NORMAL},
    {"off", "off", ROLE_OFF},
};

const char *key_shown_state(const struct snapshot_key *k, enum role *role)
{
	for (size_t i = 0; i < sizeof key_states / sizeof key_states[0]; i++)
		if (strcmp(key_states[i].state, k->state) == 0) {
			*role = key_states[i].role;
			return key_states[i].word;
		}
	*role = ROLE_ERROR;
	return strstr(k->reason, "keyInvalid") || strstr(k->reason, "API_KEY_INVALID") ? "INVALID"
	                                                                               : "blocked";
}

const struct snapshot_key *key_find(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		if (strcmp(s->keys[i].name, name) == 0)
			return &s->keys[i];
	return NULL;
}

/* Buckets as the list names them. */
static const char *key_bucket_name(const char *bucket)
{
	return strcmp(bucket, "search") == 0  ? "search calls"
	       : strcmp(bucket, "stats") == 0 ? "stats calls"
	                                      : bucket;
}

static enum role key_bucket_role(const struct snapshot_bucket *b)
{
	return strcmp(b->state, "ok") == 0        ? ROLE_OK
	       : strcmp(b->state, "refused") == 0 ? ROLE_WARN
	                                          : ROLE_OFF;
}

/* ---- lines ---- */

static void key_add(struct keys_own *own, struct key_line line)
{
	if (own->n_lines < KEY_LINES)
		own->lines[own->n_lines++] = line;
}

static bool key_is_listed(const struct keys_own *own, const struct snapshot_key *k)
{
	for (size_t i = 0; i < own->n_lines; i++)
		if (own->lines[i].key == k)
			return true;
	return false;
}

/* A project that is not used shows no buckets: nothing can be spent from them. */
static bool key_shows_buckets(const struct snapshot_project *p)
{
	bool used = false;

	for (int b = 0; b < SNAPSHOT_BUCKETS; b++)
		used = used || p->buckets[b].used > 0;
	return used || p->usable > 0;
}

static void key_add_project(
    struct keys_own *own, const struct snapshot *s, const struct snapshot_project *p)
{
	key_add(own, (struct key_line){.kind = KEY_ROW_PROJECT, .project = p});
	for (int b = 0; b < SNAPSHOT_BUCKETS && key_shows_buckets(p); b++)
		key_add(own, (struct key_line){
		                 .kind = KEY_ROW_BUCKET, .project = p, .bucket = &p->buckets[b]});
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		if (strcmp(s->keys[i].project, p->name) == 0)
			key_add(own, (struct key_line){
			                 .kind = KEY_ROW_KEY, .project = p, .key = &s->keys[i]});
}

static size_t key_count(const struct view_ctx *c, struct view_state *st)
{
	struct keys_own *own = st->own;
	const struct snapshot *s = c->snap;

	if (!own)
		return 0;
	own->n_lines = 0;
	for (size_t i = 0; i < s->n_projects && i < SNAPSHOT_PROJECTS; i++)
		if (s->projects[i].keys > 0)
			key_add_project(own, s, &s->projects[i]);
	for (size_t i = 0; i < s->n_keys && i < SNAPSHOT_KEYS; i++)
		if (!key_is_listed(own, &s->keys[i]))
			key_add(own, (struct key_line){.kind = KEY_ROW_KEY, .key = &s->keys[i]});
	return own->n_lines;
}

static void key_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct keys_own *own = st->own;

	(void)c;
	out->item = &own->lines[at];
}

/* A key is its name, as actions want it; the others cannot be mistaken for one. */
static void key_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct key_line *l = r->item;

	if (l->kind == KEY_ROW_KEY)
		snprintf(out, TABLE_ID, "%s", l->key->name);
	else
		snprintf(out, TABLE_ID, "%.55s/%s", l->project->name,
		    l->kind == KEY_ROW_BUCKET ? l->bucket->name : "");
}

static const char *key_state(const struct table_row *r)
{
	const struct key_line *l = r->item;

	return l->kind == KEY_ROW_KEY      ? l->key->state
	       : l->kind == KEY_ROW_BUCKET ? "a bucket"
	                                   : "a project";
}

static unsigned key_on(const struct table_row *r)
{
	const struct key_line *l = r->item;

	return l->kind == KEY_ROW_KEY ? ON_KEY : 0;
}

/* ---- columns ---- */

static void col_name(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_line *l = r->item;

	(void)c;
	if (l->kind == KEY_ROW_PROJECT) {
		snprintf(out->text, sizeof out->text, "%s", l->project->name);
		out->role = ROLE_TITLE;
	} else if (l->kind == KEY_ROW_BUCKET) {
		snprintf(out->text, sizeof out->text, "  %s", key_bucket_name(l->bucket->name));
	} else {
		snprintf(out->text, sizeof out->text, "  %-3s %s", l->key->name, l->key->print);
	}
}

static int64_t key_used(const struct key_line *l)
{
	return l->kind == KEY_ROW_BUCKET ? l->bucket->used
	       : l->kind == KEY_ROW_KEY  ? l->key->week[0].units
	                                 : l->project->buckets[0].used;
}

/* What it is a part of; 0: nothing. */
static int64_t key_limit(const struct key_line *l)
{
	return l->kind == KEY_ROW_BUCKET ? l->bucket->limit
	       : l->project              ? l->project->buckets[0].limit
	                                 : l->key->limit;
}

static void col_used(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_line *l = r->item;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];

	(void)c;
	if (l->kind == KEY_ROW_KEY)
		snprintf(out->text, sizeof out->text, "%s", format_full(a, key_used(l)));
	else if (l->kind == KEY_ROW_BUCKET || !key_shows_buckets(l->project))
		snprintf(out->text, sizeof out->text, "%s/%s", format_full(a, key_used(l)),
		    format_full(b, key_limit(l)));
}

static bool num_used(const struct view_ctx *c, const struct table_row *r, double *out)
{
	(void)c;
	*out = (double)key_used(r->item);
	return true;
}

static void draw_used(
    const struct view_ctx *c, const struct table_row *r, const struct pane *p, int y, int x, int w)
{
	const struct key_line *l = r->item;

	(void)c;
	if (l->kind == KEY_ROW_BUCKET && l->bucket->limit > 0)
		draw_bar(p, y, x, w, key_bucket_role(l->bucket),
		    (double)l->bucket->used / (double)l->bucket->limit);
	else
		draw_text(p, y, x, w, ALIGN_LEFT, ROLE_NORMAL, "");
}

static bool num_percent(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct key_line *l = r->item;
	int64_t whole =
	    l->kind == KEY_ROW_KEY && l->project ? l->project->buckets[0].used : key_limit(l);

	(void)c;
	*out = whole > 0 ? 100.0 * (double)key_used(l) / (double)whole : 0;
	return l->kind != KEY_ROW_PROJECT;
}

static void col_percent(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	double percent;

	if (num_percent(c, r, &percent))
		snprintf(out->text, sizeof out->text, "%d", (int)percent);
}

static bool num_hour(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct key_line *l = r->item;

	(void)c;
	*out = (double)(l->kind == KEY_ROW_BUCKET ? l->bucket->per_hour
	                : l->kind == KEY_ROW_KEY  ? l->key->per_hour
	                                          : 0);
	return l->kind != KEY_ROW_PROJECT;
}

static void col_hour(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	char n[FORMAT_SIZE];
	double units;

	if (num_hour(c, r, &units))
		snprintf(out->text, sizeof out->text, "%s", format_count(n, (int64_t)units));
}

/* The forecast knows the plan; a bucket without one ends at its own rate. */
static int64_t key_dry_at(const struct view_ctx *c, const struct key_line *l)
{
	bool only = c->snap->n_projects == 1;

	return only && l->bucket == &l->project->buckets[0] ? c->snap->dry_at : l->bucket->dry_at;
}

static void col_dry(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_line *l = r->item;
	char when[FORMAT_SIZE];

	if (l->kind == KEY_ROW_BUCKET && key_dry_at(c, l))
		snprintf(
		    out->text, sizeof out->text, "%s", format_when(when, key_dry_at(c, l), c->now));
	else if (l->kind == KEY_ROW_BUCKET)
		snprintf(out->text, sizeof out->text, "%s", l->bucket->left > 0 ? "lasts" : "-");
	else if (l->kind == KEY_ROW_KEY && l->key->until)
		snprintf(
		    out->text, sizeof out->text, "%s", format_when(when, l->key->until, c->now));
}

static void col_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_line *l = r->item;
	const char *word;

	(void)c;
	if (l->kind == KEY_ROW_PROJECT) {
		bool refused = strcmp(l->project->state, "refused") == 0;
		word = refused ? "REFUSED" : l->project->state;
		out->role = refused ? ROLE_ERROR : ROLE_OFF;
	} else if (l->kind == KEY_ROW_BUCKET) {
		word = l->bucket->state;
		out->role = key_bucket_role(l->bucket);
	} else {
		word = key_shown_state(l->key, &out->role);
	}
	snprintf(out->text, sizeof out->text, "%s%s", out->role == ROLE_ERROR ? "! " : "", word);
}

static void col_why(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct key_line *l = r->item;

	(void)c;
	if (l->kind != KEY_ROW_BUCKET)
		snprintf(out->text, sizeof out->text, "%s",
		    l->kind == KEY_ROW_KEY ? l->key->reason : l->project->reason);
}

static const struct table_col key_columns[] = {
    {"name", "PROJECT / bucket", 18, 24, 0, ALIGN_LEFT, col_name, NULL, NULL, NULL, FILTER_TEXT},
    {"used", "USED TODAY", 14, 15, 0, ALIGN_RIGHT, col_used, num_used, NULL, NULL, FILTER_NUMBER},
    {NULL, "", 12, 26, 6, ALIGN_LEFT, NULL, NULL, draw_used, NULL, FILTER_TEXT},
    {"percent", "%", 3, 4, 3, ALIGN_RIGHT, col_percent, num_percent, NULL, NULL, FILTER_NUMBER},
    {"hour", "PER H", 6, 7, 4, ALIGN_RIGHT, col_hour, num_hour, NULL, NULL, FILTER_NUMBER},
    {"dry", "DRY AT", 8, 10, 2, ALIGN_RIGHT, col_dry, NULL, NULL, NULL, FILTER_TEXT},
    {"state", "STATE", 9, 9, 0, ALIGN_LEFT, col_state, NULL, NULL, NULL, FILTER_TEXT},
    {"why", "WHY", 12, 60, 8, ALIGN_LEFT, col_why, NULL, NULL, NULL, FILTER_TEXT},
};

const struct table_def key_table = {
    .what = "lines",
    .cols = key_columns,
    .n_cols = sizeof key_columns / sizeof key_columns[0],
    .count = key_count,
    .row = key_row,
    .id = key_id,
    .state = key_state,
    .on = key_on,
    .order_words = "project",
    .empty = "no key yet: n adds one (it is not shown, and not logged)",
};

/* ---- about one line ---- */

void key_draw_note(const struct view_ctx *c, struct view_state *st, const struct pane *p, int y)
{
	struct table *t = &st->tables[KEYS_LIST];
	struct table_row row;
	const struct key_line *l;
	int w = p->at.w - 1;
	char n[FORMAT_SIZE], bad[FORMAT_SIZE];

	if (!t->n || !table_find(t, c, st, t->selected, &row))
		return;
	l = row.item;
	if (l->kind == KEY_ROW_KEY && strcmp(l->key->state, "refused") == 0)
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_ERROR,
		    "! %s: %s.  n adds another, then t tests it, X forgets this one", l->key->name,
		    l->key->reason);
	else if (l->kind == KEY_ROW_KEY)
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "%s: %s call%s, %s failed%s%s",
		    l->key->name, format_full(n, l->key->calls), l->key->calls == 1 ? "" : "s",
		    format_full(bad, l->key->errors), *l->key->reason ? "; " : "", l->key->reason);
	else if (l->kind == KEY_ROW_BUCKET && strcmp(l->bucket->state, "refused") == 0)
		draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_WARN,
		    "! refused at %s: somebody else uses this project, or its limit is lower",
		    format_full(n, l->bucket->used));
	else
		draw_text(p, y, 1, w, ALIGN_LEFT, ROLE_OFF,
		    "keys share the quota of their project; one project is in use at a time");
}
