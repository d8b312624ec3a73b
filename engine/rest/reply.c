/* From a finished call to a response of libmicrohttpd. */
#include "config.h"
#include "engine/rest/server_parts.h"
#include "engine/base/clock.h"

#include <stdio.h>
#include <string.h>

/* MHD copies the answer only when asked to; the text belongs to the response from here on. */
static struct MHD_Response *reply_response(struct rest_call *c)
{
	char no_memory[] = "{\"error\":\"out of memory\"}\n";
	char *text = c->text;

	c->text = NULL;
	if (text)
		return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	c->status = 500;
	return MHD_create_response_from_buffer(
	    sizeof no_memory - 1, no_memory, MHD_RESPMEM_MUST_COPY);
}

static void reply_headers(const struct rest_call *c, struct MHD_Response *response)
{
	char seconds[24];

	MHD_add_response_header(
	    response, MHD_HTTP_HEADER_CONTENT_TYPE, c->type ? c->type : "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (c->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, c->allow);
	if (c->status == 401)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (c->retry_after_s) {
		snprintf(seconds, sizeof seconds, "%lld", (long long)c->retry_after_s);
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
}

enum MHD_Result reply_queue(struct rest_request *q)
{
	struct rest_call *c = &q->call;
	struct MHD_Response *response = reply_response(c);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	reply_headers(c, response);
	result = MHD_queue_response(q->connection, (unsigned)c->status, response);
	MHD_destroy_response(response);
	log_at(q->rest->log, LOG_DEBUG, "rest", 0, "%.16s %.200s %d, %lld ms", c->method, c->path,
	    c->status, (long long)(clock_mono_ms() - q->began_ms));
	return result;
}
