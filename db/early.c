#include "config.h"
#include "db/early.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EARLY_BYTES = 1024 * 1024 }; /* between two times that the kernel is asked */

/* Nobody has a lock on a file without a name that matters. */
static void early_forget_deleted(struct early_kept **kept)
{
	struct stat st;

	while (*kept) {
		struct early_kept *k = *kept;
		if (fstat(k->fd, &st) != 0 || st.st_nlink) {
			kept = &k->next;
			continue;
		}
		*kept = k->next;
		close(k->fd);
		free(k);
	}
}

/* Its number is nobody else's as long as it is open. */
static int early_keep(struct early_kept **kept, const char *path)
{
	struct stat st;
	struct early_kept *k;

	early_forget_deleted(kept);
	if (stat(path, &st) != 0)
		return -1;
	for (k = *kept; k; k = k->next)
		if (k->device == st.st_dev && k->number == st.st_ino)
			return k->fd;
	k = malloc(sizeof *k);
	if (!k)
		return -1;
	*k = (struct early_kept){*kept, st.st_dev, st.st_ino, open(path, O_RDONLY | O_CLOEXEC)};
	if (k->fd < 0) {
		free(k);
		return -1;
	}
	*kept = k;
	return k->fd;
}

void early_open(struct early *e, const char *path, struct early_kept **kept)
{
	*e = (struct early){.is_kept = kept != NULL,
	    .fd = kept ? early_keep(kept, path) : open(path, O_RDONLY | O_CLOEXEC)};
}

void early_wrote(struct early *e, int64_t at, int len)
{
	if (e->fd < 0)
		return;
	e->from = e->unasked && e->from < at ? e->from : at;
	e->to = e->unasked && e->to > at + len ? e->to : at + len;
	e->unasked += len;
	if (e->unasked < EARLY_BYTES)
		return;
	/* an error will be told by the sync */
	(void)sync_file_range(e->fd, e->from, e->to - e->from, SYNC_FILE_RANGE_WRITE);
	e->unasked = 0;
}

void early_close(struct early *e)
{
	if (e->fd >= 0 && !e->is_kept)
		close(e->fd);
	e->fd = -1;
}
