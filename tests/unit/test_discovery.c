/* Discovery's pure parts: what a text mentions, how alike two channels are, how sure an edge is. */
#include "config.h"
#include "db/staging_handles.h"
#include "engine/discovery/confidence.h"
#include "engine/discovery/mentions.h"
#include "engine/discovery/search_run.h"
#include "engine/discovery/similar.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "UCx4xkrz9Zxgc7gjqsi1iEZg"
#define VIDEO "dQw4w9WgXcQ"

static void check_near(double got, double want)
{
	if (!(fabs(got - want) < 1e-9))
		fail_msg("%.12f, not %.12f", got, want);
}

/* ---- mentions ---- */

static bool note_mention(void *arg, const struct mention *m)
{
	struct str *out = arg;
	char text[CID_TEXT + 1];

	str_adds(out, out->len ? " " : "");
	if (m->kind == MENTION_CHANNEL)
		str_adds(out, cid_format(&m->cid, text));
	else if (m->kind == MENTION_VIDEO)
		str_addf(out, "v:%s", vid_format(m->vid, text));
	else
		str_addf(
		    out, "%s:%.*s", m->kind == MENTION_HANDLE ? "h" : "a", (int)m->len, m->name);
	return true;
}

static void check_mentions(const char *text, size_t len, const char *want)
{
	char *copy = malloc(len ? len : 1); /* exactly so long: a sanitizer sees a step too far */
	struct str out;

	assert_non_null(copy);
	memcpy(copy, text, len);
	str_init(&out, 65536);
	mentions_scan(copy, len, note_mention, &out);
	assert_int_equal(out.err, ERR_OK);
	if (strcmp(str_get(&out), want) != 0)
		fail_msg("%s: %s, not %s", text, str_get(&out), want);
	str_done(&out);
	free(copy);
}

static void test_what_texts_mention(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"", ""},
	    {ID, ID},
	    {"see " ID ".", ID},
	    {"(" ID "," ID ")", ID " " ID},
	    {"https://www.youtube.com/channel/" ID "/videos", ID},
	    {"x" ID, ""},
	    {ID "x", ""},
	    {"-" ID, ""},
	    {"UCx4xkrz9Zxgc7gjqsi1iEZh", ""}, /* no padding bits */
	    {"UCx4xkrz9Zxgc7gjqsi1iEZ", ""},
	    /* videos stand in addresses alone */
	    {VIDEO, ""},
	    {"https://youtu.be/" VIDEO "?t=3", "v:" VIDEO},
	    {"youtu.be/" VIDEO, "v:" VIDEO},
	    {"https://www.youtube.com/watch?v=" VIDEO "&t=1", "v:" VIDEO},
	    {"http://m.youtube.com/watch?app=desktop&v=" VIDEO, "v:" VIDEO},
	    {"youtube.com/shorts/" VIDEO "\nyoutube.com/live/" VIDEO, "v:" VIDEO " v:" VIDEO},
	    {"https://www.youtube-nocookie.com/embed/" VIDEO, "v:" VIDEO},
	    {"notyoutube.com/watch?v=" VIDEO, ""},
	    {"https://youtu.be/" VIDEO "x", ""},
	    {"https://youtu.be/dQw4w9WgXcR", ""},
	    {"youtube.com/watch?v= " VIDEO, ""},
	    /* handles */
	    {"https://www.youtube.com/@Some.Name/videos", "h:Some.Name"},
	    {"YouTube: @some-name", "h:some-name"},
	    {"my second channel @other_one!", "h:other_one"},
	    {"@alone", "a:alone"},
	    {"with @friend, (@another) and @third.", "a:friend a:another a:third"},
	    {"mail me@example.com", ""},
	    {"first.last+tag@example.com", ""},
	    {"E-mail: @example", ""},
	    {"Instagram: @pics", ""},
	    {"Instagram: @pics YouTube: @films", "h:films"},
	    {"YouTube: @films Instagram: @pics", "h:films"},
	    {"Instagram\n@name", "a:name"},
	    {"instagram.com/@pics tiktok.com/@dance", ""},
	    {"@user@mastodon.social", ""},
	    {"@@name @-x @. @", ""},
	    {"\xE3\x83\x81\xE3\x83\xA3: @\xE3\x83\x81\xE3\x83\xA3\xE3\x83\xB3",
	        "a:\xE3\x83\x81\xE3\x83\xA3\xE3\x83\xB3"},
	    {"caf\xC3\xA9@example.com", ""},
	    {"\xE3\x80\x8C@name\xE3\x80\x8D \xF0\x9F\x8E\xA5@two", "a:name a:two"},
	    {"@name\xFF\xFE", "a:name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_mentions(rows[i].text, strlen(rows[i].text), rows[i].want);
	check_mentions("a\0@name\0" ID, 8 + CID_TEXT, "a:name " ID);
}

static bool count_mention(void *arg, const struct mention *m)
{
	int *n = arg;

	assert_true(m->kind != MENTION_AT || (m->len > 0 && m->len <= MENTION_NAME_MAX));
	return ++*n < 1000000;
}

static bool stop_at_once(void *arg, const struct mention *m)
{
	(void)m;
	++*(int *)arg;
	return false;
}

static void test_hostile_texts_end(void **state)
{
	enum { LONG = 200000 };
	static const char *const pieces[] = {"@", "@a", "youtu.be/",
	    "youtube.com/watch?v=", "youtube.com/watch?", "U", "UC", "@\xE3\x83\x81", "\xFF",
	    "@\xF0\x9F", "@a@", "x@"};
	char *text = malloc(LONG);
	unsigned dice = 12345;
	int n = 0;

	(void)state;
	assert_non_null(text);
	for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
		size_t len = strlen(pieces[p]);
		for (size_t i = 0; i < LONG; i++)
			text[i] = pieces[p][i % len];
		n = 0;
		mentions_scan(text, LONG, count_mention, &n);
		assert_true(n <= MENTIONS_MOST);
	}
	for (int round = 0; round < 200; round++) {
		size_t len = 0;
		while (len < 300) {
			const char *piece = pieces[(dice = dice * 1103515245 + 12345) >> 16 & 7];
			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		mentions_scan(text, len, count_mention, &n);
	}
	n = 0;
	mentions_scan("@one @two", 9, stop_at_once, &n);
	assert_int_equal(n, 1);
	free(text);
}

static void test_names_as_they_are_kept(void **state)
{
	static const struct {
		const char *kind, *in, *want; /* NULL: no name */
	} rows[] = {
	    {"handle", "@MrBeast", "mrbeast"},
	    {"handle", " name. ", "name"},
	    {"handle", "ab", NULL},
	    {"handle", "@", NULL},
	    {"handle", "", NULL},
	    {"handle", "a b c", NULL},
	    {"handle", "name/videos", NULL},
	    {"handle", "abcdefghijklmnopqrstuvwxyz1234", "abcdefghijklmnopqrstuvwxyz1234"},
	    {"handle", "abcdefghijklmnopqrstuvwxyz12345", NULL},
	    {"handle", "\xE3\x83\x81\xE3\x83\xA3\xE3\x83\xB3",
	        "\xE3\x83\x81\xE3\x83\xA3\xE3\x83\xB3"},
	    {"handle", "na\xFFme", NULL},
	    {"user", "Google Developers", "google developers"},
	    {"user", "a\nb", NULL},
	};
	struct str out;

	(void)state;
	str_init(&out, 400);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		str_reset(&out);
		bool ok = staging_handle_key(rows[i].kind, rows[i].in, strlen(rows[i].in), &out);
		if (ok != (rows[i].want != NULL) ||
		    (ok && strcmp(str_get(&out), rows[i].want) != 0))
			fail_msg("%s: %s", rows[i].in, str_get(&out));
	}
	str_done(&out);
}

/* ---- likeness ---- */

static struct channel_meta channel_like(const char *const *topics, int n_topics,
    const char *const *keywords, int n_keywords, int64_t subscribers, const char *language)
{
	return (struct channel_meta){.topics = {topics, n_topics},
	    .keywords = {keywords, n_keywords},
	    .subscriber_count = subscribers,
	    .language = language};
}

static void test_likeness(void **state)
{
	static const char *const music[] = {"https://t/Music", "https://t/Jazz"};
	static const char *const words[] = {"piano", "Trio", "piano"};
	static const char *const other[] = {"PIANO", "drums"};
	struct channel_meta a = channel_like(music, 2, words, 3, 1000, "de");
	struct channel_meta b = channel_like(music, 1, other, 2, 4000, "de");
	struct channel_meta none = channel_like(NULL, -1, NULL, -1, COUNT_NONE, NULL);
	int64_t terms[SIMILAR_TERMS];

	(void)state;
	/* 1 of 2 topics, 1 of 3 keywords, a quarter of the size, the same language */
	check_near(similar_score(&a, &b), 0.4 / 2 + 0.3 / 3 + 0.2 / 4 + 0.1);
	check_near(similar_score(&b, &a), similar_score(&a, &b));
	check_near(similar_score(&a, &a), 1);
	check_near(similar_score(&a, &none), 0);
	b.subscriber_count = 10001; /* a tenth or less does not count */
	b.language = "und";
	check_near(similar_score(&a, &b), 0.4 / 2 + 0.3 / 3);
	a.language = "und";
	check_near(similar_score(&a, &b), 0.4 / 2 + 0.3 / 3);

	assert_int_equal(similar_terms(&a, terms), 4); /* none twice */
	assert_int_equal(similar_terms(&none, terms), 0);
}

static void test_terms_are_bounded(void **state)
{
	enum { MANY = 500 };
	const char *many[MANY];
	char texts[MANY][8];
	struct channel_meta m;
	int64_t terms[SIMILAR_TERMS];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof texts[i], "w%d", i);
		many[i] = texts[i];
	}
	m = channel_like(many, MANY, many, MANY, 1, NULL);
	assert_int_equal(similar_terms(&m, terms), SIMILAR_TERMS);
	for (int i = 0; i < SIMILAR_TERMS; i++) {
		assert_true(terms[i] >= 0);
		for (int k = 0; k < i; k++)
			assert_true(
			    terms[i] != terms[k]); /* topics and keywords of one name differ */
	}
}

/* ---- confidence ---- */

static void test_confidence(void **state)
{
	const struct confidence_edge one = {.prior = 0.8, .seen = 1, .degree = 9};
	struct confidence_edge many[400], e = one;
	double first, more;

	(void)state;
	check_near(discovery_confidence(NULL, 0, true), 0);
	first = discovery_confidence(&one, 1, false);
	check_near(first, 0.8 * 0.5 * 0.5); /* seen once; log10(1 + 9) is 1 */
	/* repeats help, less and less */
	e.seen = 2;
	more = discovery_confidence(&e, 1, false);
	check_near(more, 0.8 * 0.75 * 0.5);
	e.seen = 1000;
	check_near(discovery_confidence(&e, 1, false), 0.4);
	/* a source that leads everywhere says little; an old sight half as much after 180 days */
	e = one;
	e.degree = 999;
	check_near(discovery_confidence(&e, 1, false), 0.8 * 0.5 / 4);
	e = one;
	e.age_days = CONFIDENCE_HALF_LIFE_DAYS;
	check_near(discovery_confidence(&e, 1, false), first / 2);
	/* two edges: 1 - (1 - p)(1 - p); mutual: 15 % more, at most 0.99 */
	many[0] = many[1] = one;
	check_near(discovery_confidence(many, 2, false), 1 - (1 - first) * (1 - first));
	check_near(discovery_confidence(&one, 1, true), first * 1.15);
	for (size_t i = 0; i < 400; i++)
		many[i] = one;
	assert_true(discovery_confidence(many, 20, true) <= 0.99);
	assert_true(discovery_confidence(many, 400, false) <= 1);
	/* nonsense stays within bounds */
	e = (struct confidence_edge){.prior = 7, .seen = -3, .degree = -1, .age_days = -100};
	check_near(discovery_confidence(&e, 1, false), 0);
}

/* ---- the table ---- */

static void test_methods(void **state)
{
	const struct discovery_method *const *m = discovery_methods();
	int n = 0, defaults = 0;

	(void)state;
	for (; m[n]; n++) {
		assert_ptr_equal(discovery_method_find(m[n]->name), m[n]);
		assert_true(m[n]->confidence > 0 && m[n]->confidence <= 1);
		assert_non_null(m[n]->find);
		assert_true(m[n]->service && m[n]->help);
		defaults += m[n]->is_default;
	}
	assert_int_equal(defaults, 4);
	assert_null(discovery_method_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_texts_mention),
	    cmocka_unit_test(test_hostile_texts_end),
	    cmocka_unit_test(test_names_as_they_are_kept),
	    cmocka_unit_test(test_likeness),
	    cmocka_unit_test(test_terms_are_bounded),
	    cmocka_unit_test(test_confidence),
	    cmocka_unit_test(test_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
