#include "config.h"
#include "tui/remote.h"
#include "tui/cli_text.h"
#include "engine/base/json_reader.h"

#include <curl/curl.h>
#include <string.h>

enum {
	REMOTE_REPLY_LIMIT = 16 * 1024 * 1024,
	REMOTE_DEPTH = 32,
	REMOTE_CONNECT_MS = 3000,
	REMOTE_TIMEOUT_MS = 30000,
	REMOTE_SILENT_S = 120, /* of a stream: a scan for few rows may take its time */
	REMOTE_URL_LIMIT = 16384
};

static size_t remote_write(char *data, size_t size, size_t n, void *arg)
{
	struct str *reply = arg;

	str_add(reply, data, size * n);
	return reply->err ? 0 : size * n;
}

void remote_segment(struct str *path, const char *text)
{
	for (; *text; text++)
		if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		    (*text >= '0' && *text <= '9') || strchr("-._~", *text))
			str_addc(path, *text);
		else
			str_addf(path, "%%%02X", (unsigned char)*text);
}

/* "0.0.0.0:80" listens everywhere, but nobody can be called there. */
void remote_url(struct str *url, const char *base, const char *path)
{
	static const struct {
		const char *any, *one;
	} hosts[] = {{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}};
	const char *host = strstr(base, "://");

	host = host ? host + 3 : base;
	str_add(url, base, (size_t)(host - base));
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		if (strncmp(host, hosts[i].any, strlen(hosts[i].any)) == 0) {
			str_adds(url, hosts[i].one);
			host += strlen(hosts[i].any);
		}
	str_adds(url, host);
	str_adds(url, path);
}

/* The text of one member of an object. */
static enum err remote_member(
    const struct str *reply, const char *name, struct str *text, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(REMOTE_REPLY_LIMIT, REMOTE_DEPTH);
	struct json_node root = {NULL, 0};
	enum err err = ERR_OK;

	if (!reader)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (json_reader_parse(reader, str_get(reply), reply->len, &root, NULL))
		err = err_set(eb, ERR_INVALID, "the running process answered without JSON");
	else
		cli_json_text(root, name, text);
	json_reader_free(reader);
	return err;
}

/* What it means that the other side refused, in its own words. */
static enum err remote_refused(long status, const struct str *reply, struct errbuf *eb)
{
	struct str error;
	enum err err;

	str_init(&error, REMOTE_REPLY_LIMIT);
	err = remote_member(reply, "error", &error, eb);
	if (err == ERR_INVALID)
		err = err_set(eb, err, "the running process answered %ld without JSON", status);
	else if (!err)
		err = err_set(eb, status == 404 ? ERR_NOTFOUND : ERR_DENIED, "%s",
		    error.len ? str_get(&error) : "the running process refused without a reason");
	str_done(&error);
	return err;
}

/* One more line; the list stays as it was when memory ran out. */
static struct curl_slist *remote_header(
    struct curl_slist *list, const char *name, const char *value, bool *ok)
{
	struct curl_slist *more = NULL;
	struct str line;

	str_init(&line, strlen(name) + strlen(value) + 8);
	str_addf(&line, "%s: %s", name, value);
	if (*ok && !line.err)
		more = curl_slist_append(list, str_get(&line));
	*ok = more != NULL;
	if (line.text)
		explicit_bzero(line.text, line.cap);
	str_done(&line);
	return more ? more : list;
}

struct curl_slist *remote_headers(const struct secret *token, const char *once, bool *ok)
{
	struct curl_slist *list = NULL;
	struct str bearer;

	*ok = true;
	list = remote_header(list, "Content-Type", "application/json", ok);
	if (once)
		list = remote_header(list, "Idempotency-Key", once, ok);
	if (!token)
		return list;
	str_init(&bearer, secret_length(token) + 64);
	str_addf(&bearer, "Bearer %s", secret_reveal(token));
	list = remote_header(list, "Authorization", str_get(&bearer), ok);
	if (bearer.text)
		explicit_bzero(bearer.text, bearer.cap);
	str_done(&bearer);
	return list;
}

void remote_headers_free(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

/* The certificate is one that we know, whatever name or address it was made for. */
static void remote_trust(CURL *curl, const struct remote *r)
{
	if (!r->cert || !*r->cert)
		return;
	curl_easy_setopt(curl, CURLOPT_CAINFO, r->cert);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, r->named ? 2L : 0L);
}

static enum err remote_perform(CURL *curl, const char *url, bool post, const char *body,
    struct curl_slist *headers, struct str *reply, struct errbuf *eb)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)REMOTE_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REMOTE_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (post)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body ? body : "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, remote_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		return ERR_OK;
	return err_set(eb, ERR_UNAVAIL, "the running process does not answer at %s: %s", url,
	    detail[0] ? detail : curl_easy_strerror(code));
}

enum err remote_call(const struct remote *r, enum remote_method method, const char *path,
    const char *body, struct str *reply, struct errbuf *eb)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	struct str url;
	long status = 0;
	bool ok = false;
	enum err err;

	str_init(&url, 4096);
	remote_url(&url, r->url, path);
	if (curl)
		headers = remote_headers(r->token, NULL, &ok);
	if (!ok || url.err) {
		err =
		    err_set(eb, url.err ? ERR_LIMIT : ERR_NOMEM, "cannot call the running process");
	} else {
		remote_trust(curl, r);
		err = remote_perform(
		    curl, str_get(&url), method == REMOTE_POST, body, headers, reply, eb);
		if (!err && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
		    status != 200)
			err = remote_refused(status, reply, eb);
	}
	remote_headers_free(headers);
	if (curl)
		curl_easy_cleanup(curl);
	str_done(&url);
	return err;
}

enum err remote_post(
    const struct remote *r, const char *path, const char *body, struct str *text, struct errbuf *eb)
{
	struct str reply;
	enum err err;

	str_init(&reply, REMOTE_REPLY_LIMIT);
	err = remote_call(r, REMOTE_POST, path, body, &reply, eb);
	if (!err)
		err = remote_member(&reply, "message", text, eb);
	str_done(&reply);
	return err;
}

/* ---- what is long ---- */

struct remote_pieces {
	CURL *curl;
	remote_piece_fn *fn;
	void *arg;
	struct str refused; /* the words of another status */
	bool enough;
};

static size_t remote_on_piece(char *data, size_t size, size_t n, void *arg)
{
	struct remote_pieces *p = arg;
	long status = 0;

	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return remote_write(data, size, n, &p->refused);
	p->enough = p->enough || !p->fn(p->arg, data, size * n);
	return p->enough ? 0 : size * n;
}

static int remote_on_time(
    void *arg, curl_off_t in_all, curl_off_t in, curl_off_t out_all, curl_off_t out)
{
	struct remote_pieces *p = arg;

	(void)in_all;
	(void)in;
	(void)out_all;
	(void)out;
	p->enough = p->enough || !p->fn(p->arg, "", 0);
	return p->enough;
}

static enum err remote_perform_stream(struct remote_pieces *p, const char *url,
    struct curl_slist *headers, long *status, struct errbuf *eb)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURL *curl = p->curl;
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)REMOTE_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)REMOTE_SILENT_S);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, remote_on_piece);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, p);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, remote_on_time);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, p);
	if (strncmp(url, "http:", 5) == 0)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	code = curl_easy_perform(curl);
	if (p->enough)
		return err_set(eb, ERR_CANCELLED, "stopped before the end");
	if (code != CURLE_OK)
		return err_set(eb, ERR_UNAVAIL, "the node did not send it to its end: %s",
		    detail[0] ? detail : curl_easy_strerror(code));
	return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status) == CURLE_OK
	           ? ERR_OK
	           : err_set(eb, ERR_UNAVAIL, "the node answered without a status");
}

enum err remote_stream(
    const struct remote *r, const char *path, remote_piece_fn *fn, void *arg, struct errbuf *eb)
{
	struct remote_pieces p = {.curl = curl_easy_init(), .fn = fn, .arg = arg};
	struct curl_slist *headers = NULL;
	struct str url;
	long status = 0;
	bool ok = false;
	enum err err;

	str_init(&url, REMOTE_URL_LIMIT);
	str_init(&p.refused, REMOTE_REPLY_LIMIT);
	remote_url(&url, r->url, path);
	if (p.curl)
		headers = remote_headers(r->token, NULL, &ok);
	if (!ok || url.err) {
		err = err_set(eb, url.err ? ERR_LIMIT : ERR_NOMEM, "cannot ask the node");
	} else {
		remote_trust(p.curl, r);
		err = remote_perform_stream(&p, str_get(&url), headers, &status, eb);
		if (!err && status != 200)
			err = remote_refused(status, &p.refused, eb);
	}
	remote_headers_free(headers);
	if (p.curl)
		curl_easy_cleanup(p.curl);
	str_done(&p.refused);
	str_done(&url);
	return err;
}
