/*
 * screen - one whole picture: frame, view, help, dialog, prompt, message. A session says what is to
 * be seen. Touches no terminal; the screen's thread.
 */
#ifndef TUBEOPS_TUI_SCREEN_H
#define TUBEOPS_TUI_SCREEN_H

#include "tui/dialog.h"
#include "tui/prompt.h"
#include "tui/view.h"

struct screen {
	const struct glyphs *g;
	struct node *node;
	const struct snapshot *snap; /* NULL: none yet */
	int64_t now;                 /* UTC seconds */
	int64_t mono_ms;
	struct node_link link;
	bool read_only;
	bool frozen;
	bool bare;                /* no header, tabs and hints */
	struct view_state *state; /* of the view that is shown */
	struct view_state *help;  /* over it; NULL: not shown */
	bool help_all;
	const struct dialog *dialog; /* over all; NULL: none */
	const struct prompt *prompt;
	const char *prompt_help; /* of the word in the prompt */
	const char *held;        /* "1 action is held", while the node is not reached; NULL, "" */
	const char *message;     /* one line, "" when there is nothing to say */
	enum role message_role;
	struct layout layout; /* filled by screen_draw */
};

void screen_draw(struct screen *sc, struct surface *s);
/* What a view has to know now; valid until the next screen_draw. */
struct view_ctx screen_ctx(const struct screen *sc);

#endif
