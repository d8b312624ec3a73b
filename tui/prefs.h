/*
 * prefs - how somebody wants the screen: a small file of NAME = VALUE lines in the user's folder,
 * and :set. Nothing is saved unless it is asked for. The screen's thread.
 */
#ifndef TUBEOPS_TUI_PREFS_H
#define TUBEOPS_TUI_PREFS_H

#include "engine/base/err.h"
#include "engine/base/str.h"
#include "tui/theme.h"

/* What each may be stands in prefs.c. */
enum pref {
	PREF_THEME,
	PREF_REFRESH,
	PREF_UNDO,
	PREF_BELL,
	PREF_NOTE,
	PREF_ASCII,
	PREF_VIEW,
	PREF_COUNT
};

enum { PREF_VALUE = 64, PREF_VIEW_NAME = 16, PREF_FILE_BYTES = 64 * 1024 };

struct prefs {
	char theme[THEME_NAME]; /* "auto": by the terminal */
	int refresh_ms;         /* between snapshots while something works */
	int undo_ms;            /* below 0: nothing waits */
	bool bell;              /* when something needs a person, or a job ends */
	bool note;              /* the same, as a note on the desktop */
	bool ascii;
	char view[PREF_VIEW_NAME]; /* the first one shown */
	int line[PREF_COUNT];      /* of the file that said so; 0: the default; -1: set by hand */
};

void prefs_init(struct prefs *p);
const char *pref_name(enum pref i);
const char *pref_help(enum pref i);
/* "default", "line 3 of the file", "set here". */
void pref_origin(const struct prefs *p, enum pref i, char *out, size_t size);
/* The value as a person writes it, into out (PREF_VALUE bytes). */
char *pref_value(const struct prefs *p, enum pref i, char *out);
/* ERR_NOTFOUND: no such name; ERR_INVALID: no such value, eb says what it may be. */
enum err prefs_set(
    struct prefs *p, const char *name, const char *value, struct errbuf *eb) MUST_CHECK;

/* Nothing is there: ERR_OK. What is wrong in it is left out, and the first of it said: "FILE:3: …". */
enum err prefs_read(struct prefs *p, const char *path, struct errbuf *eb) MUST_CHECK;
/* Writes a new file beside it and renames that; what else stands in it stays. Makes its folder. */
enum err prefs_write(const struct prefs *p, const char *path, struct errbuf *eb) MUST_CHECK;

#endif
