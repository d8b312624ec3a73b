/* Discovery of the demo: ways with their sums, the funnel, the newest links of the pictures. */
#include "config.h"
#include "tui/demo/demo.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <string.h>

struct demo_way {
	const char *method, *service, *help, *state;
	int64_t sources, found, fresh, units;
	double each;
	int64_t until;
};

static const struct demo_way demo_ways[] = {
    {"similar_content", "tubeops", "channels in staging with like topics, no calls", "ok", 98044,
        402011, 51277, 0, 0, 0},
    {"youtube_featured", "youtube_featured",
        "channels on the shelves of the channel's page; 1 unit", "ok", 204110, 611204, 88401,
        204110, 1, 0},
    {"youtube_collaborations", "youtube_collaboration", "names in stored titles and descriptions",
        "ok", 0, 0, 0, 0, 0.2, 0},
    {"keyword_search", "youtube_search", "searches by the channel's topics; 1 search call", "empty",
        1212, 28904, 9310, 1212, 1, DEMO_NOW + 47568},
};

static void add_ratio(struct str *out, const char *name, int64_t of, int64_t by, double times)
{
	if (by > 0)
		str_addf(out, "\"%s\":%.4f,", name, times * (double)of / (double)by);
	else
		str_addf(out, "\"%s\":null,", name);
}

static void add_way(struct str *out, const struct demo_way *w)
{
	str_addf(out,
	    "{\"method\":\"%s\",\"service\":\"%s\",\"help\":\"%s\",\"state\":\"%s\","
	    "\"sources\":%lld,\"found\":%lld,\"new\":%lld,\"units\":%lld,",
	    w->method, w->service, w->help, w->state, (long long)w->sources, (long long)w->found,
	    (long long)w->fresh, (long long)w->units);
	add_ratio(out, "new_per_source", w->fresh, w->sources, 1);
	add_ratio(out, "new_per_100_units", w->fresh, w->units, 100);
	str_addf(out, "\"units_per_source\":%.2f,\"until\":%lld}", w->each, (long long)w->until);
}

/* Before anything was imported. */
static void add_nothing(struct str *out)
{
	str_adds(out,
	    "{\"methods\":[{\"method\":\"youtube_featured\",\"service\":"
	    "\"youtube_featured\",\"help\":\"channels on the shelves of the channel's page; "
	    "1 unit\",\"state\":\"ok\",\"sources\":0,\"found\":0,\"new\":0,\"units\":0,"
	    "\"units_per_source\":1}],\"providers\":[],\"best\":\"\",\"funnel_24h\":{},"
	    "\"confidence\":[],\"new_per_hour\":[]}");
}

int demo_discovery(const struct snapshot *s, const char *rest, struct str *out)
{
	size_t n = sizeof demo_ways / sizeof demo_ways[0];

	(void)rest;
	if (!s->channels) {
		add_nothing(out);
		return 200;
	}
	str_adds(out, "{\"methods\":[");
	for (size_t i = 0; i < n; i++) {
		str_adds(out, i ? "," : "");
		add_way(out, &demo_ways[i]);
	}
	str_addf(out,
	    "],\"providers\":[{\"name\":\"socialblade\",\"breaker\":\"open\",\"trouble\":"
	    "\"429 seven times\",\"until\":%lld,\"outcomes\":{\"sources\":7640,\"found\":41118,"
	    "\"new\":6020}}],\"best\":\"youtube_featured\",\"best_new_per_100_units\":43.3,"
	    "\"funnel_24h\":{\"sources\":21000,\"found\":182440,\"known\":152130,\"new\":27190,"
	    "\"confirmed\":14802,\"missing\":120,\"unconfirmed\":12268},\"confidence\":[0,0,0,0,0,"
	    "2100,9400,1300,4120,300,15300],\"new_per_hour\":[",
	    (long long)(DEMO_NOW + 701));
	for (int i = 0; i < 168; i++)
		str_addf(out, "%s%d", i ? "," : "", 900 + (i * 37) % 400 - i * 3 + (i % 24) * 20);
	str_adds(out, "]}");
	return 200;
}

static const struct {
	int ago_s;
	const char *from, *to, *method; /* to NULL: not fetched yet */
	double confidence;
	bool known;
} demo_links[] = {
    {3, "Linus Tech Tips", "ShortCircuit", "youtube_featured", 1.00, true},
    {3, "Linus Tech Tips", "Techquickie", "youtube_featured", 1.00, true},
    {6, "DW Documentary", "DW News", "youtube_featured", 1.00, true},
    {14, "작은 부엌", NULL, "similar_content", 0.60, false},
    {21, "Научпок", "Физика от Победин", "similar_content", 0.60, true},
    {28, "Zé do Café", NULL, "similar_content", 0.60, false},
    {33, "Le Monde en Cartes", "Géographie", "youtube_featured", 1.00, true},
    {41, "Cocina con Abuela", "La Abuela", "similar_content", 0.45, false},
    {52, "小さな庭", "庭のある家", "similar_content", 0.60, true},
};

int demo_links_page(const struct snapshot *s, const char *rest, struct str *out)
{
	char q[64], iso[CLOCK_ISO_SIZE];
	double least = 0;
	int n = 0;

	demo_query_get(rest, "q", q, sizeof q);
	sscanf(q, "confidence>=%lf", &least);
	str_adds(out, "{\"discoveries\":[");
	for (size_t i = 0; s->channels && i < sizeof demo_links / sizeof demo_links[0]; i++) {
		if (demo_links[i].confidence < least)
			continue;
		str_addf(out, "%s{\"source_channel_id\":\"UCfrom%018zu\",", n++ ? "," : "", i);
		str_addf(out, "\"discovered_channel_id\":\"UCq7cH0aN9%014zu\",", i);
		str_addf(out, "\"source_title\":\"%s\",", demo_links[i].from);
		if (demo_links[i].to)
			str_addf(out, "\"discovered_title\":\"%s\",", demo_links[i].to);
		str_addf(out,
		    "\"discovery_method\":\"%s\",\"confidence_score\":%.2f,\"already_exists\":%s,"
		    "\"last_seen\":\"%s\"}",
		    demo_links[i].method, demo_links[i].confidence,
		    demo_links[i].known ? "true" : "false",
		    clock_iso_naive_ms((DEMO_NOW - demo_links[i].ago_s) * 1000, iso));
	}
	str_addf(out, "],\"total\":%d,\"total_is\":\"exact\"}", n);
	return 200;
}
