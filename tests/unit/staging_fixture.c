#include "config.h"
#include "tests/unit/staging_fixture.h"

#include <stdlib.h>

int set_up(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	struct errbuf eb;

	*state = r;
	return !r || scratch_open(&r->scratch) ||
	       staging_open(&r->s, scratch_path(&r->scratch, "staging.db"), DB_WRITE, &eb);
}

int tear_down(void **state)
{
	struct room *r = *state;

	staging_close(r->s);
	scratch_close(&r->scratch);
	free(r);
	return 0;
}

void begin(struct staging *s)
{
	struct errbuf eb = {0};

	if (staging_begin(s, &eb))
		fail_msg("%s", eb.text);
}

void commit(struct staging *s)
{
	struct errbuf eb = {0};

	if (staging_commit(s, &eb) || staging_check_counters(s, &eb))
		fail_msg("%s", eb.text);
}
