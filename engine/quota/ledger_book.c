#include "config.h"
#include "engine/quota/ledger_parts.h"
#include "engine/quota/day.h"

#include <stdlib.h>

static int64_t ledger_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void ledger_moment_add(struct ledger_moment *m, int64_t day)
{
	for (int i = 0; i < m->n_days; i++)
		if (m->days[i] == day)
			return;
	if (m->n_days < LEDGER_DAYS)
		m->days[m->n_days++] = day;
}

/* A clock that was set back must not open yesterday's book as if nothing had been spent since. */
static void ledger_moment_clock(struct ledger *l, struct ledger_moment *m)
{
	int64_t today = m->days[0], ahead = l->newest_day - today;
	char newest[DAY_TEXT_SIZE], now[DAY_TEXT_SIZE];

	if (ahead <= 0)
		return;
	if (ahead <= LEDGER_CLOCK_DAYS)
		ledger_moment_add(m, l->newest_day);
	if (m->now >= day_start(l->newest_day) - 2 * LEDGER_BOTH_DAYS_S || l->warned_day == today)
		return;
	l->warned_day = today;
	log_at(l->log, LOG_WARNING, "quota", 0,
	    "the clock says %s (Pacific), but units were booked for %s already: was it set back? "
	    "%s",
	    day_format(today, now), day_format(l->newest_day, newest),
	    ahead <= LEDGER_CLOCK_DAYS ? "calls are booked on both days"
	                               : "today's book starts with what that day had used");
}

void ledger_moment_locked(struct ledger *l, struct ledger_moment *m)
{
	int64_t today;

	m->now = l->now();
	m->mono_ms = l->mono_ms();
	today = day_number(m->now);
	m->days[0] = today;
	m->n_days = 1;
	if (m->now >= day_end(today) - LEDGER_BOTH_DAYS_S)
		ledger_moment_add(m, today + 1);
	if (m->now < day_start(today) + LEDGER_BOTH_DAYS_S)
		ledger_moment_add(m, today - 1);
	ledger_moment_clock(l, m);
	if (l->seen_day != today) {
		l->seen_day = today;
		l->generation++;
		if (!l->read_only)
			ledger_give_back_locked(l, today - 1);
		ledger_tally_drop_locked(l, today - 1);
	}
}

static struct quota_book_row ledger_row(const struct ledger_project *p, enum bucket b, int64_t day)
{
	return (struct quota_book_row){
	    .project = p->name, .bucket = bucket_word(b), .day = day, .limit = p->limit[b]};
}

/* Reads used and spent_at. A day without a row starts with what a far too new one has used. */
static enum err ledger_book_read(
    struct ledger *l, const struct ledger_project *p, struct ledger_book *book, struct errbuf *eb)
{
	struct quota_book_row row = ledger_row(p, book->bucket, book->day);
	bool found;
	enum err err;

	if (!l->store)
		return ERR_OK;
	err = quota_store_book_get(l->store, &row, &found, eb);
	if (!err && !found && l->newest_day > book->day + LEDGER_CLOCK_DAYS) {
		row.day = l->newest_day;
		err = quota_store_book_get(l->store, &row, &found, eb);
		row.spent_at = 0;
	}
	if (err)
		return err;
	book->used = row.used;
	book->spent_at = row.spent_at;
	return ERR_OK;
}

struct ledger_book *ledger_book_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t day, struct errbuf *eb)
{
	struct ledger_book *book = p->books;

	while (book && (book->bucket != b || book->day != day))
		book = book->next;
	if (book)
		return l->read_only && ledger_book_read(l, p, book, eb) ? NULL : book;
	book = calloc(1, sizeof *book);
	if (!book) {
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	book->bucket = b;
	book->day = day;
	if (ledger_book_read(l, p, book, eb)) {
		free(book);
		return NULL;
	}
	book->next = p->books;
	p->books = book;
	return book;
}

static int64_t ledger_book_room(
    const struct ledger_project *p, const struct ledger_book *book, bool whatever)
{
	int64_t room;

	if (!book || (book->spent_at && !whatever))
		return 0;
	room = p->limit[book->bucket] - book->used + book->unspent;
	return room > 0 ? room : 0;
}

int64_t ledger_room_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, const struct ledger_moment *m)
{
	int64_t room = INT64_MAX;

	for (int i = 0; i < m->n_days; i++) {
		struct ledger_book *book = ledger_book_locked(l, p, b, m->days[i], NULL);
		room = ledger_min(room, ledger_book_room(p, book, false));
	}
	return room;
}

int64_t ledger_room_at_locked(struct ledger *l, struct ledger_project *p, enum bucket b,
    int64_t cost, const struct ledger_moment *m)
{
	int64_t today = m->days[0];

	for (int i = 0; i < m->n_days; i++) {
		struct ledger_book *book = ledger_book_locked(l, p, b, m->days[i], NULL);
		if (m->days[i] >= today && ledger_book_room(p, book, false) < cost)
			return day_end(today);
	}
	return day_start(today) + LEDGER_BOTH_DAYS_S;
}

/* Who has many units calls often, and each lease waits for the disk while nobody else is served. */
static int64_t ledger_lease_units(const struct ledger *l, int64_t limit)
{
	int64_t share = ledger_min(limit / LEDGER_LEASE_SHARE, LEDGER_LEASE_MOST);

	return share > l->lease_units ? share : l->lease_units;
}

/*
 * Leases inside a transaction. Writes the row alone: the book in memory changes after the commit,
 * but for a fresher used and spent_at, which another process may have moved.
 */
static enum err ledger_lease(struct ledger *l, struct ledger_project *p, struct ledger_book *book,
    int64_t cost, bool whatever, int64_t *got, struct errbuf *eb)
{
	struct quota_book_row row = ledger_row(p, book->bucket, book->day);
	int64_t need = cost - book->unspent, floor = book->used;
	int64_t usual = ledger_lease_units(l, p->limit[book->bucket]);
	bool found;
	enum err err;

	*got = 0;
	err = quota_store_book_get(l->store, &row, &found, eb);
	if (err)
		return err;
	book->used = found ? row.used : floor;
	book->spent_at = row.spent_at;
	if (ledger_book_room(p, book, whatever) < cost)
		return err_set(eb, ERR_QUOTA, "%s: no %s left", p->name, bucket_word(book->bucket));
	if (need <= 0)
		return ERR_OK;
	*got = ledger_min(need > usual ? need : usual, p->limit[book->bucket] - book->used);
	row.used = book->used + *got;
	row.limit = p->limit[book->bucket];
	return quota_store_book_put(l->store, &row, eb);
}

/* One call's reservation under way. */
struct ledger_booking {
	struct ledger_book *books[LEDGER_DAYS]; /* one for each day of the moment */
	struct ledger_tally *tallies[LEDGER_DAYS];
	int64_t got[LEDGER_DAYS]; /* newly leased */
	int n;
};

static enum err ledger_lease_write(
    struct ledger *l, const struct ledger_want *want, struct ledger_booking *b, struct errbuf *eb)
{
	struct ledger_project *p = want->slot->project;
	enum err err = ERR_OK;

	for (int i = 0; i < b->n && !err; i++)
		err = ledger_lease(l, p, b->books[i], want->cost, want->whatever, &b->got[i], eb);
	for (int i = 0; i < b->n && !err; i++)
		err = ledger_tally_save_locked(
		    l, p, b->books[i], b->tallies[i], b->books[i]->unspent + b->got[i], eb);
	return err ? err : ledger_save_keys_locked(l, eb);
}

static enum err ledger_lease_days(
    struct ledger *l, const struct ledger_want *want, struct ledger_booking *b, struct errbuf *eb)
{
	enum err err = quota_store_begin(l->store, eb);

	if (err)
		return err;
	err = ledger_lease_write(l, want, b, eb);
	if (!err)
		err = quota_store_commit(l->store, eb);
	if (err) {
		quota_store_rollback(l->store);
		return err;
	}
	for (int i = 0; i < b->n; i++) {
		b->books[i]->used += b->got[i];
		b->books[i]->unspent += b->got[i];
		ledger_tally_saved_locked(l, want->slot->project, b->books[i], b->tallies[i]);
		if (b->books[i]->day > l->newest_day)
			l->newest_day = b->books[i]->day;
	}
	for (struct ledger_slot *s = l->keys; s; s = s->next)
		s->changed = false;
	return ERR_OK;
}

enum err ledger_reserve_locked(struct ledger *l, const struct ledger_want *want,
    const struct ledger_moment *m, struct errbuf *eb)
{
	struct ledger_project *p = want->slot->project;
	struct ledger_booking b = {.n = m->n_days};
	bool lease = false;
	enum err err;

	for (int i = 0; i < b.n; i++) {
		struct errbuf why = {.code = ERR_IO};
		b.books[i] = ledger_book_locked(l, p, want->bucket, m->days[i], &why);
		if (!b.books[i])
			return err_set(eb, why.code, "%s", err_text(&why));
		if (ledger_book_room(p, b.books[i], want->whatever) < want->cost)
			return err_set(
			    eb, ERR_QUOTA, "%s: no %s left", p->name, bucket_word(want->bucket));
		b.tallies[i] = ledger_tally_locked(
		    l, want->slot, want->bucket, want->stage, m->days[i], m->now);
		if (!b.tallies[i])
			return err_set(eb, ERR_NOMEM, "out of memory");
		lease = lease || b.books[i]->unspent < want->cost;
	}
	err = lease ? ledger_lease_days(l, want, &b, eb) : ERR_OK;
	for (int i = 0; i < b.n && !err; i++) {
		b.books[i]->unspent -= want->cost;
		b.tallies[i]->units += want->cost;
		b.tallies[i]->changed = true;
	}
	return err;
}

void ledger_refund_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t cost, int64_t day)
{
	struct ledger_book *book = ledger_book_locked(l, p, b, day, NULL);

	/* a book that cannot be read keeps the unit: that errs on the safe side */
	if (book)
		book->unspent += cost;
}

void ledger_mark_spent_locked(
    struct ledger *l, struct ledger_project *p, enum bucket b, int64_t day, int64_t now)
{
	struct quota_book_row row = ledger_row(p, b, day);
	struct ledger_book *book = ledger_book_locked(l, p, b, day, NULL);
	struct errbuf eb = {.code = ERR_OK};
	bool found;
	enum err err;

	if (!book)
		return;
	book->spent_at = now;
	err = quota_store_begin(l->store, &eb);
	if (!err)
		err = quota_store_book_get(l->store, &row, &found, &eb);
	if (!err) {
		row.used = found ? row.used : book->used;
		row.limit = p->limit[b];
		row.spent_at = now;
		err = quota_store_book_put(l->store, &row, &eb);
	}
	if (!err)
		err = quota_store_commit(l->store, &eb);
	if (err) {
		quota_store_rollback(l->store);
		log_at(l->log, LOG_ERROR, "quota", 0, "%s: that it is spent was not stored: %s",
		    p->name, err_text(&eb));
	}
}

enum err ledger_save_keys_locked(struct ledger *l, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (struct ledger_slot *s = l->keys; s && !err; s = s->next) {
		struct quota_key_row row = ledger_slot_row(s);
		if (s->changed && !s->removed)
			err = quota_store_key_save(l->store, &row, eb);
	}
	return err;
}

void ledger_save_now_locked(struct ledger *l)
{
	struct errbuf eb = {.code = ERR_OK};
	enum err err = quota_store_begin(l->store, &eb);

	if (!err)
		err = ledger_save_keys_locked(l, &eb);
	if (!err)
		err = quota_store_commit(l->store, &eb);
	if (err) {
		quota_store_rollback(l->store);
		log_at(l->log, LOG_ERROR, "quota", 0, "the state of the keys was not stored: %s",
		    err_text(&eb));
		return;
	}
	for (struct ledger_slot *s = l->keys; s; s = s->next)
		s->changed = false;
}

static enum err ledger_return_unspent(struct ledger *l, int64_t before_day, struct errbuf *eb)
{
	enum err err = ERR_OK;

	for (struct ledger_project *p = l->projects; p; p = p->next)
		for (struct ledger_book *book = p->books; book && !err; book = book->next) {
			struct quota_book_row row = ledger_row(p, book->bucket, book->day);
			if (book->day < before_day && book->unspent > 0)
				err = quota_store_book_return(l->store, &row, book->unspent, eb);
		}
	return err;
}

static void ledger_forget_books(struct ledger *l, int64_t before_day)
{
	for (struct ledger_project *p = l->projects; p; p = p->next)
		for (struct ledger_book **link = &p->books; *link;) {
			struct ledger_book *book = *link;
			if (book->day >= before_day) {
				link = &book->next;
				continue;
			}
			*link = book->next;
			free(book);
		}
}

void ledger_give_back_locked(struct ledger *l, int64_t before_day)
{
	struct errbuf eb = {.code = ERR_OK};
	enum err err = quota_store_begin(l->store, &eb);

	if (!err)
		err = ledger_return_unspent(l, before_day, &eb);
	if (!err)
		err = ledger_tally_save_days_locked(l, before_day, &eb);
	if (!err)
		err = quota_store_spending_forget(l->store, l->seen_day - LEDGER_KEEP_DAYS, &eb);
	if (!err)
		err = ledger_save_keys_locked(l, &eb);
	if (!err)
		err = quota_store_commit(l->store, &eb);
	if (err) {
		quota_store_rollback(l->store);
		log_at(l->log, LOG_WARNING, "quota", 0,
		    "unused units of a lease were not given back (they count as used): %s",
		    err_text(&eb));
	}
	ledger_forget_books(l, before_day);
}
