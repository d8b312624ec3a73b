/*
 * session_parts - the inside of a session, for the files session*.c and commands.c alone.
 */
#ifndef TUBEOPS_TUI_SESSION_PARTS_H
#define TUBEOPS_TUI_SESSION_PARTS_H

#include "tui/held.h"
#include "tui/prefs.h"
#include "tui/price.h"
#include "tui/screen.h"
#include "tui/session.h"

enum {
	SESSION_HISTORY = 50,
	SESSION_MESSAGE = 1024,
	SESSION_PATH = 1024,
	SESSION_SLOT = NODE_SLOTS - 1 /* of the console's own questions */
};

/* Where somebody was. */
struct place {
	size_t view; /* number in view_list() */
	char target[TABLE_ID];
	int part;
};

/* What an open dialog will do when it is answered. */
enum purpose {
	PURPOSE_NONE,
	PURPOSE_TYPE,      /* which kind of job */
	PURPOSE_FORM,      /* start it with these parameters */
	PURPOSE_ACT,       /* s->asked, batches in a chain */
	PURPOSE_ACTIONS,   /* the menu of actions: s->choices */
	PURPOSE_SORT,      /* the column to sort by */
	PURPOSE_MARK_ALL,  /* all that match */
	PURPOSE_KEY,       /* a new API key */
	PURPOSE_PROJECT,   /* the project of keys: s->asked */
	PURPOSE_SET,       /* one of the screen's settings */
	PURPOSE_SCAN,      /* a list may look at every row */
	PURPOSE_LEAVE,     /* jobs are at work here */
	PURPOSE_LEAVE_IDLE /* none is */
};

struct session {
	struct session_config cfg;
	struct node *node;
	struct glyphs glyphs;
	struct screen screen;
	struct view_state *states; /* by number in view_list() */
	size_t n_states, now_at;   /* the one shown */
	struct view_state help;

	struct place history[SESSION_HISTORY];
	int n_history, history_at;

	struct dialog *dialog;
	enum purpose purpose;
	struct batch *asked;
	enum action choices[ACTION_COUNT + 1];
	int sort_cols[TABLE_COLS + 1];
	struct price price; /* of the job in the form */
	bool dry;           /* its dry run was asked for */

	struct prompt prompt;
	struct str prompt_help;
	struct str before; /* the filter when its prompt was opened */

	struct saver *saver; /* of an export under way; NULL: none */
	int64_t saved_rows;  /* of it, when it was looked at last */
	struct batches *batches;
	struct held held; /* what is sent when the connection is back */
	char held_text[HELD_WORDS];
	bool held_told; /* that leaving drops what is held */
	struct str message;
	int64_t message_until_ms;
	struct str notice; /* "pause J-1042 in 5 s   u undo" */

	struct str copied, attach_to, note;
	struct prefs prefs;
	struct theme theme; /* when it has one: else the terminal's background says */
	bool has_theme;
	unsigned effects;
	uint64_t seen_bell;
	int64_t seen_alert; /* the newest one that was looked at */
	int64_t now_ms, mono_ms, next_snapshot_ms;
	uint64_t seen_seq;
	size_t needs_you; /* `!`: which one was shown last */
	int64_t key_ms;   /* mono_ms when a key was pressed last */
	int w, h;         /* of the last picture */
	bool dirty, pressed;
	enum session_end
	    leaving; /* SESSION_ON: not; else ends so as soon as the node has answered all that was asked for */
	enum session_end end;
};

/* ---- session.c ---- */
void session_say(struct session *s, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* What was said last stays, and is replaced by errors alone, until a key is pressed. */
void session_say_until_read(struct session *s);
void session_has_read(struct session *s);
struct view_ctx session_ctx(const struct session *s);
struct view_state *session_view(struct session *s);
/* The list that keys mean, brought up to date; NULL: none. */
struct table *session_table(struct session *s);
/* Shows another place; it enters the history. */
void session_visit(struct session *s, const struct view_ops *v, const char *target, int part);
/* One back or forward in the history; false: there is none. */
bool session_step(struct session *s, int by);
void session_open(struct session *s, struct dialog *d, enum purpose purpose);
void session_shut(struct session *s);

/* ---- session_leave.c ---- */
/* Asks whatever is to be asked, or leaves. */
void session_leave(struct session *s);
/* The same, but leaves without a question when nothing would stop. */
void session_leave_at_rest(struct session *s);
/* A key for the question of leaving; false: another dialog is open. */
bool session_leave_key(struct session *s, int key);

/* ---- session_keys.c ---- */
void session_copy(struct session *s, const char *text);

/* ---- session_wish.c ---- */
/* Does what a view's own key asked for. */
void session_wish(struct session *s, struct view_state *st);
/* Did the view mean something of its own by KEY_CMD_OPEN, KEY_CMD_CLOSE or KEY_CMD_AGAIN? */
bool session_takes(struct session *s, enum key_cmd cmd);
/* To the next thing that needs a person, with what helps. */
void session_needs_you(struct session *s);

/* ---- session_act.c ---- */
/* An action by its key, on what is marked or chosen. */
void session_act_key(struct session *s, int key);
/*
 * An action by its name on what ids names, else on what is marked or chosen. params, NULL: none. Says why not.
 */
void session_act(
    struct session *s, enum action a, const char *const *ids, size_t n_ids, const char *params);
void session_menu(struct session *s);
/* Runs batches (a chain) now, or after the undo time. */
void session_run(struct session *s, struct batch *b, bool undo);
void session_drop_asked(struct session *s);
/* False when this console only looks, which is said. */
bool session_may_act(struct session *s);

/* ---- session_held.c ---- */
/* Is the node another process's, and not reached now? */
bool session_is_cut(const struct session *s);
/* Not reached, and this is not held for later, which is said. level: how it would be asked for. */
bool session_cut_refuses(struct session *s, enum action a, enum action_ask level);
/* Takes batches (a chain) until the connection is back, or says why not. */
void session_hold(struct session *s, struct batch *chain);
/* When it is not reached: the same for all of which nothing was sent. */
void session_hold_waiting(struct session *s);
/* A snapshot came: sends what was held where all is as it was seen, and tells of the rest. */
void session_held_release(struct session *s, const struct snapshot *snap);
/* The last one; false: none is held. */
bool session_held_drop(struct session *s);
/* Would leaving drop something that is held? Said once; who asks again means it. again: how. */
bool session_held_keeps(struct session *s, const char *again);

/* ---- session_forms.c ---- */
/* The form of a job type; set: texts that fill it (dialog_form_fill). at_once: starts without it. */
void session_form(
    struct session *s, const char *type, const char *const *set, size_t n_set, bool at_once);
/* The same, filled with the channels that are marked or chosen. */
void session_form_rows(struct session *s, const char *type);
void session_form_answered(struct session *s, enum dialog_answer answer);
/* Asks what the job in the form would cost when it is time. */
void session_form_tick(struct session *s);
/* The form of a new key; name and project: "" when they are not given. */
void session_key_form(struct session *s, const char *name, const char *project);
void session_key_given(struct session *s);
/* Takes a chain of batches that lack their project. */
void session_project_form(struct session *s, struct batch *chain);
void session_project_given(struct session *s);

/* ---- session_answers.c ---- */
/* An answer to the open dialog. */
void session_answered(struct session *s, enum dialog_answer answer);
/* Batches that have ended: tells what became of them. */
void session_results(struct session *s);

/* ---- session_set.c ---- */
/* False: there is none of that name, or it is wrong, which is said. */
bool session_set_theme(struct session *s, const char *name);
void session_next_theme(struct session *s);
void session_offer_themes(struct session *s);
/* name NULL: shows all. */
void session_set(struct session *s, const char *name, const char *value);
void session_set_picked(struct session *s, size_t i);
void session_offer_settings(struct session *s);
/* path NULL: the user's own file. */
void session_write(struct session *s, const char *path);
/* Once, when the session is made. */
void session_load_prefs(struct session *s);
/* A new snapshot, before it is the one on the screen: what in it calls for somebody. */
void session_alerts(struct session *s, const struct snapshot *snap);

/* ---- session_prompt.c ---- */
void session_prompt_open(struct session *s, enum prompt_kind kind);
void session_prompt_key(struct session *s, int key);

/* ---- session_export.c ---- */
/* ":export [csv|jsonl] [FILE]", word by word. */
void session_export(struct session *s, const char *const *words, size_t n);
/* Tells how far it is, and how it ended. */
void session_export_tick(struct session *s);

/* ---- commands.c ---- */
/* A new file; says what became of it. */
bool session_write_file(struct session *s, const char *path, const char *text);
/* name, or (NULL) one made of the view and the time. */
void session_file_name(struct session *s, const char *name, const char *ending, struct str *out);
/* Does what a line after ":" says. */
void commands_run(struct session *s, const char *line);
/* Offers what may stand at the cursor of the prompt. */
void commands_complete(struct session *s);
/* What the first word of the line does, for the prompt's right end; "" when nothing does. */
void commands_help(const struct session *s, const char *line, struct str *out);

#endif
