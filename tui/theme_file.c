#include "config.h"
#include "tui/theme_file.h"
#include "tui/config_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THEME_PATH = 4096, THEME_LINE = 200, THEME_FOLDERS = 3 };

static const char theme_ending[] = ".theme";

/* ---- one file's text ---- */

/* A file being read. */
struct theme_reader {
	const char *file;
	int line;
	struct theme theme;
	enum theme_level level;
	bool in_section;
	struct errbuf *eb;
};

static enum err theme_wrong(const struct theme_reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static enum err theme_wrong(const struct theme_reader *r, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return config_file_wrong(r->file, r->line, what, r->eb);
}

static enum err theme_section(struct theme_reader *r, const char *text)
{
	static const char *const words[THEME_LEVELS] = {"[256]", "[16]", "[8]", "[none]"};

	for (int i = 0; i < THEME_LEVELS; i++)
		if (strcmp(text, words[i]) == 0) {
			r->level = (enum theme_level)i;
			r->in_section = true;
			return ERR_OK;
		}
	return theme_wrong(r, "a section is [256], [16], [8] or [none]");
}

static enum err theme_colour(const struct theme_reader *r, const char *word, int *out)
{
	static const int most[THEME_LEVELS] = {255, 15, 7, -1};
	int64_t n;

	*out = THEME_DEFAULT;
	if (strcmp(word, "default") == 0)
		return ERR_OK;
	if (most[r->level] < 0)
		return theme_wrong(r, "without colours there is only \"default\"");
	if (str_to_i64(word, 0, most[r->level], &n))
		return theme_wrong(
		    r, "a colour is \"default\" or a number from 0 to %d", most[r->level]);
	*out = (int)n;
	return ERR_OK;
}

static enum err theme_flag(
    const struct theme_reader *r, const char *word, struct theme_style *style)
{
	if (strcmp(word, "bold") == 0)
		style->bold = true;
	else if (strcmp(word, "dim") == 0)
		style->dim = true;
	else if (strcmp(word, "reverse") == 0)
		style->reverse = true;
	else
		return theme_wrong(r, "behind a colour may stand bold, dim and reverse");
	return ERR_OK;
}

/* "166 bold" */
static enum err theme_looks(const struct theme_reader *r, char *text, struct theme_style *style)
{
	char *rest = NULL, *word = strtok_r(text, " \t", &rest);
	enum err err;

	*style = (struct theme_style){0};
	if (!word)
		return theme_wrong(r, "a colour is missing behind \"=\"");
	err = theme_colour(r, word, &style->colour);
	while (!err && (word = strtok_r(NULL, " \t", &rest)))
		err = theme_flag(r, word, style);
	return err;
}

static enum err theme_role(struct theme_reader *r, char *text)
{
	char *eq = strchr(text, '=');
	size_t len = eq ? (size_t)(eq - text) : 0;
	int role = 0;

	if (!eq)
		return theme_wrong(r, "write ROLE = COLOUR");
	if (!r->in_section)
		return theme_wrong(r, "write [256], [16], [8] or [none] first");
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	while (role < ROLE_COUNT && (strlen(role_word((enum role)role)) != len ||
	                                strncmp(role_word((enum role)role), text, len) != 0))
		role++;
	if (role == ROLE_COUNT)
		return theme_wrong(
		    r, "a role is one of: normal ok busy warn error off title key rule");
	return theme_looks(r, eq + 1, &r->theme.styles[r->level][role]);
}

/* One line without its end. */
static enum err theme_line(struct theme_reader *r, const char *text, size_t len)
{
	char line[THEME_LINE + 1];

	if (len > THEME_LINE)
		return theme_wrong(r, "the line is longer than %d bytes", THEME_LINE);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\t' && text[i] != '\r')
			return theme_wrong(r, "a control character stands here");
	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	memcpy(line, text, len);
	line[len] = 0;
	if (!len || *line == '#')
		return ERR_OK;
	return *line == '[' ? theme_section(r, line) : theme_role(r, line);
}

enum err theme_parse(
    const char *file, const char *text, size_t len, struct theme *out, struct errbuf *eb)
{
	struct theme_reader r = {.file = file, .eb = eb};
	char name[THEME_NAME];
	enum err err = ERR_OK;

	snprintf(name, sizeof name, "%s", out->name);
	theme_builtin(&r.theme, theme_find("dark"), false);
	while (len && !err) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		r.line++;
		err = theme_line(&r, text, n);
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
	if (err)
		return err;
	*out = r.theme;
	memcpy(out->name, name, sizeof out->name);
	return ERR_OK;
}

/* ---- where files are ---- */

static bool theme_name_is_good(const char *name)
{
	size_t len = strlen(name);

	return len && len < THEME_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
	           len;
}

/* Folder i, nearest first; "" when there is none. */
static void theme_folder(int i, struct str *out)
{
	if (i == 0)
		config_file_path("themes", out);
	else
		str_adds(out, i == 1 ? THEME_DATA_DIR : THEME_SOURCE_DIR);
}

static enum err theme_load_from(int folder, const char *name, struct theme *out, struct errbuf *eb)
{
	struct theme theme = {0};
	struct str path, text;
	enum err err = ERR_NOTFOUND;

	str_init(&path, THEME_PATH);
	str_init(&text, THEME_FILE_BYTES);
	theme_folder(folder, &path);
	if (path.len) {
		str_addf(&path, "/%s%s", name, theme_ending);
		snprintf(theme.name, sizeof theme.name, "%s", name);
		err = path.err ? ERR_NOTFOUND : config_file_read(str_get(&path), &text, eb);
	}
	if (!err)
		err = theme_parse(str_get(&path), str_get(&text), text.len, &theme, eb);
	if (!err)
		*out = theme;
	str_done(&path);
	str_done(&text);
	return err;
}

enum err theme_load(const char *name, struct theme *out, struct errbuf *eb)
{
	enum err err = ERR_NOTFOUND;

	if (!theme_name_is_good(name))
		return err_set(eb, ERR_INVALID,
		    "a theme's name has letters, digits, _ and -, at most %d", THEME_NAME - 1);
	for (int i = 0; i < THEME_FOLDERS && err == ERR_NOTFOUND; i++)
		err = theme_load_from(i, name, out, eb);
	if (err != ERR_NOTFOUND)
		return err;
	if (theme_find(name) == THEME_AUTO)
		return err_set(
		    eb, ERR_NOTFOUND, "there is no theme %s; Tab after :theme shows all", name);
	theme_builtin(out, theme_find(name), false);
	return ERR_OK;
}

/* ---- all names ---- */

/* Names told so far, with a blank before and after each. */
struct theme_told {
	struct str names;
	theme_name_fn *fn;
	void *arg;
};

static void theme_tell(struct theme_told *told, const char *name)
{
	char word[THEME_NAME + 2];

	snprintf(word, sizeof word, " %s ", name);
	if (strstr(str_get(&told->names), word))
		return;
	str_adds(&told->names, word);
	told->fn(told->arg, name);
}

static void theme_tell_folder(struct theme_told *told, int folder)
{
	struct str path;
	struct dirent *entry;
	DIR *dir = NULL;

	str_init(&path, THEME_PATH);
	theme_folder(folder, &path);
	if (path.len)
		dir = opendir(str_get(&path));
	while (dir && (entry = readdir(dir))) {
		char name[sizeof entry->d_name];
		char *end;
		snprintf(name, sizeof name, "%s", entry->d_name);
		end = strstr(name, theme_ending);
		if (!end || end[sizeof theme_ending - 1])
			continue;
		*end = 0;
		if (theme_name_is_good(name))
			theme_tell(told, name);
	}
	if (dir)
		closedir(dir);
	str_done(&path);
}

void theme_each(theme_name_fn *fn, void *arg)
{
	struct theme_told told = {.fn = fn, .arg = arg};

	str_init(&told.names, THEME_FILE_BYTES);
	for (int i = 0; theme_name(i); i++)
		theme_tell(&told, theme_name(i));
	for (int i = 0; i < THEME_FOLDERS; i++)
		theme_tell_folder(&told, i);
	str_done(&told.names);
}
