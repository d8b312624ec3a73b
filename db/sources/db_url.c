#include "config.h"
#include "db/sources/db_url.h"
#include "db/url_parts.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *start;
	enum db_kind kind;
} db_url_schemes[] = {
    {"mysql://", DB_MYSQL},
    {"mariadb://", DB_MYSQL},
    {"postgresql://", DB_POSTGRES},
    {"postgres://", DB_POSTGRES},
};

static const struct {
	const char *name, *also;
	unsigned kinds;
} db_url_options[] = {
#define DB_URL_ROW(id, name, also, kinds) [id] = {name, also, kinds},
    DB_URL_OPTIONS(DB_URL_ROW)
#undef DB_URL_ROW
};

static const int db_url_ports[] = {[DB_MYSQL] = 3306, [DB_POSTGRES] = 5432};

/* Length of "mysql://" and its kind; 0: another scheme. Schemes are free in case (RFC 3986, 3.1). */
static size_t db_url_scheme(const char *text, enum db_kind *kind)
{
	for (size_t i = 0; i < sizeof db_url_schemes / sizeof db_url_schemes[0]; i++) {
		size_t n = 0;

		while (db_url_schemes[i].start[n] &&
		       (text[n] == db_url_schemes[i].start[n] ||
		           (text[n] >= 'A' && text[n] <= 'Z' &&
		               text[n] + ('a' - 'A') == db_url_schemes[i].start[n])))
			n++;
		*kind = db_url_schemes[i].kind;
		if (!db_url_schemes[i].start[n])
			return n;
	}
	return 0;
}

bool db_url_is_one(const char *text)
{
	enum db_kind kind;

	return db_url_scheme(text, &kind) != 0;
}

/* ---- parts ---- */

static bool is_word(const char *name, const char *p, size_t len)
{
	return name && strlen(name) == len && memcmp(name, p, len) == 0;
}

static enum err option_part(struct db_url *url, const char *p, size_t len, struct errbuf *eb)
{
	const char *eq = memchr(p, '=', len);
	size_t n = eq ? (size_t)(eq - p) : len;

	for (int i = 0; i < DB_URL_OPTION_COUNT; i++) {
		bool ours = (db_url_options[i].kinds & 1U << url->kind) != 0;
		if (ours && eq &&
		    (is_word(db_url_options[i].name, p, n) ||
		        is_word(db_url_options[i].also, p, n)))
			return url_part(
			    &url->options[i], eq + 1, len - n - 1, db_url_options[i].name, eb);
	}
	return err_set(eb, ERR_INVALID,
	    "the URL has an option that is not known: behind the ? may stand table= column= title= "
	    "description= ssl-mode= ssl-ca= ssl-cert= ssl-key= %s",
	    url->kind == DB_MYSQL ? "socket=" : "schema=");
}

static enum err options_part(struct db_url *url, const char *p, struct errbuf *eb)
{
	enum err err = ERR_OK;

	while (*p && !err) {
		size_t len = strcspn(p, "&");
		err = len ? option_part(url, p, len, eb) : ERR_OK;
		p += len + (p[len] == '&');
	}
	return err;
}

/* Where the password stands: behind the user's colon, up to the last @ before the path. */
static bool find_password(const char *text, size_t *from, size_t *to)
{
	enum db_kind kind;
	size_t begin = db_url_scheme(text, &kind), end = begin + strcspn(text + begin, "/?#");

	while (end > begin && text[end - 1] != '@')
		end--;
	*from = begin + strcspn(text + begin, ":@") + 1;
	*to = end ? end - 1 : 0;
	return end > begin && text[*from - 1] == ':' && *from <= *to;
}

enum err db_url_parse(struct db_url *url, const char *text, struct errbuf *eb)
{
	size_t at, head, user;
	enum err err = ERR_OK;

	*url = (struct db_url){0};
	at = db_url_scheme(text, &url->kind);
	if (!at)
		return err_set(eb, ERR_INVALID,
		    "a database is named as mysql://user:password@host:port/database or "
		    "postgresql://…");
	text += at;
	head = url_authority_length(text, &user);
	if (user)
		err = url_user_part(&url->user, &url->password, &url->masked, text, user - 1, eb);
	if (!err)
		err = url_host_part(&url->host, &url->port, text + user, head - user, eb);
	if (!err && (!*url->host && !strstr(text + head, "socket=")))
		err = err_set(eb, ERR_INVALID, "the URL names no host");
	text += head;
	head = strcspn(text, "?#");
	if (!err && text[head] == '#')
		err = err_set(eb, ERR_INVALID, "the URL has a #: write it as %%23");
	if (!err && (head < 2 || *text != '/' || memchr(text + 1, '/', head - 1)))
		err = err_set(eb, ERR_INVALID,
		    "the URL names no database: …@host:port/database; in a password write / as "
		    "%%2F");
	if (!err)
		err = url_part(&url->database, text + 1, head - 1, "database", eb);
	if (!err && text[head])
		err = options_part(url, text + head + 1, eb);
	return err;
}

void db_url_done(struct db_url *url)
{
	free(url->user);
	free(url->host);
	free(url->database);
	for (int i = 0; i < DB_URL_OPTION_COUNT; i++)
		free(url->options[i]);
	secret_free(url->password);
	*url = (struct db_url){0};
}

void db_url_mask(const char *text, struct str *out)
{
	size_t from, to;

	if (!db_url_is_one(text) || !find_password(text, &from, &to)) {
		str_adds(out, text);
		return;
	}
	str_add(out, text, from);
	str_adds(out, "***");
	str_adds(out, text + to);
}

void db_url_place(const struct db_url *url, struct str *out)
{
	bool six = url->host && strchr(url->host, ':');

	if (url->options[DB_URL_SOCKET])
		str_addf(out, "%s/%s", url->options[DB_URL_SOCKET], url->database);
	else
		str_addf(out, "%s%s%s:%d/%s", six ? "[" : "", url->host ? url->host : "",
		    six ? "]" : "", url->port ? url->port : db_url_ports[url->kind], url->database);
}

/* One entry of the list: a host, or a host and a port. */
static bool is_host(const struct db_url *url, const char *p, size_t len)
{
	struct db_url entry = {.kind = url->kind};
	int port = url->port ? url->port : db_url_ports[url->kind];
	bool same = url_host_part(&entry.host, &entry.port, p, len, NULL) == ERR_OK &&
	            *entry.host && str_is_equal_nocase(entry.host, url->host) &&
	            (!entry.port || entry.port == port);

	db_url_done(&entry);
	return same;
}

bool db_url_is_listed(const struct db_url *url, const char *list)
{
	if (url->options[DB_URL_SOCKET] || !url->host)
		return false;
	while (*list) {
		size_t len = strcspn(list, ", ");
		if (len && is_host(url, list, len))
			return true;
		list += len + (list[len] != '\0');
	}
	return false;
}
