/* A new API key: its text without echo, then the project whose units it shares. */
#include "config.h"
#include "tui/session_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_new_key(struct session *s, const char *name, const char *project)
{
	struct new_key *k = &s->new_key;

	snprintf(k->name, sizeof k->name, "%s", name);
	snprintf(k->project, sizeof k->project, "%s", project);
	session_open(s,
	    dialog_secret("New API key",
	        "Paste the key and press Enter. It is not shown and not logged.\n"
	        "Quota belongs to the Google Cloud project, not to the key."),
	    PURPOSE_KEY);
}

void session_new_key_drop(struct session *s)
{
	if (s->new_key.secret)
		explicit_bzero(s->new_key.secret, strlen(s->new_key.secret));
	free(s->new_key.secret);
	s->new_key.secret = NULL;
}

/* A name that no key has: key7. */
static void key_make_name(const struct snapshot *snap, char *out, size_t size)
{
	size_t n = snap ? snap->n_keys + 1 : 1;
	bool taken = true;

	while (taken) {
		taken = false;
		snprintf(out, size, "key%zu", n++);
		for (size_t i = 0; snap && i < snap->n_keys && i < SNAPSHOT_KEYS; i++)
			taken = taken || strcmp(snap->keys[i].name, out) == 0;
	}
}

/* project "": one of its own. */
static void key_add(struct session *s, const char *secret, const char *project)
{
	struct batch *b = batch_new(ACTION_KEY_ADD);
	char name[32];
	bool ok = b != NULL;

	key_make_name(s->screen.snap, name, sizeof name);
	if (ok) {
		b->secret = str_dup(secret);
		b->project = *project ? str_dup(project) : NULL;
		ids_add(&b->targets, *s->new_key.name ? s->new_key.name : name);
		ok = b->secret && b->targets.n && (!*project || b->project);
	}
	session_shut(s);
	if (ok) {
		session_run(s, b, false);
	} else {
		batch_free(b);
		session_say(s, ROLE_ERROR, "! out of memory");
	}
}

/* What is offered is what will be done: the names are kept, whatever projects come or go. */
static struct dialog *key_ask_project(struct session *s)
{
	const struct snapshot *snap = s->screen.snap;
	struct dialog *d = dialog_pick("Which Google Cloud project is this key of?");
	char text[200];

	s->new_key.n_projects = 0;
	if (d)
		dialog_pick_add(d, 0, "one of its own, named like the key", false);
	for (size_t i = 0; d && i < snap->n_projects && i < SNAPSHOT_PROJECTS; i++) {
		const struct snapshot_project *p = &snap->projects[i];
		snprintf(s->new_key.projects[s->new_key.n_projects++],
		    sizeof s->new_key.projects[0], "%s", p->name);
		snprintf(text, sizeof text, "%s: %lld key%s share its units", p->name,
		    (long long)p->keys, p->keys == 1 ? "" : "s");
		dialog_pick_add(d, 0, text, false);
	}
	return d;
}

void session_key_given(struct session *s)
{
	const struct snapshot *snap = s->screen.snap;
	const char *secret = dialog_secret_text(s->dialog);

	if (*s->new_key.project || !snap || !snap->n_projects) {
		key_add(s, secret, s->new_key.project);
		return;
	}
	session_new_key_drop(s);
	s->new_key.secret = str_dup(secret);
	session_open(s, s->new_key.secret ? key_ask_project(s) : NULL, PURPOSE_PROJECT);
}

void session_key_project(struct session *s, size_t picked)
{
	bool own = picked == 0 || picked > s->new_key.n_projects;

	key_add(s, s->new_key.secret, own ? "" : s->new_key.projects[picked - 1]);
}
