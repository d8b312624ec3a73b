#include "config.h"
#include "tui/remote.h"
#include "tui/cli_text.h"
#include "engine/base/json_reader.h"

#include <curl/curl.h>
#include <string.h>

enum { REMOTE_REPLY_LIMIT = 256 * 1024, REMOTE_CONNECT_MS = 3000, REMOTE_TIMEOUT_MS = 30000 };

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
static void remote_url(struct str *url, const char *base, const char *path)
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

/* member: of the reply's object, to be appended to text; NULL: all of it. */
static enum err remote_answer(
    long status, const struct str *reply, const char *member, struct str *text, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(REMOTE_REPLY_LIMIT, 16);
	struct json_node root = {NULL, 0};
	struct str error;
	enum err err = ERR_OK;

	if (!reader)
		return err_set(eb, ERR_NOMEM, "out of memory");
	str_init(&error, REMOTE_REPLY_LIMIT);
	if (json_reader_parse(reader, str_get(reply), reply->len, &root, NULL))
		err = err_set(
		    eb, ERR_INVALID, "the running process answered %ld without JSON", status);
	else if (status == 200 && member)
		cli_json_text(root, member, text);
	else if (status == 200)
		str_add(text, str_get(reply), reply->len);
	else
		cli_json_text(root, "error", &error);
	if (!err && status != 200)
		err = err_set(eb, ERR_DENIED, "%s",
		    error.len ? str_get(&error) : "the running process refused without a reason");
	str_done(&error);
	json_reader_free(reader);
	return err;
}

static struct curl_slist *remote_headers(const struct secret *token, bool *ok)
{
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json"), *more;
	struct str bearer;

	*ok = list != NULL;
	if (!token || !list)
		return list;
	str_init(&bearer, secret_length(token) + 64);
	str_addf(&bearer, "Authorization: Bearer %s", secret_reveal(token));
	more = curl_slist_append(list, str_get(&bearer));
	*ok = more != NULL && !bearer.err;
	if (bearer.text)
		explicit_bzero(bearer.text, bearer.cap);
	str_done(&bearer);
	return more ? more : list;
}

/* The certificate is one that we know, whatever name or address it was made for. */
static void remote_trust(CURL *curl, const char *cert)
{
	if (!cert || !*cert)
		return;
	curl_easy_setopt(curl, CURLOPT_CAINFO, cert);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

/* body NULL: a GET. */
static enum err remote_perform(CURL *curl, const char *url, const char *body,
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
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, remote_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		return ERR_OK;
	return err_set(eb, ERR_UNAVAIL, "the running process does not answer at %s: %s", url,
	    detail[0] ? detail : curl_easy_strerror(code));
}

static enum err remote_call(const char *base, const char *path, const char *body,
    const char *member, const struct secret *token, const char *cert, struct str *text,
    struct errbuf *eb)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	struct str url, reply;
	long status = 0;
	bool ok = false;
	enum err err;

	str_init(&url, 4096);
	str_init(&reply, REMOTE_REPLY_LIMIT);
	remote_url(&url, base, path);
	if (curl)
		headers = remote_headers(token, &ok);
	if (!ok || url.err) {
		err =
		    err_set(eb, url.err ? ERR_LIMIT : ERR_NOMEM, "cannot call the running process");
	} else {
		remote_trust(curl, cert);
		err = remote_perform(curl, str_get(&url), body, headers, &reply, eb);
		if (!err && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
			err = remote_answer(status, &reply, member, text, eb);
	}
	curl_slist_free_all(headers);
	if (curl)
		curl_easy_cleanup(curl);
	str_done(&reply);
	str_done(&url);
	return err;
}

enum err remote_post(const char *base, const char *path, const char *body,
    const struct secret *token, const char *cert, struct str *text, struct errbuf *eb)
{
	return remote_call(base, path, body ? body : "", "message", token, cert, text, eb);
}

enum err remote_get(
    const char *base, const char *path, const char *cert, struct str *text, struct errbuf *eb)
{
	return remote_call(base, path, NULL, NULL, NULL, cert, text, eb);
}
