/*
 * saver - rows of the node on their way into a file, on a thread of its own: the screen looks at how
 * far it is. The file has its name when it is whole; what is stopped leaves nothing behind. All calls
 * are the screen's thread's; the node outlives the saver.
 */
#ifndef TUBEOPS_TUI_SAVER_H
#define TUBEOPS_TUI_SAVER_H

#include "tui/node.h"

enum { SAVER_TEXT = 256 };

struct saver;

struct saver_look {
	const char *path; /* the saver's */
	int64_t rows;
	bool ended;
	enum err err;          /* how it ended */
	char text[SAVER_TEXT]; /* what was wrong */
};

/*
 * Begins; texts are copied. ERR_DENIED: the file is there. ERR_INVALID: its name's ending is no way
 * of packing that there is.
 */
enum err saver_start(struct saver **out, struct node *n, const struct node_export *x,
    const char *path, struct errbuf *eb) MUST_CHECK;
void saver_look(struct saver *s, struct saver_look *out);
/* Asks for an end before the last row; saver_look tells when it is there. */
void saver_stop(struct saver *s);
/* Stops, and waits for that. NULL is allowed. */
void saver_free(struct saver *s);

#endif
