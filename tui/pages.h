/*
 * pages - a list that is longer than anything a console should hold, read page by page from the
 * node by keyset cursors: at most PAGES_ROWS rows stay, what is scrolled far away is dropped and
 * read again. Owned by its table; the screen's thread.
 */
#ifndef TUBEOPS_TUI_PAGES_H
#define TUBEOPS_TUI_PAGES_H

#include "tui/resource.h"
#include "tui/table.h"

enum { PAGES_ROWS = 2000, PAGES_MOST = 10 };

enum pages_state { PAGES_NONE, PAGES_LOADING, PAGES_READY, PAGES_FAILED };

struct pages *pages_new(void);
void pages_free(struct pages *p);
/*
 * How all lists of the API in pages speak: members `next` and `previous` hold the cursors for the
 * parameters `after` and `before` (null or absent: no page there), `before=end` means the last rows,
 * `total` is how many match, counted when `total_is` is "exact"; `q` is the filter; `scan` is true in
 * an answer that would have to look at every row, and does so when the parameter says 1.
 */
#define PAGES_Q "q"
#define PAGES_SCAN "scan"
/* Lists that live know one parameter more: around=ID,ID,… is the page with the first of these in its
 * middle; none of them there: the first page. */
#define PAGES_AROUND "around"

/*
 * What is wanted: path with all its parameters but the cursor. Another path begins anew; the rows
 * of the old one stay until the first page is there. refresh: asks again for the first page.
 */
void pages_want(struct pages *p, const struct pages_def *def, struct node *n, int slot,
    const char *path, bool refresh, int64_t mono_ms);
/* Asks for the first rows or, with to_end, the last; what is held goes when they are there. */
void pages_jump(struct pages *p, struct node *n, int slot, bool to_end, int64_t mono_ms);
/* Rows have come that begin anew: 1 at the head, -1 at the end of the list. Told once, else 0. */
int pages_landed(struct pages *p);
/* Asks again for what is held: the rows around these ids (encoded for a query), or with NULL the first
 * page. */
void pages_renew(struct pages *p, struct node *n, int slot, const char *ids, int64_t mono_ms);
/* Asks how many match now, and for nothing else: the rows stay as they are. */
void pages_count_anew(struct pages *p, struct node *n, int slot, int64_t mono_ms);
/* The cursor stands at row `at` of `n`: asks for what comes before or after when it is near. */
void pages_near(struct pages *p, struct node *n, int slot, size_t at, int64_t mono_ms);
/* True when the answer was meant for it; a->text is taken then. */
bool pages_take(struct pages *p, struct node_answer *a, int64_t mono_ms);

enum pages_state pages_state(const struct pages *p);
const char *pages_error(const struct pages *p);
size_t pages_count(const struct pages *p);
struct json_node pages_row(const struct pages *p, size_t at);
/* Of lists whose rows are items; until the next question. */
const void *pages_item(const struct pages *p, size_t at);
/* The newest answer: members beside the rows. Absent: none yet. */
struct json_node pages_root(const struct pages *p);
/* The node answered that it would have to look at every row: at how many, and what has no index. */
bool pages_is_scan(const struct pages *p, int64_t *rows, const char **why);
/* Among all, from 0, of the first row held; -1: the node did not say. */
int64_t pages_position(const struct pages *p);
/* Does a question wait for its answer? */
bool pages_is_asking(const struct pages *p);
/* Do the rows held answer another question than the one that is wanted? */
bool pages_is_anew(const struct pages *p);
/* Did the node find what is wanted wrong? It would again. */
bool pages_is_refused(const struct pages *p);
/* Is nothing behind, before the rows that are held? */
bool pages_at_end(const struct pages *p);
bool pages_at_start(const struct pages *p);
/* How many match, when another answer said so. */
void pages_tell_total(struct pages *p, int64_t total, bool exact);
/* All that match; -1: not told. */
int64_t pages_total(const struct pages *p, bool *exact);
/* clock_mono_ms of the newest answer; how long it took. */
int64_t pages_got_ms(const struct pages *p);
/* The same of the newest answer or question, whatever became of it. */
int64_t pages_tried_ms(const struct pages *p);
int64_t pages_took_ms(const struct pages *p);

#endif
