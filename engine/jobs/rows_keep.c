#include "config.h"
#include "engine/jobs/rows_keep.h"

#include <string.h>

static const char *keep_text(struct arena *a, const char *text)
{
	return text ? arena_dup(a, text, strlen(text)) : NULL;
}

static struct text_list keep_list(struct arena *a, const struct text_list *list)
{
	const char **items = list->n > 0 ? arena_alloc(a, (size_t)list->n * sizeof *items) : NULL;

	for (int i = 0; items && i < list->n; i++)
		items[i] = keep_text(a, list->items[i]);
	return (struct text_list){items, list->n > 0 && !items ? -1 : list->n};
}

void rows_keep_meta(struct arena *a, const struct channel_meta *m, struct channel_meta *to)
{
	*to = *m;
	to->title = keep_text(a, m->title);
	to->description = keep_text(a, m->description);
	to->custom_url = keep_text(a, m->custom_url);
	to->country = keep_text(a, m->country);
	to->default_language = keep_text(a, m->default_language);
	to->thumbnail_url = keep_text(a, m->thumbnail_url);
	to->banner_url = keep_text(a, m->banner_url);
	to->privacy_status = keep_text(a, m->privacy_status);
	to->etag = keep_text(a, m->etag);
	to->language = keep_text(a, m->language);
	to->language_source = keep_text(a, m->language_source);
	to->keywords = keep_list(a, &m->keywords);
	to->topics = keep_list(a, &m->topics);
}

void rows_keep_video(struct arena *a, const struct video_row *v, struct video_row *to)
{
	*to = *v;
	to->title = keep_text(a, v->title);
	to->description = keep_text(a, v->description);
	to->duration = keep_text(a, v->duration);
	to->thumbnail_url = keep_text(a, v->thumbnail_url);
	to->live_state = keep_text(a, v->live_state);
	to->default_language = keep_text(a, v->default_language);
	to->audio_language = keep_text(a, v->audio_language);
	to->privacy_status = keep_text(a, v->privacy_status);
	to->language = keep_text(a, v->language);
	to->language_source = keep_text(a, v->language_source);
	to->tags = keep_list(a, &v->tags);
}
