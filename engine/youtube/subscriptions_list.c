#include "config.h"
#include "engine/youtube/subscriptions_list.h"

#include "engine/youtube/query.h"

const struct channel_page_shape subscriptions_shape = {
    .kind = "youtube#subscriptionListResponse",
    .id = "snippet/resourceId/channelId",
    .title = "snippet/title",
};

void subscriptions_query(const struct cid *channel, const char *token, struct str *out)
{
	char id[CID_TEXT + 1];

	str_addf(out,
	    "part=snippet&channelId=%s&maxResults=50&order=alphabetical"
	    "&fields=kind,nextPageToken,items/snippet(title,resourceId/channelId)"
	    "&prettyPrint=false",
	    cid_format(channel, id));
	query_add(out, "pageToken", token);
}
