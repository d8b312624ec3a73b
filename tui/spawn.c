#include "config.h"
#include "tui/spawn.h"
#include "tui/cli_text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPAWN_LINE = 16384, SPAWN_WAIT_MS = 250, SPAWN_ARGS = 16 };

extern char **environ;

/* ---- starting ---- */

/* Its words: none is secret, settings come by the environment and the .env file. */
static void spawn_words(const struct cli *c, const struct spawn_config *cfg, char **argv)
{
	const struct {
		const char *option, *value;
		bool given;
	} words[] = {{"tubeops", NULL, true}, {"serve", NULL, true}, {"--json", NULL, true},
	    {"--data", c->data_dir, true}, {"--env", c->env_path, c->env_path},
	    {"--listen", cfg->listen, cfg->listen && !cfg->no_rest},
	    {"--no-rest", NULL, cfg->no_rest}, {"--verbose", NULL, c->verbose},
	    {"--start", cfg->start, cfg->start}};
	int n = 0;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!words[i].given)
			continue;
		argv[n++] = (char *)(uintptr_t)words[i].option;
		if (words[i].value)
			argv[n++] = (char *)(uintptr_t)words[i].value;
	}
	argv[n] = NULL;
}

/* Nothing of this process's files, terminal and signals goes with it. */
static int spawn_actions(const struct cli *c, int out, posix_spawn_file_actions_t *fa)
{
	const char *log = c->log_path ? c->log_path : "/dev/null";
	int e = posix_spawn_file_actions_addopen(fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	e = e ? e : posix_spawn_file_actions_adddup2(fa, out, STDOUT_FILENO);
	e = e ? e
	      : posix_spawn_file_actions_addopen(
	            fa, STDERR_FILENO, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
	return e ? e : posix_spawn_file_actions_addclosefrom_np(fa, STDERR_FILENO + 1);
}

static int spawn_attributes(posix_spawnattr_t *at)
{
	sigset_t none, all;
	int e;

	sigemptyset(&none);
	sigfillset(&all);
	e = posix_spawnattr_setsigmask(at, &none);
	e = e ? e : posix_spawnattr_setsigdefault(at, &all);
	return e ? e
	         : posix_spawnattr_setflags(
	               at, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* The program is that of this process, also when its file was replaced meanwhile. */
static enum err spawn_process(
    const struct cli *c, const struct spawn_config *cfg, int out, pid_t *pid, struct errbuf *eb)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char *argv[SPAWN_ARGS];
	int e = posix_spawn_file_actions_init(&fa);

	if (e)
		return err_set(eb, ERR_NOMEM, "out of memory");
	e = posix_spawnattr_init(&at);
	if (!e) {
		spawn_words(c, cfg, argv);
		e = spawn_actions(c, out, &fa);
		e = e ? e : spawn_attributes(&at);
		e = e ? e : posix_spawn(pid, "/proc/self/exe", &fa, &at, argv, environ);
		posix_spawnattr_destroy(&at);
	}
	posix_spawn_file_actions_destroy(&fa);
	return e ? err_set(eb, ERR_UNAVAIL, "tubeops serve cannot be started: %s", strerror(e))
	         : ERR_OK;
}

/* ---- waiting ---- */

/* Its first line, or all until it ended. ERR_CANCELLED: wait said so. */
static enum err spawn_read(int fd, spawn_wait_fn *wait, void *arg, struct str *line)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char block[1024];
	ssize_t n;

	while (!line->len || line->text[line->len - 1] != '\n') {
		if (poll(&p, 1, SPAWN_WAIT_MS) <= 0) {
			if (wait && !wait(arg))
				return ERR_CANCELLED;
			continue;
		}
		n = read(fd, block, sizeof block);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		if (n > 0)
			str_add(line, block, (size_t)n);
	}
	return ERR_OK;
}

/* {"listen": …, "pid": …}, or {"error": …}. */
static enum err spawn_answer(const struct str *line, struct spawned *out, struct errbuf *eb)
{
	struct json_reader *reader = json_reader_new(SPAWN_LINE, 8);
	struct str url, error;
	struct json_node root;
	enum err err = ERR_OK;

	str_init(&url, SPAWN_LINE);
	str_init(&error, SPAWN_LINE);
	if (!reader || json_reader_parse(reader, str_get(line), line->len, &root, NULL)) {
		str_adds(&error, "it ended without a word");
	} else {
		cli_json_text(root, "error", &error);
		cli_json_text(root, "listen", &url);
		snprintf(out->url, sizeof out->url, "%s", str_get(&url));
	}
	if (error.len)
		err = err_set(eb, ERR_UNAVAIL, "%s", str_get(&error));
	str_done(&error);
	str_done(&url);
	json_reader_free(reader);
	return err;
}

enum err spawn_serve(struct cli *c, const struct spawn_config *cfg, spawn_wait_fn *wait, void *arg,
    struct spawned *out, struct errbuf *eb)
{
	struct str line;
	int pipe_fd[2];
	pid_t pid = 0;
	enum err err;

	*out = (struct spawned){0};
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return err_set(eb, ERR_IO, "no file descriptor is left: %s", strerror(errno));
	str_init(&line, SPAWN_LINE);
	err = spawn_process(c, cfg, pipe_fd[1], &pid, eb);
	close(pipe_fd[1]);
	out->pid = pid;
	if (!err && (err = spawn_read(pipe_fd[0], wait, arg, &line)))
		err_set(eb, err, "process %" PRId64 " is still starting", out->pid);
	else if (!err && (err = spawn_answer(&line, out, eb)))
		waitpid(pid, NULL, 0); /* it leaves by itself after its error */
	close(pipe_fd[0]);
	str_done(&line);
	return err;
}
