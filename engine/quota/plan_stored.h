/*
 * plan_stored - the plan as the settings say it, with what was changed at run time, which staging
 * keeps. Any connection; W: the writer alone, inside its transaction.
 */
#ifndef TUBEOPS_QUOTA_PLAN_STORED_H
#define TUBEOPS_QUOTA_PLAN_STORED_H

#include "db/staging.h"
#include "engine/base/settings.h"
#include "engine/quota/plan.h"

/* PLAN_SHARES, PLAN_LEND and PLAN_PACE; ERR_INVALID names the setting that is wrong. */
enum err plan_from_settings(
    const struct settings *settings, struct plan *out, struct errbuf *eb) MUST_CHECK;
/* The plan that holds now. */
enum err plan_load(const struct settings *settings, struct staging *s, struct plan *out,
    struct errbuf *eb) MUST_CHECK;
/* W: keeps what differs from `was`, whatever the settings say of it from now on. */
enum err plan_save(
    struct staging *s, const struct plan *was, const struct plan *is, struct errbuf *eb) MUST_CHECK;

#endif
