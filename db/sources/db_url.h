/*
 * db_url - the address of a table in somebody's database:
 *   mysql://user:password@host:port/database?table=&column=&title=&description=&ssl-mode=&ssl-ca=…
 *   postgresql://…                        the same, with libpq's sslmode=, sslrootcert=, schema=
 * (RFC 3986; percent signs are decoded everywhere, an IPv6 host stands in brackets). Pure functions,
 * any thread. No error text repeats a part of the URL, for any part may be a password gone astray.
 */
#ifndef TUBEOPS_DB_SOURCES_DB_URL_H
#define TUBEOPS_DB_SOURCES_DB_URL_H

#include "engine/base/err.h"
#include "engine/base/secret.h"
#include "engine/base/str.h"

#include <stdint.h>

enum db_kind { DB_MYSQL, DB_POSTGRES };

/* name in the URL, the same by another name, for which databases (bits by db_kind) */
#define DB_URL_OPTIONS(X)                             \
	X(DB_URL_TABLE, "table", NULL, 3)             \
	X(DB_URL_COLUMN, "column", NULL, 3)           \
	X(DB_URL_TITLE, "title", NULL, 3)             \
	X(DB_URL_DESCRIPTION, "description", NULL, 3) \
	X(DB_URL_SCHEMA, "schema", NULL, 2)           \
	X(DB_URL_SSL_MODE, "ssl-mode", "sslmode", 3)  \
	X(DB_URL_SSL_CA, "ssl-ca", "sslrootcert", 3)  \
	X(DB_URL_SSL_CERT, "ssl-cert", "sslcert", 3)  \
	X(DB_URL_SSL_KEY, "ssl-key", "sslkey", 3)     \
	X(DB_URL_SOCKET, "socket", NULL, 1)

enum db_url_option {
#define DB_URL_ENUM(id, name, also, kinds) id,
	DB_URL_OPTIONS(DB_URL_ENUM)
#undef DB_URL_ENUM
	    DB_URL_OPTION_COUNT
};

struct db_url {
	enum db_kind kind;
	int port;   /* 0: the usual one */
	char *user; /* the texts are owned, decoded; NULL: not in the URL */
	char *host; /* without brackets */
	char *database;
	char *options[DB_URL_OPTION_COUNT];
	struct secret *password; /* owned; NULL: none, or masked */
	bool masked;             /* the password stands there as *** */
};

/* Does it begin with mysql://, mariadb://, postgresql:// or postgres://? */
bool db_url_is_one(const char *text);
/* ERR_INVALID with what is wrong. End it with db_url_done whatever is returned. */
enum err db_url_parse(struct db_url *url, const char *text, struct errbuf *eb) MUST_CHECK;
void db_url_done(struct db_url *url);
/* A URL that can be parsed, its password, if it has one, as ***: what may be stored and shown. */
void db_url_mask(const char *text, struct str *out);
/* "127.0.0.1:3306/name" for people. */
void db_url_place(const struct db_url *url, struct str *out);
/* Does list ("db.example.org, 10.0.0.7:3306, [::1]") name the URL's host? Sockets are never named. */
bool db_url_is_listed(const struct db_url *url, const char *list);

#endif
