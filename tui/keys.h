/*
 * keys - what each key does, as one table: keys of the console itself, and those of ACTION_LIST.
 * The key switch and the help are both made from it. Views add rows of their own. Constant data.
 */
#ifndef TUBEOPS_TUI_KEYS_H
#define TUBEOPS_TUI_KEYS_H

#include "engine/command.h"

/* Keys that are no character; Unicode ends below. Ctrl-A is 1. */
enum {
	KEYS_NONE = 0,
	KEYS_UP = 0x110000,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_ENTER,
	KEYS_ESC,
	KEYS_TAB,
	KEYS_BACKTAB,
	KEYS_BACKSPACE,
	KEYS_DELETE,
	KEYS_F1
};

#define KEYS_CTRL(letter) ((letter)&0x1f)

enum key_cmd {
	KEY_CMD_NONE,
	KEY_CMD_UP,
	KEY_CMD_DOWN,
	KEY_CMD_FIRST,
	KEY_CMD_LAST,
	KEY_CMD_PAGE_UP,
	KEY_CMD_PAGE_DOWN,
	KEY_CMD_BACK,
	KEY_CMD_HELP,
	KEY_CMD_LEAVE,
	KEY_CMD_REDRAW,
	KEY_CMD_SUSPEND,
	KEY_CMD_START, /* a job of the type named in the row */
	KEY_CMD_ACTION
};

enum key_group { KEY_GROUP_MOVE, KEY_GROUP_ACT, KEY_GROUP_SHOW, KEY_GROUP_COUNT };

struct key_row {
	int key[4]; /* all that do it; ended by KEYS_NONE when fewer */
	enum key_cmd cmd;
	enum action action;   /* of KEY_CMD_ACTION */
	const char *job_type; /* of KEY_CMD_START */
	enum key_group group;
	const char *shown; /* "j k Up Dn"; NULL: shown with the row before */
	const char *help;
};

/* Rows of every view, ended by cmd KEY_CMD_NONE; actions are made from ACTION_LIST. */
const struct key_row *keys_common(void);
const struct key_row *keys_actions(size_t *n);
/* NULL when the key does nothing. view: rows of the view, ended as above; may be NULL. */
const struct key_row *keys_find(const struct key_row *view, int key);
const char *keys_group_title(enum key_group group);

#endif
