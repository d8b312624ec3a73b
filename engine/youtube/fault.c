#include "config.h"
#include "engine/youtube/fault.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FAULT_BODY_MAX = 1 << 20, FAULT_DEPTH = 64, FAULT_NAMES = 16, FAULT_TEXT_MAX = 16 * 1024 };

/* How sure a row is; surer rows are looked at first. */
enum fault_kind {
	KIND_NAMED, /* the reason says it all */
	KIND_WORDS, /* no telling reason, but words in the message */
	KIND_VAGUE  /* a reason that covers several things */
};

/* What a limit is counted by decides between "slower" and "tomorrow". */
enum fault_scope {
	SCOPE_NONE,
	SCOPE_READ,   /* day or minute when the answer says so, else the row's own class */
	SCOPE_UNNAMED /* as above, but an answer that does not say so is named for the ledger */
};

struct fault_row {
	enum fault_kind kind;
	int status;       /* 0: any */
	const char *name; /* reason; or for KIND_WORDS a part of the message */
	enum fault fault;
	enum fault_scope scope;
	const char *as; /* reason to report; NULL: name */
};

#define NAMED(status, name, fault)                                \
	{                                                         \
		KIND_NAMED, status, name, fault, SCOPE_NONE, NULL \
	}
#define LIMIT(name, fault, scope)                       \
	{                                               \
		KIND_NAMED, 0, name, fault, scope, NULL \
	}
#define WORDS(status, part, fault, as)                          \
	{                                                       \
		KIND_WORDS, status, part, fault, SCOPE_NONE, as \
	}
#define VAGUE(status, name, fault)                                \
	{                                                         \
		KIND_VAGUE, status, name, fault, SCOPE_NONE, NULL \
	}

static const struct fault_row fault_rows[] = {
    /* the key */
    NAMED(0, "API_KEY_INVALID", FAULT_KEY),
    NAMED(0, "API_KEY_EXPIRED", FAULT_KEY),
    NAMED(0, "keyInvalid", FAULT_KEY),
    NAMED(0, "keyExpired", FAULT_KEY),
    NAMED(0, "API_KEY_HTTP_REFERRER_BLOCKED", FAULT_KEY),
    NAMED(0, "API_KEY_IP_ADDRESS_BLOCKED", FAULT_KEY),
    NAMED(0, "API_KEY_SERVICE_BLOCKED", FAULT_KEY),
    NAMED(0, "API_KEY_ANDROID_APP_BLOCKED", FAULT_KEY),
    NAMED(0, "API_KEY_IOS_APP_BLOCKED", FAULT_KEY),
    NAMED(0, "ipRefererBlocked", FAULT_KEY),
    NAMED(0, "dailyLimitExceededUnreg", FAULT_KEY),
    NAMED(0, "CREDENTIALS_MISSING", FAULT_KEY),
    NAMED(401, "authError", FAULT_KEY),
    NAMED(401, "required", FAULT_KEY),
    /* the project */
    NAMED(0, "accessNotConfigured", FAULT_PROJECT),
    NAMED(0, "SERVICE_DISABLED", FAULT_PROJECT),
    NAMED(0, "CONSUMER_SUSPENDED", FAULT_PROJECT),
    NAMED(0, "CONSUMER_INVALID", FAULT_PROJECT),
    NAMED(0, "BILLING_DISABLED", FAULT_PROJECT),
    /* limits */
    LIMIT("quotaExceeded", FAULT_BUCKET_SPENT, SCOPE_READ),
    LIMIT("dailyLimitExceeded", FAULT_BUCKET_SPENT, SCOPE_NONE),
    LIMIT("userRateLimitExceeded", FAULT_SLOW_DOWN, SCOPE_READ),
    LIMIT("servingLimitExceeded", FAULT_SLOW_DOWN, SCOPE_READ),
    LIMIT("concurrentLimitExceeded", FAULT_SLOW_DOWN, SCOPE_READ),
    LIMIT("rateLimitExceeded", FAULT_SLOW_DOWN, SCOPE_UNNAMED),
    LIMIT("RATE_LIMIT_EXCEEDED", FAULT_SLOW_DOWN, SCOPE_UNNAMED),
    LIMIT("RESOURCE_EXHAUSTED", FAULT_SLOW_DOWN, SCOPE_UNNAMED),
    /* the request */
    NAMED(0, "invalidPageToken", FAULT_PAGE_TOKEN),
    NAMED(400, "missingRequiredParameter", FAULT_REQUEST),
    NAMED(400, "unexpectedParameter", FAULT_REQUEST),
    NAMED(400, "unknownPart", FAULT_REQUEST),
    NAMED(400, "incompatibleParameters", FAULT_REQUEST),
    NAMED(400, "invalidFilters", FAULT_REQUEST),
    NAMED(400, "invalidCriteria", FAULT_REQUEST),
    NAMED(400, "invalidSearchFilter", FAULT_REQUEST),
    NAMED(400, "invalidChannelId", FAULT_REQUEST),
    NAMED(400, "invalidParameter", FAULT_REQUEST),
    NAMED(400, "playlistIdRequired", FAULT_REQUEST),
    NAMED(400, "playlistOperationUnsupported", FAULT_REQUEST),
    /* trouble that looks like a refusal */
    NAMED(400, "processingFailure", FAULT_PARK),
    NAMED(400, "failedPrecondition", FAULT_PARK),
    NAMED(400, "FAILED_PRECONDITION", FAULT_PARK),
    NAMED(403, "SERVICE_UNAVAILABLE", FAULT_PARK),
    NAMED(409, "SERVICE_UNAVAILABLE", FAULT_SERVER),
    NAMED(409, "aborted", FAULT_SERVER),
    NAMED(0, "backendError", FAULT_SERVER),
    NAMED(0, "internalError", FAULT_SERVER),
    /* the thing asked for */
    NAMED(403, "subscriptionForbidden", FAULT_TARGET),
    NAMED(403, "commentsDisabled", FAULT_TARGET),
    NAMED(403, "playlistForbidden", FAULT_TARGET),
    NAMED(403, "playlistItemsNotAccessible", FAULT_TARGET),
    NAMED(403, "watchHistoryNotAccessible", FAULT_TARGET),
    NAMED(403, "watchLaterNotAccessible", FAULT_TARGET),
    NAMED(403, "channelForbidden", FAULT_TARGET),
    NAMED(403, "channelSectionForbidden", FAULT_TARGET),
    NAMED(403, "channelClosed", FAULT_TARGET),
    NAMED(403, "channelSuspended", FAULT_TARGET),
    NAMED(403, "accountClosed", FAULT_TARGET),
    NAMED(403, "accountSuspended", FAULT_TARGET),
    NAMED(404, "playlistNotFound", FAULT_TARGET),
    NAMED(404, "channelNotFound", FAULT_TARGET),
    NAMED(404, "videoNotFound", FAULT_TARGET),
    NAMED(404, "subscriberNotFound", FAULT_TARGET),
    NAMED(404, "commentNotFound", FAULT_TARGET),
    /* only the message tells */
    WORDS(400, "API key not valid", FAULT_KEY, "keyInvalid"),
    WORDS(400, "API key expired", FAULT_KEY, "keyExpired"),
    WORDS(400, "API key not found", FAULT_KEY, "keyInvalid"),
    WORDS(0, "missing a valid API key", FAULT_KEY, "keyMissing"),
    WORDS(403, "unregistered callers", FAULT_KEY, "keyMissing"),
    WORDS(403, "are blocked", FAULT_KEY, "keyBlocked"),
    WORDS(403, "has been suspended", FAULT_PROJECT, "projectSuspended"),
    WORDS(403, "has not been used in project", FAULT_PROJECT, "accessNotConfigured"),
    {KIND_WORDS, 403, "quota exceeded", FAULT_SLOW_DOWN, SCOPE_UNNAMED, "quotaExceeded"},
    /* said of many things */
    VAGUE(400, "badRequest", FAULT_REQUEST),
    VAGUE(400, "invalid", FAULT_REQUEST),
    VAGUE(400, "INVALID_ARGUMENT", FAULT_REQUEST),
    VAGUE(403, "forbidden", FAULT_TARGET),
    VAGUE(404, "notFound", FAULT_TARGET),
};

/* Nothing known was named: the status must do. The first row that fits counts. */
static const struct fault_default {
	int from, to;
	bool envelope; /* only for an answer that is an error object, not HTML or nothing */
	enum fault fault;
	const char *as; /* NULL: the reason named, else "http" and the status */
} fault_defaults[] = {
    {0, 0, false, FAULT_SERVER, "noAnswer"},
    {1, 299, false, FAULT_SERVER, "badReply"},
    {300, 399, false, FAULT_SERVER, "redirect"},
    {400, 400, true, FAULT_REQUEST, NULL},
    {400, 400, false, FAULT_PARK, NULL},
    {401, 401, false, FAULT_KEY, NULL},
    {403, 403, true, FAULT_PARK, NULL},
    {403, 403, false, FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {404, 404, true, FAULT_TARGET, NULL},
    {410, 410, true, FAULT_TARGET, NULL},
    /* a page of somebody else: a proxy, a wrong base; never a channel's fault */
    {404, 404, false, FAULT_SERVER, NULL},
    {407, 409, false, FAULT_SERVER, NULL},
    {410, 410, false, FAULT_SERVER, NULL},
    {429, 429, false, FAULT_SLOW_DOWN, "rateLimitUnnamed"},
    {400, 499, false, FAULT_REQUEST, NULL},
    {500, INT32_MAX, false, FAULT_SERVER, NULL},
    {INT32_MIN, -1, false, FAULT_SERVER, "badReply"},
};

/* What an answer says about itself; texts are borrowed from the reader. */
struct fault_facts {
	bool envelope;
	int names;
	const char *name[FAULT_NAMES]; /* surest first */
	const char *message;
	size_t message_len;
	const char *unit;  /* quota_unit: "1/d/{project}" */
	const char *limit; /* quota_limit: "defaultPerDayPerProject" */
};

const char *fault_word(enum fault f)
{
	static const char *const words[] = {
#define FAULT_WORD(name, word) [name] = word,
	    FAULT_LIST(FAULT_WORD)
#undef FAULT_WORD
	};

	return (size_t)f < sizeof words / sizeof words[0] ? words[f] : "unknown";
}

/* ---- reading ---- */

static const char *fault_text(struct json_node node, size_t *len)
{
	const char *text;
	size_t n;

	if (!json_node_text(node, &text, len ? len : &n))
		return NULL;
	return text;
}

static void fault_name_add(struct fault_facts *f, struct json_node node)
{
	const char *text = fault_text(node, NULL);

	if (text && *text && f->names < FAULT_NAMES)
		f->name[f->names++] = text;
}

static void fault_read_details(struct fault_facts *f, struct json_node details)
{
	struct json_walk w;
	struct json_node item;

	json_walk_start(&w, details);
	while (json_walk_next(&w, &item, NULL)) {
		fault_name_add(f, json_node_get(item, "reason"));
		if (!f->unit)
			f->unit = fault_text(json_node_path(item, "metadata/quota_unit"), NULL);
		if (!f->limit)
			f->limit = fault_text(json_node_path(item, "metadata/quota_limit"), NULL);
	}
}

static void fault_read(struct fault_facts *f, struct json_node root)
{
	struct json_walk w;
	struct json_node error, item;

	json_walk_start(&w, root);
	if (json_node_type(root) == JSON_NODE_ARRAY && json_walk_next(&w, &item, NULL))
		root = item;
	error = json_node_get(root, "error");
	f->envelope = error.doc != NULL;
	fault_name_add(f, error); /* "error": "invalid_request", as the sign-in servers send it */
	fault_read_details(f, json_node_get(error, "details"));
	json_walk_start(&w, json_node_get(error, "errors"));
	while (json_walk_next(&w, &item, NULL)) {
		fault_name_add(f, json_node_get(item, "reason"));
		if (!f->message)
			f->message = fault_text(json_node_get(item, "message"), &f->message_len);
	}
	fault_name_add(f, json_node_get(error, "status"));
	if (json_node_type(json_node_get(error, "message")) == JSON_NODE_TEXT)
		f->message = fault_text(json_node_get(error, "message"), &f->message_len);
}

/* ---- deciding ---- */

static bool fault_has(const char *text, const char *part)
{
	return text && strcasestr(text, part);
}

static const struct fault_row *fault_find(const struct fault_facts *f, int status)
{
	const struct fault_row *end = fault_rows + sizeof fault_rows / sizeof fault_rows[0];

	for (int kind = KIND_NAMED; kind <= KIND_VAGUE; kind++) {
		int tries = kind == KIND_WORDS ? 1 : f->names;
		for (int i = 0; i < tries; i++)
			for (const struct fault_row *row = fault_rows; row < end; row++) {
				if ((int)row->kind != kind ||
				    (row->status && row->status != status))
					continue;
				if (kind == KIND_WORDS ? fault_has(f->message, row->name)
				                       : strcmp(f->name[i], row->name) == 0)
					return row;
			}
	}
	return NULL;
}

/* FAULT_NONE: the answer does not say by what the limit is counted. */
static enum fault fault_scope_of(const struct fault_facts *f)
{
	static const struct {
		const char *part;
		enum fault fault;
	} words[] = {{"1/d/", FAULT_BUCKET_SPENT}, {"1/min/", FAULT_SLOW_DOWN},
	    {"1/s/", FAULT_SLOW_DOWN}, {"perminute", FAULT_SLOW_DOWN},
	    {"per_minute", FAULT_SLOW_DOWN}, {"per minute", FAULT_SLOW_DOWN},
	    {"persecond", FAULT_SLOW_DOWN}, {"per second", FAULT_SLOW_DOWN},
	    {"100seconds", FAULT_SLOW_DOWN}, {"100 seconds", FAULT_SLOW_DOWN},
	    {"perday", FAULT_BUCKET_SPENT}, {"per_day", FAULT_BUCKET_SPENT},
	    {"per day", FAULT_BUCKET_SPENT}, {"daily limit", FAULT_BUCKET_SPENT}};
	const char *const texts[] = {f->unit, f->limit, f->message};

	for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (fault_has(texts[t], words[i].part))
				return words[i].fault;
	return FAULT_NONE;
}

/* Only plain ASCII comes into a reason, and no key, whatever the other side sent. */
static void fault_set_reason(struct fault_info *out, const char *sent)
{
	size_t n = 0, len = strlen(sent);
	const char *reason;
	struct str masked;

	str_init(&masked, 3 * FAULT_TEXT_MAX);
	text_mask_secrets(sent, len < FAULT_TEXT_MAX ? len : FAULT_TEXT_MAX, &masked);
	for (reason = str_get(&masked); *reason && n + 1 < sizeof out->reason; reason++)
		if ((*reason >= 'a' && *reason <= 'z') || (*reason >= 'A' && *reason <= 'Z') ||
		    (*reason >= '0' && *reason <= '9') || strchr("_-.", *reason))
			out->reason[n++] = *reason;
	out->reason[n] = '\0';
	str_done(&masked);
}

static void fault_set_limit(
    const struct fault_facts *f, const struct fault_row *row, struct fault_info *out)
{
	enum fault said = fault_scope_of(f);

	if (said)
		out->fault = said;
	else if (row->scope == SCOPE_UNNAMED)
		fault_set_reason(out, "rateLimitUnnamed");
}

static void fault_set_default(const struct fault_facts *f, int status, struct fault_info *out)
{
	const struct fault_default *d = fault_defaults;
	enum fault said = status == 429 ? fault_scope_of(f) : FAULT_NONE;

	while (status < d->from || status > d->to || (d->envelope && !f->envelope))
		d++; /* the last rows leave no status out */
	out->fault = said ? said : d->fault;
	if (d->as && !said)
		fault_set_reason(out, d->as);
	else if (f->names)
		fault_set_reason(out, f->name[0]);
	if (!out->reason[0])
		snprintf(out->reason, sizeof out->reason, "http%d", status);
}

static void fault_decide(const struct fault_facts *f, int status, struct fault_info *out)
{
	const struct fault_row *row = fault_find(f, status);

	/* a broken server may say anything: its own trouble comes first */
	if (!row || status >= 500) {
		fault_set_default(f, status, out);
		return;
	}
	out->fault = row->fault;
	fault_set_reason(out, row->as ? row->as : row->name);
	if (row->scope != SCOPE_NONE)
		fault_set_limit(f, row, out);
}

/* ---- the message ---- */

/* Length of the tag at p, 0 when it is none that Google uses: "<empty>" is a word, no tag. */
static size_t fault_tag(const char *p, size_t len)
{
	static const char *const tags[] = {"a", "b", "i", "p", "u", "br", "em", "tt", "li", "ul",
	    "ol", "pre", "code", "span", "strong", "title"};
	size_t i = len > 1 && p[1] == '/' ? 2 : 1, n = 0;
	const char *end = memchr(p, '>', len);

	while (i + n < len &&
	       ((p[i + n] >= 'a' && p[i + n] <= 'z') || (p[i + n] >= 'A' && p[i + n] <= 'Z')))
		n++;
	if (!end || i + n >= len || !strchr(" />\t\n", p[i + n]))
		return 0;
	for (size_t t = 0; t < sizeof tags / sizeof tags[0]; t++)
		if (strlen(tags[t]) == n && strncasecmp(p + i, tags[t], n) == 0)
			return (size_t)(end - p) + 1;
	return 0;
}

static void fault_add_code(struct str *out, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; c >>= 6)
		b[i] = (char)(0x80 | (c & 0x3F));
	b[0] = (char)(n == 1 ? c : lead[n] | c);
	str_add(out, b, n);
}

/* Length of the entity at p, its character appended; 0 when it is none. */
static size_t fault_entity(const char *p, size_t len, struct str *out)
{
	static const struct {
		const char *name;
		uint32_t code;
	} names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
	    {"&apos;", '\''}, {"&nbsp;", ' '}};
	char *end;
	unsigned long code;
	bool hex = len > 3 && (p[2] == 'x' || p[2] == 'X');
	const char *digits = p + (hex ? 3 : 2);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i].name);
		if (len >= n && memcmp(p, names[i].name, n) == 0) {
			fault_add_code(out, names[i].code);
			return n;
		}
	}
	if (len < 4 || p[1] != '#' || !strchr("0123456789abcdefABCDEF", *digits))
		return 0;
	code = strtoul(digits, &end, hex ? 16 : 10); /* the texts end in NUL */
	if (*end != ';' || end - p > 10 || code == 0 || code > 0x10FFFF)
		return 0;
	fault_add_code(out, (uint32_t)code);
	return (size_t)(end - p) + 1;
}

/* Markup out, entities decoded, blanks of any kind as one space. text ends in NUL. */
static void fault_plain(const char *text, size_t len, struct str *out)
{
	size_t i = 0, n;

	while (i < len) {
		if (text[i] == '<' && (n = fault_tag(text + i, len - i)) > 0) {
			i += n;
		} else if (text[i] == '&' && (n = fault_entity(text + i, len - i, out)) > 0) {
			i += n;
		} else if (strchr(" \t\r\n", text[i])) { /* finds a NUL as well */
			if (out->len && str_get(out)[out->len - 1] != ' ')
				str_addc(out, ' ');
			i++;
		} else {
			str_addc(out, text[i++]);
		}
	}
	while (out->len && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
}

static void fault_set_message(struct fault_info *out, const char *text, size_t len)
{
	struct str plain, clean, masked;
	size_t n;

	str_init(&plain, FAULT_TEXT_MAX);
	str_init(&clean, (size_t)3 * FAULT_TEXT_MAX);
	str_init(&masked, (size_t)4 * FAULT_TEXT_MAX);
	fault_plain(text, len, &plain);
	text_clean(str_get(&plain), plain.len, &clean);
	text_mask_secrets(str_get(&clean), clean.len, &masked);
	/* masked before it is cut: half a key would not be known as one */
	n = text_utf8_cut(str_get(&masked), masked.len, sizeof out->message - 1);
	memcpy(out->message, str_get(&masked), n);
	out->message[n] = '\0';
	str_done(&plain);
	str_done(&clean);
	str_done(&masked);
}

/* The title of a page that came instead of JSON, or words of our own. */
static void fault_set_page_message(struct fault_info *out, const char *body, size_t len, int status)
{
	char *copy = len ? str_dup_n(body, len < FAULT_TEXT_MAX ? len : FAULT_TEXT_MAX) : NULL;
	char *from = copy ? strcasestr(copy, "<title>") : NULL;
	char *to = from ? strcasestr(from, "</title>") : NULL;

	if (to) {
		*to = '\0';
		fault_set_message(out, from + 7, (size_t)(to - from) - 7);
	}
	if (!out->message[0])
		snprintf(
		    out->message, sizeof out->message, "HTTP %d without a readable answer", status);
	free(copy);
}

void fault_classify(int status, const char *body, size_t len, struct fault_info *out)
{
	struct json_reader *reader = NULL;
	struct json_node root = {NULL, 0};
	struct fault_facts facts = {0};

	*out = (struct fault_info){.fault = FAULT_NONE, .status = status};
	if (status == 200)
		return;
	if (len && len <= FAULT_BODY_MAX)
		reader = json_reader_new(FAULT_BODY_MAX, FAULT_DEPTH);
	if (reader && json_reader_parse(reader, body, len, &root, NULL) == ERR_OK)
		fault_read(&facts, root);
	fault_decide(&facts, status, out);
	if (facts.message)
		fault_set_message(out, facts.message,
		    facts.message_len < FAULT_TEXT_MAX / 2 ? facts.message_len
		                                           : FAULT_TEXT_MAX / 2);
	if (!out->message[0])
		fault_set_page_message(out, body, root.doc ? 0 : len, status);
	json_reader_free(reader);
}

void fault_torn(const char *why, struct fault_info *out)
{
	*out = (struct fault_info){.fault = FAULT_SERVER, .status = 200};
	fault_set_reason(out, "badReply");
	fault_set_message(out, why, strlen(why));
}
