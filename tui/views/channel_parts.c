#include "config.h"
#include "tui/views/channel_parts.h"
#include "tui/views/discovery_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { FACT_LABEL = 14 };

/* Adds a text with two blanks behind it; nothing when it is empty. Returns where the next stands. */
static int part(const struct pane *p, int y, int x, enum role role, const char *text)
{
	return *text && x < p->at.w
	           ? x + 2 + draw_text(p, y, x, p->at.w - x, ALIGN_LEFT, role, text)
	           : x;
}

/* "@name" of what stands as "@name" or "name". */
static const char *handle_of(struct json_node channel, char *buf, size_t size)
{
	const char *text = answer_text(channel, "custom_url");

	snprintf(buf, size, "%s%s", *text && *text != '@' ? "@" : "", text);
	return buf;
}

static const char *since_of(struct json_node channel, char *buf)
{
	int64_t at = answer_time(channel, "published_at");

	*buf = 0;
	return at ? format_date(buf, at) : buf;
}

/* When an operation was last done, from the answer's history; 0: never. */
static int64_t done_at(struct json_node channel, const char *op)
{
	struct json_node item;
	struct json_walk walk;

	json_walk_start(&walk, json_node_get(channel, "history"));
	while (json_walk_next(&walk, &item, NULL))
		if (strcmp(answer_text(item, "op"), op) == 0)
			return answer_time(item, "at");
	return 0;
}

/* ---- the head of the page ---- */

int channel_draw_head(
    const struct view_ctx *c, const struct pane *p, int y, struct json_node channel)
{
	static const char *const ops[] = {"metadata", "videos", "discovery"};
	char buf[TABLE_TEXT], day[FORMAT_SIZE], n[3][FORMAT_SIZE];
	int x = 1;

	x = part(p, y, x, ROLE_TITLE, channel_name(channel));
	x = part(p, y, x, ROLE_NORMAL, answer_text(channel, "country"));
	x = part(p, y, x, ROLE_NORMAL, answer_text(channel, "language"));
	x = part(p, y, x, ROLE_NORMAL, handle_of(channel, buf, sizeof buf));
	snprintf(buf, sizeof buf, "%s%s", *since_of(channel, day) ? "since " : "", day);
	part(p, y++, x, ROLE_OFF, buf);
	snprintf(buf, sizeof buf, "%s subs   %s videos   %s views",
	    cell_count_of(channel, "subscriber_count", n[0]),
	    cell_count_of(channel, "video_count", n[1]),
	    cell_count_of(channel, "view_count", n[2]));
	x = part(p, y, 1, ROLE_NORMAL, buf) + 2;
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		int64_t at = done_at(channel, ops[i]);
		format_ago(n[0], at, c->now);
		n[0][strlen(n[0]) > 4 ? strlen(n[0]) - 4 : 0] = 0; /* the same without " ago" */
		snprintf(
		    buf, sizeof buf, "%.8s %s", ops[i], at ? n[0] : answer_text(channel, ops[i]));
		x = part(p, y, x, ROLE_OFF, buf);
	}
	return y + 1;
}

/* ---- below a list ---- */

/* "metadata 13:40Z   videos 50 of 2,640   discovered 8, 3 new   found by 2" */
static void brief_work(
    const struct view_ctx *c, struct json_node row, struct json_node channel, struct str *out)
{
	int64_t at = answer_time(row, "fetched_at"), found = answer_int(channel, "found_by");
	char n[2][FORMAT_SIZE];

	str_addf(
	    out, "metadata %s", at ? format_when(n[0], at, c->now) : answer_text(row, "metadata"));
	if (!channel.doc)
		return;
	str_addf(out, "   videos %s of %s", format_full(n[0], answer_int(channel, "videos_stored")),
	    cell_count_of(channel, "video_count", n[1]));
	str_addf(out, "   discovered %s, %s new",
	    format_full(n[0], answer_int(channel, "discovered")),
	    format_full(n[1], answer_int(channel, "discovered_new")));
	if (found)
		str_addf(out, "   found by %s", format_full(n[0], found));
}

void channel_draw_brief(
    const struct pane *p, const struct view_ctx *c, struct json_node row, struct json_node channel)
{
	char buf[TABLE_TEXT], day[FORMAT_SIZE];
	struct str text;
	int x = 1;

	x = part(p, 0, x, ROLE_TITLE, channel_name(row));
	x = part(p, 0, x, ROLE_NORMAL, handle_of(row, buf, sizeof buf));
	x = part(p, 0, x, ROLE_NORMAL, since_of(row, day));
	snprintf(buf, sizeof buf, "source %s", answer_text(row, "source"));
	part(p, 0, x, ROLE_OFF, buf);
	str_init(&text, TABLE_TEXT);
	brief_work(c, row, channel, &text);
	draw_text(p, 1, 1, p->at.w - 1, ALIGN_LEFT, ROLE_NORMAL, str_get(&text));
	str_done(&text);
}

/* ---- beside a list ---- */

static int fact(const struct pane *p, int y, const char *label, const char *text)
{
	if (!*text || y >= p->at.h)
		return y;
	draw_text(p, y, 1, FACT_LABEL - 2, ALIGN_LEFT, ROLE_OFF, label);
	draw_text(p, y, FACT_LABEL, p->at.w - FACT_LABEL - 1, ALIGN_LEFT, ROLE_NORMAL, text);
	return y + 1;
}

static int fact_count(
    const struct pane *p, int y, const char *label, struct json_node channel, const char *member)
{
	char n[FORMAT_SIZE], full[FORMAT_SIZE], text[2 * FORMAT_SIZE + 8];
	int64_t value;

	if (!json_node_int(json_node_get(channel, member), &value))
		return fact(p, y, label, "-");
	snprintf(text, sizeof text, "%-8s %s", format_count(n, value),
	    value > 9999 ? format_full(full, value) : "");
	return fact(p, y, label, text);
}

/* "13:40Z  J-1042" of an operation in the history. */
static int fact_work(const struct view_ctx *c, const struct pane *p, int y,
    struct json_node channel, const char *op, const char *more)
{
	struct json_node item;
	struct json_walk walk;
	char when[FORMAT_SIZE], text[TABLE_TEXT];

	json_walk_start(&walk, json_node_get(channel, "history"));
	while (json_walk_next(&walk, &item, NULL)) {
		int64_t at = answer_time(item, "at");
		if (strcmp(answer_text(item, "op"), op) != 0)
			continue;
		snprintf(text, sizeof text, "%s%s%.40s  %s  %.60s", more, *more ? "  " : "",
		    at ? format_when(when, at, c->now) : answer_text(item, "state"),
		    answer_text(item, "job"), answer_text(item, "reason"));
		return fact(p, y, op, text);
	}
	return y;
}

int channel_draw_facts(
    const struct view_ctx *c, const struct pane *p, int y, struct json_node channel)
{
	char text[TABLE_TEXT], buf[TABLE_TEXT], n[2][FORMAT_SIZE], day[FORMAT_SIZE];
	int x = part(p, y, 1, ROLE_TITLE, channel_name(channel));

	part(p, y++, x + 2, ROLE_NORMAL, handle_of(channel, buf, sizeof buf));
	snprintf(text, sizeof text, "%.20s  %.20s  %s%s  source %.40s",
	    answer_text(channel, "country"), answer_text(channel, "language"),
	    *since_of(channel, day) ? "since " : "", day, answer_text(channel, "source"));
	part(p, y++, 1, ROLE_OFF, text);
	y++;
	y = fact_count(p, y, "subscribers", channel, "subscriber_count");
	y = fact_count(p, y, "videos", channel, "video_count");
	y = fact_count(p, y, "views", channel, "view_count");
	y++;
	y = fact_work(c, p, y, channel, "metadata", "");
	snprintf(text, sizeof text, "%s stored",
	    format_full(n[0], answer_int(channel, "videos_stored")));
	y = fact_work(c, p, y, channel, "videos", text);
	snprintf(text, sizeof text, "%s found, %s new",
	    format_full(n[0], answer_int(channel, "discovered")),
	    format_full(n[1], answer_int(channel, "discovered_new")));
	y = fact_work(c, p, y, channel, "discovery", text);
	snprintf(text, sizeof text, "%s other channels led here",
	    format_full(n[0], answer_int(channel, "found_by")));
	y = fact(p, y, "found by", answer_int(channel, "found_by") ? text : "");
	return fact(p, y, "imported as", answer_text(channel, "imported_title"));
}

void channel_draw_videos(const struct pane *p, struct json_node answer)
{
	char day[FORMAT_SIZE], length[FORMAT_SIZE], views[FORMAT_SIZE];
	int w = p->at.w - 24, y = 0;
	struct json_node item;
	struct json_walk walk;

	draw_text(p, y, 1, 6, ALIGN_LEFT, ROLE_TITLE, "DAY");
	draw_text(p, y, 7, w, ALIGN_LEFT, ROLE_TITLE, "TITLE");
	draw_text(p, y, p->at.w - 16, 8, ALIGN_RIGHT, ROLE_TITLE, "LENGTH");
	draw_text(p, y++, p->at.w - 7, 6, ALIGN_RIGHT, ROLE_TITLE, "VIEWS");
	json_walk_start(&walk, json_node_get(answer, "videos"));
	while (y < p->at.h && json_walk_next(&walk, &item, NULL)) {
		int64_t s;
		bool known = json_node_int(json_node_get(item, "duration_seconds"), &s);
		format_date(day, answer_time(item, "published_at"));
		draw_text(p, y, 1, 5, ALIGN_LEFT, ROLE_OFF, strlen(day) == 10 ? day + 5 : day);
		draw_text(p, y, 7, w, ALIGN_LEFT, ROLE_NORMAL, answer_text(item, "title"));
		draw_text(p, y, p->at.w - 16, 8, ALIGN_RIGHT, ROLE_NORMAL,
		    format_length(length, known ? s : -1));
		draw_text(p, y++, p->at.w - 7, 6, ALIGN_RIGHT, ROLE_NORMAL,
		    cell_count_of(item, "view_count", views));
	}
	if (y == 1)
		draw_text(
		    p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "none stored: v fetches them");
}

void channel_draw_found(const struct pane *p, struct json_node answer)
{
	int w = p->at.w - 35, y = 0;
	char subs[FORMAT_SIZE];
	struct json_node item;
	struct json_walk walk;

	draw_text(p, y, 1, w, ALIGN_LEFT, ROLE_TITLE, "CHANNEL");
	draw_text(p, y, w + 2, 16, ALIGN_LEFT, ROLE_TITLE, "METHOD");
	draw_text(p, y, w + 19, 4, ALIGN_RIGHT, ROLE_TITLE, "CONF");
	draw_text(p, y, w + 24, 6, ALIGN_RIGHT, ROLE_TITLE, "SUBS");
	draw_text(p, y++, w + 31, 3, ALIGN_LEFT, ROLE_TITLE, "NEW");
	json_walk_start(&walk, json_node_get(answer, "discoveries"));
	while (y < p->at.h && json_walk_next(&walk, &item, NULL)) {
		const char *title = answer_text(item, "discovered_title");
		bool known = answer_bool(item, "already_exists");
		draw_text(p, y, 1, w, ALIGN_LEFT, ROLE_NORMAL,
		    *title ? title : answer_text(item, "discovered_channel_id"));
		draw_text(p, y, w + 2, 16, ALIGN_LEFT, ROLE_NORMAL,
		    discovery_word(answer_text(item, "discovery_method")));
		draw_textf(p, y, w + 19, 4, ALIGN_RIGHT, ROLE_NORMAL, "%.2f",
		    answer_real(item, "confidence_score"));
		draw_text(p, y, w + 24, 6, ALIGN_RIGHT, ROLE_NORMAL,
		    cell_count_of(item, "discovered_subscriber_count", subs));
		draw_text(p, y++, w + 31, 3, ALIGN_LEFT, ROLE_NORMAL, known ? "" : "new");
	}
	if (y == 1)
		draw_text(p, y, 1, p->at.w - 2, ALIGN_LEFT, ROLE_OFF, "nothing was found from it");
}

const struct key_row channel_keys[] = {
    {{'d'}, KEY_CMD_START, 1, "batch_discovery", KEY_GROUP_ACT, "d",
        "look for channels that belong to these", 0},
    {{KEYS_NONE}, KEY_CMD_NONE, 0, NULL, KEY_GROUP_MOVE, NULL, NULL, 0},
};
