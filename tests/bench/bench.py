"""Benchmarks: prints ratios of tubeops against a named peer measured in the same run.

    make bench BENCH="import 1000000 5000000 fetch 200000 sync 200000 idle 20 language 200"

Each word is a benchmark, the numbers behind it its sizes. A ratio is ours / peer's; times are wall
seconds, memory the peak resident set of the process. The machine decides the seconds; only the
ratios mean something. BENCH_RUNS=3 repeats each pair and takes medians.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path[:0] = [os.path.join(os.environ.get("TOP_SRCDIR", os.getcwd()), "tests", d) for d in ("integration", "bench")]

import cluster
import console
import rest
from common import (BUILD, ROWS, RUNS, TUBEOPS, cpu_of, environment, report, start_sim, timed, tubeops,
                    work_folder)

THREADS = "8"  # as WORKER_CONCURRENCY is by default

PARTS = "part=snippet,statistics,status,topicDetails,brandingSettings"
FIELDS = (
    "items(id,etag,snippet(title,description,customUrl,publishedAt,country,defaultLanguage,"
    "thumbnails),statistics(viewCount,subscriberCount,hiddenSubscriberCount,videoCount),"
    "status(privacyStatus,madeForKids),topicDetails/topicCategories,brandingSettings(channel("
    "keywords,country,defaultLanguage),image/bannerExternalUrl))"
)


def bench_import(rows):
    folder = work_folder()
    try:
        csv = os.path.join(folder, "channels.csv")
        with open(csv, "wb") as f:
            subprocess.run([os.path.join(BUILD, "tests/bench/import_gen"), str(rows)], stdout=f, check=True)
        ours, peer = [], []
        for _ in range(RUNS):
            shutil.rmtree(os.path.join(folder, "data"), ignore_errors=True)
            seconds, mib, text = timed(tubeops(folder, "import", csv, "--json"), env=environment())
            added = json.loads(text)["added"]
            ours.append((seconds, mib))
            db = os.path.join(folder, "peer.db")
            for name in (db, db + "-wal", db + "-shm"):
                if os.path.exists(name):
                    os.unlink(name)
            script = os.path.join(folder, "peer.sql")
            with open(script, "w") as f:
                f.write("PRAGMA journal_mode=WAL;\nPRAGMA synchronous=NORMAL;\nPRAGMA cache_size=-1048576;\n"
                        "CREATE TABLE channels (channel_id TEXT PRIMARY KEY, title TEXT);\n"
                        f".import --csv --skip 1 {csv} channels\nSELECT count(*) FROM channels;\n")
            with open(script) as f:
                # it names every duplicate on standard error
                seconds, mib, text = timed(["sqlite3", db], stdin=f, stderr=subprocess.DEVNULL)
            there = int(text.split()[-1])
            if there != added:
                sys.exit(f"bench: tubeops added {added}, sqlite3 {there}")
            peer.append((seconds, mib))
        report(f"import {rows:,} ids with titles", ours, peer, "sqlite3 .import (WAL, NORMAL, 1 GiB cache)",
               "target <= 0.25")
    finally:
        shutil.rmtree(folder)


def described_rows(count):
    """Ids with a title and 300 to 700 bytes of description, some of it beyond ASCII."""
    import random
    dice = random.Random(1)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    words = ["music", "news", "Ünïcode", "канал", "日本語", 'a "quoted" word', "https://example.org/x?y=z", "😀", "the", "daily"]
    texts = [" ".join(dice.choices(words, k=60)) + "\nsecond line" for _ in range(500)]
    for n in range(count):
        cid = "UC" + "".join(dice.choices(letters, k=21)) + dice.choice("AQgw")
        yield {"channel_id": cid, "title": "title %d" % n, "description": texts[n % 500], "subscribers": n}


def bench_json(rows):
    """The peer is the same program with the same rows as CSV; the note has the JSON's rate."""
    import csv
    folder = work_folder()
    try:
        names = {"json": os.path.join(folder, "channels.json"), "csv": os.path.join(folder, "channels.csv")}
        with open(names["json"], "w", encoding="utf-8") as a, open(names["csv"], "w", encoding="utf-8", newline="") as b:
            table = csv.writer(b)
            table.writerow(["channel_id", "title", "description"])
            for n, row in enumerate(described_rows(rows)):
                a.write(("," if n else "[") + json.dumps(row, ensure_ascii=False))
                table.writerow(list(row.values())[:3])
            a.write("]")
        mb = os.path.getsize(names["json"]) / 1e6
        for again in (False, True):  # into an empty folder, and once more when all is known: reading alone
            times = {"json": [], "csv": []}
            for kind in RUNS * ["json", "csv"]:
                data = os.path.join(folder, "data")
                if not again:
                    shutil.rmtree(data, ignore_errors=True)
                seconds, mib, text = timed(tubeops(folder, "import", names[kind], "--json"), env=environment())
                if json.loads(text)["read"] != rows:
                    sys.exit(f"bench: {text}")
                times[kind].append((seconds, mib))
            rate = mb / statistics.median(t for t, _ in times["json"])
            report(f"import {mb:.0f} MB of JSON, {'known' if again else 'new'} ids", times["json"], times["csv"],
                   "the same rows as CSV", f"{rate:.0f} MB/s, target >= 100")
    finally:
        shutil.rmtree(folder)


def bench_mysql(rows):
    """The peer is mysql --quick with the same SELECT, piped into tubeops import."""
    from servers import PASSWORD, MariaDB, find_program
    folder = work_folder()
    try:
        with MariaDB() as server:
            server.sql("CREATE TABLE channels (id BIGINT AUTO_INCREMENT PRIMARY KEY, channel_id VARCHAR(24) NOT NULL, "
                       "title VARCHAR(500), description TEXT, UNIQUE KEY (channel_id));")
            table = os.path.join(server.dir, "rows")
            with open(table, "w", encoding="utf-8") as f:
                for row in described_rows(rows):
                    f.write("\t".join(v.replace("\n", "\\n") for v in list(row.values())[:3]) + "\n")
            os.chmod(table, 0o644)
            server.sql(f"LOAD DATA INFILE '{table}' IGNORE INTO TABLE channels CHARACTER SET utf8mb4 "
                       "(channel_id, title, description);")
            there = int(server.sql("SELECT count(*) FROM channels;"))
            client = (f"{find_program('mariadb', 'mysql')} --no-defaults --quick -B -h 127.0.0.1 -P {server.port} -u tubeops "
                      "--default-character-set=utf8mb4 -D tubeops -e "
                      "'SELECT channel_id, title, description FROM channels' | "
                      + " ".join(tubeops(folder, "import", "-", "--json")))
            times = {}
            for kind, command, env in RUNS * [("ours", tubeops(folder, "import", server.url, "--json"), environment()),
                                              ("peer", ["/bin/sh", "-c", client], environment(MYSQL_PWD=PASSWORD))]:
                shutil.rmtree(os.path.join(folder, "data"), ignore_errors=True)
                seconds, mib, text = timed(command, env=env)
                if json.loads(text)["read"] != there:
                    sys.exit(f"bench: {kind} read {text}, there are {there}")
                times.setdefault(kind, []).append((seconds, mib))
        report(f"import {there:,} rows from MariaDB", times["ours"], times["peer"],
               "mysql --quick | tubeops import -", "rate ratio, target >= 0.5", better="more")
    finally:
        shutil.rmtree(folder)


def fetched(folder, channels, sim, threads):
    ids = os.path.join(folder, "ids.csv")
    with open(ids, "wb") as f:
        subprocess.run([os.environ["YOUTUBE_SIM"], "ids", "--channels", str(max(channels, 1000000)),
                        "--seed", "1", "--count", str(channels), "--titles"], stdout=f, check=True)
    env = environment(YOUTUBE_API_BASE=sim.url, YOUTUBE_API_KEY_1="key-a", API_RATE_LIMIT_DELAY=0,
                      YOUTUBE_API_KEY_1_QUOTA=100000000, WORKER_CONCURRENCY=threads)
    timed(tubeops(folder, "import", ids, "--json"), env=env)
    return ids, env


def bench_fetch(channels):
    threads = int(os.environ.get("BENCH_THREADS", THREADS))
    sim = start_sim(channels)
    ours, peer = [], []
    try:
        for _ in range(RUNS):
            folder = work_folder()
            ids, env = fetched(folder, channels, sim, threads)
            seconds, mib, text = timed(tubeops(folder, "run", "batch_metadata", "--json"), env=env)
            result = json.loads(text)
            ours.append((seconds, mib))
            prefix = f"{sim.url}/youtube/v3/channels?{PARTS}&maxResults=50&prettyPrint=false&key=key-a&fields={FIELDS}&id="
            with open(ids) as f:
                seconds, mib, text = timed([os.path.join(BUILD, "tests/bench/fetch_peer"), prefix, "",
                                            str(threads)], stdin=f)
            got = json.loads(text)
            if got["channels"] != result["done"]:
                sys.exit(f"bench: the peer read {got['channels']} channels, tubeops {result['done']}")
            peer.append((got["seconds"], mib))
            shutil.rmtree(folder)
        report(f"fetch {channels:,} channels, {threads} threads", ours, peer,
               "libcurl + jansson, nothing stored", "rate ratio, target >= 1.0", better="more")
    finally:
        sim.close()


def bench_sync(channels):
    """The peer is sync_peer.py: the same rows by psql's \\copy and the same upsert, in one transaction."""
    import sync_peer
    from servers import Postgres
    sim = start_sim(channels)
    folder = work_folder()
    try:
        _, env = fetched(folder, channels, sim, 4)
        timed(tubeops(folder, "run", "batch_metadata", "--json"), env=env)
        sim.close()
        os.environ.update({k: v for k, v in env.items() if k.startswith("YOUTUBE_API")})
        command = [TUBEOPS, "--data", "{data}", "--env", os.path.join(folder, "empty.env"), "sync", "--json"]
        ours, peer = [], []
        with Postgres() as server:
            for _ in range(RUNS):
                rows, a, b = sync_peer.one_run(server, os.path.join(folder, "data"), command,
                                               os.path.join(server.dir, "rows"), timed)
                ours.append(a)
                peer.append(b)
        report(f"sync {rows:,} rows, {channels:,} of them fetched", ours, peer,
               "psql \\copy into a temporary table and the same upsert", "rate ratio, target >= 0.7",
               better="more")
    finally:
        sim.close()
        shutil.rmtree(folder)


class Threads(threading.Thread):
    """Looks at the threads of a process until it ends: what the writer used of the processor, and what it waited for it."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.cpu, self.waited = pid, 0.0, 0.0
        self.start()

    def run(self):
        try:
            task = self._writer()
            while task:
                with open(task + "/schedstat", encoding="ascii") as text:
                    cpu, waited = text.read().split()[:2]
                self.cpu, self.waited = int(cpu) / 1e9, int(waited) / 1e9
                time.sleep(0.01)
        except OSError:
            pass  # it has ended

    def _writer(self):
        while True:
            for task in os.scandir(f"/proc/{self.pid}/task"):
                with open(task.path + "/comm", encoding="ascii") as name:
                    if name.read() == "writer\n":
                        return task.path
            time.sleep(0.002)


def insert_peer(folder, before, tables):
    """What plain prepared INSERTs of the rows that a job left take; before: the file in front of it, or ""."""
    target = os.path.join(folder, "peer.db")
    for name in (target, target + "-wal", target + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    text = subprocess.run([os.path.join(BUILD, "tests/bench/insert_peer"), os.path.join(folder, "data", "staging.db"), before,
                           target, "1000", *tables], check=True, capture_output=True).stdout
    return json.loads(text)


def bench_writer(what, channels, prepare, words, tables, adds=True):
    """A whole job, calls, languages and all, against INSERTs alone of the rows that it brought.

    The simulator has given all answers before and gives them again from memory, so that its making them is not measured; it
    shares the processors all the same. adds: the rows are new ones; else all rows of the tables were written.
    """
    threads = int(os.environ.get("BENCH_THREADS", THREADS))
    sim = start_sim(channels, remember=True)
    folder, ours, peer, notes = work_folder(), [], [], []
    try:
        _, env = fetched(folder, channels, sim, threads)
        timed(tubeops(folder, "run", "batch_metadata", "--json"), env=env)
        prepare(os.path.join(folder, "data"), lambda *more: timed(tubeops(folder, *more), env=env))
        before = os.path.join(folder, "before")
        os.rename(os.path.join(folder, "data"), before)
        for run in range(RUNS + 1):
            shutil.rmtree(os.path.join(folder, "data"), ignore_errors=True)
            shutil.copytree(before, os.path.join(folder, "data"))
            cpu, sim_cpu = os.times(), cpu_of(sim.process.pid)
            seen = []
            _, mib, text = timed(tubeops(folder, "run", *words, "--json"), env=env, watch=lambda pid: seen.append(Threads(pid)))
            cpu, sim_cpu = sum(os.times()[2:4]) - sum(cpu[2:4]), cpu_of(sim.process.pid) - sim_cpu
            if not run:
                continue  # now the simulator knows its answers
            result, writer = json.loads(text), seen[0]
            rows = insert_peer(folder, os.path.join(before, "staging.db") if adds else "", tables)
            ours.append((result["seconds"], mib))
            peer.append((rows["seconds"], 0))
            notes.append((rows["rows"], rows["rows"] / result["seconds"], cpu, sim_cpu, writer.cpu, writer.waited, rows["cpu"]))
        n, rate, cpu, sim_cpu, writer, waited, peer_cpu = (statistics.median(v) for v in zip(*notes))
        report(f"{what} of {channels:,} channels, {threads} threads", ours, peer, "prepared INSERTs of the same rows, 1,000 a transaction",
               f"rate ratio, target >= 0.5; {n:,.0f} rows, {rate:,.0f}/s; CPU {cpu:.2f} s, of it the writer {writer:.2f} s (waited "
               f"{waited:.2f} s for a processor), INSERTs {peer_cpu:.2f} s, simulator {sim_cpu:.2f} s; writer to INSERTs "
               f"{peer_cpu / max(writer, 0.001):.2f}", better="more")
    finally:
        sim.close()
        shutil.rmtree(folder)


def bench_videos(channels):
    bench_writer("videos", channels, lambda data, run: None, ["batch_videos"], ["video", "upload_list"])


def bench_discovery(channels):
    """A quarter of the channels is searched; videos are there to be read for mentions."""
    bench_writer("discovery", channels, lambda data, run: run("run", "batch_videos", "--videos-per-channel", "10", "--json"),
                 ["batch_discovery", "--limit", str(max(channels // 4, 1))],
                 ["channel", "channel_meta", "edge", "found:source", "term", "term_channel:cid", "handle", "mentioned_video",
                  "target_note"])


def bench_refresh(channels):
    def age(data, run):
        import sqlite3
        with sqlite3.connect(os.path.join(data, "staging.db")) as db:
            # a month later all have more views, most another number of subscribers, and some a new video
            db.execute("UPDATE channel_meta SET fetched_at = fetched_at - 40 * 86400, view_count = view_count * 97 / 100,"
                       " subscriber_count = CASE WHEN id % 4 THEN subscriber_count * 99 / 100 ELSE subscriber_count END,"
                       " video_count = video_count - (id % 3 = 0 AND video_count > 5)")
        db.close()
    bench_writer("refresh", channels, age, ["refresh", "--units-per-day", "1000000"], ["channel_meta"], adds=False)


def bench_memory(channels):
    """Peak memory of run batch_metadata; no peer: the target is absolute."""
    sim = start_sim(channels)
    folder = work_folder()
    try:
        _, env = fetched(folder, channels, sim, 8)
        seconds, mib, _ = timed(tubeops(folder, "run", "batch_metadata", "--json"), env=env)
        ROWS.append((f"memory over {channels:,} channels", f"{seconds:.2f}", "-", "-", f"{mib:.0f}", "-",
                     "-", "target < 150 MiB"))
        print(" | ".join(ROWS[-1]), flush=True)
    finally:
        sim.close()
        shutil.rmtree(folder)


def bench_idle(seconds):
    """Processor share of a console at rest, in a pseudo-terminal."""
    import fcntl
    import pty
    import struct
    import termios
    folder = work_folder()
    try:
        env = environment(TERM="xterm-256color", LC_ALL="C.UTF-8", YOUTUBE_API_KEY_1="key-a")
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(TUBEOPS, tubeops(folder), env)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        end = time.monotonic() + 3
        while time.monotonic() < end:
            os.read(fd, 65536)
        before = cpu_of(pid)
        end, written = time.monotonic() + seconds, 0
        os.set_blocking(fd, False)
        while time.monotonic() < end:
            time.sleep(0.1)
            try:
                written += len(os.read(fd, 65536))
            except BlockingIOError:
                pass
        used = cpu_of(pid) - before
        os.kill(pid, 15)
        os.waitpid(pid, 0)
        ROWS.append((f"console at rest, {seconds} s", f"{used:.3f}", f"{seconds}", f"{used / seconds:.4f}", "-",
                     "-", "one core", f"target < 0.01; {written / seconds:.0f} bytes/s written"))
        print(" | ".join(ROWS[-1]), flush=True)
    finally:
        shutil.rmtree(folder)


def bench_language(snippets):
    import language
    language.report("held-out", snippets)


BENCHES = {"import": (bench_import, [1000000]), "json": (bench_json, [400000]), "mysql": (bench_mysql, [400000]),
           "fetch": (bench_fetch, [50000]), "sync": (bench_sync, [50000]), "memory": (bench_memory, [100000]),
           "idle": (bench_idle, [20]), "videos": (bench_videos, [10000, 30000]),
           "discovery": (bench_discovery, [10000, 30000]), "refresh": (bench_refresh, [50000]), "language": (bench_language, [200]),
           "health": (rest.bench_health, [5]),
           "pages": (rest.bench_pages, [1000000]), "streams": (rest.bench_streams, [500]),
           "flood": (rest.bench_flood, [1000]), "cluster": (cluster.bench_cluster, [40000]),
           "keys": (console.bench_keys, [1000000]), "screen": (console.bench_screen, [20]),
           "channels": (console.bench_channels, [1000000]), "jobs": (console.bench_jobs, [10000])}


def main(words):
    plan, now = {}, None
    for word in words:
        if word in BENCHES:
            now = plan.setdefault(word, [])
        elif word.isdigit() and now is not None:
            now.append(int(word))
        else:
            sys.exit(f"bench: {word}: known are {', '.join(BENCHES)}, each followed by sizes")
    print("what | ours s | peer s | ratio | ours MiB | peer MiB | peer | note", flush=True)
    for name, sizes in (plan or {name: [] for name in BENCHES}).items():
        run, default = BENCHES[name]
        for size in sizes or default:
            run(size)
    if not ROWS:
        return
    widths = [max(len(r[i]) for r in ROWS) for i in range(8)]
    print("\n" + "\n".join("  ".join(c.ljust(w) for c, w in zip(r, widths)) for r in ROWS))


main(sys.argv[1:])
