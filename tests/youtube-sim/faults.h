/*
 * faults: decides which request goes wrong and how. A plan is a comma list of
 *
 *   name:RATE[:ARG]   by a hash of seed and request number, so that runs repeat
 *   name@N[:ARG]      on exactly this request, counted from 1
 *   name@N-M[:ARG]    on these; @+N counts from the moment the plan is set
 *   poison:ID         any request with this channel id answers 400
 *   delkey@N:KEY      KEY is not valid from request N on
 *
 * where name is a row of the error table or a transport fault. ARG: seconds of Retry-After for an
 * error, bytes a second for slow, seconds for stall. The first rule that hits wins.
 *
 * Threads: any, a read-write lock inside.
 * Ownership: copies the plan.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "errors.h"
#include "jsonw.h"

struct faults;

#define FAULT_KINDS(X)            \
	X(TRUNCATE, "truncate")   \
	X(BADJSON, "badjson")     \
	X(NULJSON, "nuljson")     \
	X(HUGEJSON, "hugejson")   \
	X(DEEPJSON, "deepjson")   \
	X(WRONGTYPE, "wrongtype") \
	X(STALL, "stall")         \
	X(RESET, "reset")         \
	X(SLOW, "slow")           \
	X(POISON, "poison")       \
	X(DELKEY, "delkey")

enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR,
#define X(name, text) FAULT_##name,
	FAULT_KINDS(X)
#undef X
	    FAULT_KIND_COUNT
};

struct fault {
	enum fault_kind kind;
	const struct error_def *error; /* for FAULT_ERROR, FAULT_POISON and FAULT_DELKEY */
	const char *name;              /* "" for none; lives as long as the program */
	uint64_t arg;
	bool has_arg;
};

struct faults *faults_new(uint64_t seed);
void faults_free(struct faults *f);
/* Replaces the plan; on a mistake the old one stays, and why (may be NULL) says what is wrong. */
bool faults_set(struct faults *f, struct slice plan, uint64_t requests_so_far, struct out *why);
/* Decides for request n, and counts. */
void faults_choose(struct faults *f, uint64_t n, struct slice key, const struct slice *ids,
    size_t id_count, struct fault *chosen);
/* The member "faults" of an open object: how often each happened. */
void faults_write(struct faults *f, struct jsonw *w);

#endif
