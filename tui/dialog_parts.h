/*
 * dialog_parts - the inside of struct dialog, for the files dialog*.c alone.
 */
#ifndef TUBEOPS_TUI_DIALOG_PARTS_H
#define TUBEOPS_TUI_DIALOG_PARTS_H

#include "tui/dialog.h"
#include "tui/input.h"

/* What the kinds of dialogs do differently. */
struct dialog_ops {
	enum dialog_answer (*key)(struct dialog *d, int key);
	void (*draw)(const struct dialog *d, const struct pane *screen);
	const char *hints;
	/* Takes a pasted text; false: it has no field. NULL: never. */
	bool (*paste)(struct dialog *d, const char *text);
};

struct field {
	const struct job_param *param;
	char *label; /* its name with blanks; owned */
	struct input input;
	bool on;     /* of flags */
	bool secret; /* not shown, and wiped */
};

/* A row of a list to choose from; owned. */
struct pick {
	char *text;
	char letter; /* chooses it; 0: none */
	bool off;    /* cannot be chosen now */
};

struct dialog {
	const struct dialog_ops *ops;
	char *title, *text; /* owned */
	const struct job_type_info *const *types;
	const struct job_type_info *type;
	size_t n, at; /* rows of a menu or fields of a form, and the chosen one */
	struct field *fields;
	struct pick *picks;
	const char *help;       /* of a form; borrowed */
	struct form_cost *cost; /* below the fields; NULL: none */
	size_t offer;           /* of the cost, taken last */
	struct str error;
	bool warned;        /* Enter again does it all the same */
	bool told;          /* error is none: something that was asked for */
	char *yes, *no;     /* what the two answers of a box are called */
	int64_t want;       /* the number that must be typed */
	struct input input; /* where it is typed */
	bool has_input;
	bool danger; /* the answer that loses something has the focus */
};

struct dialog *dialog_new(const struct dialog_ops *ops, const char *title, const char *text);
/* Frame of so many lines in the middle; returns what is inside. */
struct pane dialog_box(const struct dialog *d, const struct pane *screen, int lines);
/* Moves the choice by so many rows, round the ends. */
void dialog_move(struct dialog *d, int by);
/* The lines of d->text into p from line y on; returns the line after them. */
int dialog_draw_lines(const struct dialog *d, const struct pane *p, int y);
int dialog_lines(const struct dialog *d);

/* ---- dialog_cost.c ---- */
/* Lines that the cost takes when there is room for most; 0 when there is none. */
int cost_lines(const struct form_cost *cost, int most);
/* Into p from line y on, in at most h lines; chosen: the offer that has the focus, -1: none. */
void cost_draw(const struct form_cost *cost, const struct pane *p, int y, int h, int chosen);

#endif
