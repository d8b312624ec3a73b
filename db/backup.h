/*
 * backup - both databases of a data folder in one file, and back. The file is the staging database
 * as of one moment, page by page, then quota.db, then one line of text with their sizes and the
 * SHA-256 of all bytes before it. So copying runs at the disk's speed, every byte is checked before
 * a restore changes anything, and `sqlite3 FILE` shows the channels: SQLite passes over what stands
 * behind its last page. Any thread; a call blocks until all is done.
 *
 * What is in it: everything of both files. API keys of the settings are in neither; those that were
 * added by `tubeops keys add` are in quota.db and come along unless they are to be left out.
 */
#ifndef TUBEOPS_DB_BACKUP_H
#define TUBEOPS_DB_BACKUP_H

#include "engine/base/err.h"

#include <stdint.h>

/* Bytes done and in all; false asks for a stop: ERR_CANCELLED. */
typedef bool backup_progress_fn(void *arg, int64_t done, int64_t total);

struct backup_config {
	const char *staging_path;
	const char *quota_path;
	const char *file;             /* the backup */
	bool without_keys;            /* writing: leaves out keys that stand in quota.db */
	backup_progress_fn *progress; /* may be NULL */
	void *arg;
};

struct backup_info {
	int64_t made_at; /* UTC seconds */
	int64_t staging_bytes;
	int64_t quota_bytes; /* 0: there was none */
	int64_t staging_version, quota_version;
	int64_t keys; /* API keys in it */
};

/*
 * Writes to file, which exists and is empty, and sees to it that it is on the disk. Another process
 * may work in the folder: the copy is that of the moment when it began, however much is written
 * meanwhile (its write-ahead log grows until the copy is done). ERR_NOTFOUND, ERR_IO, ERR_DENIED.
 */
enum err backup_write(
    const struct backup_config *cfg, struct backup_info *info, struct errbuf *eb) MUST_CHECK;
/* Reads all of file: ERR_CORRUPT when it is no whole backup, ERR_DENIED from a newer version. */
enum err backup_check(
    const struct backup_config *cfg, struct backup_info *info, struct errbuf *eb) MUST_CHECK;
/*
 * After backup_check: makes staging_path and quota_path, which must not exist, ready for use: of
 * this program's version, checked, all of it to be sent to PostgreSQL, and with no fewer units
 * booked than old_quota says (a path; NULL: there is none). *merged false: it could not be read.
 */
enum err backup_extract(const struct backup_config *cfg, const struct backup_info *info,
    const char *old_quota, bool *merged, struct errbuf *eb) MUST_CHECK;
/* Moves the write-ahead log of a database that nobody uses into the file, if that can be done. */
void backup_settle(const char *path);

#endif
