#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "api.h"

#include <stdlib.h>
#include <strings.h>

#include "breakage.h"
#include "ids.h"
#include "method.h"

#define BODY_LIMIT (64u << 20)

/* What becomes a line of the request log. */
struct record {
	const struct error_def *error;
	struct fault fault;
	struct quota_bill bill;
	struct slice key;
	bool billed;
};

static struct slice text_or_empty(const char *s)
{
	return slice_of(s ? s : "");
}

static bool contains_word(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

/* Is the etag in an If-None-Match list, quoted or not, weak or not? */
static bool etag_matches(const char *list, const char *etag)
{
	const char *at = list, *hit;
	size_t len = strlen(etag);

	if (list == NULL || len == 0)
		return false;
	if (strcmp(list, "*") == 0)
		return true;
	for (; (hit = strstr(at, etag)) != NULL; at = hit + 1) {
		char before = hit == list ? ',' : hit[-1], after = hit[len];

		if (strchr("\", \t/", before) != NULL && strchr("\", \t", after) != NULL)
			return true;
	}
	return false;
}

static void refuse(struct call *c, const struct error_def *e, const char *project, struct reply *r)
{
	out_reset(&c->out);
	errors_write(
	    e, &c->out, c->pretty, c->v2_errors, project, (struct slice){c->arg.data, c->arg.len});
	r->status = e->http;
	r->html = e->flags & ERROR_HTML;
	r->is_error = true;
	r->etag[0] = '\0';
}

static bool wants_gzip(const struct call *c)
{
	return !c->api->no_gzip && contains_word(c->ask->accept_encoding, "gzip") &&
	       contains_word(c->ask->user_agent, "gzip");
}

/* What makes this request another one than those before, in c->request: all but the key. */
static void write_request(struct call *c)
{
	out_text(&c->request, wants_gzip(c) ? "gzip " : "plain ");
	out_text(&c->request, c->ask->path);
	for (size_t i = 0; i < c->ask->param_count; i++) {
		const struct query_param *p = &c->ask->params[i];

		if (slice_equals(p->name, "key"))
			continue;
		out_char(&c->request, '&');
		out_add(&c->request, p->name.p, p->name.len);
		out_char(&c->request, '=');
		out_add(&c->request, p->value.p, p->value.len);
	}
}

/* With --remember: was this answered before? Then the body is in c->out already. */
static bool recalled(struct call *c)
{
	struct recall_facts facts;

	if (c->api->recall == NULL)
		return false;
	write_request(c);
	c->recalled = !c->request.failed &&
	              recall_find(c->api->recall, (struct slice){c->request.data, c->request.len},
	                  &facts, &c->out);
	if (c->recalled) {
		c->found = facts.found;
		c->packed = facts.gzip;
		memcpy(c->etag, facts.etag, sizeof c->etag);
	}
	return c->recalled;
}

static void remember(struct call *c, const struct record *rec, const struct reply *r)
{
	struct recall_facts facts = {.found = c->found, .gzip = r->gzip};

	if (c->recalled || c->request.len == 0 || c->request.failed || rec->error != NULL ||
	    rec->fault.kind != FAULT_NONE || r->status != 200 || r->body == NULL)
		return;
	memcpy(facts.etag, c->etag, sizeof facts.etag);
	recall_keep(c->api->recall, (struct slice){c->request.data, c->request.len}, &facts,
	    (struct slice){r->body, r->len});
}

/* Key, faults, quota, parameters, method, in the order of Google's front end. NULL: answered with
 * 200. */
static const struct error_def *decide(struct call *c, uint64_t n, struct record *rec)
{
	const struct api *api = c->api;
	const struct quota_key *key;
	const struct error_def *e;

	if (!call_param(c, "key", &rec->key))
		rec->key = text_or_empty(c->ask->key_header);
	if (rec->key.len == 0)
		return errors_find(slice_of("keyMissing"));
	key = quota_find_key(api->quota, rec->key);
	if (key == NULL)
		return errors_find(slice_of("keyInvalid"));
	quota_day(key, simclock_ms(api->clock) / 1000, &rec->bill);
	if (!call_read_ids(c))
		return errors_find(slice_of("internalError500"));
	faults_choose(api->faults, n, rec->key, c->ids, c->id_count, &rec->fault);
	if (rec->fault.error != NULL && rec->fault.error->flags & ERROR_UNBILLED)
		return rec->fault.error;
	rec->billed = quota_charge(api->quota, key, c->method->bucket, c->method->cost,
	    simclock_ms(api->clock) / 1000, &rec->bill);
	if (!rec->billed)
		return errors_find(slice_of("internalError500"));
	if (rec->bill.refused)
		return errors_find(slice_of(quota_bucket_error(c->method->bucket)));
	if (rec->fault.error != NULL)
		return rec->fault.error;
	if (rec->fault.kind == FAULT_NONE && recalled(c))
		return NULL;
	e = call_check(c);
	return e ? e : c->method->run(c);
}

static void finish(struct call *c, const struct record *rec, struct reply *r)
{
	r->body = out_take(&c->out, &r->len);
	if (rec->error != NULL) {
		if (rec->error == rec->fault.error && rec->fault.has_arg)
			r->retry_after_s = rec->fault.arg;
		return;
	}
	memcpy(r->etag, c->etag, sizeof r->etag);
	if (rec->fault.kind != FAULT_NONE) {
		breakage_apply(&rec->fault, r);
	} else if (etag_matches(c->ask->if_none_match, r->etag)) {
		r->status = 304;
		free(r->body);
		r->body = NULL;
		r->len = 0;
	}
}

static void compress(struct call *c, struct reply *r)
{
	r->gzip = c->packed && r->len > 0;
	if (c->recalled || r->len == 0 || r->kind == REPLY_HUGE || r->kind == REPLY_SLOW)
		return;
	if (wants_gzip(c))
		r->gzip = worker_gzip(c->worker, &r->body, &r->len);
}

static void write_log(
    const struct call *c, uint64_t n, const struct record *rec, const struct reply *r)
{
	struct reqlog_entry e = {
	    .n = n,
	    .t = simclock_ms(c->api->clock),
	    .method = c->method ? c->method->name : "",
	    .key = rec->key,
	    .project = rec->bill.project ? rec->bill.project : "",
	    .bucket = c->method ? quota_bucket_name(c->method->bucket) : "",
	    .cost = rec->billed ? c->method->cost : 0,
	    .billed = rec->billed,
	    .day = rec->bill.day,
	    .status = r->kind == REPLY_STALL ? 0 : r->status,
	    .reason = rec->error ? rec->error->reason : "",
	    .ids = c->id_count,
	    .found = rec->error ? 0 : c->found,
	    .fault = rec->fault.name,
	    .idlist = c->api->log_ids ? c->ids : NULL,
	};

	if (c->api->log_ids && c->filter.len > 0 && !slice_equals(c->filter, "id") &&
	    call_param(c, c->filter.p, &e.value))
		e.filter = c->filter;
	if (c->api->log != NULL)
		reqlog_add(c->api->log, &e);
	if (r->status < API_MAX_STATUS)
		atomic_fetch_add_explicit(&c->api->by_status[r->status], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->api->found, e.found, memory_order_relaxed);
}

static uint64_t delay_of(const struct api *api, uint64_t n)
{
	uint64_t low = atomic_load(&api->latency_low_ms), high = atomic_load(&api->latency_high_ms);

	return high > low ? low + ids_mix(n * 0x9e3779b97f4a7c15u) % (high - low + 1) : low;
}

void api_answer(struct api *api, const struct ask *ask, struct reply *r)
{
	uint64_t n = atomic_fetch_add(&api->requests, 1) + 1;
	struct call c = {.api = api, .ask = ask, .method = method_find(ask->path)};
	struct record rec = {.fault = {.name = ""}};

	*r = (struct reply){.status = 200, .delay_ms = delay_of(api, n)};
	c.worker = workers_take(api->workers);
	if (c.worker == NULL) {
		*r = (struct reply){.status = 500, .is_error = true};
		return;
	}
	out_init(&c.out, BODY_LIMIT);
	out_init(&c.arg, 1 << 16);
	out_init(&c.request, 1 << 16);
	call_read_style(&c);
	if (c.method == NULL)
		rec.error = errors_find(slice_of("notFound"));
	else if (!ask->is_get)
		rec.error = errors_find(slice_of("methodNotAllowed"));
	else
		rec.error = decide(&c, n, &rec);
	if (rec.error != NULL)
		refuse(&c, rec.error, rec.bill.project ? rec.bill.project : "0", r);
	finish(&c, &rec, r);
	compress(&c, r);
	remember(&c, &rec, r);
	write_log(&c, n, &rec, r);
	call_done(&c);
	workers_give(api->workers, c.worker);
}
