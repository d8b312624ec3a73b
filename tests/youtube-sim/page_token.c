#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "page_token.h"

#include "ids.h"

#define SERIAL_BITS 20
#define HEAD "EAAael"
#define TAIL_MAX 160

void page_token_write(struct out *to, struct page p, uint64_t list, bool padded)
{
	uint64_t bits = p.anchor << SERIAL_BITS | p.serial;
	size_t tail = 100 + (size_t)(ids_mix(list) % 40) * (padded ? 1 : 0) + (size_t)padded * 20;
	char text[IDS_VIDEO_LEN + TAIL_MAX];

	ids_video_write(bits ^ ids_mix(list), text);
	ids_noise_write(ids_mix(bits) ^ list, text + IDS_VIDEO_LEN, tail);
	out_text(to, HEAD);
	out_add(to, text, IDS_VIDEO_LEN + tail);
	if (padded)
		out_char(to, '=');
}

bool page_token_read(struct slice text, struct page *p, uint64_t list, bool padded)
{
	const size_t head = sizeof HEAD - 1;
	struct out again;
	uint64_t bits;
	bool same;

	if (text.len < head + IDS_VIDEO_LEN || !ids_video_read(text.p + head, IDS_VIDEO_LEN, &bits))
		return false;
	bits ^= ids_mix(list);
	*p = (struct page){bits >> SERIAL_BITS, bits & ((1u << SERIAL_BITS) - 1)};
	out_init(&again, 4096);
	page_token_write(&again, *p, list, padded);
	same = !again.failed && again.len == text.len && memcmp(again.data, text.p, text.len) == 0;
	out_done(&again);
	return same;
}
