/* RESP2 by hiredis' reader, which builds its objects through our functions: into the answer's arena,
 * within its limit, never deeper than REDIS_DEPTH. */
#include "config.h"
#include "db/redis_reply.h"
#include "engine/base/arena.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

/* Version 1.0 changed the type of an array's length. */
#if defined(HIREDIS_MAJOR) && HIREDIS_MAJOR >= 1
typedef size_t resp_count;
#else
typedef int resp_count;
#endif

struct redis_resp {
	redisReader *reader;
	struct redis_answer *answer; /* being read; NULL: nothing is due */
	size_t done;                 /* of its replies */
	size_t room;                 /* bytes that may still come for it */
};

/* Where the object of a task belongs. NULL: too deep, or somewhere that is no array of ours. */
static struct redis_reply *resp_place(const redisReadTask *task)
{
	struct redis_resp *p = task->privdata;
	struct redis_reply *above;
	int depth = 0;

	for (const redisReadTask *t = task->parent; t; t = t->parent)
		depth++;
	if (!p->answer || depth > REDIS_DEPTH)
		return NULL;
	if (!depth)
		return &p->answer->replies[p->done];
	above = task->parent->obj;
	if (!above || above->type != REDIS_ARRAY || (size_t)task->idx >= above->n)
		return NULL;
	return &above->items[task->idx];
}

static void *resp_text(const redisReadTask *task, char *text, size_t len)
{
	struct redis_resp *p = task->privdata;
	struct redis_reply *r = resp_place(task);

	if (!r)
		return NULL;
	r->text = arena_dup(p->answer->arena, text, len);
	r->n = len;
	r->type = task->type == REDIS_REPLY_ERROR ? REDIS_ERROR : REDIS_TEXT;
	return r->text ? r : NULL;
}

static void *resp_array(const redisReadTask *task, resp_count n)
{
	struct redis_resp *p = task->privdata;
	struct redis_reply *r = resp_place(task);

	if (!r)
		return NULL;
	r->items = redis_answer_room(p->answer, (size_t)n);
	r->n = (size_t)n;
	r->type = REDIS_ARRAY;
	return r->items ? r : NULL;
}

static void *resp_number(const redisReadTask *task, long long n)
{
	struct redis_reply *r = resp_place(task);

	if (r)
		*r = (struct redis_reply){.type = REDIS_NUMBER, .number = n};
	return r;
}

static void *resp_nil(const redisReadTask *task)
{
	struct redis_reply *r = resp_place(task);

	if (r)
		*r = (struct redis_reply){.type = REDIS_NIL};
	return r;
}

/* The arena does it. */
static void resp_free(void *object)
{
	(void)object;
}

static redisReplyObjectFunctions resp_functions = {.createString = resp_text,
    .createArray = resp_array,
    .createInteger = resp_number,
    .createNil = resp_nil,
    .freeObject = resp_free};

struct redis_resp *redis_resp_new(void)
{
	struct redis_resp *p = calloc(1, sizeof *p);

	if (p)
		p->reader = redisReaderCreateWithFunctions(&resp_functions);
	if (!p || !p->reader) {
		free(p);
		return NULL;
	}
	p->reader->privdata = p;
	return p;
}

void redis_resp_free(struct redis_resp *p)
{
	if (!p)
		return;
	redisReaderFree(p->reader);
	free(p);
}

void redis_resp_expect(struct redis_resp *p, struct redis_answer *a, size_t limit)
{
	p->answer = a;
	p->done = 0;
	p->room = limit;
}

/* The reader's own words may quote the bytes that it stumbled over: ours serve instead. */
static enum err resp_refuse(const struct redis_resp *p, struct errbuf *eb)
{
	/* an object that did not fit is "out of memory" to the reader */
	if (p->reader->err == REDIS_ERR_OOM)
		return err_set(eb, ERR_LIMIT, "the answer is larger or deeper than is allowed");
	return err_set(eb, ERR_CORRUPT, "the answer is not in Redis' protocol");
}

enum err redis_resp_feed(
    struct redis_resp *p, const char *bytes, size_t len, bool *done, struct errbuf *eb)
{
	void *object;

	*done = false;
	if (!p->answer)
		return err_set(eb, ERR_CORRUPT, "an answer came that nobody had asked for");
	if (len > p->room)
		return err_set(eb, ERR_LIMIT, "the answer is larger than is allowed");
	p->room -= len;
	if (redisReaderFeed(p->reader, bytes, len) != REDIS_OK)
		return resp_refuse(p, eb);
	while (p->done < p->answer->n) {
		object = NULL;
		if (redisReaderGetReply(p->reader, &object) != REDIS_OK)
			return resp_refuse(p, eb);
		if (!object)
			return ERR_OK; /* more must come */
		p->done++;
	}
	if (p->reader->len > p->reader->pos)
		return err_set(eb, ERR_CORRUPT, "more answers came than were asked for");
	p->answer = NULL;
	*done = true;
	return ERR_OK;
}
