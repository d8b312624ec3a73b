#include "config.h"
#include "tui/prefs.h"
#include "tui/config_file.h"
#include "tui/out_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	PREFS_REFRESH_MS = 500,
	PREFS_REFRESH_LEAST = 200,
	PREFS_REFRESH_MOST = 60000,
	PREFS_UNDO_MS = 5000,
	PREFS_UNDO_MOST = 60000
};

/* ---- values ---- */

/* "500ms", "1s" */
static bool pref_parse_ms(const char *text, int64_t least, int64_t most, int *out)
{
	size_t digits = strspn(text, "0123456789");
	int64_t n, unit = strcmp(text + digits, "ms") == 0  ? 1
	                  : strcmp(text + digits, "s") == 0 ? 1000
	                                                    : 0;

	if (!unit || str_to_i64_n(text, digits, 0, most, &n) || n * unit < least || n * unit > most)
		return false;
	*out = (int)(n * unit);
	return true;
}

static void pref_format_ms(int ms, char *out)
{
	if (ms % 1000)
		snprintf(out, PREF_VALUE, "%dms", ms);
	else
		snprintf(out, PREF_VALUE, "%ds", ms / 1000);
}

static bool pref_parse_switch(const char *text, bool *out)
{
	*out = strcmp(text, "on") == 0;
	return *out || strcmp(text, "off") == 0;
}

static bool pref_parse_word(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (!len || len >= size ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != len)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

static bool pref_parse_theme(struct prefs *p, const char *text)
{
	return pref_parse_word(text, p->theme, sizeof p->theme);
}

static void pref_format_theme(const struct prefs *p, char *out)
{
	snprintf(out, PREF_VALUE, "%s", p->theme);
}

static bool pref_parse_refresh(struct prefs *p, const char *text)
{
	return pref_parse_ms(text, PREFS_REFRESH_LEAST, PREFS_REFRESH_MOST, &p->refresh_ms);
}

static void pref_format_refresh(const struct prefs *p, char *out)
{
	pref_format_ms(p->refresh_ms, out);
}

static bool pref_parse_undo(struct prefs *p, const char *text)
{
	if (strcmp(text, "off") != 0)
		return pref_parse_ms(text, 1000, PREFS_UNDO_MOST, &p->undo_ms);
	p->undo_ms = -1;
	return true;
}

static void pref_format_undo(const struct prefs *p, char *out)
{
	if (p->undo_ms < 0)
		snprintf(out, PREF_VALUE, "off");
	else
		pref_format_ms(p->undo_ms, out);
}

static bool pref_parse_bell(struct prefs *p, const char *text)
{
	return pref_parse_switch(text, &p->bell);
}

static void pref_format_bell(const struct prefs *p, char *out)
{
	snprintf(out, PREF_VALUE, "%s", p->bell ? "on" : "off");
}

static bool pref_parse_note(struct prefs *p, const char *text)
{
	return pref_parse_switch(text, &p->note);
}

static void pref_format_note(const struct prefs *p, char *out)
{
	snprintf(out, PREF_VALUE, "%s", p->note ? "on" : "off");
}

static bool pref_parse_ascii(struct prefs *p, const char *text)
{
	return pref_parse_switch(text, &p->ascii);
}

static void pref_format_ascii(const struct prefs *p, char *out)
{
	snprintf(out, PREF_VALUE, "%s", p->ascii ? "on" : "off");
}

static bool pref_parse_view(struct prefs *p, const char *text)
{
	return pref_parse_word(text, p->view, sizeof p->view);
}

static void pref_format_view(const struct prefs *p, char *out)
{
	snprintf(out, PREF_VALUE, "%s", p->view);
}

/* ---- the table ---- */

static const struct pref_row {
	const char *name, *may_be, *help;
	bool (*parse)(struct prefs *p, const char *text);
	void (*format)(const struct prefs *p, char *out);
} pref_rows[PREF_COUNT] = {
    [PREF_THEME] = {"theme", "auto or the name of a theme", "colours", pref_parse_theme,
        pref_format_theme},
    [PREF_REFRESH] = {"refresh", "200ms to 60s", "how often numbers are renewed",
        pref_parse_refresh, pref_format_refresh},
    [PREF_UNDO] = {"undo", "1s to 60s, or off", "how long an action waits to be undone",
        pref_parse_undo, pref_format_undo},
    [PREF_BELL] = {"bell", "on or off", "rings when something needs you or a job ends",
        pref_parse_bell, pref_format_bell},
    [PREF_NOTE] = {"note", "on or off", "a note on the desktop when the bell would ring (OSC 9)",
        pref_parse_note, pref_format_note},
    [PREF_ASCII] = {"ascii", "on or off", "no signs beyond ASCII", pref_parse_ascii,
        pref_format_ascii},
    [PREF_VIEW] = {"view", "the name of a view", "what is shown first", pref_parse_view,
        pref_format_view},
};

void prefs_init(struct prefs *p)
{
	*p = (struct prefs){.theme = "auto",
	    .refresh_ms = PREFS_REFRESH_MS,
	    .undo_ms = PREFS_UNDO_MS,
	    .view = "dash"};
}

const char *pref_name(enum pref i)
{
	return pref_rows[i].name;
}

const char *pref_help(enum pref i)
{
	return pref_rows[i].help;
}

void pref_origin(const struct prefs *p, enum pref i, char *out, size_t size)
{
	if (p->line[i] > 0)
		snprintf(out, size, "line %d of the file", p->line[i]);
	else
		snprintf(out, size, "%s", p->line[i] ? "set here" : "default");
}

char *pref_value(const struct prefs *p, enum pref i, char *out)
{
	pref_rows[i].format(p, out);
	return out;
}

static enum pref pref_find(const char *name, size_t len)
{
	int i = 0;

	while (i < PREF_COUNT &&
	       (strlen(pref_rows[i].name) != len || strncmp(pref_rows[i].name, name, len) != 0))
		i++;
	return (enum pref)i;
}

enum err prefs_set(struct prefs *p, const char *name, const char *value, struct errbuf *eb)
{
	enum pref i = pref_find(name, strlen(name));

	if (i == PREF_COUNT)
		return err_set(eb, ERR_NOTFOUND, "there is no setting %.40s", name);
	if (!pref_rows[i].parse(p, value))
		return err_set(eb, ERR_INVALID, "%s is %s, not \"%.60s\"", pref_rows[i].name,
		    pref_rows[i].may_be, value);
	p->line[i] = -1;
	return ERR_OK;
}

/* ---- the file ---- */

/* A line taken apart; name_len 0: it says nothing. */
struct prefs_line {
	const char *name;
	size_t name_len;
	char value[PREF_VALUE];
	bool whole; /* it has an "=", and its value fits */
};

static void prefs_split(const char *text, size_t len, struct prefs_line *out)
{
	const char *eq = memchr(text, '=', len), *value;
	size_t left;

	*out = (struct prefs_line){.name = text};
	while (out->name < text + len && (*out->name == ' ' || *out->name == '\t'))
		out->name++;
	out->name_len = (size_t)((eq ? eq : text + len) - out->name);
	while (out->name_len && strchr(" \t\r", out->name[out->name_len - 1]))
		out->name_len--;
	if (out->name_len && *out->name == '#')
		out->name_len = 0;
	if (!eq || !out->name_len)
		return;
	value = eq + 1;
	left = (size_t)(text + len - value);
	while (left && (*value == ' ' || *value == '\t')) {
		value++;
		left--;
	}
	while (left && strchr(" \t\r", value[left - 1]))
		left--;
	out->whole = left < sizeof out->value && !memchr(value, 0, left);
	if (out->whole)
		memcpy(out->value, value, left);
}

static enum err prefs_take_line(
    struct prefs *p, const char *path, int n, const struct prefs_line *line, struct errbuf *eb)
{
	struct errbuf why = {.code = ERR_OK};
	enum pref i = pref_find(line->name, line->name_len);
	enum err err = ERR_INVALID;

	if (!line->whole)
		err_set(&why, ERR_INVALID, "write NAME = VALUE");
	else if (i == PREF_COUNT)
		err_set(&why, ERR_INVALID, "there is no such setting");
	else
		err = prefs_set(p, pref_rows[i].name, line->value, &why);
	if (err)
		return config_file_wrong(path, n, err_text(&why), eb);
	p->line[i] = n;
	return ERR_OK;
}

enum err prefs_read(struct prefs *p, const char *path, struct errbuf *eb)
{
	struct str text;
	struct prefs_line line;
	enum err err, first;
	int n = 0;

	str_init(&text, PREF_FILE_BYTES);
	first = config_file_read(path, &text, eb);
	if (first) {
		str_done(&text);
		return first == ERR_NOTFOUND ? ERR_OK : first;
	}
	for (const char *at = str_get(&text); *at;) {
		size_t len = strcspn(at, "\n");
		prefs_split(at, len, &line);
		n++;
		err =
		    line.name_len ? prefs_take_line(p, path, n, &line, first ? NULL : eb) : ERR_OK;
		first = first ? first : err;
		at += len + (at[len] == '\n');
	}
	str_done(&text);
	return first;
}

static void prefs_add(const struct prefs *p, enum pref i, struct str *out)
{
	char value[PREF_VALUE];

	str_addf(out, "%s = %s\n", pref_rows[i].name, pref_value(p, i, value));
}

/* What the file says, with our values in the places of theirs; then those it lacks. */
static void prefs_merge(const struct prefs *p, const char *old, struct str *out)
{
	bool written[PREF_COUNT] = {false};
	struct prefs_line line;

	if (!*old)
		str_adds(out, "# How the console of tubeops looks; :set shows what there is.\n");
	while (*old) {
		size_t len = strcspn(old, "\n");
		enum pref i;
		prefs_split(old, len, &line);
		i = line.name_len ? pref_find(line.name, line.name_len) : PREF_COUNT;
		if (i == PREF_COUNT) {
			str_add(out, old, len);
			str_addc(out, '\n');
		} else if (!written[i]) {
			prefs_add(p, i, out);
			written[i] = true;
		}
		old += len + (old[len] == '\n');
	}
	for (int i = 0; i < PREF_COUNT; i++)
		if (!written[i] && p->line[i])
			prefs_add(p, (enum pref)i, out);
}

/* The folders above a file, as far as they lack. */
static void prefs_make_folders(const char *path)
{
	char *copy = str_dup(path);

	for (char *at = copy ? strchr(copy + 1, '/') : NULL; at; at = strchr(at + 1, '/')) {
		*at = 0;
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			break; /* opening the file will say why */
		*at = '/';
	}
	free(copy);
}

enum err prefs_write(const struct prefs *p, const char *path, struct errbuf *eb)
{
	struct out_file f;
	struct str old, text;
	enum err err;

	str_init(&old, PREF_FILE_BYTES);
	str_init(&text, 2 * PREF_FILE_BYTES);
	err = config_file_read(path, &old, eb);
	err = err == ERR_NOTFOUND ? ERR_OK : err;
	prefs_merge(p, str_get(&old), &text);
	if (!err && text.err)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err) {
		prefs_make_folders(path);
		err = out_file_open(&f, path, true, eb);
	}
	if (!err) {
		fputs(str_get(&text), f.out);
		err = out_file_close(&f, ERR_OK, eb);
	}
	str_done(&old);
	str_done(&text);
	return err;
}
