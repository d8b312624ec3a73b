/*
 * secret - a text that must never be shown: an API key, a token, a password. Has no printing
 * function; shown is its fingerprint. Immutable after secret_new, so any thread may read it.
 * Its memory is wiped when it is freed and left out of core dumps where the system can.
 */
#ifndef TUBEOPS_BASE_SECRET_H
#define TUBEOPS_BASE_SECRET_H

#include "engine/base/err.h"

#include <stddef.h>

struct secret;
enum { SECRET_PRINT = 6 };

/* Returns owned; NULL when out of memory. */
struct secret *secret_new(const char *text, size_t len);
struct secret *secret_copy(const struct secret *s);
void secret_free(struct secret *s);
/* The first 6 hex digits of the SHA-256, NUL-terminated; borrowed. */
const char *secret_print(const struct secret *s);
/* Only for the one call that sends or stores it; borrowed. */
const char *secret_reveal(const struct secret *s);
size_t secret_length(const struct secret *s);
/* Takes the same time whatever differs. */
bool secret_is_equal(const struct secret *s, const char *text, size_t len);

#endif
