/* Checking a backup and making databases of it. */
#include "config.h"
#include "db/backup_parts.h"
#include "db/quota_store.h"
#include "db/staging.h"
#include "engine/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- checking ---- */

static enum err read_no_backup(const struct backup_config *cfg, struct errbuf *eb)
{
	return err_set(eb, ERR_CORRUPT,
	    "%s: this is no backup of tubeops, or its end is missing; nothing was changed",
	    cfg->file);
}

/* Takes the words of the line one by one: name, number, name, number … */
static bool read_line(const char *line, struct backup_info *info)
{
	struct {
		const char *name;
		int64_t *to;
	} parts[] = {{"made", &info->made_at}, {"staging", &info->staging_bytes},
	    {"version", &info->staging_version}, {"quota", &info->quota_bytes},
	    {"version", &info->quota_version}, {"keys", &info->keys}};
	static const char head[] = "\ntubeops-backup 1 ";
	const char *at = line + sizeof head - 1;

	if (strncmp(line, head, sizeof head - 1) != 0)
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t name = strlen(parts[i].name), digits;
		if (strncmp(at, parts[i].name, name) != 0 || at[name] != ' ')
			return false;
		at += name + 1;
		digits = strspn(at, "0123456789");
		if (at[digits] != ' ' || str_to_i64_n(at, digits, 0, INT64_MAX / 4, parts[i].to))
			return false;
		at += digits + 1;
	}
	return strncmp(at, "sha256 ", 7) == 0 && strspn(at + 7, "0123456789abcdef") == 64;
}

static enum err read_info(const struct backup_config *cfg, int fd, struct backup_info *info,
    char sum[65], struct errbuf *eb)
{
	char line[BACKUP_LINE + 1] = "", same[BACKUP_LINE];
	struct stat st;
	size_t len;

	if (fstat(fd, &st) != 0)
		return err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < BACKUP_LINE ||
	    pread(fd, line, BACKUP_LINE, st.st_size - BACKUP_LINE) != BACKUP_LINE ||
	    !read_line(line, info) ||
	    info->staging_bytes + info->quota_bytes != st.st_size - BACKUP_LINE)
		return read_no_backup(cfg, eb);
	/* one way to write it alone */
	len = backup_line(info, same);
	if (memcmp(same, line, len) != 0)
		return read_no_backup(cfg, eb);
	memcpy(sum, line + len, 64);
	sum[64] = '\0';
	return ERR_OK;
}

static enum err read_versions(
    const struct backup_config *cfg, const struct backup_info *info, struct errbuf *eb)
{
	int64_t staging = staging_newest_version(), quota = quota_store_newest_version();

	if (info->staging_version <= staging && info->quota_version <= quota)
		return ERR_OK;
	return err_set(eb, ERR_DENIED,
	    "%s: written by a newer tubeops (schemas %lld and %lld, this program knows %lld and "
	    "%lld); use that version",
	    cfg->file, (long long)info->staging_version, (long long)info->quota_version,
	    (long long)staging, (long long)quota);
}

enum err backup_check(const struct backup_config *cfg, struct backup_info *info, struct errbuf *eb)
{
	char said[65], sum[65];
	int fd = open(cfg->file, O_RDONLY | O_CLOEXEC);
	enum err err;

	*info = (struct backup_info){0};
	if (fd < 0)
		return err_set(eb, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", cfg->file,
		    strerror(errno));
	err = read_info(cfg, fd, info, said, eb);
	if (!err)
		err = read_versions(cfg, info, eb);
	if (!err)
		err = backup_sum(cfg, fd, info, 0, sum, eb);
	if (!err && strcmp(said, sum) != 0)
		err = err_set(eb, ERR_CORRUPT,
		    "%s: the file is damaged: its bytes are not those that were written; nothing "
		    "was "
		    "changed",
		    cfg->file);
	close(fd);
	return err;
}

/* ---- extracting ---- */

struct read_copy {
	const struct backup_config *cfg;
	int from;
	int64_t at, bytes;
	const char *path;
};

static enum err read_copy_bytes(const struct read_copy *c, int to, struct errbuf *eb)
{
	char *block = malloc(BACKUP_BLOCK);
	enum err err = block ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	for (int64_t done = 0; !err && done < c->bytes;) {
		int64_t left = c->bytes - done;
		ssize_t n = pread(c->from, block, left < BACKUP_BLOCK ? (size_t)left : BACKUP_BLOCK,
		    (off_t)(c->at + done));
		if (n <= 0)
			err = err_set(eb, ERR_IO, "%s: %s", c->cfg->file,
			    n ? strerror(errno) : "it ends too early");
		else if (pwrite(to, block, (size_t)n, (off_t)done) != n)
			err = err_set(eb, ERR_IO, "%s: %s", c->path, strerror(errno));
		done += n > 0 ? n : 0;
		if (!err && c->cfg->progress &&
		    !c->cfg->progress(c->cfg->arg, c->bytes + done, 2 * c->bytes))
			err = err_set(eb, ERR_CANCELLED, "stopped; nothing was changed");
	}
	free(block);
	return err;
}

static enum err read_copy(const struct read_copy *c, struct errbuf *eb)
{
	int to = open(c->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum err err;

	if (to < 0)
		return err_set(eb, ERR_IO, "%s: %s", c->path, strerror(errno));
	err = read_copy_bytes(c, to, eb);
	if (!err && fsync(to) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", c->path, strerror(errno));
	if (close(to) != 0 && !err)
		err = err_set(eb, ERR_IO, "%s: %s", c->path, strerror(errno));
	return err;
}

/* Opening brings it to this program's version. */
static enum err read_staging(const struct backup_config *cfg, struct errbuf *eb)
{
	struct staging *s = NULL;
	enum err err = staging_open(&s, cfg->staging_path, DB_WRITE, eb);

	if (!err)
		err = staging_check_quick(s, eb);
	if (!err)
		err = staging_begin(s, eb);
	if (!err) {
		err = staging_outbox_restart(s, eb);
		if (err)
			staging_rollback(s);
		else
			err = staging_commit(s, eb);
	}
	if (!err)
		err = staging_checkpoint(s, true, eb);
	staging_close(s);
	return err ? err_prefix(eb, "the staging database of %s", cfg->file) : ERR_OK;
}

static enum err read_quota(
    const struct backup_config *cfg, const char *old_quota, bool *merged, struct errbuf *eb)
{
	struct quota_store *q = NULL;
	struct errbuf ignored;
	enum err err = quota_store_open(&q, cfg->quota_path, false, eb);

	*merged = true;
	/* one that cannot be read tells nothing, and must not keep anybody from restoring */
	if (!err && old_quota)
		*merged = quota_store_merge(q, old_quota, &ignored) == ERR_OK;
	quota_store_close(q);
	return err ? err_prefix(eb, "the quota database of %s", cfg->file) : ERR_OK;
}

enum err backup_extract(const struct backup_config *cfg, const struct backup_info *info,
    const char *old_quota, bool *merged, struct errbuf *eb)
{
	int fd = open(cfg->file, O_RDONLY | O_CLOEXEC);
	struct read_copy staging = {cfg, fd, 0, info->staging_bytes, cfg->staging_path};
	struct read_copy quota = {cfg, fd, info->staging_bytes, info->quota_bytes, cfg->quota_path};
	enum err err = ERR_OK;

	*merged = true;
	if (fd < 0)
		return err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	err = read_copy(&staging, eb);
	if (!err && info->quota_bytes) {
		quota.cfg = &(struct backup_config){.file = cfg->file}; /* it is small */
		err = read_copy(&quota, eb);
	}
	close(fd);
	if (!err)
		err = read_staging(cfg, eb);
	return err ? err : read_quota(cfg, old_quota, merged, eb);
}

void backup_settle(const char *path)
{
	sqlite3 *db = NULL;

	if (access(path, F_OK) == 0 && db_open(&db, path, DB_WRITE, NULL) == ERR_OK)
		sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	db_close(db);
}
