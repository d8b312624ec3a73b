#include "config.h"
#include "tui/cli.h"
#include "tui/job_watch.h"
#include "tui/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum cli_exit run_unknown(struct cli *c)
{
	struct str types;
	enum cli_exit code;

	str_init(&types, 4096);
	for (const struct job_type_info *const *t = engine_job_types(); *t; t++)
		str_addf(&types, "%s%s", types.len ? ", " : "", (*t)->name);
	code =
	    cli_usage(c, "there is no job type \"%s\"; there are: %s", c->args[0], str_get(&types));
	str_done(&types);
	return code;
}

static enum cli_exit run_job(
    struct cli *c, struct engine *e, const struct job_type_info *type, const char *params)
{
	struct job_outcome out;
	enum cli_exit code;

	job_watch(c, e, type->name, params, cli_has(c, "wait"), &out);
	if (out.text && c->json)
		puts(out.text);
	else if (out.text)
		job_outcome_print(&out);
	code = job_outcome_exit(c, &out);
	job_outcome_done(&out);
	return code;
}

enum cli_exit cmd_run(struct cli *c)
{
	const struct job_type_info *type = params_type(c->args[0]);
	struct errbuf eb = {.code = ERR_OK};
	struct engine *e;
	enum cli_exit code;
	enum err err;
	char *params;

	if (!type)
		return run_unknown(c);
	params = params_json(c, type, NULL);
	if (!params)
		return CLI_USAGE;
	err = cli_open(c, ENGINE_WORK, &e, &eb);
	if (err)
		code = cli_open_failed(c, err, &eb,
		    "start the job there (POST /api/batch-metadata, or n on its console), or end "
		    "it first");
	else
		code = run_job(c, e, type, params);
	cli_close(c, e);
	free(params);
	return code;
}
