/* The table of job types, and checking parameters against it. */
#include "config.h"
#include "engine/jobs/job_types.h"
#include "engine/base/str.h"

#include <string.h>

static const struct job_type *const job_type_table[] = {
#define JOB_TYPE_ROW(type) &type,
    JOB_TYPE_LIST(JOB_TYPE_ROW)
#undef JOB_TYPE_ROW
        NULL,
};

const struct job_type *const *job_types(void)
{
	return job_type_table;
}

const struct job_type *job_type_find(const char *name)
{
	for (const struct job_type *const *t = job_type_table; *t; t++)
		if (strcmp((*t)->info.name, name) == 0)
			return *t;
	return NULL;
}

static const struct job_param *job_param_find(const struct job_type *t, const char *name)
{
	for (size_t i = 0; i < t->info.n_params; i++) {
		const struct job_param *p = &t->info.params[i];
		if (strcmp(p->name, name) == 0 || (p->also && strcmp(p->also, name) == 0))
			return p;
	}
	return NULL;
}

static enum err job_param_number(
    const struct job_param *p, const json_t *v, json_t *out, struct errbuf *eb)
{
	int64_t n;

	if (json_is_null(v) && p->optional)
		return ERR_OK;
	if (json_is_integer(v))
		n = json_integer_value(v);
	else if (!json_is_string(v) || str_to_i64(json_string_value(v), INT64_MIN, INT64_MAX, &n))
		return err_set(eb, ERR_INVALID, "%s: send a whole number from %lld to %lld",
		    p->name, (long long)p->least, (long long)p->most);
	if (n == 0 && p->optional && p->least == 0)
		return ERR_OK; /* the original's word for "no limit" */
	if (n < p->least || n > p->most)
		return err_set(eb, ERR_INVALID, "%s: %lld is not in %lld to %lld", p->name,
		    (long long)n, (long long)p->least, (long long)p->most);
	return json_object_set_new(out, p->name, json_integer(n)) ? ERR_NOMEM : ERR_OK;
}

static enum err job_param_flag(
    const struct job_param *p, const json_t *v, json_t *out, struct errbuf *eb)
{
	if (!json_is_boolean(v))
		return err_set(eb, ERR_INVALID, "%s: send true or false", p->name);
	return json_object_set_new(out, p->name, json_boolean(json_is_true(v))) ? ERR_NOMEM
	                                                                        : ERR_OK;
}

static enum err job_param_text(
    const struct job_param *p, const json_t *v, json_t *out, struct errbuf *eb)
{
	if (!json_is_string(v) || json_string_length(v) > 4096 ||
	    strlen(json_string_value(v)) != json_string_length(v))
		return err_set(eb, ERR_INVALID, "%s: send a text of at most 4096 bytes", p->name);
	return json_object_set_new(out, p->name, json_string(json_string_value(v))) ? ERR_NOMEM
	                                                                            : ERR_OK;
}

static enum err job_param_list(
    const struct job_param *p, const json_t *v, json_t *out, struct errbuf *eb)
{
	size_t i;
	const json_t *item;

	if (!json_is_array(v))
		return err_set(eb, ERR_INVALID, "%s: send an array of texts", p->name);
	for (i = 0; i < json_array_size(v); i++) {
		item = json_array_get(v, i);
		if (!json_is_string(item))
			return err_set(eb, ERR_INVALID, "%s: send an array of texts", p->name);
	}
	return json_object_set_new(out, p->name, json_deep_copy(v)) ? ERR_NOMEM : ERR_OK;
}

static enum err (*const job_param_checks[])(
    const struct job_param *, const json_t *, json_t *, struct errbuf *) = {
    [PARAM_NUMBER] = job_param_number,
    [PARAM_TEXT] = job_param_text,
    [PARAM_FLAG] = job_param_flag,
    [PARAM_LIST] = job_param_list,
};

static void job_params_complete(const struct job_type *t, json_t *out)
{
	for (size_t i = 0; i < t->info.n_params; i++) {
		const struct job_param *p = &t->info.params[i];
		if (p->optional || json_object_get(out, p->name))
			continue;
		if (p->type == PARAM_NUMBER)
			json_object_set_new(out, p->name, json_integer(p->fallback));
		else if (p->type == PARAM_FLAG)
			json_object_set_new(out, p->name, json_boolean(p->fallback != 0));
	}
}

enum err job_params_check(
    const struct job_type *t, const json_t *given, json_t **out, struct errbuf *eb)
{
	enum err err = ERR_OK;
	void *it;

	*out = json_object();
	if (!*out)
		return err_set(eb, ERR_NOMEM, "out of memory");
	if (given && !json_is_object(given))
		err = err_set(eb, ERR_INVALID, "send the parameters as one JSON object");
	/* jansson's iterators want a non-const object although they only read */
	for (it = err || !given ? NULL : json_object_iter((json_t *)(uintptr_t)given); it && !err;
	     it = json_object_iter_next((json_t *)(uintptr_t)given, it)) {
		const char *name = json_object_iter_key(it);
		const struct job_param *p = job_param_find(t, name);
		if (!p)
			err =
			    err_set(eb, ERR_INVALID, "%s has no parameter %s", t->info.name, name);
		else
			err = job_param_checks[p->type](p, json_object_iter_value(it), *out, eb);
	}
	if (!err)
		job_params_complete(t, *out);
	if (!err && t->check)
		err = t->check(*out, eb);
	if (!err)
		return ERR_OK;
	json_decref(*out);
	*out = NULL;
	return err;
}

enum err job_params_admit(const struct job_type *t, const struct settings *s, const char *by,
    const json_t *given, json_t **out, struct secret **secret, struct errbuf *eb)
{
	enum err err = job_params_check(t, given, out, eb);

	*secret = NULL;
	if (!err && t->admit)
		err = t->admit(s, by, *out, secret, eb);
	if (!err)
		return ERR_OK;
	json_decref(*out);
	*out = NULL;
	secret_free(*secret);
	*secret = NULL;
	return err;
}

const struct job_type *job_type_meant(const char *name, json_t *given, struct errbuf *eb)
{
	const struct job_type *t = name ? job_type_find(name) : NULL;

	if (!t)
		err_set(eb, ERR_INVALID, "there is no job type \"%.40s\"", name ? name : "");
	if (!t || !t->instead.flag || !json_is_true(json_object_get(given, t->instead.flag)))
		return t;
	json_object_del(given, t->instead.flag);
	return t->instead.type;
}
