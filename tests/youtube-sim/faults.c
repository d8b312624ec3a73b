#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "faults.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ids.h"

#define BILLION 1000000000u

struct rule {
	struct fault fault;
	size_t counter;
	uint64_t per_billion; /* 0: by number */
	uint64_t first;
	uint64_t last;
	char *text; /* the poisoned id or the deleted key */
};

struct plan {
	struct rule *rules;
	size_t count;
};

struct faults {
	pthread_rwlock_t lock; /* guards plan */
	struct plan plan;
	uint64_t seed;
	atomic_uint_fast64_t *counters; /* transport faults first, then the error table */
};

static const char *const kind_names[FAULT_KIND_COUNT] = {"", "",
#define X(name, text) text,
    FAULT_KINDS(X)
#undef X
};

static size_t counter_count(void)
{
	return FAULT_KIND_COUNT + errors_count();
}

static const char *counter_name(size_t i)
{
	return i < FAULT_KIND_COUNT ? kind_names[i] : errors_at(i - FAULT_KIND_COUNT)->name;
}

struct faults *faults_new(uint64_t seed)
{
	struct faults *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->counters = calloc(counter_count(), sizeof *f->counters);
	if (f->counters == NULL || pthread_rwlock_init(&f->lock, NULL) != 0) {
		free(f->counters);
		free(f);
		return NULL;
	}
	f->seed = seed;
	return f;
}

static void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->rules[i].text);
	free(p->rules);
}

void faults_free(struct faults *f)
{
	if (f == NULL)
		return;
	plan_done(&f->plan);
	pthread_rwlock_destroy(&f->lock);
	free(f->counters);
	free(f);
}

/* A decimal fraction 0..1 in parts of a billion. */
static bool read_rate(struct slice s, uint64_t *per_billion)
{
	uint64_t v = 0, unit = BILLION;
	bool point = false;

	if (s.len == 0 || s.len > 12)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (point) {
			unit /= 10;
			v += (uint64_t)(s.p[i] - '0') * unit;
		} else {
			v = v * 10 + (uint64_t)(s.p[i] - '0') * BILLION;
		}
	}
	*per_billion = v;
	return v <= BILLION;
}

/* Cuts s at the first `mark`: what is before it; s keeps what is after. */
static struct slice cut(struct slice *s, char mark, bool *found)
{
	const char *hit = s->len ? memchr(s->p, mark, s->len) : NULL;
	struct slice before = *s;

	*found = hit != NULL;
	if (hit == NULL) {
		*s = (struct slice){s->p + s->len, 0};
		return before;
	}
	before.len = (size_t)(hit - s->p);
	*s = (struct slice){hit + 1, s->len - before.len - 1};
	return before;
}

/* N, N-M or +N after the @. */
static bool read_range(struct slice text, uint64_t base, struct rule *r)
{
	bool dash;
	struct slice first;

	if (text.len > 0 && text.p[0] == '+') {
		text.p++;
		text.len--;
	} else {
		base = 0;
	}
	first = cut(&text, '-', &dash);
	if (!slice_to_u64(first, 1, UINT64_MAX / 2, &r->first))
		return false;
	r->last = r->first;
	if (dash && !slice_to_u64(text, r->first, UINT64_MAX / 2, &r->last))
		return false;
	r->first += base;
	r->last += base;
	return true;
}

static bool name_rule(struct slice name, struct rule *r)
{
	const struct error_def *e = errors_find(name);
	size_t kind;

	for (kind = FAULT_TRUNCATE; kind < FAULT_KIND_COUNT; kind++)
		if (slice_equals(name, kind_names[kind]))
			break;
	if (e == NULL && kind == FAULT_KIND_COUNT)
		return false;
	r->fault.kind = e ? FAULT_ERROR : (enum fault_kind)kind;
	r->fault.error = e;
	for (size_t i = 0; e != NULL && i < errors_count(); i++)
		if (errors_at(i) == e)
			kind = FAULT_KIND_COUNT + i;
	r->counter = kind;
	r->fault.name = counter_name(kind);
	return true;
}

static bool read_rule(struct slice text, uint64_t base, struct rule *r)
{
	struct slice rest = text, head, name;
	bool has_arg, at, again;

	*r = (struct rule){0};
	head = cut(&rest, ':', &has_arg);
	name = cut(&head, '@', &at);
	if (!name_rule(name, r))
		return false;
	if (at && !read_range(head, base, r))
		return false;
	if (r->fault.kind == FAULT_POISON || r->fault.kind == FAULT_DELKEY) {
		bool poison = r->fault.kind == FAULT_POISON;

		if (!has_arg || rest.len == 0 || (!poison && !at))
			return false;
		r->fault.error = errors_find(slice_of(poison ? "invalidArgument" : "keyInvalid"));
		r->last = poison && at ? r->last : UINT64_MAX;
		r->text = strndup(rest.p, rest.len);
		return r->text != NULL;
	}
	if (!at) {
		struct slice rate = cut(&rest, ':', &again);

		if (!has_arg || !read_rate(rate, &r->per_billion))
			return false;
		has_arg = again;
	}
	r->fault.has_arg = has_arg;
	return !has_arg || slice_to_u64(rest, 0, 1000000000, &r->fault.arg);
}

bool faults_set(struct faults *f, struct slice plan, uint64_t requests_so_far, struct out *why)
{
	struct plan fresh = {NULL, 0}, old;
	bool more = true;

	while (plan.len > 0 && (plan.p[plan.len - 1] == '\n' || plan.p[plan.len - 1] == ' '))
		plan.len--;
	while (more && plan.len > 0) {
		struct slice text = cut(&plan, ',', &more);
		struct rule *rules;

		rules = realloc(fresh.rules, (fresh.count + 1) * sizeof *rules);
		if (rules != NULL)
			fresh.rules = rules;
		if (rules == NULL || !read_rule(text, requests_so_far, &rules[fresh.count])) {
			if (why != NULL) {
				out_text(why, "not a fault: ");
				out_add(why, text.p, text.len);
			}
			plan_done(&fresh);
			return false;
		}
		fresh.count++;
	}
	pthread_rwlock_wrlock(&f->lock);
	old = f->plan;
	f->plan = fresh;
	pthread_rwlock_unlock(&f->lock);
	plan_done(&old);
	return true;
}

static bool rule_hits(const struct faults *f, size_t i, uint64_t n, struct slice key,
    const struct slice *ids, size_t id_count)
{
	const struct rule *r = &f->plan.rules[i];

	if (r->fault.kind == FAULT_DELKEY)
		return n >= r->first && slice_equals(key, r->text);
	if (r->fault.kind == FAULT_POISON) {
		for (size_t k = 0; k < id_count; k++)
			if (slice_equals(ids[k], r->text))
				return n >= r->first && n <= r->last;
		return false;
	}
	if (r->first != 0)
		return n >= r->first && n <= r->last;
	return ids_mix(f->seed ^ ids_mix(n * 0x9e3779b97f4a7c15u + i)) % BILLION < r->per_billion;
}

void faults_choose(struct faults *f, uint64_t n, struct slice key, const struct slice *ids,
    size_t id_count, struct fault *chosen)
{
	*chosen = (struct fault){.kind = FAULT_NONE, .name = ""};
	pthread_rwlock_rdlock(&f->lock);
	for (size_t i = 0; i < f->plan.count; i++) {
		if (!rule_hits(f, i, n, key, ids, id_count))
			continue;
		*chosen = f->plan.rules[i].fault;
		atomic_fetch_add_explicit(
		    &f->counters[f->plan.rules[i].counter], 1, memory_order_relaxed);
		break;
	}
	pthread_rwlock_unlock(&f->lock);
}

void faults_write(struct faults *f, struct jsonw *w)
{
	if (!jsonw_object(w, "faults"))
		return;
	for (size_t i = 0; i < counter_count(); i++) {
		uint64_t n = atomic_load_explicit(&f->counters[i], memory_order_relaxed);

		if (n > 0)
			jsonw_number(w, counter_name(i), n);
	}
	jsonw_object_end(w);
}
