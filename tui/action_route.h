/*
 * action_route - an action as a call of a REST server: the path of its route and the body. A test
 * holds it against the server's table. Pure functions.
 */
#ifndef TUBEOPS_TUI_ACTION_ROUTE_H
#define TUBEOPS_TUI_ACTION_ROUTE_H

#include "engine/base/str.h"
#include "engine/command.h"

/* Appends "/api/jobs/J-1001/pause" to path and its body, a JSON object, to body (which may hold a
 * secret then). The error of a text that is full is in its err. */
void action_route(const struct command *c, struct str *path, struct str *body);

#endif
