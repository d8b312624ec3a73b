/* The little of HTML that is read: references, links, texts, and pages made to hurt. */
#include "config.h"
#include "engine/base/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void test_references(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {{"Tom &amp; Jerry", "Tom & Jerry"},
	    {"&lt;b&gt; &quot;x&quot; &#39;y&#39;", "<b> \"x\" 'y'"}, {"&#x27;&#X41;&apos;", "'A'"},
	    {"&#233;&#x20AC;&#128512;", "é€😀"}, {"&amp;amp;", "&amp;"}, {"&", "&"}, {"&;", "&;"},
	    {"&#;", "&#;"}, {"&#x;", "&#x;"}, {"&unknown;", "&unknown;"},
	    {"&#0;&#10;&#55296;&#1114112;", "&#0;&#10;&#55296;&#1114112;"}, {"&amp", "&amp"},
	    {"a&b;c", "a&b;c"}, {"&#999999999999;", "&#999999999999;"}, {"", ""}};
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		str_reset(&out);
		html_unescape(rows[i].in, strlen(rows[i].in), &out);
		assert_string_equal(str_get(&out), rows[i].want);
	}
	str_done(&out);
}

/* All links of a page as "href=text|…". */
static void check_links(const char *page, const char *want)
{
	size_t len = strlen(page), at = 0;
	char *exact = malloc(len ? len : 1); /* so that a sanitizer sees a read behind the end */
	struct html_link link;
	struct str out;

	assert_non_null(exact);
	memcpy(exact, page, len);
	str_init(&out, 10000);
	while (html_link_next(exact, len, &at, &link)) {
		str_addf(&out, "%.*s=", (int)link.href_len, link.href);
		html_text(link.inner, link.inner_len, &out);
		str_addc(&out, '|');
	}
	assert_string_equal(str_get(&out), want);
	assert_int_equal(at, len);
	free(exact);
	str_done(&out);
}

static void test_links(void **state)
{
	(void)state;
	check_links("<a href=\"/c/1\">One</a> <A HREF='/c/2' >Two</A><a href=/c/3>Three</a>",
	    "/c/1=One|/c/2=Two|/c/3=Three|");
	check_links("<a class=\"x>y\" href=\"/1\" rel=z><img src=\"a.png\" alt=\"q>r\"> "
	            "<b>One</b>\n one</a>",
	    "/1=One one|");
	check_links("<a data-href=\"/no\" href = \"/yes\">&lt;x&gt;</a>", "/yes=<x>|");
	check_links("<!-- <a href=\"/no\">x</a> --><script>\"<a href='/no'>x</a>\"</script>"
	            "<STYLE><a href=/no></STYLE><a href=/yes>y</a>",
	    "/yes=y|");
	check_links("<abbr href=/no>x</abbr><area href=/no><a>no</a><a name=href>no</a>", "");
	check_links("<a\nhref=\"/1\"/>", "/1=|");
}

static void test_torn_pages(void **state)
{
	static const char *const rows[] = {"", "<", "<a", "<a ", "<a href",
	    "<a href=", "<a href=\"", "<a href=\"/x", "<a href='/x\">", "<!--", "<!-", "<script",
	    "<script>", "<style>x", "&", "<<<<", "<a href=>", "</a>"};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_links(rows[i], "");
	check_links("<a href=\"/1\" title=\"", "/1=|");
	check_links("<a href=\"/1\">never ends", "/1=never ends|");
	check_links("<a href=\"/1\"><a href=\"/2\">", "/1=|/2=|");
}

/* Half a megabyte of links that never end: each one's text is bounded. */
static void test_many_open_links(void **state)
{
	struct html_link link;
	struct str page;
	size_t at = 0;
	int n = 0;

	(void)state;
	str_init(&page, 1 << 20);
	for (int i = 0; i < 50000; i++)
		str_adds(&page, "<a href=/>");
	while (html_link_next(str_get(&page), page.len, &at, &link)) {
		assert_true(link.inner_len <= 2048);
		n++;
	}
	assert_int_equal(n, 50000);
	str_done(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_references),
	    cmocka_unit_test(test_links), cmocka_unit_test(test_torn_pages),
	    cmocka_unit_test(test_many_open_links)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
