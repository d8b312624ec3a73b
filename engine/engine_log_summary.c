/* The lines in memory in numbers: by level, source and hour, and what troubles say most. */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

enum {
	SUM_SOURCES = 32,
	SUM_SAID = 256, /* kinds of troubles that are told apart */
	SUM_SAID_SHOWN = 12,
	SUM_SAID_TEXT = 80,
	SUM_HOURS = 24,
	SUM_HOUR_MS = 3600 * 1000
};

struct sum_said {
	char text[SUM_SAID_TEXT], source[16];
	enum log_level level;
	int64_t lines, last_ms;
};

struct log_sum {
	int64_t since_ms, now_ms;
	int64_t lines, levels[LOG_LEVEL_COUNT], hours[SUM_HOURS];
	struct {
		char name[16];
		int64_t lines;
	} sources[SUM_SOURCES];
	size_t n_sources;
	struct sum_said said[SUM_SAID];
	size_t n_said;
};

static void sum_source(struct log_sum *s, const char *name)
{
	size_t i = 0;

	while (i < s->n_sources && strcmp(s->sources[i].name, name) != 0)
		i++;
	if (i == SUM_SOURCES)
		return;
	if (i == s->n_sources)
		snprintf(s->sources[s->n_sources++].name, sizeof s->sources[i].name, "%.15s", name);
	s->sources[i].lines++;
}

/* The same trouble with other numbers is the same: digits are all alike. */
static void sum_shape(const char *text, char out[SUM_SAID_TEXT])
{
	size_t n = 0;

	for (; *text && n + 1 < SUM_SAID_TEXT; text++) {
		bool digit = *text >= '0' && *text <= '9';
		if (!digit || !n || out[n - 1] != '#')
			out[n++] = digit ? '#' : *text;
	}
	while (n && (out[n - 1] & 0xc0) == 0x80) /* half a character at the cut */
		n--;
	n -= n && (out[n - 1] & 0xc0) == 0xc0;
	out[n] = '\0';
}

static void sum_trouble(struct log_sum *s, const struct log_text *line)
{
	char text[SUM_SAID_TEXT];
	struct sum_said *at = s->said;

	sum_shape(line->text, text);
	while (
	    at < s->said + s->n_said && (at->level != line->level || strcmp(at->text, text) != 0 ||
	                                    strcmp(at->source, line->source) != 0))
		at++;
	if (at == s->said + SUM_SAID)
		return;
	if (at == s->said + s->n_said) {
		s->n_said++;
		*at = (struct sum_said){.level = line->level};
		memcpy(at->text, text, sizeof text);
		snprintf(at->source, sizeof at->source, "%.15s", line->source);
	}
	at->lines++;
	at->last_ms = line->at_ms > at->last_ms ? line->at_ms : at->last_ms;
}

/* Counts a line; none is kept. */
static bool sum_line(void *arg, const struct log_text *line)
{
	struct log_sum *s = arg;
	int64_t hour = (s->now_ms - line->at_ms) / SUM_HOUR_MS;

	if (line->at_ms >= s->since_ms) {
		s->lines++;
		s->levels[line->level]++;
		sum_source(s, line->source);
	}
	if (hour >= 0 && hour < SUM_HOURS)
		s->hours[hour]++;
	if (hour < SUM_HOURS && line->level <= LOG_WARNING)
		sum_trouble(s, line);
	return false;
}

static int sum_compare(const void *a, const void *b)
{
	const struct sum_said *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return (x->lines < y->lines) - (x->lines > y->lines);
}

static json_t *sum_json(const struct log_sum *s)
{
	json_t *levels = json_object(), *sources = json_array(), *said = json_array();
	json_t *hours = json_array();

	for (int i = 0; i < LOG_LEVEL_COUNT; i++)
		json_object_set_new(levels, log_level_word((enum log_level)i),
		    json_integer((json_int_t)s->levels[i]));
	for (size_t i = 0; i < s->n_sources; i++)
		json_array_append_new(sources, json_pack("{s:s,s:I}", "source", s->sources[i].name,
		                                   "lines", (json_int_t)s->sources[i].lines));
	for (size_t i = 0; i < s->n_said && i < SUM_SAID_SHOWN; i++)
		json_array_append_new(said,
		    json_pack("{s:s,s:s,s:s,s:I,s:I}", "level", log_level_word(s->said[i].level),
		        "source", s->said[i].source, "text", s->said[i].text, "lines",
		        (json_int_t)s->said[i].lines, "last_ms", (json_int_t)s->said[i].last_ms));
	for (int i = 0; i < SUM_HOURS; i++)
		json_array_append_new(hours, json_integer((json_int_t)s->hours[i]));
	return json_pack("{s:I,s:o,s:o,s:o,s:o}", "lines", (json_int_t)s->lines, "levels", levels,
	    "sources", sources, "said", said, "hours", hours);
}

char *engine_log_summary_json(struct engine *e, int64_t since_ms, struct errbuf *eb)
{
	struct log_sum *s = calloc(1, sizeof *s);
	struct log_ask ask = {.level = LOG_DEBUG, .takes = sum_line, .takes_arg = s, .limit = 1};
	struct log_numbers n = {.oldest = 0};
	char *text = NULL;

	if (s) {
		s->since_ms = since_ms;
		s->now_ms = clock_now_ms();
	}
	if (s && log_search(e->parts.log, &ask, NULL, NULL, &n) == ERR_OK) {
		qsort(s->said, s->n_said, sizeof s->said[0], sum_compare);
		text = engine_json_text(sum_json(s), eb);
	} else {
		err_set(eb, ERR_NOMEM, "out of memory");
	}
	free(s);
	return text;
}
