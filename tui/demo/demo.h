/*
 * demo - a node of made-up data: the console without network, keys and data folder, for trying it
 * out, for pictures and for tests. The same name always gives the same numbers; actions change them
 * as the engine would. A view's data is one file here: numbers in the snapshot (campaign.c), and a
 * row per path in answers.c for what it asks. The screen's thread.
 */
#ifndef TUBEOPS_TUI_DEMO_DEMO_H
#define TUBEOPS_TUI_DEMO_DEMO_H

#include "engine/base/str.h"
#include "tui/node.h"

/* 2026-11-22 18:47:12 UTC, a Sunday: "now" of all scenarios. */
#define DEMO_NOW INT64_C(1795373232)

struct demo_config {
	const char *scenario; /* NULL: "campaign" */
	const char *then;     /* scenario after the first action; NULL: the same */
	bool live;            /* times are real */
	bool moves;           /* numbers move */
	bool read_only;
	const struct job_type_info *const *types; /* NULL: those of the engine */
	/* Called with every action before it is done; may be NULL. */
	void (*sent)(void *arg, const struct command *c);
	void *arg;
};

/* NULL: no memory, or no scenario of that name. */
struct node *demo_open(const struct demo_config *cfg);

/*
 * campaign: the one that all pictures show, day 6 over 15 million channels; cluster: the same on
 * three nodes, of which one is silent; busy: three jobs, three
 * keys; rest: nothing works; empty: first run without a key; nokey: channels but no key; spent: all
 * quota gone; postgres: the campaign without PostgreSQL; redis: the cluster without its Redis; trouble: PostgreSQL and staging trouble, a refused key, an interrupted job; many: all
 * tables full, hostile texts. Returns owned (snapshot_unref); NULL: no such name or no memory.
 */
struct snapshot *demo_snapshot(const char *name);

/* ---- for the files of this folder ---- */
void demo_fill_campaign(struct snapshot *s);
void demo_fill_cluster(struct snapshot *s);
/* Of the campaign: hours, days of keys, services, this process. After its keys. */
void demo_fill_numbers(struct snapshot *s);
/* Does an action to the snapshot as the engine would; text: what became of it. */
bool demo_act(struct snapshot *s, const struct command *c, char *text, size_t size);
/* Answers GET path with JSON; the HTTP status. */
int demo_answer(const struct snapshot *s, const char *path, struct str *out);
/* The same for POST: body is a JSON object. */
int demo_answer_post(const struct snapshot *s, const char *path, const char *body, struct str *out);
int demo_price(const struct snapshot *s, const char *body, struct str *out);
/* answers.c calls these; rest: what follows the prefix of the row. */
int demo_jobs_page(const struct snapshot *s, const char *rest, struct str *out);
int demo_job_page(const struct snapshot *s, const char *rest, struct str *out);
int demo_what_if(const struct snapshot *s, const char *rest, struct str *out);
int demo_service(const struct snapshot *s, const char *rest, struct str *out);
int demo_channels(const struct snapshot *s, const char *rest, struct str *out);
int demo_channel(const struct snapshot *s, const char *rest, struct str *out);
int demo_discovery(const struct snapshot *s, const char *rest, struct str *out);
int demo_links_page(const struct snapshot *s, const char *rest, struct str *out);
int demo_log_page(const struct snapshot *s, const char *rest, struct str *out);
int demo_log_summary(const struct snapshot *s, const char *rest, struct str *out);
/* A value of the query, decoded; "" when it is not there. */
void demo_query_get(const char *query, const char *name, char *out, size_t size);
/* The job of "J-1042/page"; NULL: none. */
struct snapshot_job *demo_job(struct snapshot *s, const char *name);

#endif
