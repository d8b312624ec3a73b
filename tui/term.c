#include "config.h"
#include "tui/term.h"
#include "engine/base/clock.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "tui/caps.h"
#include "tui/crash.h"
#include "tui/glyph.h"
#include "tui/keys.h"
#include "tui/osc.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum {
	TERM_ESC_DELAY_MS = 25,
	TERM_PASTE_LIMIT = 4096,
	TERM_PASTE_PATIENCE_MS = 1000, /* for the end mark of a paste that got lost */
	TERM_KEY_PASTE_ON = 0x4000,    /* above the codes that curses uses itself */
	TERM_KEY_PASTE_OFF
};

static const char term_paste_on[] = "\033[?2004h";
static const char term_paste_off[] = "\033[?2004l";

struct term_sequence {
	const char *text;
	int code;
};

/* Terminals that ignore the keypad mode send arrows in another form than their description says. */
static const struct term_sequence term_sequences[] = {
    {"\033[200~", TERM_KEY_PASTE_ON},
    {"\033[201~", TERM_KEY_PASTE_OFF},
    {"\033[A", KEY_UP},
    {"\033OA", KEY_UP},
    {"\033[B", KEY_DOWN},
    {"\033OB", KEY_DOWN},
    {"\033[C", KEY_RIGHT},
    {"\033OC", KEY_RIGHT},
    {"\033[D", KEY_LEFT},
    {"\033OD", KEY_LEFT},
    {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},
    {"\033[1~", KEY_HOME},
    {"\033[F", KEY_END},
    {"\033OF", KEY_END},
    {"\033[4~", KEY_END},
    {"\033[3~", KEY_DC},
    {"\033[5~", KEY_PPAGE},
    {"\033[6~", KEY_NPAGE},
    {"\033[Z", KEY_BTAB},
};

static const int term_signals[] = {SIGWINCH, SIGTSTP, SIGCONT};
static const char term_signal_letters[] = {'W', 'T', 'C'};

enum { TERM_SIGNALS = sizeof term_signals / sizeof term_signals[0] };

struct term {
	SCREEN *screen;
	WINDOW *keys; /* reading from stdscr would refresh it behind our back */
	struct termios saved;
	struct sigaction before[TERM_SIGNALS];
	int wake[2];
	int stderr_fd; /* the real one while stderr is elsewhere; -1 */
	int colours;
	struct theme theme;
	bool paste_mode;
	bool pasting;
	int64_t paste_seen_ms;
	struct str paste;
	bool redraw;
	struct surface shown;
};

/* Where the handler writes; -1 when no terminal is open. */
static volatile sig_atomic_t term_wake_write = -1;

static void term_on_signal(int number)
{
	int keep = errno;

	for (size_t i = 0; i < TERM_SIGNALS; i++)
		if (term_signals[i] == number && term_wake_write >= 0 &&
		    write((int)term_wake_write, &term_signal_letters[i], 1) < 0)
			break; /* full: the screen will wake up anyway */
	errno = keep;
}

static void term_catch(struct term *t)
{
	struct sigaction sa = {.sa_handler = term_on_signal, .sa_flags = SA_RESTART};

	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < TERM_SIGNALS; i++)
		sigaction(term_signals[i], &sa, &t->before[i]);
}

static void term_release(const struct term *t)
{
	for (int i = 0; i < TERM_SIGNALS; i++)
		sigaction(term_signals[i], &t->before[i], NULL);
}

/* ---- opening ---- */

static void term_write(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);
		if (n <= 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void term_arm(const struct term *t)
{
	struct str reset;

	str_init(&reset, 400);
	if (t->paste_mode)
		str_adds(&reset, term_paste_off);
	caps_add(&reset, "sgr0");
	if (t->colours)
		caps_add(&reset, "op");
	caps_add(&reset, "rmkx");
	caps_add(&reset, "cnorm");
	caps_add(&reset, "rmcup");
	crash_arm(STDOUT_FILENO, &t->saved, str_get(&reset), reset.len, t->stderr_fd);
	str_done(&reset);
}

static void term_choose(struct term *t, const struct theme *theme)
{
	if (theme)
		t->theme = *theme;
	else
		theme_builtin(
		    &t->theme, THEME_AUTO, theme_is_light(settings_environment("COLORFGBG")));
}

static void term_pairs(const struct term *t)
{
	for (int role = 0; t->colours && role < ROLE_COUNT; role++) {
		int colour = theme_look(&t->theme, (enum role)role, t->colours).colour;
		if (colour != THEME_DEFAULT)
			init_pair((short)(role + 1), (short)colour, -1);
	}
}

static void term_colours(struct term *t, int wanted)
{
	const char *no_color = settings_environment("NO_COLOR");

	if (wanted < 0 && no_color && *no_color)
		wanted = 0;
	if (wanted == 0 || !has_colors())
		return; /* without start_color curses sends no colour at all */
	start_color();
	t->colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
	if (wanted > 0 && wanted < t->colours)
		t->colours = wanted;
	use_default_colors();
	term_pairs(t);
}

static void term_modes(struct term *t)
{
	raw(); /* ^C, ^Z, ^S and ^Q are keys: the loop answers them, nothing dies by accident */
	noecho();
	nonl();
	t->keys = newpad(1, 1);
	if (t->keys) {
		keypad(t->keys, TRUE);
		nodelay(t->keys, TRUE);
	}
	for (size_t i = 0; i < sizeof term_sequences / sizeof term_sequences[0]; i++)
		define_key(term_sequences[i].text, term_sequences[i].code);
	t->paste_mode = caps_has_paste();
	if (t->paste_mode)
		term_write(term_paste_on, sizeof term_paste_on - 1);
}

static void term_redirect(struct term *t, const char *log_path)
{
	int fd;

	if (!isatty(STDERR_FILENO))
		return;
	fd = open(
	    log_path ? log_path : "/dev/null", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	t->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (t->stderr_fd >= 0)
		dup2(fd, STDERR_FILENO);
	close(fd);
}

/* newterm puts handlers of its own on these, which are not safe to run at any moment. */
static SCREEN *term_new_screen(void)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction keep[sizeof taken / sizeof taken[0]];
	SCREEN *screen;

	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		sigaction(taken[i], NULL, &keep[i]);
	screen = newterm(NULL, stdout, stdin);
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		sigaction(taken[i], &keep[i], NULL);
	return screen;
}

static enum err term_start(struct term *t, const struct term_config *cfg, struct errbuf *eb)
{
	enum err err = caps_check(eb);

	if (err)
		return err;
	if (tcgetattr(STDIN_FILENO, &t->saved) != 0)
		return err_set(
		    eb, ERR_UNAVAIL, "the terminal does not tell its modes: %s", strerror(errno));
	if (pipe2(t->wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_set(eb, ERR_IO, "no pipe for signals: %s", strerror(errno));
	/* in the environment they would freeze the size */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	set_escdelay(TERM_ESC_DELAY_MS);
	t->screen = term_new_screen();
	if (!t->screen)
		return err_set(
		    eb, ERR_UNAVAIL, "the terminal could not be opened; use: tubeops status");
	term_redirect(t, cfg->log_path);
	term_colours(t, cfg->colours);
	term_modes(t);
	term_arm(t);
	term_wake_write = t->wake[1];
	term_catch(t);
	t->redraw = true;
	if (!t->keys)
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

enum err term_open(struct term **out, const struct term_config *cfg, struct errbuf *eb)
{
	struct term *t = calloc(1, sizeof *t);
	enum err err;

	*out = NULL;
	if (!t)
		return err_set(eb, ERR_NOMEM, "out of memory");
	t->stderr_fd = t->wake[0] = t->wake[1] = -1;
	term_choose(t, cfg->theme);
	str_init(&t->paste, TERM_PASTE_LIMIT);
	err = term_start(t, cfg, eb);
	if (err) {
		term_close(t);
		return err;
	}
	*out = t;
	return ERR_OK;
}

static void term_close_screen(struct term *t)
{
	term_release(t);
	term_wake_write = -1;
	if (t->paste_mode)
		term_write(term_paste_off, sizeof term_paste_off - 1);
	if (t->keys)
		delwin(t->keys);
	endwin();
	tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
	crash_disarm();
	delscreen(t->screen);
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (t->screen)
		term_close_screen(t);
	if (t->stderr_fd >= 0) {
		dup2(t->stderr_fd, STDERR_FILENO);
		close(t->stderr_fd);
	}
	for (int i = 0; i < 2; i++)
		if (t->wake[i] >= 0)
			close(t->wake[i]);
	str_done(&t->paste);
	surface_done(&t->shown);
	free(t);
}

void term_size(const struct term *t, int *w, int *h)
{
	(void)t;
	getmaxyx(stdscr, *h, *w);
}

int term_wake_fd(const struct term *t)
{
	return t->wake[0];
}

void term_redraw(struct term *t)
{
	t->redraw = true;
}

void term_theme(struct term *t, const struct theme *theme)
{
	term_choose(t, theme);
	term_pairs(t);
	t->redraw = true;
}

/* Through curses, which knows what the terminal can do. */
void term_bell(struct term *t)
{
	(void)t;
	beep();
}

/* ---- beside the picture ---- */

/* Between frames curses holds nothing back, so writing past it is safe. */
static void term_osc(void (*of)(struct str *out, const char *text), const char *text)
{
	struct str out;

	str_init(&out, OSC_ROOM);
	of(&out, text);
	if (!out.err)
		term_write(str_get(&out), out.len);
	str_done(&out);
}

void term_copy(struct term *t, const char *text)
{
	(void)t;
	term_osc(osc_copy, text);
}

void term_note(struct term *t, const char *text)
{
	(void)t;
	term_osc(osc_note, text);
}

/* ---- suspending ---- */

/* The shell may have changed the modes meanwhile, and others have drawn. */
static void term_resume(struct term *t)
{
	reset_prog_mode();
	if (t->paste_mode)
		term_write(term_paste_on, sizeof term_paste_on - 1);
	t->redraw = true;
}

void term_suspend(struct term *t)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL}, ours;
	sigset_t stop;

	def_prog_mode();
	if (t->paste_mode)
		term_write(term_paste_off, sizeof term_paste_off - 1);
	endwin();
	tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
	sigemptyset(&dfl.sa_mask);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigaction(SIGTSTP, &dfl, &ours);
	kill(0, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	term_resume(t);
}

/* ---- events ---- */

/* False when the size is the one we know. */
static bool term_resize(struct term *t)
{
	struct winsize size;
	int w, h;

	term_size(t, &w, &h);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col ||
	    (size.ws_row == h && size.ws_col == w))
		return false;
	resize_term(size.ws_row, size.ws_col);
	t->redraw = true;
	return true;
}

static bool term_next_signal(struct term *t, struct term_event *ev)
{
	char letter;

	while (read(t->wake[0], &letter, 1) == 1) {
		if (letter == 'W' && term_resize(t)) {
			ev->kind = TERM_EVENT_RESIZE;
			return true;
		}
		if (letter == 'T') {
			ev->kind = TERM_EVENT_SUSPEND;
			return true;
		}
		if (letter == 'C') {
			/* of a new size meanwhile only the shell in front was told */
			term_resume(t);
			ev->kind = term_resize(t) ? TERM_EVENT_RESIZE : TERM_EVENT_REDRAW;
			return true;
		}
	}
	return false;
}

struct term_key {
	int curses, key;
};

static int term_key_of(int code)
{
	static const struct term_key table[] = {
	    {KEY_UP, KEYS_UP},
	    {KEY_DOWN, KEYS_DOWN},
	    {KEY_LEFT, KEYS_LEFT},
	    {KEY_RIGHT, KEYS_RIGHT},
	    {KEY_HOME, KEYS_HOME},
	    {KEY_END, KEYS_END},
	    {KEY_PPAGE, KEYS_PAGE_UP},
	    {KEY_NPAGE, KEYS_PAGE_DOWN},
	    {KEY_ENTER, KEYS_ENTER},
	    {KEY_BTAB, KEYS_BACKTAB},
	    {KEY_BACKSPACE, KEYS_BACKSPACE},
	    {KEY_DC, KEYS_DELETE},
	    {KEY_F(1), KEYS_F1},
	    {KEY_F(4), KEYS_F4},
	    {KEY_F(6), KEYS_F6},
	    {KEY_F(10), KEYS_F10},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].curses == code)
			return table[i].key;
	return KEYS_NONE;
}

static int term_char_of(int c)
{
	static const struct term_key table[] = {{'\r', KEYS_ENTER}, {'\n', KEYS_ENTER},
	    {27, KEYS_ESC}, {'\t', KEYS_TAB}, {8, KEYS_BACKSPACE}, {127, KEYS_BACKSPACE}};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].curses == c)
			return table[i].key;
	return c < KEYS_UP ? c : KEYS_NONE;
}

static void term_paste_add(struct term *t, int c)
{
	char utf8[4];

	t->paste_seen_ms = clock_mono_ms();
	str_add(&t->paste, utf8, glyph_encode((uint32_t)(c == '\r' ? '\n' : c), utf8));
}

static bool term_paste_end(struct term *t, struct term_event *ev)
{
	t->pasting = false;
	ev->kind = TERM_EVENT_PASTE;
	ev->text = str_get(&t->paste);
	return true;
}

/* One key as curses knows it, or one character put together from its bytes. */
struct term_read {
	int code;
	bool special; /* a KEY_… of curses */
};

/* The rest of a UTF-8 sequence; U+FFFD when it is broken. */
static int term_read_utf8(const struct term *t, int first)
{
	char bytes[4] = {(char)first};
	size_t need = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	uint32_t code = 0;

	for (size_t n = 1; n < need; n++) {
		int c = wgetch(t->keys);
		if (c == ERR)
			return 0xFFFD;
		if (c < 0x80 || c > 0xBF) {
			ungetch(c);
			return 0xFFFD;
		}
		bytes[n] = (char)c;
	}
	return text_utf8_next(bytes, need, &code) ? (int)code : 0xFFFD;
}

/* wget_wch is not used: one broken byte makes it lose the keys that came with it. */
static bool term_read(const struct term *t, struct term_read *r)
{
	int c = wgetch(t->keys);

	if (c == ERR)
		return false;
	r->special = c > 0xFF;
	r->code = c >= 0x80 && c <= 0xFF ? term_read_utf8(t, c) : c;
	return true;
}

/*
 * After an Esc: true when it began a sequence that nobody here knows, which is then swallowed
 * whole, so that its letters press no keys.
 */
static bool term_skip_sequence(const struct term *t)
{
	int c = wgetch(t->keys);

	if (c == ERR)
		return false;
	if (c != '[' && c != 'O') {
		ungetch(c);
		return false;
	}
	do
		c = wgetch(t->keys);
	while (c != ERR && (c < '@' || c > '~'));
	return true;
}

static bool term_take(struct term *t, const struct term_read *r, struct term_event *ev)
{
	if (r->special && r->code == TERM_KEY_PASTE_ON) {
		str_reset(&t->paste);
		t->pasting = true;
		t->paste_seen_ms = clock_mono_ms();
	} else if (r->special && r->code == TERM_KEY_PASTE_OFF) {
		return t->pasting && term_paste_end(t, ev);
	} else if (t->pasting) {
		if (!r->special)
			term_paste_add(t, r->code);
	} else {
		ev->key = r->special ? term_key_of(r->code) : term_char_of(r->code);
		return ev->key != KEYS_NONE && !(ev->key == KEYS_ESC && term_skip_sequence(t));
	}
	return false;
}

bool term_next(struct term *t, struct term_event *ev)
{
	struct term_read r;

	*ev = (struct term_event){0};
	if (term_next_signal(t, ev))
		return true;
	while (term_read(t, &r))
		if (term_take(t, &r, ev))
			return true;
	return t->pasting && clock_mono_ms() - t->paste_seen_ms > TERM_PASTE_PATIENCE_MS &&
	       term_paste_end(t, ev);
}

/* ---- showing ---- */

static attr_t term_attr(const struct term *t, const struct cell *c, short *pair)
{
	struct theme_style style = theme_look(&t->theme, (enum role)c->role, t->colours);
	bool reverse = style.reverse != c->selected;
	attr_t attr =
	    (style.bold ? A_BOLD : 0) | (style.dim ? A_DIM : 0) | (reverse ? A_REVERSE : 0);

	*pair = style.colour == THEME_DEFAULT ? 0 : (short)(c->role + 1);
	return attr;
}

static void term_put(const struct term *t, int y, int x, const struct cell *c)
{
	wchar_t text[CELL_MARKS + 2];
	size_t n = 0, len = strlen(c->text), at = 0;
	cchar_t out;
	short pair;
	attr_t attr = term_attr(t, c, &pair);

	while (at < len && n < CELL_MARKS + 1) {
		uint32_t code = 0;
		size_t step = text_utf8_next(c->text + at, len - at, &code);
		if (!step)
			break;
		text[n++] = (wchar_t)code;
		at += step;
	}
	text[n] = 0;
	if (n && setcchar(&out, text, attr, pair, NULL) == OK)
		mvadd_wch(y, x, &out);
}

static bool term_cell_is_same(const struct cell *a, const struct cell *b)
{
	return a->width == b->width && a->role == b->role && a->selected == b->selected &&
	       strcmp(a->text, b->text) == 0;
}

/* Makes t->shown fit the new size; false: out of memory, the frame is skipped. */
static bool term_prepare(struct term *t, const struct surface *s)
{
	if (t->shown.w != s->w || t->shown.h != s->h) {
		surface_done(&t->shown);
		if (!surface_init(&t->shown, s->w, s->h))
			return false;
		t->redraw = true;
	}
	if (t->redraw) {
		surface_clear(&t->shown);
		erase();
		clearok(stdscr, TRUE);
		t->redraw = false;
	}
	return true;
}

/* True when anything of the line had to be put anew. */
static bool term_show_line(struct term *t, const struct surface *s, int y)
{
	bool changed = false;

	for (int x = 0; x < s->w; x++) {
		const struct cell *now = surface_cell(s, y, x);
		struct cell *was = surface_cell(&t->shown, y, x);
		if (now->width && !term_cell_is_same(now, was)) {
			term_put(t, y, x, now);
			changed = true;
		}
		*was = *now;
	}
	return changed;
}

/*
 * curses scrolls parts of the screen when it finds lines that only moved, idlok or not, and not
 * every terminal does that as its description says. Given one line at a time it finds none.
 */
void term_show(struct term *t, const struct surface *s)
{
	bool whole = t->redraw || t->shown.w != s->w || t->shown.h != s->h;

	if (!term_prepare(t, s))
		return;
	curs_set(s->cursor_shown ? 1 : 0);
	leaveok(stdscr, TRUE);
	for (int y = 0; y < s->h; y++)
		if (term_show_line(t, s, y) && !whole) {
			wnoutrefresh(stdscr);
			doupdate();
		}
	leaveok(stdscr, FALSE);
	move(s->cursor_y, s->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}
