#include "config.h"
#include "engine/jobs/job_numbers.h"

#include <string.h>

/* The object that the last part of the name stands in; *last is that part. */
static json_t *job_numbers_level(json_t *at, const char *name, const char **last)
{
	const char *dot;

	while (at && (dot = strchr(name, '.'))) {
		size_t len = (size_t)(dot - name);
		json_t *next = json_object_getn(at, name, len);
		if (!json_is_object(next)) {
			next = json_object();
			if (json_object_setn_new(at, name, len, next))
				next = NULL;
		}
		at = next;
		name = dot + 1;
	}
	*last = name;
	return at;
}

static enum err job_numbers_add(void *arg, const char *name, int64_t value, struct errbuf *eb)
{
	const char *last;
	json_t *at = job_numbers_level(arg, name, &last);

	if (!at || json_object_set_new(at, last, json_integer(value)))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

enum err job_numbers_read(
    struct staging *s, int64_t no, const struct job_type *type, json_t *into, struct errbuf *eb)
{
	enum err err = staging_job_numbers_each(s, no, job_numbers_add, into, eb);

	if (!err && type && type->summary)
		type->summary(into);
	return err;
}
