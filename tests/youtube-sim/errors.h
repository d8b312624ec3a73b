/*
 * errors: every refusal the API is known to give, as one table of data, and the writer of the
 * error envelope. Constant data, any thread.
 */
#ifndef SIM_ERRORS_H
#define SIM_ERRORS_H

#include "out.h"

enum error_flag {
	ERROR_UNBILLED = 1,  /* the project is not known, so nobody pays */
	ERROR_HTML = 2,      /* the front end's web page instead of JSON */
	ERROR_EMPTY = 4,     /* no body at all */
	ERROR_HELP = 8,      /* a Help detail and extendedHelp with a console address */
	ERROR_CONSUMER = 16, /* the detail's metadata names the project */
	ERROR_VIOLATION = 32 /* a BadRequest detail instead of ErrorInfo */
};

struct error_def {
	const char *name; /* what --faults and this program call it */
	unsigned http;
	const char *reason;
	const char *domain;
	const char *status;   /* NULL: the envelope has none */
	const char *message;  /* {project} and {arg} are filled in */
	const char *detail;   /* reason of the ErrorInfo detail; NULL: no details */
	const char *location; /* filled in as well */
	const char *location_type;
	const char *quota_limit;
	const char *quota_metric;
	const char *quota_unit;
	unsigned flags;
};

/* NULL when there is no such name. */
const struct error_def *errors_find(struct slice name);
size_t errors_count(void);
const struct error_def *errors_at(size_t i);
/* Writes the body; v2 is the newer error format, which has no list of errors. */
void errors_write(const struct error_def *e, struct out *out, bool pretty, bool v2,
    const char *project, struct slice arg);

#endif
