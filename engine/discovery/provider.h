/*
 * provider - an external service that knows which channels belong together, described in a small
 * JSON file (assets/doc/providers.md): where to ask, with which key, where ids and titles stand in
 * the answer. Immutable once parsed, so any thread may read it; nothing here talks to anybody.
 */
#ifndef TUBEOPS_DISCOVERY_PROVIDER_H
#define TUBEOPS_DISCOVERY_PROVIDER_H

#include "engine/base/ids.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { PROVIDER_FILE_MOST = 64 * 1024, PROVIDER_NAME_MOST = 24, PROVIDER_FINDS_MOST = 50 };

enum provider_format { PROVIDER_JSON, PROVIDER_HTML };

struct provider {
	char *name; /* service_name of what it finds: a-z 0-9 _ */
	char *help; /* NULL: none */
	char *url;  /* with {channel_id} or {handle} behind the host */
	bool plain; /* http to this machine */
	enum provider_format format;
	/* the key's header; NULL: it needs none */
	char *header, *prefix;
	int key; /* number of the setting PROVIDER_KEY_#; 0: none */
	/* of JSON: path to the found things, and below each of them to id and title; NULL: none */
	char *items, *id, *title;
	char *link; /* of HTML: what stands in a link's address before the id */
	double confidence;
	double per_minute; /* requests */
	int64_t timeout_ms;
	size_t body_limit;
	int most; /* channels taken from one answer */
};

/*
 * Reads and checks a description; returns owned. ERR_INVALID with "file:line: what is wrong and
 * what is wanted" for the first fault; nothing unknown is let pass.
 */
enum err provider_parse(struct provider **out, const char *file, const char *text, size_t len,
    struct errbuf *eb) MUST_CHECK;
void provider_free(struct provider *p);
/* The address for one channel; handle may be NULL. ERR_NOTFOUND: it wants a handle and there is
 * none. */
enum err provider_url(const struct provider *p, const struct cid *cid, const char *handle,
    struct str *out) MUST_CHECK;

/* Something that an answer holds: a channel id, or a handle without its @ (then cid is NULL). */
typedef enum err provider_find_fn(
    void *arg, const struct cid *cid, const char *handle, const char *title, struct errbuf *eb);
/*
 * Goes through an answer and hands at most p->most different finds to fn, in their order; titles are
 * clean, NULL when there is none. ERR_INVALID: it is not what the description says; errors of fn.
 */
enum err provider_read(const struct provider *p, struct json_reader *json, const char *body,
    size_t len, provider_find_fn *fn, void *arg, struct errbuf *eb) MUST_CHECK;

#endif
