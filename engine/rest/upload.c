#include "config.h"
#include "engine/rest/upload.h"
#include "engine/base/str.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char upload_prefix[] = "rest-upload-";

struct rest_upload {
	struct rest_scan scan;
	char *path;
	FILE *file;
	struct errbuf failed;
};

enum err rest_upload_new(struct rest_upload **out, const char *dir, struct errbuf *eb)
{
	struct rest_upload *u = calloc(1, sizeof *u);
	struct str path;
	int fd = -1;

	*out = NULL;
	str_init(&path, 4096);
	str_addf(&path, "%s/%sXXXXXX", dir, upload_prefix);
	if (u)
		u->path = str_take(&path);
	str_done(&path);
	if (!u || !u->path) {
		free(u);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	rest_scan_init(&u->scan);
	fd = mkstemp(u->path); /* 0600 */
	u->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (u->file) {
		*out = u;
		return ERR_OK;
	}
	err_set(eb, ERR_IO, "the body cannot be stored: %s", strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(u->path);
	}
	free(u->path);
	free(u);
	return ERR_IO;
}

void rest_upload_free(struct rest_upload *u)
{
	if (!u)
		return;
	if (u->file)
		fclose(u->file);
	unlink(u->path);
	free(u->path);
	free(u);
}

static enum err upload_failed(struct rest_upload *u, struct errbuf *eb)
{
	if (eb)
		*eb = u->failed;
	return u->failed.code;
}

static enum err upload_no_room(struct rest_upload *u)
{
	return err_set(&u->failed, ERR_IO,
	    "the body cannot be stored: %s; free some space in the data folder, then send it again",
	    strerror(errno));
}

enum err rest_upload_add(struct rest_upload *u, const char *data, size_t len, struct errbuf *eb)
{
	enum err err = u->failed.code;

	if (!err)
		err = rest_scan_add(&u->scan, data, len, &u->failed);
	if (!err && fwrite(data, 1, len, u->file) != len)
		err = upload_no_room(u);
	return err ? upload_failed(u, eb) : ERR_OK;
}

enum err rest_upload_end(struct rest_upload *u, struct errbuf *eb)
{
	enum err err = u->failed.code;

	if (!err)
		err = rest_scan_end(&u->scan, &u->failed);
	if (!err && fflush(u->file) != 0)
		err = upload_no_room(u);
	return err ? upload_failed(u, eb) : ERR_OK;
}

const char *rest_upload_path(const struct rest_upload *u)
{
	return u->path;
}

const struct rest_scan *rest_upload_scan(const struct rest_upload *u)
{
	return &u->scan;
}

void rest_upload_sweep(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, upload_prefix, sizeof upload_prefix - 1) == 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}
