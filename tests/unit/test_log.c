/* log: lines in both formats, masking, rotation, the ring, dropped lines. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/gzip.h"
#include "engine/base/log.h"
#include "engine/base/str.h"
#include "tests/unit/scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <regex.h>
#include <sys/stat.h>

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	return scratch_open(&scratch);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_close(&scratch);
	return 0;
}

static struct log *open_log(const char *name, bool json, enum log_level level)
{
	struct log_config cfg = {.level = level, .json = json};
	struct errbuf eb = {0};
	struct log *lg;

	cfg.path = name ? scratch_path(&scratch, name) : NULL;
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	return lg;
}

/* The whole file, owned. */
static char *slurp(const char *name)
{
	FILE *f = fopen(scratch_path(&scratch, name), "r");
	char *text = calloc(1, 4000000);

	assert_non_null(f);
	assert_non_null(text);
	text[fread(text, 1, 3999999, f)] = '\0';
	fclose(f);
	return text;
}

static void test_levels(void **state)
{
	enum log_level level = LOG_DEBUG;

	(void)state;
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
		assert_true(log_level_parse(log_level_word((enum log_level)i), &level));
		assert_int_equal(level, i);
	}
	assert_true(log_level_parse("WARNING", &level));
	assert_int_equal(level, LOG_WARNING);
	assert_false(log_level_parse("loud", &level));
	assert_int_equal(level, LOG_WARNING);
	log_at(NULL, LOG_ERROR, "test", 0, "nowhere");
	log_reopen(NULL);
	log_close(NULL);
	assert_int_equal(log_tail(NULL, 0, NULL, 0) + log_errors(NULL) + log_dropped(NULL), 0);
}

static void test_text_lines(void **state)
{
	struct log *lg = open_log("text.log", false, LOG_INFO);
	regex_t re;
	struct stat st;
	char *text, *line, *end;
	int n = 0;

	(void)state;
	assert_int_equal(stat(scratch_path(&scratch, "text.log"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	log_at(lg, LOG_ERROR, "writer", 1042, "first %d\nsecond\x1B[31m", 1);
	log_at(lg, LOG_INFO, "a-source-with-a-long-name", 0, "key=abc123");
	log_at(lg, LOG_DEBUG, "quiet", 0, "not written");
	log_at(lg, LOG_WARNING, "x", 0, "%s", "");
	assert_int_equal(log_errors(lg), 1);
	log_close(lg);
	text = slurp("text.log");
	assert_int_equal(
	    regcomp(&re, "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z [EWID] [^ ]+ +",
	        REG_EXTENDED),
	    0);
	for (line = text; *line; line = end + 1, n++) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		assert_int_equal(regexec(&re, line, 0, NULL, 0), 0);
		if (n == 0)
			assert_non_null(
			    strstr(line, "Z E writer    J-1042 first 1\\nsecond\\x1B[31m"));
		if (n == 1)
			assert_non_null(strstr(line, "Z I a-source-with-a key=***"));
	}
	assert_int_equal(n, 3);
	regfree(&re);
	free(text);
}

static void test_json_lines(void **state)
{
	static const char *const texts[] = {"plain", "quotes \" and \\ back", "line\nbreak\ttab",
	    "\x01\x1F\x7F\xC2\x9B\xFF", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5", "",
	    "AIzaSyA-1234567890_abcdefghijklmnopqrst"};
	static const char *const want[] = {"plain", "quotes \" and \\ back", "line\\nbreak\\ttab",
	    "\\x01\\x1F\\x7F\\x9B\\xFF", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA5", "", "***"};
	struct log *lg = open_log("json.log", true, LOG_DEBUG);
	char *text, *line, *end, *wide = malloc(8193);
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		log_at(lg, LOG_DEBUG, "worker", i == 3 ? 7 : 0, "%s", texts[i]);
	memset(wide, '"', 8192); /* as long as a line may be, twice as long in JSON */
	wide[8192] = '\0';
	log_at(lg, LOG_INFO, "worker", 0, "%s", wide);
	log_at(lg, LOG_INFO, "worker", 0, "%s and more", wide);
	log_close(lg);
	text = slurp("json.log");
	for (line = text; *line; line = end + 1, n++) {
		json_t *j;
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		j = json_loads(line, 0, NULL);
		assert_non_null(j);
		assert_string_equal(json_string_value(json_object_get(j, "message")),
		    n < 7    ? want[n]
		    : n == 7 ? wide
		             : "(a line too long for the log was left out)");
		assert_string_equal(
		    json_string_value(json_object_get(j, "level")), n < 7 ? "debug" : "info");
		assert_int_equal(json_object_get(j, "job") != NULL, n == 3);
		json_decref(j);
	}
	assert_int_equal(n, 9);
	free(wide);
	free(text);
}

static void wait_for(const char *name, const char *part)
{
	for (int i = 0; i < 500; i++) {
		char *text = slurp(name);
		bool found = strstr(text, part) != NULL;
		free(text);
		if (found)
			return;
		clock_sleep_ms(10);
	}
	fail_msg("%s never had %s", name, part);
}

static void test_reopen(void **state)
{
	struct log *lg = open_log("now.log", false, LOG_INFO);
	char from[SCRATCH_SIZE * 2], *text;

	(void)state;
	log_at(lg, LOG_INFO, "test", 0, "before");
	wait_for("now.log", "before");
	snprintf(from, sizeof from, "%s", scratch_path(&scratch, "now.log"));
	assert_int_equal(rename(from, scratch_path(&scratch, "old.log")), 0);
	log_at(lg, LOG_INFO, "test", 0, "still the old one");
	wait_for("old.log", "still the old one");
	log_reopen(lg);
	for (int i = 0; i < 500 && access(scratch_path(&scratch, "now.log"), F_OK) != 0; i++)
		clock_sleep_ms(10);
	log_at(lg, LOG_INFO, "test", 0, "after");
	log_close(lg);
	text = slurp("now.log");
	assert_non_null(strstr(text, "after"));
	assert_null(strstr(text, "before"));
	free(text);
	text = slurp("old.log");
	assert_non_null(strstr(text, "before"));
	assert_null(strstr(text, "after"));
	free(text);
}

static void test_tail(void **state)
{
	struct log *lg = open_log(NULL, false, LOG_INFO);
	static struct log_line lines[2000];
	char wide[400];

	(void)state;
	for (int i = 1; i <= 100; i++)
		log_at(lg, LOG_INFO, "test", i, "line %d", i);
	assert_int_equal(log_tail(lg, 0, lines, 2000), 100);
	for (size_t i = 0; i < 100; i++) {
		char want[32];
		snprintf(want, sizeof want, "line %zu", i + 1);
		assert_int_equal(lines[i].seq, i + 1);
		assert_int_equal(lines[i].job, i + 1);
		assert_string_equal(lines[i].text, want);
		assert_string_equal(lines[i].source, "test");
	}
	assert_int_equal(log_tail(lg, 90, lines, 2000), 10);
	assert_int_equal(lines[0].seq, 91);
	assert_int_equal(log_tail(lg, 0, lines, 3), 3); /* the newest */
	assert_int_equal(lines[0].seq, 98);
	assert_int_equal(lines[2].seq, 100);
	assert_int_equal(log_tail(lg, 100, lines, 10), 0);
	assert_int_equal(log_tail(lg, 0, lines, 0), 0);
	for (int i = 101; i <= 1500; i++)
		log_at(lg, LOG_INFO, "test", i, "line %d", i);
	assert_int_equal(log_tail(lg, 0, lines, 2000), 1024);
	for (size_t i = 0; i < 1024; i++)
		assert_int_equal(lines[i].seq, 1500 - 1024 + 1 + i);
	memset(wide, 'w', sizeof wide);
	memcpy(wide + 230, "\xE2\x82\xAC", 3); /* over the place where the screen's copy is cut */
	wide[399] = '\0';
	log_at(lg, LOG_INFO, "test", 0, "%s", wide);
	assert_int_equal(log_tail(lg, 1500, lines, 1), 1);
	assert_int_equal(strlen(lines[0].text), 230);
	log_close(lg);
}

struct seen {
	uint64_t seqs[200];
	size_t n;
	char last[512];
};

static void see(void *arg, const struct log_text *line)
{
	struct seen *s = arg;

	s->seqs[s->n++] = line->seq;
	snprintf(s->last, sizeof s->last, "%s", line->text);
}

static size_t search(struct log *lg, struct log_ask a, struct seen *s)
{
	struct log_numbers n;

	s->n = 0;
	a.level = a.level ? a.level : LOG_DEBUG;
	assert_int_equal(log_search(lg, &a, see, s, &n), ERR_OK);
	for (size_t i = 1; i < s->n; i++)
		assert_true(s->seqs[i - 1] < s->seqs[i]);
	return s->n;
}

static void test_search(void **state)
{
	struct log_config cfg = {.level = LOG_DEBUG, .ring = 1000};
	struct errbuf eb = {0};
	struct log_numbers n;
	struct seen s;
	struct log *lg;

	(void)state;
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	log_numbers(lg, &n);
	assert_int_equal(n.oldest + n.newest, 0);
	assert_int_equal(search(lg, (struct log_ask){.limit = 10}, &s), 0);
	for (int i = 1; i <= 1500; i++)
		log_at(lg, i % 10 ? LOG_INFO : LOG_WARNING, i % 2 ? "odd" : "even", i % 3,
		    i % 100 ? "line %d" : "BackendError %d", i);
	log_numbers(lg, &n);
	assert_int_equal(n.oldest, 501);
	assert_int_equal(n.newest, 1500);
	assert_int_equal(n.by_level[LOG_WARNING], 150);
	assert_int_equal(n.by_level[LOG_INFO], 1350);
	/* the newest ones, then pages back and forth */
	assert_int_equal(search(lg, (struct log_ask){.limit = 3}, &s), 3);
	assert_int_equal(s.seqs[0], 1498);
	assert_int_equal(search(lg, (struct log_ask){.before = 1498, .limit = 3}, &s), 3);
	assert_int_equal(s.seqs[0], 1495);
	assert_int_equal(search(lg, (struct log_ask){.after = 1498, .limit = 100}, &s), 2);
	assert_int_equal(s.seqs[0], 1499);
	assert_int_equal(search(lg, (struct log_ask){.after = 10, .limit = 2}, &s), 2);
	assert_int_equal(s.seqs[0], 501); /* what lies between is gone */
	assert_int_equal(search(lg, (struct log_ask){.after = 1500, .limit = 2}, &s), 0);
	assert_int_equal(search(lg, (struct log_ask){.limit = 0}, &s), 0);
	/* by what they are */
	assert_int_equal(search(lg, (struct log_ask){.level = LOG_WARNING, .limit = 200}, &s), 100);
	assert_int_equal(
	    search(lg, (struct log_ask){.find = "backenderror", .limit = 200}, &s), 10);
	assert_string_equal(s.last, "BackendError 1500");
	assert_int_equal(
	    search(
	        lg, (struct log_ask){.find = "line", .source = "odd", .job = 1, .limit = 200}, &s),
	    166);
	assert_int_equal(search(lg, (struct log_ask){.find = "no such text", .limit = 200}, &s), 0);
	assert_int_equal(
	    search(lg, (struct log_ask){.since_ms = clock_now_ms() + 60000, .limit = 9}, &s), 0);
	assert_int_equal(
	    search(lg, (struct log_ask){.until_ms = clock_now_ms() - 60000, .limit = 9}, &s), 0);
	log_close(lg);
}

/* Lines are kept in full, but a flood of long ones does not fill the memory. */
static void test_long_lines(void **state)
{
	struct log_config cfg = {.level = LOG_DEBUG, .ring = 1000};
	static char wide[8000];
	struct errbuf eb = {0};
	struct log_numbers n;
	struct seen s;
	struct log *lg;

	(void)state;
	memset(wide, 'w', sizeof wide - 1);
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	for (int i = 0; i < 500; i++)
		log_at(lg, LOG_INFO, "test", 0, "%s", wide);
	log_numbers(lg, &n);
	assert_int_equal(n.newest, 500);
	assert_int_equal(n.newest - n.oldest + 1, 1000 * 256 / 7999);
	log_at(lg, LOG_INFO, "test", 0, "%.400s", wide);
	assert_int_equal(search(lg, (struct log_ask){.limit = 1}, &s), 1);
	assert_int_equal(strlen(s.last), 400);
	log_close(lg);
}

/* A file that does not take anything: nobody waits for it, and what is lost is counted. */
static void test_dropped(void **state)
{
	enum { LINES = 12000 };
	struct log_config cfg = {.level = LOG_INFO};
	const char *path = scratch_path(&scratch, "pipe");
	struct errbuf eb = {0};
	struct log *lg;
	int64_t began = clock_mono_ms();
	uint64_t dropped;
	int fd, lines = 0;
	char buf[65536];

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	assert_true(fd >= 0);
	cfg.path = path;
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	for (int i = 0; i < LINES; i++)
		log_at(lg, LOG_INFO, "test", 0, "a line that fills the pipe %d", i);
	assert_true(clock_mono_ms() - began < 10000);
	dropped = log_dropped(lg);
	assert_in_range(dropped, 1, LINES - 4096);
	while (lines < LINES - (int)dropped) { /* now let it out: the rest is all there */
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n = poll(&p, 1, 5000) > 0 ? read(fd, buf, sizeof buf) : 0;
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	}
	assert_int_equal(lines, LINES - (int)dropped);
	assert_int_equal(log_dropped(lg), dropped);
	log_close(lg);
	close(fd);
}

static void *chatter(void *arg)
{
	struct log *lg = arg;

	for (int i = 0; i < 500; i++) {
		struct log_line lines[8];
		log_at(lg, i % 5 ? LOG_INFO : LOG_ERROR, "thread", i, "chatter %d", i);
		if (i % 50 == 0) {
			struct seen s;
			log_reopen(lg);
			(void)log_tail(lg, 0, lines, 8);
			assert_true(
			    search(lg, (struct log_ask){.find = "chatter", .limit = 100}, &s) > 0);
		}
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct log *lg = open_log("threads.log", false, LOG_INFO);
	pthread_t t[4];
	char *text;
	int lines = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, chatter, lg), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(log_errors(lg), 400);
	assert_int_equal(log_dropped(lg), 0);
	log_close(lg);
	text = slurp("threads.log");
	for (char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	assert_int_equal(lines, 2000);
	free(text);
}

static void test_refused(void **state)
{
	struct log_config cfg = {.level = LOG_INFO, .path = "/nowhere/at/all.log"};
	struct errbuf eb = {0};
	struct log *lg = (struct log *)&cfg;

	(void)state;
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_IO);
	assert_null(lg);
	assert_non_null(strstr(eb.text, "/nowhere/at/all.log"));
	assert_non_null(strstr(eb.text, "LOG_FILE"));
}

/* ---- lines that memory holds no more ---- */

enum { OLD_LINES = 3000, OLD_RING = 100, OLD_PAGE = 70 };

struct old {
	int n, last, step; /* numbers that came, the last of them, from one to the next */
	int64_t first_place, last_place;
	char job[64];
};

static void take_old(void *arg, const struct log_text *line)
{
	struct old *o = arg;
	int64_t no;

	assert_int_equal(line->seq, 0);
	if (strncmp(line->text, "line ", 5) != 0)
		fail_msg("%s: %s", line->source, line->text);
	assert_int_equal(str_to_i64(line->text + 5, 0, OLD_LINES, &no), ERR_OK);
	if (o->n++)
		assert_int_equal(no, o->last + o->step);
	else
		o->first_place = line->place;
	assert_string_equal(line->source, no % 2 ? "odd" : "a-long-source");
	assert_int_equal(line->job, no % 3 ? 0 : 1000 + no);
	assert_int_equal(line->level, no % 5 ? LOG_INFO : LOG_ERROR);
	o->last = (int)no;
	o->last_place = line->place;
}

/* More than a window of the file holds, but for a ring of a hundred. */
static struct log *write_old(const char *name, bool json)
{
	struct log_config cfg = {.level = LOG_DEBUG, .json = json, .ring = OLD_RING};
	struct errbuf eb = {0};
	struct log_numbers n;
	struct log *lg;

	cfg.path = scratch_path(&scratch, name);
	assert_int_equal(log_open(&lg, &cfg, &eb), ERR_OK);
	for (int i = 0; i < OLD_LINES; i++) {
		log_at(lg, i % 5 ? LOG_INFO : LOG_ERROR, i % 2 ? "odd" : "a-long-source",
		    i % 3 ? 0 : 1000 + i, "line %d", i);
		do /* the queue drops what its thread cannot follow */
			log_numbers(lg, &n);
		while (n.queued > 1000);
	}
	do
		log_numbers(lg, &n);
	while (n.queued);
	clock_sleep_ms(50); /* the last one taken is being written */
	return lg;
}

/* Page by page to the beginning; want: how many lines, step apart, the newest and the oldest of them. */
static void check_down(struct log *lg, const struct log_ask *ask, int step, int newest, int oldest)
{
	struct log_ask a = *ask;
	struct log_spots spots = {.before = log_file_end(lg)};
	int next = newest, pages = 0;

	while (spots.before) {
		struct old o = {.step = step};
		a.file_before = spots.before;
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		assert_true(o.n <= OLD_PAGE);
		if (o.n)
			assert_int_equal(o.last, next);
		next -= o.n * step;
		assert_true(++pages < OLD_LINES);
	}
	assert_int_equal(next, oldest - step);
}

static void test_the_file_goes_on(void **state)
{
	static const char *const names[] = {"ago.log", "ago.jsonl"};

	(void)state;
	for (int json = 0; json < 2; json++) {
		struct log *lg = write_old(names[json], json);
		struct log_ask a = {.level = LOG_DEBUG, .limit = OLD_PAGE};
		struct log_spots spots;
		struct old o = {.step = 1};
		int newest = OLD_LINES - OLD_RING - 1;
		check_down(lg, &a, 1, newest, 0);
		a.source = "odd";
		check_down(lg, &a, 2, newest, 1);
		a.source = NULL;
		a.level = LOG_ERROR;
		check_down(lg, &a, 5, newest / 5 * 5, 0);
		a.level = LOG_DEBUG;
		a.job = 1000 + 27;
		check_down(lg, &a, 1, 27, 27);
		a.job = 0;
		/* and back again, up to where memory begins */
		a.file_before = log_file_end(lg);
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		a.file_before = 0;
		a.file_after = o.first_place;
		o = (struct old){.step = 1};
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		assert_int_equal(o.n, OLD_PAGE - 1);
		assert_int_equal(o.last, newest);
		assert_int_equal(spots.after, 0);
		a.limit = 3;
		o = (struct old){.step = 1};
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		assert_int_equal(o.n, 3);
		a.file_after = spots.after;
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		assert_int_equal(o.n, 6);
		log_close(lg);
	}
}

/* What is no line of a log is passed over, however long; what is older than asked for ends it. */
static void test_strange_files(void **state)
{
	struct log_ask a = {.level = LOG_DEBUG, .limit = OLD_PAGE, .file_before = INT64_MAX / 2};
	struct old o = {.step = 1};
	struct log_spots spots;
	struct log *lg;
	FILE *f;

	(void)state;
	f = fopen(scratch_path(&scratch, "strange.log"), "w");
	assert_non_null(f);
	fprintf(f, "2026-11-22T18:00:00.000Z I odd       line 1\nno line at all\n");
	for (int i = 0; i < 1500000; i++)
		fputc('x', f);
	fprintf(f, "\n{\"time\":\"never\",\"level\":\"info\"}\n\n{\n"
	           "2026-11-22T18:47:12.125Z I a-long-source line 2\n"
	           "2026-11-22T18:47:12.125Z Q odd       line 3\n2026-11-22T18:4");
	assert_int_equal(fclose(f), 0);
	lg = open_log("strange.log", false, LOG_INFO);
	assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
	assert_int_equal(o.n, 2);
	assert_int_equal(spots.before, 0);
	a.since_ms = 1795373232000; /* 18:47:12 */
	o = (struct old){.step = 1};
	assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.last, 2);
	assert_int_equal(spots.before, 0);
	log_close(lg);
}

/* Page by page from the first line up to where memory begins. */
static void check_up(struct log *lg, int newest)
{
	struct log_ask a = {.level = LOG_DEBUG, .limit = OLD_PAGE, .file_after = 1};
	struct old o = {.step = 1};
	struct log_spots spots;

	for (int pages = 0; a.file_after; pages++) {
		assert_true(pages < OLD_LINES);
		assert_int_equal(log_file_search(lg, &a, take_old, &o, &spots), ERR_OK);
		a.file_after = spots.after;
	}
	assert_int_equal(o.n, newest + 1);
	assert_int_equal(o.last, newest);
}

static void check_all(struct log *lg)
{
	const struct log_ask all = {.level = LOG_DEBUG, .limit = OLD_PAGE};

	check_down(lg, &all, 1, OLD_LINES - OLD_RING - 1, 0);
	check_up(lg, OLD_LINES - OLD_RING - 1);
}

static void put_file(const char *name, const char *text, size_t len, bool packed)
{
	char *gz = packed ? gzip_pack(text, len, &len) : NULL;
	FILE *f = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(f);
	assert_true(!packed || gz);
	assert_int_equal(fwrite(gz ? gz : text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(gz);
}

/* Files that were moved away are older parts of the same log, packed or not. */
static void test_rotated_files(void **state)
{
	struct log *lg = write_old("turned.log", false);
	char was[4096], *text, *half;

	(void)state;
	snprintf(was, sizeof was, "%s.1", scratch_path(&scratch, "turned.log"));
	assert_int_equal(rename(scratch_path(&scratch, "turned.log"), was), 0);
	check_all(lg); /* it is written to under its new name */
	log_reopen(lg);
	for (int i = 0; i < 200 && access(scratch_path(&scratch, "turned.log"), F_OK); i++)
		clock_sleep_ms(20);
	clock_sleep_ms(50);
	check_all(lg);
	text = slurp("turned.log.1");
	put_file("turned.log.1.gz", text, strlen(text), true); /* while it is being packed */
	check_all(lg);
	assert_int_equal(unlink(was), 0);
	check_all(lg);
	/* two of them, and what only looks like some */
	half = strchr(text + strlen(text) / 2, '\n') + 1;
	put_file("turned.log.1.gz", half, strlen(half), true);
	put_file("turned.log-20261120", text, (size_t)(half - text), false);
	put_file("turned.log.x", text, 100, false);
	put_file("turned.log.7.gz", "no gzip at all, but long enough to look like one\x10\x27\0",
	    51, false);
	put_file("other.log.1", text, strlen(text), false);
	check_all(lg);
	put_file("turned.log-20261120.gz", text, (size_t)(half - text), true);
	unlink(scratch_path(&scratch, "turned.log-20261120"));
	check_all(lg);
	free(text);
	log_close(lg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_text_lines),
	    cmocka_unit_test(test_json_lines),
	    cmocka_unit_test(test_reopen),
	    cmocka_unit_test(test_tail),
	    cmocka_unit_test(test_search),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_dropped),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_the_file_goes_on),
	    cmocka_unit_test(test_strange_files),
	    cmocka_unit_test(test_rotated_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
