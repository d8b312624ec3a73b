/* From a finished call to a response of libmicrohttpd. */
#include "config.h"
#include "engine/rest/server_parts.h"
#include "engine/rest/negotiate.h"
#include "engine/rest/stream.h"
#include "engine/base/gzip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_PACK_FROM = 1024 };

/* ---- streams ---- */

static void reply_pause(void *connection)
{
	MHD_suspend_connection(connection);
}

static void reply_wake(void *connection)
{
	MHD_resume_connection(connection);
}

static ssize_t reply_read(void *arg, uint64_t pos, char *to, size_t max)
{
	struct rest_request *q = arg;
	struct rest_stream *s = q->call.stream;
	bool end = false, broken = false;
	size_t n;

	(void)pos;
	/* before the read: once it has paused, another thread may wake it */
	rest_guard_forgive(q->rest->guard, q->guarded);
	n = s->ops->read(s, to, max, &end, &broken);
	q->sent += (int64_t)n;
	if (broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (end && !n)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n)
		rest_guard_expect(q->rest->guard, q->guarded, (int64_t)n);
	return (ssize_t)n;
}

static struct MHD_Response *reply_stream(struct rest_request *q)
{
	struct rest_stream *s = q->call.stream;

	s->pause = reply_pause;
	s->wake = reply_wake;
	s->connection = q->connection;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, s->block, reply_read, q, NULL);
}

/* ---- texts ---- */

static bool reply_is_cachable(const struct rest_call *c)
{
	return c->status == 200 && c->route && !(c->route->how & REST_LIVE) &&
	       (strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0);
}

/* Notes the ETag; the text goes when the client has it already. */
static void reply_tag(struct rest_request *q)
{
	struct rest_call *c = &q->call;

	if (!reply_is_cachable(c))
		return;
	rest_etag(c->text, strlen(c->text), q->etag, sizeof q->etag);
	if (!c->if_none_match || !rest_etag_matches(c->if_none_match, q->etag))
		return;
	c->status = 304;
	c->text[0] = '\0';
}

/* The response owns the text from here on. */
static struct MHD_Response *reply_text(struct rest_request *q)
{
	char no_memory[] = "{\"error\":\"out of memory\"}\n";
	struct rest_call *c = &q->call;
	size_t len, packed;
	char *text;

	if (!c->text) {
		c->status = 500;
		return MHD_create_response_from_buffer(
		    sizeof no_memory - 1, no_memory, MHD_RESPMEM_MUST_COPY);
	}
	reply_tag(q);
	len = strlen(c->text);
	q->varies = len >= REPLY_PACK_FROM || c->status == 304;
	if (len >= REPLY_PACK_FROM && c->accept_encoding && rest_takes_gzip(c->accept_encoding) &&
	    (text = gzip_pack(c->text, len, &packed)) != NULL) {
		free(c->text);
		c->text = text;
		c->packed = true;
		len = packed;
	}
	q->sent = (int64_t)len;
	text = c->text;
	c->text = NULL;
	return MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
}

/* ---- headers ---- */

static void reply_header(struct MHD_Response *response, const char *name, const char *value)
{
	/* a header that cannot be added for want of memory is left out */
	(void)MHD_add_response_header(response, name, value);
}

static void reply_headers(const struct rest_request *q, struct MHD_Response *response)
{
	const struct rest_call *c = &q->call;
	char text[96];

	if (c->status != 304)
		reply_header(
		    response, MHD_HTTP_HEADER_CONTENT_TYPE, c->type ? c->type : "application/json");
	reply_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, q->etag[0] ? "no-cache" : "no-store");
	/* pages are plain; nobody may frame them or guess another type */
	reply_header(response, "X-Content-Type-Options", "nosniff");
	if (q->etag[0])
		reply_header(response, MHD_HTTP_HEADER_ETAG, q->etag);
	if (q->varies)
		reply_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	if (c->packed)
		reply_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (c->allow)
		reply_header(response, MHD_HTTP_HEADER_ALLOW, c->allow);
	if (c->status == 401)
		reply_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (c->replayed)
		reply_header(response, "Idempotent-Replayed", "true");
	if (c->retry_after_s) {
		snprintf(text, sizeof text, "%lld", (long long)c->retry_after_s);
		reply_header(response, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	if (c->file[0]) {
		snprintf(text, sizeof text, "attachment; filename=\"%s\"", c->file);
		reply_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, text);
	}
}

enum MHD_Result reply_queue(struct rest_request *q)
{
	struct rest_call *c = &q->call;
	struct MHD_Response *response = c->stream ? reply_stream(q) : reply_text(q);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	reply_headers(q, response);
	q->answered = true;
	atomic_fetch_add(&q->rest->replies[(c->status / 100 - 1) % REST_CLASSES], 1);
	rest_guard_expect(q->rest->guard, q->guarded, q->sent);
	result = MHD_queue_response(q->connection, (unsigned)c->status, response);
	MHD_destroy_response(response);
	return result;
}
