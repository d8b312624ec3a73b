/*
 * subscriptions_list - the method subscriptions.list: whom a channel follows in public. Most hide it:
 * 403 subscriptionForbidden. Pure, any thread.
 * Source: youtube-api facts as measured: in any other order than the alphabet's pages repeat items.
 */
#ifndef TUBEOPS_YOUTUBE_SUBSCRIPTIONS_LIST_H
#define TUBEOPS_YOUTUBE_SUBSCRIPTIONS_LIST_H

#include "engine/youtube/channel_page.h"

extern const struct channel_page_shape subscriptions_shape;

/* Appends the query of a page of 50; token NULL: the first. */
void subscriptions_query(const struct cid *channel, const char *token, struct str *out);

#endif
