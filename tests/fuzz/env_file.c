/*
 * env_file - files of settings. What is read, written down again and read once more is the same.
 */
#include "config.h"
#include "engine/base/env_file.h"
#include "engine/base/str.h"
#include "tests/fuzz/fuzz.h"

enum { ENV_TEXT_MAX = 1 << 22 };

/* What a reading gave: name and value of each pair, one after the other, ended by NULs. */
struct env_pairs {
	struct str all, printed;
	int line; /* of the last pair */
};

static void env_print(struct str *out, const char *name, const char *value)
{
	str_addf(out, "%s=\"", name);
	for (; *value; value++)
		if (*value == '\n')
			str_adds(out, "\\n");
		else if (strchr("\"\\$", *value))
			str_addf(out, "\\%c", *value);
		else
			str_addc(out, *value);
	str_adds(out, "\"\n");
}

static enum err env_pair_read(
    void *arg, const char *name, const char *value, int line, struct errbuf *eb)
{
	struct env_pairs *p = arg;

	(void)eb;
	FUZZ_CHECK(*name && strspn(name, "0123456789") == 0);
	FUZZ_CHECK(name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	                             "0123456789")] == '\0');
	fuzz_check_clean(value);
	FUZZ_CHECK(line > p->line);
	p->line = line;
	str_add(&p->all, name, strlen(name) + 1);
	str_add(&p->all, value, strlen(value) + 1);
	env_print(&p->printed, name, value);
	return ERR_OK;
}

static void env_pairs_init(struct env_pairs *p)
{
	*p = (struct env_pairs){.line = 0};
	str_init(&p->all, ENV_TEXT_MAX);
	str_init(&p->printed, ENV_TEXT_MAX);
}

static void env_pairs_done(struct env_pairs *p)
{
	str_done(&p->all);
	str_done(&p->printed);
}

static void env_check_error(enum err err, const struct errbuf *eb, int lines)
{
	int line = 0;

	FUZZ_CHECK(err == ERR_INVALID || err == ERR_LIMIT);
	FUZZ_CHECK(sscanf(eb->text, "file:%d: ", &line) == 1 && line >= 1 && line <= lines);
	fuzz_check_clean(eb->text);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	struct env_pairs first, again;
	struct errbuf eb = {0};
	int lines = 1;
	enum err err;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	env_pairs_init(&first);
	env_pairs_init(&again);
	err = env_file_parse("file", (const char *)data, size, env_pair_read, &first, &eb);
	if (err)
		env_check_error(err, &eb, lines);
	FUZZ_CHECK(first.line <= lines && !first.all.err && !first.printed.err);
	err = env_file_parse(
	    "again", str_get(&first.printed), first.printed.len, env_pair_read, &again, &eb);
	FUZZ_CHECK(!err && again.all.len == first.all.len);
	FUZZ_CHECK(memcmp(str_get(&again.all), str_get(&first.all), first.all.len) == 0);
	env_pairs_done(&first);
	env_pairs_done(&again);
	return 0;
}
