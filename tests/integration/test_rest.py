"""The REST interface as the scripts of the original know it, and what it refuses."""
import http.client
import json
import re
import socket
import uuid

import pytest

from sim import Sim, SimMissing
from tubeops import Tubeops, TubeopsMissing

KEY = "AIzaSyRestRestRestRestRestRestRestRest1"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A simulator, a folder with 300 channels, and a server on it."""
    try:
        with Sim(channels=2000, seed=5, keys=KEY) as sim:
            tubeops = Tubeops(tmp_path_factory.mktemp("rest"), sim=sim, keys=[KEY])
            text = "".join(i + "\n" for i in sim.ids(300))
            assert tubeops.run("import", "-", input=text).code == 0
            with tubeops.serve("--verbose") as server:
                yield server
                assert server.stop() == 0
    except (SimMissing, TubeopsMissing) as missing:
        pytest.skip(str(missing))


@pytest.fixture
def make(tmp_path):
    def start(*words, **settings):
        try:
            return Tubeops(tmp_path, **settings)
        except TubeopsMissing as missing:
            pytest.skip(str(missing))
    return start


def raw(server, text):
    """Sends bytes as they are and reads to the end."""
    host, port = server.url[len("http://"):].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(text)
        answer = b""
        while True:
            data = connection.recv(65536)
            if not data:
                return answer
            answer += data


def canonical(answer):
    """The form that every JSON body has: sorted, compact, ASCII, one newline."""
    return json.dumps(answer.json(), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def started(server, body=None, **more):
    answer = server.post("/api/batch-metadata", body, **more)
    assert answer.status == 200, answer
    return answer.json()


# ---- shapes ----

def test_health(world):
    answer = world.get("/health")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["status"] == "healthy" and answer.json()["version"] == "1.0.0"
    assert set(answer.json()) == {"status", "timestamp", "version"}
    assert re.fullmatch(STAMP, answer.json()["timestamp"])
    assert answer.body == canonical(answer)


def test_stats(world):
    answer = world.get("/api/stats")
    assert answer.status == 200
    stats = answer.json()
    assert set(stats) == {"total_channels", "channels_with_metadata", "channels_with_videos", "total_videos",
                          "active_api_keys", "pending_jobs", "running_jobs"}
    assert stats["total_channels"] == 300 and stats["active_api_keys"] == 1
    assert all(type(v) is int for v in stats.values())
    assert answer.body == canonical(answer)


def test_a_job_from_start_to_end(world):
    answer = started(world, {"batch_size": 100, "total_limit": 250})
    assert set(answer) == {"job_id", "task_id", "status", "message", "estimated_batches"}
    assert answer["status"] == "started" and answer["estimated_batches"] == 2
    assert answer["task_id"] == answer["job_id"] == str(uuid.UUID(answer["job_id"]))
    assert answer["message"] == "Batch metadata processing started with batch size 100"
    job = world.wait_for("/api/jobs/" + answer["job_id"], lambda j: j["status"] == "completed")
    assert job["job_type"] == "batch_metadata"
    assert job["total_items"] == job["processed_items"] == 250
    assert job["progress"] == 100.0 and type(job["progress"]) is float
    assert job["error_message"] is None
    for name in ("created_at", "started_at", "completed_at"):
        assert re.fullmatch(STAMP, job[name])
    assert {"job_id", "job_type", "status", "total_items", "processed_items", "created_at", "started_at",
            "completed_at", "progress", "error_message"} <= set(job)
    # some are terminated, so not all 250 have metadata
    stats = world.wait_for("/api/stats", lambda s: s["running_jobs"] == 0 and s["channels_with_metadata"] > 200)
    assert stats["channels_with_metadata"] <= 250


def test_jobs_newest_first(world):
    first, second = started(world, {"total_limit": 1}), started(world, {"total_limit": 1})
    answer = world.get("/api/jobs")
    rows = answer.json()
    assert answer.body == canonical(answer)
    assert [r["job_id"] for r in rows[:2]] == [second["job_id"], first["job_id"]]
    assert {"job_id", "job_type", "status", "total_items", "processed_items", "created_at", "started_at",
            "completed_at"} <= set(rows[0])
    assert len(world.get("/api/jobs?limit=1").json()) == 1
    assert world.get("/api/jobs?limit=0").json() == []
    assert world.get("/api/jobs?status=no-such-status").json() == []
    assert {r["job_type"] for r in world.get("/api/jobs?status=completed").json()} >= {"migration"}
    assert len(world.get("/api/jobs?status=").json()) == len(world.get("/api/jobs").json())
    assert world.get("/api/jobs?limit=%201_0%20").status == 200


def test_a_job_by_any_spelling_of_its_id(world):
    job = started(world, {"total_limit": 1})["job_id"]
    for name in (job, job.upper(), job.replace("-", ""), "%7B" + job + "%7D", "urn:uuid:" + job):
        assert world.get("/api/jobs/" + name).json()["job_id"] == job


def test_unknown_jobs(world):
    answer = world.get("/api/jobs/not-an-id")
    assert (answer.status, answer.body) == (400, b'{"error":"Invalid job ID format"}\n')
    answer = world.get("/api/jobs/" + str(uuid.uuid4()))
    assert (answer.status, answer.body) == (404, b'{"error":"Job not found"}\n')


# ---- bodies ----

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body,headers", [
    (None, {}), (b"", {}), (b"", JSON), (b"{}", JSON), (b"null", JSON), (b"[]", JSON), (b'""', JSON), (b"0", JSON),
    (b'{"batch_size":null,"total_limit":null}', JSON), (b'{"total_limit":0,"unknown":[1]}', JSON),
    (b'{}', {"Content-Type": "application/json; charset=utf-8"}),
])
def test_bodies_that_mean_the_defaults(world, body, headers):
    answer = started(world, body, headers=headers)
    assert answer["message"].endswith("batch size 1000")
    assert answer["estimated_batches"] == "unknown"
    assert world.post("/api/jobs/" + answer["job_id"] + "/cancel").status in (200, 409)


@pytest.mark.parametrize("body,headers,status,said", [
    (b"{", JSON, 400, "not JSON"),
    (b"\xff\xfe", JSON, 400, "not JSON"),
    (b"{} {}", JSON, 400, "not JSON"),
    (b"[1]", JSON, 400, "send a JSON object"),
    (b'"text"', JSON, 400, "send a JSON object"),
    (b"batch_size=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "Content-Type"),
    (b"{}", {"Content-Type": "text/plain"}, 415, "Content-Type"),
    (b'{"batch_size":"many"}', JSON, 400, "batch_size must be a whole number from 1 to 100000"),
    (b'{"batch_size":0}', JSON, 400, "batch_size"),
    (b'{"batch_size":true}', JSON, 400, "batch_size"),
    (b'{"batch_size":1.5}', JSON, 400, "batch_size"),
    (b'{"batch_size":100001}', JSON, 400, "batch_size"),
    (b'{"total_limit":-1}', JSON, 400, "total_limit"),
    (b'{"total_limit":[]}', JSON, 400, "total_limit"),
    (b'{"total_limit":99999999999999999999}', JSON, 400, "not JSON"),
])
def test_bodies_that_are_refused(world, body, headers, status, said):
    before = len(world.get("/api/jobs?limit=1000").json())
    answer = world.post("/api/batch-metadata", body, headers=headers)
    assert answer.status == status, answer
    assert list(answer.json()) == ["error"] and said in answer.json()["error"]
    assert len(world.get("/api/jobs?limit=1000").json()) == before


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(world, chunked):
    host, port = world.url[len("http://"):].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    body = b" " * (1024 * 1024 + 1)
    connection.request("POST", "/api/batch-metadata", iter([body]) if chunked else body, JSON, encode_chunked=chunked)
    reply = connection.getresponse()
    assert reply.status == 413 and b"larger than" in reply.read()
    connection.close()


# ---- methods, paths, queries ----

@pytest.mark.parametrize("path", ["/health/", "/api", "/api/jobs/", "/api/nothing", "/static/x", "/api/jobs/1/",
                                  "/api/jobs/1/explode", "/api/jobs/1/start", "//health", "/health%2f"])
def test_unknown_paths(world, path):
    answer = world.get(path)
    assert answer.status == 404, answer
    assert answer.body == b'{"error":"Not found"}\n'


@pytest.mark.parametrize("method,path,allow", [
    ("POST", "/health", {"GET", "HEAD", "OPTIONS"}),
    ("DELETE", "/api/jobs", {"GET", "HEAD", "OPTIONS", "POST"}),
    ("PUT", "/api/stats", {"GET", "HEAD", "OPTIONS"}),
    ("GET", "/api/batch-metadata", {"POST", "OPTIONS"}),
    ("GET", "/api/jobs/1/pause", {"POST", "OPTIONS"}),
])
def test_wrong_methods(world, method, path, allow):
    answer = world.request(method, path)
    assert answer.status == 405, answer
    assert set(answer.headers["Allow"].split(", ")) == allow
    assert "error" in answer.json()
    options = world.request("OPTIONS", path)
    assert options.status == 200 and options.body == b""
    assert set(options.headers["Allow"].split(", ")) == allow


@pytest.mark.parametrize("path", ["/health", "/api/stats", "/api/jobs"])
def test_head(world, path):
    answer = world.request("HEAD", path)
    assert answer.status == 200 and answer.body == b""
    assert int(answer.headers["Content-Length"]) > 2


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "limit=1001", "limit=1.5", "limit=%zz", "limit=0x5",
                                   "limit=99999999999999999999"])
def test_bad_queries(world, query):
    answer = world.get("/api/jobs?" + query)
    assert (answer.status, answer.json()) == (400, {"error": "limit must be a whole number from 0 to 1000"})


# ---- actions ----

def test_actions_on_a_job(make, tmp_path):
    try:
        with Sim(channels=2000, seed=5, keys=KEY, latency=500) as sim:
            tubeops = make(sim=sim, keys=[KEY])
            tubeops.run("import", "-", input="".join(i + "\n" for i in sim.ids(2000)))
            with tubeops.serve() as server:
                job = started(server)["job_id"]
                for word, status in (("pause", "paused"), ("resume", None), ("cancel", "cancelled")):
                    answer = server.post("/api/jobs/%s/%s" % (job, word))
                    assert answer.status == 200, answer
                    assert answer.json()["job_id"] == job and answer.json()["message"]
                    if status:
                        server.wait_for("/api/jobs/" + job, lambda j, s=status: j["status"] == s)
                refused = server.post("/api/jobs/%s/pause" % job)
                assert refused.status == 409 and refused.json()["error"]
                assert server.post("/api/jobs/%s/pause" % uuid.uuid4()).status == 404
                assert server.post("/api/jobs/nonsense/pause").status == 400
                assert server.stop() == 0
    except SimMissing as missing:
        pytest.skip(str(missing))


# ---- who may call ----

def test_the_token(make):
    tubeops = make(API_TOKEN="correct-horse")
    with tubeops.serve("--verbose") as server:
        assert server.get("/health").status == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer correct-horsE"},
                        {"Authorization": "Bearer correct-horse2"}, {"Authorization": "Basic correct-horse"},
                        {"Authorization": "Bearer"}):
            answer = server.get("/api/stats", headers=headers)
            assert answer.status == 401, headers
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "error" in answer.json()
        for scheme in ("Bearer", "bearer"):
            assert server.get("/api/stats", headers={"Authorization": scheme + " correct-horse"}).status == 200
        assert server.post("/api/batch-metadata", b"{}", headers=JSON).status == 401
        assert server.get("/api/nothing").status == 404
        assert server.stop() == 0
        assert "correct-horse" not in server.err
    assert b"correct-horse" not in tubeops.everything()


@pytest.mark.parametrize("host,status", [
    ("localhost", 200), ("localhost:1", 200), ("127.0.0.1:80", 200), ("[::1]:5000", 200), ("LOCALHOST", 200),
    ("evil.example", 403), ("localhost.evil.example", 403), ("127.0.0.1.evil.example:5000", 403), ("", 403),
])
def test_names_that_are_not_ours(world, host, status):
    answer = raw(world, b"GET /health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host.encode())
    assert answer.split(b" ", 2)[1] in (str(status).encode(), b"400" if not host else b""), answer


def test_pages_of_other_sites_may_not_steer(world):
    for origin, status in (("http://evil.example", 403), ("null", 403), ("http://localhost:3000", 404)):
        answer = world.post("/api/jobs/%s/cancel" % uuid.uuid4(), headers={"Origin": origin})
        assert answer.status == status, (origin, answer)


@pytest.mark.parametrize("text", [
    b"\r\n\r\n\r\n", b"GARBAGE\r\n\r\n", b"GET\r\n\r\n", b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100000 + b"\r\n\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /api/batch-metadata HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
])
def test_rubbish_does_not_hurt(world, text):
    host, port = world.url[len("http://"):].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        try:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except OSError:
            pass  # a reset is a fair answer to rubbish
    assert world.get("/health").status == 200


def test_beyond_this_machine_only_with_a_token(make):
    tubeops = make()
    done = tubeops.run("serve", "--listen", "0.0.0.0:0")
    assert done.code == 1 and "API_TOKEN" in done.err
    for bad in ("5000", "example.org:5000", "127.0.0.1:99999"):
        done = tubeops.run("serve", "--listen", bad)
        assert done.code == 1 and "ADDRESS:PORT" in done.err, done


def test_a_port_in_use_is_named(make, world):
    done = make().run("serve", "--listen", world.url[len("http://"):])
    assert done.code == 1 and "is in use" in done.err, done


def test_requests_are_logged_without_their_query(world):
    assert world.get("/api/jobs?limit=1&secret=hush-hush").status == 200
    assert world.get("/health").status == 200
    world.wait_for("/health", lambda j: "GET /api/jobs 200" in world.err)
    assert "hush-hush" not in world.err


def test_ipv6(make):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        pytest.skip("no IPv6 loopback here: %s" % error)
    with make().serve("--listen", "[::1]:0") as server:
        assert server.url.startswith("http://[::1]:")
        assert server.get("/health").status == 200
        assert server.stop() == 0
