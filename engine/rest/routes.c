#include "config.h"
#include "engine/rest/route.h"
#include "engine/rest/address.h"
#include "engine/rest/negotiate.h"
#include "engine/rest/path.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	unsigned bit;
} route_methods[] = {{"GET", REST_GET}, {"HEAD", REST_GET}, {"POST", REST_POST}};

/* By the bits of struct rest_route.methods. */
static const char *const route_allow[] = {
    [REST_GET] = "GET, HEAD, OPTIONS",
    [REST_POST] = "OPTIONS, POST",
    [REST_GET | REST_POST] = "GET, HEAD, OPTIONS, POST",
};

void rest_call_init(struct rest_call *c, struct engine *e, const struct settings *s)
{
	*c = (struct rest_call){.engine = e, .settings = s};
	str_init(&c->arg, REST_ARG_LIMIT);
}

void rest_call_done(struct rest_call *c)
{
	str_done(&c->arg);
	free(c->text);
	c->text = NULL;
}

static bool route_takes(const struct rest_route *r, const char *method)
{
	for (size_t i = 0; i < sizeof route_methods / sizeof route_methods[0]; i++)
		if (strcmp(method, route_methods[i].word) == 0)
			return (r->methods & route_methods[i].bit) != 0;
	return false;
}

/* What all rows of a path take together, for its Allow header. */
static unsigned route_methods_of(const char *path)
{
	unsigned methods = 0;

	for (const struct rest_route *r = rest_routes(); r->path; r++)
		if (strcmp(r->path, path) == 0)
			methods |= r->methods;
	return methods;
}

/* The first path that fits is meant; of its rows the one that takes the method, else the first. */
static const struct rest_route *route_find(struct rest_call *c)
{
	const struct rest_route *r = rest_routes();

	while (r->path && !rest_path_match(r->path, c->path, &c->arg))
		r++;
	for (const struct rest_route *same = r; same->path; same++)
		if (strcmp(same->path, r->path) == 0 && route_takes(same, c->method))
			return same;
	return r->path ? r : NULL;
}

/* What follows "Bearer "; the scheme's word is free in case, RFC 9110 11.1. NULL: nothing does. */
static const char *route_bearer(const struct rest_call *c)
{
	static const char scheme[] = "bearer ";
	const char *sent = c->authorization;

	for (size_t i = 0; sent && i < sizeof scheme - 1; i++)
		if ((sent[i] | 32) != scheme[i])
			return NULL;
	return sent ? sent + sizeof scheme - 1 : NULL;
}

static bool route_may_only_look(const struct rest_call *c)
{
	return strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
}

/* 0: let in; else the status. All tokens are compared whichever fits: the time tells nothing. */
static int route_token_fits(struct rest_call *c)
{
	const struct secret *all = settings_secret(c->settings, SET_API_TOKEN, 0);
	const struct secret *look = settings_secret(c->settings, SET_API_TOKEN_READ, 0);
	const char *sent = route_bearer(c);
	size_t len = sent ? strlen(sent) : 0;
	bool may_all, may_look;

	c->owner = sent && engine_token_fits(c->engine, sent, len);
	if (!all && !look)
		return 0;
	may_all = all && secret_is_equal(all, sent ? sent : "", len);
	may_look = look && secret_is_equal(look, sent ? sent : "", len);
	c->only_looks = !c->owner && !may_all;
	if (c->owner || may_all || (may_look && route_may_only_look(c)))
		return 0;
	return may_look ? 403 : 401;
}

static bool route_has_token(const struct rest_call *c)
{
	return settings_secret(c->settings, SET_API_TOKEN, 0) ||
	       settings_secret(c->settings, SET_API_TOKEN_READ, 0);
}

/*
 * A web page in somebody's browser can send requests to this machine too: by a name that suddenly
 * resolves to it (Host) or directly (Origin). Neither may steer us; a token says it all by itself.
 */
static bool route_caller_is_ours(const struct rest_call *c)
{
	if (c->local_only && (!c->host || !rest_host_is_local(c->host)))
		return false;
	return route_has_token(c) || !c->origin || rest_origin_is_local(c->origin);
}

bool rest_call_start(struct rest_call *c)
{
	int status;

	if (!c->inside && !route_caller_is_ours(c)) {
		rest_reply_error(c, 403,
		    "this server answers only requests to localhost: use http://127.0.0.1 or "
		    "http://localhost, "
		    "not another name or a page of another site");
		return false;
	}
	c->route = route_find(c);
	if (!c->route) {
		rest_reply_error(c, 404, "Not found");
		return false;
	}
	if (strcmp(c->method, "OPTIONS") == 0) {
		c->allow = route_allow[route_methods_of(c->route->path)];
		c->status = 200;
		c->text = str_dup("");
		return false;
	}
	if (!route_takes(c->route, c->method)) {
		c->allow = route_allow[route_methods_of(c->route->path)];
		rest_reply_error(c, 405, "Method not allowed; allowed: %s", c->allow);
		return false;
	}
	status = c->route->auth && !c->inside ? route_token_fits(c) : 0;
	if (status == 401)
		rest_reply_error(
		    c, 401, "send the header Authorization: Bearer followed by the API_TOKEN");
	else if (status)
		rest_reply_error(c, status, "this token may only look: changes want the API_TOKEN");
	else if (c->idempotency_key && !rest_idempotency_is_valid(c->idempotency_key))
		rest_reply_error(c, status = 400,
		    "Idempotency-Key must be 1 to %d visible ASCII characters",
		    REST_IDEMPOTENCY_MOST);
	return !status;
}

/* A page of another site can send forms and plain texts without asking, but no JSON. */
static bool route_body_is_json(const struct rest_call *c)
{
	return (!c->body_len && !c->upload) ||
	       (c->content_type && rest_is_json_type(c->content_type));
}

void rest_call_finish(struct rest_call *c)
{
	if (route_body_is_json(c))
		c->route->handler(c);
	else
		rest_reply_error(
		    c, 415, "send the body with the header Content-Type: application/json");
}
