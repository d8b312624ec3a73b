/*
 * config_file - small files of settings: where the user's are, and one as text. Any thread.
 */
#ifndef TUBEOPS_TUI_CONFIG_FILE_H
#define TUBEOPS_TUI_CONFIG_FILE_H

#include "engine/base/str.h"

/* $XDG_CONFIG_HOME/tubeops/NAME or ~/.config/tubeops/NAME; "" when neither is to be had. */
void config_file_path(const char *name, struct str *out);
/*
 * Appends the file's text up to text's limit. ERR_NOTFOUND: it is not there; ERR_INVALID: no plain
 * file, or too long; ERR_IO. The words name the file.
 */
enum err config_file_read(const char *path, struct str *text, struct errbuf *eb) MUST_CHECK;
/* "NAME:LINE: what (in FOLDER)": what matters first, as a screen may cut the rest. ERR_INVALID. */
enum err config_file_wrong(const char *path, int line, const char *what, struct errbuf *eb);

#endif
