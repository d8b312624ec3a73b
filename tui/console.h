/*
 * console - the interactive screen: a loop that waits for keys, signals and time, takes snapshots,
 * sends commands. Runs on the main thread until somebody leaves; the engine is borrowed and goes
 * on. Reaches it through engine.h alone.
 */
#ifndef TUBEOPS_TUI_CONSOLE_H
#define TUBEOPS_TUI_CONSOLE_H

#include "engine/engine.h"
#include "tui/screen.h"

struct console_config {
	const char *log_path; /* stderr goes there meanwhile; NULL: nowhere */
	bool ascii;           /* no UTF-8 even where the locale has it */
	int colours;          /* -1: what the terminal and NO_COLOR say; 0: none */
	bool read_only;
	int refresh_ms; /* between snapshots while something works; 0: 500 */
	int signal_fd;  /* readable when the process shall end; never read here; -1: none */
};

enum console_exit {
	CONSOLE_QUIT,      /* somebody left */
	CONSOLE_SIGNALLED, /* signal_fd is readable */
	CONSOLE_LOST,      /* the terminal is gone */
	CONSOLE_HANDOVER,  /* somebody left, and a process without a screen shall go on */
	CONSOLE_FAILED     /* it could not be opened; eb says why */
};

/* The terminal is as it was when this returns. Sets the locale of the process. */
enum console_exit console_run(
    struct engine *e, const struct console_config *cfg, struct errbuf *eb);

#endif
