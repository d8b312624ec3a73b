/* Steering jobs: what pause, resume, cancel and retry make of them. */
#include "config.h"
#include "db/staging_dead.h"
#include "engine/jobs/dispatcher_parts.h"

struct dispatch_retry {
	int64_t no;
	enum op op;
	int64_t n;
};

static enum err dispatch_retry_apply(struct staging *s, void *arg, struct errbuf *eb)
{
	struct dispatch_retry *r = arg;
	const struct dead_filter which = {.op = r->op, .job = r->no};
	struct job_count by = {0};
	enum err err = staging_dead_retry(s, &which, &r->n, eb);

	by.failed = -r->n;
	return err ? err : staging_job_count(s, r->no, &by, eb);
}

/* Failed channels of the job become pending, then the job runs again. Not under the lock. */
static enum err dispatch_retry(
    struct dispatcher *d, const struct job_type *type, int64_t no, int64_t *n, struct errbuf *eb)
{
	struct dispatch_retry r = {.no = no, .op = type->op};
	enum err err = ERR_OK;

	*n = 0;
	if (type->op != OP_NONE)
		err = writer_run(d->parts->writer, dispatch_retry_apply, &r, false, eb);
	*n = r.n;
	return err;
}

/* What each action makes of a job in each status; JOB_STATUS_COUNT: refused. */
static const struct {
	enum action action;
	enum job_status to[JOB_STATUS_COUNT];
} dispatch_moves[] = {
#define NO JOB_STATUS_COUNT
    /*                     pending      running      waiting      paused       interrupted  cancelled completed failed */
    {ACTION_JOB_PAUSE, {JOB_PAUSED, JOB_PAUSED, JOB_PAUSED, NO, JOB_PAUSED, NO, NO, NO}},
    {ACTION_JOB_RESUME, {NO, NO, JOB_PENDING, JOB_PENDING, JOB_PENDING, NO, NO, NO}},
    {ACTION_JOB_CANCEL,
        {JOB_CANCELLED, JOB_CANCELLED, JOB_CANCELLED, JOB_CANCELLED, JOB_CANCELLED, NO, NO, NO}},
    {ACTION_JOB_RETRY, {NO, NO, NO, NO, JOB_PENDING, JOB_PENDING, JOB_PENDING, JOB_PENDING}},
#undef NO
};

enum job_status dispatcher_move(enum action action, enum job_status from)
{
	for (size_t i = 0; i < sizeof dispatch_moves / sizeof dispatch_moves[0]; i++)
		if (dispatch_moves[i].action == action)
			return dispatch_moves[i].to[from];
	return JOB_STATUS_COUNT;
}

static void dispatch_move_locked(
    struct dispatcher *d, struct job *j, enum job_status to, const char *word, const char *by)
{
	bool runs = j->has_thread && !j->ended;

	if (to == JOB_PENDING) {
		j->counted = j->is_spent = j->day_is_spent = j->share_is_spent = false;
		dispatch_note_locked(j, "action", by, "%s", word);
		dispatch_job_status_locked(d, j, JOB_PENDING, 0, "%s", "");
		if (dispatch_is_chunked(j->type))
			d->again[j->type->feed] = true;
		return;
	}
	dispatch_job_drop_chunks_locked(d, j);
	j->want = to;
	atomic_store(&j->stop, true);
	if (!runs)
		dispatch_job_status_locked(d, j, to, 0, "%s by %s", job_status_word(to), by);
}

/* The job in memory, read from staging when it is not there yet. */
static enum err dispatch_fetch(struct dispatcher *d, int64_t no, struct errbuf *eb)
{
	struct job *j, *fresh = NULL;
	enum err err;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	pthread_mutex_unlock(&d->lock);
	if (j)
		return ERR_OK;
	err = dispatch_job_load(d, no, &fresh, eb);
	if (err)
		return err;
	pthread_mutex_lock(&d->lock);
	if (dispatch_job_find_locked(d, no))
		dispatch_job_free(fresh); /* somebody was quicker */
	else
		dispatch_job_link_locked(d, fresh);
	pthread_mutex_unlock(&d->lock);
	return ERR_OK;
}

enum err dispatcher_job_secret(
    struct dispatcher *d, int64_t no, struct secret *secret, struct errbuf *eb)
{
	enum err err = dispatch_fetch(d, no, eb);
	struct job *j;

	if (!err) {
		pthread_mutex_lock(&d->lock);
		j = dispatch_job_find_locked(d, no);
		if (j && (!j->has_thread || j->ended)) {
			struct secret *old = j->secret;
			j->secret = secret;
			secret = old;
		}
		pthread_mutex_unlock(&d->lock);
	}
	secret_free(secret);
	return err;
}

static enum err dispatch_act_locked(struct dispatcher *d, int64_t no, enum action action,
    const char *by, int64_t retried, struct str *text, struct errbuf *eb)
{
	struct job *j = dispatch_job_find_locked(d, no);
	enum job_status to = j ? dispatcher_move(action, j->row.status) : JOB_STATUS_COUNT;

	if (!j)
		return err_set(eb, ERR_NOTFOUND, "there is no job J-%lld", (long long)no);
	if (to == JOB_STATUS_COUNT)
		return err_set(eb, ERR_DENIED, "J-%lld is %s: it cannot %s", (long long)no,
		    job_status_word(j->row.status), action_info(action)->word);
	if (action == ACTION_JOB_RETRY && j->row.status == JOB_COMPLETED &&
	    dispatch_is_chunked(j->type) && !retried)
		return err_set(eb, ERR_DENIED, "J-%lld gave up on no channel: nothing to retry",
		    (long long)no);
	j->row.failed -= retried;
	j->row.processed -= retried;
	dispatch_move_locked(d, j, to, action_info(action)->word, by);
	str_addf(text, "J-%lld: %s", (long long)no, action_info(action)->word);
	if (retried)
		str_addf(text, ", %lld channels are tried again", (long long)retried);
	return ERR_OK;
}

enum err dispatcher_job_act(struct dispatcher *d, int64_t no, enum action action, const char *by,
    struct str *text, struct errbuf *eb)
{
	const struct job_type *type = NULL;
	enum job_status status = JOB_STATUS_COUNT;
	int64_t retried = 0;
	struct job *j;
	enum err err = dispatch_fetch(d, no, eb);

	if (err)
		return err;
	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (j) {
		type = j->type;
		status = j->row.status;
	}
	pthread_mutex_unlock(&d->lock);
	if (type && action == ACTION_JOB_RETRY &&
	    dispatcher_move(action, status) != JOB_STATUS_COUNT)
		err = dispatch_retry(d, type, no, &retried, eb);
	if (err)
		return err;
	pthread_mutex_lock(&d->lock);
	err = dispatch_act_locked(d, no, action, by, retried, text, eb);
	pthread_mutex_unlock(&d->lock);
	return err;
}

/* ---- weight, and forgetting ---- */

bool dispatcher_job_weigh(struct dispatcher *d, int64_t no, int weight)
{
	struct job *j;

	pthread_mutex_lock(&d->lock);
	j = dispatch_job_find_locked(d, no);
	if (j)
		j->weight = j->row.weight = weight;
	pthread_mutex_unlock(&d->lock);
	return j != NULL;
}

enum err dispatcher_job_forget(struct dispatcher *d, int64_t no, struct errbuf *eb)
{
	enum err err = ERR_OK;

	pthread_mutex_lock(&d->lock);
	for (struct job **link = &d->jobs; *link && !err; link = &(*link)->next) {
		struct job *j = *link;
		if (j->row.no != no)
			continue;
		if (job_status_is_open(j->row.status))
			err = err_set(eb, ERR_DENIED, "J-%lld is %s: cancel it first",
			    (long long)no, job_status_word(j->row.status));
		else if (!dispatch_job_is_settled(j))
			err = err_set(eb, ERR_DENIED,
			    "J-%lld is about to end: delete it in a moment", (long long)no);
		else
			*link = j->next;
		if (!err)
			dispatch_job_free(j);
		break;
	}
	pthread_mutex_unlock(&d->lock);
	return err;
}
