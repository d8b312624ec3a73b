/* This process, its databases, and how long a service takes: panes of the Workers view. */
#include "config.h"
#include "tui/views/worker_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { SIDE_REFRESH_MS = 5000, SIDE_LABEL = 13 };

static void side_cpu(const struct snapshot_process *x, char *out, size_t size)
{
	if (x->cpu < 0)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%d%%", (int)(x->cpu * 100 + 0.5));
}

void worker_draw_process_line(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot_process *x = &c->snap->process;
	char up[FORMAT_SIZE], cpu[FORMAT_SIZE], rss[FORMAT_SIZE], files[FORMAT_SIZE],
	    q[FORMAT_SIZE];

	side_cpu(x, cpu, sizeof cpu);
	draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "process   up %s   cpu %s   rss %s   files %s   log queue %s",
	    format_duration(up, c->now - c->snap->started_at), cpu, format_bytes(rss, x->rss_bytes),
	    format_full(files, x->files), format_full(q, x->log_queued));
	if (x->log_dropped > 0)
		draw_textf(p, y, p->at.w - 16, 15, ALIGN_RIGHT, ROLE_WARN, "! %s lost",
		    format_full(q, x->log_dropped));
}

static int side_fact(
    const struct pane *p, int y, const char *name, enum role role, const char *text)
{
	draw_text(p, y, 1, SIDE_LABEL - 2, ALIGN_LEFT, ROLE_NORMAL, name);
	draw_text(p, y, SIDE_LABEL, p->at.w - SIDE_LABEL - 1, ALIGN_LEFT, role, text);
	return y + 1;
}

/* "41 of 1,024" with a bar in front. */
static int side_part(const struct pane *p, int y, const char *name, int64_t part, int64_t whole)
{
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE];
	int bar = (p->at.w - SIDE_LABEL) / 2 - 2;

	snprintf(text, sizeof text, "%s of %s", format_full(a, part), format_full(b, whole));
	if (bar < 6 || whole <= 0 || part < 0)
		return side_fact(p, y, name, ROLE_NORMAL, text);
	draw_text(p, y, 1, SIDE_LABEL - 2, ALIGN_LEFT, ROLE_NORMAL, name);
	draw_bar(p, y, SIDE_LABEL, bar, part * 10 > whole * 9 ? ROLE_WARN : ROLE_OK,
	    (double)part / (double)whole);
	draw_text(p, y, SIDE_LABEL + bar + 2, p->at.w - SIDE_LABEL - bar - 3, ALIGN_LEFT,
	    ROLE_NORMAL, text);
	return y + 1;
}

static int side_log(const struct snapshot_process *x, const struct pane *p, int y)
{
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE];
	bool lost = x->log_dropped > 0;

	snprintf(text, sizeof text, "%s%s waiting, %s lost", lost ? "! " : "",
	    format_full(a, x->log_queued), format_full(b, x->log_dropped));
	return side_fact(p, y, "log queue", lost ? ROLE_WARN : ROLE_NORMAL, text);
}

void worker_draw_process(const struct view_ctx *c, const struct pane *p)
{
	const struct snapshot *s = c->snap;
	const struct snapshot_process *x = &s->process;
	char text[TABLE_TEXT], a[FORMAT_SIZE];
	int y = 0;

	snprintf(text, sizeof text, "%s, version %s", format_duration(a, c->now - s->started_at),
	    s->version);
	y = side_fact(p, y, "up", ROLE_NORMAL, text);
	side_cpu(x, a, sizeof a);
	snprintf(text, sizeof text, "%s of 1 core, %lld threads", a, (long long)x->threads);
	y = side_fact(p, y, "cpu", ROLE_NORMAL, text);
	y = side_fact(p, y, "memory", ROLE_NORMAL, format_bytes(a, x->rss_bytes));
	y = side_part(p, y, "open files", x->files, x->files_limit);
	y = side_part(p, y, "write queue", x->writer_queued, x->writer_room);
	y = side_log(x, p, y);
	snprintf(
	    text, sizeof text, "%lld that hung, since the start", (long long)s->workers_replaced);
	y = side_fact(p, y, "replaced", s->workers_replaced ? ROLE_WARN : ROLE_NORMAL, text);
	side_fact(
	    p, y, "REST", *s->listen ? ROLE_NORMAL : ROLE_OFF, *s->listen ? s->listen : "off");
}

/* ---- databases ---- */

static int stores_staging(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE], d[FORMAT_SIZE];

	if (!s->staging_ok && *s->staging_trouble) {
		snprintf(
		    text, sizeof text, "! %s: give the disk space, or mend it", s->staging_trouble);
		return side_fact(p, y, "staging", ROLE_ERROR, text);
	}
	snprintf(text, sizeof text, "ok, %s, log %s, disk free %s",
	    format_bytes(a, s->staging_bytes), format_bytes(b, s->wal_bytes),
	    format_bytes(d, s->facts.disk_free));
	y = side_fact(p, y, "staging", ROLE_OK, text);
	if (s->process.commit_p50_us <= 0)
		return y;
	snprintf(text, sizeof text, "p50 %.1f ms, p95 %.1f ms",
	    (double)s->process.commit_p50_us / 1000, (double)s->process.commit_p95_us / 1000);
	return side_fact(p, y, "commits", ROLE_NORMAL, text);
}

static int stores_away(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot_facts *x = &c->snap->facts;
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE];

	snprintf(text, sizeof text, "! DOWN: %s", c->snap->pg_trouble);
	y = side_fact(p, y, "PostgreSQL", ROLE_WARN, text);
	if (!x->pg_since)
		return y;
	snprintf(text, sizeof text, "since %s, %lld tries, next %s; :sync tries now",
	    format_when(a, x->pg_since, c->now), (long long)x->pg_tries,
	    x->pg_retry_at ? format_clock(b, x->pg_retry_at) : "soon");
	return side_fact(p, y, "", ROLE_NORMAL, text);
}

/* Of a cluster. */
static int stores_redis(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char text[TABLE_TEXT + 300], a[FORMAT_SIZE];

	if (!s->redis_configured)
		return y;
	if (!s->facts.redis_since) {
		snprintf(text, sizeof text, "ok, %s", s->redis_place);
		return side_fact(p, y, "Redis", ROLE_OK, text);
	}
	snprintf(text, sizeof text, "! DOWN since %s: %s; work goes on, :store redis tells",
	    format_when(a, s->facts.redis_since, c->now), s->redis_trouble);
	return side_fact(p, y, "Redis", ROLE_WARN, text);
}

int worker_draw_stores(const struct view_ctx *c, const struct pane *p, int y)
{
	const struct snapshot *s = c->snap;
	char text[TABLE_TEXT], a[FORMAT_SIZE], b[FORMAT_SIZE];

	y = stores_redis(c, p, stores_staging(c, p, y));
	if (!s->pg_configured)
		return side_fact(p, y, "PostgreSQL", ROLE_OFF,
		    "not configured: results stay in staging (DATABASE_URL names one)");
	if (!s->pg_ok) {
		y = stores_away(c, p, y);
		snprintf(text, sizeof text, "%s wait here and are sent when it is back",
		    format_full(a, s->outbox));
		return side_fact(p, y, "rows", ROLE_NORMAL, text);
	}
	y = side_fact(p, y, "PostgreSQL", ROLE_OK, "ok");
	snprintf(text, sizeof text, "%s sent since the start, %s to send",
	    format_full(a, s->pg_rows), format_full(b, s->outbox));
	return side_fact(p, y, "rows", ROLE_NORMAL, text);
}

/* ---- latencies ---- */

static int64_t latency_most(const struct json_node *items, size_t n)
{
	int64_t most = 1;

	for (size_t i = 0; i < n; i++)
		most = answer_int(items[i], "calls") > most ? answer_int(items[i], "calls") : most;
	return most;
}

static void latency_span(double from_ms, double to_ms, char *out, size_t size)
{
	if (to_ms < 10)
		snprintf(out, size, "%.1f-%.1f", from_ms, to_ms);
	else if (to_ms < 10000)
		snprintf(out, size, "%.0f-%.0f", from_ms, to_ms);
	else
		snprintf(out, size, "%.0f-%.0f s", from_ms / 1000, to_ms / 1000);
}

/* Buckets side by side are put together until they fit. */
static void latency_draw_buckets(
    const struct pane *p, int y, const struct json_node *items, size_t n)
{
	int h = p->at.h - y, bar = p->at.w - 24;
	size_t each = h > 0 ? (n + (size_t)h - 1) / (size_t)h : n;
	int64_t most = latency_most(items, n) * (int64_t)(each ? each : 1);
	char span[FORMAT_SIZE], calls[FORMAT_SIZE];

	if (each == 1)
		most = latency_most(items, n);
	for (size_t i = 0; i < n && each; i += each, y++) {
		size_t last = i + each < n ? i + each - 1 : n - 1;
		int64_t sum = 0;
		for (size_t k = i; k <= last; k++)
			sum += answer_int(items[k], "calls");
		latency_span(answer_real(items[i], "from_ms"), answer_real(items[last], "to_ms"),
		    span, sizeof span);
		draw_text(p, y, 1, 12, ALIGN_LEFT, ROLE_NORMAL, span);
		if (bar > 3)
			draw_bar(p, y, 14, bar, ROLE_BUSY, (double)sum / (double)most);
		draw_text(p, y, p->at.w - 9, 8, ALIGN_RIGHT, ROLE_NORMAL, format_count(calls, sum));
	}
}

void worker_draw_latency(
    const struct view_ctx *c, struct view_state *st, const char *name, const struct pane *p)
{
	struct resource *held = &st->resources[WORKERS_SERVICE];
	const struct resource *r;
	const struct json_node *items;
	size_t n = 0;

	if (!*name) {
		draw_text(
		    p, 0, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "Tab to the services, choose one");
		return;
	}
	r = view_get(c, st, WORKERS_SERVICE, SIDE_REFRESH_MS, "/api/services/%s", name);
	if (view_draw_missing(r, p, 0))
		return;
	items = answer_items(&held->answer, "histogram", &n);
	if (!n) {
		draw_text(p, 0, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "not asked in the last hour");
		return;
	}
	draw_textf(p, 0, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "p50 %.1f   p95 %.1f   most %.1f ms   errors %lld",
	    answer_real(r->answer.root, "p50_ms"), answer_real(r->answer.root, "p95_ms"),
	    answer_real(r->answer.root, "most_ms"),
	    (long long)answer_int(r->answer.root, "hour_errors"));
	latency_draw_buckets(p, 1, items, n);
}
