#include "config.h"
#include "tui/screen.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum {
	SCREEN_OLD_S = 5,  /* from this age numbers are marked as old */
	SCREEN_ROOMY = 140 /* columns from which the line of tabs tells more */
};

struct view_ctx screen_ctx(const struct screen *sc)
{
	return (struct view_ctx){.snap = sc->snap,
	    .now = sc->now,
	    .layout = &sc->layout,
	    .read_only = sc->read_only,
	    .under = sc->view};
}

/* ---- line 0: who, services, clock ---- */

struct health {
	const char *text;
	enum role role;
};

static struct health health_staging(const struct snapshot *s)
{
	if (!s->staging_ok && s->staging_trouble[0])
		return (struct health){"STAGING!", ROLE_ERROR};
	return (struct health){"db ok", ROLE_OK};
}

static struct health health_postgres(const struct snapshot *s)
{
	if (!s->pg_configured)
		return (struct health){"pg none", ROLE_OFF};
	return s->pg_ok ? (struct health){"pg ok", ROLE_OK} : (struct health){"PG DOWN", ROLE_WARN};
}

static struct health health_youtube(const struct snapshot *s)
{
	if (!s->n_keys)
		return (struct health){"yt no key", ROLE_WARN};
	if (s->units_per_day > 0 && s->units_left <= 0)
		return (struct health){"yt NO QUOTA", ROLE_WARN};
	if (!s->api_seen)
		return (struct health){"yt idle", ROLE_OFF};
	return s->api_ok ? (struct health){"yt ok", ROLE_OK}
	                 : (struct health){"YT TROUBLE", ROLE_WARN};
}

/* At the right end; returns where it begins. */
static int header_draw_clock(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	char clock[FORMAT_SIZE], reset[FORMAT_SIZE], text[3 * FORMAT_SIZE];
	bool brief = sc->layout.profile == PROFILE_SHORT;
	int64_t left = s->reset_at - sc->now;
	int w;

	if (brief)
		snprintf(text, sizeof text, "%s  reset %s", format_when(clock, sc->now, sc->now),
		    format_duration(reset, left));
	else
		snprintf(text, sizeof text, "%s %s  reset %s", format_weekday(sc->now),
		    format_clock(clock, sc->now), format_countdown(reset, left));
	w = draw_columns(p, text) + 1;
	draw_text(p, 0, p->at.w - w, w - 1, ALIGN_RIGHT, ROLE_NORMAL, text);
	return p->at.w - w;
}

static void header_draw(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	struct health parts[] = {health_staging(s), health_postgres(s), health_youtube(s)};
	char age[FORMAT_SIZE];
	int end = header_draw_clock(sc, p) - 1, x = 1;

	x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_TITLE, "tubeops") + 1;
	x += draw_text(p, 0, x, end - x < 16 ? end - x : 16, ALIGN_LEFT, ROLE_NORMAL, s->node) + 1;
	x += draw_text(p, 0, x, end - x, ALIGN_LEFT, ROLE_OFF, sc->read_only ? "RO" : "RW") + 2;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && x < end; i++)
		x += draw_text(p, 0, x, end - x, ALIGN_LEFT, parts[i].role, parts[i].text) + 2;
	if (s->made_at > 0 && sc->now - s->made_at > SCREEN_OLD_S && x < end)
		draw_textf(p, 0, x, end - x, ALIGN_LEFT, ROLE_WARN, "old %s",
		    format_duration(age, sc->now - s->made_at));
}

/* ---- line 1: views and what jobs do ---- */

struct job_sum {
	size_t offset; /* of the counter in struct snapshot */
	const char *word;
	enum role role;
};

static const struct job_sum job_sums[] = {
    {offsetof(struct snapshot, jobs_running), "running", ROLE_BUSY},
    {offsetof(struct snapshot, jobs_pending), "queued", ROLE_OFF},
    {offsetof(struct snapshot, jobs_waiting), "waiting", ROLE_OFF},
    {offsetof(struct snapshot, jobs_paused), "paused", ROLE_OFF},
    {offsetof(struct snapshot, jobs_interrupted), "interrupted", ROLE_WARN},
    {offsetof(struct snapshot, jobs_failed), "failed", ROLE_ERROR},
};

static int sums_draw(const struct screen *sc, const struct pane *p, int y, int x)
{
	int from = x;

	for (size_t i = 0; i < sizeof job_sums / sizeof job_sums[0]; i++) {
		int64_t n;
		memcpy(&n, (const char *)sc->snap + job_sums[i].offset, sizeof n);
		if (n > 0)
			x += 2 + draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, job_sums[i].role,
			             "%lld %s", (long long)n, job_sums[i].word);
	}
	if (x == from)
		x += 2 + draw_text(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_OFF, "no job at work");
	return x;
}

static void tabs_draw(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	char a[FORMAT_SIZE], b[FORMAT_SIZE], up[FORMAT_SIZE], text[256];
	int x = 1, w;

	for (const struct view_ops *const *v = view_list(); *v; v++) {
		bool current = *v == sc->view;
		if ((*v)->title)
			x += 1 + draw_textf(p, 0, x, p->at.w - x, ALIGN_LEFT,
			             current ? ROLE_TITLE : ROLE_NORMAL,
			             current ? "[%c %s]" : " %c %s ", (*v)->key, (*v)->title);
	}
	x = sums_draw(sc, p, 0, x + 2);
	format_count(a, s->channels);
	if (p->at.w < SCREEN_ROOMY)
		snprintf(text, sizeof text, "%s channels", a);
	else
		snprintf(text, sizeof text, "%s channels   staging %s   REST %s   up %s   %s", a,
		    format_bytes(b, s->staging_bytes), s->listen[0] ? s->listen : "off",
		    format_duration(up, sc->now - s->started_at), s->version);
	w = draw_columns(p, text);
	if (x + w < p->at.w) /* the states of jobs are more important */
		draw_text(p, 0, p->at.w - w - 1, w, ALIGN_LEFT, ROLE_OFF, text);
}

/* ---- too small ---- */

static void small_draw(const struct screen *sc, const struct pane *p)
{
	const struct snapshot *s = sc->snap;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	int w = p->at.w - 1, y = 0;

	draw_textf(p, y++, 1, w, ALIGN_LEFT, ROLE_TITLE, "tubeops %s", s->node);
	draw_textf(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "%dx%d is too small.", p->at.w, p->at.h);
	draw_text(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "Needed: 80x24 (short view: 60x16).");
	draw_text(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "Without a screen: tubeops status");
	y += 2;
	draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "units  %s/%s",
	    format_full(a, s->units_used), format_full(b, s->units_per_day));
	draw_text(p, ++y, 1, 7, ALIGN_LEFT, ROLE_NORMAL, "jobs");
	sums_draw(sc, p, y, 8);
	draw_textf(p, ++y, 1, w, ALIGN_LEFT, ROLE_NORMAL, "reset  %s",
	    format_countdown(a, s->reset_at - sc->now));
	draw_text(p, p->at.h - 1, 1, w, ALIGN_LEFT, ROLE_NORMAL,
	    sc->message && *sc->message ? sc->message : "q leave");
}

/* ---- all of it ---- */

static void view_draw(struct screen *sc, const struct pane *p)
{
	struct view_ctx c = screen_ctx(sc);
	const struct view_ops *v = sc->help ? &view_help : sc->view;

	v->draw(&c, &sc->state, p);
}

static const char *screen_hints(const struct screen *sc)
{
	if (sc->dialog)
		return dialog_hints(sc->dialog);
	return sc->help ? view_help.hints : sc->view->hints;
}

static void frame_draw(struct screen *sc, const struct pane *whole)
{
	const struct layout *l = &sc->layout;
	struct pane p = pane_part(whole, l->view);

	view_draw(sc, &p);
	p = pane_part(whole, l->header);
	header_draw(sc, &p);
	p = pane_part(whole, l->tabs);
	if (p.at.h)
		tabs_draw(sc, &p);
	p = pane_part(whole, l->hints);
	draw_hints(&p, 0, screen_hints(sc));
	if (sc->message && *sc->message) {
		p = pane_part(whole, l->message);
		draw_blank(&p);
		draw_text(&p, 0, 1, p.at.w - 1, ALIGN_LEFT, sc->message_role, sc->message);
	}
}

void screen_draw(struct screen *sc, struct surface *s)
{
	struct pane whole = pane_whole(s, sc->g);

	surface_clear(s);
	layout_frame(&sc->layout, s->w, s->h);
	if (!sc->snap)
		draw_text(&whole, 0, 1, s->w - 1, ALIGN_LEFT, ROLE_OFF,
		    "tubeops: waiting for the engine");
	else if (sc->layout.profile == PROFILE_NONE)
		draw_text(&whole, 0, 0, s->w, ALIGN_LEFT, ROLE_NORMAL, "too small");
	else if (sc->layout.profile == PROFILE_SMALL)
		small_draw(sc, &whole);
	else
		frame_draw(sc, &whole);
	if (sc->dialog)
		dialog_draw(sc->dialog, &whole);
}

char *console_screen_text(const struct snapshot *s, const char *view, int w, int h, bool ascii)
{
	struct glyphs g;
	struct surface surface;
	struct screen sc = {.g = &g, .snap = s, .view = view_list()[0]};
	char *text;

	if (view && strcmp(view, view_help.name) == 0)
		sc.help = true;
	else if (view)
		sc.view = view_find(view);
	if (!sc.view || !surface_init(&surface, w, h))
		return NULL;
	sc.now = s->made_at;
	glyphs_init(&g, !ascii);
	screen_draw(&sc, &surface);
	text = surface_text(&surface);
	surface_done(&surface);
	return text;
}
