/*
 * ask - reading a secret from the terminal without showing it, or from standard input. Main thread.
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

#endif
