/*
 * term - the terminal: opened by newterm, given back on every way out (normal, exit, crash,
 * suspend), fed with surfaces, asked for keys. All of curses is behind this file. One at a time
 * per process, main thread only; the signal handlers it installs may run in any thread.
 */
#ifndef TUBEOPS_TUI_TERM_H
#define TUBEOPS_TUI_TERM_H

#include "engine/base/err.h"
#include "tui/surface.h"
#include "tui/theme.h"

struct term;

struct term_config {
	const char *log_path;      /* stderr goes there while the screen is up; NULL: nowhere */
	const struct theme *theme; /* copied; NULL: by the terminal's background */
	int colours;               /* -1: what the terminal and NO_COLOR say; 0: none */
};

enum term_event_kind {
	TERM_EVENT_KEY,
	TERM_EVENT_PASTE, /* text: what was pasted, as one piece */
	TERM_EVENT_RESIZE,
	TERM_EVENT_SUSPEND, /* a SIGTSTP came: call term_suspend */
	TERM_EVENT_REDRAW   /* somebody may have drawn over the screen */
};

struct term_event {
	enum term_event_kind kind;
	int key;          /* a Unicode code, a control character, or KEYS_… of tui/keys.h */
	const char *text; /* borrowed until the next call */
};

/* ERR_UNAVAIL: no terminal, or one that cannot move its cursor; the text says what helps. */
enum err term_open(struct term **out, const struct term_config *cfg, struct errbuf *eb) MUST_CHECK;
/* Gives the terminal back; NULL is allowed. */
void term_close(struct term *t);
void term_size(const struct term *t, int *w, int *h);
/* To poll for: readable when a signal concerns the screen. */
int term_wake_fd(const struct term *t);
/* The next event; false when there is none now. Never waits longer than the escape delay. */
bool term_next(struct term *t, struct term_event *ev);
/* Sends what differs from the last time; nothing when nothing does. */
void term_show(struct term *t, const struct surface *s);
/* The next term_show sends everything. */
void term_redraw(struct term *t);
/* Another theme from the next frame on, copied; NULL: by the terminal's background. */
void term_theme(struct term *t, const struct theme *theme);
void term_bell(struct term *t);
/* A note on the desktop of whoever sits there, when the terminal can. */
void term_note(struct term *t, const char *text);
/* Into the clipboard of the terminal, also through ssh and tmux, when it allows that. */
void term_copy(struct term *t, const char *text);
/* Stops the process group as the shell's ^Z does; returns when it goes on. */
void term_suspend(struct term *t);

#endif
