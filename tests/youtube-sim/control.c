/*
 * The simulator's own paths: GET /sim/stats, POST /sim/faults, /sim/quota, /sim/latency,
 * /sim/clock. They are neither counted, billed nor logged.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <jansson.h>

#include "api.h"

#define CONTROL_LIMIT (16u << 20)
#define MAX_LATENCY_MS 3600000

static bool show_stats(struct api *api, struct slice body, struct jsonw *w, struct out *why)
{
	struct out name;

	(void)body;
	(void)why;
	jsonw_number(w, "requests", atomic_load(&api->requests));
	jsonw_number(w, "items", atomic_load(&api->found));
	quota_write(api->quota, w);
	out_init(&name, 64);
	if (jsonw_object(w, "status")) {
		for (unsigned i = 0; i < API_MAX_STATUS; i++) {
			uint64_t n = atomic_load_explicit(&api->by_status[i], memory_order_relaxed);

			out_reset(&name);
			out_u64(&name, i);
			out_char(&name, '\0');
			if (n > 0 && !name.failed)
				jsonw_number(w, name.data, n);
		}
		jsonw_object_end(w);
	}
	out_done(&name);
	faults_write(api->faults, w);
	return true;
}

static bool set_faults(struct api *api, struct slice body, struct jsonw *w, struct out *why)
{
	(void)w;
	return faults_set(api->faults, body, atomic_load(&api->requests), why);
}

static bool set_quota(struct api *api, struct slice body, struct jsonw *w, struct out *why)
{
	json_error_t error;
	json_t *json = json_loadb(body.p, body.len, 0, &error);
	const char *project = json_string_value(json_object_get(json, "project"));
	const char *bucket = json_string_value(json_object_get(json, "bucket"));
	const json_t *limit = json_object_get(json, "quota");
	bool done = false;

	(void)w;
	if (project != NULL && json_is_integer(limit) && json_integer_value(limit) >= 0)
		done = quota_set_limit(api->quota, slice_of(project),
		    slice_of(bucket ? bucket : "units"), (uint64_t)json_integer_value(limit));
	if (!done)
		out_text(why, "wanted: {\"project\": a known one, \"quota\": N}");
	json_decref(json);
	return done;
}

/* MS or LOW-HIGH. */
static bool set_latency(struct api *api, struct slice body, struct jsonw *w, struct out *why)
{
	const char *dash = body.len ? memchr(body.p, '-', body.len) : NULL;
	size_t len = dash ? (size_t)(dash - body.p) : body.len;
	uint64_t low, high;

	(void)w;
	if (!slice_to_u64((struct slice){body.p, len}, 0, MAX_LATENCY_MS, &low)) {
		out_text(why, "wanted: milliseconds, or LOW-HIGH");
		return false;
	}
	high = low;
	if (dash != NULL && !slice_to_u64((struct slice){dash + 1, body.len - len - 1}, low,
	                        MAX_LATENCY_MS, &high)) {
		out_text(why, "wanted: milliseconds, or LOW-HIGH");
		return false;
	}
	atomic_store(&api->latency_low_ms, low);
	atomic_store(&api->latency_high_ms, high);
	return true;
}

static bool set_clock(struct api *api, struct slice body, struct jsonw *w, struct out *why)
{
	uint64_t now;

	(void)w;
	if (!slice_to_u64(body, 0, UINT64_C(253402300799), &now)) {
		out_text(why, "wanted: seconds since 1970");
		return false;
	}
	simclock_set(api->clock, (int64_t)now);
	return true;
}

static const struct {
	const char *path;
	bool is_get;
	bool (*run)(struct api *api, struct slice body, struct jsonw *w, struct out *why);
} controls[] = {
    {"/sim/stats", true, show_stats},
    {"/sim/faults", false, set_faults},
    {"/sim/quota", false, set_quota},
    {"/sim/latency", false, set_latency},
    {"/sim/clock", false, set_clock},
};

void api_control(struct api *api, const struct ask *ask, struct slice body, struct reply *r)
{
	struct out out, why;
	struct jsonw w;
	bool ok = false, known = false;

	while (body.len > 0 && (body.p[body.len - 1] == '\n' || body.p[body.len - 1] == ' '))
		body.len--;
	*r = (struct reply){.status = 200};
	out_init(&out, CONTROL_LIMIT);
	out_init(&why, 4096);
	jsonw_init(&w, &out, true, NULL);
	if (jsonw_object(&w, NULL)) {
		for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
			if (strcmp(controls[i].path, ask->path) != 0 ||
			    controls[i].is_get != ask->is_get)
				continue;
			known = true;
			ok = controls[i].run(api, body, &w, &why);
		}
		if (!ok) {
			r->status = known ? 400 : 404;
			jsonw_outside(&w, "error",
			    why.len > 0 ? (struct slice){why.data, why.len}
			                : slice_of("no such control"));
		} else if (!ask->is_get) {
			jsonw_bool(&w, "ok", true);
		}
		jsonw_object_end(&w);
	}
	jsonw_end(&w);
	r->is_error = !ok;
	r->body = out_take(&out, &r->len);
	out_done(&why);
}
