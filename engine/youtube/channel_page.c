#include "config.h"
#include "engine/youtube/channel_page.h"
#include "engine/youtube/reply.h"

#include "engine/base/html.h"
#include "engine/base/text.h"

#include <string.h>

enum { TITLE_MOST = 1024 };

struct page_ctx {
	const struct channel_page_shape *shape;
	struct arena *arena;
	struct channel_page *out;
	struct str raw, clean;
	bool failed;
};

static enum err page_token(
    struct json_node root, struct arena *arena, const char **next, struct errbuf *eb)
{
	const char *text;
	size_t len;

	*next = NULL;
	if (!json_node_text(json_node_get(root, "nextPageToken"), &text, &len) || !len)
		return ERR_OK;
	if (len > CHANNEL_PAGE_TOKEN || memchr(text, '\0', len))
		return err_set(
		    eb, ERR_INVALID, "the page token of the reply is no token; ask again");
	*next = arena_dup(arena, text, len);
	return *next ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory while reading a page");
}

enum err channel_page_open(struct json_reader *reader, const char *body, size_t len,
    const char *kind, struct arena *arena, struct json_node *items, const char **next,
    struct errbuf *eb)
{
	struct json_node root;
	enum err err = json_reader_parse(reader, body, len, &root, eb);

	if (!err)
		err = reply_items(root, kind, items, eb);
	if (err)
		return err;
	return page_token(root, arena, next, eb);
}

static const char *page_title(struct page_ctx *ctx, struct json_node node)
{
	const char *text, *copy;
	size_t len;

	if (!json_node_text(node, &text, &len))
		return NULL;
	len = text_utf8_cut(text, len, TITLE_MOST);
	if (ctx->shape->escaped) {
		str_reset(&ctx->raw);
		html_unescape(text, len, &ctx->raw);
		text = str_get(&ctx->raw);
		len = ctx->raw.len;
	}
	str_reset(&ctx->clean);
	text_clean(text, len, &ctx->clean);
	if (!ctx->clean.len && !ctx->clean.err)
		return NULL;
	copy = arena_dup(ctx->arena, str_get(&ctx->clean), ctx->clean.len);
	ctx->failed |= !copy || ctx->raw.err || ctx->clean.err;
	return copy;
}

static void page_add(struct page_ctx *ctx, struct json_node item, const char *id, const char *title)
{
	struct channel_page *out = ctx->out;
	const char *text;
	size_t len;
	struct cid cid;

	if (out->n == CHANNEL_PAGE_MOST)
		return;
	if (!json_node_text(json_node_path(item, id), &text, &len) || !cid_parse(text, len, &cid)) {
		out->without++;
		return;
	}
	out->rows[out->n++] =
	    (struct channel_name){cid, page_title(ctx, json_node_path(item, title))};
}

static void page_add_below(struct page_ctx *ctx, struct json_node item)
{
	const struct channel_page_shape *shape = ctx->shape;
	struct json_walk w;
	struct json_node below;

	json_walk_start(&w, json_node_path(item, shape->below));
	while (json_walk_next(&w, &below, NULL))
		page_add(ctx, below, shape->below_id, shape->below_title);
}

enum err channel_page_parse(struct json_reader *reader, const char *body, size_t len,
    const struct channel_page_shape *shape, struct arena *arena, struct channel_page *out,
    struct errbuf *eb)
{
	struct page_ctx ctx = {.shape = shape, .arena = arena, .out = out};
	struct json_node items, item;
	struct json_walk w;
	enum err err;

	*out = (struct channel_page){0};
	err = channel_page_open(reader, body, len, shape->kind, arena, &items, &out->next, eb);
	if (err)
		return err;
	out->rows = arena_alloc(arena, CHANNEL_PAGE_MOST * sizeof *out->rows);
	if (!out->rows)
		return err_set(eb, ERR_NOMEM, "out of memory while reading a page");
	str_init(&ctx.raw, TITLE_MOST);
	str_init(&ctx.clean, (size_t)3 * TITLE_MOST);
	json_walk_start(&w, items);
	while (json_walk_next(&w, &item, NULL)) {
		page_add(&ctx, item, shape->id, shape->title);
		if (shape->below)
			page_add_below(&ctx, item);
	}
	str_done(&ctx.raw);
	str_done(&ctx.clean);
	if (!ctx.failed)
		return ERR_OK;
	*out = (struct channel_page){0};
	return err_set(eb, ERR_NOMEM, "out of memory while reading a page");
}
