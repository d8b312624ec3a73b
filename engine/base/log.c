#include "config.h"
#include "engine/base/log_parts.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_QUEUE = 4096 };

static const struct {
	const char *word;
	char letter;
} log_words[] = {
#define LOG_ROW(name, word, letter) [name] = {word, letter},
    LOG_LEVELS(LOG_ROW)
#undef LOG_ROW
};

const char *log_level_word(enum log_level level)
{
	return log_words[level].word;
}

bool log_level_parse(const char *word, enum log_level *out)
{
	for (size_t i = 0; i < sizeof log_words / sizeof log_words[0]; i++)
		if (str_is_equal_nocase(word, log_words[i].word)) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

static void log_format(const struct log *lg, const struct log_entry *e, struct str *s)
{
	char iso[CLOCK_ISO_SIZE];

	clock_iso(e->at_ms / 1000, iso);
	iso[strlen(iso) - 1] = '\0'; /* the Z goes behind the fraction */
	str_reset(s);
	if (lg->cfg.json) {
		str_addf(s, "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",\"source\":\"%s\"", iso,
		    (int)(e->at_ms % 1000), log_words[e->level].word, e->source);
		if (e->job)
			str_addf(s, ",\"job\":\"J-%lld\"", (long long)e->job);
		str_adds(s, ",\"message\":");
		text_add_json(s, e->text, strlen(e->text));
		str_adds(s, "}\n");
		return;
	}
	str_addf(s, "%s.%03dZ %c %-9s ", iso, (int)(e->at_ms % 1000), log_words[e->level].letter,
	    e->source);
	if (e->job)
		str_addf(s, "J-%lld ", (long long)e->job);
	str_adds(s, e->text);
	str_addc(s, '\n');
}

static bool log_write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false; /* a full disk must not stop the work; the ring has the line */
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static int log_open_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Which file it is, and where its next line will stand: behind all of the one before, was_size bytes. */
static void log_note_file(struct log *lg, int64_t was_size)
{
	struct stat st = {.st_size = 0};
	bool same;

	if (lg->fd >= 0 && fstat(lg->fd, &st) != 0)
		st.st_size = 0;
	pthread_mutex_lock(&lg->lock);
	same = st.st_dev == lg->stat.st_dev && st.st_ino == lg->stat.st_ino;
	lg->base = !lg->base ? LOG_PLACE : same ? lg->base : lg->base + was_size;
	lg->stat = st;
	lg->written = lg->base + st.st_size;
	pthread_mutex_unlock(&lg->lock);
}

static void log_do_reopen(struct log *lg)
{
	struct stat was = {.st_size = 0};
	int fd;

	if (!lg->path)
		return;
	fd = log_open_file(lg->path);
	if (fd < 0)
		return; /* better the old file than none */
	if (lg->fd >= 0 && fstat(lg->fd, &was) != 0)
		was.st_size = 0;
	if (lg->fd >= 0)
		close(lg->fd);
	lg->fd = fd;
	log_note_file(lg, was.st_size);
}

/* Where in the file a line has come to stand, which others may write to as well. */
static void log_note_place(struct log *lg, struct log_entry *e, size_t len)
{
	off_t end = lseek(lg->fd, 0, SEEK_CUR);

	if (end < (off_t)len)
		return;
	atomic_store(&e->place, lg->base + end - (off_t)len);
	pthread_mutex_lock(&lg->lock);
	lg->written = lg->base + end;
	pthread_mutex_unlock(&lg->lock);
}

static void log_write_entry(struct log *lg, struct log_entry *e, struct str *s)
{
	log_format(lg, e, s);
	if (s->err)
		return; /* half a line would spoil the next one */
	if (lg->fd >= 0 && log_write_all(lg->fd, str_get(s), s->len))
		log_note_place(lg, e, s->len);
	if (lg->cfg.to_stderr)
		(void)log_write_all(STDERR_FILENO, str_get(s), s->len);
}

static struct log_entry *log_take_all(struct log *lg, bool *closing)
{
	struct log_entry *list;

	pthread_mutex_lock(&lg->lock);
	while (!lg->head && !lg->closing && !atomic_load(&lg->reopen))
		pthread_cond_wait(&lg->filled, &lg->lock);
	list = lg->head;
	lg->head = NULL;
	lg->tail = &lg->head;
	lg->queued = 0;
	*closing = lg->closing;
	pthread_mutex_unlock(&lg->lock);
	return list;
}

static void *log_main(void *arg)
{
	struct log *lg = arg;
	bool closing = false;
	struct str s;

	str_init(&s, LOG_LINE_LIMIT * 2 + 256); /* all quotes, and what stands before it */
	while (!closing) {
		struct log_entry *e = log_take_all(lg, &closing);
		if (atomic_exchange(&lg->reopen, false))
			log_do_reopen(lg);
		while (e) {
			struct log_entry *next = e->next;
			log_write_entry(lg, e, &s);
			log_entry_drop(e);
			e = next;
		}
	}
	str_done(&s);
	return NULL;
}

enum err log_open(struct log **out, const struct log_config *cfg, struct errbuf *eb)
{
	struct log *lg = calloc(1, sizeof *lg);
	enum err err;

	*out = NULL;
	if (!lg)
		return err_set(eb, ERR_NOMEM, "log: out of memory");
	lg->cfg = *cfg;
	lg->fd = lg->unpacked_fd = -1;
	lg->tail = &lg->head;
	pthread_mutex_init(&lg->lock, NULL);
	pthread_cond_init(&lg->filled, NULL);
	if (log_ring_init(&lg->ring, cfg->ring ? cfg->ring : LOG_RING_LINES)) {
		err = err_set(eb, ERR_NOMEM, "log: out of memory");
		goto fail;
	}
	if (cfg->path && *cfg->path) {
		lg->path = str_dup(cfg->path);
		if (!lg->path) {
			err = err_set(eb, ERR_NOMEM, "log: out of memory");
			goto fail;
		}
		lg->fd = log_open_file(lg->path);
		if (lg->fd < 0) {
			err = err_set(eb, ERR_IO,
			    "log file %s: %s; set LOG_FILE to a place that can be written",
			    cfg->path, strerror(errno));
			goto fail;
		}
		log_note_file(lg, 0);
	}
	if (pthread_create(&lg->thread, NULL, log_main, lg) != 0) {
		err = err_set(eb, ERR_NOMEM, "log: cannot start its thread");
		goto fail;
	}
	*out = lg;
	return ERR_OK;
fail:
	if (lg->fd >= 0)
		close(lg->fd);
	log_ring_done(&lg->ring);
	free(lg->path);
	free(lg);
	return err;
}

void log_close(struct log *lg)
{
	if (!lg)
		return;
	pthread_mutex_lock(&lg->lock);
	lg->closing = true;
	pthread_cond_signal(&lg->filled);
	pthread_mutex_unlock(&lg->lock);
	pthread_join(lg->thread, NULL);
	if (lg->fd >= 0)
		close(lg->fd);
	if (lg->unpacked_fd >= 0)
		close(lg->unpacked_fd);
	pthread_cond_destroy(&lg->filled);
	pthread_mutex_destroy(&lg->lock);
	log_ring_done(&lg->ring);
	free(lg->path);
	free(lg);
}

static void log_enqueue(struct log *lg, struct log_entry *e)
{
	struct log_entry *old = NULL;

	pthread_mutex_lock(&lg->lock);
	lg->by_level[e->level]++;
	log_ring_add(&lg->ring, e);
	if (lg->queued == LOG_QUEUE) {
		old = lg->head;
		lg->head = old->next;
		lg->dropped++;
		lg->queued--;
	}
	*lg->tail = e;
	lg->tail = &e->next;
	lg->queued++;
	pthread_cond_signal(&lg->filled);
	pthread_mutex_unlock(&lg->lock);
	log_entry_drop(old);
}

void log_at(
    struct log *lg, enum log_level level, const char *source, int64_t job, const char *fmt, ...)
{
	struct str raw, masked, safe;
	struct log_entry *e;
	va_list ap;

	if (!lg || level > lg->cfg.level)
		return;
	str_init(&raw, LOG_LINE_LIMIT);
	str_init(&masked, LOG_LINE_LIMIT);
	str_init(&safe, LOG_LINE_LIMIT);
	va_start(ap, fmt);
	str_addv(&raw, fmt, ap);
	va_end(ap);
	text_mask_secrets(str_get(&raw), raw.len, &masked);
	text_escape(str_get(&masked), masked.len, &safe);
	if (raw.err || masked.err || safe.err) {
		str_reset(&safe);
		str_adds(&safe, "(a line too long for the log was left out)");
	}
	e = malloc(sizeof *e + safe.len + 1);
	if (e) {
		*e = (struct log_entry){
		    .at_ms = clock_now_ms(), .job = job, .level = level, .len = safe.len};
		atomic_init(&e->holders, 1); /* the queue */
		atomic_init(&e->place, -1);
		snprintf(e->source, sizeof e->source, "%s", source);
		memcpy(e->text, str_get(&safe), safe.len + 1);
		log_enqueue(lg, e);
	}
	str_done(&raw);
	str_done(&masked);
	str_done(&safe);
}

void log_reopen(struct log *lg)
{
	if (!lg)
		return;
	pthread_mutex_lock(&lg->lock);
	atomic_store(&lg->reopen, true);
	pthread_cond_signal(&lg->filled);
	pthread_mutex_unlock(&lg->lock);
}

uint64_t log_dropped(struct log *lg)
{
	struct log_numbers n;

	log_numbers(lg, &n);
	return n.dropped;
}

uint64_t log_errors(struct log *lg)
{
	struct log_numbers n;

	log_numbers(lg, &n);
	return n.by_level[LOG_ERROR];
}
