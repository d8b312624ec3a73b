/* Descriptions of providers: one table of members, checked to the last. */
#include "config.h"
#include "engine/discovery/provider.h"

#include "engine/base/text.h"
#include "engine/discovery/method.h"
#include "engine/base/http.h"
#include "engine/youtube/query.h"

#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { URL_MOST = 1024, PATH_MOST = 200, LINK_MOST = 200, HEADER_MOST = 64 };

#define KEY_SETTING "PROVIDER_KEY_"

/* A description while it is read. */
struct provider_draft {
	struct provider *p;
	const char *file, *text;
	size_t len;
	json_t *root;
	struct errbuf *eb;
};

/* ---- lines ---- */

/* Behind a string that begins at the quote at `at`. */
static size_t provider_string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < len ? at + 1 : len;
}

/* The line of a member of the outermost object; the first line when it is not found. */
static int provider_line(const struct provider_draft *d, const char *name)
{
	size_t n = strlen(name), at = 0;
	int line = 1, depth = 0;

	while (at < d->len) {
		char c = d->text[at];
		line += c == '\n';
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (c == '"') {
			size_t end = provider_string_end(d->text, d->len, at), p = end;
			while (p < d->len && strchr(" \t\r\n", d->text[p]) && d->text[p])
				p++;
			if (depth == 1 && p < d->len && d->text[p] == ':' && end - at == n + 2 &&
			    memcmp(d->text + at + 1, name, n) == 0)
				return line;
			at = end;
		} else {
			at++;
		}
	}
	return 1;
}

static enum err provider_refuse(
    const struct provider_draft *d, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

static enum err provider_refuse(
    const struct provider_draft *d, const char *name, const char *fmt, ...)
{
	struct str why;
	va_list ap;
	enum err err;

	str_init(&why, 1024);
	va_start(ap, fmt);
	str_addv(&why, fmt, ap);
	va_end(ap);
	err = err_set(d->eb, ERR_INVALID, "%s:%d: %s %s", d->file, provider_line(d, name), name,
	    str_get(&why));
	str_done(&why);
	return err;
}

static enum err provider_nomem(const struct provider_draft *d)
{
	return err_set(d->eb, ERR_NOMEM, "out of memory while reading %s", d->file);
}

/* ---- single members; v is never NULL ---- */

static bool provider_consists(const char *text, const char *of)
{
	return *text && strspn(text, of) == strlen(text);
}

static enum err provider_take(
    struct provider_draft *d, const char *name, const json_t *v, size_t most, char **out)
{
	const char *text = json_string_value(v);

	if (!text || !*text || strlen(text) > most)
		return provider_refuse(d, name, "must be a text of 1 to %zu bytes", most);
	if (!text_is_clean(text, strlen(text)) || strpbrk(text, "\r\n\t"))
		return provider_refuse(d, name, "holds control characters");
	*out = str_dup(text);
	return *out ? ERR_OK : provider_nomem(d);
}

static enum err provider_name(struct provider_draft *d, const char *name, const json_t *v)
{
	enum err err = provider_take(d, name, v, PROVIDER_NAME_MOST, &d->p->name);

	if (!err && !provider_consists(d->p->name, "abcdefghijklmnopqrstuvwxyz0123456789_"))
		return provider_refuse(d, name, "may hold a-z, 0-9 and _ only");
	if (!err && discovery_method_find(d->p->name))
		return provider_refuse(d, name, "is the name of a method: choose another");
	return err;
}

static enum err provider_help(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_take(d, name, v, 500, &d->p->help);
}

static enum err provider_url_member(struct provider_draft *d, const char *name, const json_t *v)
{
	const char *host, *hole;
	struct errbuf why = {0};
	struct str probe;
	struct cid cid = {{0}};
	int holes = 0;
	enum err err = provider_take(d, name, v, URL_MOST, &d->p->url);

	if (err)
		return err;
	host = strstr(d->p->url, "://");
	host = host ? strchr(host + 3, '/') : NULL;
	for (hole = d->p->url; (hole = strpbrk(hole, "{}")) != NULL; hole++, holes++) {
		size_t n = strncmp(hole, "{channel_id}", 12) == 0 ? 12
		           : strncmp(hole, "{handle}", 8) == 0    ? 8
		                                                  : 0;
		if (!n)
			return provider_refuse(
			    d, name, "may hold {channel_id} and {handle}, no other brackets");
		if (!host || hole < host)
			return provider_refuse(
			    d, name, "may hold {channel_id} and {handle} behind the host only");
		hole += n - 1;
	}
	if (!holes)
		return provider_refuse(d, name, "must hold {channel_id} or {handle}");
	str_init(&probe, 2 * URL_MOST);
	err = provider_url(d->p, &cid, "handle", &probe);
	if (!err)
		err = http_check_address(str_get(&probe), false, "the address", &d->p->plain, &why);
	str_done(&probe);
	return err ? provider_refuse(d, name, "is refused: %s", err_text(&why)) : ERR_OK;
}

static enum err provider_key(struct provider_draft *d, const char *name, const json_t *v)
{
	const char *text = json_string_value(v);
	int64_t n = 0;

	if (!text || strncmp(text, KEY_SETTING, sizeof KEY_SETTING - 1) != 0 ||
	    str_to_i64(text + sizeof KEY_SETTING - 1, 1, 1000, &n))
		return provider_refuse(d, name,
		    "must name a setting " KEY_SETTING
		    "1 … that holds the key; never the key itself");
	d->p->key = (int)n;
	return ERR_OK;
}

static enum err provider_key_header(struct provider_draft *d, const char *name, const json_t *v)
{
	enum err err = provider_take(d, name, v, HEADER_MOST, &d->p->header);

	if (!err && !provider_consists(d->p->header,
	                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"))
		return provider_refuse(d, name, "is no name of a header");
	if (!err && (str_is_equal_nocase(d->p->header, "Host") ||
	                str_is_equal_nocase(d->p->header, "Content-Length") ||
	                str_is_equal_nocase(d->p->header, "Transfer-Encoding")))
		return provider_refuse(d, name, "may not be %s", d->p->header);
	return err;
}

static enum err provider_key_prefix(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_take(d, name, v, HEADER_MOST, &d->p->prefix);
}

static enum err provider_format_member(struct provider_draft *d, const char *name, const json_t *v)
{
	const char *text = json_string_value(v);

	if (!text || (strcmp(text, "json") != 0 && strcmp(text, "html") != 0))
		return provider_refuse(d, name, "must be \"json\" or \"html\"");
	d->p->format = *text == 'j' ? PROVIDER_JSON : PROVIDER_HTML;
	return ERR_OK;
}

/* "a.b[].c": names of members, [] for each element of a list; lists: whether [] may stand there. */
static bool provider_is_path(const char *path, bool lists)
{
	const char *p = path;

	while (*p) {
		size_t n = strcspn(p, ".[]");
		const char *from = p;
		p += n;
		while (lists && p[0] == '[' && p[1] == ']')
			p += 2;
		if (p == from || (!n && from != path))
			return false;
		if (!*p)
			return true;
		if (*p++ != '.')
			return false;
	}
	return false;
}

static enum err provider_path(
    struct provider_draft *d, const char *name, const json_t *v, bool lists, char **out)
{
	enum err err = provider_take(d, name, v, PATH_MOST, out);

	if (!err && !provider_is_path(*out, lists))
		return provider_refuse(d, name, "must be a path such as %s",
		    lists ? "data.similar[] ([] for each element of a list)" : "channel.id");
	return err;
}

static enum err provider_items(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_path(d, name, v, true, &d->p->items);
}

static enum err provider_id(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_path(d, name, v, false, &d->p->id);
}

static enum err provider_title(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_path(d, name, v, false, &d->p->title);
}

static enum err provider_link(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_take(d, name, v, LINK_MOST, &d->p->link);
}

static enum err provider_number(struct provider_draft *d, const char *name, const json_t *v,
    double least, double most, double *out)
{
	if (!json_is_number(v) || !(json_number_value(v) >= least && json_number_value(v) <= most))
		return provider_refuse(d, name, "must be a number from %g to %g", least, most);
	*out = json_number_value(v);
	return ERR_OK;
}

static enum err provider_confidence(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_number(d, name, v, 0, 1, &d->p->confidence);
}

static enum err provider_per_minute(struct provider_draft *d, const char *name, const json_t *v)
{
	return provider_number(d, name, v, 0.1, 6000, &d->p->per_minute);
}

static enum err provider_timeout(struct provider_draft *d, const char *name, const json_t *v)
{
	double s = 0;
	enum err err = provider_number(d, name, v, 1, 120, &s);

	d->p->timeout_ms = (int64_t)(s * 1000);
	return err;
}

static enum err provider_body(struct provider_draft *d, const char *name, const json_t *v)
{
	double kib = 0;
	enum err err = provider_number(d, name, v, 1, 8192, &kib);

	d->p->body_limit = (size_t)(kib * 1024);
	return err;
}

static enum err provider_most(struct provider_draft *d, const char *name, const json_t *v)
{
	double n = 0;
	enum err err = provider_number(d, name, v, 1, PROVIDER_FINDS_MOST, &n);

	d->p->most = (int)n;
	return err;
}

/* ---- the whole ---- */

static const struct provider_member {
	const char *name;
	bool wanted;
	enum err (*read)(struct provider_draft *d, const char *name, const json_t *v);
} provider_members[] = {{"name", true, provider_name}, {"help", false, provider_help},
    {"url", true, provider_url_member}, {"key", false, provider_key},
    {"key_header", false, provider_key_header}, {"key_prefix", false, provider_key_prefix},
    {"format", true, provider_format_member}, {"items", false, provider_items},
    {"id", false, provider_id}, {"title", false, provider_title}, {"link", false, provider_link},
    {"confidence", true, provider_confidence}, {"requests_per_minute", true, provider_per_minute},
    {"timeout_seconds", false, provider_timeout}, {"body_limit_kib", false, provider_body},
    {"most", false, provider_most}};

enum { PROVIDER_MEMBERS = sizeof provider_members / sizeof provider_members[0] };

static enum err provider_check_names(struct provider_draft *d)
{
	const char *name;
	json_t *v;

	json_object_foreach(d->root, name, v)
	{
		int i = 0;
		while (i < PROVIDER_MEMBERS && strcmp(provider_members[i].name, name) != 0)
			i++;
		if (i == PROVIDER_MEMBERS)
			return provider_refuse(d, name, "is not known here; see providers.md");
	}
	return ERR_OK;
}

/* Members that belong together. */
static enum err provider_check_whole(struct provider_draft *d)
{
	const struct provider *p = d->p;
	bool json = p->format == PROVIDER_JSON;

	if ((p->key != 0) != (p->header != NULL))
		return provider_refuse(
		    d, p->key ? "key" : "key_header", "wants both key and key_header");
	if (p->prefix && !p->header)
		return provider_refuse(d, "key_prefix", "wants key and key_header");
	if (json && (!p->items || p->link))
		return provider_refuse(
		    d, p->link ? "link" : "format", "json wants items, and no link");
	if (!json && (!p->link || p->items || p->id || p->title))
		return provider_refuse(
		    d, "format", "html wants link, and neither items nor id nor title");
	return ERR_OK;
}

static enum err provider_fill(struct provider_draft *d)
{
	enum err err = provider_check_names(d);

	for (int i = 0; i < PROVIDER_MEMBERS && !err; i++) {
		const struct provider_member *m = &provider_members[i];
		const json_t *v = json_object_get(d->root, m->name);
		if (v)
			err = m->read(d, m->name, v);
		else if (m->wanted)
			err = err_set(d->eb, ERR_INVALID, "%s:1: %s is missing", d->file, m->name);
	}
	return err ? err : provider_check_whole(d);
}

enum err provider_parse(
    struct provider **out, const char *file, const char *text, size_t len, struct errbuf *eb)
{
	struct provider_draft d = {.file = file, .text = text, .len = len, .eb = eb};
	json_error_t why;
	enum err err;

	*out = NULL;
	if (len > PROVIDER_FILE_MOST)
		return err_set(eb, ERR_LIMIT, "%s: larger than %d bytes: this is no description",
		    file, PROVIDER_FILE_MOST);
	d.root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!d.root)
		return err_set(eb, ERR_INVALID, "%s:%d: no JSON: %s", file,
		    why.line > 0 ? why.line : 1, why.text);
	d.p = calloc(1, sizeof *d.p);
	if (d.p)
		*d.p =
		    (struct provider){.timeout_ms = 20 * 1000, .body_limit = 2 << 20, .most = 10};
	if (!d.p)
		err = provider_nomem(&d);
	else if (!json_is_object(d.root))
		err = err_set(eb, ERR_INVALID, "%s:1: must be a JSON object", file);
	else
		err = provider_fill(&d);
	json_decref(d.root);
	if (err)
		provider_free(d.p);
	else
		*out = d.p;
	return err;
}

void provider_free(struct provider *p)
{
	if (!p)
		return;
	free(p->name);
	free(p->help);
	free(p->url);
	free(p->header);
	free(p->prefix);
	free(p->items);
	free(p->id);
	free(p->title);
	free(p->link);
	free(p);
}

enum err provider_url(
    const struct provider *p, const struct cid *cid, const char *handle, struct str *out)
{
	char id[CID_TEXT + 1];

	for (const char *at = p->url; *at;) {
		size_t n = strcspn(at, "{");
		str_add(out, at, n);
		at += n;
		if (!*at)
			break;
		if (strncmp(at, "{handle}", 8) == 0) {
			if (!handle || !*handle)
				return ERR_NOTFOUND;
			query_escape(out, handle, strlen(handle));
			at += 8;
		} else {
			str_adds(out, cid_format(cid, id));
			at += sizeof "{channel_id}" - 1;
		}
	}
	return out->err;
}
