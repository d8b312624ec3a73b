/*
 * format - numbers, durations and times as the screen writes them. Everything is cut, not rounded:
 * a screen must not say "done" or "100" too early. Pure functions into the caller's buffer of
 * FORMAT_SIZE bytes, which they return. "now" is always given.
 */
#ifndef TUBEOPS_TUI_FORMAT_H
#define TUBEOPS_TUI_FORMAT_H

#include <stdint.h>

enum { FORMAT_SIZE = 40 };

/* In full up to 9,999, then 12.4k, 311k, 1.20M, 15.00M, 123.4M; "-" below 0. */
char *format_count(char *buf, int64_t n);
/* Always in full: 62,843. */
char *format_full(char *buf, int64_t n);
/* Part of a whole: "42.7", "100" only when it is all; "-" when there is no whole. */
char *format_percent(char *buf, int64_t part, int64_t whole);
/* 39.5/s, below one a second 12.6/m, below one a minute 3.0/h; "-" for nothing. */
char *format_rate(char *buf, double per_s);
/* 48s, 12m, 5h54m, 22.8 d; "0s" below 0. */
char *format_duration(char *buf, int64_t seconds);
/* How long something took: 48s, 18m44s, 35h01m, 4.2 d from a hundred hours on. */
char *format_took(char *buf, int64_t seconds);
/* 13:12:48, hours as many as needed. */
char *format_countdown(char *buf, int64_t seconds);
/* 18:47:12Z */
char *format_clock(char *buf, int64_t at);
/* "Sun", of a UTC time; borrowed, constant. */
const char *format_weekday(int64_t at);
/* "Sun 22 Nov" */
char *format_day(char *buf, int64_t at);
/* 18:47Z today and in the coming 24 hours, Tue 04:00Z within a week, 09 Sep 2027 otherwise;
 * "-" for 0. */
char *format_when(char *buf, int64_t at, int64_t now);
/* Days as the plan's tables show them: 3.3, 291.0, 1,311. */
char *format_days(char *buf, int64_t seconds);
/* Units that an item costs: .0204, 1.52; "-" for nothing. */
char *format_each(char *buf, double units);
/* 48 s ago, 12 m ago, 5 h ago, 11 d ago; "-" for 0. */
char *format_ago(char *buf, int64_t at, int64_t now);
/* Of a video: 0:58, 24:18, 2:04:11; "-" below 0. */
char *format_length(char *buf, int64_t seconds);
/* 2016-07-02; "-" for 0. */
char *format_date(char *buf, int64_t at);
/* 812 B, 3.1 MB, 2.4 GB */
char *format_bytes(char *buf, int64_t n);

#endif
