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

/* name without its blanks, dashes, underscores and dots, in lower case, against plain */
static bool source_is_named(const char *name, size_t len, const char *plain)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		if (c == ' ' || c == '-' || c == '_' || c == '.' || c == '\t')
			continue;
		c = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
		if (!*plain || c != *plain++)
			return false;
	}
	return !*plain;
}

enum source_part source_part_by_name(const char *name, size_t len, int *rank)
{
	size_t n = sizeof source_names / sizeof source_names[0];

	for (size_t i = 0; i < n; i++)
		if (source_is_named(name, len, source_names[i].name)) {
			*rank = (int)i;
			return source_names[i].part;
		}
	*rank = (int)n;
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
