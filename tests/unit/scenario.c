#include "config.h"
#include "tests/unit/scenario.h"

static const struct job_param metadata_params[] = {
    {"batch_size", PARAM_NUMBER, 1000, 1, 100000, false, NULL, "channels taken at a time", NULL,
        false},
    {"limit", PARAM_NUMBER, 0, 1, 1000000000, true, "total_limit", "stop after so many; empty: all",
        NULL, false},
};

static const struct job_param import_params[] = {
    {"source_type", PARAM_TEXT, 0, 0, 0, true, NULL, "csv, list, json or auto", NULL, false},
    {"source_path", PARAM_TEXT, 0, 0, 0, false, NULL, "the file to read", NULL, false},
    {"dry_run", PARAM_FLAG, 0, 0, 1, false, NULL, "only count", NULL, false},
    {"columns", PARAM_LIST, 0, 0, 0, true, NULL, "columns to try, separated by commas", NULL,
        false},
};

static const struct job_type_info metadata_info = {"batch_metadata", "metadata",
    "fetch titles, counts and the rest of channels", metadata_params, 2};
static const struct job_type_info import_info = {
    "migration", "import", "read channel ids from a file", import_params, 4};
static const struct job_type_info *const scenario_type_list[] = {
    &metadata_info, &import_info, NULL, false};

const struct job_type_info *const *scenario_types(void)
{
	return scenario_type_list;
}
