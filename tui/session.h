/*
 * session - the console without a terminal: takes keys, pasted texts and the time, keeps views,
 * history, marks, questions and what waits to be undone, asks the node, draws pictures into
 * surfaces. console.c ties one to a terminal; tests and `tubeops screen` use it as it is. One thread.
 */
#ifndef TUBEOPS_TUI_SESSION_H
#define TUBEOPS_TUI_SESSION_H

#include "tui/glyph.h"
#include "tui/node.h"
#include "tui/surface.h"
#include "tui/theme.h"

struct session;

struct session_config {
	struct node *node; /* borrowed for the session's life */
	bool ascii;        /* no UTF-8 even where the locale has it */
	int refresh_ms;    /* between snapshots while something works; 0: 500 */
	int undo_ms;       /* 0: the usual 5 s; below 0: nothing waits */
	const char *by;    /* who acts, for the log; NULL: "console" */
	const char *theme; /* name of the first theme; NULL: as the settings say */
	bool prefs;        /* reads what the user keeps in a file (prefs.h) */
};

/* SESSION_HANDOVER: a process without a screen shall go on with the node's work. */
enum session_end { SESSION_ON, SESSION_QUIT, SESSION_HANDOVER };

/* What the terminal shall do; taken once. */
enum session_effect {
	SESSION_REDRAW = 1 << 0,  /* send the whole screen anew */
	SESSION_SUSPEND = 1 << 1, /* to the shell */
	SESSION_COPY = 1 << 2,    /* session_copied to the clipboard */
	SESSION_THEME = 1 << 3,   /* session_theme is another one */
	SESSION_BELL = 1 << 4,    /* rings: something calls for somebody */
	SESSION_NOTE = 1 << 7,    /* session_note on the desktop */
	SESSION_ATTACH = 1 << 5,  /* another node is to be shown: session_attach_to */
	SESSION_DETACH = 1 << 6   /* the console's own node is to be shown again */
};

/* NULL: no memory. */
struct session *session_new(const struct session_config *cfg);
void session_free(struct session *s);

void session_key(struct session *s, int key);
void session_paste(struct session *s, const char *text);
/* Time has passed: takes snapshots and answers that are due, begins what is not to be undone. */
void session_tick(struct session *s, int64_t now_ms, int64_t mono_ms);
/* The picture; nothing of it depends on what was drawn before. */
void session_draw(struct session *s, struct surface *to);

/* Has anything changed since the last session_draw? pressed: because of a key. */
bool session_is_dirty(const struct session *s, bool *pressed);
/* Something else changed the picture (its size). */
void session_touch(struct session *s);
/* clock_mono_ms when session_tick has something to do next. */
int64_t session_next_ms(const struct session *s);
enum session_end session_ended(const struct session *s);
/* Bits of enum session_effect since the last call. */
unsigned session_effects(struct session *s);
const char *session_copied(const struct session *s);
/* What calls for somebody. */
const char *session_note(const struct session *s);
/* What ":attach" was followed by. */
const char *session_attach_to(const struct session *s);
/* Says what went wrong outside of it. */
void session_tell(struct session *s, const char *text);
/* As if Q had been pressed. */
void session_quit(struct session *s);
/* NULL: by the terminal. */
const struct theme *session_theme(const struct session *s);

/* Goes to a view by name, and to what it is about ("J-1042"); false: there is no such view. */
bool session_go(struct session *s, const char *view, const char *target);
/* Chooses part i of the view that is shown: a tab or a pane. */
void session_part(struct session *s, int part);

/* One view as text or with colours. */
struct session_picture {
	const char *
	    view; /* "jobs", "job:J-1042", "job:J-1042:2" (its third tab), "channels subs>=1m" (so filtered) */
	int w, h;
	bool ascii;
	int colours; /* that a terminal would have; below 0: text alone */
	const char *theme;
	int patience_ms; /* waits for the node's answers, at most so long */
};
/*
 * Lines of exactly w columns, and SGR sequences when there are colours. Returns owned; NULL: no memory
 * or no such view. UTF-8 needs a UTF-8 locale (setlocale), as widths come from wcwidth.
 */
char *session_picture(struct node *n, const struct session_picture *p);
/* Text alone. */
char *session_text(struct node *n, const char *view, int w, int h, bool ascii, int patience_ms);

#endif
