/* What views ask for, and the way to what needs a person: places with a row. */
#include "config.h"
#include "tui/blocked_place.h"
#include "tui/session_parts.h"

#include <stdio.h>
#include <string.h>

/* To a view or page, and to a row of it. */
static void wish_go(struct session *s, const struct view_wish *wish)
{
	struct table *t;

	if (!session_go(s, wish->view, wish->target))
		return;
	if (session_view(s)->ops->title)
		session_part(s, wish->part);
	t = session_table(s);
	if (t && *wish->text)
		table_select(t, wish->text);
}

/* Does what a view's own key asked for. */
void session_wish(struct session *s, struct view_state *st)
{
	struct view_wish wish = st->wish;
	const char *target = wish.target, *set = wish.text;

	st->wish.kind = WISH_NONE;
	if (wish.kind == WISH_ACTION)
		session_act(s, wish.action, *target ? &target : NULL, *target != 0,
		    *wish.text ? wish.text : NULL);
	else if (wish.kind == WISH_FORM)
		session_form(s, wish.job_type, &set, *set != 0, false);
	else if (wish.kind == WISH_GO)
		wish_go(s, &wish);
}

/* Did the view mean something of its own by a key of the console? */
bool session_takes(struct session *s, enum key_cmd cmd)
{
	struct view_state *st = session_view(s);
	struct view_ctx c = session_ctx(s);

	if (!st->ops->takes || !s->screen.snap || s->screen.help || !st->ops->takes(&c, st, cmd))
		return false;
	session_wish(s, st);
	return true;
}

/* The n-th thing that needs a person, counted around; false: there is none. */
static bool wish_needs(const struct snapshot *snap, size_t n, struct blocked_place *place,
    const char **what, const char **why)
{
	size_t all = 0;

	for (int round = 0; round < 2; round++) {
		size_t at = 0, want = all ? n % all : SIZE_MAX;
		for (size_t i = 0; i < snap->n_blocked && i < SNAPSHOT_BLOCKED; i++)
			if (snap->blocked[i].person && at++ == want) {
				blocked_place_of(&snap->blocked[i], place);
				*what = snap->blocked[i].what;
				*why = snap->blocked[i].why;
				return true;
			}
		for (size_t i = 0; i < snap->n_alerts && i < SNAPSHOT_ALERTS; i++)
			if (snap->alerts[i].person && alert_is_shown(&snap->alerts[i]) &&
			    at++ == want) {
				alert_place_of(&snap->alerts[i], place);
				*what = snap->alerts[i].kind;
				*why = snap->alerts[i].text;
				return true;
			}
		all = at;
	}
	return false;
}

/* To the next thing that needs a person, with what helps. */
void session_needs_you(struct session *s)
{
	const struct snapshot *snap = s->screen.snap;
	struct view_wish wish = {.kind = WISH_GO};
	struct blocked_place place;
	const char *what, *why;

	if (!snap || !wish_needs(snap, s->needs_you, &place, &what, &why)) {
		if (snap && snap->alerts_person > 0)
			session_go(s, "alerts", "");
		else
			session_say(s, ROLE_OK, "nothing needs you");
		return;
	}
	s->needs_you++;
	wish.view = place.view;
	wish.part = place.part;
	snprintf(wish.text, sizeof wish.text, "%s", place.row);
	wish_go(s, &wish);
	session_say(s, ROLE_WARN, "%s: %s%s%s", what, why, place.keys ? "   you: " : "",
	    place.keys ? place.keys : "");
}
