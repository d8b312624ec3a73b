/*
 * external: what services that are not YouTube's say, each described in a file (providers.h,
 * assets/doc/providers.md). Nothing is asked unless DISCOVERY_PROVIDERS names such files. What they
 * find carries the service's name and its confidence; their troubles are counted, never a channel's.
 */
#include "config.h"
#include "engine/discovery/search.h"

struct external {
	struct search *s;
	const struct search_source *src;
	const struct provider *p;
};

static enum err external_found(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb)
{
	struct external *x = arg;

	if (cid)
		return search_report(x->s, x->src, cid, title, x->p->name, x->p->confidence, eb);
	return search_want_handle(x->s, x->src, handle, x->p->name, x->p->confidence, eb);
}

static enum err external_find(struct search *s, const struct search_source *src, struct errbuf *eb)
{
	static const char *const words[] = {[PROVIDER_ANSWERED] = "answered",
	    [PROVIDER_NOTHING] = "nothing",
	    [PROVIDER_SKIPPED] = "skipped",
	    [PROVIDER_FAILED] = "failed"};
	const char *handle = src->row->has_meta ? src->row->meta.custom_url : NULL;
	struct provider_asking asking;
	struct providers *ps = search_providers(s, &asking);
	enum err err = ERR_OK;

	if (!providers_count(ps))
		return search_count(s, src, NULL, "unavailable", 1, eb);
	if (handle && *handle == '@')
		handle++;
	for (int i = 0; i < providers_count(ps) && !err; i++) {
		struct external x = {s, src, providers_at(ps, i)};
		enum provider_outcome outcome = PROVIDER_SKIPPED;
		err = providers_ask(
		    ps, i, &asking, &src->row->cid, handle, external_found, &x, &outcome, eb);
		if (!err)
			err = search_count(s, src, x.p->name, words[outcome], 1, eb);
	}
	return err;
}

const struct discovery_method external_method = {
    .name = "external",
    .service = "external",
    .confidence = 0.5,
    .bucket = BUCKET_UNITS,
    .units = 0,
    .most = -1,
    .help = "services that the files of DISCOVERY_PROVIDERS describe; 0 units, but their own pace",
    .find = external_find,
};
