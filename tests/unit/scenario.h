/*
 * scenario - what tests of the screen share: kinds of jobs with few parameters.
 */
#ifndef TUBEOPS_TESTS_SCENARIO_H
#define TUBEOPS_TESTS_SCENARIO_H

#include "tui/demo/demo.h"

/* NULL-terminated. */
const struct job_type_info *const *scenario_types(void);

#endif
