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

enum dialog_answer { DIALOG_OPEN, DIALOG_YES, DIALOG_NO };

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
/* One line that is not shown; wiped when the dialog is freed. */
struct dialog *dialog_secret(const char *title, const char *text);
const char *dialog_secret_text(const struct dialog *d);

/* ---- jobs: dialog.c ---- */
struct dialog *dialog_menu(const char *title, const struct job_type_info *const *types);
/* note: a line below the fields. utf8: fields take more than ASCII. */
struct dialog *dialog_form(const struct job_type_info *type, const char *note, bool utf8);
/* Fills a field by its parameter's name; false: the type has none of that name. */
bool dialog_form_set(struct dialog *d, const char *name, const char *value);
void dialog_free(struct dialog *d);

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
