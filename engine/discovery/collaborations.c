/*
 * youtube_collaborations: channels that the stored texts name. Ids cost nothing; a handle costs a
 * unit unless somebody asked for it before. A bare @name counts when the line speaks of YouTube or
 * when it stands there twice: other services write their names so too.
 */
#include "config.h"
#include "db/staging_handles.h"
#include "engine/discovery/search.h"
#include "engine/discovery/texts.h"

#include <stdlib.h>
#include <string.h>

enum { COLLAB_NAMES = 64 }; /* bare names of one source that are counted */

static const double collab_id = 0.6, collab_handle = 0.5;
static const char collab_handle_service[] = "youtube_mention";

struct collab {
	struct search *s;
	const struct search_source *src;
	struct str key;           /* scratch */
	char *bare[COLLAB_NAMES]; /* owned */
	int n_bare;
	enum err err;
	struct errbuf *eb;
};

/* True at the second sight of a bare name. */
static bool collab_again(struct collab *c, const char *name)
{
	for (int i = 0; i < c->n_bare; i++)
		if (strcmp(c->bare[i], name) == 0)
			return true;
	if (c->n_bare < COLLAB_NAMES) {
		c->bare[c->n_bare] = str_dup(name);
		if (c->bare[c->n_bare])
			c->n_bare++;
		else
			c->err = err_set(c->eb, ERR_NOMEM, "out of memory");
	}
	return false;
}

static bool collab_mention(void *arg, const struct mention *m)
{
	struct collab *c = arg;

	if (m->kind == MENTION_CHANNEL) {
		c->err = search_report(c->s, c->src, &m->cid, NULL, NULL, collab_id, c->eb);
	} else if (m->kind == MENTION_HANDLE || m->kind == MENTION_AT) {
		str_reset(&c->key);
		if (staging_handle_key("handle", m->name, m->len, &c->key) &&
		    (m->kind == MENTION_HANDLE || collab_again(c, str_get(&c->key))))
			c->err = search_want_handle(c->s, c->src, str_get(&c->key),
			    collab_handle_service, collab_handle, c->eb);
	}
	return !c->err;
}

static enum err collab_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct collab c = {.s = s, .src = src, .eb = eb};
	enum err err;

	str_init(&c.key, MENTION_NAME_MAX * 2);
	err = texts_scan(s, src, collab_mention, &c, eb);
	for (int i = 0; i < c.n_bare; i++)
		free(c.bare[i]);
	str_done(&c.key);
	return c.err ? c.err : err;
}

const struct discovery_method collaborations_method = {
    .name = "youtube_collaborations",
    .service = "youtube_collaboration",
    .confidence = 0.6,
    .bucket = BUCKET_UNITS,
    .units = 0.2,
    .turn = TURN_QUIET,
    .is_default = true,
    .help =
        "ids, addresses and @handles in stored titles and descriptions; 0 units an id, 1 a handle",
    .find = collab_find,
};
