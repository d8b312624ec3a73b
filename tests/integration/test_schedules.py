"""Schedules: jobs that start again and again, the program's own tasks, switching them; missed times."""
import time

import pytest

from account import check_account
from tubeops import PATIENCE


def by_name(tubeops):
    return {s["name"]: s for s in tubeops.json("schedules")}


@pytest.fixture
def tubeops(make_tubeops, make_sim):
    sim = make_sim()
    made = make_tubeops(sim)
    made.import_ids(sim.ids(100))
    made.sim = sim
    return made


def test_what_there_is_from_the_start(tubeops):
    own = by_name(tubeops)
    assert {"quota-day", "health"} <= set(own) and all(s["own"] and s["enabled"] for s in own.values())
    tubeops.run("schedules", "remove", "health", check=1)
    tubeops.run("schedules", "disable", "health", check=0)
    assert not by_name(tubeops)["health"]["enabled"]
    tubeops.run("schedules", "enable", "health", check=0)
    assert by_name(tubeops)["health"]["enabled"]


def test_adding_and_removing(tubeops):
    tubeops.run("schedules", "add", "nightly", "batch_metadata", "--daily", "03:30", "--limit", "50", check=0)
    tubeops.run("schedules", "add", "often", "metadata", "--every", "90m", check=0)
    now = by_name(tubeops)
    assert now["nightly"]["rule"] == "daily 03:30" and now["nightly"]["params"]["limit"] == 50
    assert now["often"]["rule"] == "every 90m" and now["often"]["type"] == "batch_metadata"
    assert "already" in tubeops.run("schedules", "add", "often", "metadata", "--every", "2h", check=1).err
    text = tubeops.run("schedules", check=0).out
    assert "nightly" in text and "daily 03:30" in text
    tubeops.run("schedules", "remove", "often", check=0)
    assert "often" not in by_name(tubeops)
    tubeops.run("schedules", "remove", "often", check=1)


@pytest.mark.parametrize("words", [["--every", "5"], ["--every", "30s"], ["--every", "9999d"], ["--daily", "24:00"],
                                   ["--daily", "3"], ["--daily", "03:60"], ["--every", "-1h"]])
def test_rules_that_are_none(tubeops, words):
    assert "90m" in tubeops.run("schedules", "add", "x", "metadata", *words, check=1).err
    assert "x" not in by_name(tubeops)


def test_usage(tubeops):
    for words in (["explode"], ["add", "x"], ["add", "x", "nonsense", "--every", "1h"], ["enable"],
                  ["add", "x", "metadata"], ["add", "x", "metadata", "--every", "1h", "--daily", "03:00"]):
        tubeops.run("schedules", *words, check=2)


def test_one_is_done_now_and_again_after_a_start(tubeops):
    sim = tubeops.sim
    tubeops.run("schedules", "add", "meta", "batch_metadata", "--every", "1d", check=0)
    with tubeops.serve() as server:
        def told():
            return {s["name"]: s for s in server.get("/api/schedules").json()}
        end = time.monotonic() + PATIENCE
        while not told()["meta"]["next_at"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert not told()["meta"]["last_at"] and sim.units() == 0  # its first time is a day from now
        tubeops.run("schedules", "run", "meta", check=0)           # asks the owner
        while not told()["meta"]["last_at"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "began" in told()["meta"]["note"]
        jobs = [j for j in server.get("/api/jobs").json() if j["job_type"] == "batch_metadata"]
        assert len(jobs) == 1
        server.wait_for("/api/jobs/" + jobs[0]["job_id"], lambda j: j["status"] == "completed", PATIENCE)
        assert server.post("/api/schedules/health/run", {}).status == 200
        while not told()["health"]["last_at"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert told()["health"]["note"] == "all is well"
        assert server.post("/api/schedules/x/add", {"type": "batch_metadata", "rule": "1x"}).status == 400
        assert server.stop() == 0
    check_account(tubeops, sim, 100)
    # a time that passed while nothing ran is made up for, once
    tubeops.sql_write("UPDATE schedule SET next_at = 1000 WHERE name = 'meta'")
    with tubeops.serve() as server:
        end = time.monotonic() + PATIENCE
        while len([j for j in server.get("/api/jobs").json() if j["job_type"] == "batch_metadata"]) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert server.stop() == 0
    assert by_name(tubeops)["meta"]["next_at"] > "2026"
