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
struct dialog *dialog_ask(const char *title, const char *question);
struct dialog *dialog_menu(const char *title, const struct job_type_info *const *types);
/* note: a line below the fields. utf8: fields take more than ASCII. */
struct dialog *dialog_form(const struct job_type_info *type, const char *note, bool utf8);
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
