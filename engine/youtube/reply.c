#include "config.h"
#include "engine/youtube/reply.h"

#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <string.h>

void reply_begin(struct reply_reader *r, struct arena *arena, size_t len)
{
	*r = (struct reply_reader){.arena = arena};
	str_init(&r->clean, 3 * len);
}

bool reply_end(struct reply_reader *r)
{
	str_done(&r->clean);
	return !r->failed;
}

enum err reply_items(
    struct json_node root, const char *kind, struct json_node *items, struct errbuf *eb)
{
	const char *own;
	size_t len;

	if (json_node_type(root) != JSON_NODE_OBJECT)
		return err_set(
		    eb, ERR_INVALID, "the reply is no JSON object; it is torn, ask again");
	if (json_node_get(root, "error").doc)
		return err_set(
		    eb, ERR_INVALID, "the reply is an error sent as a success; ask again");
	if (json_node_text(json_node_get(root, "kind"), &own, &len) &&
	    !str_is_equal_nocase(own, kind)) /* YouTube writes some in two ways */
		return err_set(
		    eb, ERR_INVALID, "the reply is of another kind than %s; ask again", kind);
	*items = json_node_get(root, "items");
	if (items->doc && json_node_type(*items) != JSON_NODE_ARRAY)
		return err_set(eb, ERR_INVALID, "`items` of the reply is no list; ask again");
	return ERR_OK;
}

const char *reply_text_n(struct reply_reader *r, struct json_node node, size_t *len)
{
	const char *text;
	char *copy;

	if (!json_node_text(node, &text, len) || !*len)
		return NULL;
	if (!text_is_clean_utf8(text, *len)) {
		str_reset(&r->clean);
		text_clean(text, *len, &r->clean);
		if (r->clean.err)
			r->failed = true;
		text = str_get(&r->clean);
		*len = r->clean.len;
		if (!*len)
			return NULL;
	}
	copy = arena_dup(r->arena, text, *len);
	if (!copy)
		r->failed = true;
	return copy;
}

const char *reply_text(struct reply_reader *r, struct json_node node)
{
	size_t len;

	return reply_text_n(r, node, &len);
}

const char *reply_text_or(
    struct reply_reader *r, struct json_node item, const char *first, const char *second)
{
	const char *text = reply_text(r, json_node_path(item, first));

	return text ? text : reply_text(r, json_node_path(item, second));
}

int64_t reply_count(struct json_node node)
{
	int64_t v;

	return json_node_int(node, &v) && v >= 0 ? v : COUNT_NONE;
}

int reply_flag(struct json_node node)
{
	bool b;

	return json_node_bool(node, &b) ? b : -1;
}

const char *reply_thumbnail(struct reply_reader *r, struct json_node thumbs)
{
	struct json_walk w;
	struct json_node item, best = json_node_path(thumbs, "high/url");
	int64_t best_width = INT64_MIN;
	const char *text;
	size_t len;

	if (json_node_text(best, &text, &len) && len)
		return reply_text(r, best);
	json_walk_start(&w, thumbs);
	while (json_walk_next(&w, &item, NULL)) {
		struct json_node url = json_node_get(item, "url");
		int64_t width = 0;
		if (!json_node_text(url, &text, &len) || !len)
			continue;
		if (!json_node_int(json_node_get(item, "width"), &width))
			width = -1;
		if (width > best_width) {
			best_width = width;
			best = url;
		}
	}
	return reply_text(r, best);
}

int64_t reply_time(struct json_node node)
{
	const char *text;
	size_t len;
	int64_t at;

	if (!json_node_text(node, &text, &len) || clock_parse_rfc3339(text, len, &at))
		return INT64_MIN;
	return at;
}

struct text_list reply_list(struct reply_reader *r, struct json_node node)
{
	struct json_walk w;
	struct json_node item;
	const char **items;
	size_t n = 0;
	int kept = 0;

	if (json_node_type(node) != JSON_NODE_ARRAY)
		return (struct text_list){NULL, -1};
	json_walk_start(&w, node);
	while (json_walk_next(&w, &item, NULL))
		n += json_node_type(item) == JSON_NODE_TEXT;
	items = arena_alloc(r->arena, (n ? n : 1) * sizeof *items);
	if (!items) {
		r->failed = true;
		return (struct text_list){NULL, -1};
	}
	json_walk_start(&w, node);
	while (json_walk_next(&w, &item, NULL)) {
		const char *text = reply_text(r, item);
		if (text) /* there is no room for what is none */
			items[kept++] = text;
	}
	return (struct text_list){items, kept};
}

bool reply_vid(struct json_node node, int64_t *out)
{
	const char *text;
	size_t len;

	return json_node_text(node, &text, &len) && vid_parse(text, len, out);
}
