#include "config.h"
#include "tui/config_file.h"
#include "engine/base/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void config_file_path(const char *name, struct str *out)
{
	const char *config = settings_environment("XDG_CONFIG_HOME");
	const char *home = settings_environment("HOME");

	if (config && *config == '/')
		str_addf(out, "%s/tubeops/%s", config, name);
	else if (home && *home == '/')
		str_addf(out, "%s/.config/tubeops/%s", home, name);
}

enum err config_file_read(const char *path, struct str *text, struct errbuf *eb)
{
	/* a pipe or a terminal of that name must not hold the screen */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char part[4096];
	ssize_t n = 0;

	if (fd < 0)
		return err_set(eb, errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO,
		    "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > text->limit) {
		close(fd);
		return err_set(
		    eb, ERR_INVALID, "%s: no plain file of at most %zu bytes", path, text->limit);
	}
	while ((n = read(fd, part, sizeof part)) > 0)
		str_add(text, part, (size_t)n);
	close(fd);
	return n < 0 || text->err ? err_set(eb, ERR_IO, "%s: it cannot be read", path) : ERR_OK;
}

enum err config_file_wrong(const char *path, int line, const char *what, struct errbuf *eb)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return err_set(eb, ERR_INVALID, "%s:%d: %s", path, line, what);
	return err_set(eb, ERR_INVALID, "%s:%d: %s (in %.*s)", slash + 1, line, what,
	    (int)(slash - path), path);
}
