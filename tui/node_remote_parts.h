/*
 * node_remote_parts - the inside of a remote node, for node_remote.c (the screen's thread) and
 * node_remote_link.c (the wire's thread) alone.
 */
#ifndef TUBEOPS_TUI_NODE_REMOTE_PARTS_H
#define TUBEOPS_TUI_NODE_REMOTE_PARTS_H

#include "engine/base/ids.h"
#include "tui/node_remote.h"
#include "tui/wire.h"

#include <pthread.h>

enum { REMOTE_WORD = 256 };

enum ask_state { ASK_FREE, ASK_WAITS, ASK_SENT, ASK_ANSWERED };

struct remote_ask {
	enum ask_state state;
	uint64_t id;
	char *path, *body;         /* body NULL: a GET */
	struct node_answer answer; /* ASK_ANSWERED: its text is ours */
};

struct remote_send {
	struct remote_send *next;
	uint64_t id;
	char *path, *body;
	char once[UUID_TEXT + 1]; /* ACTION_JOB_START */
};

struct node_remote {
	struct node node; /* first */
	struct node_remote_config cfg;
	char *name;
	int fd;

	pthread_mutex_t lock; /* guards all below down to the line; rank: leaf */
	struct wire *wire;
	struct node_link link;
	uint64_t last_id;
	struct remote_ask asks[NODE_SLOTS];
	struct remote_send *sends, **sends_end;
	int n_sends;
	struct snapshot_reply replies[SNAPSHOT_REPLIES];
	size_t n_replies;
	struct snapshot *latest;      /* as it came */
	const struct snapshot *shown; /* with our replies; NULL: to be made anew */
	bool may_change;
	int64_t clock_ms; /* the node's clock is ahead of ours by so much */
	bool again;       /* try now */

	/* ---- of the wire's thread ---- */
	bool greeted, greeting, looking, streaming, dirty;
	int asking;
	bool sending;
	int tries;
	int64_t looked_ms, stream_ms;
	struct str line; /* of the stream */
};

/* ---- node_remote_link.c ---- */
extern const struct wire_ops remote_wire_ops;
void remote_wipe(char *text);
void remote_pop_send_locked(struct node_remote *r);
/*
 * Whatever waits to be sent is refused: nobody knows what will be true when it could be. under_way:
 * the first one was sent already.
 */
void remote_refuse_sends_locked(struct node_remote *r, bool under_way);

#endif
