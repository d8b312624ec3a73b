/*
 * params - the parameters of a job as command line options and as JSON, by the job type's own
 * table. Main thread only.
 */
#ifndef TUBEOPS_PARAMS_H
#define TUBEOPS_PARAMS_H

#include "engine/base/str.h"
#include "engine/command.h"
#include "tui/cli.h"

/* By name ("batch_metadata") or word ("metadata"); NULL when there is none. */
const struct job_type_info *params_type(const char *name);
/* Prints which types there are instead of name; CLI_USAGE. */
enum cli_exit params_unknown_type(const struct cli *c, const char *name);
/* The parameter that --option stands for: "batch-size" is batch_size. type NULL: of any type. */
const struct job_param *params_option(const struct job_type_info *type, const char *option);
/* "batch_size" as "batch-size" into out. */
void params_option_name(const char *name, struct str *out);
/* What follows such an option in help texts: "N", "A,B…"; "" for a flag. */
const char *params_value_word(enum param_type type);
/* Its help, with the range and default of a number, into out. */
void params_help(const struct job_param *p, struct str *out);
/*
 * All of the command's options that are parameters of type, and its --param NAME=VALUE, as a JSON
 * object; path (NULL: none) becomes source_path. Returns owned; NULL after a message to stderr.
 */
char *params_json(const struct cli *c, const struct job_type_info *type, const char *path);

#endif
