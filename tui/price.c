#include "config.h"
#include "tui/price.h"
#include "tui/cli_text.h"
#include "tui/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PRICE_CALM_MS = 300,
	PRICE_PATIENCE_MS = 15000,
	PRICE_BODY = 1 << 20,
	PRICE_DELAYS = 2,
	PRICE_FIRST = 3
};

void price_done(struct price *p)
{
	free(p->body);
	answer_done(&p->answer);
	*p = (struct price){0};
}

/* ---- asking ---- */

/* {"type":"batch_videos","limit":5}: the body of POST /api/jobs/price. */
static char *price_body(const char *type, char *params)
{
	struct str out;

	if (!params)
		return NULL;
	str_init(&out, PRICE_BODY);
	str_adds(&out, "{\"type\":");
	cli_add_json(&out, type, strlen(type));
	str_adds(&out, strcmp(params, "{}") == 0 ? "" : ",");
	str_adds(&out, params + 1);
	free(params);
	return str_take(&out);
}

static void price_send(struct price *p, struct node *n, int slot, int64_t mono_ms)
{
	p->id = node_ask(n, slot, "POST", "/api/jobs/price", p->body);
	p->asked_ms = mono_ms;
	p->due_ms = p->id ? 0 : mono_ms + PRICE_CALM_MS; /* too many wait: again */
}

void price_want(
    struct price *p, struct node *n, int slot, const char *type, char *params, int64_t mono_ms)
{
	char *body = price_body(type, params);
	bool other = body && (!p->body || strcmp(p->body, body) != 0);

	if (!body) {
		p->due_ms = 0;
		return;
	}
	if (other) {
		p->due_ms = p->body ? mono_ms + PRICE_CALM_MS : mono_ms;
		free(p->body);
		p->body = body;
	} else {
		free(body);
	}
	if (p->id && mono_ms - p->asked_ms > PRICE_PATIENCE_MS)
		p->due_ms = mono_ms;
	if (p->due_ms && mono_ms >= p->due_ms)
		price_send(p, n, slot, mono_ms);
}

int64_t price_next_ms(const struct price *p)
{
	return p->due_ms ? p->due_ms : INT64_MAX;
}

bool price_take(struct price *p, struct node_answer *a)
{
	struct answer fresh = {0};
	bool ok;

	if (!p->id || a->id != p->id)
		return false;
	p->id = 0;
	ok = answer_parse(&fresh, a->text);
	a->text = NULL;
	p->error[0] = 0;
	if (!ok || a->status < 200 || a->status > 299) {
		answer_error(a, &fresh, p->error, sizeof p->error);
		answer_done(&fresh);
		return true;
	}
	answer_done(&p->answer);
	p->answer = fresh;
	return true;
}

/* ---- showing ---- */

static void cost_add(struct form_cost *out, enum role role, const char *label, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static void cost_add(struct form_cost *out, enum role role, const char *label, const char *fmt, ...)
{
	va_list ap;

	if (out->n == FORM_LINES)
		return;
	snprintf(out->lines[out->n].label, sizeof out->lines[0].label, "%s", label);
	va_start(ap, fmt);
	vsnprintf(out->lines[out->n].text, sizeof out->lines[0].text, fmt, ap);
	va_end(ap);
	out->lines[out->n++].role = role;
}

/* "0.0204", "1.50": units of one channel. */
static void price_each(double each, char *out, size_t size)
{
	snprintf(out, size, each < 0.1 ? "%.4f" : "%.2f", each);
}

/* "402,700 channels"; "~50 of 402,700 channels" when its units pay no more. */
static void price_channels(struct json_node root, char *out, size_t size)
{
	int64_t items = answer_int(root, "items"), due = answer_int(root, "items_due");
	const char *about = answer_bool(root, "estimated") ? "~" : "";
	char n[2][FORMAT_SIZE];

	if (due > items)
		snprintf(out, size, "%s%s of %s channels", about, format_full(n[0], items),
		    format_full(n[1], due));
	else
		snprintf(out, size, "%s%s channels", about, format_full(n[0], items));
}

/* "604,050 for 402,700 channels   1.50 each" and a line more for every further bucket. */
static void price_show_buckets(struct json_node root, struct form_cost *out)
{
	int64_t items = answer_int(root, "items");
	const char *about = answer_bool(root, "estimated") ? "~" : "", *name;
	char n[2][FORMAT_SIZE], each[FORMAT_SIZE], channels[3 * FORMAT_SIZE];
	struct json_node bucket;
	struct json_walk walk;

	price_channels(root, channels, sizeof channels);
	json_walk_start(&walk, json_node_get(root, "buckets"));
	while (walk.object && json_walk_next(&walk, &bucket, &name)) {
		int64_t units = answer_int(bucket, "units");
		price_each(items > 0 ? (double)units / (double)items : 0, each, sizeof each);
		cost_add(out, ROLE_NORMAL, name, "%s%s for %s   %s each   %s left today", about,
		    format_full(n[0], units), channels, each,
		    format_full(n[1], answer_int(bucket, "left_today")));
	}
	if (!out->n && json_node_type(json_node_get(root, "items")) == JSON_NODE_INT)
		cost_add(out, ROLE_NORMAL, "units", "%s for %s",
		    items || answer_int(root, "items_due") ? "none" : "nothing to do: none",
		    channels);
}

static void price_show_share(struct json_node root, struct form_cost *out)
{
	struct json_node share = json_node_get(root, "share");
	int64_t ahead = answer_int(share, "units_ahead");
	char n[3][FORMAT_SIZE];

	if (json_node_type(share) != JSON_NODE_OBJECT)
		return;
	cost_add(out, ROLE_NORMAL, "share", "%s %s a day, %s of it left today%s%s%s",
	    answer_text(share, "stage"), format_full(n[0], answer_int(share, "units_per_day")),
	    format_full(n[1], answer_int(share, "left_today")), ahead ? ";   " : "",
	    ahead ? format_full(n[2], ahead) : "", ahead ? " units of other jobs go first" : "");
}

static void price_show_finish(struct json_node root, int64_t now, struct form_cost *out)
{
	int64_t end = answer_time(root, "ends_at"), items = answer_int(root, "items");
	char when[FORMAT_SIZE], took[FORMAT_SIZE];

	if (json_node_type(json_node_get(root, "items")) != JSON_NODE_INT || items <= 0)
		cost_add(out, ROLE_NORMAL, "note", "%s", answer_text(root, "note"));
	else if (!end)
		cost_add(out, ROLE_WARN, "finish", "! %s", answer_text(root, "note"));
	else
		cost_add(out, ROLE_NORMAL, "finish", "%s   in %s, limited by %s",
		    format_when(when, end, now), format_duration(took, end - now),
		    answer_text(root, "limited_by"));
}

static void price_show_delays(struct json_node root, int64_t now, struct form_cost *out)
{
	char before[FORMAT_SIZE], after[FORMAT_SIZE];
	struct json_node delay;
	struct json_walk walk;

	json_walk_start(&walk, json_node_get(root, "delays"));
	for (int i = 0; i < PRICE_DELAYS && json_walk_next(&walk, &delay, NULL); i++) {
		int64_t end = answer_time(delay, "after");
		cost_add(out, ROLE_WARN, "delays", "! %s ends %s, not %s",
		    answer_text(delay, "stage"), end ? format_when(after, end, now) : "never",
		    format_when(before, answer_time(delay, "before"), now));
	}
}

static void price_show_offers(struct json_node root, struct form_cost *out)
{
	char units[FORMAT_SIZE];
	struct json_node offer;
	struct json_walk walk;

	json_walk_start(&walk, json_node_get(root, "cheaper"));
	while (out->n_offers < FORM_OFFERS && json_walk_next(&walk, &offer, NULL)) {
		size_t i = out->n_offers++;
		const char *loses = answer_text(offer, "loses");
		snprintf(out->offers[i].text, sizeof out->offers[i].text, "%s u  %.1f d  %s",
		    format_full(units, answer_int(offer, "units")), answer_real(offer, "days"),
		    answer_text(offer, "text"));
		snprintf(out->offers[i].loses, sizeof out->offers[i].loses, "%s%s",
		    *loses ? "loses " : "", loses);
	}
}

/* "line 17 \"UC_bad\": too short", of the first ones. */
static void preview_bad(struct json_node preview, struct form_cost *out)
{
	struct json_node item;
	struct json_walk walk;
	int most = 2;

	json_walk_start(&walk, json_node_get(preview, "bad"));
	while (most-- > 0 && json_walk_next(&walk, &item, NULL))
		cost_add(out, ROLE_WARN, "! bad", "line %lld \"%s\": %s",
		    (long long)answer_int(item, "line"), answer_text(item, "text"),
		    answer_text(item, "reason"));
}

/* The first channels as they stand there. */
static void preview_first(struct json_node preview, struct form_cost *out)
{
	struct json_node item;
	struct json_walk walk;
	struct str text;

	str_init(&text, PRICE_BODY);
	json_walk_start(&walk, json_node_get(preview, "first"));
	for (int i = 0; i < PRICE_FIRST && json_walk_next(&walk, &item, NULL); i++) {
		const char *title = answer_text(item, "title");
		str_addf(&text, "%s%s%s%s", i ? "   " : "", answer_text(item, "channel"),
		    *title ? " " : "", title);
	}
	if (text.len)
		cost_add(out, ROLE_NORMAL, "first", "%s", str_get(&text));
	str_done(&text);
}

/* What an import would read: the kind of file, how many rows, what of them is known, what is bad. */
static void price_show_preview(struct json_node preview, struct form_cost *out)
{
	int64_t rows = answer_int(preview, "rows"), column = answer_int(preview, "column");
	int64_t ids = answer_int(preview, "ids");
	char n[4][FORMAT_SIZE], where[FORMAT_SIZE + 16] = "";
	const char *error = answer_text(preview, "error");

	if (*error) {
		cost_add(out, ROLE_WARN, "file", "! %s", error);
		return;
	}
	if (column)
		snprintf(where, sizeof where, ", column %lld", (long long)column);
	cost_add(out, ROLE_NORMAL, "file", "%s%s   %s%s rows   %s", answer_text(preview, "format"),
	    where, answer_bool(preview, "whole") ? "" : "about ",
	    format_full(n[0], answer_int(preview, "rows_about")),
	    format_bytes(n[1], answer_int(preview, "bytes")));
	cost_add(out, answer_int(preview, "channels") ? ROLE_NORMAL : ROLE_WARN, "read",
	    "%s of the first %s name a channel   %.0f%% are known",
	    format_full(n[2], answer_int(preview, "channels")), format_full(n[3], rows),
	    ids ? 100.0 * (double)answer_int(preview, "known") / (double)ids : 0);
	preview_first(preview, out);
	preview_bad(preview, out);
}

void price_show(const struct price *p, int64_t now, struct form_cost *out)
{
	struct json_node root = p->answer.root;

	*out = (struct form_cost){.counting = p->id || p->due_ms};
	if (p->error[0] && !out->counting) {
		cost_add(out, ROLE_OFF, "note", "%s", p->error);
		return;
	}
	if (!root.doc)
		return;
	if (json_node_type(json_node_get(root, "preview")) == JSON_NODE_OBJECT)
		price_show_preview(json_node_get(root, "preview"), out);
	price_show_buckets(root, out);
	price_show_share(root, out);
	price_show_finish(root, now, out);
	price_show_delays(root, now, out);
	price_show_offers(root, out);
}

struct json_node price_offer(const struct price *p, size_t i)
{
	struct json_node offer = {0};
	struct json_walk walk;
	bool there = true;

	json_walk_start(&walk, json_node_get(p->answer.root, "cheaper"));
	for (size_t k = 0; k <= i && there; k++)
		there = json_walk_next(&walk, &offer, NULL);
	return there ? json_node_get(offer, "params") : (struct json_node){0};
}

bool price_is_large(const struct price *p, char *text, size_t size)
{
	struct json_node root = p->answer.root, share = json_node_get(root, "share");
	int64_t units = answer_int(root, "units"), a_day = answer_int(share, "units_per_day");
	char n[2][FORMAT_SIZE];

	if (p->error[0] || json_node_type(share) != JSON_NODE_OBJECT || units <= a_day ||
	    strcmp(answer_text(root, "bucket"), "units") != 0)
		return false;
	snprintf(text, size, "%s units are more than the %s a day of its share: Enter starts it",
	    format_full(n[0], units), format_full(n[1], a_day));
	return true;
}

void price_again(struct price *p, int64_t mono_ms)
{
	p->due_ms = p->body ? mono_ms : 0;
}

bool price_dry(const struct price *p, int64_t now, char *text, size_t size)
{
	struct json_node root = p->answer.root;
	int64_t end = answer_time(root, "ends_at");
	char n[3][FORMAT_SIZE], when[FORMAT_SIZE];

	if (p->id || p->due_ms || (!root.doc && !p->error[0]))
		return false;
	if (p->error[0])
		snprintf(text, size, "dry run: %s", p->error);
	else if (json_node_type(json_node_get(root, "items")) != JSON_NODE_INT)
		snprintf(text, size, "dry run: %s; nothing was started", answer_text(root, "note"));
	else
		snprintf(text, size, "dry run: %s%s items, %s %s, %.1f days, %s%s; nothing started",
		    answer_bool(root, "estimated") ? "~" : "",
		    format_full(n[0], answer_int(root, "items")),
		    format_full(n[1], answer_int(root, "units")), answer_text(root, "bucket"),
		    answer_real(root, "days"), end ? "done " : "no end with these keys",
		    end ? format_when(when, end, now) : "");
	return true;
}
