#include "config.h"
#include "db/url_parts.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { URL_PART = 4096 };

size_t url_authority_length(const char *text, size_t *user)
{
	size_t head = strcspn(text, "/?#");

	/* the last @: a password may hold one */
	for (*user = head; *user && text[*user - 1] != '@'; --*user)
		;
	return head;
}

enum err url_part(char **out, const char *p, size_t len, const char *what, struct errbuf *eb)
{
	struct str s;
	bool sound;

	str_init(&s, URL_PART);
	sound = text_percent_decode(p, len, &s);
	if (!sound || s.err) {
		enum err err = sound ? s.err : ERR_INVALID;

		str_done(&s);
		return sound ? err_set(eb, err, "the %s in the URL is too long", what)
		             : err_set(eb, err,
		                   "the %s in the URL: write %% as %%25, others as %% and two hex "
		                   "digits",
		                   what);
	}
	free(*out);
	*out = str_take(&s);
	if (!*out)
		*out = str_dup("");
	return *out ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err url_secret_part(struct secret **out, const char *p, size_t len, struct errbuf *eb)
{
	char *plain = NULL;
	enum err err = url_part(&plain, p, len, "password", eb);

	if (err)
		return err;
	secret_free(*out);
	*out = secret_new(plain, strlen(plain));
	explicit_bzero(plain, strlen(plain));
	free(plain);
	return *out ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

enum err url_user_part(char **user, struct secret **password, bool *masked, const char *p,
    size_t len, struct errbuf *eb)
{
	const char *colon = memchr(p, ':', len);
	size_t n = colon ? (size_t)(colon - p) : len;
	enum err err = url_part(user, p, n, "user", eb);

	*masked = false;
	if (err || !colon)
		return err;
	*masked = len - n == 4 && memcmp(colon, ":***", 4) == 0;
	return *masked ? ERR_OK : url_secret_part(password, colon + 1, len - n - 1, eb);
}

enum err url_host_part(char **host, int *port, const char *p, size_t len, struct errbuf *eb)
{
	const char *end = len && *p == '[' ? memchr(p, ']', len) : memchr(p, ':', len);
	bool brackets = len && *p == '[';
	size_t n = end ? (size_t)(end - p) : len;
	int64_t number = 0;
	enum err err;

	if (brackets && !end)
		return err_set(eb, ERR_INVALID, "the host in the URL: a ] is missing");
	err = url_part(host, p + brackets, n - brackets, "host", eb);
	if (err)
		return err;
	p += n + brackets;
	len -= n + brackets;
	if (len && (*p != ':' || (len > 1 && str_to_i64_n(p + 1, len - 1, 1, 65535, &number))))
		return err_set(eb, ERR_INVALID,
		    "the port in the URL is no number from 1 to 65535; in a password write / as "
		    "%%2F, : as %%3A, @ as %%40, # as %%23 and ? as %%3F");
	*port = (int)number;
	return ERR_OK;
}
