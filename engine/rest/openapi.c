#include "config.h"
#include "engine/rest/openapi.h"
#include "engine/engine.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- the notation of replies ---- */

enum { OPENAPI_DEPTH = 8 };

static const struct {
	const char *word, *type, *format;
} openapi_words[] = {
    {"int", "integer", NULL},
    {"number", "number", NULL},
    {"bool", "boolean", NULL},
    {"text", "string", NULL},
    {"time", "string", NULL}, /* naive UTC, which no format of JSON Schema names */
    {"uuid", "string", "uuid"},
    {"any", NULL, NULL},
};

static json_t *schema_value(const char **p, int depth);

/* {name:t,name:t} behind the {. */
static json_t *schema_object(const char **p, int depth)
{
	json_t *members = json_object(), *required = json_array();

	while (**p && **p != '}') {
		size_t len = strcspn(*p, ":,}]");
		char *name = str_dup_n(*p, len);
		json_t *value = NULL;
		*p += len;
		if (name && **p == ':') {
			(*p)++;
			value = schema_value(p, depth);
		}
		if (!value || json_object_set_new(members, name, value) != 0) {
			free(name);
			json_decref(members);
			json_decref(required);
			return NULL;
		}
		json_array_append_new(required, json_string(name));
		free(name);
		*p += **p == ',';
	}
	*p += **p == '}';
	return json_pack(
	    "{s:s,s:o,s:o}", "type", "object", "properties", members, "required", required);
}

static json_t *schema_word(const char **p)
{
	size_t len = strspn(*p, "abcdefghijklmnopqrstuvwxyz");
	bool may_be_null = (*p)[len] == '?';
	json_t *j = NULL;

	for (size_t i = 0; i < sizeof openapi_words / sizeof openapi_words[0]; i++) {
		if (strlen(openapi_words[i].word) != len ||
		    memcmp(openapi_words[i].word, *p, len) != 0)
			continue;
		j = json_object();
		if (openapi_words[i].type && may_be_null)
			json_object_set_new(
			    j, "type", json_pack("[s,s]", openapi_words[i].type, "null"));
		else if (openapi_words[i].type)
			json_object_set_new(j, "type", json_string(openapi_words[i].type));
		if (openapi_words[i].format)
			json_object_set_new(j, "format", json_string(openapi_words[i].format));
	}
	*p += len + may_be_null;
	return j;
}

static json_t *schema_value(const char **p, int depth)
{
	json_t *items;

	if (!depth)
		return NULL;
	if (**p == '{') {
		(*p)++;
		return schema_object(p, depth - 1);
	}
	if (**p != '[')
		return schema_word(p);
	(*p)++;
	items = schema_value(p, depth - 1);
	if (!items || **p != ']') {
		json_decref(items);
		return NULL;
	}
	(*p)++;
	return json_pack("{s:s,s:o}", "type", "array", "items", items);
}

json_t *rest_openapi_schema(const char *notation)
{
	json_t *j = schema_value(&notation, OPENAPI_DEPTH);

	if (!*notation)
		return j;
	json_decref(j);
	return NULL;
}

/* ---- parameters ---- */

static json_t *openapi_type(enum param_type type, int64_t least, int64_t most)
{
	static const char *const words[] = {[PARAM_NUMBER] = "integer",
	    [PARAM_TEXT] = "string",
	    [PARAM_FLAG] = "boolean",
	    [PARAM_LIST] = "array"};
	json_t *j = json_pack("{s:s}", "type", words[type]);

	if (type == PARAM_NUMBER) {
		json_object_set_new(j, "minimum", json_integer(least));
		json_object_set_new(j, "maximum", json_integer(most));
	}
	return j;
}

/* {id} of a path. */
static void openapi_path_params(const char *path, json_t *list)
{
	for (const char *p = path; (p = strchr(p, '{')) != NULL; p++) {
		char *name = str_dup_n(p + 1, strcspn(p + 1, "}"));
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", name ? name : "", "in", "path",
		              "required", 1, "schema", "type", "string"));
		free(name);
	}
}

static json_t *openapi_params(const struct rest_route *r)
{
	json_t *list = json_array();

	openapi_path_params(r->path, list);
	for (size_t i = 0; i < r->query.n; i++) {
		const struct rest_param *q = &r->query.list[i];
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:b,s:s,s:o}", "name", q->name, "in", "query",
		              "required", q->required, "description", q->help, "schema",
		              openapi_type(q->type, q->least, q->most)));
	}
	if (r->action == ACTION_JOB_START)
		json_array_append_new(
		    list, json_pack("{s:s,s:s,s:b,s:s,s:{s:s,s:i,s:i}}", "name", "Idempotency-Key",
		              "in", "header", "required", 0, "description",
		              "a second request with this key starts no second job", "schema",
		              "type", "string", "minLength", 1, "maxLength", 255));
	return list;
}

static json_t *openapi_body(const struct rest_route *r)
{
	json_t *members = json_object(), *required = json_array(), *schema;

	for (size_t i = 0; i < r->body.n; i++) {
		const struct rest_param *b = &r->body.list[i];
		json_t *member = openapi_type(b->type, b->least, b->most);
		json_object_set_new(member, "description", json_string(b->help));
		json_object_set_new(members, b->name, member);
		if (b->required)
			json_array_append_new(required, json_string(b->name));
	}
	schema = json_pack("{s:s,s:o}", "type", "object", "properties", members);
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

/* ---- replies ---- */

static json_t *openapi_replies(const struct rest_route *r)
{
	json_t *schema = r->reply ? rest_openapi_schema(r->reply) : NULL;
	json_t *error = json_pack("{s:s}", "$ref", "#/components/schemas/Error");
	json_t *j = json_object();

	if (!schema)
		schema = r->media ? json_pack("{s:s}", "type", "string") : json_object();
	json_object_set_new(j, "200",
	    json_pack("{s:s,s:{s:{s:o}}}", "description", r->help, "content",
	        r->media ? r->media : "application/json", "schema", schema));
	json_object_set_new(j, "default",
	    json_pack("{s:s,s:{s:{s:o}}}", "description", "refused or failed; the text says why",
	        "content", "application/json", "schema", error));
	return j;
}

/* "POST /api/jobs/{id}/pause" as post_api_jobs_id_pause. */
static json_t *openapi_id(const char *method, const char *path)
{
	struct str id;
	json_t *j;

	str_init(&id, 512);
	str_adds(&id, method);
	for (const char *p = path; *p; p++)
		if (isalnum((unsigned char)*p))
			str_addc(&id, *p);
		else if (str_get(&id)[id.len - 1] != '_')
			str_addc(&id, '_');
	j = json_string(str_get(&id));
	str_done(&id);
	return j;
}

static void openapi_operation(json_t *paths, const struct rest_route *r)
{
	const char *method = r->methods & REST_POST ? "post" : "get";
	json_t *path = json_object_get(paths, r->path);
	json_t *op = json_pack("{s:o,s:s,s:o,s:o}", "operationId", openapi_id(method, r->path),
	    "summary", r->help, "parameters", openapi_params(r), "responses", openapi_replies(r));

	if (r->body.n)
		json_object_set_new(op, "requestBody", openapi_body(r));
	if (!r->auth)
		json_object_set_new(op, "security", json_array());
	if (!path) {
		path = json_object();
		json_object_set_new(paths, r->path, path);
	}
	json_object_set_new(path, method, op);
}

json_t *rest_openapi_document(const struct rest_route *routes)
{
	json_t *paths = json_object();

	for (const struct rest_route *r = routes; r->path; r++)
		openapi_operation(paths, r);
	return json_pack("{s:s,s:{s:s,s:s,s:s},s:[{s:[]}],s:o,s:{s:{s:{s:s,s:s}},"
	                 "s:{s:{s:s,s:{s:{s:s}},s:[s]}}}}",
	    "openapi", "3.1.0", "info", "title", "tubeops", "version", PACKAGE_VERSION,
	    "description",
	    "Errors are {\"error\": text}. Replies have an ETag where they can, and are packed "
	    "with "
	    "gzip for who takes it. A token is needed when the node has one.",
	    "security", "token", "paths", paths, "components", "securitySchemes", "token", "type",
	    "http", "scheme", "bearer", "schemas", "Error", "type", "object", "properties", "error",
	    "type", "string", "required", "error");
}

/* ---- the page ---- */

static void page_text(struct str *out, const char *text)
{
	for (; *text; text++)
		if (*text == '<')
			str_adds(out, "&lt;");
		else if (*text == '&')
			str_adds(out, "&amp;");
		else
			str_addc(out, *text);
}

static void page_params(struct str *out, const struct rest_params *params, const char *before)
{
	for (size_t i = 0; i < params->n; i++) {
		str_addf(out, "<br><code>%s%s</code>%s ", before, params->list[i].name,
		    params->list[i].required ? " (needed)" : "");
		page_text(out, params->list[i].help);
	}
}

void rest_openapi_page(const struct rest_route *routes, struct str *out)
{
	str_adds(out, "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>tubeops"
	              "</title>\n<style>body{font:15px sans-serif;margin:2em;max-width:70em}"
	              "td{padding:.3em 1em .3em 0;vertical-align:top}</style>\n<h1>tubeops</h1>\n"
	              "<p>Everything is JSON; errors are <code>{\"error\": …}</code>. The same for "
	              "programs: <a href=\"/openapi.json\">/openapi.json</a>.</p>\n<table>\n");
	for (const struct rest_route *r = routes; r->path; r++) {
		str_addf(out, "<tr><td>%s<td><code>%s</code><td>",
		    r->methods & REST_POST ? "POST" : "GET", r->path);
		page_text(out, r->help);
		page_params(out, &r->query, "?");
		page_params(out, &r->body, "");
		str_adds(out, "\n");
	}
	str_adds(out, "</table>\n</html>\n");
}
