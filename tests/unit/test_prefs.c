/* Themes as files, and the settings of the screen: what is read, refused, kept. */
#include "config.h"
#include "tests/unit/scratch.h"
#include "tui/prefs.h"
#include "tui/theme_file.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

struct home {
	struct scratch scratch;
	char config[SCRATCH_SIZE * 2], tubeops[SCRATCH_SIZE * 2], themes[SCRATCH_SIZE * 2];
	struct errbuf eb;
};

/* The user's folder is a scratch one, with themes in it. */
static int set_up(void **state)
{
	struct home *h = calloc(1, sizeof *h);

	if (!h || scratch_open(&h->scratch) != 0)
		return -1;
	snprintf(h->config, sizeof h->config, "%s", h->scratch.dir);
	snprintf(h->tubeops, sizeof h->tubeops, "%s/tubeops", h->scratch.dir);
	snprintf(h->themes, sizeof h->themes, "%s/tubeops/themes", h->scratch.dir);
	setenv("XDG_CONFIG_HOME", h->config, 1);
	*state = h;
	return mkdir(h->tubeops, 0700) || mkdir(h->themes, 0700);
}

static void empty_folder(const char *path)
{
	char command[SCRATCH_SIZE * 3];
	struct dirent *e;
	DIR *d = opendir(path);

	while (d && (e = readdir(d)) != NULL) {
		snprintf(command, sizeof command, "%s/%s", path, e->d_name);
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlink(command);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static int tear_down(void **state)
{
	struct home *h = *state;

	empty_folder(h->themes);
	empty_folder(h->tubeops);
	scratch_close(&h->scratch);
	free(h);
	return 0;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[SCRATCH_SIZE * 3];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, true);
	assert_int_equal(fclose(f), 0);
}

/* ---- themes ---- */

static void assert_same_looks(const struct theme *a, const struct theme *b)
{
	for (int l = 0; l < THEME_LEVELS; l++)
		for (int r = 0; r < ROLE_COUNT; r++) {
			const struct theme_style *x = &a->styles[l][r], *y = &b->styles[l][r];
			if (x->colour != y->colour || x->bold != y->bold || x->dim != y->dim ||
			    x->reverse != y->reverse)
				fail_msg("%s: level %d, %s", a->name, l, role_word((enum role)r));
		}
}

/* What is installed is what the program has without files. */
static void test_installed_themes(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	static char text[THEME_FILE_BYTES];
	struct errbuf eb = {.code = ERR_OK};
	char path[1024];

	(void)state;
	for (int i = 0; theme_name(i); i++) {
		struct theme file = {0}, ours;
		FILE *f;
		size_t n;
		snprintf(
		    path, sizeof path, "%s/assets/themes/%s.theme", top ? top : ".", theme_name(i));
		f = fopen(path, "re");
		assert_non_null(f);
		n = fread(text, 1, sizeof text, f);
		fclose(f);
		if (theme_parse(path, text, n, &file, &eb) != ERR_OK)
			fail_msg("%s", eb.text);
		theme_builtin(&ours, i, false);
		assert_same_looks(&ours, &file);
	}
}

static void test_a_theme_of_ones_own(void **state)
{
	struct home *h = *state;
	struct theme t = {.name = "before"};

	write_file(h->themes, "mine.theme",
	    "# mine\r\n\n[256]\nok=33\n  error = 196 bold reverse\n[8]\n\toff = default dim\n");
	assert_int_equal(theme_load("mine", &t, &h->eb), ERR_OK);
	assert_string_equal(t.name, "mine");
	assert_int_equal(theme_look(&t, ROLE_OK, 256).colour, 33);
	assert_int_equal(theme_look(&t, ROLE_ERROR, 256).colour, 196);
	assert_true(
	    theme_look(&t, ROLE_ERROR, 256).bold && theme_look(&t, ROLE_ERROR, 256).reverse);
	assert_true(theme_look(&t, ROLE_OFF, 8).dim);
	assert_int_equal(theme_look(&t, ROLE_BUSY, 256).colour, 74); /* not said: as in dark */
	write_file(h->themes, "dark.theme", "[256]\nok = 1\n");      /* before the program's own */
	assert_int_equal(theme_load("dark", &t, &h->eb), ERR_OK);
	assert_int_equal(theme_look(&t, ROLE_OK, 256).colour, 1);
	assert_int_equal(theme_load("light", &t, &h->eb), ERR_OK);
	assert_int_equal(theme_look(&t, ROLE_OK, 256).colour, 23);
}

struct names {
	int n, mine, dark, bad;
};

static void count_name(void *arg, const char *name)
{
	struct names *n = arg;

	n->n++;
	n->mine += strcmp(name, "mine") == 0;
	n->dark += strcmp(name, "dark") == 0;
	n->bad += strchr(name, '.') != NULL || strchr(name, ' ') != NULL;
}

static void test_names_of_themes(void **state)
{
	struct home *h = *state;
	struct names n = {0};

	write_file(h->themes, "mine.theme", "");
	write_file(h->themes, "dark.theme", "");
	write_file(h->themes, "other.txt", "");
	write_file(h->themes, "two words.theme", "");
	write_file(h->themes, "x.theme.theme", "");
	theme_each(count_name, &n);
	assert_int_equal(n.mine, 1);
	assert_int_equal(n.dark, 1);
	assert_int_equal(n.bad, 0);
	assert_int_equal(n.n, 5); /* the program's four, and mine */
}

struct wrong {
	const char *text, *why;
};

static void test_wrong_themes(void **state)
{
	static const struct wrong wrongs[] = {
	    {"[256]\nok = 256\n", "bad.theme:2: a colour is \"default\" or a number from 0 to 255"},
	    {"[256]\nok = -1\n", "bad.theme:2: a colour is"},
	    {"\n\n[16]\nok = 16\n", "bad.theme:4: a colour is"},
	    {"[8]\nok = 9\n", "bad.theme:2: a colour is"},
	    {"[none]\nok = 1\n", "bad.theme:2: without colours"},
	    {"ok = 1\n", "bad.theme:1: write [256]"},
	    {"[257]\n", "bad.theme:1: a section is"},
	    {"[256]\nblink = 1\n", "bad.theme:2: a role is one of"},
	    {"[256]\nok\n", "bad.theme:2: write ROLE = COLOUR"},
	    {"[256]\nok =\n", "bad.theme:2: a colour is missing"},
	    {"[256]\nok = 1 blink\n", "bad.theme:2: behind a colour"},
	    {"[256]\nok = 1\033[2J\n", "bad.theme:2: a control character"},
	};
	struct home *h = *state;
	char line[300];
	struct theme t = {.name = "before"};

	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		write_file(h->themes, "bad.theme", wrongs[i].text);
		assert_int_equal(theme_load("bad", &t, &h->eb), ERR_INVALID);
		if (!strstr(h->eb.text, wrongs[i].why))
			fail_msg("\"%s\" is not in \"%s\"", wrongs[i].why, h->eb.text);
	}
	memset(line, '#', sizeof line - 1);
	line[sizeof line - 1] = 0;
	write_file(h->themes, "bad.theme", line);
	assert_int_equal(theme_load("bad", &t, &h->eb), ERR_INVALID);
	assert_non_null(strstr(h->eb.text, "longer than"));
	assert_string_equal(t.name, "before"); /* nothing of them was used */
}

/* Names go nowhere else, and what is no plain file is not waited for. */
static void test_hostile_names(void **state)
{
	static const char *const names[] = {
	    "../x", "/etc/passwd", "", ".", "a b", "a\n", "0123456789012345678901234567890123"};
	struct home *h = *state;
	char path[SCRATCH_SIZE * 3];
	struct theme t = {0};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(theme_load(names[i], &t, &h->eb), ERR_INVALID);
	assert_int_equal(theme_load("none", &t, &h->eb), ERR_NOTFOUND);
	snprintf(path, sizeof path, "%s/pipe.theme", h->themes);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(theme_load("pipe", &t, &h->eb), ERR_INVALID);
	assert_non_null(strstr(h->eb.text, "no plain file"));
}

/* ---- settings ---- */

static void test_settings(void **state)
{
	struct home *h = *state;
	struct prefs p;
	char value[PREF_VALUE], origin[40];

	prefs_init(&p);
	assert_int_equal(prefs_set(&p, "refresh", "2s", &h->eb), ERR_OK);
	assert_int_equal(p.refresh_ms, 2000);
	assert_int_equal(prefs_set(&p, "refresh", "250ms", &h->eb), ERR_OK);
	assert_string_equal(pref_value(&p, PREF_REFRESH, value), "250ms");
	assert_int_equal(prefs_set(&p, "undo", "off", &h->eb), ERR_OK);
	assert_true(p.undo_ms < 0);
	assert_string_equal(pref_value(&p, PREF_UNDO, value), "off");
	assert_int_equal(prefs_set(&p, "bell", "on", &h->eb), ERR_OK);
	assert_true(p.bell);
	assert_int_equal(prefs_set(&p, "theme", "../x", &h->eb), ERR_INVALID);
	assert_int_equal(prefs_set(&p, "refresh", "1ms", &h->eb), ERR_INVALID);
	assert_int_equal(prefs_set(&p, "refresh", "2 s", &h->eb), ERR_INVALID);
	assert_int_equal(prefs_set(&p, "refresh", "99999999999999999999s", &h->eb), ERR_INVALID);
	assert_int_equal(prefs_set(&p, "bell", "loud", &h->eb), ERR_INVALID);
	assert_string_equal(h->eb.text, "bell is on or off, not \"loud\"");
	assert_int_equal(prefs_set(&p, "colour", "red", &h->eb), ERR_NOTFOUND);
	pref_origin(&p, PREF_BELL, origin, sizeof origin);
	assert_string_equal(origin, "set here");
	pref_origin(&p, PREF_VIEW, origin, sizeof origin);
	assert_string_equal(origin, "default");
}

static void assert_file(const char *path, const char *want)
{
	char text[1024];
	FILE *f = fopen(path, "re");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = 0;
	fclose(f);
	assert_string_equal(text, want);
}

static void test_settings_are_kept(void **state)
{
	struct home *h = *state;
	struct prefs p, again;
	char path[SCRATCH_SIZE * 3];

	snprintf(path, sizeof path, "%s/console.conf", h->tubeops);
	prefs_init(&p);
	assert_int_equal(prefs_read(&p, path, &h->eb), ERR_OK); /* there is none yet */
	assert_int_equal(prefs_set(&p, "theme", "light", &h->eb), ERR_OK);
	assert_int_equal(prefs_write(&p, path, &h->eb), ERR_OK);
	assert_file(path, "# How the console of tubeops looks; :set shows what there is.\n"
	                  "theme = light\n");
	write_file(h->tubeops, "console.conf", "# mine\nbell = on\n\n theme=dark \n");
	prefs_init(&p);
	assert_int_equal(prefs_read(&p, path, &h->eb), ERR_OK);
	assert_true(p.bell);
	assert_string_equal(p.theme, "dark");
	assert_int_equal(p.line[PREF_THEME], 4);
	assert_int_equal(prefs_set(&p, "refresh", "1s", &h->eb), ERR_OK);
	assert_int_equal(prefs_set(&p, "bell", "off", &h->eb), ERR_OK);
	assert_int_equal(prefs_write(&p, path, &h->eb), ERR_OK);
	assert_file(path, "# mine\nbell = off\n\ntheme = dark\nrefresh = 1s\n");
	prefs_init(&again);
	assert_int_equal(prefs_read(&again, path, &h->eb), ERR_OK);
	assert_int_equal(again.refresh_ms, 1000);
}

/* One wrong line is named, the others are used. */
static void test_wrong_settings(void **state)
{
	struct home *h = *state;
	struct prefs p;
	char path[SCRATCH_SIZE * 3];

	snprintf(path, sizeof path, "%s/console.conf", h->tubeops);
	write_file(
	    h->tubeops, "console.conf", "bell = on\nrefresh = never\nfoo = 1\nascii\nascii=on\n");
	prefs_init(&p);
	assert_int_equal(prefs_read(&p, path, &h->eb), ERR_INVALID);
	assert_non_null(strstr(h->eb.text, "console.conf:2: refresh is 200ms to 60s"));
	assert_true(p.bell && p.ascii);
	assert_int_equal(p.refresh_ms, 500);
	assert_int_equal(prefs_read(&p, h->tubeops, &h->eb), ERR_INVALID); /* a folder */
	assert_int_not_equal(prefs_write(&p, "/proc/none/console.conf", &h->eb), ERR_OK);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_installed_themes),
	    T(test_a_theme_of_ones_own),
	    T(test_names_of_themes),
	    T(test_wrong_themes),
	    T(test_hostile_names),
	    T(test_settings),
	    T(test_settings_are_kept),
	    T(test_wrong_settings),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
