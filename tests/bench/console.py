"""Benchmarks of the console: keys while the engine works hard, what it writes and uses, lists of many rows; see bench.py."""

import codecs
import fcntl
import http.client
import json
import os
import pty
import select
import shutil
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

from common import BUILD, TUBEOPS, environment, feed, report_rate, start_sim, timed, tubeops, work_folder
from rest import serving

QUIET = 0.002     # a frame has ended when nothing came for so long
UNANSWERED = 2.0  # a key whose frame does not come
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Screen:
    """A program on a pseudo-terminal that nothing interprets."""

    def __init__(self, words, columns=80, lines=24, env=None):
        env = {**(env or environment()), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(words[0], words, env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.taken, self.tail = 0, b""

    def take(self, seconds):
        """Reads for so long, or until something has come; how much."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return 0
        data = os.read(self.fd, 1 << 16)
        self.taken += len(data)
        self.tail = (self.tail + data)[-65536:]
        return len(data)

    def pass_time(self, seconds):
        """Reads all that comes in this time; how much."""
        before, end = self.taken, time.monotonic() + seconds
        while time.monotonic() < end:
            self.take(end - time.monotonic())
        return self.taken - before

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def wait_for(self, text, timeout=120):
        end = time.monotonic() + timeout
        while text.encode() not in self.tail:
            if time.monotonic() > end:
                sys.exit(f"bench: the console does not show {text!r}")
            self.take(0.1)

    def time_key(self, key):
        """Seconds from a key to the last byte of what it changed, and how many of them the console and this program were
        ready and waited for a processor; None: nothing came."""
        start, waits = time.monotonic(), waited(self.pid)
        self.press(key)
        if not self.take(UNANSWERED):
            return None
        last, waits_now = time.monotonic(), waited(self.pid)
        while self.take(QUIET):
            last, waits_now = time.monotonic(), waited(self.pid)
        return last - start, waits_now - waits

    def cpu(self):
        """Seconds of a processor that the console's own thread has used: it is the first one."""
        with open(f"/proc/{self.pid}/task/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        while True:
            try:
                if not os.read(self.fd, 1 << 16):
                    break
            except OSError:
                break
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def waited(pid):
    """Seconds that the first thread of a process and this one stood in line for a processor."""
    total = 0
    for path in (f"/proc/{pid}/task/{pid}/schedstat", "/proc/self/schedstat"):
        with open(path) as f:
            total += int(f.read().split()[1])
    return total / 1e9


def resident(pid):
    """Memory of a process that is its own, in MiB: mapped files belong to all."""
    with open(f"/proc/{pid}/status") as f:
        return int(next(line for line in f if line.startswith("RssAnon")).split()[1]) / 1024


def generate(path, rows, seed=1):
    with open(path, "wb") as f:
        subprocess.run([os.path.join(BUILD, "tests/bench/import_gen"), str(rows), str(seed)], stdout=f, check=True)


class Imports:
    """Imports of so many new ids, one after the other, in the console's own process."""

    def __init__(self, folder, rows):
        self.folder, self.rows, self.stop, self.read = folder, rows, threading.Event(), 0
        self.csv = os.path.join(folder, "more.csv")
        generate(self.csv, rows, 1)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        seed = 1
        while not self.stop.is_set():
            done = subprocess.run(tubeops(self.folder, "import", self.csv, "--json"), env=environment(), capture_output=True)
            if done.returncode:
                break
            self.read += self.rows
            seed += 1
            if not self.stop.is_set():
                generate(self.csv, self.rows, seed)

    def end(self):
        self.stop.set()
        self.thread.join()


class Load:
    """A console in whose process metadata of a simulator's channels is fetched as fast as it goes, and imports run."""

    def __init__(self, rows, columns=80, lines=24, channels=500000):
        self.folder = work_folder()
        self.sim = start_sim(channels, remember=True)
        self.env = environment(YOUTUBE_API_BASE=self.sim.url, YOUTUBE_API_KEY_1="key-a", API_RATE_LIMIT_DELAY="0",
                               YOUTUBE_API_KEY_1_QUOTA="1000000000")
        timed(tubeops(self.folder, "import", "-", "--json"), env=self.env,
              stdin=feed("".join(i + "\n" for i in self.sim.ids(channels))))
        words = [w for w in tubeops(self.folder, "console", "--listen", "127.0.0.1:0", "--start", "batch_metadata")
                 if w != "--no-rest"]
        self.screen = Screen(words, columns, lines, self.env)
        self.screen.wait_for("help")
        self.imports = Imports(self.folder, rows)
        self.began, self.calls = time.monotonic(), self.sim.stats()["requests"]
        self.screen.pass_time(2)

    def rates(self):
        took = time.monotonic() - self.began
        return (f"{self.imports.read / took / 1e3:.0f}k ids/s imported in whole imports, "
                f"{(self.sim.stats()['requests'] - self.calls) / took:.0f} calls/s")

    def end(self, keep=False):
        """keep: the folder is the caller's."""
        self.imports.stop.set()
        self.screen.end()
        self.imports.end()
        self.sim.close()
        if not keep:
            shutil.rmtree(self.folder)


def press_keys(screen, keys):
    """How long each of so many keys takes; how many changed nothing."""
    screen.press("5")
    screen.pass_time(2)  # until rows are there: from now on each of these keys changes what is seen
    script, times, lost = [k for view in "123467" for k in view + "5jjjjkkk"], [], 0
    for i in range(keys):
        took = screen.time_key(script[i % len(script)])
        if took is None:
            lost += 1
        else:
            times.append(took)
        screen.pass_time(0.01 + 0.03 * ((i * 7919) % 101) / 101)
    return sorted(took for took, _ in times), sorted(took - wait for took, wait in times), lost


def at(times, part):
    return times[min(int(len(times) * part), len(times) - 1)]


def ms_at(times, part):
    return f"{at(times, part) * 1e3:.1f} ms"


def bench_keys(rows):
    """Key to painted frame while an import of so many ids and a fetch at full rate run in the same process, and without."""
    load = Load(rows)
    try:
        times, own, lost = press_keys(load.screen, 1500)
        rates = load.rates()
    finally:
        load.end(keep=True)
    try:
        screen = Screen(tubeops(load.folder, "console", "--read-only"), env=environment())
        screen.wait_for("help")
        alone, alone_own, _ = press_keys(screen, 500)
        screen.end()
    finally:
        shutil.rmtree(load.folder)
    report_rate(f"key to painted frame, import of {rows:,} and a fetch beside it", ms_at(times, 0.99), "16 ms",
                at(times, 0.99) / 0.016, "the figure asked for",
                f"99th percentile of {len(times)} keys; median {ms_at(times, 0.5)}, most {ms_at(times, 1)}; {lost} without a "
                f"change; without waiting for a processor {ms_at(own, 0.99)}; with nothing at work {ms_at(alone, 0.99)}, without "
                f"waiting {ms_at(alone_own, 0.99)}; {rates}")


def idle_console(seconds, stopped):
    """Bytes a second and share of a processor of a console at rest; stopped: its clock stands still."""
    folder = work_folder()
    env = environment(YOUTUBE_API_KEY_1="key-a")
    if stopped:
        import clock
        os.environ.setdefault("TUBEOPS", TUBEOPS)
        library = clock.faketime()
        if not library:
            return None
        env.update({**clock.ahead(library, 0), "FAKETIME": "2027-01-05 20:00:00"})
    try:
        screen = Screen(tubeops(folder), env=env)
        screen.wait_for("help")
        screen.pass_time(3)
        used = screen.cpu()
        written = screen.pass_time(seconds)
        used = screen.cpu() - used
        screen.end()
        return written / seconds, used / seconds
    finally:
        shutil.rmtree(folder)


def bench_screen(seconds):
    still = idle_console(seconds, True)
    if still:
        report_rate(f"bytes at rest, clock stopped, {seconds} s", f"{still[0]:.0f}/s", "0/s", still[0], "nothing", "target 0")
    written, used = idle_console(seconds, False)
    report_rate("bytes at rest, 80x24, once a second", f"{written:.0f}/s", "200/s", written / 200, "the figure asked for",
                "target <= 1")
    report_rate("console's thread at rest, 80x24", f"{used:.4f}", "1", used, "one core", "target < 0.01")
    load = Load(1000000, 160, 50)
    try:
        load.screen.press(":set refresh 250ms\r")
        load.screen.pass_time(3)
        used = load.screen.cpu()
        written = load.screen.pass_time(seconds) / seconds
        used = (load.screen.cpu() - used) / seconds
        rates = load.rates()
    finally:
        load.end()
    report_rate("bytes at full load, 160x50, 4 Hz", f"{written:.0f}/s", "20000/s", written / 20000, "the figure asked for",
                "target < 1; " + rates)
    report_rate("console's thread at full load, 160x50, 4 Hz", f"{used:.4f}", "1", used, "one core", "target < 0.03")


WORDS = "music news daily channel cooking travel gaming the my real official tv kids art sport".split()


def give_metadata(data):
    """Rows as metadata jobs leave them for one channel in five: fetching millions would measure the simulator."""
    db = sqlite3.connect(os.path.join(data, "staging.db"))
    db.create_function("word", 1, lambda key: WORDS[key[5] % len(WORDS)] + codecs.encode(key[6:11], "hex").decode())
    db.execute("PRAGMA cache_size = -1000000")
    part = "substr(cid, 16, 1) < x'33'"
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'channel_meta' AND sql > ''")
    indexes = indexes.fetchall()
    with db:
        for name, _ in indexes:
            db.execute("DROP INDEX " + name)
        db.execute("INSERT INTO channel_meta (cid, title, custom_url, country, language, published_at, subscriber_count,"
                   " video_count, view_count, fetched_at) SELECT cid, title, '@' || word(cid), substr('USDEJPBRIN',"
                   " 1 + 2 * (abs(random()) % 5), 2), 'en', 1400000000, abs(random()) % (1 << (abs(random()) % 24)),"
                   f" abs(random()) % 5000, abs(random()) % 1000000000, 1790000000 FROM channel WHERE {part}")
        for _, sql in indexes:
            db.execute(sql)
        n = db.execute("SELECT count(*) FROM channel_meta").fetchone()[0]
        db.execute(f"UPDATE channel SET metadata = 1 WHERE {part}")
        for name, by in (("metadata.pending", -n), ("metadata.done", n)):
            assert db.execute("INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + ?",
                              (name, by, by)).rowcount == 1
        db.execute("INSERT INTO sums VALUES (1, 1790000000 / 86400, ?)", (n,))
        db.execute("INSERT INTO sums SELECT 0, coalesce(length(subscriber_count), 0), count(*) FROM channel_meta GROUP BY 2")
    db.close()
    return n


# as the console's view asks: 200 rows, those fields
PAGE = ("/api/channels?limit=200&fields=channel_id,country,custom_url,discovery,fetched_at,language,metadata,published_at,"
        "source,subscriber_count,title,video_count,videos,view_count")
TIMES = 9


class Asker:
    """Asks a server over one connection that stays."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(url.split("://")[1])

    def get(self, path):
        """(seconds, answer)"""
        start = time.monotonic()
        self.connection.request("GET", path)
        reply = self.connection.getresponse()
        text = reply.read()
        took = time.monotonic() - start
        if reply.status != 200:
            sys.exit(f"bench: {path}: {reply.status} {text[:200]}")
        return took, json.loads(text)


def page_questions(ask):
    """What an operator does in the list, as paths; places are those of the answers before."""
    first = ask.get(PAGE)[1]
    some = ask.get(PAGE + "&sort=subs")[1]
    ids = [r["channel_id"] for r in first["channels"]] + [r["channel_id"] for r in some["channels"]]
    handles = [r["custom_url"] for r in some["channels"] if r["custom_url"]]
    q = "&q="
    return {
        "first page": [PAGE] * TIMES,
        "next page": [PAGE + "&after=" + p for p in places(ask, PAGE, TIMES)],
        "last page": [PAGE + "&before=end"] * TIMES,
        "before the last": [PAGE + "&before=" + p for p in places(ask, PAGE + "&before=end", TIMES, "previous")],
        "ids that begin so": [PAGE + q + "id%3D" + i[:n] + "*" for i in ids[-3:] for n in (3, 4, 6)],
        "handles that begin so": [PAGE + q + "%40" + h[1:n] for h in handles[:3] for n in (4, 7, 9)],
        "many subscribers first": [PAGE + "&sort=subs"] * TIMES,
        "fewest subscribers last": [PAGE + "&sort=subs&before=end"] * TIMES,
        "how many handles begin so": [f"/api/channels?limit=0&count=1&q=%40{h[1:n]}" for h in handles[:3] for n in (4, 7, 9)],
    }


def places(ask, path, n, way="next"):
    found, answer = [], ask.get(path)[1]
    for _ in range(n):
        found.append(answer[way])
        answer = ask.get(PAGE + ("&after=" if way == "next" else "&before=") + answer[way])[1]
    return found


def bench_channels(rows):
    """The list of so many channels, asked at the resource (HTTP, one connection); memory of the console that shows it."""
    folder = work_folder()
    try:
        csv = os.path.join(folder, "channels.csv")
        generate(csv, rows)
        timed(tubeops(folder, "import", csv, "--json"), env=environment())
        os.unlink(csv)
        fetched = give_metadata(os.path.join(folder, "data"))
        process, url = serving(folder)
        ask = Asker(url)
        try:
            for what, paths in page_questions(ask).items():
                first = max(ask.get(path)[0] for path in paths)
                took = sorted(min(ask.get(path)[0] for _ in range(3)) for path in paths)
                count = what.startswith("how many")
                report_rate(f"{rows:,} channels, {fetched:,} with data: {what}", f"{took[-1] * 1e3:.1f} ms",
                            "300 ms" if count else "50 ms", took[-1] / (0.35 if count else 0.05), "the figure asked for",
                            f"the slowest of {len(took)}, each the best of 3; median {statistics.median(took) * 1e3:.1f} ms, "
                            f"slowest when asked first {first * 1e3:.1f} ms; target < 1")
            alone = resident(process.pid)
        finally:
            process.terminate()
            process.wait()
        shown = walk_console(folder, rows)
        report_rate(f"{rows:,} channels: memory of the console", f"{shown - alone:.0f} MiB", "32 MiB",
                    max(shown - alone, 0) / 32, "the figure asked for",
                    f"beyond {alone:.0f} MiB of serve, which was asked the same; target < 1")
    finally:
        shutil.rmtree(folder)


def walk_console(folder, rows):
    """Memory of a console that went through the list as page_questions does."""
    screen = Screen([w for w in tubeops(folder, "console", "--listen", "127.0.0.1:0") if w != "--no-rest"], 160, 50)
    screen.wait_for("help")
    for keys in ("5", *["\x06"] * 60, "G", *["\x02"] * 60, "/@mu\r", "\\", "/id=UCa*\r", "\\", ">>", "G", "g", "1", "2", "3", "4",
                 "6", "7", "5"):
        screen.press(keys)
        screen.pass_time(0.15)
    used = resident(screen.pid)
    screen.end()
    return used


def add_jobs(data, rows):
    """Jobs as an operator of some months has them: nearly all have ended, one in a hundred failed."""
    db = sqlite3.connect(os.path.join(data, "staging.db"))
    with db:
        db.execute("INSERT INTO job (uuid, type, status, reason, params, total, processed, done, units, created_ms, started_ms,"
                   " completed_ms, worked_ms) WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?) SELECT"
                   " randomblob(16), iif(v % 3, 'batch_metadata', 'batch_videos'), iif(v % 100, 'completed', 'failed'),"
                   " iif(v % 100, '', 'ids not valid'), '{\"limit\":50,\"batch_size\":50}', 50, 50, 50, v % 77,"
                   " 1600000000000 + v, 1600000000001 + v, 1600000001000 + v, 900 FROM n", (rows,))
    db.close()


def time_frame(screen, keys, quiet=0.25):
    """Seconds from keys to the last byte of what they changed, when nothing came for so long after it."""
    screen.take(0)
    start = last = time.monotonic()
    screen.press(keys)
    while screen.take(UNANSWERED if last == start else quiet):
        last = time.monotonic()
    return last - start


def bench_jobs(rows):
    """The list of so many jobs: asked at the resource, and from keys to what is seen; memory of the console."""
    folder = work_folder()
    page = "/api/jobs?sort=state:asc&limit=200"
    paths = {"first page": page, "the end": page + "&before=end", "filter by state": page + "&q=state%3Dfailed",
             "by units": "/api/jobs?sort=units:desc&limit=200", "around one": page + "&around=J-%d" % (1000 + rows // 2)}
    keys = {"first page": ("G", "g"), "the end": ("g", "G"), "filter by state": ("\\", "/state=failed\r")}
    try:
        subprocess.run(tubeops(folder, "import", "-", "--json"), env=environment(), input=b"UCX6OQ3DkcsbYNE6H8uQQuVA\n", check=True,
                       stdout=subprocess.DEVNULL)
        add_jobs(os.path.join(folder, "data"), rows)
        process, url = serving(folder)
        ask = Asker(url)
        try:
            for what, path in paths.items():
                took = sorted(ask.get(path)[0] for _ in range(15))
                report_rate(f"{rows:,} jobs: {what}, asked", ms_at(took, 0.5), "50 ms", at(took, 0.5) / 0.05,
                            "the figure asked for", f"median of {len(took)}, least {ms_at(took, 0)}, most {ms_at(took, 1)}; target < 1")
            alone = resident(process.pid)
        finally:
            process.terminate()
            process.wait()
        screen = Screen(tubeops(folder, "console", "--read-only"), 160, 50)
        screen.wait_for("help")
        screen.press("2")
        screen.pass_time(2)
        for what, (before, key) in keys.items():
            took = []
            for _ in range(15):
                screen.press(before)
                screen.pass_time(0.7)
                took.append(time_frame(screen, key))
            took.sort()
            report_rate(f"{rows:,} jobs: {what}, key to frame", ms_at(took, 0.5), "50 ms", at(took, 0.5) / 0.05,
                        "the figure asked for", f"median of {len(took)}, least {ms_at(took, 0)}; the clock's own frames are "
                        "among them; target < 1")
        screen.pass_time(1)
        shown = resident(screen.pid)
        screen.end()
        report_rate(f"{rows:,} jobs: memory of the console", f"{shown - alone:.0f} MiB", "32 MiB", max(shown - alone, 0) / 32,
                    "the figure asked for", f"beyond {alone:.0f} MiB of serve, which was asked the same; target < 1")
    finally:
        shutil.rmtree(folder)
