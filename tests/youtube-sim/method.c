#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "method.h"

#include <stdlib.h>

/* One row a method. */
static const struct method *const methods[] = {
    &method_channels_list,
    &method_playlist_items_list,
    &method_videos_list,
    &method_videos_batch_get_stats,
    &method_channel_sections_list,
    &method_playlists_list,
    &method_subscriptions_list,
    &method_comment_threads_list,
    &method_search_list,
};

const struct param_def method_common_params[] = {
    {"key", PARAM_TEXT, 0},
    {"fields", PARAM_TEXT, 0},
    {"prettyPrint", PARAM_BOOL, 0},
    {"alt", PARAM_TEXT, PARAM_NO_SUPPORT},
    {"quotaUser", PARAM_TEXT, 0},
    {"callback", PARAM_TEXT, PARAM_NO_SUPPORT},
    {"$.xgafv", PARAM_TEXT, 0},
    {"access_token", PARAM_TEXT, 0},
    {"oauth_token", PARAM_TEXT, 0},
    {"uploadType", PARAM_TEXT, 0},
    {"upload_protocol", PARAM_TEXT, 0},
    {NULL, PARAM_TEXT, 0},
};

const struct method *method_find(const char *path)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (strcmp(methods[i]->path, path) == 0)
			return methods[i];
	return NULL;
}

bool call_param(const struct call *c, const char *name, struct slice *value)
{
	for (size_t i = c->ask->param_count; i-- > 0;) {
		if (!slice_equals(c->ask->params[i].name, name))
			continue;
		*value = c->ask->params[i].value;
		return true;
	}
	return false;
}

static const struct param_def *param_find(const struct param_def *list, struct slice name)
{
	for (; list->name != NULL; list++)
		if (slice_equals(name, list->name))
			return list;
	return NULL;
}

static const struct error_def *refuse(const char *name)
{
	return errors_find(slice_of(name));
}

static bool read_bool(struct slice s, bool *v)
{
	*v = slice_equals(s, "true") || slice_equals(s, "1");
	return *v || slice_equals(s, "false") || slice_equals(s, "0");
}

static const struct error_def *bad_value(
    struct call *c, const struct query_param *p, const char *type)
{
	out_char(&c->arg, '\'');
	out_add(&c->arg, p->name.p, p->name.len);
	out_text(&c->arg, "' (");
	out_text(&c->arg, type);
	out_text(&c->arg, "), \"");
	out_add(&c->arg, p->value.p, p->value.len);
	out_char(&c->arg, '"');
	return refuse("badValue");
}

static bool is_listed(const char *list, struct slice value)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (len == value.len && memcmp(list, value.p, len) == 0)
			return true;
		list += len;
		list += *list == ',';
	}
	return false;
}

static bool is_allowed(const struct call *c, const struct query_param *p)
{
	for (const struct param_values *v = c->method->values; v && v->name != NULL; v++)
		if (slice_equals(p->name, v->name))
			return is_listed(v->values, p->value);
	return true;
}

static const struct error_def *check_one(struct call *c, const struct query_param *p)
{
	const struct param_def *d = param_find(c->method->params, p->name);
	uint64_t number;
	bool truth;

	if (d == NULL)
		d = param_find(method_common_params, p->name);
	if (d == NULL) {
		out_add(&c->arg, p->name.p, p->name.len);
		return refuse("unknownName");
	}
	if (p->value.len > 0 && memchr(p->value.p, '\0', p->value.len) != NULL)
		return refuse("invalidArgument");
	if (d->type == PARAM_BOOL && !read_bool(p->value, &truth))
		return bad_value(c, p, "TYPE_BOOL");
	if (d->type == PARAM_UINT && !slice_to_u64(p->value, 0, UINT32_MAX, &number))
		return bad_value(c, p, "TYPE_UINT32");
	if (!is_allowed(c, p))
		return bad_value(c, p, "TYPE_ENUM");
	if (d->flags & PARAM_NO_SUPPORT && !slice_equals(p->value, "json"))
		return bad_value(c, p, "not offered by this simulator");
	return NULL;
}

static void list_filters(struct call *c)
{
	for (const struct param_def *d = c->method->params; d->name != NULL; d++) {
		if (!(d->flags & PARAM_FILTER))
			continue;
		if (c->arg.len > 0)
			out_text(&c->arg, ", ");
		out_text(&c->arg, d->name);
	}
}

static bool filter_given(const struct call *c, const struct param_def *d)
{
	struct slice value;
	bool truth;

	if (!(d->flags & PARAM_FILTER) || !call_param(c, d->name, &value))
		return false;
	if (d->type == PARAM_BOOL)
		return read_bool(value, &truth) && truth;
	return value.len > 0;
}

static const struct error_def *check_filter(struct call *c)
{
	const struct param_def *given = NULL;
	struct slice token;

	for (const struct param_def *d = c->method->params; d->name != NULL; d++) {
		if (!filter_given(c, d))
			continue;
		if (given != NULL) {
			out_reset(&c->arg);
			out_text(&c->arg, given->name);
			out_text(&c->arg, ", ");
			out_text(&c->arg, d->name);
			return refuse("incompatibleParameters");
		}
		given = d;
	}
	if (given == NULL) {
		list_filters(c);
		return c->arg.len > 0 ? refuse("missingFilter") : NULL;
	}
	c->filter = slice_of(given->name);
	if (given->flags & PARAM_OAUTH) {
		bool tried = c->ask->has_credentials || call_param(c, "access_token", &token) ||
		             call_param(c, "oauth_token", &token);

		return refuse(tried ? "authError" : "loginRequired");
	}
	return NULL;
}

bool call_each_piece(struct call *c, const char *name, bool (*each)(struct call *, struct slice))
{
	for (size_t i = 0; i < c->ask->param_count; i++) {
		struct slice rest = c->ask->params[i].value;

		if (!slice_equals(c->ask->params[i].name, name))
			continue;
		while (rest.len > 0) {
			const char *comma = memchr(rest.p, ',', rest.len);
			size_t len = comma ? (size_t)(comma - rest.p) : rest.len;

			if (len > 0 && !each(c, (struct slice){rest.p, len}))
				return false;
			rest = comma ? (struct slice){comma + 1, rest.len - len - 1}
			             : (struct slice){rest.p, 0};
		}
	}
	return true;
}

static bool add_part(struct call *c, struct slice piece)
{
	for (unsigned i = 0; c->method->parts[i] != NULL; i++) {
		if (!slice_equals(piece, c->method->parts[i]))
			continue;
		c->parts |= 1u << i;
		return true;
	}
	out_add(&c->arg, piece.p, piece.len);
	return false;
}

static bool add_id(struct call *c, struct slice piece)
{
	struct slice *ids;

	if ((c->id_count & (c->id_count - 1)) == 0) {
		ids = realloc(c->ids, (c->id_count ? 2 * c->id_count : 1) * sizeof *ids);
		if (ids == NULL)
			return false;
		c->ids = ids;
	}
	c->ids[c->id_count++] = piece;
	return true;
}

bool call_read_ids(struct call *c)
{
	return call_each_piece(c, "id", add_id);
}

void call_read_style(struct call *c)
{
	struct slice value;

	c->pretty = true;
	if (call_param(c, "prettyPrint", &value))
		c->pretty = !slice_equals(value, "false") && !slice_equals(value, "0");
	c->v2_errors = call_param(c, "$.xgafv", &value) && slice_equals(value, "2");
}

static const struct error_def *check_max_results(struct call *c)
{
	struct slice value;
	uint64_t v = c->method->max_results_default;

	if (call_param(c, "maxResults", &value) &&
	    !slice_to_u64(value, c->method->max_results_min, c->method->max_results_max, &v)) {
		out_text(&c->arg, "Invalid value '");
		out_add(&c->arg, value.p, value.len);
		out_text(&c->arg, "'. Values must be within the range: [");
		out_u64(&c->arg, c->method->max_results_min);
		out_text(&c->arg, ", ");
		out_u64(&c->arg, c->method->max_results_max);
		out_text(&c->arg, "]");
		return refuse("invalidParameter");
	}
	c->max_results = (unsigned)v;
	return NULL;
}

static const struct error_def *check_fields(struct call *c)
{
	struct fields *schema = NULL;
	struct slice value, bad = {NULL, 0};
	enum fields_result result;
	bool known;

	if (!call_param(c, "fields", &value))
		return NULL;
	result = fields_parse(value, &c->fields, &bad);
	if (result == FIELDS_NOMEM)
		return refuse("internalError500");
	known = result == FIELDS_OK;
	if (known && fields_parse(slice_of(c->method->schema), &schema, NULL) == FIELDS_OK)
		known = fields_known(c->fields, schema, &bad);
	if (!known)
		out_add(&c->arg, bad.p, bad.len);
	fields_free(schema);
	return known ? NULL : refuse("badFields");
}

const struct error_def *call_check(struct call *c)
{
	const struct error_def *e;
	struct slice value;

	for (size_t i = 0; i < c->ask->param_count; i++) {
		e = check_one(c, &c->ask->params[i]);
		if (e != NULL)
			return e;
	}
	for (const struct param_def *d = c->method->params; d->name != NULL; d++)
		if (d->flags & PARAM_REQUIRED &&
		    (!call_param(c, d->name, &value) || value.len == 0)) {
			out_text(&c->arg, d->name);
			return refuse("missingPart");
		}
	if (!call_each_piece(c, "part", add_part))
		return refuse("unknownPart");
	e = check_max_results(c);
	if (e == NULL)
		e = check_fields(c);
	if (e == NULL)
		e = check_filter(c);
	return e;
}

void call_done(struct call *c)
{
	fields_free(c->fields);
	free(c->ids);
	out_done(&c->out);
	out_done(&c->arg);
	out_done(&c->request);
}
