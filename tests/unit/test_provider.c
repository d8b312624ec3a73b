/* Descriptions of external services and their answers: what is taken, what is refused and where. */
#include "config.h"
#include "engine/discovery/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_A "UC_x5XG1OV2P6uZZ5FSM9Ttw"
#define ID_B "UCBR8-60-B28hp2BmDPdntcQ"

#define COMMON "\"confidence\": 0.6,\n\"requests_per_minute\": 30\n}"
#define URL "\"url\": \"https://api.example.com/{channel_id}/similar\",\n"
#define JSON "{\n\"name\": \"svc\",\n" URL "\"format\": \"json\",\n"
#define HTML "{\n\"name\": \"svc\",\n" URL "\"format\": \"html\",\n"

static struct provider *parsed(const char *text)
{
	struct errbuf eb = {0};
	struct provider *p = NULL;

	if (provider_parse(&p, "f.json", text, strlen(text), &eb))
		fail_msg("%s", eb.text);
	return p;
}

static void test_whole(void **state)
{
	struct provider *p = parsed(
	    "{\"name\": \"svc_1\", \"help\": \"h\", \"format\": \"json\", \"items\": "
	    "\"data.x[].y\","
	    "\"url\": \"https://h.example/{handle}/{channel_id}?k={handle}\", \"id\": \"a.b\","
	    "\"title\": \"t\", \"key\": \"PROVIDER_KEY_7\", \"key_header\": \"X-Api-Key\","
	    "\"key_prefix\": \"Bearer \", \"confidence\": 1, \"requests_per_minute\": 0.5,"
	    "\"timeout_seconds\": 3, \"body_limit_kib\": 4, \"most\": 7}");
	struct str url;
	struct cid cid;

	(void)state;
	assert_string_equal(p->name, "svc_1");
	assert_int_equal(p->key, 7);
	assert_string_equal(p->header, "X-Api-Key");
	assert_string_equal(p->prefix, "Bearer ");
	assert_int_equal(p->timeout_ms, 3000);
	assert_int_equal(p->body_limit, 4096);
	assert_int_equal(p->most, 7);
	assert_false(p->plain);
	assert_true(cid_parse(ID_A, 24, &cid));
	str_init(&url, 1000);
	assert_int_equal(provider_url(p, &cid, "a/b?é", &url), ERR_OK);
	assert_string_equal(
	    str_get(&url), "https://h.example/a%2Fb%3F%C3%A9/" ID_A "?k=a%2Fb%3F%C3%A9");
	str_reset(&url);
	assert_int_equal(provider_url(p, &cid, NULL, &url), ERR_NOTFOUND);
	str_done(&url);
	provider_free(p);
}

/* Each fault with the line it stands on. */
static void test_faults(void **state)
{
	static const struct {
		const char *text, *at, *part;
	} rows[] = {
	    {"", "f.json:1: ", "no JSON"},
	    {"[]", "f.json:1: ", "object"},
	    {"{\n\"name\": \"a\",\n\"name\": \"b\"}", "f.json:3: ", "no JSON"},
	    {"{\n\n\"name\": }", "f.json:3: ", "no JSON"},
	    {"{}", "f.json:1: ", "name is missing"},
	    {JSON "\"items\": \"x\",\n\"colour\": 1,\n" COMMON,
	        "f.json:6: ", "colour is not known"},
	    {"{\n\"name\": \"A b\",\n" URL COMMON, "f.json:2: ", "name may hold"},
	    {"{\n\"name\": \"youtube_featured\",\n" URL COMMON, "f.json:2: ", "name of a method"},
	    {"{\n\"name\": \"abcdefghijklmnopqrstuvwxyz\",\n" URL COMMON, "f.json:2: ", "1 to 24"},
	    {"{\n\"name\": \"a\",\n\"url\": 5,\n" COMMON, "f.json:3: ", "must be a text"},
	    {"{\n\"name\": \"a\",\n\"url\": \"https://h/x\",\n" COMMON, "f.json:3: ", "must hold"},
	    {"{\n\"name\": \"a\",\n\"url\": \"https://{handle}.h/x\",\n" COMMON,
	        "f.json:3: ", "behind"},
	    {"{\n\"name\": \"a\",\n\"url\": \"https://h/{id}\",\n" COMMON,
	        "f.json:3: ", "no other"},
	    {"{\n\"name\": \"a\",\n\"url\": \"http://h/{handle}\",\n" COMMON,
	        "f.json:3: ", "https"},
	    {"{\n\"name\": \"a\",\n\"url\": \"ftp://h/{handle}\",\n" COMMON, "f.json:3: ", "https"},
	    {"{\n\"name\": \"a\",\n\"url\": \"file:///etc/{handle}\",\n" COMMON,
	        "f.json:3: ", "https"},
	    {"{\n\"name\": \"a\",\n\"url\": \"https://u:p@h/{handle}\",\n" COMMON,
	        "f.json:3: ", "user"},
	    {"{\n\"name\": \"a\",\n\"url\": \"https://h/\\n{handle}\",\n" COMMON,
	        "f.json:3: ", "control"},
	    {JSON "\"items\": \"x\",\n\"key\": \"AIzaSecret\",\n" COMMON,
	        "f.json:6: ", "never the key"},
	    {JSON "\"items\": \"x\",\n\"key\": \"YOUTUBE_API_KEY_1\",\n" COMMON,
	        "f.json:6: ", "PROVIDER"},
	    {JSON "\"items\": \"x\",\n\"key\": \"PROVIDER_KEY_1\",\n" COMMON, "f.json:6: ", "both"},
	    {JSON "\"items\": \"x\",\n\"key_header\": \"A: b\",\n" COMMON, "f.json:6: ", "no name"},
	    {JSON "\"items\": \"x\",\n\"key_header\": \"host\",\n" COMMON, "f.json:6: ", "may not"},
	    {JSON "\"items\": \"x\",\n\"key_header\": \"X-K\",\n" COMMON, "f.json:6: ", "both"},
	    {JSON "\"items\": \"x\",\n\"key_prefix\": \"B \",\n" COMMON, "f.json:6: ", "wants key"},
	    {"{\n\"name\": \"a\",\n" URL "\"format\": \"xml\",\n" COMMON,
	        "f.json:4: ", "\"json\" or"},
	    {JSON "\"items\": \"a..b\",\n" COMMON, "f.json:5: ", "path"},
	    {JSON "\"items\": \"a[\",\n" COMMON, "f.json:5: ", "path"},
	    {JSON "\"items\": \"a[0]\",\n" COMMON, "f.json:5: ", "path"},
	    {JSON "\"items\": \"a.\",\n" COMMON, "f.json:5: ", "path"},
	    {JSON "\"items\": \"a\",\n\"id\": \"b[]\",\n" COMMON, "f.json:6: ", "path"},
	    {JSON COMMON, "f.json:4: ", "json wants items"},
	    {HTML COMMON, "f.json:4: ", "html wants link"},
	    {HTML "\"link\": \"/c/\",\n\"items\": \"a\",\n" COMMON,
	        "f.json:4: ", "html wants link"},
	    {JSON "\"items\": \"a\",\n\"confidence\": 1.5\n}", "f.json:6: ", "from 0 to 1"},
	    {JSON "\"items\": \"a\",\n\"confidence\": \"1\"\n}", "f.json:6: ", "number"},
	    {JSON "\"items\": \"a\",\n\"confidence\": 1}",
	        "f.json:1: ", "requests_per_minute is missing"},
	    {JSON "\"items\": \"a\",\n\"confidence\": 1,\n\"requests_per_minute\": 0}",
	        "f.json:7: ", "0.1"},
	    {JSON "\"items\": \"a\",\n\"most\": 51,\n" COMMON, "f.json:6: ", "50"},
	    {JSON "\"items\": \"a\",\n\"timeout_seconds\": 500,\n" COMMON, "f.json:6: ", "120"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct errbuf eb = {0};
		struct provider *p = (struct provider *)&eb;
		assert_int_equal(
		    provider_parse(&p, "f.json", rows[i].text, strlen(rows[i].text), &eb),
		    ERR_INVALID);
		assert_null(p);
		if (strncmp(eb.text, rows[i].at, strlen(rows[i].at)) != 0 ||
		    !strstr(eb.text, rows[i].part))
			fail_msg("row %zu: %s", i, eb.text);
	}
}

static void test_examples(void **state)
{
	static const char *const names[] = {
	    "assets/providers/example-api.json", "assets/providers/example-page.json"};
	char text[4096];

	(void)state;
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(names[i], "re");
		size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
		assert_non_null(f);
		fclose(f);
		text[n] = '\0';
		provider_free(parsed(text));
	}
}

/* ---- answers ---- */

static enum err note(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb)
{
	char id[CID_TEXT + 1];

	(void)eb;
	str_addf(arg, "%s%s=%s|", cid ? "" : "@", cid ? cid_format(cid, id) : handle,
	    title ? title : "-");
	return ERR_OK;
}

static void check(const char *file, const char *body, enum err want, const char *finds)
{
	struct json_reader *json = json_reader_new(1 << 20, 64);
	struct provider *p = parsed(file);
	struct errbuf eb = {0};
	struct str out;

	str_init(&out, 10000);
	assert_int_equal(provider_read(p, json, body, strlen(body), note, &out, &eb), want);
	assert_string_equal(str_get(&out), finds);
	str_done(&out);
	provider_free(p);
	json_reader_free(json);
}

static void test_json(void **state)
{
	static const char deep[] = JSON "\"items\": \"data.similar[]\",\n\"id\": "
	                                "\"channel.id\",\n\"title\": \"name\",\n" COMMON;
	static const char flat[] = JSON "\"items\": \"[]\",\n" COMMON;
	static const char lists[] = JSON "\"items\": \"a[].b[]\",\n" COMMON;

	(void)state;
	check(deep,
	    "{\"data\":{\"similar\":[{\"channel\":{\"id\":\"" ID_A "\"},\"name\":\"A\\u0007 & b\"},"
	    "{\"channel\":{\"id\":\"https://www.youtube.com/channel/" ID_B "?x\"}},"
	    "{\"channel\":{\"id\":\"@Some.One\"},\"name\":5},{\"channel\":7},{},null,"
	    "{\"channel\":{\"id\":\"nonsense\"}},{\"channel\":{\"id\":\"" ID_A "\"}}]}}",
	    ERR_OK, ID_A "=A & b|" ID_B "=-|@some.one=-|");
	check(
	    flat, "[\"" ID_A "\", 1, [\"" ID_B "\"], \"" ID_B "\"]", ERR_OK, ID_A "=-|" ID_B "=-|");
	check(lists, "{\"a\":[{\"b\":[\"" ID_A "\"]},{\"b\":5},{},{\"b\":[\"" ID_B "\"]}]}", ERR_OK,
	    ID_A "=-|" ID_B "=-|");
	check(deep, "{\"data\":{\"similar\":[]}}", ERR_OK, "");
	check(deep, "{\"data\":{}}", ERR_INVALID, "");
	check(deep, "{\"data\":{\"similar\":{}}}", ERR_INVALID, "");
	check(deep, "[]", ERR_INVALID, "");
	check(deep, "", ERR_INVALID, "");
	check(deep, "<html>", ERR_INVALID, "");
	check(JSON "\"items\": \"one\",\n" COMMON, "{\"one\":\"" ID_A "\"}", ERR_OK, ID_A "=-|");
}

static void test_html(void **state)
{
	static const char page[] = HTML "\"link\": \"/youtube/channel/\",\n\"most\": 2,\n" COMMON;
	static const char handles[] = HTML "\"link\": \"/@\",\n" COMMON;

	(void)state;
	check(page,
	    "<a href=\"https://s.example/youtube/channel/" ID_A
	    "?a=1&amp;b\"><b>Tom</b> &amp; Co</a>"
	    "<a href=/youtube/channel/" ID_A ">again</a><a href=\"/other/" ID_B "\">no</a>"
	    "<a href=\"/youtube/channel/" ID_B "xyz\">no: longer than an id</a>"
	    "<a href=\"/youtube/channel/" ID_B "/videos\"></a>"
	    "<a href=\"/youtube/channel/UCaaaaaaaaaaaaaaaaaaaaaA\">past the cap</a>",
	    ERR_OK, ID_A "=Tom & Co|" ID_B "=-|");
	check(handles, "<a href=\"https://youtube.com/@Some-One/about\">x</a><a href=/@>y</a>",
	    ERR_OK, "@some-one=x|");
	check(page, "", ERR_OK, "");
	check(page, "{\"not\": \"html\"}", ERR_OK, "");
}

static enum err refuse(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb)
{
	(void)arg;
	(void)cid;
	(void)handle;
	(void)title;
	return err_set(eb, ERR_NOMEM, "no");
}

static void test_errors_of_the_taker_are_passed_on(void **state)
{
	struct json_reader *json = json_reader_new(1 << 20, 64);
	struct provider *p = parsed(JSON "\"items\": \"[]\",\n" COMMON);
	const char *body = "[\"" ID_A "\"]";

	(void)state;
	assert_int_equal(provider_read(p, json, body, strlen(body), refuse, NULL, NULL), ERR_NOMEM);
	provider_free(p);
	json_reader_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_faults), cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_json), cmocka_unit_test(test_html),
	    cmocka_unit_test(test_errors_of_the_taker_are_passed_on)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
