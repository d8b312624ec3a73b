/* What several views draw the same way. */
#include "config.h"
#include "tui/view.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

struct view_units view_units(const struct snapshot *s)
{
	const struct snapshot_cluster *x = &s->cluster;

	if (x->on && x->units_per_day > 0)
		return (struct view_units){
		    x->units_used, x->units_per_day, x->units_per_h, x->hours};
	return (struct view_units){s->units_used, s->units_per_day, s->units_per_h, s->hours};
}

struct pane view_open(
    const struct view_ctx *c, const struct pane *p, const char *title, const char *right)
{
	if (c->layout->profile == PROFILE_WIDE)
		return draw_box(p, title, right);
	if (c->layout->profile == PROFILE_SHORT)
		return *p;
	draw_rule(p, 0, title, right);
	return pane_part(p, (struct rect){1, 0, p->at.h - 1, p->at.w});
}

void view_draw_tabs(const struct view_ctx *c, const struct view_state *st, const struct pane *p,
    const char *crumbs, const char *const *extra)
{
	const struct view_ops *v = st->ops;
	int w = 1, x, room;

	(void)c;
	for (int i = 0; i < v->n_parts; i++)
		w += draw_columns(p, v->parts[i].name) +
		     (extra && extra[i] && *extra[i] ? draw_columns(p, extra[i]) + 1 : 0) + 3;
	/* the tabs stay whole, without the blanks at their ends; the crumbs are cut for them */
	room = p->at.w - (w - 2) - 2;
	x = draw_text(p, 0, 1, room > 8 ? room : p->at.w - 1, ALIGN_LEFT, ROLE_TITLE, crumbs) + 2;
	x = p->at.w - w > x ? p->at.w - w : x;
	for (int i = 0; i < v->n_parts; i++) {
		const char *more = extra && extra[i] ? extra[i] : "";
		bool current = i == st->part;
		x += draw_textf(p, 0, x, p->at.w - x, ALIGN_LEFT,
		         current ? ROLE_TITLE : ROLE_NORMAL, "%s%s%s%s%s", current ? "[" : " ",
		         v->parts[i].name, *more ? " " : "", more, current ? "]" : " ") +
		     1;
	}
}

void view_draw_list(const struct view_ctx *c, struct view_state *st, int part, const struct pane *p)
{
	struct table *t = &st->tables[part];
	struct pane list = pane_part(p, (struct rect){0, 0, p->at.h - 1, p->at.w});
	char count[TABLE_TEXT + 1200], sort[TABLE_TEXT];

	table_draw(t, c, st, &list);
	table_count_words(t, count, sizeof count);
	table_sort_words(t, sort, sizeof sort);
	draw_rule(p, p->at.h - 1, count, sort);
}

int view_draw_words(const struct pane *p, int y, int x, int most, const char *text)
{
	int w = p->at.w - x - 1, first = y;

	while (*text && y < first + most && w > 8) {
		size_t len = strlen(text), cut = len;
		while (cut > 0 && (int)cut > w && y < first + most - 1)
			for (cut--; cut > 0 && text[cut] != ' '; cut--)
				;
		cut = cut ? cut : len;
		draw_textf(p, y++, x, w, ALIGN_LEFT, ROLE_NORMAL, "%.*s", (int)cut, text);
		text += cut;
		while (*text == ' ')
			text++;
	}
	return y;
}

/* ---- marks, and what can be done with them ---- */

/* The rows that are meant: the marked ones, else the chosen one. */
struct marks {
	struct table *t;
	const struct view_ctx *c;
	struct view_state *st;
	size_t n;                 /* that are meant */
	size_t can[ACTION_COUNT]; /* by the first action of a key: how many it can be done to */
	bool counted;             /* all that match are meant, and the node counted them so */
};

static bool marks_means(const struct marks *m, const char *id)
{
	return m->t->marks.n ? ids_has(&m->t->marks, id) : strcmp(m->t->selected, id) == 0;
}

/* Adds one thing in this state to the counts of all keys. */
static void marks_add(struct marks *m, unsigned on, const char *state)
{
	for (enum action a = keys_next_action(on, -1); a != ACTION_COUNT;
	     a = keys_next_action(on, (int)a)) {
		enum action does = keys_action(on, *action_info(a)->keys, state);
		m->can[a] += does != ACTION_COUNT && action_can(does, state);
	}
}

/* All that match: the node counts them. False: it does not say to how many what can be done. */
static bool marks_tally_all(struct marks *m)
{
	unsigned on = view_on(m->st);
	bool exact;

	if (!m->t->all || table_matches(m->t, &exact) < 0)
		return false;
	m->n = (size_t)table_matches(m->t, &exact);
	for (enum action a = keys_next_action(on, -1); a != ACTION_COUNT;
	     a = keys_next_action(on, (int)a))
		for (int b = (int)a; b < ACTION_COUNT; b++) {
			const struct action_info *info = action_info((enum action)b);
			int64_t n = table_can(m->t, info->word);
			if (!(info->on & on) || !(info->flags & ACT_FILTER) ||
			    info->keys[0] != action_info(a)->keys[0])
				continue;
			if (n < 0)
				return false;
			m->can[a] += (size_t)n;
		}
	m->counted = true;
	return true;
}

static void marks_tally(struct marks *m)
{
	unsigned on = view_on(m->st);
	struct table_row row;
	size_t found = 0;

	m->n = m->t->marks.n ? m->t->marks.n : m->t->n > 0 && !m->t->lost;
	for (size_t i = 0; i < m->t->n; i++)
		if (marks_means(m, m->t->lines[i].id) && table_row_at(m->t, m->c, m->st, i, &row)) {
			marks_add(m, m->t->def->on ? on & m->t->def->on(&row) : on,
			    m->t->def->state ? m->t->def->state(&row) : NULL);
			found++;
		}
	while (found++ < m->n) /* marked, but not seen: their state is not known */
		marks_add(m, on, NULL);
}

/* "resume or retry": all that the key of this action means. */
static void marks_words(unsigned on, enum action a, struct str *out)
{
	for (int b = (int)a; b < ACTION_COUNT; b++) {
		const struct action_info *info = action_info((enum action)b);
		if ((info->on & on) && info->keys[0] == action_info(a)->keys[0])
			str_addf(out, "%s%s", b == (int)a ? "" : " or ", info->word);
	}
}

/* "r resume or retry (3 can)"; returns where the next may stand. */
static int marks_draw_key(const struct marks *m, const struct pane *p, int y, int x, enum action a)
{
	bool off = m->c->read_only || !m->can[a];
	const char key[] = {*action_info(a)->keys, 0};
	char n[FORMAT_SIZE];
	struct str text;

	str_init(&text, 300);
	str_addf(&text, "%s ", key);
	marks_words(view_on(m->st), a, &text);
	if (m->t->marks.n)
		str_addf(
		    &text, " (%s can)", m->can[a] ? format_full(n, (int64_t)m->can[a]) : "none");
	if (x + draw_columns(p, str_get(&text)) <= p->at.w - 6) {
		draw_text(p, y, x, 1, ALIGN_LEFT, off ? ROLE_OFF : ROLE_KEY, key);
		x += 4 + draw_text(p, y, x + 1, p->at.w - x - 1, ALIGN_LEFT,
		             off ? ROLE_OFF : ROLE_NORMAL, str_get(&text) + 1);
	}
	str_done(&text);
	return x;
}

static void marks_draw_keys(const struct marks *m, const struct pane *p, int y)
{
	unsigned on = view_on(m->st);
	int x = 1;

	draw_text(p, y, 0, p->at.w, ALIGN_LEFT, ROLE_NORMAL, "");
	for (enum action a = keys_next_action(on, -1); a != ACTION_COUNT;
	     a = keys_next_action(on, (int)a))
		if ((action_info(a)->flags & ACT_MANY) && (m->t->marks.n || m->can[a]))
			x = marks_draw_key(m, p, y, x, a);
	draw_text(p, y, x, 1, ALIGN_LEFT, ROLE_KEY, "a");
	draw_text(p, y, x + 1, p->at.w - x - 1, ALIGN_LEFT, ROLE_NORMAL, " all");
}

static void marks_draw_names(const struct marks *m, const struct pane *p, int y)
{
	size_t hidden = table_marks_hidden(m->t), shown = 0;
	char n[FORMAT_SIZE];
	struct table_row row;
	struct str text;

	str_init(&text, 1024);
	if (m->t->all && m->counted)
		str_addf(&text, "all %s %s that match are marked", format_full(n, (int64_t)m->n),
		    m->t->def->what);
	else if (m->t->all)
		str_addf(&text, "all %s that match are marked", m->t->def->what);
	else
		str_addf(&text, "%zu marked", m->t->marks.n);
	if (hidden && !m->t->all)
		str_addf(&text, ", %zu not visible", hidden);
	for (size_t i = 0; i < m->t->n && shown < 8 && !m->t->all; i++) {
		const char *id = m->t->lines[i].id, *state = NULL;
		if (!ids_has(&m->t->marks, id))
			continue;
		if (m->t->def->state && table_row_at(m->t, m->c, m->st, i, &row))
			state = m->t->def->state(&row);
		str_addf(&text, "%s%s%s%s", shown++ ? ", " : ": ", id, state ? " " : "",
		    state ? state : "");
	}
	draw_text(p, y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_TITLE, str_get(&text));
	str_done(&text);
}

void view_draw_marks(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	struct marks m = {.t = view_table(st), .c = c, .st = st};

	if (!m.t || p->at.h < 1)
		return;
	if (!marks_tally_all(&m))
		marks_tally(&m);
	if (!m.t->marks.n) {
		if (m.n)
			marks_draw_keys(&m, p, 0);
		return;
	}
	marks_draw_names(&m, p, 0);
	if (p->at.h > 1)
		marks_draw_keys(&m, p, 1);
	if (p->at.h > 2)
		draw_text(p, 2, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF,
		    "order is held while rows are marked;  U clears marks, Z freezes data");
}
