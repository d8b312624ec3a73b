/* The data folder's lock: one process owns it, others learn who. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TEXT = 256, LOCK_TOKEN_BYTES = 32 };

/* What the owner wrote: its pid, where it answers, what its own user's commands send there. */
struct lock_words {
	int64_t pid;
	char listen[96];
	char token[2 * LOCK_TOKEN_BYTES + 1];
};

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

/* The next line of text into out, cut to size; returns what follows. */
static const char *lock_line(const char *text, char *out, size_t size)
{
	size_t len = strcspn(text, "\n");

	snprintf(out, size, "%.*s", (int)len, text);
	return text + len + (text[len] == '\n');
}

/* "pid\nlisten\ntoken\n" of the owner; pid 0 when there is nothing to read. */
static void lock_read(int fd, struct lock_words *out)
{
	char text[LOCK_TEXT], pid[24];
	const char *at = text;
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	*out = (struct lock_words){0};
	text[n > 0 ? n : 0] = '\0';
	at = lock_line(at, pid, sizeof pid);
	at = lock_line(at, out->listen, sizeof out->listen);
	lock_line(at, out->token, sizeof out->token);
	if (str_to_i64(pid, 1, INT32_MAX, &out->pid))
		out->pid = 0;
	explicit_bzero(text, sizeof text);
}

static bool lock_is_held(int fd)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
}

/* The lock file while somebody holds it, opened; -1: nobody does. */
static int lock_open_held(const char *data_dir)
{
	char *path = lock_path(data_dir);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	free(path);
	if (fd >= 0 && !lock_is_held(fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool engine_owner(const char *data_dir, int64_t *pid, char *listen, size_t size)
{
	struct lock_words words;
	int fd = lock_open_held(data_dir);

	if (fd < 0)
		return false;
	lock_read(fd, &words);
	close(fd);
	*pid = words.pid;
	if (size)
		snprintf(listen, size, "%s", words.listen);
	explicit_bzero(words.token, sizeof words.token);
	return true;
}

struct secret *engine_owner_token(const char *data_dir)
{
	struct lock_words words;
	struct secret *token;
	int fd = lock_open_held(data_dir);

	if (fd < 0)
		return NULL;
	lock_read(fd, &words);
	close(fd);
	token = words.token[0] ? secret_new(words.token, strlen(words.token)) : NULL;
	explicit_bzero(words.token, sizeof words.token);
	return token;
}

/* ---- ending the owner ---- */

/* Has process pid this file open? A pid may be of another container, or be used again. */
static bool lock_is_open_in(int64_t pid, const struct stat *file)
{
	char name[64];
	struct dirent *entry;
	bool found = false;
	struct stat st;
	DIR *dir;

	snprintf(name, sizeof name, "/proc/%lld/fd", (long long)pid);
	dir = opendir(name);
	while (dir && !found && (entry = readdir(dir)))
		found = fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		        st.st_dev == file->st_dev && st.st_ino == file->st_ino;
	if (dir)
		closedir(dir);
	return found;
}

enum err engine_owner_stop(const char *data_dir, int64_t *pid, struct errbuf *eb)
{
	struct lock_words words;
	struct stat file;
	int fd = lock_open_held(data_dir);
	bool is_it;

	*pid = 0;
	if (fd < 0)
		return err_set(eb, ERR_NOTFOUND, "no process is at work in %s", data_dir);
	lock_read(fd, &words);
	explicit_bzero(words.token, sizeof words.token);
	is_it = words.pid > 1 && fstat(fd, &file) == 0 && lock_is_open_in(words.pid, &file);
	close(fd);
	if (!is_it)
		return err_set(eb, ERR_DENIED,
		    "%s is owned by a process that cannot be seen from here (of another user or "
		    "container): end it there",
		    data_dir);
	if (kill((pid_t)words.pid, SIGTERM) != 0)
		return err_set(
		    eb, ERR_DENIED, "process %lld: %s", (long long)words.pid, strerror(errno));
	*pid = words.pid;
	return ERR_OK;
}

/* ---- owning ---- */

/* Another one at every start: it dies with the process that made it. */
static enum err lock_make_token(struct engine *e, struct errbuf *eb)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char bytes[LOCK_TOKEN_BYTES];
	char text[2 * LOCK_TOKEN_BYTES];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_set(eb, ERR_IO, "the system gives no random numbers");
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = hex[i % 2 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4];
	secret_free(e->token);
	e->token = secret_new(text, sizeof text);
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(text, sizeof text);
	return e->token ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

bool engine_token_fits(const struct engine *e, const char *text, size_t len)
{
	return e->token && secret_is_equal(e->token, text, len);
}

enum err engine_lock_take(struct engine *e, struct errbuf *eb)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = lock_path(e->data_dir);
	enum err err =
	    path ? lock_make_dir(e->data_dir, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	struct lock_words owner;

	if (!err) {
		e->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (e->lock_fd < 0)
			err = err_set(eb, ERR_IO, "%s: %s", path, strerror(errno));
	}
	/* an open file description's lock: gone with the process however it ends, kept over threads */
	if (!err && fcntl(e->lock_fd, F_OFD_SETLK, &fl) != 0) {
		lock_read(e->lock_fd, &owner);
		explicit_bzero(owner.token, sizeof owner.token);
		err = err_set(eb, ERR_BUSY,
		    "process %lld is at work in %s; stop it or name another "
		    "folder with --data",
		    (long long)owner.pid, e->data_dir);
		close(e->lock_fd);
		e->lock_fd = -1;
	}
	free(path);
	if (!err) { /* whoever ends by itself leaves it empty */
		lock_read(e->lock_fd, &owner);
		explicit_bzero(owner.token, sizeof owner.token);
		e->crashed = owner.pid != 0;
		err = lock_make_token(e, eb);
	}
	return err ? err : engine_lock_note(e, "", eb);
}

enum err engine_lock_note(struct engine *e, const char *listen, struct errbuf *eb)
{
	bool secure = fchmod(e->lock_fd, 0600) == 0;
	char text[LOCK_TEXT];
	int n = snprintf(text, sizeof text, "%lld\n%s\n%s\n", (long long)getpid(), listen,
	    secure && e->token ? secret_reveal(e->token) : "");
	bool ok = n < (int)sizeof text;

	/* written before it is cut: who reads meanwhile finds the old words or the new ones */
	ok = ok && pwrite(e->lock_fd, text, (size_t)n, 0) == n && ftruncate(e->lock_fd, n) == 0;
	explicit_bzero(text, sizeof text);
	if (!ok)
		return err_set(eb, ERR_IO,
		    "%s/tubeops.lock: %s; free some space there, then start again", e->data_dir,
		    strerror(errno));
	return ERR_OK;
}

void engine_lock_release(struct engine *e)
{
	secret_free(e->token);
	e->token = NULL;
	if (e->lock_fd < 0)
		return;
	if (ftruncate(e->lock_fd, 0) != 0)
		log_at(e->parts.log, LOG_DEBUG, "engine", 0, "the lock file keeps its text");
	close(e->lock_fd);
	e->lock_fd = -1;
}
