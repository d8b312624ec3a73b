#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "fields.h"

#include <stdlib.h>

#define FIELDS_MAX_DEPTH 16
#define FIELDS_MAX_NODES 2000

/* A node without children selects its whole subtree. */
struct fields {
	char *name;
	size_t len;
	struct fields *child;
	struct fields *next;
};

struct parser {
	const char *p;
	size_t len;
	size_t at;
	size_t nodes;
	enum fields_result result;
};

void fields_free(struct fields *tree)
{
	while (tree != NULL) {
		struct fields *next = tree->next;

		fields_free(tree->child);
		free(tree->name);
		free(tree);
		tree = next;
	}
}

static struct fields *node_find(const struct fields *parent, const char *name, size_t len)
{
	for (struct fields *n = parent->child; n != NULL; n = n->next)
		if (n->len == len && memcmp(n->name, name, len) == 0)
			return n;
	return NULL;
}

static struct fields *node_new(const char *name, size_t len)
{
	struct fields *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->name = malloc(len + 1);
	if (n->name == NULL) {
		free(n);
		return NULL;
	}
	memcpy(n->name, name, len);
	n->name[len] = '\0';
	n->len = len;
	return n;
}

static void node_append(struct fields *parent, struct fields *n)
{
	struct fields **end = &parent->child;

	while (*end != NULL)
		end = &(*end)->next;
	*end = n;
}

/* Adds everything `from` selects to `to`; takes from. */
static void node_merge(struct fields *to, struct fields *from)
{
	struct fields *c, *next, *same;

	if (to->child == NULL || from->child == NULL) {
		fields_free(to->child);
		to->child = NULL;
		fields_free(from);
		return;
	}
	for (c = from->child; c != NULL; c = next) {
		next = c->next;
		c->next = NULL;
		same = node_find(to, c->name, c->len);
		if (same != NULL)
			node_merge(same, c);
		else
			node_append(to, c);
	}
	from->child = NULL;
	fields_free(from);
}

static struct fields *node_copy(const struct fields *n)
{
	struct fields *copy = node_new(n->name, n->len);

	for (const struct fields *c = n->child; copy != NULL && c != NULL; c = c->next) {
		struct fields *below = node_copy(c);

		if (below == NULL) {
			fields_free(copy);
			return NULL;
		}
		node_append(copy, below);
	}
	return copy;
}

/* What `*` selects is selected in every named sibling too; after this a look-up needs one match
 * only. */
static bool node_spread(struct fields *n)
{
	struct fields *star = node_find(n, "*", 1), *copy;

	for (struct fields *c = n->child; star != NULL && c != NULL; c = c->next) {
		if (c == star)
			continue;
		copy = node_copy(star);
		if (copy == NULL)
			return false;
		node_merge(c, copy);
	}
	for (struct fields *c = n->child; c != NULL; c = c->next)
		if (!node_spread(c))
			return false;
	return true;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '@' || c == ':' || c == '*';
}

static bool parse_list(struct parser *ps, struct fields *parent, unsigned depth);

/* One path: name, name/path or name(list). */
static struct fields *parse_path(struct parser *ps, unsigned depth)
{
	size_t start = ps->at;
	struct fields *n, *below;

	while (ps->at < ps->len && is_name_char(ps->p[ps->at]))
		ps->at++;
	if (ps->at == start || depth > FIELDS_MAX_DEPTH || ++ps->nodes > FIELDS_MAX_NODES) {
		ps->result = FIELDS_BAD;
		return NULL;
	}
	n = node_new(ps->p + start, ps->at - start);
	if (n == NULL) {
		ps->result = FIELDS_NOMEM;
		return NULL;
	}
	if (ps->at < ps->len && ps->p[ps->at] == '/') {
		ps->at++;
		below = parse_path(ps, depth + 1);
		if (below == NULL)
			goto bad;
		node_append(n, below);
	} else if (ps->at < ps->len && ps->p[ps->at] == '(') {
		ps->at++;
		if (!parse_list(ps, n, depth + 1))
			goto bad;
		if (ps->at >= ps->len || ps->p[ps->at] != ')') {
			ps->result = FIELDS_BAD;
			goto bad;
		}
		ps->at++;
	}
	return n;
bad:
	fields_free(n);
	return NULL;
}

static bool parse_list(struct parser *ps, struct fields *parent, unsigned depth)
{
	for (;;) {
		struct fields *n = parse_path(ps, depth), *same;

		if (n == NULL)
			return false;
		same = node_find(parent, n->name, n->len);
		if (same != NULL)
			node_merge(same, n);
		else
			node_append(parent, n);
		if (ps->at >= ps->len || ps->p[ps->at] != ',')
			return true;
		ps->at++;
	}
}

enum fields_result fields_parse(struct slice text, struct fields **tree, struct slice *bad)
{
	struct parser ps = {text.p, text.len, 0, 0, FIELDS_OK};
	struct fields *root = node_new("", 0);

	*tree = NULL;
	if (root == NULL)
		return FIELDS_NOMEM;
	if (parse_list(&ps, root, 0) && ps.at == ps.len) {
		if (node_spread(root)) {
			*tree = root;
			return FIELDS_OK;
		}
		ps.result = FIELDS_NOMEM;
	}
	fields_free(root);
	if (bad != NULL)
		*bad = (struct slice){text.p + ps.at, text.len - ps.at};
	return ps.result == FIELDS_NOMEM ? FIELDS_NOMEM : FIELDS_BAD;
}

bool fields_known(const struct fields *tree, const struct fields *schema, struct slice *bad)
{
	for (const struct fields *c = tree->child; c != NULL; c = c->next) {
		const struct fields *known = node_find(schema, c->name, c->len);

		if (known == NULL)
			known = node_find(schema, "*", 1);
		if (c->len == 1 && c->name[0] == '*') {
			for (known = schema->child; known != NULL; known = known->next)
				if (fields_known(c, known, bad))
					break;
			if (known != NULL)
				continue;
		}
		if (known == NULL) {
			*bad = (struct slice){c->name, c->len};
			return false;
		}
		if (c->child != NULL && !fields_known(c, known, bad))
			return false;
	}
	return true;
}

bool fields_select(
    const struct fields *tree, const char *name, size_t len, const struct fields **below)
{
	const struct fields *hit;

	*below = NULL;
	if (tree == NULL || tree->child == NULL)
		return true;
	hit = node_find(tree, name, len);
	if (hit == NULL)
		hit = node_find(tree, "*", 1);
	if (hit == NULL)
		return false;
	*below = hit->child ? hit : NULL;
	return true;
}
