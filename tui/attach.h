/*
 * attach - the console on a node of another process: of this user's folder, or at an address. Main
 * thread only; the terminal is as it was afterwards.
 */
#ifndef TUBEOPS_TUI_ATTACH_H
#define TUBEOPS_TUI_ATTACH_H

#include "tui/cli.h"

/* At whatever process owns the data folder, also when another one takes it over meanwhile. */
enum cli_exit attach_owner(struct cli *c, bool read_only);
/* At https://host:port, by the token (NULL: none); ca: certificates to trust too, or NULL. */
enum cli_exit attach_url(
    struct cli *c, const char *url, const struct secret *token, const char *ca, bool read_only);

#endif
