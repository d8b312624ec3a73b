/* Exports read back field by field; parameters of jobs checked against their table. */
#include "config.h"
#include "engine/engine.h"
#include "engine/jobs/job_types.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/seed.h"

static const char *const titles[] = {"plain", "a,b", "say \"hi\"", "two\nlines", "=1+1", "+49",
    "-5", "@handle", "\ttab", " blank", "", "\xC3\xA9\xF0\x9F\x8E\xA5", "back\\slash",
    "semi;colon"};
enum { TITLES = sizeof titles / sizeof titles[0], BARE = 6000 };

struct room {
	struct scratch scratch;
	struct settings *settings;
	struct engine *e;
};

static void put_titles(struct room *r)
{
	static const char *const words[] = {"one", "two \"2\"", "three,3"};
	struct errbuf eb = {0};
	struct staging *s;

	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	seed_channels(s, 0, TITLES + BARE);
	assert_int_equal(staging_begin(s, &eb), ERR_OK);
	for (uint32_t i = 0; i < TITLES; i++) {
		struct channel_meta m = {.cid = seed_cid(i),
		    .title = titles[i],
		    .published_at = 0,
		    .subscriber_count = i ? (int64_t)i : COUNT_NONE,
		    .video_count = 0,
		    .view_count = INT64_MAX,
		    .hidden_subscribers = i == 0,
		    .made_for_kids = -1,
		    .keywords = {words, (int)(i % 4)},
		    .topics = {NULL, -1},
		    .fetched_at = 1795350000};
		assert_int_equal(staging_meta_put(s, &m, &eb), ERR_OK);
		assert_int_equal(
		    staging_state_set(s, OP_METADATA, &m.cid, ITEM_DONE, NULL, &eb), ERR_OK);
	}
	assert_int_equal(staging_commit(s, &eb), ERR_OK);
	staging_close(s);
}

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct engine_config cfg = {.mode = ENGINE_OWN};
	struct errbuf eb = {0};
	FILE *f;

	*state = r;
	if (!r || engine_global_init(&eb) || scratch_open(&r->scratch))
		return -1;
	f = fopen(scratch_path(&r->scratch, "env"), "w");
	if (!f || fclose(f) || settings_load(&r->settings, r->scratch.path, &eb))
		return -1;
	put_titles(r);
	cfg.settings = r->settings;
	cfg.data_dir = r->scratch.dir;
	return (int)engine_open(&r->e, &cfg, &eb);
}

static int tear_down(void **state)
{
	struct room *r = *state;

	engine_close(r->e);
	settings_free(r->settings);
	scratch_close(&r->scratch);
	engine_global_done();
	free(r);
	return 0;
}

/* Owned. */
static char *run(struct room *r, const char *what, const char *format, int64_t *rows)
{
	struct errbuf eb = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (engine_export(r->e, what, format, f, rows, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

/* One CSV field in place, by the rules of RFC 4180; *p behind it and its separator. */
static char *field(char **p, bool *last)
{
	char *from = *p, *to = *p, *s = *p;

	if (*s == '"') {
		for (s++; *s != '"' || s[1] == '"'; s++) {
			assert_true(*s != '\0');
			*to++ = *s;
			s += *s == '"';
		}
		s++;
	} else {
		while (*s != ',' && *s != '\r') {
			assert_true(*s != '\0' && *s != '"' && *s != '\n');
			*to++ = *s++;
		}
	}
	*last = *s == '\r';
	if (*last)
		assert_int_equal(s[1], '\n');
	else
		assert_int_equal(*s, ',');
	*p = s + (*last ? 2 : 1);
	*to = '\0';
	return from;
}

static void test_csv(void **state)
{
	enum { FIELDS = 23 };
	struct room *r = *state;
	int64_t rows = 0;
	char *text = run(r, "channels", "csv", &rows), *p = text, *f[FIELDS];

	assert_int_equal(rows, TITLES + BARE); /* over the border of a page */
	for (int64_t row = -1; row < rows; row++) {
		char id[CID_TEXT + 1], want[64];
		struct cid c = seed_cid((uint32_t)row);
		for (int i = 0; i < FIELDS; i++) {
			bool last = false;
			f[i] = field(&p, &last);
			assert_int_equal(last, i == FIELDS - 1);
		}
		if (row < 0) {
			assert_string_equal(f[0], "channel_id");
			assert_string_equal(f[22], "fetched_at");
			continue;
		}
		assert_string_equal(f[0], cid_format(&c, id));
		assert_string_equal(f[20], "migration");
		if (row >= TITLES) {
			assert_string_equal(f[1], "seeded");
			assert_string_equal(f[3], "");
			assert_string_equal(f[19], "pending");
			assert_string_equal(f[22], "");
			continue;
		}
		snprintf(want, sizeof want, "%s%s",
		    titles[row][0] && strchr("=+\t", titles[row][0]) ? "'" : "", titles[row]);
		assert_string_equal(f[1], want);
		snprintf(want, sizeof want, "%lld", (long long)row);
		assert_string_equal(f[3], row ? want : ""); /* hidden is not 0 */
		assert_string_equal(f[4], "0");
		assert_string_equal(f[5], "9223372036854775807");
		assert_string_equal(f[12], "1970-01-01T00:00:00Z");
		assert_string_equal(f[15], row % 4 == 3   ? "one|two \"2\"|three,3"
		                           : row % 4 == 2 ? "one|two \"2\""
		                           : row % 4 == 1 ? "one"
		                                          : "");
		assert_string_equal(f[19], "done");
		assert_string_equal(f[22], "2026-11-22T12:20:00Z");
	}
	assert_int_equal(*p, '\0');
	free(text);
}

static void test_jsonl(void **state)
{
	struct room *r = *state;
	int64_t rows = 0, n = 0;
	char *text = run(r, "channels", "jsonl", &rows), *line, *end;

	for (line = text; *line; line = end + 1, n++) {
		json_t *j;
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		j = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(j);
		assert_int_equal(json_object_size(j), 23);
		assert_string_equal(json_string_value(json_object_get(j, "title")),
		    n < TITLES ? titles[n] : "seeded"); /* as it is: nobody runs JSON */
		if (n < TITLES) {
			const json_t *words = json_object_get(j, "keywords");
			assert_int_equal(json_array_size(words), n % 4);
			if (n % 4 > 1)
				assert_string_equal(
				    json_string_value(json_array_get(words, 1)), "two \"2\"");
			assert_true(
			    json_integer_value(json_object_get(j, "view_count")) == INT64_MAX);
			assert_int_equal(
			    json_is_null(json_object_get(j, "subscriber_count")), n == 0);
		} else {
			assert_true(json_is_null(json_object_get(j, "keywords")));
			assert_true(json_is_null(json_object_get(j, "fetched_at")));
		}
		assert_true(json_is_null(json_object_get(j, "topic_categories")));
		json_decref(j);
	}
	assert_int_equal(n, TITLES + BARE);
	assert_int_equal(rows, n);
	free(text);
}

static void test_refused(void **state)
{
	struct room *r = *state;
	struct errbuf eb = {0};
	int64_t rows = 7;
	char *text = run(r, "jobs", "csv", &rows);
	FILE *full = fopen("/dev/full", "w");

	assert_int_equal(rows, 0);
	assert_memory_equal(text, "number,job_id,job_type,status,", 30);
	free(text);
	assert_int_equal(engine_export(r->e, "cats", "csv", stdout, &rows, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "cats"));
	assert_int_equal(engine_export(r->e, "jobs", "xml", stdout, &rows, &eb), ERR_INVALID);
	assert_non_null(strstr(eb.text, "xml"));
	if (full) {
		assert_int_equal(engine_export(r->e, "channels", "csv", full, &rows, &eb), ERR_IO);
		fclose(full);
	}
}

/* ---- parameters ---- */

static void check_params(const char *type, const char *in, const char *want, const char *words)
{
	json_t *given = json_loads(in, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL), *out = NULL;
	struct errbuf eb = {0};
	enum err err;

	assert_non_null(given);
	err = job_params_check(job_type_find(type), given, &out, &eb);
	if (want) {
		char *text = out ? json_dumps(out, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
		if (err || !text)
			fail_msg("%s: %s", in, eb.text);
		assert_string_equal(text, want);
		free(text);
	} else {
		assert_int_equal(err, ERR_INVALID);
		assert_null(out);
		if (!strstr(eb.text, words))
			fail_msg("%s: %s", in, eb.text);
	}
	json_decref(out);
	json_decref(given);
}

static void test_params(void **state)
{
	static const char m[] = "batch_metadata";

	(void)state;
	check_params(m, "{}", "{}", NULL);
	check_params(
	    m, "{\"limit\":10,\"batch_size\":\"50\"}", "{\"batch_size\":50,\"limit\":10}", NULL);
	check_params(m, "{\"total_limit\":10}", "{\"limit\":10}", NULL);
	check_params(m, "{\"limit\":0}", "{}", NULL);
	check_params(m, "{\"limit\":null}", "{}", NULL);
	check_params(m, "{\"limit\":-1}", NULL, "limit: -1 is not in 0 to 1000000000000");
	check_params(m, "{\"limit\":1000000000001}", NULL, "limit: 1000000000001 is not in");
	check_params(m, "{\"batch_size\":0}", NULL, "batch_size: 0 is not in 1 to 100000");
	check_params(m, "{\"limit\":\"many\"}", NULL, "limit: send a whole number");
	check_params(m, "{\"limit\":1.5}", NULL, "limit: send a whole number");
	check_params(m, "{\"limit\":true}", NULL, "limit: send a whole number");
	check_params(m, "{\"colour\":1}", NULL, "batch_metadata has no parameter colour");
	check_params(m, "[]", NULL, "one JSON object");
	check_params(m, "5", NULL, "one JSON object");
	check_params("migration", "{\"source_path\":\"/a\"}", "{\"source_path\":\"/a\"}", NULL);
	check_params("migration", "{\"source_path\":5}", NULL, "source_path: send a text");
	check_params(
	    "migration", "{\"source_path\":\"a\\u0000b\"}", NULL, "source_path: send a text");
	assert_null(job_type_find("no_such_type"));
	for (const struct job_type *const *t = job_types(); *t; t++) {
		assert_ptr_equal(job_type_find((*t)->info.name), *t);
		assert_true(((*t)->feed == FEED_NONE) == ((*t)->run != NULL));
		assert_true(((*t)->run != NULL) == ((*t)->work == NULL));
		assert_true(((*t)->work != NULL) == ((*t)->commit != NULL));
		assert_true(!(*t)->keeps || (*t)->drop);
		for (size_t i = 0; i < (*t)->info.n_params; i++) {
			const struct job_param *p = &(*t)->info.params[i];
			assert_true(p->help && p->help[0]);
			if (p->type == PARAM_NUMBER && !p->optional)
				assert_in_range(p->fallback, p->least, p->most);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_csv),
	    cmocka_unit_test(test_jsonl),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
