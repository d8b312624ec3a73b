#include "config.h"
#include "engine/jobs_found.h"
#include "engine/base/filter.h"
#include "engine/base/order.h"
#include "engine/base/str.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what can be asked about ---- */

static const char *const found_statuses[] = {"pending", "running", "waiting", "paused",
    "interrupted", "cancelled", "completed", "failed", NULL};

enum {
	FOUND_ID,
	FOUND_UUID,
	FOUND_TYPE,
	FOUND_STATE,
	FOUND_STATUS,
	FOUND_WHY,
	FOUND_TOTAL,
	FOUND_DONE,
	FOUND_PERCENT,
	FOUND_RATE,
	FOUND_FAILED,
	FOUND_UNITS,
	FOUND_CREATED,
	FOUND_STARTED,
	FOUND_ENDED,
	FOUND_TOOK
};

static const struct filter_field found_fields[] = {
    [FOUND_ID] = {"id", "number job", FILTER_TEXT, true, 0, NULL},
    [FOUND_UUID] = {"uuid", "job_id", FILTER_TEXT, false, 0, NULL},
    [FOUND_TYPE] = {"type", "job_type", FILTER_TEXT, true, 0, NULL},
    [FOUND_STATE] = {"state", NULL, FILTER_TEXT, true, 0, NULL},
    [FOUND_STATUS] = {"status", NULL, FILTER_CHOICE, false, 0, found_statuses},
    [FOUND_WHY] = {"why", "reason", FILTER_TEXT, true, 0, NULL},
    [FOUND_TOTAL] = {"total", NULL, FILTER_NUMBER, false, 0, NULL},
    [FOUND_DONE] = {"done", "processed", FILTER_NUMBER, false, 0, NULL},
    [FOUND_PERCENT] = {"percent", NULL, FILTER_NUMBER, false, 0, NULL},
    [FOUND_RATE] = {"rate", NULL, FILTER_NUMBER, false, 0, NULL},
    [FOUND_FAILED] = {"err", "failed errors", FILTER_NUMBER, false, 0, NULL},
    [FOUND_UNITS] = {"units", NULL, FILTER_NUMBER, false, 0, NULL},
    [FOUND_CREATED] = {"created", NULL, FILTER_TIME, false, 0, NULL},
    [FOUND_STARTED] = {"started", "start", FILTER_TIME, false, 0, NULL},
    [FOUND_ENDED] = {"ended", "end completed", FILTER_TIME, false, 0, NULL},
    [FOUND_TOOK] = {"took", NULL, FILTER_NUMBER, false, 0, NULL},
    FILTER_FIELDS_END,
};

static bool number_known(int64_t value, int64_t none, double *out)
{
	*out = (double)value;
	return value != none;
}

static bool number_percent(const struct snapshot_job *j, double *out)
{
	*out = j->total > 0 ? 100.0 * (double)j->processed / (double)j->total : 0;
	return j->total > 0;
}

/* A job as the filter sees it. */
struct found_row {
	const struct snapshot_job *job;
	char id[32], wait[32];
};

static void get_text(const struct found_row *r, int field, struct filter_data *out)
{
	const struct snapshot_job *j = r->job;

	switch (field) {
	case FOUND_ID:
		out->text = r->id;
		break;
	case FOUND_UUID:
		out->text = j->uuid;
		break;
	case FOUND_TYPE:
		out->text = j->word[0] ? j->word : j->type;
		out->also = j->type;
		break;
	case FOUND_STATE:
		out->text = r->wait[0] ? r->wait : snapshot_job_word(snapshot_job_state(j));
		out->also = j->status;
		break;
	case FOUND_STATUS:
		out->text = j->status;
		break;
	default:
		out->text = j->reason;
	}
}

static bool get_number(const struct snapshot_job *j, int field, double *out)
{
	switch (field) {
	case FOUND_TOTAL:
		return number_known(j->total, -1, out);
	case FOUND_DONE:
		return number_known(j->processed, -1, out);
	case FOUND_PERCENT:
		return number_percent(j, out);
	case FOUND_RATE:
		*out = j->rate;
		return true;
	case FOUND_FAILED:
		return number_known(j->failed, -1, out);
	case FOUND_UNITS:
		return number_known(j->units, -1, out);
	case FOUND_CREATED:
		return number_known(j->created_ms / 1000, 0, out);
	case FOUND_STARTED:
		return number_known(j->started_ms / 1000, 0, out);
	case FOUND_ENDED:
		return number_known(j->completed_ms / 1000, 0, out);
	default:
		return number_known(j->worked_ms / 1000, 0, out);
	}
}

static void found_get(const void *row, int field, struct filter_data *out)
{
	const struct found_row *r = row;

	if (field <= FOUND_WHY)
		get_text(r, field, out);
	else
		out->has_number = get_number(r->job, field, &out->number);
}

/* ---- orders ---- */

/* The same for equal texts, and in their order but for very long ones. */
static double key_of_text(const char *text)
{
	double key = 0;

	for (int i = 0; i < 6; i++)
		key = key * 256 + (*text ? (unsigned char)*text++ : 0);
	return key;
}

static bool key_state(const struct snapshot_job *j, double *out)
{
	*out = snapshot_job_order(snapshot_job_state(j));
	return true;
}

static bool key_id(const struct snapshot_job *j, double *out)
{
	*out = (double)j->no;
	return true;
}

static bool key_type(const struct snapshot_job *j, double *out)
{
	*out = key_of_text(j->word[0] ? j->word : j->type);
	return true;
}

/* When it ends, or goes on. */
static bool key_when(const struct snapshot_job *j, double *out)
{
	*out = (double)(j->eta > 0 ? j->eta : j->until);
	return j->open && *out > 0;
}

#define FOUND_KEY(name, field)                                      \
	static bool name(const struct snapshot_job *j, double *out) \
	{                                                           \
		return get_number(j, field, out);                   \
	}
FOUND_KEY(key_done, FOUND_DONE)
FOUND_KEY(key_percent, FOUND_PERCENT)
FOUND_KEY(key_rate, FOUND_RATE)
FOUND_KEY(key_failed, FOUND_FAILED)
FOUND_KEY(key_units, FOUND_UNITS)
FOUND_KEY(key_created, FOUND_CREATED)
FOUND_KEY(key_ended, FOUND_ENDED)

struct found_sort {
	const char *word;
	bool descending;                                        /* when nobody says */
	bool (*key)(const struct snapshot_job *j, double *out); /* false: it stands last */
};

static const struct found_sort found_sorts[] = {
    {"state", false, key_state},
    {"id", true, key_id},
    {"type", false, key_type},
    {"done", true, key_done},
    {"percent", true, key_percent},
    {"rate", true, key_rate},
    {"err", true, key_failed},
    {"units", true, key_units},
    {"why", false, key_when},
    {"created", true, key_created},
    {"ended", true, key_ended},
};

enum { FOUND_SORTS = sizeof found_sorts / sizeof found_sorts[0], FOUND_WORDS = 400 };

static enum err sort_choose(
    const char *text, const struct found_sort **out, bool *descending, struct errbuf *eb)
{
	struct str all;
	enum err err;

	*out = &found_sorts[0];
	*descending = false;
	if (!text || !*text)
		return ERR_OK;
	str_init(&all, FOUND_WORDS);
	for (int i = 0; i < FOUND_SORTS; i++) {
		const struct found_sort *s = &found_sorts[i];
		str_addf(&all, "%s%s", i ? ", " : "", s->word);
		if (order_is(text, s->word, s->descending, descending)) {
			*out = s;
			str_done(&all);
			return ERR_OK;
		}
	}
	err = order_refuse(text, str_get(&all), eb);
	str_done(&all);
	return err;
}

/* ---- taking ---- */

struct found_spot {
	double key;
	int64_t no;
	bool is_known;
	unsigned char state;
};

struct jobs_found {
	struct filter *filter;
	const struct found_sort *sort;
	bool descending;
	struct found_spot *spots;
	size_t n, room;
	struct jobs_counts counts;
};

enum err jobs_found_open(
    struct jobs_found **out, const char *q, const char *sort, int64_t now, struct errbuf *eb)
{
	struct jobs_found *f = calloc(1, sizeof *f);
	enum err err;

	*out = NULL;
	if (!f)
		return err_set(eb, ERR_NOMEM, "out of memory");
	err = sort_choose(sort, &f->sort, &f->descending, eb);
	if (!err)
		err = filter_parse(&f->filter, q ? q : "", found_fields, now, NULL, eb);
	if (err) {
		jobs_found_close(f);
		return err;
	}
	*out = f;
	return ERR_OK;
}

void jobs_found_close(struct jobs_found *f)
{
	if (!f)
		return;
	filter_free(f->filter);
	free(f->spots);
	free(f);
}

bool jobs_found_passes(const struct jobs_found *f, const struct snapshot_job *j)
{
	struct found_row row = {.job = j};

	if (!filter_root(f->filter))
		return true;
	snprintf(row.id, sizeof row.id, "J-%lld", (long long)j->no);
	if (j->wait[0] && strcmp(j->status, "waiting") == 0)
		snprintf(row.wait, sizeof row.wait, "wait:%s", j->wait);
	return filter_match(f->filter, found_get, &row);
}

enum err jobs_found_take(struct jobs_found *f, const struct snapshot_job *j, struct errbuf *eb)
{
	enum snapshot_job_state state = snapshot_job_state(j);
	struct found_spot spot = {.no = j->no, .state = (unsigned char)state};

	f->counts.all++;
	if (!jobs_found_passes(f, j))
		return ERR_OK;
	if (f->n == f->room) {
		size_t room = f->room ? f->room * 2 : 256;
		struct found_spot *spots = realloc(f->spots, room * sizeof *spots);
		if (!spots)
			return err_set(eb, ERR_NOMEM, "out of memory");
		f->spots = spots;
		f->room = room;
	}
	spot.is_known = f->sort->key(j, &spot.key);
	if (!spot.is_known)
		spot.key = 0;
	f->spots[f->n++] = spot;
	f->counts.total++;
	f->counts.states[state]++;
	return ERR_OK;
}

/* ---- the order ---- */

/* What has no key stands last either way, and of equal ones the newest first. */
static int found_compare(const void *a, const void *b, void *arg)
{
	const struct found_spot *x = a, *y = b;
	const struct jobs_found *f = arg;
	int order;

	if (x->is_known != y->is_known)
		return x->is_known ? -1 : 1;
	order = (x->key > y->key) - (x->key < y->key);
	if (order)
		return f->descending ? -order : order;
	return (x->no < y->no) - (x->no > y->no);
}

void jobs_found_order(struct jobs_found *f)
{
	struct jobs_counts *c = &f->counts;

	for (int a = 0; a < ACTION_COUNT; a++)
		for (int s = 0; s < JOB_IS_COUNT && action_info((enum action)a)->arg == ARG_JOB;
		     s++)
			if (action_can(
			        (enum action)a, snapshot_job_can((enum snapshot_job_state)s)))
				c->can[a] += c->states[s];
	if (f->n)
		qsort_r(f->spots, f->n, sizeof *f->spots, found_compare, f);
}

const struct jobs_counts *jobs_found_counts(const struct jobs_found *f)
{
	return &f->counts;
}

int64_t jobs_found_no(const struct jobs_found *f, size_t at)
{
	return f->spots[at].no;
}

enum snapshot_job_state jobs_found_state(const struct jobs_found *f, size_t at)
{
	return (enum snapshot_job_state)f->spots[at].state;
}

/* ---- places ---- */

void jobs_found_place(const struct jobs_found *f, size_t at, char out[JOBS_PLACE])
{
	const struct found_spot *s = &f->spots[at];
	uint64_t key;

	memcpy(&key, &s->key, sizeof key); /* whole, and the same in every locale */
	snprintf(out, JOBS_PLACE, "%d_%016" PRIx64 "_%lld", s->is_known, key, (long long)s->no);
}

static bool place_read(const char *text, struct found_spot *out)
{
	uint64_t key;
	char *end;

	if ((text[0] != '0' && text[0] != '1') || text[1] != '_' ||
	    strspn(text + 2, "0123456789abcdef") != 16)
		return false;
	key = strtoull(text + 2, &end, 16);
	*out = (struct found_spot){.is_known = text[0] == '1'};
	memcpy(&out->key, &key, sizeof key);
	return isfinite(out->key) && *end == '_' &&
	       str_to_i64(end + 1, 0, INT64_MAX, &out->no) == ERR_OK;
}

/* The first row behind the place; at_too: or at it. */
static size_t place_find(const struct jobs_found *f, const struct found_spot *place, bool at_too)
{
	struct jobs_found *arg = (struct jobs_found *)(uintptr_t)f; /* qsort_r's type */
	size_t from = 0, to = f->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = found_compare(&f->spots[mid], place, arg);
		if (order > 0 || (at_too && order == 0))
			to = mid;
		else
			from = mid + 1;
	}
	return from;
}

enum err jobs_found_page(const struct jobs_found *f, const char *after, const char *before,
    int64_t limit, size_t *from, size_t *n, struct errbuf *eb)
{
	bool to_end = before && strcmp(before, "end") == 0;
	const char *text = to_end ? NULL : before ? before : after;
	size_t most = limit < 0 ? 0 : (size_t)limit, end = f->n;
	struct found_spot place;

	if (after && before)
		return err_set(eb, ERR_INVALID, "after and before exclude each other");
	if (text && !place_read(text, &place))
		return err_set(eb, ERR_INVALID,
		    "\"%.60s\" is no place: it is `next` or `previous` of an answer", text);
	if (before) {
		end = to_end ? f->n : place_find(f, &place, true);
		*from = end > most ? end - most : 0;
	} else {
		*from = after ? place_find(f, &place, false) : 0;
	}
	*n = end - *from < most ? end - *from : most;
	return ERR_OK;
}

void jobs_found_around(
    const struct jobs_found *f, const char *ids, int64_t limit, size_t *from, size_t *n)
{
	size_t most = limit < 0 ? 0 : (size_t)limit, at = 0;
	bool found = false;

	while (*ids && !found) {
		size_t len = strcspn(ids, ",");
		int64_t no = 0;
		if (len > 2 && (ids[0] == 'J' || ids[0] == 'j') && ids[1] == '-' &&
		    str_to_i64_n(ids + 2, len - 2, 1, INT64_MAX, &no) == ERR_OK)
			for (at = 0; at < f->n && f->spots[at].no != no;)
				at++;
		found = no && at < f->n;
		ids += len + (ids[len] == ',');
	}
	*from = found && at > most / 2 ? at - most / 2 : 0;
	*n = f->n - *from < most ? f->n - *from : most;
}
