#include "config.h"
#include "engine/quota/plan_stored.h"
#include "db/staging_plan.h"

#include <stdio.h>
#include <string.h>

enum { PLAN_NAME = 32 };

enum err plan_from_settings(const struct settings *settings, struct plan *out, struct errbuf *eb)
{
	const char *shares = settings_text(settings, SET_PLAN_SHARES, 0);
	const char *pace = settings_text(settings, SET_PLAN_PACE, 0);
	enum err err;

	plan_default(out);
	err = plan_parse_shares(shares, out, eb);
	if (err)
		return err_prefix(eb, "%s", settings_info(SET_PLAN_SHARES)->name);
	out->lend = settings_flag(settings, SET_PLAN_LEND);
	if (!plan_pace_parse(pace, &out->pace))
		return err_set(eb, ERR_INVALID, "%s: \"%.24s\" is neither fast nor even",
		    settings_info(SET_PLAN_PACE)->name, pace);
	return ERR_OK;
}

/* "share.videos": the stage of a name that begins with what; STAGE_NONE. */
static enum stage plan_stage_of(const char *name, const char *what)
{
	size_t n = strlen(what);

	return strncmp(name, what, n) == 0 ? stage_find(name + n) : STAGE_NONE;
}

struct plan_reading {
	struct plan *plan;
	int share[STAGE_COUNT];
	int shares, sum;
};

static void plan_read(void *arg, const char *name, int64_t value)
{
	struct plan_reading *r = arg;
	enum stage share = plan_stage_of(name, "share."), target = plan_stage_of(name, "target.");

	if (share != STAGE_NONE && value >= 0 && value <= 100) {
		r->share[share] = (int)value;
		r->sum += (int)value;
		r->shares++;
	} else if (target != STAGE_NONE) {
		r->plan->target[target] = value;
	} else if (strcmp(name, "lend") == 0) {
		r->plan->lend = value != 0;
	} else if (strcmp(name, "pace") == 0) {
		r->plan->pace = value == PLAN_EVEN ? PLAN_EVEN : PLAN_FAST;
	}
}

enum err plan_load(
    const struct settings *settings, struct staging *s, struct plan *out, struct errbuf *eb)
{
	struct plan_reading r = {.plan = out};
	enum err err = plan_from_settings(settings, out, eb);

	if (!err)
		err = staging_plan_each(s, plan_read, &r, eb);
	/* all of them or none: they were written together */
	if (!err && r.shares == STAGE_COUNT && r.sum == 100)
		memcpy(out->share, r.share, sizeof out->share);
	return err;
}

static enum err plan_put(
    struct staging *s, const char *what, enum stage stage, int64_t value, struct errbuf *eb)
{
	char name[PLAN_NAME];

	snprintf(name, sizeof name, "%s%s", what, stage_word(stage));
	return staging_plan_put(s, name, value, eb);
}

enum err plan_save(
    struct staging *s, const struct plan *was, const struct plan *is, struct errbuf *eb)
{
	bool shares = memcmp(was->share, is->share, sizeof is->share) != 0;
	enum err err = ERR_OK;

	if (was->lend != is->lend)
		err = plan_put(s, "lend", STAGE_NONE, is->lend, eb);
	if (!err && was->pace != is->pace)
		err = plan_put(s, "pace", STAGE_NONE, is->pace, eb);
	for (int i = 0; i < STAGE_COUNT && !err; i++) {
		enum stage stage = (enum stage)i;
		if (shares)
			err = plan_put(s, "share.", stage, is->share[i], eb);
		if (!err && was->target[i] != is->target[i])
			err = plan_put(s, "target.", stage, is->target[i], eb);
	}
	return err;
}
