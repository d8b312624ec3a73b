#include "config.h"
#include "tui/view.h"

/*
 * The help is made from the key tables, so it cannot differ from what the keys do. What a
 * read-only session may not do is shown dimmed.
 */

enum { HELP_COLUMN = 24, HELP_KEY = 9 };

static int help_row(const struct pane *p, int y, const struct key_row *row, bool off)
{
	draw_text(p, y, 3, HELP_KEY, ALIGN_LEFT, off ? ROLE_OFF : ROLE_KEY, row->shown);
	draw_text(p, y, 3 + HELP_KEY, p->at.w - 3 - HELP_KEY, ALIGN_LEFT,
	    off ? ROLE_OFF : ROLE_NORMAL, row->help);
	return y + 1;
}

static bool help_changes_something(const struct key_row *row)
{
	return row->cmd == KEY_CMD_ACTION || row->cmd == KEY_CMD_START;
}

static int help_rows(const struct view_ctx *c, const struct pane *p, int y,
    const struct key_row *rows, enum key_group group)
{
	for (; rows && rows->cmd != KEY_CMD_NONE; rows++)
		if (rows->group == group && rows->shown)
			y = help_row(p, y, rows, c->read_only && help_changes_something(rows));
	return y;
}

static int help_actions(const struct view_ctx *c, const struct pane *p, int y)
{
	size_t n;
	const struct key_row *rows = keys_actions(&n);

	for (size_t i = 0; i < n; i++)
		if (rows[i].key[0])
			y = help_row(p, y, &rows[i], c->read_only);
	return y;
}

static int help_group(const struct view_ctx *c, const struct pane *p, int y, enum key_group group)
{
	draw_text(p, y++, 1, p->at.w - 1, ALIGN_LEFT, ROLE_TITLE, keys_group_title(group));
	if (c->under)
		y = help_rows(c, p, y, c->under->keys, group);
	y = help_rows(c, p, y, keys_common(), group);
	if (group == KEY_GROUP_ACT)
		y = help_actions(c, p, y);
	return y + 1;
}

struct help_word {
	enum role role;
	const char *word;
	const char *meaning;
};

static const struct help_word help_words[] = {
    {ROLE_OFF, "waiting", "goes on by itself; why and until when stand beside it"},
    {ROLE_OFF, "paused", "goes on when you press r"},
    {ROLE_WARN, "! interrupted", "the process ended while it ran: r goes on where it was"},
    {ROLE_OK, "done*", "finished, some channels failed: t tries them again"},
    {ROLE_ERROR, "! failed", "cannot go on: the reason stands beside it"},
    {ROLE_NORMAL, "gone", "asked for on two days, and YouTube returned nothing"},
    {ROLE_NORMAL, "~", "at the end of a text: cut"},
    {ROLE_BUSY, "running", "works now"},
    {ROLE_OFF, "queued", "waits for its turn"},
};

static void help_draw_words(const struct pane *p, int y)
{
	draw_text(p, y++, 1, p->at.w - 1, ALIGN_LEFT, ROLE_TITLE, "WORDS");
	for (size_t i = 0; i < sizeof help_words / sizeof help_words[0]; i++, y++) {
		draw_text(p, y, 3, 15, ALIGN_LEFT, help_words[i].role, help_words[i].word);
		draw_text(p, y, 18, p->at.w - 18, ALIGN_LEFT, ROLE_NORMAL, help_words[i].meaning);
	}
}

static void help_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct pane left = pane_part(p, (struct rect){1, 0, p->at.h - 1, HELP_COLUMN});
	struct pane right =
	    pane_part(p, (struct rect){1, HELP_COLUMN, p->at.h - 1, p->at.w - HELP_COLUMN});
	int y, end;

	(void)st;
	draw_blank(p);
	draw_rule(p, 0, "Help: keys of this view", "Esc or ? closes");
	y = help_group(c, &left, 0, KEY_GROUP_MOVE);
	end = help_group(c, &right, 0, KEY_GROUP_ACT);
	end = help_group(c, &right, end, KEY_GROUP_SHOW);
	y = end > y ? end : y;
	left = pane_part(p, (struct rect){1 + y, 0, p->at.h - 1 - y, p->at.w});
	help_draw_words(&left, 0);
}

const struct view_ops view_help = {
    .name = "help",
    .draw = help_draw,
    .hints = "Esc close  q leave",
};
