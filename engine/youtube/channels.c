#include "config.h"
#include "engine/youtube/channels.h"

#include "engine/base/text.h"
#include "engine/youtube/reply.h"

#include <string.h>

/* A reply holds what was asked; more than this is no reply to us. */
enum { CHANNELS_MAX_ROWS = 1000 };

/* ---- the query ---- */

static const char channels_parts[] =
    "part=snippet,statistics,status,topicDetails,brandingSettings&";

/* What struct channel_meta has and nothing else; thumbnails whole: its keys are an open set. */
static const char channels_fields[] =
    "&maxResults=50&fields=items(id,etag,"
    "snippet(title,description,customUrl,publishedAt,thumbnails,defaultLanguage,country),"
    "statistics(viewCount,subscriberCount,hiddenSubscriberCount,videoCount),"
    "status(privacyStatus,madeForKids),"
    "topicDetails/topicCategories,"
    "brandingSettings(channel(keywords,country,defaultLanguage),image/bannerExternalUrl))"
    "&prettyPrint=false";

void channels_query(const struct cid *ids, int n, struct str *out)
{
	char text[CID_TEXT + 1];

	str_adds(out, channels_parts);
	str_adds(out, "id=");
	for (int i = 0; i < n; i++) {
		if (i)
			str_addc(out, ',');
		str_adds(out, cid_format(&ids[i], text));
	}
	str_adds(out, channels_fields);
}

void channels_name_query(const char *kind, const char *name, struct str *out)
{
	static const char plain[] =
	    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	str_adds(out, channels_parts);
	str_adds(out, strcmp(kind, "user") == 0 ? "forUsername=" : "forHandle=");
	for (const char *p = name; *p; p++)
		if (strchr(plain, *p))
			str_addc(out, *p);
		else
			str_addf(out, "%%%02X", (unsigned)(unsigned char)*p);
	str_adds(out, channels_fields);
}

/* ---- keywords ---- */

/* Length of the blank at p, 0 when there is none: ASCII and Unicode spaces. */
static size_t channels_blank(const char *p, size_t len)
{
	uint32_t c = 0;
	size_t n = text_utf8_next(p, len, &c);

	if (!n)
		return 0;
	if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0 || c == 0x85 || c == 0xA0 ||
	    c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF)
		return n;
	return 0;
}

static void channels_trim(const char **text, size_t *len)
{
	size_t n, end;

	while ((n = channels_blank(*text, *len)) > 0) {
		*text += n;
		*len -= n;
	}
	for (size_t i = end = 0; i < *len;) {
		n = channels_blank(*text + i, *len - i);
		i += n ? n : 1;
		end = n ? end : i;
	}
	*len = end;
}

/* The next word or phrase, never empty; false at the end. A quote without a partner is a blank. */
static bool channels_word(const char **p, const char *end, const char **word, size_t *len)
{
	while (*p < end) {
		size_t n = channels_blank(*p, (size_t)(end - *p));
		const char *close;
		if (n) {
			*p += n;
			continue;
		}
		if (**p == '"') {
			close = memchr(*p + 1, '"', (size_t)(end - *p) - 1);
			*word = ++*p;
			if (!close)
				continue;
			*len = (size_t)(close - *p);
			*p = close + 1;
			channels_trim(word, len);
			if (*len)
				return true;
			continue;
		}
		*word = *p;
		while (*p < end && !channels_blank(*p, (size_t)(end - *p)))
			(*p)++;
		*len = (size_t)(*p - *word);
		return true;
	}
	return false;
}

enum err channels_keywords(const char *text, size_t len, struct arena *arena, struct text_list *out)
{
	const char *p = text, *word = NULL, **items;
	size_t word_len = 0, n = 0, i = 0;

	*out = (struct text_list){NULL, -1};
	while (channels_word(&p, text + len, &word, &word_len))
		n++;
	items = arena_alloc(arena, (n ? n : 1) * sizeof *items);
	if (!items)
		return ERR_NOMEM;
	for (p = text; i < n && channels_word(&p, text + len, &word, &word_len); i++) {
		items[i] = arena_dup(arena, word, word_len);
		if (!items[i])
			return ERR_NOMEM;
	}
	*out = (struct text_list){items, (int)n};
	return ERR_OK;
}

/* ---- the reply ---- */

static struct text_list channels_keyword_list(struct reply_reader *r, struct json_node node)
{
	struct text_list list = {NULL, -1};
	const char *text;
	size_t len = 0;

	if (json_node_type(node) != JSON_NODE_TEXT)
		return list;
	text = reply_text_n(r, node, &len);
	if (channels_keywords(text ? text : "", text ? len : 0, r->arena, &list))
		r->failed = true;
	return list;
}

static void channels_counts(struct json_node stats, struct channel_meta *m)
{
	m->hidden_subscribers = reply_flag(json_node_get(stats, "hiddenSubscriberCount"));
	m->subscriber_count = reply_count(json_node_get(stats, "subscriberCount"));
	m->video_count = reply_count(json_node_get(stats, "videoCount"));
	m->view_count = reply_count(json_node_get(stats, "viewCount"));
	/* a hidden count is sent as "0" or not at all */
	if (m->hidden_subscribers == 1)
		m->subscriber_count = COUNT_NONE;
}

static void channels_fill(struct reply_reader *r, struct json_node item, struct channel_meta *m)
{
	struct json_node snippet = json_node_get(item, "snippet");
	struct json_node status = json_node_get(item, "status");
	struct json_node branding = json_node_get(item, "brandingSettings");

	m->etag = reply_text(r, json_node_get(item, "etag"));
	m->title = reply_text(r, json_node_get(snippet, "title"));
	m->description = reply_text(r, json_node_get(snippet, "description"));
	m->custom_url = reply_text(r, json_node_get(snippet, "customUrl"));
	m->published_at = reply_time(json_node_get(snippet, "publishedAt"));
	m->thumbnail_url = reply_thumbnail(r, json_node_get(snippet, "thumbnails"));
	m->country = reply_text_or(r, item, "snippet/country", "brandingSettings/channel/country");
	m->default_language = reply_text_or(
	    r, item, "snippet/defaultLanguage", "brandingSettings/channel/defaultLanguage");
	m->privacy_status = reply_text(r, json_node_get(status, "privacyStatus"));
	m->made_for_kids = reply_flag(json_node_get(status, "madeForKids"));
	m->banner_url = reply_text(r, json_node_path(branding, "image/bannerExternalUrl"));
	m->keywords = channels_keyword_list(r, json_node_path(branding, "channel/keywords"));
	m->topics = reply_list(r, json_node_path(item, "topicDetails/topicCategories"));
	channels_counts(json_node_get(item, "statistics"), m);
}

static bool channels_id(struct json_node item, struct cid *out)
{
	const char *text;
	size_t len;

	return json_node_text(json_node_get(item, "id"), &text, &len) && cid_parse(text, len, out);
}

/* How many rows are needed at most: elements that have a valid id. */
static int channels_bound(struct json_node items)
{
	struct json_walk w;
	struct json_node item;
	struct cid cid;
	int n = 0;

	json_walk_start(&w, items);
	while (n < CHANNELS_MAX_ROWS && json_walk_next(&w, &item, NULL))
		n += channels_id(item, &cid);
	return n;
}

static bool channels_is_known(const struct channel_meta *rows, int n, const struct cid *cid)
{
	for (int i = 0; i < n; i++)
		if (cid_compare(&rows[i].cid, cid) == 0)
			return true;
	return false;
}

/* Fills rows (room for `bound`); returns how many there are. */
static int channels_fill_rows(
    struct reply_reader *r, struct json_node items, struct channel_meta *rows, int bound, int *odd)
{
	struct json_walk w;
	struct json_node item;
	struct cid cid;
	int n = 0;

	json_walk_start(&w, items);
	while (json_walk_next(&w, &item, NULL)) {
		if (!channels_id(item, &cid)) {
			++*odd;
		} else if (!channels_is_known(rows, n, &cid)) {
			if (n == bound)
				break;
			rows[n].cid = cid;
			channels_fill(r, item, &rows[n++]);
		}
	}
	return n;
}

enum err channels_parse(struct json_reader *reader, const char *body, size_t len,
    struct arena *arena, struct channel_meta **rows, int *n, int *odd, struct errbuf *eb)
{
	struct reply_reader r;
	struct json_node root, items;
	int bound, strange = 0;
	enum err e;

	*rows = NULL;
	*n = 0;
	if (odd)
		*odd = 0;
	e = json_reader_parse(reader, body, len, &root, eb);
	if (!e)
		e = reply_items(root, "youtube#channelListResponse", &items, eb);
	if (e)
		return e;
	bound = channels_bound(items);
	*rows = arena_alloc(arena, ((size_t)bound + 1) * sizeof **rows);
	if (!*rows)
		return err_set(eb, ERR_NOMEM, "out of memory while reading %d channels", bound);
	reply_begin(&r, arena, len);
	*n = channels_fill_rows(&r, items, *rows, bound, &strange);
	if (odd)
		*odd = strange;
	if (reply_end(&r))
		return ERR_OK;
	*rows = NULL;
	*n = 0;
	return err_set(eb, ERR_NOMEM, "out of memory while reading %d channels", bound);
}
