/*
 * channels - the method channels.list: builds its query, reads its reply into rows.
 * Pure but for the arena; any thread with a json_reader of its own.
 */
#ifndef TUBEOPS_YOUTUBE_CHANNELS_H
#define TUBEOPS_YOUTUBE_CHANNELS_H

#include "db/rows.h"
#include "engine/base/arena.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"

enum { CHANNELS_MAX_IDS = 50 };

/* Appends "part=…&id=…&maxResults=50&fields=…&prettyPrint=false". n: 1..50. */
void channels_query(const struct cid *ids, int n, struct str *out);
/* The same for one name: kind "handle" (forHandle, without the @) or "user" (forUsername). */
void channels_name_query(const char *kind, const char *name, struct str *out);
/*
 * Reads a reply. Rows and texts live in the arena; texts are cleaned. Items without a valid id are
 * skipped and counted in *odd (may be NULL), repeated ids keep the first; items may come in any
 * order or not at all. Languages and fetched_at are left empty. *n is 0 when `items` is absent.
 * ERR_INVALID when it is no JSON object or `items` is no array: the reply is torn.
 */
enum err channels_parse(struct json_reader *reader, const char *body, size_t len,
    struct arena *arena, struct channel_meta **rows, int *n, int *odd,
    struct errbuf *eb) MUST_CHECK;
/* "a "b c" d" -> a, b c, d; as brandingSettings.channel.keywords holds them. */
enum err channels_keywords(
    const char *text, size_t len, struct arena *arena, struct text_list *out) MUST_CHECK;

#endif
