#include "config.h"
#include "tui/out_pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PACK_BUFFER = 1 << 16, PACK_GZIP = 15 + 16 /* window bits, and gzip's header */ };

struct out_pack {
	FILE *to;
	z_stream z;
	unsigned char buffer[PACK_BUFFER];
};

enum err out_pack_wanted(const char *path, bool *out, struct errbuf *eb)
{
	static const char *const others[] = {".zst", ".xz", ".bz2", ".zip", ".lz4"};
	const char *dot = path ? strrchr(path, '.') : NULL;

	*out = dot && strcmp(dot, ".gz") == 0;
	for (size_t i = 0; dot && i < sizeof others / sizeof others[0]; i++)
		if (strcmp(dot, others[i]) == 0)
			return err_set(eb, ERR_INVALID,
			    "%s: files are packed as .gz; for another way write to standard output "
			    "and pack that",
			    path);
	return ERR_OK;
}

/* All that the packer holds at this point; -1 with errno when it cannot be written. */
static int pack_run(struct out_pack *p, int flush)
{
	int code;

	do {
		size_t n;

		p->z.next_out = p->buffer;
		p->z.avail_out = PACK_BUFFER;
		code = deflate(&p->z, flush);
		n = PACK_BUFFER - p->z.avail_out;
		if (code == Z_STREAM_ERROR || fwrite(p->buffer, 1, n, p->to) != n)
			return -1;
	} while (p->z.avail_out == 0);
	return 0;
}

static ssize_t pack_write(void *cookie, const char *data, size_t len)
{
	struct out_pack *p = cookie;

	/* zlib only reads it */
	memcpy(&p->z.next_in, &data, sizeof data);
	p->z.avail_in = (unsigned)len;
	return pack_run(p, Z_NO_FLUSH) == 0 ? (ssize_t)len : -1;
}

static int pack_close(void *cookie)
{
	struct out_pack *p = cookie;
	int failed = pack_run(p, Z_FINISH), saved = errno;

	deflateEnd(&p->z);
	free(p);
	errno = saved;
	return failed;
}

FILE *out_pack_open(FILE *to)
{
	struct out_pack *p = calloc(1, sizeof *p);
	cookie_io_functions_t io = {.write = pack_write, .close = pack_close};
	FILE *f;

	if (!p)
		return NULL;
	p->to = to;
	if (deflateInit2(&p->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, PACK_GZIP, 8,
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
