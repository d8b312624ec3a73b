/*
 * channel_text: the words of a made-up channel: title, description, keywords, handle. Pure
 * functions of the universe and the channel's number; they append to a buffer of the caller. Any
 * thread.
 */
#ifndef SIM_CHANNEL_TEXT_H
#define SIM_CHANNEL_TEXT_H

#include "phrases.h"
#include "universe.h"

#define CHANNEL_TEXT_TITLE_MAX 100
#define CHANNEL_TEXT_DESCRIPTION_MAX 1000

const struct phrases *channel_text_language(const struct universe *u, uint64_t index);
/* UTF-8, at most 100 characters. */
void channel_text_title(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to);
/* UTF-8, 0 to 1000 characters, several lines. */
void channel_text_description(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to);
/* How a description names another channel. */
enum channel_mention_kind {
	CHANNEL_MENTION_ID,     /* its id, alone or in an address */
	CHANNEL_MENTION_HANDLE, /* youtube.com/@name */
	CHANNEL_MENTION_BARE,   /* @name */
	CHANNEL_MENTION_VIDEO   /* the address of one of its videos */
};
struct channel_mention {
	enum channel_mention_kind kind;
	uint64_t channel; /* its number */
	uint64_t slot;    /* of a video */
	size_t end;       /* in the description */
};
#define CHANNEL_MENTIONS_MAX 64
/* The mentions that are whole in the description of a channel; at most CHANNEL_MENTIONS_MAX, how
 * many. They may name channels that were terminated. */
unsigned channel_text_mentions(
    const struct universe *u, uint64_t index, struct channel_mention *to);
/* Words parted by blanks, phrases in quotes. */
void channel_text_keywords(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to);
/* "@name" in lower case, or nothing. */
void channel_text_handle(
    const struct universe *u, uint64_t index, const struct phrases *ph, struct out *to);
/* A user name from the days before handles, or nothing. */
void channel_text_username(const struct universe *u, uint64_t index, struct out *to);
/* Cuts what was appended after `from` to `max` characters, never inside one. */
void channel_text_cut(struct out *to, size_t from, size_t max);
/* When the channel was made, in UTC seconds, and the same as RFC 3339. */
int64_t channel_text_birth(const struct universe *u, uint64_t index);
void channel_text_published(const struct universe *u, uint64_t index, struct out *to);

#endif
