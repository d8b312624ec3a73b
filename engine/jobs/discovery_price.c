#include "config.h"
#include "engine/jobs/given.h"
#include "engine/jobs/prices.h"
#include "engine/discovery/search_run.h"

#include <stdio.h>

/* New channels that a source is guessed to lead to, for dry runs: what confirming them costs. */
static const double discovery_guess_new = 4;

/* --again: those that were searched are sources once more. */
static enum err discovery_add_searched(
    struct staging *s, const json_t *params, int64_t *items, struct errbuf *eb)
{
	const json_t *limit = json_object_get(params, "limit");
	struct counters c;
	enum err err = staging_counters(s, &c, eb);

	*items += err ? 0 : c.items[OP_DISCOVERY][ITEM_DONE];
	if (json_is_integer(limit) && json_integer_value(limit) < *items)
		*items = json_integer_value(limit);
	return err;
}

enum err discovery_price(struct staging *s, const struct engine_parts *parts, const json_t *params,
    int64_t *items, struct job_price *out, struct errbuf *eb)
{
	struct search *search = NULL;
	enum err err = search_new(&search, params, eb);

	(void)parts;
	given_items(params, items);
	if (!err && !given_any(params) && json_is_true(json_object_get(params, "again")))
		err = discovery_add_searched(s, params, items, eb);
	if (err) {
		search_free(search);
		return err;
	}
	for (int m = 0; m < search_n_methods(search); m++) {
		const struct discovery_method *method = search_method_at(search, m);
		out->units[method->bucket] += method->units * (double)*items;
	}
	out->units[BUCKET_UNITS] += (double)*items * discovery_guess_new / (double)CHUNK_IDS;
	search_free(search);
	return ERR_OK;
}

/* The same methods but the one that costs most. */
int discovery_offers(const struct engine_parts *parts, const json_t *params, struct job_offer *out)
{
	struct search *search = NULL;
	json_t *names = json_array();
	int dear = 0, n = 0;

	(void)parts;
	if (search_new(&search, params, NULL) == ERR_OK)
		n = search_n_methods(search);
	for (int m = 1; m < n; m++)
		if (search_method_at(search, m)->units > search_method_at(search, dear)->units)
			dear = m;
	for (int m = 0; m < n; m++)
		if (m != dear)
			json_array_append_new(
			    names, json_string(search_method_at(search, m)->name));
	if (n > 1) {
		out->patch = json_pack("{s:O}", "method", names);
		snprintf(out->text, sizeof out->text, "without %s",
		    search_method_at(search, dear)->name);
		snprintf(out->loses, sizeof out->loses, "what that method alone finds");
	}
	json_decref(names);
	search_free(search);
	return n > 1;
}
