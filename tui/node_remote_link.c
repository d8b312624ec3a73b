/* The connection of a remote node, on the wire's thread: greeting, looking, losing, trying again. */
#include "config.h"
#include "engine/base/clock.h"
#include "engine/snapshot_json.h"
#include "tui/node_remote_parts.h"
#include "tui/resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
	REMOTE_ASKS = 4, /* questions under way */
	REMOTE_URL = 8192,
	REMOTE_PAUSE_MS = 500, /* between snapshots while things change */
	REMOTE_REST_MS = 2000, /* and when nothing is told */
	REMOTE_HELLO_MS = 6000,
	REMOTE_LOOK_MS = 8000,
	REMOTE_ASK_MS = 15000,
	REMOTE_SEND_MS = 30000,
	REMOTE_STREAM_MS = 3000,
	REMOTE_CLOCK_MS = 2000 /* clocks may differ so much */
};

static const int64_t remote_pauses_ms[] = {1000, 2000, 5000, 10000, 15000};

enum remote_kind { REMOTE_HELLO, REMOTE_LOOK, REMOTE_STREAM, REMOTE_ASK, REMOTE_SEND };

struct remote_tag {
	enum remote_kind kind;
	int slot;
	uint64_t id;
};

void remote_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void remote_tell(struct node_remote *r)
{
	eventfd_write(r->fd, 1);
}

/* ---- states ---- */

static void remote_link_locked(
    struct node_remote *r, enum node_link_state state, const char *text, int64_t retry_ms)
{
	if (r->link.state != state)
		r->link.since_ms = clock_mono_ms();
	r->link.state = state;
	r->link.retry_ms = retry_ms;
	snprintf(r->link.text, sizeof r->link.text, "%s", text);
	remote_tell(r);
}

static void remote_answer_locked(struct node_remote *r, uint64_t id, bool ok, const char *text)
{
	struct snapshot_reply *to;

	if (r->n_replies == SNAPSHOT_REPLIES)
		memmove(r->replies, r->replies + 1, --r->n_replies * sizeof r->replies[0]);
	to = &r->replies[r->n_replies++];
	*to = (struct snapshot_reply){.id = id, .ok = ok};
	snprintf(to->text, sizeof to->text, "%s", text);
	snapshot_unref(r->shown);
	r->shown = NULL;
	remote_tell(r);
}

void remote_pop_send_locked(struct node_remote *r)
{
	struct remote_send *s = r->sends;

	r->sends = s->next;
	if (!r->sends)
		r->sends_end = &r->sends;
	r->n_sends--;
	remote_wipe(s->body);
	free(s->path);
	free(s);
}

void remote_refuse_sends_locked(struct node_remote *r, bool under_way)
{
	for (; r->sends; under_way = false) {
		remote_answer_locked(r, r->sends->id, false,
		    under_way
		        ? "the connection was lost before an answer came: look whether it was done"
		        : "not sent: the connection is lost");
		remote_pop_send_locked(r);
	}
}

/* Not greeted any more; the next try is after a pause. Its calls are given up by the caller. */
static void remote_lost(struct node_remote *r, enum node_link_state state, const char *text)
{
	size_t n = sizeof remote_pauses_ms / sizeof remote_pauses_ms[0];
	size_t at = (size_t)r->tries < n ? (size_t)r->tries : n - 1;

	if (state == NODE_LINK_REFUSED || state == NODE_LINK_DIFFERS)
		at = n - 1;
	r->tries++;
	pthread_mutex_lock(&r->lock);
	remote_refuse_sends_locked(r, r->sending);
	remote_link_locked(r, state, text, clock_mono_ms() + remote_pauses_ms[at]);
	pthread_mutex_unlock(&r->lock);
	r->greeted = false;
	wire_drop(r->wire);
}

/* ---- calls ---- */

static bool remote_call(struct node_remote *r, struct remote_tag tag, const struct wire_call *call)
{
	struct wire_call c = *call;
	struct remote_tag *t = malloc(sizeof *t);

	if (!t)
		return false;
	*t = tag;
	c.tag = t;
	if (wire_send(r->wire, &c))
		return true;
	free(t);
	return false;
}

static void remote_greet(struct node_remote *r)
{
	struct node_address at = {.token = NULL};
	struct errbuf eb = {.code = ERR_OK};
	enum err err;

	str_init(&at.url, REMOTE_URL);
	err = r->cfg.find(r->cfg.arg, &at, &eb);
	if (!err)
		err = wire_aim(r->wire, str_get(&at.url), at.token, r->cfg.ca, r->cfg.own, &eb);
	secret_free(at.token);
	str_done(&at.url);
	if (!err)
		r->greeting = remote_call(r, (struct remote_tag){.kind = REMOTE_HELLO},
		    &(struct wire_call){.path = "/api/session", .most_ms = REMOTE_HELLO_MS});
	if (err || !r->greeting)
		remote_lost(r, NODE_LINK_LOST, err ? err_text(&eb) : "out of memory");
}

static void remote_look(struct node_remote *r, int64_t now)
{
	int64_t pause = r->dirty ? REMOTE_PAUSE_MS : REMOTE_REST_MS;

	if (r->looking || now - r->looked_ms < pause)
		return;
	r->dirty = false;
	r->looked_ms = now;
	r->looking = remote_call(r, (struct remote_tag){.kind = REMOTE_LOOK},
	    &(struct wire_call){.path = "/api/snapshot", .most_ms = REMOTE_LOOK_MS});
}

static void remote_listen(struct node_remote *r, int64_t now)
{
	if (r->streaming || now < r->stream_ms)
		return;
	str_reset(&r->line);
	r->streaming = remote_call(r, (struct remote_tag){.kind = REMOTE_STREAM},
	    &(struct wire_call){.path = "/api/events", .stream = true});
	r->stream_ms = now + REMOTE_STREAM_MS;
}

static void remote_ask_next_locked(struct node_remote *r)
{
	for (int i = 0; i < NODE_SLOTS && r->asking < REMOTE_ASKS; i++) {
		struct remote_ask *a = &r->asks[i];
		if (a->state != ASK_WAITS ||
		    !remote_call(r, (struct remote_tag){REMOTE_ASK, i, a->id},
		        &(struct wire_call){
		            .path = a->path, .body = a->body, .most_ms = REMOTE_ASK_MS}))
			continue;
		a->state = ASK_SENT;
		r->asking++;
	}
}

/* One after the other: what somebody did first is done first. */
static void remote_send_next_locked(struct node_remote *r)
{
	const struct remote_send *s = r->sends;

	if (!s || r->sending)
		return;
	r->sending = remote_call(r, (struct remote_tag){REMOTE_SEND, 0, s->id},
	    &(struct wire_call){.path = s->path,
	        .body = s->body,
	        .once = s->once[0] ? s->once : NULL,
	        .most_ms = REMOTE_SEND_MS});
}

static int64_t remote_turn(void *arg, int64_t now)
{
	struct node_remote *r = arg;
	int64_t due_ms;
	bool due;

	pthread_mutex_lock(&r->lock);
	due = r->again || (now >= r->link.retry_ms && r->link.state != NODE_LINK_DIFFERS);
	if (r->again && !r->greeted)
		r->tries = 0;
	r->dirty = r->dirty || r->again;
	r->again = false;
	if (r->greeted) {
		remote_ask_next_locked(r);
		remote_send_next_locked(r);
	}
	pthread_mutex_unlock(&r->lock);
	if (r->greeted) {
		remote_look(r, now);
		remote_listen(r, now);
	} else if (due && !r->greeting) {
		remote_greet(r);
	}
	if (!r->greeted || r->looking)
		return REMOTE_PAUSE_MS / 2;
	due_ms = r->looked_ms + (r->dirty ? REMOTE_PAUSE_MS : REMOTE_REST_MS) - now;
	return due_ms > 0 ? due_ms : 1;
}

/* ---- answers ---- */

/* The words of an answer that is an error. */
static void remote_words(const struct wire_reply *w, char *out, size_t size)
{
	struct answer parsed = {0};
	const char *said;

	if (!w->status) {
		snprintf(out, size, "%s", w->trouble);
		return;
	}
	said = answer_parse(&parsed, str_dup(w->text)) ? answer_text(parsed.root, "error") : "";
	if (*said)
		snprintf(out, size, "%s", said);
	else
		snprintf(out, size, "it answered %d", w->status);
	answer_done(&parsed);
}

/* Of another major version, or nothing like one: nobody knows what its words mean. */
static bool remote_differs(const char *theirs)
{
	size_t n = strspn(PACKAGE_VERSION, "0123456789");

	return strncmp(theirs, PACKAGE_VERSION, n) != 0 || theirs[n] != '.';
}

static void remote_greeted(struct node_remote *r, struct answer *a)
{
	const char *version = answer_text(a->root, "version");
	int64_t ahead = answer_int(a->root, "now_ms") - clock_now_ms();
	char text[REMOTE_WORD];

	if (remote_differs(version)) {
		snprintf(text, sizeof text, "the node is tubeops %s, this one is %s: use the same",
		    *version ? version : "?", PACKAGE_VERSION);
		remote_lost(r, NODE_LINK_DIFFERS, text);
		return;
	}
	r->greeted = r->dirty = true;
	r->tries = 0;
	r->looked_ms = r->stream_ms = 0;
	pthread_mutex_lock(&r->lock);
	r->may_change = strcmp(answer_text(a->root, "may"), "all") == 0;
	r->clock_ms = ahead > REMOTE_CLOCK_MS || ahead < -REMOTE_CLOCK_MS ? ahead : 0;
	remote_link_locked(r, NODE_LINK_OK, "", 0);
	pthread_mutex_unlock(&r->lock);
}

static void remote_take_hello(struct node_remote *r, const struct wire_reply *w)
{
	struct answer a = {0};
	char text[REMOTE_WORD];

	remote_words(w, text, sizeof text);
	if (w->status == 200 && answer_parse(&a, str_dup(w->text)))
		remote_greeted(r, &a);
	else if (w->status == 401 || w->status == 403)
		remote_lost(r, NODE_LINK_REFUSED, text);
	else if (w->status == 200 || w->status == 404)
		remote_lost(
		    r, NODE_LINK_DIFFERS, "what answers there is no tubeops, or an older one");
	else
		remote_lost(r, NODE_LINK_LOST, text);
	answer_done(&a);
}

/* Times of another machine's clock since its start become times of ours. */
static void remote_shift(struct snapshot *s)
{
	int64_t by = clock_mono_ms() - s->mono_ms;

	s->mono_ms += by;
	for (size_t i = 0; i < s->n_workers; i++) {
		s->workers[i].since_ms += by;
		s->workers[i].until_ms += s->workers[i].until_ms ? by : 0;
	}
}

static void remote_take_snapshot(struct node_remote *r, const struct wire_reply *w)
{
	struct errbuf eb = {.code = ERR_OK};
	char text[REMOTE_WORD];
	struct snapshot *s;

	if (w->status != 200) {
		remote_words(w, text, sizeof text);
		remote_lost(r, NODE_LINK_LOST, text);
		return;
	}
	if (snapshot_decode(w->text, w->len, &s, &eb)) {
		remote_lost(r, NODE_LINK_LOST, err_text(&eb));
		return;
	}
	remote_shift(s);
	snprintf(s->node, sizeof s->node, "%s", r->name);
	pthread_mutex_lock(&r->lock);
	snapshot_unref(r->latest);
	snapshot_unref(r->shown);
	r->latest = s;
	r->shown = NULL;
	remote_tell(r);
	pthread_mutex_unlock(&r->lock);
}

static void remote_take_ask(
    struct node_remote *r, const struct remote_tag *tag, const struct wire_reply *w)
{
	struct remote_ask *a = &r->asks[tag->slot];

	pthread_mutex_lock(&r->lock);
	if (a->state == ASK_SENT && a->id == tag->id) {
		a->state = w->status ? ASK_ANSWERED : ASK_WAITS; /* that one goes again */
		a->answer = (struct node_answer){.id = a->id,
		    .slot = tag->slot,
		    .status = w->status,
		    .text = w->status ? str_dup_n(w->text, w->len) : NULL};
		remote_tell(r);
	}
	pthread_mutex_unlock(&r->lock);
	if (!w->status)
		remote_lost(r, NODE_LINK_LOST, w->trouble);
}

static void remote_take_send(struct node_remote *r, const struct wire_reply *w)
{
	struct answer a = {0};
	char text[REMOTE_WORD];
	bool ok = w->status == 200;

	remote_words(w, text, sizeof text);
	if (ok && answer_parse(&a, str_dup(w->text)))
		snprintf(text, sizeof text, "%s", answer_text(a.root, "message"));
	answer_done(&a);
	pthread_mutex_lock(&r->lock);
	if (r->sends && w->status) {
		remote_answer_locked(r, r->sends->id, ok, text);
		remote_pop_send_locked(r);
	}
	pthread_mutex_unlock(&r->lock);
	r->dirty = true;
	r->looked_ms = 0; /* the next picture shows what it did */
	if (w->status) {
		r->sending = false;
		return;
	}
	remote_lost(r, NODE_LINK_LOST, w->trouble); /* refuses it, as the first one */
	r->sending = false;
}

/* Why a stream ends is no matter: the next snapshot tells whether anybody is there. */
static void remote_take_stream(struct node_remote *r)
{
	r->stream_ms = clock_mono_ms() + REMOTE_STREAM_MS;
	r->looked_ms = 0;
}

static void remote_on_reply(void *arg, void *tag, const struct wire_reply *w)
{
	struct node_remote *r = arg;
	struct remote_tag t = *(struct remote_tag *)tag;

	free(tag);
	switch (t.kind) {
	case REMOTE_HELLO:
		r->greeting = false;
		remote_take_hello(r, w);
		break;
	case REMOTE_LOOK:
		r->looking = false;
		remote_take_snapshot(r, w);
		break;
	case REMOTE_STREAM:
		r->streaming = false;
		remote_take_stream(r);
		break;
	case REMOTE_ASK:
		r->asking--;
		remote_take_ask(r, &t, w);
		break;
	case REMOTE_SEND:
		remote_take_send(r, w);
		break;
	}
}

/* Given up: questions wait for the next connection; what was sent is answered by remote_lost. */
static void remote_on_dropped(void *arg, void *tag)
{
	struct node_remote *r = arg;
	struct remote_tag t = *(struct remote_tag *)tag;
	struct remote_ask *a = &r->asks[t.slot];

	free(tag);
	r->greeting = r->greeting && t.kind != REMOTE_HELLO;
	r->looking = r->looking && t.kind != REMOTE_LOOK;
	r->streaming = r->streaming && t.kind != REMOTE_STREAM;
	r->sending = r->sending && t.kind != REMOTE_SEND;
	r->asking -= t.kind == REMOTE_ASK;
	if (t.kind != REMOTE_ASK)
		return;
	pthread_mutex_lock(&r->lock);
	if (a->state == ASK_SENT && a->id == t.id)
		a->state = ASK_WAITS;
	pthread_mutex_unlock(&r->lock);
}

/* Server-sent events: what an event says is in the next snapshot; that there is one is enough. */
static void remote_on_piece(void *arg, const char *data, size_t len)
{
	static const char event[] = "event: ", hello[] = "event: hello";
	struct node_remote *r = arg;

	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			if (r->line.len < REMOTE_WORD - 1)
				str_addc(&r->line, data[i]);
			continue;
		}
		if (strncmp(str_get(&r->line), event, sizeof event - 1) == 0 &&
		    strcmp(str_get(&r->line), hello) != 0)
			r->dirty = true;
		str_reset(&r->line);
	}
}

const struct wire_ops remote_wire_ops = {
    remote_turn, remote_on_reply, remote_on_piece, remote_on_dropped};
