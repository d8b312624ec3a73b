#include "config.h"
#include "tui/filter.h"
#include "engine/base/str.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { FILTER_TERMS = 64 };

enum filter_op { OP_WORD, OP_REGEX, OP_IS, OP_IS_NOT, OP_MORE, OP_LEAST, OP_LESS, OP_MOST, OP_HAS };

struct filter_term {
	enum filter_op op;
	bool negated, either; /* either: begins an alternative */
	char *field;          /* NULL: any */
	char *value;
	double number;
	bool has_number;
	regex_t regex;
	bool has_regex;
};

struct filter {
	struct filter_term terms[FILTER_TERMS];
	size_t n;
};

/* Longer ones first. */
static const struct {
	const char *sign;
	enum filter_op op;
} filter_ops[] = {{"!=", OP_IS_NOT}, {">=", OP_LEAST}, {"<=", OP_MOST}, {">", OP_MORE},
    {"<", OP_LESS}, {"=", OP_IS}, {":", OP_HAS}};

void filter_free(struct filter *f)
{
	for (size_t i = 0; f && i < f->n; i++) {
		free(f->terms[i].field);
		free(f->terms[i].value);
		if (f->terms[i].has_regex)
			regfree(&f->terms[i].regex);
	}
	free(f);
}

/* "1.5k", "100", "30d": seconds for s, h, d; thousands for k, m, g. */
static bool filter_number(const char *text, double *out)
{
	static const struct {
		char suffix;
		double times;
	} suffixes[] = {{'k', 1e3}, {'m', 1e6}, {'g', 1e9}, {'s', 1}, {'h', 3600}, {'d', 86400}};
	size_t len = strlen(text);
	double times = 1;
	char *digits;
	bool ok;

	for (size_t i = 0; len > 1 && i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (tolower((unsigned char)text[len - 1]) == suffixes[i].suffix) {
			times = suffixes[i].times;
			len--;
			break;
		}
	digits = str_dup_n(text, len);
	ok = digits && str_to_double(digits, -1e18, 1e18, out) == ERR_OK;
	free(digits);
	*out *= times;
	return ok;
}

static bool filter_has_name(const char *const *names, const char *text, size_t len)
{
	for (; names && *names; names++)
		if (strlen(*names) == len && strncmp(*names, text, len) == 0)
			return true;
	return false;
}

static enum err filter_unknown(const char *const *names, const char *text, size_t len,
    struct errbuf *eb)
{
	struct str all;
	enum err err;

	str_init(&all, 400);
	for (; names && *names; names++)
		str_addf(&all, " %s", *names);
	err = err_set(eb, ERR_INVALID, "there is no field %.*s here; fields:%s", (int)len, text,
	    str_get(&all));
	str_done(&all);
	return err;
}

/* field op value; *is false: it is no such thing. */
static enum err filter_parse_field(struct filter_term *t, const char *text,
    const char *const *names, bool *is, struct errbuf *eb)
{
	size_t len = 0;

	*is = false;
	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	for (size_t i = 0; len && i < sizeof filter_ops / sizeof filter_ops[0]; i++) {
		const char *sign = filter_ops[i].sign;
		if (strncmp(text + len, sign, strlen(sign)) != 0)
			continue;
		if (!filter_has_name(names, text, len))
			return filter_unknown(names, text, len, eb);
		*is = true;
		t->op = filter_ops[i].op;
		t->field = str_dup_n(text, len);
		t->value = str_dup(text + len + strlen(sign));
		if (!t->field || !t->value)
			return err_set(eb, ERR_NOMEM, "out of memory");
		t->has_number = filter_number(t->value, &t->number);
		if (t->op >= OP_MORE && t->op <= OP_MOST && !t->has_number)
			return err_set(eb, ERR_INVALID, "%s: a number such as 100, 1.5k or 2m "
			                                "must follow %s",
			    text, sign);
		return ERR_OK;
	}
	return ERR_OK;
}

static enum err filter_parse_term(
    struct filter_term *t, const char *text, const char *const *names, struct errbuf *eb)
{
	enum err err;
	bool is_field;

	if (*text == '!' && text[1]) {
		t->negated = true;
		text++;
	}
	if (*text == '~') {
		t->op = OP_REGEX;
		t->has_regex =
		    regcomp(&t->regex, text + 1, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0;
		return t->has_regex ? ERR_OK
		                    : err_set(eb, ERR_INVALID,
		                          "%s is no regular expression: \\ in front of a sign "
		                          "takes it as it is",
		                          text + 1);
	}
	err = filter_parse_field(t, text, names, &is_field, eb);
	if (err || is_field)
		return err;
	t->value = str_dup(text);
	return t->value ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* The next word of the text, owned; quotes keep blanks. */
static char *filter_next(const char **at)
{
	struct str word;
	bool quoted = false;

	while (**at == ' ')
		(*at)++;
	str_init(&word, 1024);
	for (; **at && (quoted || **at != ' '); (*at)++) {
		if (**at == '"')
			quoted = !quoted;
		else
			str_addc(&word, **at);
	}
	return str_take(&word);
}

enum err filter_new(
    struct filter **out, const char *text, const char *const *names, struct errbuf *eb)
{
	struct filter *f = calloc(1, sizeof *f);
	enum err err = f ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	bool either = false;

	*out = NULL;
	while (!err && f) {
		char *word = filter_next(&text);
		if (!word || !*word) {
			free(word);
			break;
		}
		if (strcmp(word, "|") == 0) {
			either = true;
		} else if (f->n == FILTER_TERMS) {
			err = err_set(eb, ERR_LIMIT, "too many words");
		} else {
			f->terms[f->n].either = either && f->n;
			err = filter_parse_term(&f->terms[f->n++], word, names, eb);
			either = false;
		}
		free(word);
	}
	if (err) {
		filter_free(f);
		return err;
	}
	*out = f;
	return ERR_OK;
}

/* ---- taking rows ---- */

/* Is word in text? Small letters match both cases, as in vi and less. */
static bool filter_holds(const char *text, const char *word)
{
	size_t len = strlen(word);
	bool both = true;

	for (const char *p = word; *p; p++)
		both = both && !(*p >= 'A' && *p <= 'Z');
	for (; *text; text++) {
		size_t i = 0;
		while (i < len && (both ? tolower((unsigned char)text[i]) : text[i]) == word[i])
			i++;
		if (i == len)
			return true;
	}
	return len == 0;
}

static bool filter_is_one_of(const char *text, const char *list)
{
	size_t len = strlen(text);

	for (;;) {
		size_t n = strcspn(list, ",");
		if (n == len && strncasecmp(text, list, n) == 0)
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

static bool filter_compares(enum filter_op op, double have, double want)
{
	switch (op) {
	case OP_MORE:
		return have > want;
	case OP_LEAST:
		return have >= want;
	case OP_LESS:
		return have < want;
	case OP_MOST:
		return have <= want;
	default:
		return !(have < want) && !(have > want);
	}
}

static bool filter_field(const struct filter_term *t, const struct filter_row *row, size_t i)
{
	double have;

	if (t->op == OP_HAS)
		return filter_holds(row->text(row->arg, i), t->value);
	if (t->has_number && row->number(row->arg, i, &have))
		return filter_compares(t->op == OP_IS_NOT ? OP_IS : t->op, have, t->number) !=
		       (t->op == OP_IS_NOT);
	if (t->op >= OP_MORE && t->op <= OP_MOST)
		return false;
	return filter_is_one_of(row->text(row->arg, i), t->value) != (t->op == OP_IS_NOT);
}

static bool filter_term_takes(const struct filter_term *t, const struct filter_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		bool found;
		if (t->field)
			found = strcmp(row->name(row->arg, i), t->field) == 0 &&
			        filter_field(t, row, i);
		else if (t->op == OP_REGEX)
			found = regexec(&t->regex, row->text(row->arg, i), 0, NULL, 0) == 0;
		else
			found = filter_holds(row->text(row->arg, i), t->value);
		if (found)
			return !t->negated;
	}
	return t->negated;
}

bool filter_takes(const struct filter *f, const struct filter_row *row)
{
	bool all = true;

	for (size_t i = 0; f && i < f->n; i++) {
		if (f->terms[i].either) {
			if (all)
				return true;
			all = true;
		}
		all = all && filter_term_takes(&f->terms[i], row);
	}
	return all;
}
