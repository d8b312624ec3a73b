/*
 * search_run - the owner's side of a search: one chunk of sources goes through the chosen methods,
 * then what they want looked up, then every channel that staging does not know is confirmed, 50 a
 * call. A search outlives failed calls: nothing that was answered is asked again. One thread at a
 * time; the worker that goes on with a chunk calls search_use first.
 */
#ifndef TUBEOPS_DISCOVERY_SEARCH_RUN_H
#define TUBEOPS_DISCOVERY_SEARCH_RUN_H

#include "db/staging_discovery.h"
#include "engine/base/arena.h"
#include "engine/discovery/search.h"

enum { SEARCH_SOURCES = 50 };

/* What the owner gives for the time until it returns. */
struct search_config {
	/* One API call; errors as work_call. search_calling says on whose behalf. */
	enum err (*call)(void *arg, enum method method, const char *query,
	    struct client_reply *reply, struct errbuf *eb);
	/* For a 200 whose body makes no sense; returns ERR_BUSY. */
	enum err (*torn)(void *arg, struct errbuf *eb);
	/* May this channel be taken? NULL: every one. */
	enum err (*allowed)(void *arg, const struct cid *target, bool *yes, struct errbuf *eb);
	void *arg;
	struct json_reader *json;
	struct staging *reader; /* shows what was committed */
	const json_t *params;   /* of the job, checked */
	struct arena *arena;    /* for the rows of search_brought */
	/* of external services; as in struct provider_asking, wait gets `arg` */
	struct providers *providers;
	bool (*wait)(void *arg, int64_t until_ms);
	const atomic_bool *stop;
};

/* What is known of a channel that was found. */
enum search_target_state {
	TARGET_UNSEEN,      /* staging was not asked yet */
	TARGET_KNOWN,       /* stands in staging */
	TARGET_NEW,         /* does not, and YouTube was not asked yet */
	TARGET_CONFIRMED,   /* YouTube returned it */
	TARGET_MISSING,     /* YouTube did not */
	TARGET_UNCONFIRMED, /* handed over without having been asked */
	TARGET_REFUSED      /* YouTube refuses to look for it */
};

struct search_target {
	struct cid cid;
	enum search_target_state state;
	int depth;         /* of the source that led to it first, plus 1 */
	struct cid source; /* that one */
	const char *title; /* NULL; in the search's memory */
	uint32_t methods;  /* that found it, by position among the chosen */
	uint32_t first;    /* position of the one that found it first */
	int at;            /* of a source that led to it */
	bool is_handed;    /* handed over as unconfirmed: the owner's note */
};

/* One channel that a call told about, to be stored at once: it is right by itself. */
struct search_brought {
	struct search_target target;
	const struct channel_meta *meta; /* in config.arena; NULL: YouTube did not return it */
};

/* One method's find for one source. */
struct search_find {
	int at;
	int method; /* by position among the chosen */
	struct cid target;
	const char *service;
	double confidence;
	int64_t seen;
	const char *title; /* NULL; in the search's memory */
	int before;        /* the search's own: the find before it of this source and method; -1 */
};

enum search_note_kind { NOTE_COUNT, NOTE_STATE, NOTE_SIGHT };

/* What a method left behind besides finds. */
struct search_note {
	enum search_note_kind kind;
	const char *method; /* its name */
	struct cid source;
	const char *who;   /* of COUNT; NULL: the method itself */
	const char *what;  /* of COUNT: the number; of STATE: the state */
	int64_t seen;      /* of COUNT: how much; of SIGHT: how often */
	struct cid target; /* of SIGHT, and what follows */
	const char *title; /* NULL; in the search's memory */
	const char *service;
	double confidence;
	int depth; /* of the source, plus 1 */
};

/* Checks the parameters that choose methods: names that are none are errors that list them. */
enum err search_check(const json_t *params, struct errbuf *eb) MUST_CHECK;
enum err search_new(struct search **out, const json_t *params, struct errbuf *eb) MUST_CHECK;
void search_free(struct search *s);
void search_use(struct search *s, const struct search_config *cfg);

int search_n_methods(const struct search *s);
const struct discovery_method *search_method_at(const struct search *s, int i);

/*
 * Lets every method of this turn that has not looked at this source look at it.
 * at: 0..SEARCH_SOURCES - 1, for good. Errors of calls as they are; a method whose request is refused (ERR_DENIED, ERR_INVALID)
 * is done with this source, the others go on.
 */
enum err search_source(struct search *s, int at, const struct channel_row *row, int depth,
    enum search_turn turn, struct errbuf *eb) MUST_CHECK;
/* Videos and handles that are wanted. */
enum err search_look_up(struct search *s, struct errbuf *eb) MUST_CHECK;
/* Channels that were found and that staging does not know. */
enum err search_confirm(struct search *s, struct errbuf *eb) MUST_CHECK;
/* Forgets a source that its owner gave up on. */
void search_drop(struct search *s, int at);

/* For config.call: the method that a call is for, NULL when it confirms channels; and the sources. */
const struct discovery_method *search_calling(const struct search *s, int *from, int *upto);
/* All methods have looked at it, and what they wanted looked up was. */
bool search_is_answered(const struct search *s, int at);
/* As search_source was told. */
int search_depth(const struct search *s, int at);
/* A method's request was refused: how many methods were not; *refused of them were. */
int search_looked(const struct search *s, int at, int *refused);

/* Borrowed until the next call of a function that changes the search. */
const struct search_find *search_finds(const struct search *s, int *n);
/* Enters what was found so far as targets and asks staging for those that are new. */
enum err search_targets_look(struct search *s, struct errbuf *eb) MUST_CHECK;
struct search_target *search_target_get(struct search *s, const struct cid *cid);
const struct search_brought *search_brought(const struct search *s, int *n);
const struct handle_row *search_handles(const struct search *s, int *n);
const struct mentioned_video *search_videos_learned(const struct search *s, int *n);
const struct search_note *search_notes(const struct search *s, int *n);
/* What was brought and learned is with the owner now. */
void search_handed_over(struct search *s);

#endif
