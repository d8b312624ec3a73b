"""From an import to fetched rows: counts, costs, days, stopping and going on, against youtube-sim."""
import json
import re
import signal
import time

import pytest

from account import alive_ids, check_account, check_result, check_row, items_of, stored_rows
from tubeops import PATIENCE, wait_until

KEYS = ["AIzaSyTest000000000000000000000000000%02d" % n for n in range(4)]


def calls(sim):
    return [e for e in sim.log_entries() if e["method"] == "channels.list"]


# ---- what is fetched ----

def test_every_field_of_every_channel(tubeops, sim, make_sim):
    ids = sim.ids(1500)
    items = items_of(make_sim(), ids)
    assert tubeops.import_ids(ids)["added"] == 1500
    result = check_result(tubeops.json("run", "batch_metadata"))
    assert (result["total"], result["done"], result["absent_once"]) == (1500, len(items), 1500 - len(items))
    assert 0 < result["absent_once"] < 100
    assert (result["missing"], result["failed"], result["pending"]) == (0, 0, result["absent_once"])
    assert result["units_used"] == sim.units() == 30
    found = check_account(tubeops, sim, 1500)
    assert found["done"] == len(items) and found["absent"] == 1500 - len(items)
    rows = stored_rows(tubeops)
    assert set(rows) == set(items)
    for channel_id, item in items.items():
        check_row(rows[channel_id], item)
    # the sample is one in which it matters
    hidden = [r for r in rows.values() if r["hidden_subscribers"]]
    assert hidden and all(r["subscriber_count"] is None for r in hidden)
    assert any(r["keywords"] for r in rows.values()) and any(r["country"] for r in rows.values())
    assert any(len(r["topics"] or []) > 1 for r in rows.values())
    assert {r["language_source"] for r in rows.values()} >= {"youtube", "cld2"}
    assert len({r["language"] for r in rows.values()}) > 5
    for channel_id in ids[:10]:
        told = sim.describe(channel_id)
        if isinstance(told, dict):
            check_row(rows[channel_id], told)
        else:
            assert told == "terminated" and channel_id not in rows


def test_fifty_channels_a_unit(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 2030)
    tubeops.import_ids(ids)
    done = tubeops.run("run", "batch_metadata", "--limit", "2000", check=0)
    assert re.match(r"requested 2,000 = done 2,000 \+ missing 0 \+ failed 0 \+ pending 0; units 40, "
                    r"50\.0 channels per unit, ", done.out), done
    assert [e["ids"] for e in calls(sim)] == [50] * 40
    result = check_result(tubeops.json("run", "batch_metadata"))
    assert (result["total"], result["done"], result["units_used"]) == (30, 30, 1)
    assert [e["ids"] for e in calls(sim)] == [50] * 40 + [30]
    assert check_account(tubeops, sim, 2030)["done"] == 2030
    nothing = check_result(tubeops.json("run", "batch_metadata"))
    assert (nothing["total"], nothing["units_used"], sim.units()) == (0, 0, 41)


@pytest.mark.parametrize("size", [1, 7, 50, 333])
def test_no_batch_size_makes_small_calls(make_tubeops, make_sim, size):
    sim = make_sim()
    tubeops = make_tubeops(sim, DEFAULT_BATCH_SIZE=size)
    tubeops.import_ids(sim.ids(520))
    check_result(tubeops.json("run", "batch_metadata", "--batch-size", size))
    assert sorted((e["ids"] for e in calls(sim)), reverse=True) == [50] * 10 + [20]
    check_account(tubeops, sim, 520)


def test_an_import_into_a_running_program_and_many_jobs_share_one_backlog(make_tubeops, make_sim):
    sim = make_sim(latency="5-30")
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(3000))
    with tubeops.serve() as server:
        jobs = [server.post("/api/batch-metadata", {"total_limit": 1000}).json()["job_id"] for _ in range(3)]
        rows = [server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE) for job in jobs]
        assert server.stop() == 0
    assert [r["processed_items"] for r in rows] == [1000] * 3
    assert sum(e["ids"] for e in calls(sim)) == 3000 and sim.units() == 60
    found = check_account(tubeops, sim, 3000)
    assert found["pending"] == 0 and found["done"] + found["absent"] == 3000


# ---- absences ----

def test_missing_after_two_absences_on_different_days(tubeops, sim, tomorrow):
    alive, dead = sim.ids(150), sim.ids(120, "--unknown")
    terminated = sum(sim.describe(i) == "terminated" for i in alive)
    gone = terminated + len(dead)
    tubeops.import_ids(alive + dead)
    done = tubeops.run("run", "batch_metadata", check=0)
    assert re.match(r"requested 270 = done %d \+ missing 0 \+ failed 0 \+ pending %d \(%d absent once, asked again "
                    r"from \d{4}-\d\d-\d\d \d\d:\d\dZ\); units 6, 45\.0 channels per unit" % (270 - gone, gone, gone),
                    done.out), done
    same_day = check_result(tubeops.json("run", "batch_metadata"))
    assert (same_day["total"], same_day["units_used"], sim.units()) == (0, 0, 6)
    sim.set_clock(tomorrow.epoch(1))
    second = check_result(tubeops.json("run", "batch_metadata", env=tomorrow(1)))
    assert (second["total"], second["missing"], second["done"], second["pending"]) == (gone, gone, 0, 0)
    found = check_account(tubeops, sim, 270)
    assert (found["missing"], found["absent"], found["done"]) == (gone, 0, 270 - gone)
    sim.set_clock(tomorrow.epoch(2))
    third = tubeops.json("run", "batch_metadata", env=tomorrow(2))
    assert (third["total"], third["units_used"]) == (0, 0)


def test_an_absence_that_was_a_mistake(tubeops, sim, tomorrow):
    """A poor answer (a list without its items) is believed for a day and not longer."""
    ids = sim.ids(49) + sim.ids(1, "--unknown")
    alive = sum(isinstance(sim.describe(i), dict) for i in ids)
    tubeops.import_ids(ids)
    first = check_result(tubeops.json("run", "batch_metadata"))
    assert first["done"] == alive and first["absent_once"] == 50 - alive
    row = stored_rows(tubeops)
    sim.set_clock(tomorrow.epoch(1))
    again = check_result(tubeops.json("run", "batch_metadata", env=tomorrow(1)))
    assert again["missing"] == 50 - alive and stored_rows(tubeops) == row
    check_account(tubeops, sim, 50)


# ---- quota ----

def test_quota_spent_is_3_and_the_next_day_continues_the_job(make_tubeops, make_sim, tomorrow):
    sim = make_sim(quota=5)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=5)
    ids = sim.ids(400)
    tubeops.import_ids(ids)
    first = tubeops.run("run", "batch_metadata", "--json", check=3)
    assert "quota" in first.err
    result = check_result(first.json())
    assert (result["status"], result["processed"], result["units_used"]) == ("waiting", 250, 5)
    status = tubeops.json("status")
    assert status["jobs"][0]["status"] == "waiting" and status["jobs"][0]["until"]
    assert status["quota"]["units_left"] == 0 and status["quota"]["units_used"] == 5
    again = tubeops.run("run", "batch_metadata", "--json", check=3).json()
    assert again["job_id"] == result["job_id"] and sim.units() == 5
    env = tomorrow(1)
    sim.set_clock(tomorrow.epoch(1))
    last = check_result(tubeops.json("run", "batch_metadata", env=env))
    assert last["job_id"] == result["job_id"] and last["status"] == "completed"
    alive = sum(isinstance(sim.describe(i), dict) for i in ids)
    assert last["done"] == alive and sim.units() == last["units_used"]
    # those absent on the first day were asked for again today and are missing now
    assert last["missing"] + last["absent_once"] == 400 - alive
    check_account(tubeops, sim, 400)


def test_quota_that_google_counts_more_narrowly_than_we_do(make_tubeops, make_sim):
    """The settings say 100, the API refuses after 3: the refusal is believed, nothing is lost."""
    sim = make_sim(quota=3)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=100, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(300))
    result = check_result(tubeops.run("run", "batch_metadata", "--json", check=3).json())
    assert (result["status"], result["processed"]) == ("waiting", 150)
    requests = sim.stats()["requests"]
    assert requests == 4
    tubeops.run("run", "batch_metadata", check=3)
    assert sim.stats()["requests"] == requests
    assert check_account(tubeops, sim, 300)["pending"] == 150


def test_keys_of_one_project_share_its_quota(make_tubeops, make_sim):
    sim = make_sim(keys=KEYS, projects="one,one,one,two", quota=6)
    settings = {"YOUTUBE_API_KEY_%d_PROJECT" % n: "one" if n < 4 else "two" for n in range(1, 5)}
    settings.update(("YOUTUBE_API_KEY_%d_QUOTA" % n, 6) for n in range(1, 5))
    tubeops = make_tubeops(sim, keys=KEYS, **settings)
    tubeops.import_ids(sim.ids(2000))
    result = check_result(tubeops.run("run", "batch_metadata", "--json", check=3).json())
    assert (result["processed"], result["units_used"]) == (600, 12)
    used = {}
    for entry in calls(sim):
        assert entry["status"] == 200
        used[entry["project"]] = used.get(entry["project"], 0) + entry["cost"]
    assert used == {"one": 6, "two": 6}
    assert len({e["key"] for e in calls(sim)}) >= 3
    booked = {r["project"]: r["used"] for r in tubeops.quota_sql("SELECT project, used FROM bucket_day")}
    assert booked == used
    check_account(tubeops, sim, 2000)


def test_the_key_with_most_left_is_used(make_tubeops, make_sim):
    sim = make_sim(keys=KEYS[:2])
    tubeops = make_tubeops(sim, keys=KEYS[:2], YOUTUBE_API_KEY_1_QUOTA=30, YOUTUBE_API_KEY_2_QUOTA=10)
    tubeops.import_ids(sim.ids(2000))
    check_result(tubeops.json("run", "batch_metadata"))
    count = [sum(e["key"] == key for e in calls(sim)) for key in KEYS[:2]]
    assert count == [30, 10]
    assert check_account(tubeops, sim, 2000)["pending"] == 0


# ---- stopping and going on ----

def started(tubeops, sim, *words):
    """A run that is in the middle of its work."""
    before = sim.stats()["requests"]
    process = tubeops.start("run", "batch_metadata", *words)
    wait_until(lambda: sim.stats()["requests"] >= before + 5, "no calls came")
    return process


def test_sigterm_ends_cleanly_and_the_same_job_goes_on(tubeops, sim):
    sim.set_latency("100-300")
    ids = sim.ids(6000)
    tubeops.import_ids(ids)
    numbers = set()
    for how in (signal.SIGTERM, signal.SIGINT):
        process = started(tubeops, sim, "--json")
        process.send_signal(how)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1 and "goes on" in err, err
        part = check_result(json.loads(out))
        assert 0 < part["processed"] < 6000 and part["total"] == 6000
        assert check_account(tubeops, sim, 6000)["pending"] == 6000 - part["processed"]
        numbers.add(part["number"])
    sim.set_latency("0")
    last = check_result(tubeops.json("run", "batch_metadata"))
    assert numbers == {last["number"]}
    assert last["processed"] == 6000 and last["units_used"] == sim.units() == 120
    check_account(tubeops, sim, 6000)


def test_a_second_signal_is_quicker(tubeops, sim):
    tubeops.import_ids(sim.ids(2000))
    sim.set_faults("stall:1:100")
    process = started(tubeops, sim)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "once more" in process.stderr.readline(), "the first signal was not noticed")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert time.monotonic() - began < 60  # an answer would have taken 100 s
    sim.set_faults("")
    check_result(tubeops.json("run", "batch_metadata"))
    found = check_account(tubeops, sim, 2000)
    assert found["pending"] == 0 and found["done"] + found["absent"] == 2000


def test_calls_that_hang_do_not_hold_up_the_end(tubeops, sim):
    """One signal alone: in-flight calls get ten seconds, then they are dropped."""
    tubeops.import_ids(sim.ids(500))
    sim.set_faults("stall:1:100")
    process = started(tubeops, sim)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert check_account(tubeops, sim, 500)["pending"] == 500


def test_after_kill_9_the_job_is_interrupted_and_goes_on(tubeops, sim):
    sim.set_latency("50-100")
    tubeops.import_ids(sim.ids(4000))
    process = started(tubeops, sim)
    process.kill()
    process.communicate()
    listed = tubeops.json("jobs")[0]
    assert (listed["job_type"], listed["status"]) == ("batch_metadata", "interrupted")
    assert tubeops.json("jobs", listed["number"])["status"] == "interrupted"
    status = tubeops.json("status", check=1)  # somebody should look
    assert status["jobs"][0]["status"] == "interrupted" and status["jobs"][0]["rate"] == 0
    # whoever owns the folder next writes it down
    tubeops.import_ids(sim.ids(1))
    assert tubeops.value("SELECT status FROM job WHERE type = 'batch_metadata'") == "interrupted"
    sim.set_latency("0")
    last = check_result(tubeops.json("run", "batch_metadata"))
    assert last["number"] == listed["number"] and last["processed"] == 4000
    assert last["units_used"] <= sim.units()  # there were calls that nobody heard the answer of
    check_account(tubeops, sim, 4000)


def test_serve_takes_up_what_was_interrupted(tubeops, sim):
    sim.set_latency("50-100")
    tubeops.import_ids(sim.ids(3000))
    process = started(tubeops, sim)
    process.kill()
    process.communicate()
    number = tubeops.json("jobs")[0]["number"]
    sim.set_latency("0")
    with tubeops.serve() as server:
        job = server.wait_for("/api/jobs/" + number, lambda j: j["status"] == "completed", PATIENCE)
        assert server.stop() == 0
    assert job["processed_items"] == job["total_items"] == 3000
    check_account(tubeops, sim, 3000)


def test_a_second_process_on_the_folder_is_refused(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    sim.set_latency("3000")
    process = started(tubeops, sim)
    for words in (("import", "-"), ("run", "batch_metadata"), ("serve", "--listen", "127.0.0.1:0")):
        done = tubeops.run(*words, input="", check=1)
        assert "process %d" % process.pid in done.err, done
    assert tubeops.json("status")["jobs"][0]["status"] == "running"
    assert process.poll() is None
    process.kill()
    process.communicate()
    sim.set_latency("0")
    check_result(tubeops.json("run", "batch_metadata"))
    check_account(tubeops, sim, 3000)


# ---- over REST ----

def test_a_job_over_rest_is_paused_resumed_and_cancelled(tubeops, sim):
    sim.set_latency("100-200")
    tubeops.import_ids(sim.ids(6000))
    with tubeops.serve() as server:
        def job_is(job, status, timeout=PATIENCE):
            return server.wait_for("/api/jobs/" + job, lambda j: j["status"] == status, timeout)

        job = server.post("/api/batch-metadata", {}).json()["job_id"]
        seen = server.wait_for("/api/jobs/" + job, lambda j: j["processed_items"] > 0, PATIENCE)
        assert seen["status"] == "running" and 0 < seen["progress"] < 100 and seen["total_items"] == 6000
        later = server.wait_for("/api/jobs/" + job, lambda j: j["processed_items"] > seen["processed_items"], PATIENCE)
        assert later["progress"] > seen["progress"]
        assert server.post("/api/jobs/%s/pause" % job).status == 200
        job_is(job, "paused")
        # calls in flight may end; then nothing more goes out
        wait_until(lambda: sum(e["found"] > 0 for e in calls(sim)) * 50 ==
                   server.get("/api/jobs/" + job).json()["processed_items"], "calls in flight do not end")
        requests, at = sim.stats()["requests"], server.get("/api/jobs/" + job).json()["processed_items"]
        time.sleep(0.6)
        assert sim.stats()["requests"] == requests
        assert server.get("/api/jobs/" + job).json()["processed_items"] == at
        assert server.post("/api/jobs/%s/pause" % job).status == 409
        assert server.post("/api/jobs/%s/resume" % job).status == 200
        server.wait_for("/api/jobs/" + job, lambda j: j["processed_items"] > at, PATIENCE)
        assert server.post("/api/jobs/%s/cancel" % job).status == 200
        cancelled = job_is(job, "cancelled")
        assert cancelled["error_message"]
        assert server.post("/api/jobs/%s/resume" % job).status == 409
        sim.set_latency("0")
        other = server.post("/api/batch-metadata", {}).json()["job_id"]
        done = job_is(other, "completed")
        assert server.stop() == 0
    first = tubeops.json("jobs", job)
    assert first["processed_items"] + done["processed_items"] == 6000
    assert sim.units() == 120
    check_account(tubeops, sim, 6000)


def test_a_job_waits_for_quota_in_serve_and_goes_on_with_another_key(make_tubeops, make_sim):
    sim = make_sim(keys=KEYS[:2])
    tubeops = make_tubeops(sim, keys=KEYS[:1], YOUTUBE_API_KEY_1_QUOTA=4)
    tubeops.import_ids(sim.ids(500))
    with tubeops.serve() as server:
        job = server.post("/api/batch-metadata", {}).json()["job_id"]
        waiting = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "waiting" and j["processed_items"] == 200,
                                  PATIENCE)  # calls in flight end after it says that it waits
        assert waiting["until"] and "quota" in waiting["reason"]
        assert server.post("/api/keys/second/add", {"key": KEYS[1]}).status == 200
        done = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert done["processed_items"] == 500
        assert server.stop() == 0
    assert sim.units() == 10
    check_account(tubeops, sim, 500)


# ---- shapes ----

def test_status_as_json(tubeops, sim):
    ids = sim.ids(120)
    tubeops.import_ids(ids)
    tubeops.json("run", "batch_metadata")
    status = tubeops.json("status")
    assert {"version", "node", "timestamp", "channels", "videos", "unresolved", "items", "keys", "jobs", "quota",
            "postgres", "staging"} <= set(status)
    assert status["channels"] == 120 and status["videos"] == 0
    found = check_account(tubeops, sim, 120)
    assert status["items"]["metadata"] == found
    assert status["items"]["videos"] == {"pending": 120, "done": 0, "absent": 0, "missing": 0, "failed": 0}
    assert [j["type"] for j in status["jobs"]] == ["batch_metadata", "migration"]
    job = status["jobs"][0]
    assert (job["status"], job["processed"], job["units_used"], job["done"]) == ("completed", 120, 3, found["done"])
    assert len(status["keys"]) == 1 and status["keys"][0]["calls"] == 3 and status["keys"][0]["state"] == "ok"
    assert status["quota"]["units_used"] == tubeops.units_booked() >= 3
    assert status["quota"]["units_left"] + status["quota"]["units_used"] == status["quota"]["units_per_day"] == 10000
    assert status["postgres"]["configured"] is False and status["staging"]["ok"] is True


def test_a_run_that_ends_gives_unspent_leases_back(tubeops, sim):
    tubeops.import_ids(sim.ids(120))
    tubeops.json("run", "batch_metadata")
    assert tubeops.units_booked() == sim.units() == 3


# ---- budgets and prices ----

def test_a_budget_of_units_ends_the_job_exactly(tubeops, sim):
    tubeops.import_ids(sim.ids(1000))
    done = tubeops.run("run", "batch_metadata", "--units", "7", "--json", check=0).json()
    assert done["status"] == "completed" and "7 units" in done["reason"]
    assert done["units_used"] == sim.units() == 7
    assert done["processed"] == 350 and done["pending"] == 1000 - done["done"] - done["missing"]
    check_account(tubeops, sim, 1000)
    rest = tubeops.run("run", "batch_metadata", "--json", check=0).json()
    assert rest["processed"] == 650 and sim.units() == 20


def test_a_budget_of_a_day_waits_for_the_next(tubeops, sim):
    tubeops.import_ids(sim.ids(500))
    waits = tubeops.run("run", "batch_metadata", "--units-per-day", "4", "--json", check=3)
    assert waits.json()["status"] == "waiting" and "of today" in waits.json()["reason"]
    assert waits.json()["processed"] == 200 and sim.units() == 4
    again = tubeops.run("run", "batch_metadata", "--units-per-day", "4", "--json", check=3)
    assert again.json()["number"] == waits.json()["number"] and sim.units() == 4  # not forgotten over a restart
    check_account(tubeops, sim, 500)


def test_a_dry_run_costs_nothing_and_says_what_it_would(tubeops, sim):
    tubeops.import_ids(sim.ids(1010))
    price = tubeops.run("run", "batch_metadata", "--dry-run", "--json", check=0).json()
    assert price["items"] == 1010 and price["buckets"]["units"]["units"] == 21
    assert price["waits_for_midnights"] == 0 and price["ends_at"]
    slow = tubeops.run("run", "batch_metadata", "--dry-run", "--units-per-day", "5", "--json", check=0).json()
    assert slow["waits_for_midnights"] == 4
    some = tubeops.run("run", "batch_metadata", "--dry-run", "--limit", "100", check=0)
    assert "2 units" in some.out and "100 channels due" in some.out and "midnights" not in some.out
    free = tubeops.run("run", "cleanup", "--dry-run", check=0)
    assert "costs no quota" in free.out and " due" not in free.out, free
    assert tubeops.json("run", "cleanup", "--dry-run")["items"] is None
    assert sim.units() == 0 and tubeops.json("jobs") == [j for j in tubeops.json("jobs") if j["job_type"] == "migration"]


def test_jobs_share_the_workers_by_weight(make_tubeops, make_sim):
    sim = make_sim(latency="20")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    tubeops.import_ids(sim.ids(20000))
    with tubeops.serve() as server:
        light = server.post("/api/batch-metadata", {}).json()["job_id"]
        heavy = server.post("/api/jobs", {"type": "batch_metadata", "weight": 4}).json()["job_id"]
        server.wait_for("/api/jobs/" + heavy, lambda j: j["processed_items"] >= 4000, PATIENCE)
        small = server.get("/api/jobs/" + light).json()["processed_items"]
        assert 0 < small < 3000  # a quarter, and what it had before the other began
        assert server.stop() == 0


def test_a_videos_job_follows_a_metadata_job_at_work(make_tubeops, make_sim):
    sim = make_sim(latency="100")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=4)
    tubeops.import_ids(sim.ids(1500))
    with tubeops.serve() as server:
        first = server.post("/api/batch-metadata", {}).json()["job_id"]
        server.wait_for("/api/jobs/" + first, lambda j: j["processed_items"] >= 100, PATIENCE)
        second = server.post("/api/jobs", {"type": "batch_videos", "videos_per_channel": 1}).json()["job_id"]
        server.wait_for("/api/jobs/" + first, lambda j: j["status"] == "completed", PATIENCE)
        sim.set_latency("0")
        server.wait_for("/api/jobs/" + second, lambda j: j["status"] == "completed", PATIENCE)
        assert server.stop() == 0
    assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1") > 1000
    assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1 AND videos = 0") == 0
    check_account(tubeops, sim, 1500)


# ---- nothing to do ----

def test_a_job_without_anything_to_do_says_why(tubeops, sim, make_sim):
    def reason(*words):
        result = tubeops.json("run", *words)
        assert (result["status"], result["total"], result["units_used"]) == ("completed", 0, 0), result
        assert result["reason"] in tubeops.run("run", *words, check=0).out
        return result["reason"]
    tubeops.run("import", "-", input="", check=0)
    assert reason("batch_metadata") == "nothing to do: there are no channels: import some first"
    tubeops.import_ids(alive_ids(make_sim(), 120))
    for job in ("batch_videos", "batch_discovery"):
        assert reason(job) == ("nothing to do: no channel has metadata yet (120 wait for it): run batch_metadata first")
    assert reason("batch_videos", "--counts-only") == "nothing to do: no videos are stored yet: run batch_videos first"
    tubeops.json("run", "batch_metadata", "--limit", 50)
    assert reason("batch_videos", "--min-subscribers", 10 ** 9) == (
        "nothing to do: of 50 channels with metadata none that is big enough is left; 70 more wait for batch_metadata")
    assert "reason" in tubeops.json("run", "batch_videos", "--videos-per-channel", 3)
    assert reason("batch_videos", "--videos-per-channel", 3) == (
        "nothing to do: the uploads of all 50 channels with metadata were read; 70 more wait for batch_metadata")
    tubeops.json("run", "batch_metadata")
    assert reason("batch_metadata") == "nothing to do: every channel was asked for"
