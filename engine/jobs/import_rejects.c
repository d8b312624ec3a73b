#include "config.h"
#include "engine/jobs/import_rejects.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REJECTS_TEXT = 1024, REJECTS_PATH = 4096 };

struct import_rejects {
	char *dir, *path, *part;
	FILE *file;
	struct str clean; /* the text of one row */
};

static char *rejects_name(const char *dir, int64_t origin, const char *tail)
{
	struct str s;

	str_init(&s, REJECTS_PATH);
	str_addf(&s, "%s/rejects", dir);
	if (tail)
		str_addf(&s, "/import-%lld.csv%s", (long long)origin, tail);
	return str_take(&s);
}

struct import_rejects *import_rejects_new(const char *data_dir, int64_t origin)
{
	struct import_rejects *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->dir = rejects_name(data_dir, origin, NULL);
	r->path = rejects_name(data_dir, origin, "");
	r->part = rejects_name(data_dir, origin, ".part");
	str_init(&r->clean, (size_t)REJECTS_TEXT * 3);
	if (!r->dir || !r->path || !r->part) {
		import_rejects_free(r);
		return NULL;
	}
	return r;
}

void import_rejects_free(struct import_rejects *r)
{
	if (!r)
		return;
	if (r->file)
		fclose(r->file);
	free(r->dir);
	free(r->path);
	free(r->part);
	str_done(&r->clean);
	free(r);
}

static enum err rejects_open(struct import_rejects *r, struct errbuf *eb)
{
	int fd;

	if (mkdir(r->dir, 0700) != 0 && errno != EEXIST)
		return err_set(
		    eb, ERR_IO, "cannot make the folder %s: %s", r->dir, strerror(errno));
	fd = open(r->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	r->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!r->file) {
		err_set(eb, ERR_IO, "cannot write %s: %s", r->part, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	fputs("line,reason,text\n", r->file);
	return ERR_OK;
}

static void rejects_put_field(FILE *f, const char *text, size_t len)
{
	fputc('"', f);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			fputc('"', f);
		fputc(text[i], f);
	}
	fputc('"', f);
}

enum err import_rejects_add(struct import_rejects *r, int64_t line, const char *reason,
    const char *text, size_t len, struct errbuf *eb)
{
	enum err err = r->file ? ERR_OK : rejects_open(r, eb);

	if (err)
		return err;
	len = text_utf8_cut(text, len, REJECTS_TEXT);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	str_reset(&r->clean);
	text_clean(text, len, &r->clean);
	fprintf(r->file, "%lld,", (long long)line);
	rejects_put_field(r->file, reason, strlen(reason));
	fputc(',', r->file);
	rejects_put_field(r->file, str_get(&r->clean), r->clean.len);
	if (fputc('\n', r->file) == EOF)
		return err_set(eb, ERR_IO, "cannot write %s: %s", r->part, strerror(errno));
	return ERR_OK;
}

enum err import_rejects_end(struct import_rejects *r, bool whole, char **path, struct errbuf *eb)
{
	bool broken;

	*path = NULL;
	if (!r->file)
		return ERR_OK;
	broken = fflush(r->file) != 0 || ferror(r->file);
	broken = fclose(r->file) != 0 || broken;
	r->file = NULL;
	if (!broken && whole && rename(r->part, r->path) != 0)
		broken = true;
	if (broken)
		err_set(eb, ERR_IO, "cannot write %s: %s", r->part, strerror(errno));
	*path = str_dup(whole && !broken ? r->path : r->part);
	if (!*path)
		return err_set(eb, ERR_NOMEM, "no memory for a file name");
	return broken ? ERR_IO : ERR_OK;
}
