/*
 * input - a file or stdin read block by block with read(), and the bytes not used up yet; what is
 * packed (gzip, zstd) is unpacked on the way. Memory is one block, the longest record and the
 * unpacker's window. Belongs to one thread; the stop flag may be set by any.
 */
#ifndef TUBEOPS_DB_SOURCES_INPUT_H
#define TUBEOPS_DB_SOURCES_INPUT_H

#include "engine/base/err.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct unpack;

enum { INPUT_BLOCK = 1024 * 1024, INPUT_HEAD = 64 * 1024 };

struct input {
	int fd;
	bool own; /* to be closed: not stdin */
	bool eof;
	bool skip;    /* the rest of a line that was too long is still to be dropped */
	char newline; /* what ends a line: '\n', or '\r' in files of old Macintoshes */
	char *buf;
	size_t start, end, cap; /* bytes at hand: buf[start..end) */
	size_t block;
	int64_t bytes; /* read so far, of a packed file its packed bytes */
	int64_t size;  /* the same; 0: not known */
	int64_t line;  /* number of the line at start, from 1 */
	const atomic_bool *stop;
	struct unpack *unpack; /* NULL: it is not packed */
	char *packed;          /* read and not unpacked: packed[packed_at..packed_end) */
	size_t packed_at, packed_end;
	bool packed_eof;
	struct errbuf held; /* a failure behind good bytes, told by the next call that reads */
};

/* One line of text; its bytes are borrowed until the next call that reads. */
struct input_line {
	const char *text;
	size_t len; /* without the line's end, LF or CRLF */
	int64_t number;
	bool too_long; /* text is only its beginning */
};

/* path "-": stdin. block 0: 1 MiB. Reads the head, drops a byte order mark. ERR_NOTFOUND, ERR_IO,
 * and what unpack.h says. */
enum err input_open(struct input *in, const char *path, size_t block, const atomic_bool *stop,
    struct errbuf *eb) MUST_CHECK;
void input_close(struct input *in);
/*
 * Reads on, keeping what is at hand (which may move). At least as much as is at hand already, so
 * that looking at a record again from its start costs no more than reading it. Sets eof at the end.
 * ERR_CANCELLED when the stop flag is set. What came before a failure is given first.
 */
enum err input_more(struct input *in, struct errbuf *eb) MUST_CHECK;
/* The next line; *more is false at the end. Lines longer than limit are cut. */
enum err input_next_line(struct input *in, size_t limit, struct input_line *line, bool *more,
    struct errbuf *eb) MUST_CHECK;
/* Drops everything up to and with the end of the line at start. */
enum err input_drop_line(struct input *in, struct errbuf *eb) MUST_CHECK;

#endif
