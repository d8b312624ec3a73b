#include "config.h"
#include "engine/jobs/job_types.h"
#include "engine/base/str.h"
#include "engine/jobs/import.h"
#include "engine/jobs/parts.h"

#include <string.h>

static const struct job_param migration_params[] = {
    {.name = "source_type",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "what the input is: csv, list, json or auto (default: auto, guesses from the "
                "content)"},
    {.name = "source_path",
        .type = PARAM_TEXT,
        .help = "the file to read, or - for standard input"},
    {.name = "source",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "word that marks where these channels came from (default: migration)"},
    {.name = "batch_size",
        .type = PARAM_NUMBER,
        .optional = true,
        .least = 1,
        .most = 1000000000,
        .help = "accepted for the original's sake and ignored: rows are stored in key order, a "
                "quarter of a million at a time"},
};

/* The original's csv was any table, so csv is guessed as auto is: , ; tab, or a plain list. */
static const struct {
	const char *word;
	const char *format;
} migration_formats[] = {
    {"auto", NULL}, {"csv", NULL}, {"list", "list"}, {"json", "json"}, {"jsonl", "json"}};

static enum err migration_format(const char *type, const char **format, struct errbuf *eb)
{
	*format = NULL;
	if (!type || !*type)
		return ERR_OK;
	for (size_t i = 0; i < sizeof migration_formats / sizeof migration_formats[0]; i++)
		if (str_is_equal_nocase(type, migration_formats[i].word)) {
			*format = migration_formats[i].format;
			return ERR_OK;
		}
	if (str_is_equal_nocase(type, "mysql"))
		return err_set(eb, ERR_INVALID,
		    "importing from MySQL directly comes later: export the table as CSV (for "
		    "instance mysql --batch -e 'SELECT channel_id, title FROM channels' > "
		    "channels.tsv) and import that file");
	return err_set(
	    eb, ERR_INVALID, "Unsupported source type: %s; use csv, list, json or auto", type);
}

static const char *migration_text(const json_t *params, const char *name)
{
	const char *text = json_string_value(json_object_get(params, name));

	return text && *text ? text : NULL;
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
	    {"invalid", r->invalid}, {"duplicates", r->duplicates},
	    {"unresolved", r->unresolved + r->unresolved_known}, {"unresolved_new", r->unresolved},
	    {"unstored", r->unstored}, {"origin", r->origin}};
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
	row->done = r->added + r->known + r->duplicates + r->unresolved + r->unresolved_known;
	row->failed = r->invalid;
}

static enum err migration_run(struct job_run *run, struct errbuf *eb)
{
	struct import_config cfg = {
	    .path = migration_text(run->params, "source_path"),
	    .source = migration_text(run->params, "source"),
	    .memory_mib = settings_number(run->parts->settings, SET_IMPORT_MEMORY, 0),
	    .data_dir = run->parts->data_dir,
	    .writer = run->parts->writer,
	    .log = run->parts->log,
	    .stop = run->stop,
	    .total = run->total,
	    .processed = run->processed,
	};
	struct import_result result;
	enum err err =
	    migration_format(migration_text(run->params, "source_type"), &cfg.format, eb);

	if (!err && !cfg.path)
		err = err_set(eb, ERR_INVALID,
		    "source_path is missing: name the file to import, or - for standard input");
	if (err)
		return err;
	err = import_run(&cfg, &result, eb);
	migration_row(run->row, &result);
	if (!migration_report(run->result, &result) && !err)
		err = err_set(eb, ERR_NOMEM, "no memory for the import's report");
	import_result_done(&result);
	return err;
}

const struct job_type migration_type = {
    .info = {.name = "migration",
        .word = "import",
        .help = "take channel ids from a file: CSV, a plain list or JSON",
        .params = migration_params,
        .n_params = sizeof migration_params / sizeof migration_params[0]},
    .op = OP_NONE,
    .feed = FEED_NONE,
    .run = migration_run,
};
