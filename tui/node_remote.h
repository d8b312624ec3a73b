/*
 * node_remote - a node of another process or machine, over its REST server: /api/session says what we
 * may, /api/snapshot is the picture, /api/events says when it changed, questions go to their paths
 * and actions to their routes. One thread (wire.h) does all of it; the screen never waits. A lost
 * connection is tried again after 1, 2, 5, 10, then every 15 s; questions wait for it, actions are
 * refused meanwhile. One whose answer was lost is not sent again.
 */
#ifndef TUBEOPS_TUI_NODE_REMOTE_H
#define TUBEOPS_TUI_NODE_REMOTE_H

#include "engine/base/secret.h"
#include "engine/base/str.h"
#include "tui/node.h"

/* Where the node is now; asked before each try, on another thread. */
struct node_address {
	struct str url;       /* "https://host:8443"; empty before */
	struct secret *token; /* owned by who asked; NULL: none */
};

struct node_remote_config {
	const char *name; /* for the header: "@prod-eu"; copied */
	/* ERR_NOTFOUND: there is none now, eb says why and what to do. Also called by who exports. */
	enum err (*find)(void *arg, struct node_address *out, struct errbuf *eb);
	void (*done)(void *arg); /* when the node is closed, or was not opened; NULL */
	void *arg;
	const char *ca; /* file of certificates to trust besides the system's; NULL, ""; borrowed */
	bool own;       /* the server's own certificate is in ca: its name does not matter */
	bool read_only;
	const struct job_type_info *const *types;
};

/* NULL and eb: no memory or no thread. client_global_init was called before. */
struct node *node_remote_open(const struct node_remote_config *cfg, struct errbuf *eb);

#endif
