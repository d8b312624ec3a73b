#include "config.h"
#include "tui/osc.h"

#include <string.h>

enum { OSC_COPY_MOST = 4096, OSC_NOTE_MOST = 300 };

static void osc_base64(struct str *out, const unsigned char *bytes, size_t n)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)bytes[i] << 16;
		v |= i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0;
		v |= i + 2 < n ? (unsigned)bytes[i + 2] : 0;
		str_addc(out, letters[v >> 18 & 63]);
		str_addc(out, letters[v >> 12 & 63]);
		str_addc(out, i + 1 < n ? letters[v >> 6 & 63] : '=');
		str_addc(out, i + 2 < n ? letters[v & 63] : '=');
	}
}

void osc_copy(struct str *out, const char *text)
{
	str_adds(out, "\033]52;c;");
	osc_base64(out, (const unsigned char *)text, strnlen(text, OSC_COPY_MOST));
	str_adds(out, "\033\\");
}

void osc_note(struct str *out, const char *text)
{
	size_t n = strnlen(text, OSC_NOTE_MOST);

	str_adds(out, "\033]9;tubeops: ");
	for (size_t i = 0; i < n; i++)
		str_addc(out, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	str_adds(out, "\033\\");
}
