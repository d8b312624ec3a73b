/* A remote node as the screen sees it: what is asked waits here for the wire's thread. */
#include "config.h"
#include "engine/base/clock.h"
#include "tui/action_route.h"
#include "tui/node_remote_parts.h"
#include "tui/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	REMOTE_SENDS = 64, /* actions that wait */
	REMOTE_BODY = 2 * 1024 * 1024,
	REMOTE_PATH = 8192
};

static struct node_remote *remote_of(struct node *n)
{
	return (struct node_remote *)(void *)n;
}

static const struct snapshot *remote_snapshot(struct node *n)
{
	struct node_remote *r = remote_of(n);
	const struct snapshot *got = NULL;
	struct snapshot *s;

	pthread_mutex_lock(&r->lock);
	n->read_only = r->cfg.read_only || (r->link.state == NODE_LINK_OK && !r->may_change);
	n->clock_ms = r->clock_ms;
	if (!r->shown && r->latest && (s = snapshot_new())) {
		struct snapshot_refs *refs = s->refs;
		*s = *r->latest;
		s->refs = refs;
		memcpy(s->replies, r->replies, sizeof s->replies);
		s->n_replies = r->n_replies;
		r->shown = s;
	}
	if (r->shown)
		got = snapshot_ref(r->shown);
	pthread_mutex_unlock(&r->lock);
	return got;
}

static struct remote_send *remote_send_new(const struct command *c)
{
	struct remote_send *s = calloc(1, sizeof *s);
	struct str path, body;
	struct uuid once;
	bool ok;

	if (!s)
		return NULL;
	str_init(&path, REMOTE_PATH);
	str_init(&body, REMOTE_BODY);
	str_room(&body, (c->params_json ? strlen(c->params_json) : 0) +
	                    (c->secret ? 6 * strlen(c->secret) : 0) + 1024);
	action_route(c, &path, &body);
	ok = !path.err && !body.err;
	if (ok && c->action == ACTION_JOB_START && uuid_new(&once) == ERR_OK)
		uuid_format(&once, s->once);
	s->path = str_take(&path);
	s->body = str_take(&body);
	if (ok && s->path && s->body)
		return s;
	remote_wipe(s->body);
	free(s->path);
	free(s);
	return NULL;
}

static uint64_t remote_command(struct node *n, const struct command *c)
{
	struct node_remote *r = remote_of(n);
	struct remote_send *s = remote_send_new(c);
	uint64_t id = 0;

	if (!s)
		return 0;
	pthread_mutex_lock(&r->lock);
	if (r->n_sends < REMOTE_SENDS) {
		id = s->id = ++r->last_id;
		*r->sends_end = s;
		r->sends_end = &s->next;
		r->n_sends++;
		if (r->link.state != NODE_LINK_OK)
			remote_refuse_sends_locked(r, false);
		s = NULL;
	}
	pthread_mutex_unlock(&r->lock);
	if (s) {
		remote_wipe(s->body);
		free(s->path);
		free(s);
	}
	wire_wake(r->wire);
	return id;
}

static void remote_ask_free(struct remote_ask *a)
{
	free(a->path);
	free(a->body);
	if (a->state == ASK_ANSWERED)
		free(a->answer.text);
	*a = (struct remote_ask){.state = ASK_FREE};
}

static uint64_t remote_ask(
    struct node *n, int slot, const char *method, const char *path, const char *body)
{
	struct node_remote *r = remote_of(n);
	bool post = strcmp(method, "POST") == 0;
	struct remote_ask a = {.state = ASK_WAITS,
	    .path = str_dup(path),
	    .body = post ? str_dup(body ? body : "") : NULL};

	if (slot < 0 || slot >= NODE_SLOTS || !a.path || (post && !a.body)) {
		free(a.path);
		free(a.body);
		return 0;
	}
	pthread_mutex_lock(&r->lock);
	a.id = ++r->last_id;
	remote_ask_free(&r->asks[slot]);
	r->asks[slot] = a;
	pthread_mutex_unlock(&r->lock);
	wire_wake(r->wire);
	return a.id;
}

static bool remote_take(struct node *n, struct node_answer *a)
{
	struct node_remote *r = remote_of(n);
	eventfd_t count;
	bool found = false;

	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < NODE_SLOTS && !found; i++) {
		struct remote_ask *ask = &r->asks[i];
		if (ask->state != ASK_ANSWERED)
			continue;
		*a = ask->answer;
		ask->answer.text = NULL;
		remote_ask_free(ask);
		found = true;
	}
	if (!found)
		eventfd_read(r->fd, &count); /* silent until there is something new */
	pthread_mutex_unlock(&r->lock);
	return found;
}

static int remote_wake_fd(struct node *n)
{
	return remote_of(n)->fd;
}

static void remote_link(struct node *n, struct node_link *out)
{
	struct node_remote *r = remote_of(n);

	pthread_mutex_lock(&r->lock);
	*out = r->link;
	pthread_mutex_unlock(&r->lock);
}

static void remote_again(struct node *n)
{
	struct node_remote *r = remote_of(n);

	pthread_mutex_lock(&r->lock);
	r->again = true;
	pthread_mutex_unlock(&r->lock);
	wire_wake(r->wire);
}

/* ---- exports ---- */

struct remote_rows {
	FILE *out;
	node_export_fn *go_on;
	void *arg;
	int64_t rows;
	bool lines;  /* JSON Lines: every line is a row; else CSV with a header */
	bool quoted; /* within quotes of CSV, where a line may end without its row */
	int failed;  /* errno: out takes no more */
};

static bool remote_rows_take(void *arg, const char *data, size_t len)
{
	struct remote_rows *r = arg;

	for (size_t i = 0; i < len; i++) {
		r->quoted = r->quoted != (data[i] == '"' && !r->lines);
		r->rows += data[i] == '\n' && !r->quoted;
	}
	errno = 0;
	r->failed = fwrite(data, 1, len, r->out) != len ? errno : 0;
	return !r->failed && r->go_on(r->arg, r->rows > 0 ? r->rows : 0);
}

static void remote_export_path(const struct node_export *x, struct str *path)
{
	const struct {
		const char *name, *value;
	} words[] = {{"q", x->q}, {"sort", x->sort}, {"channel", x->channel}};

	str_addf(path, "/api/export/%s?format=%s", x->what, x->format);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (*words[i].value) {
			str_addf(path, "&%s=", words[i].name);
			node_add_query(path, words[i].value);
		}
}

/* By a connection of its own; on the caller's thread. */
static enum err remote_export(struct node *n, const struct node_export *x, FILE *out,
    node_export_fn *go_on, void *arg, int64_t *rows, struct errbuf *eb)
{
	const struct node_remote_config *cfg = &remote_of(n)->cfg;
	struct remote_rows r = {
	    .out = out, .go_on = go_on, .arg = arg, .lines = strcmp(x->format, "jsonl") == 0};
	struct node_address at = {.token = NULL};
	struct str path;
	enum err err;

	str_init(&at.url, REMOTE_PATH);
	str_init(&path, REMOTE_PATH);
	remote_export_path(x, &path);
	r.rows = r.lines ? 0 : -1; /* the header */
	err = path.err ? err_set(eb, path.err, "the filter is too long") : ERR_OK;
	if (!err)
		err = cfg->find(cfg->arg, &at, eb);
	if (!err) {
		const struct remote node = {.url = str_get(&at.url),
		    .token = at.token,
		    .cert = cfg->ca,
		    .named = !cfg->own};
		err = remote_stream(&node, str_get(&path), remote_rows_take, &r, eb);
	}
	if (err == ERR_CANCELLED && r.failed)
		err = err_set(eb, ERR_IO, "%s", strerror(r.failed));
	*rows = r.rows > 0 ? r.rows : 0;
	secret_free(at.token);
	str_done(&at.url);
	str_done(&path);
	return err;
}

static void remote_close(struct node *n)
{
	struct node_remote *r = remote_of(n);

	wire_free(r->wire);
	for (int i = 0; i < NODE_SLOTS; i++)
		remote_ask_free(&r->asks[i]);
	while (r->sends)
		remote_pop_send_locked(r);
	snapshot_unref(r->latest);
	snapshot_unref(r->shown);
	str_done(&r->line);
	if (r->fd >= 0)
		close(r->fd);
	pthread_mutex_destroy(&r->lock);
	if (r->cfg.done)
		r->cfg.done(r->cfg.arg);
	free(r->name);
	free(r);
}

static const struct node_ops remote_ops = {.snapshot = remote_snapshot,
    .send = remote_command,
    .ask = remote_ask,
    .take = remote_take,
    .wake_fd = remote_wake_fd,
    .close = remote_close,
    .link = remote_link,
    .again = remote_again,
    .export = remote_export};

struct node *node_remote_open(const struct node_remote_config *cfg, struct errbuf *eb)
{
	struct node_remote *r = calloc(1, sizeof *r);

	if (!r) {
		if (cfg->done)
			cfg->done(cfg->arg);
		err_set(eb, ERR_NOMEM, "out of memory");
		return NULL;
	}
	r->node =
	    (struct node){.ops = &remote_ops, .types = cfg->types, .read_only = cfg->read_only};
	r->cfg = *cfg;
	r->name = str_dup(cfg->name);
	r->sends_end = &r->sends;
	r->link = (struct node_link){.state = NODE_LINK_TRYING, .since_ms = clock_mono_ms()};
	pthread_mutex_init(&r->lock, NULL);
	str_init(&r->line, REMOTE_WORD);
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!r->name || r->fd < 0)
		err_set(eb, ERR_NOMEM, "out of memory");
	else if (wire_new(&r->wire, &remote_wire_ops, r, eb) == ERR_OK)
		return &r->node;
	remote_close(&r->node);
	return NULL;
}
