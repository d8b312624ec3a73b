/* How somebody wants the screen: themes, :set, :write, the bell, and what they do at once. */
#include "config.h"
#include "tui/session_parts.h"
#include "engine/base/clock.h"
#include "tui/config_file.h"
#include "tui/theme_file.h"

#include <stdio.h>
#include <string.h>

enum { SET_LINE = 160, SET_NOTE_MS = 30000 };

/* ---- themes ---- */

bool session_set_theme(struct session *s, const char *name)
{
	struct errbuf eb = {.code = ERR_OK};

	if (strcmp(name, "auto") != 0 && theme_load(name, &s->theme, &eb) != ERR_OK) {
		session_say(s, ROLE_WARN, "! %s", err_text(&eb));
		return false;
	}
	s->has_theme = strcmp(name, "auto") != 0;
	if (strcmp(s->prefs.theme, name) != 0) {
		s->prefs.line[PREF_THEME] = -1;
		snprintf(s->prefs.theme, sizeof s->prefs.theme, "%s", name);
	}
	s->effects |= SESSION_THEME;
	s->dirty = true;
	return true;
}

const struct theme *session_theme(const struct session *s)
{
	return s->has_theme ? &s->theme : NULL;
}

/* Looks for the name behind the one there is. */
struct set_next {
	const char *now;
	bool seen, found;
	char name[THEME_NAME];
};

static void set_next_theme(void *arg, const char *name)
{
	struct set_next *n = arg;

	if (n->seen && !n->found) {
		snprintf(n->name, sizeof n->name, "%s", name);
		n->found = true;
	}
	n->seen = n->seen || strcmp(name, n->now) == 0;
}

void session_next_theme(struct session *s)
{
	struct set_next n = {.now = s->prefs.theme};

	n.seen = strcmp(n.now, "auto") == 0;
	theme_each(set_next_theme, &n);
	if (session_set_theme(s, n.found ? n.name : "auto"))
		session_say(s, ROLE_OFF, "theme %s   :write keeps it", s->prefs.theme);
}

static void set_offer_theme(void *arg, const char *name)
{
	prompt_offer(arg, name, "");
}

void session_offer_themes(struct session *s)
{
	prompt_offer(&s->prompt, "auto", "by the terminal");
	theme_each(set_offer_theme, &s->prompt);
}

/* ---- all settings ---- */

/* False: what the settings say cannot be had, and why was said. */
static bool set_apply(struct session *s)
{
	glyphs_init(&s->glyphs, !s->prefs.ascii && !s->cfg.ascii && glyphs_locale_is_utf8());
	s->dirty = true;
	return session_set_theme(s, s->prefs.theme);
}

/* All of them to choose from; the chosen one goes into the prompt. */
static void set_menu(struct session *s)
{
	struct dialog *d = dialog_pick("Settings of the screen");
	char line[SET_LINE], value[PREF_VALUE], origin[40];

	for (int i = 0; d && i < PREF_COUNT; i++) {
		pref_origin(&s->prefs, (enum pref)i, origin, sizeof origin);
		snprintf(line, sizeof line, "%-8s %-8s %-20s %s", pref_name((enum pref)i),
		    pref_value(&s->prefs, (enum pref)i, value), origin, pref_help((enum pref)i));
		dialog_pick_add(d, 0, line, false);
	}
	session_open(s, d, PURPOSE_SET);
}

void session_set_picked(struct session *s, size_t i)
{
	char line[SET_LINE];

	snprintf(line, sizeof line, "set %s ", pref_name((enum pref)i));
	session_shut(s);
	if (!prompt_open(&s->prompt, PROMPT_COMMAND, line, s->glyphs.utf8))
		session_say(s, ROLE_ERROR, "! out of memory");
}

void session_set(struct session *s, const char *name, const char *value)
{
	struct errbuf eb = {.code = ERR_OK};
	struct prefs before = s->prefs;

	if (!name) {
		set_menu(s);
	} else if (prefs_set(&s->prefs, name, value, &eb) != ERR_OK) {
		session_say(s, ROLE_WARN, "! %s", err_text(&eb));
	} else if (!set_apply(s)) {
		s->prefs = before;
	} else {
		session_say(s, ROLE_OFF, "%s is %s; :write keeps it", name, value);
	}
}

void session_offer_settings(struct session *s)
{
	for (int i = 0; i < PREF_COUNT; i++)
		prompt_offer(&s->prompt, pref_name((enum pref)i), pref_help((enum pref)i));
}

void session_write(struct session *s, const char *path)
{
	struct errbuf eb = {.code = ERR_OK};
	struct prefs there;
	struct str usual;

	str_init(&usual, SESSION_PATH);
	config_file_path("console.conf", &usual);
	prefs_init(&there);
	if (!path && usual.len)
		path = str_get(&usual);
	if (!path)
		session_say(s, ROLE_WARN, "there is no home folder: :write FILE names a place");
	else if (prefs_read(&there, path, &eb) != ERR_OK) /* something else stands there */
		session_say(s, ROLE_WARN, "not written: %s", err_text(&eb));
	else if (prefs_write(&s->prefs, path, &eb) != ERR_OK)
		session_say(s, ROLE_ERROR, "! %s", err_text(&eb));
	else
		session_say(s, ROLE_OK, "kept in %s", path);
	str_done(&usual);
}

void session_load_prefs(struct session *s)
{
	struct errbuf eb = {.code = ERR_OK};
	enum err err = ERR_OK;
	struct str path;

	str_init(&path, SESSION_PATH);
	prefs_init(&s->prefs);
	if (s->cfg.prefs) /* what is said is to be read for a while, not until the first tick */
		s->mono_ms = clock_mono_ms();
	config_file_path("console.conf", &path);
	if (s->cfg.prefs && path.len)
		err = prefs_read(&s->prefs, str_get(&path), &eb);
	if (s->cfg.theme)
		snprintf(s->prefs.theme, sizeof s->prefs.theme, "%s", s->cfg.theme);
	if (s->cfg.refresh_ms > 0)
		s->prefs.refresh_ms = s->cfg.refresh_ms;
	if (s->cfg.undo_ms)
		s->prefs.undo_ms = s->cfg.undo_ms;
	set_apply(s);
	if (s->cfg.prefs && !session_go(s, s->prefs.view, ""))
		err = err_set(&eb, ERR_INVALID, "there is no view %s", s->prefs.view);
	if (err)
		session_say(s, ROLE_WARN, "! %s", err_text(&eb));
	str_done(&path);
}

/* ---- what calls for somebody ---- */

/* An alert that began since the last look, needs a person, and nobody silenced. */
static const struct snapshot_alert *set_new_alert(struct session *s, const struct snapshot *snap)
{
	const struct snapshot_alert *found = NULL;
	int64_t newest = s->seen_alert;

	for (size_t i = 0; i < snap->n_alerts; i++) {
		const struct snapshot_alert *a = &snap->alerts[i];
		newest = a->id > newest ? a->id : newest;
		if (a->id > s->seen_alert && a->person && !a->acked && !a->until && !found)
			found = a;
	}
	s->seen_alert = newest;
	return found;
}

/* The alert that began, or the job that ended last: the bell comes some seconds later. */
static void set_note(struct session *s, const struct snapshot *snap, const struct snapshot_alert *a)
{
	const struct snapshot_job *last = NULL;

	str_reset(&s->note);
	for (size_t i = 0; i < snap->n_jobs; i++) {
		const struct snapshot_job *j = &snap->jobs[i];
		if (!j->open && snap->made_at * 1000 - j->completed_ms < SET_NOTE_MS &&
		    (!last || j->completed_ms > last->completed_ms))
			last = j;
	}
	if (a)
		str_adds(&s->note, a->text);
	else if (last)
		str_addf(
		    &s->note, "J-%lld %s is %s", (long long)last->no, last->word, last->status);
	else
		str_adds(&s->note, "something calls for you");
}

void session_alerts(struct session *s, const struct snapshot *snap)
{
	bool first = !s->screen.snap;
	const struct snapshot_alert *a = set_new_alert(s, snap);

	if (!first && snap->bell > s->seen_bell) {
		s->effects |= (s->prefs.bell ? (unsigned)SESSION_BELL : 0) |
		              (s->prefs.note ? (unsigned)SESSION_NOTE : 0);
		set_note(s, snap, a);
	}
	s->seen_bell = snap->bell;
	if (a && !first)
		session_say(s, ROLE_WARN, "! %s   :alerts shows all", a->text);
}
