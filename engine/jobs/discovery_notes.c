/*
 * What methods of discovery remember, into staging; and the channels that were seen below enough
 * sources. They are counted here because the writer alone knows of all workers. On its thread.
 */
#include "config.h"
#include "engine/jobs/discovery_parts.h"

#include "db/staging_discovery.h"
#include "db/staging_notes.h"
#include "engine/base/clock.h"

#include <stdio.h>

struct notes {
	struct staging *s;
	struct chunk *c;
	int64_t now;
	int64_t enough; /* sources that make a find */
	/* of the sighting at work */
	const struct search_note *note;
	bool known;
};

static enum err notes_edge(
    struct notes *n, const struct cid *source, int64_t seen, int64_t at, struct errbuf *eb)
{
	const struct edge_row e = {.source = *source,
	    .target = n->note->target,
	    .method = n->note->method,
	    .service = n->note->service,
	    .confidence = n->note->confidence,
	    .seen = seen,
	    .known = n->known,
	    .first_seen = at,
	    .last_seen = n->now};
	bool is_new = false;
	enum err err = staging_edge_put(n->s, &e, &is_new, eb);

	if (!err && is_new) {
		chunk_count(n->c, 1, "methods.%s.found", n->note->method);
		if (n->known)
			chunk_count(n->c, 1, "methods.%s.known", n->note->method);
	}
	return err ? err : staging_edges_changed(n->s, source, eb);
}

/* One of the sources below which it stood before there were enough. */
static enum err notes_earlier(void *arg, const struct cid *source, int64_t at, struct errbuf *eb)
{
	struct notes *n = arg;

	if (cid_compare(source, &n->note->source) == 0)
		return ERR_OK;
	return notes_edge(n, source, 1, at, eb);
}

static enum err notes_found(struct notes *n, struct errbuf *eb)
{
	const struct search_note *note = n->note;
	char label[32];
	int64_t origin = 0;
	bool added = false;
	enum err err;

	if (n->known)
		return ERR_OK;
	snprintf(label, sizeof label, "J-%lld", (long long)n->c->job);
	err = staging_origin_of(n->s, "discovery", label, &origin, eb);
	if (!err)
		err = staging_found_put(n->s,
		    &(struct found_row){.cid = note->target,
		        .source = note->source,
		        .title = note->title,
		        .origin = origin,
		        .job = n->c->job,
		        .depth = note->depth},
		    &added, eb);
	if (err || !added)
		return err;
	chunk_count(n->c, 1, "methods.%s.new", note->method);
	chunk_count(n->c, 1, "methods.%s.unconfirmed", note->method);
	return staging_outbox_add(n->s, OUTBOX_CHANNEL, 0, &note->target, eb);
}

static enum err notes_sight(struct notes *n, struct errbuf *eb)
{
	const struct search_note *note = n->note;
	bool is_new = false;
	int64_t sources = 0;
	enum err err =
	    staging_sighting_put(n->s, &note->target, &note->source, n->now, &sources, &is_new, eb);

	chunk_count(n->c, is_new, "methods.%s.seen", note->method);
	if (err || sources < n->enough)
		return err;
	err = staging_channel_has(n->s, &note->target, &n->known, eb);
	if (!err)
		err = notes_found(n, eb);
	if (!err)
		err = notes_edge(n, &note->source, note->seen, n->now, eb);
	if (!err && is_new && sources == n->enough)
		err = staging_sightings_of(n->s, &note->target, notes_earlier, n, eb);
	return err;
}

enum err discovery_notes_commit(
    struct staging *s, struct chunk *c, const struct discovery_rows *r, struct errbuf *eb)
{
	const json_t *enough = json_object_get(c->params, "comment_sources");
	struct notes n = {.s = s,
	    .c = c,
	    .now = clock_now(),
	    .enough = json_is_integer(enough) ? (int64_t)json_integer_value(enough) : 2};
	enum err err = ERR_OK;

	for (int i = 0; i < r->n_notes && !err; i++) {
		n.note = &r->notes[i];
		if (n.note->kind == NOTE_STATE)
			err = staging_target_note_put(
			    s, &n.note->source, n.note->method, n.note->what, n.now, eb);
		else
			err = notes_sight(&n, eb);
	}
	return err;
}
