#include "config.h"
#include "engine/youtube/search_list.h"

#include "engine/youtube/query.h"

const struct channel_page_shape search_list_shape = {
    .kind = "youtube#searchListResponse",
    .id = "id/channelId",
    .title = "snippet/title",
    .escaped = true,
};

void search_list_query(const char *words, const char *language, struct str *out)
{
	str_adds(out,
	    "part=snippet&type=channel&maxResults=50"
	    "&fields=kind,nextPageToken,items(id/channelId,snippet/title)&prettyPrint=false");
	query_add(out, "q", words);
	query_add(out, "relevanceLanguage", language);
}
