/* The job type of the import. */
#include "config.h"
#include "tests/unit/import_fixture.h"
#include "engine/base/settings.h"
#include "engine/jobs/job_types.h"
#include "engine/jobs/parts.h"

#include <stdio.h>
#include <string.h>

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
		assert_int_equal(atomic_load(&total), row->done + row->failed);
		assert_int_equal(atomic_load(&processed), row->done + row->failed);
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
	assert_int_equal(row.done, 4); /* the handle is kept aside, not lost */
	assert_int_equal(row.failed, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IMPORT_TEST(test_job),
	    IMPORT_TEST(test_job_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
