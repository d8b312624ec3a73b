/* tubeops attach: the console on another node. */
#include "config.h"
#include "engine/base/http.h"
#include "engine/base/str.h"
#include "tui/attach.h"
#include "tui/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTACH_URL = 2048, ATTACH_TOKEN = 4096 };

/* A file that others may read is no place for a token. Owned; NULL after a message. */
static struct secret *attach_read_token(const struct cli *c, const char *file)
{
	char text[ATTACH_TOKEN];
	struct secret *token = NULL;
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		cli_fail(c, CLI_FAILED, "%s: %s", file, strerror(errno));
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		cli_fail(c, CLI_FAILED,
		    "%s: other users may read it, or more: chmod 600 it, and think of the token as "
		    "known",
		    file);
	} else if ((n = read(fd, text, sizeof text)) < 0 || n == (ssize_t)sizeof text) {
		cli_fail(c, CLI_FAILED, "%s: %s", file, n < 0 ? strerror(errno) : "no token");
	} else {
		while (n > 0 && strchr("\r\n \t", text[n - 1]))
			n--;
		token = secret_new(text, (size_t)n);
		if (!http_is_sound(token)) {
			secret_free(token);
			token = NULL;
			cli_fail(c, CLI_FAILED, "%s: a token is one word in one line", file);
		}
	}
	explicit_bzero(text, sizeof text);
	if (fd >= 0)
		close(fd);
	return token;
}

/* "host:8443" is https, but this machine itself. */
static void attach_complete(const char *given, struct str *url)
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

static enum cli_exit attach_at(struct cli *c, const char *url)
{
	const char *file = cli_option(c, "token-file"), *ca = cli_option(c, "ca-file");
	const struct secret *token = settings_secret(c->settings, SET_API_TOKEN, 0);
	struct secret *own = NULL;
	struct errbuf eb = {.code = ERR_OK};
	enum cli_exit code;
	bool plain;

	if (http_check_address(url, true, "the node's address", &plain, &eb))
		return cli_usage(c, "%s", err_text(&eb));
	if (ca && access(ca, R_OK) != 0)
		return cli_fail(c, CLI_FAILED, "%s: %s", ca, strerror(errno));
	if (file && !(own = attach_read_token(c, file)))
		return CLI_FAILED;
	code = attach_url(c, url, own ? own : token, ca, cli_has(c, "read-only"));
	secret_free(own);
	return code;
}

enum cli_exit cmd_attach(struct cli *c)
{
	enum cli_exit code;
	struct str url;
	int64_t pid;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_usage(c, "the console needs a terminal; without one use curl and the "
		                    "node's /api/snapshot");
	if (!c->n_args && !engine_owner(c->data_dir, &pid, NULL, 0))
		return cli_fail(c, CLI_FAILED,
		    "no process works in %s: name a node's address, or begin with tubeops serve",
		    c->data_dir);
	if (!c->n_args)
		return attach_owner(c, cli_has(c, "read-only"));
	str_init(&url, ATTACH_URL);
	attach_complete(c->args[0], &url);
	code = url.err ? cli_usage(c, "the address is too long") : attach_at(c, str_get(&url));
	str_done(&url);
	return code;
}
