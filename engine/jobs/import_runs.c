#include "config.h"
#include "engine/jobs/import_runs.h"
#include "engine/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_BUFFER = 1024 * 1024, RUNS_AHEAD = 8, RUNS_STOP_EVERY = 16384 };

void import_runs_init(struct import_runs *r)
{
	*r = (struct import_runs){.fd = -1};
}

void import_runs_done(struct import_runs *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->ends);
	import_runs_init(r);
}

/* The name is taken away at once, so that a crash leaves no file behind. */
static enum err runs_create(struct import_runs *r, const char *dir, struct errbuf *eb)
{
	struct str path;
	char *name;

	str_init(&path, 4096);
	str_addf(&path, "%s/import-sort-XXXXXX", dir);
	name = str_take(&path);
	if (!name)
		return err_set(eb, ERR_NOMEM, "no memory for a temporary file");
	r->fd = mkostemp(name, O_CLOEXEC);
	if (r->fd < 0)
		err_set(eb, ERR_IO, "cannot make a temporary file in %s: %s", dir, strerror(errno));
	else
		unlink(name);
	free(name);
	return r->fd < 0 ? ERR_IO : ERR_OK;
}

static enum err runs_flush(int fd, const unsigned char *p, size_t len, struct errbuf *eb)
{
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(eb, ERR_IO,
			    "cannot write sorted rows: %s; free some space in the data folder and "
			    "import again",
			    strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return ERR_OK;
}

static enum err runs_write_rows(struct import_runs *r, const struct import_block *b,
    unsigned char *buf, const atomic_bool *stop, struct errbuf *eb)
{
	const struct import_entry *e = import_block_entries(b);
	size_t used = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; i < b->n && !err; i++) {
		struct cid cid;
		if (i + RUNS_AHEAD < b->n) /* the texts lie in file order, not in key order */
			__builtin_prefetch(import_block_texts(b, &e[i + RUNS_AHEAD]));
		if (i % RUNS_STOP_EVERY == 0 && stop && atomic_load(stop))
			return err_set(eb, ERR_CANCELLED, "the import was stopped");
		if (RUNS_BUFFER - used < IMPORT_ROW_MAX) {
			err = runs_flush(r->fd, buf, used, eb);
			used = 0;
		}
		import_key_join(e[i].hi, e[i].lo, &cid);
		memcpy(buf + used, cid.b, CID_BYTES);
		memcpy(buf + used + CID_BYTES, import_block_texts(b, &e[i]), e[i].bytes);
		used += CID_BYTES + e[i].bytes;
	}
	return err ? err : runs_flush(r->fd, buf, used, eb);
}

enum err import_runs_write(struct import_runs *r, const char *dir, const struct import_block *b,
    const atomic_bool *stop, struct errbuf *eb)
{
	unsigned char *buf;
	enum err err = r->fd < 0 ? runs_create(r, dir, eb) : ERR_OK;

	if (err)
		return err;
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		off_t *ends = realloc(r->ends, cap * sizeof *ends);
		if (!ends)
			return err_set(eb, ERR_NOMEM, "no memory for %zu sorted runs", cap);
		r->ends = ends;
		r->cap = cap;
	}
	buf = malloc(RUNS_BUFFER);
	if (!buf)
		return err_set(eb, ERR_NOMEM, "no memory to write sorted rows");
	err = runs_write_rows(r, b, buf, stop, eb);
	free(buf);
	if (!err)
		r->ends[r->n++] = lseek(r->fd, 0, SEEK_CUR);
	return err;
}

void import_cursor_memory(struct import_cursor *c, const struct import_block *b)
{
	*c = (struct import_cursor){.block = b, .fd = -1};
}

enum err import_cursor_file(struct import_cursor *c, const struct import_runs *r, size_t run,
    size_t room, struct errbuf *eb)
{
	*c = (struct import_cursor){.fd = r->fd, .room = room};
	c->at = run ? r->ends[run - 1] : 0;
	c->end = r->ends[run];
	c->buf = malloc(room);
	return c->buf ? ERR_OK : err_set(eb, ERR_NOMEM, "no memory to merge sorted runs");
}

void import_cursor_done(struct import_cursor *c)
{
	free(c->buf);
	c->buf = NULL;
}

static enum err cursor_fill(struct import_cursor *c, struct errbuf *eb)
{
	memmove(c->buf, c->buf + c->start, c->filled - c->start);
	c->filled -= c->start;
	c->start = 0;
	while (c->at < c->end && c->filled < c->room) {
		size_t want = c->room - c->filled;
		ssize_t n;
		if ((off_t)want > c->end - c->at)
			want = (size_t)(c->end - c->at);
		n = pread(c->fd, c->buf + c->filled, want, c->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(eb, ERR_IO, "cannot read sorted rows back: %s",
			    n ? strerror(errno) : "the file is too short");
		c->filled += (size_t)n;
		c->at += n;
	}
	return ERR_OK;
}

static void cursor_step_memory(struct import_cursor *c)
{
	const struct import_entry *e = import_block_entries(c->block) + c->i;

	c->ended = c->i >= c->block->n;
	if (c->ended)
		return;
	if (c->i + RUNS_AHEAD < c->block->n)
		__builtin_prefetch(import_block_texts(c->block, &e[RUNS_AHEAD]));
	c->i++;
	c->hi = e->hi;
	c->lo = e->lo;
	import_texts_read(import_block_texts(c->block, e), e->bytes, &c->texts);
}

enum err import_cursor_step(struct import_cursor *c, struct errbuf *eb)
{
	struct cid cid;
	size_t n;
	enum err err = ERR_OK;

	if (c->block) {
		cursor_step_memory(c);
		return ERR_OK;
	}
	if (c->filled - c->start < IMPORT_ROW_MAX && c->at < c->end)
		err = cursor_fill(c, eb);
	if (err)
		return err;
	c->ended = c->start == c->filled;
	if (c->ended)
		return ERR_OK;
	n = c->filled - c->start > CID_BYTES ? import_texts_read(c->buf + c->start + CID_BYTES,
	                                           c->filled - c->start - CID_BYTES, &c->texts)
	                                     : 0;
	if (!n)
		return err_set(eb, ERR_CORRUPT, "the temporary file of sorted rows is damaged");
	memcpy(cid.b, c->buf + c->start, CID_BYTES);
	import_key_split(&cid, &c->hi, &c->lo);
	c->start += CID_BYTES + n;
	return ERR_OK;
}
