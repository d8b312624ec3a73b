/*
 * rows - the shapes that storage speaks: what a channel, a job, an outbox entry is. Plain data;
 * texts are borrowed by storage for the time of a call and NULL means "not known", never "".
 */
#ifndef TUBEOPS_DB_ROWS_H
#define TUBEOPS_DB_ROWS_H

#include "engine/base/ids.h"

#include <stdbool.h>
#include <stdint.h>

/* What can be done to a channel; each has a state column of its own. */
#define OP_LIST(X)                 \
	X(OP_METADATA, "metadata") \
	X(OP_VIDEOS, "videos")     \
	X(OP_DISCOVERY, "discovery")

enum op {
#define OP_ENUM(name, word) name,
	OP_LIST(OP_ENUM)
#undef OP_ENUM
	    OP_COUNT,
	OP_NONE = OP_COUNT
};

/*
 * Every channel is in exactly one state per operation. ABSENT is the first absence: it counts as
 * pending, but is not asked again on the same Pacific day; a second one makes it MISSING.
 */
#define ITEM_STATE_LIST(X)         \
	X(ITEM_PENDING, "pending") \
	X(ITEM_DONE, "done")       \
	X(ITEM_ABSENT, "absent")   \
	X(ITEM_MISSING, "missing") \
	X(ITEM_FAILED, "failed")

enum item_state {
#define ITEM_STATE_ENUM(name, word) name,
	ITEM_STATE_LIST(ITEM_STATE_ENUM)
#undef ITEM_STATE_ENUM
	    ITEM_STATE_COUNT
};

const char *op_word(enum op op);
const char *item_state_word(enum item_state state);

enum { COUNT_NONE = -1 }; /* a count that YouTube hides or does not send: NULL, never 0 */

/* A list of texts as YouTube sends it; stored as a JSON array, in PostgreSQL as TEXT[]. */
struct text_list {
	const char *const *items;
	int n; /* -1: not known (NULL); 0: empty */
};

/* What channels.list told about one channel. */
struct channel_meta {
	struct cid cid;
	const char *title;
	const char *description;
	const char *custom_url; /* "@handle" */
	const char *country;
	const char *default_language;
	const char *thumbnail_url;
	const char *banner_url;
	const char *privacy_status;
	const char *etag;
	int64_t published_at; /* UTC seconds; INT64_MIN: not known */
	int64_t subscriber_count;
	int64_t video_count;
	int64_t view_count;
	int hidden_subscribers; /* 0, 1, -1 not known */
	int made_for_kids;      /* 0, 1, -1 not known */
	struct text_list keywords;
	struct text_list topics; /* Wikipedia addresses */
	const char *language;    /* BCP 47, "und" when nothing was reliable, NULL when no text */
	const char *language_source;
	int language_confidence; /* 0..100 */
	int64_t fetched_at;      /* UTC seconds */
};

enum { VIDEO_UNKNOWN = -1 }; /* a number that was not sent: NULL, never 0 */

/* What videos.list told about one video. */
struct video_row {
	int64_t vid;
	struct cid channel;
	const char *title;
	const char *description;
	const char *duration; /* ISO 8601 as sent; NULL: a running premiere */
	const char *thumbnail_url;
	const char *live_state; /* none, upcoming, live */
	const char *default_language;
	const char *audio_language;
	const char *privacy_status;
	int64_t published_at; /* UTC seconds; INT64_MIN: not known */
	int64_t duration_s;   /* 0 for P0D (live, upcoming); VIDEO_UNKNOWN */
	int64_t category;     /* VIDEO_UNKNOWN: not sent */
	int64_t view_count;   /* COUNT_NONE: hidden or off */
	int64_t like_count;
	int64_t comment_count;
	int made_for_kids; /* 0, 1, -1 not known */
	struct text_list tags;
	const char *language; /* as in channel_meta */
	const char *language_source;
	int language_confidence;
	int64_t fetched_at; /* UTC seconds */
	int64_t counted_at; /* when the counts were read: fetched_at or later */
	int64_t absent_day; /* Pacific day on which it was asked for and not returned; 0: it was */
};

/* The counts of one stored video anew (videos:batchGetStats). */
struct video_counts {
	int64_t vid;
	struct cid channel;
	bool absent; /* asked for and not returned: only absent_day is stored */
	int64_t view_count, like_count, comment_count; /* COUNT_NONE: not sent */
	int64_t counted_at;                            /* UTC seconds */
	int64_t day;                                   /* Pacific day of counted_at */
};

/* What a walk along the uploads of one channel found. */
struct upload_list_row {
	struct cid cid;
	int64_t listed; /* videos */
	bool truncated; /* it stopped at the 20,000 that YouTube shows */
	bool empty;     /* 404: no public uploads */
	int64_t at;     /* UTC seconds */
};

/* One channel led to another. */
struct edge_row {
	struct cid source;
	struct cid target;
	const char *method;            /* youtube_featured … */
	const char *service;           /* as the original's service_name */
	double confidence;             /* 0..1 of this method */
	int64_t seen;                  /* times */
	bool known;                    /* the target stood in staging before it was found */
	int64_t first_seen, last_seen; /* UTC seconds */
};

/* A name that is no id, and what is known of it: the cache of hits and misses. */
struct handle_row {
	const char *kind;      /* handle, user, custom */
	const char *name;      /* lower case, without @ */
	enum item_state state; /* PENDING, DONE (cid), MISSING (nobody has it), FAILED */
	struct cid cid;
	int64_t mentions;   /* channels whose texts hold it */
	int64_t checked_at; /* UTC seconds, 0: never asked */
};

/* A channel as lists, exports and the sync read it. */
struct channel_row {
	struct cid cid;
	const char *source;       /* of its origin: migration, discovery, bulk_upload … */
	const char *import_title; /* as it was imported */
	const char *import_description;
	int64_t created_at;
	enum item_state state[OP_COUNT];
	bool has_meta;
	struct channel_meta meta; /* valid when has_meta */
};

#define JOB_STATUS_LIST(X)                      \
	X(JOB_PENDING, "pending", true)         \
	X(JOB_RUNNING, "running", true)         \
	X(JOB_WAITING, "waiting", true)         \
	X(JOB_PAUSED, "paused", true)           \
	X(JOB_INTERRUPTED, "interrupted", true) \
	X(JOB_CANCELLED, "cancelled", false)    \
	X(JOB_COMPLETED, "completed", false)    \
	X(JOB_FAILED, "failed", false)

enum job_status {
#define JOB_STATUS_ENUM(name, word, open) name,
	JOB_STATUS_LIST(JOB_STATUS_ENUM)
#undef JOB_STATUS_ENUM
	    JOB_STATUS_COUNT
};

const char *job_status_word(enum job_status status);
bool job_status_parse(const char *word, enum job_status *out);
/* May it still do something? */
bool job_status_is_open(enum job_status status);

enum { JOB_REASON_SIZE = 160, JOB_TYPE_SIZE = 32 };

struct job_row {
	int64_t no; /* J-1001 …; 0 before it is stored */
	struct uuid uuid;
	char type[JOB_TYPE_SIZE];
	enum job_status status;
	char reason
	    [JOB_REASON_SIZE]; /* why it waits, pauses, failed; "" when there is nothing to say */
	int64_t until;         /* UTC seconds when it goes on by itself; 0 not known */
	const char *params;    /* JSON object; borrowed from whoever filled the row */
	int64_t total;         /* -1: not known yet */
	int64_t processed;     /* done + missing + absent + failed; absent ones count as pending */
	int64_t done, missing, absent, failed;
	int64_t units;
	int64_t created_ms, started_ms, completed_ms; /* UTC ms; 0: not yet */
	int64_t worked_ms;                            /* time it was running, over all restarts */
	int weight;                                   /* its share of the workers, 1..100 */
	int64_t day, day_units;                       /* units spent on Pacific day `day` */
};

/* What one commit adds to a job. */
struct job_count {
	int64_t done, missing, absent, failed, units;
	int64_t day; /* Pacific day that the units were spent on; 0: today's is not counted */
};

/* A channel that an operation gave up on. */
struct dead_letter {
	struct cid cid;
	enum op op;
	const char *reason;
	const char *message;
	int attempts;
	int64_t job;
	int64_t at;
};

/* An import kept aside because it names a channel in a form that costs a call to resolve. */
struct unresolved_row {
	const char *kind; /* "handle", "user", "custom" */
	const char *name;
	const char *title; /* NULL: none */
	int64_t line;
};

enum outbox_kind {
	OUTBOX_ALL = 1,     /* everything; key: how far a walk in key order has come */
	OUTBOX_ORIGIN = 2,  /* all channels of one import: origin in num, walk in key */
	OUTBOX_CHANNEL = 3, /* key: cid */
	OUTBOX_JOB = 4,     /* num: job number */
	OUTBOX_VIDEOS = 5,  /* key: the channel whose videos changed */
	OUTBOX_EDGES = 6,   /* key: the channel whose discoveries changed */
	OUTBOX_ERASE = 7, /* key: the channel that is to be gone there with all that hangs on it */
	OUTBOX_FORGET =
	    8 /* key: what was fetched of this channel before UTC second num is to be gone */
};

struct outbox_row {
	int64_t seq;
	enum outbox_kind kind;
	int64_t num;
	bool has_key;
	struct cid key;
};

/* Whole-file numbers, kept exact in the writer's transactions. */
struct counters {
	int64_t channels;
	int64_t items[OP_COUNT][ITEM_STATE_COUNT];
	int64_t videos;
	int64_t edges;
	int64_t unresolved;
	int64_t outbox;
};

#endif
