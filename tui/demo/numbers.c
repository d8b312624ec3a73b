/* The campaign's numbers for Keys and Workers: hours and days of units, services, this process. */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdio.h>
#include <string.h>

/* Seconds of a time of the demo's day. */
#define AT(hour, minute, second) (DEMO_NOW - 67632 + (hour)*3600 + (minute)*60 + (second))

static void fill_hours(struct snapshot *s)
{
	static const int64_t hours[] = {
	    7310, 7020, 6680, 5900, 5840, 6010, 5520, 5390, 5010, 5020, 3143};

	s->n_hours = 24;
	for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++)
		s->hours[i] = hours[i];
	s->units_failed = 216;
	s->units_left_over = 39;
	s->due_videos[0] = 5164000;
	s->due_videos[3] = 1510000;
	s->due_videos[4] = 402700;
	s->due_videos[5] = 61840;
	s->due_videos[6] = 5210;
}

/* By key and Pacific day; [0] is today. */
static void fill_weeks(struct snapshot *s)
{
	static const int64_t days[SNAPSHOT_WEEK] = {0, 15980, 15712, 15744, 15740, 15733, 0};

	for (size_t i = 0; i < s->n_keys; i++) {
		struct snapshot_key *k = &s->keys[i];
		bool bad = strcmp(k->state, "refused") == 0;
		for (int d = 1; d < SNAPSHOT_WEEK; d++)
			k->week[d].units = bad && d < 2 ? 7300 : days[d] - (int64_t)i * 311;
		for (int d = 0; d < SNAPSHOT_WEEK; d++)
			k->week[d].units = k->week[d].units < 0 ? 0 : k->week[d].units;
		k->week[0].failed = bad ? 5 : 42;
		k->last_used = bad ? AT(16, 20, 2) : DEMO_NOW - (int64_t)i;
	}
}

struct demo_service_row {
	const char *group, *name, *breaker, *trouble;
	int64_t since, until, hour_calls, hour_errors, p50_us, p95_us, most_us;
};

static const struct demo_service_row demo_services[] = {
    {"youtube", "channels.list", "closed", "", 0, 0, 2899, 24, 212000, 310000, 5000000},
    {"youtube", "playlistItems.list", "closed", "", 0, 0, 756, 4, 236000, 344000, 1900000},
    {"youtube", "videos.list", "closed", "", 0, 0, 393, 1, 288000, 402000, 1210000},
    {"youtube", "channelSections.list", "closed", "", 0, 0, 132, 0, 201000, 288000, 640000},
    {"youtube", "videos.batchGetStats", "closed", "", 0, 0, 390, 0, 198000, 281000, 590000},
    {"youtube", "search.list", "closed", "", 0, 0, 0, 0, 0, 0, 0},
    {"service", "www.youtube.com", "closed", "", 0, 0, 1880, 0, 3120000, 9810000, 11900000},
    {"service", "socialblade.com", "open", "429 x7, Retry-After 720", AT(18, 46, 53),
        AT(18, 58, 53), 61, 7, 820000, 1440000, 2100000},
    {"postgres", "channels", "", "", 0, 0, 2880, 0, 6000, 22000, 61000},
    {"postgres", "videos", "", "", 0, 0, 420, 0, 9000, 38000, 88000},
    {"postgres", "discoveries", "", "", 0, 0, 61, 0, 4000, 9000, 15000},
    {"staging", "commit", "", "", 0, 0, 3010, 0, 1900, 4400, 21000},
};

static void fill_services(struct snapshot *s)
{
	for (size_t i = 0; i < sizeof demo_services / sizeof demo_services[0]; i++) {
		const struct demo_service_row *r = &demo_services[i];
		struct snapshot_service *v = &s->services[s->n_services++];
		snprintf(v->group, sizeof v->group, "%s", r->group);
		snprintf(v->name, sizeof v->name, "%s", r->name);
		snprintf(v->breaker, sizeof v->breaker, "%s", r->breaker);
		snprintf(v->trouble, sizeof v->trouble, "%s", r->trouble);
		v->since = r->since;
		v->until = r->until;
		v->hour_calls = r->hour_calls;
		v->calls = r->hour_calls * 50;
		v->errors = v->hour_errors = r->hour_errors;
		v->p50_us = r->p50_us;
		v->p95_us = r->p95_us;
		v->most_us = r->most_us;
		for (int m = 0; m < SNAPSHOT_HISTORY; m++)
			v->minutes[m] =
			    (uint32_t)(r->hour_calls / 60 + (r->hour_calls ? (m * 7) % 11 : 0));
	}
}

static void fill_process(struct snapshot *s)
{
	struct snapshot_process *x = &s->process;

	x->cpu = 0.04;
	x->rss_bytes = 84 * 1000000;
	x->threads = 17;
	x->files = 41;
	x->files_limit = 1024;
	x->writer_queued = 212;
	x->writer_room = 1024;
	x->commit_p50_us = 1900;
	x->commit_p95_us = 4400;
	s->facts.disk_free = INT64_C(212000000000);
	s->facts.disk_growth = INT64_C(3000000000);
	s->staging_bytes = INT64_C(9800000000);
	s->wal_bytes = 12000000;
	s->pg_rows = 190300;
	snprintf(s->limits.what, sizeof s->limits.what, "nothing");
	s->limits.threads_per_s = 25;
	s->limits.day_per_s = 1.04;
	snprintf(s->limits.text, sizeof s->limits.text,
	    "nothing here: all quota of a day is 1.04 calls/s on average, 8 threads at 310 ms "
	    "could "
	    "do 25/s; more threads would not help");
}

void demo_fill_numbers(struct snapshot *s)
{
	fill_hours(s);
	fill_weeks(s);
	fill_services(s);
	fill_process(s);
}

/* ---- answers ---- */

struct demo_bucket_ms {
	int from_ms, to_ms, calls;
};

int demo_service(const struct snapshot *s, const char *rest, struct str *out)
{
	static const struct demo_bucket_ms buckets[] = {{100, 150, 61}, {150, 200, 812},
	    {200, 250, 1204}, {250, 300, 672}, {300, 400, 71}, {400, 800, 40}, {800, 2000, 12},
	    {2000, 5000, 27}};
	const struct snapshot_service *v = NULL;

	for (size_t i = 0; i < s->n_services; i++)
		if (strcmp(s->services[i].name, rest) == 0)
			v = &s->services[i];
	if (!v) {
		str_adds(out, "{\"error\":\"there is no service of that name\"}");
		return 404;
	}
	str_addf(out,
	    "{\"name\":\"%s\",\"p50_ms\":%.1f,\"p95_ms\":%.1f,\"most_ms\":%.1f,\"hour_errors\":%"
	    "lld,"
	    "\"histogram\":[",
	    v->name, (double)v->p50_us / 1000, (double)v->p95_us / 1000, (double)v->most_us / 1000,
	    (long long)v->hour_errors);
	for (size_t i = 0; v->p50_us && i < sizeof buckets / sizeof buckets[0]; i++)
		str_addf(out, "%s{\"from_ms\":%d,\"to_ms\":%d,\"calls\":%d}", i ? "," : "",
		    buckets[i].from_ms, buckets[i].to_ms, buckets[i].calls);
	str_adds(out, "]}");
	return 200;
}
