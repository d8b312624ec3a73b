/* The table of routes: what there is, what it takes, what it answers. */
#include "config.h"
#include "engine/rest/metrics.h"
#include "engine/rest/route.h"
#include "engine/engine.h"

/* ---- parameters ---- */

#define PARAMS(list_)                                 \
	{                                             \
		list_, sizeof list_ / sizeof list_[0] \
	}
#define NUMBER(name_, least_, most_, help_)                                                        \
	{                                                                                          \
		.name = name_, .type = PARAM_NUMBER, .least = least_, .most = most_, .help = help_ \
	}
#define WORD(name_, help_)                                       \
	{                                                        \
		.name = name_, .type = PARAM_TEXT, .help = help_ \
	}
#define NEEDED(name_, type_, help_)                                           \
	{                                                                     \
		.name = name_, .type = type_, .required = true, .help = help_ \
	}

static const struct rest_param jobs_query[] = {
    WORD("status", "only jobs in this state: pending, running, waiting, paused, interrupted, "
                   "cancelled, completed, failed; not with q, which says status=running itself"),
    NUMBER("limit", 0, REST_JOBS_MOST, "at most so many, 50 when not given"),
    WORD("q", "only jobs that pass this filter, such as type=refresh failed>0"),
    WORD("sort", "in pages, as other lists: state, id, type, done, percent, rate, err, units, why, "
                 "created or ended, with :asc or :desc behind it; the answer is an object then"),
    WORD("after", "with sort: the rows behind this place, `next` of another answer"),
    WORD("before", "with sort: the rows before this place, or end for the last ones; else older "
                   "than the job of this number"),
    WORD("around",
        "with sort: the rows around the first of these jobs, J-1042,J-1040, that is there"),
};
/* The words of every list, besides its filter. */
#define LIST_PARAMS                                                                           \
	WORD("q", "the filter language: subscribers>1000 country=DE, or words of the title"), \
	    WORD("sort", "by this field, -field the other way"),                              \
	    WORD("fields", "with commas between; the usual ones when not given"),             \
	    WORD("after", "the rows behind this place: `next` of another answer"),            \
	    WORD("before", "the rows before it: `previous`, or end for the last ones"),       \
	    NUMBER("limit", 0, REST_LIST_MOST, "rows at most, 20 when not given"),            \
	    NUMBER("page", INT64_MIN, INT64_MAX, "instead of a place: pages from 1"),         \
	    NUMBER("per_page", INT64_MIN, INT64_MAX,                                          \
	        "rows of a page, 20 when not given, 100 at "                                  \
	        "most"),                                                                      \
	    NUMBER("scan", 0, 1, "1: look at every row when no index serves"),                \
	    NUMBER("count", 0, 1, "1: spend some tenths of a second on `total`")
static const struct rest_param list_query[] = {LIST_PARAMS};
static const struct rest_param found_query[] = {
    WORD("found", "by: the channels that led to it, not those it led to"), LIST_PARAMS};
static const struct rest_param whatif_query[] = {
    NUMBER("metadata", 0, 100, "share of this stage, percent of the day's units"),
    NUMBER("videos", 0, 100, "the same"),
    NUMBER("discovery", 0, 100, "the same"),
    NUMBER("refresh", 0, 100, "the same"),
    WORD("lend", "on or off"),
    WORD("pace", "fast or even"),
};
static const struct rest_param log_query[] = {
    NUMBER("after", 0, INT64_MAX, "lines behind the one of this number"),
    NUMBER("before", 0, INT64_MAX, "lines before it"),
    NUMBER("file_before", 0, INT64_MAX,
        "older lines, of the file: before this place, as an answer's file_before"),
    NUMBER("file_after", 0, INT64_MAX,
        "the same the other way: behind a line's place, or an answer's file_after"),
    NUMBER("since", 0, INT64_MAX, "written since then (UTC ms)"),
    NUMBER("until", 0, INT64_MAX, "and before then"),
    NUMBER("limit", 0, REST_LOG_MOST, "the newest so many, 200 when not given"),
    WORD("level", "error, warning, info or debug: this one and worse"),
    WORD("job", "of one job, by its number or id"),
    WORD("source", "of one part of the program, such as rest"),
    WORD("q", "the filter language: words of the line, level>=warning source=http job=J-1042"),
};
static const struct rest_param log_summary_query[] = {
    NUMBER("since", 0, INT64_MAX, "lines written since then (UTC ms)"),
};
static const struct rest_param dead_query[] = {
    WORD("op", "metadata, videos or discovery"),
    WORD("job", "of one job, by its number or id; job_id and task_id mean the same"),
    WORD("reason", "given up for this reason"),
    NUMBER("limit", 0, REST_JOBS_MOST, "letters at most, 50 when not given"),
    WORD("q", "instead of these: as a list, by the filter language"),
    WORD("sort", "of the list: by this field, -field the other way"),
    WORD("after", "of the list: the rows behind this place"),
    WORD("before", "of the list: the rows before it"),
};
static const struct rest_param export_query[] = {
    WORD("format", "csv (the default) or jsonl"),
    WORD("columns", "with commas between; all when not given"),
    WORD("pack", "gzip: a .gz file; else packed on the way when Accept-Encoding takes it"),
    WORD("state", "channels: of their metadata; jobs: their status"),
    WORD("source", "channels: as they came, such as migration or discovery"),
    WORD("language", "channels and videos: \"en\" takes en-GB too"),
    WORD("country", "channels"),
    WORD("channel", "videos of this channel, discoveries from it, or the channel itself"),
    WORD("method", "discoveries by this method"),
    WORD("q", "channels: the filter language, such as subs>=10k lang=en"),
    WORD("sort", "channels: in this order, as lists have it; by id when not given"),
    NUMBER("min_subscribers", 0, INT64_MAX, "channels with at least so many"),
    NUMBER("max_subscribers", 0, INT64_MAX, "channels with at most so many"),
    WORD("since", "fetched, published, seen or created since this day or time (UTC)"),
    WORD("until", "and before this one"),
};

static const struct rest_param batch_body[] = {
    NUMBER("batch_size", 1, 100000, "kept for the original's scripts"),
    NUMBER("total_limit", 0, INT64_MAX, "channels at most; 0 or none: all"),
};
static const struct rest_param migrate_body[] = {
    NEEDED("source_path", PARAM_TEXT,
        "a file below IMPORT_ROOT, or the URL of a database on one of MIGRATE_HOSTS"),
    WORD("source_type", "csv (the default), list, json, mysql, postgresql or auto"),
    NUMBER("batch_size", 1, 1000000000, "kept for the original's scripts"),
};
static const struct rest_param fetch_body[] = {
    {.name = "channel_ids", .type = PARAM_LIST, .help = "ids of channels; none: any that are due"},
    NUMBER("limit", 1, 100000000, "channels at most, 1000 when not given"),
};
static const struct rest_param bulk_body[] = {
    NEEDED("channels", PARAM_LIST,
        "objects with channel_id (an id, URL or @handle) and, when known, title and description"),
    WORD("source", "word that marks where they came from, bulk_upload when not given"),
};
static const struct rest_param start_query[] = {
    NUMBER("continue", 0, 1, "1: an open job of the same type and parameters goes on instead"),
};
static const struct rest_param start_body[] = {
    NEEDED("type", PARAM_TEXT, "the kind of job; all other members are its parameters"),
};
static const struct rest_param key_body[] = {
    WORD("key", "add: the key's text"),
    WORD("project", "add: keys of one project share its units; one of its own when not given; "
                    "group: the project"),
    NUMBER("quota", 1, 1000000000, "add: units a day of its project, 10000 when not given"),
};
static const struct rest_param member_body[] = {
    NUMBER("limit", 1, 100000000, "channels at most; none: all that are due there"),
};
static const struct rest_param dead_body[] = {
    WORD("op", "metadata, videos or discovery"),
    WORD("job", "of one job, by its number or id"),
    WORD("reason", "given up for this reason"),
    {.name = "channels", .type = PARAM_LIST, .help = "of these channels alone, by their ids"},
    {.name = "all", .type = PARAM_FLAG, .help = "true: all there are, when nothing else is said"},
};
static const struct rest_param plan_body[] = {
    WORD("stage", "share, target: metadata, videos, discovery or refresh"),
    NUMBER("percent", 0, 100, "share: of the day's units; the others move over"),
    WORD("pace", "pace: fast or even"),
    {.name = "lend", .type = PARAM_FLAG, .help = "lend: false keeps what rests from others"},
    WORD("date", "target: the day by whose end it is wanted, as 2026-12-31; none"),
};
static const struct rest_param many_body[] = {
    WORD("q", "with - as id: all that this filter finds and that it can be done to"),
    NUMBER("n", 1, INT64_MAX, "refused unless they are so many"),
};
static const struct rest_param number_body[] = {
    {.name = "n", .type = PARAM_NUMBER, .least = 1, .most = 256, .help = "how many, or how much"},
};
static const struct rest_param list_body[] = {
    NEEDED("name", PARAM_TEXT, "of the list, as the import that made it was told"),
};
static const struct rest_param schedule_body[] = {
    WORD("type", "add: the kind of job"),
    WORD("rule", "add: how often, such as 6h, or daily 03:00"),
};

/* ---- replies ---- */

#define JOB_MEMBERS                                                                               \
	"job_id:uuid,number:text,job_type:text,status:text,total_items:int?,processed_items:int," \
	"created_at:time,started_at:time?,completed_at:time?"
#define STARTED "{job_id:uuid,task_id:uuid,status:text,message:text}"
#define STATS                                                                                      \
	"total_channels:int,channels_with_metadata:int,channels_with_videos:int,total_videos:int," \
	"active_api_keys:int,pending_jobs:int,running_jobs:int"
#define DONE "{ok:bool,message:text}"
#define SERVICE                                                                                   \
	"group:text,name:text,calls:int,errors:int,hour_calls:int,hour_errors:int,p50_ms:number," \
	"p95_ms:number,most_ms:number,minutes:[int]"

/* ---- routes ---- */

#define ROUTE(methods_, path_, handler_, auth_, action_, how_, help_, ...)              \
	{                                                                               \
		.methods = methods_, .path = path_, .handler = handler_, .auth = auth_, \
		.action = action_, .how = how_, .help = help_, __VA_ARGS__              \
	}
#define GET(path_, handler_, help_, ...) \
	ROUTE(REST_GET, path_, handler_, true, ACTION_COUNT, 0, help_, __VA_ARGS__)
/* Its text differs with every look. */
#define GET_LIVE(path_, handler_, help_, ...) \
	ROUTE(REST_GET, path_, handler_, true, ACTION_COUNT, REST_LIVE, help_, __VA_ARGS__)
/* Reads for a while, or waits: not on a thread of the server. */
#define GET_SLOW(path_, handler_, how_, help_, ...) \
	ROUTE(REST_GET, path_, handler_, true, ACTION_COUNT, REST_SLOW | (how_), help_, __VA_ARGS__)
/* For anybody: tells nothing of this node's data. */
#define GET_OPEN(path_, handler_, how_, help_, ...) \
	ROUTE(REST_GET, path_, handler_, false, ACTION_COUNT, how_, help_, __VA_ARGS__)
/* Whatever changes something waits for its commit: not on a thread of the server. */
#define POST(path_, handler_, action_, help_, ...) \
	ROUTE(REST_POST, path_, handler_, true, action_, REST_SLOW, help_, __VA_ARGS__)

/* Actions are routes by themselves: a new row of ACTION_LIST is a new route. */
#define ROUTE_ARG_TYPE(action, word, help, flags)
/* Those that need a number have it in the body, and those that take all that match the filter. */
#define NUMBER_BODY(flags)                         \
	{                                          \
		(flags) & ACT_NUMBER ? number_body \
		: (flags)&ACT_FILTER ? many_body   \
		                     : NULL,       \
		    (flags)&ACT_NUMBER   ? 1       \
		    : (flags)&ACT_FILTER ? 2       \
		                         : 0       \
	}
#define ROUTE_ARG_JOB(action, word, help, flags)                                            \
	POST("/api/jobs/{id}/" word, rest_action, action, help, .body = NUMBER_BODY(flags), \
	    .reply = DONE),
#define ROUTE_ARG_KEY(action, word, help, flags)                                                \
	POST("/api/keys/{name}/" word, rest_key_action, action, help, .body = PARAMS(key_body), \
	    .reply = DONE),
#define ROUTE_ARG_DEAD(action, word, help, flags)                                                  \
	POST("/api/dead-letters/" word, rest_body_action, action, help, .body = PARAMS(dead_body), \
	    .reply = DONE),
#define ROUTE_ARG_SCHEDULE(action, word, help, flags)                           \
	POST("/api/schedules/{name}/" word, rest_schedule_action, action, help, \
	    .body = PARAMS(schedule_body), .reply = DONE),
#define ROUTE_ARG_CHANNEL(action, word, help, flags) \
	POST("/api/channels/{id}/" word, rest_action, action, help, .reply = DONE),
#define ROUTE_ARG_PLAN(action, word, help, flags)                                          \
	POST("/api/plan/" word, rest_plan_action, action, help, .body = PARAMS(plan_body), \
	    .reply = DONE),
#define ROUTE_ARG_WORKER(action, word, help, flags) \
	POST("/api/workers/{n}/" word, rest_action, action, help, .reply = DONE),
#define ROUTE_ARG_SERVICE(action, word, help, flags) \
	POST("/api/services/{name}/" word, rest_action, action, help, .reply = DONE),
#define ROUTE_ARG_ALERT(action, word, help, flags) \
	POST("/api/alerts/{n}/" word, rest_action, action, help, .reply = DONE),
#define ROUTE_ARG_MEMBER(action, word, help, flags)                                             \
	POST("/api/nodes/{name}/" word, rest_action, action, help, .body = PARAMS(member_body), \
	    .reply = "{ok:bool,message:text,job_id:uuid}"),
#define ROUTE_ARG_LIST(action, word, help, flags)                                           \
	POST("/api/lists/" word, rest_body_action, action, help, .body = PARAMS(list_body), \
	    .reply = DONE),
#define ROUTE_ARG_WORKERS(action, word, help, flags)                                      \
	POST("/api/workers/" word, rest_action, action, help, .body = NUMBER_BODY(flags), \
	    .reply = DONE),
#define ROUTE_ARG_NODE(action, word, help, flags) \
	POST("/api/node/" word, rest_action, action, help, .reply = DONE),
#define ROUTE_ACTION(action, word, keys, arg, help, ask, on, states, flags) \
	ROUTE_##arg(action, word, help, flags)

/* A path with a {name} comes behind those that it would take for its own. */
static const struct rest_route routes[] = {
    GET_OPEN("/", rest_index, 0, "this page", .media = "text/html; charset=utf-8"),
    GET_OPEN("/openapi.json", rest_openapi, 0, "these routes as OpenAPI 3.1",
        .reply = "{openapi:text,info:any,paths:any}"),
    GET_OPEN("/health", rest_health, REST_LIVE, "is the process alive",
        .reply = "{status:text,timestamp:time,version:text}"),
    GET_LIVE("/metrics", rest_metrics, "numbers for Prometheus", .media = REST_METRICS_TYPE),
    GET("/api/stats", rest_json, "counts of channels, keys and jobs", .json = engine_stats_json,
        .reply = "{" STATS "}"),
    GET_SLOW("/api/system-status", rest_json, REST_LIVE, "counts, keys and the newest jobs",
        .json = engine_system_status_json,
        .reply = "{stats:{" STATS ",completed_jobs_today:int},redis_status:{status:text},"
                 "api_keys:[{key_name:text,quota_used:int,quota_limit:int,"
                 "usage_percentage:number,last_used:time?}],recent_jobs:[{job_id:uuid,"
                 "job_type:text,status:text,progress:number,created_at:time,"
                 "completed_at:time?}],environment:text,timestamp:time}"),
    GET_SLOW("/api/redis-test", rest_json, 0, "is Redis there", .json = engine_redis_test_json,
        .reply = "{status:text}"),
    GET_LIVE("/api/worker-status", rest_json, "the workers and what they did",
        .json = engine_worker_status_json,
        .reply = "{workers:[{worker:text,status:text,processed_tasks:int,active_tasks:int,"
                 "scheduled_tasks:int,load_avg:number}],total_workers:int,broker_url:text,"
                 "timestamp:time}"),
    GET("/api/api-keys", rest_json, "keys as the original listed them",
        .json = engine_api_keys_json,
        .reply = "[{id:uuid,key_name:text,service:text,api_key:text,quota_limit:int,"
                 "quota_used:int,is_active:bool,last_used:time?}]"),
    GET("/api/keys", rest_json, "keys with their projects and states", .json = engine_keys_json,
        .reply = "[{name:text,project:text,print:text,state:text,reason:text,used:int,limit:int,"
                 "calls:int,errors:int,last_used:time?,until:time?}]"),
    GET_LIVE("/api/session", rest_session, "what the caller may do here: all, or look",
        .reply = "{version:text,may:text,as:text,now_ms:int}"),
    GET_LIVE("/api/snapshot", rest_json, "all that the console shows", .json = engine_snapshot_json,
        .reply = "{seq:int,made_at:int,version:text,node:text,channels:int,items:[[int]],"
                 "jobs:[{no:int,uuid:text,type:text,status:text}],keys:[{name:text,state:text}],"
                 "workers:[{state:text}],log:[{seq:int,level:text,text:text}]}"),
    GET_LIVE("/api/events", rest_stream_events,
        "changes as they come: server-sent events, resumed by Last-Event-ID",
        .media = "text/event-stream"),
    GET("/api/export/{what}", rest_stream_export,
        "channels, videos, discoveries or jobs as CSV or JSON Lines", .query = PARAMS(export_query),
        .media = "text/csv; charset=utf-8"),
    GET("/api/jobs", rest_jobs,
        "newest jobs; with sort {jobs, next, previous, position, total, all, states, can}, rows as "
        "in /api/snapshot",
        .query = PARAMS(jobs_query), .reply = "[{" JOB_MEMBERS "}]"),
    POST("/api/jobs", rest_job_start, ACTION_JOB_START,
        "start a job: type and its parameters in one object", .query = PARAMS(start_query),
        .body = PARAMS(start_body), .reply = STARTED),
    POST("/api/jobs/price", rest_price, ACTION_COUNT,
        "what a job would cost, and what an import would read first: the body of POST /api/jobs; "
        "starts nothing",
        .body = PARAMS(start_body),
        .reply =
            "{type:text,items:int?,items_due:int?,estimated:bool,units:int,bucket:text,buckets:any,"
            "ends_at:any,days:any,limited_by:text,waits_for_midnights:int,note:text,"
            "share:any,delays:[any],cheaper:[any],preview:any}"),
    GET("/api/jobs/{id}", rest_job, "one job with its progress",
        .reply = "{" JOB_MEMBERS ",progress:number,error_message:text?,reason:text?,until:time?,"
                 "done:int,missing:int,absent_once:int,failed:int,units_used:int,rate:number,"
                 "eta:time?}"),
    GET_LIVE("/api/jobs/{id}/result", rest_job_result,
        "what it came to so far, as `tubeops run --json` prints it",
        .reply = "{job_id:uuid,number:text,type:text,status:text,reason:text,total:int,"
                 "processed:int,done:int,missing:int,absent_once:int,failed:int,pending:int,"
                 "units_used:int,seconds:number}"),
    GET_SLOW("/api/jobs/{id}/page", rest_job_page, REST_LIVE,
        "all of one job: outcome, errors, items in hand, timeline, rate, log, parameters",
        .reply = "{job:{" JOB_MEMBERS "},outcome:{done:int,missing:int,absent_once:int,failed:int,"
                 "pending:int,waiting:int,retrying:int,next_retry_ms:int},errors:any,in_hand:any,"
                 "in_line:any,timeline:[any],rate:{now:number,average:number,best:number,"
                 "minutes:[int]},units:{spent:int,per_item:number,left:number,spent_today:int},"
                 "args:any,log:[any],limited_by:text,live:bool,row:any}"),
    GET_LIVE("/api/plan", rest_json, "stages, shares, finish times, quota by project and hour",
        .json = engine_plan_json,
        .reply = "{stages:[{name:text,done:int,target:int,left:int,missing:int,failed:int,"
                 "finish:time?,limited_by:text,late:bool,has_work:bool}],projects:[{name:text,"
                 "state:text,reason:text,keys:int,usable:int,buckets:[{name:text,used:int,"
                 "limit:int,left:int,per_hour:int,dry_at:time?,state:text,until:time?}]}],"
                 "units_by_hour:[int],lend:bool,pace:text,units_used:int,units_left:int,"
                 "units_per_day:int,units_failed:int,left_over_yesterday:int?,day_gone:number,"
                 "day_spent:number,day_start:time?,reset_at:time?,dry_at:time?,"
                 "idle_seconds:int}"),
    GET_SLOW("/api/plan/what-if", rest_whatif, REST_LIVE, "finish times with other shares",
        .query = PARAMS(whatif_query),
        .reply = "{lend:bool,pace:text,stages:[{name:text,share:int,units_per_day:int,"
                 "units_left:int,finish:time?,days:number?,limited_by:text}],"
                 "videos:[{min_subscribers:int,channels:int,units:int,finish:time?,days:number?,"
                 "limited_by:text}]}"),
    GET_LIVE("/api/workers", rest_json,
        "what each worker does, what limits the work, this process, services",
        .json = engine_workers_json,
        .reply = "{workers:[{worker:int,state:text,doing:text,state_ms:int,chunks:int,calls:int,"
                 "errors:int,last_ms:int,p95_ms:int,busy:number,bytes:int,restarts:int,"
                 "stalled:bool}],replaced:int,limits:{what:text,text:text,more_threads:bool,"
                 "threads_per_s:number,keys_per_s:number,day_per_s:number},process:{pid:int,"
                 "started_at:int,cpu:number,rss_bytes:int,threads:int,files:int,files_limit:int},"
                 "services:[{" SERVICE "}]}"),
    GET_LIVE("/api/services/{name}", rest_service,
        "one service with its latencies: channels.list, an external service's name, commit …",
        .reply = "{" SERVICE ",histogram:[{from_ms:number,to_ms:number,calls:int}]}"),
    GET("/api/alerts", rest_json,
        "conditions that last or ended in the last hour, and what is blocked, why, until when",
        .json = engine_alerts_json,
        .reply = "{alerts:[{id:int,kind:text,level:text,subject:text,text:text,help:text,"
                 "needs_person:bool,acked:bool,since:int,until:int}],blocked:[{what:text,"
                 "state:text,why:text,help:text,until:int,needs_person:bool}],need_person:int,"
                 "bell:int}"),
    GET_SLOW("/api/discovery", rest_json, 0,
        "methods with what they brought and cost, funnel, new channels by hour, services",
        .json = engine_discovery_json,
        .reply = "{methods:[{method:text,service:text,help:text,bucket:text,is_default:bool,"
                 "units_per_source:number,confidence:number}],providers:[{name:text}],"
                 "funnel_24h:any,new_per_hour:[int],confidence:[int],sources_done:int,"
                 "sources_left:int,sources_failed:int,best:text,"
                 "best_new_per_100_units:number}"),
    GET_LIVE("/api/log", rest_log,
        "lines of the log: those in memory, and from there on those of its file",
        .query = PARAMS(log_query),
        .reply = "{lines:[{seq:int,at_ms:int,level:text,source:text,text:text}],oldest:int,"
                 "newest:int,oldest_ms:int,dropped:int,queued:int,levels:any,file_before:int?,"
                 "file_after:int?}"),
    GET("/api/nodes", rest_json, "the nodes that share the work", .json = engine_nodes_json,
        .reply =
            "{cluster:bool,ok:bool,trouble:text,nodes:[{id:text,name:text,host:text,version:text,"
            "role:text,state:text,redis:text,trouble:text,is_here:bool,leads:bool,stopped:bool,"
            "started_at:time,seen_at:time,leases:int,items_per_s:number,units_per_h:number,"
            "outbox:int,lag_s:int,workers:int,units_used:int,clock_ahead:int}],up:int,gone:int,"
            "has_leader:bool,asked_at:time?,items_per_s:number,units_per_h:number,leases:int,"
            "outbox:int,units_used:int,units_per_day:int,units_left:int}"),
    GET_LIVE("/api/sync", rest_sync, "how far PostgreSQL is behind",
        .reply = "{configured:bool,ok:bool,outbox:int,rows:int,trouble:text}"),
    GET_LIVE("/api/log/summary", rest_log_summary,
        "lines in memory by level, source and hour, and what errors and warnings said most",
        .query = PARAMS(log_summary_query),
        .reply = "{lines:int,levels:any,sources:[{source:text,lines:int}],said:[{level:text,"
                 "source:text,text:text,lines:int,last_ms:int}],hours:[int]}"),
    GET("/api/schedules", rest_json, "what is done again and again", .json = engine_schedules_json,
        .reply = "[{name:text,type:text,rule:text,enabled:bool,note:text}]"),
    GET_SLOW("/api/dead-letters", rest_dead, 0,
        "channels that were given up, and how many for which reason; a list when q, sort, after or "
        "before is given",
        .query = PARAMS(dead_query), .reply = "{letters:[{channel_id:text,op:text,reason:text}]}"),
    GET_SLOW("/api/channels", rest_channels, 0, "channels by page, or by filter and place",
        .query = PARAMS(list_query), .reply = "{channels:[any]}"),
    GET_SLOW("/api/channels/{id}", rest_channel, 0,
        "one channel by id, URL or @handle, with what was done with it",
        .reply = "{channel_id:text,discovered:int,discovered_new:int,found_by:int,history:["
                 "{op:text,state:text,at:time?,attempts:int?,job:text?,reason:text?}]}"),
    GET_SLOW("/api/channels/{id}/videos", rest_channel_videos, 0, "its videos, newest first",
        .query = PARAMS(list_query), .reply = "{videos:[any]}"),
    GET_SLOW("/api/channels/{id}/discoveries", rest_channel_discoveries, 0,
        "channels found from it", .query = PARAMS(found_query), .reply = "{discoveries:[any]}"),
    GET_SLOW("/api/videos", rest_videos, 0, "videos by page, or by filter and place",
        .query = PARAMS(list_query), .reply = "{videos:[any]}"),
    GET_SLOW("/api/discoveries", rest_discoveries, 0, "which channel led to which, newest first",
        .query = PARAMS(list_query), .reply = "{discoveries:[any]}"),
    POST("/api/migrate", rest_migrate, ACTION_JOB_START, "start an import",
        .body = PARAMS(migrate_body), .reply = STARTED),
    POST("/api/batch-metadata", rest_batch, ACTION_JOB_START, "start a metadata job",
        .body = PARAMS(batch_body), .reply = STARTED),
    POST("/api/batch-videos", rest_batch, ACTION_JOB_START, "start a videos job",
        .body = PARAMS(batch_body), .reply = STARTED),
    POST("/api/batch-discovery", rest_batch, ACTION_JOB_START, "start a discovery job",
        .body = PARAMS(batch_body), .reply = STARTED),
    POST("/api/legacy-fetch-metadata", rest_legacy_fetch, ACTION_JOB_START,
        "start a metadata job for the channels that are named", .body = PARAMS(fetch_body),
        .reply = STARTED),
    ROUTE(REST_POST, "/api/bulk-add-channels", rest_bulk_add, true, ACTION_COUNT, REST_BULK,
        "add channels, as many as REST_BULK_LIMIT takes", .body = PARAMS(bulk_body),
        .reply = "{message:text,added:int,skipped:int,rejected:int,unresolved:int,"
                 "total_processed:int,results:[{channel_id:text,status:text}],"
                 "rejects:[{line:int,reason:text}]}"),
    POST("/api/add-sample-channels", rest_json, ACTION_COUNT, "add five known channels",
        .json = engine_add_samples_json,
        .reply = "{message:text,added:int,results:[{channel_id:text,title:text,status:text}]}"),
    POST("/api/test-youtube", rest_json, ACTION_COUNT, "try a key with one call (1 unit)",
        .json = engine_youtube_test_json,
        .reply = "{success:bool,message:text,test_channel:{id:text,title:text,"
                 "subscriber_count:any},api_key_used:text}"),
    POST("/api/fetch-sample-metadata", rest_sample_metadata, ACTION_COUNT,
        "fetch the metadata of at most 3 channels and wait for it",
        .reply = "{message:text,updated:int}"),
    POST("/api/fetch-sample-videos", rest_sample_videos, ACTION_COUNT,
        "fetch the newest videos of at most 2 channels and wait for them",
        .reply = "{message:text,processed:int}"),
    ACTION_LIST(ROUTE_ACTION){.path = NULL},
};

const struct rest_route *rest_routes(void)
{
	return routes;
}
