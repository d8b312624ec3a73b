#include "config.h"
#include "engine/rest/json_scan.h"
#include "engine/base/str.h"

#include <jansson.h>
#include <string.h>

enum {
	SCAN_VALUE,        /* one must come */
	SCAN_VALUE_OR_END, /* behind [ */
	SCAN_KEY_OR_END,   /* behind { */
	SCAN_KEY,
	SCAN_COLON,
	SCAN_NEXT, /* , or the end of what is open */
	SCAN_TEXT,
	SCAN_ESCAPE,
	SCAN_HEX,
	SCAN_WORD,
	SCAN_MINUS, /* of a number: what stands before */
	SCAN_ZERO,
	SCAN_DIGITS,
	SCAN_POINT,
	SCAN_FRACTION,
	SCAN_E,
	SCAN_SIGN,
	SCAN_EXPONENT,
	SCAN_WHOLE, /* nothing but blanks may follow */
	SCAN_BROKEN
};

void rest_scan_init(struct rest_scan *s)
{
	*s = (struct rest_scan){.state = SCAN_VALUE};
}

static bool scan_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool scan_is_hex(char c)
{
	return scan_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool scan_in_object(const struct rest_scan *s)
{
	return s->depth && (s->objects >> (s->depth - 1) & 1);
}

static bool scan_key_is(const struct rest_scan *s, const char *name)
{
	return s->key_len == strlen(name) && memcmp(s->key, name, s->key_len) == 0;
}

static void scan_keep_source(struct rest_scan *s, char c)
{
	if (s->source_len < sizeof s->source)
		s->source[s->source_len] = c;
	s->source_len++;
}

/* A value begins with c: notes what must be known of it. */
static void scan_note_value(struct rest_scan *s, char c)
{
	if (!s->depth) {
		s->is_object = c == '{';
		return;
	}
	if (s->depth == 2 && s->in_channels)
		s->items++;
	if (s->depth != 1 || !s->is_object)
		return;
	s->in_channels = scan_key_is(s, "channels");
	s->in_source = scan_key_is(s, "source");
	if (s->in_channels) { /* the last one counts, as in any JSON reader */
		s->channels_array = c == '[';
		s->channels_else = c != '[';
		s->items = 0;
	}
	s->in_channels = s->in_channels && c == '[';
	if (s->in_source)
		s->source_len = 0;
}

static int scan_open(struct rest_scan *s, bool object)
{
	if (s->depth == REST_SCAN_DEPTH)
		return SCAN_BROKEN;
	s->objects &= ~(UINT64_C(1) << s->depth);
	s->objects |= (uint64_t)object << s->depth;
	s->depth++;
	return object ? SCAN_KEY_OR_END : SCAN_VALUE_OR_END;
}

static int scan_close(struct rest_scan *s)
{
	s->depth--;
	if (s->depth <= 1)
		s->in_channels = s->in_source = false;
	return s->depth ? SCAN_NEXT : SCAN_WHOLE;
}

static int scan_after_value(struct rest_scan *s)
{
	if (s->depth <= 1)
		s->in_source = false;
	return s->depth ? SCAN_NEXT : SCAN_WHOLE;
}

static int scan_value(struct rest_scan *s, char c)
{
	static const char *const words[] = {"true", "false", "null"};

	scan_note_value(s, c);
	if (s->in_source && s->depth == 1)
		scan_keep_source(s, c);
	if (c == '{' || c == '[')
		return scan_open(s, c == '{');
	if (c == '"') {
		s->is_key = false;
		return SCAN_TEXT;
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (c == words[i][0]) {
			s->word = words[i] + 1;
			return SCAN_WORD;
		}
	if (c == '-')
		return SCAN_MINUS;
	return c == '0' ? SCAN_ZERO : scan_is_digit(c) ? SCAN_DIGITS : SCAN_BROKEN;
}

static int scan_structure(struct rest_scan *s, char c)
{
	bool object = scan_in_object(s);

	switch (s->state) {
	case SCAN_VALUE_OR_END:
		return c == ']' ? scan_close(s) : scan_value(s, c);
	case SCAN_KEY_OR_END:
	case SCAN_KEY:
		if (c == '}' && s->state == SCAN_KEY_OR_END)
			return scan_close(s);
		s->is_key = true;
		if (s->depth == 1)
			s->key_len = 0;
		return c == '"' ? SCAN_TEXT : SCAN_BROKEN;
	case SCAN_COLON:
		return c == ':' ? SCAN_VALUE : SCAN_BROKEN;
	case SCAN_NEXT:
		if (c == ',')
			return object ? SCAN_KEY : SCAN_VALUE;
		return c == (object ? '}' : ']') ? scan_close(s) : SCAN_BROKEN;
	case SCAN_WHOLE:
		return SCAN_BROKEN;
	default:
		return scan_value(s, c);
	}
}

/* One byte of a text; quotes and escapes too. */
static int scan_text(struct rest_scan *s, char c)
{
	if (s->in_source && s->depth == 1 && !s->is_key)
		scan_keep_source(s, c);
	if (s->state == SCAN_ESCAPE) {
		s->left = 4;
		return c == 'u' ? SCAN_HEX : c && strchr("\"\\/bfnrt", c) ? SCAN_TEXT : SCAN_BROKEN;
	}
	if (s->state == SCAN_HEX) {
		s->left--;
		return !scan_is_hex(c) ? SCAN_BROKEN : s->left ? SCAN_HEX : SCAN_TEXT;
	}
	if (c == '"')
		return s->is_key ? SCAN_COLON : scan_after_value(s);
	if (s->is_key && s->depth == 1) {
		if (s->key_len < sizeof s->key)
			s->key[s->key_len] = c;
		s->key_len += s->key_len <= sizeof s->key;
	}
	if ((unsigned char)c < 0x20)
		return SCAN_BROKEN;
	return c == '\\' ? SCAN_ESCAPE : SCAN_TEXT;
}

static int scan_word(struct rest_scan *s, char c)
{
	if (c != *s->word)
		return SCAN_BROKEN;
	s->word++;
	return *s->word ? SCAN_WORD : scan_after_value(s);
}

/* The state behind c, or -1 when the number ended in front of it. */
static int scan_number(const struct rest_scan *s, char c)
{
	bool digit = scan_is_digit(c), e = c == 'e' || c == 'E';

	switch (s->state) {
	case SCAN_MINUS:
		return c == '0' ? SCAN_ZERO : digit ? SCAN_DIGITS : SCAN_BROKEN;
	case SCAN_ZERO:
		return c == '.' ? SCAN_POINT : e ? SCAN_E : digit ? SCAN_BROKEN : -1;
	case SCAN_DIGITS:
		return digit ? SCAN_DIGITS : c == '.' ? SCAN_POINT : e ? SCAN_E : -1;
	case SCAN_POINT:
		return digit ? SCAN_FRACTION : SCAN_BROKEN;
	case SCAN_FRACTION:
		return digit ? SCAN_FRACTION : e ? SCAN_E : -1;
	case SCAN_E:
		return c == '+' || c == '-' ? SCAN_SIGN : digit ? SCAN_EXPONENT : SCAN_BROKEN;
	case SCAN_SIGN:
		return digit ? SCAN_EXPONENT : SCAN_BROKEN;
	default:
		return digit ? SCAN_EXPONENT : -1;
	}
}

static bool scan_is_number(int state)
{
	return state >= SCAN_MINUS && state <= SCAN_EXPONENT;
}

static void scan_byte(struct rest_scan *s, char c)
{
	if (scan_is_number(s->state)) {
		int next = scan_number(s, c);
		s->state = next < 0 ? scan_after_value(s) : next;
		if (next >= 0)
			return;
	}
	if (s->state == SCAN_TEXT || s->state == SCAN_ESCAPE || s->state == SCAN_HEX)
		s->state = scan_text(s, c);
	else if (s->state == SCAN_WORD)
		s->state = scan_word(s, c);
	else if (!scan_is_blank(c) && s->state != SCAN_BROKEN)
		s->state = scan_structure(s, c);
}

/* How many bytes of a text nobody has to look at one by one. */
static size_t scan_plain(const struct rest_scan *s, const char *text, size_t len)
{
	size_t i = 0;

	if (s->state != SCAN_TEXT || s->depth <= 1)
		return 0;
	while (i < len && text[i] != '"' && text[i] != '\\' && (unsigned char)text[i] >= 0x20)
		i++;
	return i;
}

static enum err scan_broken(const struct rest_scan *s, struct errbuf *eb)
{
	if (s->depth == REST_SCAN_DEPTH)
		return err_set(eb, ERR_INVALID, "the body is nested too deeply");
	return err_set(
	    eb, ERR_INVALID, "the body is not JSON: byte %lld makes no sense", (long long)s->bytes);
}

enum err rest_scan_add(struct rest_scan *s, const char *text, size_t len, struct errbuf *eb)
{
	for (size_t i = 0; i < len && s->state != SCAN_BROKEN;) {
		size_t plain = scan_plain(s, text + i, len - i);
		i += plain;
		s->bytes += (int64_t)plain;
		if (i == len)
			break;
		s->bytes++;
		scan_byte(s, text[i++]);
	}
	return s->state == SCAN_BROKEN ? scan_broken(s, eb) : ERR_OK;
}

enum err rest_scan_end(struct rest_scan *s, struct errbuf *eb)
{
	if (scan_is_number(s->state) && scan_number(s, ' ') < 0)
		s->state = scan_after_value(s);
	if (s->state == SCAN_BROKEN)
		return scan_broken(s, eb);
	/* a blank body is none, and none means {} */
	if (s->state == SCAN_WHOLE || (s->state == SCAN_VALUE && !s->depth))
		return ERR_OK;
	return err_set(eb, ERR_INVALID, "the body is not JSON: it ends too early");
}

enum err rest_scan_source(const struct rest_scan *s, char **out, struct errbuf *eb)
{
	json_t *text = NULL;

	*out = NULL;
	if (!s->source_len)
		return ERR_OK;
	if (s->source_len <= sizeof s->source && s->source[0] == '"')
		text = json_loadb(s->source, s->source_len, JSON_DECODE_ANY, NULL);
	if (s->source[0] == 'n')
		return ERR_OK; /* null: not given */
	if (text)
		*out = str_dup(json_string_value(text));
	json_decref(text);
	return *out ? ERR_OK
	            : err_set(eb, ERR_INVALID, "source must be a text of at most 50 characters");
}
