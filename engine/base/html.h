/*
 * html - the little of HTML that is read: character references, and the links of a page. A tolerant
 * scanner, no parser: what is no link to it is skipped, nothing in a page can make it fail. Pure
 * functions, any thread.
 */
#ifndef TUBEOPS_BASE_HTML_H
#define TUBEOPS_BASE_HTML_H

#include "engine/base/str.h"

/* Appends text with its references as characters (&amp; &lt; &gt; &quot; &apos; &nbsp; &#39; &#x27;);
 * unknown ones stay as they are. */
void html_unescape(const char *text, size_t len, struct str *out);

/* An <a> with an href: both as they stand in the page, borrowed from it. */
struct html_link {
	const char *href; /* without its quotes, still escaped */
	size_t href_len;
	const char *inner; /* what is between <a …> and </a>, tags and all */
	size_t inner_len;
};
/* The next link at or after *at, which moves behind its <a …>; false at the end of the page.
 * Comments, scripts and styles hold no links. */
bool html_link_next(const char *page, size_t len, size_t *at, struct html_link *out);
/* Appends the text of a piece of HTML: tags dropped, references read, blanks as one, ends cut. */
void html_text(const char *html, size_t len, struct str *out);

#endif
