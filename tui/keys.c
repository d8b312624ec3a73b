#include "config.h"
#include "tui/keys.h"

#include <string.h>

#define MOVE KEY_GROUP_MOVE
#define FIND KEY_GROUP_FIND
#define SELECT KEY_GROUP_SELECT
#define ACT KEY_GROUP_ACT
#define SHOW KEY_GROUP_SHOW
#define LIST KEY_NEEDS_LIST
#define MARKS KEY_NEEDS_MARKS
#define PARTS KEY_NEEDS_PARTS

static const struct key_row keys_table[] = {
    {{'j', KEYS_DOWN}, KEY_CMD_DOWN, 0, NULL, MOVE, "j Down", "row below", LIST},
    {{'k', KEYS_UP}, KEY_CMD_UP, 0, NULL, MOVE, "k Up", "row above", LIST},
    {{'g', KEYS_HOME}, KEY_CMD_FIRST, 0, NULL, MOVE, "g Home", "first row", LIST},
    {{'G', KEYS_END}, KEY_CMD_LAST, 0, NULL, MOVE, "G End", "last row", LIST},
    {{KEYS_CTRL('u')}, KEY_CMD_HALF_UP, 0, NULL, MOVE, "^U", "half a page up", LIST},
    {{KEYS_CTRL('d')}, KEY_CMD_HALF_DOWN, 0, NULL, MOVE, "^D", "half a page down", LIST},
    {{KEYS_PAGE_UP, KEYS_CTRL('b')}, KEY_CMD_PAGE_UP, 0, NULL, MOVE, "PgUp ^B", "page up", LIST},
    {{KEYS_PAGE_DOWN, KEYS_CTRL('f')}, KEY_CMD_PAGE_DOWN, 0, NULL, MOVE, "PgDn ^F", "page down",
        LIST},
    {{'h', KEYS_LEFT}, KEY_CMD_LEFT, 0, NULL, MOVE, "h Left", "columns to the left", LIST},
    {{'l', KEYS_RIGHT}, KEY_CMD_RIGHT, 0, NULL, MOVE, "l Right", "columns to the right", LIST},
    {{KEYS_TAB}, KEY_CMD_NEXT_PART, 0, NULL, MOVE, "Tab", "next pane", PARTS},
    {{KEYS_BACKTAB}, KEY_CMD_PREV_PART, 0, NULL, MOVE, "S-Tab", "pane before", PARTS},
    {{KEYS_ENTER}, KEY_CMD_OPEN, 0, NULL, MOVE, "Enter", "open", LIST},
    {{KEYS_ESC}, KEY_CMD_CLOSE, 0, NULL, MOVE, "Esc", "close, back; ends marks", 0},
    {{'['}, KEY_CMD_OLDER, 0, NULL, MOVE, "[", "view before this", 0},
    {{']'}, KEY_CMD_NEWER, 0, NULL, MOVE, "]", "view after this", 0},
    {{'/', KEYS_F4}, KEY_CMD_FILTER, 0, NULL, FIND, "/", "filter", LIST},
    {{'\\'}, KEY_CMD_UNFILTER, 0, NULL, FIND, "\\", "clear the filter", LIST},
    {{'F'}, KEY_CMD_FOLLOW, 0, NULL, FIND, "F", "keep this row in the list", LIST},
    {{'o', KEYS_F6}, KEY_CMD_SORT_MENU, 0, NULL, FIND, "o", "sort by a column", LIST},
    {{'<'}, KEY_CMD_SORT_LEFT, 0, NULL, FIND, "<", "sort column left", LIST},
    {{'>'}, KEY_CMD_SORT_RIGHT, 0, NULL, FIND, ">", "sort column right", LIST},
    {{'I'}, KEY_CMD_INVERT, 0, NULL, FIND, "I", "invert the order", LIST},
    {{' '}, KEY_CMD_MARK, 0, NULL, SELECT, "Space", "mark, and go down", MARKS},
    {{'V'}, KEY_CMD_MARK_RANGE, 0, NULL, SELECT, "V", "mark from the last mark", MARKS},
    {{'*'}, KEY_CMD_MARK_ALL, 0, NULL, SELECT, "*", "mark what is seen; again: all", MARKS},
    {{'U'}, KEY_CMD_UNMARK, 0, NULL, SELECT, "U", "no marks", MARKS},
    {{'a'}, KEY_CMD_MENU, 0, NULL, ACT, "a", "all actions for this row", LIST},
    {{'u'}, KEY_CMD_UNDO, 0, NULL, ACT, "u", "undo (5 s)", 0},
    {{'c'}, KEY_CMD_COPY, 0, NULL, ACT, "c", "copy the id", LIST},
    {{':'}, KEY_CMD_PROMPT, 0, NULL, SHOW, ":", "command", 0},
    {{'?', KEYS_F1}, KEY_CMD_HELP, 0, NULL, SHOW, "?", "this help", 0},
    {{'!'}, KEY_CMD_NEEDS_YOU, 0, NULL, SHOW, "!", "next that needs a person", 0},
    {{'Z'}, KEY_CMD_FREEZE, 0, NULL, SHOW, "Z", "freeze the numbers", 0},
    {{'z'}, KEY_CMD_ZOOM, 0, NULL, SHOW, "z", "this pane alone", PARTS},
    {{'S'}, KEY_CMD_SAVE, 0, NULL, SHOW, "S", "save the screen (Log: its lines)", 0},
    {{'T'}, KEY_CMD_THEME, 0, NULL, SHOW, "T", "next theme", 0},
    {{'R'}, KEY_CMD_AGAIN, 0, NULL, SHOW, "R", "ask again now", 0},
    {{KEYS_CTRL('e')}, KEY_CMD_HIDE, 0, NULL, SHOW, "^E", "hide header and hints", 0},
    {{KEYS_CTRL('l')}, KEY_CMD_REDRAW, 0, NULL, SHOW, "^L", "draw anew", 0},
    {{KEYS_CTRL('z')}, KEY_CMD_SUSPEND, 0, NULL, SHOW, "^Z", "to the shell; fg returns", 0},
    {{'q'}, KEY_CMD_RETURN, 0, NULL, SHOW, "q", "back", 0},
    {{'Q', KEYS_F10, KEYS_CTRL('c')}, KEY_CMD_LEAVE, 0, NULL, SHOW, "Q ^C", "leave (asks)", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, MOVE, NULL, NULL, 0},
};

const struct key_row *keys_common(void)
{
	return keys_table;
}

bool keys_row_has(const struct key_row *row, int key)
{
	for (size_t i = 0; i < sizeof row->key / sizeof row->key[0] && row->key[i] != KEYS_NONE;
	     i++)
		if (row->key[i] == key)
			return true;
	return false;
}

static const struct key_row *keys_find_in(const struct key_row *rows, int key)
{
	for (; rows && rows->cmd != KEY_CMD_NONE; rows++)
		if (keys_row_has(rows, key))
			return rows;
	return NULL;
}

const struct key_row *keys_find(const struct key_row *view, int key)
{
	const struct key_row *row;

	if (key == KEYS_NONE)
		return NULL;
	row = keys_find_in(view, key);
	return row ? row : keys_find_in(keys_table, key);
}

/* ---- actions ---- */

static bool keys_is(const struct action_info *info, int key, bool first)
{
	const char *p = key > 0 && key < 0x7f ? strchr(info->keys, key) : NULL;

	return p && (p == info->keys) == first;
}

static enum action keys_action_of(unsigned on, int key, const char *state, bool first, bool can)
{
	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if ((info->on & on) && keys_is(info, key, first) &&
		    (!can || action_can((enum action)a, state)))
			return (enum action)a;
	}
	return ACTION_COUNT;
}

enum action keys_action(unsigned on, int key, const char *state)
{
	enum action a = keys_action_of(on, key, state, true, true);

	if (a == ACTION_COUNT)
		a = keys_action_of(on, key, state, false, true);
	return a == ACTION_COUNT ? keys_action_of(on, key, state, true, false) : a;
}

enum action keys_next_action(unsigned on, int after)
{
	for (int a = after + 1; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if ((info->on & on) && *info->keys &&
		    keys_action_of(on, *info->keys, NULL, true, false) == (enum action)a)
			return (enum action)a;
	}
	return ACTION_COUNT;
}

const char *keys_group_title(enum key_group group)
{
	static const char *const titles[KEY_GROUP_COUNT] = {
	    [KEY_GROUP_MOVE] = "MOVE",
	    [KEY_GROUP_FIND] = "FIND",
	    [KEY_GROUP_SELECT] = "SELECT",
	    [KEY_GROUP_ACT] = "ACT",
	    [KEY_GROUP_SHOW] = "SHOW",
	};

	return group < KEY_GROUP_COUNT ? titles[group] : "";
}
