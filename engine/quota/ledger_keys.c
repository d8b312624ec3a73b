#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/quota/day.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const key_state_words[] = {
    [KEY_OK] = "ok",
    [KEY_COOLING] = "cooling",
    [KEY_SPENT] = "spent",
    [KEY_REFUSED] = "refused",
    [KEY_OFF] = "off",
    [KEY_UNTESTED] = "untested",
};

const char *key_state_word(enum key_state state)
{
	size_t n = sizeof key_state_words / sizeof key_state_words[0];

	return (size_t)state < n ? key_state_words[state] : "unknown";
}

bool ledger_slot_is_usable(const struct ledger_slot *s)
{
	return s->enabled && !s->removed && !s->refused[0] && !s->project->refused[0];
}

bool ledger_project_is_usable(const struct ledger *l, const struct ledger_project *p)
{
	const struct ledger_slot *s = l->keys;

	while (s && (s->project != p || !ledger_slot_is_usable(s)))
		s = s->next;
	return s != NULL;
}

/* The first state that holds, from what lasts longest to what passes soonest. */
static void ledger_fill_state(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_moment *m, struct ledger_key *k)
{
	struct ledger_project *p = s->project;
	const char *refused = s->refused[0] ? s->refused : p->refused;
	int64_t cost = 1;

	if (!s->enabled) {
		k->state = KEY_OFF;
		snprintf(k->reason, sizeof k->reason, "switched off by hand");
	} else if (refused[0]) {
		k->state = KEY_REFUSED;
		snprintf(k->reason, sizeof k->reason, "%s", refused);
	} else if (ledger_room_locked(l, p, BUCKET_UNITS, m) < cost) {
		k->state = KEY_SPENT;
		k->until = ledger_room_at_locked(l, p, BUCKET_UNITS, cost, m);
	} else if (p->cool_until[BUCKET_UNITS] > m->now) {
		k->state = KEY_COOLING;
		k->until = p->cool_until[BUCKET_UNITS];
	} else if (s->pause_ms > m->mono_ms) {
		k->state = KEY_COOLING;
		k->until = m->now + (s->pause_ms - m->mono_ms + 999) / 1000;
	} else {
		k->state = s->last_ok ? KEY_OK : KEY_UNTESTED;
	}
}

static void ledger_fill_key(struct ledger *l, const struct ledger_slot *s,
    const struct ledger_moment *m, struct ledger_key *k)
{
	*k = (struct ledger_key){
	    .id = s->id, .from_settings = s->settings_n != 0, .last_used = s->last_used};
	snprintf(k->name, sizeof k->name, "%s", s->name);
	snprintf(k->project, sizeof k->project, "%s", s->project->name);
	snprintf(k->print, sizeof k->print, "%s", s->print);
	if (s->calls_day == m->days[0]) {
		k->calls = s->calls;
		k->errors = s->errors;
	}
	for (int b = 0; b < BUCKET_COUNT; b++) {
		const struct ledger_book *book =
		    ledger_book_locked(l, s->project, (enum bucket)b, m->days[0], NULL);
		k->limit[b] = s->project->limit[b];
		k->used[b] = book ? book->used - book->unspent : k->limit[b];
		if (book && b == BUCKET_UNITS)
			k->spent_at = book->spent_at;
	}
	ledger_tally_key_locked(l, s, m, k);
	ledger_fill_state(l, s, m, k);
}

size_t ledger_keys(struct ledger *l, struct ledger_key *keys, size_t max)
{
	struct ledger_moment m;
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	ledger_moment_locked(l, &m);
	for (struct ledger_slot *s = l->keys; s; s = s->next) {
		if (s->removed)
			continue;
		if (n < max)
			ledger_fill_key(l, s, &m, &keys[n]);
		n++;
	}
	pthread_mutex_unlock(&l->lock);
	return n;
}

struct ledger_slot *ledger_find_locked(
    struct ledger *l, const char *which, enum err *err, struct errbuf *eb)
{
	struct ledger_slot *found = NULL;
	int prints = 0;

	*err = ERR_OK;
	for (struct ledger_slot *s = l->keys; s; s = s->next) {
		if (s->removed)
			continue;
		if (strcmp(s->name, which) == 0)
			return s;
		if (strcmp(s->print, which) != 0)
			continue;
		found = s;
		prints++;
	}
	if (prints == 1)
		return found;
	*err = prints ? err_set(eb, ERR_INVALID, "several keys have the fingerprint %s: use a name",
	                    which)
	              : err_set(eb, ERR_NOTFOUND,
	                    "there is no key %s: `tubeops keys list` shows all", which);
	return NULL;
}

void ledger_drop_removed_locked(struct ledger *l)
{
	struct ledger_slot **link = &l->keys;

	while (*link) {
		struct ledger_slot *s = *link;
		if (!s->removed || s->in_flight > 0) {
			link = &s->next;
			continue;
		}
		*link = s->next;
		ledger_slot_free(s);
	}
}

static enum err ledger_check_new(
    struct ledger *l, const struct ledger_slot *s, const char *name, struct errbuf *eb)
{
	for (const struct ledger_slot *k = l->keys; k; k = k->next) {
		if (k->removed)
			continue;
		if (secret_is_equal(k->secret, secret_reveal(s->secret), secret_length(s->secret)))
			return err_set(eb, ERR_EXISTS, "this key is known already as %s", k->name);
		if (name && strcmp(k->name, name) == 0)
			return err_set(
			    eb, ERR_EXISTS, "there is a key %s already: choose another name", name);
	}
	return ERR_OK;
}

/* "added1", "added2" …: the first that is free. */
static void ledger_make_name(const struct ledger *l, char *buf, size_t size)
{
	const struct ledger_slot *s;
	int n = 0;

	do {
		snprintf(buf, size, "added%d", ++n);
		for (s = l->keys; s && (s->removed || strcmp(s->name, buf) != 0);)
			s = s->next;
	} while (s);
}

static enum err ledger_key_add_locked(struct ledger *l, struct ledger_slot *s, const char *name,
    const char *project, struct errbuf *eb)
{
	struct quota_key_row row;
	enum err err = ledger_check_new(l, s, name, eb);

	if (err)
		return err;
	if (name)
		snprintf(s->name, sizeof s->name, "%s", name);
	else
		ledger_make_name(l, s->name, sizeof s->name);
	s->project = ledger_project_get(l, project ? project : s->name);
	if (!s->project)
		return err_set(eb, ERR_NOMEM, "out of memory");
	row = ledger_slot_row(s);
	err = quota_store_key_add(l->store, &row, &s->id, eb);
	if (err)
		return err;
	ledger_append(&l->keys, s);
	ledger_limits_locked(l);
	l->generation++;
	return ERR_OK;
}

enum err ledger_key_add(struct ledger *l, const struct secret *key, const char *name,
    const char *project, int64_t limit, int64_t *id, struct errbuf *eb)
{
	struct ledger_slot *s;
	bool odd;
	enum err err;

	*id = 0;
	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	if ((name && ledger_check_name("name", name, eb)) ||
	    (project && ledger_check_name("project", project, eb)))
		return ERR_INVALID;
	if (limit < 0 || limit > 1000000000)
		return err_set(
		    eb, ERR_INVALID, "the quota must be 1 to 1000000000, or 0 for the default");
	err = ledger_slot_new(&s, secret_reveal(key), secret_length(key), eb);
	if (err)
		return err;
	s->quota = limit;
	odd = !ledger_looks_like_key(s->secret);
	pthread_mutex_lock(&l->lock);
	err = ledger_key_add_locked(l, s, name, project, eb);
	if (!err) {
		*id = s->id;
		log_at(l->log, odd ? LOG_WARNING : LOG_INFO, "quota", 0, "key %s %s added%s",
		    s->name, s->print,
		    odd ? "; it does not look like a key (AIza and 35 more characters)" : "");
	}
	pthread_mutex_unlock(&l->lock);
	if (err)
		ledger_slot_free(s);
	return err;
}

/* Switching a key on again also forgives it and its project what YouTube said. */
static enum err ledger_enable_locked(
    struct ledger *l, struct ledger_slot *s, bool on, struct errbuf *eb)
{
	struct ledger_project *p = s->project;
	struct quota_key_row row = ledger_slot_row(s);
	enum err err = quota_store_begin(l->store, eb);

	row.enabled = on;
	if (on)
		row.refused = "";
	if (!err)
		err = quota_store_key_save(l->store, &row, eb);
	if (!err && on && p->refused[0])
		err = quota_store_project_refuse(l->store, p->name, "", eb);
	if (!err)
		err = quota_store_commit(l->store, eb);
	if (err) {
		quota_store_rollback(l->store);
		return err;
	}
	s->enabled = on;
	if (on) {
		s->refused[0] = p->refused[0] = '\0';
		s->unnamed = 0;
		s->gap_ms = s->pause_ms = 0;
		l->generation++;
	}
	log_at(l->log, LOG_INFO, "quota", 0, "key %s %s switched %s", s->name, s->print,
	    on ? "on" : "off");
	return ERR_OK;
}

enum err ledger_key_enable(struct ledger *l, const char *which, bool on, struct errbuf *eb)
{
	struct ledger_slot *s;
	enum err err;

	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	pthread_mutex_lock(&l->lock);
	s = ledger_find_locked(l, which, &err, eb);
	if (s)
		err = ledger_enable_locked(l, s, on, eb);
	pthread_mutex_unlock(&l->lock);
	return err;
}

static enum err ledger_remove_locked(struct ledger *l, struct ledger_slot *s, struct errbuf *eb)
{
	enum err err;

	if (s->settings_n)
		return err_set(eb, ERR_DENIED,
		    "%s stands in the settings: take YOUTUBE_API_KEY_%d out of them, or disable it",
		    s->name, s->settings_n);
	err = quota_store_key_remove(l->store, s->id, eb);
	if (err)
		return err;
	log_at(l->log, LOG_INFO, "quota", 0, "key %s %s removed", s->name, s->print);
	s->removed = true;
	ledger_drop_removed_locked(l);
	ledger_limits_locked(l);
	return ERR_OK;
}

enum err ledger_key_remove(struct ledger *l, const char *which, struct errbuf *eb)
{
	struct ledger_slot *s;
	enum err err;

	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	pthread_mutex_lock(&l->lock);
	s = ledger_find_locked(l, which, &err, eb);
	if (s)
		err = ledger_remove_locked(l, s, eb);
	pthread_mutex_unlock(&l->lock);
	return err;
}

static enum err ledger_group_locked(
    struct ledger *l, struct ledger_slot *s, const char *project, struct errbuf *eb)
{
	struct ledger_project *p;
	struct quota_key_row row = ledger_slot_row(s);
	enum err err;

	if (s->settings_n)
		return err_set(eb, ERR_DENIED,
		    "%s stands in the settings: set YOUTUBE_API_KEY_%d_PROJECT there", s->name,
		    s->settings_n);
	if (s->in_flight > 0)
		return err_set(eb, ERR_BUSY,
		    "a call with %s is under way: disable it, group it, then enable it", s->name);
	p = ledger_project_get(l, project);
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	row.project = p->name;
	err = quota_store_begin(l->store, eb);
	if (!err)
		err = quota_store_key_save(l->store, &row, eb);
	if (!err)
		err = quota_store_commit(l->store, eb);
	if (err) {
		quota_store_rollback(l->store);
		return err;
	}
	log_at(l->log, LOG_INFO, "quota", 0, "key %s %s: project %s, before %s", s->name, s->print,
	    p->name, s->project->name);
	s->project = p;
	ledger_limits_locked(l);
	l->generation++;
	return ERR_OK;
}

enum err ledger_key_group(
    struct ledger *l, const char *which, const char *project, struct errbuf *eb)
{
	struct ledger_slot *s;
	enum err err;

	if (l->read_only)
		return err_set(eb, ERR_DENIED, "the quota book is open for looking only");
	err = ledger_check_name("project", project, eb);
	if (err)
		return err;
	pthread_mutex_lock(&l->lock);
	s = ledger_find_locked(l, which, &err, eb);
	if (s)
		err = ledger_group_locked(l, s, project, eb);
	pthread_mutex_unlock(&l->lock);
	return err;
}
