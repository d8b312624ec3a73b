#include "config.h"
#include "db/sources/input.h"
#include "db/sources/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	INPUT_WAIT_MS = 100,      /* how long a silent pipe may hide the stop flag */
	INPUT_PACKED = 256 * 1024 /* packed bytes read at a time */
};

static enum err input_wait(struct input *in, struct errbuf *eb)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};
	int n;

	if (in->stop && atomic_load_explicit(in->stop, memory_order_relaxed))
		return err_set(
		    eb, ERR_CANCELLED, "stopped while reading line %lld", (long long)in->line);
	if (in->size)
		return ERR_OK; /* a regular file is always ready */
	n = poll(&p, 1, INPUT_WAIT_MS);
	if (n < 0 && errno != EINTR)
		return err_set(eb, ERR_IO, "waiting for input: %s", strerror(errno));
	return n > 0 ? ERR_OK : ERR_TIMEOUT;
}

static enum err input_grow(struct input *in, size_t room, struct errbuf *eb)
{
	size_t kept = in->end - in->start;
	char *buf;

	if (in->start && kept)
		memmove(in->buf, in->buf + in->start, kept);
	in->start = 0;
	in->end = kept;
	if (in->cap - in->end >= room)
		return ERR_OK;
	buf = realloc(in->buf, kept + room);
	if (!buf)
		return err_set(eb, ERR_NOMEM, "no memory for a line of %zu bytes", kept);
	in->buf = buf;
	in->cap = kept + room;
	return ERR_OK;
}

/* Bytes as they stand in the file; *eof at its end. None and no eof: a silent pipe. */
static enum err input_read_file(
    struct input *in, char *to, size_t room, size_t *got, bool *eof, struct errbuf *eb)
{
	ssize_t n;
	enum err err = input_wait(in, eb);

	*got = 0;
	if (err == ERR_TIMEOUT)
		return ERR_OK;
	if (err)
		return err;
	n = read(in->fd, to, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return ERR_OK;
	if (n < 0)
		return err_set(eb, ERR_IO, "cannot read on after %lld bytes: %s",
		    (long long)in->bytes, strerror(errno));
	*eof = n == 0;
	in->bytes += n;
	*got = (size_t)n;
	return ERR_OK;
}

static enum err input_read_packed(struct input *in, size_t *got, struct errbuf *eb)
{
	size_t used = in->packed_end - in->packed_at, n = 0;
	enum err err;

	*got = in->block;
	err =
	    unpack_some(in->unpack, in->packed + in->packed_at, &used, in->buf + in->end, got, eb);
	if (err) {
		*got = 0;
		return err;
	}
	in->packed_at += used;
	if (used || *got)
		return ERR_OK;
	if (in->packed_eof) {
		err = unpack_end(in->unpack, eb);
		in->eof = !err; /* those who wait for more get the failure, not an end */
		return err;
	}
	/* neither library leaves bytes that it could not take */
	in->packed_at = in->packed_end = 0;
	err = input_read_file(in, in->packed, INPUT_PACKED, &n, &in->packed_eof, eb);
	in->packed_end = n;
	return err;
}

static enum err input_read(struct input *in, size_t *got, struct errbuf *eb)
{
	enum err err = in->unpack
	                   ? input_read_packed(in, got, eb)
	                   : input_read_file(in, in->buf + in->end, in->block, got, &in->eof, eb);

	in->end += *got;
	return err;
}

static enum err input_read_on(struct input *in, struct errbuf *eb)
{
	size_t want = in->end - in->start, have = 0, got;
	enum err err = ERR_OK;

	if (want > in->block)
		want = in->block;
	while (!err && !in->eof && (!have || have < want)) {
		err = input_grow(in, in->block, eb);
		if (!err)
			err = input_read(in, &got, eb);
		if (!err)
			have += got;
	}
	if (!err || !have)
		return err;
	in->held = *eb; /* never NULL here */
	return ERR_OK;
}

enum err input_more(struct input *in, struct errbuf *eb)
{
	struct errbuf own = {0};
	enum err err = in->held.code ? in->held.code : input_read_on(in, &own);

	if (in->held.code)
		own = in->held;
	if (err && err != ERR_CANCELLED && in->unpack)
		err_prefix(&own, "line %lld", (long long)in->line);
	if (err && eb)
		*eb = own;
	return err;
}

/* What is there so far is packed: from now on buf gets what it unpacks to. */
static enum err input_start_unpack(struct input *in, struct errbuf *eb)
{
	size_t n = in->end - in->start;
	enum err err = unpack_new(&in->unpack, in->buf + in->start, n, eb);

	if (err)
		return err;
	in->packed = malloc(n > INPUT_PACKED ? n : INPUT_PACKED);
	if (!in->packed)
		return err_set(eb, ERR_NOMEM, "no memory to unpack");
	memcpy(in->packed, in->buf + in->start, n);
	in->packed_end = n;
	in->packed_eof = in->eof;
	in->eof = false;
	in->start = in->end = 0;
	return ERR_OK;
}

/* The first 64 KiB, from which the format is guessed. */
static enum err input_head(struct input *in, struct errbuf *eb)
{
	static const char bom[] = "\xEF\xBB\xBF";
	struct errbuf own = {0};
	enum err err = ERR_OK;
	size_t seen;

	while (!err && !in->eof && in->end - in->start < UNPACK_HEAD)
		err = input_more(in, eb);
	if (!err && unpack_is_packed(in->buf + in->start, in->end - in->start))
		err = input_start_unpack(in, eb);
	while (!err && !in->eof && !in->held.code && in->end - in->start < INPUT_HEAD) {
		err = input_read_on(in, &own);
		if (err && err != ERR_CANCELLED && in->end > in->start) {
			in->held = own; /* the lines before it are good */
			err = ERR_OK;
		} else if (err) {
			if (err != ERR_CANCELLED && in->unpack)
				err_prefix(&own, "line 1");
			if (eb)
				*eb = own;
		}
	}
	if (err)
		return err;
	if (in->end >= 3 && memcmp(in->buf, bom, 3) == 0)
		in->start = 3;
	else if (in->end >= 2 &&
	         (memcmp(in->buf, "\xFF\xFE", 2) == 0 || memcmp(in->buf, "\xFE\xFF", 2) == 0))
		return err_set(eb, ERR_INVALID,
		    "the file is UTF-16: convert it first, for instance with "
		    "iconv -f UTF-16 -t UTF-8");
	/* a carriage return at the very end may have its line feed still to come */
	seen = in->eof || !in->end ? in->end : in->end - 1;
	if (seen && memchr(in->buf, '\r', seen) && !memchr(in->buf, '\n', in->end))
		in->newline = '\r';
	return ERR_OK;
}

enum err input_open(
    struct input *in, const char *path, size_t block, const atomic_bool *stop, struct errbuf *eb)
{
	struct stat st;
	enum err err;

	*in = (struct input){.fd = STDIN_FILENO, .line = 1, .newline = '\n', .stop = stop};
	in->block = block ? block : INPUT_BLOCK;
	if (strcmp(path, "-") != 0) {
		in->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (in->fd < 0)
			return err_set(eb, errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
			    "cannot open %s: %s", path, strerror(errno));
		in->own = true;
	}
	memset(&st, 0, sizeof st);
	if (fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode))
		in->size = st.st_size;
	if (S_ISDIR(st.st_mode))
		err = err_set(eb, ERR_INVALID, "%s is a folder: name a file in it", path);
	else
		err = input_head(in, eb);
	if (err)
		input_close(in);
	return err;
}

void input_close(struct input *in)
{
	if (in->own)
		close(in->fd);
	unpack_free(in->unpack);
	free(in->packed);
	free(in->buf);
	*in = (struct input){.fd = -1};
}

enum err input_drop_line(struct input *in, struct errbuf *eb)
{
	for (;;) {
		char *at = in->end > in->start
		               ? memchr(in->buf + in->start, in->newline, in->end - in->start)
		               : NULL;
		enum err err;

		if (at) {
			in->start = (size_t)(at - in->buf) + 1;
			in->line++;
			return ERR_OK;
		}
		in->start = in->end;
		if (in->eof)
			return ERR_OK;
		err = input_more(in, eb);
		if (err)
			return err;
	}
}

/* Position of the line's end in the buffer; in->end when the last line has none. */
static enum err input_find_end(struct input *in, size_t limit, size_t *end, struct errbuf *eb)
{
	size_t seen = 0;
	enum err err;

	for (;;) {
		size_t have = in->end - in->start;
		char *at = have > seen
		               ? memchr(in->buf + in->start + seen, in->newline, have - seen)
		               : NULL;
		if (at || in->eof || have > limit) {
			*end = at ? (size_t)(at - in->buf) : in->end;
			return ERR_OK;
		}
		seen = have;
		err = input_more(in, eb);
		if (err)
			return err;
	}
}

enum err input_next_line(
    struct input *in, size_t limit, struct input_line *line, bool *more, struct errbuf *eb)
{
	size_t end = 0;
	enum err err = ERR_OK;

	if (in->skip)
		err = input_drop_line(in, eb);
	in->skip = false;
	if (!err)
		err = input_find_end(in, limit, &end, eb);
	if (err)
		return err;
	*more = end > in->start || end < in->end;
	if (!*more)
		return ERR_OK;
	*line = (struct input_line){in->buf + in->start, end - in->start, in->line, false};
	line->too_long = line->len > limit;
	if (line->too_long) {
		in->skip = true; /* in->start stays: the rest is dropped by the next call */
		return ERR_OK;
	}
	in->start = end < in->end ? end + 1 : end;
	in->line += end < in->end;
	if (line->len && line->text[line->len - 1] == '\r')
		line->len--;
	return ERR_OK;
}
