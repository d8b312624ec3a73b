/*
 * text - the one sanitiser for everything that comes from outside, and the one that keeps
 * secrets out of what goes out. Pure functions, any thread.
 */
#ifndef TUBEOPS_BASE_TEXT_H
#define TUBEOPS_BASE_TEXT_H

#include "engine/base/str.h"

/*
 * Makes text safe for JSON, SQL and screens: valid UTF-8 (broken bytes become U+FFFD), no NUL,
 * no C0 or C1 controls except newline and tab, CR LF as LF. In place is not possible; out gets
 * at most 3 * len bytes. Returns how many characters were replaced or dropped.
 */
size_t text_clean(const char *in, size_t len, struct str *out);
/* True when text_clean would change nothing: the fast path for nearly all texts. */
bool text_is_clean(const char *in, size_t len);
/* The same for text that is known to be valid UTF-8 (JSON that was read): looks for controls alone. */
bool text_is_clean_utf8(const char *in, size_t len);
/* Length of the well-formed UTF-8 sequence at p (1..4), 0 when there is none. */
size_t text_utf8_next(const char *p, size_t len, uint32_t *code);
/* Largest n <= max so that the first n bytes of text end on a character boundary. */
size_t text_utf8_cut(const char *text, size_t len, size_t max);
/* Takes off the beginning of a character at the end of a text, where it was cut (snprintf). */
void text_utf8_mend(char *text);
/*
 * Appends one line to out with every secret masked: Google keys (AIza + 35), values after key=
 * token= password= secret= (also as JSON and headers: bearer, x-goog-api-key, authorization) and
 * passwords in URLs, wherever they stand. Second line of defence behind struct secret.
 */
void text_mask_secrets(const char *in, size_t len, struct str *out);
/* Appends text with *** wherever `hidden` stands (NULL, "": nowhere): servers repeat what they were told. */
void text_hide(const char *in, size_t len, const char *hidden, struct str *out);
/* Appends text as a JSON string with its quotes; text must be clean UTF-8. */
void text_add_json(struct str *out, const char *text, size_t len);
/* Appends what %XX in a part of a URL stand for (RFC 3986, 2.1). False: a % without two hex digits, or %00. */
bool text_percent_decode(const char *in, size_t len, struct str *out);
/* Appends text for one log line: controls as \n, \t or \xHH. */
void text_escape(const char *in, size_t len, struct str *out);

#endif
