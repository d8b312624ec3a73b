"""kill -9 at random moments of imports and of metadata jobs, again and again: nothing is lost, nothing counted twice.

CRASH_ROUNDS: how often (default 100; 20 when SANITIZERS is set).  CRASH_SEED repeats a run: the seed is printed.
"""
import base64
import os
import random
import time

import pytest

from account import check_account, check_result, stored_rows
from tubeops import PATIENCE

ROUNDS = int(os.environ.get("CRASH_ROUNDS") or (20 if os.environ.get("SANITIZERS") else 100))
SLOWNESS = 12 if os.environ.get("SANITIZERS") else 1
IDS_PER_FILE = 60000 if not os.environ.get("SANITIZERS") else 20000


@pytest.fixture
def dice():
    seed = int(os.environ.get("CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
    print("CRASH_SEED=%d CRASH_ROUNDS=%d" % (seed, ROUNDS))
    return random.Random(seed)


def random_ids(dice, count):
    data = dice.randbytes(16 * count)
    return ["UC" + base64.urlsafe_b64encode(data[i:i + 16])[:22].decode() for i in range(0, len(data), 16)]


def write_file(tubeops, name, ids):
    with open(os.path.join(tubeops.directory, name), "w", encoding="ascii") as file:
        file.write("channel_id\n" + "\n".join(ids) + "\n")


def killed(process, after):
    """Ends it the hard way after so many seconds; False when it was quicker."""
    end = time.monotonic() + after
    while process.poll() is None and time.monotonic() < end:
        time.sleep(min(0.005, max(0, end - time.monotonic())))
    hit = process.poll() is None
    process.kill()
    process.communicate()
    return hit


def channels(tubeops):
    if not os.path.exists(os.path.join(tubeops.data, "staging.db")):
        return 0
    if tubeops.value("SELECT count(*) FROM sqlite_schema WHERE name = 'channel'") == 0:
        return 0  # killed before there were tables
    return tubeops.value("SELECT count(*) FROM channel")


def test_imports_that_are_killed(make_tubeops, dice):
    rounds, hits, fresh = max(ROUNDS // 2, 1), 0, 0
    tubeops, known, last = make_tubeops(folder="probe"), set(), []
    write_file(tubeops, "ids.csv", random_ids(dice, IDS_PER_FILE))
    began = time.monotonic()
    tubeops.json("import", "ids.csv")
    length = time.monotonic() - began  # of an import that nobody disturbs, on this machine and build
    tubeops = None
    for number in range(rounds):
        if number % 10 == 0:  # the making of a data folder is a moment too
            if tubeops:
                assert check_account(tubeops, channels=len(known))["pending"] == len(known)
            tubeops, known, last, fresh = make_tubeops(folder="import%d" % number), set(), [], fresh + 1
        ids = random_ids(dice, IDS_PER_FILE) + last[:1000]
        name = "ids%d.csv" % number
        write_file(tubeops, name, ids)
        hits += killed(tubeops.start("import", name), dice.uniform(0, length))
        stored, before, last = channels(tubeops), len(known), ids
        known.update(ids)
        assert before <= stored <= len(known)
        result = check_result(tubeops.json("import", name))
        assert result["read"] == len(ids) == result["added"] + result["known"] + result["duplicates"]
        assert result["added"] == len(known) - stored and result["invalid"] == 0
        assert channels(tubeops) == len(known)
        assert tubeops.value("SELECT count(*) FROM job WHERE status <> 'completed'") == 0
        os.unlink(os.path.join(tubeops.directory, name))
    check_account(tubeops, channels=len(known))
    everything = {r[0] for r in tubeops.sql("SELECT channel_id FROM channel_id")}
    assert everything == known
    print("imports killed: %d of %d, in %d folders" % (hits, rounds, fresh))
    assert hits >= rounds // 4


def test_metadata_jobs_that_are_killed(make_tubeops, make_sim, dice):
    rounds, hits = max(ROUNDS - ROUNDS // 2, 1), 0
    sim = make_sim(channels=400000, latency="20-120", seed=dice.randrange(1 << 31))
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=4, YOUTUBE_API_KEY_1_QUOTA=1000000)
    ids = sim.ids(1000 * rounds * SLOWNESS)
    tubeops.import_ids(ids)
    numbers, processed = set(), 0
    for number in range(rounds):
        hits += killed(tubeops.start("run", "batch_metadata"), dice.uniform(0.02, 0.5) * SLOWNESS)
        assert sim.units() <= tubeops.units_booked()
        jobs = tubeops.sql("SELECT no, done + missing + absent + failed AS processed, processed AS said, units FROM job"
                           " WHERE type = 'batch_metadata'")
        numbers |= {j["no"] for j in jobs}
        states = dict(tuple(r) for r in tubeops.sql("SELECT metadata, count(*) FROM channel GROUP BY metadata"))
        # what jobs say they did is what is there, to the last channel, at every single crash
        assert sum(states.values()) == len(ids)
        assert sum(j["processed"] for j in jobs) == sum(j["said"] for j in jobs) == len(ids) - states.get(0, 0)
        assert len(ids) - states.get(0, 0) >= processed
        processed = len(ids) - states.get(0, 0)
        assert sum(j["units"] for j in jobs) <= sim.units()
        if number % 10 == 0:
            check_account(tubeops, sim, len(ids))
    sim.set_latency("0")
    last = check_result(tubeops.run("run", "batch_metadata", "--json", check=0, timeout=5 * PATIENCE).json())
    assert last["status"] == "completed"
    found = check_account(tubeops, sim, len(ids))
    assert found["pending"] == found["failed"] == found["missing"] == 0
    assert {j["no"] for j in tubeops.sql("SELECT no FROM job WHERE type = 'batch_metadata'")} >= numbers
    jobs = tubeops.sql("SELECT sum(done) AS done, sum(absent) AS absent, count(*) AS n FROM job"
                       " WHERE type = 'batch_metadata'")[0]
    assert (jobs["done"], jobs["absent"]) == (found["done"], found["absent"])
    rows = stored_rows(tubeops)
    assert len(rows) == found["done"] and set(rows) <= set(ids)
    for channel_id in dice.sample(ids, 20):
        told = sim.describe(channel_id)
        assert isinstance(told, dict) == (channel_id in rows)
        if isinstance(told, dict):
            assert rows[channel_id]["title"] == told["snippet"]["title"].replace("\r\n", "\n")
    print("metadata jobs killed: %d of %d, %d of %d channels by then; jobs: %d; units: %d, booked %d" % (
        hits, rounds, processed, len(ids), jobs["n"], sim.units(), tubeops.units_booked()))
    assert hits >= rounds // 4
