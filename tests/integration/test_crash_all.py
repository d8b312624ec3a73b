"""kill -9 and SIGTERM at random moments of every kind of job: the same check every time.

CRASH_ROUNDS: kills in all (default 40; 12 when SANITIZERS is set; 500 was run before a release).  CRASH_SEED repeats a
run: the seed is printed.
"""
import os
import signal
import time

from account import check_account
from test_crash import dice, killed  # noqa: F401  (dice is a fixture)
from tubeops import PATIENCE

SANITIZERS = bool(os.environ.get("SANITIZERS"))
ROUNDS = int(os.environ.get("CRASH_ROUNDS") or (12 if SANITIZERS else 40))
SLOWNESS = 8 if SANITIZERS else 1
JOBS = [["batch_metadata"], ["batch_videos", "--videos-per-channel", "20"], ["batch_discovery", "--depth", "2"],
        ["resolve_names"], ["video_counts"], ["refresh", "--days", "1"]]


def world(make_tubeops, make_sim, dice):
    """Channels, a third of them with metadata, some names, and everything older than a day."""
    sim = make_sim(channels=50000, latency="5-40", seed=dice.randrange(1 << 31))
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=4, YOUTUBE_API_KEY_1_QUOTA=10000000)
    ids = sim.ids(3000)
    handles = [d["snippet"]["customUrl"] for d in map(sim.describe, ids[2000:2060])
               if isinstance(d, dict) and d["snippet"].get("customUrl")]
    with open(os.path.join(tubeops.directory, "list.csv"), "w", encoding="utf-8") as file:
        file.write("\n".join(["channel_id"] + ids[:2000] + handles) + "\n")
    tubeops.run("import", "list.csv", check=0)
    sim.set_latency("0")
    tubeops.run("run", "batch_metadata", "--limit", "1000", check=0)
    tubeops.run("run", "batch_videos", "--limit", "300", "--videos-per-channel", "5", check=0)
    sim.set_latency("5-40")
    return tubeops, sim


def age(tubeops, days):
    """As if everything had been fetched so many days ago."""
    tubeops.sql_write("UPDATE channel_meta SET fetched_at = fetched_at - ?", days * 86400)
    tubeops.sql_write("UPDATE video SET fetched_at = fetched_at - ?1, counted_at = counted_at - ?1", days * 86400)


def check(tubeops, sim):
    """Nothing is lost, nothing counts twice, whatever happened."""
    check_account(tubeops, sim)
    one = tubeops.value
    assert one("SELECT count(*) FROM video") == one("SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'videos'")
    assert one("SELECT count(*) FROM (SELECT vid FROM video GROUP BY vid HAVING count(*) > 1)") == 0
    for op, column in enumerate(("metadata", "videos", "discovery")):
        for state, word in enumerate(("pending", "done", "absent", "missing", "failed")):
            assert one("SELECT count(*) FROM channel WHERE %s = %d" % (column, state)) == one(
                "SELECT coalesce(sum(value), 0) FROM counter WHERE name = '%s.%s'" % (column, word)), (column, word)
    # what hangs on a channel hangs on one that is there
    for table, key in (("video", "channel"), ("edge", "source"), ("edge", "target"), ("channel_meta", "cid"),
                       ("found", "cid"), ("upload_list", "cid")):
        assert one("SELECT count(*) FROM %s t WHERE NOT EXISTS (SELECT 1 FROM channel c WHERE c.cid = t.%s)" % (table, key)) == 0


def test_every_kind_of_job_is_killed(make_tubeops, make_sim, dice):
    tubeops, sim = world(make_tubeops, make_sim, dice)
    hits = {job[0]: 0 for job in JOBS}
    for number in range(ROUNDS):
        job = JOBS[number % len(JOBS)]
        if number % (4 * len(JOBS)) == 0:
            age(tubeops, 3)
        hits[job[0]] += killed(tubeops.start("run", *job), dice.uniform(0.02, 0.6) * SLOWNESS)
        check(tubeops, sim)
    print("killed: %s" % hits)
    assert sum(hits.values()) >= ROUNDS // 6
    sim.set_latency("0")
    for job in JOBS:
        done = tubeops.run("run", *job, "--json", check=0, timeout=5 * PATIENCE).json()
        assert done["status"] == "completed" and done["failed"] == 0, done
    # discovery brought channels after the videos were read
    tubeops.run("run", *JOBS[1], check=0, timeout=5 * PATIENCE)
    assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1 AND videos = 0") == 0
    check(tubeops, sim)


def wait_until_it_listens_to(number, process):
    """A program that is still being loaded dies of any signal, and has nothing to repair."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None:
        with open("/proc/%d/status" % process.pid, encoding="ascii") as text:
            blocked = next(line for line in text if line.startswith("SigBlk:"))
        if int(blocked.split()[1], 16) >> (number - 1) & 1:
            return
        assert time.monotonic() < end, "it never blocked the signal"
        time.sleep(0.005)


def test_every_kind_of_job_is_asked_to_stop(make_tubeops, make_sim, dice):
    """SIGTERM needs no repair: no job is left as if it were at work, nothing is left in the write-ahead log."""
    tubeops, sim = world(make_tubeops, make_sim, dice)
    age(tubeops, 3)
    for number in range(max(ROUNDS // 3, len(JOBS))):
        process = tubeops.start("run", *JOBS[number % len(JOBS)])
        wait_until_it_listens_to(signal.SIGTERM, process)
        time.sleep(dice.uniform(0, 0.35) * SLOWNESS)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 1, 3), process.returncode
        wal = os.path.join(tubeops.data, "staging.db-wal")
        assert not os.path.exists(wal) or os.path.getsize(wal) == 0
        assert tubeops.value("SELECT count(*) FROM job WHERE status = 'running'") == 0
        check(tubeops, sim)
    sim.set_latency("0")
    for job in JOBS:
        assert tubeops.run("run", *job, "--json", check=0, timeout=5 * PATIENCE).json()["status"] == "completed"
    check(tubeops, sim)
