#include "config.h"
#include "db/redis.h"
#include "engine/base/clock.h"
#include "engine/base/str.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <string.h>

/* The original's key and value: whoever watches for them goes on seeing them. */
#define CHECK_KEY "test_connection_key"
#define CHECK_VALUE "test_value"

/* The line "name:value" of INFO, cut to size and cleaned; "" when it is not there. */
static void info_text(const char *info, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name), n;
	struct str clean;

	*out = '\0';
	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, name_len) != 0 || line[name_len] != ':')
			continue;
		line += name_len + 1;
		str_init(&clean, 1024);
		text_clean(line, strcspn(line, "\r\n"), &clean);
		n = text_utf8_cut(str_get(&clean), clean.len, size - 1);
		memcpy(out, str_get(&clean), n);
		out[n] = '\0';
		str_done(&clean);
		return;
	}
}

static int64_t info_number(const char *info, const char *name, int64_t none)
{
	char text[32];
	int64_t n;

	info_text(info, name, text, sizeof text);
	return str_to_i64(text, 0, INT64_MAX, &n) == ERR_OK ? n : none;
}

static enum err check_info(struct redis *r, struct redis_health *out, struct errbuf *eb)
{
	struct redis_answer *a;
	const char *info;
	enum err err = redis_ask(r, &REDIS_COMMAND("INFO"), &a, eb);

	if (err)
		return err;
	info = redis_reply_text(a->replies);
	info_text(info, "redis_version", out->version, sizeof out->version);
	info_text(info, "used_memory_human", out->memory, sizeof out->memory);
	info_text(info, "maxmemory_policy", out->policy, sizeof out->policy);
	out->clients = info_number(info, "connected_clients", -1);
	out->memory_most = info_number(info, "maxmemory", 0);
	redis_answer_free(a);
	return ERR_OK;
}

/* In one transaction, so that another node's check cannot come between. */
static enum err check_key(struct redis *r, struct errbuf *eb)
{
	const struct redis_command commands[] = {
	    REDIS_COMMAND("SET", CHECK_KEY, CHECK_VALUE, "EX", "60"),
	    REDIS_COMMAND("GET", CHECK_KEY), REDIS_COMMAND("DEL", CHECK_KEY)};
	const struct redis_call call = {
	    .commands = commands, .n = sizeof commands / sizeof commands[0], .all_or_none = true};
	struct redis_answer *a;
	enum err err = redis_call(r, &call, &a, eb);

	for (size_t i = 0; !err && i < a->n; i++)
		err = redis_reply_fault(r, &a->replies[i], NULL, eb);
	if (!err && !redis_reply_is(&a->replies[1], CHECK_VALUE))
		err = err_set(eb, ERR_CORRUPT, "Redis read/write test failed");
	redis_answer_free(a);
	return err;
}

enum err redis_check(struct redis *r, struct redis_health *out, struct errbuf *eb)
{
	enum err err = redis_ask(r, &REDIS_COMMAND("PING"), NULL, eb); /* connects, if need be */
	int64_t began = clock_mono_ms();

	*out = (struct redis_health){.clients = -1};
	if (!err)
		err = redis_ask(r, &REDIS_COMMAND("PING"), NULL, eb);
	out->answer_ms = clock_mono_ms() - began;
	if (!err)
		err = check_key(r, eb);
	if (!err)
		err = check_info(r, out, eb);
	return err;
}
