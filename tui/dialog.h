/*
 * dialog - a box over the screen that asks for something: yes or no, which kind of job, or the
 * parameters of a job, drawn from the job type's own table. Takes keys until it has an answer; does
 * nothing itself. The screen's thread; returned owned.
 */
#ifndef TUBEOPS_TUI_DIALOG_H
#define TUBEOPS_TUI_DIALOG_H

#include "engine/command.h"
#include "tui/draw.h"

struct dialog;

enum dialog_answer {
	DIALOG_OPEN,
	DIALOG_YES,
	DIALOG_NO,
	DIALOG_OFFER, /* a form: dialog_form_offer was taken */
	DIALOG_TRY,   /* a form: a few things are wanted to try it, or its own flag for dry runs */
	DIALOG_DRY    /* a form: what it would do is wanted in words; nothing is started */
};

/* All return NULL when out of memory. Texts are copied, types borrowed for the dialog's life. */

/* ---- questions: dialog_ask.c ---- */
/* "… y/N" in the line of messages; Enter is no. */
struct dialog *dialog_line(const char *question);
/* A box; text may have several lines. The answer `no` has the focus. */
struct dialog *dialog_confirm(const char *title, const char *text, const char *no, const char *yes);
/* The same, but n must be typed; verb: what Enter does then. */
struct dialog *dialog_count(const char *title, const char *text, int64_t n, const char *verb);
/* A list to choose from, by letter or by moving; rows that are off cannot be chosen. */
struct dialog *dialog_pick(const char *title);
bool dialog_pick_add(struct dialog *d, char letter, const char *text, bool off);
void dialog_pick_at(struct dialog *d, size_t at);
size_t dialog_picked(const struct dialog *d);

/* ---- jobs: dialog.c ---- */
struct dialog *dialog_menu(const char *title, const struct job_type_info *const *types);
void dialog_free(struct dialog *d);

/* ---- forms: dialog_form.c, dialog_cost.c ---- */
/* What a form asks for. */
struct form_def {
	const char *title; /* copied */
	const char *help;  /* borrowed, as the parameters are */
	const struct job_param *params;
	size_t n_params;
	const char *secret; /* the text among them that is not shown, and wiped; NULL: none */
};
/* note: a line below the fields. utf8: fields take more than ASCII. */
struct dialog *dialog_form_of(const struct form_def *def, const char *note, bool utf8);
/* The form of a job type: with room for what it costs. */
struct dialog *dialog_form(const struct job_type_info *type, const char *note, bool utf8);
/* Fills a field by its parameter's name; false: the form has none of that name. */
bool dialog_form_set(struct dialog *d, const char *name, const char *value);
/*
 * The same from one text: "limit=1k", "dry_run", or what job_param.word says ("subs>=10k"). Numbers
 * may end in k, m, g. False: there is no such field, or its value is none.
 */
bool dialog_form_fill(struct dialog *d, const char *set);
/* A field's text, "1" or "" of a flag; "" when there is no such field. Borrowed. */
const char *dialog_form_text(const struct dialog *d, const char *name);
/* Says why it is not done; the next Enter does it all the same when dialog_form_is_warned. */
void dialog_form_warn(struct dialog *d, const char *text);
bool dialog_form_is_warned(const struct dialog *d);
/* Says something in the same place, until the next key. */
void dialog_form_tell(struct dialog *d, const char *text);

enum { FORM_LINES = 6, FORM_OFFERS = 4, FORM_LABEL = 12, FORM_TEXT = 200 };

/* What stands below the fields: lines with a word before them, and other ways to choose from. */
struct form_cost {
	struct {
		char label[FORM_LABEL], text[FORM_TEXT];
		enum role role;
	} lines[FORM_LINES];
	size_t n;
	struct {
		char text[FORM_TEXT], loses[FORM_TEXT];
	} offers[FORM_OFFERS];
	size_t n_offers;
	bool counting; /* newer numbers are on their way */
};
/* Copied. */
void dialog_form_cost(struct dialog *d, const struct form_cost *cost);
/* Which offer was taken. */
size_t dialog_form_offer(const struct dialog *d);

enum dialog_answer dialog_key(struct dialog *d, int key);
/* Goes into the field that has the focus; false when there is none. */
bool dialog_paste(struct dialog *d, const char *text);
void dialog_draw(const struct dialog *d, const struct pane *screen);
const char *dialog_hints(const struct dialog *d);

/* The type chosen in a menu, or that of a form; NULL for questions. */
const struct job_type_info *dialog_type(const struct dialog *d);
/* The filled form as a JSON object; fields left empty are not in it. Returns owned, or NULL. */
char *dialog_params_json(const struct dialog *d);

#endif
