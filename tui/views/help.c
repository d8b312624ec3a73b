#include "config.h"
#include "tui/view.h"

#include <stdio.h>

/*
 * The help is made from the key tables, so it cannot differ from what the keys do. What a
 * read-only session may not do is shown dimmed.
 */

enum { HELP_KEY = 8, HELP_COLUMN = 39, HELP_WIDE = 52 };

/* Lines flow down a column and go on at the top of the next. */
struct help {
	const struct view_ctx *c;
	const struct pane *p;
	int x, y, w, top;
};

static void help_line(struct help *h)
{
	h->y++;
	if (h->y < h->p->at.h)
		return;
	h->y = h->top;
	h->x += h->w;
}

static void help_row(struct help *h, const char *shown, const char *text, bool off)
{
	int w = h->x + h->w < h->p->at.w ? h->w : h->p->at.w - h->x;

	draw_text(h->p, h->y, h->x + 3, HELP_KEY, ALIGN_LEFT, off ? ROLE_OFF : ROLE_KEY, shown);
	draw_text(h->p, h->y, h->x + 3 + HELP_KEY, w - 3 - HELP_KEY - 1, ALIGN_LEFT,
	    off ? ROLE_OFF : ROLE_NORMAL, text);
	help_line(h);
}

static void help_title(struct help *h, const char *title)
{
	if (h->y > h->top && h->y >= h->p->at.h - 1) /* never alone at the foot */
		help_line(h);
	draw_text(h->p, h->y, h->x + 1, h->w - 2, ALIGN_LEFT, ROLE_TITLE, title);
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
		draw_text(h->p, h->y, h->x + 3, 12, ALIGN_LEFT, help_words[i].role, help_words[i].word);
		draw_text(h->p, h->y, h->x + 15, h->w - 16, ALIGN_LEFT, ROLE_NORMAL,
		    help_words[i].meaning);
		help_line(h);
	}
}

static void help_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	const char *name = c->under && c->under->title_wide ? c->under->title_wide
	                   : c->under                       ? c->under->name
	                                                    : "";
	struct help h = {.c = c, .p = p, .y = 1, .top = 1};
	char title[64];

	(void)st;
	h.w = c->layout->profile == PROFILE_WIDE ? HELP_WIDE : HELP_COLUMN;
	draw_blank(p);
	if (c->help_all)
		snprintf(title, sizeof title, "Help: all keys");
	else
		snprintf(title, sizeof title, "Help: %s (keys that work here)", name);
	draw_rule(p, 0, title, c->help_all ? "Tab this view   Esc close" : "Tab all keys   Esc close");
	for (int group = 0; group < KEY_GROUP_COUNT; group++)
		help_group(&h, (enum key_group)group);
	if (!c->help_all)
		help_draw_words(&h);
}

const struct view_ops view_help = {
    .name = "help",
    .own_message = true,
    .draw = help_draw,
    .hints = "Tab all keys  Esc close  Q leave",
};
