/* gather: what goes through it is what SQLite alone would have written, at every commit, after errors too. */
#include "config.h"
#include "db/gather.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct room {
	struct scratch scratch;
	sqlite3 *db;
	uint64_t dice;
	char name[SCRATCH_SIZE * 2 + 4];
};

enum { FULL = 1 };
static const char *const checkpoints[] = {"PRAGMA wal_checkpoint(PASSIVE)",
    "PRAGMA wal_checkpoint(FULL)", "PRAGMA wal_checkpoint(TRUNCATE)"};

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
			assert_int_equal(number(r->db, checkpoints[roll(r, 3)]), 0);
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
	assert_int_not_equal(run(r->db, checkpoints[FULL]), SQLITE_OK);
	limit_files(RLIM_INFINITY);
	assert_int_equal(number(other, sum_sql), sum);
	assert_int_equal(run(other, "COMMIT"), SQLITE_OK);
	sum = number(other, sum_sql);
	check_crash(r, sum);
	assert_int_equal(number(r->db, checkpoints[FULL]), 0);
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
static sqlite3_file *open_database(struct room *r, const char *name)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(gather_vfs_name());
	sqlite3_file *f = calloc(1, (size_t)vfs->szOsFile);
	/* behind a name SQLite looks for parameters of a URI */
	snprintf(r->name, sizeof r->name - 4, "%s", scratch_path(&r->scratch, name));

	assert_non_null(f);
	assert_int_equal(
	    vfs->xOpen(vfs, r->name, f,
	        SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	    SQLITE_OK);
	return f;
}

/* ---- a disk that is full for one write ---- */

/* Writes from now on until the one that fails; 0: none does. SQLite's functions know no argument of ours. */
static int full_in;

static bool is_full(void)
{
	return full_in > 0 && --full_in == 0;
}

static ssize_t full_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (!is_full())
		return pwrite(fd, bytes, n, at);
	errno = ENOSPC;
	return -1;
}

static int full_set_up(void **state)
{
	sqlite3_vfs *root = sqlite3_vfs_find(NULL);

	full_in = 0;
	return set_up(state) ||
	       root->xSetSystemCall(root, "pwrite", (sqlite3_syscall_ptr)full_pwrite) !=
	           SQLITE_OK ||
	       root->xSetSystemCall(root, "pwrite64", (sqlite3_syscall_ptr)full_pwrite) !=
	           SQLITE_OK;
}

static int full_tear_down(void **state)
{
	sqlite3_vfs *root = sqlite3_vfs_find(NULL);

	root->xSetSystemCall(root, "pwrite", NULL);
	root->xSetSystemCall(root, "pwrite64", NULL);
	return tear_down(state);
}

/* With a UNIQUE column statements can be taken back alone; some read what the one before spilled. */
static int full_change(struct room *r)
{
	char sql[160];

	if (roll(r, 2))
		return change(r);
	snprintf(sql, sizeof sql,
	    "INSERT OR IGNORE INTO u SELECT k, zeroblob(200), n FROM t WHERE k > %llu LIMIT 9",
	    (unsigned long long)roll(r, 3000));
	return run(r->db, sql);
}

/* An error of a statement is passed over, as long as SQLite leaves the transaction open. */
static void full_transaction(struct room *r, sqlite3 *other, int64_t *sum)
{
	assert_int_equal(run(r->db, "BEGIN IMMEDIATE"), SQLITE_OK);
	for (int i = 0; i < 60 && !sqlite3_get_autocommit(r->db); i++) {
		if (!full_in && roll(r, 60) == 0)
			full_in = 1 + (int)roll(r, 6);
		(void)full_change(r);
	}
	full_in = roll(r, 3) ? full_in : 1 + (int)roll(r, 3);
	if (!sqlite3_get_autocommit(r->db) && run(r->db, "COMMIT") != SQLITE_OK &&
	    !sqlite3_get_autocommit(r->db))
		assert_int_equal(run(r->db, "ROLLBACK"), SQLITE_OK);
	full_in = 0;
	*sum = number(r->db, sum_sql);
	assert_int_equal(number(other, sum_sql), *sum);
	/* it goes on as soon as there is room, with however little */
	assert_int_equal(run(r->db, "REPLACE INTO t VALUES (5000, NULL, 1)"), SQLITE_OK);
	assert_int_equal(run(r->db, "DELETE FROM t WHERE k = 5000"), SQLITE_OK);
	assert_int_equal(number(other, sum_sql), *sum);
}

static void test_whatever_commits_is_whole(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db");
	int64_t sum = 0, before;
	int moved = 0, kept = 0;

	assert_int_equal(
	    run(r->db, "CREATE TABLE u (k INTEGER PRIMARY KEY, v BLOB, n INTEGER NOT NULL UNIQUE)"),
	    SQLITE_OK);
	for (int i = 0; i < 300; i++) {
		before = sum;
		full_transaction(r, other, &sum);
		moved += sum != before;
		kept += sum == before;
		if (i % 4 == 0)
			check_crash(r, sum);
		full_in = (int)roll(r, 6);
		if (roll(r, 4) == 0)
			(void)run(r->db, checkpoints[roll(r, 3)]);
		full_in = 0;
		assert_int_equal(number(other, sum_sql), sum);
	}
	check_crash(r, sum);
	/* neither all failed nor none */
	print_message("%d transactions stored, %d not\n", moved, kept);
	assert_true(moved > 20 && kept > 20);
	sqlite3_close(other);
}

/*
 * A statement that can be taken back alone reads a page that the one before spilled, and for that the
 * held frames are written, in vain. Which row does that depends on what the cache holds: all are tried.
 */
static void read_spilled(struct room *r, int rows, int k)
{
	char sql[160];

	snprintf(sql, sizeof sql,
	    "BEGIN IMMEDIATE; UPDATE t SET n = n + 1000, v = zeroblob(899) WHERE k <= %d", rows);
	assert_int_equal(run(r->db, sql), SQLITE_OK);
	snprintf(sql, sizeof sql, "INSERT INTO u SELECT k + %d, 'x', n + %d FROM t WHERE k = %d",
	    rows * 1000, rows * 100000, k);
	full_in = 1;
	(void)run(r->db, sql);
	full_in = 0;
	if (!sqlite3_get_autocommit(r->db) && run(r->db, "COMMIT") != SQLITE_OK &&
	    !sqlite3_get_autocommit(r->db))
		assert_int_equal(run(r->db, "ROLLBACK"), SQLITE_OK);
}

static void test_an_error_that_a_read_meets_leaves_no_hole(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db");

	assert_int_equal(
	    run(r->db,
	        "DROP INDEX t_n;"
	        "CREATE TABLE u (k INTEGER PRIMARY KEY, v BLOB, n INTEGER NOT NULL UNIQUE);"
	        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400)"
	        "INSERT INTO t SELECT x, zeroblob(900), x FROM c"),
	    SQLITE_OK);
	for (int rows = 20; rows <= 120; rows += 3)
		for (int k = rows - 14; k > 0; k -= 8) {
			int64_t sum;
			read_spilled(r, rows, k);
			sum = number(r->db, sum_sql);
			assert_int_equal(number(other, sum_sql), sum);
			if (k % 4 == 0)
				check_crash(r, sum);
			assert_int_equal(number(r->db, checkpoints[2]), 0);
		}
	sqlite3_close(other);
}

/* ---- others ---- */

static void test_frames_that_were_taken_back_are_not_written_later(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db");

	transaction(r);
	assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
	for (int i = 0; i < 30; i++) {
		int64_t sum;
		transaction(r);
		assert_int_equal(run(r->db, "ROLLBACK"), SQLITE_OK);
		/* in the same place of the WAL */
		assert_int_equal(
		    run(other, "BEGIN IMMEDIATE; UPDATE t SET n = n + 1 WHERE k % 3 = 0; COMMIT"),
		    SQLITE_OK);
		sum = number(other, sum_sql);
		assert_int_equal(number(r->db, sum_sql), sum);
		check_crash(r, sum);
		transaction(r);
		assert_int_equal(run(r->db, "COMMIT"), SQLITE_OK);
		assert_int_equal(number(other, sum_sql), number(r->db, sum_sql));
	}
	transaction(r);
	assert_int_equal(run(r->db, "ROLLBACK"), SQLITE_OK);
	assert_int_equal(run(other, "UPDATE t SET n = n + 1"), SQLITE_OK);
	sqlite3_close(r->db);
	r->db = NULL;
	check_crash(r, number(other, sum_sql));
	sqlite3_close(other);
}

/* Does a process hold a lock on the bytes where SQLite's shared locks lie? */
static bool is_locked(struct room *r)
{
	struct flock lock = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		int fd = open(scratch_path(&r->scratch, "a.db"), O_RDWR);
		_exit(fd < 0 || fcntl(fd, F_GETLK, &lock) != 0 ? 2 : lock.l_type != F_UNLCK);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

static void test_closing_leaves_the_locks_of_others(void **state)
{
	struct room *r = *state;
	sqlite3 *other = look(r, "a.db"), *again;

	assert_int_equal(number(other, "SELECT count(*) FROM t"), 0);
	assert_true(is_locked(r));
	/* opened twice, and another database between: what is kept is found again */
	assert_int_equal(sqlite3_open_v2(scratch_path(&r->scratch, "a.db"), &again,
	                     SQLITE_OPEN_READWRITE, gather_vfs_name()),
	    SQLITE_OK);
	assert_int_equal(number(again, "SELECT count(*) FROM t"), 0);
	sqlite3_close(again);
	assert_true(is_locked(r));
	sqlite3_close(r->db);
	r->db = NULL;
	assert_true(is_locked(r));
	sqlite3_close(other);
	assert_false(is_locked(r));
}

static void test_pages_that_were_not_written_fail_the_sync_of_their_checkpoint(void **state)
{
	struct room *r = *state;
	sqlite3_file *f = open_database(r, "c.db");
	const int lock = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE,
	          unlock = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
	char page[4096] = "page";
	void volatile *shared;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(f->pMethods->xShmMap(f, 0, 32768, 1, &shared), SQLITE_OK);
	assert_int_equal(f->pMethods->xShmLock(f, 1, 1, lock), SQLITE_OK);
	/* without the lock for writing nothing is held back: there may be no sync */
	limit_files(0);
	assert_int_not_equal(f->pMethods->xWrite(f, page, 4096, 0), SQLITE_OK);
	limit_files(RLIM_INFINITY);
	assert_int_equal(f->pMethods->xShmLock(f, 0, 1, lock), SQLITE_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->pMethods->xWrite(f, page, 4096, 4096 * (int64_t)i), SQLITE_OK);
	limit_files(4096);
	f->pMethods->xFileControl(f, SQLITE_FCNTL_CKPT_DONE, NULL);
	limit_files(RLIM_INFINITY);
	assert_int_not_equal(f->pMethods->xTruncate(f, 4 * 4096), SQLITE_OK);
	assert_int_equal(f->pMethods->xTruncate(f, 4 * 4096), SQLITE_OK); /* told once */
	assert_int_equal(f->pMethods->xShmLock(f, 0, 1, unlock), SQLITE_OK);
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
	        test_whatever_commits_is_whole, full_set_up, full_tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_an_error_that_a_read_meets_leaves_no_hole, full_set_up, full_tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_frames_that_were_taken_back_are_not_written_later, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_closing_leaves_the_locks_of_others, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
	        test_pages_that_were_not_written_fail_the_sync_of_their_checkpoint, set_up,
	        tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
