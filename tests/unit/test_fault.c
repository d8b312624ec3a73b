#include "config.h"
#include "tests/unit/recorded.h"
#include "engine/youtube/fault.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fixture {
	const char *file;
	int status;
	enum fault fault;
	const char *reason;
	const char *message; /* its beginning */
} fixtures[] = {
    {"fsyt-channels-401-002", 401, FAULT_KEY, "authError", "Invalid Credentials"},
    {"fsyt-commentThreads-400-001", 400, FAULT_REQUEST, "missingRequiredParameter",
        "No filter selected. Expected one of: id, idParam"},
    {"fsyt-subscriptions-403-003", 403, FAULT_TARGET, "subscriptionForbidden",
        "The requester is not allowed to access the requested subscriptions."},
    {"issue-400-INVALID_ARGUMENT", 400, FAULT_REQUEST, "badRequest",
        "Request contains an invalid argument."},
    {"issue-400-failedPrecondition", 400, FAULT_PARK, "failedPrecondition",
        "Precondition check failed."},
    {"issue-400-invalidChannelId-search", 400, FAULT_REQUEST, "invalidChannelId",
        "Invalid channel."},
    {"issue-400-missingRequiredParameter-videos", 400, FAULT_REQUEST, "missingRequiredParameter",
        "No filter selected. Expected one of: myRating, id, chart"},
    {"issue-400-processingFailure-comment", 400, FAULT_PARK, "processingFailure",
        "The API server failed to successfully process the request."},
    {"issue-400-processingFailure-commentThread", 400, FAULT_PARK, "processingFailure",
        "The API server failed to successfully process the request. While this can be a transient "
        "error, it usually indicates that the request's input is invalid. Check the structure of "
        "the commentThread resource"},
    {"issue-400-unknownPart", 400, FAULT_REQUEST, "unknownPart", "statistics"},
    {"issue-403-accessNotConfigured-old", 403, FAULT_PROJECT, "accessNotConfigured",
        "Access Not Configured. YouTube Data API has not been used in project 557089562746"},
    {"issue-403-commentsDisabled", 403, FAULT_TARGET, "commentsDisabled",
        "The video identified by the videoId parameter has disabled comments."},
    {"issue-403-dailyLimitExceeded", 403, FAULT_BUCKET_SPENT, "dailyLimitExceeded",
        "Daily Limit Exceeded. The quota will be reset at midnight Pacific Time (PT)."},
    {"issue-403-quotaExceeded", 403, FAULT_BUCKET_SPENT, "quotaExceeded",
        "The request cannot be completed because you have exceeded your quota."},
    {"issue-404-channelNotFound-playlists", 404, FAULT_TARGET, "channelNotFound",
        "Channel not found."},
    {"issue-404-playlistNotFound", 404, FAULT_TARGET, "playlistNotFound",
        "The playlist identified with the request's playlistId parameter cannot be found."},
    {"issue-429-rateLimitExceeded-perday-uploads", 429, FAULT_BUCKET_SPENT, "rateLimitExceeded",
        "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day'"},
    {"issue-500-backendError", 500, FAULT_SERVER, "backendError", "Backend Error"},
    {"issue-503-backendError", 503, FAULT_SERVER, "backendError", "Backend Error"},
    {"joostlek-youtube_not_activated", 403, FAULT_PROJECT, "SERVICE_DISABLED",
        "YouTube Data API v3 has not been used in project 69696969 before"},
    {"quoted-400-API_KEY_INVALID", 400, FAULT_KEY, "API_KEY_INVALID",
        "API key not valid. Please pass a valid API key."},
    {"quoted-403-referrer-blocked", 403, FAULT_KEY, "API_KEY_HTTP_REFERRER_BLOCKED",
        "Requests from referer <empty> are blocked."},
    {"quoted-429-search-queries-per-day", 429, FAULT_BUCKET_SPENT, "RATE_LIMIT_EXCEEDED",
        "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day'"},
};

enum { N_FIXTURES = sizeof fixtures / sizeof fixtures[0] };

static void test_fixtures(void **state)
{
	char path[512];

	(void)state;
	for (size_t i = 0; i < N_FIXTURES; i++) {
		const struct fixture *want = &fixtures[i];
		struct fault_info f;
		size_t len = 0;
		char *body;

		recorded_path(path, sizeof path, "errors", want->file, ".json");
		body = recorded_read(path, &len);
		if (!body) {
			print_message("skipped: %s is not there\n", path);
			skip();
		}
		fault_classify(want->status, body, len, &f);
		assert_string_equal(fault_word(f.fault), fault_word(want->fault));
		assert_string_equal(f.reason, want->reason);
		assert_memory_equal(f.message, want->message, strlen(want->message));
		assert_int_equal(f.status, want->status);
		free(body);
	}
}

/* A body that is added to the folder must be added to the table, too. */
static void test_no_fixture_left_out(void **state)
{
	char path[512];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)state;
	recorded_path(path, sizeof path, "errors", "", "");
	d = opendir(path);
	if (!d) {
		print_message("skipped: %s is not there\n", path);
		skip();
	}
	while ((e = readdir(d)) != NULL)
		n += strstr(e->d_name, ".json") != NULL;
	closedir(d);
	assert_int_equal(n, N_FIXTURES);
}

#define OLD(reason, message)                                             \
	"{\"error\":{\"errors\":[{\"domain\":\"d\",\"reason\":\"" reason \
	"\",\"message\":\"" message "\"}],\"message\":\"" message "\"}}"
#define NEW(old, detail, meta, message)                                              \
	"{\"error\":{\"message\":\"" message "\",\"errors\":[{\"reason\":\"" old     \
	"\"}],\"status\":\"S\",\"details\":[{\"@type\":\"x\"},{\"reason\":\"" detail \
	"\",\"metadata\":{" meta "}}]}}"

static const struct {
	int status;
	const char *body;
	enum fault fault;
	const char *reason;
} made[] = {
    /* keys */
    {400, OLD("keyInvalid", "Bad Request"), FAULT_KEY, "keyInvalid"},
    {400, OLD("badRequest", "API key not valid. Please pass a valid API key."), FAULT_KEY,
        "keyInvalid"},
    {400, OLD("badRequest", "API key expired. Please renew the API key."), FAULT_KEY, "keyExpired"},
    {400, OLD("badRequest", "API Key not found. Please pass a valid API key."), FAULT_KEY,
        "keyInvalid"},
    {400, NEW("badRequest", "API_KEY_EXPIRED", "", "x"), FAULT_KEY, "API_KEY_EXPIRED"},
    {401, OLD("required", "Login Required"), FAULT_KEY, "required"},
    {401, "", FAULT_KEY, "http401"},
    {403, OLD("dailyLimitExceededUnreg", "Daily Limit for Unauthenticated Use"), FAULT_KEY,
        "dailyLimitExceededUnreg"},
    {403, OLD("forbidden", "The request is missing a valid API key."), FAULT_KEY, "keyMissing"},
    {403, OLD("ipRefererBlocked", "blocked"), FAULT_KEY, "ipRefererBlocked"},
    {403, NEW("forbidden", "API_KEY_IP_ADDRESS_BLOCKED", "", "x"), FAULT_KEY,
        "API_KEY_IP_ADDRESS_BLOCKED"},
    {403, NEW("forbidden", "API_KEY_SERVICE_BLOCKED", "", "x"), FAULT_KEY,
        "API_KEY_SERVICE_BLOCKED"},
    {403, OLD("forbidden", "Requests from referer <empty> are blocked."), FAULT_KEY, "keyBlocked"},
    /* projects */
    {403, NEW("forbidden", "CONSUMER_SUSPENDED", "", "x"), FAULT_PROJECT, "CONSUMER_SUSPENDED"},
    {403, OLD("forbidden", "Permission denied: Consumer has been suspended."), FAULT_PROJECT,
        "projectSuspended"},
    {403, OLD("channelSuspended", "The channel has been suspended."), FAULT_TARGET,
        "channelSuspended"},
    /* limits: slower or tomorrow */
    {403, OLD("rateLimitExceeded", "Rate Limit Exceeded"), FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {403, OLD("userRateLimitExceeded", "x"), FAULT_SLOW_DOWN, "userRateLimitExceeded"},
    {403, OLD("servingLimitExceeded", "x"), FAULT_SLOW_DOWN, "servingLimitExceeded"},
    {403, OLD("concurrentLimitExceeded", "x"), FAULT_SLOW_DOWN, "concurrentLimitExceeded"},
    {429, OLD("rateLimitExceeded", "Too many"), FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {429, OLD("rateLimitExceeded", "limit 'Queries per minute' of service"), FAULT_SLOW_DOWN,
        "rateLimitExceeded"},
    {429,
        NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED", "\"quota_unit\":\"1/min/{project}\"", "x"),
        FAULT_SLOW_DOWN, "RATE_LIMIT_EXCEEDED"},
    {429,
        NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED", "\"quota_unit\":\"1/min/{project}/{user}\"",
            "per day"),
        FAULT_SLOW_DOWN, "RATE_LIMIT_EXCEEDED"},
    {429, NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED", "\"quota_unit\":\"1/d/{project}\"", "x"),
        FAULT_BUCKET_SPENT, "RATE_LIMIT_EXCEEDED"},
    {429,
        NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED",
            "\"quota_limit\":\"SearchQueriesPerDayPerProject\"", "x"),
        FAULT_BUCKET_SPENT, "RATE_LIMIT_EXCEEDED"},
    {429,
        NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED",
            "\"quota_limit\":\"defaultPerMinutePerProject\"", "x"),
        FAULT_SLOW_DOWN, "RATE_LIMIT_EXCEEDED"},
    {429, "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\",\"message\":\"x per day x\"}}",
        FAULT_BUCKET_SPENT, "RESOURCE_EXHAUSTED"},
    {429, OLD("somethingNew", "x"), FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {429, "", FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {429, "<html>Too many</html>", FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {403, NEW("quotaExceeded", "x", "\"quota_unit\":\"1/min/{project}\"", "x"), FAULT_SLOW_DOWN,
        "quotaExceeded"},
    {403, "<html><title>Sorry...</title></html>", FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    /* requests */
    {400, OLD("unexpectedParameter", "x"), FAULT_REQUEST, "unexpectedParameter"},
    {400, OLD("incompatibleParameters", "x"), FAULT_REQUEST, "incompatibleParameters"},
    {400, OLD("invalidFilters", "The request specifies an invalid filter parameter."),
        FAULT_REQUEST, "invalidFilters"},
    {400, OLD("invalidCriteria", "x"), FAULT_REQUEST, "invalidCriteria"},
    {400, "{\"error\":{\"status\":\"INVALID_ARGUMENT\",\"message\":\"x\"}}", FAULT_REQUEST,
        "INVALID_ARGUMENT"},
    {400, OLD("brandNewReason", "x"), FAULT_REQUEST, "brandNewReason"},
    {400, "", FAULT_PARK, "http400"},
    {414, "<html>", FAULT_REQUEST, "http414"},
    {400, OLD("invalidPageToken", "x"), FAULT_PAGE_TOKEN, "invalidPageToken"},
    /* targets and trouble */
    {403, OLD("playlistItemsNotAccessible", "x"), FAULT_TARGET, "playlistItemsNotAccessible"},
    {403, OLD("channelClosed", "x"), FAULT_TARGET, "channelClosed"},
    {403, OLD("accountSuspended", "x"), FAULT_TARGET, "accountSuspended"},
    {403, OLD("forbidden", "Access forbidden."), FAULT_TARGET, "forbidden"},
    {403, OLD("brandNewReason", "x"), FAULT_PARK, "brandNewReason"},
    {403, OLD("SERVICE_UNAVAILABLE", "x"), FAULT_PARK, "SERVICE_UNAVAILABLE"},
    {404, OLD("videoNotFound", "x"), FAULT_TARGET, "videoNotFound"},
    {404, OLD("subscriberNotFound", "x"), FAULT_TARGET, "subscriberNotFound"},
    {404, OLD("brandNewReason", "x"), FAULT_TARGET, "brandNewReason"},
    {404, "<html>nginx</html>", FAULT_SERVER, "http404"},
    {404, "{\"hello\":1}", FAULT_SERVER, "http404"},
    {409, OLD("aborted", "x"), FAULT_SERVER, "aborted"},
    {409, OLD("SERVICE_UNAVAILABLE", "x"), FAULT_SERVER, "SERVICE_UNAVAILABLE"},
    {500, OLD("internalError", "x"), FAULT_SERVER, "internalError"},
    {502, "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>", FAULT_SERVER, "http502"},
    {503, "", FAULT_SERVER, "http503"},
    {504, OLD("forbidden", "x"), FAULT_SERVER, "forbidden"},
    {503, OLD("keyInvalid", "a confused server ends no key"), FAULT_SERVER, "keyInvalid"},
    {302, "<a href=x>moved</a>", FAULT_SERVER, "redirect"},
    {204, "", FAULT_SERVER, "badReply"},
    {0, "", FAULT_SERVER, "noAnswer"},
    {-7, "", FAULT_SERVER, "badReply"},
    {999, "", FAULT_SERVER, "http999"},
    {200, "anything", FAULT_NONE, ""},
    /* odd envelopes */
    {403, "[" OLD("quotaExceeded", "x") "]", FAULT_BUCKET_SPENT, "quotaExceeded"},
    {400, "{\"error\":\"invalid_grant\"}", FAULT_REQUEST, "invalid_grant"},
    {403, "{\"error\":{\"errors\":[5,{\"reason\":7},{\"reason\":\"quotaExceeded\"}]}}",
        FAULT_BUCKET_SPENT, "quotaExceeded"},
    {403, "{\"error\":null}", FAULT_PARK, "http403"},
    {400, OLD("a\\u0007b\\u00e4c d<", "x"), FAULT_REQUEST, "abcd"},
};

static void test_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		struct fault_info f;
		fault_classify(made[i].status, made[i].body, strlen(made[i].body), &f);
		if (f.fault != made[i].fault || strcmp(f.reason, made[i].reason) != 0)
			print_message("%d %s\n", made[i].status, made[i].body);
		assert_string_equal(fault_word(f.fault), fault_word(made[i].fault));
		assert_string_equal(f.reason, made[i].reason);
		assert_int_equal(f.message[0] != '\0', made[i].status != 200);
	}
}

static void check_message(int status, const char *body, const char *want)
{
	struct fault_info f;

	fault_classify(status, body, strlen(body), &f);
	assert_string_equal(f.message, want);
}

static void test_messages(void **state)
{
	(void)state;
	check_message(400,
	    OLD("x", "a \\u003cb\\u003ebold\\u003c/b\\u003e &lt;code&gt; &amp; &#39;q&#x27;"),
	    "a bold <code> & 'q'");
	check_message(400,
	    OLD("x", "see <a href=\\\"/x?a=1\\\" >this</a>,<br/>1 < 2 & 3 > 2 &nope; &#0;"),
	    "see this,1 < 2 & 3 > 2 &nope; &#0;");
	check_message(400, OLD("x", "two\\nlines\\t\\u0000and\\u001b[31m\\u009b controls  "),
	    "two lines and[31m controls");
	check_message(400, OLD("x", "GET /v3?key=AIzaSyA1234567890123456789012345678901x&part=id"),
	    "GET /v3?key=***&part=id");
	check_message(403,
	    OLD("x",
	        "Consumer 'api_key:AIzaSyA1234567890123456789012345678901x' has been suspended."),
	    "Consumer 'api_key:***' has been suspended.");
	check_message(502, "<html><TITLE>Bad &amp; Gateway</TITLE>", "Bad & Gateway");
	check_message(502, "<html>", "HTTP 502 without a readable answer");
	check_message(503, "", "HTTP 503 without a readable answer");
	check_message(403, "{\"error\":{\"errors\":[{\"message\":\"only here\"}]}}", "only here");
}

/* Cut at 255 bytes between characters, and a key is masked before the cut. */
static void test_long_message(void **state)
{
	char body[8192];
	struct fault_info f;
	int n = snprintf(body, sizeof body, "{\"error\":{\"message\":\"");

	(void)state;
	for (int i = 0; i < 600; i++)
		n += snprintf(body + n, sizeof body - (size_t)n, "\xE2\x82\xAC");
	n += snprintf(body + n, sizeof body - (size_t)n, "\"}}");
	fault_classify(400, body, (size_t)n, &f);
	assert_int_equal(strlen(f.message), 255);
	for (size_t i = 0; i < 255; i += 3)
		assert_memory_equal(f.message + i, "\xE2\x82\xAC", 3);
	n = snprintf(body, sizeof body, "{\"error\":{\"message\":\"%0240d", 0);
	n += snprintf(
	    body + n, sizeof body - (size_t)n, " AIzaSyA1234567890123456789012345678901x\"}}");
	fault_classify(400, body, (size_t)n, &f);
	assert_int_equal(strlen(f.message), 244);
	assert_string_equal(f.message + 240, " ***");
	n = snprintf(body, sizeof body, "{\"error\":{\"errors\":[{\"reason\":\"%0300d\"}]}}", 0);
	fault_classify(400, body, (size_t)n, &f);
	assert_int_equal(strlen(f.reason), 63);
}

/* Every beginning of a body: no crash, and never more than the status allows. */
static void test_truncated(void **state)
{
	static const char body[] = NEW("rateLimitExceeded", "RATE_LIMIT_EXCEEDED",
	    "\"quota_unit\":\"1/d/{project}\"", "x \\u003cb\\u003e &amp;");

	(void)state;
	for (size_t n = 0; n < sizeof body - 1; n++) {
		struct fault_info f;
		char *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, body, n);
		fault_classify(429, copy, n, &f);
		assert_int_equal(f.fault, FAULT_SLOW_DOWN);
		assert_string_equal(f.reason, "rateLimitUnnamed");
		free(copy);
	}
}

static void test_torn_and_words(void **state)
{
	struct fault_info f;

	(void)state;
	fault_torn("the reply is <b>no</b> JSON\n key=abc", &f);
	assert_int_equal(f.fault, FAULT_SERVER);
	assert_int_equal(f.status, 200);
	assert_string_equal(f.reason, "badReply");
	assert_string_equal(f.message, "the reply is no JSON key=***");
	assert_string_equal(fault_word(FAULT_NONE), "ok");
	assert_string_equal(fault_word(FAULT_TARGET), "target");
	assert_string_equal(fault_word(FAULT_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures),
	    cmocka_unit_test(test_no_fixture_left_out), cmocka_unit_test(test_made),
	    cmocka_unit_test(test_messages), cmocka_unit_test(test_long_message),
	    cmocka_unit_test(test_truncated), cmocka_unit_test(test_torn_and_words)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
