#include "config.h"
#include "tests/unit/chunk_rules.h"

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

bool rule_claim(struct rule_chunk *c, int node)
{
	if (c->state != RULE_READY && !(c->state == RULE_LEASED && c->expired))
		return false;
	if (c->state == RULE_LEASED)
		c->lost++;
	c->state = c->lost >= RULE_LOST_MOST && c->state == RULE_LEASED ? RULE_ASIDE : RULE_LEASED;
	c->epoch++;
	c->owner = (unsigned char)node;
	c->expired = false;
	return c->state == RULE_LEASED;
}

bool rule_renew(struct rule_chunk *c, int node, int epoch)
{
	if (c->state != RULE_LEASED || c->epoch != epoch || c->owner != node)
		return false;
	c->expired = false;
	return true;
}

bool rule_release(struct rule_chunk *c, int epoch)
{
	if (c->state != RULE_LEASED || c->epoch != epoch)
		return false;
	c->state = RULE_READY;
	c->owner = 0;
	c->expired = false;
	return true;
}

bool rule_mark(struct rule_chunk *c, int epoch, int at, int outcome)
{
	bool open = false;

	if (c->state >= RULE_DONE || c->epoch != epoch)
		return false;
	if (!c->outcome[at])
		c->outcome[at] = (unsigned char)outcome;
	for (int i = 0; i < c->n; i++)
		open = open || !c->outcome[i];
	if (!open) {
		c->state = RULE_DONE;
		c->expired = false;
	}
	return true;
}

int rule_grant(struct rule_quota *q, int used, int want)
{
	int room = q->exhausted ? 0 : most(q->limit - q->granted - used, 0);
	int got = used + least(want, most(least(room, 20), room / q->nodes));

	q->granted += got;
	return got;
}
