/* Files that are made of lists: what is held of them at once, all of them by the node and a saver. */
#include "config.h"
#include "tui/session_parts.h"
#include "tui/format.h"
#include "tui/pages.h"
#include "tui/saver.h"

#include <stdlib.h>
#include <string.h>

#define EXPORT_STOP "stop"

/* How the file says what it is, and the name it gets when nobody gives one. */
static const char *const export_formats[] = {"csv", "jsonl"};

enum { EXPORT_FORMATS = sizeof export_formats / sizeof export_formats[0] };

static const char *export_format(const char *word)
{
	for (size_t i = 0; word && i < EXPORT_FORMATS; i++)
		if (strcmp(word, export_formats[i]) == 0)
			return export_formats[i];
	return NULL;
}

/* ---- all rows ---- */

static void export_all(struct session *s, struct table *t, const char *format, const char *path)
{
	struct errbuf eb = {.code = ERR_OK};
	struct node_export x = {.what = t->def->pages->exports,
	    .format = format,
	    .q = str_get(&t->filter),
	    .channel = t->def->pages->of_channel ? session_view(s)->target : ""};
	struct str sort;

	str_init(&sort, SESSION_PATH);
	table_add_order(t, "", &sort);
	x.sort = str_get(&sort);
	if (saver_start(&s->saver, s->node, &x, path, &eb))
		session_say(s, ROLE_ERROR, "! not saved: %s", err_text(&eb));
	s->dirty = true;
	str_done(&sort);
}

/* Of a list that no export has: "saved: 400 of 2,640 rows, as held, in rest.csv" */
static void export_held(struct session *s, struct table *t, const char *path)
{
	struct view_ctx c = session_ctx(s);
	char *text = table_csv(t, &c, session_view(s));
	char held[FORMAT_SIZE], all[FORMAT_SIZE];
	bool exact;
	/* before its first page is there a list shows what the snapshot has */
	bool paged = t->pages && !pages_is_anew(t->pages);
	int64_t total = paged ? table_matches(t, &exact) : (int64_t)t->total;

	if (!text)
		session_say(s, ROLE_ERROR, "! out of memory");
	else if (session_write_file(s, path, text))
		session_say(s, paged && total != (int64_t)t->n ? ROLE_WARN : ROLE_OK,
		    "saved: %s of %s rows, as held, in %s", format_full(held, (int64_t)t->n),
		    total < 0 ? "all" : format_full(all, total), path);
	free(text);
}

void session_export(struct session *s, const char *const *words, size_t n)
{
	struct table *t = session_table(s);
	const char *format = n > 1 ? export_format(words[1]) : NULL;
	size_t at = format ? 2 : 1;
	bool whole = t && t->pages && t->def->pages->exports && s->node->ops->export;
	struct str path;

	if (n > at && strcmp(words[at], EXPORT_STOP) == 0 && s->saver) {
		saver_stop(s->saver);
	} else if (s->saver) {
		session_say(
		    s, ROLE_WARN, "one export at a time:  :export " EXPORT_STOP "  ends it");
	} else if (!t) {
		session_say(s, ROLE_WARN, "there is no list here to export");
	} else if (format && !whole && strcmp(format, "csv") != 0) {
		session_say(s, ROLE_WARN, "this list can be saved as csv alone");
	} else {
		str_init(&path, SESSION_PATH);
		session_file_name(s, n > at ? words[at] : NULL, format ? format : "csv", &path);
		if (whole)
			export_all(s, t, format ? format : "csv", str_get(&path));
		else
			export_held(s, t, str_get(&path));
		str_done(&path);
	}
}

/* ---- while it goes on ---- */

static void export_ended(struct session *s, const struct saver_look *look)
{
	char n[FORMAT_SIZE];

	if (look->err == ERR_CANCELLED)
		session_say(s, ROLE_WARN, "stopped; nothing is left of %s", look->path);
	else if (look->err)
		session_say(s, ROLE_ERROR, "! not saved: %s", look->text);
	else
		session_say(
		    s, ROLE_OK, "saved: %s rows in %s", format_full(n, look->rows), look->path);
}

void session_export_tick(struct session *s)
{
	struct saver_look look;
	char n[FORMAT_SIZE];

	if (!s->saver)
		return;
	saver_look(s->saver, &look);
	s->dirty = s->dirty || look.ended || look.rows != s->saved_rows;
	s->saved_rows = look.rows;
	if (!look.ended) {
		str_addf(&s->notice, "%s rows in %s so far   :export " EXPORT_STOP " ends it",
		    format_full(n, look.rows), look.path);
		return;
	}
	export_ended(s, &look);
	saver_free(s->saver);
	s->saver = NULL;
}
