/*
 * Jobs that are started at most once for a key of the caller's. The key decides the job's UUID, so
 * the table of jobs itself remembers it: as durably as the job, and as long as its row is kept.
 */
#include "config.h"
#include "engine/engine_parts.h"
#include "engine/base/str.h"

#include <stdlib.h>
#include <string.h>

enum { ONCE_TEXT = 1024 };

static enum err once_uuid(const char *key, struct uuid *out, struct errbuf *eb)
{
	struct str text;
	enum err err;

	str_init(&text, ONCE_TEXT);
	str_addf(&text, "tubeops job once %s", key);
	err = text.err ? text.err : uuid_from_text(str_get(&text), text.len, out);
	str_done(&text);
	return err ? err_set(eb, err, "the key of this job cannot be used") : ERR_OK;
}

/* ERR_EXISTS: the key stands for another job. ERR_NOTFOUND: for none yet. */
static enum err once_find(struct engine *e, const struct uuid *uuid, const struct job_type *type,
    const json_t *params, int64_t *no, struct errbuf *eb)
{
	struct job_row row;
	char *stored = NULL, *asked = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	enum err err;

	pthread_mutex_lock(&e->look);
	err = staging_job_find(e->reader, uuid, no, eb);
	if (!err)
		err = staging_job_get(e->reader, *no, &row, &stored, eb);
	pthread_mutex_unlock(&e->look);
	if (!err && (!asked || !stored || strcmp(row.type, type->info.name) != 0 ||
	                strcmp(stored, asked) != 0))
		err = err_set(eb, ERR_EXISTS,
		    "this Idempotency-Key was used for J-%lld, which is another job: send a new "
		    "key",
		    (long long)*no);
	free(stored);
	free(asked);
	return err;
}

enum err command_job_once(struct engine *e, const struct command *c, const struct job_type *type,
    const json_t *params, struct secret *secret, struct command_reply *r, struct errbuf *eb)
{
	struct uuid uuid;
	enum err err = once_uuid(c->once, &uuid, eb);
	char who[64];

	if (err) {
		secret_free(secret);
		return err;
	}
	pthread_mutex_lock(&e->once);
	err = once_find(e, &uuid, type, params, &r->job, eb);
	r->repeated = !err;
	if (err == ERR_NOTFOUND)
		err = dispatcher_job_add_as(e->parts.dispatcher, &uuid, type, params, secret,
		    engine_who(c, who, sizeof who), &r->job, eb);
	else
		secret_free(secret);
	pthread_mutex_unlock(&e->once);
	return err;
}
