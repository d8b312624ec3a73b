/*
 * openapi - the table of routes for programs and for people: OpenAPI 3.1 and a plain page. Pure; any
 * thread.
 *
 * Replies are written in a short notation: int, number, bool, text, time, uuid, any; ? behind one
 * when it may be null; [t] an array of t; {name:t,…} an object that has these members at least.
 */
#ifndef TUBEOPS_REST_OPENAPI_H
#define TUBEOPS_REST_OPENAPI_H

#include "engine/rest/route.h"

/* A new reference; NULL: no memory. */
json_t *rest_openapi_document(const struct rest_route *routes);
/* A reply's notation as a JSON schema; NULL: the notation makes no sense. */
json_t *rest_openapi_schema(const char *notation);
/* Appends the page. */
void rest_openapi_page(const struct rest_route *routes, struct str *out);

#endif
