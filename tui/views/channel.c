/* The page of one channel: its videos, all that is known of it, what it led to, what was done. */
#include "config.h"
#include "tui/views/channel_parts.h"
#include "tui/views/discovery_parts.h"
#include "tui/format.h"

#include <stdio.h>
#include <string.h>

enum { CHANNEL_REFRESH_MS = 5000, CHANNEL_FOOT = 3 };

enum channel_tab { CHANNEL_VIDEOS, CHANNEL_ABOUT, CHANNEL_FOUND, CHANNEL_HISTORY, CHANNEL_TABS };

static void channel_draw_tabs(
    const struct view_ctx *c, struct view_state *st, struct json_node channel, const struct pane *p)
{
	char crumbs[TABLE_ID + 64], videos[FORMAT_SIZE] = "", found[FORMAT_SIZE] = "";
	const char *extra[CHANNEL_TABS] = {[CHANNEL_VIDEOS] = videos, [CHANNEL_FOUND] = found};

	if (channel.doc) {
		format_count(videos, answer_int(channel, "videos_stored"));
		format_count(found, answer_int(channel, "discovered"));
	}
	snprintf(crumbs, sizeof crumbs, "Channels > %s", st->target);
	view_draw_tabs(c, st, p, crumbs, extra);
}

/* ---- below the lists ---- */

/* "video q3Zt0rW1nUQ   category 26   tags 14   comments 3,204", and its link. */
static void foot_video(const struct pane *p, struct json_node video)
{
	char n[2][FORMAT_SIZE];
	struct json_node item;
	struct json_walk walk;
	int64_t tags = 0;

	json_walk_start(&walk, json_node_get(video, "tags"));
	while (json_walk_next(&walk, &item, NULL))
		tags++;
	draw_textf(p, 0, 1, p->at.w - 1, ALIGN_LEFT, ROLE_NORMAL,
	    "video  %s   category %lld   tags %s   comments %s   %s",
	    answer_text(video, "video_id"), (long long)answer_int(video, "category_id"),
	    format_full(n[0], tags), cell_count_of(video, "comment_count", n[1]),
	    answer_text(video, "live_state"));
	draw_textf(p, 1, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF,
	    "https://www.youtube.com/watch?v=%s   c copies it", answer_text(video, "video_id"));
}

/* "found by 2: Linus Tech Tips (youtube_featured), …" */
static void foot_found(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct json_node channel)
{
	const struct resource *r;
	struct json_node item;
	struct json_walk walk;
	struct str path, text;
	char n[FORMAT_SIZE];
	bool first = true;

	str_init(&path, RESOURCE_PATH);
	str_init(&text, TABLE_TEXT * 4);
	channel_path(&path, st->target,
	    "/discoveries?found=by&limit=5&fields=source_channel_id,source_title,discovery_method");
	r = view_get(c, st, CHANNEL_FOUND_BY, 0, "%s", str_get(&path));
	str_addf(&text, "found by %s", format_full(n, answer_int(channel, "found_by")));
	json_walk_start(&walk, json_node_get(r->answer.root, "discoveries"));
	while (json_walk_next(&walk, &item, NULL)) {
		const char *title = answer_text(item, "source_title");
		str_addf(&text, "%s%s (%s)", first ? ": " : ", ",
		    *title ? title : answer_text(item, "source_channel_id"),
		    discovery_word(answer_text(item, "discovery_method")));
		first = false;
	}
	draw_text(p, 0, 1, p->at.w - 1, ALIGN_LEFT, ROLE_NORMAL, str_get(&text));
	draw_text(p, 1, 1, p->at.w - 1, ALIGN_LEFT, ROLE_OFF, "Enter opens the channel of the row");
	str_done(&path);
	str_done(&text);
}

static void channel_draw_foot(
    const struct view_ctx *c, struct view_state *st, const struct pane *p, struct json_node channel)
{
	struct table *t = view_table(st);
	char stored[FORMAT_SIZE], there[FORMAT_SIZE], title[TABLE_TEXT];
	char count[TABLE_TEXT * 5], sort[TABLE_TEXT];
	struct pane in = pane_part(p, (struct rect){1, 0, p->at.h - 1, p->at.w});
	struct table_row row;

	table_count_words(t, count, sizeof count);
	table_sort_words(t, sort, sizeof sort);
	if (st->part == CHANNEL_VIDEOS && !t->filter.len) {
		snprintf(title, sizeof title, "%s stored of %s on YouTube",
		    format_full(stored, answer_int(channel, "videos_stored")),
		    cell_count_of(channel, "video_count", there));
		draw_rule(p, 0, title, sort);
	} else {
		draw_rule(p, 0, count, sort);
	}
	if (in.at.h < 1)
		return;
	if (st->part == CHANNEL_VIDEOS && table_row_at(t, c, st, t->at, &row))
		foot_video(&in, row.json);
	else if (st->part == CHANNEL_FOUND)
		foot_found(c, st, &in, channel);
	else if (st->part == CHANNEL_HISTORY)
		draw_text(
		    &in, 0, 1, in.at.w - 1, ALIGN_LEFT, ROLE_OFF, "Enter opens the job of the row");
}

static void channel_draw(const struct view_ctx *c, struct view_state *st, const struct pane *p)
{
	bool is_short = c->layout->profile == PROFILE_SHORT;
	int foot = is_short ? 1 : CHANNEL_FOOT, y = is_short ? 1 : 2;
	const struct resource *r;
	struct pane list, below;
	struct str path;

	str_init(&path, RESOURCE_PATH);
	channel_path(&path, st->target, "");
	r = view_get(c, st, CHANNEL_ONE, CHANNEL_REFRESH_MS, "%s", str_get(&path));
	str_done(&path);
	channel_draw_tabs(c, st, r->answer.root, p);
	if (view_draw_missing(r, p, y))
		return;
	if (!is_short)
		y = channel_draw_head(c, p, y, r->answer.root) + 1;
	list = pane_part(p, (struct rect){y, 0, p->at.h - y - foot, p->at.w});
	below = pane_part(p, (struct rect){p->at.h - foot, 0, foot, p->at.w});
	channel_about_update(c, st->own, r, p->at.w);
	table_draw(view_table(st), c, st, &list);
	channel_draw_foot(c, st, &below, r->answer.root);
}

static void channel_done(struct view_state *st)
{
	struct channel_own *own = st->own;

	channel_about_free(own->about);
}

static const struct view_part channel_parts_list[CHANNEL_TABS] = {
    [CHANNEL_VIDEOS] = {"Videos", &channel_video_table, ON_VIDEO},
    [CHANNEL_ABOUT] = {"About", &channel_about_table, 0},
    [CHANNEL_FOUND] = {"Discovery", &channel_link_table, 0},
    [CHANNEL_HISTORY] = {"History", &channel_history_table, 0},
};

const struct view_ops view_channel = {
    .keys = channel_keys,
    .name = "channel",
    .parts = channel_parts_list,
    .n_parts = CHANNEL_TABS,
    .tabs = true,
    .on = ON_CHANNEL,
    .own_message = true,
    .own_size = sizeof(struct channel_own),
    .draw = channel_draw,
    .hints = "v videos  m metadata  Tab next  c copy  / filter  o sort  Esc back  ? help  d "
             "discover  D erase",
    .done = channel_done,
};
