#include "config.h"
#include "tui/out_pack.h"

#include <string.h>

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
