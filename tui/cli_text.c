#include "config.h"
#include "tui/cli_text.h"
#include "engine/base/clock.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>

char *cli_duration(int64_t seconds, char *buf)
{
	long long s = seconds < 0 ? 0 : seconds;

	if (s < 3600)
		snprintf(buf, CLI_TIME_SIZE, "%02lld:%02lld", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, CLI_TIME_SIZE, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, CLI_TIME_SIZE, "%lld d %02lld:%02lld", s / 86400, s / 3600 % 24,
		    s / 60 % 60);
	return buf;
}

char *cli_when(int64_t utc_s, char *buf)
{
	struct clock_date d = clock_date_from(utc_s);

	if (utc_s)
		snprintf(buf, CLI_TIME_SIZE, "%04" PRId64 "-%02d-%02d %02d:%02dZ", d.year, d.month,
		    d.day, d.hour, d.minute);
	else
		snprintf(buf, CLI_TIME_SIZE, "-");
	return buf;
}

void cli_add_json(struct str *out, const char *text, size_t len)
{
	struct str clean;

	str_init(&clean, 3 * len + 1);
	text_clean(text, len, &clean);
	text_add_json(out, str_get(&clean), clean.len);
	if (clean.err && !out->err)
		out->err = clean.err;
	str_done(&clean);
}

int64_t cli_json_int(struct json_node node, const char *name, int64_t fallback)
{
	int64_t n;

	return json_node_int(json_node_get(node, name), &n) ? n : fallback;
}

double cli_json_real(struct json_node node, const char *name)
{
	double d;

	return json_node_real(json_node_get(node, name), &d) ? d : 0;
}

void cli_json_text(struct json_node node, const char *name, struct str *out)
{
	const char *text;
	size_t len;

	if (json_node_text(json_node_get(node, name), &text, &len))
		text_clean(text, len, out);
}
