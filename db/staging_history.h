/*
 * staging_history - what was done with one channel, and what it leads to. Any connection.
 */
#ifndef TUBEOPS_DB_STAGING_HISTORY_H
#define TUBEOPS_DB_STAGING_HISTORY_H

#include "db/staging.h"

/* How one operation stands with a channel. */
struct channel_event {
	enum item_state state;
	int64_t at;  /* UTC seconds: done, missed last (a Pacific day), given up; 0: not known */
	int64_t job; /* that missed it or gave it up; 0: not known */
	int64_t attempts;
	char reason[160]; /* of what was given up; "" */
};

struct channel_links {
	int64_t to, to_new; /* discoveries that it led to; those that were not known */
	int64_t from;       /* discoveries that led to it */
};

/* ERR_NOTFOUND. */
enum err staging_channel_events(struct staging *s, const struct cid *cid,
    struct channel_event events[OP_COUNT], struct errbuf *eb) MUST_CHECK;
enum err staging_channel_links(struct staging *s, const struct cid *cid, struct channel_links *out,
    struct errbuf *eb) MUST_CHECK;

#endif
