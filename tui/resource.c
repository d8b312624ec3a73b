#include "config.h"
#include "tui/resource.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESOURCE_PATIENCE_MS = 15000 };

/* ---- answers ---- */

bool answer_parse(struct answer *a, char *text)
{
	bool ok = false;

	a->items_of = NULL;
	a->n_items = 0;
	a->root = (struct json_node){0};
	if (!a->reader)
		a->reader = json_reader_new(RESOURCE_BYTES, RESOURCE_DEPTH);
	if (a->reader && text)
		ok = json_reader_parse(a->reader, text, strlen(text), &a->root, NULL) == ERR_OK;
	free(text);
	return ok;
}

void answer_done(struct answer *a)
{
	json_reader_free(a->reader);
	free(a->items);
	*a = (struct answer){0};
}

static bool answer_room(struct answer *a)
{
	size_t room = a->room ? a->room * 2 : 64;
	struct json_node *items;

	if (a->n_items < a->room)
		return true;
	items = realloc(a->items, room * sizeof *items);
	if (!items)
		return false;
	a->items = items;
	a->room = room;
	return true;
}

const struct json_node *answer_items(struct answer *a, const char *member, size_t *n)
{
	const char *of = member ? member : "";
	struct json_node item;
	struct json_walk walk;

	if (!a->items_of || strcmp(a->items_of, of) != 0) {
		a->items_of = of;
		a->n_items = 0;
		json_walk_start(&walk, member ? json_node_path(a->root, member) : a->root);
		while (!walk.object && json_walk_next(&walk, &item, NULL) && answer_room(a))
			a->items[a->n_items++] = item;
	}
	*n = a->n_items;
	return a->items;
}

const char *answer_text(struct json_node node, const char *name)
{
	const char *text;
	size_t len;

	return json_node_text(json_node_path(node, name), &text, &len) ? text : "";
}

int64_t answer_int(struct json_node node, const char *name)
{
	struct json_node member = json_node_path(node, name);
	double real;
	int64_t n;

	if (json_node_int(member, &n))
		return n;
	return json_node_real(member, &real) && real > -9e18 && real < 9e18 ? (int64_t)real : 0;
}

double answer_real(struct json_node node, const char *name)
{
	double real;

	return json_node_real(json_node_path(node, name), &real) ? real : 0;
}

bool answer_bool(struct json_node node, const char *name)
{
	bool yes;

	return json_node_bool(json_node_path(node, name), &yes) && yes;
}

int64_t answer_time(struct json_node node, const char *name)
{
	const char *text = answer_text(node, name);
	struct str zoned;
	int64_t at = 0;

	if (!*text)
		return 0;
	str_init(&zoned, 64);
	str_adds(&zoned, text);
	if (!strpbrk(text, "Zz+") && strlen(text) >= 19) /* the original's naive form */
		str_addc(&zoned, 'Z');
	if (clock_parse_rfc3339(str_get(&zoned), zoned.len, &at))
		at = 0;
	str_done(&zoned);
	return at;
}

void answer_error(const struct node_answer *a, struct answer *parsed, char *out, size_t size)
{
	const char *said = answer_text(parsed->root, "error");

	if (*said)
		snprintf(out, size, "%s", said);
	else
		snprintf(out, size, "no usable answer (%d)", a->status);
}

/* ---- resources ---- */

void resource_done(struct resource *r)
{
	answer_done(&r->answer);
	str_done(&r->path);
	*r = (struct resource){0};
}

void resource_want(struct resource *r, struct node *n, int slot, const char *path,
    int64_t refresh_ms, int64_t mono_ms)
{
	bool other = strcmp(str_get(&r->path), path) != 0;
	bool late = r->id && mono_ms - r->asked_ms > RESOURCE_PATIENCE_MS;
	bool old = refresh_ms > 0 && mono_ms - r->asked_ms >= refresh_ms;

	if (!other && !late && (r->id || !(old || r->state == RESOURCE_NONE)))
		return;
	if (other) {
		str_done(&r->path);
		str_init(&r->path, RESOURCE_PATH);
		str_adds(&r->path, path);
		answer_done(&r->answer);
		r->got_ms = 0;
		r->state = RESOURCE_LOADING;
	}
	r->asked_ms = mono_ms;
	r->id = node_ask(n, slot, "GET", path, NULL);
	if (r->state == RESOURCE_NONE)
		r->state = RESOURCE_LOADING;
	if (!r->id) {
		r->state = RESOURCE_FAILED;
		snprintf(r->error, sizeof r->error, "too many questions are waiting");
	}
}

bool resource_take(struct resource *r, struct node_answer *a, int64_t mono_ms)
{
	struct answer fresh = {0};
	bool ok;

	if (!r->id || a->id != r->id)
		return false;
	r->id = 0;
	r->status = a->status;
	ok = answer_parse(&fresh, a->text);
	a->text = NULL;
	if (ok && a->status >= 200 && a->status < 300) {
		answer_done(&r->answer);
		r->answer = fresh;
		r->got_ms = mono_ms;
		r->state = RESOURCE_READY;
		return true;
	}
	answer_error(a, &fresh, r->error, sizeof r->error);
	r->state = RESOURCE_FAILED;
	answer_done(&fresh);
	return true;
}
