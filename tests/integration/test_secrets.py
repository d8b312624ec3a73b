"""Keys, passwords and tokens appear nowhere: not on screens, in logs, in files, in answers, in arguments."""
import base64
import fcntl
import glob
import http.server
import json
import os
import pty
import select
import signal
import struct
import termios
import threading
import time
import urllib.parse

import pytest

from tubeops import PATIENCE

# every secret holds a mark in its middle: whoever shows more than an end of it shows the mark
KEYS = ["AIzaSyA1b2c3d4e5MARKEDkeyONExxxxxxxxx1w", "AIzaSyA1b2c3d4e5MARKEDkeyTWOxxxxxxxxx2w"]
ADDED = "AIzaSyA1b2c3d4e5MARKEDkeyADDxxxxxxxxx3w"
WRONG = "AIzaSyA1b2c3d4e5MARKEDkeyBADxxxxxxxxx4w"
PASSWORD = "pw9MARKED%40db!end"
TOKEN = "tokenMARKEDforREST0123456789"
REDIS = "redisMARKEDpassword"
SECRETS = KEYS + [ADDED, WRONG, PASSWORD, urllib.parse.unquote(PASSWORD), TOKEN, REDIS, "secretMARKEDkey"]


def marks():
    """What must not be found: the mark, and each secret as other writings of it."""
    found = {b"MARKED", b"marked", b"MARKED".hex().encode()}
    for secret in SECRETS:
        for skip in range(3):
            # what is left of a text in base64 whatever stands before it
            found.add(base64.b64encode(secret.encode()[skip:skip + 21])[:28])
        found.add(secret.encode()[::-1])
    return found


MARKS = marks()


def clean(what, name):
    data = what if isinstance(what, bytes) else what.encode()
    for mark in MARKS:
        at = data.find(mark)
        assert at < 0, "%s: %r" % (name, data[max(0, at - 100):at + 60])


def check_files(tubeops, added=()):
    """All files below the folder but .env; quota.db may hold the keys that were added, none of the settings."""
    seen = 0
    for folder, _, names in os.walk(tubeops.directory):
        for name in names:
            if name == ".env":
                continue
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            seen += 1
            if not name.startswith("quota.db"):
                clean(data, name)
                continue
            for secret in SECRETS:
                assert secret in added or secret.encode() not in data, (name, secret)
    assert seen >= 3


def write_env(tubeops, **more):
    lines = {"YOUTUBE_API_KEY_1": KEYS[0], "YOUTUBE_API_KEY_2": KEYS[1], "API_RATE_LIMIT_DELAY": "0",
             "DATABASE_URL": "postgresql://somebody:%s@127.0.0.1:1/nowhere" % PASSWORD, "API_TOKEN": TOKEN,
             "REDIS_URL": "redis://user:%s@127.0.0.1:1/0" % REDIS, "SECRET_KEY": "secretMARKEDkey",
             "UPSTASH_REDIS_REST_TOKEN": REDIS, **more}
    with open(os.path.join(tubeops.directory, ".env"), "w", encoding="ascii") as file:
        file.write("".join('%s="%s"\n' % pair for pair in lines.items()))


@pytest.fixture
def marked(make_tubeops, make_sim):
    """A program with marked secrets in its .env, and a simulator that knows its keys."""
    sim = make_sim(keys=KEYS + [ADDED])
    tubeops = make_tubeops(sim, keys=(), LOG_LEVEL="debug")
    del tubeops.environment["YOUTUBE_API_BASE"]
    write_env(tubeops, YOUTUBE_API_BASE=sim.url)
    return tubeops


def run(tubeops, *words, **more):
    done = tubeops.run(*words, **more)
    clean(done.out, " ".join(words) + ": stdout")
    clean(done.err, " ".join(words) + ": stderr")
    return done


@pytest.mark.parametrize("form", ["text", "json"])
def test_commands_logs_and_files(marked, make_sim, form):
    marked.environment["LOG_FORMAT"] = form
    sim = make_sim(keys=KEYS + [ADDED])
    write_env(marked, YOUTUBE_API_BASE=sim.url)
    ids = sim.ids(600)
    assert run(marked, "import", "-", "--verbose", input="".join(i + "\n" for i in ids)).code == 0
    sim.set_faults("badjson@1,html403@2,reset@3,429minute@4,forbiddenReferrer@5,quotaExceeded@20,invalidArgument@8")
    for words in (["run", "batch_metadata", "--verbose"], ["run", "batch_metadata", "--json"], ["status"],
                  ["status", "--json"], ["jobs"], ["jobs", "--json"], ["jobs", "J-1002"], ["keys", "list"],
                  ["keys", "list", "--json"], ["keys", "test", "key1"], ["keys", "disable", "key2", "--verbose"],
                  ["keys", "enable", "key2"], ["doctor"], ["doctor", "--json", "--verbose"], ["sync", "--verbose"],
                  ["export", "channels"], ["export", "jobs", "--format", "jsonl"], ["help"],
                  ["--help"], ["--version"], ["import", "mysql://user:%s@host/db" % PASSWORD],
                  ["import", "https://user:%s@example.org/x.csv?key=%s" % (PASSWORD, KEYS[0])],
                  ["run", "batch_metadata", "--param", "limit=none"]):
        run(marked, *words)
    run(marked, "keys", "add", "extra", "--verbose", input=ADDED + "\n")
    run(marked, "keys", "test", "extra", "--verbose")
    run(marked, "keys", "add", "again", "--verbose", input=ADDED + "\n")
    run(marked, "keys", "add", "bad", "--verbose", input=WRONG + "\n")
    run(marked, "keys", "test", "bad", "--verbose")
    run(marked, "keys", "remove", "bad")
    sim.set_faults("keyInvalid:1")
    run(marked, "run", "batch_metadata", "--verbose")
    run(marked, "keys", "remove", "extra")
    assert "refused" in marked.log()
    check_files(marked)


def test_mistakes_in_settings_do_not_show_what_was_written(marked):
    for name, value in (("YOUTUBE_API_KEY_1", KEYS[0] + "\\"), ("DATABASE_URL", "postgres//x:%s@@[::" % PASSWORD),
                        ("DATABASE_URL", "host=127.0.0.1 port=1 user=u password=" + PASSWORD),
                        ("DATABASE_URL", "postgresql://u:%s@127.0.0.1:99999999/x" % PASSWORD),
                        ("DATABASE_URL", PASSWORD), ("API_TOKEN", TOKEN + "\x01"), ("YOUTUBE_API_KEY_2", KEYS[0]),
                        ("YOUTUBE_API_KEY_3", ADDED + "\x7f"), ("YOUTUBE_API_BASE", "http://u:%s@host/" % PASSWORD),
                        ("REDIS_URL", "rediss//" + REDIS), ("YOUTUBE_API_KEY_1", " ".join(KEYS))):
        write_env(marked, **{name: value})
        for words in (["status"], ["doctor"], ["import", "-"], ["run", "batch_metadata", "--limit", "1"]):
            run(marked, *words, input="")
    path = os.path.join(marked.directory, ".env")
    write_env(marked, DATABASE_URL="host=127.0.0.1 port=1 user=u password=" + PASSWORD)
    run(marked, "sync", "--json")
    for line in ("YOUTUBE_API_KEY_1='" + KEYS[0], KEYS[0], "export " + KEYS[1], "API_TOKEN=\"%s\" %s" % (TOKEN, TOKEN)):
        with open(path, "w", encoding="ascii") as file:
            file.write(line + "\n")
        assert run(marked, "doctor").code != 0
    check_files(marked)


def test_answers_of_the_rest_server_and_the_process_list(marked):
    ids = ["UC" + "a" * 21 + c for c in "AQgw"]
    marked.import_ids(ids)
    bearer = {"Authorization": "Bearer " + TOKEN}
    with marked.serve("--verbose") as server:
        pid = server.process.pid
        for name in ("cmdline", "comm", "status"):
            with open("/proc/%d/%s" % (pid, name), "rb") as file:
                clean(file.read(), name)
        job = server.post("/api/batch-metadata", headers=bearer).json()["job_id"]
        answers = [server.get(path, headers=headers) for headers in (bearer, {"Authorization": "Bearer x" + TOKEN}, {})
                   for path in ("/health", "/api/stats", "/api/jobs", "/api/jobs/" + job, "/api/jobs?status=running",
                                "/api/jobs/" + KEYS[0], "/metrics", "/", "/api/keys", "/api/stats?key=" + KEYS[0],
                                "/%s/x" % KEYS[0], "/api/stats?token=" + TOKEN, "/api/jobs?limit=" + KEYS[0])]
        for body, path in (({"key": ADDED}, "/api/keys/more/add"), ({"key": ADDED}, "/api/keys/twice/add"),
                           ({"key": WRONG + " "}, "/api/keys/odd/add"), ({"key": 5, "x": KEYS[0]}, "/api/keys/odd/add"),
                           ('{"key": "%s"' % ADDED, "/api/keys/odd/add"), ({}, "/api/keys/more/test"),
                           ({}, "/api/keys/key1/remove"), ({}, "/api/keys/more/disable"), ({}, "/api/keys/nobody/test"),
                           ({"batch_size": TOKEN}, "/api/batch-metadata"), ({}, "/api/jobs/%s/cancel" % job)):
            answers.append(server.post(path, body, headers={**bearer, "Content-Type": "application/json"}))
        for answer in answers:
            clean(answer.body, "body")
            clean(str(answer.headers), "headers")
        assert {a.status for a in answers} >= {200, 401, 404}
        for name in ("cmdline", "comm", "status"):
            with open("/proc/%d/%s" % (pid, name), "rb") as file:
                clean(file.read(), name)
        for name in glob.glob("/proc/%d/task/*/comm" % pid):
            with open(name, "rb") as file:
                clean(file.read(), name)
        for words in (["jobs", job, "pause"], ["jobs", job, "retry"], ["keys", "disable", "key1"], ["keys", "list"]):
            run(marked, *words)
        assert server.stop() == 0
        clean(server.err, "stderr of serve")
    check_files(marked, added=(ADDED, WRONG))


class Echo(http.server.BaseHTTPRequestHandler):
    """An API that says back what it was sent, in every place where a server can say something."""
    protocol_version = "HTTP/1.1"
    status = 400

    def do_GET(self):
        key = self.headers["X-Goog-Api-Key"]
        said = "%s is what you sent; key=%s; https://x/?key=%s&a=b; Bearer %s" % (key, key, key, key)
        body = json.dumps({"error": {"code": self.status, "message": said, "status": key, "errors": [
            {"message": said, "domain": key, "reason": key.replace("-", "")}],
            "details": [{"reason": key, "metadata": {"quota_limit": key}}]}}).encode()
        self.send_response(self.status, key)
        self.send_header("Content-Type", "application/json")
        self.send_header("Retry-After", key)
        self.send_header("X-Key", key)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503, 200])
def test_a_server_that_says_the_key_back(make_tubeops, status):
    handler = type("EchoStatus", (Echo,), {"status": status})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        tubeops = make_tubeops(keys=(), LOG_LEVEL="debug", MAX_ATTEMPTS=1, WORKER_CONCURRENCY=1)
        write_env(tubeops, YOUTUBE_API_BASE="http://127.0.0.1:%d" % server.server_port)
        run(tubeops, "import", "-", input="UC" + "a" * 21 + "A\nUC" + "b" * 21 + "A\n")
        process = tubeops.start("run", "batch_metadata", "--json", "--verbose")
        try:
            out, err = process.communicate(timeout=4)
        except Exception:  # those that mean "slower" go on: stop it
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE)
        clean(out, "stdout")
        clean(err, "stderr")
        for words in (["keys", "list"], ["keys", "list", "--json"], ["keys", "test", "key1"], ["jobs", "--json"],
                      ["jobs", "J-1002"], ["jobs", "J-1002", "--json"], ["status"], ["status", "--json"], ["doctor"],
                      ["export", "channels"], ["export", "jobs"]):
            run(tubeops, *words)
        check_files(tubeops)
    finally:
        server.shutdown()
        server.server_close()


def test_the_screen(marked):
    """The console on a terminal: every view that a key opens, with errors in it."""
    run(marked, "import", "-", input="UC" + "a" * 21 + "A\n")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(marked.directory)
        os.execve(marked.binary, [marked.binary, "--listen", "127.0.0.1:0"],
                  {**marked.environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    shown, ended = b"", False
    try:
        for keys in (b"", b"?", b"\x1b", *(str(n).encode() for n in range(1, 10)), b":set\r", b"\x1b", b"3", b":save kept.txt\r",
                     b"\t", b"j", b"k", b"l", b"q", b"y"):
            if keys:
                try:
                    os.write(terminal, keys)
                except OSError:
                    break
            end = time.monotonic() + (1.5 if not keys else 0.25)
            while time.monotonic() < end and not ended:
                if select.select([terminal], [], [], 0.05)[0]:
                    try:
                        data = os.read(terminal, 65536)
                    except OSError:
                        data = b""
                    ended = not data
                    shown += data
    finally:
        if not ended:
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + PATIENCE
            while not ended and time.monotonic() < end:
                try:
                    ended = not select.select([terminal], [], [], 1)[0] and False or not os.read(terminal, 65536)
                except OSError:
                    ended = True
        if not ended:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    assert len(shown) > 500
    clean(shown, "screen")
    check_files(marked)
