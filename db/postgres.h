/*
 * postgres - one session with the PostgreSQL server of DATABASE_URL, or of a URL to import from:
 * connecting, statements, errors in words, the numbered migrations. A session belongs to one thread at a time. Every wait
 * is bounded and ends early when the stop flag rises; nothing is printed, notices go to the log,
 * and no text that leaves here holds the password.
 * After POSTGRES_LOST or ERR_CANCELLED the session is of no more use: close it, open another.
 */
#ifndef TUBEOPS_DB_POSTGRES_H
#define TUBEOPS_DB_POSTGRES_H

#include "db/postgres_text.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdint.h>

struct postgres;

struct postgres_config {
	const struct secret *url; /* borrowed for the call */
	const atomic_bool *stop;  /* borrowed for the session's life; NULL: never */
	struct log *log;          /* the same */
	bool reading;        /* somebody else's: any version and encoding, nothing may be written */
	const char *setting; /* static: what messages call the URL; NULL: DATABASE_URL */
	int answer_ms; /* how long an answer may take; 0: 150 s, above every statement_timeout */
};

/* Connects and sets the session up (UTC, time limits). Does not touch the schema. */
enum err postgres_open(
    struct postgres **out, const struct postgres_config *cfg, struct errbuf *eb) MUST_CHECK;
void postgres_close(struct postgres *pg);
/* What the last error asks for; POSTGRES_FINE when the last call worked. */
enum postgres_fault postgres_fault(const struct postgres *pg);
/* "127.0.0.1:5432/name" for people; borrowed. */
const char *postgres_place(const struct postgres *pg);

/* One or more statements without results; the first error ends them. */
enum err postgres_exec(struct postgres *pg, const char *sql, struct errbuf *eb) MUST_CHECK;
/* One statement with text parameters. *out is the caller's (PQclear); out NULL: no rows wanted. */
enum err postgres_query(struct postgres *pg, const char *sql, int n, const char *const *params,
    PGresult **out, struct errbuf *eb) MUST_CHECK;

/*
 * Statements with one COPY … FROM STDIN among them, in three steps: send goes on until the server
 * waits for data, copy gives it all and returns when it is on its way, finish waits for the end of
 * the last statement. *rows is how many rows the statements after the COPY changed.
 */
enum err postgres_copy_send(struct postgres *pg, const char *sql, struct errbuf *eb) MUST_CHECK;
enum err postgres_copy_data(
    struct postgres *pg, const char *data, size_t len, struct errbuf *eb) MUST_CHECK;
enum err postgres_copy_finish(struct postgres *pg, int64_t *rows, struct errbuf *eb) MUST_CHECK;
/* Ends a transaction that failed. */
enum err postgres_rollback(struct postgres *pg, struct errbuf *eb) MUST_CHECK;

/* ---- postgres_schema.c ---- */
enum { POSTGRES_SCHEMA_VERSION = 6 };
/*
 * Creates the tables in an empty database, adopts those of the original system, brings ours to
 * the newest version. Several programs may do so at once. ERR_DENIED for a newer version,
 * ERR_INVALID with the names of what an adopted table lacks.
 */
enum err postgres_migrate(struct postgres *pg, struct errbuf *eb) MUST_CHECK;
/* Which migration the database has, changing nothing; 0: none. ERR_DENIED for a newer one. */
enum err postgres_version(struct postgres *pg, int64_t *version, struct errbuf *eb) MUST_CHECK;

#endif
