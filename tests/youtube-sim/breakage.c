#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "breakage.h"

#include <stdlib.h>

#define DEEP_LEVELS 10000
#define SLOW_BYTES_A_SECOND 200
#define STALL_SECONDS 120

static const char huge_head[] =
    "{\"kind\":\"youtube#channelListResponse\",\"etag\":\"x\",\"items\":[{\"kind\":"
    "\"youtube#channel\",\"id\":\"UCxxxxxxxxxxxxxxxxxxxxxA\",\"snippet\":{\"title\":\"";
static const char huge_tail[] = "\"}}]}";

size_t breakage_huge_read(uint64_t at, char *to, size_t max)
{
	const uint64_t head = sizeof huge_head - 1,
	               tail = BREAKAGE_HUGE_BYTES - (sizeof huge_tail - 1);
	size_t n = 0;

	for (; n < max && at < BREAKAGE_HUGE_BYTES; n++, at++)
		to[n] = at < head ? huge_head[at] : at >= tail ? huge_tail[at - tail] : 'x';
	return n;
}

static void replace_body(struct reply *r, struct out *o)
{
	free(r->body);
	r->body = out_take(o, &r->len);
	r->etag[0] = '\0';
}

static void make_deep(struct reply *r)
{
	struct out o;

	out_init(&o, 1 << 20);
	out_text(&o, "{\"kind\":\"youtube#channelListResponse\",\"items\":");
	for (unsigned i = 0; i < DEEP_LEVELS; i++)
		out_char(&o, '[');
	for (unsigned i = 0; i < DEEP_LEVELS; i++)
		out_char(&o, ']');
	out_char(&o, '}');
	replace_body(r, &o);
}

static void make_wrong_types(struct reply *r)
{
	struct out o;

	out_init(&o, 1 << 20);
	if (r->len % 2 == 0)
		out_text(&o, "{\"kind\":7,\"etag\":null,\"pageInfo\":[],\"items\":\"none\"}");
	else
		out_text(&o, "{\"kind\":\"youtube#channelListResponse\",\"etag\":1,\"pageInfo\":{"
		             "\"totalResults\":{}},"
		             "\"items\":[null,1,\"a\",[],{},{\"id\":{\"videoId\":1}},{\"kind\":"
		             "\"youtube#channel\",\"id\":"
		             "\"UCxxxxxxxxxxxxxxxxxxxxxA\",\"snippet\":\"no\",\"statistics\":{"
		             "\"viewCount\":{},"
		             "\"subscriberCount\":[],\"hiddenSubscriberCount\":\"perhaps\","
		             "\"videoCount\":-1.5e400}}]}");
	replace_body(r, &o);
}

/* Syntax errors, or NULs, scattered over the body. */
static void spoil(struct reply *r, char with)
{
	for (size_t i = 20; i < r->len; i += 37)
		r->body[i] = with;
	if (r->len > 0)
		r->body[r->len / 2] = with;
	r->etag[0] = '\0';
}

void breakage_apply(const struct fault *f, struct reply *r)
{
	switch (f->kind) {
	case FAULT_TRUNCATE:
		r->kind = REPLY_HALF;
		break;
	case FAULT_RESET:
		r->kind = REPLY_RESET;
		break;
	case FAULT_SLOW:
		r->kind = REPLY_SLOW;
		r->arg = f->has_arg && f->arg > 0 ? f->arg : SLOW_BYTES_A_SECOND;
		break;
	case FAULT_STALL:
		r->kind = REPLY_STALL;
		r->arg = f->has_arg ? f->arg : STALL_SECONDS;
		break;
	case FAULT_HUGEJSON:
		r->kind = REPLY_HUGE;
		r->etag[0] = '\0';
		break;
	case FAULT_DEEPJSON:
		make_deep(r);
		break;
	case FAULT_WRONGTYPE:
		make_wrong_types(r);
		break;
	case FAULT_BADJSON:
		spoil(r, '}');
		break;
	case FAULT_NULJSON:
		spoil(r, '\0');
		break;
	default:
		break;
	}
}
