/*
 * cli_text - how the command line writes numbers, times and JSON, and reads results. Pure
 * functions.
 */
#ifndef TUBEOPS_CLI_TEXT_H
#define TUBEOPS_CLI_TEXT_H

#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { CLI_TIME_SIZE = 40 };

/* "00:06", "1:02:03" or "2 d 03:04" into buf (CLI_TIME_SIZE bytes); returns buf. */
char *cli_duration(int64_t seconds, char *buf);
/* "2026-11-23 08:00Z" into buf (CLI_TIME_SIZE bytes), "-" for 0; returns buf. */
char *cli_when(int64_t utc_s, char *buf);
/* A JSON string with its quotes; broken UTF-8 is mended. */
void cli_add_json(struct str *out, const char *text, size_t len);
/* Numbers and texts of a result object. */
int64_t cli_json_int(struct json_node node, const char *name, int64_t fallback);
double cli_json_real(struct json_node node, const char *name);
/* Appends the member's text with a terminal's controls removed; nothing when it is no text. */
void cli_json_text(struct json_node node, const char *name, struct str *out);

#endif
