/*
 * resource - one answer of the node that a view shows: asked for by its path, renewed after a
 * while, kept parsed until the next. Views get them by view_get(). The screen's thread; owned by
 * the view's state.
 */
#ifndef TUBEOPS_TUI_RESOURCE_H
#define TUBEOPS_TUI_RESOURCE_H

#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "tui/node.h"

enum { RESOURCE_PATH = 1024, RESOURCE_BYTES = 16 << 20, RESOURCE_DEPTH = 32 };

/* One answer, parsed; its nodes live until it is parsed anew. */
struct answer {
	struct json_reader *reader; /* NULL: nothing yet */
	struct json_node root;
	struct json_node *items; /* of answer_items, owned */
	size_t n_items, room;
	const char *items_of;
};

/* Takes a->text's ownership away and parses it; false: no memory or no JSON. */
bool answer_parse(struct answer *a, char *text);
void answer_done(struct answer *a);
/* The elements of an array member (NULL: of the answer itself), found once; *n of them. */
const struct json_node *answer_items(struct answer *a, const char *member, size_t *n);
/* Members of an object; texts are without controls' danger only once drawn. "" and 0 when absent. */
const char *answer_text(struct json_node node, const char *name);
int64_t answer_int(struct json_node node, const char *name);
double answer_real(struct json_node node, const char *name);
bool answer_bool(struct json_node node, const char *name);
/* A time such as "2026-11-22T18:47:12" in UTC seconds; 0 when absent. */
int64_t answer_time(struct json_node node, const char *name);

enum resource_state {
	RESOURCE_NONE,
	RESOURCE_LOADING, /* nothing yet; an older answer stays while it is renewed */
	RESOURCE_READY,
	RESOURCE_FAILED /* error says why; what was there before stays */
};

struct resource {
	enum resource_state state;
	uint64_t id; /* of the question that waits; 0: none */
	struct str path;
	struct answer answer;
	int status;
	int64_t asked_ms, got_ms; /* clock_mono_ms; 0: never */
	char error[200];
};

void resource_done(struct resource *r);
/* Asks when the path is another one or the answer is older than refresh_ms (0: once). */
void resource_want(struct resource *r, struct node *n, int slot, const char *path,
    int64_t refresh_ms, int64_t mono_ms);
/* True when the answer was meant for it; a->text is taken then. */
bool resource_take(struct resource *r, struct node_answer *a, int64_t mono_ms);
/* "error" of an answer that is none of the 200s, for people. */
void answer_error(const struct node_answer *a, struct answer *parsed, char *out, size_t size);

#endif
