#include "config.h"
#include "engine/jobs/given.h"
#include "db/staging_wanted.h"

enum { GIVEN_MOST = 20000 };

static const json_t *given_ids(const json_t *params)
{
	return json_object_get(params, GIVEN_PARAM);
}

static bool given_id(const json_t *list, size_t i, struct cid *out)
{
	const json_t *item = json_array_get(list, i);

	return cid_parse(json_string_value(item), json_string_length(item), out);
}

bool given_any(const json_t *params)
{
	return json_array_size(given_ids(params)) > 0;
}

enum err given_check(const json_t *params, struct errbuf *eb)
{
	const json_t *ids = given_ids(params);
	struct cid cid;

	if (json_array_size(ids) > GIVEN_MOST)
		return err_set(eb, ERR_INVALID,
		    GIVEN_PARAM
		    ": at most %d ids; import more of them and start a batch_metadata job",
		    GIVEN_MOST);
	for (size_t i = 0; i < json_array_size(ids); i++)
		if (!given_id(ids, i, &cid))
			return err_set(eb, ERR_INVALID,
			    GIVEN_PARAM ": \"%.40s\" is no channel id (UC and 22 more characters)",
			    json_string_value(json_array_get(ids, i)));
	return ERR_OK;
}

enum err given_begin(struct staging *s, int64_t job, const json_t *params, struct errbuf *eb)
{
	const json_t *ids = given_ids(params);
	enum err err = ERR_OK;
	struct cid cid;

	for (size_t i = 0; i < json_array_size(ids) && !err; i++)
		if (given_id(ids, i, &cid))
			err = staging_wanted_give(s, job, &cid, eb);
	return err;
}

enum err given_again(struct staging *s, enum op op, const json_t *params, struct errbuf *eb)
{
	const json_t *ids = given_ids(params);
	enum err err = ERR_OK;
	struct cid cid;

	for (size_t i = 0; i < json_array_size(ids) && !err; i++) {
		if (given_id(ids, i, &cid))
			err = staging_state_set(s, op, &cid, ITEM_PENDING, NULL, eb);
		err = err == ERR_NOTFOUND ? ERR_OK : err;
	}
	return err;
}

void given_items(const json_t *params, int64_t *items)
{
	int64_t given = (int64_t)json_array_size(given_ids(params));
	const json_t *limit = json_object_get(params, "limit");

	if (!given)
		return;
	*items = given;
	if (json_is_integer(limit) && json_integer_value(limit) > 0 &&
	    json_integer_value(limit) < given)
		*items = json_integer_value(limit);
}
