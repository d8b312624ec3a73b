/*
 * theme_file - themes as files: found in the user's folder, where the program was installed, or in
 * its sources, in that order. What a file holds is checked before anything of it is used. Any
 * thread; reads files.
 */
#ifndef TUBEOPS_TUI_THEME_FILE_H
#define TUBEOPS_TUI_THEME_FILE_H

#include "engine/base/err.h"
#include "tui/theme.h"

#include <stddef.h>

enum { THEME_FILE_BYTES = 64 * 1024 };

/*
 * The theme of a name: a file's, else one of the program's. ERR_INVALID: no name that a theme may
 * have, or its file is wrong ("FILE:12: …"); ERR_NOTFOUND: there is none. *out is whole or untouched.
 */
enum err theme_load(const char *name, struct theme *out, struct errbuf *eb) MUST_CHECK;
/* The same of a file's text; file: what errors call it. */
enum err theme_parse(const char *file, const char *text, size_t len, struct theme *out,
    struct errbuf *eb) MUST_CHECK;

/* Called for every name that theme_load finds, each once, those of the program first. */
typedef void theme_name_fn(void *arg, const char *name);
void theme_each(theme_name_fn *fn, void *arg);

#endif
