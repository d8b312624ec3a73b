#include "config.h"
#include "db/sources/source.h"
#include "db/sources/db_url.h"
#include "db/sources/file.h"
#include "db/sources/table.h"

#include <stdlib.h>
#include <string.h>

struct source {
	const struct source_kind *kind;
	void *state;
};

/* The first one that takes the path; files take any. */
static const struct source_kind *const source_kinds[] = {&table_source, &file_source};

static const struct {
	const char *name;
	enum source_part part;
} source_names[] = {
    {"channelid", SOURCE_REF},
    {"youtubechannelid", SOURCE_REF},
    {"ytchannelid", SOURCE_REF},
    {"channelids", SOURCE_REF},
    {"ucid", SOURCE_REF},
    {"cid", SOURCE_REF},
    {"id", SOURCE_REF},
    {"channelurl", SOURCE_REF},
    {"channellink", SOURCE_REF},
    {"url", SOURCE_REF},
    {"link", SOURCE_REF},
    {"channel", SOURCE_REF},
    {"channelhandle", SOURCE_REF},
    {"handle", SOURCE_REF},
    {"customurl", SOURCE_REF},
    {"username", SOURCE_REF},
    {"channeltitle", SOURCE_TITLE},
    {"channelname", SOURCE_TITLE},
    {"title", SOURCE_TITLE},
    {"name", SOURCE_TITLE},
    {"channeldescription", SOURCE_DESCRIPTION},
    {"description", SOURCE_DESCRIPTION},
    {"about", SOURCE_DESCRIPTION},
};

enum { SOURCE_NAME = 20 }; /* longer than any name above */

/* name without its blanks, dashes, underscores and dots, in lower case; false when it is too long */
static bool source_name_plain(const char *name, size_t len, char plain[SOURCE_NAME])
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		if (c == ' ' || c == '-' || c == '_' || c == '.' || c == '\t')
			continue;
		if (n + 1 == SOURCE_NAME || !c)
			return false;
		plain[n++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	plain[n] = '\0';
	return true;
}

enum source_part source_part_by_name(const char *name, size_t len, int *rank)
{
	size_t n = sizeof source_names / sizeof source_names[0];
	char plain[SOURCE_NAME];

	*rank = (int)n;
	if (!source_name_plain(name, len, plain))
		return SOURCE_OTHER;
	for (size_t i = 0; i < n; i++)
		if (plain[0] == source_names[i].name[0] &&
		    strcmp(plain, source_names[i].name) == 0) {
			*rank = (int)i;
			return source_names[i].part;
		}
	return SOURCE_OTHER;
}

enum err source_path_check(const char *path, struct errbuf *eb)
{
	const char *mark = strstr(path, "://");

	if (!mark || db_url_is_one(path) || memchr(path, '/', (size_t)(mark - path)))
		return ERR_OK;
	return err_set(eb, ERR_INVALID,
	    "only files, mysql:// and postgresql:// are read; from elsewhere download first: "
	    "curl … | tubeops import -");
}

enum err source_open(struct source **out, const struct source_config *cfg, struct errbuf *eb)
{
	struct source *s = calloc(1, sizeof *s);
	size_t i = 0;
	enum err err;

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "no memory to read %s", cfg->path);
	while (!source_kinds[i]->takes(cfg->path))
		i++;
	s->kind = source_kinds[i];
	err = source_path_check(cfg->path, eb);
	if (!err)
		err = s->kind->open(&s->state, cfg, eb);
	if (err) {
		source_close(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->state)
		s->kind->close(s->state);
	free(s);
}

enum err source_next(struct source *s, struct source_row *row, bool *more, struct errbuf *eb)
{
	return s->kind->next(s->state, row, more, eb);
}

const char *source_format_name(const struct source *s)
{
	return s->kind->format_name(s->state);
}

int64_t source_bytes(const struct source *s)
{
	return s->kind->bytes(s->state);
}

int64_t source_size(const struct source *s)
{
	return s->kind->size(s->state);
}
