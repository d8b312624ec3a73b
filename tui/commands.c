/*
 * What can be typed after ":". Views and actions are commands by themselves, from their tables; the
 * rest stands in command_table: a word, what follows it, a line of help, a function.
 */
#include "config.h"
#include "tui/session_parts.h"
#include "engine/base/clock.h"
#include "tui/plan_form.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_WORDS = 64, COMMAND_NUMBER_MOST = 100000, COMMAND_TEXT = 64 << 20 };

/* A line taken apart: quotes keep blanks. */
struct words {
	char *text; /* owned; words point into it */
	const char *word[COMMAND_WORDS + 1];
	const char *rest[COMMAND_WORDS + 1]; /* the line from that word on */
	size_t n;
};

static bool words_split(struct words *w, const char *line)
{
	char *out;

	*w = (struct words){.text = malloc(strlen(line) + 2)};
	out = w->text;
	while (out && w->n < COMMAND_WORDS) {
		bool quoted = false;
		while (*line == ' ')
			line++;
		if (!*line)
			break;
		w->rest[w->n] = line;
		w->word[w->n++] = out;
		for (; *line && (quoted || *line != ' '); line++) {
			if (*line == '"')
				quoted = !quoted;
			else
				*out++ = *line;
		}
		*out++ = 0;
	}
	return w->text != NULL;
}

enum command_completes {
	COMPLETES_NOTHING,
	COMPLETES_TYPES,
	COMPLETES_THEMES,
	COMPLETES_SETTINGS,
	COMPLETES_ROWS,
	COMPLETES_COMMANDS,
	COMPLETES_FIELDS
};

struct prompt_command {
	const char *word, *args, *help;
	enum command_completes completes;
	void (*run)(struct session *s, const struct words *w);
};

/* ---- files ---- */

bool session_write_file(struct session *s, const char *path, const char *text)
{
	size_t len = strlen(text), at = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	while (fd >= 0 && at < len) {
		ssize_t n = write(fd, text + at, len - at);
		if (n <= 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || at < len)
		session_say(s, ROLE_ERROR, "! %s: %s", path, strerror(errno));
	else
		session_say(s, ROLE_OK, "saved: %s", path);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && at == len;
}

void session_file_name(struct session *s, const char *name, const char *ending, struct str *out)
{
	struct clock_date d = clock_date_from(s->now_ms / 1000);

	if (name)
		str_adds(out, name);
	else
		str_addf(out, "tubeops-%s-%04d%02d%02d-%02d%02d%02d.%s", session_view(s)->ops->name,
		    (int)d.year, d.month, d.day, d.hour, d.minute, d.second, ending);
}

/* Takes the text. */
static void command_save_text(struct session *s, const struct words *w, char *text)
{
	struct str path;

	str_init(&path, SESSION_PATH);
	session_file_name(s, w->n > 1 ? w->word[w->n - 1] : NULL, "txt", &path);
	if (text)
		session_write_file(s, str_get(&path), text);
	else
		session_say(s, ROLE_ERROR, "! out of memory");
	str_done(&path);
	free(text);
}

static void command_save(struct session *s, const struct words *w)
{
	struct surface to;
	char *text = NULL;

	if (surface_init(&to, s->w, s->h)) {
		str_reset(&s->message);
		session_draw(s, &to);
		text = surface_text(&to);
		surface_done(&to);
	}
	command_save_text(s, w, text);
}

static void command_export(struct session *s, const struct words *w)
{
	session_export(s, w->word, w->n);
}

/* Each row as `c` would copy it. */
static void command_lines(struct session *s, const struct words *w)
{
	struct table *t = session_table(s);
	struct view_ctx c = session_ctx(s);
	struct table_row row;
	struct str text;

	if (!t || !t->def->copy) {
		session_say(s, ROLE_WARN, "there are no lines here to save; :export saves a list");
		return;
	}
	str_init(&text, COMMAND_TEXT);
	for (size_t i = 0; i < t->n; i++)
		if (table_row_at(t, &c, session_view(s), i, &row)) {
			t->def->copy(&row, &text);
			str_addc(&text, '\n');
		}
	command_save_text(s, w, str_take(&text));
}

/* ---- the screen ---- */

static void command_quit(struct session *s, const struct words *w)
{
	(void)w;
	session_leave(s);
}

static void command_help(struct session *s, const struct words *w)
{
	struct str help;

	if (w->n < 2) {
		session_go(s, "help", "");
		return;
	}
	str_init(&help, SESSION_MESSAGE);
	commands_help(s, w->word[1], &help);
	session_say(s, ROLE_NORMAL, "%s: %s", w->word[1],
	    help.len ? str_get(&help) : "there is no such command");
	str_done(&help);
}

static void command_theme(struct session *s, const struct words *w)
{
	session_set_theme(s, w->n > 1 ? w->word[1] : "auto");
}

static void command_refresh(struct session *s, const struct words *w)
{
	session_set(s, "refresh", w->n > 1 ? w->word[1] : "500ms");
}

/* :set, :set NAME VALUE, :set NAME=VALUE */
static void command_set(struct session *s, const struct words *w)
{
	char *name = w->n > 1 ? str_dup(w->word[1]) : NULL;
	char *eq = name ? strchr(name, '=') : NULL;
	const char *value = w->n > 2 ? w->word[2] : eq ? eq + 1 : "";

	if (eq)
		*eq = 0;
	session_set(s, name, value);
	free(name);
}

static void command_write_prefs(struct session *s, const struct words *w)
{
	session_write(s, w->n > 1 ? w->word[1] : NULL);
}

/* ---- jobs ---- */

static void command_start(struct session *s, const struct words *w, bool at_once)
{
	if (w->n < 2)
		session_act(s, ACTION_JOB_START, NULL, 0, NULL);
	else
		session_form(s, w->word[1], w->word + 2, w->n - 2, at_once);
}

static void command_new(struct session *s, const struct words *w)
{
	command_start(s, w, false);
}

static void command_new_now(struct session *s, const struct words *w)
{
	command_start(s, w, true);
}

static void command_undo(struct session *s, const struct words *w)
{
	(void)w;
	session_key(s, 'u');
}

/* ---- other nodes ---- */

static void command_attach(struct session *s, const struct words *w)
{
	if (w->n < 2) {
		session_say(s, ROLE_WARN, "write  :attach HOST:PORT [TOKEN-FILE [CA-FILE]]");
		return;
	}
	if (session_held_keeps(s, ":attach"))
		return;
	str_reset(&s->attach_to);
	str_adds(&s->attach_to, w->rest[1]);
	s->effects |= SESSION_ATTACH;
}

static void command_detach(struct session *s, const struct words *w)
{
	(void)w;
	if (!session_held_keeps(s, ":detach"))
		s->effects |= SESSION_DETACH;
}

/* ---- actions ---- */

static void command_act(struct session *s, enum action a, const struct words *w, size_t from)
{
	bool number = (action_info(a)->flags & ACT_NUMBER) != 0;
	size_t to = number && w->n > from ? w->n - 1 : w->n;
	char params[64];
	int64_t n;

	if (number && (w->n <= from || str_to_i64(w->word[w->n - 1], 0, COMMAND_NUMBER_MOST, &n))) {
		session_say(s, ROLE_WARN, ":%s needs a number at its end", action_info(a)->word);
		return;
	}
	if (number)
		snprintf(params, sizeof params, "{\"n\":%lld}", (long long)n);
	session_act(s, a, w->word + from, to > from ? to - from : 0, number ? params : NULL);
}

/* ":share videos 40", ":pace even" */
static void command_plan(struct session *s, enum action a, const struct words *w, size_t from)
{
	struct str body;

	str_init(&body, SESSION_MESSAGE);
	if (plan_form_body(a, w->word + from, w->n - from, &body))
		session_act(s, a, NULL, 0, str_get(&body));
	else
		session_say(s, ROLE_WARN, "write  :%s", plan_form_usage(a));
	str_done(&body);
}

/* The action of a word: the one for the view that is shown, else the only one. */
static enum action command_action(const struct session *s, const char *word)
{
	unsigned on = view_on(&s->states[s->now_at]);
	int found = ACTION_COUNT;

	for (int a = ACTION_COUNT - 1; a >= 0; a--) {
		const struct action_info *info = action_info((enum action)a);
		if (strcmp(info->word, word) != 0)
			continue;
		if (info->on & on)
			return (enum action)a;
		found = a;
	}
	return (enum action)found;
}

static void command_of(struct session *s, const struct words *w, enum action_arg arg)
{
	for (int a = 0; w->n > 2 && a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if (info->arg == arg && strcmp(info->word, w->word[2]) == 0) {
			const char *ids[] = {w->word[1], w->n > 3 ? w->word[3] : NULL};
			bool two = a == ACTION_KEY_ADD && ids[1]; /* and its project */
			session_act(s, (enum action)a, ids, two ? 2 : 1, NULL);
			return;
		}
	}
	session_say(s, ROLE_WARN, ":%s NAME ACTION, such as  :%s %s %s", w->word[0], w->word[0],
	    w->n > 1 ? w->word[1] : "NAME", arg == ARG_KEY ? "test" : "run");
}

static void command_key(struct session *s, const struct words *w)
{
	command_of(s, w, ARG_KEY);
}

static void command_schedule(struct session *s, const struct words *w)
{
	command_of(s, w, ARG_SCHEDULE);
}

/* ---- the table ---- */

static const struct prompt_command command_table[] = {
    {"new", "TYPE [NAME=VALUE…]", "opens the form of a job, filled in", COMPLETES_TYPES,
        command_new},
    {"new!", "TYPE [NAME=VALUE…]", "starts a job without its form", COMPLETES_TYPES,
        command_new_now},
    {"key", "NAME ACTION", "does something with a key: add [PROJECT], test, disable …",
        COMPLETES_NOTHING, command_key},
    {"schedule", "NAME ACTION", "does something with a schedule: run, disable …", COMPLETES_NOTHING,
        command_schedule},
    {"undo", "", "takes back what waits to be done", COMPLETES_NOTHING, command_undo},
    {"export", "[csv|jsonl] [FILE]", "the list as it is filtered, whole; .gz packs it",
        COMPLETES_NOTHING, command_export},
    {"lines", "[FILE]", "the rows of the list as text, each as c copies it", COMPLETES_NOTHING,
        command_lines},
    {"save", "[FILE]", "the screen as text", COMPLETES_NOTHING, command_save},
    {"attach", "HOST:PORT [TOKEN-FILE [CA-FILE]]", "shows another node; the one here goes on",
        COMPLETES_NOTHING, command_attach},
    {"detach", "", "shows the node here again", COMPLETES_NOTHING, command_detach},
    {"theme", "NAME", "auto, one of the program's, or your own file's", COMPLETES_THEMES,
        command_theme},
    {"refresh", "TIME", "how often numbers are renewed: 200ms to 60s", COMPLETES_NOTHING,
        command_refresh},
    {"set", "[NAME VALUE]", "settings of the screen: theme, refresh, undo, bell, note, ascii, view",
        COMPLETES_SETTINGS, command_set},
    {"write", "[FILE]", "keeps the settings of the screen", COMPLETES_NOTHING, command_write_prefs},
    {"help", "[WORD]", "the keys of this view, or what a command does", COMPLETES_COMMANDS,
        command_help},
    {"quit", "", "leaves (asks when jobs run here)", COMPLETES_NOTHING, command_quit},
};

enum { COMMANDS = sizeof command_table / sizeof command_table[0] };

static const struct prompt_command *command_find(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(command_table[i].word, word) == 0)
			return &command_table[i];
	return strcmp(word, "q") == 0 ? command_find("quit") : NULL;
}

static void command_view(struct session *s, const struct view_ops *v, const struct words *w)
{
	struct table *t;

	if (v->on && w->n < 2) {
		session_say(s, ROLE_WARN, ":%s needs to know which", v->name);
		return;
	}
	session_go(s, v->name, v->on && w->n > 1 ? w->word[1] : "");
	t = session_table(s);
	if (!v->on && w->n > 1 && t && !table_filter(t, w->rest[1], s->screen.now))
		session_say(s, ROLE_WARN, "! %s", t->filter_error);
}

void commands_run(struct session *s, const char *line)
{
	const struct prompt_command *command;
	struct words w;
	enum action a;

	if (!words_split(&w, line) || !w.n) {
		free(w.text);
		return;
	}
	s->dirty = true;
	command = command_find(w.word[0]);
	a = command_action(s, w.word[0]);
	if (command)
		command->run(s, &w);
	else if (view_find(w.word[0]))
		command_view(s, view_find(w.word[0]), &w);
	else if (a != ACTION_COUNT && plan_form_usage(a))
		command_plan(s, a, &w, 1);
	else if (a != ACTION_COUNT)
		command_act(s, a, &w, 1);
	else
		session_say(
		    s, ROLE_WARN, ":%s is no command; Tab after : shows what there is", w.word[0]);
	free(w.text);
}

/* ---- completion and help ---- */

static void complete_first(struct session *s)
{
	for (size_t i = 0; i < COMMANDS; i++)
		prompt_offer(&s->prompt, command_table[i].word, command_table[i].help);
	for (const struct view_ops *const *v = view_list(); *v; v++)
		prompt_offer(&s->prompt, (*v)->name,
		    (*v)->on           ? "one of them, by its name"
		    : (*v)->title_wide ? (*v)->title_wide
		                       : "");
	for (int a = 0; a < ACTION_COUNT; a++)
		if (command_action(s, action_info((enum action)a)->word) == (enum action)a)
			prompt_offer(&s->prompt, action_info((enum action)a)->word,
			    action_info((enum action)a)->help);
}

static void complete_rows(struct session *s)
{
	struct table *t = session_table(s);

	for (size_t i = 0; t && i < t->n; i++)
		prompt_offer(&s->prompt, t->lines[i].id, "");
}

/* Kinds of jobs; behind one its parameters. */
static void complete_types(struct session *s, const struct words *w)
{
	for (const struct job_type_info *const *t = s->node->types; *t; t++) {
		bool named = w->n > 1 && (strcmp((*t)->word, w->word[1]) == 0 ||
		                             strcmp((*t)->name, w->word[1]) == 0);
		prompt_offer(&s->prompt, (*t)->word, (*t)->help);
		for (size_t i = 0; named && i < (*t)->n_params; i++) {
			char text[PROMPT_WORD];
			snprintf(text, sizeof text, "%.90s=", (*t)->params[i].name);
			prompt_offer(&s->prompt, text, (*t)->params[i].help);
		}
	}
}

static void complete_fields(struct session *s, const struct view_ops *v)
{
	const struct table_def *def = v->n_parts ? v->parts[0].table : NULL;

	for (size_t i = 0; def && i < def->n_cols; i++)
		if (def->cols[i].name)
			prompt_offer(&s->prompt, def->cols[i].name, def->cols[i].title);
}

void commands_complete(struct session *s)
{
	const struct prompt_command *command;
	const struct view_ops *v;
	struct words w;

	prompt_choices_begin(&s->prompt);
	if (s->prompt.word == 0)
		complete_first(s);
	if (s->prompt.word > 0 && words_split(&w, prompt_text(&s->prompt)) && w.n) {
		command = command_find(w.word[0]);
		v = view_find(w.word[0]);
		if (command && command->completes == COMPLETES_TYPES)
			complete_types(s, &w);
		else if (command && command->completes == COMPLETES_COMMANDS)
			complete_first(s);
		else if (command && command->completes == COMPLETES_THEMES)
			session_offer_themes(s);
		else if (command && command->completes == COMPLETES_SETTINGS)
			w.n > 1 && strcmp(w.word[1], "theme") == 0 ? session_offer_themes(s)
			                                           : session_offer_settings(s);
		else if (v && !v->on)
			complete_fields(s, v);
		else if (!command)
			complete_rows(s);
		free(w.text);
	}
	prompt_take_choice(&s->prompt);
}

void commands_help(const struct session *s, const char *line, struct str *out)
{
	const struct prompt_command *command;
	const struct view_ops *v;
	struct words w;
	enum action a;

	if (!words_split(&w, line) || !w.n) {
		free(w.text);
		return;
	}
	command = command_find(w.word[0]);
	v = view_find(w.word[0]);
	a = command_action(s, w.word[0]);
	if (command)
		str_addf(out, "%s%s%s", command->args, *command->args ? ": " : "", command->help);
	else if (v)
		str_addf(out, "%s: goes there", v->on ? "WHICH" : "[FILTER]");
	else if (a != ACTION_COUNT && plan_form_usage(a))
		str_addf(out, "%s: %s", plan_form_usage(a), action_info(a)->help);
	else if (a != ACTION_COUNT)
		str_addf(out, "[WHICH…]%s: %s", action_info(a)->flags & ACT_NUMBER ? " NUMBER" : "",
		    action_info(a)->help);
	free(w.text);
}
