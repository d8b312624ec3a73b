#include "config.h"
#include "db/sources/source.h"
#include "db/sources/csv.h"
#include "db/sources/jsonl.h"
#include "db/sources/list.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

struct source {
	struct input in;
	const struct source_format *format;
	void *state;
};

/* In the order of guessing; the last one takes anything. */
static const struct source_format *const source_formats[] = {
    &jsonl_format, &list_format, &csv_format};

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

static enum err source_choose(struct source *s, const char *name, struct errbuf *eb)
{
	bool guess = !name || !*name || str_is_equal_nocase(name, "auto");

	for (size_t i = 0; i < sizeof source_formats / sizeof source_formats[0]; i++) {
		s->format = source_formats[i];
		if (guess ? s->format->is_like(&s->in) : str_is_equal_nocase(name, s->format->name))
			return ERR_OK;
	}
	s->format = NULL;
	return err_set(
	    eb, ERR_INVALID, "no format %s: use csv, list, json or auto", guess ? "" : name);
}

enum err source_open(struct source **out, const struct source_config *cfg, struct errbuf *eb)
{
	struct source *s = calloc(1, sizeof *s);
	enum err err;

	*out = NULL;
	if (!s)
		return err_set(eb, ERR_NOMEM, "no memory to read %s", cfg->path);
	s->in.fd = -1;
	err = input_open(&s->in, cfg->path, cfg->block, cfg->stop, eb);
	if (!err)
		err = source_choose(s, cfg->format, eb);
	if (!err)
		err = s->format->start(&s->state, &s->in, eb);
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
		s->format->end(s->state);
	input_close(&s->in);
	free(s);
}

enum err source_next(struct source *s, struct source_row *row, bool *more, struct errbuf *eb)
{
	return s->format->next(s->state, &s->in, row, more, eb);
}

const char *source_format_name(const struct source *s)
{
	return s->format->name;
}

int64_t source_bytes(const struct source *s)
{
	return s->in.bytes;
}

int64_t source_size(const struct source *s)
{
	return s->in.size;
}
