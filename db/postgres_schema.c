#include "config.h"
#include "db/postgres.h"
#include "db/sql/postgres-001.sql.h"
#include "db/sql/postgres-002.sql.h"
#include "db/sql/postgres-003.sql.h"
#include "db/sql/postgres-004.sql.h"
#include "db/sql/postgres-005.sql.h"
#include "db/sql/postgres-006.sql.h"

#include <string.h>

/* "tubeops" as a number: programs that migrate the same database queue up behind it. */
#define POSTGRES_LOCK "SELECT pg_advisory_xact_lock(8386654062926397555)"

enum { SCHEMA_WORDS = 16384 };

static const struct {
	int version;
	const char *sql;
} migrations[POSTGRES_SCHEMA_VERSION] = {
    {1, postgres_001_sql},
    {2, postgres_002_sql},
    {3, postgres_003_sql},
    {4, postgres_004_sql},
    {5, postgres_005_sql},
    {6, postgres_006_sql},
};

/* What tubeops writes in the original's tables, and the types it can live with there. */
static const struct {
	const char *table, *column, *types;
} needed[] = {
    {"channels", "id", "uuid"},
    {"channels", "channel_id", "varchar text"},
    {"channels", "title", "varchar text"},
    {"channels", "description", "varchar text"},
    {"channels", "subscriber_count", "int8 numeric"},
    {"channels", "video_count", "int8 numeric"},
    {"channels", "view_count", "int8 numeric"},
    {"channels", "country", "varchar text"},
    {"channels", "language", "varchar text"},
    {"channels", "custom_url", "varchar text"},
    {"channels", "published_at", "timestamp timestamptz"},
    {"channels", "thumbnail_url", "varchar text"},
    {"channels", "banner_url", "varchar text"},
    {"channels", "keywords", "_text _varchar"},
    {"channels", "topic_categories", "_text _varchar"},
    {"channels", "last_updated", "timestamp timestamptz"},
    {"channels", "metadata_fetched", "bool"},
    {"channels", "videos_fetched", "bool"},
    {"channels", "discovery_processed", "bool"},
    {"channels", "discovered_from", "uuid"},
    {"channels", "source", "varchar text"},
    {"channels", "created_at", "timestamp timestamptz"},
    {"processing_jobs", "id", "uuid"},
    {"processing_jobs", "job_type", "varchar text"},
    {"processing_jobs", "status", "varchar text"},
    {"processing_jobs", "total_items", "int4 int8"},
    {"processing_jobs", "processed_items", "int4 int8"},
    {"processing_jobs", "error_message", "varchar text"},
    {"processing_jobs", "started_at", "timestamp timestamptz"},
    {"processing_jobs", "completed_at", "timestamp timestamptz"},
    {"processing_jobs", "created_at", "timestamp timestamptz"},
    {"processing_jobs", "channel_id", "uuid"},
    {"videos", "id", "uuid"},
    {"videos", "video_id", "varchar text"},
    {"videos", "channel_id", "uuid"},
    {"videos", "channel_external_id", "varchar text"},
    {"videos", "title", "varchar text"},
    {"videos", "description", "varchar text"},
    {"videos", "published_at", "timestamp timestamptz"},
    {"videos", "duration", "varchar text"},
    {"videos", "view_count", "int8 numeric"},
    {"videos", "like_count", "int8 numeric"},
    {"videos", "comment_count", "int8 numeric"},
    {"videos", "thumbnail_url", "varchar text"},
    {"videos", "tags", "_text _varchar"},
    {"videos", "category_id", "int4 int8"},
    {"videos", "language", "varchar text"},
    {"videos", "updated_at", "timestamp timestamptz"},
    {"channel_discoveries", "source_channel_id", "uuid"},
    {"channel_discoveries", "discovered_channel_id", "varchar text"},
    {"channel_discoveries", "discovery_method", "varchar text"},
    {"channel_discoveries", "service_name", "varchar text"},
    {"channel_discoveries", "confidence_score", "float8 float4 numeric"},
    {"channel_discoveries", "already_exists", "bool"},
    {"channel_discoveries", "created_at", "timestamp timestamptz"},
};

/* Without these an upsert has nothing to tell known rows by. */
static const struct {
	const char *table, *columns; /* these by name */
	const char *mend;
} unique[] = {
    {"channels", "channel_id", "ALTER TABLE channels ADD UNIQUE (channel_id)"},
    {"processing_jobs", "id", "ALTER TABLE processing_jobs ADD PRIMARY KEY (id)"},
    {"videos", "video_id", "ALTER TABLE videos ADD UNIQUE (video_id)"},
    {"channel_discoveries", "discovered_channel_id,discovery_method,source_channel_id",
        "ALTER TABLE channel_discoveries ADD UNIQUE (source_channel_id, discovered_channel_id, "
        "discovery_method)"},
};

/* The first field of the first row as text; "" for NULL or no row. */
static enum err ask(struct postgres *pg, const char *sql, int n, const char *const *params,
    struct str *out, struct errbuf *eb)
{
	PGresult *res = NULL;
	enum err err = postgres_query(pg, sql, n, params, &res, eb);

	str_reset(out);
	if (!err && PQntuples(res) > 0 && !PQgetisnull(res, 0, 0))
		str_adds(out, PQgetvalue(res, 0, 0));
	PQclear(res);
	return err;
}

enum err postgres_version(struct postgres *pg, int64_t *version, struct errbuf *eb)
{
	struct str text;
	enum err err;

	*version = 0;
	str_init(&text, SCHEMA_WORDS);
	err = ask(pg, "SELECT to_regclass('tubeops_schema')", 0, NULL, &text, eb);
	if (!err && text.len) {
		err = ask(
		    pg, "SELECT coalesce(max(version), 0) FROM tubeops_schema", 0, NULL, &text, eb);
		if (!err && str_to_i64(str_get(&text), 0, INT32_MAX, version) != ERR_OK)
			err = err_set(eb, ERR_INVALID, "the table tubeops_schema cannot be read");
	}
	str_done(&text);
	if (!err && *version > POSTGRES_SCHEMA_VERSION)
		err = err_set(eb, ERR_DENIED,
		    "a newer tubeops has changed this database (version %lld, this program knows "
		    "%d): "
		    "install that version or name another database in DATABASE_URL",
		    (long long)*version, POSTGRES_SCHEMA_VERSION);
	return err;
}

/* Is the word in the list of words? */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = n ? strstr(list, word) : NULL; p; p = strstr(p + 1, word))
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static enum err check_columns(struct postgres *pg, struct str *wrong, struct errbuf *eb)
{
	enum err err = ERR_OK;
	struct str type;

	str_init(&type, SCHEMA_WORDS);
	for (size_t i = 0; i < sizeof needed / sizeof needed[0] && !err; i++) {
		const char *params[] = {needed[i].table, needed[i].column};

		err = ask(pg,
		    "SELECT t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
		    "WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped",
		    2, params, &type, eb);
		if (err || has_word(needed[i].types, str_get(&type)))
			continue;
		str_addf(wrong, "%s%s.%s is %s", wrong->len ? ", " : "", needed[i].table,
		    needed[i].column, type.len ? str_get(&type) : "missing");
		if (type.len)
			str_addf(wrong, ", not %s", needed[i].types);
	}
	str_done(&type);
	return err;
}

static enum err check_unique(struct postgres *pg, struct str *wrong, struct errbuf *eb)
{
	enum err err = ERR_OK;
	struct str found;

	str_init(&found, SCHEMA_WORDS);
	for (size_t i = 0; i < sizeof unique / sizeof unique[0] && !err; i++) {
		const char *params[] = {unique[i].table, unique[i].columns};

		err = ask(pg,
		    "SELECT 1 FROM pg_index x WHERE x.indrelid = to_regclass($1) AND x.indisunique "
		    "AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL AND "
		    "(SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a "
		    "WHERE a.attrelid = x.indrelid AND a.attnum = ANY "
		    "((x.indkey::int2[])[0:x.indnkeyatts - 1])) = $2",
		    2, params, &found, eb);
		if (!err && !found.len)
			str_addf(wrong, "%s%s.%s is not unique (%s)", wrong->len ? ", " : "",
			    unique[i].table, unique[i].columns, unique[i].mend);
	}
	str_done(&found);
	return err;
}

/* Tables that another program made: are they what tubeops can write to? */
static enum err check_adopted(struct postgres *pg, struct errbuf *eb)
{
	struct str wrong;
	enum err err;

	str_init(&wrong, SCHEMA_WORDS);
	err = check_columns(pg, &wrong, eb);
	if (!err)
		err = check_unique(pg, &wrong, eb);
	if (!err && wrong.len)
		err = err_set(eb, ERR_INVALID, "the tables of this database cannot be used: %s",
		    str_get(&wrong));
	str_done(&wrong);
	return err;
}

/* Are there tables of the original system, though none of ours? */
static enum err is_adoption(struct postgres *pg, bool *out, struct errbuf *eb)
{
	struct str found;
	enum err err;

	str_init(&found, SCHEMA_WORDS);
	err = ask(pg,
	    "SELECT coalesce(to_regclass('channels'), to_regclass('videos'), "
	    "to_regclass('api_keys'), "
	    "to_regclass('processing_jobs'), to_regclass('channel_discoveries'))",
	    0, NULL, &found, eb);
	*out = found.len > 0;
	str_done(&found);
	return err;
}

static enum err migrate_step(struct postgres *pg, int version, const char *sql, struct errbuf *eb)
{
	struct str note;
	enum err err = sql ? postgres_exec(pg, sql, eb) : ERR_OK;

	if (err)
		return err;
	str_init(&note, SCHEMA_WORDS);
	str_addf(&note, "INSERT INTO tubeops_schema (version) VALUES (%d)", version);
	err = note.err ? err_set(eb, note.err, "out of memory")
	               : postgres_exec(pg, str_get(&note), eb);
	str_done(&note);
	return err;
}

/* Inside the transaction and behind the lock. */
static enum err migrate_locked(struct postgres *pg, struct errbuf *eb)
{
	bool adopt = false;
	int64_t version;
	enum err err = postgres_version(pg, &version, eb);

	if (!err && version == 0)
		err = is_adoption(pg, &adopt, eb);
	/* what an older version adopted was not asked for what this one writes */
	if (!err && (adopt || version > 0))
		err = check_adopted(pg, eb);
	if (!err && version == 0)
		err = postgres_exec(pg,
		    "CREATE TABLE IF NOT EXISTS tubeops_schema (version integer PRIMARY KEY, "
		    "applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
		    eb);
	for (size_t i = 0; i < POSTGRES_SCHEMA_VERSION && !err; i++)
		if (migrations[i].version > version)
			err = migrate_step(pg, migrations[i].version,
			    adopt && migrations[i].version == 1 ? NULL : migrations[i].sql, eb);
	return err;
}

enum err postgres_migrate(struct postgres *pg, struct errbuf *eb)
{
	int64_t version;
	enum err err = postgres_version(pg, &version, eb);

	if (err || version == POSTGRES_SCHEMA_VERSION)
		return err;
	/* the schema of ?schema=…: only asked for when it is not there, since that needs rights */
	err = postgres_exec(pg,
	    "BEGIN; SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = "
	    "'30s';" POSTGRES_LOCK ";"
	    "DO $$ BEGIN IF current_schema() IS NULL AND "
	    "position('$' IN current_setting('search_path')) = 0 THEN EXECUTE format('CREATE "
	    "SCHEMA %I', "
	    "trim(both '\"' FROM split_part(current_setting('search_path'), ',', 1))); END IF; END "
	    "$$",
	    eb);
	if (!err)
		err = migrate_locked(pg, eb);
	if (!err)
		return postgres_exec(pg, "COMMIT", eb);
	return postgres_rollback(pg, NULL) == ERR_OK ? err : ERR_UNAVAIL;
}
