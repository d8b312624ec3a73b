#include "config.h"
#include "db/sources/unpack.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* zstd's own default as well; --long=28 and more ask for it by hand */
enum {
	UNPACK_WINDOW_LOG = 27,
	UNPACK_GZIP_BITS = 15 + 16,
	UNPACK_PIECE = INT_MAX,
	UNPACK_ZSTD_PIECE = 1024 /* a call that fails gives nothing: let it be a small one */
};

struct unpack {
	const struct unpack_kind *kind;
	z_stream gz;
	ZSTD_DStream *zstd;
	bool inside;  /* a member or frame is begun and not ended */
	bool padding; /* gzip: only zeros may follow */
};

struct unpack_kind {
	const char *name;
	bool (*is_like)(const unsigned char *head, size_t len);
	bool (*start)(struct unpack *u);
	void (*stop)(struct unpack *u);
	enum err (*some)(struct unpack *u, const char *in, size_t *in_len, char *out,
	    size_t *out_len, struct errbuf *eb);
};

static enum err damaged(const struct unpack *u, const char *why, struct errbuf *eb)
{
	return err_set(eb, ERR_CORRUPT, "the %s data is damaged (%s)", u->kind->name,
	    why ? why : "it makes no sense");
}

/* ---- gzip ---- */

static bool gzip_is_like(const unsigned char *head, size_t len)
{
	return len >= 3 && head[0] == 0x1F && head[1] == 0x8B && head[2] == 8;
}

static bool gzip_start(struct unpack *u)
{
	return inflateInit2(&u->gz, UNPACK_GZIP_BITS) == Z_OK;
}

static void gzip_stop(struct unpack *u)
{
	inflateEnd(&u->gz);
}

/* Between members: zeros up to the end are padding of tapes, anything else is a member. */
static enum err gzip_between(struct unpack *u, const char *in, size_t *in_len, struct errbuf *eb)
{
	size_t zeros = 0;

	while (zeros < *in_len && !in[zeros])
		zeros++;
	u->padding = u->padding || zeros;
	if (u->padding && zeros < *in_len)
		return damaged(u, "something else follows it", eb);
	*in_len = zeros;
	u->inside = !u->padding;
	if (u->inside && inflateReset(&u->gz) != Z_OK)
		return damaged(u, u->gz.msg, eb);
	return ERR_OK;
}

static enum err gzip_some(
    struct unpack *u, const char *in, size_t *in_len, char *out, size_t *out_len, struct errbuf *eb)
{
	size_t had = *in_len < UNPACK_PIECE ? *in_len : UNPACK_PIECE;
	size_t room = *out_len < UNPACK_PIECE ? *out_len : UNPACK_PIECE;
	int ret;

	*out_len = 0;
	if (!u->inside && had) {
		enum err err = gzip_between(u, in, in_len, eb);
		if (err || u->padding)
			return err;
	}
	u->gz.next_in = (Bytef *)(uintptr_t)in;
	u->gz.avail_in = (uInt)had;
	u->gz.next_out = (Bytef *)out;
	u->gz.avail_out = (uInt)room;
	/* without input it still gives what its window holds */
	ret = u->inside ? inflate(&u->gz, Z_NO_FLUSH) : Z_BUF_ERROR;
	*in_len = had - u->gz.avail_in;
	*out_len = room - u->gz.avail_out;
	if (ret == Z_STREAM_END)
		u->inside = false;
	if (ret == Z_OK || ret == Z_STREAM_END || ret == Z_BUF_ERROR || *out_len)
		return ERR_OK; /* after the good bytes inflate says once more what is wrong */
	return ret == Z_MEM_ERROR ? err_set(eb, ERR_NOMEM, "no memory to unpack gzip data")
	                          : damaged(u, u->gz.msg, eb);
}

/* ---- zstd ---- */

static bool zstd_is_like(const unsigned char *head, size_t len)
{
	static const unsigned char frame[] = {0x28, 0xB5, 0x2F, 0xFD}, skip[] = {0x2A, 0x4D, 0x18};

	return len >= 4 && (memcmp(head, frame, 4) == 0 ||
	                       ((head[0] & 0xF0) == 0x50 && memcmp(head + 1, skip, 3) == 0));
}

static bool zstd_start(struct unpack *u)
{
	u->zstd = ZSTD_createDStream();
	return u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
	                      u->zstd, ZSTD_d_windowLogMax, UNPACK_WINDOW_LOG));
}

static void zstd_stop(struct unpack *u)
{
	ZSTD_freeDStream(u->zstd);
}

static enum err zstd_some(
    struct unpack *u, const char *in, size_t *in_len, char *out, size_t *out_len, struct errbuf *eb)
{
	ZSTD_inBuffer i = {in, *in_len < UNPACK_ZSTD_PIECE ? *in_len : UNPACK_ZSTD_PIECE, 0};
	ZSTD_outBuffer o = {out, *out_len, 0};
	size_t ret = ZSTD_decompressStream(u->zstd, &o, &i);

	*in_len = i.pos;
	*out_len = o.pos;
	if (!ZSTD_isError(ret)) {
		/* without input it hints at the next frame's head, which need not come */
		if (i.pos || o.pos)
			u->inside = ret != 0;
		return ERR_OK;
	}
	switch (ZSTD_getErrorCode(ret)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return err_set(eb, ERR_LIMIT,
		    "the zstd data needs more than 128 MiB to unpack: "
		    "zstd -dc --long=31 FILE | tubeops import -");
	case ZSTD_error_memory_allocation:
		return err_set(eb, ERR_NOMEM, "no memory to unpack zstd data");
	default:
		return damaged(u, ZSTD_getErrorName(ret), eb);
	}
}

static const struct unpack_kind unpack_kinds[] = {
    {"gzip", gzip_is_like, gzip_start, gzip_stop, gzip_some},
    {"zstd", zstd_is_like, zstd_start, zstd_stop, zstd_some},
};

static const struct unpack_kind *unpack_find(const char *head, size_t len)
{
	for (size_t i = 0; i < sizeof unpack_kinds / sizeof unpack_kinds[0]; i++)
		if (unpack_kinds[i].is_like((const unsigned char *)head, len))
			return &unpack_kinds[i];
	return NULL;
}

bool unpack_is_packed(const char *head, size_t len)
{
	return unpack_find(head, len) != NULL;
}

enum err unpack_new(struct unpack **out, const char *head, size_t len, struct errbuf *eb)
{
	struct unpack *u = calloc(1, sizeof *u);

	*out = NULL;
	if (u)
		u->kind = unpack_find(head, len);
	if (!u || !u->kind || !u->kind->start(u)) {
		unpack_free(u);
		return err_set(eb, ERR_NOMEM, "no memory to unpack");
	}
	u->inside = true;
	*out = u;
	return ERR_OK;
}

void unpack_free(struct unpack *u)
{
	if (!u)
		return;
	if (u->kind)
		u->kind->stop(u);
	free(u);
}

enum err unpack_some(
    struct unpack *u, const char *in, size_t *in_len, char *out, size_t *out_len, struct errbuf *eb)
{
	return u->kind->some(u, in, in_len, out, out_len, eb);
}

enum err unpack_end(const struct unpack *u, struct errbuf *eb)
{
	return u->inside ? err_set(eb, ERR_CORRUPT, "the %s data ends too early", u->kind->name)
	                 : ERR_OK;
}
