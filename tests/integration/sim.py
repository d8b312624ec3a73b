"""Starts and questions youtube-sim, the simulator of the YouTube Data API.  Standard library only.

    from sim import Sim, SimMissing
    with Sim(channels=1000, seed=7, keys="a,b", projects="p,p", quota=100) as sim:
        os.environ["YOUTUBE_API_BASE"] = sim.url
        ...
        sim.set_faults("503:0.1")            # or sim.post("/sim/faults", "...")
        assert sim.stats()["requests"] == 3
        assert sum(e["cost"] for e in sim.log_entries() if e["billed"]) == 3

Every keyword becomes an option: channels=5 is --channels 5, no_gzip=True is --no-gzip, log_ids=True is --log-ids.
The interface (Sim, start, stop, url, stats, log_entries, ids, describe, set_*) is kept stable: other tests use it.
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACES = ("build/tests/youtube-sim/youtube-sim", "tests/youtube-sim/youtube-sim", "build/youtube-sim", "youtube-sim")


class SimMissing(Exception):
    """youtube-sim has not been built: a test that needs it should be skipped."""


def find_binary():
    """The path of youtube-sim: $YOUTUBE_SIM, or where a build puts it."""
    wanted = os.environ.get("YOUTUBE_SIM")
    if wanted:
        if os.access(wanted, os.X_OK):
            return os.path.abspath(wanted)
        raise SimMissing("YOUTUBE_SIM names no program")
    for place in PLACES:
        path = os.path.join(ROOT, place)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise SimMissing("youtube-sim is not built")


class Answer:
    """A plain HTTP answer: status, headers (case-insensitive), body as bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        """The first reason of a Google error envelope, or an empty string."""
        try:
            return self.json()["error"]["errors"][0]["reason"]
        except (ValueError, KeyError, IndexError, TypeError):
            return ""


class Sim:
    """One running youtube-sim."""

    def __init__(self, **options):
        self.options = {"channels": 1000, "seed": 1, "keys": "key-a", "port": 0}
        self.options.update(options)
        self.process = None
        self.port = None
        self.directory = None
        self.log_path = None
        self.errors_path = None

    # -- life ---------------------------------------------------------------------------------------------------
    def start(self, args=()):
        """Starts the program and waits until it listens.  args: more command line words."""
        self.directory = tempfile.mkdtemp(prefix="youtube-sim-")
        self.log_path = self.options.get("log") or os.path.join(self.directory, "requests.jsonl")
        ready = os.path.join(self.directory, "port")
        self.errors_path = os.path.join(self.directory, "stderr")
        options = dict(self.options, log=self.log_path, ready_file=ready)
        command = [find_binary()] + list(self._words(options)) + list(args)
        with open(self.errors_path, "wb") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode()
        if " listening on " not in line:
            code = self.process.wait()
            with open(self.errors_path, encoding="utf-8", errors="replace") as errors:
                raise RuntimeError("youtube-sim did not start (%d): %s" % (code, errors.read().strip()))
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self

    def stop(self, how=signal.SIGTERM, timeout=20):
        """Ends the program and gives its exit status.  The request log stays readable until close()."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return code

    def close(self):
        self.stop()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.directory = None

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def _words(options):
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                yield flag
            elif value is not None and value is not False:
                yield flag
                yield ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    # -- questions ----------------------------------------------------------------------------------------------
    @property
    def url(self):
        """The base address, without a slash at the end: what YOUTUBE_API_BASE is set to."""
        return "http://127.0.0.1:%d" % self.port

    def request(self, path, params=None, headers=None, data=None, timeout=30):
        """One HTTP request; an HTTP error is an Answer too.  params: dict or list of pairs."""
        address = self.url + path
        if params:
            address += ("&" if "?" in path else "?") + urllib.parse.urlencode(params, doseq=True)
        body = data.encode() if isinstance(data, str) else data
        wanted = urllib.request.Request(address, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(wanted, timeout=timeout) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def channels(self, ids=None, part="snippet,statistics", headers=None, **params):
        """channels.list with the first key; ids: list or text.  A parameter of None is left out."""
        asked = {"part": part, "key": str(self.options["keys"]).split(",", 1)[0], "maxResults": 50}
        if ids is not None:
            asked["id"] = ids if isinstance(ids, str) else ",".join(ids)
        asked.update(params)
        return self.request("/youtube/v3/channels", {k: v for k, v in asked.items() if v is not None}, headers)

    def post(self, path, text):
        answer = self.request(path, data=text or b"")
        if answer.status != 200:
            raise RuntimeError("%s: %d %r" % (path, answer.status, answer.body[:200]))
        return answer.json()

    def stats(self):
        return self.request("/sim/stats").json()

    def units(self, project=None, bucket="units"):
        """Units billed so far, of one project or of all, over all days."""
        table = self.stats()["units"]
        return sum(n for name, buckets in table.items() if project in (None, name)
                   for n in buckets.get(bucket, {}).values())

    def log_entries(self, timeout=3):
        """All lines of the request log, waiting for the writer (it flushes every 100 ms) while the program runs."""
        wanted = self.stats()["requests"] if self.process and self.process.poll() is None else 0
        end = time.monotonic() + timeout
        while True:
            with open(self.log_path, encoding="utf-8") as lines:
                entries = [json.loads(line) for line in lines if line.endswith("\n")]
            if len(entries) >= wanted or time.monotonic() > end:
                return entries
            time.sleep(0.02)

    def set_faults(self, spec):
        return self.post("/sim/faults", spec)

    def set_latency(self, text):
        return self.post("/sim/latency", str(text))

    def set_quota(self, project, quota, bucket="units"):
        return self.post("/sim/quota", json.dumps({"project": project, "quota": quota, "bucket": bucket}))

    def set_clock(self, epoch):
        return self.post("/sim/clock", str(epoch))

    # -- the universe -------------------------------------------------------------------------------------------
    def run(self, *words):
        return subprocess.run([find_binary(), *words], capture_output=True, check=True).stdout.decode()

    def universe(self):
        return "--channels", str(self.options["channels"]), "--seed", str(self.options["seed"])

    def ids(self, count, *more):
        """The first count channel ids; more: "--unknown", or "--first", "1000"."""
        text = self.run("ids", *self.universe(), "--count", str(count), *more)
        return text.split("\n")[1:-1]

    def describe(self, channel_id):
        """The whole item of a channel, or the word "terminated" or "unknown"."""
        text = self.run("describe", channel_id, *self.universe())
        return json.loads(text) if text.startswith("{") else text.strip()

    def edges(self, channel_id):
        """The channels that the sections of a channel feature."""
        return self.run("edges", channel_id, *self.universe()).split()

    def all_edges(self, ids):
        """What leads to other channels from these: rows (source, kind, target, can be followed); kinds are featured,
        id, handle (in an address), bare (a lone @name), video."""
        done = subprocess.run([find_binary(), "edges", "-", *self.universe()], input="\n".join(ids) + "\n",
                              capture_output=True, check=True, text=True)
        rows = [line.split(",") for line in done.stdout.split("\n")[1:-1]]
        return [(source, kind, target, can == "1") for source, kind, target, can in rows]
