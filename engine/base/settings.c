#include "config.h"
#include "engine/base/settings.h"
#include "engine/base/env_file.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTING_FAMILY_MAX = 1000 };

struct setting_value {
	struct setting_value *next;
	enum setting id;
	int n;
	int rank; /* of the origin: file 1, environment 2, flag 3 */
	char *origin;
	char *text;            /* NULL for secrets */
	struct secret *secret; /* NULL for the rest */
	int64_t number;
	double decimal;
};

struct settings {
	struct setting_value *values;
	int family_max[SET_COUNT];
};

static const struct setting_info settings_table[SET_COUNT] = {
#define SETTING_ROW(id, name, alias, type, def, least, most, help) \
	[id] = {name, alias, SETTING_##type, def, least, most, help},
    SETTING_LIST(SETTING_ROW)
#undef SETTING_ROW
};

const struct setting_info *settings_info(enum setting id)
{
	return &settings_table[id];
}

const char *settings_environment(const char *name)
{
	return getenv(name);
}

/* Does name fit the pattern, whose # stands for a number from 1 without leading zero? */
static bool settings_name_fits(const char *pattern, const char *name, int *n)
{
	const char *hash = strchr(pattern, '#');
	size_t head = hash ? (size_t)(hash - pattern) : 0, digits = 0;
	int64_t number;

	*n = 0;
	if (!hash)
		return strcmp(pattern, name) == 0;
	if (strncmp(pattern, name, head) != 0)
		return false;
	while (name[head + digits] >= '0' && name[head + digits] <= '9')
		digits++;
	if (!digits || name[head] == '0' || strcmp(hash + 1, name + head + digits) != 0 ||
	    str_to_i64_n(name + head, digits, 1, SETTING_FAMILY_MAX, &number))
		return false;
	*n = (int)number;
	return true;
}

/* SET_COUNT when no setting has that name. */
static enum setting settings_find_name(const char *name, int *n)
{
	int id;

	for (id = 0; id < SET_COUNT; id++) {
		const struct setting_info *info = &settings_table[id];
		if (settings_name_fits(info->name, name, n) ||
		    (info->alias && settings_name_fits(info->alias, name, n)))
			break;
	}
	return (enum setting)id;
}

static struct setting_value *settings_value(const struct settings *s, enum setting id, int n)
{
	struct setting_value *v = s->values;

	while (v && (v->id != id || v->n != n))
		v = v->next;
	return v;
}

static void settings_value_free(struct setting_value *v)
{
	if (!v)
		return;
	free(v->origin);
	free(v->text);
	secret_free(v->secret);
	free(v);
}

/* A wrong value in a message: masked and short, for it may be a key in the wrong place. */
static enum err settings_refuse(const char *name, const char *text, const char *wanted,
    const struct setting_info *info, struct errbuf *eb)
{
	struct str shown;

	str_init(&shown, 4096);
	text_mask_secrets(text, strlen(text) < 1000 ? strlen(text) : 1000, &shown);
	err_set(eb, ERR_INVALID, "%s: \"%.24s%s\" is not %s", name, str_get(&shown),
	    shown.len > 24 ? "…" : "", wanted);
	if (info->type != SETTING_FLAG)
		err_set(eb, ERR_INVALID, "%s: \"%.24s%s\" is not %s from %lld to %lld", name,
		    str_get(&shown), shown.len > 24 ? "…" : "", wanted, (long long)info->least,
		    (long long)info->most);
	str_done(&shown);
	return ERR_INVALID;
}

static enum err settings_check_number(const struct setting_info *info, const char *name,
    const char *text, int64_t *out, struct errbuf *eb)
{
	if (str_to_i64(text, info->least, info->most, out))
		return settings_refuse(name, text, "a whole number", info, eb);
	return ERR_OK;
}

static enum err settings_check_flag(const struct setting_info *info, const char *name,
    const char *text, int64_t *out, struct errbuf *eb)
{
	static const char *const words[] = {"0", "1", "no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_is_equal_nocase(text, words[i])) {
			*out = i % 2;
			return ERR_OK;
		}
	return settings_refuse(name, text, "0 or 1 (no, yes)", info, eb);
}

/* Fills the typed fields of v from text. An empty number means its default. */
static enum err settings_convert(
    struct setting_value *v, const char *name, const char *text, struct errbuf *eb)
{
	const struct setting_info *info = &settings_table[v->id];

	if (!*text && info->type != SETTING_TEXT && info->type != SETTING_SECRET_TEXT)
		text = info->fallback;
	switch (info->type) {
	case SETTING_SECRET_TEXT:
		v->secret = secret_new(text, strlen(text));
		return v->secret ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	case SETTING_NUMBER:
		if (settings_check_number(info, name, text, &v->number, eb))
			return ERR_INVALID;
		break;
	case SETTING_FLAG:
		if (settings_check_flag(info, name, text, &v->number, eb))
			return ERR_INVALID;
		break;
	case SETTING_DECIMAL:
		if (str_to_double(text, (double)info->least, (double)info->most, &v->decimal))
			return settings_refuse(name, text, "a number", info, eb);
		break;
	case SETTING_TEXT:
		break;
	}
	v->text = str_dup(text);
	return v->text ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

static enum err settings_put(struct settings *s, enum setting id, int n, const char *name,
    const char *text, const char *origin, int rank, struct errbuf *eb)
{
	struct setting_value *old = settings_value(s, id, n), **link;
	struct setting_value *v;
	enum err err;

	if (old && old->rank > rank)
		return ERR_OK;
	v = calloc(1, sizeof *v);
	if (!v)
		return err_set(eb, ERR_NOMEM, "out of memory");
	v->id = id;
	v->n = n;
	v->rank = rank;
	v->origin = str_dup(origin);
	err = v->origin ? settings_convert(v, name, text, eb)
	                : err_set(eb, ERR_NOMEM, "out of memory");
	if (err) {
		settings_value_free(v);
		return err;
	}
	for (link = &s->values; *link; link = &(*link)->next)
		if (*link == old) {
			*link = old->next;
			settings_value_free(old);
			break;
		}
	v->next = s->values;
	s->values = v;
	if (n > s->family_max[id])
		s->family_max[id] = n;
	return ERR_OK;
}

struct settings_file {
	struct settings *s;
	const char *path;
};

static enum err settings_from_file(
    void *arg, const char *name, const char *value, int line, struct errbuf *eb)
{
	struct settings_file *f = arg;
	struct str origin;
	enum err err;
	int n;
	enum setting id = settings_find_name(name, &n);

	if (id == SET_COUNT)
		return ERR_OK; /* .env files are shared with other programs */
	str_init(&origin, 4096);
	str_addf(&origin, "%s:%d", f->path, line);
	err = origin.err ? err_set(eb, origin.err, "%s", err_word(origin.err))
	                 : settings_put(f->s, id, n, name, value, str_get(&origin), 1, eb);
	if (err)
		err_prefix(eb, "%s", str_get(&origin));
	str_done(&origin);
	return err;
}

static enum err settings_from_environment(struct settings *s, struct errbuf *eb)
{
	extern char **environ;
	enum err err = ERR_OK;

	for (char **e = environ; *e && !err; e++) {
		const char *eq = strchr(*e, '=');
		char *name = eq ? str_dup_n(*e, (size_t)(eq - *e)) : NULL;
		int n;
		enum setting id = name ? settings_find_name(name, &n) : SET_COUNT;
		if (eq && !name)
			err = err_set(eb, ERR_NOMEM, "out of memory");
		if (id != SET_COUNT)
			err = settings_put(s, id, n, name, eq + 1, "environment", 2, eb);
		if (err)
			err_prefix(eb, "environment");
		free(name);
	}
	return err;
}

enum err settings_load(struct settings **out, const char *env_path, struct errbuf *eb)
{
	struct settings *s = calloc(1, sizeof *s);
	struct settings_file file = {s, env_path ? env_path : ".env"};
	enum err err;

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = env_file_read(file.path, settings_from_file, &file, eb);
	if (err == ERR_NOTFOUND && !env_path)
		err = ERR_OK;
	if (!err)
		err = settings_from_environment(s, eb);
	if (err) {
		settings_free(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void settings_free(struct settings *s)
{
	if (!s)
		return;
	while (s->values) {
		struct setting_value *next = s->values->next;
		settings_value_free(s->values);
		s->values = next;
	}
	free(s);
}

enum err settings_set(
    struct settings *s, const char *name, const char *value, const char *origin, struct errbuf *eb)
{
	int n;
	enum setting id = settings_find_name(name, &n);

	if (id == SET_COUNT)
		return err_set(eb, ERR_NOTFOUND, "there is no setting named %s", name);
	return settings_put(s, id, n, origin, value, origin, 3, eb);
}

const char *settings_text(const struct settings *s, enum setting id, int n)
{
	const struct setting_value *v = settings_value(s, id, n);

	return v && v->text ? v->text : settings_table[id].fallback;
}

int64_t settings_number(const struct settings *s, enum setting id, int n)
{
	const struct setting_value *v = settings_value(s, id, n);
	int64_t number = 0;

	if (v)
		return v->number;
	/* the table's own defaults are tested to be in range */
	return str_to_i64(settings_table[id].fallback, INT64_MIN, INT64_MAX, &number) ? 0 : number;
}

double settings_decimal(const struct settings *s, enum setting id, int n)
{
	const struct setting_value *v = settings_value(s, id, n);
	double d = 0;

	if (v)
		return v->decimal;
	return str_to_double(settings_table[id].fallback, -1e15, 1e15, &d) ? 0 : d;
}

bool settings_flag(const struct settings *s, enum setting id)
{
	return settings_number(s, id, 0) != 0;
}

const struct secret *settings_secret(const struct settings *s, enum setting id, int n)
{
	const struct setting_value *v = settings_value(s, id, n);

	return v && v->secret && secret_length(v->secret) ? v->secret : NULL;
}

bool settings_is_set(const struct settings *s, enum setting id, int n)
{
	return settings_value(s, id, n) != NULL;
}

const char *settings_origin(const struct settings *s, enum setting id, int n)
{
	const struct setting_value *v = settings_value(s, id, n);

	return v ? v->origin : "default";
}

int settings_family_max(const struct settings *s, enum setting id)
{
	return s->family_max[id];
}

char *settings_data_dir(const struct settings *s)
{
	const char *own = settings_text(s, SET_DATA, 0);
	const char *xdg = settings_environment("XDG_DATA_HOME");
	const char *home = settings_environment("HOME");
	struct str path;

	if (*own)
		return str_dup(own);
	str_init(&path, 4096);
	if (xdg && *xdg == '/')
		str_addf(&path, "%s/tubeops", xdg);
	else
		str_addf(&path, "%s/.local/share/tubeops", home && *home ? home : ".");
	return str_take(&path);
}
