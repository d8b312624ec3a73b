/*
 * signals - SIGINT, SIGTERM and SIGHUP for commands that work: a thread of its own takes them, so
 * that no handler and no global is needed and a command may block where it likes. The first INT or
 * TERM asks for a stop, a later one hurries the engine, HUP reopens the log; while there is a screen
 * it means that the terminal is gone, and what follows is for the command to decide.
 */
#ifndef TUBEOPS_SIGNALS_H
#define TUBEOPS_SIGNALS_H

#include "engine/base/err.h"
#include "engine/base/log.h"

struct engine;
struct signals;

/* Blocks the signals in the calling thread and those it starts from now on: call it before any. */
enum err signals_start(struct signals **out, bool has_screen, struct errbuf *eb) MUST_CHECK;
/*
 * Ends the thread; the signals stay blocked, as a late one must not kill a process that is leaving
 * with everything stored. NULL is allowed.
 */
void signals_end(struct signals *s);
/* Whom to hurry and whose file to reopen; borrowed, NULL takes it back. */
void signals_set_engine(struct signals *s, struct engine *e);
void signals_set_log(struct signals *s, struct log *lg);
/* Has somebody asked for a stop? Any thread. */
bool signals_stop_asked(struct signals *s);
/* Readable once somebody asked, or the terminal of a screen is gone; never read it. */
int signals_fd(const struct signals *s);
/* Did a HUP tell that the terminal is gone? Any thread. */
bool signals_hung_up(struct signals *s);
/* There is no screen any more: from now on HUP reopens the log. */
void signals_screen_gone(struct signals *s);
/* Sleeps until somebody asks for a stop. */
void signals_wait(struct signals *s);

#endif
