/*
 * steer - doing a command on a data folder from outside: in this process when nobody else owns the
 * folder, else over the REST server of the process that does. Main thread only.
 */
#ifndef TUBEOPS_STEER_H
#define TUBEOPS_STEER_H

#include "engine/base/str.h"
#include "tui/cli.h"

/* A command line verb that takes this kind of argument; ACTION_COUNT when there is none. */
enum action steer_action(const char *word, enum action_arg arg);
/* Their words, for messages: "pause, resume, cancel, retry". */
void steer_words(enum action_arg arg, struct str *out);
/*
 * Does it and prints what was done. path and body are the same as a REST call; the path is given
 * without what stands for the target and the action ("/api/jobs").
 */
enum cli_exit steer_do(struct cli *c, struct command *command, const char *path, const char *body);

#endif
