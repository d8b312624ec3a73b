#include "config.h"
#include "db/sources/file.h"
#include "db/sources/csv.h"
#include "db/sources/input.h"
#include "db/sources/jsonl.h"
#include "db/sources/list.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_SHOWN = 60 };

struct file {
	struct input in;
	const struct source_format *format;
	void *state;
	char *name; /* the path's last part: errors name the file */
};

/* In the order of guessing; the last one takes anything. */
static const struct source_format *const file_formats[] = {
    &jsonl_format, &list_format, &csv_format};

static bool file_takes(const char *path)
{
	(void)path;
	return true;
}

static enum err file_choose(struct file *f, const char *name, struct errbuf *eb)
{
	bool guess = !name || !*name || str_is_equal_nocase(name, "auto");

	for (size_t i = 0; i < sizeof file_formats / sizeof file_formats[0]; i++) {
		f->format = file_formats[i];
		if (guess ? f->format->is_like(&f->in) : str_is_equal_nocase(name, f->format->name))
			return ERR_OK;
	}
	f->format = NULL;
	return err_set(
	    eb, ERR_INVALID, "no format %s: use csv, list, json or auto", guess ? "" : name);
}

static void file_close(void *state)
{
	struct file *f = state;

	if (f->state)
		f->format->end(f->state);
	input_close(&f->in);
	free(f->name);
	free(f);
}

static enum err file_name(struct file *f, const char *path, struct errbuf *eb)
{
	const char *slash = strrchr(path, '/');

	f->name = str_dup(strcmp(path, "-") == 0 ? "standard input" : slash ? slash + 1 : path);
	return f->name ? ERR_OK : err_set(eb, ERR_NOMEM, "no memory to read %s", path);
}

static enum err file_open(void **state, const struct source_config *cfg, struct errbuf *eb)
{
	struct file *f = calloc(1, sizeof *f);
	enum err err;

	if (!f)
		return err_set(eb, ERR_NOMEM, "no memory to read %s", cfg->path);
	*state = f;
	f->in.fd = -1;
	err = file_name(f, cfg->path, eb);
	if (!err)
		err = input_open(&f->in, cfg->path, cfg->block, cfg->stop, eb);
	if (err == ERR_CORRUPT || err == ERR_LIMIT) /* of the unpacker, which knows no name */
		err_prefix(eb, "%.*s", FILE_SHOWN, f->name);
	if (!err)
		err = file_choose(f, cfg->column || cfg->table ? "csv" : cfg->format, eb);
	if (!err)
		err = f->format->start(&f->state, &f->in, cfg, eb);
	return err;
}

static enum err file_next(void *state, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct file *f = state;
	enum err err = f->format->next(f->state, &f->in, row, more, eb);

	if (err && err != ERR_CANCELLED)
		err_prefix(eb, "%.*s", FILE_SHOWN, f->name);
	return err;
}

static const char *file_format_name(const void *state)
{
	return ((const struct file *)state)->format->name;
}

static int64_t file_bytes(const void *state)
{
	return ((const struct file *)state)->in.bytes;
}

static int64_t file_size(const void *state)
{
	return ((const struct file *)state)->in.size;
}

const struct source_kind file_source = {
    file_takes, file_open, file_next, file_close, file_format_name, file_bytes, file_size};
