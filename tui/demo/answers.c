/* What the demo answers to questions: a row per beginning of a path. */
#include "config.h"
#include "tui/demo/demo.h"

#include <string.h>

struct demo_path {
	const char *prefix;
	int (*answer)(const struct snapshot *s, const char *rest, struct str *out);
};

/* Longer ones first. */
static const struct demo_path demo_paths[] = {
    {"/api/jobs/", demo_job_page},
};

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
