/*
 * reqlog: the request log, one JSON object a line. Lines are collected in memory; a thread of its
 * own writes them at least every 100 ms and at the end.
 * Threads: reqlog_add from any.
 * Ownership: borrows the entry for the call.
 */
#ifndef SIM_REQLOG_H
#define SIM_REQLOG_H

#include "out.h"

struct reqlog;

struct reqlog_entry {
	uint64_t n;
	int64_t t;          /* epoch in ms, of the simulator's clock */
	const char *method; /* "" for an unknown path */
	struct slice key;
	const char *project;
	const char *bucket;
	unsigned cost;
	bool billed;
	const char *day;
	unsigned status; /* 0: never answered */
	const char *reason;
	size_t ids;
	size_t found;
	const char *fault;
	const struct slice *idlist; /* NULL: not wanted */
	struct slice filter; /* another filter than id, and its value; empty: none or not wanted */
	struct slice value;
};

/* NULL when the file cannot be made. */
struct reqlog *reqlog_new(const char *path);
void reqlog_add(struct reqlog *l, const struct reqlog_entry *e);
/* Writes what is left and closes. */
void reqlog_free(struct reqlog *l);

#endif
