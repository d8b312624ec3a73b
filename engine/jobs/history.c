#include "config.h"
#include "engine/jobs/history.h"

#include <string.h>

/* Clears the places of the time that went by without an event. */
static void history_turn(struct history *h, int64_t now_ms)
{
	int64_t minute = now_ms / 60000, second = now_ms / 1000;

	if (minute - h->minute >= HISTORY_MINUTES)
		memset(h->minutes, 0, sizeof h->minutes);
	else
		for (int64_t m = h->minute + 1; m <= minute; m++)
			memset(h->minutes[m % HISTORY_MINUTES], 0, sizeof h->minutes[0]);
	if (second - h->second >= HISTORY_SECONDS)
		memset(h->seconds, 0, sizeof h->seconds);
	else
		for (int64_t s = h->second + 1; s <= second; s++)
			h->seconds[s % HISTORY_SECONDS] = 0;
	if (minute > h->minute)
		h->minute = minute;
	if (second > h->second)
		h->second = second;
}

void history_add(struct history *h, int64_t now_ms, enum history_what what, int64_t n)
{
	history_turn(h, now_ms);
	if (!h->first_ms)
		h->first_ms = now_ms;
	h->minutes[h->minute % HISTORY_MINUTES][what] += n;
	if (what == HISTORY_ITEMS)
		h->seconds[h->second % HISTORY_SECONDS] += n;
}

double history_rate(struct history *h, int64_t now_ms, int window_s)
{
	double seconds = window_s;
	int64_t sum = 0;

	history_turn(h, now_ms);
	if (!h->first_ms)
		return 0;
	if ((double)(now_ms - h->first_ms) / 1000 < seconds)
		seconds = (double)(now_ms - h->first_ms) / 1000;
	if (seconds < 1)
		seconds = 1;
	for (int i = 0; i < window_s; i++)
		if (h->second - i >= 0)
			sum += h->seconds[(h->second - i) % HISTORY_SECONDS];
	return (double)sum / seconds;
}

int64_t history_minute(struct history *h, int64_t now_ms, enum history_what what, int ago)
{
	history_turn(h, now_ms);
	return h->minute >= ago ? h->minutes[(h->minute - ago) % HISTORY_MINUTES][what] : 0;
}

int64_t history_sum(struct history *h, int64_t now_ms, enum history_what what, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += history_minute(h, now_ms, what, i);
	return sum;
}
