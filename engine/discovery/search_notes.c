/* What methods leave behind besides finds: counts, closed doors, sightings; and the services. */
#include "config.h"
#include "engine/discovery/search_parts.h"

#include "db/staging_notes.h"
#include "engine/base/clock.h"

#include <string.h>

enum { DAY_S = 24 * 60 * 60 };

static struct search_note *notes_push(
    struct search *s, enum search_note_kind kind, int at, struct errbuf *eb)
{
	struct search_note *n = search_push(&s->notes);

	if (!n) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	*n = (struct search_note){.kind = kind, .method = s->methods[s->method]->name};
	n->source = s->places[at].cid;
	n->depth = s->places[at].depth + 1;
	n->seen = 1;
	return n;
}

enum err search_count(struct search *s, const struct search_source *src, const char *who,
    const char *what, int64_t by, struct errbuf *eb)
{
	struct search_note *n = notes_push(s, NOTE_COUNT, src->at, eb);

	if (!n)
		return ERR_NOMEM;
	n->who = who;
	n->what = what;
	n->seen = by;
	return ERR_OK;
}

bool search_is_alone(const struct search *s)
{
	return s->n_methods == 1;
}

enum err search_close(
    struct search *s, const struct search_source *src, const char *state, struct errbuf *eb)
{
	struct search_note *n = notes_push(s, NOTE_STATE, src->at, eb);

	if (!n)
		return ERR_NOMEM;
	n->what = state;
	return ERR_OK;
}

enum err search_is_closed(struct search *s, const struct search_source *src, const char *state,
    int days, bool *yes, struct errbuf *eb)
{
	int64_t at = 0;
	enum err err = staging_target_note_at(
	    s->cfg.reader, &src->row->cid, s->methods[s->method]->name, state, &at, eb);

	*yes = !err && at && clock_now() - at < (int64_t)days * DAY_S;
	return err;
}

enum err search_sight(struct search *s, const struct search_source *src, const struct cid *target,
    const char *title, struct errbuf *eb)
{
	struct search_note *all = s->notes.items, *n;
	bool yes = true;
	enum err err = ERR_OK;

	if (cid_compare(target, &src->row->cid) == 0)
		return ERR_OK;
	/* those of one look stand together at the end */
	for (int i = s->notes.n; i-- > 0;) {
		if (all[i].kind != NOTE_SIGHT || cid_compare(&all[i].source, &src->row->cid) != 0)
			break;
		if (cid_compare(&all[i].target, target) == 0) {
			all[i].seen++;
			return ERR_OK;
		}
	}
	if (s->cfg.allowed)
		err = s->cfg.allowed(s->cfg.arg, target, &yes, eb);
	if (err || !yes)
		return err;
	n = notes_push(s, NOTE_SIGHT, src->at, eb);
	if (!n)
		return ERR_NOMEM;
	n->target = *target;
	n->service = s->methods[s->method]->service;
	n->confidence = s->methods[s->method]->confidence;
	n->title = title ? arena_dup(s->arena, title, strlen(title)) : NULL;
	return title && !n->title ? err_set(eb, ERR_NOMEM, "out of memory") : ERR_OK;
}

struct providers *search_providers(const struct search *s, struct provider_asking *asking)
{
	*asking = (struct provider_asking){
	    .json = s->cfg.json, .wait = s->cfg.wait, .wait_arg = s->cfg.arg, .stop = s->cfg.stop};
	return s->cfg.providers;
}

const struct search_note *search_notes(const struct search *s, int *n)
{
	*n = s->notes.n;
	return s->notes.items;
}
