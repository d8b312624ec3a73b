/* Backup and restore of a data folder, as files: names, locks, what goes aside. */
#include "config.h"
#include "db/backup.h"
#include "engine/base/str.h"
#include "engine/engine_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUP_PATH_LIMIT = 16384, BACKUP_KEPT_MOST = 1000 };

/* Owned; NULL: out of memory. */
static char *backup_name(const char *dir, const char *name, const char *tail)
{
	struct str s;

	str_init(&s, BACKUP_PATH_LIMIT);
	str_addf(&s, "%s%s%s%s", dir, *dir ? "/" : "", name, tail);
	return str_take(&s);
}

static bool backup_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* A rename is on the disk when its folder is. */
static enum err backup_sync_folder(const char *dir, struct errbuf *eb)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		err = err_set(eb, ERR_IO, "%s: %s", dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return err;
}

/* ---- backup ---- */

static bool backup_is_same(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

static enum err backup_refuse(
    const struct engine_backup *b, const struct backup_config *cfg, struct errbuf *eb)
{
	struct stat st;

	if (lstat(b->file, &st) != 0)
		return ERR_OK;
	if (!S_ISREG(st.st_mode))
		return err_set(eb, ERR_DENIED, "%s is no ordinary file: name another one", b->file);
	if (backup_is_same(b->file, cfg->staging_path) || backup_is_same(b->file, cfg->quota_path))
		return err_set(eb, ERR_DENIED, "%s is what is to be copied", b->file);
	if (!b->overwrite)
		return err_set(eb, ERR_DENIED,
		    "%s exists: give --overwrite to replace it, or another name", b->file);
	return ERR_OK;
}

/* Writes beside the file, then gives the copy its name. */
static enum err backup_make(const struct engine_backup *b, struct backup_config *cfg,
    struct backup_info *info, struct errbuf *eb)
{
	char *temporary = backup_name("", b->file, ".part-XXXXXX");
	int fd = temporary ? mkstemp(temporary) : -1; /* of mode 0600 */
	const char *slash = strrchr(b->file, '/');
	char *dir = slash ? str_dup_n(b->file, (size_t)(slash - b->file) + 1) : str_dup(".");
	enum err err = ERR_OK;

	if (!temporary || !dir)
		err = err_set(eb, ERR_NOMEM, "out of memory");
	else if (fd < 0)
		err = err_set(eb, ERR_IO, "%s: %s", b->file, strerror(errno));
	if (fd >= 0)
		close(fd);
	cfg->file = temporary;
	if (!err)
		err = backup_write(cfg, info, eb);
	if (!err && rename(temporary, b->file) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", b->file, strerror(errno));
	if (!err)
		err = backup_sync_folder(dir, eb);
	else if (fd >= 0)
		unlink(temporary);
	free(temporary);
	free(dir);
	return err;
}

enum err engine_backup(const struct engine_config *cfg, const struct engine_backup *b,
    struct engine_backed_up *out, struct errbuf *eb)
{
	char *staging = backup_name(cfg->data_dir, "staging.db", "");
	char *quota = backup_name(cfg->data_dir, "quota.db", "");
	struct backup_config to = {.staging_path = staging,
	    .quota_path = quota,
	    .without_keys = b->without_keys,
	    .progress = b->progress,
	    .arg = b->arg};
	struct backup_info info = {0};
	enum err err = staging && quota ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err)
		err = backup_refuse(b, &to, eb);
	if (!err)
		err = backup_make(b, &to, &info, eb);
	*out = (struct engine_backed_up){.made_at = info.made_at,
	    .bytes = info.staging_bytes + info.quota_bytes,
	    .keys = info.keys};
	free(staging);
	free(quota);
	return err;
}

/* ---- restore ---- */

/* One database of the folder: what it is called, what is to take its place. */
struct restore_file {
	char *path, *wal, *shm;
	char *fresh, *fresh_wal, *fresh_shm;
};

struct restore {
	const struct engine_backup *b;
	const char *dir;
	struct restore_file staging, quota;
};

static bool restore_file_init(struct restore_file *f, const char *dir, const char *name)
{
	f->path = backup_name(dir, name, "");
	f->wal = backup_name(dir, name, "-wal");
	f->shm = backup_name(dir, name, "-shm");
	f->fresh = backup_name(dir, name, ".restoring");
	f->fresh_wal = backup_name(dir, name, ".restoring-wal");
	f->fresh_shm = backup_name(dir, name, ".restoring-shm");
	return f->path && f->wal && f->shm && f->fresh && f->fresh_wal && f->fresh_shm;
}

/* What an unfinished restore left, or this one. */
static void restore_file_clean(const struct restore_file *f)
{
	const char *const made[] = {f->fresh, f->fresh_wal, f->fresh_shm};

	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		if (made[i] && backup_exists(made[i]))
			unlink(made[i]);
}

static void restore_file_done(struct restore_file *f)
{
	char *const all[] = {f->path, f->wal, f->shm, f->fresh, f->fresh_wal, f->fresh_shm};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]);
}

/* A name that nothing has: "staging.db.before-restore", ".before-restore-2" … Owned. */
static char *restore_kept_name(const char *path)
{
	char tail[64], *name = backup_name("", path, ".before-restore");

	for (int i = 2; name && backup_exists(name) && i < BACKUP_KEPT_MOST; i++) {
		free(name);
		snprintf(tail, sizeof tail, ".before-restore-%d", i);
		name = backup_name("", path, tail);
	}
	return name;
}

/* A write-ahead log that could not be moved into its file goes with it. */
static enum err restore_keep_wal(const struct restore_file *f, const char *kept, struct errbuf *eb)
{
	char *kept_wal = backup_name("", kept, "-wal");
	struct stat st;
	enum err err = kept_wal ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err && stat(f->wal, &st) == 0 &&
	    (st.st_size ? rename(f->wal, kept_wal) : unlink(f->wal)) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->wal, strerror(errno));
	if (!err && backup_exists(f->shm) && unlink(f->shm) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->shm, strerror(errno));
	free(kept_wal);
	return err;
}

/*
 * The old file gets a second name, then the new one takes the first: there is no moment without a
 * database of this name, and so none without a book of units.
 */
static enum err restore_replace(const struct restore_file *f, struct errbuf *eb)
{
	char *kept = restore_kept_name(f->path);
	enum err err = kept ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	if (!err)
		err = restore_keep_wal(f, kept, eb);
	if (!err && backup_exists(f->path) && link(f->path, kept) != 0 &&
	    rename(f->path, kept) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", kept, strerror(errno));
	if (!err && rename(f->fresh, f->path) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	free(kept);
	return err;
}

static enum err restore_swap(struct restore *r, struct errbuf *eb)
{
	enum err err;

	/* written and closed: nothing is left in the new files' logs */
	unlink(r->staging.fresh_wal);
	unlink(r->staging.fresh_shm);
	unlink(r->quota.fresh_wal);
	unlink(r->quota.fresh_shm);
	/* the book first: the units that it adds are spent whatever becomes of the rest */
	err = restore_replace(&r->quota, eb);
	if (!err)
		err = restore_replace(&r->staging, eb);
	return err ? err : backup_sync_folder(r->dir, eb);
}

static enum err restore_locked(struct restore *r, struct engine_backed_up *out, struct errbuf *eb)
{
	struct backup_config from = {.staging_path = r->staging.fresh,
	    .quota_path = r->quota.fresh,
	    .file = r->b->file,
	    .progress = r->b->progress,
	    .arg = r->b->arg};
	bool old = backup_exists(r->quota.path), merged = true;
	struct backup_info info = {0};
	enum err err = ERR_OK;

	if ((backup_exists(r->staging.path) || old) && !r->b->overwrite)
		return err_set(eb, ERR_DENIED,
		    "%s holds data already: give --overwrite to replace it (it is kept as "
		    "*.before-restore), or name another folder with --data",
		    r->dir);
	restore_file_clean(&r->staging);
	restore_file_clean(&r->quota);
	err = backup_check(&from, &info, eb);
	if (!err) {
		backup_settle(r->staging.path);
		backup_settle(r->quota.path);
		err = backup_extract(&from, &info, old ? r->quota.path : NULL, &merged, eb);
	}
	if (!err)
		err = restore_swap(r, eb);
	restore_file_clean(&r->staging);
	restore_file_clean(&r->quota);
	*out = (struct engine_backed_up){.made_at = info.made_at,
	    .bytes = info.staging_bytes + info.quota_bytes,
	    .keys = info.keys,
	    .units_unknown = !merged};
	return err;
}

enum err engine_restore(const struct engine_config *cfg, const struct engine_backup *b,
    struct engine_backed_up *out, struct errbuf *eb)
{
	struct restore r = {.b = b, .dir = cfg->data_dir};
	struct engine lock = {
	    .lock_fd = -1, .data_dir = str_dup(cfg->data_dir), .parts = {.log = cfg->log}};
	enum err err = ERR_OK;

	*out = (struct engine_backed_up){0};
	if (!lock.data_dir || !restore_file_init(&r.staging, r.dir, "staging.db") ||
	    !restore_file_init(&r.quota, r.dir, "quota.db"))
		err = err_set(eb, ERR_NOMEM, "out of memory");
	if (!err)
		err = engine_lock_take(&lock, eb);
	if (!err)
		err = restore_locked(&r, out, eb);
	engine_lock_release(&lock);
	restore_file_done(&r.staging);
	restore_file_done(&r.quota);
	free(lock.data_dir);
	return err;
}
