/* What actions do to the made-up numbers. */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdio.h>
#include <string.h>

struct snapshot_job *demo_job(struct snapshot *s, const char *name)
{
	size_t len = strcspn(name, "/?");
	int64_t no;

	if (strncmp(name, "J-", 2) == 0) {
		name += 2;
		len -= 2;
	}
	if (str_to_i64_n(name, len, 1, INT64_MAX, &no))
		return NULL;
	for (size_t i = 0; i < s->n_jobs; i++)
		if (s->jobs[i].no == no)
			return &s->jobs[i];
	return NULL;
}

static void demo_count(struct snapshot *s)
{
	static const struct {
		const char *status;
		size_t offset;
	} sums[] = {
	    {"running", offsetof(struct snapshot, jobs_running)},
	    {"pending", offsetof(struct snapshot, jobs_pending)},
	    {"waiting", offsetof(struct snapshot, jobs_waiting)},
	    {"paused", offsetof(struct snapshot, jobs_paused)},
	    {"interrupted", offsetof(struct snapshot, jobs_interrupted)},
	    {"failed", offsetof(struct snapshot, jobs_failed)},
	};

	for (size_t k = 0; k < sizeof sums / sizeof sums[0]; k++) {
		int64_t n = 0;
		for (size_t i = 0; i < s->n_jobs; i++)
			n += strcmp(s->jobs[i].status, sums[k].status) == 0;
		memcpy((char *)s + sums[k].offset, &n, sizeof n);
	}
}

/* What a job is after an action; "": it is deleted, NULL: nothing of its state changes. */
static const char *demo_becomes(enum action a)
{
	switch (a) {
	case ACTION_JOB_PAUSE:
		return "paused";
	case ACTION_JOB_RESUME:
	case ACTION_JOB_RETRY:
		return "pending";
	case ACTION_JOB_CANCEL:
		return "cancelled";
	case ACTION_JOB_DELETE:
		return "";
	default:
		return NULL;
	}
}

static bool demo_act_job(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	struct snapshot_job *j = demo_job(s, c->target ? c->target : "");
	const char *becomes = demo_becomes(c->action);
	size_t at = j ? (size_t)(j - s->jobs) : 0;
	const char *state;

	if (!j) {
		snprintf(text, size, "Job not found");
		return false;
	}
	state = strcmp(j->status, "completed") == 0 && j->failed ? "completed*" : j->status;
	if (!action_can(c->action, state)) {
		snprintf(text, size, "J-%lld is %s: it cannot %s", (long long)j->no, j->status,
		    action_info(c->action)->word);
		return false;
	}
	snprintf(text, size, "J-%lld: %s", (long long)j->no, action_info(c->action)->word);
	if (becomes && !*becomes) {
		s->n_jobs--;
		memmove(j, j + 1, (s->n_jobs - at) * sizeof *j);
	} else if (becomes) {
		snprintf(j->status, sizeof j->status, "%s", becomes);
		snprintf(j->reason, sizeof j->reason, "%s by %s", action_info(c->action)->word,
		    c->by ? c->by : "somebody");
		j->wait[0] = 0;
		j->rate = 0;
		j->eta = j->until = 0;
		j->open = strcmp(becomes, "cancelled") != 0;
	} else {
		j->weight += c->action == ACTION_JOB_RAISE   ? 1
		             : c->action == ACTION_JOB_LOWER ? -1
		                                             : 0;
		j->weight = j->weight < 1 ? 1 : j->weight;
	}
	demo_count(s);
	return true;
}

/* What a key is after an action; NULL: nothing of its state changes. */
static const char *demo_key_becomes(enum action a)
{
	return a == ACTION_KEY_DISABLE                          ? "off"
	       : a == ACTION_KEY_ENABLE || a == ACTION_KEY_TEST ? "ok"
	                                                        : NULL;
}

static struct snapshot_key *demo_key(struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_keys; i++)
		if (strcmp(s->keys[i].name, name) == 0)
			return &s->keys[i];
	return NULL;
}

static bool demo_add_key(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	struct snapshot_key *k;

	if (s->n_keys == SNAPSHOT_KEYS || demo_key(s, c->target ? c->target : "")) {
		snprintf(text, size, "there is a key of that name, or no room for more");
		return false;
	}
	k = &s->keys[s->n_keys++];
	*k = (struct snapshot_key){.limit = 10000};
	snprintf(k->name, sizeof k->name, "%s", c->target ? c->target : "key");
	snprintf(k->project, sizeof k->project, "%s", c->project ? c->project : k->name);
	snprintf(k->print, sizeof k->print, "d3m0d3");
	snprintf(k->state, sizeof k->state, "untested");
	snprintf(text, size, "key %s added (made up)", k->name);
	return true;
}

static bool demo_act_key(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	struct snapshot_key *k = demo_key(s, c->target ? c->target : "");
	const char *becomes = demo_key_becomes(c->action);
	size_t at = k ? (size_t)(k - s->keys) : 0;

	if (c->action == ACTION_KEY_ADD)
		return demo_add_key(s, c, text, size);
	if (!k) {
		snprintf(text, size, "there is no key \"%s\"", c->target ? c->target : "");
		return false;
	}
	if (c->action == ACTION_KEY_TEST && strcmp(k->state, "refused") == 0) {
		snprintf(text, size, "key %s: %s", k->name, k->reason);
		return false;
	}
	snprintf(text, size, "key %s: %s", k->name, action_done(c->action));
	if (becomes) {
		snprintf(k->state, sizeof k->state, "%s", becomes);
		k->reason[0] = 0;
	} else {
		s->n_keys--;
		memmove(k, k + 1, (s->n_keys - at) * sizeof *k);
	}
	return true;
}

static bool demo_start(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	struct snapshot_job *j;
	int64_t no = 0;

	if (s->n_jobs == SNAPSHOT_JOBS) {
		snprintf(text, size, "the demo has no room for more jobs");
		return false;
	}
	for (size_t i = 0; i < s->n_jobs; i++)
		no = s->jobs[i].no > no ? s->jobs[i].no : no;
	j = &s->jobs[s->n_jobs++];
	*j = (struct snapshot_job){.no = no + 1, .total = -1, .weight = 1, .open = true};
	snprintf(j->type, sizeof j->type, "%s", c->job_type);
	snprintf(j->word, sizeof j->word, "%.15s", c->job_type);
	snprintf(j->status, sizeof j->status, "pending");
	snprintf(j->reason, sizeof j->reason, "made up: nothing works here");
	demo_count(s);
	snprintf(text, size, "J-%lld: %s started", (long long)j->no, c->job_type);
	return true;
}

static bool demo_ack(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	int64_t id = 0;

	for (size_t i = 0; c->target && i < s->n_alerts; i++)
		if (str_to_i64(c->target, 1, INT64_MAX, &id) == ERR_OK && s->alerts[i].id == id) {
			s->alerts_person -= s->alerts[i].person && !s->alerts[i].acked;
			s->alerts[i].acked = true;
			snprintf(text, size, "alert %s is silenced until it ends", c->target);
			return true;
		}
	snprintf(text, size, "there is no alert %s", c->target ? c->target : "");
	return false;
}

bool demo_act(struct snapshot *s, const struct command *c, char *text, size_t size)
{
	const struct action_info *info = action_info(c->action);

	if (info->arg == ARG_JOB)
		return demo_act_job(s, c, text, size);
	if (info->arg == ARG_ALERT)
		return demo_ack(s, c, text, size);
	if (info->arg == ARG_KEY)
		return demo_act_key(s, c, text, size);
	if (info->arg == ARG_TYPE)
		return demo_start(s, c, text, size);
	snprintf(text, size, "done (made up): %s %s", info->word, c->target ? c->target : "");
	return true;
}
