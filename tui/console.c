#include "config.h"
#include "tui/console.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "tui/format.h"
#include "tui/term.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	CONSOLE_REFRESH_MS = 500,
	CONSOLE_REST_MS = 2000, /* between snapshots when nothing works */
	CONSOLE_EAGER_MS = 200, /* while an answer to a command is awaited */
	CONSOLE_FRAME_MS = 100, /* least time between frames that no key asked for */
	CONSOLE_MESSAGE_MS = 8000,
	CONSOLE_TRUST_MS = 30000, /* how long an answer is awaited */
	CONSOLE_AWAITED = 8,
	CONSOLE_EMPTY_READS = 5,
	CONSOLE_KEYS_A_TURN = 256 /* a key held down must not starve the rest */
};

/* What an open dialog will do when it is answered. */
enum purpose { PURPOSE_NONE, PURPOSE_MENU, PURPOSE_START, PURPOSE_CANCEL, PURPOSE_LEAVE };

struct console {
	struct engine *engine;
	const struct console_config *cfg;
	struct term *term;
	struct glyphs glyphs;
	struct surface surface;
	struct screen screen;
	struct dialog *dialog;
	enum purpose purpose;
	int64_t purpose_job;
	struct str message;
	int64_t message_until_ms;
	uint64_t awaited[CONSOLE_AWAITED]; /* ids of commands without an answer yet; 0: free */
	int64_t awaited_until_ms;
	int64_t next_snapshot_ms, last_frame_ms;
	uint64_t seen_seq;
	bool dirty;   /* something changed since the last frame */
	bool pressed; /* and a key changed it */
	int empty_reads;
	bool done;
	enum console_exit reason;
};

/* ---- messages and commands ---- */

static void console_say(struct console *co, enum role role, const char *text)
{
	str_reset(&co->message);
	str_adds(&co->message, text);
	co->screen.message_role = role;
	co->message_until_ms = clock_mono_ms() + CONSOLE_MESSAGE_MS;
	co->dirty = true;
}

static bool console_is_waiting(const struct console *co)
{
	for (int i = 0; i < CONSOLE_AWAITED; i++)
		if (co->awaited[i])
			return true;
	return false;
}

static void console_await(struct console *co, uint64_t id)
{
	int at = 0;

	while (at < CONSOLE_AWAITED - 1 && co->awaited[at])
		at++;
	co->awaited[at] = id;
	co->awaited_until_ms = clock_mono_ms() + CONSOLE_TRUST_MS;
	co->next_snapshot_ms = 0;
}

static void console_send(struct console *co, const struct command *c)
{
	uint64_t id;

	if (co->cfg->read_only) {
		console_say(co, ROLE_WARN,
		    "this console only looks; start it without read-only to change things");
		return;
	}
	id = engine_command_send(co->engine, c);
	if (!id) {
		console_say(co, ROLE_ERROR,
		    "! the engine has too many commands waiting; try again in a moment");
		return;
	}
	console_say(co, ROLE_OFF, "sent");
	console_await(co, id);
}

/* Shows the answers to our own commands that this snapshot brought. */
static void console_take_replies(struct console *co, const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_replies && i < sizeof s->replies / sizeof s->replies[0]; i++)
		for (int k = 0; k < CONSOLE_AWAITED; k++) {
			if (!co->awaited[k] || co->awaited[k] != s->replies[i].id)
				continue;
			co->awaited[k] = 0;
			console_say(
			    co, s->replies[i].ok ? ROLE_OK : ROLE_ERROR, s->replies[i].text);
		}
	if (console_is_waiting(co) && clock_mono_ms() > co->awaited_until_ms) {
		memset(co->awaited, 0, sizeof co->awaited);
		console_say(co, ROLE_WARN, "! no answer from the engine yet; the log will tell");
	}
}

/* The chosen job, NULL when there is none. */
static const struct snapshot_job *console_job(const struct console *co)
{
	struct view_ctx c = screen_ctx(&co->screen);
	const struct view_ops *v = co->screen.view;

	if (!co->screen.snap || !v->row_count || !v->row_count(&c))
		return NULL;
	return &co->screen.snap->jobs[view_selected_row(v, &c, &co->screen.state)];
}

static void console_job_command(struct console *co, enum action action, int64_t job)
{
	struct str target;

	str_init(&target, 32);
	str_addf(&target, "%lld", (long long)job);
	console_send(
	    co, &(struct command){.action = action, .target = str_get(&target), .by = "console"});
	str_done(&target);
}

/* ---- dialogs ---- */

static void console_open(struct console *co, struct dialog *d, enum purpose purpose)
{
	dialog_free(co->dialog);
	co->dialog = d;
	co->screen.dialog = d;
	co->purpose = d ? purpose : PURPOSE_NONE;
	co->dirty = true;
	if (!d)
		console_say(co, ROLE_ERROR, "! out of memory");
}

static void console_shut(struct console *co)
{
	dialog_free(co->dialog);
	co->dialog = NULL;
	co->screen.dialog = NULL;
	co->purpose = PURPOSE_NONE;
	co->dirty = true;
}

static void console_open_form(struct console *co, const struct job_type_info *type)
{
	const struct snapshot *s = co->screen.snap;
	char used[FORMAT_SIZE], known[FORMAT_SIZE], when[FORMAT_SIZE];
	struct str note;

	str_init(&note, 256);
	if (s)
		str_addf(&note, "%s channels known   %s units left today, new ones %s",
		    format_count(known, s->channels), format_full(used, s->units_left),
		    format_when(when, s->reset_at, co->screen.now));
	console_open(co, dialog_form(type, str_get(&note), co->glyphs.utf8), PURPOSE_START);
	str_done(&note);
}

static void console_open_type(struct console *co, const char *name)
{
	const struct job_type_info *const *t = engine_job_types();

	while (*t && strcmp((*t)->name, name) != 0)
		t++;
	if (*t)
		console_open_form(co, *t);
	else
		console_say(co, ROLE_WARN, "! this program has no such job");
}

static void console_open_cancel(struct console *co, const struct snapshot_job *j)
{
	char done[FORMAT_SIZE], left[FORMAT_SIZE];
	struct str text;

	str_init(&text, 512);
	str_addf(&text, "End J-%lld (%s) for good? %s are done and stay.", (long long)j->no,
	    j->word, format_full(done, j->processed));
	if (j->total > j->processed)
		str_addf(&text, "\n%s are left as they are.",
		    format_full(left, j->total - j->processed));
	co->purpose_job = j->no;
	console_open(co, dialog_ask("Cancel a job", str_get(&text)), PURPOSE_CANCEL);
	str_done(&text);
}

static void console_leave(struct console *co)
{
	const struct snapshot *s = co->screen.snap;
	struct str text;

	if (!s || s->jobs_running + s->jobs_waiting == 0) {
		co->done = true;
		co->reason = CONSOLE_QUIT;
		return;
	}
	str_init(&text, 512);
	str_addf(&text,
	    "%lld job%s at work in this process. Leave and stop cleanly?\n"
	    "Calls in flight end, all results are kept, and the jobs can go on later.\n"
	    "h: leave, and a process without a screen goes on with them.",
	    (long long)(s->jobs_running + s->jobs_waiting),
	    s->jobs_running + s->jobs_waiting == 1 ? " is" : "s are");
	console_open(co, dialog_ask("Leave", str_get(&text)), PURPOSE_LEAVE);
	str_done(&text);
}

static void console_start(struct console *co)
{
	const struct job_type_info *type = dialog_type(co->dialog);
	char *params = dialog_params_json(co->dialog);

	if (params)
		console_send(co, &(struct command){.action = ACTION_JOB_START,
		                     .job_type = type->name,
		                     .params_json = params,
		                     .by = "console"});
	else
		console_say(co, ROLE_ERROR, "! out of memory");
	free(params);
	console_shut(co);
}

static void console_answered(struct console *co)
{
	switch (co->purpose) {
	case PURPOSE_MENU:
		console_open_form(co, dialog_type(co->dialog));
		break;
	case PURPOSE_START:
		console_start(co);
		break;
	case PURPOSE_CANCEL:
		console_job_command(co, ACTION_JOB_CANCEL, co->purpose_job);
		console_shut(co);
		break;
	case PURPOSE_LEAVE:
		co->done = true;
		co->reason = CONSOLE_QUIT;
		break;
	case PURPOSE_NONE:
		break;
	}
}

static void console_dialog_key(struct console *co, int key)
{
	enum dialog_answer answer = dialog_key(co->dialog, key);

	if (co->purpose == PURPOSE_LEAVE && key == 'h') {
		co->done = true;
		co->reason = CONSOLE_HANDOVER;
		return;
	}
	/* ^C a second time is meant */
	if (co->purpose == PURPOSE_LEAVE && key == KEYS_CTRL('c'))
		answer = DIALOG_YES;
	if (answer == DIALOG_NO)
		console_shut(co);
	else if (answer == DIALOG_YES)
		console_answered(co);
}

/* ---- keys ---- */

static void console_action(struct console *co, enum action action)
{
	const struct snapshot_job *j = console_job(co);

	if (action == ACTION_JOB_START)
		console_open(co, dialog_menu("New job", engine_job_types()), PURPOSE_MENU);
	else if (!j)
		console_say(co, ROLE_WARN, "there is no job to do this with; n starts one");
	else if (action == ACTION_JOB_CANCEL && !j->open)
		console_say(co, ROLE_WARN, "this job has ended already");
	else if (action == ACTION_JOB_CANCEL)
		console_open_cancel(co, j);
	else
		console_job_command(co, action, j->no);
}

static void console_suspend(struct console *co)
{
	term_suspend(co->term);
	co->dirty = true;
}

static void console_move(struct console *co, enum key_cmd cmd)
{
	struct view_ctx c = screen_ctx(&co->screen);
	struct view_state *st = &co->screen.state;
	int64_t page = st->page > 0 ? st->page : 1;
	int64_t by = 0;

	switch (cmd) {
	case KEY_CMD_UP:
		by = -1;
		break;
	case KEY_CMD_DOWN:
		by = 1;
		break;
	case KEY_CMD_PAGE_UP:
		by = -page;
		break;
	case KEY_CMD_PAGE_DOWN:
		by = page;
		break;
	case KEY_CMD_FIRST:
		by = -SNAPSHOT_JOBS * 1000;
		break;
	default:
		by = SNAPSHOT_JOBS * 1000;
		break;
	}
	if (co->screen.snap && !co->screen.help)
		view_move(co->screen.view, &c, st, by);
}

static void console_back(struct console *co)
{
	co->screen.help = false;
	co->message_until_ms = 0;
}

static void console_command(struct console *co, const struct key_row *row)
{
	switch (row->cmd) {
	case KEY_CMD_HELP:
		co->screen.help = !co->screen.help;
		break;
	case KEY_CMD_BACK:
		console_back(co);
		break;
	case KEY_CMD_LEAVE:
		console_leave(co);
		break;
	case KEY_CMD_REDRAW:
		term_redraw(co->term);
		break;
	case KEY_CMD_SUSPEND:
		console_suspend(co);
		break;
	case KEY_CMD_START:
		console_open_type(co, row->job_type);
		break;
	case KEY_CMD_ACTION:
		console_action(co, row->action);
		break;
	default:
		console_move(co, row->cmd);
		break;
	}
}

/* What must not happen to a view that the help covers. */
static bool console_changes_something(const struct key_row *row)
{
	return row->cmd == KEY_CMD_ACTION || row->cmd == KEY_CMD_START;
}

static void console_key(struct console *co, int key)
{
	const struct key_row *row;

	co->dirty = co->pressed = true;
	if (key == KEYS_CTRL('l')) {
		term_redraw(co->term);
	} else if (key == KEYS_CTRL('z')) {
		console_suspend(co);
	} else if (co->dialog) {
		console_dialog_key(co, key);
	} else {
		row = keys_find(co->screen.view->keys, key);
		if (row && !(co->screen.help && console_changes_something(row)))
			console_command(co, row);
	}
}

static void console_resize(struct console *co)
{
	struct surface fresh;
	int w, h;

	term_size(co->term, &w, &h);
	if (!surface_init(&fresh, w, h))
		return; /* drawn clipped until there is memory */
	surface_done(&co->surface);
	co->surface = fresh;
	co->dirty = true;
}

static void console_events(struct console *co)
{
	struct term_event ev;

	for (int i = 0; i < CONSOLE_KEYS_A_TURN && !co->done && term_next(co->term, &ev); i++)
		switch (ev.kind) {
		case TERM_EVENT_KEY:
			console_key(co, ev.key);
			break;
		case TERM_EVENT_PASTE:
			if (!co->dialog || !dialog_paste(co->dialog, ev.text))
				console_say(co, ROLE_WARN,
				    "pasted text was dropped: only a field takes it");
			co->dirty = true;
			break;
		case TERM_EVENT_RESIZE:
			console_resize(co);
			break;
		case TERM_EVENT_SUSPEND:
			console_suspend(co);
			break;
		case TERM_EVENT_REDRAW:
			co->dirty = true;
			break;
		}
}

/* ---- the loop ---- */

static bool console_works(const struct snapshot *s)
{
	return s && (s->jobs_running > 0 || s->draining);
}

static void console_take_snapshot(struct console *co)
{
	const struct snapshot *s = engine_snapshot(co->engine);
	int64_t pause = CONSOLE_REST_MS;

	if (console_works(s))
		pause = co->cfg->refresh_ms > 0 ? co->cfg->refresh_ms : CONSOLE_REFRESH_MS;
	if (console_is_waiting(co))
		pause = CONSOLE_EAGER_MS;
	co->next_snapshot_ms = clock_mono_ms() + pause;
	if (!s)
		return; /* no memory: the last picture stays, its age will show */
	if (s->seq != co->seen_seq || !co->screen.snap)
		co->dirty = true;
	co->seen_seq = s->seq;
	snapshot_unref(co->screen.snap);
	co->screen.snap = s;
	console_take_replies(co, s);
}

static void console_tick(struct console *co)
{
	int64_t now = clock_now(), mono = clock_mono_ms();

	if (now != co->screen.now)
		co->dirty = true;
	co->screen.now = now;
	if (mono >= co->next_snapshot_ms)
		console_take_snapshot(co);
	if (co->message.len && mono >= co->message_until_ms) {
		str_reset(&co->message);
		co->dirty = true;
	}
}

static void console_frame(struct console *co)
{
	int64_t mono = clock_mono_ms();

	if (!co->dirty || (!co->pressed && mono - co->last_frame_ms < CONSOLE_FRAME_MS))
		return;
	co->screen.message = str_get(&co->message);
	screen_draw(&co->screen, &co->surface);
	term_show(co->term, &co->surface);
	co->dirty = co->pressed = false;
	co->last_frame_ms = mono;
}

/* Until the next second, snapshot or frame, whichever is first. */
static int console_timeout(const struct console *co)
{
	int64_t mono = clock_mono_ms();
	int64_t wait = 1000 - clock_now_ms() % 1000;

	if (co->next_snapshot_ms - mono < wait)
		wait = co->next_snapshot_ms - mono;
	if (co->dirty && co->last_frame_ms + CONSOLE_FRAME_MS - mono < wait)
		wait = co->last_frame_ms + CONSOLE_FRAME_MS - mono;
	return wait > 0 ? (int)wait : 0;
}

static void console_end(struct console *co, enum console_exit reason)
{
	co->done = true;
	co->reason = reason;
}

/* Readable without anything to read, and that again and again, is an end of file: the loop would
 * turn for ever. */
static bool console_has_input(struct console *co, short revents)
{
	int n = 0;

	if (!(revents & POLLIN) || ioctl(0, FIONREAD, &n) != 0 || n > 0)
		co->empty_reads = 0;
	else
		co->empty_reads++;
	return co->empty_reads < CONSOLE_EMPTY_READS;
}

static void console_wait(struct console *co)
{
	struct pollfd fds[] = {{.fd = 0, .events = POLLIN},
	    {.fd = term_wake_fd(co->term), .events = POLLIN},
	    {.fd = co->cfg->signal_fd, .events = POLLIN}};

	if (poll(fds, 3, console_timeout(co)) < 0) {
		if (errno != EINTR)
			console_end(co, CONSOLE_LOST);
		return;
	}
	if (fds[2].revents)
		console_end(co, CONSOLE_SIGNALLED);
	else if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		console_end(co, CONSOLE_LOST);
	else if (!console_has_input(co, fds[0].revents))
		console_end(co, CONSOLE_LOST);
}

static void console_loop(struct console *co)
{
	while (!co->done) {
		console_events(co);
		if (co->done)
			break;
		console_tick(co);
		console_frame(co);
		console_wait(co);
	}
}

enum console_exit console_run(struct engine *e, const struct console_config *cfg, struct errbuf *eb)
{
	struct console co = {.engine = e, .cfg = cfg, .reason = CONSOLE_FAILED};
	struct term_config term = {.log_path = cfg->log_path, .colours = cfg->colours};

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	glyphs_init(&co.glyphs, !cfg->ascii && glyphs_locale_is_utf8());
	co.screen.g = &co.glyphs;
	co.screen.view = view_list()[0];
	co.screen.read_only = cfg->read_only;
	str_init(&co.message, 1024);
	if (term_open(&co.term, &term, eb) != ERR_OK)
		return CONSOLE_FAILED;
	console_resize(&co);
	if (co.surface.cells)
		console_loop(&co);
	else
		err_set(eb, ERR_NOMEM, "out of memory");
	term_close(co.term);
	dialog_free(co.dialog);
	snapshot_unref(co.screen.snap);
	surface_done(&co.surface);
	str_done(&co.message);
	return co.reason;
}
