#include "config.h"
#include "tests/unit/channels_fixture.h"

#include <stdlib.h>
#include <string.h>

int fix_start(void **state)
{
	struct fix *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->reader = json_reader_new(8 << 20, 64);
	f->arena = arena_new(0);
	assert_non_null(f->reader);
	assert_non_null(f->arena);
	*state = f;
	return 0;
}

int fix_end(void **state)
{
	struct fix *f = *state;

	json_reader_free(f->reader);
	arena_free(f->arena);
	free(f);
	return 0;
}

enum err parse_n(struct fix *f, const char *body, size_t len)
{
	return channels_parse(f->reader, body, len, f->arena, &f->rows, &f->n, &f->odd, &f->eb);
}

enum err parse(struct fix *f, const char *body)
{
	return parse_n(f, body, strlen(body));
}

void check_text(const char *got, const char *want)
{
	if (!want)
		assert_null(got);
	else
		assert_string_equal(got ? got : "(null)", want);
}

void check_list(const struct text_list *got, const char *const *want, int n)
{
	assert_int_equal(got->n, n);
	for (int i = 0; i < n; i++)
		assert_string_equal(got->items[i], want[i]);
}
