#include "config.h"
#include "tui/layout.h"

struct rect rect_clip(struct rect r, struct rect frame)
{
	int bottom = r.y + r.h, right = r.x + r.w;

	if (r.y < frame.y)
		r.y = frame.y;
	if (r.x < frame.x)
		r.x = frame.x;
	if (bottom > frame.y + frame.h)
		bottom = frame.y + frame.h;
	if (right > frame.x + frame.w)
		right = frame.x + frame.w;
	r.h = bottom - r.y;
	r.w = right - r.x;
	if (r.h <= 0 || r.w <= 0)
		return (struct rect){frame.y, frame.x, 0, 0};
	return r;
}

struct rect rect_middle(struct rect frame, int h, int w)
{
	if (h > frame.h)
		h = frame.h;
	if (w > frame.w)
		w = frame.w;
	return (struct rect){frame.y + (frame.h - h) / 2, frame.x + (frame.w - w) / 2, h, w};
}

/* From the largest down. */
static const struct profile_size {
	enum profile profile;
	int w, h;
} layout_sizes[] = {
    {PROFILE_WIDE, 120, 30},
    {PROFILE_NARROW, 80, 24},
    {PROFILE_SHORT, 60, 16},
    {PROFILE_SMALL, 20, 4},
    {PROFILE_NONE, 0, 0},
};

enum { LAYOUT_MESSAGE_LINE = 28 }; /* from this height the message has a line of its own */

void layout_frame(struct layout *l, int w, int h, struct frame_want want)
{
	const struct profile_size *size = layout_sizes;
	int top = 2, bottom;

	while (w < size->w || h < size->h)
		size++;
	*l = (struct layout){.profile = size->profile};
	if (l->profile <= PROFILE_SMALL) {
		l->view = (struct rect){0, 0, h, w};
		return;
	}
	if (want.bare) {
		l->message_shared = true;
		l->view = (struct rect){0, 0, h, w};
		l->message = (struct rect){h - 1, 0, 1, w};
		return;
	}
	l->header = (struct rect){0, 0, 1, w};
	if (l->profile == PROFILE_SHORT)
		top = 1;
	else
		l->tabs = (struct rect){1, 0, 1, w};
	l->message_shared =
	    h < LAYOUT_MESSAGE_LINE && (!want.own_message || l->profile == PROFILE_SHORT);
	bottom = l->message_shared ? h - 1 : h - 2;
	l->view = (struct rect){top, 0, bottom - top, w};
	l->message = (struct rect){h - 2, 0, 1, w};
	l->hints = (struct rect){h - 1, 0, 1, w};
}

/* The part still in that would be the first to go; n when none is. */
static size_t layout_weakest(const struct layout_part *parts, size_t n)
{
	size_t found = n;

	for (size_t i = 0; i < n; i++)
		if (parts[i].got > 0 && (found == n || parts[i].rank > parts[found].rank))
			found = i;
	return found;
}

static int layout_sum(const struct layout_part *parts, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += parts[i].got;
	return sum;
}

/* One more line for every part that wants one, best rank first; returns the lines left. */
static int layout_grow(struct layout_part *parts, size_t n, int spare)
{
	for (int rank = 0; rank < (int)n; rank++)
		for (size_t i = 0; i < n; i++)
			if (spare > 0 && parts[i].rank == rank && parts[i].got > 0 &&
			    parts[i].got < parts[i].wish) {
				parts[i].got++;
				spare--;
			}
	return spare;
}

void layout_share(struct layout_part *parts, size_t n, int h, size_t rest)
{
	int spare, before;
	size_t weakest;

	for (size_t i = 0; i < n; i++)
		parts[i].got = parts[i].wish > 0 ? parts[i].least : 0;
	while (layout_sum(parts, n) > h && (weakest = layout_weakest(parts, n)) < n)
		parts[weakest].got = 0;
	spare = h - layout_sum(parts, n);
	do {
		before = spare;
		spare = layout_grow(parts, n, spare);
	} while (spare > 0 && spare < before);
	if (rest < n && parts[rest].got > 0)
		parts[rest].got += spare;
}

static int at_most(int n, int most)
{
	return n < most ? n : most;
}

static int at_least(int n, int least)
{
	return n > least ? n : least;
}

/* Puts the parts below each other; places[i] is the pane of part i. */
static void layout_place(const struct layout_part *parts, const enum dash_pane *places, size_t n,
    struct rect column, struct rect out[DASH_PANES])
{
	int y = column.y;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].got > 0)
			out[places[i]] = (struct rect){y, column.x, parts[i].got, column.w};
		y += parts[i].got;
	}
}

static void layout_dash_narrow(
    const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	static const enum dash_pane places[] = {
	    DASH_NOTICES, DASH_STAGES, DASH_QUOTA, DASH_HISTORY, DASH_JOBS, DASH_WORKERS, DASH_LOG};
	struct layout_part parts[] = {
	    {at_most(want->notices, 3), at_most(want->notices, 8), 1, 0},
	    {1 + at_most(want->stages, 2), 1 + want->stages, 2, 0},
	    {want->keys ? 3 + at_most(want->keys, 3) : 2, want->keys ? 3 + want->keys : 2, 3, 0},
	    {2, 4, 4, 0},
	    {3, 1 + at_least(want->jobs, 1), 0, 0},
	    {1, 1, 5, 0},
	    {2, 5, 6, 0},
	};
	size_t n = sizeof parts / sizeof parts[0];

	layout_share(parts, n, l->view.h, n - 1);
	layout_place(parts, places, n, (struct rect){0, 0, 0, l->view.w}, out);
}

/* No rules between the parts: blank lines instead, which belong to the part above. */
static void layout_dash_short(
    const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	static const enum dash_pane places[] = {DASH_STAGES, DASH_QUOTA, DASH_JOBS, DASH_NOTICES};
	struct layout_part parts[] = {
	    {1, want->stages + 1, 2, 0},
	    {1, 3, 3, 0},
	    {3, at_least(want->jobs, 1) + 1, 0, 0},
	    {at_most(want->notices, 2), at_most(want->notices, 4), 1, 0},
	};
	size_t n = sizeof parts / sizeof parts[0];

	layout_share(parts, n, l->view.h, 2);
	layout_place(parts, places, n, (struct rect){0, 0, 0, l->view.w}, out);
}

static int layout_wishes(const struct layout_part *parts, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += parts[i].wish;
	return sum;
}

/* Two columns of boxes; the log below them, over the whole width, takes what they do not need. */
static void layout_dash_wide(
    const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	static const enum dash_pane left_places[] = {DASH_STAGES, DASH_GRAPH, DASH_JOBS};
	static const enum dash_pane right_places[] = {DASH_QUOTA, DASH_HISTORY, DASH_WORKERS};
	int notices = at_most(want->notices, 6);
	int w = l->view.w * 5 / 8, rest = l->view.h - notices, h;
	struct layout_part left[] = {
	    {4, 3 + want->stages, 1, 0},
	    {5, 13, 2, 0},
	    {5, 3 + at_least(want->jobs, 6), 0, 0},
	};
	struct layout_part right[] = {
	    {want->keys ? 4 : 3, want->keys ? 4 + want->keys : 3, 0, 0},
	    {4, 6, 1, 0},
	    {4, 3 + want->workers, 2, 0},
	};

	h = at_least(layout_wishes(left, 3), at_most(layout_wishes(right, 3), rest * 3 / 4));
	h = at_most(h, rest - at_least(rest / 6, 4));
	if (notices)
		out[DASH_NOTICES] = (struct rect){0, 0, notices, l->view.w};
	layout_share(left, 3, h, 2);
	layout_place(left, left_places, 3, (struct rect){notices, 0, 0, w}, out);
	layout_share(right, 3, h, 2);
	layout_place(right, right_places, 3, (struct rect){notices, w, 0, l->view.w - w}, out);
	out[DASH_LOG] = (struct rect){notices + h, 0, rest - h, l->view.w};
}

void layout_dash(const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	for (int i = 0; i < DASH_PANES; i++)
		out[i] = (struct rect){0, 0, 0, 0};
	if (l->profile == PROFILE_WIDE)
		layout_dash_wide(l, want, out);
	else if (l->profile == PROFILE_NARROW)
		layout_dash_narrow(l, want, out);
	else if (l->profile == PROFILE_SHORT)
		layout_dash_short(l, want, out);
}
