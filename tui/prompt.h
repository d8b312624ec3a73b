/*
 * prompt - the line at the bottom where commands (":") and filters ("/") are typed: editing,
 * history, completion with the choices shown above. What is typed is interpreted elsewhere. The
 * screen's thread.
 */
#ifndef TUBEOPS_TUI_PROMPT_H
#define TUBEOPS_TUI_PROMPT_H

#include "tui/input.h"

enum { PROMPT_HISTORY = 100, PROMPT_CHOICES = 64, PROMPT_WORD = 96 };

enum prompt_kind { PROMPT_COMMAND, PROMPT_FILTER, PROMPT_KINDS };
enum prompt_answer { PROMPT_OPEN, PROMPT_CHANGED, PROMPT_DONE, PROMPT_GONE, PROMPT_COMPLETE };

struct prompt_choice {
	char word[PROMPT_WORD];
	char help[PROMPT_WORD];
};

struct prompt {
	bool open;
	enum prompt_kind kind;
	struct input input;
	char *history[PROMPT_KINDS][PROMPT_HISTORY]; /* newest last */
	int n_history[PROMPT_KINDS];
	int at;                                       /* in the history; n: what is typed now */
	struct prompt_choice choices[PROMPT_CHOICES]; /* for the word under the cursor */
	int n_choices, choice;                        /* choice: the one taken last; -1: none */
	size_t word;                                  /* where the completed word begins */
};

void prompt_init(struct prompt *p);
void prompt_done(struct prompt *p);
/* False: no memory. */
bool prompt_open(struct prompt *p, enum prompt_kind kind, const char *text, bool utf8);
void prompt_close(struct prompt *p);
const char *prompt_text(const struct prompt *p);
/* PROMPT_COMPLETE: fill the choices (prompt_choices_begin, prompt_offer), then prompt_take_choice. */
enum prompt_answer prompt_key(struct prompt *p, int key);
bool prompt_paste(struct prompt *p, const char *text);

/* The word before the cursor begins here; choices are offered for it. */
void prompt_choices_begin(struct prompt *p);
/* A word that may stand there: kept when it begins with what is typed. */
void prompt_offer(struct prompt *p, const char *word, const char *help);
/* Puts the next choice in; several: what they have in common first. */
void prompt_take_choice(struct prompt *p);

/* y: the line of the prompt; choices are drawn above it. help: of the word, at the right. */
void prompt_draw(const struct prompt *p, const struct pane *screen, int y, const char *help);

#endif
