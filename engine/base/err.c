#include "config.h"
#include "engine/base/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	bool retry;
} err_info[] = {
#define ERR_ROW(name, word, retry) [name] = {word, retry},
    ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

/* A cut in the middle of a UTF-8 sequence would make the text invalid: drop the torn tail. */
static void err_trim_utf8(char *text, size_t len)
{
	size_t back = 0;

	while (back < 3 && len > back && ((unsigned char)text[len - 1 - back] & 0xC0) == 0x80)
		back++;
	if (len > back && (unsigned char)text[len - 1 - back] >= 0xC0) {
		unsigned char lead = (unsigned char)text[len - 1 - back];
		size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
		if (back < want)
			text[len - 1 - back] = '\0';
	}
}

static void err_format(struct errbuf *eb, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void err_format(struct errbuf *eb, const char *fmt, va_list ap)
{
	int n = vsnprintf(eb->text, sizeof eb->text, fmt, ap);

	if (n < 0)
		eb->text[0] = '\0';
	else if ((size_t)n >= sizeof eb->text)
		err_trim_utf8(eb->text, sizeof eb->text - 1);
}

enum err err_set(struct errbuf *eb, enum err code, const char *fmt, ...)
{
	va_list ap;

	if (!eb)
		return code;
	eb->code = code;
	va_start(ap, fmt);
	err_format(eb, fmt, ap);
	va_end(ap);
	return code;
}

enum err err_prefix(struct errbuf *eb, const char *fmt, ...)
{
	struct errbuf head;
	char tail[sizeof eb->text];
	va_list ap;

	if (!eb)
		return ERR_INVALID;
	memcpy(tail, eb->text, sizeof tail);
	va_start(ap, fmt);
	err_format(&head, fmt, ap);
	va_end(ap);
	return err_set(eb, eb->code, "%s: %s", head.text, tail);
}

const char *err_word(enum err code)
{
	if ((size_t)code >= sizeof err_info / sizeof err_info[0])
		return "unknown error";
	return err_info[code].word;
}

bool err_is_temporary(enum err code)
{
	return (size_t)code < sizeof err_info / sizeof err_info[0] && err_info[code].retry;
}

const char *err_text(const struct errbuf *eb)
{
	if (!eb)
		return "unknown error";
	return eb->text[0] ? eb->text : err_word(eb->code);
}
