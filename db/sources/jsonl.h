/*
 * jsonl - JSON Lines (an object or a text per line), and a JSON document that is an array of such
 * items or an object whose member "channels" is that array. Items are read one by one, whatever
 * the size of the document.
 */
#ifndef TUBEOPS_DB_SOURCES_JSONL_H
#define TUBEOPS_DB_SOURCES_JSONL_H

#include "db/sources/file.h"

extern const struct source_format jsonl_format;

#endif
