#include "config.h"
#include "tui/dialog_parts.h"
#include "tui/keys.h"

#include <stdlib.h>
#include <string.h>

enum { DIALOG_WIDTH = 76, DIALOG_WIDTH_WIDE = 108, DIALOG_WIDE = 120 };

/* What chooses the rows of a menu, in their order. */
static const char menu_letters[] = "123456789abcdefghi";

struct dialog *dialog_new(const struct dialog_ops *ops, const char *title, const char *text)
{
	struct dialog *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->ops = ops;
	d->title = str_dup(title);
	d->text = str_dup(text);
	str_init(&d->error, 512);
	if (!d->title || !d->text) {
		dialog_free(d);
		return NULL;
	}
	return d;
}

void dialog_free(struct dialog *d)
{
	if (!d)
		return;
	for (size_t i = 0; d->fields && i < d->n; i++) {
		struct input *in = &d->fields[i].input;
		if (d->fields[i].secret && in->text.text)
			explicit_bzero(in->text.text, in->text.cap);
		free(d->fields[i].label);
		input_done(in);
	}
	for (size_t i = 0; d->picks && i < d->n; i++)
		free(d->picks[i].text);
	if (d->has_input)
		input_done(&d->input);
	free(d->cost);
	free(d->picks);
	free(d->fields);
	free(d->yes);
	free(d->no);
	free(d->title);
	free(d->text);
	str_done(&d->error);
	free(d);
}

struct pane dialog_box(const struct dialog *d, const struct pane *screen, int lines)
{
	struct rect frame = {0, 0, screen->at.h, screen->at.w};
	int width = screen->at.w >= DIALOG_WIDE && d->cost ? DIALOG_WIDTH_WIDE : DIALOG_WIDTH;
	struct rect at = rect_middle(frame, lines + 2, width);
	struct pane box = pane_part(screen, at);
	struct pane margin = pane_part(screen, (struct rect){at.y, at.x - 1, at.h, at.w + 2});

	draw_blank(&margin);
	return draw_box(&box, d->title, NULL);
}

void dialog_move(struct dialog *d, int by)
{
	if (d->n)
		d->at = (d->at + d->n + (size_t)(by + (int)d->n)) % d->n;
}

int dialog_lines(const struct dialog *d)
{
	int lines = 1;

	for (const char *c = d->text; *c; c++)
		lines += *c == '\n';
	return lines;
}

int dialog_draw_lines(const struct dialog *d, const struct pane *p, int y)
{
	for (const char *at = d->text; *at; y++) {
		size_t len = strcspn(at, "\n");
		draw_textf(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_NORMAL, "%.*s", (int)len, at);
		at += len + (at[len] == '\n');
	}
	return y;
}

/* ---- which kind of job ---- */

static enum dialog_answer menu_key(struct dialog *d, int key)
{
	const char *letter = key > 0 && key < 0x7f ? strchr(menu_letters, key) : NULL;

	if (letter && (size_t)(letter - menu_letters) < d->n) {
		d->at = (size_t)(letter - menu_letters);
		return DIALOG_YES;
	}
	if (key == KEYS_ENTER && d->n)
		return DIALOG_YES;
	if (key == KEYS_ESC || key == 'q' || key == KEYS_CTRL('c'))
		return DIALOG_NO;
	if (key == KEYS_UP || key == 'k' || key == KEYS_BACKTAB)
		dialog_move(d, -1);
	if (key == KEYS_DOWN || key == 'j' || key == KEYS_TAB)
		dialog_move(d, 1);
	return DIALOG_OPEN;
}

static void menu_draw(const struct dialog *d, const struct pane *screen)
{
	int most = screen->at.h - 4, n = (int)d->n < most ? (int)d->n : most;
	struct pane in = dialog_box(d, screen, n + 2);
	int top = (int)d->at >= n && n > 0 ? (int)d->at - n + 1 : 0;

	for (int y = 0; y < n; y++) {
		size_t i = (size_t)(top + y);
		struct pane line = pane_part(&in, (struct rect){y, 0, 1, in.at.w});
		draw_textf(&in, y, 1, 3, ALIGN_LEFT, ROLE_KEY, "%c", menu_letters[i]);
		draw_text(&in, y, 4, 14, ALIGN_LEFT, ROLE_NORMAL, d->types[i]->word);
		draw_text(&in, y, 19, in.at.w - 20, ALIGN_LEFT, ROLE_NORMAL, d->types[i]->help);
		if (i == d->at)
			draw_select(&line, 0);
	}
	draw_hints(&in, in.at.h - 1, d->ops->hints);
}

static const struct dialog_ops menu_ops = {
    menu_key, menu_draw, "1-9 a-i choose  Enter take  Esc cancel", NULL};

struct dialog *dialog_menu(const char *title, const struct job_type_info *const *types)
{
	struct dialog *d = dialog_new(&menu_ops, title, "");

	if (!d)
		return NULL;
	d->types = types;
	while (types[d->n] && d->n < sizeof menu_letters - 1)
		d->n++;
	return d;
}

/* ---- all kinds ---- */

enum dialog_answer dialog_key(struct dialog *d, int key)
{
	return d->ops->key(d, key);
}

bool dialog_paste(struct dialog *d, const char *text)
{
	return d->ops->paste && d->ops->paste(d, text);
}

void dialog_draw(const struct dialog *d, const struct pane *screen)
{
	d->ops->draw(d, screen);
}

const char *dialog_hints(const struct dialog *d)
{
	return d->ops->hints;
}

const struct job_type_info *dialog_type(const struct dialog *d)
{
	return d->types ? d->types[d->at] : d->type;
}
