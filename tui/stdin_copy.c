#include "config.h"
#include "tui/stdin_copy.h"
#include "tui/signals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STDIN_BLOCK = 256 * 1024 };

enum err stdin_copy(struct cli *c, int to, struct errbuf *eb)
{
	struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = signals_fd(c->signals), .events = POLLIN}};
	char *block = malloc(STDIN_BLOCK);
	enum err err = block ? ERR_OK : err_set(eb, ERR_NOMEM, "out of memory");
	ssize_t n = 1;

	while (!err && n) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			err = err_set(eb, ERR_IO, "standard input: %s", strerror(errno));
		else if (signals_stop_asked(c->signals))
			err = err_set(eb, ERR_CANCELLED, "stopped while standard input was read");
		else if ((n = read(STDIN_FILENO, block, STDIN_BLOCK)) < 0 && errno != EINTR)
			err = err_set(eb, ERR_IO, "standard input: %s", strerror(errno));
		for (ssize_t at = 0, put; !err && at < n; at += put) {
			put = write(to, block + at, (size_t)(n - at));
			if (put < 0 && errno != EINTR)
				err = err_set(eb, ERR_IO,
				    "standard input cannot be kept in the data folder: %s",
				    strerror(errno));
			put = put < 0 ? 0 : put;
		}
	}
	free(block);
	return err;
}
