#include "config.h"
#include "engine/command.h"

#include <string.h>

static const struct action_info actions[ACTION_COUNT] = {
#define ACTION_ROW(name, ...) [name] = {__VA_ARGS__},
    ACTION_LIST(ACTION_ROW)
#undef ACTION_ROW
};

static const char *const actions_done[ACTION_COUNT] = {
    [ACTION_JOB_PAUSE] = "paused",
    [ACTION_JOB_RESUME] = "go on",
    [ACTION_JOB_RETRY] = "tried again",
    [ACTION_JOB_CANCEL] = "cancelled",
    [ACTION_JOB_DELETE] = "deleted",
    [ACTION_KEY_ENABLE] = "enabled",
    [ACTION_KEY_DISABLE] = "disabled",
    [ACTION_KEY_REMOVE] = "removed",
    [ACTION_KEY_GROUP] = "grouped",
    [ACTION_SCHEDULE_ADD] = "added",
    [ACTION_SCHEDULE_ENABLE] = "enabled",
    [ACTION_SCHEDULE_DISABLE] = "disabled",
    [ACTION_SCHEDULE_REMOVE] = "removed",
    [ACTION_DEAD_RETRY] = "tried again",
    [ACTION_DEAD_DROP] = "dropped",
    [ACTION_CHANNEL_ERASE] = "erased",
    [ACTION_CHANNEL_READMIT] = "readmitted",
    [ACTION_SCHEDULE_RUN] = "begins now",
};

const char *action_done(enum action a)
{
	return actions_done[a] ? actions_done[a] : actions[a].word;
}

const struct action_info *action_info(enum action a)
{
	return &actions[a];
}

bool action_can(enum action a, const char *state)
{
	const char *p = actions[a].states;
	size_t len = state ? strlen(state) : 0;

	if (!*p || !state)
		return true;
	while (*p) {
		size_t n = strcspn(p, " ");
		if (n == len && memcmp(p, state, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}
