#include "config.h"
#include "engine/language/channel_language.h"
#include "engine/language/language.h"

#include <string.h>

enum err channel_language(struct arena *arena, struct channel_meta *m)
{
	struct language_guess g;

	if (!language_guess(m->default_language, m->title, m->description, &g))
		return ERR_OK;
	m->language = arena_dup(arena, g.code, strlen(g.code));
	m->language_source = g.source;
	m->language_confidence = g.confidence;
	return m->language ? ERR_OK : ERR_NOMEM;
}
