/* The import as a whole: a real staging file in a temporary folder, written through the writer. */
#include "config.h"
#include "tests/unit/import_fixture.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"

#include <stdio.h>
#include <string.h>

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
	    IMPORT_TEST(test_counts),
	    IMPORT_TEST(test_again),
	    IMPORT_TEST(test_texts),
	    IMPORT_TEST(test_rejects_file),
	    IMPORT_TEST(test_many_rejects),
	    IMPORT_TEST(test_outbox),
	    IMPORT_TEST(test_refusals),
	    IMPORT_TEST(test_real_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
