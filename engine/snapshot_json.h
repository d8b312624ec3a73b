/*
 * snapshot_json - a snapshot as one JSON object and back: what GET /api/snapshot sends and an
 * attached console reads. Both ways and the members that /api/events sends come from one table, a
 * row per member of the structs in snapshot.h. A member of an ordinary type (whole numbers, double,
 * bool, text in a char array) is the row FIELD(snapshot, its_name) in snapshot_json.c; a test finds
 * members without one. Pure functions, any thread.
 */
#ifndef TUBEOPS_SNAPSHOT_JSON_H
#define TUBEOPS_SNAPSHOT_JSON_H

#include "engine/base/err.h"
#include "engine/base/json_reader.h"
#include "engine/base/str.h"
#include "engine/snapshot.h"

enum snapshot_field_kind {
	SNAPSHOT_I64,
	SNAPSHOT_U64,
	SNAPSHOT_I32,
	SNAPSHOT_U32,
	SNAPSHOT_DOUBLE,
	SNAPSHOT_BOOL,
	SNAPSHOT_TEXT,  /* a char array with a NUL in it */
	SNAPSHOT_LEVEL, /* enum log_level, as its word */
	SNAPSHOT_LIST,  /* an array of structs, as long as its count says; or one struct */
	SNAPSHOT_KINDS
};

struct snapshot_shape;

struct snapshot_field {
	const char *name;
	enum snapshot_field_kind kind;
	size_t at, size; /* of the whole member, in its struct */
	size_t element;  /* bytes of one value; smaller than size: an array */
	size_t row;      /* of a matrix: bytes of a row; 0: it is none */
	size_t count_at; /* of a list: where its size_t count stands; SNAPSHOT_FULL: it is full */
	const struct snapshot_shape *of; /* of a list: what its elements are */
};
#define SNAPSHOT_FULL SIZE_MAX

struct snapshot_shape {
	const char *name; /* of the struct */
	size_t size;
	const struct snapshot_field *fields;
	size_t n;
};

/* What struct snapshot is made of; lists lead to the others. */
const struct snapshot_shape *snapshot_shape(void);
/* The list of this name among a shape's members, or NULL. */
const struct snapshot_field *snapshot_field_find(const struct snapshot_shape *of, const char *name);

/* Appends s as one JSON object, in the order of the table; texts are cleaned on the way. */
void snapshot_encode(const struct snapshot *s, struct str *out);
/* The same for any struct that a shape describes. */
void snapshot_shape_encode(const struct snapshot_shape *of, const void *from, struct str *out);
/*
 * Reads such an object, which comes from outside: members that are not known are ignored (a newer
 * program sent it), those that lack stay 0, lists and texts are cut to what there is room for,
 * texts are cleaned. ERR_INVALID names the member that is of another kind. *out has one holder.
 */
enum err snapshot_decode(
    const char *text, size_t len, struct snapshot **out, struct errbuf *eb) MUST_CHECK;

/* The same for any struct that a shape describes, into `to`, which is all 0. */
enum err snapshot_shape_decode(
    const struct snapshot_shape *of, struct json_node node, void *to, struct errbuf *eb) MUST_CHECK;

#endif
