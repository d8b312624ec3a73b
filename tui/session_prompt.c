/* The prompt: filters as they are typed, commands when they are done. */
#include "config.h"
#include "tui/session_parts.h"

#include <stdlib.h>
#include <string.h>

void session_prompt_open(struct session *s, enum prompt_kind kind)
{
	struct table *t = session_table(s);
	const char *text = "";

	if (kind == PROMPT_FILTER && !t)
		return;
	str_reset(&s->before);
	if (kind == PROMPT_FILTER) {
		text = str_get(&t->filter);
		str_adds(&s->before, text);
	}
	if (!prompt_open(&s->prompt, kind, text, s->glyphs.utf8))
		session_say(s, ROLE_ERROR, "! out of memory");
}

/* A list that is here, or lives, follows every key; another one in pages is asked for when the text is done. */
static void prompt_filter(struct session *s, bool done)
{
	struct table *t = session_table(s);

	str_reset(&s->prompt_help);
	if (!t ||
	    (table_asks(t) && !done && !table_may_try(t, prompt_text(&s->prompt), s->screen.now)))
		return;
	if (!table_filter(t, prompt_text(&s->prompt), s->screen.now))
		str_adds(&s->prompt_help, t->filter_error);
}

static void prompt_filter_back(struct session *s)
{
	struct table *t = session_table(s);

	if (t)
		table_filter(t, str_get(&s->before), s->screen.now);
}

/* Fields of the list, for the word under the cursor. */
static void prompt_filter_complete(struct session *s)
{
	struct table *t = session_table(s);

	prompt_choices_begin(&s->prompt);
	for (size_t i = 0; t && i < t->def->n_cols; i++)
		if (t->def->cols[i].name)
			prompt_offer(&s->prompt, t->def->cols[i].name, t->def->cols[i].title);
	prompt_take_choice(&s->prompt);
}

static void prompt_done_with(struct session *s)
{
	enum prompt_kind kind = s->prompt.kind;
	char *line = str_dup(prompt_text(&s->prompt));
	struct table *t;

	if (kind == PROMPT_FILTER) {
		prompt_filter(s, true);
		t = session_table(s);
		if (t && t->filter_error[0])
			session_say(s, ROLE_WARN, "! %s", t->filter_error);
	}
	prompt_close(&s->prompt);
	str_reset(&s->prompt_help);
	if (kind == PROMPT_COMMAND && line)
		commands_run(s, line);
	free(line);
}

void session_prompt_key(struct session *s, int key)
{
	bool command = s->prompt.kind == PROMPT_COMMAND;

	switch (prompt_key(&s->prompt, key)) {
	case PROMPT_DONE:
		prompt_done_with(s);
		return;
	case PROMPT_GONE:
		if (!command)
			prompt_filter_back(s);
		prompt_close(&s->prompt);
		str_reset(&s->prompt_help);
		return;
	case PROMPT_COMPLETE:
		if (command)
			commands_complete(s);
		else
			prompt_filter_complete(s);
		break;
	case PROMPT_CHANGED:
	case PROMPT_OPEN:
		break;
	}
	if (command) {
		str_reset(&s->prompt_help);
		commands_help(s, prompt_text(&s->prompt), &s->prompt_help);
	} else {
		prompt_filter(s, false);
	}
}
