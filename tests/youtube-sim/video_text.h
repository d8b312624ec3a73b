/*
 * video_text: the words of a made-up video: title, description, tags. Pure functions; they append
 * to a buffer of the caller. Any thread.
 */
#ifndef SIM_VIDEO_TEXT_H
#define SIM_VIDEO_TEXT_H

#include "phrases.h"
#include "video.h"

#define VIDEO_TEXT_TITLE_MAX 100

/* UTF-8, 1 to 100 characters. */
void video_text_title(
    const struct universe *u, struct video v, const struct phrases *ph, struct out *to);
/* UTF-8, may be empty, several lines, up to some 7,000 bytes. */
void video_text_description(
    const struct universe *u, struct video v, const struct phrases *ph, struct out *to);
/* How many tags, and the i-th. */
unsigned video_text_tags(const struct universe *u, struct video v);
void video_text_tag(
    const struct universe *u, struct video v, const struct phrases *ph, unsigned i, struct out *to);
/* What somebody says under a video. */
void video_text_comment(uint64_t h, const struct phrases *ph, struct out *to);
/* HTML as comments and search results have it: & < > " ' and new lines. */
void video_text_html(struct out *to, struct slice plain);

#endif
