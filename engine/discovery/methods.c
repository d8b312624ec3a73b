/* The table of discovery methods. */
#include "config.h"
#include "engine/discovery/method.h"

#include <string.h>

/* One row per method, cheapest first (external services cost time, not units); the object stands in the file of that name. */
#define DISCOVERY_METHOD_LIST(X)   \
	X(similar_method)          \
	X(collaborations_method)   \
	X(mentioned_videos_method) \
	X(featured_method)         \
	X(subscriptions_method)    \
	X(comment_authors_method)  \
	X(playlists_method)        \
	X(keyword_search_method)   \
	X(external_method)

#define DISCOVERY_METHOD_EXTERN(method) extern const struct discovery_method method;
DISCOVERY_METHOD_LIST(DISCOVERY_METHOD_EXTERN)
#undef DISCOVERY_METHOD_EXTERN

static const struct discovery_method *const discovery_table[] = {
#define DISCOVERY_METHOD_ROW(method) &method,
    DISCOVERY_METHOD_LIST(DISCOVERY_METHOD_ROW)
#undef DISCOVERY_METHOD_ROW
        NULL,
};

_Static_assert(sizeof discovery_table / sizeof discovery_table[0] <= DISCOVERY_METHODS,
    "a search keeps its methods in a mask of that many bits");

const struct discovery_method *const *discovery_methods(void)
{
	return discovery_table;
}

const struct discovery_method *discovery_method_find(const char *name)
{
	for (const struct discovery_method *const *m = discovery_table; *m; m++)
		if (strcmp((*m)->name, name) == 0)
			return *m;
	return NULL;
}
