#include "config.h"
#include "engine/jobs/prices.h"
#include "db/staging_videos.h"
#include "engine/base/clock.h"
#include "engine/jobs/parts.h"
#include "engine/quota/day.h"
#include "engine/youtube/videos.h"

#include <math.h>
#include <stdio.h>

enum {
	VIDEOS_SAMPLE = 5000, /* channels whose price is added up; that of more is like theirs */
	VIDEOS_MANY = 200000, /* channels among which few large ones are not looked for */
	VIDEOS_LARGE =
	    100000 /* subscribers: so large a channel has all the videos that are wanted */
};

int64_t videos_each(const json_t *params, int64_t fallback)
{
	const json_t *each = json_object_get(params, "videos_per_channel");

	return json_is_integer(each) ? json_integer_value(each) : fallback;
}

int64_t videos_least(const json_t *params)
{
	const json_t *least = json_object_get(params, "min_subscribers");

	return json_is_integer(least) ? json_integer_value(least) : 0;
}

enum err videos_price(struct staging *s, const struct engine_parts *parts, const json_t *params,
    int64_t *items, struct job_price *out, struct errbuf *eb)
{
	int64_t each = videos_each(params, settings_number(parts->settings, SET_MAX_VIDEOS, 0));
	int64_t sample = *items < VIDEOS_SAMPLE ? *items : VIDEOS_SAMPLE, pages = 0, videos = 0;
	int64_t least = videos_least(params);
	struct counters all;
	double units;
	enum err err = staging_counters(s, &all, eb);

	if (!err && least >= VIDEOS_LARGE && all.channels > VIDEOS_MANY) {
		pages = sample * ((each + VIDEOS_MAX_IDS - 1) / VIDEOS_MAX_IDS);
		videos = sample * each;
	} else if (!err) {
		err = staging_videos_price(
		    s, sample, least, each, day_number(clock_now()), &pages, &videos, eb);
	}
	units = (double)(pages + (videos + VIDEOS_MAX_IDS - 1) / VIDEOS_MAX_IDS);
	/* ids are random: the first ones are as good as any */
	out->units[BUCKET_UNITS] =
	    sample == *items ? units : ceil(units * (double)*items / (double)sample);
	return err;
}

/* Fewer videos of each, or fewer channels. */
int videos_offers(const struct engine_parts *parts, const json_t *params, struct job_offer *out)
{
	static const int64_t fewer[] = {200, 50, 25, 10, 5};
	int64_t each = videos_each(params, settings_number(parts->settings, SET_MAX_VIDEOS, 0));
	int64_t least = videos_least(params);
	int n = 0;

	for (size_t i = 0; i < sizeof fewer / sizeof fewer[0] && n < 2; i++) {
		if (fewer[i] >= each)
			continue;
		out[n].patch = json_pack("{s:I}", "videos_per_channel", (json_int_t)fewer[i]);
		snprintf(out[n].text, sizeof out[n].text, "%lld newest videos of each channel",
		    (long long)fewer[i]);
		snprintf(out[n].loses, sizeof out[n].loses, "older videos");
		n++;
	}
	for (int i = 0; i < 2; i++, n++) {
		least = least < 1000 ? 10000 : least * 10;
		out[n].patch = json_pack("{s:I}", "min_subscribers", (json_int_t)least);
		snprintf(out[n].text, sizeof out[n].text, "channels with %lld subscribers or more",
		    (long long)least);
		out[n].loses[0] = '\0';
	}
	return n;
}
