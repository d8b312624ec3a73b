/*
 * Channels of the demo: the first are those of the pictures, the others are made from their number,
 * fifteen million in order of subscribers, so that paging, jumping and filters have something to do.
 */
#include "config.h"
#include "tui/demo/demo.h"
#include "tui/resource.h"
#include "engine/base/clock.h"
#include "engine/base/filter.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEMO_CHANNELS = 15000000, DEMO_LOOKED_AT = 20000, DEMO_LARGE = 5210, DEMO_QUERY = 4096 };

struct demo_channel {
	const char *title;
	int64_t subs, videos, views; /* -1: not known */
	const char *country, *lang, *letters;
	int age_h;
	const char *source;
};

static const struct demo_channel demo_known[] = {
    {"Marques Brownlee", 20900000, 1842, 5210000000, "US", "en", "MV.", 2, "import"},
    {"Linus Tech Tips", 16600000, 7310, 8900000000, "CA", "en", "M..", 2, "import"},
    {"きまぐれクック Kimagure Cook", 14100000, 2640, 7030000000, "JP", "ja", "MVD", 5, "import"},
    {"Peppa Pig - Canal Oficial", 13800000, 4102, 9110000000, "BR", "pt", "M..", 25, "import"},
    {"الجزيرة Aljazeera", 13200000, 310000, 5700000000, "QA", "ar", "M.D", 26, "import"},
    {"SET India 2", 12900000, 58100, 11400000000, "IN", "hi", "M..", 73, "featured"},
    {"작은 부엌", 11700000, 911, 2240000000, "KR", "ko", "M..", 99, "import"},
    {"Masha e o Urso", 11500000, 1377, 8020000000, "BR", "pt", "MV.", 150, "import"},
    {"Научпок", 10900000, 1120, 1930000000, "RU", "ru", "M..", 220, "import"},
    {"DW Documentary", 10100000, 2480, 1510000000, "DE", "en", "M..", 270, "featured"},
    {"Tes\x1bt\xc2\x9b?? (2 control chars)", 9800000, 77, 204000000, "", "", "M..", 290, "search"},
    {"Zé do Café", 9700000, 3314, 2900000000, "PT", "pt", "M..", 680, "import"},
    {"Primitive Skills", 9600000, 402, 1770000000, "VN", "vi", "M..", 800, "import"},
    {"ครัวคุณยาย", 9400000, 1208, 3310000000, "TH", "th", "M..", 50, "similar"},
    {"Cocina con Abuela", 9200000, 2011, 2080000000, "MX", "es", "M..", 51, "import"},
    {"Le Monde en Cartes", 8800000, 614, 1120000000, "FR", "fr", "M..", 149, "featured"},
    {"Świat w Pigułce", 8700000, 988, 1400000000, "PL", "pl", "M..", 149, "import"},
    {"Học Cùng Bé", 8600000, 1774, 4220000000, "VN", "vi", "M..", 170, "similar"},
    {"小さな庭", 8400000, 540, 911000000, "JP", "ja", "M..", 170, "import"},
    {"Teknoloji Saati", 8300000, 3902, 1200000000, "TR", "tr", "M..", 200, "import"},
    {"Οδηγός Κουζίνας", 8100000, 1290, 702000000, "GR", "el", "M..", 200, "import"},
    {"Bangla Natok Ghar", 8000000, 6120, 3900000000, "BD", "bn", "M..", 220, "import"},
    {"Kids Rhymes World", 7900000, 1044, 5020000000, "US", "en", "M..", 221, "import"},
    {"Galileo Extra", 7800000, 5590, 2710000000, "DE", "de", "M..", 244, "import"},
    {"Canal do Sertão", 7700000, 2207, 1330000000, "BR", "pt", "M..", 245, "import"},
    {"Отдел Новостей", 7400000, 22400, 2800000000, "UA", "uk", "M..", 266, "import"},
    {"Sound of Rain 10 h", 7000000, 212, 1800000000, "CA", "en", "M..", 340, "import"},
};

enum { DEMO_KNOWN = sizeof demo_known / sizeof demo_known[0] };

/* ---- one channel by its number ---- */

static const char demo_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The number stands in its last characters, so that a row is found by its id. */
static void demo_channel_id(int64_t n, char out[25])
{
	static const char third[] = "UCsn6cjffsvyOZCZxvGoJxGg";
	uint64_t mix = ((uint64_t)n + 1) * UINT64_C(0x9E3779B97F4A7C15);

	memcpy(out, "UC", 2);
	for (int i = 2; i < 18; i++, mix = mix * 5 + 1)
		out[i] = demo_letters[mix >> 58];
	for (int i = 0; i < 6; i++)
		out[18 + i] = demo_letters[n >> (6 * (5 - i)) & 63];
	out[24] = 0;
	if (n == 2)
		memcpy(out, third, sizeof third);
}

static int64_t demo_channel_number(const char *id)
{
	char same[25];
	int64_t n = 0;

	if (strlen(id) != 24)
		return -1;
	for (int i = 18; i < 24; i++) {
		const char *p = strchr(demo_letters, id[i]);
		n = p ? n << 6 | (p - demo_letters) : DEMO_CHANNELS;
	}
	demo_channel_id(2, same);
	if (strcmp(id, same) == 0)
		return 2;
	demo_channel_id(n < DEMO_CHANNELS ? n : 0, same);
	return n < DEMO_CHANNELS && strcmp(same, id) == 0 ? n : -1;
}

/* title: TABLE's worth of room for the made-up ones. */
static void demo_channel_at(int64_t n, struct demo_channel *ch, char title[64])
{
	static const char *const words[] = {
	    "Kitchen", "Garden", "Trains", "Chess", "Piano", "News"};

	if (n < DEMO_KNOWN) {
		*ch = demo_known[n];
		return;
	}
	snprintf(title, 64, "%s %lld", words[n % 6], (long long)n);
	*ch = (struct demo_channel){.title = title,
	    .subs = n < DEMO_LARGE ? 7000000 - (n * 6000000) / (DEMO_LARGE - 1)
	                           : 999999 * INT64_C(5210) / n,
	    .videos = 40 + n % 900,
	    .country = n % 3 ? "US" : "IN",
	    .lang = n % 3 ? "en" : "hi",
	    .letters = n % 5 ? "M.." : "MV.",
	    .age_h = (int)(n % 600),
	    .source = "import"};
	ch->views = ch->subs * 211;
}

static void add_text(struct str *out, const char *name, const char *text)
{
	str_addf(out, "\"%s\":", name);
	if (*text)
		text_add_json(out, text, strlen(text));
	else
		str_adds(out, "null");
	str_addc(out, ',');
}

static void add_time(struct str *out, const char *name, int64_t at)
{
	char iso[CLOCK_ISO_SIZE];

	add_text(out, name, clock_iso_naive_ms(at * 1000, iso));
}

static const char *state_word(const struct demo_channel *ch, int at)
{
	return ch->letters[at] == '.' ? "pending" : "done";
}

static void add_members(struct str *out, int64_t n, const struct demo_channel *ch)
{
	char id[25], handle[32];

	demo_channel_id(n, id);
	snprintf(handle, sizeof handle, "@demo%lld", (long long)n);
	add_text(out, "channel_id", id);
	add_text(out, "title", ch->title);
	add_text(out, "custom_url", n == 2 ? "@kimagurecook" : handle);
	add_text(out, "country", ch->country);
	add_text(out, "language", ch->lang);
	add_text(out, "source", ch->source);
	add_text(out, "metadata", state_word(ch, 0));
	add_text(out, "videos", state_word(ch, 1));
	add_text(out, "discovery", state_word(ch, 2));
	add_time(out, "fetched_at", DEMO_NOW - (int64_t)ch->age_h * 3600);
	add_time(out, "published_at", INT64_C(1467417600) + n % 1000 * 86400);
	str_addf(out, "\"subscriber_count\":%lld,\"video_count\":%lld,\"view_count\":%lld",
	    (long long)ch->subs, (long long)ch->videos, (long long)ch->views);
}

static void add_channel(struct str *out, int64_t n)
{
	struct demo_channel ch;
	char title[64];

	demo_channel_at(n, &ch, title);
	str_adds(out, "{");
	add_members(out, n, &ch);
	str_adds(out, "}");
}

/* ---- the list ---- */

enum { BY_TITLE, BY_SUBS, BY_VIDEOS, BY_VIEWS, BY_COUNTRY, BY_LANG, BY_SOURCE };

static const struct filter_field demo_fields[] = {
    [BY_TITLE] = {.name = "title", .kind = FILTER_TEXT, .any = true},
    [BY_SUBS] = {.name = "subs", .kind = FILTER_NUMBER},
    [BY_VIDEOS] = {.name = "videos", .kind = FILTER_NUMBER},
    [BY_VIEWS] = {.name = "views", .kind = FILTER_NUMBER},
    [BY_COUNTRY] = {.name = "country", .also = "cc", .kind = FILTER_TEXT},
    [BY_LANG] = {.name = "lang", .kind = FILTER_TAG},
    [BY_SOURCE] = {.name = "source", .kind = FILTER_TEXT},
    FILTER_FIELDS_END};

static void demo_get(const void *row, int field, struct filter_data *out)
{
	const struct demo_channel *ch = row;
	const char *const texts[] = {[BY_TITLE] = ch->title,
	    [BY_COUNTRY] = ch->country,
	    [BY_LANG] = ch->lang,
	    [BY_SOURCE] = ch->source};
	const int64_t numbers[] = {
	    [BY_SUBS] = ch->subs, [BY_VIDEOS] = ch->videos, [BY_VIEWS] = ch->views};

	*out = (struct filter_data){0};
	if (field == BY_SUBS || field == BY_VIDEOS || field == BY_VIEWS) {
		out->has_number = true;
		out->number = (double)numbers[field];
	} else {
		out->text = texts[field];
	}
}

struct demo_list {
	struct filter *filter;
	int64_t from, limit, total, last; /* last: behind the last row that can be looked at */
	bool back, exact;
};

static bool list_takes(const struct demo_list *l, int64_t n)
{
	struct demo_channel ch;
	char title[64];

	if (!filter_root(l->filter))
		return true;
	demo_channel_at(n, &ch, title);
	return filter_match(l->filter, demo_get, &ch);
}

static void list_rows(const struct demo_list *l, struct str *out)
{
	int64_t first = l->from, got = 0, n;

	if (l->back) /* go back by as many that fit */
		while (first > 0 && got < l->limit)
			got += list_takes(l, --first);
	got = 0;
	str_adds(out, "{\"channels\":[");
	for (n = first; n < (l->back ? l->from : l->last) && got < l->limit; n++)
		if (list_takes(l, n)) {
			str_adds(out, got++ ? "," : "");
			add_channel(out, n);
		}
	str_adds(out, "],");
	if (n < l->last)
		str_addf(out, "\"next\":\"%lld\",", (long long)n);
	if (first > 0)
		str_addf(out, "\"previous\":\"%lld\",", (long long)first);
	if (!filter_root(l->filter))
		str_addf(out, "\"position\":%lld,", (long long)first);
	str_addf(out, "\"total\":%lld,\"total_is\":\"%s\"}", (long long)l->total,
	    l->exact ? "exact" : "estimate");
}

static void list_count(const struct snapshot *s, struct demo_list *l)
{
	l->last = l->total = s->channels < DEMO_CHANNELS ? s->channels : DEMO_CHANNELS;
	l->exact = true;
	if (!filter_root(l->filter))
		return;
	l->last = l->last < DEMO_LOOKED_AT ? l->last : DEMO_LOOKED_AT;
	l->total = 0;
	for (int64_t n = 0; n < l->last; n++)
		l->total += list_takes(l, n);
}

int demo_channels(const struct snapshot *s, const char *rest, struct str *out)
{
	struct errbuf eb = {.code = ERR_OK};
	struct demo_list l = {.limit = 20};
	char q[DEMO_QUERY], place[32], limit[16];

	demo_query_get(rest, "q", q, sizeof q);
	demo_query_get(rest, "limit", limit, sizeof limit);
	if (filter_parse(&l.filter, q, demo_fields, s->made_at, NULL, &eb)) {
		str_adds(out, "{\"error\":");
		text_add_json(out, err_text(&eb), strlen(err_text(&eb)));
		str_adds(out, "}");
		return 400;
	}
	if (*limit)
		l.limit = strtol(limit, NULL, 10);
	list_count(s, &l);
	demo_query_get(rest, "after", place, sizeof place);
	l.from = strtoll(place, NULL, 10);
	demo_query_get(rest, "before", place, sizeof place);
	l.back = *place != 0;
	if (l.back)
		l.from = strcmp(place, "end") == 0 ? l.last : strtoll(place, NULL, 10);
	if (l.from >= 0 && l.from <= DEMO_CHANNELS)
		list_rows(&l, out);
	else
		str_adds(out, "{\"channels\":[]}");
	filter_free(l.filter);
	return 200;
}

/* ---- one of them ---- */

struct demo_video {
	const char *day, *title, *lang;
	int64_t seconds, views, likes;
};

static const struct demo_video demo_videos[] = {
    {"2026-11-21T09:00:00", "巨大マグロを一匹まるごと捌いてみた", "ja", 1458, 1210000, 31000},
    {"2026-11-19T09:00:00", "深海魚を食べてみたら驚きの味だった", "ja", 1082, 2040000, 48700},
    {"2026-11-16T09:00:00", "King crab: how to take it apart", "ja", 1304, 1880000, 40100},
    {"2026-11-13T09:00:00", "市場で一番安い魚 vs 一番高い魚", "ja", 1591, 3420000, 71900},
    {"2026-11-10T09:00:00", "LIVE 釣りたてをその場で料理", "ja", 7451, 902000, 19300},
    {"2026-11-08T09:00:00", "Sushi knife sharpening #Shorts", "en", 58, 5100000, 122000},
    {"2026-11-05T09:00:00", "カニ味噌だけでラーメン", "ja", 1167, 1660000, 36200},
    {"2026-11-02T09:00:00", "ウニ100個割って丼にする", "ja", 1329, 2310000, 50800},
    {"2026-10-30T09:00:00", "高級魚のどぐろフルコース", "ja", 1720, 2770000, 55000},
    {"2026-10-27T09:00:00", "comments are disabled on this video", "", 732, 411000, -1},
    {"2026-10-24T09:00:00", "伊勢海老 vs ロブスター", "ja", 1430, 1980000, 38000},
    {"2026-10-21T09:00:00", "一日漁師をやってみた", "ja", 1865, 1120000, 21000},
    {"2026-10-18T09:00:00", "What is inside an anglerfish?", "ja", 1053, 4600000, 99000},
    {"2026-10-15T09:00:00", "鮭一本からイクラ丼", "ja", 1220, 1700000, 33000},
    {"2026-10-12T09:00:00", "港の朝ごはん", "ja", 941, 988000, 17000},
};

static void add_video(struct str *out, size_t i)
{
	const struct demo_video *v = &demo_videos[i];
	char id[16];

	snprintf(id, sizeof id, "q3Zt0rW1n%02zu", i);
	str_adds(out, i ? ",{" : "{");
	add_text(out, "video_id", i == 2 ? "q3Zt0rW1nUQ" : id);
	add_text(out, "published_at", v->day);
	add_text(out, "title", v->title);
	add_text(out, "language", v->lang);
	str_addf(out, "\"duration_seconds\":%lld,\"view_count\":%lld,\"comment_count\":%lld,",
	    (long long)v->seconds, (long long)v->views, (long long)(3204 + i * 11));
	if (v->likes >= 0)
		str_addf(out, "\"like_count\":%lld,", (long long)v->likes);
	str_adds(out, "\"category_id\":26,\"tags\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\","
	              "\"h\",\"i\",\"j\",\"k\",\"l\",\"m\",\"n\"]}");
}

static void add_videos(struct str *out, int64_t n)
{
	size_t most = sizeof demo_videos / sizeof demo_videos[0];

	str_adds(out, "{\"videos\":[");
	for (size_t i = 0; i < most && n == 2; i++)
		add_video(out, i);
	str_addf(out, "],\"total\":%zu,\"total_is\":\"exact\"}", n == 2 ? most : 0);
}

static const struct {
	const char *title, *method;
	double confidence;
	int64_t subs; /* -1: not known yet */
	bool known;
} demo_found[] = {
    {"きまぐれ vlog", "youtube_featured", 1.00, 1200000, true},
    {"Kimagure English", "youtube_featured", 1.00, 88000, false},
    {"魚屋の森さん", "youtube_featured", 1.00, 402000, true},
    {"海のレシピ", "similar_content", 0.60, 51000, false},
    {"Tokyo Fish Market", "similar_content", 0.60, -1, false},
};

static void add_found(struct str *out, int64_t n, bool by)
{
	size_t most = sizeof demo_found / sizeof demo_found[0];
	char id[25];

	str_adds(out, "{\"discoveries\":[");
	if (by && n == 2)
		str_adds(out, "{\"source_channel_id\":\"UC0kzR8w0qVdemo000000000\","
		              "\"source_title\":\"Tokyo Kitchen\","
		              "\"discovery_method\":\"similar_content\"}");
	for (size_t i = 0; i < most && n == 2 && !by; i++) {
		demo_channel_id(DEMO_KNOWN + (int64_t)i * 777, id);
		str_adds(out, i ? ",{" : "{");
		add_text(out, "discovered_channel_id", id);
		add_text(out, "discovered_title", demo_found[i].title);
		add_text(out, "discovery_method", demo_found[i].method);
		add_time(out, "last_seen", DEMO_NOW - 3 * 86400);
		if (demo_found[i].subs >= 0)
			str_addf(out, "\"discovered_subscriber_count\":%lld,",
			    (long long)demo_found[i].subs);
		str_addf(out, "\"confidence_score\":%.2f,\"already_exists\":%s}",
		    demo_found[i].confidence, demo_found[i].known ? "true" : "false");
	}
	str_addf(out, "],\"total\":%zu,\"total_is\":\"exact\"}", n == 2 && !by ? most : 0);
}

static void add_event(struct str *out, const char *op, bool done, int64_t at, const char *job)
{
	str_adds(out, "{");
	add_text(out, "op", op);
	add_text(out, "state", done ? "done" : "pending");
	add_text(out, "job", done ? job : "");
	if (done)
		add_time(out, "at", at);
	str_adds(out, "\"reason\":null}");
}

static void add_whole(struct str *out, int64_t n)
{
	struct demo_channel ch;
	char title[64];
	int64_t at;

	demo_channel_at(n, &ch, title);
	at = DEMO_NOW - (int64_t)ch.age_h * 3600;
	str_adds(out, "{");
	add_members(out, n, &ch);
	str_addf(out, ",\"videos_stored\":%d,\"uploads_listed\":%lld,",
	    ch.letters[1] == '.' ? 0 : 50, (long long)ch.videos);
	if (n == 2)
		str_adds(out,
		    "\"keywords\":[\"料理\",\"魚\",\"fish\"],\"topic_categories\":["
		    "\"Food\",\"Lifestyle\"],\"description\":\"魚をさばいて食べるチャンネル"
		    "です。\\nA channel that takes fish apart and eats it.\","
		    "\"privacy_status\":\"public\",\"made_for_kids\":false,"
		    "\"language_source\":\"title\",\"language_confidence\":97,"
		    "\"imported_title\":\"Kimagure Cook\",");
	str_addf(out, "\"discovered\":%d,\"discovered_new\":%d,\"found_by\":%d,\"history\":[",
	    n == 2 ? 8 : 0, n == 2 ? 3 : 0, n == 2);
	add_event(out, "metadata", true, at, "J-1042");
	str_addc(out, ',');
	add_event(out, "videos", ch.letters[1] != '.', at + 60, "J-1041");
	str_addc(out, ',');
	add_event(out, "discovery", ch.letters[2] != '.', at - 3 * 86400, "J-1040");
	str_adds(out, "]}");
}

int demo_channel(const struct snapshot *s, const char *rest, struct str *out)
{
	size_t len = strcspn(rest, "/?");
	char id[25] = "", found[8];
	int64_t n;

	(void)s;
	if (len == 24)
		snprintf(id, sizeof id, "%.24s", rest);
	n = demo_channel_number(id);
	if (n < 0) {
		str_adds(out, "{\"error\":\"there is no such channel here\"}");
		return 404;
	}
	rest += len;
	demo_query_get(
	    rest + strcspn(rest, "?") + (strchr(rest, '?') != NULL), "found", found, sizeof found);
	if (strncmp(rest, "/videos", 7) == 0)
		add_videos(out, n);
	else if (strncmp(rest, "/discoveries", 12) == 0)
		add_found(out, n, strcmp(found, "by") == 0);
	else
		add_whole(out, n);
	return 200;
}
