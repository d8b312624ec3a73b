/*
 * ledger_parts - what the files of the ledger share; for engine/quota/ledger*.c alone. Functions
 * that end in _locked expect the ledger's mutex to be held; ledger_load works before there is a
 * second thread.
 */
#ifndef TUBEOPS_QUOTA_LEDGER_PARTS_H
#define TUBEOPS_QUOTA_LEDGER_PARTS_H

#include "db/quota_store.h"
#include "engine/quota/ledger.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LEDGER_LEASE = 20,        /* units at least */
	LEDGER_LEASE_SHARE = 500, /* of a day's units in one lease: what a crash may cost */
	LEDGER_LEASE_MOST = 1000,
	LEDGER_BOTH_DAYS_S = 120, /* around midnight a call must fit into the books of both days */
	LEDGER_PROBE_S = 60,      /* after midnight one call at a time for each project */
	LEDGER_LAG_S = 600,       /* after midnight the server may still count the old day */
	LEDGER_LAG_PAUSE_S = 60,
	LEDGER_CLOCK_DAYS = 2, /* a newest day further ahead is a clock that once was wrong */
	LEDGER_GAP_LEAST_MS = 100,
	LEDGER_GAP_MOST_MS = 60000,
	LEDGER_PAUSE_MS = 1000, /* after a call that came too fast, unless the server says more */
	LEDGER_PROBE_WAIT_MS = 250,
	LEDGER_DAYS = 3,      /* that one call may be booked on */
	LEDGER_KEEP_DAYS = 35 /* for which it is known what units were spent on */
};

/* One bucket of a project on one day. */
struct ledger_book {
	struct ledger_book *next;
	enum bucket bucket;
	int64_t day;
	int64_t used;    /* as on the disk: leases included */
	int64_t unspent; /* part of this process's leases that is not used yet */
	int64_t spent_at;
};

/* Units of a book in one hour, through one key, for one stage. */
struct ledger_tally {
	struct ledger_tally *next;
	const struct ledger_project *project;
	enum bucket bucket;
	enum stage stage;
	int64_t day, key;
	int hour;
	int64_t units, failed;
	bool changed; /* differs from the disk */
};

struct ledger_project {
	struct ledger_project *next;
	char name[64];
	char refused[128]; /* "" when it is not */
	int64_t limit[BUCKET_COUNT];
	int64_t cool_until[BUCKET_COUNT]; /* UTC seconds */
	int in_flight;
	struct ledger_book *books;
};

struct ledger_slot {
	struct ledger_slot *next;
	int64_t id;
	char name[64];
	char print[8];
	char refused[128];
	struct ledger_project *project;
	struct secret *secret;
	int settings_n; /* its number there; 0: added by hand */
	bool enabled;
	bool removed; /* only waits for its last ticket */
	bool changed; /* differs from the disk */
	int64_t quota;
	int64_t errors, calls, calls_day;
	int64_t last_used, last_ok;
	int in_flight;
	int64_t next_ms;        /* monotonic: no call before it */
	int64_t pause_ms;       /* the same, because the server asked for it */
	int64_t gap_ms;         /* between calls after being too fast; 0: only the setting's */
	int64_t gap_at_ms;      /* when gap_ms was last made or eased */
	uint64_t slowed_serial; /* newest ticket when it was slowed: older ones tell nothing new */
	int unnamed;            /* limits in a row that named neither minute nor day */
	uint64_t turn;          /* serial of its last ticket */
	struct ledger_key_day week[LEDGER_WEEK]; /* before yesterday; of l->week_of */
};

struct ledger {
	pthread_mutex_t
	    lock; /* guards all below; rank "ledger"; the log's lock may be taken under it */
	struct quota_store *store; /* NULL: looking, and there is no file */
	struct log *log;
	int64_t (*now)(void);
	int64_t (*mono_ms)(void);
	int64_t lease_units;
	bool read_only;
	int64_t gap_ms;
	struct ledger_slot *keys;
	struct ledger_project *projects;
	struct ledger_tally *tallies; /* of yesterday and today, newest first */
	int64_t week_of;              /* Pacific day that the weeks of keys are counted from; 0 */
	int64_t looked_ms;            /* read_only: when tallies were read */
	int64_t newest_day;           /* of all books */
	int64_t seen_day;
	int64_t warned_day;
	uint64_t generation;
	uint64_t serial;
};

/* The times and days of one question. */
struct ledger_moment {
	int64_t now, mono_ms;
	int64_t days[LEDGER_DAYS]; /* [0] is today */
	int n_days;
};

/* ---- ledger_load.c ---- */
enum err ledger_load(
    struct ledger *l, const struct settings *settings, struct errbuf *eb) MUST_CHECK;
void ledger_slot_free(struct ledger_slot *s);
/* Finds or makes it; NULL when out of memory. */
struct ledger_project *ledger_project_get(struct ledger *l, const char *name);
/* What its keys say its buckets hold a day. */
void ledger_limits_locked(struct ledger *l);
/* A slot without id and project from a text with blanks around; says why it is no key. */
enum err ledger_slot_new(
    struct ledger_slot **out, const char *text, size_t len, struct errbuf *eb) MUST_CHECK;
bool ledger_looks_like_key(const struct secret *key);
/* The row to store for it; borrows its texts. */
struct quota_key_row ledger_slot_row(const struct ledger_slot *s);
void ledger_append(struct ledger_slot **list, struct ledger_slot *s);
/* A name of a key or a project: 1 to 63 bytes of clean text in one line. */
enum err ledger_check_name(const char *what, const char *name, struct errbuf *eb) MUST_CHECK;

/* ---- ledger_book.c ---- */
void ledger_moment_locked(struct ledger *l, struct ledger_moment *m);
/* NULL when it cannot be read; it then counts as spent. */
struct ledger_book *ledger_book_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t day, struct errbuf *eb);
/* Units left on all days of the moment; 0 when one is spent. */
int64_t ledger_room_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, const struct ledger_moment *m);
/* When there may be room again, at the latest the next midnight. */
int64_t ledger_room_at_locked(struct ledger *l, struct ledger_project *p, enum bucket b,
    int64_t cost, const struct ledger_moment *m);
/*
 * Books cost on all days of the moment for this key and stage, leasing more where needed. ERR_QUOTA
 * without room. whatever: also when YouTube has said that the bucket is spent.
 */
struct ledger_want {
	struct ledger_slot *slot;
	enum bucket bucket;
	enum stage stage;
	int64_t cost;
	bool whatever;
};
enum err ledger_reserve_locked(struct ledger *l, const struct ledger_want *want,
    const struct ledger_moment *m, struct errbuf *eb) MUST_CHECK;
void ledger_refund_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t cost, int64_t day);
void ledger_mark_spent_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t day, int64_t now);
/* Gives what is left of leases back; of days before before_day alone, and forgets those books. */
void ledger_give_back_locked(struct ledger *l, int64_t before_day);
/* Writes changed keys; inside the caller's transaction. */
enum err ledger_save_keys_locked(struct ledger *l, struct errbuf *eb) MUST_CHECK;
/* The same in a transaction of its own; trouble goes to the log. */
void ledger_save_now_locked(struct ledger *l);

/* ---- ledger_tally.c ---- */
/* Finds or makes it; NULL when out of memory. at: UTC seconds of the call. */
struct ledger_tally *ledger_tally_locked(struct ledger *l, const struct ledger_slot *s,
    enum bucket b, enum stage stage, int64_t day, int64_t at);
/* Adds to the tallies of a ticket, on all days that it is booked on. */
void ledger_tally_change_locked(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_ticket *t, int64_t units, int64_t failed);
/* Inside the caller's transaction: writes the changed ones of this book; mine with rest units more. */
enum err ledger_tally_save_locked(struct ledger *l, const struct ledger_project *p,
    const struct ledger_book *book, const struct ledger_tally *mine, int64_t rest,
    struct errbuf *eb) MUST_CHECK;
/* After the commit. */
void ledger_tally_saved_locked(struct ledger *l, const struct ledger_project *p,
    const struct ledger_book *book, const struct ledger_tally *mine);
/* Inside the caller's transaction: those of days before before_day, whose leases were given back. */
enum err ledger_tally_save_days_locked(
    struct ledger *l, int64_t before_day, struct errbuf *eb) MUST_CHECK;
void ledger_tally_drop_locked(struct ledger *l, int64_t before_day);
/* Those of yesterday and today, from the disk. */
enum err ledger_tally_load_locked(struct ledger *l, int64_t today, struct errbuf *eb) MUST_CHECK;
void ledger_tally_key_locked(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_moment *m, struct ledger_key *k);

/* ---- ledger_keys.c ---- */
bool ledger_slot_is_usable(const struct ledger_slot *s);
/* Has it a key that may be used? */
bool ledger_project_is_usable(const struct ledger *l, const struct ledger_project *p);
struct ledger_slot *ledger_find_locked(
    struct ledger *l, const char *which, enum err *err, struct errbuf *eb);
void ledger_drop_removed_locked(struct ledger *l);

#endif
