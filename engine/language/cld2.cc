#include "config.h"
#include "engine/language/cld2.h"

#include <climits>
#include <cstdio> /* CLD2's header uses FILE without including it */
#include <cstring>
#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

bool cld2_detect(const char *text, size_t len, bool best_effort, struct cld2_result *out)
{
	CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
	/* on some ways out CLD2 leaves these alone */
	CLD2::Language language[3] = {
	    CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
	int percent[3] = {0, 0, 0}, bytes = 0, valid = 0;
	double score[3] = {0, 0, 0};
	bool reliable = false;

	*out = {nullptr, 0, false};
	if (len > INT_MAX)
		return false;
	try {
		CLD2::ExtDetectLanguageSummaryCheckUTF8(text, static_cast<int>(len), true, &hints,
		    best_effort ? CLD2::kCLDFlagBestEffort : 0, language, percent, score, nullptr,
		    &bytes, &reliable, &valid);
	} catch (...) {
		return false;
	}
	if (language[0] == CLD2::UNKNOWN_LANGUAGE || language[0] == CLD2::TG_UNKNOWN_LANGUAGE)
		return true;
	*out = {CLD2::LanguageCode(language[0]), percent[0], reliable};
	return true;
}
