/* A snapshot as JSON and back: every member has a row, random snapshots survive, rubbish does not hurt. */
#include "config.h"
#include "engine/snapshot_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 200 };

static uint64_t dice_state;

static uint64_t dice(void)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state;
}

/* ---- filling ---- */

static void fill_text(char *to, size_t size)
{
	static const char *const parts[] = {
	    "a", "Z", " ", "\"", "\\", "/", "\n", "\t", "é", "日", "😀", "{", "[", ",", "\\u0000"};
	size_t len = 0, room = dice() % size;

	for (;;) {
		const char *part = parts[dice() % (sizeof parts / sizeof parts[0])];
		if (len + strlen(part) > room)
			break;
		memcpy(to + len, part, strlen(part));
		len += strlen(part);
	}
	to[len] = '\0';
}

static double fill_double(void)
{
	uint64_t bits = dice();
	double v;

	memcpy(&v, &bits, sizeof v);
	if (dice() % 4 == 0)
		return (double)(int64_t)(bits % 2000) - 1000;
	return v - v == 0 ? v : 0.1;
}

static void fill_shape(const struct snapshot_shape *of, char *to);

static void fill_one(const struct snapshot_field *f, char *to)
{
	int64_t i64 = (int64_t)(dice() % 3 ? dice() : dice() % 1000);
	uint64_t u64 = dice() >> 1;
	int i32 = (int)(dice() & 0xffffffff);
	unsigned u32 = (unsigned)(dice() & 0xffffffff);
	double real = fill_double();
	bool yes = dice() & 1;
	enum log_level level = (enum log_level)(dice() % 4);

	switch (f->kind) {
	case SNAPSHOT_LIST:
		fill_shape(f->of, to);
		break;
	case SNAPSHOT_TEXT:
		fill_text(to, f->size);
		break;
	case SNAPSHOT_I64:
		memcpy(to, &i64, sizeof i64);
		break;
	case SNAPSHOT_U64:
		memcpy(to, &u64, sizeof u64);
		break;
	case SNAPSHOT_I32:
		memcpy(to, &i32, sizeof i32);
		break;
	case SNAPSHOT_U32:
		memcpy(to, &u32, sizeof u32);
		break;
	case SNAPSHOT_DOUBLE:
		memcpy(to, &real, sizeof real);
		break;
	case SNAPSHOT_BOOL:
		memcpy(to, &yes, sizeof yes);
		break;
	case SNAPSHOT_LEVEL:
		memcpy(to, &level, sizeof level);
		break;
	default:
		fail_msg("%s has no kind", f->name);
	}
}

static void fill_shape(const struct snapshot_shape *of, char *to)
{
	for (size_t i = 0; i < of->n; i++) {
		const struct snapshot_field *f = &of->fields[i];
		size_t room = f->size / f->element;
		size_t n = f->count_at == SNAPSHOT_FULL ? room : dice() % (room + 1);

		if (f->count_at != SNAPSHOT_FULL)
			memcpy(to + f->count_at, &n, sizeof n);
		for (size_t k = 0; k < n; k++)
			fill_one(f, to + f->at + k * f->element);
	}
}

/* ---- comparing, by the table: padding may differ ---- */

static void check_same(const struct snapshot_shape *of, const char *a, const char *b)
{
	for (size_t i = 0; i < of->n; i++) {
		const struct snapshot_field *f = &of->fields[i];
		size_t n = f->size / f->element;

		if (f->count_at != SNAPSHOT_FULL) {
			assert_memory_equal(a + f->count_at, b + f->count_at, sizeof n);
			memcpy(&n, a + f->count_at, sizeof n);
		}
		for (size_t k = 0; k < n; k++) {
			const char *x = a + f->at + k * f->element, *y = b + f->at + k * f->element;
			if (f->kind == SNAPSHOT_LIST)
				check_same(f->of, x, y);
			else if (f->kind == SNAPSHOT_TEXT)
				assert_string_equal(x, y);
			else if (memcmp(x, y, f->element) != 0)
				fail_msg("%s.%s did not survive", of->name, f->name);
		}
	}
}

static void test_random_snapshots_survive(void **state)
{
	(void)state;
	for (int round = 1; round <= ROUNDS; round++) {
		struct snapshot *in = snapshot_new(), *out = NULL;
		struct errbuf eb = {0};
		struct str text, again;

		dice_state = (uint64_t)round * UINT64_C(0x9e3779b97f4a7c15);
		fill_shape(snapshot_shape(), (char *)in);
		str_init(&text, 16 * 1024 * 1024);
		str_init(&again, 16 * 1024 * 1024);
		snapshot_encode(in, &text);
		if (snapshot_decode(str_get(&text), text.len, &out, &eb))
			fail_msg("round %d: %s", round, err_text(&eb));
		check_same(snapshot_shape(), (const char *)in, (const char *)out);
		snapshot_encode(out, &again);
		assert_string_equal(str_get(&text), str_get(&again));
		snapshot_unref(in);
		snapshot_unref(out);
		str_done(&text);
		str_done(&again);
	}
}

/* ---- no member without a row ---- */

static void mark_covered(const struct snapshot_shape *of, bool *seen)
{
	for (size_t i = 0; i < of->n; i++) {
		const struct snapshot_field *f = &of->fields[i];
		for (size_t b = 0; b < f->size; b++) {
			if (seen[f->at + b])
				fail_msg("%s.%s has two rows", of->name, f->name);
			seen[f->at + b] = true;
		}
		if (f->count_at != SNAPSHOT_FULL)
			memset(seen + f->count_at, true, sizeof(size_t));
	}
}

/* Reads the members of `struct NAME {` out of a header and asks for a row or a count of each. */
static void check_members(const char *header, const struct snapshot_shape *of)
{
	char start[80], *p, *end;
	size_t n = 0;

	snprintf(start, sizeof start, "\nstruct %s {\n", of->name);
	p = strstr(header, start);
	if (!p)
		fail_msg("struct %s is not in its header", of->name);
	p += strlen(start);
	end = strstr(p, "\n};");
	assert_non_null(end);
	while (p < end) {
		size_t line = strcspn(p, ";/");
		if (p[line] == '/') { /* a comment */
			p = strstr(p + line, "*/") + 2;
			continue;
		}
		/* the words before ; are a type and names, with commas between and sizes in [] */
		for (size_t i = 0; i < line && p + i < end; i++) {
			size_t len = strspn(p + i,
			    "abcdefghijklmnopqrstuvwxyz_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
			size_t after = i + len + strspn(p + i + len, " \t\n");
			char name[80];
			if (!len)
				continue;
			snprintf(name, sizeof name, "%.*s", (int)len, p + i);
			if ((p[after] == ';' || p[after] == ',' || p[after] == '[') &&
			    (i == 0 || strchr(" \t\n*", p[i - 1])) && strcmp(name, "refs") != 0 &&
			    strncmp(name, "n_", 2) != 0) {
				n++;
				if (!snapshot_field_find(of, name))
					fail_msg("struct %s has a member %s without a row in "
					         "snapshot_json.c",
					    of->name, name);
			}
			i += len;
		}
		p += line + 1;
	}
	assert_true(n > 0);
}

static char *read_header(const char *path)
{
	const char *root = getenv("TOP_SRCDIR");
	char name[4096], *text = calloc(1, 256 * 1024);
	FILE *file;

	snprintf(name, sizeof name, "%s/%s", root ? root : ".", path);
	file = fopen(name, "r");
	if (!file)
		fail_msg("%s cannot be read: set TOP_SRCDIR", name);
	assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
	fclose(file);
	return text;
}

static void check_shape(const struct snapshot_shape *of, const char *snapshot, const char *log)
{
	bool *seen = calloc(of->size, sizeof *seen);
	size_t hole = 0;

	mark_covered(of, seen);
	if (strcmp(of->name, "snapshot") == 0)
		memset(seen + offsetof(struct snapshot, refs), true, sizeof(void *));
	/* what no row covers may only be padding: less than an alignment in one place */
	for (size_t b = 0; b < of->size; b++) {
		hole = seen[b] ? 0 : hole + 1;
		if (hole >= sizeof(int64_t))
			fail_msg(
			    "byte %zu of struct %s has no row in snapshot_json.c", b, of->name);
	}
	free(seen);
	check_members(strcmp(of->name, "log_line") == 0 ? log : snapshot, of);
	for (size_t i = 0; i < of->n; i++)
		if (of->fields[i].of)
			check_shape(of->fields[i].of, snapshot, log);
}

static void test_every_member_has_a_row(void **state)
{
	char *snapshot = read_header("engine/snapshot.h"), *log = read_header("engine/base/log.h");

	(void)state;
	check_shape(snapshot_shape(), snapshot, log);
	free(snapshot);
	free(log);
}

/* ---- from outside ---- */

static const struct snapshot *decoded(const char *text)
{
	struct snapshot *s = NULL;
	struct errbuf eb = {0};

	if (snapshot_decode(text, strlen(text), &s, &eb))
		fail_msg("%s: %s", text, err_text(&eb));
	return s;
}

static void test_other_programs_snapshots(void **state)
{
	const struct snapshot *s = decoded("{}");

	(void)state;
	assert_int_equal(s->channels, 0);
	assert_int_equal(s->n_jobs, 0);
	snapshot_unref(s);
	s = decoded("{\"channels\":7,\"no_such_member\":[{}],\"node\":\"a\\u0000b\\u001bc\","
	            "\"items\":[[1,2],[3]],\"jobs\":[{\"no\":5,\"type\":"
	            "\"0123456789012345678901234567890é\"}],\"items_per_s\":null}");
	assert_int_equal(s->channels, 7);
	assert_int_equal(s->n_jobs, 1);
	assert_int_equal(s->jobs[0].no, 5);
	assert_string_equal(s->jobs[0].type, "0123456789012345678901234567890");
	assert_null(strchr(s->node, '\x1b'));
	assert_int_equal(s->items[0][1], 2);
	assert_int_equal(s->items[0][2], 0);
	assert_int_equal(s->items[1][0], 3);
	snapshot_unref(s);
}

static void test_lists_are_cut(void **state)
{
	const struct snapshot *s;
	struct str text;

	(void)state;
	str_init(&text, 1024 * 1024);
	str_adds(&text, "{\"jobs\":[");
	for (int i = 0; i < SNAPSHOT_JOBS + 50; i++)
		str_addf(&text, "%s{\"no\":%d}", i ? "," : "", i);
	str_adds(&text, "],\"seq\":9}");
	s = decoded(str_get(&text));
	assert_int_equal(s->n_jobs, SNAPSHOT_JOBS);
	assert_int_equal(s->jobs[SNAPSHOT_JOBS - 1].no, SNAPSHOT_JOBS - 1);
	assert_int_equal(s->seq, 9);
	snapshot_unref(s);
	str_done(&text);
}

static void test_what_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "null", "{", "{\"channels\":\"7\"}",
	    "{\"channels\":1.5}", "{\"seq\":-1}", "{\"draining\":1}", "{\"node\":5}",
	    "{\"jobs\":{}}", "{\"jobs\":[1]}", "{\"items\":[1]}", "{\"items\":[[true]]}",
	    "{\"log\":[{\"level\":\"loud\"}]}", "{\"channels\":99999999999999999999}"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct snapshot *s = NULL;
		struct errbuf eb = {0};
		if (!snapshot_decode(bad[i], strlen(bad[i]), &s, &eb))
			fail_msg("taken: %s", bad[i]);
		assert_null(s);
		assert_true(eb.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_snapshots_survive),
	    cmocka_unit_test(test_every_member_has_a_row),
	    cmocka_unit_test(test_other_programs_snapshots),
	    cmocka_unit_test(test_lists_are_cut),
	    cmocka_unit_test(test_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
