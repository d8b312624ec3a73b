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
	GATHER_WRITE_LOCK = 0,
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
	bool header, commits; /* a frame's header came last; its page ends a transaction */
	/* of a database: a checkpoint is on its way, which no reader stops, and nobody else may write */
	bool checkpoints, writes;
	int failed;                /* what it could not write is told by its sync */
	struct gather_file *other; /* the database of a WAL and the other way round; NULL: closed */
	struct early early;
};

enum gather_way { GATHER_DIRECT, GATHER_HOLD, GATHER_END };

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
	free(f->held);
	f->held = NULL;
	f->len = 0;
	if (f->other)
		f->other->other = NULL;
	early_close(&f->early);
	return f->real->pMethods->xClose(f->real);
}

/* An error of writing that a read meets must end the transaction, not the statement alone: as one of reading it does. */
static int gather_read(sqlite3_file *base, void *to, int len, sqlite3_int64 at)
{
	struct gather_file *f = gather_of(base);
	int rc = SQLITE_OK;

	if (f->len && at < f->at + f->len && at + len > f->at)
		rc = gather_flush(f);
	if (rc != SQLITE_OK || (f->lost_to && at < f->lost_to && at + len > f->lost_from))
		return SQLITE_IOERR_READ;
	return f->real->pMethods->xRead(f->real, to, len, at);
}

/*
 * Frames come one behind the other, each a header and its page; the page of the one that commits is
 * the end of what may be held back. Whatever comes in another way (frames written anew, the WAL's
 * head, what fills up a sector) is written at once.
 */
static enum gather_way gather_frame_way(
    struct gather_file *f, const unsigned char *bytes, int len, sqlite3_int64 at)
{
	bool header = len == GATHER_FRAME_HEADER;
	enum gather_way way = at != f->next || (!header && !f->header) ? GATHER_DIRECT
	                      : f->commits                             ? GATHER_END
	                                                               : GATHER_HOLD;

	f->header = header;
	f->commits = header && (bytes[4] || bytes[5] || bytes[6] || bytes[7]);
	return way;
}

static int gather_put(
    struct gather_file *f, enum gather_way way, const void *bytes, int len, sqlite3_int64 at)
{
	int rc;

	f->next = at + len;
	if (way != GATHER_DIRECT && gather_hold(f, bytes, len, at))
		return way == GATHER_END ? gather_flush(f) : SQLITE_OK;
	rc = gather_flush(f);
	if (rc != SQLITE_OK) {
		gather_lose(f, at, at + len);
		return rc;
	}
	if (way == GATHER_HOLD && gather_hold(f, bytes, len, at))
		return SQLITE_OK;
	return gather_write_now(f, bytes, len, at);
}

static int gather_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
	struct gather_file *f = gather_of(base);
	enum gather_way way = f->kind == GATHER_WAL         ? gather_frame_way(f, bytes, len, at)
	                      : f->checkpoints && f->writes ? GATHER_HOLD
	                                                    : GATHER_DIRECT;
	int rc = gather_put(f, way, bytes, len, at);

	/* no commit behind a hole: with the error SQLite takes the transaction back */
	if (rc == SQLITE_OK && way == GATHER_END && f->lost_to && f->lost_from < f->next)
		rc = SQLITE_IOERR_WRITE;
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
 * A checkpoint writes the database file under its lock. It syncs and tells an error only when it comes
 * to the end of the WAL: no reader keeps a lock from it, and nobody commits meanwhile. Frames that are
 * held back when the lock for writing is given away were taken back: others may write in their place.
 */
static void gather_note_lock(struct gather_file *f, int first, int n, bool got)
{
	if (gather_has_slot(first, n, GATHER_WRITE_LOCK)) {
		f->writes = got;
		if (!got && f->other)
			f->other->len = 0;
	}
	if (gather_has_slot(first, n, GATHER_CHECKPOINT_LOCK)) {
		f->checkpoints = got;
		f->failed = SQLITE_OK;
	}
}

static int gather_shm_lock(sqlite3_file *base, int first, int n, int flags)
{
	struct gather_file *f = gather_of(base);
	bool unlocks = flags & SQLITE_SHM_UNLOCK;
	int rc;

	if ((flags & SQLITE_SHM_EXCLUSIVE) && unlocks)
		gather_note_lock(f, first, n, false);
	rc = f->real->pMethods->xShmLock(f->real, first, n, flags);
	if (!(flags & SQLITE_SHM_EXCLUSIVE) || unlocks)
		return rc;
	if (rc == SQLITE_OK)
		gather_note_lock(f, first, n, true);
	else if (first >= GATHER_READERS)
		f->checkpoints = false;
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
	if (f->kind == GATHER_WAL &&
	    sqlite3_database_file_object(name)->pMethods == &gather_methods) {
		f->other = gather_of(sqlite3_database_file_object(name));
		f->other->other = f;
	}
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
