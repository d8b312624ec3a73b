#include "config.h"
#include "tui/plan_form.h"
#include "tui/cli_text.h"

#include <string.h>

/* What follows each word, and the member of the body that it is. */
static const struct plan_form {
	enum action action;
	const char *usage, *member;
	bool staged;
} plan_forms[] = {
    {ACTION_PLAN_SHARE, "share STAGE PERCENT", "percent", true},
    {ACTION_PLAN_PACE, "pace fast|even", "pace", false},
    {ACTION_PLAN_LEND, "lend on|off", "lend", false},
    {ACTION_PLAN_TARGET, "target STAGE YYYY-MM-DD|none", "date", true},
};

static const struct plan_form *plan_form_of(enum action a)
{
	for (size_t i = 0; i < sizeof plan_forms / sizeof plan_forms[0]; i++)
		if (plan_forms[i].action == a)
			return &plan_forms[i];
	return NULL;
}

const char *plan_form_usage(enum action a)
{
	const struct plan_form *f = plan_form_of(a);

	return f ? f->usage : NULL;
}

bool plan_form_body(enum action a, const char *const *words, size_t n, struct str *body)
{
	const struct plan_form *f = plan_form_of(a);
	const char *value;

	if (!f || n != (f->staged ? 2 : 1))
		return false;
	value = words[n - 1];
	str_addf(body, "{\"%s\":", f->member);
	cli_add_json(body, value, strlen(value));
	if (f->staged) {
		str_adds(body, ",\"stage\":");
		cli_add_json(body, words[0], strlen(words[0]));
	}
	str_addc(body, '}');
	return !body->err;
}
