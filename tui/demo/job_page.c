/* The page of a job: in full of J-1042, of the others what their row says. */
#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/text.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

enum { DEMO_JOBS_WORDS = 6, DEMO_JOBS_WORD = 4096 };

/* Milliseconds of a time of the demo's day. */
#define AT(hour, minute, second) \
	((DEMO_NOW - 67632 + (hour)*3600 + (minute)*60 + (second)) * INT64_C(1000))

struct page_event {
	int64_t at_ms;
	const char *text, *who;
};

static const struct page_event page_events[] = {
    {AT(11, 10, 8), "started  4 workers, 50 ids a call, scope \"metadata pending\"", "oper"},
    {AT(12, 44, 19), "58.2/s, best rate so far", ""},
    {AT(15, 58, 31), "429 three times (per minute): 0.6 calls/s for 10 min", ""},
    {AT(16, 20, 2), "key prod/k7 disabled (API_KEY_INVALID x5), goes on with 5 keys", ""},
};

struct page_error {
	const char *reason;
	int seen, retried, recovered, waiting;
};

static const struct page_error page_errors[] = {
    {"backendError 503", 171, 171, 162, 0},
    {"timeout connect 5s", 38, 38, 35, 3},
    {"rateLimitExceeded 429", 3, 3, 3, 0},
};

static void add_events(struct str *out)
{
	size_t n = sizeof page_events / sizeof page_events[0];

	str_adds(out, "\"timeline\":[");
	for (size_t i = 0; i < n; i++) {
		str_addf(out, "%s{\"at_ms\":%lld,\"last_ms\":%lld,\"n\":1,\"kind\":\"note\",",
		    i ? "," : "", (long long)page_events[i].at_ms, (long long)page_events[i].at_ms);
		str_adds(out, "\"text\":\"");
		for (const char *p = page_events[i].text; *p; p++)
			str_addf(out, "%s%c", *p == '"' ? "\\" : "", *p);
		str_adds(out, "\"");
		if (*page_events[i].who)
			str_addf(out, ",\"who\":\"%s\"", page_events[i].who);
		str_adds(out, "}");
	}
	str_adds(out, "],");
}

static void add_errors(struct str *out)
{
	str_adds(out, "\"errors\":[");
	for (size_t i = 0; i < sizeof page_errors / sizeof page_errors[0]; i++) {
		const struct page_error *e = &page_errors[i];
		str_addf(out,
		    "%s{\"reason\":\"%s\",\"seen\":%d,\"retried\":%d,\"recovered\":%d,\"waiting\":%"
		    "d,"
		    "\"dead\":0,\"last_ms\":%lld}",
		    i ? "," : "", e->reason, e->seen, e->retried, e->recovered, e->waiting,
		    (long long)AT(18, 46, 56));
	}
	str_adds(out, "],");
}

/* Items of the last 60 minutes, newest first: a slow wave. */
static void add_rate(struct str *out)
{
	static const int wave[] = {0, 40, 90, 160, 230, 320, 380, 400, 360, 300, 220, 120, 60, 20};
	size_t n = sizeof wave / sizeof wave[0];

	str_adds(out, "\"rate\":{\"now\":39.5,\"average\":39.5,\"best\":58.2,\"minutes\":[");
	for (size_t i = 0; i < 60; i++)
		str_addf(out, "%s%d", i ? "," : "", 2100 + wave[i % n] * 3 - (int)i * 6);
	str_adds(out, "]},");
}

static void add_hands(struct str *out)
{
	str_adds(out, "\"in_hand\":[");
	for (int w = 1; w <= 4; w++)
		str_addf(out,
		    "%s{\"worker\":%d,\"state\":\"%s\",\"doing\":\"%s\",\"state_ms\":%d,\"hand_"
		    "ms\":%d,"
		    "\"attempts\":%d,\"items\":50,\"ids\":[\"UC0kzR8w0qVdemo%08d0\","
		    "\"UC0kzR8w0qVdemo%08d1\"]}",
		    w > 1 ? "," : "", w, w % 2 ? "calling" : "slot wait",
		    w % 2 ? "channels.list 50 ids" : "waits for a key's turn 0.9 s", 100 * w,
		    300 * w, w == 3, w, w);
	str_adds(out, "],");
}

static void add_log(struct str *out)
{
	static const char *const lines[] = {
	    "10 batches: ids 500 found 491 gone 9",
	    "10 batches: ids 500 found 486 gone 14",
	    "10 batches: ids 500 found 490 gone 10",
	    "slow call 4.1 s key=prod/k8",
	    "10 batches: ids 500 found 484 gone 16",
	    "10 batches: ids 500 found 488 gone 12",
	    "timeout connect 5 s key=prod/k8",
	    "10 batches: ids 500 found 487 gone 13",
	    "10 batches: ids 500 found 488 gone 12",
	};
	size_t n = sizeof lines / sizeof lines[0];

	str_adds(out, "\"log\":[");
	for (size_t i = 0; i < n; i++) {
		const char *level = strncmp(lines[i], "slow", 4) == 0      ? "warning"
		                    : strncmp(lines[i], "timeout", 7) == 0 ? "error"
		                                                           : "info";
		str_addf(out,
		    "%s{\"seq\":%zu,\"at_ms\":%lld,\"level\":\"%s\",\"source\":\"fetch\","
		    "\"job\":\"J-1042\",\"text\":\"%s\"}",
		    i ? "," : "", i + 1, (long long)(AT(18, 45, 15) + (int64_t)i * 14400), level,
		    lines[i]);
	}
	str_adds(out, "],");
}

static void add_whole(struct str *out)
{
	str_adds(out,
	    "\"outcome\":{\"done\":1061907,\"missing\":21293,\"absent_once\":0,\"failed\":0,"
	    "\"pending\":916588,\"waiting\":198,\"retrying\":14,");
	str_addf(out, "\"next_retry_ms\":%lld},", (long long)AT(18, 52, 0));
	add_errors(out);
	add_events(out);
	add_rate(out);
	add_hands(out);
	add_log(out);
	str_adds(out,
	    "\"in_line\":[],\"limited_by\":\"its own cap of 0.8 calls/s; quota, threads and "
	    "database have room\",\"args\":{\"scope\":\"pending\",\"order\":\"oldest first\","
	    "\"limit\":2000000,\"batch_size\":50,\"weight\":1},\"live\":true,");
}

/* The list: the engine's own, over the jobs that the demo has. */
int demo_jobs_page(const struct snapshot *s, const char *rest, struct str *out)
{
	struct errbuf eb = {.code = ERR_OK};
	char words[DEMO_JOBS_WORDS][DEMO_JOBS_WORD];
	static const char *const names[DEMO_JOBS_WORDS] = {
	    "q", "sort", "after", "before", "around", "limit"};
	struct engine_jobs l = {.limit = 0};
	const char **const to[DEMO_JOBS_WORDS] = {&l.q, &l.sort, &l.after, &l.before, &l.around};
	char *text;

	for (int i = 0; i < DEMO_JOBS_WORDS; i++) {
		demo_query_get(rest, names[i], words[i], sizeof words[i]);
		if (to[i] && words[i][0])
			*to[i] = words[i];
	}
	l.limit = strtol(words[DEMO_JOBS_WORDS - 1], NULL, 10);
	text = engine_jobs_pick_json(s->jobs, s->n_jobs, &l, s->made_at, &eb);
	if (text) {
		str_adds(out, text);
	} else {
		str_adds(out, "{\"error\":");
		text_add_json(out, err_text(&eb), strlen(err_text(&eb)));
		str_adds(out, "}");
	}
	free(text);
	return text ? 200 : 400;
}

int demo_job_page(const struct snapshot *s, const char *rest, struct str *out)
{
	const struct snapshot_job *j = demo_job((struct snapshot *)(uintptr_t)s, rest);

	if (!j) {
		str_adds(out, "{\"error\":\"Job not found\"}");
		return 404;
	}
	str_adds(out, "{");
	if (j->no == 1042 && s->n_projects)
		add_whole(out);
	str_addf(out, "\"job\":{\"number\":\"J-%lld\",\"job_type\":\"%s\",\"status\":\"%s\"}}",
	    (long long)j->no, j->type, j->status);
	return 200;
}
