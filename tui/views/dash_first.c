/* The dashboard when nothing was imported yet: the first steps, and what to press for each. */
#include "config.h"
#include "tui/views/dash_parts.h"

#include <stdio.h>
#include <string.h>

struct first_step {
	const char *what, *keys, *command;
	bool (*is_done)(const struct snapshot *s);
};

static bool first_has_store(const struct snapshot *s)
{
	return s->pg_configured && s->pg_ok;
}

static bool first_has_key(const struct snapshot *s)
{
	return s->n_keys > 0;
}

static bool first_has_channels(const struct snapshot *s)
{
	return s->channels > 0;
}

static bool first_has_metadata(const struct snapshot *s)
{
	return s->items[SNAPSHOT_METADATA][SNAPSHOT_DONE] > 0;
}

static const struct first_step first_steps[] = {
    {"add an API key", "3 then n", "tubeops keys add", first_has_key},
    {"import channel ids", "i", "tubeops import FILE", first_has_channels},
    {"fetch metadata", "2 then n", "tubeops run metadata", first_has_metadata},
    {"a PostgreSQL, if wanted", "", "DATABASE_URL in .env", first_has_store},
};

enum { FIRST_FULL = 70 /* columns from which the commands are shown */ };
enum { FIRST_STEPS = sizeof first_steps / sizeof first_steps[0] };

bool dash_is_first_run(const struct snapshot *s)
{
	return s->channels == 0 && s->n_jobs == 0;
}

int dash_draw_first(const struct view_ctx *c, const struct pane *p)
{
	int w = p->at.w, y = 1;

	draw_text(
	    p, y, 1, w - 1, ALIGN_LEFT, ROLE_TITLE, "Nothing imported yet. The usual first steps:");
	y += 2;
	for (int i = 0; i < FIRST_STEPS; i++, y++) {
		const struct first_step *step = &first_steps[i];
		bool done = step->is_done(c->snap);
		draw_textf(p, y, 3, 28, ALIGN_LEFT, done ? ROLE_OFF : ROLE_NORMAL, "[%c] %s",
		    done ? 'x' : ' ', step->what);
		draw_textf(
		    p, y, 32, 6, ALIGN_LEFT, ROLE_OFF, "%s", done || !*step->keys ? "" : "press");
		draw_text(p, y, 38, 9, ALIGN_LEFT, ROLE_KEY, done ? "" : step->keys);
		if (w >= FIRST_FULL || done)
			draw_text(
			    p, y, 48, w - 48, ALIGN_LEFT, ROLE_OFF, done ? "done" : step->command);
	}
	draw_text(p, y + 1, 1, w - 1, ALIGN_LEFT, ROLE_NORMAL,
	    "CSV, JSON or JSON Lines; a list with one channel id (UC...) a line will do.");
	draw_text(p, y + 2, 1, w - 1, ALIGN_LEFT, ROLE_OFF,
	    "Or look at it on made-up data:  tubeops demo  (no network, no database)");
	return y + 4;
}
