/*
 * ledger - keys, projects and the units they may spend. The key of the book is (project, bucket,
 * Pacific date). Units are leased in small numbers and the lease is on the disk before the first
 * of them is used: a crash can waste a few units, never overspend. Any thread; one mutex (rank
 * "ledger"), and its own SQLite file quota.db beside the staging file, whose only connection it
 * owns. Secrets stay inside: others see names and fingerprints.
 */
#ifndef TUBEOPS_QUOTA_LEDGER_H
#define TUBEOPS_QUOTA_LEDGER_H

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"
#include "engine/base/settings.h"
#include "engine/quota/plan.h"
#include "engine/youtube/fault.h"
#include "engine/youtube/method.h"

struct ledger;

struct ledger_config {
	const char *path;                /* of quota.db */
	const struct settings *settings; /* YOUTUBE_API_KEY_#…, API_RATE_LIMIT_DELAY */
	struct log *log;
	int64_t (*now)(void);     /* UTC seconds; NULL: clock_now */
	int64_t (*mono_ms)(void); /* for pauses and rates; NULL: clock_mono_ms */
	int lease_units;          /* per lease at least; 0: 20 */
	bool read_only;           /* looks, never leases */
};

enum key_state { KEY_OK, KEY_COOLING, KEY_SPENT, KEY_REFUSED, KEY_OFF, KEY_UNTESTED };
const char *key_state_word(enum key_state state); /* ok cooling spent refused off untested */

enum { LEDGER_HOURS = 25, LEDGER_WEEK = 7 };

/* Units of the common bucket that went through a key on one day. */
struct ledger_key_day {
	int64_t units;
	int64_t failed; /* of them: for calls that brought nothing */
};

struct ledger_key {
	int64_t id;
	char name[64];
	char project[64];
	char print[8];    /* fingerprint */
	char reason[128]; /* why it is refused or off */
	bool from_settings;
	enum key_state state;
	int64_t limit[BUCKET_COUNT]; /* of its project, a day */
	int64_t
	    used[BUCKET_COUNT]; /* by its project today, leases included: never below the truth */
	int64_t calls;          /* by this key today */
	int64_t errors;         /* of them: failed by this key's or the server's fault */
	int64_t last_used;      /* UTC seconds, 0 never */
	int64_t until;          /* when cooling or spent ends; 0 */
	struct ledger_key_day week[LEDGER_WEEK]; /* [0]: today */
	int64_t per_hour; /* units of the common bucket through it in the last 60 minutes */
	int64_t spent_at; /* when YouTube said that its project's units are spent today; 0 */
};

/* One bucket of all projects today. */
struct ledger_day {
	int64_t day;                    /* Pacific */
	int64_t per_day;                /* of usable projects */
	int64_t left;                   /* of them today */
	int64_t spent[STAGE_COUNT + 1]; /* by anybody; last: for no stage, or it is not known */
	int64_t failed;                 /* of them: for calls that brought nothing */
	int64_t hours[LEDGER_HOURS];    /* units by hour since the day began */
	int n_hours;                    /* of this day: 23, 24 or 25 */
	int64_t left_over;              /* of yesterday, never spent; -1: not known */
};

struct ledger_bucket {
	int64_t limit, used, left;
	int64_t per_hour;   /* in the last 60 minutes */
	int64_t refused_at; /* when YouTube said that it is spent, whatever the book says; 0 */
	int64_t cool_until; /* UTC seconds; 0 or past: it does not */
};

struct ledger_project_look {
	char name[64];
	char refused[128];
	int keys, usable;
	struct ledger_bucket buckets[BUCKET_COUNT];
};

/* A permission for one call. Given back by ledger_settle, always. */
struct ledger_ticket {
	int64_t key;
	enum method method;
	int64_t day;
	const struct secret *secret; /* borrowed until settled */
	char key_name[64];
	int64_t
	    also_day[2]; /* other days whose books hold the unit too (around midnight); 0 none */
	uint64_t serial; /* tickets are numbered from 1 */
	enum stage stage;
	int64_t at; /* UTC seconds when it was taken */
};

enum err ledger_open(
    struct ledger **out, const struct ledger_config *cfg, struct errbuf *eb) MUST_CHECK;
/* Gives unspent parts of leases back. */
void ledger_close(struct ledger *l);

/*
 * Picks a key for a call of this method: active, not cooling, with room in the bucket; the project
 * with most left, in it the key used longest ago. The unit is booked when this returns ERR_OK.
 * ERR_BUSY: all usable keys pause for their rate until *until_ms (clock_mono_ms).
 * ERR_QUOTA: all is spent or cooling until *until (UTC seconds, the next Pacific midnight or sooner).
 * ERR_UNAVAIL: there is no usable key at all; text says what to do.
 * stage: whose units these are; whether it may spend them is the plan's business, not asked here.
 */
enum err ledger_take(struct ledger *l, enum method method, enum stage stage,
    struct ledger_ticket *t, int64_t *until_ms, int64_t *until, struct errbuf *eb) MUST_CHECK;
/*
 * Ends a call: what its answer does to key and bucket. sent false: the call never left this
 * machine and its unit goes back (fault may be NULL then). retry_after_s: -1 unknown.
 */
void ledger_settle(struct ledger *l, struct ledger_ticket *t, bool sent,
    const struct fault_info *fault, int64_t retry_after_s);

/* Copies at most max keys; returns how many there are. */
size_t ledger_keys(struct ledger *l, struct ledger_key *keys, size_t max);
/* The day under way. May read the book. */
void ledger_day(struct ledger *l, enum bucket b, struct ledger_day *out);
/* Projects with keys, at most max; returns how many there are. */
size_t ledger_projects(struct ledger *l, struct ledger_project_look *out, size_t max);
/* Units that all usable keys have left today in a bucket; and a day's sum. */
int64_t ledger_left(struct ledger *l, enum bucket b);
int64_t ledger_per_day(struct ledger *l, enum bucket b);
/* UTC seconds of the next Pacific midnight. */
int64_t ledger_reset_at(struct ledger *l);
/* A number that grows with every change that may let a waiting job go on (new day, key enabled or
 * added). May read and write the book. */
uint64_t ledger_generation(struct ledger *l);

/* name and project may be NULL: made up. limit 0: the default. ERR_EXISTS for a known key. */
enum err ledger_key_add(struct ledger *l, const struct secret *key, const char *name,
    const char *project, int64_t limit, int64_t *id, struct errbuf *eb) MUST_CHECK;
/* By name or fingerprint. ERR_NOTFOUND; ERR_DENIED to remove one that stands in the settings. */
enum err ledger_key_enable(
    struct ledger *l, const char *which, bool on, struct errbuf *eb) MUST_CHECK;
enum err ledger_key_remove(struct ledger *l, const char *which, struct errbuf *eb) MUST_CHECK;
/*
 * Puts a key into another project, whose units it shares from then on; what it spent stays booked
 * where it was. ERR_DENIED: its project stands in the settings. ERR_BUSY: a call with it is under way.
 */
enum err ledger_key_group(
    struct ledger *l, const char *which, const char *project, struct errbuf *eb) MUST_CHECK;
/* A ticket for exactly this key, whatever its state (for tests of keys); books the unit. */
enum err ledger_take_key(struct ledger *l, const char *which, enum method method,
    struct ledger_ticket *t, struct errbuf *eb) MUST_CHECK;

#endif
