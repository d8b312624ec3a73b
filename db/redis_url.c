#include "config.h"
#include "db/redis_url.h"
#include "db/url_parts.h"
#include "engine/base/http.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REDIS_PORT = 6379, REDIS_NUMBER_MOST = 65535, REDIS_URL_TEXT = 8192 };

/* What the original's examples have where an address belongs. */
#define PLACEHOLDER "your_upstash_redis_url_here"

static const struct scheme {
	const char *start;
	enum redis_kind kind;
} schemes[] = {
    {"redis://", REDIS_TCP},
    {"rediss://", REDIS_TLS},
    {"https://", REDIS_REST},
    {"http://", REDIS_REST},
};

static const struct scheme *find_scheme(const char *text)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(text, schemes[i].start, strlen(schemes[i].start)) == 0)
			return &schemes[i];
	return NULL;
}

/* ---- what may stand behind a ? ---- */

static bool is_option(const char *p, size_t len, const char *name, const char **value, size_t *n)
{
	size_t name_len = strlen(name);

	if (len <= name_len || p[name_len] != '=' || strncasecmp(p, name, name_len) != 0)
		return false;
	*value = p + name_len + 1;
	*n = len - name_len - 1;
	return true;
}

/* Celery wanted its option in every rediss:// address; only what asks for checks is obeyed. */
static enum err read_option(struct redis_target *t, const char *p, size_t len, struct errbuf *eb)
{
	const char *value;
	size_t n;

	if (t->kind == REDIS_REST && is_option(p, len, "_token", &value, &n))
		return url_secret_part(&t->secret, value, n, eb);
	if (t->kind == REDIS_TLS && is_option(p, len, "ssl_cert_reqs", &value, &n)) {
		if ((n == 8 && strncasecmp(value, "required", 8) == 0) ||
		    (n == 13 && strncasecmp(value, "CERT_REQUIRED", 13) == 0))
			return ERR_OK;
		return err_set(eb, ERR_INVALID,
		    "certificates are always checked: take ssl_cert_reqs out of the URL; a CA of "
		    "your "
		    "own is named by REDIS_CA");
	}
	return err_set(eb, ERR_INVALID,
	    "the URL has an option that is not known: write nothing behind a ?, and ? in a "
	    "password "
	    "as %%3F");
}

static enum err read_options(struct redis_target *t, const char *p, struct errbuf *eb)
{
	enum err err = ERR_OK;

	while (*p && !err) {
		size_t len = strcspn(p, "&");
		err = len ? read_option(t, p, len, eb) : ERR_OK;
		p += len + (p[len] == '&');
	}
	return err;
}

/* ---- the parts of one URL ---- */

static enum err read_number(struct redis_target *t, const char *p, size_t len, struct errbuf *eb)
{
	len -= len && p[len - 1] == '/';
	if (len > 1 && str_to_i64_n(p + 1, len - 1, 0, REDIS_NUMBER_MOST, &t->number) != ERR_OK)
		return err_set(eb, ERR_INVALID,
		    "behind the host stands the number of the database alone, as in …@host:port/0; "
		    "in "
		    "a password write / as %%2F");
	return ERR_OK;
}

static enum err read_base(struct redis_target *t, const char *scheme, const char *host,
    const char *end, struct errbuf *eb)
{
	struct str base;

	if (memchr(host, '@', (size_t)(end - host))) /* half of a password, most likely */
		return err_set(
		    eb, ERR_INVALID, "in a token write / as %%2F, ? as %%3F and # as %%23");
	while (end > host && end[-1] == '/')
		end--;
	str_init(&base, REDIS_URL_TEXT);
	str_adds(&base, scheme);
	str_add(&base, host, (size_t)(end - host));
	t->base = str_take(&base);
	if (!t->base)
		return err_set(eb, ERR_NOMEM, "out of memory");
	/* its own words name the host, which may be half of a password */
	return http_check_address(t->base, true, "the address", &t->plain, NULL)
	           ? err_set(eb, ERR_INVALID,
	                 "write https:// and the host as Upstash's console shows it (http:// "
	                 "serves on "
	                 "this machine alone)")
	           : ERR_OK;
}

/* ":@" says no more than nothing does. */
static void drop_empty(struct redis_target *t)
{
	if (t->user && !*t->user) {
		free(t->user);
		t->user = NULL;
	}
	if (t->secret && !secret_length(t->secret)) {
		secret_free(t->secret);
		t->secret = NULL;
	}
}

/* text is behind the scheme. */
static enum err read_parts(
    struct redis_target *t, const struct scheme *scheme, const char *text, struct errbuf *eb)
{
	size_t user, head = url_authority_length(text, &user), path = strcspn(text + head, "?#");
	const char *rest = text + head + path;
	bool masked = false;
	enum err err = ERR_OK;

	if (user)
		err = url_user_part(&t->user, &t->secret, &masked, text, user - 1, eb);
	if (!err && masked)
		err = err_set(eb, ERR_INVALID, "*** stands where the password belongs");
	drop_empty(t);
	if (!err && t->user && !t->secret)
		err = err_set(eb, ERR_INVALID,
		    "there is a user but no password: write user:password@host, or :password@host");
	if (!err)
		err = url_host_part(&t->host, &t->port, text + user, head - user, eb);
	if (!err && !*t->host)
		err = err_set(eb, ERR_INVALID, "the URL names no host");
	if (!err && *rest == '#')
		err = err_set(eb, ERR_INVALID, "the URL has a #: write it as %%23");
	if (!err && *rest)
		err = read_options(t, rest + 1, eb);
	if (!err && t->kind == REDIS_REST)
		return read_base(t, scheme->start, text + user, text + head + path, eb);
	return err ? err : read_number(t, text + head, path, eb);
}

static enum err name_place(struct redis_target *t, struct errbuf *eb)
{
	bool six = strchr(t->host, ':') != NULL;
	struct str place;

	str_init(&place, REDIS_URL_TEXT);
	if (t->kind == REDIS_REST)
		str_adds(&place, t->base);
	else
		str_addf(&place, "%s%s%s:%d/%lld", six ? "[" : "", t->host, six ? "]" : "", t->port,
		    (long long)t->number);
	t->place = str_take(&place);
	return t->place ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* of_upstash: it stands in UPSTASH_REDIS_URL, else in REDIS_URL. */
static enum err read_url(struct redis_target *t, bool of_upstash, const struct secret *url,
    const struct secret *token, struct errbuf *eb)
{
	const char *setting = of_upstash ? "UPSTASH_REDIS_URL" : "REDIS_URL";
	const char *text = secret_reveal(url);
	const struct scheme *scheme = find_scheme(text);
	enum err err;

	t->setting = setting;
	if (!scheme || (scheme->kind == REDIS_REST && !of_upstash))
		return err_set(eb, ERR_INVALID,
		    "%s: write redis://user:password@host:port/0, or rediss:// for TLS; the "
		    "https:// "
		    "address of Upstash belongs into UPSTASH_REDIS_URL",
		    setting);
	t->kind = scheme->kind;
	err = read_parts(t, scheme, text + strlen(scheme->start), eb);
	if (err)
		return err_prefix(eb, "%s", setting);
	if (t->kind != REDIS_REST && !t->port)
		t->port = REDIS_PORT;
	if (!t->secret && token) { /* of rediss:// too: Upstash's password and token are one */
		t->secret = secret_copy(token);
		if (!t->secret)
			return err_set(eb, ERR_NOMEM, "out of memory");
	}
	if (t->kind == REDIS_REST && !http_is_sound(t->secret))
		return err_set(eb, ERR_INVALID,
		    "the token of UPSTASH_REDIS_URL (UPSTASH_REDIS_REST_TOKEN) has blanks or "
		    "characters that no token "
		    "has");
	return name_place(t, eb);
}

/* ---- which of them counts ---- */

/* What the original took for Upstash: an address that is not its placeholder, and a token. */
static bool is_placeholder(const struct secret *s)
{
	return secret_is_equal(s, PLACEHOLDER, sizeof PLACEHOLDER - 1);
}

/* Does the address bring what the token would? rediss:// needs none. */
static bool has_token(const struct secret *url)
{
	const char *text = secret_reveal(url);
	const struct scheme *scheme = find_scheme(text);
	size_t user;

	if (scheme && scheme->kind != REDIS_REST)
		return true;
	text += scheme ? strlen(scheme->start) : 0;
	url_authority_length(text, &user);
	return user || strstr(text, "_token=");
}

enum err redis_target_find(
    struct redis_target *t, const struct redis_names *names, struct errbuf *eb)
{
	const struct secret *upstash =
	    names->upstash && !is_placeholder(names->upstash) ? names->upstash : NULL;

	*t = (struct redis_target){.kind = REDIS_TCP};
	if (upstash && (names->token || has_token(upstash)))
		return read_url(t, true, upstash, names->token, eb);
	if (upstash && !names->url)
		return err_set(eb, ERR_INVALID,
		    "UPSTASH_REDIS_URL has no token: set UPSTASH_REDIS_REST_TOKEN too");
	if (!names->url)
		return err_set(eb, ERR_NOTFOUND,
		    names->token
		        ? "UPSTASH_REDIS_REST_TOKEN is set, UPSTASH_REDIS_URL is not"
		        : "no Redis is configured: set REDIS_URL, or UPSTASH_REDIS_URL and "
		          "UPSTASH_REDIS_REST_TOKEN");
	if (upstash)
		t->note = "UPSTASH_REDIS_URL does not count without UPSTASH_REDIS_REST_TOKEN";
	return read_url(t, false, names->url, NULL, eb);
}

void redis_target_done(struct redis_target *t)
{
	free(t->user);
	free(t->host);
	secret_free(t->secret);
	free(t->base);
	free(t->place);
	*t = (struct redis_target){.kind = REDIS_TCP};
}
