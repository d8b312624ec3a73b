#include "config.h"
#include "engine/youtube/query.h"

#include <string.h>

void query_escape(struct str *out, const char *text, size_t len)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";

	for (size_t i = 0; i < len; i++)
		if (text[i] && strchr(plain, text[i]))
			str_addc(out, text[i]);
		else
			str_addf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
}

void query_add(struct str *out, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(out, "&%s=", name);
	query_escape(out, value, strlen(value));
}
