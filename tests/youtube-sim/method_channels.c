/*
 * channels.list. By id the items come in an order of their own (the same for the same request),
 * unknown and terminated channels are left out silently, and without any the reply has no items
 * member at all.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "channel.h"
#include "ids.h"
#include "method.h"

static const char *const parts[] = {
#define X(name, text) text,
    CHANNEL_PARTS(X)
#undef X
        NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"forHandle", PARAM_TEXT, PARAM_FILTER},
    {"forUsername", PARAM_TEXT, PARAM_FILTER},
    {"mine", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"managedByMe", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"mySubscribers", PARAM_BOOL, PARAM_FILTER | PARAM_OAUTH},
    {"categoryId", PARAM_TEXT, PARAM_FILTER},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"hl", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),"
    "items(kind,etag,id,"
    "snippet(title,description,customUrl,publishedAt,thumbnails/"
    "*(url,width,height),defaultLanguage,"
    "localized(title,description),country),"
    "contentDetails/relatedPlaylists(likes,favorites,uploads,watchHistory,watchLater),"
    "statistics(viewCount,commentCount,subscriberCount,hiddenSubscriberCount,videoCount),"
    "topicDetails(topicIds,topicCategories),"
    "status(privacyStatus,isLinked,longUploadsStatus,madeForKids,selfDeclaredMadeForKids,"
    "isChannelMonetizationEnabled),"
    "brandingSettings(channel(title,description,keywords,defaultTab,trackingAnalyticsAccountId,"
    "moderateComments,"
    "showRelatedChannels,showBrowseView,featuredChannelsTitle,featuredChannelsUrls,"
    "unsubscribedTrailer,"
    "profileColor,defaultLanguage,country),image/"
    "*,watch(textColor,backgroundColor,featuredPlaylistId),"
    "hints(property,value)),"
    "contentOwnerDetails(contentOwner,timeLinked),conversionPings/pings(context,conversionUrl),"
    "auditDetails(communityGuidelinesGoodStanding,copyrightStrikesGoodStanding,"
    "contentIdClaimsGoodStanding),"
    "localizations/*(title,description))";

/* A channel that will be written: of the universe, or recorded. */
struct hit {
	uint64_t index;
	const struct replay_item *recorded;
};

struct found {
	struct hit hits[METHOD_MAX_IDS];
	size_t count;
};

static void add_id(struct call *c, struct slice id, struct found *f)
{
	struct hit h = {0, NULL};

	if (c->api->replay != NULL) {
		h.recorded = replay_find(c->api->replay, id);
		if (h.recorded == NULL)
			return;
	} else if (universe_find(c->api->universe, id, &h.index) != UNIVERSE_FOUND) {
		return;
	}
	for (size_t i = 0; i < f->count; i++)
		if (f->hits[i].index == h.index && f->hits[i].recorded == h.recorded)
			return;
	f->hits[f->count++] = h;
}

/* The same request always gets the same order. */
static void shuffle(struct call *c, struct found *f)
{
	uint64_t h = universe_seed(c->api->universe);

	for (size_t i = 0; i < c->id_count; i++)
		h = ids_hash(c->ids[i].p, c->ids[i].len, h);
	for (size_t i = f->count; i > 1; i--) {
		struct hit t = f->hits[i - 1];
		size_t k;

		h = ids_mix(h + i);
		k = (size_t)(h % i);
		f->hits[i - 1] = f->hits[k];
		f->hits[k] = t;
	}
}

static const struct error_def *find_ids(struct call *c, struct found *f)
{
	if (c->id_count == 0)
		return errors_find(slice_of("invalidFilters"));
	if (c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		if (!ids_channel_shaped(c->ids[i].p, c->ids[i].len))
			return errors_find(slice_of("invalidArgument"));
	for (size_t i = 0; i < c->id_count; i++)
		add_id(c, c->ids[i], f);
	shuffle(c, f);
	return NULL;
}

static bool same_letters(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		char x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (char)(a.p[i] + 32) : a.p[i];

		if (x != b.p[i])
			return false;
	}
	return true;
}

static void find_name(struct call *c, bool handle, struct found *f)
{
	struct channel *ch = worker_channel(c->worker);
	struct hit h = {0, NULL};
	struct slice name = {NULL, 0}, own;

	call_param(c, handle ? "forHandle" : "forUsername", &name);
	if (c->api->replay != NULL) {
		h.recorded = replay_find_handle(c->api->replay, name);
		if (h.recorded != NULL)
			f->hits[f->count++] = h;
		return;
	}
	if (handle && name.len > 0 && name.p[0] == '@')
		name = (struct slice){name.p + 1, name.len - 1};
	if (!universe_find_name(c->api->universe, name, &h.index))
		return;
	channel_load(ch, c->api->universe, h.index);
	own = handle ? channel_handle(ch) : channel_username(ch);
	if (handle && own.len > 0)
		own = (struct slice){own.p + 1, own.len - 1};
	/* a channel that had a user name answers to it as a handle too: it was its first one */
	if (handle && !(own.len > 0 && same_letters(name, own)))
		own = channel_username(ch);
	if (own.len > 0 && same_letters(name, own))
		f->hits[f->count++] = h;
}

/* The etag stands for the content: the channel, the parts, the fields, the language. */
static uint64_t view_hash(const struct call *c)
{
	struct slice fields = {NULL, 0}, hl = {NULL, 0};

	call_param(c, "fields", &fields);
	call_param(c, "hl", &hl);
	return ids_hash(
	    hl.p, hl.len, ids_hash(fields.p, fields.len, ids_mix(c->parts) + c->pretty));
}

static bool write_hit(
    struct call *c, struct jsonw *w, const struct hit *h, uint64_t view, uint64_t *sum)
{
	struct slice hl = {NULL, 0};
	uint64_t own =
	    h->recorded ? replay_hash(h->recorded) : h->index + universe_seed(c->api->universe);
	struct channel *ch = worker_channel(c->worker);
	char etag[IDS_ETAG_LEN];

	*sum = ids_mix(*sum ^ own);
	ids_etag_write(ids_mix(own), view, etag);
	if (h->recorded != NULL) {
		replay_write(h->recorded, w, parts, c->parts, etag);
		return true;
	}
	call_param(c, "hl", &hl);
	channel_load(ch, c->api->universe, h->index);
	return channel_write(ch, w, c->parts, hl, etag);
}

static bool write_reply(struct call *c, const struct found *f)
{
	uint64_t view = view_hash(c), sum = f->count;
	size_t shown = f->count < c->max_results ? f->count : c->max_results, hole;
	struct jsonw w;
	bool ok = true;

	jsonw_init(&w, &c->out, c->pretty, c->fields);
	if (!jsonw_object(&w, NULL))
		return false;
	jsonw_string(&w, "kind", "youtube#channelListResponse");
	hole = jsonw_hole(&w, METHOD_ETAG_MEMBER, IDS_ETAG_LEN);
	if (jsonw_object(&w, "pageInfo")) {
		jsonw_number(&w, "totalResults", f->count);
		jsonw_number(&w, "resultsPerPage", c->max_results);
		jsonw_object_end(&w);
	}
	if (shown > 0 && jsonw_array(&w, "items")) {
		for (size_t i = 0; i < shown && ok; i++)
			ok = write_hit(c, &w, &f->hits[i], view, &sum);
		jsonw_array_end(&w);
	}
	jsonw_object_end(&w);
	jsonw_end(&w);
	ids_etag_write(sum, view + c->max_results, c->etag);
	c->etag[IDS_ETAG_LEN] = '\0';
	if (hole > 0)
		memcpy(c->out.data + hole, c->etag, IDS_ETAG_LEN);
	c->found = shown;
	return ok && !c->out.failed;
}

static const struct error_def *run(struct call *c)
{
	struct found f = {.count = 0};
	const struct error_def *e = NULL;
	struct slice token;

	if (c->parts & CHANNEL_AUDIT_DETAILS)
		return errors_find(slice_of("channelForbidden"));
	if (call_param(c, "pageToken", &token) && token.len > 0)
		return errors_find(slice_of("invalidPageToken"));
	if (slice_equals(c->filter, "id"))
		e = find_ids(c, &f);
	else if (slice_equals(c->filter, "categoryId"))
		e = errors_find(slice_of("categoryNotFound"));
	else
		find_name(c, slice_equals(c->filter, "forHandle"), &f);
	if (e != NULL)
		return e;
	return write_reply(c, &f) ? NULL : errors_find(slice_of("internalError500"));
}

const struct method method_channels_list = {
    .name = "channels.list",
    .path = "/youtube/v3/channels",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .parts = parts,
    .schema = schema,
    .max_results_default = 5,
    .max_results_max = 50,
    .run = run,
};
