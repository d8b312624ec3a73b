/* Writing a backup. */
#include "config.h"
#include "db/backup_parts.h"
#include "db/sqlite.h"
#include "engine/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUP_PAGES = 256, BACKUP_WAIT_MS = 50 };

/* ---- the last line ---- */

size_t backup_line(const struct backup_info *info, char line[BACKUP_LINE])
{
	int n = snprintf(line, BACKUP_LINE,
	    "\ntubeops-backup 1 made %lld staging %lld version %lld quota %lld version %lld keys "
	    "%lld sha256 ",
	    (long long)info->made_at, (long long)info->staging_bytes,
	    (long long)info->staging_version, (long long)info->quota_bytes,
	    (long long)info->quota_version, (long long)info->keys);

	return n < 0 ? 0 : (size_t)n;
}

static bool backup_show(const struct backup_config *cfg, int64_t done, int64_t total)
{
	return !cfg->progress || cfg->progress(cfg->arg, done, total);
}

static enum err backup_sum_blocks(const struct backup_config *cfg, int fd,
    const struct backup_info *info, int64_t done, EVP_MD_CTX *sha, struct errbuf *eb)
{
	int64_t bytes = info->staging_bytes + info->quota_bytes;
	char *block = malloc(BACKUP_BLOCK);
	enum err err = block ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	for (int64_t at = 0; !err && at < bytes;) {
		int64_t left = bytes - at;
		ssize_t n =
		    pread(fd, block, left < BACKUP_BLOCK ? (size_t)left : BACKUP_BLOCK, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			err = err_set(eb, n ? ERR_IO : ERR_CORRUPT, "%s: %s", cfg->file,
			    n ? strerror(errno) : "it ends too early");
		else if (EVP_DigestUpdate(sha, block, (size_t)n) != 1)
			err = err_set(eb, ERR_NOMEM, "no checksum could be made");
		at += n > 0 ? n : 0;
		if (!err && !backup_show(cfg, done + at, 2 * info->staging_bytes))
			err = err_set(eb, ERR_CANCELLED, "stopped");
	}
	free(block);
	return err;
}

enum err backup_sum(const struct backup_config *cfg, int fd, const struct backup_info *info,
    int64_t done, char sum[65], struct errbuf *eb)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	char line[BACKUP_LINE];
	size_t len = backup_line(info, line);
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	enum err err = ERR_OK;

	if (!sha || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1)
		err = err_set(eb, ERR_NOMEM, "no checksum could be made");
	if (!err)
		err = backup_sum_blocks(cfg, fd, info, done, sha, eb);
	if (!err && (EVP_DigestUpdate(sha, line, len) != 1 ||
	                EVP_DigestFinal_ex(sha, digest, &n) != 1 || n != 32))
		err = err_set(eb, ERR_NOMEM, "no checksum could be made");
	for (unsigned int i = 0; !err && i < n; i++)
		snprintf(sum + 2 * i, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(sha);
	return err;
}

/* ---- staging ---- */

static enum err backup_number(sqlite3 *db, const char *sql, int64_t *out, struct errbuf *eb)
{
	sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum err err = db_prepare(db, &stmt, sql, eb);

	*out = 0;
	if (!err)
		err = db_step(db, stmt, &row, eb);
	if (!err && row)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

/*
 * Page by page. from is inside a read transaction of its own, so that what others write meanwhile
 * neither comes into the copy nor makes it begin anew.
 */
static enum err backup_pages(const struct backup_config *cfg, sqlite3 *from, sqlite3 *to,
    int64_t page_size, struct errbuf *eb)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	enum err err = b ? ERR_OK : db_error(to, "backup", eb);
	int code = SQLITE_OK;

	while (!err && (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)) {
		int64_t total, left;
		code = sqlite3_backup_step(b, BACKUP_PAGES);
		total = page_size * sqlite3_backup_pagecount(b);
		left = page_size * sqlite3_backup_remaining(b);
		if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
			sqlite3_sleep(BACKUP_WAIT_MS);
		if (!backup_show(cfg, total - left, 2 * total))
			err = err_set(eb, ERR_CANCELLED, "stopped");
	}
	if (b && sqlite3_backup_finish(b) != SQLITE_OK && !err)
		err = db_error(to, cfg->file, eb);
	return err;
}

static enum err backup_staging(
    const struct backup_config *cfg, sqlite3 *from, struct backup_info *info, struct errbuf *eb)
{
	sqlite3 *to = NULL;
	int64_t page_size = 0, ignored;
	enum err err = db_exec(from, "BEGIN", eb);

	if (!err) /* the moment of the copy */
		err = backup_number(from, "SELECT count(*) FROM sqlite_schema", &ignored, eb);
	if (!err)
		err = backup_number(from, "PRAGMA page_size", &page_size, eb);
	if (!err)
		err = backup_number(from, "PRAGMA user_version", &info->staging_version, eb);
	if (!err && sqlite3_open_v2(cfg->file, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                NULL) != SQLITE_OK)
		err = db_error(to, cfg->file, eb);
	/* nobody misses this file when the power fails now; it is on the disk before it gets its name */
	if (!err)
		err = db_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", eb);
	if (!err)
		err = backup_pages(cfg, from, to, page_size, eb);
	db_close(to);
	if (!sqlite3_get_autocommit(from) && db_exec(from, "COMMIT", err ? NULL : eb))
		err = err ? err : ERR_IO;
	return err;
}

/* ---- quota ---- */

/* The quota book by way of memory, where keys can be taken out of it without a trace. */
static enum err backup_quota_copy(const struct backup_config *cfg, sqlite3 *from, sqlite3 *memory,
    struct backup_info *info, struct errbuf *eb)
{
	static const char count[] = "SELECT count(*) FROM key WHERE secret IS NOT NULL";
	sqlite3_backup *b = sqlite3_backup_init(memory, "main", from, "main");
	enum err err = ERR_OK;

	if (!b || sqlite3_backup_step(b, -1) != SQLITE_DONE ||
	    sqlite3_backup_finish(b) != SQLITE_OK)
		return db_error(memory, cfg->quota_path, eb);
	if (cfg->without_keys)
		err = db_exec(memory, "DELETE FROM key WHERE secret IS NOT NULL; VACUUM", eb);
	if (!err)
		err = backup_number(memory, count, &info->keys, eb);
	return err ? err : backup_number(memory, "PRAGMA user_version", &info->quota_version, eb);
}

static enum err backup_put(
    const struct backup_config *cfg, int fd, const void *bytes, size_t len, struct errbuf *eb)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

static enum err backup_quota(
    const struct backup_config *cfg, int fd, struct backup_info *info, struct errbuf *eb)
{
	sqlite3 *from = NULL, *memory = NULL;
	unsigned char *bytes = NULL;
	sqlite3_int64 n = 0;
	enum err err;

	if (access(cfg->quota_path, F_OK) != 0 && errno == ENOENT)
		return ERR_OK; /* a folder that was imported into and no more */
	err = db_open(&from, cfg->quota_path, DB_READ, eb);
	if (!err && sqlite3_open_v2(":memory:", &memory, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		err = db_error(memory, "memory", eb);
	if (!err)
		err = backup_quota_copy(cfg, from, memory, info, eb);
	if (!err && !(bytes = sqlite3_serialize(memory, "main", &n, 0)))
		err = err_set(eb, ERR_NOMEM, "no memory for the book of units");
	if (!err)
		err = backup_put(cfg, fd, bytes, (size_t)n, eb);
	info->quota_bytes = n;
	if (bytes)
		OPENSSL_cleanse(bytes, (size_t)n);
	sqlite3_free(bytes);
	db_close(memory);
	db_close(from);
	return err;
}

/* ---- all of it ---- */

/* The copy is no file with a write-ahead log beside it: bytes 18 and 19 of its header say so. */
static enum err backup_rest(
    const struct backup_config *cfg, int fd, struct backup_info *info, struct errbuf *eb)
{
	static const char journal[2] = {1, 1};
	char line[BACKUP_LINE], sum[65];
	struct stat st;
	size_t len;
	enum err err;

	if (fstat(fd, &st) != 0 || pwrite(fd, journal, sizeof journal, 18) != sizeof journal ||
	    lseek(fd, 0, SEEK_END) < 0)
		return err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	info->staging_bytes = st.st_size;
	err = backup_quota(cfg, fd, info, eb);
	if (!err)
		err = backup_sum(cfg, fd, info, info->staging_bytes, sum, eb);
	if (err)
		return err;
	len = backup_line(info, line);
	memcpy(line + len, sum, 64);
	memset(line + len + 64, ' ', BACKUP_LINE - len - 64);
	line[BACKUP_LINE - 1] = '\n';
	err = backup_put(cfg, fd, line, BACKUP_LINE, eb);
	if (!err && fsync(fd) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	return err;
}

enum err backup_write(const struct backup_config *cfg, struct backup_info *info, struct errbuf *eb)
{
	sqlite3 *from = NULL;
	int fd = -1;
	enum err err = db_open(&from, cfg->staging_path, DB_READ, eb);

	*info = (struct backup_info){.made_at = clock_now()};
	if (!err)
		err = backup_staging(cfg, from, info, eb);
	db_close(from);
	if (!err) {
		fd = open(cfg->file, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			err = err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	}
	if (!err)
		err = backup_rest(cfg, fd, info, eb);
	if (fd >= 0 && close(fd) != 0 && !err)
		err = err_set(eb, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	return err;
}
