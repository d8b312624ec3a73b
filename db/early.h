/*
 * early - asks the kernel to begin writing a file to the disk while it is still being written, so
 * that a sync at the end has little to wait for. It never fails: without it the sync takes longer.
 * One belongs to the thread that writes the file.
 */
#ifndef TUBEOPS_DB_EARLY_H
#define TUBEOPS_DB_EARLY_H

#include <stdbool.h>
#include <stdint.h>

/* The descriptor of a file with locks. */
struct early_kept {
	struct early_kept *next;
	uint64_t device, number;
	int fd;
};

struct early {
	int fd; /* -1: none */
	bool is_kept;
	int64_t from, to; /* where it was written since the kernel was asked last */
	int unasked;      /* bytes of that */
};

/*
 * Opens path, which exists, once more. kept: NULL, or the list for files that this process locks by
 * fcntl. Closing any descriptor of such a file would take the locks away, so that theirs stay open as
 * long as the file has a name, and are found again; the caller guards the list.
 */
void early_open(struct early *e, const char *path, struct early_kept **kept);
/* len bytes were written at `at`. */
void early_wrote(struct early *e, int64_t at, int len);
void early_close(struct early *e);

#endif
