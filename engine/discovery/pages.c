#include "config.h"
#include "engine/discovery/pages.h"

int pages_param(const struct search *s, const char *name, int fallback)
{
	const json_t *v = json_object_get(search_params(s), name);

	return json_is_integer(v) ? (int)json_integer_value(v) : fallback;
}

enum err pages_walk(
    struct search *s, const struct search_source *src, pages_fn *fn, struct errbuf *eb)
{
	struct channel_page page = {0};
	struct arena *arena = arena_new(0);
	int most = pages_param(s, "pages", 1);
	enum err err = arena ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");

	/* a page may be empty although another follows */
	for (int i = 0; i < most && !err; i++) {
		err = fn(s, src, arena, &page, eb);
		if (!page.next)
			break;
	}
	arena_free(arena);
	return err;
}

enum err pages_walk_open(
    struct search *s, const struct search_source *src, pages_fn *fn, struct errbuf *eb)
{
	bool closed = false;
	enum err err = search_is_closed(s, src, "closed", PAGES_CLOSED_DAYS, &closed, eb);

	if (err)
		return err;
	if (closed)
		return search_count(s, src, NULL, "skipped", 1, eb);
	err = pages_walk(s, src, fn, eb);
	if (err != ERR_NOTFOUND)
		return err;
	err = search_count(s, src, NULL, "closed", 1, eb);
	return err ? err : search_close(s, src, "closed", eb);
}
