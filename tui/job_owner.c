#include "config.h"
#include "tui/job_owner.h"
#include "tui/cli_text.h"
#include "tui/owner.h"
#include "tui/params.h"
#include "tui/progress.h"
#include "tui/signals.h"
#include "engine/base/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FAR_TEXT = 4096,
	FAR_BODY = 2 * 1024 * 1024,
	FAR_REPLY = 16 * 1024 * 1024,
	FAR_DEPTH = 32,
	FAR_LOOK_MS = 250,
	FAR_SILENT_MS = 30000, /* an owner that does not answer: it may be ending */
	FAR_ALONE_MS = 5000    /* a folder without an owner: a hand-over takes less */
};

/* One job at the owner. */
struct far {
	struct cli *c;
	struct owner o;
	struct job_outcome *out;
	struct snapshot_job job;
	int64_t lost_ms; /* since when nobody answers; 0: it does */
};

/* What a status means to somebody who waits for the end; waiting is judged apart. */
static const struct {
	const char *status;
	enum err err; /* ERR_BUSY: not over yet */
} far_states[] = {
    {"completed", ERR_OK}, {"failed", ERR_INVALID}, {"cancelled", ERR_CANCELLED},
    {"paused", ERR_CANCELLED},
    {"interrupted", ERR_BUSY}, /* its process begins: it will go on with it */
};

static enum err far_parse(
    const struct str *text, struct json_reader **reader, struct json_node *root, struct errbuf *eb)
{
	*reader = json_reader_new(FAR_REPLY, FAR_DEPTH);
	if (!*reader)
		return err_set(eb, ERR_NOMEM, "out of memory");
	return json_reader_parse(*reader, str_get(text), text->len, root, eb);
}

static void far_text(struct json_node node, const char *name, char *out, size_t size)
{
	struct str text;

	str_init(&text, FAR_TEXT);
	cli_json_text(node, name, &text);
	snprintf(out, size, "%s", str_get(&text));
	str_done(&text);
}

/* The times of REST are UTC without saying so; 0: none. */
static int64_t far_time(struct json_node node, const char *name)
{
	char text[CLI_TIME_SIZE];
	int64_t at = 0;
	size_t n;

	far_text(node, name, text, sizeof text - 1);
	n = strlen(text);
	snprintf(text + n, sizeof text - n, "Z");
	return clock_parse_rfc3339(text, n + 1, &at) ? 0 : at;
}

/* ---- starting ---- */

static enum err far_start(struct far *f, const char *type, const char *params, struct errbuf *eb)
{
	struct json_reader *reader = NULL;
	struct json_node root;
	struct str body, reply;
	enum err err;

	str_init(&body, FAR_BODY);
	str_init(&reply, FAR_REPLY);
	str_room(&body, strlen(params) + 128); /* so that no copy of a password stays behind */
	str_addf(&body, "{\"type\":\"%s\"%s%s", type, params[1] == '}' ? "" : ",", params + 1);
	err = body.err ? err_set(eb, body.err, "the parameters are too long")
	               : owner_post(&f->o, "/api/jobs?continue=1", str_get(&body), &reply, eb);
	if (!err)
		err = far_parse(&reply, &reader, &root, eb);
	if (!err) {
		far_text(root, "job_id", f->job.uuid, sizeof f->job.uuid);
		far_text(root, "job_id", f->out->number, sizeof f->out->number); /* until a look */
	}
	if (body.text)
		explicit_bzero(body.text, body.cap);
	json_reader_free(reader);
	str_done(&body);
	str_done(&reply);
	return err;
}

/* ---- looking ---- */

static void far_read(struct far *f, struct json_node root)
{
	struct snapshot_job *j = &f->job;
	const struct job_type_info *type;

	far_text(root, "number", f->out->number, sizeof f->out->number);
	far_text(root, "job_type", j->type, sizeof j->type);
	far_text(root, "status", j->status, sizeof j->status);
	far_text(root, "reason", j->reason, sizeof j->reason);
	type = params_type(j->type);
	snprintf(j->word, sizeof j->word, "%.15s", type ? type->word : j->type);
	j->total = cli_json_int(root, "total_items", -1);
	j->processed = cli_json_int(root, "processed_items", 0);
	j->units = cli_json_int(root, "units_used", 0);
	j->rate = cli_json_real(root, "rate");
	j->until = far_time(root, "until");
	j->eta = far_time(root, "eta");
}

static enum err far_look(struct far *f, struct errbuf *eb)
{
	struct json_reader *reader = NULL;
	struct json_node root;
	char path[96];
	struct str reply;
	enum err err;

	str_init(&reply, FAR_REPLY);
	snprintf(path, sizeof path, "/api/jobs/%s", f->job.uuid);
	err = owner_get(&f->o, path, &reply, eb);
	if (!err)
		err = far_parse(&reply, &reader, &root, eb);
	if (!err)
		far_read(f, root);
	json_reader_free(reader);
	str_done(&reply);
	return err;
}

/* Nobody answers: the owner may be ending, and another may come. ERR_BUSY: worth another try. */
static enum err far_find(struct far *f, struct errbuf *eb)
{
	int64_t now = clock_mono_ms(), was = f->o.pid;
	bool owned;

	f->lost_ms = f->lost_ms ? f->lost_ms : now;
	owner_done(&f->o);
	owned = owner_find(f->c, &f->o);
	if (now - f->lost_ms < (owned ? FAR_SILENT_MS : FAR_ALONE_MS)) {
		f->o.pid = owned ? f->o.pid : was;
		return ERR_BUSY;
	}
	return err_set(eb, ERR_UNAVAIL,
	    owned ? "process %" PRId64 " does not answer; %s goes on there when it can"
	          : "process %" PRId64
	            " ended; %s goes on when a process works here again (tubeops serve)",
	    owned ? f->o.pid : was, f->out->number);
}

static enum err far_state(const struct far *f, bool wait, struct errbuf *eb)
{
	const struct snapshot_job *j = &f->job;
	const char *why = j->reason[0] ? j->reason : j->status;

	if (strcmp(j->status, "waiting") == 0 && !wait)
		return err_set(eb, j->until ? ERR_QUOTA : ERR_UNAVAIL, "%s", why);
	for (size_t i = 0; i < sizeof far_states / sizeof far_states[0]; i++)
		if (strcmp(far_states[i].status, j->status) == 0)
			return far_states[i].err == ERR_OK || far_states[i].err == ERR_BUSY
			           ? far_states[i].err
			           : err_set(eb, far_states[i].err, "%s", why);
	return ERR_BUSY;
}

/* False: somebody asked to stop. */
static bool far_sleep(const struct far *f)
{
	struct pollfd fd = {.fd = signals_fd(f->c->signals), .events = POLLIN};

	poll(&fd, 1, FAR_LOOK_MS);
	return !signals_stop_asked(f->c->signals);
}

static enum err far_wait(struct far *f, bool wait, struct errbuf *eb)
{
	struct progress *progress = f->c->verbose ? NULL : progress_new();
	enum err err;

	do {
		err = far_look(f, eb);
		if (err == ERR_UNAVAIL) {
			err = far_find(f, eb);
		} else if (!err) {
			f->lost_ms = 0;
			err = far_state(f, wait, eb);
			progress_show(progress, &f->job, clock_now());
		}
		f->out->pid = f->o.pid;
		if (err == ERR_BUSY && !far_sleep(f)) {
			f->out->stopped = true;
			err = err_set(eb, ERR_CANCELLED, "%s", "");
		}
	} while (err == ERR_BUSY);
	progress_free(progress);
	return err;
}

/* ---- the outcome ---- */

static enum err far_result(struct far *f, struct errbuf *eb)
{
	struct str reply;
	char path[96];
	enum err err;

	str_init(&reply, FAR_REPLY);
	snprintf(path, sizeof path, "/api/jobs/%s/result", f->job.uuid);
	err = owner_get(&f->o, path, &reply, eb);
	while (!err && reply.len && reply.text[reply.len - 1] == '\n')
		reply.text[--reply.len] = '\0';
	f->out->text = err ? NULL : str_take(&reply);
	str_done(&reply);
	return err;
}

static char *far_started(const struct far *f)
{
	struct str text;

	str_init(&text, FAR_TEXT);
	str_addf(&text,
	    "{\"job_id\":\"%s\",\"number\":\"%s\",\"pid\":%" PRId64 ",\"status\":\"%s\"}",
	    f->job.uuid, f->out->number, f->o.pid, f->job.status);
	return str_take(&text);
}

/* Next midnight of the quota, as any reader of the folder knows it. */
static int64_t far_reset_at(struct cli *c)
{
	const struct snapshot *s;
	struct engine *e = NULL;
	struct errbuf eb;
	int64_t at = 0;

	if (cli_open(c, ENGINE_LOOK, &e, &eb))
		return 0;
	s = engine_snapshot(e);
	at = s ? s->reset_at : 0;
	snapshot_unref(s);
	cli_close(c, e);
	return at;
}

void job_owner_watch(
    struct cli *c, const char *type, const char *params, bool wait, struct job_outcome *out)
{
	struct far f = {.c = c, .out = out};
	struct errbuf late = {.code = ERR_OK};

	*out = (struct job_outcome){.err = ERR_OK};
	if (!owner_find(c, &f.o))
		out->err = err_set(&out->eb, ERR_UNAVAIL,
		    "the process that owned %s just ended: try again", c->data_dir);
	if (!out->err)
		out->err = far_start(&f, type, params, &out->eb);
	if (!out->err)
		out->err = far_look(&f, &out->eb);
	if (out->err == ERR_UNAVAIL && f.job.uuid[0] && !cli_has(c, "detach")) {
		out->err = ERR_OK; /* it just ended, and that is waited for below */
		out->eb = (struct errbuf){.code = ERR_OK};
	}
	out->pid = f.o.pid;
	out->started = f.job.uuid[0] != '\0';
	out->detached = !out->err && cli_has(c, "detach");
	if (out->detached) {
		out->text = far_started(&f);
	} else if (!out->err) {
		fprintf(
		    stderr, "tubeops: process %" PRId64 " does this as %s\n", f.o.pid, out->number);
		out->err = far_wait(&f, wait, &out->eb);
		/* without one there is the error already, or this is one */
		if (far_result(&f, &late) && (!out->err || out->stopped)) {
			out->err = late.code;
			out->eb = late;
		}
		out->reset_at = far_reset_at(c);
	}
	owner_done(&f.o);
}
