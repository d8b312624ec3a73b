/* The data folder's lock: one process owns it, others learn who. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TEXT = 256 };

static char *lock_path(const char *data_dir)
{
	struct str s;

	str_init(&s, 4096);
	str_addf(&s, "%s/tubeops.lock", data_dir);
	return str_take(&s);
}

/* mkdir -p with private folders. */
static enum err lock_make_dir(const char *dir, struct errbuf *eb)
{
	char *path = str_dup(dir);
	enum err err = ERR_OK;

	if (!path)
		return err_set(eb, ERR_NOMEM, "out of memory");
	for (char *p = path + 1; !err; p++) {
		char was = *p;
		if (was && was != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			err = err_set(eb, ERR_IO, "data folder %s: %s; name another with --data",
			    path, strerror(errno));
		*p = was;
		if (!was)
			break;
	}
	free(path);
	return err;
}

/* "pid\nlisten\n" of the owner; pid 0 when there is nothing to read. */
static void lock_read(int fd, int64_t *pid, char *listen, size_t size)
{
	char text[LOCK_TEXT];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	char *line;

	*pid = 0;
	if (size)
		listen[0] = '\0';
	if (n <= 0)
		return;
	text[n] = '\0';
	line = strchr(text, '\n');
	if (!line)
		return;
	*line++ = '\0';
	if (str_to_i64(text, 1, INT32_MAX, pid))
		*pid = 0;
	if (size)
		snprintf(listen, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static bool lock_is_held(int fd)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
}

bool engine_owner(const char *data_dir, int64_t *pid, char *listen, size_t size)
{
	char *path = lock_path(data_dir);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	bool held = fd >= 0 && lock_is_held(fd);

	if (held)
		lock_read(fd, pid, listen, size);
	if (fd >= 0)
		close(fd);
	free(path);
	return held;
}

enum err engine_lock_take(struct engine *e, struct errbuf *eb)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = lock_path(e->data_dir);
	enum err err =
	    path ? lock_make_dir(e->data_dir, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	int64_t pid;

	if (!err) {
		e->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (e->lock_fd < 0)
			err = err_set(eb, ERR_IO, "%s: %s", path, strerror(errno));
	}
	/* an open file description's lock: gone with the process however it ends, kept over threads */
	if (!err && fcntl(e->lock_fd, F_OFD_SETLK, &fl) != 0) {
		lock_read(e->lock_fd, &pid, NULL, 0);
		err = err_set(eb, ERR_BUSY,
		    "process %lld is at work in %s; stop it or name another "
		    "folder with --data",
		    (long long)pid, e->data_dir);
		close(e->lock_fd);
		e->lock_fd = -1;
	}
	free(path);
	if (!err) { /* whoever ends by itself leaves it empty */
		lock_read(e->lock_fd, &pid, NULL, 0);
		e->crashed = pid != 0;
	}
	return err ? err : engine_lock_note(e, "", eb);
}

enum err engine_lock_note(struct engine *e, const char *listen, struct errbuf *eb)
{
	char text[LOCK_TEXT];
	int n = snprintf(text, sizeof text, "%lld\n%s\n", (long long)getpid(), listen);

	if (ftruncate(e->lock_fd, 0) != 0 || pwrite(e->lock_fd, text, (size_t)n, 0) != n)
		return err_set(eb, ERR_IO,
		    "%s/tubeops.lock: %s; free some space there, then start again", e->data_dir,
		    strerror(errno));
	return ERR_OK;
}

void engine_lock_release(struct engine *e)
{
	if (e->lock_fd < 0)
		return;
	if (ftruncate(e->lock_fd, 0) != 0)
		log_at(e->parts.log, LOG_DEBUG, "engine", 0, "the lock file keeps its text");
	close(e->lock_fd);
	e->lock_fd = -1;
}
