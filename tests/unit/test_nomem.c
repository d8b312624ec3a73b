/*
 * Every allocation of the base layer fails once: the call says so, nothing leaks, nothing breaks.
 * Linked with -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc, so that allocations of our
 * own libraries and of this file come through here.
 */
#include "config.h"
#include "db/text_json.h"
#include "engine/base/arena.h"
#include "engine/base/env_file.h"
#include "engine/base/log.h"
#include "engine/base/queue.h"
#include "engine/base/secret.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "engine/snapshot.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdatomic.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static _Atomic int64_t fail_at; /* 0: never; 1: the next one */
static atomic_bool failed;

static bool refuse(void)
{
	if (atomic_load(&fail_at) == 0 || atomic_fetch_sub(&fail_at, 1) != 1)
		return false;
	atomic_store(&failed, true);
	return true;
}

void *__wrap_malloc(size_t size)
{
	return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refuse() ? NULL : __real_realloc(p, size);
}

/* Does a thing whose n-th allocation fails, for every n, and once without a failure. */
static void each_failure(enum err (*thing)(void *arg), void *arg, int least)
{
	int n = 0;

	do {
		enum err err;
		fail_at = ++n;
		failed = false;
		err = thing(arg);
		fail_at = 0;
		if (err != (failed ? ERR_NOMEM : ERR_OK))
			fail_msg("allocation %d failed: %s", n, err_word(err));
	} while (failed);
	assert_true(n > least); /* there was something to fail */
}

static enum err do_str(void *arg)
{
	struct str s;
	enum err err;
	char *text;

	(void)arg;
	str_init(&s, 10000);
	for (int i = 0; i < 200; i++)
		str_addf(&s, "number %d;", i);
	str_add(&s, "end", 3);
	err = s.err;
	assert_int_equal(strlen(str_get(&s)), s.len); /* what is there is whole */
	text = str_take(&s);
	assert_int_equal(text == NULL, err != ERR_OK);
	if (text) {
		char *copy = str_dup(text);
		if (!copy)
			err = ERR_NOMEM;
		free(copy);
	}
	free(text);
	return err;
}

static enum err do_text(void *arg)
{
	static const char in[] =
	    "key=abc \x01\xFF and https://u:p@host/ and so on and so on and so on";
	struct str a, b, c;
	enum err err;

	(void)arg;
	str_init(&a, 1000);
	str_init(&b, 1000);
	str_init(&c, 1000);
	text_clean(in, sizeof in - 1, &a);
	text_mask_secrets(in, sizeof in - 1, &b);
	text_escape(in, sizeof in - 1, &c);
	err = a.err ? a.err : b.err ? b.err : c.err;
	assert_null(strstr(str_get(&b), "abc"));
	str_done(&a);
	str_done(&b);
	str_done(&c);
	return err;
}

static enum err do_arena(void *arg)
{
	struct arena *a = arena_new(0);
	enum err err = a ? ERR_OK : ERR_NOMEM;

	(void)arg;
	for (int i = 0; i < 100 && !err; i++) {
		size_t used = arena_used(a);
		char *p = arena_dup(a, "some text", 9);
		void *wide = arena_alloc(a, 5000);
		err = p && wide ? ERR_OK : ERR_NOMEM;
		assert_true(arena_used(a) > used || err);
	}
	if (a && err) { /* it can still be used afterwards */
		arena_reset(a);
		assert_non_null(arena_alloc(a, 100));
	}
	arena_free(a);
	return err;
}

static enum err do_list(void *arg)
{
	static const char *const words[] = {"one", "two \"2\"", "three"};
	const struct text_list list = {words, 3};
	struct text_list back = {NULL, -1};
	char **owned = NULL;
	struct str s;
	enum err err;

	(void)arg;
	str_init(&s, 1000);
	text_json_write(&list, &s);
	err = s.err ? s.err : text_json_read(str_get(&s), &back, &owned);
	if (!err)
		assert_string_equal(back.items[1], "two \"2\"");
	else
		assert_int_equal(back.n, -1);
	text_json_free(owned);
	str_done(&s);
	return err;
}

static enum err count_pair(
    void *arg, const char *name, const char *value, int line, struct errbuf *eb)
{
	(void)eb;
	assert_true(name[0] && value[0] && line > 0);
	++*(int *)arg;
	return ERR_OK;
}

static enum err do_env(void *arg)
{
	static const char in[] =
	    "A=1\nexport LONGER_NAME_THAN_THE_FIRST_OF_THEM_AND_OTHERS_BEFORE_IT="
	    "\"a value that is longer than the first block of a text is, by far\"";
	struct errbuf eb = {0};
	int n = 0;
	enum err err = env_file_parse("f", in, sizeof in - 1, count_pair, &n, &eb);

	(void)arg;
	assert_int_equal(n == 2, err == ERR_OK);
	assert_int_equal(eb.code, err);
	return err;
}

static enum err do_settings(void *arg)
{
	struct errbuf eb = {0};
	struct settings *s = NULL;
	enum err err = settings_load(&s, arg, &eb);
	char *dir;

	assert_int_equal(s == NULL, err != ERR_OK);
	if (err)
		return err;
	err = settings_set(s, "API_TOKEN", "token", "--token", &eb);
	assert_int_equal(settings_number(s, SET_BATCH_SIZE, 0), 77);
	dir = settings_data_dir(s);
	err = err || dir ? err : ERR_NOMEM;
	free(dir);
	settings_free(s);
	return err;
}

static enum err do_objects(void *arg)
{
	struct queue *q = queue_new(5);
	struct secret *s = secret_new("abc", 3), *copy = s ? secret_copy(s) : NULL;
	struct snapshot *shot = snapshot_new();
	enum err err = q && s && copy && shot ? ERR_OK : ERR_NOMEM;

	(void)arg;
	queue_free(q);
	secret_free(copy);
	secret_free(s);
	snapshot_unref(shot);
	return err;
}

static enum err do_log(void *arg)
{
	struct log_config cfg = {.level = LOG_INFO, .path = arg};
	struct errbuf eb = {0};
	struct log *lg;
	enum err err = log_open(&lg, &cfg, &eb);

	assert_int_equal(lg == NULL, err != ERR_OK);
	log_close(lg);
	return err;
}

/* A line that there is no memory for is left out; the log goes on. */
static void test_log_lines(void **state)
{
	struct log_config cfg = {.level = LOG_INFO};
	struct errbuf eb = {0};
	struct log *lg;
	struct log_line line;

	(void)state;
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	for (int n = 1; n < 10; n++) {
		fail_at = n;
		log_at(lg, LOG_INFO, "test", 0, "key=abc %d", n);
		fail_at = 0;
		if (log_tail(lg, 0, &line, 1))
			assert_null(strstr(line.text, "abc"));
	}
	log_at(lg, LOG_INFO, "test", 0, "last");
	assert_int_equal(log_tail(lg, 0, &line, 1), 1);
	assert_string_equal(line.text, "last");
	log_close(lg);
}

static void test_all(void **state)
{
	struct scratch scratch;
	char path[SCRATCH_SIZE * 2];
	FILE *f;

	(void)state;
	assert_int_equal(scratch_open(&scratch), 0);
	snprintf(path, sizeof path, "%s", scratch_path(&scratch, "env"));
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("DEFAULT_BATCH_SIZE=77\nSECRET_KEY=abc\n", f);
	fclose(f);
	each_failure(do_str, NULL, 5);
	each_failure(do_text, NULL, 3);
	each_failure(do_arena, NULL, 5);
	each_failure(do_list, NULL, 2);
	each_failure(do_env, NULL, 3);
	each_failure(do_objects, NULL, 5);
	each_failure(do_settings, path, 10);
	snprintf(path, sizeof path, "%s", scratch_path(&scratch, "log"));
	each_failure(do_log, path, 2);
	scratch_close(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_log_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
