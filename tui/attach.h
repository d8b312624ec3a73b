/*
 * attach - the console on a node of another process: of this user's folder, or at an address. Main
 * thread only; the terminal is as it was afterwards.
 */
#ifndef TUBEOPS_TUI_ATTACH_H
#define TUBEOPS_TUI_ATTACH_H

#include "tui/attach_place.h"
#include "tui/cli.h"

/* At whatever process owns the data folder, also when another one takes it over meanwhile. */
enum cli_exit attach_owner(struct cli *c, bool read_only);
/* At an address. */
enum cli_exit attach_at_place(struct cli *c, const struct attach_at *at);
/* For ":attach" of a console that runs: the words behind it; arg is the struct cli. NULL and eb. */
struct node *attach_by_words(void *arg, const char *words, struct errbuf *eb);

#endif
