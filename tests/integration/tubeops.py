"""Runs the built tubeops for tests.  Standard library only.

    from tubeops import Tubeops, TubeopsMissing
    t = Tubeops(tmp_path, sim=sim, keys=["key-a"])
    done = t.run("import", "-", input="UC...\n")          # done.code, done.out, done.err, done.json()
    with t.serve() as server:
        server.get("/health")
"""
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.path.join(os.environ.get("TOP_SRCDIR") or ROOT, "..", "shared")
# a build with sanitizers is many times slower
PATIENCE = 600 if os.environ.get("SANITIZERS") else 120


def wait_until(true, what="it did not come", timeout=PATIENCE, pause=time.sleep):
    """Waits until true() is; pause(seconds) lets time pass, a terminal's pump for one."""
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, what
        pause(0.03)


class TubeopsMissing(Exception):
    """tubeops has not been built: a test that needs it should be skipped."""


def find_binary():
    """The path of tubeops: $TUBEOPS, $TOP_BUILDDIR/tubeops, or where a build puts it."""
    wanted = os.environ.get("TUBEOPS")
    built = os.environ.get("TOP_BUILDDIR")
    places = [wanted] if wanted else [os.path.join(built, "tubeops")] if built else [
        os.path.join(ROOT, p) for p in ("build/tubeops", "tubeops")]
    for path in places:
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise TubeopsMissing("tubeops is not built")


class Done:
    """What a finished run left."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return "exit %d\n--- out\n%s\n--- err\n%s" % (self.code, self.out, self.err)


class Answer:
    """An HTTP answer: status, headers (case-insensitive), body as bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return "%d %r" % (self.status, self.body[:300])


class Server:
    """A running `tubeops serve`."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self.url = None
        self.tls = None  # an ssl.SSLContext, of a server that talks HTTPS
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.ready.wait(30)
        if not self.url:
            self.stop()
            raise RuntimeError("tubeops serve did not start:\n" + self.err)

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.match(r"tubeops: listening on (https?://\S+)", line)
            if found:
                self.url = found.group(1)
            if found or "without REST" in line:
                self.ready.set()
        self.ready.set()

    @property
    def err(self):
        return "".join(self.lines)

    def request(self, method, path, body=None, headers=None, timeout=20):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        if isinstance(body, str):
            body = body.encode()
        wanted = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(wanted, timeout=timeout, context=self.tls) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def wait_for(self, path, wanted, timeout=30):
        """GETs path until wanted(json) is true; the last answer is in the message when it never is."""
        end = time.monotonic() + timeout
        while True:
            answer = self.get(path)
            if answer.status == 200 and wanted(answer.json()):
                return answer.json()
            assert time.monotonic() < end, answer
            time.sleep(0.1)

    def stop(self, how=signal.SIGTERM, timeout=30):
        """Ends the process and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.reader.join(5)
        assert code == 0 or how != signal.SIGTERM, self.err
        self.process.stderr.close()
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


class Tubeops:
    """The program with a data folder, an empty .env and an environment of its own."""

    def __init__(self, directory, sim=None, keys=(), **settings):
        self.directory = str(directory)
        self.data = os.path.join(self.directory, "data")
        self.binary = find_binary()
        names = ("PATH", "HOME", "LANG", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
        self.environment = {name: os.environ[name] for name in names if name in os.environ}
        self.environment["TUBEOPS_DATA"] = self.data
        self.environment["API_RATE_LIMIT_DELAY"] = "0"
        if sim:
            self.environment["YOUTUBE_API_BASE"] = sim.url
        for i, key in enumerate(keys, 1):
            self.environment["YOUTUBE_API_KEY_%d" % i] = key
        self.environment.update({name: str(value) for name, value in settings.items()})
        self.started = []

    def start(self, *words, env=None, **more):
        """Starts it; env: more environment variables for this time alone."""
        process = subprocess.Popen([self.binary, *map(str, words)], cwd=self.directory,
                                   env={**self.environment, **(env or {})},
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        self.started = [p for p in self.started if p.poll() is None] + [process]
        return process

    def run(self, *words, input=None, timeout=PATIENCE, check=None, env=None):
        """Runs it to its end.  check: the exit status that is wanted."""
        stdin = subprocess.PIPE if input is not None else subprocess.DEVNULL
        with self.start(*words, stdin=stdin, env=env) as process:
            try:
                out, err = process.communicate(input, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        done = Done(process.returncode, out, err)
        assert check is None or done.code == check, "%s: %r" % (" ".join(map(str, words)), done)
        return done

    def json(self, *words, check=0, **more):
        """Runs it with --json and gives the object that it printed."""
        return self.run(*words, "--json", check=check, **more).json()

    def kill_all(self):
        """Ends what is left of the processes that were started here."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()

    def import_ids(self, ids):
        result = self.json("import", "-", input="".join(i + "\n" for i in ids))
        assert result["read"] == len(ids)
        return result

    def _rows(self, name, sql, *values):
        db = sqlite3.connect(os.path.join(self.data, name), timeout=PATIENCE)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA query_only=1")
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def sql(self, sql, *values):
        """Rows of a question to staging.db."""
        return self._rows("staging.db", sql, *values)

    def sql_write(self, sql, *values):
        """Changes staging.db while no process of ours is at work."""
        db = sqlite3.connect(os.path.join(self.data, "staging.db"))
        with db:
            db.execute(sql, values)
        db.close()

    def add_ended_jobs(self, n):
        """Jobs that ended long ago, written while nothing runs: those of whole hundreds failed; their numbers."""
        last = self.value("SELECT coalesce(max(no), 1000) FROM job")
        self.sql_write("INSERT INTO job (no, uuid, type, status, reason, params, total, processed, done, created_ms, started_ms,"
                       " completed_ms) WITH RECURSIVE n (v) AS (SELECT ?1 + 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?1 + ?2)"
                       " SELECT v, randomblob(16), 'batch_metadata', iif(v % 100, 'completed', 'failed'),"
                       " iif(v % 100, '', 'ids not valid'), '{}', 50, 50, 50, 1600000000000 + v, 1600000000001 + v,"
                       " 1600000001000 + v FROM n", last, n)
        return range(last + 1, last + 1 + n)

    def value(self, sql, *values):
        return self.sql(sql, *values)[0][0]

    def quota_sql(self, sql, *values):
        return self._rows("quota.db", sql, *values)

    def units_booked(self):
        """All units that the ledger holds, over all projects and days."""
        return self.quota_sql("SELECT coalesce(sum(used), 0) FROM bucket_day WHERE bucket = 'units'")[0][0]

    def serve(self, *words):
        return Server(self.start("serve", "--listen", "127.0.0.1:0", *words, stdin=subprocess.DEVNULL))

    def log(self):
        with open(os.path.join(self.data, "tubeops.log"), encoding="utf-8") as lines:
            return lines.read()

    def everything(self):
        """All bytes below the folder but the ledger, to look for secrets in."""
        text = b""
        for folder, _, names in os.walk(self.directory):
            for name in names:
                if not name.startswith("quota.db"):
                    with open(os.path.join(folder, name), "rb") as file:
                        text += file.read()
        return text
