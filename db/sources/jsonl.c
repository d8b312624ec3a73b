#include "config.h"
#include "db/sources/jsonl.h"
#include "db/sources/input.h"
#include "db/sources/json_document.h"
#include "engine/base/json_reader.h"

#include <stdlib.h>
#include <string.h>

enum { JSONL_DEPTH = 64 };

struct jsonl {
	struct json_reader *reader;
	bool is_document; /* items of arrays instead of lines */
	struct json_document document;
};

static bool jsonl_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool jsonl_is_like(const struct input *in)
{
	size_t at = in->start;

	while (at < in->end && jsonl_is_blank(in->buf[at]))
		at++;
	return at < in->end && (in->buf[at] == '{' || in->buf[at] == '[');
}

static enum err jsonl_start(
    void **state, struct input *in, const struct source_config *cfg, struct errbuf *eb)
{
	struct jsonl *j = calloc(1, sizeof *j);

	(void)cfg;
	if (!j)
		return err_set(eb, ERR_NOMEM, "no memory to read JSON");
	*state = j;
	j->reader = json_reader_new(SOURCE_RECORD_MAX, JSONL_DEPTH);
	if (!j->reader)
		return err_set(eb, ERR_NOMEM, "no memory to read JSON");
	return json_document_is_next(in, &j->is_document, eb);
}

static void jsonl_end(void *state)
{
	struct jsonl *j = state;

	json_reader_free(j->reader);
	free(j);
}

static struct source_text jsonl_text(struct json_node node)
{
	struct source_text t = {NULL, 0};

	if (!json_node_text(node, &t.text, &t.len))
		t = (struct source_text){NULL, 0};
	return t;
}

static struct source_text *jsonl_part(struct source_row *row, enum source_part part)
{
	switch (part) {
	case SOURCE_REF:
		return &row->ref;
	case SOURCE_TITLE:
		return &row->title;
	case SOURCE_DESCRIPTION:
		return &row->description;
	case SOURCE_OTHER:
		break;
	}
	return NULL;
}

/* Takes each part from the member whose name is likeliest. */
static void jsonl_members(struct json_node object, struct source_row *row, int *ranks)
{
	struct json_walk w;
	struct json_node item;
	const char *name;

	json_walk_start(&w, object);
	while (json_walk_next(&w, &item, &name)) {
		int rank;
		enum source_part part = source_part_by_name(name, strlen(name), &rank);
		struct source_text t = jsonl_text(item);
		if (part == SOURCE_OTHER || !t.text || (ranks[part] >= 0 && ranks[part] <= rank))
			continue;
		ranks[part] = rank;
		*jsonl_part(row, part) = t;
	}
}

/* What the YouTube API and its tools write: {"id": {"channelId": …}, "snippet": {…}}. */
static void jsonl_resource(struct json_node object, struct source_row *row, int *ranks)
{
	static const char *const inner[] = {"id", "snippet", "channel"};

	for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
		struct json_node node = json_node_get(object, inner[i]);
		int ours[SOURCE_PARTS];
		struct source_row found = {0};

		if (json_node_type(node) != JSON_NODE_OBJECT)
			continue;
		for (int k = 0; k < SOURCE_PARTS; k++)
			ours[k] = -1;
		jsonl_members(node, &found, ours);
		for (int k = 0; k < SOURCE_PARTS; k++)
			if (ranks[k] < 0 && ours[k] >= 0) {
				ranks[k] = ours[k];
				*jsonl_part(row, (enum source_part)k) =
				    *jsonl_part(&found, (enum source_part)k);
			}
	}
}

static void jsonl_item(struct jsonl *j, const char *text, size_t len, struct source_row *row)
{
	struct json_node root;
	int ranks[SOURCE_PARTS];

	for (int k = 0; k < SOURCE_PARTS; k++)
		ranks[k] = -1;
	row->raw = (struct source_text){text, len};
	if (json_reader_parse(j->reader, text, len, &root, NULL)) {
		row->problem = memchr(text, '\0', len) ? "a NUL byte" : "not JSON";
		return;
	}
	row->utf8 = true;
	row->ref = jsonl_text(root);
	if (json_node_type(root) == JSON_NODE_OBJECT) {
		jsonl_members(root, row, ranks);
		jsonl_resource(root, row, ranks);
	}
	if (!row->ref.text)
		row->problem = json_node_type(root) == JSON_NODE_OBJECT
		                   ? "no member channel_id, id or url"
		                   : "neither an object nor a text";
	else if (row->ref.len > SOURCE_FIELD_MAX || row->title.len > SOURCE_FIELD_MAX ||
	         row->description.len > SOURCE_FIELD_MAX)
		row->problem = "a field is longer than 1 MiB";
}

static enum err jsonl_next_line(
    struct jsonl *j, struct input *in, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct input_line l;

	for (;;) {
		size_t i = 0;
		enum err err = input_next_line(in, SOURCE_RECORD_MAX, &l, more, eb);
		if (err || !*more)
			return err;
		while (i < l.len && jsonl_is_blank(l.text[i]))
			i++;
		if (i < l.len)
			break;
	}
	*row = (struct source_row){.line = l.number};
	if (l.too_long) {
		row->raw = (struct source_text){l.text, l.len};
		row->problem = "the line is longer than 4 MiB";
		return ERR_OK;
	}
	jsonl_item(j, l.text, l.len, row);
	return ERR_OK;
}

static enum err jsonl_next_item(
    struct jsonl *j, struct input *in, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct json_item item;
	enum err err = json_document_next(&j->document, in, &item, more, eb);

	if (err || !*more)
		return err;
	*row = (struct source_row){.line = item.line,
	    .item = item.number,
	    .problem = item.problem,
	    .raw = {item.text, item.len}};
	if (!item.problem)
		jsonl_item(j, item.text, item.len, row);
	return ERR_OK;
}

static enum err jsonl_next(
    void *state, struct input *in, struct source_row *row, bool *more, struct errbuf *eb)
{
	struct jsonl *j = state;

	return j->is_document ? jsonl_next_item(j, in, row, more, eb)
	                      : jsonl_next_line(j, in, row, more, eb);
}

const struct source_format jsonl_format = {
    "json", jsonl_is_like, jsonl_start, jsonl_next, jsonl_end};
