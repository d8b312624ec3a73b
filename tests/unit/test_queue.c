/* What passes between threads: queue, arena, snapshot. */
#include "config.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/queue.h"
#include "engine/snapshot.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, ITEMS = 20000, ROOM = 7 };

static void test_queue_alone(void **state)
{
	struct queue *q = queue_new(3);
	int items[4] = {0, 1, 2, 3};
	void *got = &items[3];
	int64_t began;

	(void)state;
	assert_non_null(q);
	began = clock_mono_ms();
	assert_int_equal(queue_pop(q, 30, &got), ERR_TIMEOUT);
	assert_null(got);
	assert_true(clock_mono_ms() - began >= 30);
	assert_int_equal(queue_pop(q, 0, &got), ERR_TIMEOUT);
	for (int round = 0; round < 5; round++) { /* over the ring's end as well */
		for (int i = 0; i < 3; i++)
			assert_int_equal(queue_try_push(q, &items[i]), ERR_OK);
		assert_int_equal(queue_try_push(q, &items[3]), ERR_BUSY);
		assert_int_equal(queue_count(q), 3);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(queue_pop(q, -1, &got), ERR_OK);
			assert_ptr_equal(got, &items[i]);
		}
		assert_int_equal(queue_try_push(q, &items[0]), ERR_OK);
		assert_int_equal(queue_pop(q, 0, &got), ERR_OK);
	}
	assert_int_equal(queue_push(q, &items[1]), ERR_OK);
	queue_close(q);
	queue_close(q);
	assert_int_equal(queue_push(q, &items[2]), ERR_CANCELLED);
	assert_int_equal(queue_try_push(q, &items[2]), ERR_CANCELLED);
	assert_int_equal(queue_pop(q, 1000, &got), ERR_OK);
	assert_ptr_equal(got, &items[1]);
	assert_int_equal(queue_pop(q, -1, &got), ERR_CANCELLED);
	assert_null(got);
	queue_free(q);
	queue_free(NULL);
}

struct belt {
	struct queue *q;
	atomic_int seen[THREADS * ITEMS];
	atomic_int next, popped, too_full;
	int numbers[THREADS * ITEMS];
};

static void *belt_push(void *arg)
{
	struct belt *b = arg;
	int first = atomic_fetch_add(&b->next, ITEMS);

	for (int i = first; i < first + ITEMS; i++) {
		b->numbers[i] = i;
		if (queue_push(b->q, &b->numbers[i]))
			return NULL;
	}
	return b;
}

static void *belt_pop(void *arg)
{
	struct belt *b = arg;
	void *item;

	while (queue_pop(b->q, -1, &item) == ERR_OK) {
		if (queue_count(b->q) > ROOM)
			atomic_fetch_add(&b->too_full, 1);
		atomic_fetch_add(&b->seen[*(int *)item], 1);
		atomic_fetch_add(&b->popped, 1);
	}
	return NULL;
}

static void test_queue_threads(void **state)
{
	struct belt *b = calloc(1, sizeof *b);
	pthread_t in[THREADS], out[THREADS];

	(void)state;
	assert_non_null(b);
	b->q = queue_new(ROOM);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&in[i], NULL, belt_push, b), 0);
		assert_int_equal(pthread_create(&out[i], NULL, belt_pop, b), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *ok;
		pthread_join(in[i], &ok);
		assert_ptr_equal(ok, b);
	}
	queue_close(b->q); /* what is left is still taken out */
	for (int i = 0; i < THREADS; i++)
		pthread_join(out[i], NULL);
	assert_int_equal(atomic_load(&b->popped), THREADS * ITEMS);
	assert_int_equal(atomic_load(&b->too_full), 0);
	for (int i = 0; i < THREADS * ITEMS; i++)
		assert_int_equal(atomic_load(&b->seen[i]), 1);
	queue_free(b->q);
	free(b);
}

static void *wait_to_push(void *arg)
{
	return (void *)(uintptr_t)queue_push(arg, arg);
}

static void *wait_to_pop(void *arg)
{
	void *item;

	return (void *)(uintptr_t)queue_pop(arg, -1, &item);
}

/* Closing wakes everybody who waits: producers at a full queue, consumers at an empty one. */
static void test_queue_close_wakes(void **state)
{
	for (int kind = 0; kind < 2; kind++) {
		struct queue *q = queue_new(1);
		pthread_t t[THREADS];
		(void)state;
		if (kind == 0)
			assert_int_equal(queue_push(q, q), ERR_OK);
		for (int i = 0; i < THREADS; i++)
			assert_int_equal(
			    pthread_create(&t[i], NULL, kind ? wait_to_pop : wait_to_push, q), 0);
		clock_sleep_ms(30);
		queue_close(q);
		for (int i = 0; i < THREADS; i++) {
			void *err;
			pthread_join(t[i], &err);
			assert_int_equal((uintptr_t)err, ERR_CANCELLED);
		}
		assert_int_equal(queue_count(q), kind ? 0 : 1);
		queue_free(q);
	}
}

static void test_arena(void **state)
{
	struct arena *a = arena_new(1000000);
	unsigned char *p[500];
	size_t sum = 0;

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		size_t n = i * 7 % 900 + 1;
		p[i] = arena_alloc(a, n);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(p[i][k], 0);
		memset(p[i], (int)(i % 251 + 1), n);
		sum += n;
	}
	for (size_t i = 0; i < 500; i++) /* nobody wrote into another's place */
		for (size_t k = 0; k < i * 7 % 900 + 1; k++)
			assert_int_equal(p[i][k], i % 251 + 1);
	assert_true(arena_used(a) >= sum && arena_used(a) < sum + 500 * 16);
	assert_null(arena_alloc(a, 1000000));
	assert_null(arena_alloc(a, SIZE_MAX - 8));
	assert_string_equal(arena_dup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_dup(a, NULL, 0), "");
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	p[0] = arena_alloc(a, 64);
	for (size_t k = 0; k < 64; k++)
		assert_int_equal(p[0][k], 0); /* zeroed again after a reset */
	p[1] = arena_alloc(a, 500000);        /* wider than a block */
	assert_non_null(p[1]);
	memset(p[1], 1, 500000);
	arena_free(a);
	arena_free(NULL);
	a = arena_new(100);
	assert_non_null(arena_alloc(a, 100));
	assert_int_equal(arena_used(a), 100);
	assert_null(arena_alloc(a, 1));
	arena_free(a);
}

static void *hold_snapshot(void *arg)
{
	const struct snapshot *s = arg;
	uint64_t sum = 0;

	for (int i = 0; i < 50000; i++) {
		const struct snapshot *mine = snapshot_ref(s);
		sum += mine->seq;
		snapshot_unref(mine);
	}
	snapshot_unref(s); /* the hold that was made for this thread */
	return (void *)(uintptr_t)sum;
}

static void test_snapshot(void **state)
{
	struct snapshot *s = snapshot_new();
	pthread_t t[2];

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->n_jobs, 0);
	s->seq = 3;
	assert_ptr_equal(snapshot_ref(s), s);
	assert_ptr_equal(snapshot_ref(s), s);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hold_snapshot, s), 0);
	snapshot_unref(s); /* the maker goes first: the threads keep it */
	for (int i = 0; i < 2; i++) {
		void *sum;
		pthread_join(t[i], &sum);
		assert_int_equal((uintptr_t)sum, 150000);
	}
	snapshot_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queue_alone),
	    cmocka_unit_test(test_queue_threads),
	    cmocka_unit_test(test_queue_close_wakes),
	    cmocka_unit_test(test_arena),
	    cmocka_unit_test(test_snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
