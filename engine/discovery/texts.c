#include "config.h"
#include "engine/discovery/texts.h"
#include "db/staging_discovery.h"
#include "engine/discovery/search.h"

#include <string.h>

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

static void texts_one(struct texts *t, const char *text)
{
	if (text && !t->ended)
		mentions_scan(text, strlen(text), texts_mention, t);
}

static enum err texts_video(
    void *arg, const char *title, const char *description, struct errbuf *eb)
{
	struct texts *t = arg;

	(void)eb;
	texts_one(t, title);
	texts_one(t, description);
	return t->ended ? ERR_CANCELLED : ERR_OK;
}

enum err texts_scan(struct search *s, const struct search_source *src,
    bool (*fn)(void *arg, const struct mention *m), void *arg, struct errbuf *eb)
{
	const struct channel_row *row = src->row;
	struct texts t = {.fn = fn, .arg = arg};

	texts_one(&t, row->meta.title);
	texts_one(&t, row->meta.description);
	texts_one(&t, row->import_description);
	return t.ended ? ERR_OK
	               : staging_video_texts(
	                     search_reader(s), &row->cid, TEXTS_VIDEOS, texts_video, &t, eb);
}
