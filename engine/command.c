#include "config.h"
#include "engine/command.h"

static const struct action_info actions[ACTION_COUNT] = {
#define ACTION_ROW(name, word, key, arg, help) [name] = {word, key, arg, help},
    ACTION_LIST(ACTION_ROW)
#undef ACTION_ROW
};

static const char *const actions_done[ACTION_COUNT] = {
    [ACTION_KEY_ENABLE] = "enabled",
    [ACTION_KEY_DISABLE] = "disabled",
    [ACTION_KEY_REMOVE] = "removed",
    [ACTION_SCHEDULE_ADD] = "added",
    [ACTION_SCHEDULE_ENABLE] = "enabled",
    [ACTION_SCHEDULE_DISABLE] = "disabled",
    [ACTION_SCHEDULE_REMOVE] = "removed",
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
