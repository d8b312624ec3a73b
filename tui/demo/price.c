/* What a job would cost in the made-up campaign: the engine's members, by its prices a channel. */
#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/clock.h"
#include "tui/resource.h"

#include <stdio.h>
#include <string.h>

enum { PRICE_PACK = 50, PRICE_FEW = 10 };

struct demo_price {
	const struct snapshot_stage *stage; /* NULL: costs nothing */
	int64_t items, due;                 /* due: before a budget of units */
	double each;
};

static const struct snapshot_stage *price_stage(const struct snapshot *s, const char *type)
{
	static const char *const stages[][2] = {{"batch_metadata", "metadata"},
	    {"batch_videos", "videos"}, {"batch_discovery", "discovery"}, {"refresh", "refresh"}};

	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		for (size_t k = 0; strcmp(stages[i][0], type) == 0 && k < s->n_stages; k++)
			if (strcmp(s->stages[k].name, stages[i][1]) == 0)
				return &s->stages[k];
	return NULL;
}

/* Channels due with at least so many subscribers: each digit more leaves half of them. */
static int64_t price_due(int64_t all, int64_t least)
{
	for (; least >= 10; least /= 10)
		all /= 2;
	return all;
}

static struct demo_price price_of(const struct snapshot *s, struct json_node body, int64_t least)
{
	struct demo_price p = {.stage = price_stage(s, answer_text(body, "type"))};
	int64_t units = answer_int(body, "units");
	int64_t limit = answer_int(body, "limit"), videos = answer_int(body, "videos_per_channel");

	if (!p.stage)
		return p;
	p.items = price_due(p.stage->target - p.stage->done, least);
	if (limit > 0 && limit < p.items)
		p.items = limit;
	p.each = p.stage->units_each > 0 ? p.stage->units_each : 1.0 / (double)PRICE_PACK;
	if (strcmp(p.stage->name, "videos") == 0)
		p.each = 1 + (double)(videos > 0 ? videos : 25) / (double)PRICE_PACK;
	p.due = p.items;
	if (units > 0 && (double)units < (double)p.items * p.each)
		p.items = (int64_t)((double)units / p.each);
	return p;
}

static int64_t price_end(const struct snapshot *s, const struct demo_price *p)
{
	int64_t day = p->stage->units_per_day > 0 ? p->stage->units_per_day : 1;
	double units = (double)p->items * p->each;

	return s->made_at + (int64_t)(units / (double)day * 86400) + 60;
}

static void price_add_offer(struct str *out, const struct snapshot *s, struct json_node body)
{
	int64_t least = answer_int(body, "min_subscribers");
	int64_t more = least < 1000 ? 10000 : least * PRICE_FEW;
	struct demo_price p = price_of(s, body, least), less = price_of(s, body, more);

	if (less.items >= p.items || !less.items)
		return;
	str_addf(out,
	    "{\"text\":\"channels with %lld subscribers or "
	    "more\",\"params\":{\"min_subscribers\":%lld},"
	    "\"units\":%lld,\"days\":%.1f,\"loses\":\"%lld channels\"}",
	    (long long)more, (long long)more, (long long)((double)less.items * less.each),
	    (double)(price_end(s, &less) - s->made_at) / 86400, (long long)(p.items - less.items));
}

int demo_price(const struct snapshot *s, const char *text, struct str *out)
{
	struct answer a = {0};
	struct demo_price p;
	char iso[CLOCK_ISO_SIZE];
	int64_t units;

	answer_parse(&a, str_dup(text));
	p = price_of(s, a.root, answer_int(a.root, "min_subscribers"));
	units = (int64_t)((double)p.items * p.each + 0.999);
	if (!p.stage) {
		str_adds(out,
		    "{\"items\":null,\"buckets\":{},\"ends_at\":null,\"share\":null,"
		    "\"note\":\"costs no quota; what it would do is not counted beforehand\","
		    "\"delays\":[],\"cheaper\":[]}");
		answer_done(&a);
		return 200;
	}
	str_addf(out,
	    "{\"items\":%lld,\"items_due\":%lld,\"estimated\":true,\"units\":%lld,\"bucket\":"
	    "\"units\","
	    "\"buckets\":{\"units\":{\"units\":%lld,\"left_today\":%lld,\"per_day\":%lld}},"
	    "\"ends_at\":\"%s\",\"limited_by\":\"quota\",\"note\":\"goes on by itself when a new "
	    "quota "
	    "day begins\",\"share\":{\"stage\":\"%s\",\"units_per_day\":%lld,\"left_today\":%lld,"
	    "\"units_ahead\":0},\"delays\":[],\"cheaper\":[",
	    (long long)p.items, (long long)p.due, (long long)units, (long long)units,
	    (long long)s->units_left, (long long)s->units_per_day, clock_iso(price_end(s, &p), iso),
	    p.stage->name, (long long)p.stage->units_per_day, (long long)p.stage->left_today);
	if (strcmp(p.stage->name, "videos") == 0)
		price_add_offer(out, s, a.root);
	str_adds(out, "]}");
	answer_done(&a);
	return 200;
}
