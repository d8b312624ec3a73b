/*
 * signals - SIGINT, SIGTERM and SIGHUP for commands that work: a thread of its own takes them, so
 * that no handler and no global is needed and a command may block where it likes. The first INT or
 * TERM asks for a stop, a later one hurries the engine, HUP reopens the log (or, for a screen,
 * means that the terminal is gone: it asks for a stop then).
 */
#ifndef TUBEOPS_SIGNALS_H
#define TUBEOPS_SIGNALS_H

#include "engine/base/err.h"
#include "engine/base/log.h"

struct engine;
struct signals;

/* Blocks the signals in the calling thread and those it starts from now on: call it before any. */
enum err signals_start(struct signals **out, bool hangup_stops, struct errbuf *eb) MUST_CHECK;
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
/* Readable once somebody asked; never read it. */
int signals_fd(const struct signals *s);
/* Sleeps until then. */
void signals_wait(struct signals *s);

#endif
