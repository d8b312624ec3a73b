/* Forms: a new job with what it costs, a new key, the project of keys. */
#include "config.h"
#include "tui/session_parts.h"
#include "tui/format.h"
#include "tui/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_VALUE = 4096 };

/* The parameter of jobs that are told which channels to take; so many ids fit into its field. */
#define FORM_CHANNELS "channel_ids"
enum { FORM_CHANNELS_MOST = INPUT_LIST / 25 - 100 };

/* Items that a try of a job takes. */
#define FORM_TRY "20"

/* ---- a new job ---- */

static const struct job_type_info *form_type(const struct session *s, const char *name)
{
	for (const struct job_type_info *const *t = s->node->types; *t; t++)
		if (strcmp((*t)->name, name) == 0 || strcmp((*t)->word, name) == 0)
			return *t;
	return NULL;
}

static void form_note(const struct session *s, struct str *note)
{
	const struct snapshot *snap = s->screen.snap;
	char used[FORMAT_SIZE], known[FORMAT_SIZE], when[FORMAT_SIZE];

	if (snap)
		str_addf(note, "%s channels known   %s units left today, new ones %s",
		    format_count(known, snap->channels), format_full(used, snap->units_left),
		    format_when(when, snap->reset_at, s->screen.now));
}

static bool form_send(struct session *s, bool undo)
{
	struct batch *b = batch_new(ACTION_JOB_START);

	if (b) {
		b->job_type = str_dup(dialog_type(s->dialog)->name);
		b->params = dialog_params_json(s->dialog);
	}
	if (!b || !b->job_type || !b->params) {
		batch_free(b);
		session_say(s, ROLE_ERROR, "! out of memory");
		return false;
	}
	session_run(s, b, undo);
	return true;
}

static void form_start(struct session *s)
{
	char text[FORM_TEXT];

	if (!dialog_form_is_warned(s->dialog) && price_is_large(&s->price, text, sizeof text)) {
		dialog_form_warn(s->dialog, text);
		return;
	}
	form_send(s, false);
	session_shut(s);
}

/* Starts a small one of the same; the form stays, for all of it. A flag for dry runs stores nothing. */
static void form_try(struct session *s)
{
	bool dry = dialog_form_set(s->dialog, "dry_run", "1");
	char *before = dry ? NULL : str_dup(dialog_form_text(s->dialog, "limit"));

	if (!dry)
		dialog_form_set(s->dialog, "limit", FORM_TRY);
	form_send(s, false);
	dialog_form_set(s->dialog, dry ? "dry_run" : "limit", dry ? "0" : before ? before : "");
	free(before);
}

/* Told when the newest count is there: session_form_tick. */
static void form_dry(struct session *s)
{
	price_again(&s->price, s->mono_ms);
	s->dry = true;
}

/* A value of JSON as a field takes it; members of a list with commas. */
static void form_value(struct json_node node, struct str *out)
{
	struct json_node member;
	struct json_walk walk;
	const char *text;
	size_t len;
	int64_t n;
	bool yes;

	if (json_node_text(node, &text, &len))
		str_add(out, text, len);
	else if (json_node_int(node, &n))
		str_addf(out, "%lld", (long long)n);
	else if (json_node_bool(node, &yes))
		str_addc(out, yes ? '1' : '0');
	json_walk_start(&walk, node);
	while (!walk.object && json_walk_next(&walk, &member, NULL))
		if (json_node_text(member, &text, &len)) {
			str_adds(out, out->len ? ", " : "");
			str_add(out, text, len);
		}
}

/* Puts the values of another way into the fields. */
static void form_take_offer(struct session *s)
{
	struct json_node member;
	struct json_walk walk;
	const char *name;

	json_walk_start(&walk, price_offer(&s->price, dialog_form_offer(s->dialog)));
	while (walk.object && json_walk_next(&walk, &member, &name)) {
		struct str value;
		str_init(&value, FORM_VALUE);
		form_value(member, &value);
		dialog_form_set(s->dialog, name, str_get(&value));
		str_done(&value);
	}
}

void session_form_answered(struct session *s, enum dialog_answer answer)
{
	if (answer == DIALOG_OFFER)
		form_take_offer(s);
	else if (answer == DIALOG_TRY)
		form_try(s);
	else if (answer == DIALOG_DRY)
		form_dry(s);
	else
		form_start(s);
}

void session_form(
    struct session *s, const char *name, const char *const *set, size_t n_set, bool at_once)
{
	const struct job_type_info *type = form_type(s, name);
	struct dialog *d;
	struct str note;
	bool ok = true;

	if (!session_may_act(s) || session_cut_refuses(s, ACTION_JOB_START, ASK_NONE))
		return;
	if (!type) {
		session_say(s, ROLE_WARN, "there is no kind of job called %s", name);
		return;
	}
	str_init(&note, 256);
	form_note(s, &note);
	d = dialog_form(type, str_get(&note), s->glyphs.utf8);
	str_done(&note);
	for (size_t i = 0; d && i < n_set; i++)
		if (!dialog_form_fill(d, set[i])) {
			session_say(
			    s, ROLE_WARN, "%s jobs have no parameter for: %s", type->word, set[i]);
			ok = false;
		}
	price_done(&s->price);
	s->dry = false;
	session_open(s, d, PURPOSE_FORM);
	if (d && at_once && ok && dialog_key(d, KEYS_ENTER) == DIALOG_YES) {
		form_send(s, true);
		session_shut(s);
	}
}

/* What is marked, else what is chosen, else what the page is about, with commas between. */
static size_t form_rows(struct session *s, struct str *out)
{
	struct view_state *st = session_view(s);
	bool rows = st->ops->n_parts && (st->ops->parts[st->part].on & ON_CHANNEL);
	struct table *t = rows ? session_table(s) : NULL;

	for (size_t i = 0; t && i < t->marks.n; i++)
		str_addf(out, "%s%s", i ? "," : "", t->marks.ids[i]);
	if (t && t->marks.n)
		return t->marks.n;
	if (t ? t->n && !t->lost : *st->target != 0)
		str_adds(out, t ? t->selected : st->target);
	return out->len > 0;
}

void session_form_rows(struct session *s, const char *type)
{
	struct table *t = session_table(s);
	const char *set;
	struct str text;

	str_init(&text, INPUT_LIST);
	str_adds(&text, FORM_CHANNELS "=");
	if (t && t->all)
		session_say(s, ROLE_WARN,
		    "a form takes what is marked one by one: U, then mark rows; or n, with what "
		    "narrows it");
	else if (!form_rows(s, &text))
		session_say(s, ROLE_WARN, "there is nothing here to do this with");
	else if (text.err)
		session_say(s, ROLE_WARN, "so many do not fit into a form: mark some %d at most",
		    FORM_CHANNELS_MOST);
	else {
		set = str_get(&text);
		session_form(s, type, &set, 1, false);
	}
	str_done(&text);
}

void session_form_tick(struct session *s)
{
	struct form_cost cost;
	char text[FORM_TEXT];

	if (s->purpose != PURPOSE_FORM)
		return;
	price_want(&s->price, s->node, SESSION_SLOT, dialog_type(s->dialog)->name,
	    dialog_params_json(s->dialog), s->mono_ms);
	price_show(&s->price, s->screen.now, &cost);
	dialog_form_cost(s->dialog, &cost);
	if (s->dry && price_dry(&s->price, s->screen.now, text, sizeof text)) {
		dialog_form_tell(s->dialog, text);
		s->dry = false;
		s->dirty = true;
	}
}

/* ---- a new key ---- */

static const struct job_param form_key_params[] = {
    {.name = "key", .type = PARAM_TEXT, .help = "paste it here: it is not shown and not logged"},
    {.name = "name", .type = PARAM_TEXT, .help = "what the console and the log call it"},
    {.name = "project",
        .type = PARAM_TEXT,
        .optional = true,
        .help = "Google Cloud project: its keys share its units; none: one of its own"},
    {.name = "quota",
        .type = PARAM_NUMBER,
        .least = 1,
        .most = 1000000000,
        .optional = true,
        .help = "units a day of the project; none: 10,000"},
    {.name = "test", .type = PARAM_FLAG, .fallback = 1, .help = "try it with one call (1 unit)"},
};

static const struct form_def form_key_def = {.title = "New API key",
    .help = "YouTube's terms ask for one project per application; audited quota is the way to more",
    .params = form_key_params,
    .n_params = sizeof form_key_params / sizeof form_key_params[0],
    .secret = "key"};

/* A name that no key has: key7. */
static void form_key_name(const struct snapshot *snap, char *out, size_t size)
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

/* "projects: prod, lab" */
static void form_projects(const struct snapshot *snap, struct str *out)
{
	for (size_t i = 0; snap && i < snap->n_projects && i < SNAPSHOT_PROJECTS; i++)
		str_addf(out, "%s%s", i ? ", " : "projects there are: ", snap->projects[i].name);
}

void session_key_form(struct session *s, const char *name, const char *project)
{
	struct dialog *d;
	struct str note;
	char made[32];

	str_init(&note, SESSION_MESSAGE);
	form_projects(s->screen.snap, &note);
	d = dialog_form_of(&form_key_def, str_get(&note), s->glyphs.utf8);
	str_done(&note);
	form_key_name(s->screen.snap, made, sizeof made);
	if (d) {
		dialog_form_set(d, "name", *name ? name : made);
		dialog_form_set(d, "project", project);
	}
	session_open(s, d, PURPOSE_KEY);
}

/* Adds it, then tests it. NULL: no memory. */
static struct batch *form_key_batches(const struct dialog *d)
{
	const char *name = dialog_form_text(d, "name"), *project = dialog_form_text(d, "project");
	const char *quota = dialog_form_text(d, "quota");
	bool test = *dialog_form_text(d, "test");
	struct batch *b = batch_new(ACTION_KEY_ADD);
	char params[64];
	bool ok = b && ids_add(&b->targets, name) &&
	          (b->secret = str_dup(dialog_form_text(d, "key"))) != NULL;

	if (ok && *project)
		ok = (b->project = str_dup(project)) != NULL;
	if (ok && *quota) {
		snprintf(params, sizeof params, "{\"quota\":%.12s}", quota);
		ok = (b->params = str_dup(params)) != NULL;
	}
	if (ok && test) {
		b->then = batch_new(ACTION_KEY_TEST);
		ok = b->then && ids_add(&b->then->targets, name);
	}
	if (ok)
		return b;
	batch_free(b);
	return NULL;
}

void session_key_given(struct session *s)
{
	struct batch *b = form_key_batches(s->dialog);

	session_shut(s);
	if (b)
		session_run(s, b, false);
	else
		session_say(s, ROLE_ERROR, "! out of memory");
}

/* ---- the project of keys ---- */

static const struct job_param form_project_params[] = {
    {.name = "project",
        .type = PARAM_TEXT,
        .help = "Google Cloud project: its keys share its units"},
};

void session_project_form(struct session *s, struct batch *chain)
{
	char words[TABLE_ID + 64];
	struct form_def def = {.title = words,
	    .help = "units it spent today stay booked where they were",
	    .params = form_project_params,
	    .n_params = 1};
	struct str note;

	batch_words(chain, words, sizeof words);
	str_init(&note, SESSION_MESSAGE);
	form_projects(s->screen.snap, &note);
	session_open(s, dialog_form_of(&def, str_get(&note), s->glyphs.utf8), PURPOSE_PROJECT);
	str_done(&note);
	session_drop_asked(s);
	s->asked = chain;
}

void session_project_given(struct session *s)
{
	struct batch *chain = s->asked;
	bool ok = true;

	for (struct batch *b = chain; b; b = b->next)
		ok = (b->project = str_dup(dialog_form_text(s->dialog, "project"))) && ok;
	if (ok)
		s->asked = NULL;
	session_shut(s);
	if (ok)
		session_run(s, chain, false);
	else
		session_say(s, ROLE_ERROR, "! out of memory");
}
