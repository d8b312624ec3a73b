/*
 * channel_ref - texts that name a channel. What is accepted must come back from its own text.
 */
#include "config.h"
#include "db/sources/channel_ref.h"
#include "tests/fuzz/fuzz.h"

static void ref_check_id(const struct channel_ref *ref, const uint8_t *data, size_t size)
{
	struct channel_ref again;
	char id[CID_TEXT + 1];

	cid_format(&ref->cid, id);
	FUZZ_CHECK(strlen(id) == CID_TEXT);
	FUZZ_CHECK(memmem(data, size, id, CID_TEXT));
	channel_ref_parse(id, CID_TEXT, &again);
	FUZZ_CHECK(again.kind == CHANNEL_REF_ID && cid_compare(&again.cid, &ref->cid) == 0);
}

/* The stored name in the form that its kind has in an address. */
static void ref_address(const struct channel_ref *ref, const struct str *name, struct str *out)
{
	static const char *const prefix[] = {[CHANNEL_REF_HANDLE] = "",
	    [CHANNEL_REF_USER] = "youtube.com/user/",
	    [CHANNEL_REF_CUSTOM] = "/c/"};

	str_adds(out, prefix[ref->kind]);
	str_add(out, str_get(name), name->len);
}

static void ref_check_name(const struct channel_ref *ref, const uint8_t *data, size_t size)
{
	size_t at = (size_t)((const uint8_t *)ref->name - data);
	struct str name, same, address;
	struct channel_ref again;

	FUZZ_CHECK(at < size && ref->name_len && ref->name_len <= size - at);
	str_init(&name, 4096);
	str_init(&same, 4096);
	str_init(&address, 4096);
	channel_ref_name(ref, &name);
	FUZZ_CHECK(!name.err && text_is_clean(str_get(&name), name.len));
	FUZZ_CHECK(name.len > (ref->kind == CHANNEL_REF_HANDLE));
	ref_address(ref, &name, &address);
	channel_ref_parse(str_get(&address), address.len, &again);
	FUZZ_CHECK(again.kind == ref->kind);
	channel_ref_name(&again, &same);
	FUZZ_CHECK(same.len == name.len && memcmp(str_get(&same), str_get(&name), name.len) == 0);
	str_done(&name);
	str_done(&same);
	str_done(&address);
}

int FUZZ_ONE(const uint8_t *data, size_t size)
{
	struct channel_ref ref;

	channel_ref_parse((const char *)data, size, &ref);
	FUZZ_CHECK((ref.kind == CHANNEL_REF_NONE) == (ref.reason != NULL));
	FUZZ_CHECK((ref.kind > CHANNEL_REF_ID) == (channel_ref_word(ref.kind) != NULL));
	if (ref.kind == CHANNEL_REF_ID)
		ref_check_id(&ref, data, size);
	else if (ref.kind != CHANNEL_REF_NONE)
		ref_check_name(&ref, data, size);
	return 0;
}
