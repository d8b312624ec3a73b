#include "config.h"
#include "engine/base/zstd_file.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

enum { ZSTD_FILE_BUFFER = 1 << 17 };

struct zstd_file {
	FILE *to;
	ZSTD_CCtx *z;
	char buffer[ZSTD_FILE_BUFFER];
};

/* Takes all of in, and at an end all that the packer holds; -1 with errno when it fails. */
static int zstd_file_run(struct zstd_file *p, ZSTD_inBuffer *in, ZSTD_EndDirective how)
{
	size_t left;

	do {
		ZSTD_outBuffer out = {p->buffer, ZSTD_FILE_BUFFER, 0};

		left = ZSTD_compressStream2(p->z, &out, in, how);
		if (ZSTD_isError(left)) {
			errno = ENOMEM; /* nothing else is told by a stream that was set up */
			return -1;
		}
		if (fwrite(p->buffer, 1, out.pos, p->to) != out.pos)
			return -1;
	} while (how == ZSTD_e_end ? left > 0 : in->pos < in->size);
	return 0;
}

static ssize_t zstd_file_write(void *cookie, const char *data, size_t len)
{
	ZSTD_inBuffer in = {data, len, 0};

	return zstd_file_run(cookie, &in, ZSTD_e_continue) == 0 ? (ssize_t)len : -1;
}

static int zstd_file_close(void *cookie)
{
	struct zstd_file *p = cookie;
	ZSTD_inBuffer in = {NULL, 0, 0};
	int failed = zstd_file_run(p, &in, ZSTD_e_end), saved = errno;

	ZSTD_freeCCtx(p->z);
	free(p);
	errno = saved;
	return failed;
}

FILE *zstd_file_open(FILE *to)
{
	struct zstd_file *p = calloc(1, sizeof *p);
	cookie_io_functions_t io = {.write = zstd_file_write, .close = zstd_file_close};
	FILE *f = NULL;

	if (!p)
		return NULL;
	p->to = to;
	p->z = ZSTD_createCCtx();
	if (p->z && !ZSTD_isError(ZSTD_CCtx_setParameter(p->z, ZSTD_c_checksumFlag, 1)))
		f = fopencookie(p, "w", io);
	if (!f) {
		ZSTD_freeCCtx(p->z);
		free(p);
	}
	return f;
}
