/* doctor on being a node of a cluster. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/cluster/cluster.h"
#include "engine/engine_doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DOCTOR_CLOCK_MS = 2000, /* of clocks that somebody should look at */
	DOCTOR_AGREE_MS = 100,
	DOCTOR_BEAT_MS = 10000 /* who was seen more lately is alive */
};

static const char *const doctor_roles[] = {"all", "worker", "dispatcher"};

/* What can be told without PostgreSQL; false: the rest makes no sense. */
static bool cluster_settings(struct doctor *d)
{
	const struct settings *s = d->cfg->settings;
	const char *role = settings_text(s, SET_CLUSTER_ROLE, 0);
	bool known = false;

	for (size_t i = 0; i < sizeof doctor_roles / sizeof doctor_roles[0]; i++)
		known = known || strcmp(doctor_roles[i], role) == 0;
	if (!known)
		doctor_say(
		    d, 2, "cluster", "CLUSTER_ROLE %.20s: write worker, dispatcher or all", role);
	if (settings_secret(s, SET_DATABASE_URL, 0))
		return known;
	doctor_say(d, 2, "cluster",
	    "CLUSTER=1 needs DATABASE_URL: nodes share their work in that PostgreSQL");
	return false;
}

/* The time on the way is no difference: the middle of it is compared. */
static enum err cluster_check_clock(struct doctor *d, struct postgres *pg, struct errbuf *eb)
{
	int64_t before = clock_now_ms(), server = 0, ahead;
	enum err err = cluster_clock(pg, &server, eb);

	if (err)
		return err;
	ahead = before + (clock_now_ms() - before) / 2 - server;
	if (llabs(ahead) < DOCTOR_AGREE_MS)
		doctor_say(d, 0, "cluster", "this clock agrees with PostgreSQL's");
	else
		doctor_say(d, llabs(ahead) > DOCTOR_CLOCK_MS, "cluster",
		    "this clock is %.1f s %s PostgreSQL's%s", (double)llabs(ahead) / 1000,
		    ahead < 0 ? "behind" : "ahead of",
		    llabs(ahead) > DOCTOR_CLOCK_MS ? ": set it, quota days and screens go by it"
		                                   : "");
	return ERR_OK;
}

static bool node_lives(const struct cluster_node *n)
{
	return !n->stopped && n->seen_ms < DOCTOR_BEAT_MS;
}

static void cluster_check_name(
    struct doctor *d, const struct cluster_look *look, const struct uuid *here)
{
	const char *name = settings_text(d->cfg->settings, SET_NODE_NAME, 0);

	for (int i = 0; i < look->n_nodes; i++) {
		const struct cluster_node *n = &look->nodes[i];
		if (n->stopped || strcmp(n->name, name) != 0 ||
		    (here && memcmp(here, &n->node, sizeof *here) == 0))
			continue;
		doctor_say(d, 1, "cluster",
		    "a node on %s is called %s too: nothing breaks, but nobody can tell them "
		    "apart; "
		    "set NODE_NAME",
		    n->host, name);
		return;
	}
	doctor_say(d, 0, "cluster", "no other node is called %s", name);
}

static void cluster_check_nodes(struct doctor *d, const struct cluster_look *look)
{
	const char *version = NULL;
	int alive = 0, silent = 0, leaders = 0;

	for (int i = 0; i < look->n_nodes; i++) {
		const struct cluster_node *n = &look->nodes[i];
		alive += node_lives(n);
		silent += !n->stopped && !node_lives(n);
		leaders += node_lives(n) && n->leads;
		if (!node_lives(n))
			continue;
		if (version && strcmp(version, n->version) != 0)
			doctor_say(d, 1, "cluster",
			    "two versions are at work: %s, and %s on %s; update the others",
			    version, n->version, n->name);
		version = version ? version : n->version;
	}
	doctor_say(d, silent || (alive && !leaders), "cluster",
	    "%d node%s at work, %d silent, %s; %lld of %lld units of today used", alive,
	    alive == 1 ? "" : "s", silent, leaders ? "one leads" : "none leads",
	    (long long)look->units.used, (long long)look->units.limit);
}

static enum err cluster_check_all(struct doctor *d, struct postgres *pg, struct errbuf *eb)
{
	struct cluster_look *look = NULL;
	struct uuid here;
	int64_t version = 0;
	enum err err = postgres_version(pg, &version, eb);

	if (!err)
		err = cluster_check_clock(d, pg, eb);
	if (err)
		return err;
	if (version < POSTGRES_SCHEMA_VERSION) {
		doctor_say(d, 0, "cluster",
		    "the database has version %lld of %d of our tables: the first node that starts "
		    "brings it up to date",
		    (long long)version, POSTGRES_SCHEMA_VERSION);
		return ERR_OK;
	}
	look = calloc(1, sizeof *look);
	err = look ? cluster_see(pg, look, eb) : err_set(eb, ERR_NOMEM, "out of memory");
	if (!err) {
		cluster_check_name(
		    d, look, cluster_id_read(d->cfg->data_dir, &here) ? &here : NULL);
		cluster_check_nodes(d, look);
	}
	free(look);
	return err;
}

/* That PostgreSQL and Redis answer is what their own checks say. */
void doctor_cluster(struct doctor *d)
{
	struct postgres_config cfg = {
	    .url = settings_secret(d->cfg->settings, SET_DATABASE_URL, 0), .log = d->cfg->log};
	struct postgres *pg = NULL;
	struct errbuf eb = {0};
	enum err err;

	if (!settings_flag(d->cfg->settings, SET_CLUSTER) || !cluster_settings(d))
		return;
	err = postgres_open(&pg, &cfg, &eb);
	if (!err)
		err = cluster_check_all(d, pg, &eb);
	if (err)
		doctor_say(d, 2, "cluster", "%s", err_text(&eb));
	postgres_close(pg);
}
