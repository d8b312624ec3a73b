#include "config.h"
#include "engine/base/env_file.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ENV_FILE_LIMIT = 1024 * 1024 };

struct env_reader {
	const char *path;
	const char *p, *end;
	int line;
	struct str name, value;
};

static bool env_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static void env_skip_blanks(struct env_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
		r->p++;
}

static bool env_at_line_end(const struct env_reader *r)
{
	return r->p == r->end || *r->p == '\n' ||
	       (*r->p == '\r' && (r->p + 1 == r->end || r->p[1] == '\n'));
}

static void env_skip_line(struct env_reader *r)
{
	while (r->p < r->end && *r->p != '\n')
		r->p++;
	if (r->p < r->end)
		r->p++;
	r->line++;
}

static char env_escape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

/* At an opening quote. False when the file ends before the closing one. */
static bool env_quoted(struct env_reader *r)
{
	char quote = *r->p++;

	for (; r->p < r->end && *r->p != quote; r->p++) {
		if (*r->p == '\n')
			r->line++;
		if (*r->p == '\\' && quote == '"' && r->p + 1 < r->end)
			str_addc(&r->value, env_escape(*++r->p));
		else if (*r->p != '\r' || r->p + 1 == r->end || r->p[1] != '\n')
			str_addc(&r->value, *r->p);
	}
	if (r->p == r->end)
		return false;
	r->p++;
	return true;
}

/* Up to a comment (a # after a blank) or the line's end; blanks at the end go. */
static void env_plain(struct env_reader *r)
{
	const char *from = r->p, *to;

	while (!env_at_line_end(r) &&
	       !(*r->p == '#' && (r->p == from || r->p[-1] == ' ' || r->p[-1] == '\t')))
		r->p++;
	for (to = r->p; to > from && (to[-1] == ' ' || to[-1] == '\t'); to--)
		;
	str_add(&r->value, from, (size_t)(to - from));
}

static enum err env_spoilt(struct env_reader *r, enum err err, int line, struct errbuf *eb)
{
	return err_set(eb, err, "%s:%d: %s", r->path, line,
	    err == ERR_LIMIT ? "name or value too long" : err_word(err));
}

static enum err env_pair(struct env_reader *r, struct errbuf *eb)
{
	const char *from = r->p;
	int line = r->line;

	while (r->p < r->end && env_is_name(*r->p))
		r->p++;
	str_reset(&r->name);
	str_reset(&r->value);
	str_add(&r->name, from, (size_t)(r->p - from));
	env_skip_blanks(r);
	if (r->name.err)
		return env_spoilt(r, r->name.err, line, eb);
	if (!r->name.len || (*from >= '0' && *from <= '9') || r->p == r->end || *r->p != '=')
		return err_set(eb, ERR_INVALID, "%s:%d: expected NAME=value", r->path, line);
	r->p++;
	env_skip_blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		if (!env_quoted(r))
			return err_set(eb, ERR_INVALID, "%s:%d: %s: the closing quote is missing",
			    r->path, line, str_get(&r->name));
		env_skip_blanks(r);
		if (!env_at_line_end(r) && *r->p != '#')
			return err_set(eb, ERR_INVALID, "%s:%d: %s: text after the closing quote",
			    r->path, r->line, str_get(&r->name));
	} else {
		env_plain(r);
	}
	if (r->value.err)
		return env_spoilt(r, r->value.err, line, eb);
	if (memchr(str_get(&r->value), '\0', r->value.len) ||
	    !text_is_clean(str_get(&r->value), r->value.len))
		return err_set(eb, ERR_INVALID,
		    "%s:%d: %s: value holds control characters or bytes "
		    "that are no UTF-8",
		    r->path, line, str_get(&r->name));
	return ERR_OK;
}

enum err env_file_parse(
    const char *path, const char *text, size_t len, env_file_fn *fn, void *arg, struct errbuf *eb)
{
	struct env_reader r = {.path = path, .p = text, .end = text + len, .line = 1};
	enum err err = ERR_OK;

	str_init(&r.name, 256);
	str_init(&r.value, 64 * 1024);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		r.p += 3;
	while (!err && r.p < r.end) {
		int line = r.line;
		env_skip_blanks(&r);
		if (env_at_line_end(&r) || *r.p == '#') {
			env_skip_line(&r);
			continue;
		}
		if (r.end - r.p > 7 && memcmp(r.p, "export", 6) == 0 &&
		    (r.p[6] == ' ' || r.p[6] == '\t')) {
			r.p += 6;
			env_skip_blanks(&r);
		}
		err = env_pair(&r, eb);
		if (!err)
			err = fn(arg, str_get(&r.name), str_get(&r.value), line, eb);
		env_skip_line(&r);
	}
	str_done(&r.name);
	str_done(&r.value);
	return err;
}

enum err env_file_read(const char *path, env_file_fn *fn, void *arg, struct errbuf *eb)
{
	FILE *f = fopen(path, "re");
	struct str s;
	enum err err;
	size_t n;
	char *to;

	if (!f)
		return err_set(
		    eb, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", path, strerror(errno));
	str_init(&s, ENV_FILE_LIMIT + 4096); /* room to read past the limit, to see that it is */
	while ((to = str_room(&s, 4096)) && (n = fread(to, 1, 4096, f)) > 0)
		str_grown(&s, n);
	if (ferror(f))
		err = err_set(eb, ERR_IO, "%s: cannot be read", path);
	else if (s.err == ERR_NOMEM)
		err = err_set(eb, ERR_NOMEM, "%s: out of memory", path);
	else if (s.err || s.len > ENV_FILE_LIMIT)
		err = err_set(eb, ERR_LIMIT, "%s: larger than 1 MiB, which no .env file is", path);
	else
		err = env_file_parse(path, str_get(&s), s.len, fn, arg, eb);
	fclose(f);
	str_done(&s);
	return err;
}
