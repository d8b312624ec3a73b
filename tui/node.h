/*
 * node - what the console is a client of: the engine of this process (node_local.c), made-up data
 * (demo/), or another process's REST server (node_remote.h). Snapshots, commands, and everything longer than a
 * snapshot holds as resources: the same paths and JSON as REST. All calls are the screen's thread's
 * and none of them waits: answers come later, and wake_fd becomes readable then.
 */
#ifndef TUBEOPS_TUI_NODE_H
#define TUBEOPS_TUI_NODE_H

#include "engine/command.h"
#include "engine/snapshot.h"

#include <stdio.h>

enum { NODE_SLOTS = 256 };

struct node_answer {
	uint64_t id; /* of the question */
	int slot;
	int status; /* as HTTP has it; 0: the node could not be asked, text says why */
	char *text; /* JSON, owned by who took it; NULL: out of memory */
};

struct node;

/* Rows of GET /api/export/{what}, as CSV or JSON Lines. Texts are borrowed. */
struct node_export {
	const char *what;
	const char *format;  /* csv, jsonl */
	const char *q;       /* the filter; "": all */
	const char *sort;    /* "subs:desc"; "": the list's own */
	const char *channel; /* only what belongs to it; "": all */
};
/* Rows written so far; false asks for a stop. */
typedef bool node_export_fn(void *arg, int64_t rows);

/* How a node of another process is reached. */
enum node_link_state {
	NODE_LINK_HERE, /* it is in this process */
	NODE_LINK_OK,
	NODE_LINK_TRYING,  /* for the first time */
	NODE_LINK_LOST,    /* tried again at retry_ms */
	NODE_LINK_REFUSED, /* it does not let us in; tried again at retry_ms */
	NODE_LINK_DIFFERS  /* another version: not tried again by itself */
};

struct node_link {
	enum node_link_state state;
	int64_t since_ms, retry_ms; /* clock_mono_ms */
	char text[200];             /* what is the matter; "" */
};

struct node_ops {
	/* One more holder (snapshot_unref); NULL: none yet or no memory. */
	const struct snapshot *(*snapshot)(struct node *n);
	/* Texts are copied. The reply comes with a snapshot; 0: too many are waiting. */
	uint64_t (*send)(struct node *n, const struct command *c);
	/* Asks for a resource; an older question of the same slot is not answered any more. 0: too
	 * many are waiting. */
	uint64_t (*ask)(
	    struct node *n, int slot, const char *method, const char *path, const char *body);
	/* The next answer; false: none now. */
	bool (*take)(struct node *n, struct node_answer *a);
	/* To poll for; -1: none. */
	int (*wake_fd)(struct node *n);
	void (*close)(struct node *n);
	/* Both NULL of a node in this process. again: asks anew for all, or tries now to reach it. */
	void (*link)(struct node *n, struct node_link *out);
	void (*again)(struct node *n);
	/* Writes all rows to out. Waits, so it is called on a thread of its own, while the node lives.
	 * ERR_CANCELLED: go_on said so. NULL: it has nothing but what lists hold. */
	enum err (*export)(struct node *n, const struct node_export *x, FILE *out,
	    node_export_fn *go_on, void *arg, int64_t *rows, struct errbuf *eb);
};

/* The head of every kind of node. */
struct node {
	const struct node_ops *ops;
	const struct job_type_info *const *types; /* kinds of jobs, NULL-terminated */
	bool read_only;                           /* may change with a snapshot, as clock_ms does */
	int64_t clock_ms;                         /* its clock is ahead of ours by so much */
	bool hurries;    /* answers at once: whoever draws only one picture need not wait */
	bool leaves;     /* leaving the console stops its work */
	bool hands_over; /* unless a process without a screen takes it over */
};

const struct snapshot *node_snapshot(struct node *n);
uint64_t node_send(struct node *n, const struct command *c);
uint64_t node_ask(struct node *n, int slot, const char *method, const char *path, const char *body);
bool node_take(struct node *n, struct node_answer *a);
int node_wake_fd(struct node *n);
void node_link(struct node *n, struct node_link *out);
void node_again(struct node *n);
/* NULL is allowed. */
void node_close(struct node *n);

/* Adds text to a query, everything encoded that one may not hold. */
struct str;
void node_add_query(struct str *out, const char *text);

struct engine;

/* The engine of this process, borrowed. NULL: no memory. */
struct node *node_local_open(struct engine *e, bool read_only);

#endif
