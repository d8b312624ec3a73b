/* Keywords of channels: words of many scripts, topics, order, what a search may be asked. */
#include "config.h"
#include "engine/discovery/keywords.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static int start(void **state)
{
	*state = arena_new(0);
	return *state ? 0 : -1;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

/* want: the words joined by '|'. */
static void check(const struct text_list *got, const char *want)
{
	struct str text;

	str_init(&text, 1 << 20);
	for (int i = 0; i < got->n; i++)
		str_addf(&text, "%s%s", i ? "|" : "", got->items[i]);
	assert_string_equal(str_get(&text), want);
	str_done(&text);
}

static void check_words_n(
    struct arena *arena, int most, const char *title, const char *text, const char *want)
{
	struct text_list got;

	assert_int_equal(keywords_extract(title, text, most, arena, &got, NULL), ERR_OK);
	check(&got, want);
}

static void check_words(struct arena *arena, const char *title, const char *text, const char *want)
{
	check_words_n(arena, 3, title, text, want);
}

/* A text of each script with the words that should come out of it. */
static void test_scripts(void **state)
{
	static const struct {
		const char *script, *text, *want;
	} rows[] = {
	    {"Latin", "Cooking pasta. Pasta with tomatoes, cooking pasta!",
	        "pasta|cooking|tomatoes"},
	    {"Latin, French", "L'histoire de la musique et l’histoire du cinéma",
	        "histoire|musique|cinéma"},
	    {"Latin, Vietnamese", "Ẩm thực đường phố, ẩm thực Hanoi", "thực|đường|hanoi"},
	    {"Latin, decomposed", "Cafe\xcc\x81s und cafés", "cafés"},
	    {"Latin, full width", "ＧＡＭＩＮＧ gaming", "gaming"},
	    {"Latin, bold", "𝓖𝓪𝓶𝓲𝓷𝓰 setup", "gaming|setup"},
	    {"Cyrillic", "Рыбалка и охота: РЫБАЛКА зимой", "рыбалка|охота|зимой"},
	    {"Greek", "Μαγειρική και ταξίδια, μαγειρική", "μαγειρική|ταξίδια"},
	    {"Armenian", "Երաժշտություն և երաժշտություն", "երաժշտություն"},
	    {"Georgian", "მუსიკა და მუსიკა თბილისი", "მუსიკა|თბილისი"},
	    {"Arabic", "طبخ وصفات طبخ في رمضان", "طبخ|وصفات|رمضان"},
	    {"Hebrew", "בישול ביתי, בישול עם ילדים", "בישול|ביתי|ילדים"},
	    {"Devanagari", "संगीत और भजन संगीत", "संगीत|भजन"},
	    {"Bengali", "রান্না এবং রান্না ভ্রমণ", "রান্না|ভ্রমণ"},
	    {"Tamil", "சமையல் மற்றும் சமையல் பாடல்கள்", "சமையல்|பாடல்கள்"},
	    {"Korean", "여행 그리고 요리 여행", "여행|요리"},
	    {"Ethiopic", "ሙዚቃ እና ሙዚቃ", "ሙዚቃ|እና"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_words(*state, NULL, rows[i].text, rows[i].want);
}

/* Words from a dictionary: only the most frequent one is sure to be the same in each edition of it. */
static void test_dictionaries(void **state)
{
	static const struct {
		const char *script, *text, *want;
	} rows[] = {
	    {"Thai", "ท่องเที่ยวและอาหารไทย อาหาร", "อาหาร"},
	    {"Chinese", "美食旅行,美食教程", "美食"},
	    {"Japanese", "料理とゲームの動画です。ゲーム実況", "ゲーム"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_words_n(*state, 1, NULL, rows[i].text, rows[i].want);
}

static void test_what_is_no_word(void **state)
{
	struct arena *a = *state;

	check_words(a, NULL, NULL, "");
	check_words(a, "", "", "");
	check_words(a, "Garage",
	    "Write to garage@example.com, www.garage.example or "
	    "https://garage.example/garage @garage 12345 abc1def #drift",
	    "garage|write|drift");
	check_words(a, NULL, "the and with your SUBSCRIBE channel videos", "");
	check_words(a, NULL, "cat dog ox", "");
	check_words(a, NULL, "your channel's music, don't", "music");
	check_words(a, NULL, "......... ''''' ---- \xf0\x9f\x98\x80\xf0\x9f\x98\x80 2024", "");
	check_words(a, NULL, "なのでとても", "");
	check_words(a, NULL, "zebra apple mango zebra mango apple", "zebra|apple|mango");
	check_words(a, "mango", "zebra zebra", "zebra|mango");
}

static void test_hostile_texts(void **state)
{
	struct text_list got;
	struct str text;

	str_init(&text, 1 << 20);
	for (int i = 0; i < 100000; i++)
		str_addc(&text, 'x');
	assert_int_equal(
	    keywords_extract(str_get(&text), str_get(&text), 3, *state, &got, NULL), ERR_OK);
	assert_int_equal(got.n, 0);
	str_reset(&text);
	for (int i = 0; i < 20000; i++)
		str_addf(&text, "w\xcc\x81%c%c%c%c ", 'a' + i % 26, 'a' + i / 26 % 26,
		    'a' + i / 676 % 26, 'a' + i / 17576);
	assert_int_equal(keywords_extract(NULL, str_get(&text), 3, *state, &got, NULL), ERR_OK);
	assert_int_equal(got.n, 3);
	assert_int_equal(keywords_extract("broken \xff\xfe\xc3",
	                     "\xed\xa0\x80\xf4\x90\x80\x80 fine\xc3", 3, *state, &got, NULL),
	    ERR_OK);
	/* 17 ligatures that each become 18 characters */
	str_reset(&text);
	for (int i = 0; i < 5000; i++)
		str_adds(&text, "\xef\xb7\xba");
	assert_int_equal(keywords_extract(NULL, str_get(&text), 3, *state, &got, NULL), ERR_OK);
	str_done(&text);
}

static void test_topics(void **state)
{
	static const struct {
		const char *url, *want;
	} rows[] = {{"https://en.wikipedia.org/wiki/Hip_hop_music", "Hip hop music"},
	    {"https://en.wikipedia.org/wiki/Lifestyle_(sociology)", "Lifestyle"},
	    {"https://en.wikipedia.org/wiki/Pop_music#History", "Pop music"},
	    {"https://fr.wikipedia.org/wiki/Caf%C3%A9", "Café"},
	    {"https://en.wikipedia.org/wiki/100%", "100%"},
	    {"https://en.wikipedia.org/wiki/", NULL}, {"https://en.wikipedia.org/wiki/%00", NULL},
	    {"https://en.wikipedia.org/wiki/%C3", NULL},
	    {"https://en.wikipedia.org/wiki/(x)", NULL}, {"/m/04rlf", NULL}, {"", NULL}};
	struct str got;

	(void)state;
	str_init(&got, 1000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(keywords_topic(rows[i].url, &got), rows[i].want != NULL);
		if (rows[i].want)
			assert_string_equal(str_get(&got), rows[i].want);
	}
	str_done(&got);
}

/* Stored keywords, words, topics, title, in this order, and each thing once. */
static void test_order(void **state)
{
	static const char *const keywords[] = {"Drift  racing", "YouTube", "GARAGE", "fourth"};
	static const char *const topics[] = {"https://en.wikipedia.org/wiki/Garage",
	    "https://en.wikipedia.org/wiki/Motor_sport", "https://en.wikipedia.org/wiki/Third"};
	struct channel_meta m = {.title = "Grandma drives Porsche",
	    .description = "garage garage engine",
	    .keywords = {keywords, 4},
	    .topics = {topics, 3}};
	struct text_list got;

	assert_int_equal(keywords_pick(&m, 8, *state, &got, NULL), ERR_OK);
	check(&got, "Drift racing|GARAGE|grandma|drives|Motor sport|porsche");
	assert_int_equal(keywords_pick(&m, 1, *state, &got, NULL), ERR_OK);
	check(&got, "Drift racing");
	m.keywords.n = 0;
	assert_int_equal(keywords_pick(&m, 3, *state, &got, NULL), ERR_OK);
	check(&got, "garage|grandma|drives");
	m = (struct channel_meta){.keywords = {NULL, -1}, .topics = {NULL, -1}};
	assert_int_equal(keywords_pick(&m, 3, *state, &got, NULL), ERR_OK);
	check(&got, "");
}

static void test_plain(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {{"rock|pop", "rock pop"}, {"-live", "live"}, {"hip-hop", "hip-hop"},
	    {" a  -b\t\"c d\" ", "a b c d"}, {"--", ""}, {"a\nb", "a b"}, {"|", ""}, {"", ""}};
	struct str got;

	(void)state;
	str_init(&got, 10000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		str_reset(&got);
		keywords_plain(rows[i].text, &got);
		assert_string_equal(str_get(&got), rows[i].want);
	}
	str_reset(&got);
	for (int i = 0; i < 100; i++)
		str_adds(&got, "é");
	char *long_text = str_take(&got);
	keywords_plain(long_text, &got);
	assert_int_equal(got.len, KEYWORDS_BYTES);
	free(long_text);
	str_done(&got);
}

static void test_stop_words(void **state)
{
	static const char *const stop[] = {"about", "subscribe", "canal", "vídeos", "chaîne",
	    "kanał", "için", "kênh", "канал", "القناة", "ערוץ", "वीडियो", "চ্যানেল", "ช่อง", "频道",
	    "動画", "채널", "", " ", " the "};
	static const char *const go[] = {
	    "music", "cooking", "abou", "bout", "news", "рыбалка", "美食"};

	(void)state;
	for (size_t i = 0; i < sizeof stop / sizeof stop[0]; i++)
		assert_true(keywords_is_stop(stop[i]));
	for (size_t i = 0; i < sizeof go / sizeof go[0]; i++)
		assert_false(keywords_is_stop(go[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_scripts), TEST(test_dictionaries),
	    TEST(test_what_is_no_word), TEST(test_hostile_texts), cmocka_unit_test(test_topics),
	    TEST(test_order), cmocka_unit_test(test_plain), cmocka_unit_test(test_stop_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
