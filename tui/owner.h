/*
 * owner - the process that owns the data folder, asked over its REST server by the token of its lock
 * file: what a command of the same user hands to it. Main thread, or any while that one waits.
 */
#ifndef TUBEOPS_OWNER_H
#define TUBEOPS_OWNER_H

#include "engine/base/secret.h"
#include "engine/base/str.h"
#include "tui/cli.h"

struct owner {
	int64_t pid;
	char listen[96];      /* "http://127.0.0.1:5000"; "": it has no REST server */
	const char *cert;     /* of its REST server, borrowed from the settings */
	struct secret *token; /* owned; NULL: none that we could read or have set */
};

/* Who owns the folder now. False: nobody. End it with owner_done in both cases. */
bool owner_find(const struct cli *c, struct owner *o);
void owner_done(struct owner *o);
/* Can it be asked? ERR_UNAVAIL: it has no REST server, with what to do. */
enum err owner_check(const struct owner *o, struct errbuf *eb) MUST_CHECK;
/*
 * GET path, or POST it with body (NULL: none); the JSON is appended to reply. As remote_call;
 * ERR_UNAVAIL too when it has no REST server, with what to do.
 */
enum err owner_get(
    const struct owner *o, const char *path, struct str *reply, struct errbuf *eb) MUST_CHECK;
enum err owner_post(const struct owner *o, const char *path, const char *body, struct str *reply,
    struct errbuf *eb) MUST_CHECK;
/* The same, and appends what it says was done to text. */
enum err owner_say(const struct owner *o, const char *path, const char *body, struct str *text,
    struct errbuf *eb) MUST_CHECK;
/*
 * Opens the folder to work in this process, or finds that another process does it that can be asked:
 * then *out is NULL. False: it was said why not, and *code tells how to leave.
 */
bool owner_or_open(struct cli *c, struct engine **out, enum cli_exit *code) MUST_CHECK;

#endif
