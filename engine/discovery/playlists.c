/*
 * playlists: whose videos a channel put into its own lists (playlists.list, then one page of
 * playlistItems.list for each of the first lists: 1 + 1 unit a list). Confidence follows the share
 * that a channel has of them: one of fifty in a long list says little.
 */
#include "config.h"
#include "engine/discovery/pages.h"
#include "engine/youtube/playlists_list.h"

#include <stdlib.h>

enum { LISTS = 3, OWNERS_MOST = 1024 };

static const double playlists_prior = 0.4, playlists_least = 0.25;

struct owner {
	struct cid cid;
	const char *title;
	int videos;
	int at; /* of its first video among all */
};

struct owners {
	struct owner items[OWNERS_MOST];
	int n;
	int videos; /* of strangers, in all lists */
};

static void owners_add(struct owners *o, const struct search_source *src, struct channel_name *row)
{
	int i = 0;

	if (cid_compare(&row->cid, &src->row->cid) == 0)
		return;
	o->videos++;
	while (i < o->n && cid_compare(&o->items[i].cid, &row->cid) != 0)
		i++;
	if (i == OWNERS_MOST)
		return;
	if (i == o->n)
		o->items[o->n++] = (struct owner){row->cid, row->title, 0, i};
	o->items[i].videos++;
}

static int owners_compare(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	return x->videos != y->videos ? (x->videos < y->videos) - (x->videos > y->videos)
	                              : (x->at > y->at) - (x->at < y->at);
}

/* The owners of one list; a list that is gone by now has none. */
static enum err playlists_read(struct search *s, const struct search_source *src, const char *list,
    struct arena *arena, struct owners *o, struct errbuf *eb)
{
	struct client_reply reply;
	struct channel_page page;
	struct str *query = search_query(s);
	enum err err;

	playlist_owners_query(list, query);
	err = search_call(s, METHOD_PLAYLIST_ITEMS_LIST, str_get(query), &reply, eb);
	if (err)
		return err == ERR_NOTFOUND ? ERR_OK : err;
	if (channel_page_parse(
	        search_json(s), reply.body, reply.len, &playlist_owners_shape, arena, &page, eb))
		return search_torn(s, eb);
	for (int i = 0; i < page.n; i++)
		owners_add(o, src, &page.rows[i]);
	return ERR_OK;
}

static enum err playlists_report(
    struct search *s, const struct search_source *src, struct owners *o, struct errbuf *eb)
{
	enum err err = ERR_OK;

	qsort(o->items, (size_t)o->n, sizeof o->items[0], owners_compare);
	for (int i = 0; i < o->n && !err; i++) {
		double share = (double)o->items[i].videos / o->videos;
		err = search_report(s, src, &o->items[i].cid, o->items[i].title, NULL,
		    playlists_prior * (playlists_least + (1 - playlists_least) * share), eb);
	}
	return err;
}

static enum err playlists_look(struct search *s, const struct search_source *src,
    struct arena *arena, struct owners *o, struct errbuf *eb)
{
	struct playlist_name *lists = NULL;
	struct client_reply reply;
	struct str *query = search_query(s);
	int n = 0, left = pages_param(s, "playlists", LISTS);
	enum err err;

	playlists_query(&src->row->cid, query);
	err = search_call(s, METHOD_PLAYLISTS_LIST, str_get(query), &reply, eb);
	if (err)
		return err;
	if (playlists_parse(search_json(s), reply.body, reply.len, arena, &lists, &n, eb))
		return search_torn(s, eb);
	for (int i = 0; i < n && left && !err; i++) {
		if (!lists[i].items)
			continue;
		err = playlists_read(s, src, lists[i].id, arena, o, eb);
		left--;
	}
	return err ? err : playlists_report(s, src, o, eb);
}

static enum err playlists_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	struct arena *arena = arena_new(0);
	struct owners *o = arena ? arena_alloc(arena, sizeof *o) : NULL;
	enum err err =
	    o ? playlists_look(s, src, arena, o, eb) : err_set(eb, ERR_NOMEM, "out of memory");

	arena_free(arena);
	return err;
}

const struct discovery_method playlists_method = {
    .name = "playlists",
    .service = "youtube_playlists",
    .confidence = 0.4,
    .bucket = BUCKET_UNITS,
    .units = 1 + LISTS,
    .most = 25,
    .help = "whose videos are in the channel's playlists; 1 unit and 1 for each list that is read "
            "(--option playlists, 3)",
    .find = playlists_find,
};
