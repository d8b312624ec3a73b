#include "config.h"
#include "tui/prompt.h"
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void prompt_init(struct prompt *p)
{
	*p = (struct prompt){.choice = -1};
}

void prompt_done(struct prompt *p)
{
	prompt_close(p);
	for (int k = 0; k < PROMPT_KINDS; k++)
		for (int i = 0; i < p->n_history[k]; i++)
			free(p->history[k][i]);
	prompt_init(p);
}

static void prompt_forget_choices(struct prompt *p)
{
	p->n_choices = 0;
	p->choice = -1;
}

bool prompt_open(struct prompt *p, enum prompt_kind kind, const char *text, bool utf8)
{
	prompt_close(p);
	if (!input_init(&p->input, text, false, utf8))
		return false;
	p->kind = kind;
	p->at = p->n_history[kind];
	p->open = true;
	return true;
}

void prompt_close(struct prompt *p)
{
	if (p->open)
		input_done(&p->input);
	p->open = false;
	prompt_forget_choices(p);
}

const char *prompt_text(const struct prompt *p)
{
	return input_text(&p->input);
}

/* ---- history ---- */

static void prompt_remember(struct prompt *p)
{
	char **lines = p->history[p->kind];
	int *n = &p->n_history[p->kind];
	char *line;

	if (!*prompt_text(p) || (*n && strcmp(lines[*n - 1], prompt_text(p)) == 0))
		return;
	line = str_dup(prompt_text(p));
	if (!line)
		return;
	if (*n == PROMPT_HISTORY) {
		free(lines[0]);
		memmove(lines, lines + 1, (PROMPT_HISTORY - 1) * sizeof *lines);
		(*n)--;
	}
	lines[(*n)++] = line;
}

static void prompt_set(struct prompt *p, const char *text)
{
	input_key(&p->input, KEYS_END);
	input_key(&p->input, KEYS_CTRL('u'));
	input_insert(&p->input, text);
}

static void prompt_recall(struct prompt *p, int by)
{
	int n = p->n_history[p->kind], at = p->at + by;

	if (at < 0 || at > n)
		return;
	p->at = at;
	prompt_set(p, at < n ? p->history[p->kind][at] : "");
}

/* ---- keys ---- */

enum prompt_answer prompt_key(struct prompt *p, int key)
{
	switch (key) {
	case KEYS_ESC:
	case KEYS_CTRL('c'):
		return PROMPT_GONE;
	case KEYS_ENTER:
		prompt_remember(p);
		return PROMPT_DONE;
	case KEYS_UP:
		prompt_forget_choices(p);
		prompt_recall(p, -1);
		return PROMPT_CHANGED;
	case KEYS_DOWN:
		prompt_forget_choices(p);
		prompt_recall(p, 1);
		return PROMPT_CHANGED;
	case KEYS_TAB:
		return PROMPT_COMPLETE;
	case KEYS_BACKSPACE:
		if (!*prompt_text(p))
			return PROMPT_GONE;
		break;
	default:
		break;
	}
	prompt_forget_choices(p);
	input_key(&p->input, key);
	return PROMPT_CHANGED;
}

bool prompt_paste(struct prompt *p, const char *text)
{
	prompt_forget_choices(p);
	input_insert(&p->input, text);
	return true;
}

/* ---- completion ---- */

void prompt_choices_begin(struct prompt *p)
{
	const char *text = prompt_text(p);

	if (p->n_choices) /* Tab again: the next of the same choices */
		return;
	prompt_forget_choices(p);
	p->word = p->input.at;
	while (p->word > 0 && text[p->word - 1] != ' ')
		p->word--;
}

void prompt_offer(struct prompt *p, const char *word, const char *help)
{
	const char *typed = prompt_text(p) + p->word;
	size_t len = p->input.at - p->word;
	struct prompt_choice *c;

	if (p->choice >= 0 || p->n_choices == PROMPT_CHOICES || strncmp(word, typed, len) != 0)
		return;
	for (int i = 0; i < p->n_choices; i++)
		if (strcmp(p->choices[i].word, word) == 0)
			return;
	c = &p->choices[p->n_choices++];
	snprintf(c->word, sizeof c->word, "%.95s", word);
	snprintf(c->help, sizeof c->help, "%.95s", help ? help : "");
}

/* How many bytes all choices have in common. */
static size_t prompt_common(const struct prompt *p)
{
	size_t n = strlen(p->choices[0].word);

	for (int i = 1; i < p->n_choices; i++) {
		size_t k = 0;
		while (k < n && p->choices[i].word[k] == p->choices[0].word[k])
			k++;
		n = k;
	}
	return n;
}

static void prompt_replace(struct prompt *p, const char *word, size_t len, bool end)
{
	char *copy = str_dup_n(word, len);

	while (p->input.at > p->word)
		input_key(&p->input, KEYS_BACKSPACE);
	if (copy)
		input_insert(&p->input, copy);
	if (end)
		input_insert(&p->input, " ");
	free(copy);
}

void prompt_take_choice(struct prompt *p)
{
	size_t typed = p->input.at - p->word, common;

	if (!p->n_choices)
		return;
	common = prompt_common(p);
	if (p->n_choices == 1) {
		prompt_replace(p, p->choices[0].word, strlen(p->choices[0].word), true);
		prompt_forget_choices(p);
	} else if (p->choice < 0 && common > typed) {
		prompt_replace(p, p->choices[0].word, common, false);
	} else {
		p->choice = (p->choice + 1) % p->n_choices;
		prompt_replace(
		    p, p->choices[p->choice].word, strlen(p->choices[p->choice].word), false);
	}
}

/* ---- drawing ---- */

static void prompt_draw_choices(const struct prompt *p, const struct pane *screen, int y)
{
	int most = y < 8 ? y : 8, n = p->n_choices < most ? p->n_choices : most;
	int top = p->choice >= n ? p->choice - n + 1 : 0;

	for (int i = 0; i < n; i++) {
		const struct prompt_choice *c = &p->choices[top + i];
		struct pane line = pane_part(screen, (struct rect){y - n + i, 0, 1, screen->at.w});
		draw_text(&line, 0, 0, line.at.w, ALIGN_LEFT, ROLE_NORMAL, "");
		draw_text(&line, 0, 2, 22, ALIGN_LEFT, ROLE_KEY, c->word);
		draw_text(&line, 0, 25, line.at.w - 26, ALIGN_LEFT, ROLE_OFF, c->help);
		if (top + i == p->choice)
			draw_select(&line, 0);
	}
}

void prompt_draw(const struct prompt *p, const struct pane *screen, int y, const char *help)
{
	int w = screen->at.w - 2, room = *help ? draw_columns(screen, help) + 2 : 0;
	const char *text = prompt_text(p);
	int columns = draw_columns(screen, text);

	prompt_draw_choices(p, screen, y);
	draw_text(screen, y, 0, screen->at.w, ALIGN_LEFT, ROLE_NORMAL, "");
	draw_text(screen, y, 0, 1, ALIGN_LEFT, ROLE_KEY, p->kind == PROMPT_FILTER ? "/" : ":");
	if (columns + 2 + room < w) {
		draw_text(screen, y, w - room + 2, room, ALIGN_LEFT, ROLE_OFF, help);
		w -= room;
	}
	input_draw_bare(&p->input, screen, y, 1, w);
}
