#include "config.h"
#include "tui/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { ASK_CTRL_C = 3, ASK_CTRL_D = 4, ASK_BACKSPACE = 8, ASK_KILL = 21, ASK_DELETE = 127 };

void ask_wipe(struct str *secret)
{
	if (secret->text)
		explicit_bzero(secret->text, secret->cap);
	str_done(secret);
}

/* Byte by byte: what stands behind the line belongs to somebody else. False at the end. */
static bool ask_byte(char *c)
{
	ssize_t n;

	do {
		n = read(STDIN_FILENO, c, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

static void ask_piped(struct str *out)
{
	char c;

	while (ask_byte(&c) && c != '\n')
		if (out->len || !strchr(" \t", c))
			str_addc(out, c);
	while (out->len && strchr(" \t\r", out->text[out->len - 1]))
		out->text[--out->len] = '\0';
}

/* The terminal is in raw mode, so the few editing keys that matter are ours to handle. */
static bool ask_typed(struct str *out)
{
	char c;

	while (ask_byte(&c)) {
		if (c == '\n' || c == '\r')
			return true;
		if (c == ASK_CTRL_C || c == ASK_CTRL_D)
			return false;
		if (c == ASK_BACKSPACE || c == ASK_DELETE) {
			if (out->len)
				out->text[--out->len] = '\0';
		} else if (c == ASK_KILL) {
			str_reset(out);
		} else {
			str_addc(out, c);
		}
	}
	return false;
}

static enum err ask_terminal(const char *prompt, struct str *out, struct errbuf *eb)
{
	struct termios before, raw;
	bool typed;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return err_set(eb, ERR_IO, "the terminal: %s", strerror(errno));
	raw = before;
	/* without ISIG, as a Ctrl-C must not leave the terminal without echo */
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0)
		return err_set(eb, ERR_IO, "the terminal: %s", strerror(errno));
	fprintf(stderr, "%s", prompt);
	fflush(stderr);
	typed = ask_typed(out);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return typed ? ERR_OK : err_set(eb, ERR_CANCELLED, "nothing was changed");
}

enum err ask_secret(const char *prompt, struct str *out, struct errbuf *eb)
{
	enum err err = ERR_OK;

	/* growing would leave copies behind in freed memory */
	if (!str_room(out, out->limit))
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (isatty(STDIN_FILENO))
		err = ask_terminal(prompt, out, eb);
	else
		ask_piped(out);
	if (!err && out->err)
		err = err_set(eb, ERR_LIMIT, "the input is too long");
	return err;
}

bool ask_is_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool ask_yes(const char *question)
{
	char c = '\n', first = '\n';

	fprintf(stderr, "%s", question);
	fflush(stderr);
	for (bool begun = false; ask_byte(&c) && c != '\n'; begun = true)
		first = begun ? first : c;
	return (first | 32) == 'y';
}
