#include "config.h"
#include "engine/jobs/import_state.h"
#include "db/sources/channel_ref.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_BATCH = 2048, NAMES_BYTES = 1024 * 1024 };

struct names_item {
	const char *kind;   /* static */
	size_t name, title; /* places in texts, NUL-terminated; title SIZE_MAX: none */
	int64_t line;
};

struct import_names {
	struct names_item items[NAMES_BATCH];
	size_t n;
	struct str texts;
	int64_t origin;
	int64_t added; /* of the last batch */
};

static enum err names_put(struct staging *s, void *arg, struct errbuf *eb)
{
	struct import_names *names = arg;
	const char *texts = str_get(&names->texts);
	enum err err = ERR_OK;

	names->added = 0;
	for (size_t i = 0; i < names->n && !err; i++) {
		const struct names_item *item = &names->items[i];
		struct unresolved_row row = {.kind = item->kind,
		    .name = texts + item->name,
		    .title = item->title == SIZE_MAX ? NULL : texts + item->title,
		    .line = item->line};
		bool added = false;
		err = staging_unresolved_put(s, names->origin, &row, &added, eb);
		names->added += added;
	}
	return err;
}

enum err import_names_flush(struct import *im, struct errbuf *eb)
{
	struct import_names *names = im->names;
	enum err err;

	if (!names || !names->n)
		return ERR_OK;
	names->origin = im->result->origin;
	err = writer_run(im->cfg->writer, names_put, names, true, eb);
	if (err)
		return err;
	im->result->unresolved += names->added;
	im->result->unresolved_known += (int64_t)names->n - names->added;
	names->n = 0;
	str_reset(&names->texts);
	return ERR_OK;
}

enum err import_names_add(struct import *im, const struct channel_ref *ref,
    const struct source_row *row, struct errbuf *eb)
{
	struct import_names *names = im->names;
	struct names_item *item;
	struct source_text title;
	enum err err =
	    import_clean(&im->title, &row->title, row->utf8, IMPORT_TITLE_MAX, &title, eb);

	if (err)
		return err;
	if (!names) {
		names = im->names = calloc(1, sizeof *names);
		if (!names)
			return err_set(eb, ERR_NOMEM, "no memory for channel names");
		str_init(&names->texts, (size_t)NAMES_BATCH * 4096);
	}
	item = &names->items[names->n];
	*item =
	    (struct names_item){channel_ref_word(ref->kind), names->texts.len, SIZE_MAX, row->line};
	channel_ref_name(ref, &names->texts);
	str_addc(&names->texts, '\0');
	if (title.len) {
		item->title = names->texts.len;
		str_add(&names->texts, title.text, title.len);
		str_addc(&names->texts, '\0');
	}
	if (names->texts.err)
		return err_set(eb, names->texts.err, "no memory for channel names");
	names->n++;
	if (names->n == NAMES_BATCH || names->texts.len > NAMES_BYTES)
		return import_names_flush(im, eb);
	return ERR_OK;
}

void import_names_done(struct import *im)
{
	if (!im->names)
		return;
	str_done(&im->names->texts);
	free(im->names);
	im->names = NULL;
}
