#include "config.h"
#include "db/gather.h"
#include "db/early.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	GATHER_BYTES = 64 * 1024, /* larger ones gain nothing; SQLite's own VFS takes 128 KiB - 1 */
	GATHER_FRAME_HEADER = 24, /* bytes; 4 to 7: pages of the database after a commit, else 0 */
	/* locks of SQLite's WAL-index, walformat.html 2.3.1 */
	GATHER_CHECKPOINT_LOCK = 1,
	GATHER_READERS = 3 /* the first one of them */
};

enum gather_kind { GATHER_NOTHING, GATHER_WAL, GATHER_DATABASE };

/* One open file; SQLite's own file lies behind it. */
struct gather_file {
	sqlite3_file base; /* first: SQLite sees this alone */
	sqlite3_file *real;
	enum gather_kind kind;
	unsigned char *held; /* NULL until needed: bytes that belong to the file at `at` */
	int len;
	sqlite3_int64 at, next; /* next: where the last write ended */
	/* what an error kept from being written: [from, to) */
	sqlite3_int64 lost_from, lost_to;
	bool commits; /* the frame's header is written, its page ends a transaction */
	/* a checkpoint of all frames is on its way; what it could not write is told by the sync */
	bool checkpoints;
	int failed;
	struct early early;
};

struct gather_vfs {
	sqlite3_vfs base; /* first, as above */
	sqlite3_vfs *root;
	struct early_kept *databases; /* guarded by gather_mutex */
};

/* ---- what is held back ---- */

/* Written anew: [from, to) is not lost any more. */
static void gather_found(struct gather_file *f, sqlite3_int64 from, sqlite3_int64 to)
{
	if (from <= f->lost_from && to > f->lost_from)
		f->lost_from = to;
	if (f->lost_from >= f->lost_to)
		f->lost_from = f->lost_to = 0;
}

/* Of a checkpoint nothing is lost: SQLite does it again, and reads the WAL until then. */
static void gather_lose(struct gather_file *f, sqlite3_int64 from, sqlite3_int64 to)
{
	if (f->kind != GATHER_WAL)
		return;
	f->lost_from = f->lost_to && f->lost_from < from ? f->lost_from : from;
	f->lost_to = f->lost_to > to ? f->lost_to : to;
}

static int gather_write_now(struct gather_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	int rc = f->real->pMethods->xWrite(f->real, bytes, len, at);

	if (rc != SQLITE_OK) {
		gather_lose(f, at, at + len);
		return rc;
	}
	if (f->lost_to)
		gather_found(f, at, at + len);
	early_wrote(&f->early, at, len);
	return SQLITE_OK;
}

static int gather_flush(struct gather_file *f)
{
	int len = f->len;

	f->len = 0;
	return len ? gather_write_now(f, f->held, len, f->at) : SQLITE_OK;
}

/* False when it has to be written at once. */
static bool gather_hold(struct gather_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	if (f->len && (at != f->at + f->len || len > GATHER_BYTES - f->len))
		return false;
	if (!f->held)
		f->held = malloc(GATHER_BYTES);
	if (!f->held || len > GATHER_BYTES)
		return false;
	if (!f->len)
		f->at = at;
	memcpy(f->held + f->len, bytes, (size_t)len);
	f->len += len;
	return true;
}

/* ---- a file's methods ---- */

static struct gather_file *gather_of(sqlite3_file *base)
{
	return (struct gather_file *)base;
}

static int gather_close(sqlite3_file *base)
{
	struct gather_file *f = gather_of(base);

	/* frames without their commit are nobody's, and a checkpoint has synced */
	(void)gather_flush(f);
	free(f->held);
	f->held = NULL;
	early_close(&f->early);
	return f->real->pMethods->xClose(f->real);
}

static int gather_read(sqlite3_file *base, void *to, int len, sqlite3_int64 at)
{
	struct gather_file *f = gather_of(base);
	int rc = SQLITE_OK;

	if (f->len && at < f->at + f->len && at + len > f->at)
		rc = gather_flush(f);
	if (rc == SQLITE_OK && f->lost_to && at < f->lost_to && at + len > f->lost_from)
		rc = SQLITE_IOERR_READ;
	return rc != SQLITE_OK ? rc : f->real->pMethods->xRead(f->real, to, len, at);
}

/*
 * Frames come one behind the other, a header and its page. True: it may be held back, for it does not
 * complete the frame that commits. Whatever comes in another way (frames written anew, the WAL's
 * head) is written at once.
 */
static bool gather_may_hold_frame(
    struct gather_file *f, const unsigned char *bytes, int len, bool follows)
{
	bool ends = f->commits;

	f->commits = len == GATHER_FRAME_HEADER && (bytes[4] || bytes[5] || bytes[6] || bytes[7]);
	return follows && !ends;
}

static int gather_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
	struct gather_file *f = gather_of(base);
	bool follows = at == f->next, held;
	bool hold = f->kind == GATHER_WAL ? gather_may_hold_frame(f, bytes, len, follows)
	                                  : f->kind == GATHER_DATABASE && f->checkpoints;
	int rc;

	f->next = at + len;
	held = (hold || (follows && f->kind == GATHER_WAL)) && gather_hold(f, bytes, len, at);
	if (held && hold)
		return SQLITE_OK;
	rc = gather_flush(f);
	if (rc == SQLITE_OK && !held && !(hold && gather_hold(f, bytes, len, at)))
		rc = gather_write_now(f, bytes, len, at);
	else if (rc != SQLITE_OK && !held)
		gather_lose(f, at, at + len);
	return rc;
}

/* Of what was to be written until now. */
static int gather_settle(struct gather_file *f)
{
	int rc = f->failed ? f->failed : gather_flush(f);

	f->failed = SQLITE_OK;
	return rc;
}

static int gather_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct gather_file *f = gather_of(base);
	int rc = gather_settle(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xTruncate(f->real, size);
}

static int gather_sync(sqlite3_file *base, int flags)
{
	struct gather_file *f = gather_of(base);
	int rc = gather_settle(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xSync(f->real, flags);
}

static int gather_size(sqlite3_file *base, sqlite3_int64 *size)
{
	struct gather_file *f = gather_of(base);
	int rc = gather_flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xFileSize(f->real, size);
}

static int gather_lock(sqlite3_file *base, int level)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xLock(real, level);
}

static int gather_unlock(sqlite3_file *base, int level)
{
	struct gather_file *f = gather_of(base);
	int rc = gather_flush(f);

	return rc != SQLITE_OK ? rc : f->real->pMethods->xUnlock(f->real, level);
}

static int gather_reserved(sqlite3_file *base, int *out)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xCheckReservedLock(real, out);
}

/* A checkpoint tells when its pages are written, and looks at no answer. */
static int gather_control(sqlite3_file *base, int op, void *arg)
{
	struct gather_file *f = gather_of(base);

	if (op == SQLITE_FCNTL_CKPT_DONE && f->len)
		f->failed = gather_flush(f);
	return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int gather_sector(sqlite3_file *base)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xSectorSize(real);
}

static int gather_device(sqlite3_file *base)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xDeviceCharacteristics(real);
}

static int gather_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xShmMap(real, page, size, extend, out);
}

static bool gather_has_slot(int first, int n, int slot)
{
	return first <= slot && first + n > slot;
}

/*
 * A checkpoint holds its lock while it writes the database file, and nobody else writes it. It syncs
 * and tells an error only when it has all frames; a reader that stands in its way is one whose lock
 * it does not get. Then its pages are not held back.
 */
static int gather_shm_lock(sqlite3_file *base, int first, int n, int flags)
{
	struct gather_file *f = gather_of(base);
	int rc = f->real->pMethods->xShmLock(f->real, first, n, flags);

	if (!(flags & SQLITE_SHM_EXCLUSIVE))
		return rc;
	if (gather_has_slot(first, n, GATHER_CHECKPOINT_LOCK)) {
		f->checkpoints = rc == SQLITE_OK && (flags & SQLITE_SHM_LOCK);
		f->failed = SQLITE_OK;
	} else if (rc != SQLITE_OK && first >= GATHER_READERS) {
		f->checkpoints = false;
	}
	return rc;
}

static void gather_shm_barrier(sqlite3_file *base)
{
	sqlite3_file *real = gather_of(base)->real;

	real->pMethods->xShmBarrier(real);
}

static int gather_shm_unmap(sqlite3_file *base, int remove)
{
	sqlite3_file *real = gather_of(base)->real;

	return real->pMethods->xShmUnmap(real, remove);
}

/* Version 2: no mapped files, which would be read past what is held back. */
static const sqlite3_io_methods gather_methods = {
    .iVersion = 2,
    .xClose = gather_close,
    .xRead = gather_read,
    .xWrite = gather_write,
    .xTruncate = gather_truncate,
    .xSync = gather_sync,
    .xFileSize = gather_size,
    .xLock = gather_lock,
    .xUnlock = gather_unlock,
    .xCheckReservedLock = gather_reserved,
    .xFileControl = gather_control,
    .xSectorSize = gather_sector,
    .xDeviceCharacteristics = gather_device,
    .xShmMap = gather_shm_map,
    .xShmLock = gather_shm_lock,
    .xShmBarrier = gather_shm_barrier,
    .xShmUnmap = gather_shm_unmap,
};

/* ---- the VFS ---- */

static sqlite3_mutex *gather_mutex(void)
{
	return sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
}

/* SQLite's locks lie on the database and on the WAL-index, none on the WAL. */
static void gather_open_early(struct gather_vfs *v, struct gather_file *f, const char *name)
{
	sqlite3_mutex *once = gather_mutex();

	sqlite3_mutex_enter(once);
	early_open(&f->early, name, f->kind == GATHER_WAL ? NULL : &v->databases);
	sqlite3_mutex_leave(once);
}

static int gather_open(sqlite3_vfs *base, const char *name, sqlite3_file *file, int flags, int *got)
{
	struct gather_vfs *v = (struct gather_vfs *)base;
	struct gather_file *f = gather_of(file);
	int rc;

	*f = (struct gather_file){.early = {.fd = -1}, .real = (sqlite3_file *)(f + 1)};
	rc = v->root->xOpen(v->root, name, f->real, flags, got);
	if (!f->real->pMethods)
		return rc;
	f->base.pMethods = &gather_methods;
	f->kind = flags & SQLITE_OPEN_WAL       ? GATHER_WAL
	          : flags & SQLITE_OPEN_MAIN_DB ? GATHER_DATABASE
	                                        : GATHER_NOTHING;
	if (rc == SQLITE_OK && f->kind != GATHER_NOTHING)
		gather_open_early(v, f, name);
	return rc;
}

static const char gather_name[] = "tubeops-gather";

static struct gather_vfs *gather_new(void)
{
	sqlite3_vfs *root = sqlite3_vfs_find(NULL);
	struct gather_vfs *v = root ? malloc(sizeof *v) : NULL;

	if (!v)
		return NULL;
	/* all but opening is the root's own, which knows its data by pAppData */
	v->base = *root;
	v->root = root;
	v->databases = NULL;
	v->base.pNext = NULL;
	v->base.zName = gather_name;
	v->base.szOsFile = (int)sizeof(struct gather_file) + root->szOsFile;
	v->base.xOpen = gather_open;
	return v;
}

const char *gather_vfs_name(void)
{
	sqlite3_mutex *once;
	const char *name = gather_name;

	if (sqlite3_initialize() != SQLITE_OK)
		return NULL;
	once = gather_mutex();
	sqlite3_mutex_enter(once);
	if (!sqlite3_vfs_find(gather_name)) {
		/* SQLite's for good */
		struct gather_vfs *v = gather_new();
		if (!v || sqlite3_vfs_register(&v->base, 0) != SQLITE_OK) {
			free(v);
			name = NULL;
		}
	}
	sqlite3_mutex_leave(once);
	return name;
}
