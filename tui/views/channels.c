/* All channels, read in pages: the list, and beside or below it what is known of the chosen one. */
#include "config.h"
#include "tui/pages.h"
#include "tui/views/channel_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum {
	CHANNELS_FOOT = 4, /* a rule, two lines of the chosen one, marks */
	CHANNELS_STORE = 4,
	CHANNELS_FACTS = 15,
	CHANNELS_FOUND = 12
};

enum { CHANNELS_ONE, CHANNELS_COUNT, CHANNELS_VIDEOS, CHANNELS_LINKS }; /* answers that are held */

static const char channels_fields[] =
    "title handle id subs videos views country lang source fetched< published> added> metadata= "
    "videos_state= discovery= topic keyword about";

/* ---- how many ---- */

/* How many match, which may take some tenths of a second: asked apart from the rows. */
static int64_t channels_matches(const struct view_ctx *c, struct view_state *st, const char **is)
{
	struct table *t = &st->tables[0];
	bool exact = true;
	int64_t n = table_matches(t, &exact);
	const struct resource *r;
	struct str q;

	*is = exact ? "exact" : "estimate";
	if (!t->filter.len || (n >= 0 && exact) || !t->pages || pages_is_asking(t->pages))
		return n;
	str_init(&q, RESOURCE_PATH);
	node_add_query(&q, str_get(&t->filter));
	r = view_get(c, st, CHANNELS_COUNT, 0, "/api/channels?limit=0&count=1%s&q=%s",
	    t->scan ? "&scan=1" : "", str_get(&q));
	str_done(&q);
	if (!r->got_ms || !json_node_int(json_node_get(r->answer.root, "total"), &n))
		return n;
	*is = answer_text(r->answer.root, "total_is");
	pages_tell_total(t->pages, n, strcmp(*is, "exact") == 0);
	return n;
}

/* "5,210 match (exact) of 15.0M   18 ms" */
static void channels_count(const struct view_ctx *c, struct view_state *st, char *out, size_t size)
{
	struct table *t = &st->tables[0];
	int64_t position = t->pages ? pages_position(t->pages) : -1;
	char n[FORMAT_SIZE], all[FORMAT_SIZE], took[FORMAT_SIZE + 8] = "";
	const char *is;
	int64_t match = channels_matches(c, st, &is);

	if (t->pages && pages_got_ms(t->pages))
		snprintf(took, sizeof took, "   %lld ms", (long long)pages_took_ms(t->pages));
	if (t->filter.len && match < 0)
		snprintf(out, size, "of %s%s", format_count(all, c->snap->channels), took);
	else if (t->filter.len)
		snprintf(out, size, "%s%s match (%s) of %s%s", strcmp(is, "exact") == 0 ? "" : "~",
		    format_full(n, match), is, format_count(all, c->snap->channels), took);
	else if (position >= 0 && t->n)
		snprintf(out, size, "row %s of %s%s", format_full(n, position + 1 + (int64_t)t->at),
		    format_full(all, c->snap->channels), took);
	else if (match >= 0 &&
	         match != c->snap->channels) /* an order that not all have a place in */
		snprintf(out, size, "%s%s with data of %s%s", strcmp(is, "exact") == 0 ? "" : "~",
		    format_full(n, match), format_count(all, c->snap->channels), took);
	else
		snprintf(out, size, "%s channels%s", format_full(n, c->snap->channels), took);
}

static void channels_draw_head(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct table *t = &st->tables[0];
	char count[TABLE_TEXT], sort[TABLE_TEXT];
	int w;

	channels_count(c, st, count, sizeof count);
	table_sort_words(t, sort, sizeof sort);
	w = draw_columns(p, count) + 2;
	draw_textf(p, 0, 1, p->at.w - w - 1, ALIGN_LEFT, t->filter.len ? ROLE_KEY : ROLE_OFF,
	    "/ %s", t->filter.len ? str_get(&t->filter) : sort);
	draw_text(p, 0, p->at.w - w + 1, w - 2, ALIGN_RIGHT, ROLE_NORMAL, count);
}

/* ---- the chosen one ---- */

static const struct resource *channels_get(
    const struct view_ctx *c, struct view_state *st, int which, const char *rest)
{
	const struct resource *r;
	struct str path;

	str_init(&path, RESOURCE_PATH);
	channel_path(&path, st->tables[0].selected, rest);
	r = view_get(c, st, which, 0, "%s", str_get(&path));
	str_done(&path);
	return r;
}

static void channels_draw_foot(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane brief = pane_part(p, (struct rect){1, 0, 2, p->at.w});
	struct pane marks = pane_part(p, (struct rect){3, 0, p->at.h - 3, p->at.w});
	struct table *t = &st->tables[0];
	char marked[FORMAT_SIZE + 16] = "";
	struct table_row row;

	if (t->marks.n)
		snprintf(marked, sizeof marked, "%zu marked", t->marks.n);
	draw_rule(p, 0, t->n ? t->selected : NULL, *marked ? marked : NULL);
	if (p->at.h < 3 || !table_row_at(t, c, st, t->at, &row))
		return;
	channel_draw_brief(&brief, c, row.json, channels_get(c, st, CHANNELS_ONE, "")->answer.root);
	view_draw_marks(c, st, &marks);
}

static void channels_draw_narrow(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int foot = c->layout->profile == PROFILE_SHORT ? 1 : CHANNELS_FOOT;
	struct pane list = pane_part(p, (struct rect){1, 0, p->at.h - foot - 1, p->at.w});
	struct pane below = pane_part(p, (struct rect){p->at.h - foot, 0, foot, p->at.w});

	table_draw(&st->tables[0], c, st, &list);
	channels_draw_head(c, st, p);
	channels_draw_foot(c, st, &below);
}

/* ---- wide ---- */

/* "metadata 6.40M   gone 183k   videos 1.05M   discovery 311k" */
static void channels_draw_store(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	char n[6][FORMAT_SIZE];

	draw_rule(p, 0, "Store", NULL);
	draw_textf(p, 1, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "%s rows   metadata %s   gone %s   videos %s   discovery %s   given up %s",
	    format_count(n[0], s->channels),
	    format_count(n[1], s->items[SNAPSHOT_METADATA][SNAPSHOT_DONE]),
	    format_count(n[2], s->items[SNAPSHOT_METADATA][SNAPSHOT_MISSING]),
	    format_count(n[3], s->items[SNAPSHOT_VIDEOS][SNAPSHOT_DONE]),
	    format_count(n[4], s->items[SNAPSHOT_DISCOVERY][SNAPSHOT_DONE]),
	    format_count(n[5], s->items[SNAPSHOT_METADATA][SNAPSHOT_FAILED]));
	draw_textf(p, 2, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "filter: %s", channels_fields);
}

static void channels_draw_left(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct table *t = &st->tables[0];
	char title[TABLE_TEXT + 1200], count[TABLE_TEXT], sort[TABLE_TEXT];
	struct pane in = pane_part(p, (struct rect){1, 1, p->at.h - 2, p->at.w - 2});
	struct pane list, store, marks;

	list = pane_part(&in, (struct rect){0, 0, in.at.h - CHANNELS_STORE - 1, in.at.w});
	store = pane_part(&in, (struct rect){in.at.h - CHANNELS_STORE - 1, 0, 3, in.at.w});
	marks = pane_part(&in, (struct rect){in.at.h - 2, 0, 2, in.at.w});
	table_draw(t, c, st, &list);
	table_sort_words(t, sort, sizeof sort);
	snprintf(title, sizeof title, "Channels  %s%s", t->filter.len ? "/ " : "",
	    t->filter.len ? str_get(&t->filter) : sort);
	channels_count(c, st, count, sizeof count);
	draw_box(p, title, count);
	channels_draw_store(c, &store);
	view_draw_marks(c, st, &marks);
}

static void channels_draw_right(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int found = p->at.h > 40 ? CHANNELS_FOUND : 7;
	struct pane facts = pane_part(p, (struct rect){0, 0, CHANNELS_FACTS, p->at.w});
	struct pane videos = pane_part(
	    p, (struct rect){CHANNELS_FACTS, 0, p->at.h - CHANNELS_FACTS - found, p->at.w});
	struct pane links = pane_part(p, (struct rect){p->at.h - found, 0, found, p->at.w});
	const struct resource *one, *more;
	struct pane in;

	if (!st->tables[0].n) {
		draw_box(p, "No channel", NULL);
		return;
	}
	one = channels_get(c, st, CHANNELS_ONE, "");
	in = draw_box(&facts, st->tables[0].selected, NULL);
	if (!view_draw_missing(one, &in, 0))
		channel_draw_facts(c, &in, 0, one->answer.root);
	in = draw_box(&videos, "Videos", "newest first");
	more = channels_get(c, st, CHANNELS_VIDEOS,
	    "/videos?limit=40&fields=duration_seconds,published_at,title,view_count");
	if (!view_draw_missing(more, &in, 0))
		channel_draw_videos(&in, more->answer.root);
	in = draw_box(&links, "Found from here", "discovery");
	more = channels_get(c, st, CHANNELS_LINKS,
	    "/discoveries?limit=20&fields=already_exists,confidence_score,discovered_channel_id,"
	    "discovered_subscriber_count,discovered_title,discovery_method");
	if (!view_draw_missing(more, &in, 0))
		channel_draw_found(&in, more->answer.root);
}

static void channels_draw_wide(
    const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	int w = st->zoom ? p->at.w : p->at.w * 5 / 8;
	struct pane left = pane_part(p, (struct rect){0, 0, p->at.h, w});
	struct pane right = pane_part(p, (struct rect){0, w, p->at.h, p->at.w - w});

	channels_draw_left(c, st, &left);
	if (!st->zoom)
		channels_draw_right(c, st, &right);
}

static void channels_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	if (c->layout->profile == PROFILE_WIDE)
		channels_draw_wide(c, st, p);
	else
		channels_draw_narrow(c, st, p);
}

static const struct view_part channels_parts[] = {{"Channels", &channel_table, ON_CHANNEL}};

const struct view_ops view_channels = {
    .keys = channel_keys,
    .name = "channels",
    .title = "Chan",
    .title_wide = "Channels",
    .key = '5',
    .parts = channels_parts,
    .n_parts = 1,
    .page = &view_channel,
    .own_message = true,
    .draw = channels_draw,
    .hints = "Enter open  v videos  m metadata  / filter  o sort  G last  ? help  d discover  "
             "Space mark  "
             "* all matching  D erase  q back",
};
