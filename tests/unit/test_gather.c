/* gather: what goes through it is what SQLite alone would have written, at every commit, after errors too. */
#include "config.h"
#include "db/gather.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

struct room {
	struct scratch scratch;
	sqlite3 *db;
	uint64_t dice;
	char name[SCRATCH_SIZE * 2 + 4];
};

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *t = NULL;
	int64_t n = -1;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &t, NULL), SQLITE_OK);
	if (sqlite3_step(t) == SQLITE_ROW)
		n = sqlite3_column_int64(t, 0);
	sqlite3_finalize(t);
	return n;
}

/* By SQLite's own VFS, as any other program would open it. */
static sqlite3 *look(struct room *r, const char *name)
{
	sqlite3 *db = NULL;

	assert_int_equal(
	    sqlite3_open_v2(scratch_path(&r->scratch, name), &db, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(run(db, "PRAGMA wal_autocheckpoint=0"), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return db;
}

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);

	*state = r;
	if (!r || scratch_open(&r->scratch) || !gather_vfs_name())
		return 1;
	r->dice = 20261130;
	if (sqlite3_open_v2(scratch_path(&r->scratch, "a.db"), &r->db,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, gather_vfs_name()) != SQLITE_OK)
		return 1;
	sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* ten pages of cache: transactions spill into the WAL long before they commit */
	return run(r->db,
	    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;"
	    "PRAGMA cache_size=10; CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB, n INTEGER);"
	    "CREATE INDEX t_n ON t (n, v)");
}

static int tear_down(void **state)
{
	struct room *r = *state;

	sqlite3_close(r->db);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

static uint64_t roll(struct room *r, uint64_t sides)
{
	r->dice = r->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (r->dice >> 33) % sides;
}

static const char sum_sql[] = "SELECT coalesce(sum(k * 31 + n + length(v) * 7), 0) FROM t";

static void copy(struct room *r, const char *from, const char *to)
{
	char source[SCRATCH_SIZE * 2], bytes[4096];
	FILE *in, *out;
	size_t n;

	snprintf(source, sizeof source, "%s", scratch_path(&r->scratch, from));
	in = fopen(source, "rb");
	out = fopen(scratch_path(&r->scratch, to), "wb");
	assert_true(in && out);
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* What a crash would leave: the files as they are, without the WAL-index. */
static void check_crash(struct room *r, int64_t sum)
{
	sqlite3 *db;

	copy(r, "a.db", "b.db");
	copy(r, "a.db-wal", "b.db-wal");
	unlink(scratch_path(&r->scratch, "b.db-shm"));
	db = look(r, "b.db");
	assert_int_equal(number(db, sum_sql), sum);
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check "
	                            "WHERE integrity_check <> 'ok'"),
	    0);
	sqlite3_close(db);
}

static int change(struct room *r)
{
	char sql[256];
	unsigned long long k = roll(r, 3000), n = roll(r, 100000), size = 20 + roll(r, 900);

	switch (roll(r, 8)) {
	case 0:
		snprintf(sql, sizeof sql, "DELETE FROM t WHERE k = %llu", k);
		break;
	case 1:
		snprintf(sql, sizeof sql, "UPDATE t SET n = n + 1 WHERE k BETWEEN %llu AND %llu", k,
		    k + 40);
		break;
	default:
		snprintf(sql, sizeof sql, "REPLACE INTO t VALUES (%llu, zeroblob(%llu), %llu)", k,
		    size, n);
	}
	return run(r->db, sql);
}

static void changes(struct room *r, uint64_t most)
{
	for (uint64_t i = 1 + roll(r, most); i > 0; i--)
		assert_int_equal(change(r), SQLITE_OK);
}

/* Parts that are taken back leave frames in the WAL that others are written over. */
static void transaction(struct room *r)
{
	assert_int_equal(run(r->db, "BEGIN IMMEDIATE"), SQLITE_OK);
	changes(r, 200);
	if (roll(r, 3) == 0) {
		assert_int_equal(run(r->db, "SAVEPOINT part"), SQLITE_OK);
		changes(r, 100);
		if (roll(r, 2))
			assert_int_equal(run(r->db, "ROLLBACK TO part"), SQLITE_OK);
		assert_int_equal(run(r->db, "RELEASE part"), SQLITE_OK);
		changes(r, 50);
	}
}

static void test_everybody_sees_each_commit_whole(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db");
	int64_t sum = 0;

	for (int i = 0; i < 150; i++) {
		transaction(r);
		assert_int_equal(number(other, sum_sql), sum); /* not yet */
		if (roll(r, 5) == 0) {
			assert_int_equal(run(r->db, "ROLLBACK"), SQLITE_OK);
		} else {
			assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
			sum = number(other, sum_sql); /* before the writer reads anything */
		}
		assert_int_equal(number(r->db, sum_sql), sum);
		if (i % 10 == 9)
			check_crash(r, sum);
		if (roll(r, 6) == 0)
			assert_int_equal(
			    number(r->db, roll(r, 2) ? "PRAGMA wal_checkpoint(PASSIVE)"
			                             : "PRAGMA wal_checkpoint(TRUNCATE)"),
			    0);
		assert_int_equal(number(other, sum_sql), sum);
	}
	assert_int_equal(number(r->db, "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
	assert_int_equal(number(other, sum_sql), sum);
	check_crash(r, sum);
	sqlite3_close(other);
}

static void test_all_frames_are_in_the_file_after_their_commit(void **state)
{
	struct room *r = *state;
	struct stat st;

	/* a transaction that the cache holds whole: nothing of it is in the WAL before its commit */
	assert_int_equal(run(r->db, "PRAGMA cache_size=-8192; PRAGMA wal_checkpoint(TRUNCATE);"
	                            "BEGIN IMMEDIATE"),
	    SQLITE_OK);
	for (int i = 0; i < 600; i++)
		assert_int_equal(change(r), SQLITE_OK);
	assert_int_equal(stat(scratch_path(&r->scratch, "a.db-wal"), &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
	assert_int_equal(stat(scratch_path(&r->scratch, "a.db-wal"), &st), 0);
	assert_true(st.st_size > 100 * 4096);
	assert_int_equal(st.st_size % (4096 + 24), 32);
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static rlim_t size_of(struct room *r, const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(&r->scratch, name), &st), 0);
	return (rlim_t)st.st_size;
}

/* Runs changes until one fails, or the commit; the transaction is taken back. */
static void fail_once(struct room *r)
{
	int code = run(r->db, "BEGIN IMMEDIATE");

	for (int i = 0; i < 4000 && code == SQLITE_OK; i++)
		code = change(r);
	if (code == SQLITE_OK)
		code = run(r->db, "COMMIT");
	assert_int_not_equal(code, SQLITE_OK);
	if (!sqlite3_get_autocommit(r->db))
		run(r->db, "ROLLBACK");
}

/* A file that may not grow stands for a full disk. */
static void test_a_full_disk_loses_nothing_committed(void **state)
{
	struct room *r = *state;
	int64_t sum;

	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 12; i++) {
		transaction(r);
		assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
		sum = number(r->db, sum_sql);
		/* some more frames fit, or part of one */
		limit_files(size_of(r, "a.db-wal") + 1000 * (rlim_t)roll(r, 200));
		fail_once(r);
		assert_int_equal(number(r->db, sum_sql), sum);
		limit_files(RLIM_INFINITY);
		assert_int_equal(number(r->db, sum_sql), sum);
		check_crash(r, sum);
		transaction(r);
		assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
		check_crash(r, number(r->db, sum_sql));
	}
}

#define MORE_ROWS                                                                                 \
	"REPLACE INTO t SELECT k + 3000 * (1 + (SELECT max(k) FROM t) / 3000), zeroblob(900), n " \
	"FROM t LIMIT "

/* stopped: by a reader before the end of the WAL. */
static void fail_a_checkpoint(struct room *r, sqlite3 *other, const char *more_rows, bool stopped)
{
	int64_t sum;

	assert_int_equal(run(r->db, more_rows), SQLITE_OK);
	assert_int_equal(run(other, "BEGIN"), SQLITE_OK);
	sum = number(other, sum_sql);
	if (stopped)
		assert_int_equal(
		    run(r->db, "UPDATE t SET n = n + 1 WHERE k = (SELECT min(k) FROM t)"),
		    SQLITE_OK);
	limit_files(size_of(r, "a.db"));
	assert_int_not_equal(run(r->db, "PRAGMA wal_checkpoint(PASSIVE)"), SQLITE_OK);
	limit_files(RLIM_INFINITY);
	assert_int_equal(number(other, sum_sql), sum);
	assert_int_equal(run(other, "COMMIT"), SQLITE_OK);
	sum = number(other, sum_sql);
	check_crash(r, sum);
	assert_int_equal(number(r->db, "PRAGMA wal_checkpoint(PASSIVE)"), 0);
	assert_int_equal(number(other, sum_sql), sum);
	check_crash(r, sum);
}

static void test_a_checkpoint_that_fails_is_done_again(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db");

	signal(SIGXFSZ, SIG_IGN);
	transaction(r);
	assert_int_equal(run(r->db, "COMMIT; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
	for (int i = 0; i < 4; i++) {
		/* where pages are written, and where what is held back of them is */
		fail_a_checkpoint(r, other, MORE_ROWS "200", i % 2);
		fail_a_checkpoint(r, other, MORE_ROWS "20", i % 2);
	}
	sqlite3_close(other);
}

/* A file by itself; closed and freed by the caller. */
static sqlite3_file *open_alone(struct room *r, const char *name, int kind)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(gather_vfs_name());
	sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
	/* behind a name SQLite looks for parameters of a URI */
	snprintf(r->name, sizeof r->name - 4, "%s", scratch_path(&r->scratch, name));

	assert_non_null(f);
	assert_int_equal(
	    vfs->xOpen(vfs, r->name, f, kind | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	    SQLITE_OK);
	return f;
}

static void test_what_was_lost_is_no_answer_until_it_is_written_anew(void **state)
{
	struct room *r = *state;
	sqlite3_file *f = open_alone(r, "a.db-other", SQLITE_OPEN_WAL);
	char page[4096] = "frame", got[4096];
	const int size = (int)sizeof page;

	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->pMethods->xWrite(f, page, size, (int64_t)i * size), SQLITE_OK);
	limit_files(2 * 4096);
	assert_int_not_equal(f->pMethods->xSync(f, SQLITE_SYNC_NORMAL), SQLITE_OK);
	limit_files(RLIM_INFINITY);
	assert_int_equal(f->pMethods->xRead(f, got, size, 3 * size), SQLITE_IOERR_READ);
	assert_int_equal(f->pMethods->xRead(f, got, size, 0), SQLITE_IOERR_READ);
	/* as a transaction would that begins where the one before it failed */
	for (int i = 0; i < 4; i++) {
		assert_int_equal(f->pMethods->xRead(f, got, size, 3 * size), SQLITE_IOERR_READ);
		assert_int_equal(f->pMethods->xWrite(f, page, size, (int64_t)i * size), SQLITE_OK);
	}
	memset(got, 0, sizeof got);
	assert_int_equal(f->pMethods->xRead(f, got, size, 3 * size), SQLITE_OK);
	assert_memory_equal(got, page, sizeof page);
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
	free(f);
}

static void test_pages_that_were_not_written_fail_the_sync_of_their_checkpoint(void **state)
{
	struct room *r = *state;
	sqlite3_file *f = open_alone(r, "c.db", SQLITE_OPEN_MAIN_DB);
	const int lock = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE,
	          unlock = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	char page[4096] = "page";
	void volatile *shared;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(f->pMethods->xShmMap(f, 0, 32768, 1, &shared), SQLITE_OK);
	assert_int_equal(f->pMethods->xShmLock(f, 1, 1, lock), SQLITE_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->pMethods->xWrite(f, page, 4096, 4096 * (int64_t)i), SQLITE_OK);
	limit_files(4096);
	f->pMethods->xFileControl(f, SQLITE_FCNTL_CKPT_DONE, NULL);
	limit_files(RLIM_INFINITY);
	assert_int_not_equal(f->pMethods->xTruncate(f, 4 * 4096), SQLITE_OK);
	assert_int_equal(f->pMethods->xTruncate(f, 4 * 4096), SQLITE_OK); /* told once */
	assert_int_equal(f->pMethods->xShmLock(f, 1, 1, unlock), SQLITE_OK);
	assert_int_equal(f->pMethods->xShmUnmap(f, 1), SQLITE_OK);
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        test_everybody_sees_each_commit_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_all_frames_are_in_the_file_after_their_commit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_a_full_disk_loses_nothing_committed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_a_checkpoint_that_fails_is_done_again, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_what_was_lost_is_no_answer_until_it_is_written_anew, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_pages_that_were_not_written_fail_the_sync_of_their_checkpoint, set_up,
	        tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
