/* Edges and channels that are to go, as lines of tubeops_edges_in and tubeops_gone_in. */
#include "config.h"
#include "db/postgres_batch.h"

enum { CUT_METHOD = 50 /* characters that the columns take */ };

enum err postgres_batch_edge(struct postgres_batch *b, const struct edge_row *e, struct errbuf *eb)
{
	char source[CID_TEXT + 1], target[CID_TEXT + 1];

	str_add(&b->text, cid_format(&e->source, source), CID_TEXT);
	batch_text(&b->text, cid_format(&e->target, target), 0);
	batch_text(&b->text, e->method, CUT_METHOD);
	batch_text(&b->text, e->service, CUT_METHOD);
	str_addf(&b->text, "\t%.17g", e->confidence);
	batch_bool(&b->text, e->known);
	batch_int(&b->text, e->seen, INT64_MIN);
	batch_time(&b->text, e->first_seen);
	batch_time(&b->text, e->last_seen > 0 ? e->last_seen : 0);
	return postgres_batch_line(b, false, eb);
}

enum err postgres_batch_gone(
    struct postgres_batch *b, const struct cid *cid, int64_t before, struct errbuf *eb)
{
	char text[CID_TEXT + 1];

	str_add(&b->text, cid_format(cid, text), CID_TEXT);
	batch_time(&b->text, before == POSTGRES_ERASE ? INT64_MIN : before);
	return postgres_batch_line(b, before != POSTGRES_ERASE, eb);
}
