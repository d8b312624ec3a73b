/* The log of the demo: the last two minutes of the pictures' day, and its sums. */
#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEMO_Q = 200 };

struct demo_line {
	int ms_ago;
	enum log_level level;
	int job; /* 0: none */
	const char *source, *text;
};

static const struct demo_line demo_lines[] = {
    {125914, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 486 gone 14"},
    {121922, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units, key=prod/k3"},
    {118413, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {114872, LOG_INFO, 0, "quota", "prod: stats calls 42% used, last to the reset at 390/h"},
    {110108, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 487 gone 13"},
    {106651, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units, key=prod/k3"},
    {102624, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {99088, LOG_INFO, 1040, "disc", "similar: 12 pages, 31 links, 4 new, slowest 6.2 s"},
    {95599, LOG_WARNING, 1040, "disc", "similar: slow response 8.1 s www.youtube.com"},
    {90778, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units, key=prod/k3"},
    {86513, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {83038, LOG_INFO, 1040, "disc", "similar: 12 pages, 31 links, 4 new, slowest 6.2 s"},
    {79568, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 486 gone 14"},
    {75734, LOG_WARNING, 1042, "http", "slow call 4.1 s key=prod/k8"},
    {71523, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {67282, LOG_INFO, 1040, "disc", "similar: 12 pages, 31 links, 4 new, slowest 6.2 s"},
    {63727, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 487 gone 13"},
    {59769, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units, key=prod/k3"},
    {55301, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {50973, LOG_INFO, 0, "rest", "GET /api/stats 200 1 ms from 10.0.4.7 (oper)"},
    {46552, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 490 gone 10"},
    {41986, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units, key=prod/k3"},
    {37708, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {31882, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 490 gone 10"},
    {30098, LOG_INFO, 1041, "fetch", "8 channels: 211 videos stored, 12 units"},
    {27969, LOG_WARNING, 1040, "disc", "similar: slow response 9.8 s youtube.com"},
    {25454, LOG_INFO, 0, "db", "1,902 rows in 39 upserts, slowest 22 ms"},
    {23999, LOG_ERROR, 1041, "http",
        "videos.list 503 backendError key=prod/k2 attempt 1 of 5, next in 2.1 s"},
    {21786, LOG_INFO, 1041, "http", "videos.list ok on attempt 2 key=prod/k3"},
    {20670, LOG_INFO, 0, "quota", "prod: units 70% used, dry 02:06Z at 4,180/h"},
    {18130, LOG_WARNING, 1040, "disc", "related: breaker open 12m (429 x7)"},
    {15559, LOG_ERROR, 1042, "http",
        "channels.list timeout connect 5 s key=prod/k8 attempt 1 of 5, next in 1.4 s"},
    {13984, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 487 gone 13"},
    {12000, LOG_INFO, 0, "mark", "mark by oper"},
    {10793, LOG_WARNING, 1042, "fetch", "title of UC0kzR8w0qV had 2 control chars, cut"},
    {8581, LOG_INFO, 0, "rest", "GET /api/jobs 200 3 ms from 10.0.4.7 (oper)"},
    {5120, LOG_INFO, 1040, "disc", "featured: DW Documentary, 6 links, 1 new"},
    {2880, LOG_INFO, 1040, "disc", "featured: Linus Tech Tips, 9 links, 0 new"},
    {1050, LOG_INFO, 1042, "fetch", "10 batches: ids 500 found 488 gone 12"},
};

enum { DEMO_LINES = sizeof demo_lines / sizeof demo_lines[0] };

struct demo_log_ask {
	enum log_level level;
	char source[16], job[24], q[DEMO_Q];
	int64_t after, before, since;
};

static int64_t ask_number(const char *query, const char *name)
{
	char text[24];

	demo_query_get(query, name, text, sizeof text);
	return strtoll(text, NULL, 10);
}

static bool line_fits(const struct demo_log_ask *a, int64_t seq, const struct demo_line *l)
{
	char job[24];

	snprintf(job, sizeof job, "J-%d", l->job);
	return l->level <= a->level && (!a->source[0] || strcmp(a->source, l->source) == 0) &&
	       (!a->job[0] || strcmp(a->job, job) == 0) && seq > a->after &&
	       (!a->before || seq < a->before) && DEMO_NOW * 1000 - l->ms_ago >= a->since &&
	       (!a->q[0] || strcasestr(l->text, a->q) || strcmp(a->q, job) == 0);
}

static void add_line(struct str *out, int64_t seq, const struct demo_line *l, bool first)
{
	str_addf(out, "%s{\"seq\":%lld,\"at_ms\":%lld,\"level\":\"%s\",\"source\":\"%s\",",
	    first ? "" : ",", (long long)seq, (long long)(DEMO_NOW * 1000 - l->ms_ago),
	    log_level_word(l->level), l->source);
	if (l->job)
		str_addf(out, "\"job\":\"J-%d\",", l->job);
	str_adds(out, "\"text\":");
	text_add_json(out, l->text, strlen(l->text));
	str_adds(out, "}");
}

int demo_log_page(const struct snapshot *s, const char *rest, struct str *out)
{
	struct demo_log_ask a = {.level = LOG_DEBUG};
	char level[16];
	bool first = true;

	demo_query_get(rest, "level", level, sizeof level);
	log_level_parse(level, &a.level);
	demo_query_get(rest, "source", a.source, sizeof a.source);
	demo_query_get(rest, "job", a.job, sizeof a.job);
	demo_query_get(rest, "q", a.q, sizeof a.q);
	a.after = ask_number(rest, "after");
	a.before = ask_number(rest, "before");
	a.since = ask_number(rest, "since");
	str_adds(out, "{\"lines\":[");
	for (int i = 0; i < (s->n_projects ? DEMO_LINES : 0); i++)
		if (line_fits(&a, i + 1, &demo_lines[i])) {
			add_line(out, i + 1, &demo_lines[i], first);
			first = false;
		}
	str_addf(out, "],\"oldest\":1,\"newest\":%d,\"dropped\":0}", (int)DEMO_LINES);
	return 200;
}

int demo_log_summary(const struct snapshot *s, const char *rest, struct str *out)
{
	static const int hours[] = {
	    7, 5, 8, 7, 4, 3, 7, 5, 6, 6, 5, 5, 3, 6, 3, 3, 3, 3, 3, 6, 6, 3, 3, 7};

	(void)s;
	(void)rest;
	str_adds(out,
	    "{\"lines\":4812,\"levels\":{\"error\":11,\"warning\":48,\"info\":4753,"
	    "\"debug\":0},\"sources\":[{\"source\":\"fetch\",\"lines\":2260},"
	    "{\"source\":\"db\",\"lines\":1204},{\"source\":\"http\",\"lines\":711},"
	    "{\"source\":\"disc\",\"lines\":488},{\"source\":\"rest\",\"lines\":122},"
	    "{\"source\":\"quota\",\"lines\":22},{\"source\":\"mark\",\"lines\":5}],"
	    "\"said\":[{\"level\":\"error\",\"text\":\"videos.list # backendError\","
	    "\"lines\":171},{\"level\":\"error\",\"text\":\"channels.list timeout connect\","
	    "\"lines\":38},{\"level\":\"error\",\"text\":\"# API_KEY_INVALID\",\"lines\":5},"
	    "{\"level\":\"warning\",\"text\":\"related: # from socialblade\",\"lines\":7},"
	    "{\"level\":\"warning\",\"text\":\"rateLimitExceeded #\",\"lines\":3}],"
	    "\"hours\":[");
	for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++)
		str_addf(out, "%s%d", i ? "," : "", hours[i] * 640);
	str_adds(out, "]}");
	return 200;
}
