#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/base/text.h"
#include "engine/quota/day.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LEDGER_GROUPED_SIZE = 32 };

/* One settled call. */
struct ledger_answer {
	struct ledger *l;
	struct ledger_slot *slot;
	const struct ledger_ticket *ticket;
	const struct fault_info *fault;
	int64_t retry_after_s;
	int64_t now, mono_ms;
	enum bucket bucket;
};

/* 88871 -> "88,871". */
static char *ledger_grouped(int64_t n, char *buf)
{
	char digits[24];
	size_t len, at = 0;

	snprintf(digits, sizeof digits, "%" PRId64, n < 0 ? 0 : n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}

static void ledger_reason(const struct fault_info *fault, char *out, size_t size)
{
	char text[sizeof fault->reason + sizeof fault->message + 4];
	size_t len;

	snprintf(text, sizeof text, "%s%s%s", fault->reason,
	    fault->reason[0] && fault->message[0] ? ": " : "", fault->message);
	if (!text[0])
		snprintf(text, sizeof text, "%s", fault_word(fault->fault));
	len = text_utf8_cut(text, strlen(text), size - 1);
	memcpy(out, text, len);
	out[len] = '\0';
}

static void ledger_answered(struct ledger_answer *a)
{
	a->slot->last_ok = a->now;
	a->slot->unnamed = 0;
}

static void ledger_failed(struct ledger_answer *a)
{
	a->slot->errors++;
}

static void ledger_bucket_spent(struct ledger_answer *a)
{
	struct ledger_project *p = a->slot->project;
	struct ledger *l = a->l;
	struct ledger_book *book = ledger_book_locked(l, p, a->bucket, a->ticket->day, NULL);
	int64_t today = day_number(a->now);
	char used[LEDGER_GROUPED_SIZE], limit[LEDGER_GROUPED_SIZE];
	bool told = book && book->spent_at;

	a->slot->errors++;
	a->slot->last_ok = a->now;
	a->slot->unnamed = 0;
	if (a->now < day_start(today) + LEDGER_LAG_S) {
		told = p->cool_until[a->bucket] > a->now;
		p->cool_until[a->bucket] = a->now + LEDGER_LAG_PAUSE_S;
		if (!told)
			log_at(l->log, LOG_INFO, "quota", 0,
			    "%s: refused just after midnight, the server may still count "
			    "yesterday; "
			    "next try in %d s",
			    p->name, LEDGER_LAG_PAUSE_S);
		return;
	}
	ledger_mark_spent_locked(l, p, a->bucket, a->ticket->day, a->now);
	if (!told)
		log_at(l->log, LOG_WARNING, "quota", 0, "%s: refused at %s of %s%s%s", p->name,
		    ledger_grouped(book ? book->used - book->unspent : 0, used),
		    ledger_grouped(p->limit[a->bucket], limit),
		    a->bucket == BUCKET_UNITS ? "" : " ",
		    a->bucket == BUCKET_UNITS ? "" : bucket_word(a->bucket));
}

/* fault_classify calls it so when the answer named neither minute nor day. */
static bool ledger_is_unnamed(const struct fault_info *fault)
{
	return strcmp(fault->reason, "rateLimitUnnamed") == 0;
}

static void ledger_slow_down(struct ledger_answer *a)
{
	struct ledger_slot *s = a->slot;
	int64_t pause_ms = a->retry_after_s > 0 ? a->retry_after_s * 1000 : LEDGER_PAUSE_MS;
	int64_t gap_ms = s->gap_ms > a->l->gap_ms ? s->gap_ms : a->l->gap_ms;

	s->errors++;
	if (a->mono_ms + pause_ms > s->pause_ms)
		s->pause_ms = a->mono_ms + pause_ms;
	/* calls that were under way when it was slowed say nothing about the new rate */
	if (a->ticket->serial <= s->slowed_serial)
		return;
	s->slowed_serial = a->l->serial;
	if (gap_ms < LEDGER_GAP_LEAST_MS)
		gap_ms = LEDGER_GAP_LEAST_MS;
	s->gap_ms = gap_ms * 2 < LEDGER_GAP_MOST_MS ? gap_ms * 2 : LEDGER_GAP_MOST_MS;
	s->gap_at_ms = a->mono_ms;
	s->unnamed = ledger_is_unnamed(a->fault) ? s->unnamed + 1 : 0;
	log_at(a->l->log, LOG_DEBUG, "quota", 0, "%s: too fast, now a call every %" PRId64 " ms",
	    s->name, s->gap_ms);
	if (s->unnamed >= FAULT_UNNAMED_LIMIT)
		ledger_bucket_spent(a);
}

static void ledger_key_refused(struct ledger_answer *a)
{
	struct ledger_slot *s = a->slot;

	s->errors++;
	ledger_reason(a->fault, s->refused, sizeof s->refused);
	ledger_save_now_locked(a->l);
	log_at(a->l->log, LOG_ERROR, "quota", 0, "%s %s is refused and not used any more: %s",
	    s->name, s->print, s->refused);
}

static void ledger_project_refused(struct ledger_answer *a)
{
	struct ledger_project *p = a->slot->project;
	struct errbuf eb = {.code = ERR_OK};

	a->slot->errors++;
	ledger_reason(a->fault, p->refused, sizeof p->refused);
	ledger_save_now_locked(a->l);
	if (quota_store_project_refuse(a->l->store, p->name, p->refused, &eb))
		log_at(a->l->log, LOG_ERROR, "quota", 0, "%s: its refusal was not stored: %s",
		    p->name, err_text(&eb));
	log_at(a->l->log, LOG_ERROR, "quota", 0,
	    "project %s is refused, none of its keys is used any more: %s", p->name, p->refused);
}

static void (*const ledger_effects[FAULT_COUNT])(struct ledger_answer *) = {
    [FAULT_NONE] = ledger_answered,
    [FAULT_SERVER] = ledger_failed,
    [FAULT_SLOW_DOWN] = ledger_slow_down,
    [FAULT_BUCKET_SPENT] = ledger_bucket_spent,
    [FAULT_KEY] = ledger_key_refused,
    [FAULT_PROJECT] = ledger_project_refused,
    [FAULT_REQUEST] = ledger_answered,
    [FAULT_PARK] = ledger_failed,
    [FAULT_PAGE_TOKEN] = ledger_answered,
    [FAULT_TARGET] = ledger_answered,
};

static void ledger_unsent(struct ledger *l, struct ledger_slot *s, const struct ledger_ticket *t)
{
	const struct method_info *info = method_info(t->method);

	ledger_refund_locked(l, s->project, info->bucket, info->cost, t->day);
	for (size_t i = 0; i < sizeof t->also_day / sizeof t->also_day[0]; i++)
		if (t->also_day[i])
			ledger_refund_locked(
			    l, s->project, info->bucket, info->cost, t->also_day[i]);
	ledger_tally_change_locked(l, s, t, -info->cost, 0);
	if (s->calls_day == t->day && s->calls > 0)
		s->calls--;
}

static void ledger_settle_locked(struct ledger *l, const struct ledger_ticket *t, bool sent,
    const struct fault_info *fault, int64_t retry_after_s)
{
	static const struct fault_info fine = {.fault = FAULT_NONE};
	struct ledger_answer a = {.l = l,
	    .slot = l->keys,
	    .ticket = t,
	    .fault = fault ? fault : &fine,
	    .retry_after_s = retry_after_s,
	    .now = l->now(),
	    .mono_ms = l->mono_ms(),
	    .bucket = method_info(t->method)->bucket};

	while (a.slot && a.slot->id != t->key)
		a.slot = a.slot->next;
	if (!a.slot)
		return;
	a.slot->in_flight--;
	a.slot->project->in_flight--;
	a.slot->changed = true;
	if (!sent)
		ledger_unsent(l, a.slot, t);
	else if (a.fault->fault != FAULT_NONE && a.fault->fault != FAULT_TARGET)
		ledger_tally_change_locked(l, a.slot, t, 0, method_info(t->method)->cost);
	if (sent && (size_t)a.fault->fault < FAULT_COUNT)
		ledger_effects[a.fault->fault](&a);
	ledger_drop_removed_locked(l);
}

void ledger_settle(struct ledger *l, struct ledger_ticket *t, bool sent,
    const struct fault_info *fault, int64_t retry_after_s)
{
	if (!t->key)
		return;
	pthread_mutex_lock(&l->lock);
	ledger_settle_locked(l, t, sent, fault, retry_after_s);
	pthread_mutex_unlock(&l->lock);
	t->key = 0;
	t->secret = NULL;
}
