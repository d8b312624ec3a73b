#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "list.h"

#include "ids.h"

uint64_t list_hash(const struct call *c, struct slice value)
{
	uint64_t h = ids_hash(c->method->name, strlen(c->method->name),
	    universe_seed(c->api->universe) + universe_channels(c->api->universe));

	h = ids_hash(c->filter.p, c->filter.len, h);
	return ids_hash(value.p, value.len, h);
}

const struct error_def *list_page(
    const struct call *c, uint64_t list, bool padded, struct page *p, bool *given)
{
	struct slice text;

	*given = false;
	*p = (struct page){0, 0};
	if (!call_param(c, "pageToken", &text) || text.len == 0)
		return NULL;
	*given = page_token_read(text, p, list, padded);
	return *given ? NULL : errors_find(slice_of("invalidPageToken"));
}

/* The etag stands for the content: the thing, the parts, the fields, the language, the format. */
static uint64_t view_hash(const struct call *c)
{
	static const char *const names[] = {"fields", "hl", "textFormat"};
	uint64_t h = ids_mix(c->parts) + c->pretty;
	struct slice value;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (call_param(c, names[i], &value))
			h = ids_hash(value.p, value.len, h + i);
	return h;
}

static void write_token(
    struct list *l, const char *name, struct page p, const struct list_head *head)
{
	struct out text;

	out_init(&text, 4096);
	page_token_write(&text, p, head->list, head->padded);
	jsonw_escaped(&l->w, name, text.data, text.len);
	l->w.out->failed |= text.failed;
	l->sum = ids_hash(text.data, text.len, l->sum);
	out_done(&text);
}

bool list_begin(struct list *l, struct call *c, const struct list_head *head)
{
	*l = (struct list){.c = c, .view = view_hash(c), .sum = head->total + head->list};
	jsonw_init(&l->w, &c->out, c->pretty, c->fields);
	if (!jsonw_object(&l->w, NULL))
		return false;
	jsonw_string(&l->w, "kind", head->kind);
	l->hole = jsonw_hole(&l->w, METHOD_ETAG_MEMBER, IDS_ETAG_LEN);
	if (head->next != NULL)
		write_token(l, "nextPageToken", *head->next, head);
	if (head->last != NULL)
		write_token(l, "prevPageToken", *head->last, head);
	if (head->region != NULL)
		jsonw_outside(&l->w, "regionCode", *head->region);
	if (head->has_page_info && jsonw_object(&l->w, "pageInfo")) {
		jsonw_number(&l->w, "totalResults", head->total);
		jsonw_number(&l->w, "resultsPerPage", head->per_page);
		jsonw_object_end(&l->w);
	}
	l->has_items = jsonw_array(&l->w, "items");
	return !c->out.failed;
}

bool list_item(struct list *l, const char *kind, uint64_t own)
{
	char etag[IDS_ETAG_LEN];

	l->shown++;
	l->sum = ids_mix(l->sum ^ own);
	if (!l->has_items || !jsonw_object(&l->w, NULL))
		return false;
	ids_etag_write(ids_mix(own), l->view, etag);
	jsonw_string(&l->w, "kind", kind);
	jsonw_escaped(&l->w, METHOD_ETAG_MEMBER, etag, sizeof etag);
	return true;
}

void list_item_end(struct list *l)
{
	jsonw_object_end(&l->w);
}

const struct error_def *list_end(struct list *l)
{
	struct call *c = l->c;

	if (l->has_items)
		jsonw_array_end(&l->w);
	jsonw_object_end(&l->w);
	jsonw_end(&l->w);
	ids_etag_write(l->sum, l->view + c->max_results, c->etag);
	c->etag[IDS_ETAG_LEN] = '\0';
	if (l->hole > 0 && !c->out.failed)
		memcpy(c->out.data + l->hole, c->etag, IDS_ETAG_LEN);
	c->found = l->shown;
	return c->out.failed ? errors_find(slice_of("internalError500")) : NULL;
}
