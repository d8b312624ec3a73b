/*
 * filter - the filter language. What is taken means something for every row, the same when it is
 * written twice with | between; what is refused says where.
 */
#include "config.h"
#include "engine/base/filter.h"
#include "tests/fuzz/fuzz.h"

static const char *const states[] = {"pending", "done", "wait:quota", NULL};

static const struct filter_field fields[] = {
    {"title", NULL, FILTER_TEXT, true, 0, NULL},
    {"handle", "custom_url at", FILTER_TEXT, true, '@', NULL},
    {"lang", NULL, FILTER_TAG, false, 0, NULL},
    {"subs", NULL, FILTER_NUMBER, false, 0, NULL},
    {"fetched", NULL, FILTER_TIME, false, 0, NULL},
    {"state", NULL, FILTER_CHOICE, false, 0, states},
    FILTER_FIELDS_END,
};

enum { NOW = 1795373232, ROWS = 4 };

static const struct filter_data rows[ROWS][6] = {
    {{.text = "Linus Tech Tips"}, {.text = "@linus"}, {.text = "en-US"},
        {.has_number = true, .number = 16600000}, {.has_number = true, .number = NOW - 7200},
        {.text = "done"}},
    {{.text = "\xE3\x81\x8D\xC3\x84 a|b \"c\" aaaaaaaaaaaaaaaaaaaaaaaa"}, {.text = NULL},
        {.text = "ja"}, {.has_number = true, .number = 10000},
        {.has_number = true, .number = NOW - 40 * 86400}, {.text = "wait:quota"}},
    {{.text = ""}, {.text = "\xFF\xC3("}, {.text = NULL}, {.text = NULL}, {.text = NULL},
        {.text = "pending"}},
    {{.text = NULL}, {.text = NULL}, {.text = NULL}, {.text = NULL}, {.text = NULL},
        {.text = NULL}},
};

static void get(const void *row, int field, struct filter_data *out)
{
	*out = ((const struct filter_data *)row)[field];
}

static struct filter *parse(const char *text, struct errbuf *eb, size_t *at)
{
	struct filter *f = NULL;

	*eb = (struct errbuf){0};
	if (filter_parse(&f, text, fields, NOW, at, eb))
		FUZZ_CHECK(!f && eb->code != ERR_OK && *eb->text && *at <= strlen(text));
	return f;
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	char *text = str_dup_n((const char *)data, size);
	char *twice = malloc(2 * size + 4);
	struct filter *once, *again;
	struct errbuf eb;
	size_t at = 0;

	FUZZ_CHECK(text && twice);
	once = parse(text, &eb, &at);
	if (!once)
		fuzz_check_clean(eb.text);
	snprintf(twice, 2 * size + 4, "%s | %s", text, text);
	again = once && filter_root(once) ? parse(twice, &eb, &at) : NULL;
	for (int i = 0; i < ROWS && once; i++) {
		bool passes = filter_match(once, get, rows[i]);
		FUZZ_CHECK(filter_root(once) || passes);
		FUZZ_CHECK(!again || filter_match(again, get, rows[i]) == passes);
	}
	filter_free(once);
	filter_free(again);
	free(twice);
	free(text);
	return 0;
}
