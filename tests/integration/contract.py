"""The endpoints of the original as data: what is asked, and what every answer must hold.  The tests walk it.

A shape is a name of KINDS, [shape] for an array of any length, {member: shape} for an object, either(…), const(…).
An object may have more members than its shape; one that lacks fails.
"""
import re

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
CHANNEL_ID = r"UC[A-Za-z0-9_-]{21}[AQgw]"

KINDS = {
    "int": lambda v: type(v) is int,
    "float": lambda v: type(v) is float or (type(v) is int and v == 0),  # the original's whole 0
    "bool": lambda v: type(v) is bool,
    "text": lambda v: type(v) is str,
    "stamp": lambda v: type(v) is str and re.fullmatch(STAMP, v),
    "uuid": lambda v: type(v) is str and re.fullmatch(UUID, v),
    "channel_id": lambda v: type(v) is str and re.fullmatch(CHANNEL_ID, v),
    "null": lambda v: v is None,
    "any": lambda v: True,
}


class either:
    """One of these shapes."""

    def __init__(self, *shapes):
        self.shapes = shapes


class const:
    """One of these values."""

    def __init__(self, *values):
        self.values = values


class pattern:
    """A text that is all this regular expression."""

    def __init__(self, text):
        self.text = text


def misfits(shape, value, where="answer"):
    """What is wrong with value, as texts; none when it fits."""
    if isinstance(shape, str):
        return [] if KINDS[shape](value) else ["%s is no %s: %r" % (where, shape, value)]
    if isinstance(shape, const):
        return [] if any(type(v) is type(value) and v == value for v in shape.values) else [
            "%s is none of %r: %r" % (where, shape.values, value)]
    if isinstance(shape, pattern):
        return [] if type(value) is str and re.fullmatch(shape.text, value) else [
            "%s is not like %s: %r" % (where, shape.text, value)]
    if isinstance(shape, either):
        return [] if any(not misfits(s, value) for s in shape.shapes) else [
            "%s is nothing that may stand there: %r" % (where, value)]
    if isinstance(shape, list):
        if type(value) is not list:
            return ["%s is no array: %r" % (where, value)]
        return [m for i, v in enumerate(value) for m in misfits(shape[0], v, "%s[%d]" % (where, i))]
    if type(value) is not dict:
        return ["%s is no object: %r" % (where, value)]
    missing = ["%s has no %s" % (where, name) for name in shape if name not in value]
    return missing + [m for name, s in shape.items() if name in value
                      for m in misfits(s, value[name], where + "." + name)]


def maybe(kind):
    return either(kind, "null")


ERROR = {"error": "text"}
JOB_TYPES = const("batch_metadata", "batch_videos", "batch_discovery", "migration", "metadata_fetch")
STATUSES = const("pending", "running", "completed", "failed", "waiting", "paused", "interrupted", "cancelled")

STATS = {name: "int" for name in (
    "total_channels", "channels_with_metadata", "channels_with_videos", "total_videos", "active_api_keys",
    "pending_jobs", "running_jobs")}
JOB = {"job_id": "uuid", "job_type": "text", "status": STATUSES, "total_items": maybe("int"),
       "processed_items": "int", "created_at": "stamp", "started_at": maybe("stamp"), "completed_at": maybe("stamp")}
JOB_WHOLE = {**JOB, "progress": "float", "error_message": maybe("text")}
REDIS = either({"status": const("success"), "redis_version": "text", "connected_clients": "int",
                "used_memory_human": "text", "environment": "text"},
               {"status": const("error"), "message": "text"})
STARTED = {"job_id": "uuid", "task_id": "uuid", "status": const("started")}


def started(message, **more):
    return {**STARTED, "message": pattern(message), **more}


class Endpoint:
    """A request and what it is answered with."""

    def __init__(self, method, path, shape, body=None, status=200, note=""):
        self.method, self.path, self.shape, self.body = method, path, shape, body
        self.status, self.note = status, note

    def __repr__(self):
        return "%s %s%s" % (self.method, self.path, " " + self.note if self.note else "")


# In this order, on a folder with channels of a simulator and one key.  {job} is a job's id, {unknown} nobody's.
ENDPOINTS = [
    Endpoint("GET", "/health", {"status": const("healthy"), "timestamp": "stamp", "version": const("1.0.0")}),
    Endpoint("GET", "/api/stats", STATS),
    Endpoint("GET", "/api/system-status", {
        "stats": {**STATS, "completed_jobs_today": "int"}, "redis_status": REDIS,
        "api_keys": [{"key_name": "text", "quota_used": "int", "quota_limit": "int", "usage_percentage": "float",
                      "last_used": maybe("stamp")}],
        "recent_jobs": [{"job_id": "uuid", "job_type": "text", "status": STATUSES, "progress": "float",
                         "created_at": "stamp", "completed_at": maybe("stamp")}],
        "environment": "text", "timestamp": "stamp"}),
    Endpoint("GET", "/api/redis-test", REDIS),
    Endpoint("GET", "/api/worker-status", {
        "workers": [{"worker": "text", "status": const("online"), "processed_tasks": "int", "active_tasks": "int",
                     "scheduled_tasks": "int", "load_avg": "float"}],
        "total_workers": "int", "broker_url": "text", "timestamp": "stamp"}),
    Endpoint("GET", "/api/api-keys", [{
        "id": "uuid", "key_name": "text", "service": const("youtube"), "api_key": "text", "quota_limit": "int",
        "quota_used": "int", "is_active": "bool", "last_used": maybe("stamp")}]),
    Endpoint("GET", "/api/jobs", [JOB]),
    Endpoint("GET", "/api/jobs?status=completed&limit=5", [{**JOB, "status": const("completed")}]),
    Endpoint("GET", "/api/jobs?limit=0", const([])),
    Endpoint("GET", "/api/jobs?status=nonsense", const([])),
    Endpoint("GET", "/api/jobs/{job}", JOB_WHOLE),
    Endpoint("GET", "/api/jobs/{unknown}", const({"error": "Job not found"}), status=404),
    Endpoint("GET", "/api/jobs/no-id", const({"error": "Invalid job ID format"}), status=400),

    Endpoint("POST", "/api/add-sample-channels", {
        "message": const("Added 5 new sample channels"), "added": const(5),
        "results": [{"channel_id": "channel_id", "title": "text", "status": const("added")}]}),
    Endpoint("POST", "/api/add-sample-channels", {
        "message": const("Added 0 new sample channels"), "added": const(0),
        "results": [{"channel_id": "channel_id", "title": "text", "status": const("already_exists")}]}, note="again"),
    Endpoint("POST", "/api/bulk-add-channels", {
        "message": const("Bulk upload completed: 1 added, 1 skipped"), "added": const(1), "skipped": const(1),
        "total_processed": const(3), "rejected": const(1), "unresolved": const(0),
        "results": [{"channel_id": "channel_id", "status": const("added", "already_exists")}],
        "rejects": [{"line": "int", "reason": "text"}]},
        {"channels": [{"channel_id": "UCBJycsmduvYEL83R_U4JriQ", "title": "MKBHD", "description": ""},
                      {"channel_id": "UCBJycsmduvYEL83R_U4JriQ"}, {"title": "nobody"}], "source": "manual_addition"}),
    Endpoint("POST", "/api/bulk-add-channels", const({"error": "No channels data provided"}), {"channels": []},
             status=400),
    Endpoint("POST", "/api/bulk-add-channels", const({"error": "No channels data provided"}), status=400,
             note="without a body"),
    Endpoint("POST", "/api/test-youtube", {
        "success": const(True), "message": const("YouTube API connection successful"),
        "test_channel": {"id": const("UCBJycsmduvYEL83R_U4JriQ"), "title": "text",
                         "subscriber_count": either("text", const(0))},
        "api_key_used": "text"}),
    Endpoint("POST", "/api/fetch-sample-metadata", {
        "message": pattern(r"Updated metadata for \d channels"), "updated": "int", "api_key_used": "text",
        "quota_used": "int",
        "results": [either({"channel_id": "channel_id", "status": const("updated"), "title": "text",
                            "subscriber_count": maybe("int")},
                           {"channel_id": "channel_id", "status": const("not_found")},
                           {"channel_id": "channel_id", "status": const("error"), "error": "text"})]}),
    Endpoint("POST", "/api/fetch-sample-videos", {
        "message": pattern(r"Processed videos for \d channels"), "processed": "int", "api_key_used": "text",
        "quota_used": "int",
        "results": [either({"channel_id": "channel_id", "title": "text", "videos_added": "int",
                            "status": const("success")},
                           {"channel_id": "channel_id", "status": const("error"), "error": "text"})]}),

    Endpoint("POST", "/api/batch-metadata", started(
        "Batch metadata processing started with batch size 1000", estimated_batches=const("unknown"))),
    Endpoint("POST", "/api/batch-metadata", started(
        "Batch metadata processing started with batch size 10", estimated_batches=const(5)),
        {"batch_size": 10, "total_limit": 50}),
    Endpoint("POST", "/api/batch-videos", started("Batch video processing started with batch size 500")),
    Endpoint("POST", "/api/batch-videos", started("Batch video processing started with batch size 7"),
             {"batch_size": 7, "total_limit": 20}),
    Endpoint("POST", "/api/batch-discovery", started("Batch discovery processing started with batch size 100"),
             {"total_limit": 1}),
    Endpoint("POST", "/api/legacy-fetch-metadata", started("Legacy metadata fetch started for up to 1000 channels")),
    Endpoint("POST", "/api/legacy-fetch-metadata", started("Legacy metadata fetch started for up to 2 channels"),
             {"channel_ids": ["UCBJycsmduvYEL83R_U4JriQ"], "limit": 2}),
    Endpoint("POST", "/api/migrate", started("Migration started for csv source with batch size 5000"),
             {"source_path": "{root}/list.csv"}),
    Endpoint("POST", "/api/migrate", started("Migration started for json source with batch size 100"),
             {"source_type": "json", "source_path": "{root}/list.json", "batch_size": 100}),
    Endpoint("POST", "/api/migrate", const({"error": "source_path is required"}), {"source_type": "csv"}, status=400),
    Endpoint("POST", "/api/migrate", const({"error": "source_path is required"}), {"source_path": ""}, status=400,
             note="with an empty path"),

    # named by the original's scripts and never there
    Endpoint("POST", "/api/fetch-metadata", ERROR, status=404),
    Endpoint("POST", "/api/fetch-videos", ERROR, status=404),
    Endpoint("POST", "/api/discover-channels", ERROR, status=404),
    Endpoint("GET", "/static/app.js", ERROR, status=404),
]

# A client's mistakes, which the original answered with 500 or did not see: status and a word that must be in the text.
JOB_STARTS = ("/api/batch-metadata", "/api/batch-videos", "/api/batch-discovery")
MISTAKES = [(path, body, 400, said) for path in JOB_STARTS for body, said in [
    ({"batch_size": 0}, "batch_size"), ({"batch_size": -1}, "batch_size"), ({"batch_size": "many"}, "batch_size"),
    ({"batch_size": 1.5}, "batch_size"), ({"batch_size": True}, "batch_size"), ({"total_limit": -5}, "total_limit"),
    ({"total_limit": "all"}, "total_limit"), ({"batch_size": 10 ** 30}, "JSON"), ([1], "object"), ("text", "object"),
]] + [
    ("/api/legacy-fetch-metadata", {"channel_ids": "UCBJycsmduvYEL83R_U4JriQ"}, 400, "channel_ids"),
    ("/api/legacy-fetch-metadata", {"channel_ids": [5]}, 400, "channel_ids"),
    ("/api/legacy-fetch-metadata", {"channel_ids": ["no channel"]}, 400, "no channel"),
    ("/api/legacy-fetch-metadata", {"limit": 0}, 400, "limit"),
    ("/api/legacy-fetch-metadata", {"limit": "1000"}, 400, "limit"),
    ("/api/migrate", {"source_path": 5}, 400, "source_path"),
    ("/api/migrate", {"source_path": "x", "source_type": "xml"}, 400, "source"),
    ("/api/migrate", {"source_path": "{root}/list.csv", "batch_size": 0}, 400, "batch_size"),
    ("/api/bulk-add-channels", {"channels": {"channel_id": "UCBJycsmduvYEL83R_U4JriQ"}}, 400, "array"),
    ("/api/bulk-add-channels", {"channels": "UC"}, 400, "array"),
    ("/api/bulk-add-channels", [{"channel_id": "UCBJycsmduvYEL83R_U4JriQ"}], 400, "object"),
    ("/api/bulk-add-channels", {"channels": [{"channel_id": "x"}], "source": "s" * 51}, 400, "source"),
    ("/api/bulk-add-channels", {"channels": [{"channel_id": "x"}], "source": 7}, 400, "source"),
]
