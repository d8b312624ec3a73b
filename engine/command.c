#include "config.h"
#include "engine/command.h"

static const struct action_info actions[ACTION_COUNT] = {
#define ACTION_ROW(name, word, key, arg, help) [name] = {word, key, arg, help},
    ACTION_LIST(ACTION_ROW)
#undef ACTION_ROW
};

const struct action_info *action_info(enum action a)
{
	return &actions[a];
}
