/*
 * channels_fixture - a reader and an arena to parse replies of channels.list with, and what the last
 * one held. Asserts with cmocka. Test threads alone.
 */
#ifndef TUBEOPS_TESTS_CHANNELS_FIXTURE_H
#define TUBEOPS_TESTS_CHANNELS_FIXTURE_H

#include "engine/youtube/channels.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define ID_A "UC_x5XG1OV2P6uZZ5FSM9Ttw"
#define ID_B "UCBR8-60-B28hp2BmDPdntcQ"

#define CHANNELS_TEST(name) cmocka_unit_test_setup_teardown(name, fix_start, fix_end)

struct fix {
	struct json_reader *reader;
	struct arena *arena;
	struct channel_meta *rows;
	int n, odd;
	struct errbuf eb;
};

int fix_start(void **state);
int fix_end(void **state);

enum err parse_n(struct fix *f, const char *body, size_t len);
enum err parse(struct fix *f, const char *body);

/* want NULL: no text. */
void check_text(const char *got, const char *want);
void check_list(const struct text_list *got, const char *const *want, int n);

#endif
