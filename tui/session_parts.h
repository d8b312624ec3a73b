/*
 * session_parts - the inside of a session, for the files session*.c and commands.c alone.
 */
#ifndef TUBEOPS_TUI_SESSION_PARTS_H
#define TUBEOPS_TUI_SESSION_PARTS_H

#include "tui/batch.h"
#include "tui/screen.h"
#include "tui/session.h"

enum { SESSION_HISTORY = 50, SESSION_MESSAGE = 1024, SESSION_PATH = 1024 };

/* Where somebody was. */
struct place {
	size_t view; /* number in view_list() */
	char target[TABLE_ID];
	int part;
};

/* What an open dialog will do when it is answered. */
enum purpose {
	PURPOSE_NONE,
	PURPOSE_TYPE,     /* which kind of job */
	PURPOSE_FORM,     /* start it with these parameters */
	PURPOSE_ACT,      /* s->asked, batches in a chain */
	PURPOSE_ACTIONS,  /* the menu of actions: s->choices */
	PURPOSE_SORT,     /* the column to sort by */
	PURPOSE_MARK_ALL, /* all that match */
	PURPOSE_SCAN,     /* a list may look at every row */
	PURPOSE_KEY,      /* the secret of a new API key; s->new_key */
	PURPOSE_PROJECT,  /* which project that is of */
	PURPOSE_LEAVE
};

/* A key that is being added. */
struct new_key {
	char name[TABLE_ID], project[TABLE_ID]; /* "": asked for, or made */
	char *secret;                           /* owned, wiped; waits for its project */
	char projects[SNAPSHOT_PROJECTS][TABLE_ID];
	size_t n_projects; /* as they were offered */
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
	struct new_key new_key;

	struct prompt prompt;
	struct str prompt_help;
	struct str before; /* the filter when its prompt was opened */

	struct batches *batches;
	struct str message;
	int64_t message_until_ms;
	struct str notice; /* "pause J-1042 in 5 s   u undo" */

	struct str copied;
	int theme;
	unsigned effects;
	int64_t now_ms, mono_ms, next_snapshot_ms;
	uint64_t seen_seq;
	size_t needs_you; /* `!`: which one was shown last */
	int w, h;         /* of the last picture */
	bool dirty, pressed;
	enum session_end end;
};

/* ---- session.c ---- */
void session_say(struct session *s, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
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

/* ---- session_keys.c ---- */
void session_leave(struct session *s);
void session_copy(struct session *s, const char *text);

/* ---- session_wish.c ---- */
/* Does what a view's own key asked for. */
void session_wish(struct session *s, struct view_state *st);
/* Did the view mean something of its own by KEY_CMD_OPEN or KEY_CMD_CLOSE? */
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
/* The form of a job type; set: NAME=VALUE texts that fill it. at_once: starts without the form. */
void session_form(
    struct session *s, const char *type, const char *const *set, size_t n_set, bool at_once);
/* An answer to the open dialog. */
void session_answered(struct session *s);
/* Runs batches (a chain) now, or after the undo time. */
void session_run(struct session *s, struct batch *b, bool undo);
/* Batches that have ended: tells what became of them. */
void session_results(struct session *s);
void session_drop_asked(struct session *s);

/* ---- session_new_key.c ---- */
/* Asks for the text of a key, then for its project; "": a name or project that is not given. */
void session_new_key(struct session *s, const char *name, const char *project);
/* Its text was typed; its project was chosen. */
void session_key_given(struct session *s);
void session_key_project(struct session *s, size_t picked);
void session_new_key_drop(struct session *s);

/* ---- session_prompt.c ---- */
void session_prompt_open(struct session *s, enum prompt_kind kind);
void session_prompt_key(struct session *s, int key);

/* ---- commands.c ---- */
/* Does what a line after ":" says. */
void commands_run(struct session *s, const char *line);
/* Offers what may stand at the cursor of the prompt. */
void commands_complete(struct session *s);
/* What the first word of the line does, for the prompt's right end; "" when nothing does. */
void commands_help(const struct session *s, const char *line, struct str *out);

#endif
