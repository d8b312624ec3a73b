/*
 * ask - reading a secret from the terminal without showing it, or from standard input; asking before
 * something is destroyed. Main thread.
 */
#ifndef TUBEOPS_ASK_H
#define TUBEOPS_ASK_H

#include "engine/base/str.h"

/*
 * One line into out, without its end. prompt is shown on a terminal only. ERR_CANCELLED: Ctrl-C or
 * Ctrl-D. The caller wipes out with ask_wipe.
 */
enum err ask_secret(const char *prompt, struct str *out, struct errbuf *eb) MUST_CHECK;
void ask_wipe(struct str *secret);
/* May somebody be asked? */
bool ask_is_terminal(void);
/* Asks on standard error; only a line that begins with y or Y is yes. */
bool ask_yes(const char *question);

#endif
