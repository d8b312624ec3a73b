#include "config.h"
#include "tui/banner.h"
#include "tui/format.h"

#include <stdio.h>

enum { BANNER_LINES = 3, BANNER_HELD_LINES = 4, BANNER_TEXT = 512 };

static bool banner_is_cut(const struct screen *sc)
{
	return sc->link.state == NODE_LINK_LOST || sc->link.state == NODE_LINK_REFUSED ||
	       sc->link.state == NODE_LINK_DIFFERS;
}

static bool banner_has_held(const struct screen *sc)
{
	return sc->held && *sc->held;
}

/* A node of another version is not tried again by itself. */
void banner_words(const struct screen *sc, char *out, size_t size)
{
	int64_t left = sc->link.retry_ms - sc->mono_ms, since = sc->mono_ms - sc->link.since_ms;
	char ago[FORMAT_SIZE], next[FORMAT_SIZE];

	*out = '\0';
	format_duration(ago, since / 1000);
	format_duration(next, left > 0 ? (left + 999) / 1000 : 0);
	if (sc->link.state == NODE_LINK_DIFFERS)
		snprintf(out, size, "! version differs (R tries again): %s", sc->link.text);
	else if (banner_is_cut(sc))
		snprintf(out, size, "! %s %s ago, trying again in %s (R now): %s",
		    sc->link.state == NODE_LINK_LOST ? "connection lost" : "refused", ago, next,
		    sc->link.text);
}

int banner_lines(const struct screen *sc)
{
	if (!sc->snap || !banner_is_cut(sc))
		return 0;
	return banner_has_held(sc) ? BANNER_HELD_LINES : BANNER_LINES;
}

void banner_draw(const struct screen *sc, const struct pane *p)
{
	char text[BANNER_TEXT], at[FORMAT_SIZE];
	int w = p->at.w - 1, y = 0;

	banner_words(sc, text, sizeof text);
	draw_text(p, y++, 1, w, ALIGN_LEFT, ROLE_ERROR, text);
	if (banner_has_held(sc)) /* the more important one where two lines are all */
		draw_text(p, y++, 1, w, ALIGN_LEFT, ROLE_WARN, sc->held);
	draw_textf(p, y, 1, w, ALIGN_LEFT, ROLE_NORMAL,
	    "What you see is from %s. Nothing you press is sent before it is back.",
	    format_clock(at, sc->snap->made_at));
}
