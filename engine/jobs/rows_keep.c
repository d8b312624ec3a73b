#include "config.h"
#include "engine/jobs/rows_keep.h"

#include <string.h>

struct keeper {
	struct arena *arena;
	bool failed;
};

static void keep_text(struct keeper *k, const char **text)
{
	if (!*text)
		return;
	*text = arena_dup(k->arena, *text, strlen(*text));
	k->failed = k->failed || !*text;
}

static void keep_list(struct keeper *k, struct text_list *list)
{
	const char **items;

	if (list->n <= 0)
		return;
	items = arena_alloc(k->arena, (size_t)list->n * sizeof *items);
	k->failed = k->failed || !items;
	for (int i = 0; items && i < list->n; i++) {
		items[i] = list->items[i];
		keep_text(k, &items[i]);
	}
	list->items = items;
}

bool rows_keep_meta(struct arena *a, const struct channel_meta *m, struct channel_meta *to)
{
	struct keeper k = {.arena = a};

	*to = *m;
	keep_text(&k, &to->title);
	keep_text(&k, &to->description);
	keep_text(&k, &to->custom_url);
	keep_text(&k, &to->country);
	keep_text(&k, &to->default_language);
	keep_text(&k, &to->thumbnail_url);
	keep_text(&k, &to->banner_url);
	keep_text(&k, &to->privacy_status);
	keep_text(&k, &to->etag);
	keep_text(&k, &to->language);
	keep_text(&k, &to->language_source);
	keep_list(&k, &to->keywords);
	keep_list(&k, &to->topics);
	return !k.failed;
}

bool rows_keep_video(struct arena *a, const struct video_row *v, struct video_row *to)
{
	struct keeper k = {.arena = a};

	*to = *v;
	keep_text(&k, &to->title);
	keep_text(&k, &to->description);
	keep_text(&k, &to->duration);
	keep_text(&k, &to->thumbnail_url);
	keep_text(&k, &to->live_state);
	keep_text(&k, &to->default_language);
	keep_text(&k, &to->audio_language);
	keep_text(&k, &to->privacy_status);
	keep_text(&k, &to->language);
	keep_text(&k, &to->language_source);
	keep_list(&k, &to->tags);
	return !k.failed;
}
