/*
 * subscriptions.list. Most channels hide theirs. In the order of relevance, which is the default,
 * pages repeat items; in that of the alphabet they do not.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <stdlib.h>

#include "channel_text.h"
#include "ids.h"
#include "list.h"
#include "moment.h"
#include "video.h"

#define KIND "youtube#SubscriptionListResponse" /* with a capital, as recorded */
#define HIDDEN_PER_100 85
#define MAX_SUBSCRIPTIONS 256
#define TAG 0x53554200u
#define TWEAK_TARGET 0x73756273u
#define ID_NOISE 10
#define ID_HEAD (IDS_CHANNEL_LEN - 2)
#define ID_LEN (ID_HEAD + IDS_VIDEO_LEN + ID_NOISE)

enum part { PART_ID = 1, PART_SNIPPET = 2, PART_CONTENT_DETAILS = 4, PART_SUBSCRIBER = 8 };

static const char *const parts[] = {"id", "snippet", "contentDetails", "subscriberSnippet", NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"channelId", PARAM_TEXT, PARAM_FILTER},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"mine", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"myRecentSubscribers", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"mySubscribers", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"forChannelId", PARAM_TEXT, 0},
    {"order", PARAM_TEXT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {"onBehalfOfContentOwnerChannel", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const struct param_values values[] = {
    {"order", "subscriptionOrderUnspecified,relevance,unread,alphabetical"},
    {NULL, NULL},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,"
    "snippet(publishedAt,title,description,resourceId(kind,channelId,videoId,playlistId),channelId,"
    "thumbnails/*(url,width,height)),contentDetails(totalItemCount,newItemCount,activityType),"
    "subscriberSnippet(title,description,channelId,thumbnails/*(url,width,height)))";

struct target {
	uint64_t channel;
	size_t title; /* where it starts among the titles */
	size_t len;
	const char *text;
};

struct targets {
	struct target list[MAX_SUBSCRIPTIONS];
	size_t count;
};

static bool is_hidden(const struct universe *u, uint64_t channel)
{
	return universe_draw(u, channel, DRAW_SUBSCRIPTIONS) % 100 < HIDDEN_PER_100;
}

static bool has_target(const struct targets *t, uint64_t channel)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].channel == channel)
			return true;
	return false;
}

/* Terminated channels leave the list. */
static void collect(const struct universe *u, uint64_t channel, struct targets *t)
{
	uint64_t h = universe_draw(u, channel, DRAW_SUBSCRIPTIONS), other;
	uint64_t wanted = video_spread(h >> 8, 7);

	t->count = 0;
	for (uint64_t k = 0; k < wanted && k < MAX_SUBSCRIPTIONS; k++) {
		other = ids_mix(h ^ ids_mix(k + 1)) % universe_channels(u);
		if (other != channel && !universe_terminated(u, other) && !has_target(t, other))
			t->list[t->count++] = (struct target){.channel = other};
	}
}

static int compare_titles(const void *a, const void *b)
{
	const struct target *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	if (order != 0)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->channel < y->channel ? -1 : x->channel > y->channel;
}

static bool sort_by_title(const struct universe *u, struct targets *t)
{
	struct out titles;
	bool ok;

	out_init(&titles, 1 << 20);
	for (size_t i = 0; i < t->count; i++) {
		uint64_t channel = t->list[i].channel;

		t->list[i].title = titles.len;
		channel_text_title(u, channel, channel_text_language(u, channel), &titles);
		t->list[i].len = titles.len - t->list[i].title;
	}
	ok = !titles.failed;
	for (size_t i = 0; ok && i < t->count; i++)
		t->list[i].text = titles.data + t->list[i].title;
	if (ok && t->count > 1)
		qsort(t->list, t->count, sizeof t->list[0], compare_titles);
	out_done(&titles);
	return ok;
}

static void write_id(const struct universe *u, uint64_t subscriber, uint64_t target, char *to)
{
	char head[IDS_CHANNEL_LEN];

	ids_channel_write(
	    universe_scramble(u, (struct bits128){(uint64_t)TAG << 32, subscriber}), head);
	memcpy(to, head + 2, ID_HEAD);
	ids_video_write(universe_scramble64(u, target, TWEAK_TARGET), to + ID_HEAD);
	ids_noise_write(ids_mix(subscriber) ^ target, to + ID_HEAD + IDS_VIDEO_LEN, ID_NOISE);
}

static bool find_id(
    const struct universe *u, struct slice id, uint64_t *subscriber, uint64_t *target)
{
	char text[ID_LEN], head[IDS_CHANNEL_LEN] = "UC";
	struct bits128 b;

	if (id.len != ID_LEN || !ids_video_read(id.p + ID_HEAD, IDS_VIDEO_LEN, target))
		return false;
	memcpy(head + 2, id.p, ID_HEAD);
	if (!ids_channel_read(head, sizeof head, &b))
		return false;
	*subscriber = universe_unscramble(u, b).lo;
	*target = universe_unscramble64(u, *target, TWEAK_TARGET);
	write_id(u, *subscriber, *target, text);
	return memcmp(text, id.p, ID_LEN) == 0 && *subscriber < universe_channels(u) &&
	       !universe_terminated(u, *subscriber) && !is_hidden(u, *subscriber);
}

static void write_since(struct jsonw *w, const struct universe *u, uint64_t from, uint64_t to)
{
	static const unsigned digits[] = {6, 6, 6, 4, 3, 0};
	int64_t birth = channel_text_birth(u, from);
	uint64_t h = ids_mix(universe_draw(u, from, DRAW_SUBSCRIPTIONS) ^ ids_mix(to));
	unsigned n = digits[h % 6];
	uint64_t scale = n == 6 ? 1000000 : n == 4 ? 10000 : 1000;
	struct out text;

	out_init(&text, 64);
	moment_write(&text, birth + (int64_t)((h >> 3) % (uint64_t)(MOMENT_END - birth)), n,
	    (h >> 40) % scale);
	jsonw_escaped(w, "publishedAt", text.data, text.len);
	w->out->failed |= text.failed;
	out_done(&text);
}

static void write_snippet(struct call *c, struct jsonw *w, uint64_t from, uint64_t to)
{
	const struct universe *u = c->api->universe;
	struct channel *ch = worker_channel(c->worker);
	struct slice text;
	char id[IDS_CHANNEL_LEN];

	if (!jsonw_object(w, "snippet"))
		return;
	channel_load(ch, u, to);
	write_since(w, u, from, to);
	text = channel_title(ch);
	jsonw_escaped(w, "title", text.p, text.len);
	text = channel_description(ch);
	jsonw_escaped(w, "description", text.p, text.len);
	if (jsonw_object(w, "resourceId")) {
		universe_id(u, to, id);
		jsonw_string(w, "kind", "youtube#channel");
		jsonw_escaped(w, "channelId", id, sizeof id);
		jsonw_object_end(w);
	}
	universe_id(u, from, id);
	jsonw_escaped(w, "channelId", id, sizeof id);
	channel_write_faces(ch, w);
	jsonw_object_end(w);
}

static void write_item(struct call *c, struct list *l, uint64_t from, uint64_t to)
{
	const struct universe *u = c->api->universe;
	char id[ID_LEN];

	if (!list_item(l, "youtube#subscription", ids_mix(from) ^ to))
		return;
	write_id(u, from, to, id);
	jsonw_escaped(&l->w, "id", id, sizeof id);
	if (c->parts & PART_SNIPPET)
		write_snippet(c, &l->w, from, to);
	if (c->parts & PART_CONTENT_DETAILS && jsonw_object(&l->w, "contentDetails")) {
		jsonw_number(&l->w, "totalItemCount", video_count(u, to));
		jsonw_number(&l->w, "newItemCount", 0);
		jsonw_string(&l->w, "activityType", "all");
		jsonw_object_end(&l->w);
	}
	list_item_end(l);
}

static const struct error_def *write_ids(struct call *c)
{
	struct list_head head = {.kind = KIND, .has_page_info = true, .per_page = c->max_results};
	const struct universe *u = c->api->universe;
	uint64_t from, to, hits[METHOD_MAX_IDS][2];
	struct targets t;
	struct list l;

	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++) {
		if (!find_id(u, c->ids[i], &from, &to))
			continue;
		collect(u, from, &t);
		if (!has_target(&t, to))
			continue;
		hits[head.total][0] = from;
		hits[head.total++][1] = to;
	}
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < head.total && i < c->max_results; i++)
		write_item(c, &l, hits[i][0], hits[i][1]);
	return list_end(&l);
}

/* Keeps only the channels of forChannelId, a comma list. */
static void keep_asked(const struct call *c, struct targets *t)
{
	const struct universe *u = c->api->universe;
	char id[IDS_CHANNEL_LEN];
	size_t kept = 0;
	struct slice asked;

	if (!call_param(c, "forChannelId", &asked) || asked.len == 0)
		return;
	for (size_t i = 0; i < t->count; i++) {
		universe_id(u, t->list[i].channel, id);
		if (memmem(asked.p, asked.len, id, sizeof id) != NULL)
			t->list[kept++] = t->list[i];
	}
	t->count = kept;
}

/* In any other order than the alphabet's the next page starts before this one ends. */
static unsigned overlap(bool sorted, unsigned size, uint64_t serial)
{
	return sorted || size < 4 ? 0 : 1 + (unsigned)(serial % 2);
}

static const struct error_def *write_page(struct call *c, uint64_t from, struct slice name)
{
	struct list_head head = {.kind = KIND, .has_page_info = true, .per_page = c->max_results};
	const struct universe *u = c->api->universe;
	const struct error_def *e;
	struct page page, next;
	struct slice order = {"", 0};
	bool given, sorted;
	uint64_t end;
	struct targets t;
	struct list l;

	collect(u, from, &t);
	keep_asked(c, &t);
	call_param(c, "order", &order);
	sorted = slice_equals(order, "alphabetical");
	if (sorted && !sort_by_title(u, &t))
		return errors_find(slice_of("internalError500"));
	head.total = t.count;
	head.list = list_hash(c, name) + sorted;
	e = list_page(c, head.list, false, &page, &given);
	if (e != NULL)
		return e;
	end = page.anchor + c->max_results;
	next = (struct page){end - overlap(sorted, c->max_results, page.serial), page.serial + 1};
	if (end < t.count && c->max_results > 0)
		head.next = &next;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = page.anchor; i < end && i < t.count; i++)
		write_item(c, &l, from, t.list[i].channel);
	return list_end(&l);
}

static const struct error_def *run(struct call *c)
{
	const struct universe *u = c->api->universe;
	struct slice id = {"", 0};
	uint64_t from = 0;
	enum universe_hit hit;

	if (c->parts & PART_SUBSCRIBER)
		return errors_find(slice_of("loginRequired"));
	if (slice_equals(c->filter, "id"))
		return write_ids(c);
	call_param(c, "channelId", &id);
	hit = universe_find(u, id, &from);
	if (hit == UNIVERSE_UNKNOWN)
		return errors_find(slice_of("subscriberNotFound"));
	if (hit == UNIVERSE_TERMINATED)
		return errors_find(slice_of(from % 2 ? "accountClosed" : "accountSuspended"));
	if (is_hidden(u, from))
		return errors_find(slice_of("subscriptionForbidden"));
	return write_page(c, from, id);
}

const struct method method_subscriptions_list = {
    .name = "subscriptions.list",
    .path = "/youtube/v3/subscriptions",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .values = values,
    .parts = parts,
    .schema = schema,
    .max_results_default = 5,
    .max_results_max = 50,
    .run = run,
};
