/* Filters as conditions in SQL, with the functions that these call. */
#include "config.h"
#include "db/list_parts.h"
#include "db/list_visit.h"

#include <math.h>
#include <string.h>

static const char where_pointer[] = "tubeops list";

/* ---- functions ---- */

/* fits(pattern, text): does the text fit? Nothing fits NULL. */
static void where_fits(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct pattern *p = sqlite3_value_pointer(argv[0], where_pointer);
	const char *text = (const char *)sqlite3_value_text(argv[1]);

	(void)argc;
	sqlite3_result_int(
	    ctx, p && text && pattern_fits(p, text, (size_t)sqlite3_value_bytes(argv[1])));
}

/* channel_id(key): "UC…", or NULL. */
static void where_channel_id(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const void *b = sqlite3_value_blob(argv[0]);
	char text[CID_TEXT + 1];
	struct cid cid;

	(void)argc;
	if (!b || sqlite3_value_bytes(argv[0]) != CID_BYTES)
		return;
	memcpy(cid.b, b, CID_BYTES);
	sqlite3_result_text(ctx, cid_format(&cid, text), CID_TEXT, SQLITE_TRANSIENT);
}

static void where_video_id(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	char text[VID_TEXT + 1];

	(void)argc;
	sqlite3_result_text(
	    ctx, vid_format(sqlite3_value_int64(argv[0]), text), VID_TEXT, SQLITE_TRANSIENT);
}

/* visit(where, values of the order …): notes how far a walk has come; always true. */
static void where_visit(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct list_visit *v = sqlite3_value_pointer(argv[0], where_pointer);

	if (v)
		list_visit_note(v, argc - 1, argv + 1);
	sqlite3_result_int(ctx, 1);
}

enum err list_functions(struct staging *s, struct errbuf *eb)
{
	static const struct {
		const char *name;
		int args;
		bool is_fixed; /* the same values, the same result */
		void (*fn)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
	    {"fits", 2, true, where_fits},
	    {"channel_id", 1, true, where_channel_id},
	    {"video_id", 1, true, where_video_id},
	    {"visit", -1, false, where_visit},
	};
	sqlite3 *db = staging_db(s);

	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (sqlite3_create_function_v2(db, functions[i].name, functions[i].args,
		        SQLITE_UTF8 | (functions[i].is_fixed ? SQLITE_DETERMINISTIC : 0), NULL,
		        functions[i].fn, NULL, NULL, NULL) != SQLITE_OK)
			return db_error(db, "lists", eb);
	return ERR_OK;
}

/* ---- conditions ---- */

static void where_number(struct list_sql *q, double n)
{
	struct list_bind b = {.kind = LIST_BIND_REAL, .real = n};

	if (floor(n) == n && fabs(n) < 9e15) {
		b.kind = LIST_BIND_INT;
		b.number = (int64_t)n;
	}
	list_sql_bind(q, &b);
}

static void where_pattern(struct list_sql *q, const struct pattern *p, const char *sql)
{
	const struct list_bind b = {.kind = LIST_BIND_PATTERN, .pointer = p};

	list_sql_add(q, "fits(");
	list_sql_bind(q, &b);
	list_sql_add(q, ", %s)", sql);
}

static void where_texts(struct list_sql *q, const struct filter_node *n, const char *sql)
{
	for (size_t i = 0; i < n->n; i++) {
		list_sql_add(q, "%s", i ? " OR " : "");
		where_pattern(q, n->texts[i].pattern, sql);
	}
}

static void where_any(struct list_sql *q, const struct list_thing *t, const struct filter_node *n)
{
	bool first = true;

	for (int i = 0; t->filters[i].name; i++) {
		if (!t->filters[i].any)
			continue;
		list_sql_add(q, "%s", first ? "" : " OR ");
		where_texts(q, n, t->sources[i].sql);
		first = false;
	}
	if (first)
		list_sql_add(q, "0");
}

/* The + keeps SQLite from walking an index by a condition: the plan's arms say which, and how. */
static void where_ranges(struct list_sql *q, const struct filter_node *n, const char *sql)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct filter_range *x = &n->ranges[i];
		list_sql_add(q, "%s(", i ? " OR " : "");
		if (x->has_lo) {
			list_sql_add(q, "+%s %s ", sql, x->above_lo ? ">" : ">=");
			where_number(q, x->lo);
		}
		if (x->has_hi) {
			list_sql_add(q, "%s+%s %s ", x->has_lo ? " AND " : "", sql,
			    x->below_hi ? "<" : "<=");
			where_number(q, x->hi);
		}
		list_sql_add(q, ")");
	}
}

static void where_choices(struct list_sql *q, const struct list_thing *t,
    const struct filter_node *n, const struct list_source *source)
{
	const char *const *words = t->filters[n->field].words;
	bool first = true;

	list_sql_add(q, "+%s IN (", source->sql);
	for (int i = 0; words[i]; i++) {
		if (!(n->choices >> i & 1))
			continue;
		list_sql_add(q, "%s", first ? "" : ",");
		if (source->is_text_choice)
			list_sql_add(q, "'%s'", words[i]);
		else
			list_sql_add(q, "%d", i);
		first = false;
	}
	list_sql_add(q, ")");
}

static void where_field(struct list_sql *q, const struct list_thing *t, const struct filter_node *n)
{
	const struct list_source *source = &t->sources[n->field];
	bool has_more = n->n || n->choices;

	if (n->kind == FILTER_FITS)
		where_texts(q, n, source->sql);
	else if (n->kind == FILTER_WITHIN)
		where_ranges(q, n, source->sql);
	else if (n->choices)
		where_choices(q, t, n, source);
	if (n->or_unknown)
		list_sql_add(q, "%s+%s IS NULL OR +%s = ''", has_more ? " OR " : "", source->sql,
		    source->sql);
	else if (!has_more)
		list_sql_add(q, "0");
}

static void where_children(struct list_sql *q, const struct list_thing *t,
    const struct filter_node *n, const char *between)
{
	for (const struct filter_node *c = n->child; c; c = c->next) {
		list_sql_add(q, "%s", c == n->child ? "" : between);
		list_where(q, t, c);
	}
}

void list_where(struct list_sql *q, const struct list_thing *t, const struct filter_node *n)
{
	list_sql_add(q, "(");
	switch (n->kind) {
	case FILTER_AND:
		where_children(q, t, n, " AND ");
		break;
	case FILTER_OR:
		where_children(q, t, n, " OR ");
		break;
	case FILTER_NOT: /* what is not known is not so */
		list_sql_add(q, "NOT coalesce(");
		list_where(q, t, n->child);
		list_sql_add(q, ", 0)");
		break;
	default:
		if (n->field == FILTER_ANY)
			where_any(q, t, n);
		else
			where_field(q, t, n);
	}
	list_sql_add(q, ")");
}

/* ---- which tables ---- */

unsigned list_where_needs(const struct list_thing *t, const struct filter_node *n)
{
	unsigned needs = 0;

	if (!n)
		return 0;
	for (const struct filter_node *c = n->child; c; c = c->next)
		needs |= list_where_needs(t, c);
	if (n->child)
		return needs;
	if (n->field != FILTER_ANY)
		return t->sources[n->field].needs;
	for (int i = 0; t->filters[i].name; i++)
		needs |= t->filters[i].any ? t->sources[i].needs : 0;
	return needs;
}

unsigned list_where_demands(const struct list_thing *t, const struct filter_node *n)
{
	unsigned demands = n && n->kind == FILTER_OR ? ~0U : 0;

	if (!n || n->kind == FILTER_NOT)
		return 0;
	for (const struct filter_node *c = n->child; c; c = c->next)
		if (n->kind == FILTER_AND)
			demands |= list_where_demands(t, c);
		else
			demands &= list_where_demands(t, c);
	if (n->child || n->field == FILTER_ANY || n->or_unknown)
		return demands;
	return t->sources[n->field].needs;
}
