/* Answers of providers: hostile until read. */
#include "config.h"
#include "engine/discovery/provider.h"

#include "db/sources/channel_ref.h"
#include "engine/base/html.h"
#include "engine/base/text.h"

#include <string.h>

enum { TITLE_MOST = 400, REF_MOST = 2048, NAME_MOST = 200 };

struct provider_reader {
	const struct provider *p;
	provider_find_fn *fn;
	void *arg;
	struct str name, title, raw; /* of one find */
	struct cid cids[PROVIDER_FINDS_MOST];
	char names[PROVIDER_FINDS_MOST][NAME_MOST + 1];
	int n_cids, n_names;
	struct errbuf *eb;
};

static bool provider_is_full(const struct provider_reader *r)
{
	return r->n_cids + r->n_names >= r->p->most;
}

/* Is it there already? If not, it is from now on. */
static bool provider_is_repeat(struct provider_reader *r, const struct cid *cid, const char *handle)
{
	for (int i = 0; cid && i < r->n_cids; i++)
		if (cid_compare(cid, &r->cids[i]) == 0)
			return true;
	for (int i = 0; !cid && i < r->n_names; i++)
		if (strcmp(handle, r->names[i]) == 0)
			return true;
	if (cid)
		r->cids[r->n_cids++] = *cid;
	else
		memcpy(r->names[r->n_names++], handle, strlen(handle) + 1);
	return false;
}

/* text: an id, an address of a channel, or an @handle; anything else is passed over. r->title holds
 * the title. */
static enum err provider_found(struct provider_reader *r, const char *text, size_t len)
{
	struct channel_ref ref;
	const char *name;
	bool is_id;

	if (len > REF_MOST || provider_is_full(r))
		return ERR_OK;
	channel_ref_parse(text, len, &ref);
	is_id = ref.kind == CHANNEL_REF_ID;
	if (!is_id && ref.kind != CHANNEL_REF_HANDLE)
		return ERR_OK;
	str_reset(&r->name);
	if (!is_id)
		channel_ref_name(&ref, &r->name);
	name = str_get(&r->name);
	name += *name == '@';
	if (r->name.err || strlen(name) > NAME_MOST || (!is_id && !*name) ||
	    provider_is_repeat(r, is_id ? &ref.cid : NULL, name))
		return ERR_OK;
	return r->fn(r->arg, is_id ? &ref.cid : NULL, is_id ? NULL : name,
	    r->title.len && !r->title.err ? str_get(&r->title) : NULL, r->eb);
}

/* Cleans what r->raw holds into r->title. */
static void provider_set_title(struct provider_reader *r)
{
	str_reset(&r->title);
	text_clean(
	    str_get(&r->raw), text_utf8_cut(str_get(&r->raw), r->raw.len, TITLE_MOST), &r->title);
}

/* ---- JSON ---- */

/* The member below node by a path of names without []. */
static struct json_node provider_member_at(
    struct provider_reader *r, struct json_node node, const char *path)
{
	while (path && *path && node.doc) {
		size_t n = strcspn(path, ".");
		str_reset(&r->name);
		str_add(&r->name, path, n);
		node = json_node_get(node, str_get(&r->name));
		path += n + (path[n] == '.');
	}
	return node;
}

static enum err provider_item(struct provider_reader *r, struct json_node item)
{
	struct json_node title = {NULL, 0};
	const char *text;
	size_t len;

	str_reset(&r->raw);
	if (r->p->title)
		title = provider_member_at(r, item, r->p->title);
	if (json_node_text(title, &text, &len))
		str_add(&r->raw, text, len < 4 * TITLE_MOST ? len : 4 * TITLE_MOST);
	provider_set_title(r);
	if (!json_node_text(provider_member_at(r, item, r->p->id), &text, &len))
		return ERR_OK;
	return provider_found(r, text, len);
}

/* Follows the rest of the path; *met: something was where it should be. */
static enum err provider_walk(
    struct provider_reader *r, struct json_node node, const char *path, bool *met)
{
	size_t n = strcspn(path, ".[");
	struct json_walk w;
	struct json_node below;
	enum err err = ERR_OK;

	if (n) {
		str_reset(&r->name);
		str_add(&r->name, path, n);
		node = json_node_get(node, str_get(&r->name));
		path += n;
	}
	if (*path == '.')
		return provider_walk(r, node, path + 1, met);
	if (!*path) {
		*met = *met || node.doc;
		return node.doc ? provider_item(r, node) : ERR_OK;
	}
	if (json_node_type(node) != JSON_NODE_ARRAY)
		return ERR_OK;
	path += 2;
	path += *path == '.';
	*met = true;
	json_walk_start(&w, node);
	while (!err && !provider_is_full(r) && json_walk_next(&w, &below, NULL))
		err = *path ? provider_walk(r, below, path, met) : provider_item(r, below);
	return err;
}

static enum err provider_read_json(
    struct provider_reader *r, struct json_reader *json, const char *body, size_t len)
{
	struct json_node root;
	bool met = false;
	enum err err = json_reader_parse(json, body, len, &root, r->eb);

	if (err)
		return err == ERR_NOMEM ? err : ERR_INVALID;
	err = provider_walk(r, root, r->p->items, &met);
	if (!err && !met)
		err = err_set(r->eb, ERR_INVALID,
		    "there is nothing at %s: the service has changed, or the path is wrong",
		    r->p->items);
	return err;
}

/* ---- HTML ---- */

static size_t provider_name_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] && !strchr("/?#&\"'<> \t\r\n", text[n]))
		n++;
	return n;
}

static enum err provider_href(
    struct provider_reader *r, const char *href, size_t len, const struct html_link *link)
{
	const char *at = memmem(href, len, r->p->link, strlen(r->p->link));
	size_t n;

	if (!at)
		return ERR_OK;
	at += strlen(r->p->link);
	at -= at[-1] == '@'; /* it belongs to the handle */
	n = provider_name_len(at, len - (size_t)(at - href));
	str_reset(&r->raw);
	html_text(link->inner, link->inner_len, &r->raw);
	provider_set_title(r);
	return provider_found(r, at, n);
}

static enum err provider_read_html(struct provider_reader *r, const char *body, size_t len)
{
	struct html_link link;
	struct str href;
	size_t at = 0;
	enum err err = ERR_OK;

	str_init(&href, REF_MOST);
	while (!err && !provider_is_full(r) && html_link_next(body, len, &at, &link)) {
		str_reset(&href);
		html_unescape(link.href, link.href_len, &href);
		if (!href.err)
			err = provider_href(r, str_get(&href), href.len, &link);
	}
	str_done(&href);
	return err;
}

enum err provider_read(const struct provider *p, struct json_reader *json, const char *body,
    size_t len, provider_find_fn *fn, void *arg, struct errbuf *eb)
{
	struct provider_reader r = {.p = p, .fn = fn, .arg = arg, .eb = eb};
	enum err err;

	str_init(&r.name, 3 * REF_MOST);
	str_init(&r.title, 3 * TITLE_MOST);
	str_init(&r.raw, 8 * 1024);
	err = p->format == PROVIDER_JSON ? provider_read_json(&r, json, body, len)
	                                 : provider_read_html(&r, body, len);
	str_done(&r.name);
	str_done(&r.title);
	str_done(&r.raw);
	return err;
}
