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
    "-5", "@handle", "@SUM(1)", "-2+3|x", "\ttab", " blank", "", "\xC3\xA9\xF0\x9F\x8E\xA5",
    "back\\slash", "semi;colon"};
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

/* Enough for several pages, most of them of one channel. */
enum { VIDEOS = 26000, EDGES = 23000, EDGES_AGAIN = 500 };

static void put_videos(struct room *r)
{
	char sql[2048];
	struct errbuf eb = {0};
	struct staging *s;

	snprintf(sql, sizeof sql,
	    "CREATE TEMP TABLE o (i INTEGER PRIMARY KEY, cid BLOB);"
	    "INSERT INTO o SELECT row_number() OVER (ORDER BY cid) - 1, cid FROM channel;"
	    "WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < %d) "
	    "INSERT INTO video (channel, vid, title, description, published_at, duration_s, tags, "
	    "view_count, language, fetched_at, counted_at) SELECT o.cid, v - 13000, '=video', "
	    "printf('%%.*c', 300, 'd'), 1700000000 + v, CASE WHEN v = 0 THEN 0 END, '[\"a\"]', v, "
	    "CASE v %% 3 WHEN 0 THEN 'en-GB' WHEN 1 THEN 'end' END, 5, 6 FROM n JOIN o ON o.i = "
	    "CASE WHEN v %% 13 = 0 THEN v / 13 ELSE 3000 END;"
	    "WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < %d) "
	    "INSERT INTO edge SELECT o.cid, CAST(printf('%%016d', v) AS BLOB), 'playlists', "
	    "'youtube', 0.25, 3, v %% 2, 1000 + v, 2000 + v FROM n JOIN o ON o.i = CASE WHEN v < "
	    "22000 THEN 9 ELSE v - 22000 END;"
	    "INSERT INTO edge SELECT source, target, 'subscriptions', service, 0.5, 1, 0, 1, "
	    "CAST(strftime('%%s', 'now') AS INTEGER) FROM "
	    "edge ORDER BY target LIMIT %d;"
	    "UPDATE counter SET value = %d WHERE name = 'videos'",
	    VIDEOS - 1, EDGES - 1, EDGES_AGAIN, VIDEOS);
	assert_int_equal(
	    staging_open(&s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	if (db_exec(staging_db(s), sql, &eb))
		fail_msg("%s", eb.text);
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
	put_videos(r);
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
static char *run_with(struct room *r, struct engine_export cfg, int64_t *rows)
{
	struct errbuf eb = {0};
	char *text = NULL;
	size_t len = 0;

	cfg.out = open_memstream(&text, &len);
	assert_non_null(cfg.out);
	if (engine_export(r->e, &cfg, rows, &eb))
		fail_msg("%s", eb.text);
	assert_int_equal(fclose(cfg.out), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static char *run(struct room *r, const char *what, const char *format, int64_t *rows)
{
	return run_with(r,
	    (struct engine_export){.what = what, .format = format, .filter = ENGINE_FILTER_ALL},
	    rows);
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

/* What a spreadsheet would run. */
static bool is_formula(const char *title)
{
	return strcmp(title, "@SUM(1)") == 0 || strcmp(title, "-2+3|x") == 0 ||
	       (title[0] && strchr("=+\t", title[0]));
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
		snprintf(
		    want, sizeof want, "%s%s", is_formula(titles[row]) ? "'" : "", titles[row]);
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
	static const struct {
		struct engine_export cfg;
		const char *words;
	} cases[] = {
	    {{.what = "cats", .format = "csv", .filter = ENGINE_FILTER_ALL}, "cats"},
	    {{.what = "jobs", .format = "xml", .filter = ENGINE_FILTER_ALL}, "xml"},
	    {{.what = "jobs", .format = "csv", .columns = "number,", .filter = ENGINE_FILTER_ALL},
	        "no column \"\"; there are number, job_id"},
	    {{.what = "videos",
	         .format = "csv",
	         .columns = "title,title",
	         .filter = ENGINE_FILTER_ALL},
	        "title is named twice"},
	    {{.what = "videos",
	         .format = "csv",
	         .filter = {NULL, NULL, NULL, NULL, NULL, NULL, 5, ENGINE_ANY, ENGINE_ANY,
	             ENGINE_ANY, NULL, NULL}},
	        "videos cannot be chosen by their number of subscribers"},
	    {{.what = "jobs",
	         .format = "csv",
	         .filter = {NULL, NULL, NULL, NULL, NULL, "x", ENGINE_ANY, ENGINE_ANY, ENGINE_ANY,
	             ENGINE_ANY, NULL, NULL}},
	        "jobs cannot be chosen by their method"},
	    {{.what = "channels",
	         .format = "csv",
	         .filter = {"running", NULL, NULL, NULL, NULL, NULL, ENGINE_ANY, ENGINE_ANY,
	             ENGINE_ANY, ENGINE_ANY, NULL, NULL}},
	        "it is one of pending, done, absent, missing, failed"},
	    {{.what = "discoveries",
	         .format = "csv",
	         .filter = {NULL, NULL, NULL, NULL, "UCx", NULL, ENGINE_ANY, ENGINE_ANY, ENGINE_ANY,
	             ENGINE_ANY, NULL, NULL}},
	        "\"UCx\" is no channel id"},
	};

	assert_int_equal(rows, 0);
	assert_memory_equal(text, "number,job_id,job_type,status,", 30);
	free(text);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(engine_export(r->e, &cases[i].cfg, &rows, &eb), ERR_INVALID);
		if (!strstr(eb.text, cases[i].words))
			fail_msg("%s", eb.text);
	}
	if (full) {
		struct engine_export cfg = {
		    .what = "channels", .format = "csv", .filter = ENGINE_FILTER_ALL, .out = full};
		assert_int_equal(engine_export(r->e, &cfg, &rows, &eb), ERR_IO);
		fclose(full);
	}
}

/* ---- videos, discoveries, choices ---- */

/* Reads an export of two columns, "a,b" in each row, and checks that the rows ascend. */
static void check_ascends(struct room *r, const char *what, const char *columns, int64_t want)
{
	int64_t rows = 0, n = 0;
	char *text = run_with(r,
	    (struct engine_export){
	        .what = what, .format = "csv", .columns = columns, .filter = ENGINE_FILTER_ALL},
	    &rows);
	char *line = strchr(text, '\n') + 1, *before = NULL, *end;

	for (; *line; line = end + 1, n++) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		if (before && strcmp(before, line) >= 0)
			fail_msg("%s comes after %s", line, before);
		before = line;
	}
	assert_int_equal(n, want);
	assert_int_equal(rows, want);
	free(text);
}

static void test_pages(void **state)
{
	struct room *r = *state;

	check_ascends(r, "videos", "channel_id,video_id", VIDEOS);
	check_ascends(r, "discoveries", "source_channel_id,discovered_channel_id,discovery_method",
	    EDGES + EDGES_AGAIN);
	check_ascends(r, "channels", "channel_id,metadata", TITLES + BARE);
}

static void test_video_row(void **state)
{
	struct room *r = *state;
	int64_t rows = 0;
	char id[CID_TEXT + 1], want[512];
	struct cid first = seed_cid(0);
	char *text = run_with(r,
	    (struct engine_export){.what = "videos",
	        .format = "csv",
	        .columns = "title,duration_seconds,channel_id,tags,comment_count,published_at,"
	                   "absent_on,counted_at",
	        .filter = {.channel = cid_format(&first, id),
	            .min_subscribers = ENGINE_ANY,
	            .max_subscribers = ENGINE_ANY,
	            .since = ENGINE_ANY,
	            .until = ENGINE_ANY}},
	    &rows);

	snprintf(want, sizeof want,
	    "title,duration_seconds,channel_id,tags,comment_count,published_at,absent_on,"
	    "counted_at\r\n\"'=video\",0,%s,a,,2023-11-14T22:13:20Z,,1970-01-01T00:00:06Z\r\n",
	    id);
	assert_string_equal(text, want);
	free(text);
}

struct choice {
	const char *what;
	struct engine_filter filter;
	int64_t want;
};

static void test_filters(void **state)
{
	struct room *r = *state;
	struct cid ninth = seed_cid(9), other = {{1}};
	char id[CID_TEXT + 1], nobody[CID_TEXT + 1];
	struct engine_filter all = ENGINE_FILTER_ALL;
	struct choice c[] = {{"channels", all, TITLES}, {"channels", all, BARE},
	    {"channels", all, TITLES - 3}, {"channels", all, 2}, {"channels", all, TITLES},
	    {"channels", all, 0}, {"channels", all, 1}, {"channels", all, 0}, {"videos", all, 8667},
	    {"videos", all, 10}, {"videos", all, 1}, {"videos", all, 0},
	    {"discoveries", all, EDGES_AGAIN}, {"discoveries", all, 0},
	    {"discoveries", all, 100 + EDGES_AGAIN}, {"jobs", all, 0}};
	int64_t rows;

	cid_format(&ninth, id);
	cid_format(&other, nobody);
	c[0].filter.state = "done";
	c[1].filter.state = "pending";
	c[2].filter.min_subscribers = 3;
	c[3].filter.min_subscribers = 3;
	c[3].filter.max_subscribers = 4;
	c[4].filter.since = 1795350000;
	c[5].filter.until = 1795350000; /* not included */
	c[6].filter.channel = id;
	c[7].filter.channel = nobody;
	c[8].filter.language = "en"; /* not "end" */
	c[9].filter.since = 1700000000 + 100;
	c[9].filter.until = 1700000000 + 110;
	c[10].filter.channel = id;
	c[11].filter.channel = nobody;
	c[12].filter.method = "subscriptions";
	c[13].filter.method = "magic";
	c[14].filter.since = 2000 + EDGES - 100;
	c[15].filter.state = "failed";
	for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
		free(run_with(r,
		    (struct engine_export){
		        .what = c[i].what, .format = "jsonl", .filter = c[i].filter},
		    &rows));
		if (rows != c[i].want)
			fail_msg("choice %zu of %s: %lld rows, not %lld", i, c[i].what,
			    (long long)rows, (long long)c[i].want);
	}
}

static void test_combined(void **state)
{
	struct room *r = *state;
	int64_t rows = 0;
	struct engine_export cfg = {.what = "discoveries",
	    .format = "jsonl",
	    .columns = "confidence_score,combined,times_seen",
	    .filter = ENGINE_FILTER_ALL};
	json_t *j;
	char *text;
	double both;

	cfg.filter.method = "subscriptions";
	text = run_with(r, cfg, &rows);
	assert_int_equal(rows, EDGES_AGAIN);
	*strchr(text, '\n') = '\0';
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	both = json_number_value(json_object_get(j, "combined"));
	assert_true(json_number_value(json_object_get(j, "confidence_score")) == 0.5);
	assert_true(both > 0 && both < 0.5); /* once, by a source that leads everywhere */
	json_decref(j);
	free(text);
}

static bool stop_at_once(void *arg, int64_t rows)
{
	*(int64_t *)arg = rows;
	return false;
}

/* Whoever reads the rows may take his time: no reading of staging is open meanwhile. */
static ssize_t slow_write(void *cookie, const char *data, size_t len)
{
	struct room *r = cookie;
	struct errbuf eb = {0};
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	bool row = false;

	(void)data;
	assert_int_equal(
	    db_open(&db, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb), ERR_OK);
	assert_int_equal(db_exec(db, "UPDATE counter SET value = value", &eb), ERR_OK);
	assert_int_equal(db_prepare(db, &stmt, "PRAGMA wal_checkpoint(TRUNCATE)", &eb), ERR_OK);
	assert_int_equal(db_step(db, stmt, &row, &eb), ERR_OK);
	assert_true(row);
	assert_int_equal(sqlite3_column_int(stmt, 0), 0); /* not busy */
	sqlite3_finalize(stmt);
	db_close(db);
	return (ssize_t)len;
}

static void test_stopped_and_slow(void **state)
{
	struct room *r = *state;
	struct engine_export cfg = {.what = "videos", .format = "csv", .filter = ENGINE_FILTER_ALL};
	struct errbuf eb = {0};
	int64_t rows = 0, told = 0;
	char *buffer = malloc(1 << 21);

	assert_non_null(buffer);
	cfg.out = fopencookie(r, "w", (cookie_io_functions_t){.write = slow_write});
	assert_non_null(cfg.out);
	assert_int_equal(setvbuf(cfg.out, buffer, _IOFBF, 1 << 21), 0);
	assert_int_equal(engine_export(r->e, &cfg, &rows, &eb), ERR_OK);
	assert_int_equal(rows, VIDEOS);
	cfg.progress = stop_at_once;
	cfg.arg = &told;
	assert_int_equal(engine_export(r->e, &cfg, &rows, &eb), ERR_CANCELLED);
	assert_true(told > 0 && told < VIDEOS);
	fclose(cfg.out);
	free(buffer);
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

static char *run_found(struct room *r, const char *q, const char *sort, int64_t *rows)
{
	struct engine_export cfg = {
	    .what = "channels", .format = "csv", .columns = "title", .filter = ENGINE_FILTER_ALL};

	cfg.filter.q = q;
	cfg.filter.sort = sort;
	return run_with(r, cfg, rows);
}

/* What the filter language finds, all of it, and in the order of a list. */
static void test_by_the_filter_language(void **state)
{
	struct room *r = *state;
	int64_t rows = 0;
	char *text = run_found(r, "subs>=11", "subs:desc", &rows);

	assert_int_equal(rows, 5);
	assert_string_equal(text, "title\r\nsemi;colon\r\nback\\slash\r\n"
	                          "\xC3\xA9\xF0\x9F\x8E\xA5\r\n\r\n\" blank\"\r\n");
	free(text);
	free(run_found(r, "subs>=11", "subs:asc", &rows));
	assert_int_equal(rows, 5);
	free(run_found(r, "metadata=pending", NULL, &rows)); /* over several steps */
	assert_int_equal(rows, BARE);
	free(run_found(r, NULL, "id:desc", &rows));
	assert_int_equal(rows, TITLES + BARE);
	free(run_found(r, "title:seed", NULL, &rows)); /* which no index helps with */
	assert_int_equal(rows, 0);                     /* theirs is the import's, not YouTube's */
	free(run_found(r, "subs>1m", "subs", &rows));
	assert_int_equal(rows, 0);
}

static int64_t count_found(
    struct room *r, const char *what, const char *q, const char *sort, const char *channel)
{
	struct engine_export cfg = {.what = what, .format = "csv", .filter = ENGINE_FILTER_ALL};
	int64_t rows = 0;

	cfg.filter.q = q;
	cfg.filter.sort = sort;
	cfg.filter.channel = channel;
	free(run_with(r, cfg, &rows));
	return rows;
}

/* Videos and discoveries as well, over several pages, of all channels and of one. */
static void test_videos_and_discoveries_by_filter(void **state)
{
	struct room *r = *state;
	struct cid ninth = seed_cid(9);
	char channel[CID_TEXT + 1];
	int64_t rows = 0;
	struct engine_export cfg = {.what = "videos",
	    .format = "csv",
	    .columns = "view_count",
	    .filter = ENGINE_FILTER_ALL};
	char *text;

	cid_format(&ninth, channel);
	assert_int_equal(count_found(r, "videos", "views>=16000", NULL, NULL), VIDEOS - 16000);
	assert_int_equal(count_found(r, "videos", NULL, "views:desc", NULL), VIDEOS);
	assert_int_equal(count_found(r, "videos", "views>=0", NULL, channel), 1);
	assert_int_equal(count_found(r, "discoveries", "method=playlists", NULL, NULL), EDGES);
	assert_int_equal(
	    count_found(r, "discoveries", "method=subscriptions", "seen", NULL), EDGES_AGAIN);
	assert_int_equal(count_found(r, "discoveries", "conf<0.3", NULL, channel), 22000 + 1);
	cfg.filter.q = "views>=25997";
	cfg.filter.sort = "views:desc";
	text = run_with(r, cfg, &rows);
	assert_string_equal(text, "view_count\r\n25999\r\n25998\r\n25997\r\n");
	free(text);
}

/* All that is wrong is said before a row is written. */
static void test_what_cannot_be_found(void **state)
{
	static const struct {
		const char *what, *q, *sort, *channel, *words;
	} rows[] = {
	    {"channels", "nothing>3", NULL, NULL, "nothing"},
	    {"channels", NULL, "luck:desc", NULL, "luck"},
	    {"channels", "subs>1", NULL, "UC_x5XG1OV2P6uZZ5FSM9Ttw", "exclude"},
	    {"videos", "colour>1", NULL, NULL, "colour"},
	    {"discoveries", NULL, "luck", NULL, "luck"},
	    {"jobs", NULL, "luck", NULL, "luck"},
	    {"jobs", "colour=red", NULL, NULL, "colour"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct engine_export cfg = {
		    .what = rows[i].what, .format = "csv", .filter = ENGINE_FILTER_ALL};
		struct errbuf eb = {0};
		cfg.filter.q = rows[i].q;
		cfg.filter.sort = rows[i].sort;
		cfg.filter.channel = rows[i].channel;
		assert_int_equal(engine_export_check(&cfg, &eb), ERR_INVALID);
		if (!strstr(eb.text, rows[i].words))
			fail_msg("\"%s\" is not in: %s", rows[i].words, eb.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_csv),
	    cmocka_unit_test(test_jsonl),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_video_row),
	    cmocka_unit_test(test_filters),
	    cmocka_unit_test(test_by_the_filter_language),
	    cmocka_unit_test(test_videos_and_discoveries_by_filter),
	    cmocka_unit_test(test_what_cannot_be_found),
	    cmocka_unit_test(test_combined),
	    cmocka_unit_test(test_stopped_and_slow),
	    cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
