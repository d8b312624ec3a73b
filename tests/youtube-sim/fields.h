/*
 * fields: the `fields` selector of Google APIs: a,b/c,d(e,f),*. It is compiled once into a tree; a
 * writer asks the tree at each member, so nothing unwanted is ever written. A tree is read-only
 * after fields_parse: any thread.
 */
#ifndef SIM_FIELDS_H
#define SIM_FIELDS_H

#include <stddef.h>

#include "out.h"

struct fields;

enum fields_result { FIELDS_OK, FIELDS_BAD, FIELDS_NOMEM };

/* Compiles a selector; *tree is owned by the caller. *bad (may be NULL) gets the place of a
 * mistake. */
enum fields_result fields_parse(struct slice text, struct fields **tree, struct slice *bad);
void fields_free(struct fields *tree);
/* Is every name of the selector known to the schema (itself a selector tree)? *bad gets the unknown
 * name. */
bool fields_known(const struct fields *tree, const struct fields *schema, struct slice *bad);
/* Is the member selected? *below gets the tree to use inside it; a NULL tree selects everything. */
bool fields_select(
    const struct fields *tree, const char *name, size_t len, const struct fields **below);

#endif
