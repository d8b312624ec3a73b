#include "config.h"
#include "db/sources/json_document.h"
#include "db/sources/source.h"

#include <string.h>

static const char document_member[] = "\"channels\"";

static bool document_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int64_t document_count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	int64_t n = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* ---- borders ---- */

/* Sixteen bytes at once; compilers make one instruction of each line. */
typedef unsigned char scan_block __attribute__((vector_size(16)));
typedef uint64_t scan_pair __attribute__((vector_size(16)));

/* Over bytes of a text that are neither quote, backslash nor line feed. */
static size_t scan_plain(const char *p, size_t i, size_t len)
{
	scan_block block;
	scan_pair hits;

	for (; len - i >= sizeof block; i += sizeof block) {
		memcpy(&block, p + i, sizeof block);
		hits = (scan_pair)((block == '"') | (block == '\\') | (block == '\n'));
		if (hits[0] | hits[1])
			break;
	}
	while (i < len && p[i] != '"' && p[i] != '\\' && p[i] != '\n')
		i++;
	return i;
}

/* From inside a text to behind its quote; false when that is not at hand. */
static bool scan_text(struct json_scan *s, const char *p, size_t len)
{
	size_t i = scan_plain(p, s->at, len);

	while (i < len && p[i] != '"') {
		if (p[i] == '\\' && i + 1 == len)
			break; /* what it escapes is still to come */
		s->torn = s->torn || p[i] == '\n';
		i = scan_plain(p, i + (p[i] == '\\' ? 2 : 1), len);
	}
	s->text = i >= len || p[i] != '"';
	s->at = s->text ? i : i + 1;
	return !s->text;
}

bool json_scan_value(struct json_scan *s, const char *p, size_t len, size_t *n)
{
	bool ended = false;

	while (s->at < len && !ended) {
		char c = p[s->at];

		if (s->text || c == '"') {
			s->at += !s->text;
			s->text = true;
			if (!scan_text(s, p, len))
				return false;
			ended = !s->depth;
			continue;
		}
		if (!s->depth && (c == '}' || c == ']' || c == ',' || document_is_blank(c)))
			break; /* a word ended */
		s->depth += c == '{' || c == '[';
		s->depth -= c == '}' || c == ']';
		ended = !s->depth && (c == '}' || c == ']');
		s->at++;
	}
	*n = s->at;
	return ended || s->at < len;
}

/* ---- moving through the input ---- */

/* To the next byte that is no blank; *c is 0 at the end of the file. */
static enum err document_peek(struct input *in, char *c, struct errbuf *eb)
{
	for (;;) {
		enum err err;

		while (in->start < in->end && document_is_blank(in->buf[in->start]))
			in->line += in->buf[in->start++] == '\n';
		*c = in->start < in->end ? in->buf[in->start] : '\0';
		if (in->start < in->end || in->eof)
			return ERR_OK;
		err = input_more(in, eb);
		if (err)
			return err;
	}
}

static void document_use(struct input *in, size_t n)
{
	in->line += document_count_lines(in->buf + in->start, n);
	in->start += n;
}

/* Drops the value that scan is inside of, whatever its size. */
static enum err document_skip(struct json_document *d, struct input *in, struct errbuf *eb)
{
	for (;;) {
		size_t n;
		bool whole =
		    json_scan_value(&d->scan, in->buf + in->start, in->end - in->start, &n);
		enum err err;

		n = d->scan.at;
		document_use(in, n);
		d->scan.at = 0;
		if (whole || in->eof)
			return ERR_OK;
		err = input_more(in, eb);
		if (err)
			return err;
	}
}

static enum err document_broken(const struct input *in, const char *what, struct errbuf *eb)
{
	return err_set(eb, ERR_CORRUPT, "line %lld: %s", (long long)in->line, what);
}

/* ---- an object around the array ---- */

/* At the name of a member: into "channels", past any other. */
static enum err document_member_next(struct json_document *d, struct input *in, struct errbuf *eb)
{
	struct json_scan name = {0};
	bool ours;
	size_t n;
	char c;
	enum err err;

	while (!json_scan_value(&name, in->buf + in->start, in->end - in->start, &n)) {
		if (in->eof || in->end - in->start > SOURCE_FIELD_MAX)
			return document_broken(in, "a member's name does not end", eb);
		err = input_more(in, eb);
		if (err)
			return err;
	}
	ours =
	    n == sizeof document_member - 1 && memcmp(in->buf + in->start, document_member, n) == 0;
	document_use(in, n);
	err = document_peek(in, &c, eb);
	if (err)
		return err;
	if (c != ':')
		return document_broken(in, "a : is missing behind a member's name", eb);
	in->start++;
	err = document_peek(in, &c, eb);
	if (err)
		return err;
	d->scan = (struct json_scan){0};
	if (!ours || c != '[')
		return document_skip(d, in, eb);
	in->start++;
	d->place = JSON_ITEMS;
	d->in_object = d->found = true;
	d->items = 0;
	return ERR_OK;
}

/* ---- items ---- */

static void document_give(struct json_document *d, const struct input *in, size_t n,
    const char *problem, struct json_item *item)
{
	*item = (struct json_item){in->buf + in->start, n, in->line, ++d->items, problem};
}

/*
 * A text that was not closed swallows what follows: its item ends with the line where it began, and
 * the next line that begins as this item did is taken for the next item.
 */
static void document_give_torn(struct json_document *d, struct input *in, struct json_item *item)
{
	const char *p = in->buf + in->start, *nl = memchr(p, '\n', in->end - in->start);
	size_t n = nl ? (size_t)(nl - p) : in->end - in->start;

	document_give(d, in, n, "a text in it is never closed", item);
	d->resume = *p;
	document_use(in, n);
}

static enum err document_item(
    struct json_document *d, struct input *in, struct json_item *item, struct errbuf *eb)
{
	size_t n;

	d->scan = (struct json_scan){0};
	while (!json_scan_value(&d->scan, in->buf + in->start, in->end - in->start, &n)) {
		size_t have = in->end - in->start;
		enum err err;

		if (d->scan.torn)
			break;
		if (in->eof && d->scan.depth + d->scan.text) {
			document_give(d, in, have, "the file ends in the middle of an item", item);
			document_use(in, have);
			return ERR_OK;
		}
		if (in->eof) {
			n = have; /* a word */
			break;
		}
		if (have > SOURCE_RECORD_MAX) {
			document_give(
			    d, in, SOURCE_RECORD_MAX, "the item is longer than 4 MiB", item);
			d->skipping = true;
			return ERR_OK;
		}
		err = input_more(in, eb);
		if (err)
			return err;
	}
	if (d->scan.torn) {
		document_give_torn(d, in, item);
		return ERR_OK;
	}
	n = n ? n : 1;
	document_give(d, in, n, NULL, item);
	document_use(in, n);
	return ERR_OK;
}

/* What is at the front, c, in this place; *given when that is an item. */
static enum err document_step(struct json_document *d, struct input *in, char c,
    struct json_item *item, bool *given, struct errbuf *eb)
{
	const char *problem = NULL;

	if (d->place == JSON_ITEMS && c != ',' && c != ']' && c != '}') {
		*given = true;
		return document_item(d, in, item, eb);
	}
	if (d->place == JSON_MEMBERS && c == '"')
		return document_member_next(d, in, eb);
	if (d->place == JSON_MEMBERS && c != ',' && c != '}')
		return document_broken(in, "the object's next member has no name", eb);
	if (d->place == JSON_OUTSIDE && c == '[') {
		d->in_object = false;
		d->items = 0;
		d->place = JSON_ITEMS;
	} else if (d->place == JSON_OUTSIDE && c == '{') {
		d->found = false;
		d->place = JSON_MEMBERS;
	} else if (d->place == JSON_OUTSIDE && c != ',') {
		problem = "neither an array nor an object with channels";
	} else if (d->place == JSON_ITEMS && c == '}') {
		problem = "a } without its {";
	} else if (d->place == JSON_ITEMS && c == ']') {
		d->place = d->in_object ? JSON_MEMBERS : JSON_OUTSIDE;
	} else if (d->place == JSON_MEMBERS && c == '}') {
		problem = d->found ? NULL : "an object without channels";
		d->place = JSON_OUTSIDE;
	}
	*given = problem != NULL;
	if (*given)
		document_give(d, in, 1, problem, item);
	if (*given && d->place == JSON_OUTSIDE && c != '}')
		return input_drop_line(in, eb);
	in->start++;
	return ERR_OK;
}

/* Drops lines up to the one from which the items can be read again. */
static enum err document_resume(struct json_document *d, struct input *in, struct errbuf *eb)
{
	char c = ' ';
	enum err err = input_drop_line(in, eb);

	if (!err)
		err = document_peek(in, &c, eb);
	while (!err && c && c != d->resume && c != ']') {
		err = input_drop_line(in, eb);
		if (!err)
			err = document_peek(in, &c, eb);
	}
	d->resume = '\0';
	return err;
}

enum err json_document_next(struct json_document *d, struct input *in, struct json_item *item,
    bool *more, struct errbuf *eb)
{
	bool given = false;
	enum err err = ERR_OK;
	char c;

	if (d->skipping)
		err = document_skip(d, in, eb);
	d->skipping = false;
	if (!err && d->resume)
		err = document_resume(d, in, eb);
	while (!err && !given) {
		err = document_peek(in, &c, eb);
		*more = c != '\0' || in->start < in->end;
		if (err)
			return err;
		if (!*more)
			return d->place == JSON_OUTSIDE
			           ? ERR_OK
			           : document_broken(in, "the file ends before its JSON does", eb);
		err = document_step(d, in, c, item, &given, eb);
	}
	return err;
}

/* ---- looking ahead ---- */

enum look { LOOK_YES, LOOK_NO, LOOK_FURTHER };

static size_t look_skip_blanks(const struct input *in, size_t at)
{
	while (at < in->end && document_is_blank(in->buf[at]))
		at++;
	return at;
}

/* Past the value at `at`; false when its end is not at hand. */
static bool look_past(const struct input *in, size_t *at)
{
	struct json_scan scan = {0};
	size_t n;

	if (!json_scan_value(&scan, in->buf + *at, in->end - *at, &n))
		return false;
	*at = look_skip_blanks(in, *at + n);
	return *at < in->end;
}

/* Has the object at `at` a member "channels" that is an array? */
static enum look look_object(const struct input *in, size_t at)
{
	at = look_skip_blanks(in, at + 1);
	while (at < in->end && in->buf[at] == '"') {
		bool ours = in->end - at >= sizeof document_member - 1 &&
		            memcmp(in->buf + at, document_member, sizeof document_member - 1) == 0;

		if (!look_past(in, &at))
			return LOOK_FURTHER;
		if (in->buf[at] != ':')
			return LOOK_NO;
		at = look_skip_blanks(in, at + 1);
		if (at == in->end)
			return LOOK_FURTHER;
		if (ours && in->buf[at] == '[')
			return LOOK_YES;
		if (!look_past(in, &at))
			return LOOK_FURTHER;
		if (in->buf[at] != ',')
			return LOOK_NO;
		at = look_skip_blanks(in, at + 1);
	}
	return at < in->end ? LOOK_NO : LOOK_FURTHER;
}

enum err json_document_is_next(struct input *in, bool *is, struct errbuf *eb)
{
	for (;;) {
		size_t at = look_skip_blanks(in, in->start);
		enum look look = at == in->end        ? LOOK_FURTHER
		                 : in->buf[at] == '[' ? LOOK_YES
		                 : in->buf[at] == '{' ? look_object(in, at)
		                                      : LOOK_NO;
		enum err err;

		/* an object too long for a line can only be a document */
		*is = look == LOOK_YES ||
		      (look == LOOK_FURTHER && in->end - in->start > SOURCE_RECORD_MAX);
		if (look != LOOK_FURTHER || *is || in->eof || in->held.code)
			return ERR_OK;
		err = input_more(in, eb);
		if (err)
			return err;
	}
}
