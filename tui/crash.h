/*
 * crash - what must be undone on a terminal when the process dies: one prepared text and the
 * saved modes, written by nothing but async-signal-safe calls. Installed by term; the handlers may
 * run in any thread, the other functions belong to the main thread.
 */
#ifndef TUBEOPS_TUI_CRASH_H
#define TUBEOPS_TUI_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* Remembers what to restore on fd, and catches the signals of crashes and exit(). What does not
 * fit is left out. stderr_fd: where stderr belongs, -1 when it was not moved. */
void crash_arm(int fd, const struct termios *saved, const char *reset, size_t len, int stderr_fd);
/* Leaves everything as it was before crash_arm. */
void crash_disarm(void);

#endif
