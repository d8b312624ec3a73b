/* Questions of the four levels, and lists to choose from. */
#include "config.h"
#include "tui/dialog_parts.h"
#include "tui/keys.h"

#include <stdlib.h>
#include <string.h>

static bool ask_is_no(int key)
{
	return key == 'n' || key == 'N' || key == 'q' || key == KEYS_ESC || key == KEYS_CTRL('c');
}

/* ---- one line, y/N ---- */

static enum dialog_answer line_key(struct dialog *d, int key)
{
	(void)d;
	if (key == 'y' || key == 'Y')
		return DIALOG_YES;
	return ask_is_no(key) || key == KEYS_ENTER ? DIALOG_NO : DIALOG_OPEN;
}

static void line_draw(const struct dialog *d, const struct pane *screen)
{
	int y = screen->at.h > 1 ? screen->at.h - 2 : 0;
	int w = screen->at.w - 1, x;

	draw_text(screen, y, 0, screen->at.w, ALIGN_LEFT, ROLE_NORMAL, "");
	x = draw_textf(screen, y, 1, w, ALIGN_LEFT, ROLE_WARN, "%s y/N", d->text);
	draw_cursor(screen, y, 1 + x + 1 < screen->at.w ? 1 + x + 1 : screen->at.w - 1);
}

static const struct dialog_ops line_ops = {line_key, line_draw, "y yes  n no", NULL};

struct dialog *dialog_line(const char *question)
{
	return dialog_new(&line_ops, "", question);
}

/* ---- a box whose safe answer has the focus ---- */

static enum dialog_answer confirm_key(struct dialog *d, int key)
{
	if (key == 'y' || key == 'Y')
		return DIALOG_YES;
	if (ask_is_no(key))
		return DIALOG_NO;
	if (key == KEYS_ENTER)
		return d->danger ? DIALOG_YES : DIALOG_NO;
	if (key == KEYS_TAB || key == KEYS_BACKTAB || key == KEYS_LEFT || key == KEYS_RIGHT)
		d->danger = !d->danger;
	return DIALOG_OPEN;
}

static void confirm_draw_answer(const struct pane *p, int y, int x, const char *text, bool focus)
{
	int w = draw_columns(p, text) + 4;

	draw_textf(p, y, x, w, ALIGN_LEFT, focus ? ROLE_KEY : ROLE_NORMAL,
	    focus ? "[ %s ]" : "  %s  ", text);
	if (focus)
		draw_cursor(p, y, x + 2);
}

static void confirm_draw(const struct dialog *d, const struct pane *screen)
{
	struct pane in = dialog_box(d, screen, dialog_lines(d) + 4);
	int y = dialog_draw_lines(d, &in, 0) + 1;
	int first = draw_columns(&in, d->no) + 4;

	confirm_draw_answer(&in, y, 9, d->no, !d->danger);
	confirm_draw_answer(&in, y, 9 + first + 8, d->yes, d->danger);
	draw_hints(&in, in.at.h - 1, "y yes  n or Esc no   (the safe answer has the focus)");
}

static const struct dialog_ops confirm_ops = {
    confirm_key, confirm_draw, "y yes  n no  Tab other answer", NULL};

struct dialog *dialog_confirm(const char *title, const char *text, const char *no, const char *yes)
{
	struct dialog *d = dialog_new(&confirm_ops, title, text);

	if (!d)
		return NULL;
	d->no = str_dup(no);
	d->yes = str_dup(yes);
	if (d->no && d->yes)
		return d;
	dialog_free(d);
	return NULL;
}

/* ---- the number must be typed ---- */

static enum dialog_answer count_key(struct dialog *d, int key)
{
	int64_t typed;

	str_reset(&d->error);
	if (key == KEYS_ESC || key == KEYS_CTRL('c'))
		return DIALOG_NO;
	if (key != KEYS_ENTER) {
		input_key(&d->input, key);
		return DIALOG_OPEN;
	}
	if (str_to_i64(input_text(&d->input), 0, INT64_MAX, &typed) == ERR_OK && typed == d->want)
		return DIALOG_YES;
	str_addf(&d->error, "that is not %lld", (long long)d->want);
	return DIALOG_OPEN;
}

static void count_draw(const struct dialog *d, const struct pane *screen)
{
	struct pane in = dialog_box(d, screen, dialog_lines(d) + 4);
	int y = dialog_draw_lines(d, &in, 0) + 1, x;

	x = 1 + draw_textf(&in, y, 1, in.at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	            "Type %lld to go on: ", (long long)d->want);
	input_draw(&d->input, &in, y, x, 10, true);
	draw_text(&in, y, x + 11, in.at.w - x - 12, ALIGN_LEFT, ROLE_ERROR, str_get(&d->error));
	draw_textf(&in, in.at.h - 1, 1, in.at.w - 2, ALIGN_LEFT, ROLE_NORMAL,
	    "Enter %s   Esc keep   This cannot be undone", d->yes);
}

static const struct dialog_ops count_ops = {count_key, count_draw, "Enter go on  Esc keep", NULL};

struct dialog *dialog_count(const char *title, const char *text, int64_t n, const char *verb)
{
	struct dialog *d = dialog_new(&count_ops, title, text);

	if (!d)
		return NULL;
	d->want = n;
	d->yes = str_dup(verb);
	d->has_input = input_init(&d->input, "", true, false);
	if (d->yes && d->has_input)
		return d;
	dialog_free(d);
	return NULL;
}

/* ---- a list to choose from ---- */

static enum dialog_answer pick_key(struct dialog *d, int key)
{
	if (key == KEYS_ESC || key == KEYS_CTRL('c'))
		return DIALOG_NO;
	if (key == KEYS_UP || key == KEYS_BACKTAB)
		dialog_move(d, -1);
	else if (key == KEYS_DOWN || key == KEYS_TAB)
		dialog_move(d, 1);
	else if (key == KEYS_ENTER)
		return d->n && !d->picks[d->at].off ? DIALOG_YES : DIALOG_OPEN;
	for (size_t i = 0; i < d->n; i++)
		if (d->picks[i].letter && d->picks[i].letter == key && !d->picks[i].off) {
			d->at = i;
			return DIALOG_YES;
		}
	if (key == 'q')
		return DIALOG_NO;
	if (key == 'k')
		dialog_move(d, -1);
	if (key == 'j')
		dialog_move(d, 1);
	return DIALOG_OPEN;
}

static void pick_draw(const struct dialog *d, const struct pane *screen)
{
	int most = screen->at.h - 4, n = (int)d->n < most ? (int)d->n : most;
	struct pane in = dialog_box(d, screen, n + 2);
	int top = (int)d->at >= n ? (int)d->at - n + 1 : 0;

	for (int y = 0; y < n; y++) {
		const struct pick *k = &d->picks[top + y];
		struct pane line = pane_part(&in, (struct rect){y, 0, 1, in.at.w});
		if (k->letter)
			draw_textf(&in, y, 1, 2, ALIGN_LEFT, k->off ? ROLE_OFF : ROLE_KEY, "%c",
			    k->letter);
		draw_text(
		    &in, y, 4, in.at.w - 5, ALIGN_LEFT, k->off ? ROLE_OFF : ROLE_NORMAL, k->text);
		if (top + y == (int)d->at)
			draw_select(&line, 0);
	}
	draw_hints(&in, in.at.h - 1, d->ops->hints);
}

static const struct dialog_ops pick_ops = {
    pick_key, pick_draw, "Enter take  Up Down choose  Esc cancel", NULL};

struct dialog *dialog_pick(const char *title)
{
	return dialog_new(&pick_ops, title, "");
}

bool dialog_pick_add(struct dialog *d, char letter, const char *text, bool off)
{
	struct pick *picks = realloc(d->picks, (d->n + 1) * sizeof *picks);
	char *copy = str_dup(text);

	if (picks)
		d->picks = picks;
	if (!picks || !copy) {
		free(copy);
		return false;
	}
	d->picks[d->n++] = (struct pick){.text = copy, .letter = letter, .off = off};
	return true;
}

size_t dialog_picked(const struct dialog *d)
{
	return d->at;
}

void dialog_pick_at(struct dialog *d, size_t at)
{
	d->at = at < d->n ? at : 0;
}
