/* What the demo answers to questions: a row per beginning of a path. */
#include "config.h"
#include "tui/demo/demo.h"

#include <stdio.h>
#include <string.h>

struct demo_path {
	const char *prefix;
	int (*answer)(const struct snapshot *s, const char *rest, struct str *out);
};

/* Longer ones first. */
static const struct demo_path demo_paths[] = {
    {"/api/plan/what-if", demo_what_if},
    {"/api/services/", demo_service},
    {"/api/jobs/", demo_job_page},
    {"/api/jobs?", demo_jobs_page},
    {"/api/channels/", demo_channel},
    {"/api/channels?", demo_channels},
    {"/api/log/summary", demo_log_summary},
    {"/api/discoveries?", demo_links_page},
    {"/api/discovery", demo_discovery},
    {"/api/log?", demo_log_page},
};

void demo_query_get(const char *query, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), at = 0;

	while (*query && (strncmp(query, name, len) != 0 || query[len] != '=')) {
		query += strcspn(query, "&");
		query += *query == '&';
	}
	query += *query ? len + 1 : 0;
	for (; *query && *query != '&' && at + 1 < size; query++) {
		unsigned code;
		if (*query == '%' && sscanf(query + 1, "%2x", &code) == 1) {
			out[at++] = (char)code;
			query += 2;
		} else {
			out[at++] = *query;
		}
	}
	out[at] = 0;
}

int demo_answer(const struct snapshot *s, const char *path, struct str *out)
{
	for (size_t i = 0; i < sizeof demo_paths / sizeof demo_paths[0]; i++) {
		size_t len = strlen(demo_paths[i].prefix);
		if (strncmp(path, demo_paths[i].prefix, len) == 0)
			return demo_paths[i].answer(s, path + len, out);
	}
	str_adds(out, "{\"error\":\"Not found\"}");
	return 404;
}

int demo_answer_post(const struct snapshot *s, const char *path, const char *body, struct str *out)
{
	if (strcmp(path, "/api/jobs/price") == 0)
		return demo_price(s, body, out);
	str_adds(out, "{\"error\":\"Not found\"}");
	return 404;
}
