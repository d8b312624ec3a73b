/*
 * comment_threads - the method commentThreads.list: who wrote below the videos of a channel, in
 * threads and in the replies that come with them. Pure, any thread.
 */
#ifndef TUBEOPS_YOUTUBE_COMMENT_THREADS_H
#define TUBEOPS_YOUTUBE_COMMENT_THREADS_H

#include "engine/youtube/channel_page.h"

extern const struct channel_page_shape comment_threads_shape;

/* Appends the query of a page of 100, newest first; token NULL: the first. */
void comment_threads_query(const struct cid *channel, const char *token, struct str *out);

#endif
