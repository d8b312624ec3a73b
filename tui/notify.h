/*
 * notify - news for the service manager that started this process: ready, stopping, how it goes, and
 * beats of its watchdog. One datagram each to the socket that NOTIFY_SOCKET names (sd_notify(3));
 * without one, all of this does nothing. Main thread only.
 */
#ifndef TUBEOPS_NOTIFY_H
#define TUBEOPS_NOTIFY_H

#include "engine/base/err.h"

struct notify;

/* *out is NULL when no service manager waits for news; every function takes that. */
enum err notify_open(struct notify **out, struct errbuf *eb) MUST_CHECK;
void notify_close(struct notify *n);
/*
 * Sends assignments, one a line, as "READY=1\nSTATUS=two jobs". Blocks for a second at most, when the
 * manager reads nothing.
 */
enum err notify_send(const struct notify *n, struct errbuf *eb, const char *fmt, ...)
    PRINTF_LIKE(3, 4) MUST_CHECK;
/*
 * Milliseconds from one beat to the next: a third of what the watchdog allows, at most 10 s; -1
 * without a service manager.
 */
int notify_every_ms(const struct notify *n);
/* What a beat begins with: "WATCHDOG=1\n" when a watchdog waits for this process, else "". */
const char *notify_beat(const struct notify *n);

#endif
