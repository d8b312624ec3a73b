#include "config.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_init(struct str *s, size_t limit)
{
	*s = (struct str){.limit = limit};
}

void str_done(struct str *s)
{
	free(s->text);
	*s = (struct str){.limit = s->limit};
}

void str_reset(struct str *s)
{
	s->len = 0;
	s->err = ERR_OK;
	if (s->text)
		s->text[0] = '\0';
}

char *str_room(struct str *s, size_t more)
{
	size_t need, cap;
	char *grown;

	if (s->err)
		return NULL;
	if (more > s->limit - s->len) {
		s->err = ERR_LIMIT;
		return NULL;
	}
	need = s->len + more + 1;
	if (need <= s->cap)
		return s->text + s->len;
	cap = s->cap ? s->cap : 64;
	while (cap < need)
		cap *= 2;
	grown = realloc(s->text, cap);
	if (!grown) {
		s->err = ERR_NOMEM;
		return NULL;
	}
	s->text = grown;
	s->cap = cap;
	return s->text + s->len;
}

void str_grown(struct str *s, size_t by)
{
	if (s->err)
		return;
	s->len += by;
	s->text[s->len] = '\0';
}

void str_add(struct str *s, const char *text, size_t len)
{
	char *to = str_room(s, len);

	if (!to)
		return;
	if (len)
		memcpy(to, text, len);
	str_grown(s, len);
}

void str_adds(struct str *s, const char *text)
{
	str_add(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_add(s, &c, 1);
}

void str_addv(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *to;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		s->err = s->err ? s->err : ERR_INVALID;
		return;
	}
	to = str_room(s, (size_t)n);
	if (!to)
		return;
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	str_grown(s, (size_t)n);
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(s, fmt, ap);
	va_end(ap);
}

const char *str_get(const struct str *s)
{
	return s->text && s->len ? s->text : "";
}

char *str_take(struct str *s)
{
	char *text = NULL;

	if (!s->err)
		text = s->text ? s->text : str_dup("");
	if (text != s->text)
		free(s->text);
	*s = (struct str){.limit = s->limit};
	return text;
}

enum err str_to_i64_n(const char *text, size_t len, int64_t min, int64_t max, int64_t *out)
{
	bool minus = len && text[0] == '-';
	size_t i = len && (text[0] == '-' || text[0] == '+') ? 1 : 0;
	int64_t v = 0;

	if (i == len)
		return ERR_INVALID;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_INVALID;
		/* negative all along: INT64_MIN has no positive twin */
		if (v < (INT64_MIN + (text[i] - '0')) / 10)
			return ERR_LIMIT;
		v = v * 10 - (text[i] - '0');
	}
	if (!minus && v == INT64_MIN)
		return ERR_LIMIT;
	v = minus ? v : -v;
	if (v < min || v > max)
		return ERR_LIMIT;
	*out = v;
	return ERR_OK;
}

enum err str_to_i64(const char *text, int64_t min, int64_t max, int64_t *out)
{
	return str_to_i64_n(text, strlen(text), min, max, out);
}

enum err str_to_double(const char *text, double min, double max, double *out)
{
	double v = 0, scale = 1;
	size_t i = 0, digits = 0;
	bool minus = text[0] == '-';

	if (text[0] == '-' || text[0] == '+')
		i++;
	for (; text[i] >= '0' && text[i] <= '9' && digits < 15; i++, digits++)
		v = v * 10 + (text[i] - '0');
	if (text[i] == '.')
		for (i++; text[i] >= '0' && text[i] <= '9' && digits < 30; i++, digits++) {
			scale /= 10;
			v += (text[i] - '0') * scale;
		}
	if (!digits || text[i])
		return ERR_INVALID;
	v = minus ? -v : v;
	if (v < min || v > max)
		return ERR_LIMIT;
	*out = v;
	return ERR_OK;
}

char *str_dup_n(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *str_dup(const char *text)
{
	return str_dup_n(text, strlen(text));
}

static char str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_is_equal_nocase(const char *a, const char *b)
{
	while (*a && str_lower(*a) == str_lower(*b)) {
		a++;
		b++;
	}
	return str_lower(*a) == str_lower(*b);
}
