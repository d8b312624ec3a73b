/* A search of discovery with a made-up API: what is refused, what fails, what is asked again. */
#include "config.h"
#include "engine/discovery/search_run.h"
#include "tests/unit/staging_fixture.h"

#include "tests/unit/seed.h"

enum { BODY = 65536, SLACK = 64 };

/* What the API is to do, and what it was asked. */
struct api {
	struct search *search;
	char body[BODY + SLACK];
	int calls[METHOD_COUNT];
	enum err next[8]; /* of the next calls; ERR_OK: an answer */
	int at, n_next;
	bool torn;          /* the next answer is half a document */
	const char *poison; /* a request that holds it is refused */
	int featured;       /* channels on the shelf */
	int units_without_method;
	struct cid never; /* not to be taken */
};

static enum err api_call(
    void *arg, enum method method, const char *query, struct client_reply *reply, struct errbuf *eb)
{
	struct api *a = arg;
	enum err err = a->at < a->n_next ? a->next[a->at++] : ERR_OK;
	char id[CID_TEXT + 1];
	struct str out;
	int from, upto;

	a->calls[method]++;
	a->units_without_method += search_calling(a->search, &from, &upto) == NULL;
	assert_true(from >= 0 && from <= upto && upto < SEARCH_SOURCES);
	if (a->poison && strstr(query, a->poison))
		err = ERR_DENIED;
	if (err)
		return err_set(eb, err, "made up");
	str_init(&out, BODY - 1);
	str_adds(&out, "{\"items\":[");
	if (method == METHOD_CHANNEL_SECTIONS_LIST) {
		str_adds(&out, "{\"contentDetails\":{\"channels\":[");
		for (int i = 0; i < a->featured; i++) {
			struct cid cid = seed_cid((uint32_t)(1000 + i));
			str_addf(&out, "%s\"%s\"", i ? "," : "", cid_format(&cid, id));
		}
		str_adds(&out, "]}}");
	} else { /* items of the ids asked for; a video belongs to the channel of its first letter */
		const char *p = strstr(query, "id=");
		for (p = p ? p + 3 : ""; *p && *p != '&';) {
			size_t n = strcspn(p, ",&");
			struct cid cid = seed_cid((uint32_t)(2000 + p[0]));
			str_addf(&out,
			    "%s{\"id\":\"%.*s\",\"snippet\":{\"title\":\"t\",\"channelId\":\"%s\"}"
			    "}",
			    out.len > 12 ? "," : "", (int)n, p, cid_format(&cid, id));
			p += n + (p[n] == ',');
		}
	}
	str_adds(&out, a->torn ? "" : "]}");
	a->torn = false;
	assert_int_equal(out.err, ERR_OK);
	memset(a->body, 0, sizeof a->body);
	memcpy(a->body, str_get(&out), out.len);
	*reply = (struct client_reply){.status = 200, .body = a->body, .len = out.len};
	str_done(&out);
	return ERR_OK;
}

static enum err api_torn(void *arg, struct errbuf *eb)
{
	(void)arg;
	return err_set(eb, ERR_BUSY, "torn");
}

static enum err api_allowed(void *arg, const struct cid *target, bool *yes, struct errbuf *eb)
{
	const struct api *a = arg;

	(void)eb;
	*yes = cid_compare(target, &a->never) != 0;
	return ERR_OK;
}

struct bench {
	struct api api;
	struct json_reader *json;
	struct arena *arena;
	json_t *params;
	struct search *s;
};

static void bench_open(struct bench *b, struct staging *reader, const char *params)
{
	struct errbuf eb = {0};

	b->json = json_reader_new(BODY, 64);
	b->arena = arena_new(0);
	b->params = json_loads(params, 0, NULL);
	assert_true(b->json && b->arena && b->params);
	assert_int_equal(search_check(b->params, &eb), ERR_OK);
	assert_int_equal(search_new(&b->s, b->params, &eb), ERR_OK);
	b->api.search = b->s;
	search_use(b->s, &(struct search_config){.call = api_call,
	                     .torn = api_torn,
	                     .allowed = api_allowed,
	                     .arg = &b->api,
	                     .json = b->json,
	                     .reader = reader,
	                     .params = b->params,
	                     .arena = b->arena});
}

static void bench_close(struct bench *b)
{
	search_free(b->s);
	json_decref(b->params);
	arena_free(b->arena);
	json_reader_free(b->json);
}

static enum err look(struct bench *b, int at, const char *description)
{
	struct channel_row row = {.cid = seed_cid((uint32_t)at), .has_meta = true};
	struct errbuf eb = {0};
	enum err err = ERR_OK;

	row.meta.description = description;
	row.meta.topics.n = row.meta.keywords.n = -1;
	for (int turn = TURN_QUIET; turn <= TURN_LIKE && !err; turn++)
		err = search_source(b->s, at, &row, 0, turn, &eb);
	return err;
}

static int count_finds(const struct bench *b)
{
	int n = 0;

	search_finds(b->s, &n);
	return n;
}

static int count_state(struct bench *b, enum search_target_state state)
{
	int n = 0, hits = 0;
	const struct search_find *f = search_finds(b->s, &n);

	for (int i = 0; i < n; i++) {
		struct search_target *t = search_target_get(b->s, &f[i].target);
		hits += t && t->state == state;
	}
	return hits;
}

/* A call that fails costs nothing that was answered, and reports nothing twice. */
static void test_a_failed_look_begins_anew(void **state)
{
	struct bench b = {.api = {.featured = 5, .next = {ERR_BUSY, ERR_QUOTA}, .n_next = 2}};

	bench_open(&b, ((struct room *)*state)->s, "{\"method\":[\"youtube_featured\"]}");
	assert_int_equal(look(&b, 0, NULL), ERR_BUSY);
	assert_int_equal(look(&b, 0, NULL), ERR_QUOTA);
	b.api.torn = true;
	assert_int_equal(look(&b, 0, NULL), ERR_BUSY);
	assert_int_equal(count_finds(&b), 0);
	assert_false(search_is_answered(b.s, 0));
	assert_int_equal(look(&b, 0, NULL), ERR_OK);
	assert_int_equal(look(&b, 0, NULL), ERR_OK); /* it looked already */
	assert_int_equal(b.api.calls[METHOD_CHANNEL_SECTIONS_LIST], 4);
	assert_int_equal(count_finds(&b), 5);
	assert_true(search_is_answered(b.s, 0));
	/* nothing there is an answer, a refusal is noted */
	b.api.next[0] = ERR_NOTFOUND;
	b.api.next[1] = ERR_DENIED;
	b.api.at = 0;
	assert_int_equal(look(&b, 1, NULL), ERR_OK);
	assert_int_equal(look(&b, 2, NULL), ERR_OK);
	int refused = -1;
	assert_int_equal(search_looked(b.s, 1, &refused), 1);
	assert_int_equal(refused, 0);
	assert_int_equal(search_looked(b.s, 2, &refused), 1);
	assert_int_equal(refused, 1);
	assert_int_equal(count_finds(&b), 5);
	bench_close(&b);
}

static void test_what_is_not_taken(void **state)
{
	struct bench b = {.api = {.featured = 30, .never = seed_cid(1001)}};
	struct cid cid = seed_cid(1002);
	int n = 0;

	bench_open(
	    &b, ((struct room *)*state)->s, "{\"method\":[\"youtube_featured\"],\"per_source\":7}");
	assert_int_equal(look(&b, 0, NULL), ERR_OK);
	const struct search_find *f = search_finds(b.s, &n);
	assert_int_equal(n, 7); /* without the one that is denied */
	for (int i = 0; i < n; i++)
		assert_int_not_equal(cid_compare(&f[i].target, &b.api.never), 0);
	assert_int_equal(cid_compare(&f[1].target, &cid), 0);
	assert_int_equal(look(&b, 1, NULL), ERR_OK);
	assert_int_equal(count_finds(&b), 14);
	search_drop(b.s, 0); /* its owner gave up on it */
	assert_int_equal(count_finds(&b), 7);
	assert_int_equal(look(&b, 2, NULL), ERR_OK);
	assert_int_equal(count_finds(&b), 14);
	bench_close(&b);
}

/* New channels are confirmed 50 a call; the one that makes a request refused is found by halving. */
static void test_confirming(void **state)
{
	struct bench b = {.api = {.featured = 120}};
	struct cid bad = seed_cid(1042);
	char id[CID_TEXT + 1];
	struct errbuf eb = {0};
	int n = 0;

	seed_channels(((struct room *)*state)->s, 1000, 10);
	bench_open(&b, ((struct room *)*state)->s, "{\"method\":[\"youtube_featured\"]}");
	assert_int_equal(look(&b, 3, NULL), ERR_OK);
	b.api.next[0] = ERR_BUSY;
	b.api.n_next = 1;
	b.api.at = 0;
	assert_int_equal(search_confirm(b.s, &eb), ERR_BUSY);
	assert_int_equal(count_state(&b, TARGET_KNOWN), 10);
	assert_int_equal(count_state(&b, TARGET_NEW), 110);
	b.api.poison = cid_format(&bad, id);
	memset(b.api.calls, 0, sizeof b.api.calls);
	assert_int_equal(search_confirm(b.s, &eb), ERR_OK);
	assert_int_equal(count_state(&b, TARGET_CONFIRMED), 109);
	assert_int_equal(count_state(&b, TARGET_REFUSED), 1);
	assert_in_range(b.api.calls[METHOD_CHANNELS_LIST], 4, 20);
	assert_int_equal(b.api.units_without_method, b.api.calls[METHOD_CHANNELS_LIST] + 1);
	const struct search_brought *brought = search_brought(b.s, &n);
	assert_int_equal(n, 109);
	assert_int_equal(brought[0].target.depth, 1);
	assert_string_equal(brought[0].meta->title, "t");
	search_handed_over(b.s);
	search_brought(b.s, &n);
	assert_int_equal(n, 0);
	assert_int_equal(search_confirm(b.s, &eb), ERR_OK); /* nothing is left to ask */
	assert_in_range(b.api.calls[METHOD_CHANNELS_LIST], 4, 20);
	bench_close(&b);
}

static void test_videos_in_packs(void **state)
{
	static const char text[] =
	    "youtu.be/aaaaaaaaaaA youtu.be/baaaaaaaaaA youtu.be/caaaaaaaaaA youtu.be/daaaaaaaaaA";
	struct bench b = {.api = {.poison = "caaaaaaaaaA"}};
	struct errbuf eb = {0};
	int n = 0;

	bench_open(&b, ((struct room *)*state)->s, "{\"method\":[\"mentioned_videos\"]}");
	for (int at = 0; at < 3; at++) { /* three sources link to the same */
		assert_int_equal(look(&b, at, text), ERR_OK);
		assert_false(search_is_answered(b.s, at));
	}
	assert_int_equal(search_look_up(b.s, &eb), ERR_OK);
	for (int at = 0; at < 3; at++)
		assert_true(search_is_answered(b.s, at));
	assert_int_equal(count_finds(&b), 9);
	assert_in_range(b.api.calls[METHOD_VIDEOS_LIST], 2, 6);
	search_videos_learned(b.s, &n);
	assert_int_equal(n, 4); /* the refused one too: nobody shall ask again */
	n = b.api.calls[METHOD_VIDEOS_LIST];
	assert_int_equal(search_look_up(b.s, &eb), ERR_OK);
	assert_int_equal(b.api.calls[METHOD_VIDEOS_LIST], n);
	bench_close(&b);
}

static void test_handles_are_counted(void **state)
{
	static const char text[] = "youtube.com/@one youtube.com/@two youtube.com/@three";
	struct bench b = {0};
	struct errbuf eb = {0};
	int n = 0, waiting = 0;

	bench_open(&b, ((struct room *)*state)->s,
	    "{\"method\":[\"youtube_collaborations\"],\"handles_per_source\":2}");
	assert_int_equal(look(&b, 0, text), ERR_OK);
	assert_int_equal(look(&b, 1, text), ERR_OK);
	assert_int_equal(search_look_up(b.s, &eb), ERR_OK);
	/* two of the first source; the second finds these known and asks for the one that waited */
	const struct handle_row *h = search_handles(b.s, &n);
	for (int i = 0; i < n; i++)
		waiting += h[i].state == ITEM_PENDING && h[i].checked_at == 0;
	assert_int_equal(b.api.calls[METHOD_CHANNELS_LIST], n - waiting);
	assert_int_equal(n, 4);
	assert_int_equal(waiting, 1);
	assert_int_equal(b.api.calls[METHOD_CHANNELS_LIST], 3);
	assert_true(search_is_answered(b.s, 0) && search_is_answered(b.s, 1));
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_failed_look_begins_anew, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_is_not_taken, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_confirming, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_videos_in_packs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_handles_are_counted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
