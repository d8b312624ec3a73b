#include "config.h"
#include "engine/base/gunzip.h"

#include <libdeflate.h>
#include <stdlib.h>

enum {
	GUNZIP_LEAST = 18,      /* bytes of the smallest member */
	GUNZIP_FIRST = 1 << 16, /* room to begin with where the trailer makes no sense */
	GUNZIP_RATIO = 1032     /* no deflate stream grows more */
};

struct gunzip {
	struct libdeflate_decompressor *d;
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = calloc(1, sizeof *g);

	if (g && !(g->d = libdeflate_alloc_decompressor())) {
		free(g);
		g = NULL;
	}
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	libdeflate_free_decompressor(g->d);
	free(g);
}

/* The size that the last four bytes promise: right for a single member below 4 GiB. */
static size_t gunzip_promise(const unsigned char *in, size_t len)
{
	size_t size = in[len - 4] | (size_t)in[len - 3] << 8 | (size_t)in[len - 2] << 16 |
	              (size_t)in[len - 1] << 24;

	return size / GUNZIP_RATIO <= len ? size + 1 : GUNZIP_FIRST;
}

/* One member; *used: bytes of it. */
static enum err gunzip_member(
    struct gunzip *g, const char *in, size_t len, size_t most, size_t *used, struct str *out)
{
	size_t room = gunzip_promise((const unsigned char *)in, len), got = 0;

	for (;;) {
		enum libdeflate_result result;
		size_t left = most - out->len;
		char *to = str_room(out, room < left ? room : left);
		if (!to)
			return out->err;
		result = libdeflate_gzip_decompress_ex(
		    g->d, in, len, to, room < left ? room : left, used, &got);
		if (result == LIBDEFLATE_SUCCESS) {
			str_grown(out, got);
			return ERR_OK;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return ERR_INVALID;
		if (room >= left)
			return ERR_LIMIT;
		room = 2 * room + GUNZIP_FIRST;
	}
}

enum err gunzip_text(struct gunzip *g, const char *in, size_t len, size_t most, struct str *out)
{
	enum err err = len < GUNZIP_LEAST ? ERR_INVALID : ERR_OK;

	str_reset(out);
	for (size_t at = 0, used = 0; !err && at < len; at += used)
		err = len - at < GUNZIP_LEAST
		          ? ERR_INVALID
		          : gunzip_member(g, in + at, len - at, most, &used, out);
	if (err)
		str_reset(out);
	return err;
}
