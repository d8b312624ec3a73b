#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "recall.h"

#include <pthread.h>
#include <stdlib.h>

#include "ids.h"

#define SHELVES (1u << 16)

struct kept {
	struct kept *next;
	struct recall_facts facts;
	size_t request_len, body_len;
	char bytes[]; /* the request, then the body */
};

struct recall {
	pthread_mutex_t lock; /* guards the lists; what stands in them never changes */
	struct kept *shelves[SHELVES];
};

struct recall *recall_new(void)
{
	struct recall *r = calloc(1, sizeof *r);

	if (r != NULL)
		pthread_mutex_init(&r->lock, NULL);
	return r;
}

void recall_free(struct recall *r)
{
	struct kept *k;

	if (r == NULL)
		return;
	for (size_t i = 0; i < SHELVES; i++)
		while ((k = r->shelves[i]) != NULL) {
			r->shelves[i] = k->next;
			free(k);
		}
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static size_t shelf_of(struct slice request)
{
	return ids_hash(request.p, request.len, 0) % SHELVES;
}

bool recall_find(
    struct recall *r, struct slice request, struct recall_facts *facts, struct out *body)
{
	const struct kept *k;

	pthread_mutex_lock(&r->lock);
	k = r->shelves[shelf_of(request)];
	pthread_mutex_unlock(&r->lock);
	while (k != NULL &&
	       (k->request_len != request.len || memcmp(k->bytes, request.p, request.len) != 0))
		k = k->next;
	if (k == NULL)
		return false;
	*facts = k->facts;
	out_add(body, k->bytes + k->request_len, k->body_len);
	return true;
}

void recall_keep(
    struct recall *r, struct slice request, const struct recall_facts *facts, struct slice body)
{
	struct kept *k = malloc(sizeof *k + request.len + body.len);
	size_t at = shelf_of(request);

	if (k == NULL)
		return;
	k->facts = *facts;
	k->request_len = request.len;
	k->body_len = body.len;
	memcpy(k->bytes, request.p, request.len);
	if (body.len > 0)
		memcpy(k->bytes + request.len, body.p, body.len);
	pthread_mutex_lock(&r->lock);
	k->next = r->shelves[at];
	r->shelves[at] = k;
	pthread_mutex_unlock(&r->lock);
}
