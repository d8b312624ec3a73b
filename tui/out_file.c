#include "config.h"
#include "tui/out_file.h"
#include "tui/out_pack.h"
#include "engine/base/ids.h"
#include "engine/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_PATH_LIMIT = 16384 };

static enum err out_file_exists(const char *path, struct errbuf *eb)
{
	return err_set(
	    eb, ERR_DENIED, "%s exists: give --overwrite to replace it, or another name", path);
}

/* A device, a pipe: written as it is. */
static enum err out_file_open_special(struct out_file *f, const struct stat *st, struct errbuf *eb)
{
	f->out = S_ISDIR(st->st_mode) ? NULL : fopen(f->path, "we");
	return f->out
	           ? ERR_OK
	           : err_set(eb, ERR_IO, "%s: %s", f->path,
	                 S_ISDIR(st->st_mode) ? "is a folder; name a file in it" : strerror(errno));
}

enum err out_file_check(const char *path, bool overwrite, struct errbuf *eb)
{
	out_pack_fn *pack;
	struct stat st;

	if (path && !overwrite && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return out_file_exists(path, eb);
	return out_pack_of(path, &pack, eb);
}

static enum err out_file_unopened(struct out_file *f, int failed, struct errbuf *eb)
{
	free(f->temporary);
	free(f->target);
	f->temporary = f->target = NULL;
	return err_set(eb, ERR_IO, "%s: %s", f->path, strerror(failed));
}

static enum err out_file_open_plain(struct out_file *f, struct errbuf *eb)
{
	char own[UUID_TEXT + 1] = "";
	struct uuid id;
	struct str name;
	struct stat st;
	int fd, failed;

	f->out = stdout;
	if (!f->path)
		return ERR_OK;
	if (stat(f->path, &st) == 0 && !S_ISREG(st.st_mode))
		return out_file_open_special(f, &st, eb);
	f->target = realpath(f->path, NULL);
	if (!f->target)
		f->target = str_dup(f->path);
	str_init(&name, OUT_PATH_LIMIT);
	if (uuid_new(&id) == ERR_OK)
		uuid_format(&id, own);
	str_addf(&name, "%s.part-%.8s", f->target ? f->target : f->path, own);
	f->temporary = str_take(&name);
	errno = ENOMEM;
	/* mkstemp is for secrets; this is an ordinary file */
	fd = f->temporary ? open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
	if (fd < 0)
		return out_file_unopened(f, errno, eb);
	f->out = fdopen(fd, "w");
	if (f->out)
		return ERR_OK;
	failed = errno;
	close(fd);
	unlink(f->temporary);
	return out_file_unopened(f, failed, eb);
}

enum err out_file_open(struct out_file *f, const char *path, bool overwrite, struct errbuf *eb)
{
	out_pack_fn *pack = NULL;
	enum err err = out_file_check(path, overwrite, eb);

	*f = (struct out_file){.path = path, .overwrite = overwrite};
	if (!err)
		err = out_pack_of(path, &pack, eb);
	if (!err)
		err = out_file_open_plain(f, eb);
	if (err || !pack)
		return err;
	f->plain = f->out;
	f->out = pack(f->plain);
	if (f->out)
		return ERR_OK;
	f->out = f->plain;
	f->plain = NULL;
	return out_file_close(f, err_set(eb, ERR_NOMEM, "out of memory"), eb);
}

/* What is packed is whole only now. */
static enum err out_file_end_pack(struct out_file *f, enum err err, struct errbuf *eb)
{
	bool failed;

	if (!f->plain)
		return err;
	failed = ferror(f->out) != 0;
	failed = fclose(f->out) != 0 || failed;
	f->out = f->plain;
	return failed && !err ? err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno)) : err;
}

/* The file gets its name; one that somebody else made meanwhile stays, unless it may be replaced. */
static enum err out_file_name(const struct out_file *f, struct errbuf *eb)
{
	const char *to = f->target ? f->target : f->path;
	int failed = -1;

	errno = EINVAL;
	if (!f->overwrite)
		failed = renameat2(AT_FDCWD, f->temporary, AT_FDCWD, to, RENAME_NOREPLACE);
	/* not every file system knows that */
	if (failed && (errno == EINVAL || errno == ENOSYS))
		failed = rename(f->temporary, to);
	if (failed && errno == EEXIST)
		return out_file_exists(f->path, eb);
	return failed ? err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno)) : ERR_OK;
}

enum err out_file_close(struct out_file *f, enum err err, struct errbuf *eb)
{
	bool failed;

	err = out_file_end_pack(f, err, eb);
	failed = fflush(f->out) != 0 || ferror(f->out);
	if (!err && failed)
		err = err_set(
		    eb, ERR_IO, "%s: %s", f->path ? f->path : "standard output", strerror(errno));
	if (!f->temporary) {
		if (f->path && fclose(f->out) != 0 && !err)
			err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
		return err;
	}
	if (!err && fsync(fileno(f->out)) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (fclose(f->out) != 0 && !err)
		err = err_set(eb, ERR_IO, "%s: %s", f->path, strerror(errno));
	if (!err)
		err = out_file_name(f, eb);
	if (err)
		unlink(f->temporary);
	free(f->temporary);
	free(f->target);
	return err;
}
