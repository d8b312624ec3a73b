/*
 * metrics - the numbers of a node in the OpenMetrics text format, for Prometheus and its like.
 * Pure; any thread. Source: OpenMetrics 1.0.0, "Text format".
 */
#ifndef TUBEOPS_REST_METRICS_H
#define TUBEOPS_REST_METRICS_H

#include "engine/base/str.h"
#include "engine/rest/route.h"
#include "engine/snapshot.h"

#define REST_METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Appends the whole exposition, with # EOF at its end. */
void rest_metrics_write(const struct snapshot *s, const struct rest_numbers *n, struct str *out);

#endif
