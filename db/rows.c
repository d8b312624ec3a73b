#include "config.h"
#include "db/rows.h"
#include "engine/base/str.h"

static const char *const op_words[] = {
#define OP_ROW(name, word) [name] = word,
    OP_LIST(OP_ROW)
#undef OP_ROW
};

static const char *const item_state_words[] = {
#define ITEM_STATE_ROW(name, word) [name] = word,
    ITEM_STATE_LIST(ITEM_STATE_ROW)
#undef ITEM_STATE_ROW
};

static const struct {
	const char *word;
	bool open;
} job_statuses[] = {
#define JOB_STATUS_ROW(name, word, open) [name] = {word, open},
    JOB_STATUS_LIST(JOB_STATUS_ROW)
#undef JOB_STATUS_ROW
};

const char *op_word(enum op op)
{
	return op < OP_COUNT ? op_words[op] : "none";
}

const char *item_state_word(enum item_state state)
{
	return state < ITEM_STATE_COUNT ? item_state_words[state] : "unknown";
}

const char *job_status_word(enum job_status status)
{
	return status < JOB_STATUS_COUNT ? job_statuses[status].word : "unknown";
}

bool job_status_parse(const char *word, enum job_status *out)
{
	for (int i = 0; i < JOB_STATUS_COUNT; i++)
		if (str_is_equal_nocase(word, job_statuses[i].word)) {
			*out = (enum job_status)i;
			return true;
		}
	return false;
}

bool job_status_is_open(enum job_status status)
{
	return status < JOB_STATUS_COUNT && job_statuses[status].open;
}
