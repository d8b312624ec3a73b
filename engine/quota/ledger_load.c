#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEDGER_KEY_LENGTH = 39 };

struct ledger_loader {
	struct ledger *l;
	struct ledger_slot *rows; /* read from the file, not yet in the list */
};

void ledger_append(struct ledger_slot **list, struct ledger_slot *s)
{
	while (*list)
		list = &(*list)->next;
	s->next = NULL;
	*list = s;
}

static void ledger_unlink(struct ledger_slot **list, struct ledger_slot *s)
{
	while (*list != s)
		list = &(*list)->next;
	*list = s->next;
	s->next = NULL;
}

void ledger_slot_free(struct ledger_slot *s)
{
	if (!s)
		return;
	secret_free(s->secret);
	free(s);
}

enum err ledger_check_name(const char *what, const char *name, struct errbuf *eb)
{
	size_t len = strlen(name), room = sizeof((struct ledger_slot *)0)->name;

	if (!len || len >= room || !text_is_clean(name, len) || strpbrk(name, "\t\n"))
		return err_set(eb, ERR_INVALID,
		    "%s: must be one line of 1 to %zu bytes without controls", what, room - 1);
	return ERR_OK;
}

struct ledger_project *ledger_project_get(struct ledger *l, const char *name)
{
	struct ledger_project **link = &l->projects, *p;

	for (; *link; link = &(*link)->next)
		if (strcmp((*link)->name, name) == 0)
			return *link;
	p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	snprintf(p->name, sizeof p->name, "%s", name);
	for (int b = 0; b < BUCKET_COUNT; b++)
		p->limit[b] = bucket_default_limit((enum bucket)b);
	*link = p;
	return p;
}

void ledger_limits_locked(struct ledger *l)
{
	for (struct ledger_project *p = l->projects; p; p = p->next) {
		int64_t most = 0;
		for (struct ledger_slot *s = l->keys; s; s = s->next)
			if (s->project == p && !s->removed && s->quota > most)
				most = s->quota;
		p->limit[BUCKET_UNITS] = most ? most : bucket_default_limit(BUCKET_UNITS);
	}
}

bool ledger_looks_like_key(const struct secret *key)
{
	const char *text = secret_reveal(key);

	return secret_length(key) == LEDGER_KEY_LENGTH && strncmp(text, "AIza", 4) == 0 &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
	           LEDGER_KEY_LENGTH;
}

static bool ledger_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum err ledger_slot_new(struct ledger_slot **out, const char *text, size_t len, struct errbuf *eb)
{
	struct ledger_slot *s;

	*out = NULL;
	while (len && ledger_is_blank(text[len - 1]))
		len--;
	for (; len && ledger_is_blank(*text); len--)
		text++;
	if (!len)
		return err_set(eb, ERR_INVALID, "the key is empty");
	/* it goes out as a header: a line break in it would be a hole */
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return err_set(
			    eb, ERR_INVALID, "the key holds blanks or characters that no key has");
	s = calloc(1, sizeof *s);
	if (s)
		s->secret = secret_new(text, len);
	if (!s || !s->secret) {
		ledger_slot_free(s);
		return err_set(eb, ERR_NOMEM, "out of memory");
	}
	snprintf(s->print, sizeof s->print, "%s", secret_print(s->secret));
	s->enabled = true;
	*out = s;
	return ERR_OK;
}

struct quota_key_row ledger_slot_row(const struct ledger_slot *s)
{
	return (struct quota_key_row){.id = s->id,
	    .name = s->name,
	    .project = s->project->name,
	    .secret = s->settings_n ? NULL : secret_reveal(s->secret),
	    .print = s->print,
	    .refused = s->refused,
	    .from_settings = s->settings_n != 0,
	    .enabled = s->enabled,
	    .quota = s->quota,
	    .errors = s->errors,
	    .last_used = s->last_used,
	    .last_ok = s->last_ok,
	    .calls = s->calls,
	    .calls_day = s->calls_day};
}

static enum err ledger_load_row(void *arg, const struct quota_key_row *row, struct errbuf *eb)
{
	struct ledger_loader *loader = arg;
	struct ledger_slot *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(eb, ERR_NOMEM, "out of memory");
	s->id = row->id;
	snprintf(s->name, sizeof s->name, "%s", row->name);
	snprintf(s->print, sizeof s->print, "%s", row->print);
	snprintf(s->refused, sizeof s->refused, "%s", row->refused);
	s->project = ledger_project_get(loader->l, row->project);
	s->secret = row->secret ? secret_new(row->secret, strlen(row->secret)) : NULL;
	s->enabled = row->enabled;
	s->quota = row->quota;
	s->errors = row->errors;
	s->last_used = row->last_used;
	s->last_ok = row->last_ok;
	s->calls = row->calls;
	s->calls_day = row->calls_day;
	ledger_append(&loader->rows, s);
	if (!s->project || (row->secret && !s->secret))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

static enum err ledger_load_project(
    void *arg, const char *name, const char *refused, struct errbuf *eb)
{
	struct ledger_loader *loader = arg;
	struct ledger_project *p = ledger_project_get(loader->l, name);

	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	snprintf(p->refused, sizeof p->refused, "%s", refused);
	return ERR_OK;
}

/* The stored row of a key of the settings: by its text if it was added, else by fingerprint. */
static struct ledger_slot *ledger_claim(
    struct ledger_slot *rows, const struct secret *key, const char *name)
{
	struct ledger_slot *by_print = NULL;

	for (struct ledger_slot *s = rows; s; s = s->next) {
		if (s->secret && secret_is_equal(s->secret, secret_reveal(key), secret_length(key)))
			return s;
		if (s->secret || strcmp(s->print, secret_print(key)) != 0)
			continue;
		if (!by_print || strcmp(s->name, name) == 0)
			by_print = s;
	}
	return by_print;
}

static struct ledger_slot *ledger_same_key(struct ledger_slot *keys, const struct secret *key)
{
	while (keys && !secret_is_equal(keys->secret, secret_reveal(key), secret_length(key)))
		keys = keys->next;
	return keys;
}

/* Merges a key of the settings with what the file knows of it. Takes s, puts it into the list. */
static enum err ledger_merge(struct ledger_loader *loader, struct ledger_slot *s, const char *name,
    const char *project, struct errbuf *eb)
{
	struct ledger *l = loader->l;
	struct ledger_slot *row = ledger_claim(loader->rows, s->secret, name);

	if (row) {
		ledger_unlink(&loader->rows, row);
		if (row->secret)
			log_at(l->log, LOG_INFO, "quota", 0,
			    "%s now stands in the settings as %s; its stored copy is wiped",
			    row->name, name);
		secret_free(row->secret);
		row->secret = s->secret;
		row->settings_n = s->settings_n;
		row->quota = s->quota;
		s->secret = NULL;
		ledger_slot_free(s);
		s = row;
	}
	snprintf(s->name, sizeof s->name, "%s", name);
	s->project = ledger_project_get(l, project);
	s->changed = true;
	ledger_append(&l->keys, s);
	return s->project ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
}

/* Key n of the settings. What is no key is left out with a word in the log. */
static enum err ledger_load_setting(
    struct ledger_loader *loader, const struct settings *settings, int n, struct errbuf *eb)
{
	const struct secret *key = settings_secret(settings, SET_API_KEY, n);
	struct ledger *l = loader->l;
	struct ledger_slot *s, *same;
	struct errbuf why = {.code = ERR_OK};
	char name[32], setting[64];
	const char *project = settings_text(settings, SET_API_KEY_PROJECT, n);
	enum err err;

	if (!key)
		return ERR_OK;
	snprintf(name, sizeof name, "key%d", n);
	snprintf(setting, sizeof setting, "YOUTUBE_API_KEY_%d_PROJECT", n);
	if (!*project)
		project = name;
	if (ledger_check_name(setting, project, eb))
		return ERR_INVALID;
	err = ledger_slot_new(&s, secret_reveal(key), secret_length(key), &why);
	if (err == ERR_INVALID) {
		log_at(l->log, LOG_WARNING, "quota", 0, "YOUTUBE_API_KEY_%d is not used: %s", n,
		    why.text);
		return ERR_OK;
	}
	if (err)
		return err_set(eb, err, "%s", why.text);
	same = ledger_same_key(l->keys, s->secret);
	if (same) {
		log_at(l->log, LOG_WARNING, "quota", 0,
		    "YOUTUBE_API_KEY_%d is the same as YOUTUBE_API_KEY_%d and is left out", n,
		    same->settings_n);
		ledger_slot_free(s);
		return ERR_OK;
	}
	if (!ledger_looks_like_key(s->secret))
		log_at(l->log, LOG_WARNING, "quota", 0,
		    "YOUTUBE_API_KEY_%d does not look like a key (AIza and 35 more characters)", n);
	s->settings_n = n;
	if (settings_is_set(settings, SET_API_KEY_QUOTA, n))
		s->quota = settings_number(settings, SET_API_KEY_QUOTA, n);
	return ledger_merge(loader, s, name, project, eb);
}

/* Numbers new keys and writes down what the settings changed. */
static enum err ledger_store_keys(struct ledger *l, struct errbuf *eb)
{
	enum err err;

	for (struct ledger_slot *s = l->keys; s && l->read_only; s = s->next)
		if (!s->id)
			s->id = -s->settings_n;
	if (l->read_only)
		return ERR_OK;
	err = quota_store_begin(l->store, eb);
	for (struct ledger_slot *s = l->keys; s && !err; s = s->next) {
		struct quota_key_row row = ledger_slot_row(s);
		if (!s->id)
			err = quota_store_key_add(l->store, &row, &s->id, eb);
		else if (s->changed)
			err = quota_store_key_save(l->store, &row, eb);
		s->changed = false;
	}
	if (!err)
		err = quota_store_commit(l->store, eb);
	if (err)
		quota_store_rollback(l->store);
	else
		quota_store_wipe(l->store);
	return err;
}

/* What is left of the rows was added by hand; the rest has gone from the settings. */
static void ledger_take_rest(struct ledger_loader *loader)
{
	while (loader->rows) {
		struct ledger_slot *s = loader->rows;
		loader->rows = s->next;
		if (s->secret && s->project)
			ledger_append(&loader->l->keys, s);
		else
			ledger_slot_free(s);
	}
}

enum err ledger_load(struct ledger *l, const struct settings *settings, struct errbuf *eb)
{
	struct ledger_loader loader = {.l = l};
	enum err err = ERR_OK;

	if (l->store)
		err = quota_store_keys_each(l->store, ledger_load_row, &loader, eb);
	if (!err && l->store)
		err = quota_store_projects_each(l->store, ledger_load_project, &loader, eb);
	for (int n = 1; !err && n <= settings_family_max(settings, SET_API_KEY); n++)
		err = ledger_load_setting(&loader, settings, n, eb);
	ledger_take_rest(&loader);
	if (!err && l->store)
		err = quota_store_newest_day(l->store, &l->newest_day, eb);
	if (!err)
		err = ledger_tally_load_locked(l, l->seen_day, eb);
	if (!err)
		err = ledger_store_keys(l, eb);
	if (!err)
		ledger_limits_locked(l);
	return err;
}
