#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "replay.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "ids.h"

struct replay_item {
	json_t *json; /* owned */
	const char *id;
	uint64_t hash;
};

struct replay {
	struct replay_item *items; /* sorted by id when complete */
	size_t count;
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s ? s : "";
}

static struct replay_item *item_find(const struct replay *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->items[i].id, id) == 0)
			return &r->items[i];
	return NULL;
}

/* Channels and videos; their ids differ in length. */
static bool is_known_kind(const json_t *item)
{
	const char *kind = text_of(item, "kind");

	return strcmp(kind, "youtube#channel") == 0 || strcmp(kind, "youtube#video") == 0;
}

static bool add_item(struct replay *r, const json_t *told)
{
	struct replay_item *item = item_find(r, text_of(told, "id")), *items;
	json_t *copy;

	if (*text_of(told, "id") == '\0' || !is_known_kind(told))
		return true;
	copy = json_deep_copy(told);
	if (copy == NULL)
		return false;
	if (item != NULL) {
		int failed = json_object_update(item->json, copy);

		json_decref(copy);
		item->id = text_of(item->json, "id");
		return failed == 0;
	}
	items = realloc(r->items, (r->count + 1) * sizeof *items);
	if (items == NULL) {
		json_decref(copy);
		return false;
	}
	r->items = items;
	items[r->count++] = (struct replay_item){.json = copy, .id = text_of(copy, "id")};
	return true;
}

static void load_file(struct replay *r, const char *path)
{
	json_error_t error;
	json_t *body = json_load_file(path, 0, &error);
	const json_t *items = json_object_get(body, "items"), *item;
	size_t i;

	if (body == NULL) {
		fprintf(stderr, "youtube-sim: %s: line %d: %s; file left out\n", path, error.line,
		    error.text);
		return;
	}
	if (json_is_array(items)) {
		json_array_foreach(items, i, item) if (!add_item(r, item))
		    fprintf(stderr, "youtube-sim: %s: out of memory\n", path);
	} else if (!add_item(r, body)) {
		fprintf(stderr, "youtube-sim: %s: out of memory\n", path);
	}
	json_decref(body);
}

static int is_json_name(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && strcmp(e->d_name + len - 5, ".json") == 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct replay_item *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static void finish(struct replay *r)
{
	for (size_t i = 0; i < r->count; i++) {
		char *text = json_dumps(r->items[i].json, JSON_COMPACT | JSON_SORT_KEYS);

		r->items[i].hash = text ? ids_hash(text, strlen(text), 0) : i;
		free(text);
	}
	if (r->count > 0)
		qsort(r->items, r->count, sizeof *r->items, compare_items);
}

struct replay *replay_new(const char *folder)
{
	struct dirent **names = NULL;
	struct replay *r;
	struct out path;
	int n = scandir(folder, &names, is_json_name, alphasort);

	if (n < 0)
		return NULL;
	r = calloc(1, sizeof *r);
	out_init(&path, 1 << 16);
	for (int i = 0; i < n; i++) {
		out_reset(&path);
		out_text(&path, folder);
		out_char(&path, '/');
		out_add(&path, names[i]->d_name, strlen(names[i]->d_name) + 1);
		if (r != NULL && !path.failed)
			load_file(r, path.data);
		free(names[i]);
	}
	free(names);
	out_done(&path);
	if (r != NULL)
		finish(r);
	return r;
}

void replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		json_decref(r->items[i].json);
	free(r->items);
	free(r);
}

size_t replay_count(const struct replay *r)
{
	return r->count;
}

const struct replay_item *replay_find(const struct replay *r, struct slice id)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		size_t len = strlen(r->items[mid].id);
		int order = memcmp(r->items[mid].id, id.p, len < id.len ? len : id.len);

		if (order == 0 && len == id.len)
			return &r->items[mid];
		if (order < 0 || (order == 0 && len < id.len))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct replay_item *replay_find_handle(const struct replay *r, struct slice handle)
{
	if (handle.len > 0 && handle.p[0] == '@')
		handle = (struct slice){handle.p + 1, handle.len - 1};
	for (size_t i = 0; i < r->count; i++) {
		const char *own =
		    text_of(json_object_get(r->items[i].json, "snippet"), "customUrl");

		own += *own == '@';
		if (handle.len > 0 && strlen(own) == handle.len &&
		    strncasecmp(own, handle.p, handle.len) == 0)
			return &r->items[i];
	}
	return NULL;
}

const char *replay_upload(const struct replay_item *item, struct slice channel)
{
	const json_t *snippet = json_object_get(item->json, "snippet");
	const char *owner = text_of(snippet, "channelId");

	if (strcmp(text_of(item->json, "kind"), "youtube#video") != 0 ||
	    strlen(owner) != channel.len || memcmp(owner, channel.p, channel.len) != 0)
		return NULL;
	return text_of(snippet, "publishedAt");
}

static int compare_age(const void *a, const void *b)
{
	const struct replay_item *const *x = a, *const *y = b;
	const json_t *older = json_object_get((*x)->json, "snippet");
	const json_t *newer = json_object_get((*y)->json, "snippet");

	return strcmp(text_of(newer, "publishedAt"), text_of(older, "publishedAt"));
}

size_t replay_uploads(
    const struct replay *r, struct slice channel, const struct replay_item **found, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count && n < room; i++)
		if (replay_upload(&r->items[i], channel) != NULL)
			found[n++] = &r->items[i];
	if (n > 0)
		qsort(found, n, sizeof *found, compare_age);
	return n;
}

const char *replay_id(const struct replay_item *item)
{
	return item->id;
}

uint64_t replay_hash(const struct replay_item *item)
{
	return item->hash;
}

/* Reads only, no reference counts: the tree is shared by all threads. */
static void write_value(json_t *v, const char *name, struct jsonw *w)
{
	const char *key;
	json_t *below;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		if (!jsonw_object(w, name))
			return;
		json_object_foreach(v, key, below) write_value(below, key, w);
		jsonw_object_end(w);
		return;
	case JSON_ARRAY:
		if (!jsonw_array(w, name))
			return;
		json_array_foreach(v, i, below) write_value(below, NULL, w);
		jsonw_array_end(w);
		return;
	case JSON_STRING:
		jsonw_outside(w, name, (struct slice){json_string_value(v), json_string_length(v)});
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		jsonw_bool(w, name, json_is_true(v));
		return;
	case JSON_INTEGER:
		if (json_integer_value(v) >= 0) {
			jsonw_number(w, name, (uint64_t)json_integer_value(v));
			return;
		}
		break;
	default:
		break;
	}
	jsonw_raw(w, name, "null", 4);
}

static bool is_wanted(const char *name, const char *const *names, unsigned parts)
{
	for (unsigned i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return parts >> i & 1;
	return false;
}

void replay_write(const struct replay_item *item, struct jsonw *w, const char *const *names,
    unsigned parts, const char *etag)
{
	const char *key;
	json_t *v;

	if (!jsonw_object(w, NULL))
		return;
	jsonw_string(w, "kind", text_of(item->json, "kind"));
	jsonw_escaped(w, "etag", etag, IDS_ETAG_LEN);
	jsonw_string(w, "id", item->id);
	json_object_foreach(item->json, key,
	    v) if (strcmp(key, "id") != 0 && is_wanted(key, names, parts)) write_value(v, key, w);
	jsonw_object_end(w);
}
