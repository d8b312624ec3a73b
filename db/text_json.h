/*
 * text_json - a list of texts as a JSON array and back: how keywords and topics are stored.
 * Pure; any thread.
 */
#ifndef TUBEOPS_DB_TEXT_JSON_H
#define TUBEOPS_DB_TEXT_JSON_H

#include "db/rows.h"
#include "engine/base/str.h"

/* Appends ["a","b"]; texts are clean UTF-8. */
void text_json_write(const struct text_list *list, struct str *out);
/* Reads what text_json_write wrote. NULL text: n = -1. *owned (one block) is freed by
 * text_json_free and carries out's texts. Anything else than an array of texts: n = -1. */
enum err text_json_read(const char *json, struct text_list *out, char ***owned) MUST_CHECK;
void text_json_free(char **owned);

#endif
