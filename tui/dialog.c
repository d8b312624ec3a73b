#include "config.h"
#include "tui/dialog_parts.h"
#include "tui/cli_text.h"
#include "tui/keys.h"

#include <stdlib.h>
#include <string.h>

enum { DIALOG_WIDTH = 76, DIALOG_LABEL = 18, DIALOG_NUMBER = 14, DIALOG_MENU_MAX = 9 };

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
		free(d->fields[i].label);
		input_done(&d->fields[i].input);
	}
	for (size_t i = 0; d->picks && i < d->n; i++)
		free(d->picks[i].text);
	if (d->has_input && d->secret && d->input.text.text)
		explicit_bzero(d->input.text.text, d->input.text.cap);
	if (d->has_input)
		input_done(&d->input);
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
	struct rect at = rect_middle(frame, lines + 2, DIALOG_WIDTH);
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
	if (key >= '1' && key <= '9' && (size_t)(key - '1') < d->n) {
		d->at = (size_t)(key - '1');
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
	struct pane in = dialog_box(d, screen, (int)d->n + 2);

	for (size_t i = 0; i < d->n; i++) {
		int y = (int)i;
		struct pane line = pane_part(&in, (struct rect){y, 0, 1, in.at.w});
		draw_textf(&in, y, 1, 3, ALIGN_LEFT, ROLE_KEY, "%zu", i + 1);
		draw_text(&in, y, 4, 14, ALIGN_LEFT, ROLE_NORMAL, d->types[i]->word);
		draw_text(&in, y, 19, in.at.w - 20, ALIGN_LEFT, ROLE_NORMAL, d->types[i]->help);
		if (i == d->at)
			draw_select(&line, 0);
	}
	draw_hints(&in, in.at.h - 1, d->ops->hints);
}

static const struct dialog_ops menu_ops = {
    menu_key, menu_draw, "1-9 choose  Enter take  Esc cancel", NULL};

struct dialog *dialog_menu(const char *title, const struct job_type_info *const *types)
{
	struct dialog *d = dialog_new(&menu_ops, title, "");

	if (!d)
		return NULL;
	d->types = types;
	while (types[d->n] && d->n < DIALOG_MENU_MAX)
		d->n++;
	return d;
}

/* ---- parameters of a job ---- */

static bool field_is_text(const struct field *f)
{
	return f->param->type != PARAM_FLAG;
}

/* A text that may not be empty. */
static bool field_is_needed(const struct field *f)
{
	return f->param->type == PARAM_TEXT && !f->param->optional;
}

/* Complains about one field and moves there. */
static enum dialog_answer form_refuse(struct dialog *d, size_t at, const char *why)
{
	d->at = at;
	str_reset(&d->error);
	str_addf(&d->error, "%s: %s", d->fields[at].label, why);
	return DIALOG_OPEN;
}

static bool param_has_range(const struct job_param *p)
{
	return p->least != 0 || p->most != 0;
}

static enum dialog_answer form_check_number(struct dialog *d, size_t at)
{
	const struct job_param *p = d->fields[at].param;
	int64_t least = param_has_range(p) ? p->least : INT64_MIN, n;
	int64_t most = param_has_range(p) ? p->most : INT64_MAX;
	enum dialog_answer answer;
	struct str why;

	if (str_to_i64(input_text(&d->fields[at].input), least, most, &n) == ERR_OK)
		return DIALOG_YES;
	str_init(&why, 128);
	str_addf(&why, "a whole number from %lld to %lld", (long long)least, (long long)most);
	answer = form_refuse(d, at, str_get(&why));
	str_done(&why);
	return answer;
}

static enum dialog_answer form_check(struct dialog *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		bool empty = field_is_text(f) && !*input_text(&f->input);
		if (f->param->type == PARAM_NUMBER && !empty &&
		    form_check_number(d, i) != DIALOG_YES)
			return DIALOG_OPEN;
		if (empty && field_is_needed(f))
			return form_refuse(d, i, "is needed");
	}
	return DIALOG_YES;
}

static enum dialog_answer form_key(struct dialog *d, int key)
{
	struct field *f = d->n ? &d->fields[d->at] : NULL;

	str_reset(&d->error);
	switch (key) {
	case KEYS_ESC:
	case KEYS_CTRL('c'):
		return DIALOG_NO;
	case KEYS_ENTER:
		return form_check(d);
	case KEYS_TAB:
	case KEYS_DOWN:
		dialog_move(d, 1);
		return DIALOG_OPEN;
	case KEYS_BACKTAB:
	case KEYS_UP:
		dialog_move(d, -1);
		return DIALOG_OPEN;
	default:
		if (f && field_is_text(f))
			input_key(&f->input, key);
		else if (f && key == ' ')
			f->on = !f->on;
		return DIALOG_OPEN;
	}
}

static void form_draw_field(const struct dialog *d, const struct pane *p, int y, size_t i)
{
	const struct field *f = &d->fields[i];
	bool focus = i == d->at;
	int x = 1 + DIALOG_LABEL, w = p->at.w - x - 1, help;

	draw_text(
	    p, y, 1, DIALOG_LABEL - 1, ALIGN_LEFT, focus ? ROLE_TITLE : ROLE_NORMAL, f->label);
	if (f->param->type == PARAM_NUMBER) {
		input_draw(&f->input, p, y, x, DIALOG_NUMBER, focus);
		help = x + DIALOG_NUMBER + 1;
	} else if (f->param->type == PARAM_FLAG) {
		draw_text(p, y, x, 3, ALIGN_LEFT, ROLE_NORMAL, f->on ? "[x]" : "[ ]");
		if (focus)
			draw_cursor(p, y, x + 1);
		help = x + 4;
	} else {
		input_draw(&f->input, p, y, x, w, focus);
		return;
	}
	draw_text(p, y, help, p->at.w - help - 1, ALIGN_LEFT, ROLE_OFF, f->param->help);
}

static void form_draw(const struct dialog *d, const struct pane *screen)
{
	/* the box: one line of help, blank, fields, blank, note or error, hints */
	int most = screen->at.h - 2 - 5, n = (int)d->n < most ? (int)d->n : most;
	struct pane in = dialog_box(d, screen, (n > 0 ? n : 0) + 5);
	int top = (int)d->at >= n && n > 0 ? (int)d->at - n + 1 : 0, y = 2, w = in.at.w - 2;

	draw_text(&in, 0, 1, w, ALIGN_LEFT, ROLE_OFF,
	    d->n && field_is_text(&d->fields[d->at]) && d->fields[d->at].param->type != PARAM_NUMBER
	        ? d->fields[d->at].param->help
	        : d->type->help);
	for (int i = 0; i < n; i++)
		form_draw_field(d, &in, y + i, (size_t)(top + i));
	y += n > 0 ? n : 0;
	if (d->error.len)
		draw_textf(&in, y + 1, 1, w, ALIGN_LEFT, ROLE_ERROR, "! %s", str_get(&d->error));
	else
		draw_text(&in, y + 1, 1, w, ALIGN_LEFT, ROLE_NORMAL, d->text);
	draw_hints(&in, in.at.h - 1, d->ops->hints);
}

static bool form_paste(struct dialog *d, const char *text)
{
	if (!d->n || !field_is_text(&d->fields[d->at]))
		return false;
	input_insert(&d->fields[d->at].input, text);
	return true;
}

static const struct dialog_ops form_ops = {
    form_key, form_draw, "Enter start  Tab next  Space choose  Esc cancel", form_paste};

static bool form_init_field(struct field *f, const struct job_param *p, bool utf8)
{
	struct str number;
	bool ok;

	f->param = p;
	f->on = p->type == PARAM_FLAG && p->fallback != 0;
	f->label = str_dup(p->name);
	for (char *c = f->label; c && *c; c++)
		if (*c == '_')
			*c = ' ';
	str_init(&number, 32);
	if (p->type == PARAM_NUMBER && !p->optional)
		str_addf(&number, "%lld", (long long)p->fallback);
	ok = input_init(&f->input, str_get(&number), p->type == PARAM_NUMBER, utf8);
	str_done(&number);
	return ok && f->label;
}

struct dialog *dialog_form(const struct job_type_info *type, const char *note, bool utf8)
{
	struct dialog *d;
	struct str title;
	bool ok;

	str_init(&title, 128);
	str_addf(&title, "New job: %s", type->word);
	d = dialog_new(&form_ops, str_get(&title), note);
	str_done(&title);
	if (!d)
		return NULL;
	d->type = type;
	d->fields = calloc(type->n_params ? type->n_params : 1, sizeof *d->fields);
	ok = d->fields != NULL;
	while (ok && d->n < type->n_params) {
		ok = form_init_field(&d->fields[d->n], &type->params[d->n], utf8);
		d->n++;
	}
	if (!ok) {
		dialog_free(d);
		return NULL;
	}
	while (d->at < d->n && !field_is_needed(&d->fields[d->at]))
		d->at++;
	if (d->at == d->n)
		d->at = 0;
	return d;
}

bool dialog_form_set(struct dialog *d, const char *name, const char *value)
{
	for (size_t i = 0; d->fields && i < d->n; i++) {
		struct field *f = &d->fields[i];
		bool named = strcmp(f->param->name, name) == 0 ||
		             (f->param->also && strcmp(f->param->also, name) == 0);
		if (!named)
			continue;
		if (field_is_text(f)) {
			input_key(&f->input, KEYS_END);
			input_key(&f->input, KEYS_CTRL('u'));
			input_insert(&f->input, value);
		} else {
			f->on = strcmp(value, "0") != 0 && strcmp(value, "no") != 0 &&
			        strcmp(value, "false") != 0;
		}
		return true;
	}
	return false;
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

/* ---- the answer as JSON ---- */

/* "a, b" as ["a","b"]. */
static void json_add_list(struct str *out, const char *text)
{
	bool first = true;

	str_addc(out, '[');
	while (*text) {
		size_t len = strcspn(text, ","), from = 0, to = len;
		while (from < to && text[from] == ' ')
			from++;
		while (to > from && text[to - 1] == ' ')
			to--;
		if (to > from) {
			str_adds(out, first ? "" : ",");
			cli_add_json(out, text + from, to - from);
			first = false;
		}
		text += len + (text[len] == ',');
	}
	str_addc(out, ']');
}

static void json_add_field(struct str *out, const struct field *f)
{
	const char *text = input_text(&f->input);
	int64_t n = 0;

	cli_add_json(out, f->param->name, strlen(f->param->name));
	str_addc(out, ':');
	switch (f->param->type) {
	case PARAM_FLAG:
		str_adds(out, f->on ? "true" : "false");
		break;
	case PARAM_NUMBER: /* through a number, so that 007 becomes 7 */
		if (str_to_i64(text, INT64_MIN, INT64_MAX, &n))
			out->err = ERR_INVALID;
		str_addf(out, "%lld", (long long)n);
		break;
	case PARAM_LIST:
		json_add_list(out, text);
		break;
	case PARAM_TEXT:
		cli_add_json(out, text, strlen(text));
		break;
	}
}

char *dialog_params_json(const struct dialog *d)
{
	struct str out;
	bool first = true;

	str_init(&out, 1 << 20);
	str_addc(&out, '{');
	for (size_t i = 0; i < d->n && d->fields; i++) {
		if (field_is_text(&d->fields[i]) && !*input_text(&d->fields[i].input))
			continue;
		if (!first)
			str_addc(&out, ',');
		json_add_field(&out, &d->fields[i]);
		first = false;
	}
	str_addc(&out, '}');
	return str_take(&out);
}
