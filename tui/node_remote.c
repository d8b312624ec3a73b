/* A remote node as the screen sees it: what is asked waits here for the wire's thread. */
#include "config.h"
#include "engine/base/clock.h"
#include "tui/action_route.h"
#include "tui/node_remote_parts.h"

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
    .again = remote_again};

struct node *node_remote_open(const struct node_remote_config *cfg, struct errbuf *eb)
{
	struct node_remote *r = calloc(1, sizeof *r);

	if (!r) {
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
