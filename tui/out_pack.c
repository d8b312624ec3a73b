#include "config.h"
#include "tui/out_pack.h"
#include "engine/base/gzip.h"
#include "engine/base/zstd_file.h"

#include <string.h>

static const struct {
	const char *ending;
	out_pack_fn *pack; /* NULL: people know it, we do not do it */
} packs[] = {
    {".gz", gzip_open},
    {".zst", zstd_file_open},
    {".xz", NULL},
    {".bz2", NULL},
    {".zip", NULL},
    {".lz4", NULL},
};

enum err out_pack_of(const char *path, out_pack_fn **out, struct errbuf *eb)
{
	const char *dot = path ? strrchr(path, '.') : NULL;

	*out = NULL;
	for (size_t i = 0; dot && i < sizeof packs / sizeof packs[0]; i++) {
		if (strcmp(dot, packs[i].ending) != 0)
			continue;
		*out = packs[i].pack;
		return *out ? ERR_OK
		            : err_set(eb, ERR_INVALID,
		                  "%s: files are packed as .gz or .zst; for another way write to "
		                  "standard output and pack that",
		                  path);
	}
	return ERR_OK;
}
