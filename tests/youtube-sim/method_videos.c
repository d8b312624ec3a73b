/*
 * videos.list. By id the items come in the order asked; private, deleted and unknown videos are
 * left out silently, and maxResults is of no account. The chart is a made-up one of CHART_MAX.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "ids.h"
#include "list.h"
#include "video_write.h"

#define CHART_MAX 200
#define KIND "youtube#videoListResponse"

static const char *const parts[] = {
#define X(name, text) text,
    VIDEO_PARTS(X)
#undef X
        NULL};

static const struct param_def params[] = {
    {"part", PARAM_TEXT, PARAM_REPEATED | PARAM_REQUIRED},
    {"myRating", PARAM_TEXT, PARAM_FILTER | PARAM_OAUTH},
    {"id", PARAM_TEXT, PARAM_REPEATED | PARAM_FILTER},
    {"chart", PARAM_TEXT, PARAM_FILTER},
    {"hl", PARAM_TEXT, 0},
    {"locale", PARAM_TEXT, 0},
    {"maxHeight", PARAM_UINT, 0},
    {"maxWidth", PARAM_UINT, 0},
    {"maxResults", PARAM_UINT, 0},
    {"pageToken", PARAM_TEXT, 0},
    {"regionCode", PARAM_TEXT, 0},
    {"videoCategoryId", PARAM_TEXT, 0},
    {"onBehalfOfContentOwner", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

static const struct param_values values[] = {
    {"chart", "chartUnspecified,mostPopular"},
    {"myRating", "none,like,dislike"},
    {NULL, NULL},
};

static const char schema[] =
    "kind,etag,eventId,visitorId,nextPageToken,prevPageToken,tokenPagination,"
    "pageInfo(totalResults,resultsPerPage),items(kind,etag,id,"
    "snippet(publishedAt,channelId,title,description,thumbnails/*(url,width,height),channelTitle,"
    "tags,categoryId,liveBroadcastContent,defaultLanguage,localized(title,description),"
    "defaultAudioLanguage),"
    "contentDetails(duration,dimension,definition,caption,licensedContent,"
    "regionRestriction(allowed,blocked),contentRating/*,projection,hasCustomThumbnail,"
    "countryRestriction(allowed,exception)),"
    "status(uploadStatus,failureReason,rejectionReason,privacyStatus,publishAt,license,embeddable,"
    "publicStatsViewable,madeForKids,selfDeclaredMadeForKids,containsSyntheticMedia),"
    "statistics(viewCount,likeCount,dislikeCount,favoriteCount,commentCount),"
    "player(embedHtml,embedHeight,embedWidth),"
    "topicDetails(topicIds,relevantTopicIds,topicCategories),"
    "recordingDetails(locationDescription,location(latitude,longitude,altitude),recordingDate),"
    "liveStreamingDetails(actualStartTime,actualEndTime,scheduledStartTime,scheduledEndTime,"
    "concurrentViewers,activeLiveChatId),localizations/*(title,description),"
    "paidProductPlacementDetails/hasPaidProductPlacement,brandPartner(channelId,channelHandle),"
    "ageGating(restricted,alcoholContent,videoGameRating),"
    "monetizationDetails/access(allowed,exception),projectDetails,fileDetails/*/*,"
    "processingDetails/*/*,suggestions/*/*)";

static void write_video(struct call *c, struct list *l, struct video v)
{
	const struct universe *u = c->api->universe;

	if (!list_item(l, "youtube#video", ids_mix(v.channel) ^ v.slot))
		return;
	video_write(&l->w, u, worker_channel(c->worker), v, c->parts);
	list_item_end(l);
}

static bool is_repeat(const struct video *seen, size_t n, struct video v)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i].channel == v.channel && seen[i].slot == v.slot)
			return true;
	return false;
}

static const struct error_def *write_ids(struct call *c)
{
	const struct universe *u = c->api->universe;
	struct list_head head = {.kind = KIND, .has_page_info = true};
	struct video hits[METHOD_MAX_IDS], v;
	size_t n = 0;
	struct list l;

	if (c->id_count == 0 || c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		if (video_find(u, c->ids[i], &v) && video_is_shown(video_state(u, v)) &&
		    !is_repeat(hits, n, v))
			hits[n++] = v;
	head.total = n;
	head.per_page = n;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < n; i++)
		write_video(c, &l, hits[i]);
	return list_end(&l);
}

static const struct error_def *write_recorded(struct call *c)
{
	struct list_head head = {.kind = KIND, .has_page_info = true};
	const struct replay_item *hits[METHOD_MAX_IDS], *item;
	char etag[IDS_ETAG_LEN];
	struct list l;
	size_t n = 0;

	if (c->id_count == 0 || c->id_count > METHOD_MAX_IDS)
		return errors_find(slice_of("invalidFilters"));
	for (size_t i = 0; i < c->id_count; i++)
		if (c->ids[i].len == IDS_VIDEO_LEN &&
		    (item = replay_find(c->api->replay, c->ids[i])) != NULL)
			hits[n++] = item;
	head.total = head.per_page = n;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (size_t i = 0; i < n; i++) {
		ids_etag_write(replay_hash(hits[i]), l.view, etag);
		replay_write(hits[i], &l.w, parts, c->parts, etag);
	}
	l.shown = n;
	return list_end(&l);
}

/* The i-th of the chart: a public video of a channel that has one. */
static bool chart_video(const struct call *c, uint64_t i, struct video *v)
{
	const struct universe *u = c->api->universe;
	uint64_t n = universe_channels(u), slots;
	struct slice region = {"", 0};

	call_param(c, "regionCode", &region);
	if (n == 0)
		return false;
	v->channel = ids_hash(region.p, region.len, universe_seed(u) + i) % n;
	slots = video_slots(u, v->channel);
	v->slot = slots ? slots - 1 - i % slots : 0;
	return video_state(u, *v) == VIDEO_PUBLIC;
}

static const struct error_def *write_chart(struct call *c)
{
	struct list_head head = {.kind = KIND,
	    .has_page_info = true,
	    .total = CHART_MAX,
	    .per_page = c->max_results,
	    .list = list_hash(c, slice_of("chart"))};
	struct page page, next;
	struct video v;
	struct list l;
	bool given;
	const struct error_def *e = list_page(c, head.list, false, &page, &given);

	if (e != NULL)
		return e;
	next = (struct page){page.anchor + c->max_results, page.serial + 1};
	if (next.anchor < CHART_MAX)
		head.next = &next;
	if (!list_begin(&l, c, &head))
		return errors_find(slice_of("internalError500"));
	for (uint64_t i = page.anchor; i < next.anchor && i < CHART_MAX; i++)
		if (chart_video(c, i, &v))
			write_video(c, &l, v);
	return list_end(&l);
}

static const struct error_def *run(struct call *c)
{
	if (c->parts & VIDEO_OWNER_PARTS)
		return errors_find(slice_of("partForbidden"));
	if (!slice_equals(c->filter, "id"))
		return write_chart(c);
	return c->api->replay != NULL ? write_recorded(c) : write_ids(c);
}

const struct method method_videos_list = {
    .name = "videos.list",
    .path = "/youtube/v3/videos",
    .bucket = BUCKET_UNITS,
    .cost = 1,
    .params = params,
    .values = values,
    .parts = parts,
    .schema = schema,
    .max_results_min = 1,
    .max_results_default = 5,
    .max_results_max = 50,
    .run = run,
};
