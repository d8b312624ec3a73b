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

	static const char *const misfits[] = {
	    "{\"source_type\":\"mysql\",\"source_path\":\"list.csv\"}",
	    "{\"source_type\":\"csv\",\"source_path\":\"mysql://u:Geheim1@h/db\"}",
	    "{\"source_type\":\"mysql\",\"source_path\":\"postgresql://u:Geheim1@h/db\"}",
	    "{\"source_path\":\"http://u:Geheim1@h/db\"}",
	};

	for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
		assert_int_equal(run_job(f, misfits[i], &row, &result), ERR_INVALID);
		assert_true(strlen(f->eb.text) > 10);
		assert_null(strstr(f->eb.text, "Geheim1"));
		json_decref(result);
	}
	/* its password was taken out when the job was made, by another process */
	assert_int_equal(
	    run_job(f, "{\"source_path\":\"mysql://u:***@127.0.0.1:1/db\"}", &row, &result),
	    ERR_DENIED);
	assert_non_null(strstr(f->eb.text, "IMPORT_PASSWORD"));
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

/* A file that ends in the middle: what came before is stored, the job fails and says where. */
static void test_job_torn(void **state)
{
	struct fixture *f = *state;
	struct job_row row;
	json_t *result;
	char params[200];

	put_list(f, "[\"" A "\",\n\"" B "\",\n{\"id\":", 58 + 6);
	snprintf(params, sizeof params, "{\"source_path\":\"%s\"}", f->list);
	assert_int_equal(run_job(f, params, &row, &result), ERR_CORRUPT);
	assert_non_null(strstr(f->eb.text, "list.csv: line 3: "));
	assert_int_equal(number(result, "added"), 2);
	assert_int_equal(number(result, "invalid"), 1);
	assert_int_equal(number(result, "unstored"), 0);
	assert_string_equal(json_string_value(json_object_get(
	                        json_array_get(json_object_get(result, "rejects"), 0), "reason")),
	    "item 3: the file ends in the middle of an item");
	json_decref(result);
	assert_int_equal(ask(f, "SELECT count(*) FROM channel"), 2);
	check_counters(f);
}

/* What params become, "" when they are refused; *secret is the caller's. */
static void admit(struct fixture *f, const struct settings *settings, const char *by,
    const char *path, struct secret **secret, char *shown, size_t size)
{
	json_t *given = json_pack("{s:s}", "source_path", path), *params = NULL;
	const char *text;

	f->eb = (struct errbuf){0};
	if (job_params_admit(&migration_type, settings, by, given, &params, secret, &f->eb)) {
		assert_null(params);
		assert_null(*secret);
	}
	text = json_string_value(json_object_get(params, "source_path"));
	snprintf(shown, size, "%s", text ? text : "");
	json_decref(params);
	json_decref(given);
}

static void test_job_admission(void **state)
{
	struct fixture *f = *state;
	struct settings *settings = NULL;
	struct secret *secret = NULL;
	char shown[200];

	assert_int_equal(settings_load(&settings, "/dev/null", &f->eb), ERR_OK);
	admit(f, settings, "cli", "mysql://u:Geheim1@h/db?table=t", &secret, shown, sizeof shown);
	assert_string_equal(shown, "mysql://u:***@h/db?table=t");
	assert_string_equal(secret_reveal(secret), "Geheim1");
	secret_free(secret);
	admit(f, settings, "cli", "/a/list:x@y.csv", &secret, shown, sizeof shown);
	assert_string_equal(shown, "/a/list:x@y.csv");
	assert_null(secret);
	admit(f, settings, "cli", "https://u:Geheim1@h/list", &secret, shown, sizeof shown);
	assert_int_equal(f->eb.code, ERR_INVALID);
	assert_null(strstr(f->eb.text, "Geheim1"));
	admit(f, settings, "console", "mysql://u:Geheim1@h", &secret, shown, sizeof shown);
	assert_int_equal(f->eb.code, ERR_INVALID);
	assert_null(strstr(f->eb.text, "Geheim1"));
	/* over REST only what a setting allows */
	admit(f, settings, "rest", "mysql://u:Geheim1@h/db", &secret, shown, sizeof shown);
	assert_int_equal(f->eb.code, ERR_DENIED);
	assert_non_null(strstr(f->eb.text, "MIGRATE_HOSTS"));
	assert_int_equal(
	    settings_set(settings, "MIGRATE_HOSTS", "other, h:3306", "test", &f->eb), ERR_OK);
	admit(f, settings, "rest", "mysql://u:Geheim1@h/db", &secret, shown, sizeof shown);
	assert_string_equal(shown, "mysql://u:***@h/db");
	secret_free(secret);
	admit(f, settings, "rest", "mysql://u:Geheim1@h:3307/db", &secret, shown, sizeof shown);
	assert_int_equal(f->eb.code, ERR_DENIED);
	settings_free(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IMPORT_TEST(test_job),
	    IMPORT_TEST(test_job_refusals),
	    IMPORT_TEST(test_job_admission),
	    IMPORT_TEST(test_job_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
