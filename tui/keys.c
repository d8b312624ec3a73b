#include "config.h"
#include "tui/keys.h"

static const struct key_row keys_table[] = {
    {{'k', KEYS_UP}, KEY_CMD_UP, 0, NULL, KEY_GROUP_MOVE, "k Up", "row above"},
    {{'j', KEYS_DOWN}, KEY_CMD_DOWN, 0, NULL, KEY_GROUP_MOVE, "j Down", "row below"},
    {{'g', KEYS_HOME}, KEY_CMD_FIRST, 0, NULL, KEY_GROUP_MOVE, "g Home", "first row"},
    {{'G', KEYS_END}, KEY_CMD_LAST, 0, NULL, KEY_GROUP_MOVE, "G End", "last row"},
    {{KEYS_PAGE_UP, KEYS_CTRL('b'), KEYS_CTRL('u')}, KEY_CMD_PAGE_UP, 0, NULL, KEY_GROUP_MOVE,
        "PgUp ^B", "page up"},
    {{KEYS_PAGE_DOWN, KEYS_CTRL('f'), KEYS_CTRL('d')}, KEY_CMD_PAGE_DOWN, 0, NULL, KEY_GROUP_MOVE,
        "PgDn ^F", "page down"},
    {{KEYS_ESC}, KEY_CMD_BACK, 0, NULL, KEY_GROUP_MOVE, "Esc", "close, back"},
    {{'?', KEYS_F1}, KEY_CMD_HELP, 0, NULL, KEY_GROUP_SHOW, "? F1", "this help"},
    {{KEYS_CTRL('l')}, KEY_CMD_REDRAW, 0, NULL, KEY_GROUP_SHOW, "^L", "draw anew"},
    {{KEYS_CTRL('z')}, KEY_CMD_SUSPEND, 0, NULL, KEY_GROUP_SHOW, "^Z", "to the shell; fg returns"},
    {{'q', 'Q', KEYS_CTRL('c')}, KEY_CMD_LEAVE, 0, NULL, KEY_GROUP_SHOW, "q Q ^C",
        "leave (asks when jobs run)"},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, 0, NULL, NULL},
};

/* Actions without a key of their own are skipped when the table is searched or shown. */
static const struct key_row keys_action_table[] = {
#define KEYS_ACTION(name, word, letter, arg, text) \
	{{letter}, KEY_CMD_ACTION, name, NULL, KEY_GROUP_ACT, (const char[]){letter, 0}, text},
    ACTION_LIST(KEYS_ACTION)
#undef KEYS_ACTION
};

const struct key_row *keys_common(void)
{
	return keys_table;
}

const struct key_row *keys_actions(size_t *n)
{
	*n = sizeof keys_action_table / sizeof keys_action_table[0];
	return keys_action_table;
}

static bool keys_row_has(const struct key_row *row, int key)
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
	size_t n;

	if (key == KEYS_NONE)
		return NULL;
	row = keys_find_in(view, key);
	if (!row)
		row = keys_find_in(keys_table, key);
	if (row)
		return row;
	row = keys_actions(&n);
	for (size_t i = 0; i < n; i++)
		if (keys_row_has(&row[i], key))
			return &row[i];
	return NULL;
}

const char *keys_group_title(enum key_group group)
{
	static const char *const titles[KEY_GROUP_COUNT] = {
	    [KEY_GROUP_MOVE] = "MOVE", [KEY_GROUP_ACT] = "ACT", [KEY_GROUP_SHOW] = "SHOW"};

	return group < KEY_GROUP_COUNT ? titles[group] : "";
}
