#include "config.h"
#include "tui/views/discovery_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUNNEL_LABEL = 12, DISCOVERY_HOURS = 7 * 24, DISCOVERY_TENTHS = 11, DISCOVERY_PAGE = 200 };

const char *discovery_word(const char *method)
{
	static const char common[] = "youtube_";

	return strncmp(method, common, sizeof common - 1) == 0 ? method + sizeof common - 1
	                                                       : method;
}

/* ---- ways: methods have their sums themselves, services in "outcomes" ---- */

static struct json_node way_member(struct json_node way, const char *member)
{
	struct json_node own = json_node_get(way, member);

	return own.doc ? own : json_node_get(json_node_get(way, "outcomes"), member);
}

static bool way_number(struct json_node way, const char *member, double *out)
{
	return json_node_real(way_member(way, member), out);
}

static void way_count(const struct table_row *r, const char *member, struct table_cell *out)
{
	char n[FORMAT_SIZE];
	double value;

	snprintf(out->text, sizeof out->text, "%s",
	    format_count(n, way_number(r->json, member, &value) ? (int64_t)value : -1));
}

static void way_real(
    const struct table_row *r, const char *member, int digits, struct table_cell *out)
{
	double value;

	if (way_number(r->json, member, &value))
		snprintf(out->text, sizeof out->text, "%.*f", digits, value);
	else
		memcpy(out->text, "-", 2);
}

static void way_name(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const char *name = answer_text(r->json, "method");

	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    *name ? discovery_word(name) : answer_text(r->json, "name"));
}

static void way_via(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const char *service = answer_text(r->json, "service");

	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    !*answer_text(r->json, "method")  ? "external"
	    : strcmp(service, "tubeops") == 0 ? "staging"
	                                      : "YouTube API");
}

#define WAY(name, member)                                                                      \
	static void name(                                                                      \
	    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)       \
	{                                                                                      \
		(void)c;                                                                       \
		way_count(r, member, out);                                                     \
	}                                                                                      \
	static bool name##_n(const struct view_ctx *c, const struct table_row *r, double *out) \
	{                                                                                      \
		(void)c;                                                                       \
		return way_number(r->json, member, out);                                       \
	}
#define WAY_REAL(name, member, digits)                                                         \
	static void name(                                                                      \
	    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)       \
	{                                                                                      \
		(void)c;                                                                       \
		way_real(r, member, digits, out);                                              \
	}                                                                                      \
	static bool name##_n(const struct view_ctx *c, const struct table_row *r, double *out) \
	{                                                                                      \
		(void)c;                                                                       \
		return way_number(r->json, member, out);                                       \
	}

WAY(way_sources, "sources")
WAY(way_found, "found")
WAY(way_new, "new")
WAY(way_units, "units")
WAY_REAL(way_yield, "new_per_source", 2)
WAY_REAL(way_per_units, "new_per_100_units", 1)
WAY_REAL(way_each, "units_per_source", 2)

/* "empty 08:00Z", "open 12m": words of the node, and until when. */
static void way_state(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const char *state = answer_text(r->json, "state");
	int64_t until = answer_int(r->json, "until");
	char when[FORMAT_SIZE] = "";

	state = *state ? state : answer_text(r->json, "breaker");
	if (until > c->now)
		format_when(when, until, c->now);
	out->role = strcmp(state, "ok") == 0 || strcmp(state, "closed") == 0 ? ROLE_OK
	            : strcmp(state, "off") == 0                              ? ROLE_OFF
	                                                                     : ROLE_WARN;
	snprintf(
	    out->text, sizeof out->text, "%s%s%s", *state ? state : "-", *when ? " " : "", when);
}

static const struct table_col way_columns[] = {
    {"method", "METHOD", 16, 20, 0, ALIGN_LEFT, way_name, NULL, NULL, NULL, FILTER_TEXT},
    {"via", "VIA", 11, 11, 6, ALIGN_LEFT, way_via, NULL, NULL, NULL, FILTER_TEXT},
    {"sources", "SOURCES", 7, 8, 3, ALIGN_RIGHT, way_sources, way_sources_n, NULL, NULL,
        FILTER_NUMBER},
    {"found", "FOUND", 6, 7, 4, ALIGN_RIGHT, way_found, way_found_n, NULL, NULL, FILTER_NUMBER},
    {"new", "NEW", 6, 7, 0, ALIGN_RIGHT, way_new, way_new_n, NULL, NULL, FILTER_NUMBER},
    {"yield", "YIELD", 5, 6, 1, ALIGN_RIGHT, way_yield, way_yield_n, NULL, NULL, FILTER_NUMBER},
    {"per100", "/100 U", 7, 8, 0, ALIGN_RIGHT, way_per_units, way_per_units_n, NULL, NULL,
        FILTER_NUMBER},
    {"units", "UNITS", 6, 7, 5, ALIGN_RIGHT, way_units, way_units_n, NULL, NULL, FILTER_NUMBER},
    {"cost", "COST", 5, 5, 2, ALIGN_RIGHT, way_each, way_each_n, NULL, NULL, FILTER_NUMBER},
    {"state", "STATE", 12, 14, 0, ALIGN_LEFT, way_state, NULL, NULL, NULL, FILTER_TEXT},
};

static struct answer *way_answer(struct view_state *st)
{
	return &st->resources[DISCOVERY_ALL].answer;
}

/* Both lists one behind the other; answer_items keeps one at a time, so they are walked. */
static size_t way_walk(struct json_node root, size_t at, struct json_node *out)
{
	static const char *const lists[] = {"methods", "providers"};
	struct json_node item;
	struct json_walk walk;
	size_t n = 0;

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		json_walk_start(&walk, json_node_get(root, lists[i]));
		while (json_walk_next(&walk, &item, NULL)) {
			if (strcmp(answer_text(item, "method"), "external") == 0)
				continue; /* its services stand for it */
			if (n++ == at)
				*out = item;
		}
	}
	return n;
}

static size_t way_rows(const struct view_ctx *c, struct view_state *st)
{
	struct json_node none;

	(void)c;
	return way_answer(st)->root.doc ? way_walk(way_answer(st)->root, SIZE_MAX, &none) : 0;
}

static void way_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	(void)c;
	way_walk(way_answer(st)->root, at, &out->json);
}

static void way_id(const struct table_row *r, char out[TABLE_ID])
{
	const char *name = answer_text(r->json, "method");

	snprintf(out, TABLE_ID, "%.71s", *name ? name : answer_text(r->json, "name"));
}

const struct table_def discovery_way_table = {
    .what = "ways",
    .cols = way_columns,
    .n_cols = sizeof way_columns / sizeof way_columns[0],
    .count = way_rows,
    .row = way_row,
    .id = way_id,
    .order_words = "cheapest first",
    .empty = "no way to find channels is known here",
};

/* ---- links ---- */

static void link_time(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	int64_t at = answer_time(r->json, "last_seen");
	char when[FORMAT_SIZE];

	out->role = ROLE_OFF;
	snprintf(out->text, sizeof out->text, "%s",
	    at && c->now - at < 86400 ? format_clock(when, at) : format_when(when, at, c->now));
}

static void link_side(
    const struct table_row *r, const char *title, const char *id, struct table_cell *out)
{
	const char *text = answer_text(r->json, title);

	out->role = *text ? ROLE_NORMAL : ROLE_OFF;
	snprintf(out->text, sizeof out->text, "%s", *text ? text : answer_text(r->json, id));
}

static void link_from(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	link_side(r, "source_title", "source_channel_id", out);
}

static void link_to(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	link_side(r, "discovered_title", "discovered_channel_id", out);
}

static void link_new(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(
	    out->text, sizeof out->text, "%s", answer_bool(r->json, "already_exists") ? "" : "new");
}

static void link_method(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    discovery_word(answer_text(r->json, "discovery_method")));
}

static void link_confidence(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%.2f", answer_real(r->json, "confidence_score"));
}

CELL(link_subs, cell_count, "discovered_subscriber_count")

static const struct table_col link_columns[] = {
    {"seen", "TIME", 9, 9, 3, ALIGN_LEFT, link_time, NULL, NULL, "seen:desc", FILTER_TEXT},
    {"from", "FROM", 16, 24, 2, ALIGN_LEFT, link_from, NULL, NULL, NULL, FILTER_TEXT},
    {"to", "TO", 18, 30, 0, ALIGN_LEFT, link_to, NULL, NULL, NULL, FILTER_TEXT},
    {"new", "NEW", 3, 3, 1, ALIGN_LEFT, link_new, NULL, NULL, NULL, FILTER_TEXT},
    {"method", "METHOD", 14, 16, 0, ALIGN_LEFT, link_method, NULL, NULL, NULL, FILTER_TEXT},
    {"subs", "SUBS", 6, 7, 5, ALIGN_RIGHT, link_subs, NULL, NULL, NULL, FILTER_NUMBER},
    {"confidence", "CONF", 4, 5, 0, ALIGN_LEFT, link_confidence, NULL, NULL, NULL, FILTER_NUMBER},
};

static void link_path(const struct view_ctx *c, const struct view_state *st, struct str *out)
{
	(void)c;
	(void)st;
	str_adds(out, "/api/discoveries");
}

static void link_id(const struct table_row *r, char out[TABLE_ID])
{
	snprintf(out, TABLE_ID, "%.24s%.24s%.20s", answer_text(r->json, "source_channel_id"),
	    answer_text(r->json, "discovered_channel_id"),
	    answer_text(r->json, "discovery_method"));
}

ID(link_target, "discovered_channel_id")

COPY(link_copy, "discovered_channel_id")

static const struct pages_def link_pages = {
    .path = link_path,
    .items = "discoveries",
    .more = "fields=already_exists,confidence_score,discovered_channel_id,"
            "discovered_subscriber_count,discovered_title,discovery_method,last_seen,"
            "source_channel_id,source_title",
    .limit = DISCOVERY_PAGE,
    .exports = "discoveries",
};

const struct table_def discovery_link_table = {
    .what = "links",
    .cols = link_columns,
    .n_cols = sizeof link_columns / sizeof link_columns[0],
    .pages = &link_pages,
    .id = link_id,
    .opens = &view_channel,
    .target = link_target,
    .copy = link_copy,
    .order_words = "newest first",
    .empty = "nothing was found yet: n starts a discovery job",
};

/* ---- numbers ---- */

int discovery_draw_funnel(const struct pane *p, int y, struct json_node root)
{
	static const struct {
		const char *member, *label;
	} steps[] = {{"found", "found"}, {"known", "known"}, {"new", "new"},
	    {"confirmed", "with data"}, {"unconfirmed", "to be fetched"}};
	struct json_node funnel = json_node_get(root, "funnel_24h");
	int64_t most = answer_int(funnel, "found");
	char n[FORMAT_SIZE];
	int w = p->at.w - FUNNEL_LABEL - 14;

	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && y < p->at.h; i++, y++) {
		int64_t value = answer_int(funnel, steps[i].member);
		draw_text(p, y, 1, FUNNEL_LABEL + 1, ALIGN_LEFT, ROLE_NORMAL, steps[i].label);
		if (w > 4)
			draw_bar(p, y, FUNNEL_LABEL + 3, w, ROLE_OK,
			    most > 0 ? (double)value / (double)most : 0);
		draw_text(p, y, p->at.w - 11, 10, ALIGN_RIGHT, ROLE_NORMAL, format_full(n, value));
	}
	return y;
}

int discovery_draw_hours(const struct pane *p, int y, int lines, struct json_node root)
{
	double hours[DISCOVERY_HOURS];
	struct pane at = pane_part(p, (struct rect){y, 1, lines, p->at.w - 2});
	struct json_node item;
	struct json_walk walk;
	int n = 0;

	json_walk_start(&walk, json_node_get(root, "new_per_hour"));
	while (n < DISCOVERY_HOURS && json_walk_next(&walk, &item, NULL)) {
		double value = 0;
		json_node_real(item, &value);
		hours[DISCOVERY_HOURS - 1 - n++] = value; /* the newest comes first */
	}
	draw_graph(&at, ROLE_OK, hours + DISCOVERY_HOURS - n, (size_t)n, 0);
	return y + lines;
}

int discovery_draw_confidences(const struct pane *p, int y, struct json_node root)
{
	int64_t counts[DISCOVERY_TENTHS] = {0}, most = 0;
	struct json_node item;
	struct json_walk walk;
	char count[FORMAT_SIZE];
	int n = 0, w = p->at.w - 20;

	json_walk_start(&walk, json_node_get(root, "confidence"));
	while (n < DISCOVERY_TENTHS && json_walk_next(&walk, &item, NULL)) {
		json_node_int(item, &counts[n]);
		most = counts[n] > most ? counts[n] : most;
		n++;
	}
	for (int i = n - 1; i >= 0 && y < p->at.h; i--, y++) {
		draw_textf(p, y, 1, 4, ALIGN_LEFT, ROLE_NORMAL, "%d.%d", i / 10, i % 10);
		if (w > 4)
			draw_bar(
			    p, y, 6, w, ROLE_OK, most > 0 ? (double)counts[i] / (double)most : 0);
		draw_text(p, y, p->at.w - 11, 10, ALIGN_RIGHT, ROLE_NORMAL,
		    format_full(count, counts[i]));
	}
	return y;
}

int discovery_draw_notes(const struct view_ctx *c, const struct pane *p, int y,
    struct json_node way, struct json_node root)
{
	const char *best = answer_text(root, "best"), *trouble = answer_text(way, "trouble");
	const char *help = answer_text(way, "help");
	char when[FORMAT_SIZE];
	int64_t until = answer_int(way, "until");

	if (*trouble && until > c->now)
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_WARN,
		    "%s: %s; tried again at %s", answer_text(way, "name"), trouble,
		    format_when(when, until, c->now));
	else if (*help)
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "%s: %s",
		    discovery_word(answer_text(way, "method")), help);
	if (*best && y < p->at.h)
		draw_textf(p, y++, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
		    "best for its units: %s, %.1f new channels for 100 units", discovery_word(best),
		    answer_real(root, "best_new_per_100_units"));
	return y;
}
