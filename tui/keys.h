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
	KEYS_F1,
	KEYS_F4,
	KEYS_F6,
	KEYS_F10
};

#define KEYS_CTRL(letter) ((letter)&0x1f)

enum key_cmd {
	KEY_CMD_NONE,
	KEY_CMD_UP,
	KEY_CMD_DOWN,
	KEY_CMD_FIRST,
	KEY_CMD_LAST,
	KEY_CMD_HALF_UP,
	KEY_CMD_HALF_DOWN,
	KEY_CMD_PAGE_UP,
	KEY_CMD_PAGE_DOWN,
	KEY_CMD_LEFT,
	KEY_CMD_RIGHT,
	KEY_CMD_OPEN,
	KEY_CMD_CLOSE,  /* Esc: help, marks, filter, page; one at a time */
	KEY_CMD_RETURN, /* q: back; leaves from a first view */
	KEY_CMD_LEAVE,
	KEY_CMD_NEXT_PART,
	KEY_CMD_PREV_PART,
	KEY_CMD_OLDER, /* in the history of views */
	KEY_CMD_NEWER,
	KEY_CMD_PROMPT,
	KEY_CMD_FILTER,
	KEY_CMD_UNFILTER,
	KEY_CMD_FOLLOW,
	KEY_CMD_SORT_MENU,
	KEY_CMD_SORT_LEFT,
	KEY_CMD_SORT_RIGHT,
	KEY_CMD_INVERT,
	KEY_CMD_MARK,
	KEY_CMD_MARK_RANGE,
	KEY_CMD_MARK_ALL,
	KEY_CMD_UNMARK,
	KEY_CMD_MENU,
	KEY_CMD_UNDO,
	KEY_CMD_COPY,
	KEY_CMD_FREEZE,
	KEY_CMD_ZOOM,
	KEY_CMD_NEEDS_YOU,
	KEY_CMD_SAVE,
	KEY_CMD_THEME,
	KEY_CMD_AGAIN, /* R: asks the node again */
	KEY_CMD_HIDE,
	KEY_CMD_HELP,
	KEY_CMD_REDRAW,
	KEY_CMD_SUSPEND,
	KEY_CMD_START,  /* a job of the type named in the row; arg: of what is marked or chosen */
	KEY_CMD_ACTION, /* arg: enum action */
	KEY_CMD_VIEW    /* arg: the view's own number */
};

enum key_group {
	KEY_GROUP_MOVE,
	KEY_GROUP_FIND,
	KEY_GROUP_SELECT,
	KEY_GROUP_ACT,
	KEY_GROUP_SHOW,
	KEY_GROUP_COUNT
};

/* What a row of the table wants of a view to mean something there. */
enum key_needs { KEY_NEEDS_NOTHING, KEY_NEEDS_LIST, KEY_NEEDS_MARKS, KEY_NEEDS_PARTS };

struct key_row {
	int key[4]; /* all that do it; ended by KEYS_NONE when fewer */
	enum key_cmd cmd;
	int arg;
	const char *job_type; /* of KEY_CMD_START */
	enum key_group group;
	const char *shown; /* "j Down" */
	const char *help;
	enum key_needs needs;
};

/* Rows of every view, ended by cmd KEY_CMD_NONE; actions are made from ACTION_LIST. */
const struct key_row *keys_common(void);
/* The row of a key that is no action: the view's own (may be NULL) first. NULL: it does nothing. */
const struct key_row *keys_find(const struct key_row *view, int key);
const char *keys_group_title(enum key_group group);
/* Is the key among those of a row? */
bool keys_row_has(const struct key_row *row, int key);

/*
 * The action of a key in a view whose rows are `on`, for a thing in this state (NULL: unknown): the
 * first that can be done, else the first that the key means at all, else ACTION_COUNT.
 */
enum action keys_action(unsigned on, int key, const char *state);
/* The next action after `after` (-1: the first) that has a key where rows are `on`, without those
 * whose key another had before; ACTION_COUNT: no more. */
enum action keys_next_action(unsigned on, int after);

#endif
