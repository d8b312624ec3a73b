#include "config.h"
#include "tui/cli.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	/* a closed one would be given to the next file opened, and texts would land in it */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return 1;
	return cli_main(argc, argv);
}
