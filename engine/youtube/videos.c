#include "config.h"
#include "engine/youtube/videos.h"

#include "engine/youtube/reply.h"

#include <string.h>

/* ---- queries ---- */

static void videos_add_ids(const int64_t *vids, int n, struct str *out)
{
	char text[VID_TEXT + 1];

	for (int i = 0; i < n; i++) {
		if (i)
			str_addc(out, ',');
		str_adds(out, vid_format(vids[i], text));
	}
}

void videos_query(const int64_t *vids, int n, struct str *out)
{
	str_adds(out, "part=snippet,contentDetails,statistics,status&id=");
	videos_add_ids(vids, n, out);
	/* what struct video_row has and nothing else; thumbnails whole: its keys are an open set */
	str_adds(out,
	    "&fields=items(id,snippet(publishedAt,title,description,thumbnails,tags,categoryId,"
	    "liveBroadcastContent,defaultLanguage,defaultAudioLanguage),contentDetails/duration,"
	    "statistics(viewCount,likeCount,commentCount),status(privacyStatus,madeForKids))"
	    "&prettyPrint=false");
}

void videos_stats_query(const int64_t *vids, int n, struct str *out)
{
	str_adds(out, "part=id,statistics&id=");
	videos_add_ids(vids, n, out);
	str_adds(out,
	    "&fields=items(id,statistics(viewCount,likeCount,commentCount))&prettyPrint=false");
}

/* ---- durations ---- */

/* Digits before the next letter; a fraction is left out. False when there are none or too many. */
static bool videos_number(const char **p, const char *end, int64_t *out)
{
	const char *start = *p;

	*out = 0;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		*out = *out * 10 + (**p - '0');
		if (*p - start >= 12)
			return false;
	}
	if (*p == start)
		return false;
	if (*p < end && (**p == '.' || **p == ','))
		for ((*p)++; *p < end && **p >= '0' && **p <= '9';)
			(*p)++;
	return *p < end;
}

int64_t videos_duration(const char *text, size_t len)
{
	static const struct {
		char letter;
		bool time; /* behind the T */
		int64_t seconds;
	} units[] = {{'W', false, 604800}, {'D', false, 86400}, {'H', true, 3600}, {'M', true, 60},
	    {'S', true, 1}};
	const char *p = text + 1, *end = text + len;
	const size_t n = sizeof units / sizeof units[0];
	int64_t total = 0, number;
	bool time = false, any = false;
	size_t next = 0;

	if (len < 3 || *text != 'P')
		return VIDEO_UNKNOWN;
	while (p < end) {
		if (*p == 'T' && !time && p + 1 < end) {
			time = true;
			p++;
		}
		if (!videos_number(&p, end, &number))
			return VIDEO_UNKNOWN;
		while (next < n && (units[next].letter != *p || units[next].time != time))
			next++; /* each unit once and in this order */
		if (next == n)
			return VIDEO_UNKNOWN;
		total += number * units[next++].seconds;
		p++;
		any = true;
	}
	return any ? total : VIDEO_UNKNOWN;
}

/* ---- replies ---- */

static void videos_fill_duration(
    struct reply_reader *r, struct json_node details, struct video_row *v)
{
	struct json_node node = json_node_get(details, "duration");
	const char *text;
	size_t len;

	v->duration = reply_text(r, node);
	v->duration_s =
	    json_node_text(node, &text, &len) ? videos_duration(text, len) : VIDEO_UNKNOWN;
}

static void videos_fill(struct reply_reader *r, struct json_node item, struct video_row *v)
{
	struct json_node snippet = json_node_get(item, "snippet");
	struct json_node stats = json_node_get(item, "statistics");
	struct json_node status = json_node_get(item, "status");

	v->title = reply_text(r, json_node_get(snippet, "title"));
	v->description = reply_text(r, json_node_get(snippet, "description"));
	v->published_at = reply_time(json_node_get(snippet, "publishedAt"));
	v->thumbnail_url = reply_thumbnail(r, json_node_get(snippet, "thumbnails"));
	v->tags = reply_list(r, json_node_get(snippet, "tags"));
	v->category = reply_count(json_node_get(snippet, "categoryId"));
	v->live_state = reply_text(r, json_node_get(snippet, "liveBroadcastContent"));
	v->default_language = reply_text(r, json_node_get(snippet, "defaultLanguage"));
	v->audio_language = reply_text(r, json_node_get(snippet, "defaultAudioLanguage"));
	videos_fill_duration(r, json_node_get(item, "contentDetails"), v);
	v->view_count = reply_count(json_node_get(stats, "viewCount"));
	v->like_count = reply_count(json_node_get(stats, "likeCount"));
	v->comment_count = reply_count(json_node_get(stats, "commentCount"));
	v->privacy_status = reply_text(r, json_node_get(status, "privacyStatus"));
	v->made_for_kids = reply_flag(json_node_get(status, "madeForKids"));
}

static bool videos_is_known(const struct video_row *rows, int n, int64_t vid)
{
	for (int i = 0; i < n; i++)
		if (rows[i].vid == vid)
			return true;
	return false;
}

enum err videos_parse(struct json_reader *reader, const char *body, size_t len, struct arena *arena,
    struct video_row **rows, int *n, int *odd, struct errbuf *eb)
{
	struct json_node root, items, item;
	struct reply_reader r;
	struct json_walk w;
	int64_t vid;
	enum err err = json_reader_parse(reader, body, len, &root, eb);

	*rows = NULL;
	*n = *odd = 0;
	if (!err)
		err = reply_items(root, "youtube#videoListResponse", &items, eb);
	if (err)
		return err;
	*rows = arena_alloc(arena, VIDEOS_MAX_IDS * sizeof **rows);
	reply_begin(&r, arena, len);
	json_walk_start(&w, items);
	while (*rows && json_walk_next(&w, &item, NULL)) {
		if (!reply_vid(json_node_get(item, "id"), &vid) || *n == VIDEOS_MAX_IDS) {
			++*odd;
		} else if (!videos_is_known(*rows, *n, vid)) {
			(*rows)[*n].vid = vid;
			videos_fill(&r, item, &(*rows)[(*n)++]);
		}
	}
	if (reply_end(&r) && *rows)
		return ERR_OK;
	*n = 0;
	return err_set(eb, ERR_NOMEM, "out of memory while reading videos");
}

static bool videos_is_counted(const struct video_counts *counts, int n, int64_t vid)
{
	for (int i = 0; i < n; i++)
		if (counts[i].vid == vid)
			return true;
	return false;
}

enum err videos_stats_parse(struct json_reader *reader, const char *body, size_t len,
    struct video_counts *counts, int *n, int *odd, struct errbuf *eb)
{
	struct json_node root, items, item;
	struct json_walk w;
	int64_t vid;
	enum err err = json_reader_parse(reader, body, len, &root, eb);

	*n = *odd = 0;
	if (!err)
		err = reply_items(root, "youtube#batchGetStatsResponse", &items, eb);
	if (err)
		return err;
	json_walk_start(&w, items);
	while (json_walk_next(&w, &item, NULL)) {
		struct json_node stats = json_node_get(item, "statistics");
		if (!reply_vid(json_node_get(item, "id"), &vid) || *n == VIDEOS_MAX_IDS) {
			++*odd;
		} else if (!videos_is_counted(counts, *n, vid)) {
			counts[(*n)++] = (struct video_counts){.vid = vid,
			    .view_count = reply_count(json_node_get(stats, "viewCount")),
			    .like_count = reply_count(json_node_get(stats, "likeCount")),
			    .comment_count = reply_count(json_node_get(stats, "commentCount"))};
		}
	}
	return ERR_OK;
}
