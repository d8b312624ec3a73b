#include "config.h"
#include "tui/owner.h"
#include "tui/remote.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <string.h>

enum { OWNER_PATIENCE_MS = 1500, OWNER_LOOK_MS = 50 };

bool owner_find(const struct cli *c, struct owner *o)
{
	const struct secret *set = settings_secret(c->settings, SET_API_TOKEN, 0);

	*o = (struct owner){0};
	if (!engine_owner(c->data_dir, &o->pid, o->listen, sizeof o->listen))
		return false;
	o->token = engine_owner_token(c->data_dir);
	if (!o->token && set)
		o->token = secret_copy(set);
	o->cert = settings_text(c->settings, SET_TLS_CERT, 0);
	return true;
}

void owner_done(struct owner *o)
{
	secret_free(o->token);
	o->token = NULL;
}

/* What stands in its way, and what to do: also of an owner that runs without an address. */
#define OWNER_WITHOUT_REST                                                                   \
	"it works without REST, so it cannot be asked: wait until it ends, end it (tubeops " \
	"stop), "                                                                            \
	"or restart it without --no-rest on a free address"

enum err owner_check(const struct owner *o, struct errbuf *eb)
{
	if (*o->listen)
		return ERR_OK;
	return err_set(
	    eb, ERR_UNAVAIL, "process %" PRId64 " owns the folder: " OWNER_WITHOUT_REST, o->pid);
}

enum err owner_get(const struct owner *o, const char *path, struct str *reply, struct errbuf *eb)
{
	const struct remote where = {.url = o->listen, .token = o->token, .cert = o->cert};
	enum err err = owner_check(o, eb);

	return err ? err : remote_call(&where, REMOTE_GET, path, NULL, reply, eb);
}

enum err owner_post(
    const struct owner *o, const char *path, const char *body, struct str *reply, struct errbuf *eb)
{
	const struct remote where = {.url = o->listen, .token = o->token, .cert = o->cert};
	enum err err = owner_check(o, eb);

	return err ? err : remote_call(&where, REMOTE_POST, path, body, reply, eb);
}

enum err owner_say(
    const struct owner *o, const char *path, const char *body, struct str *text, struct errbuf *eb)
{
	const struct remote where = {.url = o->listen, .token = o->token, .cert = o->cert};
	enum err err = owner_check(o, eb);

	return err ? err : remote_post(&where, path, body, text, eb);
}

/* One that has just begun has no address yet, and many a command owns the folder for a moment. */
bool owner_or_open(struct cli *c, struct engine **out, enum cli_exit *code)
{
	int64_t until = clock_mono_ms() + OWNER_PATIENCE_MS;
	struct errbuf eb = {.code = ERR_OK};
	int64_t pid;
	bool asked = false;
	struct owner o;
	enum err err;

	if (cli_has(c, "detach") && !engine_owner(c->data_dir, &pid, NULL, 0)) {
		*code = cli_fail(c, CLI_FAILED,
		    "--detach: no process works in %s that would do it: start one with tubeops "
		    "serve --background",
		    c->data_dir);
		return false;
	}
	while ((err = cli_open(c, ENGINE_WORK, out, &eb)) == ERR_BUSY && !asked &&
	       clock_mono_ms() < until) {
		asked = owner_find(c, &o) && *o.listen;
		owner_done(&o);
		if (asked)
			break;
		clock_sleep_ms(OWNER_LOOK_MS);
	}
	if (err)
		*out = NULL;
	if (err && !asked)
		*code = cli_open_failed(c, err, &eb, OWNER_WITHOUT_REST);
	return !err || asked;
}
