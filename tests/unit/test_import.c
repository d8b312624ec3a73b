/* The import as a whole: a real staging file in a temporary folder, written through the writer. */
#include "config.h"
#include "db/sources/channel_ref.h"
#include "engine/base/clock.h"
#include "engine/jobs/import.h"
#include "engine/jobs/import_sort.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/parts.h"
#include "engine/base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A "UCkKk1XTkh1d4bv7t_cNrfjg"
#define B "UCiQJ0oSWJir5--WLFzkhCkw"
#define C "UC---3DJRLoMKDlbxvqCE2-A"

struct fixture {
	char dir[64], staging[96], list[96];
	struct writer *writer;
	struct import_result result;
	struct errbuf eb;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	snprintf(f->dir, sizeof f->dir, "/tmp/test_import_XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->staging, sizeof f->staging, "%s/staging.db", f->dir);
	snprintf(f->list, sizeof f->list, "%s/list.csv", f->dir);
	assert_int_equal(writer_start(&f->writer, f->staging, NULL, &f->eb), ERR_OK);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	writer_stop(f->writer);
	import_result_done(&f->result);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static void put_list(const struct fixture *f, const char *text, size_t len)
{
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static struct import_config config(const struct fixture *f)
{
	return (struct import_config){.path = f->list, .data_dir = f->dir, .writer = f->writer};
}

static void check_sum(const struct import_result *r)
{
	assert_int_equal(r->read, r->added + r->known + r->invalid + r->duplicates + r->unresolved +
	                              r->unresolved_known + r->unstored);
}

/* Imports f->list; the whole must go well. */
static const struct import_result *import(struct fixture *f, const struct import_config *cfg)
{
	enum err err;

	import_result_done(&f->result);
	f->eb = (struct errbuf){0};
	err = import_run(cfg, &f->result, &f->eb);
	assert_string_equal(f->eb.text, "");
	assert_int_equal(err, ERR_OK);
	check_sum(&f->result);
	assert_int_equal(f->result.unstored, 0);
	return &f->result;
}

static const struct import_result *import_text(struct fixture *f, const char *text)
{
	struct import_config cfg = config(f);

	put_list(f, text, strlen(text));
	return import(f, &cfg);
}

static enum err check_staging(struct staging *s, void *arg, struct errbuf *eb)
{
	(void)arg;
	return staging_check_counters(s, eb);
}

/* A number from the staging file, by a connection that only reads. */
static int64_t ask(const struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t n;

	assert_int_equal(db_open(&db, f->staging, DB_READ, NULL), ERR_OK);
	assert_int_equal(db_prepare(db, &stmt, sql, NULL), ERR_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	db_close(db);
	return n;
}

static void check_counters(struct fixture *f)
{
	struct errbuf eb = {0};
	enum err err = writer_run(f->writer, check_staging, NULL, true, &eb);

	assert_string_equal(eb.text, "");
	assert_int_equal(err, ERR_OK);
	assert_int_equal(
	    ask(f, "SELECT coalesce(max(value), 0) FROM counter WHERE name = 'channels'"),
	    ask(f, "SELECT count(*) FROM channel"));
}

static void test_counts(void **state)
{
	struct fixture *f = *state;
	const struct import_result *r = import_text(f,
	    "channel_id,title,description\n" A ",One,about one\n" B ",\"Two, too\",\n"
	    "bad,Nought,\n" A ",One again,other\nhttps://www.youtube.com/channel/" C
	    ",Three,about 3\n"
	    "@Some.One,Handle,\n\nhttps://youtube.com/user/Name,,\n@some.one,,\n");

	assert_int_equal(r->read, 8);
	assert_int_equal(r->added, 3);
	assert_int_equal(r->known, 0);
	assert_int_equal(r->invalid, 1);
	assert_int_equal(r->duplicates, 1);
	assert_int_equal(r->unresolved, 2);
	assert_int_equal(r->unresolved_known, 1);
	assert_int_equal(r->n_rejects, 1);
	assert_int_equal(r->rejects[0].line, 4);
	assert_string_equal(
	    r->rejects[0].reason, "neither a channel id nor a channel URL nor a @handle");
	check_counters(f);
	/* the first row of an id is the one kept, with its texts */
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM channels WHERE channel_id = '" A "' AND title = 'One'"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM channel_text JOIN channel_id USING (cid) WHERE "
	           "channel_id = '" A "' AND description = 'about one'"),
	    1);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel_text"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM channels WHERE title = 'Two, too'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM unresolved WHERE kind = 'handle' AND "
	                        "name = '@some.one' AND title = 'Handle' AND line = 7"),
	    1);
	assert_int_equal(ask(f, "SELECT count(*) FROM unresolved WHERE kind = 'user' AND "
	                        "name = 'name' AND title IS NULL AND line = 9"),
	    1);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM origin WHERE source = 'migration' AND read = 8 "
	           "AND added = 3 AND finished_at IS NOT NULL"),
	    1);
}

static void test_again(void **state)
{
	struct fixture *f = *state;
	static const char list[] = "channel_id,title\n" A ",One\n" B ",Two\nbad,x\n@h,\n" A ",\n";
	const struct import_result *r = import_text(f, list);

	assert_int_equal(r->added, 2);
	r = import_text(f, list);
	assert_int_equal(r->read, 5);
	assert_int_equal(r->added, 0);
	assert_int_equal(r->known, 2);
	assert_int_equal(r->invalid, 1);
	assert_int_equal(r->duplicates, 1);
	assert_int_equal(r->unresolved, 0);
	assert_int_equal(r->unresolved_known, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE origin = 1"), 2);
	r = import_text(f, "channel_id,title\n" C ",New\n" A ",Other\n");
	assert_int_equal(r->added, 1);
	assert_int_equal(r->known, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE origin = 3"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE title = 'Other'"), 0);
	check_counters(f);
}

static void test_texts(void **state)
{
	struct fixture *f = *state;
	struct str s;

	str_init(&s, 1000000);
	str_adds(&s, "channel_id,title,description\n" A ",\"broken \xFF\x1B[2J\",");
	for (int i = 0; i < 20000; i++)
		str_adds(&s, "日");
	str_adds(&s, "\n" B ",");
	for (int i = 0; i < 1000; i++)
		str_adds(&s, "日");
	str_adds(&s, ",\n" C ",,\n");
	import_text(f, str_get(&s));
	str_done(&s);
	assert_int_equal(f->result.added, 3);
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM channel WHERE title = 'broken \xEF\xBF\xBD[2J'"), 1);
	/* cut at the end of a character: 20 KiB and 2000 bytes are no multiple of three */
	assert_int_equal(
	    ask(f, "SELECT length(CAST(description AS BLOB)) FROM channel_text"), 20478);
	assert_int_equal(ask(f, "SELECT max(length(CAST(title AS BLOB))) FROM channel"), 1998);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE title IS NULL"), 1);
}

static void test_rejects_file(void **state)
{
	struct fixture *f = *state;
	static const char expected[] = "line,reason,text\n"
	                               "2,\"neither a channel id nor a channel URL nor a "
	                               "@handle\",\"bad,\"\"x\"\"\"\n"
	                               "3,\"a quote is not closed\",\"" B ",\"\"open\"\n";
	char text[1000];
	size_t n;
	FILE *file;
	const struct import_result *r =
	    import_text(f, "channel_id,title\nbad,\"x\"\n" B ",\"open\n" A ",One\n");

	assert_int_equal(r->added, 1);
	assert_int_equal(r->invalid, 2);
	assert_non_null(r->rejects_path);
	assert_non_null(strstr(r->rejects_path, "/rejects/import-1.csv"));
	assert_null(strstr(r->rejects_path, ".part"));
	file = fopen(r->rejects_path, "r");
	assert_non_null(file);
	n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[n] = '\0';
	assert_string_equal(text, expected);
	/* nothing to say: no file */
	r = import_text(f, A "\n");
	assert_int_equal(r->invalid, 0);
	assert_null(r->rejects_path);
}

static void test_many_rejects(void **state)
{
	struct fixture *f = *state;
	const struct import_result *r;
	struct str s;

	str_init(&s, 1000000);
	str_adds(&s, "channel_id\n");
	for (int i = 0; i < 250; i++)
		str_addf(&s, "bad %d\n", i);
	str_adds(&s, A "\n");
	r = import_text(f, str_get(&s));
	str_done(&s);
	assert_int_equal(r->invalid, 250);
	assert_int_equal(r->n_rejects, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(r->rejects[i].line, i + 2);
	assert_int_equal(r->added, 1);
}

/* n rows with random ids by a counter; every 50th repeats the row 25 before it with another title */
static void write_many(const struct fixture *f, int64_t n)
{
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	fputs("title,channel_id\n", file);
	for (int64_t i = 0; i < n; i++) {
		uint64_t key = (uint64_t)(i % 50 == 49 ? i - 25 : i);
		struct cid cid;
		char id[CID_TEXT + 1];
		import_key_join(
		    key * UINT64_C(0x9E3779B97F4A7C15), key * UINT64_C(0xBF58476D1CE4E5B9), &cid);
		fprintf(file, "row %lld,%s\n", (long long)i, cid_format(&cid, id));
	}
	assert_int_equal(fclose(file), 0);
}

static void test_spill(void **state)
{
	struct fixture *f = *state;
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	_Atomic int64_t total = -1, processed = 0;
	const struct import_result *r;
	enum { ROWS = 600000 };

	write_many(f, ROWS);
	cfg.memory_mib = 16; /* the least: blocks of 8 MiB, some three runs */
	cfg.progress = &progress;
	cfg.total = &total;
	cfg.processed = &processed;
	r = import(f, &cfg);
	assert_int_equal(r->read, ROWS);
	assert_int_equal(r->duplicates, ROWS / 50);
	assert_int_equal(r->added, ROWS - ROWS / 50);
	assert_int_equal(atomic_load(&progress.rows_read), ROWS);
	assert_int_equal(atomic_load(&progress.rows_settled), ROWS);
	assert_int_equal(atomic_load(&progress.rows_added), r->added);
	assert_int_equal(atomic_load(&progress.bytes_read), atomic_load(&progress.bytes_total));
	assert_string_equal(
	    import_phase_word((enum import_phase)atomic_load(&progress.phase)), "ended");
	assert_int_equal(atomic_load(&total), ROWS);
	assert_int_equal(atomic_load(&processed), ROWS);
	check_counters(f);
	/* the first of two rows won everywhere: titles of the later ones are not there */
	assert_int_equal(ask(f, "SELECT count(*) FROM channel WHERE "
	                        "CAST(substr(title, 5) AS INTEGER) % 50 = 49"),
	    0);
	assert_int_equal(ask(f, "SELECT sum(CAST(substr(title, 5) AS INTEGER)) FROM channel"),
	    (int64_t)ROWS * (ROWS - 1) / 2 -
	        ((int64_t)(ROWS / 50) * 49 + (int64_t)50 * (ROWS / 50) * (ROWS / 50 - 1) / 2));
	/* the file of the runs has no name */
	r = import(f, &cfg);
	assert_int_equal(r->known, ROWS - ROWS / 50);
	assert_int_equal(r->added, 0);
}

struct stopper {
	struct import_progress *progress;
	atomic_bool *stop;
	bool storing;     /* stop when rows were added, not already while reading */
	atomic_bool done; /* the import ended without it */
	int64_t at_ms;
};

static void *stopper_main(void *arg)
{
	struct stopper *s = arg;

	while (!atomic_load(&s->done) && (s->storing ? atomic_load(&s->progress->rows_added)
	                                             : atomic_load(&s->progress->rows_read)) == 0)
		clock_sleep_ms(1);
	s->at_ms = clock_mono_ms();
	atomic_store(s->stop, true);
	return NULL;
}

/* Stops an import in the middle; the rest of the file is completed by a second run. */
static void check_stop(struct fixture *f, bool storing)
{
	enum { ROWS = 500000 };
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	atomic_bool stop = false;
	struct stopper stopper = {.progress = &progress, .stop = &stop, .storing = storing};
	pthread_t thread;
	int64_t added, ended_ms;
	enum err err;

	write_many(f, ROWS);
	cfg.memory_mib =
	    16; /* small slices, so that the stop falls between the first and the last */
	cfg.progress = &progress;
	cfg.stop = &stop;
	assert_int_equal(pthread_create(&thread, NULL, stopper_main, &stopper), 0);
	err = import_run(&cfg, &f->result, &f->eb);
	ended_ms = clock_mono_ms();
	atomic_store(&stopper.done, true);
	pthread_join(thread, NULL);
	/* much less in fact; the machine that runs this may be slow */
	assert_true(ended_ms - stopper.at_ms < 2000);
	assert_int_equal(err, ERR_CANCELLED);
	check_sum(&f->result);
	assert_true(f->result.unstored > 0);
	added = f->result.added;
	assert_true(storing ? added > 0 : added == 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel"), added);
	assert_int_equal(ask(f, "SELECT count(*) FROM origin WHERE finished_at IS NULL"), 1);
	check_counters(f);

	cfg.stop = NULL;
	import(f, &cfg);
	assert_int_equal(f->result.known, added);
	assert_int_equal(f->result.added + added, ROWS - ROWS / 50);
	check_counters(f);
}

static void test_stop_storing(void **state)
{
	check_stop(*state, true);
}

static void test_stop_reading(void **state)
{
	check_stop(*state, false);
}

static void test_stopped_rejects(void **state)
{
	struct fixture *f = *state;
	struct import_config cfg = config(f);
	struct import_progress progress = {0};
	atomic_bool stop = false;
	struct stopper stopper = {.progress = &progress, .stop = &stop};
	pthread_t thread;
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	fputs("channel_id,title\n" A ",One\n", file);
	for (int i = 0; i < 1000000; i++)
		fputs("bad,row\n", file);
	assert_int_equal(fclose(file), 0);
	cfg.progress = &progress;
	cfg.stop = &stop;
	assert_int_equal(pthread_create(&thread, NULL, stopper_main, &stopper), 0);
	assert_int_equal(import_run(&cfg, &f->result, &f->eb), ERR_CANCELLED);
	pthread_join(thread, NULL);
	check_sum(&f->result);
	assert_non_null(f->result.rejects_path);
	assert_non_null(strstr(f->result.rejects_path, "import-1.csv.part"));
	assert_int_equal(access(f->result.rejects_path, R_OK), 0);
}

static enum err take_outbox(struct staging *s, void *arg, struct errbuf *eb)
{
	struct cid key = {{1}};
	int64_t *seq = arg;
	enum err err;

	/* as the sync does: the walk over everything ends, one over an origin is half done */
	if (!seq[0])
		return staging_outbox_walked(s, 1, &key, eb);
	err = staging_outbox_walked(s, seq[0], &key, eb);
	return err;
}

static void test_outbox(void **state)
{
	struct fixture *f = *state;
	int64_t seq = 0;

	/* as long as the walk over everything has not begun, nothing more is needed */
	import_text(f, A "\n");
	assert_int_equal(ask(f, "SELECT count(*) FROM outbox"), 1);
	assert_int_equal(writer_run(f->writer, take_outbox, &seq, true, &f->eb), ERR_OK);
	import_text(f, A "\n" B "\n");
	assert_int_equal(
	    ask(f, "SELECT count(*) FROM outbox WHERE kind = 2 AND num = 2 AND key IS NULL"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM outbox"), 2);
	check_counters(f);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	struct import_config cfg = config(f);

	cfg.path = "/nonexistent/list.csv";
	assert_int_equal(import_run(&cfg, &f->result, &f->eb), ERR_NOTFOUND);
	assert_non_null(strstr(f->eb.text, "/nonexistent/list.csv"));
	assert_int_equal(f->result.origin, 0);
	assert_int_equal(f->result.read, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM origin"), 0);
	/* the folder for rejects cannot be made: the rows before are told, none is lost in silence */
	cfg = config(f);
	cfg.data_dir = f->list;
	put_list(f, "bad\n" A "\n", 29);
	assert_int_equal(import_run(&cfg, &f->result, &f->eb), ERR_IO);
	check_sum(&f->result);
	assert_int_equal(f->result.invalid, 1);
}

/* ---- the job type ---- */

static enum err run_job(struct fixture *f, const char *params, struct job_row *row, json_t **result)
{
	struct settings *settings = NULL;
	struct engine_parts parts = {.data_dir = f->dir, .writer = f->writer};
	atomic_bool stop = false;
	_Atomic int64_t total = -1, processed = 0;
	json_t *given = json_loads(params, 0, NULL), *checked = NULL;
	struct job_run run = {
	    .parts = &parts, .stop = &stop, .total = &total, .processed = &processed, .row = row};
	enum err err;

	assert_non_null(given);
	assert_int_equal(settings_load(&settings, "/dev/null", &f->eb), ERR_OK);
	parts.settings = settings;
	*row = (struct job_row){0};
	run.result = *result = json_object();
	run.params = checked = given;
	f->eb = (struct errbuf){0};
	err = migration_type.run(&run, &f->eb);
	if (!err) {
		assert_int_equal(atomic_load(&total), row->total);
		assert_int_equal(atomic_load(&processed), row->processed);
	}
	json_decref(checked);
	settings_free(settings);
	return err;
}

static int64_t number(const json_t *o, const char *name)
{
	assert_true(json_is_integer(json_object_get(o, name)));
	return json_integer_value(json_object_get(o, name));
}

static void test_job(void **state)
{
	struct fixture *f = *state;
	struct job_row row;
	json_t *result, *rejects;
	char params[300];

	put_list(f, "channel_id\n" A "\nbad\n" B "\n" A "\n@h\n", 11 + 25 + 4 + 25 + 25 + 3);
	snprintf(params, sizeof params,
	    "{\"source_type\":\"csv\",\"source_path\":\"%s\",\"source\":\"bulk_upload\",\"batch_"
	    "size\":5000}",
	    f->list);
	assert_int_equal(run_job(f, params, &row, &result), ERR_OK);
	assert_int_equal(row.total, 5);
	assert_int_equal(row.processed, 5);
	assert_int_equal(row.done, 3);
	assert_int_equal(row.failed, 1);
	assert_int_equal(row.missing, 0);
	assert_int_equal(number(result, "read"), 5);
	assert_int_equal(number(result, "added"), 2);
	assert_int_equal(number(result, "known"), 0);
	assert_int_equal(number(result, "invalid"), 1);
	assert_int_equal(number(result, "duplicates"), 1);
	assert_int_equal(number(result, "unresolved"), 1);
	rejects = json_object_get(result, "rejects");
	assert_int_equal(json_array_size(rejects), 1);
	assert_int_equal(number(json_array_get(rejects, 0), "line"), 3);
	assert_non_null(json_string_value(json_object_get(json_array_get(rejects, 0), "reason")));
	assert_non_null(json_string_value(json_object_get(result, "rejects_file")));
	assert_true(json_is_real(json_object_get(result, "seconds")));
	json_decref(result);
	assert_int_equal(ask(f, "SELECT count(*) FROM origin WHERE source = 'bulk_upload'"), 1);
}

static void test_job_refusals(void **state)
{
	struct fixture *f = *state;
	struct job_row row;
	json_t *result;

	assert_int_equal(run_job(f, "{\"source_type\":\"mysql\",\"source_path\":\"mysql://h/db\"}",
	                     &row, &result),
	    ERR_INVALID);
	assert_non_null(strstr(f->eb.text, "export the table as CSV"));
	json_decref(result);
	assert_int_equal(
	    run_job(f, "{\"source_type\":\"xml\",\"source_path\":\"x\"}", &row, &result),
	    ERR_INVALID);
	assert_non_null(strstr(f->eb.text, "Unsupported source type: xml"));
	json_decref(result);
	assert_int_equal(run_job(f, "{\"source_type\":\"csv\"}", &row, &result), ERR_INVALID);
	assert_non_null(strstr(f->eb.text, "source_path"));
	json_decref(result);
}

/* ---- a real list ---- */

static void test_real_list(void **state)
{
	struct fixture *f = *state;
	const char *top = settings_environment("TOP_SRCDIR");
	struct import_config cfg = config(f);
	const struct import_result *r;
	struct str path;
	char line[4096];
	int64_t lines = -1; /* the header */
	FILE *file;

	str_init(&path, 4096);
	str_addf(&path, "%s/../shared/data/channels-3080.csv", top ? top : ".");
	file = fopen(str_get(&path), "r");
	if (!file) {
		print_message("skipped: no %s\n", str_get(&path));
		str_done(&path);
		skip();
	}
	/* independent of the reader: one row per line in this file */
	while (fgets(line, sizeof line, file))
		lines += strchr(line, '\n') != NULL;
	rewind(file);
	cfg.path = str_get(&path);
	r = import(f, &cfg);
	assert_int_equal(r->read, lines);
	assert_int_equal(r->invalid, 0);
	assert_int_equal(r->added + r->duplicates, lines);
	check_counters(f);
	while (fgets(line, sizeof line, file)) {
		char sql[200];
		if (strncmp(line, "UC", 2) != 0 || ftell(file) % 16)
			continue; /* a part of them is enough */
		snprintf(sql, sizeof sql,
		    "SELECT count(*) FROM channels WHERE channel_id = '%.24s' "
		    "AND title IS NOT NULL",
		    line);
		assert_int_equal(ask(f, sql), 1);
	}
	fclose(file);
	str_done(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_counts),
	    TEST(test_again),
	    TEST(test_texts),
	    TEST(test_rejects_file),
	    TEST(test_many_rejects),
	    TEST(test_spill),
	    TEST(test_stop_storing),
	    TEST(test_stop_reading),
	    TEST(test_stopped_rejects),
	    TEST(test_outbox),
	    TEST(test_refusals),
	    TEST(test_job),
	    TEST(test_job_refusals),
	    TEST(test_real_list),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
