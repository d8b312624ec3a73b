#include "config.h"
#include "engine/youtube/comment_threads.h"

#include "engine/youtube/query.h"

const struct channel_page_shape comment_threads_shape = {
    .kind = "youtube#commentThreadListResponse",
    .id = "snippet/topLevelComment/snippet/authorChannelId/value",
    .title = "snippet/topLevelComment/snippet/authorDisplayName",
    .below = "replies/comments",
    .below_id = "snippet/authorChannelId/value",
    .below_title = "snippet/authorDisplayName",
};

void comment_threads_query(const struct cid *channel, const char *token, struct str *out)
{
	char id[CID_TEXT + 1];

	str_addf(out,
	    "part=snippet,replies&allThreadsRelatedToChannelId=%s&maxResults=100&order=time"
	    "&textFormat=plainText&fields=kind,nextPageToken,"
	    "items(snippet/topLevelComment/snippet(authorDisplayName,authorChannelId/value),"
	    "replies/comments/snippet(authorDisplayName,authorChannelId/value))&prettyPrint=false",
	    cid_format(channel, id));
	query_add(out, "pageToken", token);
}
