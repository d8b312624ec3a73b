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

enum {
	LAYOUT_MESSAGE_LINE = 28, /* from this height the message has a line of its own */
	LAYOUT_TALL = 32,         /* and the narrow dashboard shows the log */
	LAYOUT_NEXT = 6           /* lines of what comes next */
};

/* The first lines of the view are its; the view keeps at least half of its own. */
static void layout_banner(struct layout *l, int lines)
{
	int h = lines < l->view.h / 2 ? lines : l->view.h / 2;

	l->banner = (struct rect){l->view.y, l->view.x, h, l->view.w};
	l->view.y += h;
	l->view.h -= h;
}

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
		layout_banner(l, want.banner);
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
	layout_banner(l, want.banner);
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
	    DASH_STAGES, DASH_QUOTA, DASH_HISTORY, DASH_NOTICES, DASH_JOBS, DASH_LOG};
	struct layout_part parts[] = {
	    {1 + want->stages, 1 + want->stages, 3, 0},
	    {1 + want->quota, 1 + want->quota, 2, 0},
	    {4, 5, 4, 0},
	    {1 + at_least(at_most(want->notices, 3), 1), 1 + at_least(at_most(want->notices, 8), 1),
	        1, 0},
	    {3, 1 + at_least(want->jobs, 2), 0, 0},
	    {4, l->view.h < LAYOUT_TALL ? 0 : 8, 5, 0},
	};
	size_t n = sizeof parts / sizeof parts[0];

	layout_share(parts, n, l->view.h, parts[n - 1].wish ? n - 1 : n - 2);
	layout_place(parts, places, n, (struct rect){0, 0, 0, l->view.w}, out);
}

/* No rules between the parts: blank lines instead, which belong to the part above. */
static void layout_dash_short(
    const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	static const enum dash_pane places[] = {DASH_STAGES, DASH_QUOTA, DASH_JOBS, DASH_NOTICES};
	struct layout_part parts[] = {
	    {at_most(want->stages, 4), want->stages, 2, 0},
	    {1, 2, 3, 0},
	    {3, at_least(want->jobs, 1) + 2, 0, 0},
	    {at_most(want->notices, 2), at_most(want->notices, 3), 1, 0},
	};
	size_t n = sizeof parts / sizeof parts[0];

	layout_share(parts, n, l->view.h, 2);
	layout_place(parts, places, n, (struct rect){0, 0, 0, l->view.w}, out);
}

/* Rows of two boxes side by side; what comes next shares the last one with the jobs. */
static void layout_dash_wide(
    const struct layout *l, const struct dash_want *want, struct rect out[DASH_PANES])
{
	static const enum dash_pane left[] = {DASH_STAGES, DASH_BURN, DASH_GRAPH, DASH_JOBS};
	static const enum dash_pane right[] = {DASH_NOTICES, DASH_QUOTA, DASH_HISTORY, DASH_LOG};
	int w = l->view.w * 5 / 8;
	int top = at_least(4 + want->stages, 2 + at_most(want->notices, 8));
	struct layout_part rows[] = {
	    {4 + want->stages, top, 1, 0},
	    {8, 14, 2, 0},
	    {7, 10, 3, 0},
	    {5, 3 + at_least(want->jobs, 4) + LAYOUT_NEXT, 0, 0},
	};

	layout_share(rows, 4, l->view.h, 3);
	layout_place(rows, left, 4, (struct rect){0, 0, 0, w}, out);
	layout_place(rows, right, 4, (struct rect){0, w, 0, l->view.w - w}, out);
	if (rows[3].got < LAYOUT_NEXT + 7)
		return;
	out[DASH_NEXT] = out[DASH_JOBS];
	out[DASH_NEXT].h = LAYOUT_NEXT;
	out[DASH_JOBS].h -= LAYOUT_NEXT;
	out[DASH_NEXT].y += out[DASH_JOBS].h;
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
