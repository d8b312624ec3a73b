#include "config.h"
#include "tui/session_parts.h"
#include "tui/format.h"
#include "tui/pages.h"
#include "tui/saver.h"
#include "engine/base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SESSION_REST_MS = 2000, /* between snapshots when nothing works */
	SESSION_EAGER_MS = 250, /* while an answer to a command is awaited */
	SESSION_MESSAGE_MS = 8000,
	SESSION_AWAITED_MS = 500 /* after a key, answers are what it asked for */
};

/* ---- messages ---- */

void session_say(struct session *s, enum role role, const char *fmt, ...)
{
	va_list ap;

	if (s->message.len && s->message_until_ms == INT64_MAX && role != ROLE_ERROR)
		return; /* nobody has read it yet */
	str_reset(&s->message);
	va_start(ap, fmt);
	str_addv(&s->message, fmt, ap);
	va_end(ap);
	s->screen.message_role = role;
	s->message_until_ms = s->mono_ms + SESSION_MESSAGE_MS;
	s->dirty = true;
}

void session_say_until_read(struct session *s)
{
	s->message_until_ms = INT64_MAX;
}

void session_has_read(struct session *s)
{
	if (s->message_until_ms == INT64_MAX)
		s->message_until_ms = s->mono_ms + SESSION_MESSAGE_MS;
}

/* ---- places ---- */

struct view_ctx session_ctx(const struct session *s)
{
	struct view_ctx c = screen_ctx(&s->screen);

	c.dialog = s->dialog != NULL;
	return c;
}

struct view_state *session_view(struct session *s)
{
	return &s->states[s->now_at];
}

struct table *session_table(struct session *s)
{
	struct table *t = view_table(session_view(s));
	struct view_ctx c = session_ctx(s);

	if (t && s->screen.snap)
		table_update(t, &c, session_view(s), c.dialog);
	if (t && t->n && !*t->selected) /* not drawn yet: keys mean what will be seen first */
		table_go(t, 0);
	return s->screen.snap ? t : NULL;
}

static size_t session_number(const struct view_ops *v)
{
	size_t i = 0;

	while (view_list()[i] && view_list()[i] != v)
		i++;
	return i;
}

static void session_show(struct session *s, const struct place *at)
{
	s->now_at = at->view;
	view_state_aim(session_view(s), at->target);
	if (at->part < session_view(s)->ops->n_parts)
		session_view(s)->part = at->part;
	s->screen.state = session_view(s);
	s->screen.help = NULL;
	s->dirty = true;
}

void session_visit(struct session *s, const struct view_ops *v, const char *target, int part)
{
	struct place at = {.view = session_number(v), .part = part};
	struct place *now = &s->history[s->history_at];

	snprintf(at.target, sizeof at.target, "%s", target ? target : "");
	now->part = session_view(s)->part;
	if (now->view == at.view && strcmp(now->target, at.target) == 0) {
		session_show(s, &at);
		return;
	}
	if (s->history_at == SESSION_HISTORY - 1) {
		memmove(s->history, s->history + 1, (SESSION_HISTORY - 1) * sizeof at);
		s->history_at--;
	}
	s->history[++s->history_at] = at;
	s->n_history = s->history_at + 1;
	session_show(s, &at);
}

bool session_step(struct session *s, int by)
{
	int at = s->history_at + by;

	if (at < 0 || at >= s->n_history)
		return false;
	s->history[s->history_at].part = session_view(s)->part;
	s->history_at = at;
	session_show(s, &s->history[at]);
	return true;
}

bool session_go(struct session *s, const char *view, const char *target)
{
	const struct view_ops *v = view_find(view);

	if (!v)
		return false;
	if (v == &view_help)
		s->screen.help = &s->help;
	else
		session_visit(s, v, target, v->title ? s->states[session_number(v)].part : 0);
	return true;
}

void session_part(struct session *s, int part)
{
	if (part >= 0 && part < session_view(s)->ops->n_parts)
		session_view(s)->part = part;
	s->dirty = true;
}

void session_open(struct session *s, struct dialog *d, enum purpose purpose)
{
	dialog_free(s->dialog);
	s->dialog = d;
	s->screen.dialog = d;
	s->purpose = d ? purpose : PURPOSE_NONE;
	s->dirty = true;
	if (!d)
		session_say(s, ROLE_ERROR, "! out of memory");
}

void session_shut(struct session *s)
{
	dialog_free(s->dialog);
	s->dialog = NULL;
	s->screen.dialog = NULL;
	s->purpose = PURPOSE_NONE;
	session_drop_asked(s);
	s->dirty = true;
}

/* ---- time ---- */

static bool session_works(const struct snapshot *snap)
{
	return snap && (snap->jobs_running > 0 || snap->draining);
}

static void session_take_snapshot(struct session *s)
{
	const struct snapshot *snap = node_snapshot(s->node);
	int64_t pause = SESSION_REST_MS;

	if (session_works(snap))
		pause = s->prefs.refresh_ms;
	if (batches_is_waiting(s->batches))
		pause = SESSION_EAGER_MS;
	s->next_snapshot_ms = s->mono_ms + pause;
	s->screen.read_only = s->node->read_only;
	if (!snap) { /* none yet, or no memory: the last picture stays, its age will show */
		s->next_snapshot_ms = s->mono_ms + SESSION_EAGER_MS;
		return;
	}
	batches_hear(s->batches, snap, s->mono_ms);
	session_held_release(s, snap);
	if (s->screen.frozen && s->screen.snap) {
		snapshot_unref(snap);
		return;
	}
	if (snap->seq != s->seen_seq || !s->screen.snap)
		s->dirty = true;
	s->seen_seq = snap->seq;
	session_alerts(s, snap);
	snapshot_unref(s->screen.snap);
	s->screen.snap = snap;
}

static void session_take_answers(struct session *s)
{
	struct node_answer a;

	while (node_take(s->node, &a)) {
		if (a.slot == SESSION_SLOT)
			s->dirty = price_take(&s->price, &a) || s->dirty;
		for (size_t i = 0; i < s->n_states; i++)
			if (view_take(&s->states[i], &a, s->mono_ms)) {
				s->dirty = true;
				/* what a key asked for is shown as soon as it is there */
				s->pressed =
				    s->pressed || s->mono_ms - s->key_ms < SESSION_AWAITED_MS;
				break;
			}
		free(a.text);
	}
}

/* A node that is not reached: the banner tells as long as it lasts. */
static void session_link(struct session *s)
{
	struct node_link was = s->screen.link, *now = &s->screen.link;

	node_link(s->node, now);
	s->dirty = s->dirty || was.state != now->state || strcmp(was.text, now->text) != 0;
	session_hold_waiting(s);
}

/* What is about to look at every row says so first. */
static void session_ask_scan(struct session *s)
{
	struct table *t = view_table(session_view(s));
	char n[FORMAT_SIZE];
	struct str text;
	const char *why;
	int64_t rows;

	if (s->dialog || s->prompt.open || s->screen.help || !t ||
	    !table_wants_scan(t, &rows, &why))
		return;
	str_init(&text, SESSION_MESSAGE);
	str_addf(&text, "no index for %s; scan of ~%s rows?", why, format_count(n, rows));
	session_open(s, dialog_line(str_get(&text)), PURPOSE_SCAN);
	str_done(&text);
}

/* What waits for its undo time, in the line of messages. */
static void session_notice(struct session *s)
{
	char words[TABLE_ID + 64];
	int64_t left;
	const struct batch *b = batches_pending(s->batches, s->mono_ms, &left);

	str_reset(&s->notice);
	if (!b) {
		session_export_tick(s);
		return;
	}
	batch_words(b, words, sizeof words);
	str_addf(&s->notice, "%s in %lld s   u undo", words, (long long)(left + 999) / 1000);
}

void session_tick(struct session *s, int64_t now_ms, int64_t mono_ms)
{
	if (now_ms / 1000 != s->screen.now)
		s->dirty = true;
	s->now_ms = now_ms;
	s->mono_ms = mono_ms;
	if (!s->screen.frozen || !s->screen.snap) {
		s->screen.now = now_ms / 1000;
		s->screen.mono_ms = mono_ms;
	}
	batches_due(s->batches, mono_ms, false);
	session_link(s);
	batches_send(s->batches, s->node, s->cfg.by, mono_ms);
	if (batches_is_waiting(s->batches) && s->next_snapshot_ms > mono_ms + SESSION_EAGER_MS)
		s->next_snapshot_ms = mono_ms + SESSION_EAGER_MS;
	if (mono_ms >= s->next_snapshot_ms)
		session_take_snapshot(s);
	session_take_answers(s);
	session_form_tick(s);
	session_ask_scan(s);
	session_results(s);
	if (s->leaving != SESSION_ON && !batches_is_waiting(s->batches)) {
		if (!session_held_keeps(s, "Q"))
			s->end = s->leaving;
		s->leaving = SESSION_ON;
	}
	if (s->message.len && mono_ms >= s->message_until_ms) {
		str_reset(&s->message);
		s->dirty = true;
	}
	session_notice(s);
}

int64_t session_next_ms(const struct session *s)
{
	int64_t next = s->next_snapshot_ms, left;

	if (batches_pending(s->batches, s->mono_ms, &left) && s->mono_ms + left < next)
		next = s->mono_ms + left;
	if (s->saver && s->mono_ms + SESSION_EAGER_MS < next)
		next = s->mono_ms + SESSION_EAGER_MS;
	if (s->dialog && price_next_ms(&s->price) < next)
		next = price_next_ms(&s->price);
	return next;
}

/* ---- pictures ---- */

void session_draw(struct session *s, struct surface *to)
{
	bool pending =
	    s->notice.len && s->message_until_ms - s->mono_ms < SESSION_MESSAGE_MS - 1500;

	s->screen.prompt = &s->prompt;
	s->screen.prompt_help = str_get(&s->prompt_help);
	held_words(&s->held, s->held_text, sizeof s->held_text);
	s->screen.held = s->held_text;
	s->screen.message = str_get(&s->message);
	if (s->notice.len && (!s->message.len || pending)) {
		s->screen.message = str_get(&s->notice);
		s->screen.message_role = ROLE_WARN;
	}
	screen_draw(&s->screen, to);
	s->w = to->w;
	s->h = to->h;
	s->dirty = s->pressed = false;
}

bool session_is_dirty(const struct session *s, bool *pressed)
{
	*pressed = s->pressed;
	return s->dirty;
}

void session_touch(struct session *s)
{
	s->dirty = true;
}

enum session_end session_ended(const struct session *s)
{
	return s->end;
}

unsigned session_effects(struct session *s)
{
	unsigned effects = s->effects;

	s->effects = 0;
	return effects;
}

const char *session_copied(const struct session *s)
{
	return str_get(&s->copied);
}

const char *session_note(const struct session *s)
{
	return str_get(&s->note);
}

const char *session_attach_to(const struct session *s)
{
	return str_get(&s->attach_to);
}

void session_tell(struct session *s, const char *text)
{
	session_say(s, ROLE_ERROR, "! %s", text);
}

void session_quit(struct session *s)
{
	session_leave(s);
	s->dirty = true;
}

/* ---- opening and closing ---- */

static bool session_make_states(struct session *s)
{
	s->states = calloc(view_count(), sizeof *s->states);
	if (!s->states)
		return false;
	s->n_states = view_count();
	for (size_t i = 0; i < s->n_states; i++)
		view_state_init(&s->states[i], view_list()[i], (int)i * VIEW_SLOTS);
	view_state_init(&s->help, &view_help, (int)s->n_states * VIEW_SLOTS);
	s->n_history = 1;
	s->screen.state = session_view(s);
	return true;
}

struct session *session_new(const struct session_config *cfg)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->cfg = *cfg;
	s->cfg.by = cfg->by ? cfg->by : "console";
	s->node = cfg->node;
	s->screen.g = &s->glyphs;
	s->screen.node = cfg->node;
	s->screen.read_only = cfg->node->read_only;
	str_init(&s->message, SESSION_MESSAGE);
	str_init(&s->notice, SESSION_MESSAGE);
	str_init(&s->prompt_help, SESSION_MESSAGE);
	str_init(&s->before, SESSION_MESSAGE);
	str_init(&s->copied, SESSION_MESSAGE);
	str_init(&s->attach_to, SESSION_PATH);
	str_init(&s->note, SESSION_MESSAGE);
	prompt_init(&s->prompt);
	s->batches = batches_new();
	if (s->batches && session_make_states(s)) {
		session_load_prefs(s);
		return s;
	}
	session_free(s);
	return NULL;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	session_shut(s);
	saver_free(s->saver);
	price_done(&s->price);
	prompt_done(&s->prompt);
	batches_free(s->batches);
	held_done(&s->held);
	for (size_t i = 0; i < s->n_states; i++)
		view_state_done(&s->states[i]);
	view_state_done(&s->help);
	free(s->states);
	snapshot_unref(s->screen.snap);
	str_done(&s->message);
	str_done(&s->notice);
	str_done(&s->prompt_help);
	str_done(&s->before);
	str_done(&s->copied);
	str_done(&s->attach_to);
	str_done(&s->note);
	free(s);
}

/* ---- one picture as text ---- */

static bool session_is_asking(const struct session *s)
{
	for (size_t i = 0; i < s->n_states; i++) {
		for (int k = 0; k < VIEW_RESOURCES; k++)
			if (s->states[i].resources[k].id)
				return true;
		for (int k = 0; k < VIEW_PARTS; k++)
			if (s->states[i].tables[k].pages &&
			    pages_is_asking(s->states[i].tables[k].pages))
				return true;
	}
	return false;
}

/* "channels subs>=1m": as after a colon. */
static bool session_go_filter(struct session *s, const char *line)
{
	char *name = str_dup_n(line, strcspn(line, " "));
	bool ok = name && view_find(name);

	if (ok)
		commands_run(s, line);
	free(name);
	return ok;
}

/* "job:J-1042:2" */
static bool session_go_text(struct session *s, const char *view)
{
	size_t len = strcspn(view, ":");
	const char *rest = view[len] ? view + len + 1 : "";
	size_t target_len = strcspn(rest, ":");
	char *name = str_dup_n(view, len), *target = str_dup_n(rest, target_len);
	int64_t part = 0;
	bool ok = name && target && session_go(s, name, target);

	if (ok && rest[target_len] &&
	    str_to_i64(rest + target_len + 1, 0, VIEW_PARTS - 1, &part) == ERR_OK)
		session_part(s, (int)part);
	free(name);
	free(target);
	return ok || session_go_filter(s, view);
}

static void session_settle(struct session *s, struct surface *to, int patience_ms)
{
	int64_t until = clock_mono_ms() + patience_ms;

	for (;;) {
		struct pollfd fd = {.fd = node_wake_fd(s->node), .events = POLLIN};
		const struct snapshot *snap;
		session_draw(s, to);
		if (!session_is_asking(s) || clock_mono_ms() >= until)
			return;
		if (!s->node->hurries)
			poll(&fd, fd.fd >= 0, 50);
		snap = s->screen.snap;
		session_tick(
		    s, snap ? snap->made_at * 1000 : s->now_ms, snap ? snap->mono_ms : s->mono_ms);
	}
}

char *session_picture(struct node *n, const struct session_picture *p)
{
	struct session_config cfg = {.node = n, .ascii = p->ascii};
	struct session *s = session_new(&cfg);
	struct surface to = {0};
	char *text = NULL;

	if (!s)
		return NULL;
	session_take_snapshot(s);
	if (s->screen.snap)
		session_tick(s, s->screen.snap->made_at * 1000, s->screen.snap->mono_ms);
	if (session_go_text(s, p->view) && surface_init(&to, p->w, p->h)) {
		session_settle(s, &to, p->patience_ms);
		text = p->colours < 0 ? surface_text(&to)
		                      : surface_ansi(&to, p->colours, theme_find(p->theme));
	}
	surface_done(&to);
	session_free(s);
	return text;
}

char *session_text(struct node *n, const char *view, int w, int h, bool ascii, int patience_ms)
{
	struct session_picture p = {.view = view,
	    .w = w,
	    .h = h,
	    .ascii = ascii,
	    .colours = -1,
	    .patience_ms = patience_ms};

	return session_picture(n, &p);
}
