/*
 * process - what the system says about this process, read from /proc/self and the disk of a folder,
 * and what it is told of its threads. Any thread; what cannot be read is -1.
 */
#ifndef TUBEOPS_BASE_PROCESS_H
#define TUBEOPS_BASE_PROCESS_H

#include <stddef.h>
#include <stdint.h>

struct process_numbers {
	int64_t cpu_ms;    /* processor time so far, of all threads */
	int64_t rss_bytes; /* memory in use */
	int64_t threads;
	int64_t files;       /* open descriptors */
	int64_t files_limit; /* that there may be; -1: no limit */
};

void process_read(struct process_numbers *out);
/* Bytes that this user may still write below a folder. */
int64_t process_disk_free(const char *path);
/* The user that this process runs as, "uid 1000" when it has no name; returns buf. */
char *process_user(char *buf, size_t size);
/*
 * Names the calling thread for top -H and for who measures it: at most 15 characters. way: how much
 * it lets others go first, 0 (not at all) to 19, as nice(1) counts. Only where the system can.
 */
void process_thread(const char *name, int way);

#endif
