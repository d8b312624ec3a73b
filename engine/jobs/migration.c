#include "config.h"
#include "engine/jobs/job_types.h"
#include "db/sources/db_url.h"
#include "db/sources/source.h"
#include "engine/base/str.h"
#include "engine/jobs/import.h"
#include "engine/jobs/import_look.h"
#include "engine/jobs/parts.h"
#include "engine/jobs/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct job_param migration_params[] = {
    {.name = "source_type",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "what the input is: csv, list, json, mysql, postgresql or auto (default: auto, "
                "guesses from the content)"},
    {.name = "source_path",
        .type = PARAM_TEXT,
        .help = "the file to read (also gzip and zstd), - for standard input, or "
                "mysql://user:password@host:port/database?table=&column= (or postgresql://…)"},
    {.name = "source",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "word that marks where these channels came from (default: migration)"},
    {.name = "column",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "of CSV: the column that holds the channels, by its name or its number from 1"},
    {.name = "list",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "name of a list that takes the ids of this file which lack metadata, for a job "
                "list_metadata; the input is a CSV table then"},
    {.name = "batch_size",
        .type = PARAM_NUMBER,
        .optional = true,
        .quiet = true,
        .least = 1,
        .most = 1000000000,
        .help = "accepted for the original's sake and ignored: rows are stored in key order, a "
                "quarter of a million at a time"},
};

/* The original's csv was any table, so csv is guessed as auto is: , ; tab, or a plain list. */
static const struct {
	const char *word;
	const char *format;
	bool database;
} migration_formats[] = {
    {"csv", NULL, false},
    {"list", "list", false},
    {"json", "json", false},
    {"jsonl", "json", false},
    {"mysql", "mysql", true},
    {"mariadb", "mysql", true},
    {"postgresql", "postgresql", true},
    {"postgres", "postgresql", true},
};

static enum err migration_format(
    const char *type, const char *path, const char **format, struct errbuf *eb)
{
	size_t i = 0, n = sizeof migration_formats / sizeof migration_formats[0];

	*format = NULL;
	if (!type || str_is_equal_nocase(type, "auto"))
		return ERR_OK;
	while (i < n && !str_is_equal_nocase(type, migration_formats[i].word))
		i++;
	if (i == n)
		return err_set(eb, ERR_INVALID,
		    "Unsupported source type: %s; use csv, list, json, mysql, postgresql or auto",
		    type);
	if (migration_formats[i].database != db_url_is_one(path))
		return err_set(eb, ERR_INVALID,
		    migration_formats[i].database
		        ? "source_type %s: source_path must be a URL such as "
		          "mysql://user:password@host:port/database"
		        : "source_type %s: source_path is a database's URL; use mysql, postgresql "
		          "or auto",
		    type);
	*format = migration_formats[i].format;
	return ERR_OK;
}

static const char *migration_text(const json_t *params, const char *name)
{
	const char *text = json_string_value(json_object_get(params, name));

	return text && *text ? text : NULL;
}

/*
 * A REST caller names files below IMPORT_ROOT alone, links and ".." resolved: it may be anybody who
 * holds the token, and must not read the rest of the disk. The resolved path is what is opened.
 */
static enum err migration_below_root(
    const struct settings *settings, json_t *params, const char *path, struct errbuf *eb)
{
	const char *root = settings_text(settings, SET_IMPORT_ROOT, 0);
	char *base = root && *root ? realpath(root, NULL) : NULL;
	char *file = base ? realpath(path, NULL) : NULL;
	size_t n = base ? strlen(base) : 0;
	enum err err = ERR_OK;

	if (!root || !*root)
		err = err_set(eb, ERR_DENIED,
		    "source_path: REST callers may import files only below IMPORT_ROOT, which is "
		    "not "
		    "set");
	else if (!base)
		err = err_set(eb, ERR_NOTFOUND, "IMPORT_ROOT is no folder that can be opened");
	else if (!file || strncmp(file, base, n) != 0 || (file[n] != '/' && n > 1))
		err = err_set(
		    eb, ERR_NOTFOUND, "source_path: there is no such file below IMPORT_ROOT");
	else if (json_object_set_new(params, "source_path", json_string(file)) != 0)
		err = err_set(eb, ERR_INVALID, "source_path: its name is no clean UTF-8");
	free(base);
	free(file);
	return err;
}

/*
 * Who may name which file: this process's own command any, standard input too ("cli"); a command of
 * the same user in another process ("owner") any that this process can read, by its whole path, as
 * the two may stand in different folders; REST callers see above.
 */
static enum err migration_admit_file(const struct settings *settings, const char *by,
    json_t *params, const char *path, struct errbuf *eb)
{
	enum err err = source_path_check(path, eb);

	if (err || strcmp(by, "cli") == 0)
		return err;
	if (strcmp(by, "rest") == 0)
		return migration_below_root(settings, params, path, eb);
	if (strcmp(path, "-") == 0)
		return err_set(eb, ERR_INVALID,
		    "source_path: standard input belongs to a command; name a file");
	if (strcmp(by, "owner") != 0)
		return ERR_OK;
	if (*path != '/')
		return err_set(eb, ERR_INVALID, "source_path: the whole path is needed, from / on");
	if (access(path, R_OK) != 0)
		return err_set(eb, ERR_NOTFOUND, "%s: the process at work cannot read it: %s", path,
		    strerror(errno));
	return ERR_OK;
}

/* A password must not come into the job's row: it stays in memory, and *** stands in the URL. */
static enum err migration_admit(const struct settings *settings, const char *by, json_t *params,
    struct secret **secret, struct errbuf *eb)
{
	const char *path = migration_text(params, "source_path");
	const char *format;
	struct db_url url;
	struct str shown;
	enum err err;

	if (!path)
		return ERR_OK;
	err = migration_format(migration_text(params, "source_type"), path, &format, eb);
	if (err)
		return err;
	if (!db_url_is_one(path))
		return migration_admit_file(settings, by, params, path, eb);
	err = db_url_parse(&url, path, eb);
	if (!err && strcmp(by, "rest") == 0 &&
	    !db_url_is_listed(&url, settings_text(settings, SET_MIGRATE_HOSTS, 0)))
		err = err_set(eb, ERR_DENIED,
		    "REST callers may import only from the hosts that MIGRATE_HOSTS names");
	if (!err) {
		str_init(&shown, strlen(path) + 8);
		db_url_mask(path, &shown);
		if (shown.err ||
		    json_object_set_new(params, "source_path", json_string(str_get(&shown))) != 0)
			err = err_set(eb, ERR_NOMEM, "out of memory");
		str_done(&shown);
	}
	if (!err) {
		*secret = url.password;
		url.password = NULL;
	}
	db_url_done(&url);
	return err;
}

static bool migration_put(json_t *o, const char *name, json_t *value)
{
	return json_object_set_new(o, name, value) == 0;
}

static json_t *migration_rejects(const struct import_result *r)
{
	json_t *list = json_array();

	for (int i = 0; i < r->n_rejects && list; i++)
		if (json_array_append_new(
		        list, json_pack("{s:I,s:s}", "line", (json_int_t)r->rejects[i].line,
		                  "reason", r->rejects[i].reason)) != 0) {
			json_decref(list);
			list = NULL;
		}
	return list;
}

static bool migration_report(json_t *o, const struct import_result *r)
{
	const struct {
		const char *name;
		int64_t n;
	} numbers[] = {{"read", r->read}, {"added", r->added}, {"known", r->known},
	    {"erased", r->erased}, {"invalid", r->invalid}, {"duplicates", r->duplicates},
	    {"unresolved", r->unresolved + r->unresolved_known}, {"unresolved_new", r->unresolved},
	    {"wanted", r->wanted}, {"list", r->list}, {"unstored", r->unstored},
	    {"origin", r->origin}};
	bool ok = true;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		ok =
		    migration_put(o, numbers[i].name, json_integer((json_int_t)numbers[i].n)) && ok;
	ok = migration_put(o, "rejects", migration_rejects(r)) && ok;
	ok = migration_put(
	         o, "rejects_file", r->rejects_path ? json_string(r->rejects_path) : json_null()) &&
	     ok;
	return migration_put(o, "seconds", json_real(r->seconds)) && ok;
}

static void migration_row(struct job_row *row, const struct import_result *r)
{
	row->done =
	    r->added + r->known + r->erased + r->duplicates + r->unresolved + r->unresolved_known;
	row->failed = r->invalid;
}

static enum err migration_run(struct job_run *run, struct errbuf *eb)
{
	struct import_config cfg = {
	    .path = migration_text(run->params, "source_path"),
	    .source = migration_text(run->params, "source"),
	    .password = run->secret ? run->secret
	                            : settings_secret(run->parts->settings, SET_IMPORT_PASSWORD, 0),
	    .column = migration_text(run->params, "column"),
	    .list = migration_text(run->params, "list"),
	    .memory_mib = settings_number(run->parts->settings, SET_IMPORT_MEMORY, 0),
	    .data_dir = run->parts->data_dir,
	    .writer = run->parts->writer,
	    .log = run->parts->log,
	    .stop = run->stop,
	    .total = run->total,
	    .processed = run->processed,
	};
	struct import_result result;
	enum err err;

	if (!cfg.path)
		return err_set(eb, ERR_INVALID,
		    "source_path is missing: name the file to import, or - for standard input");
	if (run->taken_up && strcmp(cfg.path, "-") == 0)
		return err_set(eb, ERR_NOTFOUND,
		    "what it read from standard input is gone with its process; import it again");
	if (spool_is_one(cfg.data_dir, cfg.path))
		cfg.label = "-";
	err =
	    migration_format(migration_text(run->params, "source_type"), cfg.path, &cfg.format, eb);
	if (err)
		return err;
	err = import_run(&cfg, &result, eb);
	migration_row(run->row, &result);
	if (!migration_report(run->result, &result) && !err)
		err = err_set(eb, ERR_NOMEM, "no memory for the import's report");
	import_result_done(&result);
	return err;
}

static enum err migration_preview(struct staging *s, const json_t *params,
    const struct staging_limit *limit, json_t **out, struct errbuf *eb)
{
	struct import_look look = {.path = migration_text(params, "source_path"),
	    .column = migration_text(params, "column"),
	    .limit = limit};
	enum err err;

	*out = NULL;
	if (!look.path || db_url_is_one(look.path) || strcmp(look.path, "-") == 0)
		return ERR_OK;
	err = migration_format(migration_text(params, "source_type"), look.path, &look.format, eb);
	return err ? err : import_look(s, &look, out, eb);
}

static void migration_leave(const struct engine_parts *parts, const json_t *params)
{
	const char *path = migration_text(params, "source_path");

	if (path)
		spool_remove(parts->data_dir, path);
}

const struct job_type migration_type = {
    .info = {.name = "migration",
        .word = "import",
        .help = "take channel ids from a file (CSV, a plain list, JSON) or a database",
        .params = migration_params,
        .n_params = sizeof migration_params / sizeof migration_params[0]},
    .op = OP_NONE,
    .stage = STAGE_NONE,
    .feed = FEED_NONE,
    .admit = migration_admit,
    .preview = migration_preview,
    .run = migration_run,
    .leave = migration_leave,
};
