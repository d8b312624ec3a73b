/*
 * provider - the description of an external service, and an answer of it behind a line "--": what
 * is found are ids and handles with clean titles, no more than the description says, each once.
 * The answer is scanned for links as well.
 */
#include "config.h"
#include "engine/base/html.h"
#include "engine/discovery/provider.h"
#include "tests/fuzz/fuzz.h"

#include <strings.h>

enum { PROVIDER_FOUND = 2048, PROVIDER_TEXT = 1 << 20 };

struct found {
	struct str all; /* one line each */
	int n;
};

static enum err found_note(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb)
{
	char line[PROVIDER_FOUND], id[CID_TEXT + 1];
	struct found *f = arg;

	(void)eb;
	FUZZ_CHECK(!cid != !handle);
	FUZZ_CHECK(cid || (*handle && *handle != '@'));
	fuzz_check_clean(cid ? "" : handle);
	fuzz_check_clean(title ? title : "");
	snprintf(line, sizeof line, "\n%s%s\n", cid ? "" : "@", cid ? cid_format(cid, id) : handle);
	FUZZ_CHECK(!strstr(str_get(&f->all), line));
	str_adds(&f->all, line);
	f->n++;
	return ERR_OK;
}

static void check_error(enum err err, const struct errbuf *eb, int lines)
{
	int line = 0;

	FUZZ_CHECK(err == ERR_INVALID);
	FUZZ_CHECK(sscanf(eb->text, "file:%d: ", &line) == 1 && line >= 1 && line <= lines);
}

static void check_address(const struct provider *p)
{
	struct cid cid = {{0}};
	struct str url;

	str_init(&url, PROVIDER_TEXT);
	FUZZ_CHECK(provider_url(p, &cid, "a/b", &url) == ERR_OK);
	FUZZ_CHECK(strncasecmp(str_get(&url), "http", 4) == 0 && !strpbrk(str_get(&url), "{}\r\n"));
	str_done(&url);
}

static void check_links(const char *page, size_t len)
{
	struct html_link link;
	struct str text;
	size_t at = 0, before = 0;

	str_init(&text, PROVIDER_TEXT);
	while (html_link_next(page, len, &at, &link)) {
		FUZZ_CHECK(at > before && at <= len);
		FUZZ_CHECK(link.href >= page && link.href + link.href_len <= page + len);
		FUZZ_CHECK(link.inner >= page && link.inner + link.inner_len <= page + len);
		str_reset(&text);
		html_text(link.inner, link.inner_len, &text);
		before = at;
	}
	FUZZ_CHECK(at == len);
	str_done(&text);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	static const char mark[] = "\n--\n";
	const char *text = (const char *)data;
	const char *split = size ? memmem(text, size, mark, 4) : NULL;
	size_t len = split ? (size_t)(split - text) : size;
	const char *answer = split ? split + 4 : text + size;
	size_t answer_len = size - (size_t)(answer - text);
	struct provider *p = NULL;
	struct errbuf eb = {0};
	int lines = 1;
	enum err err = provider_parse(&p, "file", text, len, &eb);

	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	if (err) {
		check_error(err, &eb, lines);
	} else {
		struct found f = {.n = 0};
		struct json_reader *json = json_reader_new(PROVIDER_TEXT, 64);
		FUZZ_CHECK(json);
		check_address(p);
		str_init(&f.all, PROVIDER_TEXT);
		err = provider_read(p, json, answer, answer_len, found_note, &f, &eb);
		FUZZ_CHECK(!err || err == ERR_INVALID);
		FUZZ_CHECK(f.n <= p->most);
		str_done(&f.all);
		json_reader_free(json);
		provider_free(p);
	}
	check_links(answer, answer_len);
	return 0;
}
