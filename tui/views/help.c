#include "config.h"
#include "tui/view.h"

#include <stdio.h>

/*
 * The help is made from the key tables, so it cannot differ from what the keys do. What a
 * read-only session may not do is shown dimmed.
 */

enum { HELP_KEY = 8, HELP_COLUMN = 39, HELP_WIDE = 52 };

/* Lines flow down a column and go on at the top of the next; columns before `first` are not seen. */
struct help {
	const struct view_ctx *c;
	const struct pane *p;
	int x, y, w, top, first, column;
};

static void help_line(struct help *h)
{
	h->y++;
	if (h->y < h->p->at.h)
		return;
	h->y = h->top;
	h->column++;
	h->x = (h->column - h->first) * h->w;
}

/* Width of a piece that begins at x and may go to the end of the column; 0: not seen. */
static int help_room(const struct help *h, int at)
{
	int end = h->x + h->w < h->p->at.w ? h->x + h->w : h->p->at.w;

	return h->x < 0 || end - 1 - h->x - at < 0 ? 0 : end - 1 - h->x - at;
}

static void help_piece(const struct help *h, int at, int w, enum role role, const char *text)
{
	int room = help_room(h, at);

	if (room > 0)
		draw_text(h->p, h->y, h->x + at, w && w < room ? w : room, ALIGN_LEFT, role, text);
}

static void help_row(struct help *h, const char *shown, const char *text, bool off)
{
	help_piece(h, 3, HELP_KEY, off ? ROLE_OFF : ROLE_KEY, shown);
	help_piece(h, 3 + HELP_KEY, 0, off ? ROLE_OFF : ROLE_NORMAL, text);
	help_line(h);
}

static void help_title(struct help *h, const char *title)
{
	if (h->y > h->top && h->y >= h->p->at.h - 1) /* never alone at the foot */
		help_line(h);
	help_piece(h, 1, 0, ROLE_TITLE, title);
	help_line(h);
}

static bool help_is_met(const struct view_ctx *c, const struct key_row *row)
{
	const struct view_ops *v = c->under;
	bool list = false, marks = false;

	if (c->help_all || !v)
		return true;
	for (int i = 0; i < v->n_parts; i++) {
		list = list || v->parts[i].table;
		marks = marks || (v->parts[i].table && v->parts[i].on);
	}
	switch (row->needs) {
	case KEY_NEEDS_LIST:
		return list;
	case KEY_NEEDS_MARKS:
		return marks;
	case KEY_NEEDS_PARTS:
		return v->n_parts > 1;
	default:
		return true;
	}
}

static unsigned help_on(const struct view_ctx *c)
{
	unsigned on = c->under ? c->under->on : 0;

	for (int i = 0; c->under && i < c->under->n_parts; i++)
		on |= c->under->parts[i].on;
	return c->help_all ? ON_ALL : on | ON_DASH;
}

static void help_rows(struct help *h, const struct key_row *rows, enum key_group group)
{
	for (; rows && rows->cmd != KEY_CMD_NONE; rows++) {
		bool acts = rows->cmd == KEY_CMD_ACTION || rows->cmd == KEY_CMD_START;
		if (rows->group == group && rows->shown && help_is_met(h->c, rows))
			help_row(h, rows->shown, rows->help, acts && h->c->read_only);
	}
}

static void help_actions(struct help *h)
{
	unsigned on = help_on(h->c);

	for (int a = 0; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		char shown[] = {*info->keys, 0};
		if (*info->keys && (info->on & on))
			help_row(h, shown, info->help, h->c->read_only);
	}
}

static void help_group(struct help *h, enum key_group group)
{
	help_title(h, keys_group_title(group));
	if (h->c->under && !h->c->help_all)
		help_rows(h, h->c->under->keys, group);
	for (const struct view_ops *const *v = view_list(); *v && h->c->help_all; v++)
		help_rows(h, (*v)->keys, group);
	help_rows(h, keys_common(), group);
	if (group == KEY_GROUP_ACT)
		help_actions(h);
}

struct help_word {
	enum role role;
	const char *word;
	const char *meaning;
};

static const struct help_word help_words[] = {
    {ROLE_BUSY, "running", "works now"},
    {ROLE_WARN, "throttled", "works slower than it could: a service asked for it"},
    {ROLE_OFF, "wait:X", "needs nothing from you; the time it ends stands beside"},
    {ROLE_OFF, "paused", "goes on when you press p or r"},
    {ROLE_WARN, "interrupted", "the process ended while it ran: r goes on where it was"},
    {ROLE_OK, "done*", "finished, some items failed: r tries them again"},
    {ROLE_ERROR, "!", "needs a person"},
    {ROLE_NORMAL, "gone", "asked for on two days, and YouTube returned nothing"},
    {ROLE_NORMAL, "~", "before a number: an estimate; at the end of a text: cut"},
    {ROLE_WARN, "old", "this number was not renewed for a while"},
};

static void help_draw_words(struct help *h)
{
	help_title(h, "WORDS");
	for (size_t i = 0; i < sizeof help_words / sizeof help_words[0]; i++) {
		help_piece(h, 3, 12, help_words[i].role, help_words[i].word);
		help_piece(h, 15, 0, ROLE_NORMAL, help_words[i].meaning);
		help_line(h);
	}
}

/* Returns the number of columns. */
static int help_draw_from(const struct view_ctx *c, const struct pane *p, int first)
{
	struct help h = {.c = c, .p = p, .y = 1, .top = 1, .first = first};

	h.w = c->layout->profile == PROFILE_WIDE ? HELP_WIDE : HELP_COLUMN;
	h.x = -first * h.w;
	draw_blank(p);
	for (int group = 0; group < KEY_GROUP_COUNT; group++)
		help_group(&h, (enum key_group)group);
	if (!c->help_all)
		help_draw_words(&h);
	return h.column + (h.y > h.top);
}

static void help_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const char *name = c->under && c->under->title_wide ? c->under->title_wide
	                   : c->under                       ? c->under->name
	                                                    : "";
	int w = c->layout->profile == PROFILE_WIDE ? HELP_WIDE : HELP_COLUMN;
	int seen = p->at.w / w > 0 ? p->at.w / w : 1;
	int columns = help_draw_from(c, p, st->part);
	char title[64], right[64];

	if (st->part > 0 && st->part > columns - seen) {
		st->part = columns > seen ? columns - seen : 0;
		help_draw_from(c, p, st->part);
	}
	if (c->help_all)
		snprintf(title, sizeof title, "Help: all keys");
	else
		snprintf(title, sizeof title, "Help: %s (keys that work here)", name);
	snprintf(right, sizeof right, "%s%s   Esc close",
	    st->part + seen < columns ? "j more   "
	    : st->part > 0            ? "k back   "
	                              : "",
	    c->help_all ? "Tab this view" : "Tab all keys");
	draw_rule(p, 0, title, right);
}

const struct view_ops view_help = {
    .name = "help",
    .own_message = true,
    .draw = help_draw,
    .hints = "j more  k back  Tab all keys  Esc close  Q leave",
};
