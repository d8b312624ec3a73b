/* Lines that memory holds no more: read from the log's files piece by piece, from a place in them on. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/base/json_reader.h"
#include "engine/base/log_parts.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

enum {
	LOG_WINDOW = 512 * 1024, /* bytes read at a time */
	LOG_WINDOWS = 16,        /* of one question: what a filter passes over has an end */
	LOG_TIME = 24,           /* "2026-11-22T18:47:12.123Z" */
	LOG_FIELD = 9,           /* columns of the source */
	LOG_JSON_DEPTH = 4
};

struct log_found_line {
	struct log_text line;
	char source[16];
	char *text; /* owned */
};

struct log_reading {
	const struct log_ask *ask;
	struct log_files files;
	char *window;
	struct json_reader *json;
	struct log_found_line *found; /* in the order of the walk */
	size_t n;
	bool over; /* all that lies farther is too old */
};

/* ---- where the file ends and memory begins ---- */

int64_t log_file_end(struct log *lg)
{
	int64_t end = -1;

	if (!lg || !lg->path)
		return 0;
	pthread_mutex_lock(&lg->lock);
	for (uint64_t seq = lg->ring.first; seq && seq <= lg->ring.last && end < 0; seq++)
		end = atomic_load(&lg->ring.lines[seq % lg->ring.room]->place);
	if (end < 0)
		end = lg->written;
	pthread_mutex_unlock(&lg->lock);
	return end;
}

/* ---- one line ---- */

static bool line_time(const char *text, int64_t *at_ms)
{
	int64_t seconds, ms;

	if (text[19] != '.' || clock_parse_rfc3339(text, LOG_TIME, &seconds) ||
	    str_to_i64_n(text + 20, 3, 0, 999, &ms))
		return false;
	*at_ms = seconds * 1000 + ms;
	return true;
}

static bool line_source(struct log_found_line *l, const char *text, size_t len)
{
	if (!len || len >= sizeof l->source)
		return false;
	memcpy(l->source, text, len);
	l->source[len] = '\0';
	return true;
}

/* "J-1042" or nothing. Bytes of it; 0: it is none. */
static size_t line_job(const char *text, size_t len, int64_t *job)
{
	const char *end = memchr(text, ' ', len);
	size_t n = end ? (size_t)(end - text) : 0;

	if (n < 3 || text[0] != 'J' || text[1] != '-' ||
	    str_to_i64_n(text + 2, n - 2, 1, INT64_MAX, job))
		return 0;
	return n + 1;
}

/* As log_format writes text. */
static bool line_read_text(struct log_found_line *l, const char *text, size_t len)
{
	static const char letters[] = "EWID";
	const char *letter, *source = text + LOG_TIME + 3, *end = text + len, *stop;
	size_t n, at;

	if (len < LOG_TIME + 3 + LOG_FIELD + 1 || !line_time(text, &l->line.at_ms))
		return false;
	letter = memchr(letters, text[LOG_TIME + 1], sizeof letters - 1);
	stop = memchr(source, ' ', (size_t)(end - source));
	if (!letter || !stop || !line_source(l, source, (size_t)(stop - source)))
		return false;
	l->line.level = (enum log_level)(letter - letters);
	n = (size_t)(stop - source);
	at = (size_t)(source - text) + (n > LOG_FIELD ? n : LOG_FIELD) + 1;
	if (at > len)
		return false;
	at += line_job(text + at, len - at, &l->line.job);
	l->text = str_dup_n(text + at, len - at);
	return l->text != NULL;
}

/* As it writes JSON Lines. */
static bool line_read_json(
    struct log_reading *r, struct log_found_line *l, const char *text, size_t len)
{
	struct json_node root;
	const char *word;
	size_t n;

	if (json_reader_parse(r->json, text, len, &root, NULL) ||
	    !json_node_text(json_node_get(root, "time"), &word, &n) || n != LOG_TIME ||
	    !line_time(word, &l->line.at_ms))
		return false;
	if (!json_node_text(json_node_get(root, "level"), &word, &n) ||
	    !log_level_parse(word, &l->line.level) ||
	    !json_node_text(json_node_get(root, "source"), &word, &n) || !line_source(l, word, n))
		return false;
	if (json_node_text(json_node_get(root, "job"), &word, &n) && n > 2 &&
	    str_to_i64_n(word + 2, n - 2, 1, INT64_MAX, &l->line.job))
		return false;
	if (!json_node_text(json_node_get(root, "message"), &word, &n))
		return false;
	l->text = str_dup_n(word, n);
	return l->text != NULL;
}

/* Takes a line when it is one of ours, and asked for. */
static void line_take(struct log_reading *r, const char *text, size_t len, int64_t place)
{
	struct log_found_line *l = &r->found[r->n];
	bool ours;

	*l = (struct log_found_line){.text = NULL};
	ours = len &&
	       (text[0] == '{' ? line_read_json(r, l, text, len) : line_read_text(l, text, len));
	l->line.source = l->source;
	l->line.text = l->text;
	l->line.place = place;
	r->over = ours && l->line.at_ms < r->ask->since_ms;
	if (ours && log_is_asked(r->ask, &l->line))
		r->n++;
	else
		free(l->text);
}

/* ---- walking ---- */

/* From `end` towards the beginning; where it stopped. */
static int64_t log_read_down(struct log_reading *r, int64_t end)
{
	const struct log_part *p;

	for (int i = 0; i < LOG_WINDOWS && r->n < r->ask->limit && !r->over; i++) {
		if (!(p = log_files_below(&r->files, end)))
			break;
		end = end < p->end ? end : p->end;
		int64_t from = end - p->begin > LOG_WINDOW ? end - LOG_WINDOW : p->begin;
		size_t len = log_files_read(&r->files, p, from, end, r->window), start = 0;
		bool first = from == p->begin;
		/* what stands before the first end of a line is a part of one; the last end is its own */
		const char *nl = !first && len ? memchr(r->window, '\n', len - 1) : NULL;
		if (!first && !nl) {
			end = from; /* no line of ours is so long */
			continue;
		}
		start = nl ? (size_t)(nl - r->window) + 1 : 0;
		while (len > start && r->n < r->ask->limit && !r->over) {
			size_t stop = len - (r->window[len - 1] == '\n');
			const char *before = memrchr(r->window + start, '\n', stop - start);
			size_t begin = before ? (size_t)(before - r->window) + 1 : start;
			line_take(r, r->window + begin, stop - begin, from + (int64_t)begin);
			len = begin;
		}
		end = from + (int64_t)len;
	}
	return r->over || !log_files_below(&r->files, end) ? 0 : end;
}

/* From the first line that begins behind `at` up to `end`; where it stopped. */
static int64_t log_read_up(struct log_reading *r, int64_t at, int64_t end)
{
	bool within = true; /* in the middle of a line */
	const struct log_part *p;

	for (int i = 0; i < LOG_WINDOWS && at < end && r->n < r->ask->limit; i++) {
		if (!(p = log_files_above(&r->files, at)))
			return end;
		within = within && at >= p->begin;
		at = at > p->begin ? at : p->begin;
		int64_t stop = p->end < end ? p->end : end;
		int64_t to = stop - at > LOG_WINDOW ? at + LOG_WINDOW : stop;
		size_t len = log_files_read(&r->files, p, at, to, r->window), done = 0;
		while (r->n < r->ask->limit) {
			const char *from = r->window + done, *nl = memchr(from, '\n', len - done);
			if (!nl)
				break;
			if (!within)
				line_take(r, from, (size_t)(nl - from), at + (int64_t)done);
			within = false;
			done = (size_t)(nl - r->window) + 1;
		}
		within = !done || within;
		at += (int64_t)(done ? done : len);
		if (r->n < r->ask->limit && (!len || to == stop)) { /* on in the next file */
			at = stop;
			within = false;
		}
	}
	return at;
}

static bool log_reading_open(struct log_reading *r, struct log *lg, const struct log_ask *a)
{
	*r = (struct log_reading){.ask = a};
	log_files_open(lg, &r->files);
	r->window = malloc(LOG_WINDOW);
	r->json = json_reader_new(LOG_WINDOW, LOG_JSON_DEPTH);
	r->found = calloc(a->limit + 1, sizeof *r->found);
	return r->window && r->json && r->found;
}

static void log_reading_done(struct log_reading *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->found[i].text);
	free(r->found);
	free(r->window);
	json_reader_free(r->json);
	log_files_close(&r->files);
}

enum err log_file_search(
    struct log *lg, const struct log_ask *a, log_line_fn *fn, void *arg, struct log_spots *out)
{
	bool up = a->file_after > 0;
	int64_t end, at;
	struct log_reading r;

	*out = (struct log_spots){.before = 0};
	if (!lg)
		return ERR_OK;
	if (!log_reading_open(&r, lg, a)) {
		log_reading_done(&r);
		return ERR_NOMEM;
	}
	end = log_file_end(lg);
	if (up) {
		at = log_read_up(&r, a->file_after, end);
		out->after = at < end ? at - 1 : 0;
	} else {
		out->before = log_read_down(&r, a->file_before);
	}
	for (size_t i = 0; i < r.n; i++) {
		const struct log_found_line *l = &r.found[up ? i : r.n - 1 - i];
		struct log_text line = l->line;
		line.source = l->source;
		fn(arg, &line);
	}
	log_reading_done(&r);
	return ERR_OK;
}
