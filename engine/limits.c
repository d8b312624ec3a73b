#include "config.h"
#include "engine/limits.h"

#include <stdio.h>

static const char *const limit_words[LIMIT_COUNT] = {
#define LIMIT_ROW(name, word) [name] = word,
    LIMIT_LIST(LIMIT_ROW)
#undef LIMIT_ROW
};

const char *limit_word(enum limit what)
{
	return limit_words[what];
}

/* "8.04", "25", "120": three digits are enough of a rate. */
static const char *limits_rate(double v, char buf[24])
{
	snprintf(buf, 24, v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v);
	return buf;
}

static void limits_reckon(const struct limits_in *in, struct limits *out)
{
	*out = (struct limits){.what = LIMIT_NOTHING};
	if (in->call_ms > 0)
		out->threads_per_s = in->workers * 1000.0 / in->call_ms;
	if (in->key_gap_s > 0)
		out->keys_per_s = in->keys / in->key_gap_s;
	out->day_per_s = (double)in->units_per_day / 86400;
}

/* Would the units of today be spent before they are given anew, at so many calls a second? */
static bool limits_day_ends(const struct limits_in *in, double per_s)
{
	return per_s > 0 && (double)in->units_left / per_s < (double)in->reset_in_s;
}

static enum limit limits_find(const struct limits_in *in, const struct limits *l)
{
	if (!in->jobs_running && !(in->jobs_waiting && !in->units_left))
		return LIMIT_NO_WORK;
	if (!in->keys)
		return LIMIT_KEYS;
	if (!in->units_left)
		return LIMIT_QUOTA;
	if (in->service_open)
		return LIMIT_SERVICE;
	if (in->writer_stalled || in->writer_queued * 4 >= in->writer_room * 3)
		return LIMIT_WRITER;
	if (in->slot_wait > 0 && in->slot_wait >= in->calling)
		return LIMIT_RATE;
	/* as fast as the keys may go, though the waits are too short to be seen */
	if (l->keys_per_s > 0 && in->calls_per_s > 0.9 * l->keys_per_s)
		return LIMIT_RATE;
	if (in->workers && in->calling + in->slot_wait >= in->workers && in->busy > 0.7)
		return LIMIT_THREADS;
	return LIMIT_NOTHING;
}

static void limits_say_threads(const struct limits_in *in, struct limits *l)
{
	char could[24], day[24], keys[24];
	bool enough = limits_day_ends(in, l->threads_per_s);

	l->more_threads = !enough && (l->keys_per_s <= 0 || l->keys_per_s > l->threads_per_s * 1.1);
	limits_rate(l->threads_per_s, could);
	limits_rate(l->day_per_s, day);
	limits_rate(l->keys_per_s, keys);
	if (enough)
		snprintf(l->text, sizeof l->text,
		    "quota: %d threads at %.0f ms make %s calls/s and spend the day's units before "
		    "the reset (%s/s on average): more threads would not help",
		    in->workers, in->call_ms, could, day);
	else if (!l->more_threads)
		snprintf(l->text, sizeof l->text,
		    "threads and keys are level: %d threads at %.0f ms make %s calls/s, %d key%s "
		    "may make %s: more threads would not help",
		    in->workers, in->call_ms, could, in->keys, in->keys == 1 ? "" : "s", keys);
	else
		snprintf(l->text, sizeof l->text,
		    "threads: all %d are busy, at %.0f ms they make %s calls/s%s%s: more would "
		    "help",
		    in->workers, in->call_ms, could,
		    l->keys_per_s > 0 ? ", the keys may make " : "", l->keys_per_s > 0 ? keys : "");
	if (enough)
		l->what = LIMIT_QUOTA;
}

static void limits_say(const struct limits_in *in, struct limits *l)
{
	char keys[24], could[24];

	limits_rate(l->keys_per_s, keys);
	limits_rate(l->threads_per_s, could);
	switch (l->what) {
	case LIMIT_NO_WORK:
		snprintf(l->text, sizeof l->text, "no job calls the API now");
		break;
	case LIMIT_KEYS:
		snprintf(
		    l->text, sizeof l->text, "keys: none can be used; more threads would not help");
		break;
	case LIMIT_QUOTA:
		snprintf(l->text, sizeof l->text,
		    "quota: all %lld units of today are spent; more threads would not help",
		    (long long)in->units_per_day);
		break;
	case LIMIT_SERVICE:
		snprintf(l->text, sizeof l->text,
		    "YouTube: it does not answer usefully, one call at a time until it does; more "
		    "threads would not help");
		break;
	case LIMIT_WRITER:
		snprintf(l->text, sizeof l->text,
		    "disk: %lld results wait to be stored, a commit takes %.1f ms; more threads "
		    "would not help",
		    (long long)in->writer_queued, in->commit_ms);
		break;
	case LIMIT_RATE:
		snprintf(l->text, sizeof l->text,
		    "rate: %d key%s may make %s calls/s; more threads would not help%s%s%s",
		    in->keys, in->keys == 1 ? "" : "s", keys,
		    l->threads_per_s > 0 ? ": these could do " : "",
		    l->threads_per_s > 0 ? could : "", l->threads_per_s > 0 ? "/s" : "");
		break;
	default:
		snprintf(l->text, sizeof l->text,
		    "nothing here: %d of %d threads are busy; more would not help",
		    in->calling + in->slot_wait, in->workers);
		break;
	}
}

void limits_judge(const struct limits_in *in, struct limits *out)
{
	limits_reckon(in, out);
	out->what = limits_find(in, out);
	if (out->what == LIMIT_THREADS)
		limits_say_threads(in, out);
	else
		limits_say(in, out);
}
