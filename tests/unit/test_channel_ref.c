/* channel_ref: what texts from imports mean. */
#include "config.h"
#include "db/sources/channel_ref.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define ID "UCkKk1XTkh1d4bv7t_cNrfjg"

static const struct {
	const char *text;
	enum channel_ref_kind kind;
	const char *means; /* the id, the stored name, or a part of the reason */
} cases[] = {
    {ID, CHANNEL_REF_ID, ID},
    {"  " ID "\r", CHANNEL_REF_ID, ID},
    {"\"" ID "\"", CHANNEL_REF_ID, ID},
    {"https://www.youtube.com/channel/" ID, CHANNEL_REF_ID, ID},
    {"http://www.youtube.com/channel/" ID, CHANNEL_REF_ID, ID},
    {"HTTPS://YouTube.com/channel/" ID "/videos?view=0", CHANNEL_REF_ID, ID},
    {"youtube.com/channel/" ID "?sub_confirmation=1", CHANNEL_REF_ID, ID},
    {"//m.youtube.com/channel/" ID "#top", CHANNEL_REF_ID, ID},
    {"https://music.youtube.com/channel/" ID, CHANNEL_REF_ID, ID},
    {"/channel/" ID, CHANNEL_REF_ID, ID},
    {"https://www.youtube.com/feeds/videos.xml?channel_id=" ID, CHANNEL_REF_ID, ID},
    {"@MKBHD", CHANNEL_REF_HANDLE, "@mkbhd"},
    {"https://www.youtube.com/@MKBHD", CHANNEL_REF_HANDLE, "@mkbhd"},
    {"https://www.youtube.com/@veritasium/videos", CHANNEL_REF_HANDLE, "@veritasium"},
    {"youtube.com/@%E6%97%A5%E6%9C%AC", CHANNEL_REF_HANDLE, "@日本"},
    {"@日本", CHANNEL_REF_HANDLE, "@日本"},
    {"https://www.youtube.com/user/PewDiePie", CHANNEL_REF_USER, "pewdiepie"},
    {"/user/PewDiePie", CHANNEL_REF_USER, "pewdiepie"},
    {"https://www.youtube.com/c/Vsauce/about", CHANNEL_REF_CUSTOM, "vsauce"},
    {"https://www.youtube.com/Vsauce", CHANNEL_REF_CUSTOM, "vsauce"},
    {"", CHANNEL_REF_NONE, "no channel id"},
    {"   ", CHANNEL_REF_NONE, "no channel id"},
    {"@", CHANNEL_REF_NONE, "not a handle"},
    {"@two words", CHANNEL_REF_NONE, "not a handle"},
    {"@a%2", CHANNEL_REF_NONE, "not a handle"},
    {"@a%20b", CHANNEL_REF_NONE, "not a handle"},
    {"@a%2Fb", CHANNEL_REF_NONE, "not a handle"},
    {"@%zz", CHANNEL_REF_NONE, "not a handle"},
    {"@\xC2\x85", CHANNEL_REF_NONE, "not a handle"},
    {"@caf\xE9", CHANNEL_REF_NONE, "not a handle"},
    {"/c/%00", CHANNEL_REF_NONE, "no channel name"},
    {"/user/a%2541", CHANNEL_REF_NONE, "no channel name"},
    {"UCshort", CHANNEL_REF_NONE, "24 characters"},
    {ID "x", CHANNEL_REF_NONE, "24 characters"},
    {"UCkKk1XTkh1d4bv7t_cNrfjh", CHANNEL_REF_NONE, "ends in A, Q, g or w"},
    {"UCkKk1XTkh1d4bv7t!cNrfjg", CHANNEL_REF_NONE, "ends in A, Q, g or w"},
    {"UUkKk1XTkh1d4bv7t_cNrfjg", CHANNEL_REF_NONE, "begins with UC"},
    {"PewDiePie", CHANNEL_REF_NONE, "neither a channel id"},
    {"https://www.youtube.com/watch?v=dQw4w9WgXcQ", CHANNEL_REF_NONE, "not that of a channel"},
    {"https://www.youtube.com/channel/nonsense", CHANNEL_REF_NONE, "24 characters"},
    {"https://www.youtube.com/", CHANNEL_REF_NONE, "no channel name"},
    {"https://www.youtube.com/user/", CHANNEL_REF_NONE, "no channel name"},
    {"https://example.org/channel/" ID, CHANNEL_REF_NONE, "not of youtube.com"},
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct channel_ref ref;
		struct str name;
		char id[CID_TEXT + 1];

		print_message("%s\n", cases[i].text);
		channel_ref_parse(cases[i].text, strlen(cases[i].text), &ref);
		assert_int_equal(ref.kind, cases[i].kind);
		if (ref.kind == CHANNEL_REF_NONE) {
			assert_non_null(strstr(ref.reason, cases[i].means));
			assert_null(channel_ref_word(ref.kind));
			continue;
		}
		assert_null(ref.reason);
		if (ref.kind == CHANNEL_REF_ID) {
			assert_string_equal(cid_format(&ref.cid, id), cases[i].means);
			continue;
		}
		str_init(&name, 1000);
		channel_ref_name(&ref, &name);
		assert_int_equal(name.err, ERR_OK);
		assert_string_equal(str_get(&name), cases[i].means);
		str_done(&name);
	}
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(channel_ref_word(CHANNEL_REF_HANDLE), "handle");
	assert_string_equal(channel_ref_word(CHANNEL_REF_USER), "user");
	assert_string_equal(channel_ref_word(CHANNEL_REF_CUSTOM), "custom");
	assert_null(channel_ref_word(CHANNEL_REF_ID));
}

static void test_hostile(void **state)
{
	struct channel_ref ref;
	struct str name;
	char text[1000];

	(void)state;
	channel_ref_parse("UC\0k", 4, &ref);
	assert_int_equal(ref.kind, CHANNEL_REF_NONE);
	assert_string_equal(ref.reason, "a NUL byte");

	memset(text, 'a', sizeof text);
	text[0] = '@';
	channel_ref_parse(text, sizeof text, &ref);
	assert_int_equal(ref.kind, CHANNEL_REF_NONE);
	channel_ref_parse(text, 301, &ref); /* the longest name there can be */
	assert_int_equal(ref.kind, CHANNEL_REF_HANDLE);
	str_init(&name, 1000);
	channel_ref_name(&ref, &name);
	assert_int_equal(name.len, 301);

	str_done(&name);

	/* percent signs cannot smuggle controls or broken UTF-8 in */
	channel_ref_parse("@a%00%1b%ffb%zz%4", 17, &ref);
	assert_int_equal(ref.kind, CHANNEL_REF_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
	    cmocka_unit_test(test_words), cmocka_unit_test(test_hostile)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
