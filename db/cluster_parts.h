/*
 * cluster_parts - numbers, keys and bytes as statements and answers hold them; for db/cluster*.c
 * alone. One thread at a time.
 */
#ifndef TUBEOPS_DB_CLUSTER_PARTS_H
#define TUBEOPS_DB_CLUSTER_PARTS_H

#include "db/cluster.h"
#include "engine/base/str.h"

/* Parameters of one statement, each a text of its own. */
enum { CLUSTER_PARAMS = 9 };
struct params {
	struct str text[CLUSTER_PARAMS];
	const char *value[CLUSTER_PARAMS];
	int n;
};
void params_init(struct params *p);
void params_done(struct params *p);
void params_uuid(struct params *p, const struct uuid *u);
void params_text(struct params *p, const char *text);
void params_int(struct params *p, int64_t n);
void params_ms(struct params *p, int64_t ms); /* an interval */
void params_day(struct params *p, int64_t day);
void params_bytes(struct params *p, const void *bytes, size_t n);
/* Runs sql with them and ends them. out NULL: no rows wanted. */
enum err params_run(struct params *p, struct postgres *pg, const char *sql, PGresult **out,
    struct errbuf *eb) MUST_CHECK;

/* "\x…" */
void cluster_hex(struct str *out, const void *bytes, size_t n);
int64_t field_int(const PGresult *res, int row, int column);
bool field_bool(const PGresult *res, int row, int column);
void field_uuid(const PGresult *res, int row, int column, struct uuid *out);
/* At most max bytes; returns how many there were. */
size_t field_bytes(const PGresult *res, int row, int column, void *out, size_t max);
/* NULL where it is not known; no field is "". */
const char *field_text(const PGresult *res, int row, int column);
int64_t field_int_or(const PGresult *res, int row, int column, int64_t none);
int field_flag(const PGresult *res, int row, int column); /* -1: not known */
/* A list as params_run_ids has it. Cuts the answer's own text in place: nobody else reads it. */
enum { CLUSTER_LIST = 500 };
struct text_list field_list(
    const PGresult *res, int row, int column, const char *items[CLUSTER_LIST]);
/* Runs sql with channels as $1 and as $2 what separates the items of lists in the answer. */
enum err params_run_ids(struct postgres *pg, const char *sql, const struct cid *ids, int n,
    PGresult **out, struct errbuf *eb) MUST_CHECK;
/* The first field of the only row, a boolean or a number. */
enum err params_run_bool(struct params *p, struct postgres *pg, const char *sql, bool *out,
    struct errbuf *eb) MUST_CHECK;
enum err params_run_int(struct params *p, struct postgres *pg, const char *sql, int64_t *out,
    struct errbuf *eb) MUST_CHECK;

#endif
