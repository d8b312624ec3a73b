/*
 * table - a list as the console shows it: columns as data, rows with an identity of their own,
 * a cursor and marks that belong to identities and not to lines, sorting, a filter, an order that
 * holds while something is marked. Rows come from the snapshot or an answer (count and row), or in
 * pages from the node (pages). A list is one struct table_def; its state is one struct table in the
 * view's state. The screen's thread.
 */
#ifndef TUBEOPS_TUI_TABLE_H
#define TUBEOPS_TUI_TABLE_H

#include "engine/base/filter.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "tui/draw.h"

enum { TABLE_ID = 72, TABLE_TEXT = 256, TABLE_COLS = 24, TABLE_EDGE = 3 };

struct view_ctx;
struct view_ops;
struct view_state;
struct pages;

/* A row of the source, valid until the snapshot or answer changes. */
struct table_row {
	const void *item;      /* of a list in the snapshot */
	struct json_node json; /* of an answer */
	size_t at;             /* number in the source */
};

struct table_cell {
	char text[TABLE_TEXT];
	enum role role; /* ROLE_NORMAL to begin with */
};

struct table_col {
	const char *name; /* field in filters and for sorting; NULL: neither */
	const char *title;
	int least, wish; /* columns of the screen; it may get more only when it is the last */
	int rank;        /* the highest is left out first when it gets narrow; 0: never */
	enum align align;
	void (*text)(const struct view_ctx *c, const struct table_row *r, struct table_cell *out);
	/* Sorts and compares by it instead of by the text; false: this row has none. May be NULL. */
	bool (*number)(const struct view_ctx *c, const struct table_row *r, double *out);
	/* Draws instead of the text (bars); may be NULL. */
	void (*draw)(const struct view_ctx *c, const struct table_row *r, const struct pane *p,
	    int y, int x, int w);
	const char *sort; /* lists in pages: what the node calls it, "subs:desc"; NULL: not by it */
	enum filter_kind kind; /* how filters of lists that are here see it; FILTER_TEXT is 0 */
};

/* Where a list in pages comes from; cursors, total and filter have one name in all: tui/pages.h. */
struct pages_def {
	/* Appends "/api/channels"; what stands after "?" is added by the list. */
	void (*path)(const struct view_ctx *c, const struct view_state *st, struct str *out);
	const char *items;   /* member with the rows; NULL: the answer is the array */
	const char *sort;    /* order without a sort column, as columns call it; NULL: the node's */
	const char *more;    /* further parameters, "fields=a,b"; NULL */
	int limit;           /* rows of a page */
	const char *exports; /* GET /api/export/… has the same rows; NULL: nothing has */
	bool of_channel;     /* … of the channel that the page is about */
	/*
	 * Rows that are kept as items of so many bytes, read once; 0: they are shown from JSON. now: the
	 * same thing as the snapshot has it, or item; NULL: it is in none.
	 */
	size_t item_size;
	bool (*read)(struct json_node row, void *item);
	const void *(*now)(const struct view_ctx *c, const void *item);
	/*
	 * A list that lives: another value means that rows may have come, gone or moved, and those around
	 * the cursor are asked for anew (PAGES_AROUND) unless the order is held. NULL: it does not.
	 */
	uint64_t (*stamp)(const struct view_ctx *c);
};

struct table_def {
	const char *what; /* "jobs", for counts */
	const struct table_col *cols;
	size_t n_cols;
	/* A list that is there; with pages: what is shown until the first of them has come. */
	size_t (*count)(const struct view_ctx *c, struct view_state *st);
	void (*row)(
	    const struct view_ctx *c, struct view_state *st, size_t at, struct table_row *out);
	/* One in pages. */
	const struct pages_def *pages;
	void (*id)(const struct table_row *r, char out[TABLE_ID]);
	/* The page that Enter on a row opens; NULL: that of the view. */
	const struct view_ops *opens;
	/* What that page is about; NULL: what the id names. "": nothing. */
	void (*target)(const struct table_row *r, char out[TABLE_ID]);
	/* What `c` copies; NULL: the id. */
	void (*copy)(const struct table_row *r, struct str *out);
	/* Word of its state, as action_can() wants it; NULL: none. */
	const char *(*state)(const struct table_row *r);
	/* What this row is, ON_…, where not all are what the part says; 0: no action takes it. */
	unsigned (*on)(const struct table_row *r);
	/* Order without a sort column; NULL: as it comes. */
	int (*order)(const struct table_row *a, const struct table_row *b);
	/* The filter is the node's: what the source holds has passed it. */
	bool asks;
	bool text; /* lines of text: S saves them, each as c copies it, instead of the picture */
	const char *order_words; /* "state, then newest" */
	const char *empty;       /* what to do when there is no row at all */
};

struct table_line {
	char id[TABLE_ID];
	size_t at; /* in the source */
};

/* A set of identities, sorted. */
struct table_ids {
	char (*ids)[TABLE_ID];
	size_t n, room;
};
bool ids_has(const struct table_ids *s, const char *id);
bool ids_add(struct table_ids *s, const char *id);
void ids_remove(struct table_ids *s, const char *id);
void ids_done(struct table_ids *s);

struct table {
	const struct table_def *def;
	char selected[TABLE_ID]; /* what stood under the cursor in the last frame; "": none yet */
	char wanted[TABLE_ID];   /* to be selected when the first page is there; "": nothing */
	size_t at;               /* its line then */
	bool lost;               /* it is not in the list any more */
	int top, page;           /* lines scrolled away; lines that were visible */
	int shift;               /* columns scrolled away */
	struct table_line *lines;
	size_t n, room;
	size_t total; /* rows before the filter */
	bool follow;  /* the selected row stays whatever the filter says */
	struct table_ids marks;
	char anchor[TABLE_ID]; /* marked last */
	bool all;              /* marked is all that match, seen or not */
	bool held;             /* keeps its order */
	size_t n_new;          /* rows that came since */
	int64_t held_total;    /* pages: how many matched when it began to hold; -1: not known */
	uint64_t stamp;        /* pages: of what was asked for last */
	int sort;              /* column + 1; 0: natural */
	bool inverted;
	struct str filter;
	struct filter *compiled;
	struct filter_field fields[TABLE_COLS + 1]; /* columns with a name */
	unsigned char field_col[TABLE_COLS];
	char filter_error[200];
	bool fresh; /* order and filter are to be made anew even while it is held */
	bool again; /* pages are to be asked for again */
	bool scan;  /* pages: every row may be looked at for this filter and order */
	bool asked; /* pages: whether that shall be was asked for them */
	struct pages *pages;
};

void table_init(struct table *t, const struct table_def *def);
void table_done(struct table *t);

/* Brings lines up to the snapshot and answers. hold: keep the order (a dialog is open). */
void table_update(struct table *t, const struct view_ctx *c, struct view_state *st, bool hold);
/* The row of an identity; false: it is not there now. After table_update. */
bool table_find(struct table *t, const struct view_ctx *c, struct view_state *st, const char *id,
    struct table_row *out);
/* The row of a line. */
bool table_row_at(struct table *t, const struct view_ctx *c, struct view_state *st, size_t line,
    struct table_row *out);
/* Text of a cell; out->text is "" for columns that only draw. */
void table_cell(const struct table *t, const struct view_ctx *c, size_t col,
    const struct table_row *r, struct table_cell *out);

/* ---- moving ---- */
void table_move(struct table *t, int64_t by);
void table_go(struct table *t, size_t line);
bool table_select(struct table *t, const char *id);

/* To the first row or the last, which a list in pages asks for. */
void table_jump(struct table *t, const struct view_ctx *c, struct view_state *st, bool to_end);
/* A list in pages that would be a scan, and nobody was asked yet: at how many rows, and why. */
bool table_wants_scan(struct table *t, int64_t *rows, const char **why);
void table_allow_scan(struct table *t, bool yes);

/* ---- marks ---- */
void table_mark(struct table *t);       /* the selected one, on or off; goes down */
void table_mark_range(struct table *t); /* from the one marked last to here */
/* The visible ones; true: those were marked already, so all lines are meant (they are asked for). */
bool table_mark_visible(struct table *t);
void table_mark_all(struct table *t);
void table_unmark(struct table *t);
/* Marks that are in no line now. */
size_t table_marks_hidden(const struct table *t);

/* How many match the filter, seen or not; -1: not known. */
int64_t table_matches(const struct table *t, bool *exact);
/* To how many of them an action can be done, where the node says so; -1: it does not. */
int64_t table_can(const struct table *t, const char *word);

/* ---- sorting and filtering: table_sort.c ---- */
/* The column that it is sorted by; NULL: its natural order. */
const struct table_col *table_sort_col(const struct table *t);
bool table_can_sort(const struct table *t, int col);
/* by 1 or -1: the next column that can be sorted by; 0: natural. */
void table_sort_step(struct table *t, int by);
void table_sort_by(struct table *t, int col);
/* now: UTC seconds, for ages. False and t->filter_error: the text is wrong, the old filter stays. */
bool table_filter(struct table *t, const char *text, int64_t now);
/* Is the filter the node's, which is asked when it is done? */
bool table_asks(const struct table *t);
/* A list that lives, and a text that its columns understand: it may be asked with while it is typed. */
bool table_may_try(const struct table *t, const char *text, int64_t now);
/* "sort: state, then newest" */
void table_sort_words(const struct table *t, char *out, size_t size);
/* "13 of 214 jobs" with the filter, and "order held, 4 new" */
void table_count_words(const struct table *t, char *out, size_t size);

/* Lists in pages: appends before and the node's order, "subs:desc"; nothing where it is the node's own. */
void table_add_order(const struct table *t, const char *before, struct str *out);

/* Of its questions to the node. */
int table_slot(const struct table *t, const struct view_state *st);

/* ---- drawing: table_draw.c ---- */
/* Titles and rows. The cursor is pinned to what stands there: keys mean that. */
void table_draw(
    struct table *t, const struct view_ctx *c, struct view_state *st, const struct pane *p);
/* Widths of the columns in w; 0: left out. Pure. */
void table_fit(const struct table_def *def, int w, int shift, int widths[TABLE_COLS]);
/* All lines as CSV (RFC 4180), all columns with a name. Returns owned; NULL: no memory. */
char *table_csv(struct table *t, const struct view_ctx *c, struct view_state *st);

#endif
