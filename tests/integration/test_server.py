"""The REST server itself: who may call, TLS, packing, ETags, keys of requests, limits, slow clients, streams."""
import concurrent.futures
import gzip
import http.client
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time
import uuid

import pytest

from conftest import KEY
from tubeops import PATIENCE


def host_of(server):
    host, port = server.url.split("://")[1].rsplit(":", 1)
    return host, int(port)


@pytest.fixture
def serve(make_tubeops, sim):
    """Starts servers on folders of their own, with channels when asked for."""
    running = []

    def start(channels=0, *words, **settings):
        tubeops = make_tubeops(sim, **settings)
        if channels:
            tubeops.import_ids(sim.ids(channels))
        server = tubeops.serve(*words)
        server.tubeops = tubeops
        running.append(server)
        return server
    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


# ---- who may call ----

def test_a_token_that_may_only_look(serve):
    server = serve(API_TOKEN="all-of-it", API_TOKEN_READ="only-look")
    full, look = {"Authorization": "Bearer all-of-it"}, {"Authorization": "Bearer only-look"}
    for path in ("/api/stats", "/api/jobs", "/api/snapshot", "/metrics", "/api/export/jobs"):
        assert server.get(path, headers=look).status == 200, path
        assert server.request("HEAD", path, headers=look).status == 200, path
        assert server.get(path).status == 401, path
    refused = server.post("/api/batch-metadata", headers=look)
    assert refused.status == 403 and "API_TOKEN" in refused.json()["error"]
    assert server.post("/api/batch-metadata", headers=full).status == 200
    assert server.get("/health").status == server.get("/").status == server.get("/openapi.json").status == 200
    for wrong in ("only-loo", "only-look2", "all-of-i", "", "only-look only-look"):
        assert server.get("/api/stats", headers={"Authorization": "Bearer " + wrong}).status == 401
    server.stop()
    assert b"all-of-it" not in server.tubeops.everything() and b"only-look" not in server.tubeops.everything()


def test_with_a_reading_token_alone_nobody_changes_anything(serve):
    server = serve(API_TOKEN_READ="only-look")
    look = {"Authorization": "Bearer only-look"}
    assert server.get("/api/stats").status == 401
    assert server.get("/api/stats", headers=look).status == 200
    assert server.post("/api/batch-metadata", headers=look).status == 403
    assert server.post("/api/batch-metadata").status == 401


# ---- TLS ----

@pytest.fixture
def certificate(tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
                        "-days", "2", "-subj", "/CN=node", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl makes no certificate here")
    return cert, key


def test_tls(serve, certificate):
    cert, key = certificate
    server = serve(300, TLS_CERT=cert, TLS_KEY=key, API_TOKEN="secret-words")
    assert server.url.startswith("https://")
    server.tls = ssl.create_default_context(cafile=cert)
    token = {"Authorization": "Bearer secret-words"}
    assert server.get("/health").json()["status"] == "healthy"
    assert server.get("/api/stats", headers=token).json()["total_channels"] == 300
    assert len(server.get("/api/export/channels", headers=token).body.splitlines()) == 301
    # plain HTTP is not answered, an unknown certificate is not taken
    with socket.create_connection(host_of(server), timeout=10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"healthy" not in plain.recv(4096)
    # a command beside it goes over TLS too
    job = server.post("/api/batch-metadata", headers=token).json()["job_id"]
    server.wait_for_job = job
    done = server.tubeops.run("jobs", job, "cancel")
    assert done.code == 0 or "cannot cancel" in done.err, done
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(host_of(server), timeout=10) as raw:
        with pytest.raises((ssl.SSLError, OSError)):
            old.wrap_socket(raw).sendall(b"x")


@pytest.mark.parametrize("cert,key,said", [
    ("cert.pem", "", "belong together"), ("", "key.pem", "belong together"), ("no-such", "key.pem", "no-such"),
    ("key.pem", "cert.pem", "PEM certificate"), ("empty", "key.pem", "empty"),
])
def test_certificates_that_are_none(make_tubeops, certificate, tmp_path, cert, key, said):
    (tmp_path / "empty").write_text("")
    tubeops = make_tubeops(TLS_CERT=str(tmp_path / cert) if cert else "", TLS_KEY=str(tmp_path / key) if key else "")
    done = tubeops.run("serve", "--listen", "127.0.0.1:0")
    assert done.code == 1 and said in done.err, done
    assert "PRIVATE KEY" not in done.err


# ---- packing and ETags ----

def test_gzip(serve):
    server = serve()
    for accept in ("gzip", "deflate, gzip;q=1.0", "*", "GZIP", "br;q=1, x-gzip;q=0.5"):
        answer = server.get("/openapi.json", headers={"Accept-Encoding": accept})
        assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"], accept
        assert json.loads(gzip.decompress(answer.body))["openapi"] == "3.1.0"
    for accept in ("", "identity", "br", "gzip;q=0", "gzip; q=0.0, *", "gzipped", "*;q=0"):
        answer = server.get("/openapi.json", headers={"Accept-Encoding": accept})
        assert answer.headers["Content-Encoding"] is None and answer.json()["openapi"] == "3.1.0", accept
    # small ones are not worth it
    assert server.get("/health", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] is None


def test_etag(serve):
    server = serve(20)
    for path in ("/api/stats", "/api/jobs", "/api/keys", "/api/schedules", "/openapi.json", "/"):
        first = server.get(path)
        tag = first.headers["ETag"]
        assert re.fullmatch(r'W/"[0-9a-f]{16}"', tag), path
        for known in (tag, tag[2:], '"other", ' + tag, "*"):
            same = server.get(path, headers={"If-None-Match": known})
            assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag), (path, known)
        for other in ('"other"', 'W/"0000000000000000"', "", tag[:-2] + '"'):
            assert server.get(path, headers={"If-None-Match": other}).body == first.body, (path, other)
        assert server.request("HEAD", path, headers={"If-None-Match": tag}).status == 304
    tag = server.get("/api/stats").headers["ETag"]
    server.post("/api/add-sample-channels")
    server.wait_for("/api/stats", lambda s: s["total_channels"] == 25)
    assert server.get("/api/stats", headers={"If-None-Match": tag}).status == 200
    for path in ("/health", "/metrics", "/api/snapshot", "/api/nothing"):
        assert server.get(path).headers["ETag"] is None, path


# ---- requests that must not be done twice ----

def test_idempotency(serve):
    server = serve(300)
    for path, body, other in (("/api/batch-metadata", {"total_limit": 5}, {"total_limit": 6}),
                              ("/api/batch-videos", None, {"total_limit": 6}),
                              ("/api/legacy-fetch-metadata", {"limit": 3}, {"limit": 4}),
                              ("/api/jobs", {"type": "refresh"}, {"type": "refresh", "days": 5})):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = server.post(path, body, headers=key)
        again = server.post(path, body, headers=key)
        assert first.status == again.status == 200 and first.body == again.body, path
        assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == (None, "true")
        refused = server.post(path, other, headers=key)
        assert refused.status == 422 and "Idempotency-Key" in refused.json()["error"]
        assert server.post(path, body).json()["job_id"] != first.json()["job_id"]
    key = {"Idempotency-Key": "many at once"[:4]}
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: server.post("/api/batch-metadata", {"total_limit": 7}, headers=key),
                                range(16)))
    assert {a.status for a in answers} == {200}
    assert len({a.json()["job_id"] for a in answers}) == 1
    for bad in ("", "with blank", "x" * 256, "é".encode().decode("latin-1")):
        assert server.post("/api/batch-metadata", headers={"Idempotency-Key": bad}).status == 400, bad


def test_idempotency_outlives_the_process(serve):
    server = serve(30)
    key = {"Idempotency-Key": "nightly-2026-11-29"}
    first = server.post("/api/batch-metadata", {"total_limit": 5}, headers=key).json()
    server.stop(signal.SIGKILL)
    second = server.tubeops.serve()
    try:
        again = second.post("/api/batch-metadata", {"total_limit": 5}, headers=key)
        assert again.json() == first and again.headers["Idempotent-Replayed"] == "true"
    finally:
        second.stop()


def test_retry_after(make_sim, make_tubeops):
    """Quota that is spent comes back at midnight: the answer says when."""
    sim = make_sim(quota=1)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=1)
    tubeops.import_ids(sim.ids(10))
    with tubeops.serve() as server:
        assert server.post("/api/test-youtube").status in (200, 400)
        answer = server.post("/api/test-youtube")
        assert answer.status == 503 and "error" in answer.json(), answer
        assert 1 <= int(answer.headers["Retry-After"]) <= 86400
        server.stop()


# ---- limits ----

def test_rate(serve):
    server = serve(REST_RATE=5)
    answers = [server.get("/api/stats") for _ in range(40)]
    refused = [a for a in answers if a.status == 429]
    assert refused and {a.status for a in answers} == {200, 429}
    assert all(a.headers["Retry-After"] == "1" and "too many" in a.json()["error"] for a in refused)
    assert len(answers) - len(refused) >= 10  # two seconds' worth at once
    deadline = time.monotonic() + 20
    while server.get("/api/stats").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_without_a_setting_this_machine_is_not_limited(serve):
    server = serve()
    host, port = host_of(server)
    connection = http.client.HTTPConnection(host, port, timeout=20)
    for _ in range(1000):
        connection.request("GET", "/health")
        reply = connection.getresponse()
        assert reply.status == 200 and reply.read()
    connection.close()


def test_connections_of_one_address(serve):
    server = serve(REST_PER_ADDRESS=5, REST_TIMEOUT=60)
    held = [socket.create_connection(host_of(server), timeout=20) for _ in range(5)]
    beyond = socket.create_connection(host_of(server), timeout=20)
    beyond.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        assert beyond.recv(1024) == b""
    except ConnectionResetError:
        pass
    for other in ("127.0.0.2",):  # another address is not their fault
        with socket.create_connection(host_of(server), timeout=20, source_address=(other, 0)) as good:
            good.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"healthy" in good.recv(4096)
    for connection in held + [beyond]:
        connection.close()


def test_large_headers(serve):
    server = serve()
    for text in (b"X: " + b"a" * 40000, b"\r\n".join(b"X%d: %s" % (i, b"b" * 100) for i in range(400))):
        with socket.create_connection(host_of(server), timeout=20) as connection:
            try:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + text + b"\r\n\r\n")
                answer = connection.recv(4096)
            except ConnectionResetError:
                answer = b""
            assert b" 200 " not in answer
    assert server.get("/health").status == 200


# ---- slow clients ----

def trickle(address, text, seconds, source="127.0.0.1"):
    """Sends a byte of text now and then; how long it took until the server closed, or None."""
    began = time.monotonic()
    with socket.create_connection(address, timeout=seconds, source_address=(source, 0)) as connection:
        connection.settimeout(0.2)
        for byte in text:
            try:
                connection.sendall(bytes([byte]))
                if connection.recv(4096) == b"":
                    return time.monotonic() - began
            except socket.timeout:
                pass
            except OSError:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                return None
    return None


def test_slow_clients_are_cut_off(serve):
    server = serve(REST_TIMEOUT=1)
    slow = [
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 500,  # headers that never end
        b"GET" + b" " * 500,
        b"POST /api/batch-metadata HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 500\r\n\r\n" + b" " * 400,
    ]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        times = list(pool.map(lambda text: trickle(host_of(server), text, 30), slow))
    assert all(t is not None for t in times), times
    # one that says nothing at all
    with socket.create_connection(host_of(server), timeout=20) as silent:
        assert silent.recv(1024) == b""
    metrics = server.get("/metrics").body.decode()
    assert int(re.search(r"^tubeops_http_clients_cut_total (\d+)$", metrics, re.M).group(1)) >= 2
    assert server.get("/health").status == 200


def test_a_client_that_does_not_read_is_cut_off(serve):
    """An export waits for its reader, but not for ever; the next one is served."""
    server = serve(4000, REST_TIMEOUT=1)
    server.tubeops  # its folder has 4,000 channels: more than the buffers on the way take? no, so ask often
    lazy = []
    for _ in range(4):
        connection = socket.create_connection(host_of(server), timeout=20)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /api/export/channels?format=jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        lazy.append(connection)
    deadline = time.monotonic() + 30
    while True:
        answer = server.get("/api/export/channels")
        if answer.status == 200:
            break
        assert answer.status == 503 and answer.headers["Retry-After"] and time.monotonic() < deadline, answer
        time.sleep(0.2)
    assert len(answer.body.splitlines()) == 4001
    for connection in lazy:
        connection.close()


def test_a_thousand_slow_clients_and_a_flood_while_a_job_runs(make_sim, make_tubeops):
    """It goes on at its pace, and /health answers all the time. (`make bench BENCH=flood` measures the pace.)"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("too few descriptors for a thousand clients")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    # each call takes 40 ms: the rate is decided by the workers' waiting, as it is with YouTube
    sim = make_sim(channels=40000, latency=40)
    tubeops = make_tubeops(sim, REST_PER_ADDRESS=400, REST_TIMEOUT=5, WORKER_CONCURRENCY=4)
    tubeops.import_ids(sim.ids(40000))
    with tubeops.serve() as server:
        def fetched(seconds):
            job = server.post("/api/batch-metadata").json()["job_id"]
            server.wait_for("/api/jobs/" + job, lambda j: j["processed_items"] > 500)
            began, first = time.monotonic(), server.get("/api/jobs/" + job).json()["processed_items"]
            time.sleep(seconds)
            last, took = server.get("/api/jobs/" + job).json()["processed_items"], time.monotonic() - began
            server.post("/api/jobs/%s/cancel" % job)
            server.wait_for("/api/jobs/" + job, lambda j: j["status"] != "running")
            return (last - first) / took

        alone = fetched(3)
        stop, seen = threading.Event(), {"refused": 0, "answered": 0, "health": []}
        slow = []

        def be_slow():
            for i in range(1000):
                try:
                    connection = socket.create_connection(host_of(server), timeout=5,
                                                          source_address=("127.0.0.%d" % (2 + i % 3), 0))
                    connection.sendall(b"GET /api/stats HTTP/1.1\r\nHost: loc")
                    slow.append(connection)
                except OSError:
                    seen["refused"] += 1
                if stop.is_set():
                    return

        def flood():
            while not stop.is_set():
                try:
                    with socket.create_connection(host_of(server), timeout=5,
                                                  source_address=("127.0.0.9", 0)) as connection:
                        connection.sendall(b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        seen["answered"] += b" 200 " in connection.recv(4096)
                except OSError:
                    seen["refused"] += 1
                time.sleep(0.005)  # bounded: tests share their machine

        def watch():
            while not stop.is_set():
                began = time.monotonic()
                assert server.get("/health").status == 200
                seen["health"].append(time.monotonic() - began)
                time.sleep(0.05)

        threads = [threading.Thread(target=t) for t in (be_slow, flood, flood, watch)]
        for thread in threads:
            thread.start()
        under_load = fetched(3)
        stop.set()
        for thread in threads:
            thread.join()
        for connection in slow:
            connection.close()
        assert len(slow) + seen["refused"] >= 500 and seen["answered"] > 50 and len(seen["health"]) > 5, seen
        print("alone %.0f/s, under load %.0f/s, slowest /health %.3f s" % (alone, under_load, max(seen["health"])))
        assert under_load > alone / 2
        server.stop()


# ---- streams ----

class Events:
    """Reads server-sent events of a connection, one by one."""

    def __init__(self, server, last_id=None, timeout=20):
        host, port = host_of(server)
        self.connection = http.client.HTTPConnection(host, port, timeout=timeout)
        self.connection.request("GET", "/api/events", headers={"Last-Event-ID": last_id} if last_id else {})
        self.reply = self.connection.getresponse()
        self.id = None

    def next(self):
        """(name, data) of the next event; beats are passed over."""
        name = data = None
        while True:
            line = self.reply.readline().decode()
            assert line, "the stream ended"
            if line == "\n" and name:
                return name, json.loads(data)
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "id":
                self.id = value
            name, data = (value, data) if field == "event" else (name, value) if field == "data" else (name, data)

    def until(self, wanted, fits=lambda data: True):
        while True:
            name, data = self.next()
            if name == wanted and fits(data):
                return data

    def close(self):
        self.connection.close()


def test_events(serve):
    server = serve(200)
    events = Events(server)
    assert events.reply.status == 200 and events.reply.headers["Content-Type"] == "text/event-stream"
    assert events.next() == ("hello", {"resumed": False})
    job = server.post("/api/batch-metadata", {"total_limit": 100}).json()["job_id"]
    seen = events.until("job", lambda j: j["uuid"] == job and j["status"] == "completed")
    assert seen["processed"] == 100 and seen["type"] == "batch_metadata"
    assert events.until("quota")["units_used"] == 2
    assert events.until("counts")["items"][0][1] > 0
    assert events.until("log", lambda l: "batch_metadata completed" in l["text"])["level"] == "info"
    place = events.id
    events.close()
    # what happened meanwhile comes first
    server.post("/api/add-sample-channels")
    Events(server).close()  # somebody must listen for the engine to be looked at
    again = Events(server, place)
    assert again.next() == ("hello", {"resumed": True})
    assert again.until("counts")["channels"] == 205
    again.close()
    # ids of another process, and rubbish
    for unknown in ("00000000-5", "x", place + "0", place.split("-")[0] + "-99999999999999999999"):
        lost = Events(server, unknown)
        assert lost.next() == ("hello", {"resumed": False}), unknown
        assert lost.next()[0] == "reset"
        lost.close()


def test_streams_end_with_the_server(serve):
    server = serve()
    streams = [Events(server) for _ in range(20)]
    for stream in streams:
        assert stream.next()[0] == "hello"
    assert server.stop() == 0
    for stream in streams:
        try:
            while stream.reply.readline():
                pass
        except http.client.IncompleteRead:
            pass  # cut off is an end too
        stream.close()


def test_more_streams_than_there_may_be(serve):
    server = serve(REST_CONNECTIONS=16)
    streams = [Events(server) for _ in range(12)]
    beyond = Events(server)
    assert beyond.reply.status == 503 and beyond.reply.headers["Retry-After"]
    assert server.get("/health").status == 200
    for stream in streams + [beyond]:
        stream.close()


def test_exports(serve):
    server = serve(3000)
    lines = server.get("/api/export/channels?format=jsonl").body.splitlines()
    assert len(lines) == 3000 and json.loads(lines[0])["channel_id"]
    table = server.get("/api/export/channels?columns=channel_id,metadata").body.decode().split("\r\n")
    assert table[0] == "channel_id,metadata" and len(table) == 3002
    answer = server.get("/api/export/channels?pack=gzip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="channels.csv.gz"'
    assert gzip.decompress(answer.body) == server.get("/api/export/channels").body
    for query, said in (("format=xml", "format"), ("columns=nothing", "nothing"), ("pack=zip", "pack"),
                        ("since=yesterday", "since"), ("min_subscribers=many", "min_subscribers"),
                        ("state=odd", "odd")):
        refused = server.get("/api/export/channels?" + query)
        assert refused.status == 400 and said in refused.json()["error"], query
    assert server.get("/api/export/nothing").status == 400
    head = server.request("HEAD", "/api/export/channels")
    assert head.status == 200 and head.headers["Content-Type"].startswith("text/csv") and head.body == b""
    # whoever goes away in the middle leaves nothing behind
    for _ in range(20):
        with socket.create_connection(host_of(server), timeout=20) as connection:
            connection.sendall(b"GET /api/export/channels HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.recv(1000)
    deadline = time.monotonic() + 20
    while server.get("/api/export/jobs").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ---- numbers ----

def test_metrics_are_openmetrics(serve):
    """By the rules of the text format: metadata first, counters end in _total, one family together, # EOF."""
    server = serve(20, NODE_NAME='a "node"\\x')
    answer = server.get("/metrics")
    assert answer.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    text = answer.body.decode()
    assert text.endswith("# EOF\n") and text.count("# EOF") == 1
    families, family, kinds = [], None, {}
    for line in text.splitlines()[:-1]:
        assert line == line.strip() and line
        if line.startswith("# TYPE "):
            family, kind = line.split(" ")[2:]
            assert family not in families and kind in ("gauge", "counter", "info")
            families.append(family)
            kinds[family] = kind
        elif line.startswith("# "):
            word, name = line.split(" ")[1:3]
            assert word in ("HELP", "UNIT") and name == family
            assert word == "HELP" or name.endswith("_" + line.split(" ")[3])
        else:
            found = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?'
                                 r' (-?\d+(?:\.\d+)?(?:e[+-]\d+)?|NaN)', line)
            assert found, line
            suffix = {"gauge": "", "counter": "_total", "info": "_info"}[kinds[family]]
            assert found.group(1) == family + suffix, line
    assert 'tubeops_node_info{node="a \\"node\\"\\\\x",version=' in text
    assert "\ntubeops_channels 20\n" in text
    assert 'tubeops_channel_states{operation="metadata",state="pending"} 20\n' in text
    assert KEY not in text


def test_the_dashboard_asks_for_metrics_that_there_are(serve):
    server = serve(20)
    path = os.path.join(os.environ.get("TOP_SRCDIR", "."), "assets", "dashboards", "tubeops.json")
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    text = server.get("/metrics").body.decode()
    declared = {line.split(" ")[2]: line.split(" ")[3] for line in text.splitlines() if line.startswith("# TYPE ")}
    suffix = {"gauge": "", "counter": "_total", "info": "_info"}
    names = {name + suffix[kind] for name, kind in declared.items()}
    asked = set()
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            asked |= set(re.findall(r"tubeops_[a-z_]+", target["expr"]))
    assert len(asked) > 15 and asked <= names, asked - names


# ---- bulk ----

def test_bulk_beside_bulk(serve):
    """Two at once, and the same channels: each is added by one of them."""
    server = serve()
    ids = ["UC%021dA" % i for i in range(5000)]
    body = {"channels": [{"channel_id": i} for i in ids]}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.post("/api/bulk-add-channels", body, timeout=60).json(), range(4)))
    assert sum(a["added"] for a in answers) == 5000
    assert all(a["added"] + a["skipped"] == a["total_processed"] == 5000 and a["rejected"] == 0 for a in answers)
    assert server.get("/api/stats").json()["total_channels"] == 5000


@pytest.mark.parametrize("body,said", [
    (b'{"channels":[{"channel_id":"UCBJycsmduvYEL83R_U4JriQ"}', "ends too early"),
    (b'{"channels":[{"channel_id":"UCBJycsmduvYEL83R_U4JriQ"},]}', "not JSON"),
    (b'{"channels":[{"channel_id":"UCBJycsmduvYEL83R_U4JriQ"}]} x', "not JSON"),
    (b'{"channels":[{"channel_id":"UCBJycsmduvYEL83R_U4JriQ" "title":1}]}', "not JSON"),
    (b"[" * 100, "too deeply"),
])
def test_a_broken_bulk_body_changes_nothing(serve, body, said):
    server = serve()
    answer = server.post("/api/bulk-add-channels", body, headers={"Content-Type": "application/json"})
    assert answer.status == 400 and said in answer.json()["error"], answer
    assert server.get("/api/stats").json()["total_channels"] == 0
    assert not [n for n in os.listdir(server.tubeops.data) if n.startswith("rest-upload")]


def test_a_million_channels_in_one_body(serve):
    """At constant memory, with every channel's fate counted."""
    server = serve(IMPORT_MEMORY=32)
    count = int(os.environ.get("BULK_CHANNELS", "1000000" if PATIENCE == 120 else "20000"))
    host, port = host_of(server)

    def rows():
        yield b'{"source":"manual_addition","channels":['
        for start in range(0, count, 1000):
            part = b",".join(b'{"channel_id":"UC%021dA","title":"Channel %d","description":""}' % (i, i)
                             for i in range(start, min(start + 1000, count)))
            yield (b"," if start else b"") + part
        yield b',{"channel_id":"UC%021dA"},{"channel_id":"no id"},{"title":"nobody"},7]}' % 5

    def memory():
        with open("/proc/%d/status" % server.process.pid) as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
    before = memory()
    connection = http.client.HTTPConnection(host, port, timeout=300)
    connection.request("POST", "/api/bulk-add-channels", rows(), {"Content-Type": "application/json"},
                       encode_chunked=True)
    reply = connection.getresponse()
    answer = json.loads(reply.read())
    assert reply.status == 200, answer
    assert (answer["added"], answer["skipped"], answer["rejected"]) == (count, 1, 3), answer
    assert answer["total_processed"] == count + 4 and len(answer["results"]) == 100
    assert answer["message"] == "Bulk upload completed: %d added, 1 skipped" % count
    grown = (memory() - before) / 1024
    print("%d channels, %.0f MiB more" % (count, grown))
    if PATIENCE == 120:
        assert grown < 200  # the body has some 75 MB; sorting may use 32 MiB, SQLite its cache
    assert server.get("/api/stats").json()["total_channels"] == count
    assert server.tubeops.value("SELECT count(*) FROM channels WHERE source = 'manual_addition'") == count
    connection.close()
