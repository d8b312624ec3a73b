"""Storms of bad answers over every kind of job, torn and hostile replies: the same check as after a crash."""
import os

import pytest
from account import check_result, stored_rows
from test_crash_all import age, check
from test_faults import KEYS, STORM
from tubeops import PATIENCE

JOBS = [["resolve_names"], ["batch_metadata"], ["batch_videos", "--videos-per-channel", "10"], ["batch_discovery", "--limit", "60"],
        ["video_counts"], ["refresh", "--days", "1"]]

# The storm that metadata jobs go through, counted from the moment when it is set.  These jobs make hundreds of calls, so a
# smaller part of them goes wrong, and limits last a second.
LONG_STORM = (STORM % KEYS[1]).replace("@", "@+").replace("429minute:0.02", "429minute:0.005:1").replace(
    "userRateLimitExceeded:0.01", "userRateLimitExceeded:0.005:1").replace("stall:0.01:1", "stall:0.002:1").replace(
    "429minute@+17", "429minute@+17:1").replace(":0.02", ":0.005")


def world(make_tubeops, make_sim, seed, **settings):
    """Channels, a part of them with metadata and videos that are old, and names."""
    sim = make_sim(channels=9000, seed=seed, keys=KEYS)
    tubeops = make_tubeops(sim, keys=KEYS, WORKER_CONCURRENCY=8, **settings)
    ids = sim.ids(240)
    handles = [d["snippet"]["customUrl"] for d in map(sim.describe, ids[200:225])
               if isinstance(d, dict) and d["snippet"].get("customUrl")]
    assert len(handles) > 10
    with open(os.path.join(tubeops.directory, "list.csv"), "w", encoding="utf-8") as file:
        file.write("\n".join(["channel_id"] + ids[:200] + handles) + "\n")
    tubeops.run("import", "list.csv", check=0)
    tubeops.run("run", "batch_metadata", "--limit", "80", check=0)
    tubeops.run("run", "batch_videos", "--limit", "30", "--videos-per-channel", "5", check=0)
    age(tubeops, 3)
    return tubeops, sim


def run(tubeops, job):
    result = check_result(tubeops.json("run", *job, timeout=5 * PATIENCE))
    assert result["status"] == "completed", result
    return result


def enable_keys(tubeops):
    for key in tubeops.json("keys", "list"):
        if key["state"] == "refused":
            tubeops.run("keys", "enable", key["name"], check=0)


def calm(tubeops, sim):
    """The trouble is over: everything that it set aside is fetched."""
    sim.set_faults("")
    for number in [row["no"] for row in tubeops.sql("SELECT DISTINCT j.no FROM dead_letter d JOIN job j ON j.no = d.job")]:
        tubeops.run("jobs", "J-%d" % number, "retry", check=0)
    for job in (JOBS[3], *JOBS[:3], *JOBS[4:]):  # discoveries and names come before the videos of what they find
        assert run(tubeops, job)["failed"] == 0, job
    check(tubeops, sim)
    for column in ("metadata", "videos", "discovery"):
        assert tubeops.value("SELECT count(*) FROM channel WHERE %s = 4" % column) == 0, column
    assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 0 OR (metadata = 1 AND videos = 0)") == 0
    rows = stored_rows(tubeops)
    for channel_id in sorted(rows)[::10]:
        assert rows[channel_id]["title"] == sim.describe(channel_id)["snippet"]["title"].replace("\r\n", "\n")


def test_a_storm_over_every_kind_of_job(make_tubeops, make_sim):
    tubeops, sim = world(make_tubeops, make_sim, 3, MAX_ATTEMPTS=4)
    for job in JOBS:
        sim.set_faults(LONG_STORM)
        run(tubeops, job)
        check(tubeops, sim)
        enable_keys(tubeops)
    assert len(sim.stats()["faults"]) >= 8
    calm(tubeops, sim)


# ---- torn and hostile replies ----

FACTS = {"batch_videos": "SELECT vid, channel, title, duration_s, view_count FROM video ORDER BY vid",
         "batch_discovery": "SELECT source, target, method, service, confidence FROM edge ORDER BY source, target, method"}


@pytest.mark.parametrize("fault", ["truncate", "hugejson", "deepjson", "nuljson", "wrongtype"])
@pytest.mark.parametrize("job", [JOBS[2], JOBS[3]], ids=lambda j: j[0])
def test_a_torn_reply_changes_no_fact(make_tubeops, make_sim, job, fault):
    """Replies of every place in the job are spoiled; what is stored is what a job without trouble stores."""
    facts = []
    for faults in ("", ",".join("%s@+%d" % (fault, n) for n in (1, 4, 20, 40))):
        sim = make_sim(channels=9000, seed=6)
        tubeops = make_tubeops(sim, MAX_ATTEMPTS=10)
        tubeops.import_ids(sim.ids(50))
        tubeops.run("run", "batch_metadata", check=0)
        sim.set_faults(faults)
        assert run(tubeops, job)["failed"] == 0
        assert sim.stats()["faults"] == ({fault: 4} if faults else {})
        check(tubeops, sim)
        facts.append([tuple(row) for row in tubeops.sql(FACTS[job[0]])])
    assert facts[0] == facts[1] and len(facts[0]) > 20


def test_wrong_types_are_no_empty_shelves(make_tubeops, make_sim):
    """Whichever form of wrong types a reply has, the channels on a page's shelves are asked for again."""
    facts, requests = [], []
    for faults in ("", ",".join("wrongtype@+%d" % n for n in range(2, 14, 3))):
        sim = make_sim(channels=9000, seed=6)
        tubeops = make_tubeops(sim, MAX_ATTEMPTS=50)
        tubeops.import_ids(sim.ids(30))
        tubeops.run("run", "batch_metadata", check=0)
        sim.set_faults(faults)
        assert run(tubeops, ["batch_discovery", "--method", "youtube_featured"])["failed"] == 0
        assert sim.stats()["faults"] == ({"wrongtype": 4} if faults else {})
        requests.append(sim.stats()["requests"])
        check(tubeops, sim)
        facts.append([tuple(row) for row in tubeops.sql(FACTS["batch_discovery"])])
    assert facts[0] == facts[1] and len(facts[0]) > 5
    assert requests[1] == requests[0] + 4  # each was asked for again
