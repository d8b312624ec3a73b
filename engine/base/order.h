/*
 * order - how the order of a list is written: "subs", "subs:desc", "-subs", "title:asc". Pure
 * functions, any thread.
 */
#ifndef TUBEOPS_BASE_ORDER_H
#define TUBEOPS_BASE_ORDER_H

#include "engine/base/err.h"

#include <stdbool.h>

/* Does text name the order `word`? naturally: it falls unless the text says how it runs. */
bool order_is(const char *text, const char *word, bool naturally, bool *descending);
/* ERR_INVALID: text names none of `words`, which are told. */
enum err order_refuse(const char *text, const char *words, struct errbuf *eb) MUST_CHECK;

#endif
