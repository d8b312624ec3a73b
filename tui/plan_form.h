/*
 * plan_form - the words that follow share, pace, lend and target, as the object that engine and REST
 * read: the command line and the console's prompt take them in the same order. Pure functions.
 */
#ifndef TUBEOPS_TUI_PLAN_FORM_H
#define TUBEOPS_TUI_PLAN_FORM_H

#include "engine/base/str.h"
#include "engine/command.h"

/* "share STAGE PERCENT"; NULL: the action is none of the plan's. */
const char *plan_form_usage(enum action a);
/* Appends {"percent":"40","stage":"videos"}; false: too few or too many words, or too long. */
bool plan_form_body(enum action a, const char *const *words, size_t n, struct str *body);

#endif
