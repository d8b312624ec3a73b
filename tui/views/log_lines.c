#include "config.h"
#include "tui/views/log_lines.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_PAGE = 1000, LOG_PACE_MS = 250, LOG_PATH = 4096 };

static void lines_clear(struct log_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->held[i].text);
	l->n = 0;
	l->newest = 0;
	l->older = l->newer = 0;
	l->at_oldest = false;
	l->error[0] = 0;
	str_reset(&l->path);
}

void log_lines_done(struct log_lines *l)
{
	lines_clear(l);
	free(l->held);
	str_done(&l->about);
	str_done(&l->path);
	*l = (struct log_lines){0};
}

void log_lines_restart(struct log_lines *l)
{
	str_reset(&l->about);
}

/* ---- taking ---- */

static bool lines_room(struct log_lines *l, size_t more)
{
	size_t room = l->room ? l->room : 256;
	struct log_held *held;

	while (room < l->n + more)
		room *= 2;
	if (room == l->room)
		return true;
	held = realloc(l->held, room * sizeof *held);
	if (!held)
		return false;
	l->held = held;
	l->room = room;
	return true;
}

/* Drops lines at the head, or at the end when older ones were asked for. */
static void lines_drop(struct log_lines *l, size_t n, bool at_end)
{
	size_t from = at_end ? l->n - n : 0;

	for (size_t i = from; i < from + n; i++)
		free(l->held[i].text);
	if (!at_end)
		memmove(l->held, l->held + n, (l->n - n) * sizeof *l->held);
	l->n -= n;
	if (!n || !l->n)
		return;
	/* they are asked for again when they are wanted */
	if (at_end) {
		l->newest = l->held[l->n - 1].seq;
		l->newer = l->newest ? 0 : l->held[l->n - 1].place;
	} else {
		l->at_oldest = false;
		l->older = l->held[0].place;
	}
}

static void lines_source(struct log_lines *l, const char *name)
{
	size_t at = 0;

	while (at < l->n_sources && strcmp(l->sources[at], name) < 0)
		at++;
	if (l->n_sources == LOG_SOURCES || (at < l->n_sources && strcmp(l->sources[at], name) == 0))
		return;
	memmove(l->sources[at + 1], l->sources[at], (l->n_sources - at) * sizeof l->sources[0]);
	snprintf(l->sources[at], sizeof l->sources[0], "%.15s", name);
	l->n_sources++;
}

static void lines_read(struct log_held *to, struct json_node from)
{
	*to = (struct log_held){.seq = (uint64_t)answer_int(from, "seq"),
	    .place = answer_int(from, "place"),
	    .at_ms = answer_int(from, "at_ms"),
	    .level = LOG_INFO,
	    .text = str_dup(answer_text(from, "text"))};
	log_level_parse(answer_text(from, "level"), &to->level);
	snprintf(to->source, sizeof to->source, "%.15s", answer_text(from, "source"));
	snprintf(to->job, sizeof to->job, "%.23s", answer_text(from, "job"));
}

/* Puts the n lines of an answer before or behind those that are held. */
static void lines_put(struct log_lines *l, const struct json_node *items, size_t n)
{
	bool older = l->asked == LOG_ASK_OLDER;

	if (!lines_room(l, n))
		return;
	if (older && l->n) /* so that its row stays the same */
		l->held[0].apart = true;
	if (older)
		memmove(l->held + n, l->held, l->n * sizeof *l->held);
	for (size_t i = 0; i < n; i++) {
		struct log_held *to = &l->held[older ? i : l->n + i];
		lines_read(to, items[i]);
		lines_source(l, to->source);
	}
	l->n += n;
	if (l->n > LOG_HELD)
		lines_drop(l, l->n - LOG_HELD, older);
}

static void lines_take(struct log_lines *l, struct resource *r)
{
	size_t n = 0;
	const struct json_node *items;
	int64_t newest = answer_int(r->answer.root, "newest");

	items = answer_items(&r->answer, "lines", &n);
	if (l->asked == LOG_ASK_NEWEST)
		lines_clear(l);
	if (l->asked == LOG_ASK_NEWER && l->newer) {
		/* where the file's lines end, those of memory begin */
		l->newer = answer_int(r->answer.root, "file_after");
		l->newest = l->newer ? 0 : (uint64_t)answer_int(r->answer.root, "oldest") - 1;
	} else if (l->asked != LOG_ASK_OLDER) {
		/* a full answer may have left out some: go on behind its last line */
		bool full = l->asked == LOG_ASK_NEWER && n == LOG_PAGE;
		l->newest = full ? (uint64_t)answer_int(items[n - 1], "seq") : (uint64_t)newest;
	}
	if (l->asked != LOG_ASK_NEWER) {
		l->older = answer_int(r->answer.root, "file_before");
		l->at_oldest = !l->older && n < LOG_PAGE;
	}
	lines_put(l, items, n);
	l->dropped = (uint64_t)answer_int(r->answer.root, "dropped");
}

/* ---- asking ---- */

/* "15&level=info&source=http&job=J-1042&q=…": what makes it another list; a query from its & on. */
static void lines_about(const struct log_choice *choice, const char *filter, struct str *out)
{
	str_addf(out, "%d&level=%s", choice->minutes, log_level_word(choice->level));
	if (choice->source[0]) {
		str_adds(out, "&source=");
		node_add_query(out, choice->source);
	}
	if (choice->job[0]) {
		str_adds(out, "&job=");
		node_add_query(out, choice->job);
	}
	if (*filter) {
		str_adds(out, "&q=");
		node_add_query(out, filter);
	}
}

static void lines_ask(struct log_lines *l, const struct view_ctx *c, struct view_state *st, int i,
    int minutes, enum log_asked what)
{
	str_reset(&l->path);
	str_addf(&l->path, "/api/log?limit=%d", (int)LOG_PAGE);
	if (what == LOG_ASK_NEWER && l->newer)
		str_addf(&l->path, "&file_after=%lld", (long long)l->newer);
	else if (what == LOG_ASK_NEWER)
		str_addf(&l->path, "&after=%llu", (unsigned long long)l->newest);
	if (what == LOG_ASK_OLDER && l->older)
		str_addf(&l->path, "&file_before=%lld", (long long)l->older);
	else if (what == LOG_ASK_OLDER)
		str_addf(&l->path, "&before=%llu", (unsigned long long)l->held[0].seq);
	if (minutes)
		str_addf(&l->path, "&since=%lld", (long long)((c->now - minutes * 60) * 1000));
	str_adds(&l->path, strchr(str_get(&l->about), '&'));
	l->asked = what;
	l->asked_ms = c->mono_ms;
	st->resources[i].state = RESOURCE_NONE; /* asked even when the path is the same */
	view_get(c, st, i, 0, "%s", str_get(&l->path));
}

/* Lines that are too old for the window. */
static void lines_expire(struct log_lines *l, const struct view_ctx *c, int minutes)
{
	int64_t since_ms = (c->now - minutes * 60) * 1000;
	size_t n = 0;

	while (minutes && n < l->n && l->held[n].at_ms < since_ms)
		n++;
	if (n)
		lines_drop(l, n, false);
	l->at_oldest = l->at_oldest || n > 0;
}

/* What came; an answer that is none stays as the error until R asks again. */
static void lines_hear(struct log_lines *l, struct resource *r)
{
	if (l->error[0] && r->state == RESOURCE_NONE)
		str_reset(&l->about);
	if (!l->path.len || r->id)
		return;
	l->error[0] = 0;
	if (r->state == RESOURCE_FAILED)
		snprintf(l->error, sizeof l->error, "%s", r->error);
	else
		lines_take(l, r);
	str_reset(&l->path);
}

static bool lines_are_newer(const struct log_lines *l, const struct view_ctx *c)
{
	return c->snap->log_newest > l->newest && c->mono_ms - l->asked_ms >= LOG_PACE_MS;
}

void log_lines_update(struct log_lines *l, const struct view_ctx *c, struct view_state *st, int i,
    const struct log_choice *choice, const char *filter, bool older, bool newer)
{
	struct str about;

	if (!l->about.limit) {
		str_init(&l->about, LOG_PATH);
		str_init(&l->path, LOG_PATH);
	}
	lines_hear(l, &st->resources[i]);
	lines_expire(l, c, choice->minutes);
	if (c->frozen)
		return;
	str_init(&about, LOG_PATH);
	lines_about(choice, filter, &about);
	if (strcmp(str_get(&about), str_get(&l->about)) != 0) {
		lines_clear(l);
		str_reset(&l->about);
		str_adds(&l->about, str_get(&about));
		lines_ask(l, c, st, i, choice->minutes, LOG_ASK_NEWEST);
	} else if (l->path.len) {
		view_get(c, st, i, 0, "%s", str_get(&l->path)); /* again when it takes too long */
	} else if (l->error[0]) {
		; /* R asks again */
	} else if (older && !l->at_oldest && (l->n || l->older)) {
		lines_ask(l, c, st, i, choice->minutes, LOG_ASK_OLDER);
	} else if (l->newer ? newer : lines_are_newer(l, c)) {
		lines_ask(l, c, st, i, choice->minutes,
		    l->newer || l->newest ? LOG_ASK_NEWER : LOG_ASK_NEWEST);
	}
	str_done(&about);
}
