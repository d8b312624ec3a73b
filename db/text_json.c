#include "config.h"
#include "db/text_json.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

void text_json_write(const struct text_list *list, struct str *out)
{
	str_addc(out, '[');
	for (int i = 0; i < list->n; i++) {
		if (i)
			str_addc(out, ',');
		text_add_json(out, list->items[i], strlen(list->items[i]));
	}
	str_addc(out, ']');
}

/* Decodes one quoted text at *p into *to, both moved behind it. False when it is none. */
static bool text_json_one(const char **p, char **to)
{
	const char *s = *p;
	char *d = *to;

	if (*s++ != '"')
		return false;
	while (*s && *s != '"') {
		if (*s != '\\') {
			*d++ = *s++;
			continue;
		}
		s++;
		if (*s == 'u') { /* only what text_add_json escapes so: below 0x20 */
			char hex[3] = {'\0', '\0', '\0'};
			if (strncmp(s, "u00", 3) != 0 || !s[3] || !s[4])
				return false;
			hex[0] = s[3];
			hex[1] = s[4];
			*d++ = (char)strtol(hex, NULL, 16);
			s += 5;
		} else if (*s) {
			*d++ = *s == 'n' ? '\n' : *s;
			s++;
		}
	}
	if (*s != '"')
		return false;
	*d++ = '\0';
	*p = s + 1;
	*to = d;
	return true;
}

enum err text_json_read(const char *json, struct text_list *out, char ***owned)
{
	size_t len = json ? strlen(json) : 0, most = len / 2 + 1;
	char **items, *to;

	*out = (struct text_list){NULL, -1};
	*owned = NULL;
	if (len < 2 || json[0] != '[')
		return ERR_OK;
	items = malloc(most * sizeof *items + len + 1);
	if (!items)
		return ERR_NOMEM;
	to = (char *)(items + most);
	out->n = 0;
	out->items = (const char *const *)items;
	*owned = items;
	if (strcmp(++json, "]") == 0)
		return ERR_OK;
	do {
		items[out->n] = to;
		if (!text_json_one(&json, &to))
			break;
		out->n++;
	} while (*json++ == ',');
	if (json[-1] != ']' || *json)
		out->n = -1;
	return ERR_OK;
}

void text_json_free(char **owned)
{
	free(owned);
}
