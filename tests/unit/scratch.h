/*
 * scratch - a folder of its own for each test that writes files. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_SCRATCH_H
#define TUBEOPS_TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCRATCH_SIZE = 256 };

struct scratch {
	char dir[SCRATCH_SIZE];
	char path[SCRATCH_SIZE * 2]; /* of the last scratch_path */
};

static inline int scratch_open(struct scratch *s)
{
	const char *top = getenv("TMPDIR");

	snprintf(s->dir, sizeof s->dir, "%s/tubeops-XXXXXX", top && *top ? top : "/tmp");
	return mkdtemp(s->dir) ? 0 : -1;
}

/* Borrowed until the next call. */
static inline const char *scratch_path(struct scratch *s, const char *name)
{
	snprintf(s->path, sizeof s->path, "%s/%s", s->dir, name);
	return s->path;
}

/* Files only: no test makes folders in it. */
static inline void scratch_close(struct scratch *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' || (e->d_name[1] && e->d_name[1] != '.'))
			unlink(scratch_path(s, e->d_name));
	if (d)
		closedir(d);
	rmdir(s->dir);
}

#endif
