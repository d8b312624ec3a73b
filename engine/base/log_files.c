/*
 * The log's file and those that were rotated away, as one long file: places count on from each to the
 * next newer one, so that a place means the same line before and after a rotation. A rotated file is
 * the log's name with ".N" or "-DATE" behind it, packed (".gz") or not, whoever rotates.
 */
#include "config.h"
#include "engine/base/log_parts.h"
#include "engine/base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { FILES_PATH = 4096, FILES_PIECE = 64 * 1024, FILES_DATE = 100000, FILES_TRAILER = 4 };
/* A packed file may fill so much of the disk beside the log while it is read, and no more. */
static const int64_t files_packed_most = INT64_C(1) << 30;

/* ---- which there are ---- */

/* "tubeops.log.2.gz" of "tubeops.log": its number; false: it is none of them. */
static bool files_name(const char *base, const char *name, int64_t *number, bool *packed)
{
	size_t n = strlen(base), digits;

	if (strncmp(name, base, n) != 0 || (name[n] != '.' && name[n] != '-'))
		return false;
	digits = strspn(name + n + 1, "0123456789");
	*packed = strcmp(name + n + 1 + digits, ".gz") == 0;
	return digits && (*packed || !name[n + 1 + digits]) &&
	       str_to_i64_n(name + n + 1, digits, 1, INT64_MAX, number) == ERR_OK;
}

/* What a packed file holds, by its last bytes; -1: it is none. */
static int64_t files_unpacked_size(int fd, int64_t size)
{
	unsigned char t[FILES_TRAILER];

	if (size < 18 || pread(fd, t, sizeof t, size - FILES_TRAILER) != FILES_TRAILER)
		return -1;
	return (int64_t)t[0] | (int64_t)t[1] << 8 | (int64_t)t[2] << 16 | (int64_t)t[3] << 24;
}

static void files_add(struct log_files *f, char *path, int64_t number, bool packed)
{
	struct log_part *p = &f->parts[f->n];
	int64_t size;
	struct stat st;

	*p = (struct log_part){.path = path, .number = number, .packed = packed, .fd = -1};
	if (path)
		p->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (p->fd >= 0 && fstat(p->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		size = packed ? files_unpacked_size(p->fd, st.st_size) : st.st_size;
		p->stat = st;
		p->end = size;
		if (size >= 0 && (!packed || size <= files_packed_most)) {
			f->n++;
			return;
		}
	}
	if (p->fd >= 0)
		close(p->fd);
	free(path);
}

static char *files_path(const char *dir, size_t len, const char *name)
{
	struct str path;

	str_init(&path, FILES_PATH);
	str_add(&path, dir, len);
	str_adds(&path, name);
	return str_take(&path);
}

/* The log's own file first, then numbers from the least, then dates from the newest. */
static int files_compare(const void *a, const void *b)
{
	const struct log_part *x = a, *y = b;
	bool x_date = x->number >= FILES_DATE, y_date = y->number >= FILES_DATE;

	if (x_date != y_date)
		return x_date ? 1 : -1;
	if (x->number == y->number) /* while it is being packed both are there */
		return x->packed - y->packed;
	return (x->number > y->number) != x_date ? 1 : -1;
}

static void files_gather(const char *path, struct log_files *f)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = (size_t)(base - path);
	char *folder = len ? str_dup_n(path, len) : str_dup(".");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;
	int64_t number;
	bool packed;

	free(folder);
	files_add(f, str_dup(path), 0, false);
	while (dir && f->n < LOG_FILES && (entry = readdir(dir)))
		if (files_name(base, entry->d_name, &number, &packed))
			files_add(f, files_path(path, len, entry->d_name), number, packed);
	if (dir)
		closedir(dir);
	qsort(f->parts, f->n, sizeof f->parts[0], files_compare);
}

static void files_drop(struct log_files *f, size_t at)
{
	struct log_part *p = &f->parts[at];

	if (p->fd >= 0)
		close(p->fd);
	free(p->path);
	memmove(p, p + 1, (--f->n - at) * sizeof *p);
}

/* Where the one is that is written to now, perhaps under its next name already; f->n: nowhere. */
static size_t files_current(const struct log_files *f, const struct stat *now)
{
	size_t at = 0;

	while (at < f->n &&
	       (f->parts[at].stat.st_dev != now->st_dev || f->parts[at].stat.st_ino != now->st_ino))
		at++;
	return at;
}

void log_files_open(struct log *lg, struct log_files *f)
{
	size_t at, newer;
	struct stat now;
	int64_t begin;
	bool found;

	*f = (struct log_files){.log = lg};
	if (!lg->path)
		return;
	files_gather(lg->path, f);
	for (size_t i = 1; i < f->n;)
		if (f->parts[i].number == f->parts[i - 1].number)
			files_drop(f, i);
		else
			i++;
	pthread_mutex_lock(&lg->lock);
	now = lg->stat;
	begin = lg->base;
	pthread_mutex_unlock(&lg->lock);
	at = files_current(f, &now);
	found = at < f->n;
	/* a newer one is not ours yet */
	newer = found ? at : f->n && !f->parts[0].number;
	while (newer--)
		files_drop(f, 0);
	for (size_t i = 0; i < f->n; i++) {
		int64_t size = f->parts[i].end;
		if (i || !found)
			begin -= size;
		f->parts[i].begin = begin;
		f->parts[i].end = begin + size;
	}
}

void log_files_close(struct log_files *f)
{
	while (f->n)
		files_drop(f, f->n - 1);
}

const struct log_part *log_files_below(const struct log_files *f, int64_t place)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->parts[i].begin < place && f->parts[i].begin < f->parts[i].end)
			return &f->parts[i];
	return NULL;
}

const struct log_part *log_files_above(const struct log_files *f, int64_t place)
{
	for (size_t i = f->n; i > 0; i--)
		if (f->parts[i - 1].end > place)
			return &f->parts[i - 1];
	return NULL;
}

/* ---- reading ---- */

/* A file without a name beside the log. */
static int files_unpack_to(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? str_dup_n(path, (size_t)(slash - path) + 1) : str_dup(".");
	int fd = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

	free(folder);
	return fd;
}

/* All that is packed in `from`, in a file of its own; -1: it cannot be read, or there is no room. */
static int files_unpack(int from, const char *path)
{
	int copy = fcntl(from, F_DUPFD_CLOEXEC, 0), to = files_unpack_to(path), n = 0;
	gzFile z = copy >= 0 && lseek(copy, 0, SEEK_SET) == 0 ? gzdopen(copy, "rb") : NULL;
	char *piece = malloc(FILES_PIECE);
	int64_t all = 0;

	while (z && piece && to >= 0 && (n = gzread(z, piece, FILES_PIECE)) > 0) {
		all += n;
		if (all > files_packed_most || write(to, piece, (size_t)n) != n) {
			n = -1;
			break;
		}
	}
	if (to >= 0 && (!z || !piece || n < 0)) {
		close(to);
		to = -1;
	}
	if (z)
		gzclose(z);
	else if (copy >= 0)
		close(copy);
	free(piece);
	return to;
}

static bool files_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The one that was unpacked last is kept: who reads on through it asks again and again. */
static int files_kept(struct log *lg, const struct log_part *p)
{
	int fd = -1;

	pthread_mutex_lock(&lg->lock);
	if (lg->unpacked_fd >= 0 && files_is_same(&lg->unpacked, &p->stat))
		fd = fcntl(lg->unpacked_fd, F_DUPFD_CLOEXEC, 0);
	pthread_mutex_unlock(&lg->lock);
	return fd;
}

static void files_keep(struct log *lg, const struct log_part *p, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), old;

	pthread_mutex_lock(&lg->lock);
	old = lg->unpacked_fd;
	lg->unpacked_fd = copy;
	lg->unpacked = p->stat;
	pthread_mutex_unlock(&lg->lock);
	if (old >= 0)
		close(old);
}

static void files_open_packed(struct log_files *f, struct log_part *p)
{
	int fd = files_kept(f->log, p);

	if (fd < 0 && (fd = files_unpack(p->fd, p->path)) >= 0)
		files_keep(f->log, p, fd);
	close(p->fd);
	p->fd = fd;
	p->packed = false;
}

size_t log_files_read(
    struct log_files *f, const struct log_part *part, int64_t from, int64_t to, char *out)
{
	struct log_part *p = &f->parts[part - f->parts];
	ssize_t n;

	if (p->packed)
		files_open_packed(f, p);
	n = p->fd < 0 ? -1 : pread(p->fd, out, (size_t)(to - from), from - p->begin);
	return n > 0 ? (size_t)n : 0;
}
