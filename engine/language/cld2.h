/*
 * cld2 - the C face of the Compact Language Detector 2, which is C++. Any thread: its tables are
 * constant.
 */
#ifndef TUBEOPS_LANGUAGE_CLD2_H
#define TUBEOPS_LANGUAGE_CLD2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cld2_result {
	const char *code; /* CLD2's own name of the language, static; NULL: unknown */
	int percent;      /* of the text that is in it */
	bool reliable;
};

/*
 * text: valid UTF-8, at most a few KiB, only words. best_effort: name a language even where CLD2
 * would rather say none. False when it failed.
 */
bool cld2_detect(const char *text, size_t len, bool best_effort, struct cld2_result *out);

#ifdef __cplusplus
}
#endif

#endif
