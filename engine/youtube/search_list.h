/*
 * search_list - the method search.list for channels. A call costs one of the 100 of its own bucket
 * whatever it holds, so it asks for 50. Its titles are HTML, of no other method. Pure, any thread.
 */
#ifndef TUBEOPS_YOUTUBE_SEARCH_LIST_H
#define TUBEOPS_YOUTUBE_SEARCH_LIST_H

#include "engine/youtube/channel_page.h"

extern const struct channel_page_shape search_list_shape;

/* Appends the query of the first page; language (BCP 47) may be NULL. | and - in words are
 * operators of the service: see keywords_plain. */
void search_list_query(const char *words, const char *language, struct str *out);

#endif
