#include "config.h"
#include "tui/views/job_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { JOB_LABEL = 11 };

int job_draw_rule(const struct pane *p, int y, const char *title, const char *right)
{
	struct pane line = pane_part(p, (struct rect){y, 0, 1, p->at.w});

	if (line.at.h)
		draw_rule(&line, 0, title, right);
	return y + 1;
}

static int job_label(const struct pane *p, int y, const char *label)
{
	draw_text(p, y, 1, JOB_LABEL - 2, ALIGN_LEFT, ROLE_OFF, label);
	return JOB_LABEL;
}

/* "state     running since 11:10:08Z (7h37m)    by oper via console" */
static int head_state(const struct job_look *l, const struct pane *p, int y)
{
	const struct snapshot_job *j = l->job;
	char word[FORMAT_SIZE], when[FORMAT_SIZE], took[FORMAT_SIZE];
	int x = job_label(p, y, "state");

	x += draw_text(p, y, x, p->at.w - x, ALIGN_LEFT, job_state_role(snapshot_job_state(j)),
	         job_state_word(j, word)) +
	     1;
	if (j->started_ms)
		x +=
		    draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL,
		        "started %s, worked %s", format_when(when, j->started_ms / 1000, l->c->now),
		        format_took(took, j->worked_ms / 1000)) +
		    2;
	else
		x += draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "asked for %s",
		         format_when(when, j->created_ms / 1000, l->c->now)) +
		     2;
	if (j->weight > 1)
		draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_OFF, "weight %d", j->weight);
	return y + 1;
}

static int head_progress(const struct job_look *l, const struct pane *p, int y)
{
	const struct snapshot_job *j = l->job;
	char a[FORMAT_SIZE], b[FORMAT_SIZE], n[3 * FORMAT_SIZE], percent[FORMAT_SIZE];
	int x = job_label(p, y, "progress"), w;

	snprintf(n, sizeof n, "%s / %s  %s%%", format_full(a, j->processed),
	    j->total < 0 ? "?" : format_full(b, j->total),
	    format_percent(percent, j->processed, j->total));
	w = p->at.w - x - draw_columns(p, n) - 2;
	w = w > 44 ? 44 : w;
	if (w > 4) {
		draw_bar(p, y, x, w, job_state_role(snapshot_job_state(j)),
		    j->total > 0 ? (double)j->processed / (double)j->total : 0);
		x += w + 1;
	}
	draw_text(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, n);
	return y + 1;
}

static size_t job_minutes(const struct job_look *l, double out[SNAPSHOT_HISTORY])
{
	struct json_node item;
	struct json_walk walk;
	size_t n = 0;
	int64_t value;

	json_walk_start(&walk, json_node_path(l->page, "rate/minutes"));
	while (n < SNAPSHOT_HISTORY && json_walk_next(&walk, &item, NULL))
		out[n++] = json_node_int(item, &value) ? (double)value : 0;
	for (size_t i = 0; i < n / 2; i++) { /* the newest came first */
		double swap = out[i];
		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	return n;
}

static int head_rate(const struct job_look *l, const struct pane *p, int y)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE], c[FORMAT_SIZE];
	double minutes[SNAPSHOT_HISTORY];
	int x = job_label(p, y, "rate"), w;
	size_t n = job_minutes(l, minutes);

	if (n)
		x += draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL,
		    "%s now   %s average   %s best", format_rate(a, l->job->rate),
		    format_rate(b, answer_real(l->page, "rate/average")),
		    format_rate(c, answer_real(l->page, "rate/best")));
	else
		x += draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "%s now",
		    format_rate(a, l->job->rate));
	w = p->at.w - x - 4;
	if (n && !l->brief && w > 8)
		draw_spark(p, y, x + 3, w > 24 ? 24 : w, ROLE_OK, minutes, n);
	return y + 1;
}

static int head_units(const struct job_look *l, const struct pane *p, int y)
{
	const struct snapshot_job *j = l->job;
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	int x = job_label(p, y, "units");
	double each = j->processed > 0 ? (double)j->units / (double)j->processed : 0;

	x += draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "%s spent",
	         format_full(a, j->units)) +
	     3;
	if (each > 0)
		x += draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "%.4f each", each) +
		     3;
	if (j->open && j->units_left > 0)
		draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "%s still to spend",
		    format_full(b, j->units_left));
	return y + 1;
}

static int head_finish(const struct job_look *l, const struct pane *p, int y)
{
	const struct snapshot_job *j = l->job;
	char when[FORMAT_SIZE], left[FORMAT_SIZE], why[TABLE_TEXT];
	int x;

	if (j->open && j->eta > 0) {
		x = job_label(p, y, "finish");
		draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "%s, in %s",
		    format_when(when, j->eta, l->c->now),
		    format_duration(left, j->eta - l->c->now));
		y++;
	}
	job_why(l->c, j, why, sizeof why);
	if (*j->reason || (!j->open && *why)) {
		x = job_label(p, y, "why");
		draw_text(
		    p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, *j->reason ? j->reason : why);
		y++;
	}
	return y;
}

static int head_limited(const struct job_look *l, const struct pane *p, int y)
{
	const char *text = answer_text(l->page, "limited_by");

	if (!*text || strcmp(text, l->job->reason) == 0)
		return y;
	job_label(p, y, "limited");
	return view_draw_words(p, y, JOB_LABEL, 2, text);
}

int job_draw_head(const struct job_look *l, const struct pane *p, int y)
{
	if (!l->job) {
		draw_text(p, y, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF,
		    "an old job: its row is not among the newest any more");
		return y + 1;
	}
	y = head_state(l, p, y);
	y = head_progress(l, p, y);
	y = head_rate(l, p, y);
	y = head_units(l, p, y);
	y = head_finish(l, p, y);
	return head_limited(l, p, y);
}

int job_draw_graph(const struct job_look *l, const struct pane *p, int y, int lines)
{
	double minutes[SNAPSHOT_HISTORY];
	size_t n = job_minutes(l, minutes);
	struct pane at = pane_part(p, (struct rect){y + 1, 1, lines, p->at.w - 2});

	if (!n || lines < 1)
		return y;
	job_draw_rule(p, y, "Items a minute, 60 min", NULL);
	draw_graph(&at, ROLE_OK, minutes, n, 0);
	return y + 1 + lines;
}

/* ---- outcome ---- */

struct outcome {
	const char *label;
	size_t offset; /* of the count in struct snapshot_job */
	enum role role;
};

static const struct outcome outcomes[] = {
    {"done", offsetof(struct snapshot_job, done), ROLE_NORMAL},
    {"gone (terminated)", offsetof(struct snapshot_job, missing), ROLE_NORMAL},
    {"absent once", offsetof(struct snapshot_job, absent), ROLE_NORMAL},
    {"given up", offsetof(struct snapshot_job, failed), ROLE_WARN},
};

static void outcome_waits(const struct job_look *l, const struct pane *p, int y, int x)
{
	char n[FORMAT_SIZE], when[FORMAT_SIZE] = "";
	int64_t next = answer_int(l->page, "outcome/next_retry_ms") / 1000;

	if (x < 0 || !l->page.doc)
		return;
	draw_textf(p, y, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "retrying now %9s",
	    format_full(n, answer_int(l->page, "outcome/retrying")));
	draw_textf(p, y + 1, x, p->at.w - x, ALIGN_LEFT, ROLE_NORMAL, "retry queue  %9s%s%s",
	    format_full(n, answer_int(l->page, "outcome/waiting")), next ? " next " : "",
	    next ? format_when(when, next, l->c->now) : "");
}

int job_draw_outcome(const struct job_look *l, const struct pane *p, int y)
{
	char n[FORMAT_SIZE], percent[FORMAT_SIZE];
	int64_t count;

	if (!l->job)
		return y;
	y = job_draw_rule(p, y, l->job->open ? "Outcome so far" : "Outcome", NULL);
	outcome_waits(l, p, y, p->at.w >= 76 ? 45 : -1);
	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		memcpy(&count, (const char *)l->job + outcomes[i].offset, sizeof count);
		if (!count && i > 1)
			continue;
		draw_textf(p, y, 1, 32, ALIGN_LEFT, count ? outcomes[i].role : ROLE_NORMAL,
		    "%-18s %12s", outcomes[i].label, format_full(n, count));
		draw_textf(p, y, 33, 8, ALIGN_RIGHT, ROLE_NORMAL, "%s%%",
		    format_percent(percent, count, l->job->processed));
		y++;
	}
	return y;
}

/* ---- errors by reason ---- */

static void error_words(struct json_node e, char *out, size_t size)
{
	char n[FORMAT_SIZE];
	int64_t waiting = answer_int(e, "waiting"), dead = answer_int(e, "dead");
	int64_t retried = answer_int(e, "retried"), recovered = answer_int(e, "recovered");

	if (dead)
		snprintf(out, size, "%s given up", format_full(n, dead));
	else if (waiting)
		snprintf(out, size, "%s waiting", format_full(n, waiting));
	else if (retried && recovered == retried)
		snprintf(out, size, "retried, all recovered");
	else if (retried)
		snprintf(out, size, "retried, all recovered but %s",
		    format_full(n, retried - recovered));
	else
		snprintf(out, size, "%s", "");
}

int job_draw_errors(const struct job_look *l, const struct pane *p, int y, int most)
{
	struct json_node item;
	struct json_walk walk;
	char words[TABLE_TEXT], n[FORMAT_SIZE];
	int first;

	json_walk_start(&walk, json_node_get(l->page, "errors"));
	if (!json_walk_next(&walk, &item, NULL))
		return y;
	y = first = job_draw_rule(p, y, "Errors by reason", l->brief ? NULL : "e opens the list");
	do {
		draw_text(p, y, 1, 28, ALIGN_LEFT, ROLE_NORMAL, answer_text(item, "reason"));
		draw_text(p, y, 29, 7, ALIGN_RIGHT, ROLE_NORMAL,
		    format_full(n, answer_int(item, "seen")));
		error_words(item, words, sizeof words);
		draw_text(p, y, 37, p->at.w - 38, ALIGN_LEFT, ROLE_OFF, words);
		y++;
	} while (y < first + most && json_walk_next(&walk, &item, NULL));
	return y;
}

/* ---- timeline and log ---- */

static int job_skip(const struct job_look *l, const char *member, int most, struct json_walk *walk)
{
	struct json_node item;
	int n = 0;

	json_walk_start(walk, json_node_get(l->page, member));
	while (json_walk_next(walk, &item, NULL))
		n++;
	json_walk_start(walk, json_node_get(l->page, member));
	for (int i = 0; i < n - most && json_walk_next(walk, &item, NULL); i++)
		;
	return n;
}

int job_draw_timeline(const struct job_look *l, const struct pane *p, int y, int most)
{
	struct json_node item;
	struct json_walk walk;
	char clock[FORMAT_SIZE];

	if (most < 1 || !job_skip(l, "timeline", most, &walk))
		return y;
	y = job_draw_rule(p, y, "Timeline", NULL);
	while (json_walk_next(&walk, &item, NULL)) {
		int64_t n = answer_int(item, "n");
		const char *who = answer_text(item, "who");
		int x = 1;
		x += draw_textf(p, y, x, 8, ALIGN_LEFT, ROLE_OFF, "%.8s",
		         format_clock(clock, answer_int(item, "at_ms") / 1000)) +
		     1;
		x += draw_text(
		    p, y, x, p->at.w - x - 1, ALIGN_LEFT, ROLE_NORMAL, answer_text(item, "text"));
		if (n > 1)
			x += draw_textf(p, y, x + 1, p->at.w - x - 2, ALIGN_LEFT, ROLE_OFF, "x%lld",
			         (long long)n) +
			     1;
		if (*who)
			draw_textf(
			    p, y, x + 1, p->at.w - x - 2, ALIGN_LEFT, ROLE_OFF, "by %s", who);
		y++;
	}
	return y;
}

static enum role log_role(const char *level)
{
	static const struct {
		const char *level;
		enum role role;
	} roles[] = {{"error", ROLE_ERROR}, {"warning", ROLE_WARN}, {"debug", ROLE_OFF}};

	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(roles[i].level, level) == 0)
			return roles[i].role;
	return ROLE_NORMAL;
}

int job_draw_log(const struct job_look *l, const struct pane *p, int y, int most)
{
	struct json_node item;
	struct json_walk walk;
	char clock[FORMAT_SIZE];

	if (most < 1 || !job_skip(l, "log", most, &walk))
		return y;
	while (json_walk_next(&walk, &item, NULL)) {
		const char *level = answer_text(item, "level");
		draw_textf(p, y, 1, 8, ALIGN_LEFT, ROLE_OFF, "%.8s",
		    format_clock(clock, answer_int(item, "at_ms") / 1000));
		draw_textf(p, y, 10, 1, ALIGN_LEFT, log_role(level), "%c",
		    *level >= 'a' ? *level - 'a' + 'A' : ' ');
		draw_text(
		    p, y, 12, p->at.w - 13, ALIGN_LEFT, log_role(level), answer_text(item, "text"));
		y++;
	}
	return y;
}

/* ---- parameters ---- */

static size_t job_value_list(struct json_node v, char *out, size_t size)
{
	struct json_node item;
	struct json_walk walk;
	size_t at = 0;
	char one[TABLE_TEXT];

	json_walk_start(&walk, v);
	while (at + 4 < size && json_walk_next(&walk, &item, NULL)) {
		job_value(item, one, sizeof one);
		at += (size_t)snprintf(out + at, size - at, "%s%s", at ? ", " : "", one);
	}
	return at;
}

void job_value(struct json_node v, char *out, size_t size)
{
	const char *text;
	double real;
	int64_t n;
	size_t len;
	bool yes;

	*out = 0;
	if (json_node_text(v, &text, &len))
		snprintf(out, size, "%s", text);
	else if (json_node_int(v, &n))
		snprintf(out, size, "%lld", (long long)n);
	else if (json_node_bool(v, &yes))
		snprintf(out, size, "%s", yes ? "yes" : "no");
	else if (json_node_real(v, &real))
		snprintf(out, size, "%g", real);
	else if (json_node_type(v) == JSON_NODE_ARRAY)
		job_value_list(v, out, size);
}
