/*
 * attach_place - a node at an address: what people write for one, its token, the certificates to
 * trust. For the command attach and for ":attach" alike. Main thread only.
 */
#ifndef TUBEOPS_TUI_ATTACH_PLACE_H
#define TUBEOPS_TUI_ATTACH_PLACE_H

#include "engine/base/settings.h"
#include "tui/node.h"

struct attach_at {
	const char *address;    /* "prod-eu:8443" is https, this machine's own names are http */
	const char *token_file; /* that nobody else may read; NULL: API_TOKEN of the settings */
	const char *ca_file;    /* certificates to trust besides the system's; NULL: none */
	bool read_only;
};

/*
 * Does not wait for the node: how it goes is seen by node_link. ERR_INVALID: no address. ERR_IO,
 * ERR_DENIED: a file. The node owns all that it needs but settings.
 */
enum err attach_place_open(struct node **out, const struct settings *settings,
    const struct attach_at *at, struct errbuf *eb) MUST_CHECK;

#endif
