/*
 * input - one line of text being edited. The screen's thread; owned by its dialog.
 */
#ifndef TUBEOPS_TUI_INPUT_H
#define TUBEOPS_TUI_INPUT_H

#include "tui/draw.h"
#include "engine/base/str.h"

enum { INPUT_LIMIT = 4096, INPUT_LIST = 64 * 1024 }; /* INPUT_LIST: of a list of ids */

struct input {
	struct str text;
	size_t at;   /* byte before which the cursor stands; always on a character boundary */
	bool digits; /* takes only digits and a leading minus */
	bool utf8;   /* takes characters beyond ASCII */
};

/* False: out of memory. */
bool input_init(struct input *in, const char *text, bool digits, bool utf8);
void input_done(struct input *in);
const char *input_text(const struct input *in);
/* True when the key was for the field, even if it changed nothing. */
bool input_key(struct input *in, int key);
/* Inserts text up to its first line end, leaving out what the field does not take. */
void input_insert(struct input *in, const char *text);
/* "[text     ]" in width columns; scrolled so that the cursor is seen. */
void input_draw(const struct input *in, const struct pane *p, int y, int x, int width, bool focus);
/* The same without brackets, with the focus: for the prompt. */
void input_draw_bare(const struct input *in, const struct pane *p, int y, int x, int width);

#endif
