#include "config.h"
#include "tui/progress.h"
#include "tui/cli_text.h"
#include "tui/format.h"
#include "engine/base/clock.h"
#include "engine/base/settings.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PROGRESS_MS = 250, PROGRESS_WIDTH = 80, PROGRESS_BAR_LEAST = 5, PROGRESS_BAR_MOST = 40 };

struct progress {
	int64_t shown_ms;
	bool visible;
};

struct progress *progress_new(void)
{
	const char *term = settings_environment("TERM");

	if (!isatty(STDERR_FILENO) || !term || !*term || strcmp(term, "dumb") == 0)
		return NULL;
	return calloc(1, sizeof(struct progress));
}

void progress_free(struct progress *p)
{
	progress_clear(p);
	free(p);
}

static int progress_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
		return PROGRESS_WIDTH;
	return size.ws_col;
}

void progress_clear(struct progress *p)
{
	if (!p || !p->visible)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->visible = false;
	p->shown_ms = 0;
}

/* What stands behind the bar. */
static void progress_numbers(struct str *out, const struct snapshot_job *job, int64_t now)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE], p[FORMAT_SIZE], t[CLI_TIME_SIZE];

	if (job->total > 0)
		str_addf(out, "%s %%  %s / %s", format_percent(p, job->processed, job->total),
		    format_full(a, job->processed), format_full(b, job->total));
	else
		str_adds(out, format_full(a, job->processed));
	if (strcmp(job->status, "running") != 0 && strcmp(job->status, "pending") != 0) {
		str_addf(out, "  %s%s%s", job->status, job->reason[0] ? ": " : "", job->reason);
		if (job->until)
			str_addf(out, " until %s", cli_when(job->until, t));
		return;
	}
	str_addf(out, "  %s/s", format_full(a, (int64_t)job->rate));
	if (job->eta)
		str_addf(out, "  ETA %s", cli_duration(job->eta - now, t));
	if (job->units)
		str_addf(out, "  units %s", format_full(a, job->units));
}

static void progress_bar(struct str *out, const struct snapshot_job *job, int cells)
{
	double part = (double)job->processed / (double)job->total;
	int full = (int)(part * cells);

	str_addc(out, '[');
	for (int i = 0; i < cells; i++)
		str_addc(out, i < full ? '#' : '.');
	str_adds(out, "] ");
}

void progress_format(struct str *out, const struct snapshot_job *job, int64_t now, int width)
{
	const char *word = job->word[0] ? job->word : job->type;
	struct str numbers;
	int cells;

	str_init(&numbers, 1024);
	progress_numbers(&numbers, job, now);
	str_reset(out);
	str_addf(out, "%s  ", word);
	cells = width - (int)out->len - (int)numbers.len - 3;
	if (cells > PROGRESS_BAR_MOST)
		cells = PROGRESS_BAR_MOST;
	if (job->total > 0 && cells >= PROGRESS_BAR_LEAST)
		progress_bar(out, job, cells);
	str_adds(out, str_get(&numbers));
	if (width > 0 && out->len > (size_t)width) {
		out->len = text_utf8_cut(out->text, out->len, (size_t)width);
		out->text[out->len] = '\0';
	}
	str_done(&numbers);
}

void progress_show(struct progress *p, const struct snapshot_job *job, int64_t now)
{
	struct str line;
	int64_t ms = clock_mono_ms();

	if (!p || (p->visible && ms - p->shown_ms < PROGRESS_MS))
		return;
	str_init(&line, 4096);
	/* a character in the last column makes some terminals wrap */
	progress_format(&line, job, now, progress_width() - 1);
	fprintf(stderr, "\r%s\033[K", str_get(&line));
	fflush(stderr);
	str_done(&line);
	p->visible = true;
	p->shown_ms = ms;
}
