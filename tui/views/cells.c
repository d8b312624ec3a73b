#include "config.h"
#include "tui/views/cells.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

void cell_member(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	const char *text = answer_text(r->json, member);
	char n[FORMAT_SIZE];
	int64_t number;

	(void)c;
	if (!*text && json_node_int(json_node_path(r->json, member), &number))
		text = format_full(n, number);
	snprintf(out->text, sizeof out->text, "%s", text);
}

void cell_text(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	cell_member(c, r, member, out);
	if (!out->text[0])
		memcpy(out->text, "-", 2);
}

char *cell_count_of(struct json_node node, const char *member, char *buf)
{
	int64_t n;

	return format_count(buf, json_node_int(json_node_path(node, member), &n) ? n : -1);
}

void cell_count(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	char n[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", cell_count_of(r->json, member, n));
}

void cell_clock(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	int64_t at = answer_int(r->json, member) / 1000;
	char clock[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", at ? format_clock(clock, at) : "-");
}

void cell_seconds(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	(void)c;
	snprintf(out->text, sizeof out->text, "%.1fs", answer_real(r->json, member) / 1000);
}

void cell_day(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	char day[FORMAT_SIZE];

	(void)c;
	snprintf(out->text, sizeof out->text, "%s", format_date(day, answer_time(r->json, member)));
}

void cell_ago(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	char ago[FORMAT_SIZE];

	snprintf(out->text, sizeof out->text, "%s",
	    format_ago(ago, answer_time(r->json, member), c->now));
}

void cell_length(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	char length[FORMAT_SIZE];
	int64_t s;

	(void)c;
	snprintf(out->text, sizeof out->text, "%s",
	    format_length(length, json_node_int(json_node_path(r->json, member), &s) ? s : -1));
}

void cell_tag(
    const struct view_ctx *c, const struct table_row *r, const char *member, struct table_cell *out)
{
	cell_text(c, r, member, out);
	if (out->text[0] != '-')
		out->text[strcspn(out->text, "-")] = 0;
}

bool cell_number(const struct table_row *r, const char *member, double *out)
{
	return json_node_real(json_node_path(r->json, member), out);
}
