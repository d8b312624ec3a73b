/* A search: calls on behalf of methods, and what they report. */
#include "config.h"
#include "engine/discovery/search_parts.h"

#include "db/staging_handles.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
	SEARCH_QUERY_LIMIT = 16384,
	SEARCH_TEXTS_LIMIT = 8 << 20,
	SEARCH_TITLE_MAX = 400,
	SEARCH_BODY_SLACK = 64 /* that a JSON reader may read past the end */
};

/* ---- lists ---- */

void *search_push(struct search_list *l)
{
	char *items = l->items;

	if (l->n == l->room) {
		int room = l->room ? l->room * 2 : 64;
		items = realloc(l->items, (size_t)room * l->size);
		if (!items)
			return NULL;
		l->items = items;
		l->room = room;
	}
	items += (size_t)l->n++ * l->size;
	memset(items, 0, l->size);
	return items;
}

static enum err search_nomem(struct errbuf *eb)
{
	return err_set(eb, ERR_NOMEM, "out of memory");
}

/* ---- life ---- */

/* Names of the original that were pages of other companies, not methods of the API. */
static bool search_is_external(const char *name)
{
	static const char *const names[] = {"related_channels", "noxinfluencer", "channelcrawler"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static enum err search_name_error(const char *name, struct errbuf *eb)
{
	struct str all;
	enum err err;

	if (search_is_external(name))
		return err_set(eb, ERR_INVALID,
		    "method: %s is an external service: describe it in a provider file", name);
	str_init(&all, 400);
	for (const struct discovery_method *const *m = discovery_methods(); *m; m++)
		str_addf(&all, "%s%s", m == discovery_methods() ? "" : ", ", (*m)->name);
	err = err_set(
	    eb, ERR_INVALID, "method: there is no %.40s; there are %s", name, str_get(&all));
	str_done(&all);
	return err;
}

static bool search_is_named(const json_t *names, const struct discovery_method *m)
{
	const json_t *name;
	size_t i;

	json_array_foreach(
	    names, i, name) if (strcmp(json_string_value(name), m->name) == 0) return true;
	return json_array_size(names) == 0 && m->is_default;
}

enum err search_check(const json_t *params, struct errbuf *eb)
{
	const json_t *name, *names = json_object_get(params, "method");
	size_t i;

	json_array_foreach(names, i, name) if (
	    !discovery_method_find(
	        json_string_value(name))) return search_name_error(json_string_value(name), eb);
	return ERR_OK;
}

static int search_param(const json_t *params, const char *name, int fallback)
{
	const json_t *v = json_object_get(params, name);

	return json_is_integer(v) ? (int)json_integer_value(v) : fallback;
}

/* The chosen ones in the table's order: the cheap ones first, whatever order they were named in. */
static void search_choose(struct search *s, const json_t *params)
{
	const json_t *names = json_object_get(params, "method");
	int most = search_param(params, "per_source", 0);

	for (const struct discovery_method *const *m = discovery_methods(); *m; m++) {
		if (!search_is_named(names, *m))
			continue;
		s->most[s->n_methods] = most ? most : (*m)->most ? (*m)->most : SEARCH_PER_SOURCE;
		s->methods[s->n_methods++] = *m;
	}
	s->handle_calls = search_param(params, "handles_per_source", 3);
}

enum err search_new(struct search **out, const json_t *params, struct errbuf *eb)
{
	struct search *s = calloc(1, sizeof *s);

	*out = NULL;
	if (!s)
		return search_nomem(eb);
	s->finds.size = sizeof(struct search_find);
	s->videos.size = s->handles.size = sizeof(struct search_want);
	s->targets.size = sizeof(struct search_target);
	s->brought.size = sizeof(struct search_brought);
	s->learned.size = sizeof(struct handle_row);
	s->seen.size = sizeof(struct mentioned_video);
	s->replies.size = sizeof(struct search_reply);
	s->notes.size = sizeof(struct search_note);
	str_init(&s->query, SEARCH_QUERY_LIMIT);
	str_init(&s->texts.all, SEARCH_TEXTS_LIMIT);
	s->texts.of = -1;
	s->arena = arena_new(0);
	if (!s->arena) {
		search_free(s);
		return search_nomem(eb);
	}
	search_choose(s, params);
	*out = s;
	return ERR_OK;
}

static void search_forget_replies(struct search *s)
{
	struct search_reply *r = s->replies.items;

	for (int i = 0; i < s->replies.n; i++) {
		free(r[i].query);
		free(r[i].body);
	}
	s->replies.n = s->at_reply = 0;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	search_forget_replies(s);
	free(s->finds.items);
	free(s->videos.items);
	free(s->handles.items);
	free(s->targets.items);
	free(s->by_id.slots);
	free(s->brought.items);
	free(s->learned.items);
	free(s->seen.items);
	free(s->replies.items);
	free(s->notes.items);
	arena_free(s->arena);
	str_done(&s->query);
	str_done(&s->texts.all);
	free(s);
}

void search_use(struct search *s, const struct search_config *cfg)
{
	s->cfg = *cfg;
	s->texts.of = -1; /* they may be others by now */
}

/* ---- calls ---- */

static bool search_remember(struct search *s, enum method method, const char *query, enum err err,
    const struct client_reply *r)
{
	struct search_reply *kept = search_push(&s->replies);
	size_t len = err ? 0 : r->len;

	if (!kept)
		return false;
	kept->query = str_dup(query);
	kept->body = calloc(1, len + 1 + SEARCH_BODY_SLACK);
	if (!kept->query || !kept->body)
		return false; /* the list owns what there is of it */
	if (len)
		memcpy(kept->body, r->body, len);
	kept->method = method;
	kept->err = err;
	kept->reply = *r;
	kept->reply.body = kept->body;
	kept->reply.len = len;
	return true;
}

enum err search_call(struct search *s, enum method method, const char *query,
    struct client_reply *reply, struct errbuf *eb)
{
	struct search_reply *kept = s->replies.items;
	enum err err;

	if (s->at_reply < s->replies.n) {
		kept += s->at_reply;
		if (kept->method == method && strcmp(kept->query, query) == 0) {
			*reply = kept->reply;
			s->at_reply++;
			return kept->err ? err_set(eb, kept->err, "not found") : ERR_OK;
		}
		search_forget_replies(s); /* it asks something else: what was kept is of no use */
	}
	err = s->cfg.call(s->cfg.arg, method, query, reply, eb);
	if (err && err != ERR_NOTFOUND)
		return err;
	if (err)
		*reply = (struct client_reply){.body = ""};
	if (!search_remember(s, method, query, err, reply))
		return search_nomem(eb);
	s->at_reply++;
	return err;
}

enum err search_torn(struct search *s, struct errbuf *eb)
{
	struct search_reply *last = s->replies.items;

	if (s->at_reply) {
		s->replies.n = --s->at_reply;
		free(last[s->at_reply].query);
		free(last[s->at_reply].body);
	}
	return s->cfg.torn(s->cfg.arg, eb);
}

enum err search_ask(struct search *s, int method, int from, int upto, enum method what,
    struct client_reply *reply, struct errbuf *eb)
{
	s->method = method;
	s->from = from;
	s->upto = upto;
	if (s->query.err)
		return err_set(eb, s->query.err, "query too long");
	return s->cfg.call(s->cfg.arg, what, str_get(&s->query), reply, eb);
}

const struct discovery_method *search_calling(const struct search *s, int *from, int *upto)
{
	*from = s->from;
	*upto = s->upto;
	return s->method < 0 ? NULL : s->methods[s->method];
}

const struct discovery_method *search_method(const struct search *s)
{
	return s->methods[s->method];
}

struct json_reader *search_json(struct search *s)
{
	return s->cfg.json;
}

struct staging *search_reader(struct search *s)
{
	return s->cfg.reader;
}

const json_t *search_params(const struct search *s)
{
	return s->cfg.params;
}

struct search_texts *search_texts(struct search *s)
{
	return &s->texts;
}

struct str *search_query(struct search *s)
{
	str_reset(&s->query);
	return &s->query;
}

/* ---- reports ---- */

/* Enters find number i among those of its source and method. */
static void search_link(struct search *s, int i)
{
	struct search_find *f = (struct search_find *)s->finds.items + i;
	struct search_place *p = &s->places[f->at];

	f->before = p->last[f->method] - 1;
	p->last[f->method] = i + 1;
	p->n_finds[f->method]++;
}

/* The find of this channel for this source and method; *n: how many they have. */
static struct search_find *search_find_of(
    struct search *s, int at, int method, const struct cid *target, int *n)
{
	struct search_find *all = s->finds.items;

	*n = s->places[at].n_finds[method];
	for (int i = s->places[at].last[method] - 1; i >= 0; i = all[i].before)
		if (cid_compare(&all[i].target, target) == 0)
			return &all[i];
	return NULL;
}

static enum err search_title(
    struct search *s, struct search_find *f, const char *title, struct errbuf *eb)
{
	struct str clean;

	str_init(&clean, 3 * strlen(title));
	text_clean(title, strlen(title), &clean);
	if (!clean.err)
		f->title = arena_dup(s->arena, str_get(&clean),
		    text_utf8_cut(str_get(&clean), clean.len, SEARCH_TITLE_MAX));
	str_done(&clean);
	return f->title ? ERR_OK : search_nomem(eb);
}

enum err search_add(struct search *s, int at, int method, const struct cid *target,
    const char *title, const char *service, double confidence, struct errbuf *eb)
{
	const struct discovery_method *m = s->methods[method];
	double c = confidence < 0 ? m->confidence : confidence > 1 ? 1 : confidence;
	struct search_find *f;
	bool yes = true;
	enum err err = ERR_OK;
	int n;

	if (cid_compare(target, &s->places[at].cid) == 0)
		return ERR_OK;
	f = search_find_of(s, at, method, target, &n);
	if (f) {
		f->seen++;
		f->confidence = f->confidence < c ? c : f->confidence;
		return ERR_OK;
	}
	if (s->most[method] >= 0 && n >= s->most[method])
		return ERR_OK;
	if (s->cfg.allowed)
		err = s->cfg.allowed(s->cfg.arg, target, &yes, eb);
	if (err || !yes)
		return err;
	f = search_push(&s->finds);
	if (!f)
		return search_nomem(eb);
	*f = (struct search_find){.at = at, .method = method, .target = *target, .seen = 1};
	f->service = service ? service : m->service;
	f->confidence = c;
	search_link(s, s->finds.n - 1);
	return title && *title ? search_title(s, f, title, eb) : ERR_OK;
}

enum err search_report(struct search *s, const struct search_source *src, const struct cid *target,
    const char *title, const char *service, double confidence, struct errbuf *eb)
{
	return search_add(s, src->at, s->method, target, title, service, confidence, eb);
}

/* How many things a method wants for a source; *hit: this one already. */
static int search_wanted(const struct search *s, const struct search_list *l, int at, int64_t vid,
    const char *name, bool *hit)
{
	const struct search_want *w = l->items;
	int n = 0;

	*hit = false;
	for (int i = 0; i < l->n; i++) {
		if (w[i].at != at || w[i].method != s->method)
			continue;
		n++;
		*hit = *hit || (name ? strcmp(w[i].name, name) == 0 : w[i].vid == vid);
	}
	return n;
}

enum err search_want_video(
    struct search *s, const struct search_source *src, int64_t vid, struct errbuf *eb)
{
	struct search_want *w;
	bool hit;

	if (search_wanted(s, &s->videos, src->at, vid, NULL, &hit) >= SEARCH_VIDEOS_PER_SOURCE ||
	    hit)
		return ERR_OK;
	w = search_push(&s->videos);
	if (!w)
		return search_nomem(eb);
	*w = (struct search_want){.at = src->at, .method = s->method, .vid = vid, .confidence = -1};
	return ERR_OK;
}

enum err search_want_handle(struct search *s, const struct search_source *src, const char *name,
    const char *service, double confidence, struct errbuf *eb)
{
	struct search_want *w;
	bool hit;

	str_reset(&s->query);
	if (!staging_handle_key("handle", name, strlen(name), &s->query) ||
	    search_wanted(s, &s->handles, src->at, 0, str_get(&s->query), &hit) >=
	        SEARCH_HANDLES_PER_SOURCE ||
	    hit)
		return ERR_OK;
	w = search_push(&s->handles);
	if (!w)
		return search_nomem(eb);
	*w = (struct search_want){.at = src->at, .method = s->method, .service = service};
	w->confidence = confidence;
	w->name = arena_dup(s->arena, str_get(&s->query), s->query.len);
	return w->name ? ERR_OK : search_nomem(eb);
}

/* ---- one source ---- */

/* Takes back what a broken look of a method reported: it begins anew. */
static void search_take_back(struct search *s, struct search_place *p, int method, int finds,
    int videos, int handles, int notes)
{
	s->finds.n = finds;
	p->last[method] = p->n_finds[method] = 0; /* it had none before */
	s->videos.n = videos;
	s->handles.n = handles;
	s->notes.n = notes;
	s->at_reply = 0;
}

static enum err search_look(
    struct search *s, const struct search_source *src, int method, struct errbuf *eb)
{
	const uint32_t bit = UINT32_C(1) << method;
	struct search_place *p = &s->places[src->at];
	const int finds = s->finds.n, videos = s->videos.n, handles = s->handles.n,
	          notes = s->notes.n;
	enum err err;

	s->method = method;
	s->from = s->upto = src->at;
	err = s->methods[method]->find(s, src, eb);
	if (err && err != ERR_NOTFOUND && err != ERR_DENIED && err != ERR_INVALID) {
		search_take_back(s, p, method, finds, videos, handles, notes);
		return err;
	}
	p->looked |= bit;
	p->refused |= err == ERR_DENIED || err == ERR_INVALID ? bit : 0;
	search_forget_replies(s);
	return ERR_OK;
}

enum err search_source(struct search *s, int at, const struct channel_row *row, int depth,
    enum search_turn turn, struct errbuf *eb)
{
	const struct search_source src = {.at = at, .row = row};
	struct search_place *p = &s->places[at];
	enum err err = ERR_OK;

	if (!p->begun) {
		search_forget_replies(s);
		p->begun = true;
		p->cid = row->cid;
		p->depth = depth;
	}
	for (int m = 0; m < s->n_methods && !err && !p->dropped; m++)
		if (!(p->looked & UINT32_C(1) << m) && s->methods[m]->turn == turn)
			err = search_look(s, &src, m, eb);
	return err;
}

enum err search_look_up(struct search *s, struct errbuf *eb)
{
	enum err err = search_videos(s, eb);

	return err ? err : search_names(s, eb);
}

static void search_drop_wants(struct search_list *l, int at)
{
	struct search_want *w = l->items;

	for (int i = 0; i < l->n; i++)
		w[i].answered = w[i].answered || w[i].at == at;
}

void search_drop(struct search *s, int at)
{
	struct search_find *f = s->finds.items;
	int kept = 0;

	if (s->places[at].dropped)
		return;
	s->places[at].dropped = true;
	search_drop_wants(&s->videos, at);
	search_drop_wants(&s->handles, at);
	for (int i = 0; i < s->finds.n; i++)
		if (f[i].at != at)
			f[kept++] = f[i];
	s->finds.n = kept;
	for (int p = 0; p < SEARCH_SOURCES; p++) {
		memset(s->places[p].last, 0, sizeof s->places[p].last);
		memset(s->places[p].n_finds, 0, sizeof s->places[p].n_finds);
	}
	for (int i = 0; i < kept; i++)
		search_link(s, i);
}

/* ---- for the owner ---- */

int search_n_methods(const struct search *s)
{
	return s->n_methods;
}

const struct discovery_method *search_method_at(const struct search *s, int i)
{
	return s->methods[i];
}

static bool search_waits(const struct search_list *l, int at)
{
	const struct search_want *w = l->items;

	for (int i = 0; i < l->n; i++)
		if (w[i].at == at && !w[i].answered)
			return true;
	return false;
}

bool search_is_answered(const struct search *s, int at)
{
	return search_looked(s, at, NULL) == s->n_methods && !search_waits(&s->videos, at) &&
	       !search_waits(&s->handles, at);
}

int search_depth(const struct search *s, int at)
{
	return s->places[at].depth;
}

int search_looked(const struct search *s, int at, int *refused)
{
	const struct search_place *p = &s->places[at];
	int looked = 0, n = 0;

	for (int m = 0; m < s->n_methods; m++) {
		looked += (p->looked >> m & 1) != 0;
		n += (p->refused >> m & 1) != 0;
	}
	if (refused)
		*refused = n;
	return looked;
}

const struct search_find *search_finds(const struct search *s, int *n)
{
	*n = s->finds.n;
	return s->finds.items;
}

const struct search_brought *search_brought(const struct search *s, int *n)
{
	*n = s->brought.n;
	return s->brought.items;
}

const struct handle_row *search_handles(const struct search *s, int *n)
{
	*n = s->learned.n - s->learned_from;
	return (const struct handle_row *)s->learned.items + s->learned_from;
}

const struct mentioned_video *search_videos_learned(const struct search *s, int *n)
{
	*n = s->seen.n;
	return s->seen.items;
}

void search_handed_over(struct search *s)
{
	s->brought.n = s->seen.n = s->notes.n = 0;
	s->learned_from = s->learned.n;
}
