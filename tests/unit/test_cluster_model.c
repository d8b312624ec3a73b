/*
 * Everything that two nodes can do with a few chunks and ids, in every order: claim, renew, give
 * back, fetch, stage, sync (once, twice, the answer lost), leases that run out, crashes. And what two
 * nodes can do with one day's units. Each state is visited once; the counts are printed.
 */
#include "config.h"
#include "tests/unit/chunk_rules.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a set of states, and those still to be looked at ---- */

struct bounds;
struct explorer {
	size_t size;           /* of a state */
	unsigned char *states; /* in the order of their discovery */
	size_t n, room;
	uint32_t *slots; /* number of a state + 1; 0: empty */
	size_t n_slots;
	size_t steps;
	const struct bounds *bounds; /* of chunks */
};

static uint64_t hash_bytes(const unsigned char *p, size_t n)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h ^ (h >> 29);
}

static void *state_at(const struct explorer *x, size_t i)
{
	return x->states + i * x->size;
}

static void explorer_grow(struct explorer *x)
{
	size_t n_slots = x->n_slots ? x->n_slots * 2 : 1 << 16;
	uint32_t *slots = calloc(n_slots, sizeof *slots);

	assert_non_null(slots);
	for (size_t i = 0; i < x->n; i++) {
		size_t at = hash_bytes(state_at(x, i), x->size) & (n_slots - 1);
		while (slots[at])
			at = (at + 1) & (n_slots - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(x->slots);
	x->slots = slots;
	x->n_slots = n_slots;
	x->room = n_slots / 2;
	x->states = realloc(x->states, x->room * x->size);
	assert_non_null(x->states);
}

static void explorer_add(struct explorer *x, const void *state)
{
	size_t at;

	x->steps++;
	if (x->n == x->room)
		explorer_grow(x);
	at = hash_bytes(state, x->size) & (x->n_slots - 1);
	for (; x->slots[at]; at = (at + 1) & (x->n_slots - 1))
		if (memcmp(state_at(x, x->slots[at] - 1), state, x->size) == 0)
			return;
	memcpy(state_at(x, x->n), state, x->size);
	x->slots[at] = (uint32_t)++x->n;
}

static void explorer_done(struct explorer *x)
{
	free(x->states);
	free(x->slots);
}

/* ---- chunks ---- */

enum { NODES = 2, CHUNKS = 2, EPOCHS = 3 };

/* How much of a world is explored. */
struct bounds {
	int chunks, ids, epochs, crashes;
	size_t least; /* states that there must be: fewer, and something can no longer happen */
};

struct node {
	unsigned char holds[CHUNKS];              /* the epoch it believes to hold; 0: none */
	unsigned char started[CHUNKS];            /* bits: ids that it has begun under that epoch */
	unsigned char flying[CHUNKS];             /* bits: calls on their way */
	unsigned char done[CHUNKS];               /* bits: the done map as it was claimed */
	unsigned char staged[CHUNKS][EPOCHS + 1]; /* bits, by epoch: stored here, not yet told */
};

struct world {
	struct rule_chunk chunks[CHUNKS];
	struct node nodes[NODES];
	unsigned char rows[CHUNKS];  /* bits: PostgreSQL has a row */
	unsigned char ended[CHUNKS]; /* how often it became done */
	unsigned char calls[CHUNKS][RULE_IDS];
	unsigned char crashes;
};

static unsigned outcome_bits(const struct rule_chunk *c)
{
	unsigned bits = 0;

	for (int i = 0; i < c->n; i++)
		bits |= c->outcome[i] ? 1u << i : 0;
	return bits;
}

/* What must hold in every state. */
static void check_world(const struct world *w, const struct bounds *b)
{
	for (int c = 0; c < b->chunks; c++) {
		const struct rule_chunk *k = &w->chunks[c];
		unsigned told = outcome_bits(k);
		int holders = 0;

		assert_true((told & ~w->rows[c]) == 0); /* P1: what is told has a row */
		assert_true((k->state == RULE_DONE) ==
		            (told == (1u << b->ids) - 1));           /* P1: done is all of it */
		assert_true(w->ended[c] == (k->state == RULE_DONE)); /* P5: once */
		for (int n = 0; n < NODES; n++)
			holders += w->nodes[n].holds[c] == k->epoch && k->epoch;
		assert_true(holders <= 1); /* P5: an epoch has one holder */
		for (int i = 0; i < b->ids; i++)
			assert_true(w->calls[c][i] <= k->epoch); /* P2: once for each claim */
	}
}

static void visit(struct explorer *x, const struct world *w)
{
	check_world(w, x->bounds);
	explorer_add(x, w);
}

static void try_claims(struct explorer *x, const struct world *from, int n, int c)
{
	struct world w = *from;

	if (w.chunks[c].epoch >= x->bounds->epochs || w.nodes[n].holds[c] ||
	    !rule_claim(&w.chunks[c], n + 1))
		return;
	w.nodes[n].holds[c] = w.chunks[c].epoch;
	w.nodes[n].done[c] = (unsigned char)outcome_bits(&w.chunks[c]);
	w.nodes[n].started[c] = 0;
	visit(x, &w);
}

static void drop_hold(struct node *k, int c)
{
	k->holds[c] = k->started[c] = k->flying[c] = k->done[c] = 0;
}

static void try_leases(struct explorer *x, const struct world *from, int n, int c)
{
	struct world w = *from;
	struct node *k = &w.nodes[n];

	if (!k->holds[c])
		return;
	if (!rule_renew(&w.chunks[c], n + 1, k->holds[c]))
		k->holds[c] = 0; /* lost: what flies may still land */
	visit(x, &w);
	w = *from;
	if (!k->flying[c]) {
		rule_release(&w.chunks[c], k->holds[c]);
		drop_hold(k, c);
		visit(x, &w);
	}
}

/*
 * A call begins while the node's own clock says that the lease lasts: that clock runs out before the
 * server's. It may end at any time, and is stored under the epoch that it began with.
 */
static void try_calls(struct explorer *x, const struct world *from, int n, int c)
{
	for (int i = 0; i < from->chunks[c].n; i++) {
		struct world w = *from;
		struct node *k = &w.nodes[n];
		unsigned bit = 1u << i;

		if (k->holds[c] && !w.chunks[c].expired && k->holds[c] == w.chunks[c].epoch &&
		    !((k->started[c] | k->done[c]) & bit)) {
			k->started[c] |= (unsigned char)bit;
			k->flying[c] |= (unsigned char)bit;
			w.calls[c][i]++;
			visit(x, &w);
		}
		w = *from;
		if (k->holds[c] && (k->flying[c] & bit)) {
			k->flying[c] &= (unsigned char)~bit;
			k->staged[c][k->holds[c]] |= (unsigned char)bit;
			visit(x, &w);
		}
	}
}

/* One transaction: rows and what they say of the chunk. Twice when its answer was lost. */
static void try_sync(struct explorer *x, const struct world *from, int n, int c)
{
	for (int epoch = 1; epoch <= EPOCHS; epoch++)
		for (int i = 0; i < from->chunks[c].n; i++) {
			struct world w = *from;
			struct rule_chunk *k = &w.chunks[c], before = *k;
			unsigned bit = 1u << i;

			if (!(w.nodes[n].staged[c][epoch] & bit))
				continue;
			w.rows[c] |= (unsigned char)bit;
			rule_mark(k, epoch, i, 1);
			if (epoch != before.epoch) /* P5 */
				assert_memory_equal(k, &before, sizeof before);
			if (k->state == RULE_DONE && before.state != RULE_DONE)
				w.ended[c]++;
			visit(x, &w); /* the answer was lost */
			w.nodes[n].staged[c][epoch] &= (unsigned char)~bit;
			visit(x, &w);
		}
}

static void try_time_and_crashes(struct explorer *x, const struct world *from)
{
	for (int c = 0; c < x->bounds->chunks; c++) {
		struct world w = *from;

		if (w.chunks[c].state != RULE_LEASED || w.chunks[c].expired)
			continue;
		w.chunks[c].expired = true;
		visit(x, &w);
	}
	for (int n = 0; n < NODES && from->crashes < x->bounds->crashes; n++) {
		struct world w = *from;

		for (int c = 0; c < CHUNKS; c++)
			drop_hold(&w.nodes[n], c); /* staging stays */
		w.crashes++;
		visit(x, &w);
	}
}

/* From everywhere the end can be reached: somebody may do something, or all is done. */
static void check_goes_on(const struct world *w, const struct bounds *b)
{
	for (int c = 0; c < b->chunks; c++) {
		const struct rule_chunk *k = &w->chunks[c];

		assert_true(
		    k->state == RULE_DONE || k->state == RULE_READY || k->state == RULE_LEASED);
		if (k->state == RULE_LEASED)
			assert_true(k->owner >= 1 && k->owner <= NODES);
	}
}

static void explore_chunks(const struct bounds *bounds)
{
	struct explorer x = {.size = sizeof(struct world), .bounds = bounds};
	struct world w;
	size_t ends = 0;

	memset(&w, 0, sizeof w);
	for (int c = 0; c < bounds->chunks; c++)
		w.chunks[c].n = (unsigned char)bounds->ids;
	explorer_add(&x, &w);
	for (size_t at = 0; at < x.n; at++) {
		bool all = true;

		memcpy(&w, state_at(&x, at), sizeof w);
		check_goes_on(&w, bounds);
		for (int c = 0; c < bounds->chunks; c++) {
			all = all && w.chunks[c].state == RULE_DONE;
			for (int n = 0; n < NODES; n++) {
				try_claims(&x, &w, n, c);
				try_leases(&x, &w, n, c);
				try_calls(&x, &w, n, c);
				try_sync(&x, &w, n, c);
			}
		}
		try_time_and_crashes(&x, &w);
		ends += all;
	}
	print_message(
	    "%d chunks of %d ids, %d epochs, %d crashes: %zu states, %zu steps, %zu done\n",
	    bounds->chunks, bounds->ids, bounds->epochs, bounds->crashes, x.n, x.steps, ends);
	assert_true(ends > 0);
	assert_true(x.n >= bounds->least);
	explorer_done(&x);
}

static void test_one_chunk(void **state)
{
	(void)state;
	explore_chunks(&(struct bounds){1, 2, 3, 1, 10000});
	explore_chunks(&(struct bounds){1, 3, 2, 1, 10000});
}

static void test_two_chunks(void **state)
{
	(void)state;
	explore_chunks(&(struct bounds){2, 1, 2, 1, 10000});
}

/* ---- quota ---- */

enum { LIMIT = 5, ASKS = 3 };

struct purse {
	unsigned char asked;         /* units of the question on its way; 0: none */
	unsigned char given;         /* what the server has noted for that question */
	bool answered;               /* the server did it, the node does not know */
	unsigned char granted, used; /* as on the node's disk */
	unsigned char asks;
	unsigned char back; /* taken off its book, not yet told */
};
struct bank {
	struct purse purses[NODES];
	unsigned char granted, sent, crashes;
};

static void visit_bank(struct explorer *x, const struct bank *b)
{
	int sum = 0;

	for (int n = 0; n < NODES; n++) {
		assert_true(b->purses[n].used <= b->purses[n].granted);
		sum += b->purses[n].granted;
	}
	assert_true(sum <= b->granted);
	assert_true(b->granted <= LIMIT);
	assert_true(b->sent <= LIMIT); /* P3 */
	explorer_add(x, b);
}

static void try_grants(struct explorer *x, const struct bank *from, int n)
{
	struct bank b = *from;
	struct purse *p = &b.purses[n];
	struct rule_quota q = {LIMIT, b.granted, 1, false};

	if (!p->asked && p->asks < ASKS) {
		p->asked = 3;
		p->answered = false;
		p->given = 0;
		p->asks++;
		visit_bank(x, &b);
	}
	b = *from;
	if (p->asked && !p->answered) { /* the server notes the question's number with its answer */
		p->given = (unsigned char)rule_grant(&q, 0, p->asked);
		b.granted = (unsigned char)q.granted;
		p->answered = true;
		visit_bank(x, &b);
	}
	b = *from;
	if (p->asked && p->answered) { /* asked again, or heard: the same number, the same units */
		p->granted = (unsigned char)(p->granted + p->given);
		p->asked = p->given = 0;
		p->answered = false;
		visit_bank(x, &b);
	}
}

static void try_units(struct explorer *x, const struct bank *from, int n)
{
	struct bank b = *from;
	struct purse *p = &b.purses[n];

	if (p->used < p->granted) { /* booked, then sent */
		p->used++;
		visit_bank(x, &b);
		b.sent++;
		visit_bank(x, &b);
	}
	b = *from;
	if (p->used < p->granted && !p->back) {
		p->back = (unsigned char)(p->granted - p->used);
		p->granted = p->used;
		visit_bank(x, &b);
	}
	b = *from;
	if (p->back) {
		b.granted = (unsigned char)(b.granted - p->back);
		p->back = 0;
		visit_bank(x, &b);
	}
	b = *from;
	if (b.crashes < 2) { /* forgets its question and what it was giving back */
		p->asked = p->given = p->back = 0;
		p->answered = false;
		b.crashes++;
		visit_bank(x, &b);
	}
}

static void test_quota(void **state)
{
	struct explorer x = {.size = sizeof(struct bank)};
	struct bank b;
	bool all = false;

	(void)state;
	memset(&b, 0, sizeof b);
	explorer_add(&x, &b);
	for (size_t at = 0; at < x.n; at++) {
		memcpy(&b, state_at(&x, at), sizeof b);
		all = all || b.sent == LIMIT;
		for (int n = 0; n < NODES; n++) {
			try_grants(&x, &b, n);
			try_units(&x, &b, n);
		}
	}
	print_message("quota: %zu states, %zu steps\n", x.n, x.steps);
	assert_true(all); /* and nothing is held back from a cluster without trouble */
	assert_true(x.n > 1000);
	explorer_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_chunk),
	    cmocka_unit_test(test_two_chunks),
	    cmocka_unit_test(test_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
