#include "config.h"
#include "engine/snapshot.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct snapshot_refs {
	atomic_uint holders;
};

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = calloc(1, sizeof *s);
	struct snapshot_refs *refs = calloc(1, sizeof *refs);

	if (!s || !refs) {
		free(s);
		free(refs);
		return NULL;
	}
	atomic_init(&refs->holders, 1);
	s->refs = refs;
	return s;
}

const struct snapshot *snapshot_ref(const struct snapshot *s)
{
	atomic_fetch_add(&s->refs->holders, 1);
	return s;
}

void snapshot_unref(const struct snapshot *s)
{
	if (!s || atomic_fetch_sub(&s->refs->holders, 1) != 1)
		return;
	free(s->refs);
	free((struct snapshot *)(uintptr_t)s); /* the last holder: nobody can be reading it */
}
