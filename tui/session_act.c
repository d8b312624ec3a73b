/* Actions: on which things, and how it is asked. */
#include "config.h"
#include "tui/session_parts.h"
#include "tui/cli_text.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_SHOWN = 8, ASK_LINES = 4096, ASK_PARAMS = 1 << 20 };

/* From so many things on, the next level of asking is used. */
enum { ASK_CONFIRM = 100 };

/* What is kept and what is lost, for boxes. */
static const char *const act_kept[ACTION_COUNT] = {
    [ACTION_JOB_CANCEL] = "Finished work is kept. What is not done stays pending.",
    [ACTION_JOB_DELETE] = "Their records go; channels and results stay.",
    [ACTION_KEY_REMOVE] = "The units it spent today stay in the book.",
    [ACTION_DEAD_DROP] = "The failure records go; the channels stay failed.",
    [ACTION_SCHEDULE_REMOVE] = "Jobs that it started stay.",
    [ACTION_CHANNEL_ERASE] = "The channel, its videos and finds go, and it does not come back.",
};

/* ---- which things ---- */

/* What an action was asked for: a chain of batches, and what is left alone. */
struct act {
	struct batch *batches;
	size_t n, left;
	char left_id[TABLE_ID], left_state[24];
	struct str lines; /* about the first few things */
	bool failed;      /* no memory */
};

static struct batch *act_batch(struct act *a, enum action action)
{
	struct batch **at = &a->batches;

	while (*at && (*at)->action != action)
		at = &(*at)->next;
	if (!*at)
		*at = batch_new(action);
	a->failed = a->failed || !*at;
	return *at;
}

static void act_free(struct act *a)
{
	while (a->batches) {
		struct batch *next = a->batches->next;
		batch_free(a->batches);
		a->batches = next;
	}
	str_done(&a->lines);
}

static void act_add(struct act *a, enum action action, const char *id, const char *state)
{
	struct batch *b;

	if (action == ACTION_COUNT || !action_can(action, state)) {
		if (!a->left++) {
			snprintf(a->left_id, sizeof a->left_id, "%s", id);
			snprintf(a->left_state, sizeof a->left_state, "%.23s", state ? state : "");
		}
		return;
	}
	b = act_batch(a, action);
	a->failed = a->failed || !b || !ids_add(&b->targets, id);
	a->n++;
}

/* "J-1037  refresh  paused  170,112/1,204,553": the first columns of its row. */
static void act_line(struct session *s, struct table *t, const struct table_row *row, struct act *a)
{
	struct view_ctx c = session_ctx(s);
	struct table_cell cell;
	int shown = 0;

	if (a->n > ASK_SHOWN)
		return;
	str_adds(&a->lines, a->lines.len ? "\n" : "");
	for (size_t i = 0; i < t->def->n_cols && shown < 4; i++) {
		if (!t->def->cols[i].text)
			continue;
		table_cell(t, &c, i, row, &cell);
		str_addf(&a->lines, "%s%-*s", shown ? "  " : "", t->def->cols[i].least, cell.text);
		shown++;
	}
}

/* The action that a key means for a thing in this state, or the one that was named. */
static enum action act_choose(unsigned on, enum action named, int key, const char *state)
{
	return named != ACTION_COUNT ? named : keys_action(on, key, state);
}

static void act_add_row(
    struct session *s, struct table *t, struct act *a, enum action named, int key, const char *id)
{
	struct view_state *st = session_view(s);
	unsigned on = st->ops->parts[st->part].on;
	struct view_ctx c = session_ctx(s);
	const char *state = NULL;
	struct table_row row;
	bool found = table_find(t, &c, st, id, &row);
	size_t before = a->n;

	if (found && t->def->state)
		state = t->def->state(&row);
	if (found && t->def->on)
		on &= t->def->on(&row);
	if (named != ACTION_COUNT && !(action_info(named)->on & on)) {
		named = ACTION_COUNT;
		on = 0;
	}
	act_add(a, act_choose(on, named, key, state), id, state);
	if (found && a->n > before)
		act_line(s, t, &row, a);
}

/* What is marked, else what is chosen. False: nothing, and why was said. */
static bool act_add_rows(struct session *s, struct act *a, enum action named, int key)
{
	struct table *t = session_table(s);

	if (!t || (!t->n && !t->marks.n)) {
		session_say(s, ROLE_WARN, "there is nothing here to do this with");
		return false;
	}
	if (!t->marks.n && t->lost) {
		session_say(s, ROLE_WARN, "%s is not in the list any more", t->selected);
		return false;
	}
	if (!t->marks.n)
		act_add_row(s, t, a, named, key, t->selected);
	for (size_t i = 0; i < t->marks.n; i++)
		act_add_row(s, t, a, named, key, t->marks.ids[i]);
	return true;
}

/* One command for all that match: the filter, and how many they are when that is known. */
static void act_add_filter(struct table *t, struct act *a, enum action action, int64_t n)
{
	struct batch *b = act_batch(a, action);
	struct str params;

	if (!b)
		return;
	str_init(&params, ASK_PARAMS);
	str_adds(&params, "{\"q\":");
	cli_add_json(&params, str_get(&t->filter), t->filter.len);
	if (n >= 0)
		str_addf(&params, ",\"n\":%lld", (long long)n);
	str_adds(&params, "}");
	b->params = str_take(&params);
	b->everything = true;
	b->n = n > 0 ? (size_t)n : 0;
	a->failed = a->failed || !b->params;
	a->n += b->n;
}

/* Where the node says how many can: all that the key means, to those that it can be done to. */
static void act_add_able(
    struct session *s, struct table *t, struct act *a, enum action action, bool by_key)
{
	unsigned on = view_on(session_view(s));
	int64_t done = 0, exact_n;
	bool exact;

	for (int i = (int)action; i < (by_key ? ACTION_COUNT : (int)action + 1); i++) {
		const struct action_info *info = action_info((enum action)i);
		int64_t n = table_can(t, info->word);
		if (!(info->on & on) || !(info->flags & ACT_FILTER) || n <= 0 ||
		    info->keys[0] != action_info(action)->keys[0])
			continue;
		act_add_filter(t, a, (enum action)i, n);
		done += n;
	}
	exact_n = table_matches(t, &exact);
	a->left = exact_n > done ? (size_t)(exact_n - done) : 0;
}

/* All that a filter matches, as one command with the filter. */
static bool act_add_all(struct session *s, struct act *a, enum action named, int key)
{
	struct table *t = session_table(s);
	enum action action = act_choose(view_on(session_view(s)), named, key, NULL);
	bool exact;
	int64_t n = table_matches(t, &exact);

	if (action == ACTION_COUNT || !(action_info(action)->flags & ACT_FILTER)) {
		session_say(s, ROLE_WARN,
		    "this cannot be done to all that match at once; U and mark rows instead");
		return false;
	}
	if ((action_info(action)->flags & ACT_FINAL) && (n < 0 || !exact)) {
		session_say(s, ROLE_WARN,
		    "so many are not counted one by one: narrow the filter until their number is "
		    "exact");
		return false;
	}
	str_addf(&a->lines, "All %s%s%s", t->def->what, t->filter.len ? " that match  " : "",
	    str_get(&t->filter));
	if (table_can(t, action_info(action)->word) >= 0)
		act_add_able(s, t, a, action, named == ACTION_COUNT);
	else
		act_add_filter(t, a, action, exact ? n : -1);
	return true;
}

/* Things that are named in the body: one command for all of them. */
static void act_gather(struct act *a)
{
	for (struct batch *b = a->batches; b; b = b->next) {
		const struct action_info *info = action_info(b->action);
		struct str params;
		/* a dead letter has no other name */
		if (!(info->flags & ACT_TOGETHER) || b->targets.n < (info->arg == ARG_DEAD ? 1 : 2))
			continue;
		str_init(&params, ASK_PARAMS);
		str_adds(&params, "{\"channels\":[");
		for (size_t i = 0; i < b->targets.n; i++) {
			str_adds(&params, i ? "," : "");
			cli_add_json(&params, b->targets.ids[i], strlen(b->targets.ids[i]));
		}
		str_adds(&params, "]}");
		b->params = str_take(&params);
		b->together = true;
		a->failed = a->failed || !b->params;
	}
}

/* ---- asking ---- */

static enum action_ask act_level(const struct act *a)
{
	enum action_ask level = ASK_NONE;

	for (const struct batch *b = a->batches; b; b = b->next)
		if (action_info(b->action)->ask > level)
			level = action_info(b->action)->ask;
	if (a->n < ASK_CONFIRM)
		return level;
	return level == ASK_BOX ? ASK_COUNT : level > ASK_NONE && level < ASK_BOX ? ASK_BOX : level;
}

/* "Cancel 2 jobs" */
static void act_title(const struct act *a, struct str *out)
{
	char words[TABLE_ID + 64];

	for (const struct batch *b = a->batches; b; b = b->next) {
		batch_words(b, words, sizeof words);
		str_addf(out, "%s%s", out->len ? ", " : "", words);
	}
	if (out->len && out->text[0] >= 'a' && out->text[0] <= 'z')
		out->text[0] = (char)(out->text[0] - 'a' + 'A');
}

static void act_text(const struct act *a, struct str *out)
{
	const char *kept = a->batches ? act_kept[a->batches->action] : NULL;

	str_adds(out, str_get(&a->lines));
	if (a->n > ASK_SHOWN && !(a->batches && a->batches->everything))
		str_addf(out, "\nand %zu more", a->n - ASK_SHOWN);
	str_addf(out, "%s%s", out->len ? "\n\n" : "", kept ? kept : "");
	if (a->left == 1 && *a->left_id)
		str_addf(out, "\n%s is %s: left alone.", a->left_id, a->left_state);
	else if (a->left)
		str_addf(out, "\n%zu that it cannot be done to %s left alone.", a->left,
		    a->left == 1 ? "is" : "are");
}

static struct dialog *act_dialog(const struct act *a, enum action_ask level)
{
	struct str title, question, text;
	struct dialog *d;

	str_init(&title, ASK_LINES);
	str_init(&question, ASK_LINES);
	str_init(&text, ASK_LINES);
	act_title(a, &title);
	act_text(a, &text);
	str_addf(&question, "%s?", str_get(&title));
	if (level == ASK_YES)
		d = dialog_line(str_get(&question));
	else if (level == ASK_BOX)
		d = dialog_confirm(str_get(&question), str_get(&text),
		    a->n == 1 ? "Keep it" : "Keep them", str_get(&title));
	else
		d = dialog_count(str_get(&question), str_get(&text), (int64_t)a->n,
		    action_info(a->batches->action)->word);
	str_done(&title);
	str_done(&question);
	str_done(&text);
	return d;
}

void session_drop_asked(struct session *s)
{
	while (s->asked) {
		struct batch *next = s->asked->next;
		batch_free(s->asked);
		s->asked = next;
	}
}

void session_run(struct session *s, struct batch *b, bool undo)
{
	batches_due(s->batches, s->mono_ms, true);
	s->next_snapshot_ms = 0;
	for (struct batch *one = b; one; one = one->next)
		held_see(one, s->screen.snap);
	session_hold_waiting(s); /* it was asked for before b */
	if (session_is_cut(s)) {
		session_hold(s, b);
		return;
	}
	if (undo && s->prefs.undo_ms > 0) {
		batches_later(s->batches, b, s->mono_ms + s->prefs.undo_ms);
		return;
	}
	while (b) {
		struct batch *next = b->next;
		batches_add(s->batches, b);
		b = next;
	}
	session_say(s, ROLE_OFF, "sent");
	batches_send(s->batches, s->node, s->cfg.by, s->mono_ms);
}

static void act_refuse(struct session *s, const struct act *a, enum action named)
{
	const char *word = action_info(named)->word;

	if (a->left == 1 && *a->left_state)
		session_say(
		    s, ROLE_WARN, "%s is %s: cannot %s it", a->left_id, a->left_state, word);
	else
		session_say(s, ROLE_WARN, "cannot %s any of them now", word);
}

/* Asks as the level says, or runs at once; takes a's batches. */
static void act_go(struct session *s, struct act *a, enum action named)
{
	enum action_ask level = act_level(a);

	if (a->failed) {
		session_say(s, ROLE_ERROR, "! out of memory");
	} else if (!a->batches) {
		act_refuse(s, a, named);
	} else if (session_cut_refuses(s, a->batches->action, level)) {
		/* said */
	} else if (action_info(a->batches->action)->flags & ACT_PROJECT) {
		session_project_form(s, a->batches);
		a->batches = NULL;
	} else if (level <= ASK_UNDO) {
		act_gather(a);
		session_run(s, a->batches, level == ASK_UNDO);
		a->batches = NULL;
	} else {
		struct dialog *d = act_dialog(a, level);
		act_gather(a);
		session_open(s, d, PURPOSE_ACT);
		if (d) {
			session_drop_asked(s);
			s->asked = a->batches;
			a->batches = NULL;
		}
	}
	act_free(a);
}

/* ---- the ways to ask for an action ---- */

bool session_may_act(struct session *s)
{
	if (!s->screen.read_only)
		return true;
	session_say(
	    s, ROLE_WARN, "this console only looks; start it without read-only to change things");
	return false;
}

static void act_open_types(struct session *s)
{
	session_open(s, dialog_menu("New job", s->node->types), PURPOSE_TYPE);
}

/* Does an action need no row? True: it was done. */
static bool act_without_rows(struct session *s, enum action action, const char *params)
{
	const struct action_info *info = action_info(action);
	struct act a = {0};
	struct batch *b;

	if (info->arg == ARG_TYPE) {
		if (!session_cut_refuses(s, action, info->ask))
			act_open_types(s);
		return true;
	}
	if (action == ACTION_KEY_ADD) {
		if (!session_cut_refuses(s, action, info->ask))
			session_key_form(s, "", "");
		return true;
	}
	if (info->arg != ARG_WORKERS && info->arg != ARG_NODE && !(info->arg == ARG_PLAN && params))
		return false;
	b = act_batch(&a, action);
	if (b && params)
		b->params = str_dup(params);
	a.n = 1;
	act_go(s, &a, action);
	return true;
}

static void act_on_target(struct session *s, struct act *a, enum action named, int key)
{
	struct view_state *st = session_view(s);
	struct view_ctx c = session_ctx(s);
	const char *state = st->ops->state ? st->ops->state(&c, st) : NULL;

	act_add(a, act_choose(st->ops->on, named, key, state), st->target, state);
	str_addf(&a->lines, "%s  %s", st->target, state ? state : "");
}

static void act_params(struct act *a, const char *params)
{
	for (struct batch *b = a->batches; b && params; b = b->next) {
		b->params = str_dup(params);
		a->failed = a->failed || !b->params;
	}
}

/* By key (named is ACTION_COUNT) or by name; on is what the action acts on. */
static void act_here(struct session *s, unsigned on, enum action named, int key, const char *params)
{
	struct view_state *st = session_view(s);
	unsigned rows = st->ops->n_parts ? st->ops->parts[st->part].on : 0;
	struct act a = {0};
	bool any = true;

	str_init(&a.lines, ASK_LINES);
	if ((rows & on) && view_table(st))
		any = view_table(st)->all ? act_add_all(s, &a, named, key)
		                          : act_add_rows(s, &a, named, key);
	else if (*st->target)
		act_on_target(s, &a, named, key);
	else
		any = false;
	if (!any) {
		act_free(&a);
		return;
	}
	act_params(&a, params);
	act_go(s, &a, act_choose(on, named, key, NULL));
}

void session_act_key(struct session *s, int key)
{
	struct view_state *st = session_view(s);
	unsigned rows = st->ops->n_parts ? st->ops->parts[st->part].on : 0;
	unsigned on = rows;
	enum action a = keys_action(on, key, NULL);

	if (a == ACTION_COUNT) {
		on = st->ops->on;
		a = keys_action(on, key, NULL);
	}
	if (a == ACTION_COUNT)
		a = keys_action(ON_DASH, key, NULL); /* what can be done anywhere */
	if (a == ACTION_COUNT || !session_may_act(s) || act_without_rows(s, a, NULL))
		return;
	act_here(s, on, ACTION_COUNT, key, NULL);
}

void session_act(
    struct session *s, enum action action, const char *const *ids, size_t n_ids, const char *params)
{
	struct act a = {0};

	if (!session_may_act(s))
		return;
	if (action == ACTION_KEY_ADD && n_ids) {
		session_key_form(s, ids[0], n_ids > 1 ? ids[1] : "");
		return;
	}
	if (!(n_ids && action_info(action)->arg == ARG_PLAN) && act_without_rows(s, action, params))
		return;
	if (!n_ids && !(action_info(action)->on & view_on(session_view(s)))) {
		session_say(s, ROLE_WARN, ":%s needs to know which: name one, or choose a row",
		    action_info(action)->word);
		return;
	}
	if (!n_ids) {
		act_here(s, action_info(action)->on, action, 0, params);
		return;
	}
	str_init(&a.lines, ASK_LINES);
	for (size_t i = 0; i < n_ids; i++) {
		act_add(&a, action, ids[i], NULL);
		str_addf(&a.lines, "%s%s", i ? "\n" : "", ids[i]);
	}
	act_params(&a, params);
	act_go(s, &a, action);
}

void session_menu(struct session *s)
{
	unsigned on = view_on(session_view(s)) | ON_DASH;
	struct dialog *d = dialog_pick("Actions");
	size_t n = 0;
	char text[160];

	for (int i = 0; d && i < ACTION_COUNT; i++) {
		const struct action_info *info = action_info((enum action)i);
		if (!(info->on & on) || (info->flags & (ACT_NUMBER | ACT_TEXT)))
			continue;
		snprintf(text, sizeof text, "%-9s %s", info->word, info->help);
		dialog_pick_add(d, *info->keys, text, s->screen.read_only);
		s->choices[n++] = (enum action)i;
	}
	session_open(s, d, PURPOSE_ACTIONS);
}
