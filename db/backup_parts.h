/* backup_parts - what writing and reading a backup share: its last line. db/backup*.c alone. */
#ifndef TUBEOPS_DB_BACKUP_PARTS_H
#define TUBEOPS_DB_BACKUP_PARTS_H

#include "db/backup.h"

#include <stddef.h>

enum { BACKUP_LINE = 256, BACKUP_BLOCK = 1024 * 1024 };

/* The line but for its sum; returns its length. */
size_t backup_line(const struct backup_info *info, char line[BACKUP_LINE]);
/*
 * Hex SHA-256 of the first `bytes` of fd and then of the line as above, into sum. Progress from
 * done on.
 */
enum err backup_sum(const struct backup_config *cfg, int fd, const struct backup_info *info,
    int64_t done, char sum[65], struct errbuf *eb) MUST_CHECK;

#endif
