/*
 * theme - what a piece of text means (its role), and how each role looks with 256, 16, 8 or no
 * colours. Knows nothing of curses. Pure functions, any thread.
 */
#ifndef TUBEOPS_TUI_THEME_H
#define TUBEOPS_TUI_THEME_H

#include <stdbool.h>

enum role {
	ROLE_NORMAL,
	ROLE_OK,    /* done, healthy */
	ROLE_BUSY,  /* works now */
	ROLE_WARN,  /* look when you can; always with "!" or a word */
	ROLE_ERROR, /* needs a person; always with "!" and a word */
	ROLE_OFF,   /* waits, paused, unused; second in rank */
	ROLE_TITLE,
	ROLE_KEY,  /* a key that can be pressed */
	ROLE_RULE, /* lines and frames */
	ROLE_COUNT
};

enum { THEME_DEFAULT = -1 }; /* the terminal's own colour */

struct theme_style {
	int colour; /* number in the terminal's palette, or THEME_DEFAULT */
	bool bold, dim, reverse;
};

enum { THEME_AUTO = -1, THEME_NAME = 32 };

/* What a table of styles is for: a terminal with so many colours. */
enum theme_level { THEME_256, THEME_16, THEME_8, THEME_NONE, THEME_LEVELS };

/* A theme of its own: built in, or read from a file (theme_file.h). */
struct theme {
	char name[THEME_NAME];
	struct theme_style styles[THEME_LEVELS][ROLE_COUNT];
};

/* "normal", "ok" …, as files name it. */
const char *role_word(enum role role);
/* Those of the program, by number; THEME_AUTO: by the background. */
void theme_builtin(struct theme *out, int theme, bool light);
/* colours: what the terminal has; below 8 counts as none. */
struct theme_style theme_look(const struct theme *t, enum role role, int colours);

/* Number of a theme; THEME_AUTO: NULL or no such name. */
int theme_find(const char *name);
/* NULL: no such number. */
const char *theme_name(int theme);
/* colours: what the terminal has; below 8 counts as none. light: the background, for THEME_AUTO. */
struct theme_style theme_style(enum role role, int colours, int theme, bool light);
/* Is the background light, by the COLORFGBG of terminals that set it ("0;15")? NULL: no. */
bool theme_is_light(const char *colorfgbg);

#endif
