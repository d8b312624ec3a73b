/*
 * console - a session on a terminal: a loop that waits for keys, signals, answers and time. Runs on
 * the main thread until somebody leaves; the node is borrowed and goes on. ":attach" puts another
 * node's session over the first one, which goes on as well and is shown again after ":detach".
 */
#ifndef TUBEOPS_TUI_CONSOLE_H
#define TUBEOPS_TUI_CONSOLE_H

#include "engine/base/err.h"
#include "tui/session.h"

struct console_config {
	struct node *node;    /* borrowed */
	const char *log_path; /* stderr goes there meanwhile; NULL: nowhere */
	bool ascii;           /* no UTF-8 even where the locale has it */
	int colours;          /* -1: what the terminal and NO_COLOR say; 0: none */
	int refresh_ms;       /* between snapshots while something works; 0: 500 */
	int undo_ms;          /* 0: the usual 5 s; below 0: nothing waits */
	int signal_fd;        /* readable when the process shall end; never read here; -1: none */
	const char *theme;    /* NULL: as the user's settings say */
	/* Opens the node that the words behind ":attach" name, which the console closes; NULL and eb:
	 * why not. NULL: there is no other node to be had. */
	struct node *(*attach)(void *arg, const char *words, struct errbuf *eb);
	void *arg;
};

enum console_exit {
	CONSOLE_QUIT,      /* somebody left */
	CONSOLE_SIGNALLED, /* signal_fd is readable */
	CONSOLE_LOST,      /* the terminal is gone */
	CONSOLE_HANDOVER,  /* somebody left, and a process without a screen shall go on */
	CONSOLE_FAILED     /* it could not be opened; eb says why */
};

/* The terminal is as it was when this returns. Sets the locale of the process. */
enum console_exit console_run(const struct console_config *cfg, struct errbuf *eb);

#endif
