#include "config.h"
#include "tui/console.h"
#include "engine/base/clock.h"
#include "tui/surface.h"
#include "tui/term.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	CONSOLE_FRAME_MS = 100, /* least time between frames that no key asked for */
	CONSOLE_EMPTY_READS = 5,
	CONSOLE_KEYS_A_TURN = 256 /* a key held down must not starve the rest */
};

struct console {
	struct session *session; /* the one that is shown, */
	struct node *node;       /* and its node */
	struct session *own;     /* of cfg->node; the same unless another one is attached to */
	const struct console_config *cfg;
	struct term *term;
	struct surface surface;
	int64_t last_frame_ms;
	int empty_reads;
	bool done;
	enum console_exit reason;
};

static void console_resize(struct console *co)
{
	struct surface fresh;
	int w, h;

	term_size(co->term, &w, &h);
	if (!surface_init(&fresh, w, h))
		return; /* drawn clipped until there is memory */
	surface_done(&co->surface);
	co->surface = fresh;
	session_touch(co->session);
}

static void console_suspend(struct console *co)
{
	term_suspend(co->term);
	session_touch(co->session);
}

/* ---- another node ---- */

static struct session *console_session(const struct console_config *cfg, struct node *n)
{
	struct session_config session = {.node = n,
	    .ascii = cfg->ascii,
	    .refresh_ms = cfg->refresh_ms,
	    .undo_ms = cfg->undo_ms,
	    .by = "console",
	    .theme = cfg->theme,
	    .prefs = true};

	return session_new(&session);
}

static void console_show_session(struct console *co, struct session *s, struct node *n)
{
	co->session = s;
	co->node = n;
	term_theme(co->term, session_theme(s));
	session_touch(s);
}

/* The own one is shown again. */
static void console_detach(struct console *co)
{
	struct session *other = co->session;
	struct node *node = co->node;

	if (other == co->own)
		return;
	console_show_session(co, co->own, co->cfg->node);
	session_free(other);
	node_close(node);
}

/* In the place of the own one, or of another one that was attached to. */
static void console_attach(struct console *co)
{
	struct errbuf eb = {.code = ERR_OK};
	const struct console_config *cfg = co->cfg;
	struct node *n = NULL;
	struct session *s;

	if (cfg->attach)
		n = cfg->attach(cfg->arg, session_attach_to(co->session), &eb);
	else
		err_set(&eb, ERR_INVALID, "no other node can be shown here");
	s = n ? console_session(cfg, n) : NULL;
	if (!s) {
		node_close(n);
		session_tell(co->session, n ? "out of memory" : err_text(&eb));
		return;
	}
	console_detach(co);
	console_show_session(co, s, n);
}

/* Leaving another node leads back to the own one, which asks what is to be asked. */
static void console_ended(struct console *co)
{
	enum session_end how = session_ended(co->session);

	if (how != SESSION_ON && co->session != co->own) {
		console_detach(co);
		session_quit(co->own);
		how = session_ended(co->own);
	}
	if (how == SESSION_ON)
		return;
	co->done = true;
	co->reason = how == SESSION_HANDOVER ? CONSOLE_HANDOVER : CONSOLE_QUIT;
}

/* What the session wants of the terminal. */
static void console_effects(struct console *co)
{
	unsigned effects = session_effects(co->session);

	if (effects & SESSION_THEME)
		term_theme(co->term, session_theme(co->session));
	if (effects & SESSION_BELL)
		term_bell(co->term);
	if (effects & SESSION_NOTE)
		term_note(co->term, session_note(co->session));
	if (effects & SESSION_REDRAW)
		term_redraw(co->term);
	if (effects & SESSION_COPY)
		term_copy(co->term, session_copied(co->session));
	if (effects & SESSION_SUSPEND)
		console_suspend(co);
	if (effects & SESSION_ATTACH)
		console_attach(co);
	if (effects & SESSION_DETACH) {
		if (co->session == co->own)
			session_tell(co->session, "this is the console's own node");
		console_detach(co);
	}
	console_ended(co);
}

static void console_events(struct console *co)
{
	struct term_event ev;

	for (int i = 0; i < CONSOLE_KEYS_A_TURN && !co->done && term_next(co->term, &ev); i++) {
		switch (ev.kind) {
		case TERM_EVENT_KEY:
			session_key(co->session, ev.key);
			break;
		case TERM_EVENT_PASTE:
			session_paste(co->session, ev.text);
			break;
		case TERM_EVENT_RESIZE:
			console_resize(co);
			break;
		case TERM_EVENT_SUSPEND:
			console_suspend(co);
			break;
		case TERM_EVENT_REDRAW:
			session_touch(co->session);
			break;
		}
		console_effects(co);
	}
}

/* ---- the loop ---- */

static void console_frame(struct console *co)
{
	int64_t mono = clock_mono_ms();
	bool pressed;

	if (!session_is_dirty(co->session, &pressed) ||
	    (!pressed && mono - co->last_frame_ms < CONSOLE_FRAME_MS))
		return;
	session_draw(co->session, &co->surface);
	term_show(co->term, &co->surface);
	co->last_frame_ms = mono;
}

/* Until the next second, snapshot or frame, whichever is first. */
static int console_timeout(const struct console *co)
{
	int64_t mono = clock_mono_ms();
	int64_t wait = 1000 - clock_now_ms() % 1000;
	bool pressed;

	if (session_next_ms(co->session) - mono < wait)
		wait = session_next_ms(co->session) - mono;
	if (session_is_dirty(co->session, &pressed) &&
	    co->last_frame_ms + CONSOLE_FRAME_MS - mono < wait)
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
	    {.fd = co->cfg->signal_fd, .events = POLLIN},
	    {.fd = node_wake_fd(co->node), .events = POLLIN}};

	if (poll(fds, 4, console_timeout(co)) < 0) {
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
		session_tick(co->session, clock_now_ms() + co->node->clock_ms, clock_mono_ms());
		if (co->own != co->session) /* what waits to be undone there is done in its time */
			session_tick(
			    co->own, clock_now_ms() + co->cfg->node->clock_ms, clock_mono_ms());
		console_effects(co);
		if (co->done)
			break;
		console_frame(co);
		console_wait(co);
	}
}

static enum console_exit console_show(struct console *co, struct errbuf *eb)
{
	struct term_config term = {.log_path = co->cfg->log_path,
	    .colours = co->cfg->colours,
	    .theme = session_theme(co->session)};

	if (term_open(&co->term, &term, eb) != ERR_OK)
		return CONSOLE_FAILED;
	console_resize(co);
	if (co->surface.cells)
		console_loop(co);
	else
		err_set(eb, ERR_NOMEM, "out of memory");
	console_detach(co); /* when the process was told to end */
	term_close(co->term);
	surface_done(&co->surface);
	return co->reason;
}

enum console_exit console_run(const struct console_config *cfg, struct errbuf *eb)
{
	struct console co = {.cfg = cfg, .node = cfg->node, .reason = CONSOLE_FAILED};
	enum console_exit reason;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	co.own = co.session = console_session(cfg, cfg->node);
	if (!co.session) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return CONSOLE_FAILED;
	}
	reason = console_show(&co, eb);
	session_free(co.session);
	return reason;
}
