#include "config.h"
#include "tui/cli.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "tui/job_watch.h"
#include "tui/out_file.h"
#include "tui/owner.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "tui/stdin_copy.h"
#include "engine/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENRICH_PATH_LIMIT = 16384, ENRICH_PARAMS_LIMIT = 8 * ENRICH_PATH_LIMIT };

struct enrich_run {
	struct cli *c;
	struct engine *e; /* NULL: another process owns the folder and does the jobs */
	char *path;       /* of the input, whole; names the list of what is wanted too */
	bool spooled;
	int spool_fd;        /* keeps others from the same file; -1 */
	struct engine *look; /* to write the file from, where e is NULL */
	bool told;           /* what went wrong was printed, also as JSON */
	int64_t began_ms;
	int64_t list, wanted, units;
	struct engine_enriched result;
	struct progress *progress;
};

/* ---- the input ---- */

/* The whole path, as the same list is meant from wherever it is named. Returns owned. */
static char *enrich_input(struct cli *c, const char *file)
{
	char *path = realpath(file, NULL);
	struct stat st;

	if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return path;
	cli_fail(c, CLI_FAILED, "%s: %s", file,
	    path ? "a file is needed, as it is read twice; - is standard input" : strerror(errno));
	free(path);
	return NULL;
}

/* Always the same file, whole for a process that stands elsewhere. Returns owned. */
static char *enrich_spool_path(const struct cli *c)
{
	char *folder = realpath(c->data_dir, NULL);
	struct str path;

	str_init(&path, ENRICH_PATH_LIMIT);
	if (folder)
		str_addf(&path, "%s/enrich-stdin.csv", folder);
	free(folder);
	return str_take(&path);
}

/* Standard input is read twice, so it is kept in the data folder until it is done with. */
static enum err enrich_spool(struct enrich_run *r, struct errbuf *eb)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	r->path = enrich_spool_path(r->c);
	r->spool_fd = r->path ? open(r->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (r->spool_fd < 0)
		return err_set(
		    eb, ERR_IO, "%s: %s", r->path ? r->path : r->c->data_dir, strerror(errno));
	if (fcntl(r->spool_fd, F_OFD_SETLK, &fl) != 0)
		return err_set(eb, ERR_BUSY,
		    "another tubeops enrich reads standard input here: wait until it ends, or give "
		    "a file");
	if (ftruncate(r->spool_fd, 0) != 0)
		return err_set(eb, ERR_IO, "%s: %s", r->path, strerror(errno));
	return stdin_copy(r->c, r->spool_fd, eb);
}

/* ---- the jobs ---- */

static void enrich_param(struct str *json, const char *name, const char *value)
{
	if (!value)
		return;
	str_addf(json, "%c\"%s\":", json->len ? ',' : '{', name);
	cli_add_json(json, value, strlen(value));
}

/* Runs a job with these parameters to its end. False: code says how to leave. */
static bool enrich_job(struct enrich_run *r, const char *type, struct str *params, bool wait,
    struct job_outcome *out, enum cli_exit *code)
{
	str_addc(params, '}');
	if (params->err) {
		*out = (struct job_outcome){.err = params->err};
		*code = cli_fail(r->c, CLI_FAILED, "the path of the input is too long");
		return false;
	}
	job_watch(r->c, r->e, type, str_get(params), wait, out);
	*code = job_outcome_exit(r->c, out);
	return *code == CLI_DONE;
}

/* The file's ids come into staging, and those that lack metadata into a list. */
static bool enrich_import(struct enrich_run *r, enum cli_exit *code)
{
	struct job_outcome out;
	struct str params;
	bool ok;

	str_init(&params, ENRICH_PARAMS_LIMIT);
	enrich_param(&params, "source_path", r->path);
	enrich_param(&params, "list", r->path);
	enrich_param(&params, "column", cli_option(r->c, "column"));
	ok = enrich_job(r, "migration", &params, false, &out, code);
	if (ok) {
		r->list = cli_json_int(out.root, "list", 0);
		r->wanted = cli_json_int(out.root, "wanted", 0);
	}
	job_outcome_done(&out);
	str_done(&params);
	return ok;
}

/* True when there is nothing (more) to fetch. */
static bool enrich_fetch(struct enrich_run *r, enum cli_exit *code)
{
	struct job_outcome out;
	struct str params;
	bool ok;

	if (!r->wanted)
		return true;
	str_init(&params, ENRICH_PARAMS_LIMIT);
	str_addf(&params, "{\"list\":%" PRId64, r->list);
	ok = enrich_job(r, "list_metadata", &params, cli_has(r->c, "wait"), &out, code);
	r->units = cli_json_int(out.root, "units_used", 0);
	r->told = !out.text;
	job_outcome_done(&out);
	str_done(&params);
	return ok;
}

/* ---- the output ---- */

static bool enrich_progress(void *arg, int64_t done, int64_t total)
{
	struct enrich_run *r = arg;
	struct snapshot_job job = {
	    .word = "writing", .status = "running", .processed = done, .total = total};
	int64_t ms = clock_mono_ms() - r->began_ms;

	job.rate = ms > 0 ? (double)done * 1000 / (double)ms : 0;
	progress_show(r->progress, &job, clock_now());
	return !signals_stop_asked(r->c->signals);
}

static enum err enrich_write(struct enrich_run *r, const char *to, struct errbuf *eb)
{
	struct engine_enrich cfg = {.path = r->path,
	    .column = cli_option(r->c, "column"),
	    .columns = cli_option(r->c, "columns"),
	    .progress = enrich_progress,
	    .arg = r};
	int64_t began = r->began_ms;
	struct out_file f;
	enum err err = out_file_open(&f, to, cli_has(r->c, "overwrite"), eb);

	if (err)
		return err;
	cfg.out = f.out;
	r->began_ms = clock_mono_ms(); /* of this step, for its rate */
	r->progress = r->c->verbose ? NULL : progress_new();
	err = engine_enrich(r->e ? r->e : r->look, &cfg, &r->result, eb);
	progress_free(r->progress);
	r->began_ms = began;
	return out_file_close(&f, err, eb);
}

static void enrich_print(const struct enrich_run *r, const char *out)
{
	const struct engine_enriched *n = &r->result;
	const struct {
		const char *name, *help;
		int64_t n;
		bool always;
	} rows[] = {
	    {"rows", "", n->rows, true},
	    {"enriched", "have their metadata", n->enriched, true},
	    {"pending", "not fetched yet, or asked again on another day", n->pending, true},
	    {"absent_once", "of these: not returned by YouTube so far", n->absent, false},
	    {"missing", "no longer on YouTube", n->missing, true},
	    {"failed", "given up; tubeops jobs tells why", n->failed, false},
	    {"invalid", "hold no channel id", n->invalid, true},
	    {"unresolved", "name a channel by a handle or name that is not known", n->unresolved,
	        true},
	    {"long_rows", "are longer than the first: their new cells stand further right",
	        n->long_rows, false},
	    {"units_used", "", r->units, true},
	};
	double seconds = (double)(clock_mono_ms() - r->began_ms) / 1000;
	struct str name;
	char full[FORMAT_SIZE];

	if (!r->c->json) {
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
			if (rows[i].n || rows[i].always)
				printf("%-17s%11s  %s\n", rows[i].name,
				    format_full(full, rows[i].n), rows[i].help);
		printf("%-17s%11.1f\n", "seconds", seconds);
		if (out)
			printf("written to %s\n", out);
		return;
	}
	str_init(&name, 6 * ENRICH_PATH_LIMIT);
	if (out)
		cli_add_json(&name, out, strlen(out));
	printf("{\"out\":%s,", out ? str_get(&name) : "null");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		printf("\"%s\":%" PRId64 ",", rows[i].name, rows[i].n);
	printf("\"seconds\":%.3f}\n", seconds);
	str_done(&name);
}

/* Nobody needs the list any more. */
static enum err enrich_drop_list(struct enrich_run *r, struct errbuf *eb)
{
	struct str body, said;
	struct owner o;
	enum err err;

	if (r->e)
		return engine_list_drop(r->e, r->path, eb);
	if (!owner_find(r->c, &o))
		return err_set(eb, ERR_UNAVAIL,
		    "the process at work ended: the same command clears what it left behind");
	str_init(&body, ENRICH_PARAMS_LIMIT);
	str_init(&said, ENRICH_PARAMS_LIMIT);
	enrich_param(&body, "name", r->path);
	str_addc(&body, '}');
	err = owner_say(&o, "/api/lists/drop", str_get(&body), &said, eb);
	str_done(&said);
	str_done(&body);
	owner_done(&o);
	return err;
}

/* code: how the fetching ended; it stays the exit status unless writing fails. */
static enum cli_exit enrich_finish(struct enrich_run *r, enum cli_exit code)
{
	const char *out = cli_option(r->c, "out");
	bool whole = code == CLI_DONE, write = whole || cli_has(r->c, "partial");
	struct errbuf eb = {.code = ERR_OK};
	enum err err;

	if (!r->e && cli_open(r->c, ENGINE_LOOK, &r->look, &eb))
		return cli_fail(r->c, CLI_FAILED, "%s", err_text(&eb));
	/* without a file only the rows are counted, so that one sees what is left to do */
	err = enrich_write(r, write ? out : "/dev/null", &eb);
	if (err && whole)
		return cli_fail(r->c, CLI_FAILED, "%s", err_text(&eb));
	if (err)
		return cli_fail(r->c, code, "%s", err_text(&eb));
	if (whole)
		err = enrich_drop_list(r, &eb);
	if (whole && r->spooled && unlink(r->path) != 0)
		fprintf(stderr, "tubeops: %s: %s\n", r->path, strerror(errno));
	enrich_print(r, write ? out : NULL);
	if (err)
		fprintf(stderr, "tubeops: %s\n", err_text(&eb));
	return code;
}

static enum cli_exit enrich_run(struct enrich_run *r)
{
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code = CLI_DONE;

	if (r->spooled && enrich_spool(r, &eb))
		return cli_fail(r->c, CLI_FAILED, "%s", err_text(&eb));
	if (!enrich_import(r, &code))
		return code;
	if (!enrich_fetch(r, &code) && (r->told || signals_stop_asked(r->c->signals)))
		return code;
	return enrich_finish(r, code);
}

/* Everything that can be known before a unit is spent. */
static enum cli_exit enrich_check(struct cli *c)
{
	const char *out = cli_option(c, "out");
	struct errbuf eb = {.code = ERR_OK};
	enum err err;

	if (!out || !*out)
		return cli_usage(c, "--out FILE is missing: where the new file goes");
	if (engine_enrich_check(cli_option(c, "columns"), &eb))
		return cli_usage(c, "--columns: %s", err_text(&eb));
	err = out_file_check(out, cli_has(c, "overwrite"), &eb);
	if (err == ERR_INVALID)
		return cli_usage(c, "%s", err_text(&eb));
	if (err)
		return cli_fail(c, CLI_FAILED, "%s", err_text(&eb));
	return CLI_DONE;
}

enum cli_exit cmd_enrich(struct cli *c)
{
	struct enrich_run r = {.c = c,
	    .spooled = strcmp(c->args[0], "-") == 0,
	    .spool_fd = -1,
	    .began_ms = clock_mono_ms()};
	enum cli_exit code = enrich_check(c);

	if (code)
		return code;
	r.path = r.spooled ? NULL : enrich_input(c, c->args[0]);
	if (!r.spooled && !r.path)
		return CLI_FAILED;
	if (owner_or_open(c, &r.e, &code))
		code = enrich_run(&r);
	cli_close(c, r.look);
	cli_close(c, r.e);
	if (r.spool_fd >= 0)
		close(r.spool_fd);
	free(r.path);
	return code;
}
