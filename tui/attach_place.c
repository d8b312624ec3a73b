#include "config.h"
#include "tui/attach_place.h"
#include "tui/node_remote.h"
#include "engine/base/http.h"
#include "engine/base/str.h"
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACE_URL = 2048, PLACE_TOKEN = 4096, PLACE_NAME = 64 };

struct attach_place {
	struct str url;
	struct secret *token; /* NULL: none */
	char *ca;             /* NULL: none */
};

static void place_done(void *arg)
{
	struct attach_place *p = arg;

	str_done(&p->url);
	secret_free(p->token);
	free(p->ca);
	free(p);
}

/* On the wire's thread, and on that of an export: what it reads does not change. */
static enum err place_find(void *arg, struct node_address *out, struct errbuf *eb)
{
	const struct attach_place *p = arg;

	str_adds(&out->url, str_get(&p->url));
	out->token = p->token ? secret_copy(p->token) : NULL;
	return out->url.err || (p->token && !out->token) ? err_set(eb, ERR_NOMEM, "out of memory")
	                                                 : ERR_OK;
}

/* One word in one line; wiped by the caller. */
static enum err place_token(
    struct attach_place *p, const char *file, char *text, ssize_t n, struct errbuf *eb)
{
	while (n > 0 && strchr("\r\n \t", text[n - 1]))
		n--;
	p->token = secret_new(text, (size_t)n);
	return http_is_sound(p->token)
	           ? ERR_OK
	           : err_set(eb, ERR_DENIED, "%s: a token is one word in one line", file);
}

/* A file that others may read is no place for a token. */
static enum err place_read_token(struct attach_place *p, const char *file, struct errbuf *eb)
{
	char text[PLACE_TOKEN];
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	enum err err;

	if (fd < 0 || fstat(fd, &st) != 0)
		err = err_set(eb, ERR_IO, "%s: %s", file, strerror(errno));
	else if (st.st_mode & (S_IRWXG | S_IRWXO))
		err = err_set(eb, ERR_DENIED,
		    "%s: other users may read it, or more: chmod 600 it, and think of the token as "
		    "known",
		    file);
	else if ((n = read(fd, text, sizeof text)) < 0 || n == (ssize_t)sizeof text)
		err = err_set(eb, ERR_IO, "%s: %s", file, n < 0 ? strerror(errno) : "no token");
	else
		err = place_token(p, file, text, n, eb);
	explicit_bzero(text, sizeof text);
	if (fd >= 0)
		close(fd);
	return err;
}

/* "host:8443" is https, but this machine itself. */
static void place_complete(const char *given, struct str *url)
{
	static const char *const here[] = {"127.", "localhost", "[::1]"};
	const char *scheme = "https://";

	for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
		if (strncmp(given, here[i], strlen(here[i])) == 0)
			scheme = "http://";
	str_addf(url, "%s%s", strstr(given, "://") ? "" : scheme, given);
	while (url->len && url->text[url->len - 1] == '/')
		url->text[--url->len] = '\0';
}

static enum err place_fill(struct attach_place *p, const struct settings *settings,
    const struct attach_at *at, struct errbuf *eb)
{
	const struct secret *usual = settings_secret(settings, SET_API_TOKEN, 0);
	bool plain;
	enum err err;

	place_complete(at->address, &p->url);
	if (p->url.err)
		return err_set(eb, ERR_INVALID, "the address is too long");
	err = http_check_address(str_get(&p->url), true, "the node's address", &plain, eb);
	if (err)
		return eb->code = ERR_INVALID;
	if (at->ca_file && access(at->ca_file, R_OK) != 0)
		return err_set(eb, ERR_IO, "%s: %s", at->ca_file, strerror(errno));
	if (at->ca_file && !(p->ca = str_dup(at->ca_file)))
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (at->token_file)
		return place_read_token(p, at->token_file, eb);
	if (usual && !(p->token = secret_copy(usual)))
		return err_set(eb, ERR_NOMEM, "out of memory");
	return ERR_OK;
}

enum err attach_place_open(struct node **out, const struct settings *settings,
    const struct attach_at *at, struct errbuf *eb)
{
	struct attach_place *p = calloc(1, sizeof *p);
	struct node_remote_config cfg = {.find = place_find,
	    .done = place_done,
	    .arg = p,
	    .read_only = at->read_only,
	    .types = engine_job_types()};
	char name[PLACE_NAME];
	enum err err;

	*out = NULL;
	if (!p)
		return err_set(eb, ERR_NOMEM, "out of memory");
	str_init(&p->url, PLACE_URL);
	err = place_fill(p, settings, at, eb);
	if (err) {
		place_done(p);
		return err;
	}
	snprintf(name, sizeof name, "@%.60s", strstr(str_get(&p->url), "://") + 3);
	cfg.name = name;
	cfg.ca = p->ca;
	*out = node_remote_open(&cfg, eb);
	return *out ? ERR_OK : eb->code;
}
