/* Routes whose replies no function of the engine makes: streams, metrics, the table of routes. */
#include "config.h"
#include "engine/rest/events.h"
#include "engine/rest/export.h"
#include "engine/rest/metrics.h"
#include "engine/rest/negotiate.h"
#include "engine/rest/openapi.h"
#include "engine/rest/path.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_LIMIT = 4 * 1024 * 1024 };

/* Takes the text. */
static void page_reply(struct rest_call *c, struct str *text)
{
	c->status = 200;
	c->type = c->route->media;
	free(c->text);
	c->text = str_take(text);
	str_done(text);
}

void rest_index(struct rest_call *c)
{
	struct str page;

	str_init(&page, PAGE_LIMIT);
	rest_openapi_page(rest_routes(), &page);
	page_reply(c, &page);
}

void rest_openapi(struct rest_call *c)
{
	rest_reply_json(c, 200, rest_openapi_document(rest_routes()));
}

void rest_metrics(struct rest_call *c)
{
	const struct snapshot *s = engine_snapshot(c->engine);
	struct rest_numbers n = {.connections = 0};
	struct str page;

	str_init(&page, PAGE_LIMIT);
	if (c->services)
		c->services->numbers(c->services->arg, &n);
	if (s)
		rest_metrics_write(s, &n, &page);
	snapshot_unref(s);
	page_reply(c, &page);
}

/* ---- streams ---- */

/* HEAD begins nothing, and from inside there is nobody to stream to. False: the reply is made. */
static bool page_may_stream(struct rest_call *c)
{
	if (!c->services) {
		rest_reply_error(c, 400, "only the REST server can stream this");
		return false;
	}
	if (strcmp(c->method, "HEAD") != 0)
		return true;
	c->status = 200;
	c->text = str_dup("");
	return false;
}

void rest_stream_events(struct rest_call *c)
{
	c->type = c->route->media;
	if (!page_may_stream(c))
		return;
	c->stream = rest_events_open(c->services->events, c->last_event_id);
	c->status = 200;
	if (c->stream)
		return;
	c->type = NULL;
	rest_reply_error(c, 503, "too many event streams are open: try again later");
}

/* ---- exports ---- */

enum {
	PAGE_FORMAT,
	PAGE_COLUMNS,
	PAGE_PACK,
	PAGE_STATE,
	PAGE_SOURCE,
	PAGE_LANGUAGE,
	PAGE_COUNTRY,
	PAGE_CHANNEL,
	PAGE_METHOD,
	PAGE_Q,
	PAGE_SORT,
	PAGE_SINCE,
	PAGE_UNTIL,
	PAGE_TEXTS
};

static const char *const page_names[PAGE_TEXTS] = {"format", "columns", "pack", "state", "source",
    "language", "country", "channel", "method", "q", "sort", "since", "until"};

static const char *page_text(const struct str *texts, int which)
{
	return texts[which].len ? str_get(&texts[which]) : NULL;
}

static enum err page_moment(const struct str *texts, int which, int64_t *out, struct errbuf *eb)
{
	const char *text = page_text(texts, which);

	if (!text || clock_parse_moment(text, texts[which].len, out) == ERR_OK)
		return ERR_OK;
	return err_set(eb, ERR_INVALID,
	    "%s: write a day as 2026-11-22 or a time as 2026-11-22T12:00:00Z", page_names[which]);
}

static enum err page_export_config(
    struct rest_call *c, const struct str *texts, struct engine_export *cfg, struct errbuf *eb)
{
	enum err err;

	*cfg = (struct engine_export){.what = str_get(&c->arg),
	    .format = page_text(texts, PAGE_FORMAT) ? page_text(texts, PAGE_FORMAT) : "csv",
	    .columns = page_text(texts, PAGE_COLUMNS),
	    .filter = ENGINE_FILTER_ALL};
	cfg->filter.state = page_text(texts, PAGE_STATE);
	cfg->filter.source = page_text(texts, PAGE_SOURCE);
	cfg->filter.language = page_text(texts, PAGE_LANGUAGE);
	cfg->filter.country = page_text(texts, PAGE_COUNTRY);
	cfg->filter.channel = page_text(texts, PAGE_CHANNEL);
	cfg->filter.method = page_text(texts, PAGE_METHOD);
	cfg->filter.q = page_text(texts, PAGE_Q);
	cfg->filter.sort = page_text(texts, PAGE_SORT);
	err = rest_query_int(c->query, "min_subscribers", ENGINE_ANY, 0, INT64_MAX,
	    &cfg->filter.min_subscribers, eb);
	if (!err)
		err = rest_query_int(c->query, "max_subscribers", ENGINE_ANY, 0, INT64_MAX,
		    &cfg->filter.max_subscribers, eb);
	if (!err)
		err = page_moment(texts, PAGE_SINCE, &cfg->filter.since, eb);
	return err ? err : page_moment(texts, PAGE_UNTIL, &cfg->filter.until, eb);
}

/* packed: it is to be a .gz; else it may be packed on the way, unseen. */
static void page_export(struct rest_call *c, const struct engine_export *cfg, bool packed)
{
	bool lines = strcmp(cfg->format, "jsonl") == 0;
	bool on_the_way = !packed && c->accept_encoding && rest_takes_gzip(c->accept_encoding);
	struct errbuf eb = {.code = ERR_OK};

	if (engine_export_check(cfg, &eb)) {
		rest_reply_fault(c, eb.code, &eb);
		return;
	}
	if (page_may_stream(c) &&
	    rest_export_open(c->services->exports, cfg, packed || on_the_way, &c->stream, &eb)) {
		rest_reply_fault(c, eb.code, &eb);
		return;
	}
	if (!c->stream && c->status != 200)
		return;
	c->status = 200;
	c->type = packed  ? "application/gzip"
	          : lines ? "application/x-ndjson"
	                  : "text/csv; charset=utf-8";
	c->packed = on_the_way;
	snprintf(c->file, sizeof c->file, "%s.%s%s", cfg->what, lines ? "jsonl" : "csv",
	    packed ? ".gz" : "");
}

void rest_stream_export(struct rest_call *c)
{
	struct errbuf eb = {.code = ERR_OK};
	struct str texts[PAGE_TEXTS];
	struct engine_export cfg;
	const char *pack;

	for (int i = 0; i < PAGE_TEXTS; i++) {
		str_init(&texts[i], 4096);
		(void)rest_query_get(c->query, page_names[i], &texts[i]);
	}
	pack = page_text(texts, PAGE_PACK);
	if (pack && strcmp(pack, "gzip") != 0)
		rest_reply_error(c, 400, "pack must be gzip, or not given");
	else if (page_export_config(c, texts, &cfg, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else
		page_export(c, &cfg, pack != NULL);
	for (int i = 0; i < PAGE_TEXTS; i++)
		str_done(&texts[i]);
}
