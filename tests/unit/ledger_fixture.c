#include "config.h"
#include "tests/unit/ledger_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t fake_now, fake_mono;

int64_t test_now(void)
{
	return fake_now;
}

int64_t test_mono(void)
{
	return fake_mono;
}

int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);
	FILE *f;

	if (!p)
		return -1;
	snprintf(p->dir, sizeof p->dir, "/tmp/test_ledger.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->db, sizeof p->db, "%s/quota.db", p->dir);
	snprintf(p->env, sizeof p->env, "%s/env", p->dir);
	snprintf(p->log, sizeof p->log, "%s/log", p->dir);
	f = fopen(p->env, "w");
	if (!f || fclose(f) != 0 || settings_load(&p->settings, p->env, &p->eb))
		return -1;
	/* 2026-11-20, noon in Los Angeles */
	fake_now = 1795204800;
	fake_mono = 1000000;
	*state = p;
	return settings_set(p->settings, "API_RATE_LIMIT_DELAY", "0", "test", &p->eb) ? -1 : 0;
}

int tear_down(void **state)
{
	static const char *const names[] = {
	    "quota.db", "quota.db-wal", "quota.db-shm", "env", "log"};
	struct place *p = *state;
	char path[128];

	ledger_close(p->ledger);
	settings_free(p->settings);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", p->dir, names[i]);
		unlink(path);
	}
	rmdir(p->dir);
	free(p);
	return 0;
}

void put(struct place *p, const char *name, const char *value)
{
	assert_int_equal(settings_set(p->settings, name, value, "test", &p->eb), ERR_OK);
}

void open_as(struct place *p, bool read_only, struct log *lg)
{
	struct ledger_config cfg = {.path = p->db,
	    .settings = p->settings,
	    .log = lg,
	    .now = test_now,
	    .mono_ms = test_mono,
	    .read_only = read_only};

	assert_int_equal(ledger_open(&p->ledger, &cfg, &p->eb), ERR_OK);
}

void open_ledger(struct place *p)
{
	open_as(p, false, NULL);
}

void reopen(struct place *p)
{
	ledger_close(p->ledger);
	open_ledger(p);
}

enum err take(struct place *p, struct ledger_ticket *t, int64_t *until_ms, int64_t *until)
{
	return ledger_take(
	    p->ledger, METHOD_CHANNELS_LIST, STAGE_METADATA, t, until_ms, until, &p->eb);
}

enum err refused(struct place *p, int64_t *until_ms, int64_t *until)
{
	struct ledger_ticket t;
	enum err err = take(p, &t, until_ms, until);

	assert_int_equal(t.key, 0);
	assert_int_not_equal(err, ERR_OK);
	return err;
}

void settle(struct place *p, struct ledger_ticket *t, enum fault fault, const char *reason)
{
	struct fault_info info = {.fault = fault, .status = 403};

	snprintf(info.reason, sizeof info.reason, "%s", reason);
	ledger_settle(p->ledger, t, true, &info, -1);
	assert_int_equal(t->key, 0);
}

void spend(struct place *p, int n)
{
	for (int i = 0; i < n; i++) {
		struct ledger_ticket t;
		int64_t until_ms, until;
		assert_int_equal(take(p, &t, &until_ms, &until), ERR_OK);
		settle(p, &t, FAULT_NONE, "");
	}
}

void add_key(struct place *p, const char *text, const char *name, const char *project,
    int64_t limit, enum err expected)
{
	struct secret *key = secret_new(text, strlen(text));
	int64_t id;

	assert_non_null(key);
	assert_int_equal(
	    ledger_key_add(p->ledger, key, name, project, limit, &id, &p->eb), expected);
	assert_true((id > 0) == (expected == ERR_OK));
	secret_free(key);
}

struct ledger_key key_at(struct place *p, size_t i)
{
	struct ledger_key keys[8];
	size_t n = ledger_keys(p->ledger, keys, 8);

	assert_true(i < n);
	return keys[i];
}

bool file_holds(const char *path, const char *text)
{
	size_t len = strlen(text), n;
	bool found = false;
	char *data = malloc(8 << 20);
	FILE *f = fopen(path, "rb");

	assert_non_null(data);
	if (f) {
		n = fread(data, 1, 8 << 20, f);
		found = memmem(data, n, text, len) != NULL;
		fclose(f);
	}
	free(data);
	return found;
}
