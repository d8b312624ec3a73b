/*
 * spool - standard input of a command, kept for a job of another process: a private file in the data
 * folder's spool/, written by the command, read by one import, taken away when that has ended for
 * good. Any thread.
 */
#ifndef TUBEOPS_JOBS_SPOOL_H
#define TUBEOPS_JOBS_SPOOL_H

#include "db/staging.h"

/* A new one, open for writing; *path is whole, its caller's to free and, when no job gets it, to
 * unlink. */
enum err spool_new(const char *data_dir, char **path, int *fd, struct errbuf *eb) MUST_CHECK;
/* Is path one of this folder? Only such a file may be deleted by a job. */
bool spool_is_one(const char *data_dir, const char *path);
/* Deletes path if it is one. */
void spool_remove(const char *data_dir, const char *path);
/* Deletes those that no open job names and that are a day old: their command or job was killed. */
void spool_sweep(const char *data_dir, struct staging *s);

#endif
