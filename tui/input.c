#include "config.h"
#include "tui/input.h"
#include "engine/base/text.h"
#include "tui/keys.h"

#include <stdlib.h>
#include <string.h>

bool input_init(struct input *in, const char *text, bool digits, bool utf8)
{
	*in = (struct input){.digits = digits, .utf8 = utf8};
	str_init(&in->text, INPUT_LIMIT);
	str_adds(&in->text, text);
	in->at = in->text.len;
	return in->text.err == ERR_OK;
}

void input_done(struct input *in)
{
	str_done(&in->text);
}

const char *input_text(const struct input *in)
{
	return str_get(&in->text);
}

static size_t input_before(const struct input *in, size_t at)
{
	const char *text = input_text(in);

	while (at > 0 && ((unsigned char)text[--at] & 0xC0) == 0x80)
		;
	return at;
}

static size_t input_after(const struct input *in, size_t at)
{
	const char *text = input_text(in);

	if (at < in->text.len)
		at++;
	while (at < in->text.len && ((unsigned char)text[at] & 0xC0) == 0x80)
		at++;
	return at;
}

static void input_remove(struct input *in, size_t from, size_t to)
{
	if (from >= to)
		return;
	memmove(in->text.text + from, in->text.text + to, in->text.len - to + 1);
	in->text.len -= to - from;
	in->at = from;
}

static bool input_takes(const struct input *in, uint32_t code)
{
	if (in->digits)
		return (code >= '0' && code <= '9') || (code == '-' && in->at == 0);
	return code >= 0x20 && code != 0x7F && (code < 0x7F || (in->utf8 && code >= 0xA0));
}

static void input_put(struct input *in, uint32_t code)
{
	char utf8[4];
	size_t n = glyph_encode(code, utf8), tail = in->text.len - in->at;

	if (!n || !input_takes(in, code) || in->text.len + n > in->text.limit ||
	    !str_room(&in->text, n))
		return;
	memmove(in->text.text + in->at + n, in->text.text + in->at, tail);
	memcpy(in->text.text + in->at, utf8, n);
	str_grown(&in->text, n);
	in->at += n;
}

void input_insert(struct input *in, const char *text)
{
	size_t len = strcspn(text, "\r\n"), at = 0;

	while (at < len) {
		uint32_t code = 0;
		size_t n = text_utf8_next(text + at, len - at, &code);
		if (n)
			input_put(in, code);
		at += n ? n : 1;
	}
}

/* Where the word before the cursor begins. */
static size_t input_word(const struct input *in)
{
	const char *text = input_text(in);
	size_t at = in->at;

	while (at > 0 && text[at - 1] == ' ')
		at--;
	while (at > 0 && text[at - 1] != ' ' && (at == in->at || text[at - 1] != '/'))
		at--;
	return at;
}

bool input_key(struct input *in, int key)
{
	switch (key) {
	case KEYS_LEFT:
		in->at = input_before(in, in->at);
		return true;
	case KEYS_RIGHT:
		in->at = input_after(in, in->at);
		return true;
	case KEYS_HOME:
	case KEYS_CTRL('a'):
		in->at = 0;
		return true;
	case KEYS_END:
	case KEYS_CTRL('e'):
		in->at = in->text.len;
		return true;
	case KEYS_BACKSPACE:
		input_remove(in, input_before(in, in->at), in->at);
		return true;
	case KEYS_DELETE:
		input_remove(in, in->at, input_after(in, in->at));
		return true;
	case KEYS_CTRL('u'):
		input_remove(in, 0, in->at);
		return true;
	case KEYS_CTRL('w'):
		input_remove(in, input_word(in), in->at);
		return true;
	default:
		if (key < 0x20 || key >= KEYS_UP)
			return false;
		input_put(in, (uint32_t)key);
		return true;
	}
}

/* Columns of the bytes from..to. */
static int input_columns(const struct input *in, const struct pane *p, size_t from, size_t to)
{
	char *part = str_dup_n(input_text(in) + from, to - from);
	int columns = part ? draw_columns(p, part) : 0;

	free(part);
	return columns;
}

static void input_draw_in(
    const struct input *in, const struct pane *p, int y, int x, int room, bool focus)
{
	size_t from = 0;

	while (from < in->at && input_columns(in, p, from, in->at) >= room)
		from = input_after(in, from);
	draw_text(p, y, x, room, ALIGN_LEFT, ROLE_NORMAL, input_text(in) + from);
	if (focus)
		draw_cursor(p, y, x + input_columns(in, p, from, in->at));
}

void input_draw(const struct input *in, const struct pane *p, int y, int x, int width, bool focus)
{
	draw_text(p, y, x, 1, ALIGN_LEFT, focus ? ROLE_KEY : ROLE_OFF, "[");
	input_draw_in(in, p, y, x + 1, width - 2, focus);
	draw_text(p, y, x + width - 1, 1, ALIGN_LEFT, focus ? ROLE_KEY : ROLE_OFF, "]");
}

void input_draw_bare(const struct input *in, const struct pane *p, int y, int x, int width)
{
	input_draw_in(in, p, y, x, width, true);
}
