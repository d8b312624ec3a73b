/* Forms: fields made from a table of parameters, and their answer as JSON. */
#include "config.h"
#include "tui/dialog_parts.h"
#include "engine/base/filter_values.h"
#include "tui/cli_text.h"
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FORM_LABEL_WIDTH = 20,
	FORM_NUMBER_WIDTH = 14,
	FORM_FIELDS_LEAST = 4, /* that are seen however much the cost has to say */
	FORM_FRAME = 5,        /* help, blank, blank, note or error, hints */
	FORM_WARNING = 512
};

static bool field_is_text(const struct field *f)
{
	return f->param->type != PARAM_FLAG;
}

/* A text that may not be empty. */
static bool field_is_needed(const struct field *f)
{
	return f->param->type == PARAM_TEXT && !f->param->optional;
}

static size_t form_offers(const struct dialog *d)
{
	return d->cost ? d->cost->n_offers : 0;
}

/* The field that has the focus; NULL: an offer has it. */
static struct field *form_field(const struct dialog *d)
{
	return d->at < d->n ? &d->fields[d->at] : NULL;
}

static struct field *form_find(const struct dialog *d, const char *name)
{
	for (size_t i = 0; d->fields && i < d->n; i++) {
		const struct job_param *p = d->fields[i].param;
		if (strcmp(p->name, name) == 0 || (p->also && strcmp(p->also, name) == 0))
			return &d->fields[i];
	}
	return NULL;
}

static enum dialog_answer form_key(struct dialog *d, int key);
static void form_draw(const struct dialog *d, const struct pane *screen);
static bool form_paste(struct dialog *d, const char *text);

static const struct dialog_ops form_ops = {
    form_key, form_draw, "Enter take  Tab next  Space choose  Esc cancel", form_paste};
static const struct dialog_ops job_ops = {form_key, form_draw,
    "Enter start  Tab next  Space choose  Ctrl-r dry run  Esc cancel", form_paste};
static const struct dialog_ops job_dry_ops = {form_key, form_draw,
    "Enter start  Tab next  Space choose  Ctrl-d dry run  Esc cancel", form_paste};
static const struct dialog_ops job_few_ops = {form_key, form_draw,
    "Enter start  Space choose  Ctrl-r dry run  Ctrl-d try 20  Esc cancel", form_paste};

/* ---- checks ---- */

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

/* good: what is answered when nothing is wrong. */
static enum dialog_answer form_check(struct dialog *d, enum dialog_answer good)
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
	return good;
}

void dialog_form_warn(struct dialog *d, const char *text)
{
	str_reset(&d->error);
	str_adds(&d->error, text);
	d->warned = true;
}

void dialog_form_tell(struct dialog *d, const char *text)
{
	str_reset(&d->error);
	str_adds(&d->error, text);
	d->told = true;
}

bool dialog_form_is_warned(const struct dialog *d)
{
	return d->warned;
}

/* ---- keys ---- */

static void form_move(struct dialog *d, int by)
{
	size_t n = d->n + form_offers(d);

	if (n)
		d->at = (d->at + n + (size_t)(by + (int)n)) % n;
}

static enum dialog_answer form_take(struct dialog *d, size_t offer)
{
	d->offer = offer;
	return DIALOG_OFFER;
}

/* Letters and digits are keys where no field takes them. */
static enum dialog_answer form_type(struct dialog *d, int key)
{
	struct field *f = form_field(d);
	bool text = f && field_is_text(f), digits = text && f->param->type == PARAM_NUMBER;

	if ((d->ops == &job_dry_ops || d->ops == &job_few_ops) &&
	    (key == KEYS_CTRL('d') || (key == 'd' && (!text || digits))))
		return form_check(d, DIALOG_TRY);
	if ((d->ops == &job_ops || d->ops == &job_few_ops) && key == KEYS_CTRL('r'))
		return form_check(d, DIALOG_DRY);
	if (text)
		input_key(&f->input, key);
	else if (key >= '1' && key <= '9' && (size_t)(key - '1') < form_offers(d))
		return form_take(d, (size_t)(key - '1'));
	else if (key == ' ' && !f && d->at - d->n < form_offers(d))
		return form_take(d, d->at - d->n);
	else if (key == ' ' && f)
		f->on = !f->on;
	return DIALOG_OPEN;
}

static enum dialog_answer form_key(struct dialog *d, int key)
{
	str_reset(&d->error);
	d->warned = d->warned && key == KEYS_ENTER;
	d->told = false;
	switch (key) {
	case KEYS_ESC:
	case KEYS_CTRL('c'):
		return DIALOG_NO;
	case KEYS_ENTER:
		if (!form_field(d) && form_offers(d))
			return form_take(d, d->at - d->n);
		return form_check(d, DIALOG_YES);
	case KEYS_TAB:
	case KEYS_DOWN:
		form_move(d, 1);
		return DIALOG_OPEN;
	case KEYS_BACKTAB:
	case KEYS_UP:
		form_move(d, -1);
		return DIALOG_OPEN;
	default:
		return form_type(d, key);
	}
}

static bool form_paste(struct dialog *d, const char *text)
{
	struct field *f = form_field(d);

	if (!f || !field_is_text(f))
		return false;
	input_insert(&f->input, text);
	return true;
}

/* ---- drawing ---- */

static void form_draw_secret(const struct field *f, const struct pane *p, int y, int x, bool focus)
{
	draw_textf(p, y, x, p->at.w - x - 1, ALIGN_LEFT, focus ? ROLE_NORMAL : ROLE_OFF,
	    "[%zu characters (not shown)]", strlen(input_text(&f->input)));
	if (focus)
		draw_cursor(p, y, x + 1);
}

static void form_draw_field(const struct dialog *d, const struct pane *p, int y, size_t i)
{
	const struct field *f = &d->fields[i];
	bool focus = i == d->at;
	int x = 1 + FORM_LABEL_WIDTH, w = p->at.w - x - 1, help;

	draw_text(
	    p, y, 1, FORM_LABEL_WIDTH - 1, ALIGN_LEFT, focus ? ROLE_TITLE : ROLE_NORMAL, f->label);
	if (f->secret) {
		form_draw_secret(f, p, y, x, focus);
		return;
	}
	if (f->param->type == PARAM_NUMBER) {
		input_draw(&f->input, p, y, x, FORM_NUMBER_WIDTH, focus);
		help = x + FORM_NUMBER_WIDTH + 1;
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

/* What the field in focus has no room to say itself, else what the form is for. */
static const char *form_help(const struct dialog *d)
{
	const struct field *f = form_field(d);

	if (!f && form_offers(d))
		return *d->cost->offers[d->at - d->n].loses ? d->cost->offers[d->at - d->n].loses
		                                            : "costs less; Enter or Space takes it";
	return f && field_is_text(f) && f->param->type != PARAM_NUMBER ? f->param->help : d->help;
}

/* "2 more above, 5 below": fields that the box has no room for. */
static void form_draw_hidden(
    const struct dialog *d, const struct pane *p, int y, size_t top, size_t n)
{
	size_t below = d->n - top - n;
	struct str text;

	if (!top && !below)
		return;
	str_init(&text, 64);
	if (top)
		str_addf(&text, "%zu more above", top);
	if (below)
		str_addf(&text, "%s%zu more below", top ? ", " : "", below);
	draw_text(p, y, 1, p->at.w - 2, ALIGN_RIGHT, ROLE_OFF, str_get(&text));
	str_done(&text);
}

static void form_draw_foot(const struct dialog *d, const struct pane *in, int y)
{
	int w = in->at.w - 2;

	if (d->error.len && d->told)
		draw_text(in, y, 1, w, ALIGN_LEFT, ROLE_OK, str_get(&d->error));
	else if (d->error.len)
		draw_textf(in, y, 1, w, ALIGN_LEFT, d->warned ? ROLE_WARN : ROLE_ERROR, "! %s",
		    str_get(&d->error));
	else
		draw_text(in, y, 1, w, ALIGN_LEFT, ROLE_NORMAL, d->text);
	draw_hints(in, in->at.h - 1, d->ops->hints);
}

static void form_draw(const struct dialog *d, const struct pane *screen)
{
	int room = screen->at.h - 2 - FORM_FRAME, n = (int)d->n, least, cost, top = 0, y = 2;
	struct pane in;

	least = n < FORM_FIELDS_LEAST ? n : FORM_FIELDS_LEAST;
	cost = cost_lines(d->cost, room - least);
	n = n < room - cost ? n : room - cost;
	n = n > 0 ? n : 0;
	in = dialog_box(d, screen, n + cost + FORM_FRAME);
	if (n > 0 && (int)d->at >= n && d->at < d->n)
		top = (int)d->at - n + 1;
	else if (d->at >= d->n)
		top = (int)d->n - n;
	draw_text(&in, 0, 1, in.at.w - 2, ALIGN_LEFT, ROLE_OFF, form_help(d));
	for (int i = 0; i < n; i++)
		form_draw_field(d, &in, y + i, (size_t)(top + i));
	y += n;
	form_draw_hidden(d, &in, y, (size_t)top, (size_t)n);
	if (cost)
		cost_draw(d->cost, &in, y + 1, cost, (int)d->at - (int)d->n);
	form_draw_foot(d, &in, y + 1 + cost);
}

/* ---- making ---- */

static bool form_init_field(
    struct field *f, const struct job_param *p, const char *secret, bool utf8)
{
	struct str number;
	bool ok;

	f->param = p;
	f->on = p->type == PARAM_FLAG && p->fallback != 0;
	f->secret = secret && strcmp(p->name, secret) == 0;
	f->label = str_dup(p->name);
	for (char *c = f->label; c && *c; c++)
		if (*c == '_')
			*c = ' ';
	str_init(&number, 32);
	if (p->type == PARAM_NUMBER && !p->optional)
		str_addf(&number, "%lld", (long long)p->fallback);
	ok = input_init(&f->input, str_get(&number), p->type == PARAM_NUMBER, utf8 && !f->secret);
	str_done(&number);
	if (p->type == PARAM_LIST)
		f->input.text.limit = INPUT_LIST;
	/* room for all of a secret at once: growing would leave copies behind */
	return ok && f->label && (!f->secret || str_room(&f->input.text, INPUT_LIMIT));
}

struct dialog *dialog_form_of(const struct form_def *def, const char *note, bool utf8)
{
	struct dialog *d = dialog_new(&form_ops, def->title, note);
	bool ok;

	if (!d)
		return NULL;
	d->help = def->help;
	d->fields = calloc(def->n_params ? def->n_params : 1, sizeof *d->fields);
	ok = d->fields != NULL;
	for (size_t i = 0; ok && i < def->n_params; i++)
		if (!def->params[i].quiet)
			ok =
			    form_init_field(&d->fields[d->n++], &def->params[i], def->secret, utf8);
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

struct dialog *dialog_form(const struct job_type_info *type, const char *note, bool utf8)
{
	struct form_def def = {
	    .help = type->help, .params = type->params, .n_params = type->n_params};
	struct dialog *d;
	struct str title;

	str_init(&title, 128);
	str_addf(&title, "New job: %s", type->word);
	def.title = str_get(&title);
	d = dialog_form_of(&def, note, utf8);
	str_done(&title);
	if (!d)
		return NULL;
	d->ops = form_find(d, "dry_run") ? &job_dry_ops
	         : form_find(d, "limit") ? &job_few_ops
	                                 : &job_ops;
	d->type = type;
	return d;
}

void dialog_form_cost(struct dialog *d, const struct form_cost *cost)
{
	if (!d->cost)
		d->cost = calloc(1, sizeof *d->cost);
	if (!d->cost)
		return; /* without memory the form works without it */
	*d->cost = *cost;
	if (d->at >= d->n + d->cost->n_offers)
		d->at = d->n ? d->n - 1 : 0;
}

size_t dialog_form_offer(const struct dialog *d)
{
	return d->offer;
}

/* ---- filling ---- */

static void field_set(struct field *f, const char *value)
{
	if (field_is_text(f)) {
		input_key(&f->input, KEYS_END);
		input_key(&f->input, KEYS_CTRL('u'));
		input_insert(&f->input, value);
	} else {
		f->on = strcmp(value, "0") != 0 && strcmp(value, "no") != 0 &&
		        strcmp(value, "false") != 0;
	}
}

bool dialog_form_set(struct dialog *d, const char *name, const char *value)
{
	struct field *f = form_find(d, name);

	if (f)
		field_set(f, value);
	return f != NULL;
}

/* "10k" of a number. */
static bool field_fill(struct field *f, const char *value)
{
	char text[32];
	double n;

	if (f->param->type != PARAM_NUMBER) {
		field_set(f, value);
		return true;
	}
	if (!filter_number(value, strlen(value), &n) || n < -9e15 || n > 9e15 ||
	    n != (double)(int64_t)n)
		return false;
	snprintf(text, sizeof text, "%lld", (long long)n);
	field_set(f, text);
	return true;
}

bool dialog_form_fill(struct dialog *d, const char *set)
{
	size_t len = strcspn(set, "=");
	char *name = str_dup_n(set, len);
	struct field *f = name ? form_find(d, name) : NULL;

	free(name);
	if (f)
		return field_fill(f, set[len] ? set + len + 1 : "1");
	for (size_t i = 0; i < d->n; i++) {
		const char *word = d->fields[i].param->word;
		if (word && strncmp(set, word, strlen(word)) == 0)
			return field_fill(&d->fields[i], set + strlen(word));
	}
	return false;
}

const char *dialog_form_text(const struct dialog *d, const char *name)
{
	const struct field *f = form_find(d, name);

	if (!f)
		return "";
	return field_is_text(f) ? input_text(&f->input) : f->on ? "1" : "";
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
		if (d->fields[i].secret ||
		    (field_is_text(&d->fields[i]) && !*input_text(&d->fields[i].input)))
			continue;
		if (!first)
			str_addc(&out, ',');
		json_add_field(&out, &d->fields[i]);
		first = false;
	}
	str_addc(&out, '}');
	return str_take(&out);
}
