#include "config.h"
#include "engine/jobs/idle.h"

#include <inttypes.h>

enum err idle_fetch(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_counters(s, &c, eb);

	(void)ask;
	if (err)
		return err;
	if (!c.channels)
		str_adds(out, "there are no channels: import some first");
	else if (c.items[OP_METADATA][ITEM_ABSENT])
		str_addf(out, "%" PRId64 " that were absent today are asked again on another day",
		    c.items[OP_METADATA][ITEM_ABSENT]);
	else
		str_adds(out, "every channel was asked for");
	return ERR_OK;
}

/* The channels of an operation that begins where metadata ends. */
static enum err idle_behind_metadata(
    struct staging *s, const char *all, const char *meant, struct str *out, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_counters(s, &c, eb);
	int64_t fetched, pending;

	if (err)
		return err;
	fetched = c.items[OP_METADATA][ITEM_DONE];
	pending = c.items[OP_METADATA][ITEM_PENDING] + c.items[OP_METADATA][ITEM_ABSENT];
	if (!c.channels)
		str_adds(out, "there are no channels: import some first");
	else if (!fetched)
		str_addf(out,
		    "no channel has metadata yet (%" PRId64
		    " wait for it): run batch_metadata first",
		    pending);
	else
		str_addf(out, "%s %" PRId64 " channels with metadata %s", all, fetched, meant);
	if (fetched && pending)
		str_addf(out, "; %" PRId64 " more wait for batch_metadata", pending);
	return ERR_OK;
}

enum err idle_videos(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb)
{
	if (ask->bound > 0)
		return idle_behind_metadata(s, "of", "none that is big enough is left", out, eb);
	return idle_behind_metadata(s, "the uploads of all", "were read", out, eb);
}

enum err idle_counts(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb)
{
	struct counters c;
	enum err err = staging_counters(s, &c, eb);

	(void)ask;
	if (!err)
		str_adds(out, c.videos ? "the counts of all stored videos are new enough"
		                       : "no videos are stored yet: run batch_videos first");
	return err;
}

enum err idle_discovery(
    struct staging *s, const struct feed_ask *ask, struct str *out, struct errbuf *eb)
{
	(void)ask;
	return idle_behind_metadata(
	    s, "of", "none within this depth is left to be searched", out, eb);
}
