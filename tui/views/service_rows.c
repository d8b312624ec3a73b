/* Who is asked: outside services with their breakers, and the databases' statements. */
#include "config.h"
#include "tui/views/worker_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

static void cell_count(struct table_cell *out, int64_t n)
{
	char text[FORMAT_SIZE];

	snprintf(out->text, sizeof out->text, "%s", format_count(text, n));
}

static bool service_is_store(const struct snapshot_service *v)
{
	return strcmp(v->group, "postgres") == 0 || strcmp(v->group, "staging") == 0;
}

static size_t service_gather(const struct snapshot *s, bool stores, bool without_idle,
    const struct snapshot_service *out[SNAPSHOT_SERVICES])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_services && i < SNAPSHOT_SERVICES; i++) {
		const struct snapshot_service *v = &s->services[i];
		if (service_is_store(v) == stores && (!without_idle || v->calls || v->since))
			out[n++] = v;
	}
	return n;
}

static size_t service_count(const struct view_ctx *c, struct view_state *st)
{
	struct workers_own *own = st->own;

	if (!own)
		return 0;
	return own->n_services = service_gather(c->snap, false, !own->all_services, own->services);
}

static size_t store_count(const struct view_ctx *c, struct view_state *st)
{
	struct workers_own *own = st->own;

	return own ? own->n_stores = service_gather(c->snap, true, false, own->stores) : 0;
}

static void service_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct workers_own *own = st->own;

	(void)c;
	out->item = own->services[at];
}

static void store_row(
    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out)
{
	const struct workers_own *own = st->own;

	(void)c;
	out->item = own->stores[at];
}

static void service_id(const struct table_row *r, char out[TABLE_ID])
{
	const struct snapshot_service *v = r->item;

	snprintf(out, TABLE_ID, "%s", v->name);
}

const struct snapshot_service *service_find(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_services && i < SNAPSHOT_SERVICES; i++)
		if (strcmp(s->services[i].name, name) == 0)
			return &s->services[i];
	return NULL;
}

static void col_service(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;
	static const struct {
		const char *group, *word;
	} groups[] = {
	    {"youtube", "YouTube "}, {"postgres", "PostgreSQL "}, {"staging", "staging "}};

	(void)c;
	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (strcmp(groups[i].group, v->group) == 0)
			snprintf(out->text, sizeof out->text, "%s", groups[i].word);
	snprintf(
	    out->text + strlen(out->text), sizeof out->text - strlen(out->text), "%s", v->name);
}

static void draw_minutes(
    const struct view_ctx *c, const struct table_row *r, const struct pane *p, int y, int x, int w)
{
	const struct snapshot_service *v = r->item;
	double values[SNAPSHOT_HISTORY];

	(void)c;
	for (int i = 0; i < SNAPSHOT_HISTORY; i++)
		values[SNAPSHOT_HISTORY - 1 - i] = v->minutes[i];
	draw_spark(p, y, x, w, ROLE_BUSY, values, SNAPSHOT_HISTORY);
}

static void cell_ms(struct table_cell *out, int64_t us)
{
	char text[FORMAT_SIZE];

	if (us > 0 && us < 10000)
		snprintf(out->text, sizeof out->text, "%.1f", (double)us / 1000);
	else
		snprintf(out->text, sizeof out->text, "%s",
		    format_full(text, us > 0 ? (us + 500) / 1000 : -1));
}

static void col_p50(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	cell_ms(out, v->p50_us);
}

static bool num_service_p50(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	*out = (double)v->p50_us;
	return v->p50_us > 0;
}

static void col_service_p95(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	cell_ms(out, v->p95_us);
}

static bool num_service_p95(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	*out = (double)v->p95_us;
	return v->p95_us > 0;
}

static void col_hour_calls(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	cell_count(out, v->hour_calls);
}

static bool num_hour_calls(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	*out = (double)v->hour_calls;
	return true;
}

static void col_hour_errors(
    const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	out->role = v->hour_errors ? ROLE_WARN : ROLE_NORMAL;
	cell_count(out, v->hour_errors);
}

static bool num_hour_errors(const struct view_ctx *c, const struct table_row *r, double *out)
{
	const struct snapshot_service *v = r->item;

	(void)c;
	*out = (double)v->hour_errors;
	return true;
}

/* "closed", "OPEN 12m", "trial", "-" */
static void col_breaker(const struct view_ctx *c, const struct table_row *r, struct table_cell *out)
{
	const struct snapshot_service *v = r->item;
	bool open = strcmp(v->breaker, "open") == 0;
	char left[FORMAT_SIZE];

	out->role = v->since ? ROLE_WARN : ROLE_NORMAL;
	if (open)
		snprintf(out->text, sizeof out->text, "! OPEN %s",
		    format_duration(left, v->until - c->now));
	else
		snprintf(out->text, sizeof out->text, "%s", *v->breaker ? v->breaker : "-");
}

static const struct table_col service_columns[] = {
    {"service", "SERVICE", 22, 26, 0, ALIGN_LEFT, col_service, NULL, NULL, NULL, FILTER_TEXT},
    {NULL, "CALLS, LAST HOUR", 12, 32, 5, ALIGN_LEFT, NULL, NULL, draw_minutes, NULL, FILTER_TEXT},
    {"p50", "P50 ms", 6, 7, 2, ALIGN_RIGHT, col_p50, num_service_p50, NULL, NULL, FILTER_NUMBER},
    {"p95", "P95", 6, 6, 1, ALIGN_RIGHT, col_service_p95, num_service_p95, NULL, NULL,
        FILTER_NUMBER},
    {"calls", "CALLS", 6, 6, 3, ALIGN_RIGHT, col_hour_calls, num_hour_calls, NULL, NULL,
        FILTER_NUMBER},
    {"errors", "ERRORS", 6, 6, 2, ALIGN_RIGHT, col_hour_errors, num_hour_errors, NULL, NULL,
        FILTER_NUMBER},
    {"breaker", "BREAKER", 10, 12, 0, ALIGN_LEFT, col_breaker, NULL, NULL, NULL, FILTER_TEXT},
};

/* What is left alone first. */
static int service_order(const struct table_row *a, const struct table_row *b)
{
	const struct snapshot_service *x = a->item, *y = b->item;

	return !x->since - !y->since;
}

const struct table_def service_table = {
    .what = "services",
    .cols = service_columns,
    .n_cols = sizeof service_columns / sizeof service_columns[0],
    .count = service_count,
    .row = service_row,
    .id = service_id,
    .order = service_order,
    .order_words = "left alone first",
    .empty = "nothing outside was asked yet: i shows what could be, 2 and n start a job",
};

const struct table_def store_table = {
    .what = "statements",
    .cols = service_columns,
    .n_cols = sizeof service_columns / sizeof service_columns[0],
    .count = store_count,
    .row = store_row,
    .id = service_id,
    .order_words = "as listed",
    .empty = "nothing was stored yet",
};

/* ---- about one of them ---- */

void service_draw_note(const struct view_ctx *c, const char *id, const struct pane *p, int y)
{
	const struct snapshot_service *v = service_find(c->snap, id);
	char since[FORMAT_SIZE], until[FORMAT_SIZE];

	if (v && v->since)
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_WARN,
		    "! %s is left alone since %s, asked again %s: %s.  b resets", v->name,
		    format_when(since, v->since, c->now), format_when(until, v->until, c->now),
		    v->trouble);
	else if (v)
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF,
		    "%s  slowest of the hour %.1f ms   Enter shows its latencies", v->name,
		    (double)v->most_us / 1000);
}
