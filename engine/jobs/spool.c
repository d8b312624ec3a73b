#include "config.h"
#include "engine/jobs/spool.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOL_PATH = 16384, SPOOL_AGE_S = 86400 };

static const char spool_name[] = "stdin-";

/* The folder with a slash behind it, links resolved, as two processes may spell it differently. */
static bool spool_folder(const char *data_dir, struct str *out)
{
	char *real = realpath(data_dir, NULL);

	if (real)
		str_addf(out, "%s/spool/", real);
	free(real);
	return out->len && !out->err;
}

enum err spool_new(const char *data_dir, char **path, int *fd, struct errbuf *eb)
{
	struct str folder;
	enum err err = ERR_OK;

	*path = NULL;
	*fd = -1;
	str_init(&folder, SPOOL_PATH);
	if (!spool_folder(data_dir, &folder))
		err = err_set(eb, ERR_IO, "%s: %s", data_dir, strerror(errno));
	else if (mkdir(str_get(&folder), 0700) != 0 && errno != EEXIST)
		err = err_set(eb, ERR_IO, "%s: %s", str_get(&folder), strerror(errno));
	if (!err) {
		str_addf(&folder, "%sXXXXXX", spool_name);
		*path = str_take(&folder);
		*fd = *path ? mkostemp(*path, O_CLOEXEC) : -1;
		if (*fd < 0)
			err = err_set(eb, ERR_IO, "standard input cannot be kept in %s: %s",
			    data_dir, strerror(errno));
	}
	str_done(&folder);
	if (err) {
		free(*path);
		*path = NULL;
	}
	return err;
}

bool spool_is_one(const char *data_dir, const char *path)
{
	size_t n = sizeof spool_name - 1;
	struct str folder;
	bool is_one;

	str_init(&folder, SPOOL_PATH);
	is_one = spool_folder(data_dir, &folder) &&
	         strncmp(path, str_get(&folder), folder.len) == 0 &&
	         strncmp(path + folder.len, spool_name, n) == 0 && !strchr(path + folder.len, '/');
	str_done(&folder);
	return is_one;
}

void spool_remove(const char *data_dir, const char *path)
{
	if (spool_is_one(data_dir, path))
		unlink(path);
}

/* ---- what was left behind ---- */

struct spool_find {
	const char *name;
	bool wanted;
};

static enum err spool_job(void *arg, const struct job_row *j, struct errbuf *eb)
{
	struct spool_find *f = arg;

	(void)eb;
	f->wanted =
	    f->wanted || (job_status_is_open(j->status) && j->params && strstr(j->params, f->name));
	return f->wanted ? ERR_CANCELLED : ERR_OK;
}

void spool_sweep(const char *data_dir, struct staging *s)
{
	struct dirent *entry;
	struct str folder;
	struct stat st;
	DIR *dir;

	str_init(&folder, SPOOL_PATH);
	dir = spool_folder(data_dir, &folder) ? opendir(str_get(&folder)) : NULL;
	while (dir && (entry = readdir(dir))) {
		struct spool_find f = {.name = entry->d_name};
		if (strncmp(f.name, spool_name, sizeof spool_name - 1) != 0 ||
		    fstatat(dirfd(dir), f.name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    st.st_mtime > clock_now() - SPOOL_AGE_S)
			continue;
		if (!staging_jobs_each(s, JOB_STATUS_COUNT, 0, spool_job, &f, NULL) && !f.wanted)
			unlinkat(dirfd(dir), f.name, 0);
	}
	if (dir)
		closedir(dir);
	str_done(&folder);
}
