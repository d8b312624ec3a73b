#include "config.h"
#include "tests/unit/import_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int set_up(void **state)
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

int tear_down(void **state)
{
	struct fixture *f = *state;

	writer_stop(f->writer);
	import_result_done(&f->result);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

void put_list(const struct fixture *f, const char *text, size_t len)
{
	FILE *file = fopen(f->list, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

struct import_config config(const struct fixture *f)
{
	return (struct import_config){.path = f->list, .data_dir = f->dir, .writer = f->writer};
}

void check_sum(const struct import_result *r)
{
	assert_int_equal(r->read, r->added + r->known + r->invalid + r->duplicates + r->unresolved +
	                              r->unresolved_known + r->unstored);
}

const struct import_result *import(struct fixture *f, const struct import_config *cfg)
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

const struct import_result *import_text(struct fixture *f, const char *text)
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

int64_t ask(const struct fixture *f, const char *sql)
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

void check_counters(struct fixture *f)
{
	struct errbuf eb = {0};
	enum err err = writer_run(f->writer, check_staging, NULL, true, &eb);

	assert_string_equal(eb.text, "");
	assert_int_equal(err, ERR_OK);
	assert_int_equal(
	    ask(f, "SELECT coalesce(max(value), 0) FROM counter WHERE name = 'channels'"),
	    ask(f, "SELECT count(*) FROM channel"));
}
