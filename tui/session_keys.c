/* What keys do that are no actions: moving, finding, marking, showing, leaving. */
#include "config.h"
#include "tui/session_parts.h"
#include "engine/base/clock.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- moving ---- */

static void key_move(struct session *s, int64_t by)
{
	struct table *t = s->screen.help ? NULL : session_table(s);

	if (t)
		table_move(t, by);
	else if (s->screen.help && by > 0)
		s->help.part++; /* a column; not beyond the last, as it will be drawn */
	else if (s->screen.help && s->help.part > 0)
		s->help.part--;
}

static int64_t key_page(struct session *s)
{
	struct table *t = session_table(s);

	return t && t->page > 0 ? t->page : 1;
}

static void key_up(struct session *s)
{
	key_move(s, -1);
}

static void key_down(struct session *s)
{
	key_move(s, 1);
}

static void key_jump(struct session *s, bool to_end)
{
	struct table *t = s->screen.help ? NULL : session_table(s);
	struct view_ctx c = session_ctx(s);

	if (t)
		table_jump(t, &c, session_view(s), to_end);
}

static void key_first(struct session *s)
{
	key_jump(s, false);
}

static void key_last(struct session *s)
{
	key_jump(s, true);
}

static void key_half_up(struct session *s)
{
	key_move(s, -(key_page(s) + 1) / 2);
}

static void key_half_down(struct session *s)
{
	key_move(s, (key_page(s) + 1) / 2);
}

static void key_page_up(struct session *s)
{
	key_move(s, -key_page(s));
}

static void key_page_down(struct session *s)
{
	key_move(s, key_page(s));
}

static void key_scroll(struct session *s, int by)
{
	struct table *t = session_table(s);
	int most = 0;

	for (size_t i = 0; t && i < t->def->n_cols; i++)
		most += t->def->cols[i].rank > 0;
	if (t && t->shift + by >= 0 && t->shift + by <= most)
		t->shift += by;
}

static void key_left(struct session *s)
{
	key_scroll(s, -1);
}

static void key_right(struct session *s)
{
	key_scroll(s, 1);
}

static void key_open(struct session *s)
{
	struct view_state *st = session_view(s);
	const struct view_ops *page = view_opens(st);
	struct table *t = session_table(s);
	struct view_ctx c = session_ctx(s);
	struct table_row row;
	char target[TABLE_ID];

	if (session_takes(s, KEY_CMD_OPEN) || !page || !t)
		return;
	snprintf(target, sizeof target, "%s", t->selected);
	if (t->n && !t->lost && t->def->target && table_find(t, &c, st, t->selected, &row))
		t->def->target(&row, target);
	if (!t->n || t->lost || !*target)
		session_say(s, ROLE_WARN, "there is nothing to open here");
	else
		session_visit(s, page, target, 0);
}

static void key_part(struct session *s, int by)
{
	struct view_state *st = session_view(s);
	const struct view_ops *v = st->ops;

	for (int i = 0; i < v->n_parts; i++) {
		st->part = (st->part + by + v->n_parts) % v->n_parts;
		if (!v->has_part || !s->screen.snap || v->has_part(s->screen.snap, st->part))
			return;
	}
}

static void key_next_part(struct session *s)
{
	s->help.part = 0;
	if (s->screen.help)
		s->screen.help_all = !s->screen.help_all;
	else
		key_part(s, 1);
}

static void key_prev_part(struct session *s)
{
	key_part(s, -1);
}

static void key_older(struct session *s)
{
	session_step(s, -1);
}

static void key_newer(struct session *s)
{
	session_step(s, 1);
}

/* ---- closing ---- */

/* From a page to the view that opens it; false: it is a first view. */
static bool key_up_a_level(struct session *s)
{
	const struct view_ops *v = session_view(s)->ops;

	if (v->title)
		return false;
	if (s->history_at > 0 && view_can_open(view_list()[s->history[s->history_at - 1].view], v))
		return session_step(s, -1);
	for (const struct view_ops *const *at = view_list(); *at; at++)
		if ((*at)->title && view_can_open(*at, v)) {
			session_visit(s, *at, "", 0);
			return true;
		}
	return session_step(s, -1);
}

/* One thing at a time, the nearest first; marks last. */
static void key_close(struct session *s)
{
	struct table *t = session_table(s);

	if (s->screen.help)
		s->screen.help = NULL;
	else if (session_takes(s, KEY_CMD_CLOSE))
		return;
	else if (s->message.len)
		s->message_until_ms = 0;
	else if (session_view(s)->zoom)
		session_view(s)->zoom = false;
	else if (key_up_a_level(s))
		return;
	else if (t && t->filter.len)
		table_filter(t, "", s->screen.now);
	else if (t)
		table_unmark(t);
}

static void key_return(struct session *s)
{
	if (s->screen.help)
		s->screen.help = NULL;
	else if (!key_up_a_level(s))
		session_leave_at_rest(s);
}

/* ---- finding ---- */

static void key_prompt(struct session *s)
{
	session_prompt_open(s, PROMPT_COMMAND);
}

static void key_filter(struct session *s)
{
	session_prompt_open(s, PROMPT_FILTER);
}

static void key_unfilter(struct session *s)
{
	struct table *t = session_table(s);

	if (t)
		table_filter(t, "", s->screen.now);
}

static void key_follow(struct session *s)
{
	struct table *t = session_table(s);

	if (!t)
		return;
	t->follow = !t->follow;
	t->fresh = true;
	if (t->follow)
		session_say(
		    s, ROLE_OFF, "%s stays in the list, whatever the filter says", t->selected);
	else
		session_say(s, ROLE_OFF, "the list shows what the filter says");
}

static void key_sort_menu(struct session *s)
{
	struct table *t = session_table(s);
	struct dialog *d = t ? dialog_pick("Sort by") : NULL;
	size_t n = 0, at = 0;

	if (!t)
		return;
	if (d)
		dialog_pick_add(
		    d, 0, t->def->order_words ? t->def->order_words : "as it comes", false);
	s->sort_cols[n++] = -1;
	for (size_t i = 0; d && i < t->def->n_cols; i++) {
		const struct table_col *col = &t->def->cols[i];
		if (!table_can_sort(t, (int)i))
			continue;
		at = t->sort == (int)i + 1 ? n : at;
		s->sort_cols[n++] = (int)i;
		dialog_pick_add(d, 0, *col->title ? col->title : col->name, false);
	}
	if (d)
		dialog_pick_at(d, at);
	session_open(s, d, PURPOSE_SORT);
}

static void key_sort(struct session *s, int by)
{
	struct table *t = session_table(s);
	char words[TABLE_TEXT];

	if (!t)
		return;
	table_sort_step(t, by);
	table_sort_words(t, words, sizeof words);
	session_say(s, ROLE_OFF, "%s", words);
}

static void key_sort_left(struct session *s)
{
	key_sort(s, -1);
}

static void key_sort_right(struct session *s)
{
	key_sort(s, 1);
}

static void key_invert(struct session *s)
{
	struct table *t = session_table(s);

	if (!t)
		return;
	t->inverted = !t->inverted;
	t->fresh = true;
}

/* ---- marking ---- */

static void key_mark(struct session *s)
{
	struct table *t = session_table(s);

	if (t)
		table_mark(t);
}

static void key_mark_range(struct session *s)
{
	struct table *t = session_table(s);

	if (t)
		table_mark_range(t);
}

/* The second press means everything that matches, seen or not, and that is asked for. */
static void key_mark_all(struct session *s)
{
	struct table *t = session_table(s);
	char n[FORMAT_SIZE];
	struct str text;
	bool exact = true;
	int64_t all;

	if (!t || !table_mark_visible(t))
		return;
	all = table_matches(t, &exact);
	if (all >= 0 && (size_t)all <= t->marks.n)
		return;
	str_init(&text, 300);
	str_addf(&text, "%zu marked. Mark all %s%s %s", t->marks.n, exact ? "" : "~",
	    all < 0 ? "" : format_full(n, all), t->def->what);
	if (t->filter.len)
		str_addf(&text, " that match %s", str_get(&t->filter));
	str_addc(&text, '?');
	session_open(s, dialog_line(str_get(&text)), PURPOSE_MARK_ALL);
	str_done(&text);
}

static void key_unmark(struct session *s)
{
	struct table *t = session_table(s);

	if (t)
		table_unmark(t);
}

/* ---- showing ---- */

static void key_undo(struct session *s)
{
	if (batches_undo(s->batches))
		session_say(s, ROLE_OK, "undone: nothing was changed");
	else if (!session_held_drop(s))
		session_say(s, ROLE_OFF, "there is nothing to undo");
}

void session_copy(struct session *s, const char *text)
{
	str_reset(&s->copied);
	str_adds(&s->copied, text);
	s->effects |= SESSION_COPY;
	session_say(s, ROLE_OFF, "copied: %s", text);
}

static void key_copy(struct session *s)
{
	struct view_state *st = session_view(s);
	struct table *t = session_table(s);
	struct view_ctx c = session_ctx(s);
	struct table_row row;
	struct str text;

	if (t && t->n && !t->lost && t->def->copy && table_find(t, &c, st, t->selected, &row)) {
		str_init(&text, SESSION_MESSAGE);
		t->def->copy(&row, &text);
		session_copy(s, str_get(&text));
		str_done(&text);
	} else if (t && t->n && !t->lost)
		session_copy(s, t->selected);
	else if (*session_view(s)->target)
		session_copy(s, session_view(s)->target);
}

static void key_freeze(struct session *s)
{
	s->screen.frozen = !s->screen.frozen;
	s->next_snapshot_ms = 0;
	session_say(s, ROLE_OFF, s->screen.frozen ? "frozen: Z goes on" : "live again");
}

static void key_zoom(struct session *s)
{
	session_view(s)->zoom = !session_view(s)->zoom;
}

static void key_save(struct session *s)
{
	struct table *t = session_table(s);

	commands_run(s, t && t->def->text ? "lines" : "save");
}

static void key_again(struct session *s)
{
	struct view_state *st = session_view(s);

	for (int i = 0; i < VIEW_RESOURCES; i++)
		if (!st->resources[i].id)
			st->resources[i].state = RESOURCE_NONE;
	for (int i = 0; i < VIEW_PARTS; i++)
		if (st->tables[i].def)
			st->tables[i].again = true;
	s->next_snapshot_ms = 0;
	node_again(s->node);
	if (!session_is_cut(s) && session_takes(s, KEY_CMD_AGAIN))
		return;
	session_say(s, ROLE_OFF, session_is_cut(s) ? "trying now" : "asked again");
}

static void key_hide(struct session *s)
{
	s->screen.bare = !s->screen.bare;
}

static void key_help(struct session *s)
{
	s->screen.help = s->screen.help ? NULL : &s->help;
	s->screen.help_all = false;
	s->help.part = 0;
}

static void key_redraw(struct session *s)
{
	s->effects |= SESSION_REDRAW;
}

static void key_suspend(struct session *s)
{
	s->effects |= SESSION_SUSPEND;
}

typedef void key_fn(struct session *s);

static key_fn *const key_table[] = {
    [KEY_CMD_UP] = key_up,
    [KEY_CMD_DOWN] = key_down,
    [KEY_CMD_FIRST] = key_first,
    [KEY_CMD_LAST] = key_last,
    [KEY_CMD_HALF_UP] = key_half_up,
    [KEY_CMD_HALF_DOWN] = key_half_down,
    [KEY_CMD_PAGE_UP] = key_page_up,
    [KEY_CMD_PAGE_DOWN] = key_page_down,
    [KEY_CMD_LEFT] = key_left,
    [KEY_CMD_RIGHT] = key_right,
    [KEY_CMD_OPEN] = key_open,
    [KEY_CMD_CLOSE] = key_close,
    [KEY_CMD_RETURN] = key_return,
    [KEY_CMD_LEAVE] = session_leave,
    [KEY_CMD_NEXT_PART] = key_next_part,
    [KEY_CMD_PREV_PART] = key_prev_part,
    [KEY_CMD_OLDER] = key_older,
    [KEY_CMD_NEWER] = key_newer,
    [KEY_CMD_PROMPT] = key_prompt,
    [KEY_CMD_FILTER] = key_filter,
    [KEY_CMD_UNFILTER] = key_unfilter,
    [KEY_CMD_FOLLOW] = key_follow,
    [KEY_CMD_SORT_MENU] = key_sort_menu,
    [KEY_CMD_SORT_LEFT] = key_sort_left,
    [KEY_CMD_SORT_RIGHT] = key_sort_right,
    [KEY_CMD_INVERT] = key_invert,
    [KEY_CMD_MARK] = key_mark,
    [KEY_CMD_MARK_RANGE] = key_mark_range,
    [KEY_CMD_MARK_ALL] = key_mark_all,
    [KEY_CMD_UNMARK] = key_unmark,
    [KEY_CMD_MENU] = session_menu,
    [KEY_CMD_UNDO] = key_undo,
    [KEY_CMD_COPY] = key_copy,
    [KEY_CMD_FREEZE] = key_freeze,
    [KEY_CMD_ZOOM] = key_zoom,
    [KEY_CMD_NEEDS_YOU] = session_needs_you,
    [KEY_CMD_SAVE] = key_save,
    [KEY_CMD_THEME] = session_next_theme,
    [KEY_CMD_AGAIN] = key_again,
    [KEY_CMD_HIDE] = key_hide,
    [KEY_CMD_HELP] = key_help,
    [KEY_CMD_REDRAW] = key_redraw,
    [KEY_CMD_SUSPEND] = key_suspend,
};

/* ---- all keys ---- */

static void key_dialog(struct session *s, int key)
{
	enum dialog_answer answer;

	if (session_leave_key(s, key))
		return;
	answer = dialog_key(s->dialog, key);
	if (answer == DIALOG_NO) {
		if (s->purpose == PURPOSE_SCAN && view_table(session_view(s)))
			table_allow_scan(view_table(session_view(s)), false);
		session_shut(s);
	} else if (answer != DIALOG_OPEN) {
		session_answered(s, answer);
	}
}

/* The help covers the view: only what moves in it, closes it or leaves may be pressed. */
static bool key_is_of_help(enum key_cmd cmd)
{
	switch (cmd) {
	case KEY_CMD_UP:
	case KEY_CMD_DOWN:
	case KEY_CMD_HALF_UP:
	case KEY_CMD_HALF_DOWN:
	case KEY_CMD_PAGE_UP:
	case KEY_CMD_PAGE_DOWN:
	case KEY_CMD_CLOSE:
	case KEY_CMD_RETURN:
	case KEY_CMD_LEAVE:
	case KEY_CMD_HELP:
	case KEY_CMD_NEXT_PART:
	case KEY_CMD_THEME:
	case KEY_CMD_HIDE:
		return true;
	default:
		return false;
	}
}

static bool key_view(struct session *s, int key)
{
	for (const struct view_ops *const *v = view_list(); *v; v++)
		if ((*v)->title && (*v)->key == key) {
			session_go(s, (*v)->name, "");
			return true;
		}
	return false;
}

static void key_row(struct session *s, const struct key_row *row)
{
	struct view_ctx c = session_ctx(s);
	struct view_state *st = session_view(s);

	if (s->screen.help && !key_is_of_help(row->cmd))
		return;
	if (row->cmd == KEY_CMD_START && row->arg)
		session_form_rows(s, row->job_type);
	else if (row->cmd == KEY_CMD_START)
		session_form(s, row->job_type, NULL, 0, false);
	else if (row->cmd == KEY_CMD_ACTION)
		session_act(s, (enum action)row->arg, NULL, 0, NULL);
	else if (row->cmd == KEY_CMD_VIEW && s->screen.snap && st->ops->command(&c, st, row->arg))
		session_wish(s, st);
	else if ((size_t)row->cmd < sizeof key_table / sizeof key_table[0] && key_table[row->cmd])
		key_table[row->cmd](s);
}

void session_key(struct session *s, int key)
{
	const struct key_row *row;

	s->dirty = s->pressed = true;
	s->key_ms = s->mono_ms;
	if (!s->prompt.open || key == KEYS_ENTER) /* it covers messages */
		session_has_read(s);
	if (key == KEYS_CTRL('l') || key == KEYS_CTRL('z')) {
		key_table[key == KEYS_CTRL('l') ? KEY_CMD_REDRAW : KEY_CMD_SUSPEND](s);
	} else if (s->dialog) {
		key_dialog(s, key);
	} else if (s->prompt.open) {
		session_prompt_key(s, key);
	} else if ((row = keys_find(session_view(s)->ops->keys, key))) {
		key_row(s, row);
	} else if (!s->screen.help && !key_view(s, key)) {
		session_act_key(s, key);
	}
}

void session_paste(struct session *s, const char *text)
{
	s->dirty = s->pressed = true;
	if (s->dialog && dialog_paste(s->dialog, text))
		return;
	if (!s->dialog && s->prompt.open && prompt_paste(&s->prompt, text))
		return;
	session_say(s, ROLE_WARN, "pasted text was dropped: only a field takes it");
}
