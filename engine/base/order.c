#include "config.h"
#include "engine/base/order.h"

#include <string.h>

bool order_is(const char *text, const char *word, bool naturally, bool *descending)
{
	bool minus = *text == '-';
	const char *colon = strchr(text, ':');
	size_t len;

	text += minus;
	len = colon ? (size_t)(colon - text) : strlen(text);
	if (strlen(word) != len || memcmp(word, text, len) != 0)
		return false;
	*descending = colon ? strcmp(colon, ":desc") == 0 : minus || naturally;
	return !colon || *descending || strcmp(colon, ":asc") == 0;
}

enum err order_refuse(const char *text, const char *words, struct errbuf *eb)
{
	return err_set(eb, ERR_INVALID,
	    "sort: \"%.60s\" is no order; write one of %s, with :asc or :desc behind it",
	    text + (*text == '-'), words);
}
