/*
 * video_write: a video as a resource of videos.list.
 * Threads: those of the channel given, which is scratch space.
 */
#ifndef SIM_VIDEO_WRITE_H
#define SIM_VIDEO_WRITE_H

#include "channel.h"
#include "video.h"

/* The parts of the resource, in the order they are written. The last three are for owners. */
#define VIDEO_PARTS(X)                                           \
	X(ID, "id")                                              \
	X(SNIPPET, "snippet")                                    \
	X(CONTENT_DETAILS, "contentDetails")                     \
	X(STATUS, "status")                                      \
	X(STATISTICS, "statistics")                              \
	X(PLAYER, "player")                                      \
	X(TOPIC_DETAILS, "topicDetails")                         \
	X(RECORDING_DETAILS, "recordingDetails")                 \
	X(LIVE_STREAMING_DETAILS, "liveStreamingDetails")        \
	X(LOCALIZATIONS, "localizations")                        \
	X(PAID_PRODUCT_PLACEMENT, "paidProductPlacementDetails") \
	X(BRAND_PARTNER, "brandPartner")                         \
	X(FILE_DETAILS, "fileDetails")                           \
	X(PROCESSING_DETAILS, "processingDetails")               \
	X(SUGGESTIONS, "suggestions")

enum video_part_number {
#define X(name, text) VIDEO_NUMBER_##name,
	VIDEO_PARTS(X)
#undef X
	    VIDEO_PART_COUNT
};

enum video_part {
#define X(name, text) VIDEO_PART_##name = 1 << VIDEO_NUMBER_##name,
	VIDEO_PARTS(X)
#undef X
	    VIDEO_OWNER_PARTS =
	        VIDEO_PART_FILE_DETAILS | VIDEO_PART_PROCESSING_DETAILS | VIDEO_PART_SUGGESTIONS
};

/* Writes the members of an open object after kind and etag; loads the channel. */
void video_write(struct jsonw *w, const struct universe *u, struct channel *owner, struct video v,
    unsigned parts);
/* The member thumbnails. */
void video_write_thumbnails(struct jsonw *w, const struct universe *u, struct video v);
/* A date member. digits: of a second. */
void video_write_moment(struct jsonw *w, const char *name, int64_t utc);

#endif
