/* Which channels a discovery may take: --allow, --deny, --deny-file; checked, then kept in staging. */
#include "config.h"
#include "engine/jobs/discovery_parts.h"

#include "db/sources/channel_ref.h"
#include "db/sources/input.h"
#include "db/staging_discovery.h"
#include "db/staging_notes.h"
#include "engine/base/clock.h"
#include "engine/jobs/given.h"

#include <string.h>

enum {
	LISTS_LINE_MAX = 1024,
	LISTS_BLOCK = 65536,
	SIGHTINGS_S = 30 * 24 * 60 * 60 /* how long YouTube lets them be kept */
};

/* What is done with each channel of a list. */
struct lists {
	struct staging *s; /* NULL: only checked */
	int64_t job;
};

static enum err lists_put(
    const struct lists *l, const struct cid *cid, bool allow, struct errbuf *eb)
{
	return l->s ? staging_rule_put(l->s, l->job, cid, allow, eb) : ERR_OK;
}

static enum err lists_array(
    const struct lists *l, const json_t *params, const char *name, bool allow, struct errbuf *eb)
{
	const json_t *item, *all = json_object_get(params, name);
	struct channel_ref ref;
	enum err err = ERR_OK;
	size_t i;

	json_array_foreach(all, i, item)
	{
		channel_ref_parse(json_string_value(item), json_string_length(item), &ref);
		if (ref.kind != CHANNEL_REF_ID)
			err = err_set(eb, ERR_INVALID,
			    "%s: \"%.60s\" is no channel id or its address", name,
			    json_string_value(item));
		else
			err = lists_put(l, &ref.cid, allow, eb);
		if (err)
			return err;
	}
	return ERR_OK;
}

/* One line of the file; empty lines and those that begin with # say nothing. */
static enum err lists_line(
    const struct lists *l, const char *path, const struct input_line *line, struct errbuf *eb)
{
	struct channel_ref ref;
	size_t blank = 0;

	while (blank < line->len && (line->text[blank] == ' ' || line->text[blank] == '\t'))
		blank++;
	if (blank == line->len || line->text[blank] == '#')
		return ERR_OK;
	channel_ref_parse(line->text, line->len, &ref);
	if (ref.kind == CHANNEL_REF_ID && !line->too_long)
		return lists_put(l, &ref.cid, false, eb);
	return err_set(eb, ERR_INVALID, "deny_file: %s:%lld: no channel id or its address", path,
	    (long long)line->number);
}

static enum err lists_file(const struct lists *l, const char *path, struct errbuf *eb)
{
	struct input_line line;
	struct input in;
	bool more = true;
	enum err err = input_open(&in, path, LISTS_BLOCK, NULL, eb);

	if (err)
		return err_prefix(eb, "deny_file");
	while (!err && !(err = input_next_line(&in, LISTS_LINE_MAX, &line, &more, eb)) && more)
		err = lists_line(l, path, &line, eb);
	input_close(&in);
	return err;
}

static enum err lists_all(const struct lists *l, const json_t *params, struct errbuf *eb)
{
	const char *path = json_string_value(json_object_get(params, "deny_file"));
	enum err err = lists_array(l, params, "allow", true, eb);

	if (!err && path && *path) /* what stands in both lists is denied */
		err = lists_file(l, path, eb);
	return err ? err : lists_array(l, params, "deny", false, eb);
}

enum err discovery_check(const json_t *params, struct errbuf *eb)
{
	const char *path = json_string_value(json_object_get(params, "deny_file"));
	const struct lists l = {NULL, 0};
	enum err err = search_check(params, eb);

	if (!err)
		err = given_check(params, eb);
	if (!err && path && strcmp(path, "-") == 0)
		err = err_set(eb, ERR_INVALID, "deny_file: name a file; stdin is read once only");
	return err ? err : lists_all(&l, params, eb);
}

bool discovery_has_lists(const json_t *params)
{
	const char *path = json_string_value(json_object_get(params, "deny_file"));

	return json_array_size(json_object_get(params, "allow")) ||
	       json_array_size(json_object_get(params, "deny")) || (path && *path);
}

/* --again: what was searched is pending once more; channels that are named are so anyway. Only before the job's first channel: a job that
 * goes on after a restart has searched some of them itself. */
static enum err discovery_again(
    struct staging *s, int64_t job, const json_t *params, struct errbuf *eb)
{
	struct job_row row;
	int64_t n = 0;
	enum err err;

	if (!given_any(params) && !json_is_true(json_object_get(params, "again")))
		return ERR_OK;
	err = staging_job_get(s, job, &row, NULL, eb);
	if (err || row.processed || row.units)
		return err;
	return given_any(params) ? given_again(s, OP_DISCOVERY, params, eb)
	                         : staging_states_reopen(s, OP_DISCOVERY, &n, eb);
}

enum err discovery_begin(struct staging *s, int64_t job, const json_t *params, struct errbuf *eb)
{
	const struct lists l = {s, job};
	bool have[2] = {false, false};
	enum err err = ERR_OK;

	err = staging_sightings_prune(s, clock_now() - SIGHTINGS_S, eb);
	if (!err)
		err = given_begin(s, job, params, eb);
	if (!err)
		err = discovery_again(s, job, params, eb);
	if (err || !discovery_has_lists(params))
		return err;
	for (int i = 0; i < 2 && !err; i++)
		err = staging_rules_have(s, job, i == 1, &have[i], eb);
	return err || have[0] || have[1] ? err : lists_all(&l, params, eb);
}

enum err discovery_may_take(struct staging *s, int64_t job, const json_t *params,
    const struct cid *cid, bool *yes, struct errbuf *eb)
{
	bool allow = false;
	enum err err = staging_rule_get(s, job, cid, &allow, eb);

	*yes = allow;
	if (err != ERR_NOTFOUND)
		return err;
	*yes = json_array_size(json_object_get(params, "allow")) == 0;
	return ERR_OK;
}
