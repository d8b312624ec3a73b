#include "config.h"
#include "engine/discovery/texts.h"
#include "db/staging_discovery.h"
#include "engine/discovery/search.h"

#include <string.h>

/* What a text goes to: the texts of one source, each with its zero. */
static void texts_keep(struct str *all, const char *text)
{
	if (text && *text)
		str_add(all, text, strlen(text) + 1);
}

static enum err texts_video(
    void *arg, const char *title, const char *description, struct errbuf *eb)
{
	(void)eb;
	texts_keep(arg, title);
	texts_keep(arg, description);
	return ERR_OK;
}

/* Several methods look at the texts of a source, one after the other: they are read once. */
static enum err texts_read(
    struct search *s, const struct search_source *src, struct search_texts *t, struct errbuf *eb)
{
	const struct channel_row *row = src->row;
	enum err err;

	t->of = -1;
	str_reset(&t->all);
	texts_keep(&t->all, row->meta.title);
	texts_keep(&t->all, row->meta.description);
	texts_keep(&t->all, row->import_description);
	err = staging_video_texts(
	    search_reader(s), &row->cid, TEXTS_VIDEOS, texts_video, &t->all, eb);
	/* more than the limit: those before it will do */
	if (!err && t->all.err && t->all.err != ERR_LIMIT)
		err = err_set(eb, t->all.err, "out of memory");
	if (!err)
		t->of = src->at;
	return err;
}

struct texts {
	bool (*fn)(void *arg, const struct mention *m);
	void *arg;
	bool ended;
};

static bool texts_mention(void *arg, const struct mention *m)
{
	struct texts *t = arg;

	t->ended = !t->fn(t->arg, m);
	return !t->ended;
}

enum err texts_scan(struct search *s, const struct search_source *src,
    bool (*fn)(void *arg, const struct mention *m), void *arg, struct errbuf *eb)
{
	struct search_texts *kept = search_texts(s);
	struct texts t = {.fn = fn, .arg = arg};
	enum err err = kept->of == src->at ? ERR_OK : texts_read(s, src, kept, eb);
	const char *text = str_get(&kept->all), *end = text + kept->all.len;

	for (; !err && text < end && !t.ended; text += strlen(text) + 1)
		mentions_scan(text, strlen(text), texts_mention, &t);
	return err;
}
