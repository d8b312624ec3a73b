#include "config.h"
#include "engine/jobs/feed.h"

#include <stdlib.h>
#include <string.h>

enum err feed_init(struct feed *f, enum feed_kind kind, int page, struct errbuf *eb)
{
	*f = (struct feed){.kind = kind, .room = page};
	f->page = malloc((size_t)page * sizeof *f->page);
	return f->page ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

void feed_done(struct feed *f)
{
	free(f->page);
	f->page = NULL;
}

static void feed_rewind(struct feed *f)
{
	f->place = (struct feed_place){0};
	f->at_end = false;
	f->found = 0;
	f->n = f->at = 0;
}

/* Reads the next page; at the end of a walk that found something, the walk may start over. */
static enum err feed_read(struct feed *f, struct staging *s, struct errbuf *eb)
{
	enum err err =
	    staging_feed_page(s, f->kind, &f->ask, &f->place, f->page, f->room, &f->n, eb);

	f->at = 0;
	if (err) {
		f->n = 0;
		return err;
	}
	f->at_end = f->n < f->room;
	f->found += f->n;
	return ERR_OK;
}

/* True when the walk cannot serve this ask before what is out has come back. */
static bool feed_turn_to(struct feed *f, const struct feed_ask *ask)
{
	bool same = f->ask.bound == ask->bound && f->ask.job == ask->job;

	if (!same && f->out)
		return true;
	if (!same)
		feed_rewind(f);
	f->ask = *ask;
	return false;
}

enum err feed_take(struct feed *f, struct staging *s, const struct feed_ask *ask, struct cid *ids,
    int max, int *n, enum feed_answer *answer, struct errbuf *eb)
{
	enum err err = ERR_OK;

	*n = 0;
	*answer = FEED_LATER;
	if (feed_turn_to(f, ask))
		return ERR_OK;
	while (!err && *n < max) {
		if (f->at < f->n) {
			ids[(*n)++] = f->page[f->at++];
			continue;
		}
		/* starting over is safe only when staging knows about everything handed out */
		if (f->at_end && (f->out || *n || !f->found))
			break;
		if (f->at_end)
			feed_rewind(f);
		err = feed_read(f, s, eb);
	}
	f->out += *n;
	*answer = *n ? FEED_GIVEN : f->out ? FEED_LATER : FEED_EMPTY;
	return err;
}

void feed_settle(struct feed *f, int n, bool again)
{
	f->out -= n;
	if (again)
		feed_again(f);
}

void feed_again(struct feed *f)
{
	if (f->found == 0)
		f->found = 1;
}
