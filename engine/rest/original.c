/* The routes of the original that are neither a list nor a job by name: its forms, checked. */
#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/upload.h"
#include "engine/base/text.h"
#include "engine/engine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ORIGINAL_LIMIT = 1000, ORIGINAL_LIMIT_MOST = 100000000, ORIGINAL_SOURCE = 50 };

/* ---- POST /api/legacy-fetch-metadata ---- */

static void original_fetch_start(struct rest_call *c, const json_t *ids, int64_t limit)
{
	json_t *params = json_pack("{s:O*,s:I}", "channel_ids", json_array_size(ids) ? ids : NULL,
	    "limit", (json_int_t)limit);
	char *text = params ? json_dumps(params, JSON_COMPACT) : NULL;
	struct command command = {
	    .action = c->route->action, .job_type = "metadata_fetch", .params_json = text};
	struct command_reply reply;
	struct str message;

	str_init(&message, 256);
	str_addf(&message, "Legacy metadata fetch started for up to %" PRId64 " channels", limit);
	if (!text)
		rest_reply_error(c, 503, "out of memory");
	else if (rest_command(c, &command, &reply))
		rest_reply_json(c, 200, rest_started(&reply, str_get(&message)));
	str_done(&message);
	free(text);
	json_decref(params);
}

void rest_legacy_fetch(struct rest_call *c)
{
	json_t *body = rest_body_object(c);
	const json_t *ids = json_object_get(body, "channel_ids");
	int64_t limit = ORIGINAL_LIMIT;

	if (!body)
		return;
	if (ids && !json_is_null(ids) && !json_is_array(ids))
		rest_reply_error(c, 400, "channel_ids must be an array of channel ids");
	else if (rest_body_int(c, body, "limit", 1, ORIGINAL_LIMIT_MOST, &limit))
		original_fetch_start(c, ids, limit);
	json_decref(body);
}

/* ---- what is done at once ---- */

static void original_sample(struct rest_call *c, enum engine_sample which)
{
	struct errbuf eb = {.code = ERR_OK};

	rest_reply_text(c, engine_sample_json(c->engine, which, &eb), &eb);
}

void rest_sample_metadata(struct rest_call *c)
{
	original_sample(c, ENGINE_SAMPLE_METADATA);
}

void rest_sample_videos(struct rest_call *c)
{
	original_sample(c, ENGINE_SAMPLE_VIDEOS);
}

/* ---- POST /api/bulk-add-channels ---- */

/* A word for a column of 50 characters. */
static bool original_source_fits(const char *source)
{
	size_t len = strlen(source), characters = 0;
	uint32_t code;

	for (size_t at = 0; at < len; characters++) {
		size_t n = text_utf8_next(source + at, len - at, &code);
		at += n ? n : 1;
	}
	return characters <= ORIGINAL_SOURCE && text_is_clean(source, len) &&
	       !strpbrk(source, "\n\t");
}

static void original_take(struct rest_call *c, struct rest_upload *u)
{
	const struct rest_scan *scan = rest_upload_scan(u);
	struct errbuf eb = {.code = ERR_OK};
	char *source = NULL;

	if (rest_upload_end(u, &eb) || rest_scan_source(scan, &source, &eb))
		rest_reply_fault(c, eb.code, &eb);
	else if (scan->channels_else || (scan->bytes && !scan->is_object))
		rest_reply_error(c, 400,
		    "send a JSON object whose channels is an array of objects, such as "
		    "{\"channels\": [{\"channel_id\": \"UC…\", \"title\": \"…\"}]}");
	else if (!scan->items)
		rest_reply_error(c, 400, "No channels data provided");
	else if (source && !original_source_fits(source))
		rest_reply_error(
		    c, 400, "source must be a text of at most %d characters", ORIGINAL_SOURCE);
	else
		rest_reply_text(c,
		    engine_intake_json(c->engine, rest_upload_path(u),
		        source && *source ? source : "bulk_upload", &eb),
		    &eb);
	free(source);
}

void rest_bulk_add(struct rest_call *c)
{
	struct rest_upload *own = NULL, *u = c->upload;
	struct errbuf eb = {.code = ERR_OK};
	enum err err = ERR_OK;

	if (!u) { /* the body came in memory */
		err = rest_upload_new(&own, engine_data_dir(c->engine), &eb);
		u = own;
		if (!err)
			err = rest_upload_add(u, c->body ? c->body : "", c->body_len, &eb);
	}
	if (err)
		rest_reply_fault(c, err, &eb);
	else
		original_take(c, u);
	rest_upload_free(own);
}
