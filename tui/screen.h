/*
 * screen - one whole picture from a snapshot: frame, view, help, dialog, message. The console shows
 * it on a terminal; console_screen_text gives the same as text. Touches no terminal.
 */
#ifndef TUBEOPS_TUI_SCREEN_H
#define TUBEOPS_TUI_SCREEN_H

#include "tui/dialog.h"
#include "tui/view.h"

struct screen {
	const struct glyphs *g;
	const struct snapshot *snap; /* NULL: none yet */
	int64_t now;
	bool read_only;
	const struct view_ops *view;
	struct view_state state;
	bool help;                   /* over the view */
	const struct dialog *dialog; /* over all; NULL: none */
	const char *message;         /* one line, "" when there is nothing to say */
	enum role message_role;
	struct layout layout; /* filled by screen_draw */
};

void screen_draw(struct screen *sc, struct surface *s);
/* What the view has to know now; valid until the next screen_draw. */
struct view_ctx screen_ctx(const struct screen *sc);

/*
 * The screen as w x h text, each line exactly w columns wide; "now" is when the snapshot was made.
 * view: "dash", "help"; NULL: the first. Returns owned; NULL: no memory or no such view.
 * UTF-8 needs a UTF-8 locale (setlocale), as widths come from wcwidth.
 */
char *console_screen_text(const struct snapshot *s, const char *view, int w, int h, bool ascii);

#endif
