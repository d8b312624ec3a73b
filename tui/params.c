#include "config.h"
#include "tui/params.h"
#include "tui/cli_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_LIMIT = 1024 * 1024 };

const struct job_type_info *params_type(const char *name)
{
	const struct job_type_info *const *t = engine_job_types();

	while (*t && strcmp((*t)->name, name) != 0 && strcmp((*t)->word, name) != 0)
		t++;
	return *t;
}

enum cli_exit params_unknown_type(const struct cli *c, const char *name)
{
	struct str types;
	enum cli_exit code;

	str_init(&types, 4096);
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++)
		str_addf(&types, "%s%s", types.len ? ", " : "", (*t)->name);
	code = cli_usage(c, "there is no job type \"%s\"; there are: %s", name, str_get(&types));
	str_done(&types);
	return code;
}

/* - and _ are one, as options and JSON members spell the same name differently. */
static bool params_same(const char *name, const char *option)
{
	for (; name && *name && *option; name++, option++)
		if (*name != *option && !(*name == '_' && *option == '-'))
			return false;
	return name && !*name && !*option;
}

static const struct job_param *params_find(const struct job_type_info *type, const char *option)
{
	for (size_t i = 0; i < type->n_params; i++)
		if (params_same(type->params[i].name, option) ||
		    params_same(type->params[i].also, option))
			return &type->params[i];
	return NULL;
}

const struct job_param *params_option(const struct job_type_info *type, const char *option)
{
	const struct job_param *found = type ? params_find(type, option) : NULL;

	for (const struct job_type_info *const *t = engine_job_types(); !type && *t && !found; t++)
		found = params_find(*t, option);
	return found;
}

void params_option_name(const char *name, struct str *out)
{
	for (; *name; name++)
		str_addc(out, *name == '_' ? '-' : *name);
}

const char *params_value_word(enum param_type type)
{
	static const char *const words[] = {
	    [PARAM_NUMBER] = "N", [PARAM_TEXT] = "TEXT", [PARAM_FLAG] = "", [PARAM_LIST] = "A,B…"};

	return words[type];
}

void params_help(const struct job_param *p, struct str *out)
{
	str_adds(out, p->help);
	if (p->type == PARAM_NUMBER && p->optional)
		str_addf(out, " (%" PRId64 " to %" PRId64 ")", p->least, p->most);
	else if (p->type == PARAM_NUMBER)
		str_addf(out, " (%" PRId64 " to %" PRId64 ", default %" PRId64 ")", p->least,
		    p->most, p->fallback);
}

static bool params_number(
    const struct cli *c, const struct job_param *p, const char *value, struct str *out)
{
	int64_t n;

	if (str_to_i64(value, p->least, p->most, &n)) {
		cli_usage(c, "--%s: \"%s\" is not a whole number from %" PRId64 " to %" PRId64,
		    p->name, value, p->least, p->most);
		return false;
	}
	str_addf(out, "%" PRId64, n);
	return true;
}

static bool params_flag(
    const struct cli *c, const struct job_param *p, const char *value, struct str *out)
{
	static const char *const words[] = {"0", "1", "no", "yes", "false", "true"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!value || str_is_equal_nocase(value, words[i])) {
			str_adds(out, !value || i % 2 ? "true" : "false");
			return true;
		}
	cli_usage(c, "--%s: \"%s\" is neither yes nor no", p->name, value);
	return false;
}

/* One or more values, separated by commas or given by repeating the option. */
static void params_list(const char *value, bool *first, struct str *out)
{
	while (*value) {
		size_t len = strcspn(value, ",");
		if (len) {
			str_adds(out, *first ? "" : ",");
			cli_add_json(out, value, len);
			*first = false;
		}
		value += len + (value[len] == ',');
	}
}

/* The value of an option or --param that stands for p, or NULL; last one wins. */
static bool params_given(const struct job_type_info *type, const struct job_param *p,
    const struct cli_given *g, const char **value)
{
	const char *eq = strcmp(g->name, "param") == 0 ? strchr(g->value, '=') : NULL;
	bool same;
	char *name;

	if (!eq) {
		*value = g->value;
		return params_option(type, g->name) == p;
	}
	name = str_dup_n(g->value, (size_t)(eq - g->value));
	same = name && params_option(type, name) == p;
	free(name);
	*value = eq + 1;
	return same;
}

static bool params_add(const struct cli *c, const struct job_type_info *type,
    const struct job_param *p, struct str *out)
{
	const char *value, *last = NULL;
	bool found = false, first = true;
	struct str list;

	str_init(&list, PARAMS_LIMIT);
	for (const struct cli_given *g = c->given; g; g = g->next) {
		if (!params_given(type, p, g, &value))
			continue;
		found = true;
		last = value;
		if (p->type == PARAM_LIST)
			params_list(value, &first, &list);
	}
	if (found) {
		str_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", p->name);
		if (p->type == PARAM_NUMBER)
			found = params_number(c, p, last, out);
		else if (p->type == PARAM_FLAG)
			found = params_flag(c, p, last, out);
		else if (p->type == PARAM_TEXT)
			cli_add_json(out, last, strlen(last));
		else
			str_addf(out, "[%s]", str_get(&list));
	} else {
		found = true;
	}
	str_done(&list);
	return found;
}

/* Every option of the command must mean something to this very type. */
static bool params_known(const struct cli *c, const struct job_type_info *type)
{
	for (const struct cli_given *g = c->given; g; g = g->next) {
		bool known = false;
		const char *value;
		for (const struct cli_option *o = c->command->options; o && o->name && !known; o++)
			known = strcmp(o->name, g->name) == 0 && strcmp(o->name, "param") != 0;
		for (size_t i = 0; i < type->n_params && !known; i++)
			known = params_given(type, &type->params[i], g, &value);
		if (known)
			continue;
		if (strcmp(g->name, "param") == 0)
			cli_usage(c, "--param %s: write NAME=VALUE with a parameter of %s",
			    g->value, type->name);
		else
			cli_usage(c, "%s jobs have no option --%s", type->name, g->name);
		return false;
	}
	return true;
}

char *params_json(const struct cli *c, const struct job_type_info *type, const char *path)
{
	bool ok = params_known(c, type);
	struct str out;

	str_init(&out, PARAMS_LIMIT);
	str_addc(&out, '{');
	if (path) {
		str_adds(&out, "\"source_path\":");
		cli_add_json(&out, path, strlen(path));
	}
	for (size_t i = 0; i < type->n_params && ok; i++)
		if (!path || strcmp(type->params[i].name, "source_path") != 0)
			ok = params_add(c, type, &type->params[i], &out);
	str_addc(&out, '}');
	if (ok && !out.err)
		return str_take(&out);
	if (ok)
		cli_fail(c, CLI_FAILED, "the parameters are too long");
	str_done(&out);
	return NULL;
}
