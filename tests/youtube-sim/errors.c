#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "errors.h"

#include "jsonw.h"

#define DAILY "The quota will be reset at midnight Pacific Time (PT). "
#define QUOTA(metric, limit)                                             \
	"Quota exceeded for quota metric '" metric "' and limit '" limit \
	"' of service 'youtube.googleapis.com' for consumer 'project_number:{project}'."
#define CONSOLE                                                                  \
	"https://console.developers.google.com/apis/api/youtube.googleapis.com/" \
	"overview?project={project}"
#define PROCESSING                                                                        \
	"The API server failed to successfully process the request. While this can be a " \
	"transient error, "                                                               \
	"it usually indicates that the request's input is invalid."
#define DISABLED                                                                                \
	"YouTube Data API v3 has not been used in project {project} before or it is disabled. " \
	"Enable it by "                                                                         \
	"visiting " CONSOLE                                                                     \
	" then retry. If you enabled this API recently, wait a few minutes for the action to "  \
	"propagate to our systems and retry."
#define METRIC "youtube.googleapis.com/"

static const struct error_def table[] = {
    /* quota and speed */
    {"quotaExceeded", 403, "quotaExceeded", "youtube.quota", NULL,
        "The request cannot be completed because you "
        "have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",
        .flags = 0},
    {"dailyLimitExceeded", 403, "dailyLimitExceeded", "usageLimits", NULL,
        "Daily Limit Exceeded. " DAILY
        "You may monitor your quota usage and adjust limits in the API Console.",
        .flags = 0},
    {"rateLimitExceeded403", 403, "rateLimitExceeded", "usageLimits", NULL, "Rate Limit Exceeded",
        .flags = 0},
    {"userRateLimitExceeded", 403, "userRateLimitExceeded", "usageLimits", NULL,
        "User Rate Limit Exceeded. Rate of "
        "requests for user exceed configured project quota, you may consider re-evaluating "
        "expected per-user "
        "traffic to the API and adjust project quota limits accordingly.",
        .flags = 0},
    {"servingLimitExceeded", 403, "servingLimitExceeded", "usageLimits", NULL,
        "Serving Limit Exceeded", .flags = 0},
    {"concurrentLimitExceeded", 403, "concurrentLimitExceeded", "usageLimits", NULL,
        "Concurrent Limit Exceeded", .flags = 0},
    {"429minute", 429, "rateLimitExceeded", "global", "RESOURCE_EXHAUSTED",
        QUOTA("Queries", "Queries per minute"), "RATE_LIMIT_EXCEEDED", NULL, NULL,
        "defaultPerMinutePerProject", METRIC "default", "1/min/{project}", ERROR_CONSUMER},
    {"429day", 429, "rateLimitExceeded", "global", "RESOURCE_EXHAUSTED",
        QUOTA("Queries", "Queries per day"), "RATE_LIMIT_EXCEEDED", NULL, NULL,
        "defaultPerDayPerProject", METRIC "default", "1/d/{project}", ERROR_CONSUMER},
    {"429plain", 429, "rateLimitExceeded", "global", NULL, "Too Many Requests", .flags = 0},
    {"429daytext", 429, "rateLimitExceeded", "global", NULL, QUOTA("Queries", "Queries per day"),
        .flags = 0},
    {"429search", 429, "rateLimitExceeded", "global", "RESOURCE_EXHAUSTED",
        QUOTA("Search Queries", "Search Queries per day"), "RATE_LIMIT_EXCEEDED", NULL, NULL,
        "SearchQueriesPerDayPerProject", METRIC "search_queries", "1/d/{project}", ERROR_CONSUMER},
    {"429batchGetStats", 429, "rateLimitExceeded", "global", "RESOURCE_EXHAUSTED",
        QUOTA("Batch Get Stats Queries", "Batch Get Stats Queries per day"), "RATE_LIMIT_EXCEEDED",
        NULL, NULL, "BatchGetStatsPerDayPerProject", METRIC "batch_get_stats", "1/d/{project}",
        ERROR_CONSUMER},
    /* keys and projects */
    {"keyMissing", 403, "forbidden", "global", "PERMISSION_DENIED",
        "The request is missing a valid API key.", .flags = ERROR_UNBILLED},
    {"keyInvalid", 400, "badRequest", "global", "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.", "API_KEY_INVALID",
        .flags = ERROR_UNBILLED},
    {"keyInvalidOld", 400, "keyInvalid", "usageLimits", NULL, "Bad Request",
        .flags = ERROR_UNBILLED},
    {"keyExpired", 400, "badRequest", "global", "INVALID_ARGUMENT",
        "API key expired. Please renew the API key.", "API_KEY_INVALID", .flags = ERROR_UNBILLED},
    {"accessNotConfigured", 403, "accessNotConfigured", "usageLimits", "PERMISSION_DENIED",
        DISABLED, "SERVICE_DISABLED", .flags = ERROR_HELP | ERROR_CONSUMER},
    {"forbiddenReferrer", 403, "forbidden", "global", "PERMISSION_DENIED",
        "Requests from referer <empty> are blocked.", "API_KEY_HTTP_REFERRER_BLOCKED",
        .flags = ERROR_CONSUMER},
    {"ipBlocked", 403, "forbidden", "global", "PERMISSION_DENIED",
        "The provided API key has an IP address "
        "restriction. The originating IP address of the call (192.0.2.1) violates this "
        "restriction.",
        "API_KEY_IP_ADDRESS_BLOCKED", .flags = ERROR_CONSUMER},
    {"ipRefererBlocked", 403, "ipRefererBlocked", "usageLimits", NULL,
        "The request did not specify any referer. "
        "Please ensure that the client is sending referer or use the API Console to remove the "
        "referer "
        "restrictions.",
        .flags = 0},
    {"serviceBlocked", 403, "forbidden", "global", "PERMISSION_DENIED",
        "Requests to this API youtube method "
        "youtube.api.v3.V3DataChannelService.List are blocked.",
        "API_KEY_SERVICE_BLOCKED", .flags = ERROR_CONSUMER},
    {"suspended", 403, "forbidden", "global", "PERMISSION_DENIED",
        "Permission denied: Consumer "
        "'project_number:{project}' has been suspended.",
        "CONSUMER_SUSPENDED", .flags = ERROR_CONSUMER},
    {"authError", 401, "authError", "global", NULL, "Invalid Credentials", NULL, "Authorization",
        "header", .flags = 0},
    {"loginRequired", 401, "required", "global", NULL, "Login Required.", NULL, "Authorization",
        "header", .flags = 0},
    /* the server's own trouble */
    {"backendError500", 500, "backendError", "global", NULL, "Backend Error", .flags = 0},
    {"backendError503", 503, "backendError", "global", NULL, "Backend Error", .flags = 0},
    {"internalError500", 500, "internalError", "global", "INTERNAL", "Internal error encountered.",
        .flags = 0},
    {"serviceUnavailable503", 503, "SERVICE_UNAVAILABLE", "youtube.CoreErrorDomain", "UNAVAILABLE",
        "The service is currently unavailable.", .flags = 0},
    {"serviceUnavailable403", 403, "SERVICE_UNAVAILABLE", "youtube.CoreErrorDomain",
        "PERMISSION_DENIED", "The service is currently unavailable.", .flags = 0},
    {"processingFailure400", 400, "processingFailure", "youtube.channel", NULL, PROCESSING, NULL,
        "id", "parameter", .flags = 0},
    {"failedPrecondition400", 400, "failedPrecondition", "global", "FAILED_PRECONDITION",
        "Precondition check failed.", .flags = 0},
    {"html500", 500, "", "", NULL, "Server Error", .flags = ERROR_HTML},
    {"html502", 502, "", "", NULL, "Bad Gateway", .flags = ERROR_HTML},
    {"html503", 503, "", "", NULL, "Service Unavailable", .flags = ERROR_HTML},
    {"html504", 504, "", "", NULL, "Gateway Timeout", .flags = ERROR_HTML},
    {"html403", 403, "", "", NULL, "Forbidden", .flags = ERROR_HTML},
    {"empty503", 503, "", "", NULL, "", .flags = ERROR_EMPTY},
    {"notFound", 404, "", "", NULL, "Not Found", .flags = ERROR_HTML | ERROR_UNBILLED},
    {"methodNotAllowed", 405, "", "", NULL, "Method Not Allowed",
        .flags = ERROR_HTML | ERROR_UNBILLED},
    /* the request's own fault */
    {"invalidArgument", 400, "badRequest", "global", "INVALID_ARGUMENT",
        "Request contains an invalid argument.", .flags = 0},
    {"unknownName", 400, "badRequest", "global", "INVALID_ARGUMENT",
        "Invalid JSON payload received. Unknown name "
        "\"{arg}\": Cannot bind query parameter. Field '{arg}' could not be found in request "
        "message.",
        .flags = ERROR_VIOLATION},
    {"badValue", 400, "badRequest", "global", "INVALID_ARGUMENT", "Invalid value at {arg}",
        .flags = ERROR_VIOLATION},
    {"missingFilter", 400, "missingRequiredParameter", "youtube.parameter", NULL,
        "No filter selected. Expected one of: {arg}", NULL, "parameters.", "other", .flags = 0},
    {"missingPart", 400, "missingRequiredParameter", "youtube.parameter", NULL,
        "Missing required parameter: {arg}", NULL, "{arg}", "parameter", .flags = 0},
    {"incompatibleParameters", 400, "incompatibleParameters", "youtube.parameter", NULL,
        "Incompatible parameters specified in the request: {arg}", NULL, "parameters.", "other",
        .flags = 0},
    {"invalidFilters", 400, "invalidFilters", "youtube.parameter", NULL,
        "The request specifies an invalid filter parameter.", NULL, "id", "parameter", .flags = 0},
    {"unknownPart", 400, "unknownPart", "youtube.part", NULL, "{arg}", NULL, "part", "parameter",
        .flags = 0},
    {"invalidParameter", 400, "invalidParameter", "global", NULL, "{arg}", NULL, "maxResults",
        "parameter", .flags = 0},
    {"badFields", 400, "invalidParameter", "global", NULL, "Invalid field selection {arg}", NULL,
        "fields", "parameter", .flags = 0},
    {"invalidPageToken", 400, "invalidPageToken", "youtube.parameter", NULL,
        "The request specifies an invalid page "
        "token.",
        NULL, "pageToken", "parameter", .flags = 0},
    {"channelForbidden", 403, "channelForbidden", "youtube.channel", NULL,
        "The channel specified in the "
        "<code>id</code> parameter does not support the request or the request is not properly "
        "authorized.",
        NULL, "id", "parameter", .flags = 0},
    {"categoryNotFound", 404, "categoryNotFound", "youtube.channel", NULL,
        "The category identified by the "
        "<code>categoryId</code> parameter cannot be found.",
        NULL, "categoryId", "parameter", .flags = 0},
    /* the state of what was asked for */
    {"playlistNotFound", 404, "playlistNotFound", "youtube.playlistItem", NULL,
        "The playlist identified with the request's <code>playlistId</code> parameter cannot be "
        "found.",
        NULL, "playlistId", "parameter", .flags = 0},
    {"videoNotFound", 404, "videoNotFound", "youtube.commentThread", NULL,
        "The video identified by the <code><a "
        "href=\"/youtube/v3/docs/commentThreads/list#videoId\">"
        "videoId</a></code> parameter could not be found.",
        NULL, "videoId", "parameter", .flags = 0},
    {"commentsDisabled", 403, "commentsDisabled", "youtube.commentThread", NULL,
        "The video identified by the <code><a "
        "href=\"/youtube/v3/docs/commentThreads/list#videoId\">"
        "videoId</a></code> parameter has disabled comments.",
        NULL, "videoId", "parameter", .flags = 0},
    {"commentChannelNotFound", 404, "channelNotFound", "youtube.commentThread", NULL,
        "The channel specified in the request cannot be found.", NULL,
        "allThreadsRelatedToChannelId", "parameter", .flags = 0},
    {"subscriptionForbidden", 403, "subscriptionForbidden", "youtube.subscription", NULL,
        "The requester is not allowed to access the requested subscriptions.", .flags = 0},
    {"subscriberNotFound", 404, "subscriberNotFound", "youtube.subscription", NULL,
        "The subscriber identified with the request cannot be found.", .flags = 0},
    {"accountClosed", 403, "accountClosed", "youtube.subscription", NULL,
        "Subscriptions could not be retrieved because the subscriber's account is closed.",
        .flags = 0},
    {"accountSuspended", 403, "accountSuspended", "youtube.subscription", NULL,
        "Subscriptions could not be retrieved because the subscriber's account is suspended.",
        .flags = 0},
    {"playlistChannelNotFound", 404, "channelNotFound", "youtube.playlist", NULL,
        "Channel not found.", NULL, "channelId", "parameter", .flags = 0},
    {"sectionChannelNotFound", 404, "channelNotFound", "youtube.channelSection", NULL,
        "The channel specified in the <code>channelId</code> parameter cannot be found.", NULL,
        "channelId", "parameter", .flags = 0},
    {"partForbidden", 403, "forbidden", "youtube.video", NULL,
        "The request cannot access the owner's details of the video.", NULL, "part", "parameter",
        .flags = 0},
    {"invalidSearchFilter", 400, "invalidSearchFilter", "youtube.search", NULL,
        "The request contains an invalid combination of search filters and/or restrictions. Note "
        "that you must set the <code>type</code> parameter to <code>video</code> if you set a "
        "value "
        "for {arg}.",
        NULL, "type", "parameter", .flags = 0},
};

const struct error_def *errors_find(struct slice name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (slice_equals(name, table[i].name))
			return &table[i];
	return NULL;
}

size_t errors_count(void)
{
	return sizeof table / sizeof table[0];
}

const struct error_def *errors_at(size_t i)
{
	return &table[i];
}

struct blanks {
	const char *project;
	struct slice arg;
};

static void fill(struct out *to, const char *pattern, const struct blanks *b)
{
	static const char project[] = "{project}", arg[] = "{arg}";
	const char *at = pattern;

	while (*at != '\0') {
		if (strncmp(at, project, sizeof project - 1) == 0) {
			out_text(to, b->project);
			at += sizeof project - 1;
		} else if (strncmp(at, arg, sizeof arg - 1) == 0) {
			out_add(to, b->arg.p, b->arg.len);
			at += sizeof arg - 1;
		} else {
			out_char(to, *at++);
		}
	}
}

static void write_filled(
    struct jsonw *w, const char *name, const char *pattern, const struct blanks *b)
{
	struct out text;

	out_init(&text, 65536);
	fill(&text, pattern, b);
	jsonw_outside(w, name, (struct slice){text.data, text.len});
	out_done(&text);
}

static void write_error_item(const struct error_def *e, struct jsonw *w, const struct blanks *b)
{
	if (!jsonw_array(w, "errors"))
		return;
	if (jsonw_object(w, NULL)) {
		write_filled(w, "message", e->message, b);
		jsonw_string(w, "domain", e->domain);
		jsonw_string(w, "reason", e->reason);
		if (e->location != NULL) {
			write_filled(w, "location", e->location, b);
			jsonw_string(w, "locationType", e->location_type);
		}
		if (e->flags & ERROR_HELP)
			jsonw_string(w, "extendedHelp", "https://console.developers.google.com");
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void write_help(struct jsonw *w, const struct blanks *b)
{
	if (!jsonw_object(w, NULL))
		return;
	jsonw_string(w, "@type", "type.googleapis.com/google.rpc.Help");
	if (jsonw_array(w, "links")) {
		if (jsonw_object(w, NULL)) {
			jsonw_string(w, "description", "Google developers console API activation");
			write_filled(w, "url", CONSOLE, b);
			jsonw_object_end(w);
		}
		jsonw_array_end(w);
	}
	jsonw_object_end(w);
}

static void write_info(const struct error_def *e, struct jsonw *w, const struct blanks *b)
{
	if (!jsonw_object(w, NULL))
		return;
	jsonw_string(w, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
	jsonw_string(w, "reason", e->detail);
	jsonw_string(w, "domain", "googleapis.com");
	if (jsonw_object(w, "metadata")) {
		jsonw_string(w, "service", "youtube.googleapis.com");
		if (e->flags & ERROR_CONSUMER)
			write_filled(w, "consumer", "projects/{project}", b);
		if (e->quota_limit != NULL) {
			jsonw_string(w, "quota_limit", e->quota_limit);
			jsonw_string(w, "quota_metric", e->quota_metric);
			jsonw_string(w, "quota_unit", e->quota_unit);
			jsonw_string(w, "quota_location", "global");
		}
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void write_violation(const struct error_def *e, struct jsonw *w, const struct blanks *b)
{
	if (!jsonw_object(w, NULL))
		return;
	jsonw_string(w, "@type", "type.googleapis.com/google.rpc.BadRequest");
	if (jsonw_array(w, "fieldViolations")) {
		if (jsonw_object(w, NULL)) {
			write_filled(w, "description", e->message, b);
			jsonw_object_end(w);
		}
		jsonw_array_end(w);
	}
	jsonw_object_end(w);
}

static void write_page(const struct error_def *e, struct out *out)
{
	out_text(out, "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error ");
	out_u64(out, e->http);
	out_text(out, " (");
	out_text(out, e->message);
	out_text(out, ")</title>\n<p><b>");
	out_u64(out, e->http);
	out_text(out, ".</b> That did not work: ");
	out_text(out, e->message);
	out_text(out, ".\n");
}

void errors_write(const struct error_def *e, struct out *out, bool pretty, bool v2,
    const char *project, struct slice arg)
{
	struct blanks b = {project, arg};
	struct jsonw w;

	if (e->flags & ERROR_EMPTY)
		return;
	if (e->flags & ERROR_HTML) {
		write_page(e, out);
		return;
	}
	jsonw_init(&w, out, pretty, NULL);
	if (!jsonw_object(&w, NULL))
		return;
	if (jsonw_object(&w, "error")) {
		jsonw_number(&w, "code", e->http);
		write_filled(&w, "message", e->message, &b);
		if (!v2)
			write_error_item(e, &w, &b);
		if (e->status != NULL)
			jsonw_string(&w, "status", e->status);
		if ((e->detail != NULL || e->flags & ERROR_VIOLATION) &&
		    jsonw_array(&w, "details")) {
			if (e->flags & ERROR_HELP)
				write_help(&w, &b);
			if (e->flags & ERROR_VIOLATION)
				write_violation(e, &w, &b);
			else
				write_info(e, &w, &b);
			jsonw_array_end(&w);
		}
		jsonw_object_end(&w);
	}
	jsonw_object_end(&w);
	jsonw_end(&w);
}
