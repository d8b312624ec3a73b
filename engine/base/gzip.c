#include "config.h"
#include "engine/base/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { GZIP_BUFFER = 1 << 16, GZIP_WINDOW = 15 + 16 /* window bits, and gzip's header */ };

struct gzip {
	FILE *to;
	z_stream z;
	unsigned char buffer[GZIP_BUFFER];
};

/* All that the packer holds at this point; -1 with errno when it cannot be written. */
static int gzip_run(struct gzip *p, int flush)
{
	int code;

	do {
		size_t n;

		p->z.next_out = p->buffer;
		p->z.avail_out = GZIP_BUFFER;
		code = deflate(&p->z, flush);
		n = GZIP_BUFFER - p->z.avail_out;
		if (code == Z_STREAM_ERROR || fwrite(p->buffer, 1, n, p->to) != n)
			return -1;
	} while (p->z.avail_out == 0);
	return 0;
}

static ssize_t gzip_write(void *cookie, const char *data, size_t len)
{
	struct gzip *p = cookie;

	/* zlib only reads it */
	memcpy(&p->z.next_in, &data, sizeof data);
	p->z.avail_in = (unsigned)len;
	return gzip_run(p, Z_NO_FLUSH) == 0 ? (ssize_t)len : -1;
}

static int gzip_close(void *cookie)
{
	struct gzip *p = cookie;
	int failed = gzip_run(p, Z_FINISH), saved = errno;

	deflateEnd(&p->z);
	free(p);
	errno = saved;
	return failed;
}

FILE *gzip_open(FILE *to)
{
	struct gzip *p = calloc(1, sizeof *p);
	cookie_io_functions_t io = {.write = gzip_write, .close = gzip_close};
	FILE *f;

	if (!p)
		return NULL;
	p->to = to;
	if (deflateInit2(&p->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
	        Z_DEFAULT_STRATEGY) != Z_OK) {
		free(p);
		return NULL;
	}
	f = fopencookie(p, "w", io);
	if (!f) {
		deflateEnd(&p->z);
		free(p);
	}
	return f;
}

char *gzip_pack(const char *text, size_t len, size_t *packed)
{
	z_stream z = {.next_out = NULL};
	char *out = NULL;
	int code;

	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	*packed = deflateBound(&z, len);
	out = malloc(*packed);
	if (out) {
		/* zlib only reads it */
		memcpy(&z.next_in, &text, sizeof text);
		z.avail_in = (unsigned)len;
		z.next_out = (unsigned char *)out;
		z.avail_out = (unsigned)*packed;
		code = deflate(&z, Z_FINISH);
		*packed -= z.avail_out;
		if (code != Z_STREAM_END) {
			free(out);
			out = NULL;
		}
	}
	deflateEnd(&z);
	return out;
}
