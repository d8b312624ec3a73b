/* doctor: every part and setting, what is wrong and how to mend it. One table of checks. */
#include "config.h"
#include "engine/engine_doctor.h"
#include "db/postgres.h"
#include "db/redis.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"
#include "engine/discovery/providers.h"
#include "engine/quota/day.h"
#include "engine/youtube/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DOCTOR_TEXT = 4096 };

void doctor_say(struct doctor *d, int level, const char *part, const char *fmt, ...)
{
	struct str raw;
	va_list ap;

	str_init(&raw, DOCTOR_TEXT);
	va_start(ap, fmt);
	str_addv(&raw, fmt, ap);
	va_end(ap);
	/* an address may hold a password, a refusal may quote a key */
	str_reset(&d->text);
	text_mask_secrets(str_get(&raw), raw.len, &d->text);
	d->fn(d->arg, level, part, str_get(&d->text));
	str_done(&raw);
}

/* The n-th of a family has its number where the table has a #. */
static void doctor_setting(struct doctor *d, enum setting id, int n)
{
	const struct setting_info *info = settings_info(id);
	const char *hash = n ? strchr(info->name, '#') : NULL;
	const char *value =
	    info->type == SETTING_SECRET_TEXT ? "***" : settings_text(d->cfg->settings, id, n);
	const char *origin = settings_origin(d->cfg->settings, id, n);

	if (info->type == SETTING_SECRET_TEXT && !settings_secret(d->cfg->settings, id, n))
		return; /* nothing to hide, nothing to show */
	if (hash)
		doctor_say(d, 0, "setting", "%.*s%d%s = %s (%s)", (int)(hash - info->name),
		    info->name, n, hash + 1, value, origin);
	else
		doctor_say(d, 0, "setting", "%s = %s (%s)", info->name, value, origin);
}

static void doctor_settings(struct doctor *d)
{
	const struct settings *s = d->cfg->settings;

	for (int id = 0; id < SET_COUNT; id++) {
		const struct setting_info *info = settings_info((enum setting)id);
		bool family = strchr(info->name, '#') != NULL;
		for (int n = family; n <= (family ? settings_family_max(s, (enum setting)id) : 0);
		     n++) {
			if (!family || settings_is_set(s, (enum setting)id, n))
				doctor_setting(d, (enum setting)id, n);
		}
	}
}

static void doctor_versions(struct doctor *d)
{
	doctor_say(d, 0, "version", "tubeops %s, SQLite %s, %s", PACKAGE_VERSION,
	    sqlite3_libversion(), curl_version());
	if (!sqlite3_threadsafe())
		doctor_say(d, 2, "sqlite",
		    "this SQLite was built without threads; use Debian's libsqlite3-0");
}

static void doctor_folder(struct doctor *d)
{
	const char *dir = d->cfg->data_dir;
	struct statvfs fs;
	char listen[64];
	int64_t pid;

	if (access(dir, F_OK) != 0) {
		doctor_say(d, 1, "data", "%s does not exist yet; the first import makes it", dir);
		return;
	}
	if (access(dir, W_OK | X_OK) != 0)
		doctor_say(
		    d, 2, "data", "%s cannot be written; change its owner or use --data", dir);
	else if (statvfs(dir, &fs) == 0 && fs.f_bavail * fs.f_frsize < UINT64_C(1) << 30)
		doctor_say(d, 1, "data", "%s: less than 1 GiB free", dir);
	else
		doctor_say(d, 0, "data", "%s can be written", dir);
	if (engine_owner(dir, &pid, listen, sizeof listen))
		doctor_say(d, 0, "process", "process %lld is at work here%s%s", (long long)pid,
		    *listen ? ", REST on " : "", listen);
}

static void doctor_staging(struct doctor *d)
{
	struct engine_config look = *d->cfg;
	struct errbuf eb = {0};
	enum err err;

	look.mode = ENGINE_LOOK;
	err = engine_open(&d->engine, &look, &eb);
	if (err == ERR_NOTFOUND) {
		doctor_say(d, 1, "staging", "nothing imported yet; try `tubeops import FILE`");
		return;
	}
	if (!err)
		err = staging_check(d->engine->reader, &eb);
	if (!err)
		err = staging_check_counters(d->engine->reader, &eb);
	if (err)
		doctor_say(d, 2, "staging", "%s", err_text(&eb));
	else
		doctor_say(d, 0, "staging", "file and counters are sound");
}

/* Those of the settings; an empty YOUTUBE_API_KEY_1 is none. */
static size_t doctor_keys_set(const struct settings *s)
{
	size_t n = 0;

	for (int i = 1; i <= settings_family_max(s, SET_API_KEY); i++)
		n += settings_secret(s, SET_API_KEY, i) != NULL;
	return n;
}

static void doctor_keys(struct doctor *d)
{
	const struct snapshot *s = d->engine ? engine_snapshot(d->engine) : NULL;
	size_t n = s ? s->n_keys : doctor_keys_set(d->cfg->settings);

	if (!n)
		doctor_say(d, 2, "keys",
		    "no YouTube API key; set YOUTUBE_API_KEY_1 in .env or use "
		    "`tubeops keys add`");
	for (size_t i = 0; s && i < s->n_keys; i++) {
		const struct snapshot_key *k = &s->keys[i];
		bool bad = strcmp(k->state, "refused") == 0;
		doctor_say(d, bad ? 2 : 0, "keys",
		    "%s/%s %s: %s%s%s, %lld of %lld units used today", k->project, k->name,
		    k->print, k->state, *k->reason ? ": " : "", k->reason, (long long)k->used,
		    (long long)k->limit);
	}
	if (s && s->n_keys && !s->n_keys_usable)
		doctor_say(d, 2, "keys",
		    "none of them is usable; enable one or add another with `tubeops keys`");
	snapshot_unref(s);
}

/* The address must make sense; it is not called, because a call costs a unit. */
static void doctor_api(struct doctor *d)
{
	struct client_config cfg = {
	    .base = settings_text(d->cfg->settings, SET_YOUTUBE_API_BASE, 0)};
	struct client *c = NULL;
	struct errbuf eb = {0};

	if (client_new(&c, &cfg, &eb))
		doctor_say(d, 2, "youtube", "%s", err_text(&eb));
	else
		doctor_say(d, 0, "youtube", "%s (try a key with `tubeops keys test NAME`, 1 unit)",
		    cfg.base);
	client_free(c);
}

static void doctor_provider(
    void *arg, const char *file, const struct provider *p, const char *error)
{
	if (error)
		doctor_say(arg, 2, "provider", "%s", error);
	else
		doctor_say(arg, 0, "provider", "%s (%s): %g requests a minute at most%s", p->name,
		    file, p->per_minute, p->key ? ", with a key" : "");
}

/* Their files must make sense; they are not called. */
static void doctor_providers(struct doctor *d)
{
	struct providers *ps = NULL;
	struct errbuf eb = {0};

	if (providers_open(&ps, d->cfg->settings, NULL, doctor_provider, d, &eb))
		doctor_say(d, 2, "provider", "%s", err_text(&eb));
	else if (!*settings_text(d->cfg->settings, SET_DISCOVERY_PROVIDERS, 0))
		doctor_say(d, 0, "provider", "no external service (DISCOVERY_PROVIDERS)");
	providers_close(ps);
}

static void doctor_postgres(struct doctor *d)
{
	const struct secret *url = settings_secret(d->cfg->settings, SET_DATABASE_URL, 0);
	struct postgres_config cfg = {.url = url, .log = d->cfg->log};
	struct postgres *pg = NULL;
	struct errbuf eb = {0};

	if (!url)
		doctor_say(
		    d, 0, "postgres", "not configured (DATABASE_URL); staging alone is enough");
	else if (postgres_open(&pg, &cfg, &eb))
		doctor_say(d, 2, "postgres", "%s", err_text(&eb));
	else
		doctor_say(d, 0, "postgres", "%s answers", postgres_place(pg));
	postgres_close(pg);
}

/* Everything evicted but what has an expiry would do no harm: but streams have none. */
static void doctor_redis_memory(struct doctor *d, const struct redis_health *h)
{
	if (h->policy[0] && strcmp(h->policy, "noeviction") != 0)
		doctor_say(d, 1, "redis",
		    "maxmemory-policy is %s: when memory is full, Redis throws away what is "
		    "waiting to "
		    "be done; set it to noeviction",
		    h->policy);
}

/* Streams are read by XAUTOCLAIM, which came with 6.2. */
static bool redis_is_old(const char *version)
{
	char *end;
	long major = strtol(version, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return end != version && (major < 6 || (major == 6 && minor < 2));
}

static void doctor_redis_health(struct doctor *d, struct redis *r)
{
	const char *version;
	struct redis_health h;
	struct errbuf eb = {0};

	if (redis_check(r, &h, &eb)) {
		doctor_say(d, 2, "redis", "%s", err_text(&eb));
		return;
	}
	version = h.version[0] ? h.version : "of a version it does not tell";
	doctor_say(d, 0, "redis",
	    "%s (%s) answers in %lld ms, is %s, %s in use; a key was written, read and deleted",
	    redis_place(r), redis_target(r)->setting, (long long)h.answer_ms, version,
	    h.memory[0] ? h.memory : "some memory");
	if (redis_is_old(h.version))
		doctor_say(d, 2, "redis", "Redis %s is too old: several machines want 6.2 or later",
		    h.version);
	doctor_redis_memory(d, &h);
}

static void doctor_redis(struct doctor *d)
{
	struct redis_config cfg = {.log = d->cfg->log};
	struct redis *r = NULL;
	struct errbuf eb = {0};
	enum err err;

	redis_config_read(&cfg, d->cfg->settings);
	err = redis_new(&r, &cfg, &eb);
	if (err == ERR_NOTFOUND && !cfg.names.token)
		doctor_say(d, 0, "redis",
		    "not configured (REDIS_URL, UPSTASH_REDIS_URL); one machine needs none");
	else if (err)
		doctor_say(d, err == ERR_NOTFOUND ? 1 : 2, "redis", "%s", err_text(&eb));
	else
		doctor_redis_health(d, r);
	if (r && redis_target(r)->note)
		doctor_say(d, 1, "redis", "%s", redis_target(r)->note);
	redis_free(r);
}

static void doctor_clock(struct doctor *d)
{
	int64_t now = clock_now(), day = day_number(now);
	char text[DAY_TEXT_SIZE], iso[CLOCK_ISO_SIZE];

	doctor_say(d, now < 1767225600 ? 2 : 0, "clock", "Pacific day %s, quota resets at %s%s",
	    day_format(day, text), clock_iso(day_end(day), iso),
	    now < 1767225600 ? "; this clock is years behind: set it" : "");
}

static void (*const doctor_checks[])(struct doctor *) = {doctor_versions, doctor_settings,
    doctor_folder, doctor_staging, doctor_keys, doctor_api, doctor_providers, doctor_postgres,
    doctor_redis, doctor_cluster, doctor_clock};

void engine_doctor(const struct engine_config *cfg, engine_doctor_fn *fn, void *arg)
{
	struct doctor d = {.cfg = cfg, .fn = fn, .arg = arg};

	str_init(&d.text, 3 * DOCTOR_TEXT);
	for (size_t i = 0; i < sizeof doctor_checks / sizeof doctor_checks[0]; i++)
		doctor_checks[i](&d);
	engine_close(d.engine);
	str_done(&d.text);
}
