"""What goes wrong at the other side, against youtube-sim: nothing is lost, nothing is guessed, all is said."""
import re

import pytest

from account import alive_ids, check_account, check_result, stored_rows
from tubeops import PATIENCE

KEYS = ["AIzaSyTest000000000000000000000000000%02d" % n for n in range(4)]


def run(tubeops, check=0, *words):
    return check_result(tubeops.json("run", "batch_metadata", *words, check=check))


def check_all_fetched(tubeops, sim, ids):
    """Nothing is pending, and each row is what the universe says."""
    found = check_account(tubeops, sim, len(ids))
    assert found["pending"] == found["failed"] == found["missing"] == 0
    rows = stored_rows(tubeops)
    for channel_id in ids[:3] + ids[-3:]:
        told = sim.describe(channel_id)
        assert isinstance(told, dict) == (channel_id in rows)
        if isinstance(told, dict):
            assert rows[channel_id]["title"] == told["snippet"]["title"].replace("\r\n", "\n")
    return found


# ---- tried again ----

@pytest.mark.parametrize("fault", [
    "backendError500", "backendError503", "internalError500", "serviceUnavailable503", "html500", "html502", "html503",
    "html504", "empty503", "rateLimitExceeded403", "userRateLimitExceeded", "servingLimitExceeded",
    "concurrentLimitExceeded", "429minute", "429plain", "reset", "truncate", "badjson", "nuljson", "deepjson",
    "hugejson", "wrongtype", "processingFailure400", "failedPrecondition400", "serviceUnavailable403", "html403"])
def test_what_passes_is_tried_again(make_tubeops, make_sim, fault):
    sim = make_sim(faults=fault + "@2-3", keys=KEYS[:2])
    tubeops = make_tubeops(sim, keys=KEYS[:2])
    ids = sim.ids(400)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert (result["status"], result["processed"], result["failed"]) == ("completed", 400, 0)
    assert sim.stats()["faults"] == {fault: 2}
    assert result["units_used"] == sim.units() == 10
    check_all_fetched(tubeops, sim, ids)
    # one that was slowed down may still pause, and one key may have done all the work
    assert {k["state"] for k in tubeops.json("keys", "list")} <= {"ok", "cooling", "untested"}


@pytest.mark.parametrize("fault", ["stall@3:1,stall@6:1", "reset@3,reset@6"])
def test_no_call_goes_out_twice_on_its_own(make_tubeops, make_sim, fault):
    """A kept connection that ends without an answer: whoever asks again must have booked another unit."""
    sim = make_sim(faults=fault)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    ids = sim.ids(500)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert sim.units() == result["units_used"] == tubeops.units_booked() == 12
    check_all_fetched(tubeops, sim, ids)


def test_a_body_of_a_wrong_form_is_no_absence(make_tubeops, make_sim):
    """Torn answers must never be taken for "YouTube did not return it"."""
    sim = make_sim()
    ids = alive_ids(make_sim(), 200)
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=20)
    tubeops.import_ids(ids)
    sim.set_faults("wrongtype@1-5,badjson@6,truncate@7,deepjson@8,nuljson@9")
    result = run(tubeops)
    assert sim.stats()["faults"]["wrongtype"] == 5
    assert (result["done"], result["absent_once"], result["failed"]) == (200, 0, 0)
    check_account(tubeops, sim, 200)


def test_slow_bytes_and_a_stall(make_tubeops, make_sim):
    sim = make_sim(faults="slow@1:40000,stall@2:3")
    tubeops = make_tubeops(sim)
    ids = sim.ids(200)
    tubeops.import_ids(ids)
    run(tubeops)
    assert sim.stats()["faults"] == {"slow": 1, "stall": 1}
    check_all_fetched(tubeops, sim, ids)


def test_a_stall_without_end_is_given_up(make_tubeops, make_sim):
    """An answer that does not come is given up by the client's own limits, and asked for again."""
    sim = make_sim(faults="stall@1:300")
    tubeops = make_tubeops(sim)
    ids = sim.ids(100)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert result["processed"] == 100 and sim.stats()["requests"] >= 3
    check_all_fetched(tubeops, sim, ids)


def test_a_server_that_stays_broken(make_tubeops, make_sim):
    """Channels are set aside with a reason after the tries that the settings allow, and come back by retry."""
    sim = make_sim(faults="backendError503:1")
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=2)
    tubeops.import_ids(sim.ids(100))
    result = run(tubeops)
    assert (result["processed"], result["failed"], result["done"]) == (100, 100, 0)
    assert sim.stats()["requests"] == 4
    assert check_account(tubeops, sim, 100)["failed"] == 100
    assert {tuple(r) for r in tubeops.sql("SELECT reason, attempts FROM dead_letters")} == {("backendError", 2)}
    sim.set_faults("")
    said = tubeops.run("jobs", result["number"], "retry", check=0)
    assert "100 channels are tried again" in said.out
    assert check_account(tubeops, sim, 100)["failed"] == 0
    again = run(tubeops)
    assert again["number"] == result["number"] and again["failed"] == 0 and again["processed"] == 100
    assert again["done"] == check_account(tubeops, sim, 100)["done"] > 90


# ---- limits ----

def test_too_fast_is_slowed_down_with_retry_after(make_tubeops, make_sim):
    sim = make_sim(faults="429minute@1-2:1")
    tubeops = make_tubeops(sim)
    ids = sim.ids(300)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert result["units_used"] == sim.units() == 8
    check_all_fetched(tubeops, sim, ids)
    assert tubeops.quota_sql("SELECT count(*) FROM bucket_day WHERE spent_at > 0")[0][0] == 0


@pytest.mark.parametrize("fault", ["429day", "429daytext", "quotaExceeded", "dailyLimitExceeded"])
def test_spent_for_today_waits_for_tomorrow(make_tubeops, make_sim, tomorrow, fault):
    sim = make_sim(faults=fault + "@3-100000")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    ids = sim.ids(300)
    tubeops.import_ids(ids)
    first = run(tubeops, 3)
    assert (first["status"], first["processed"], sim.stats()["requests"]) == ("waiting", 100, 3)
    assert tubeops.json("keys", "list")[0]["state"] == "spent"
    env = tomorrow(1)
    sim.set_faults("")
    last = check_result(tubeops.json("run", "batch_metadata", env=env))
    assert (last["job_id"], last["status"]) == (first["job_id"], "completed")
    assert last["processed"] == 300 and check_account(tubeops, sim, 300)["pending"] == 0


def test_a_spent_project_leaves_its_keys_alone(make_tubeops, make_sim):
    """One project is refused: the other does the rest, no key of the first is asked again."""
    sim = make_sim(keys=KEYS[:3], projects="one,one,two")
    sim.set_quota("one", 2)
    tubeops = make_tubeops(sim, keys=KEYS[:3], WORKER_CONCURRENCY=1, YOUTUBE_API_KEY_1_PROJECT="one",
                           YOUTUBE_API_KEY_2_PROJECT="one", YOUTUBE_API_KEY_3_PROJECT="two",
                           YOUTUBE_API_KEY_1_QUOTA=20000, YOUTUBE_API_KEY_2_QUOTA=20000)
    ids = sim.ids(1000)
    tubeops.import_ids(ids)
    run(tubeops)
    refused = [e for e in sim.log_entries() if e["status"] != 200]
    assert len(refused) == 1 and refused[0]["project"] == "one"
    check_all_fetched(tubeops, sim, ids)


# ---- keys and projects ----

@pytest.mark.parametrize("fault", [
    "keyInvalid", "keyInvalidOld", "keyExpired", "forbiddenReferrer", "ipBlocked", "ipRefererBlocked", "serviceBlocked",
    "authError", "keyMissing"])
def test_a_refused_key_is_not_used_again(make_tubeops, make_sim, fault):
    sim = make_sim(faults=fault + "@1", keys=KEYS[:2])
    tubeops = make_tubeops(sim, keys=KEYS[:2], WORKER_CONCURRENCY=1)
    ids = sim.ids(300)
    tubeops.import_ids(ids)
    run(tubeops)
    log = sim.log_entries()
    bad = log[0]["key"]
    assert log[0]["status"] >= 400 and [e["status"] for e in log[1:]] == [200] * 6
    assert all(e["key"] != bad for e in log[1:])
    keys = tubeops.json("keys", "list")
    assert sorted(k["state"] for k in keys) == ["ok", "refused"]
    refused = next(k for k in keys if k["state"] == "refused")
    assert refused["reason"]
    # it stays so over restarts, and comes back when a person says so
    tubeops.run("run", "batch_metadata", check=0)
    assert sum(e["key"] == bad for e in sim.log_entries()) == 1
    tubeops.run("keys", "enable", refused["name"], check=0)
    assert all(k["state"] != "refused" for k in tubeops.json("keys", "list"))
    check_all_fetched(tubeops, sim, ids)


@pytest.mark.parametrize("fault", ["accessNotConfigured", "suspended"])
def test_a_refused_project_takes_all_its_keys(make_tubeops, make_sim, fault):
    sim = make_sim(faults=fault + "@1", keys=KEYS[:3], projects="one,one,two")
    tubeops = make_tubeops(sim, keys=KEYS[:3], WORKER_CONCURRENCY=1, YOUTUBE_API_KEY_1_PROJECT="one",
                           YOUTUBE_API_KEY_2_PROJECT="one", YOUTUBE_API_KEY_3_PROJECT="two",
                           YOUTUBE_API_KEY_1_QUOTA=20000, YOUTUBE_API_KEY_2_QUOTA=20000)
    ids = sim.ids(300)
    tubeops.import_ids(ids)
    run(tubeops)
    log = sim.log_entries()
    assert log[0]["project"] == "one" and {e["project"] for e in log[1:]} == {"two"}
    assert sorted(k["state"] for k in tubeops.json("keys", "list")) == ["ok", "refused", "refused"]
    check_all_fetched(tubeops, sim, ids)


def test_no_key_is_left(make_tubeops, make_sim):
    sim = make_sim()
    sim.set_faults("delkey@+3:" + sim.options["keys"])
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(300))
    done = tubeops.run("run", "batch_metadata", "--json", check=1)
    assert "YOUTUBE_API_KEY_1" in done.err and "keys" in done.err
    result = check_result(done.json())
    assert result["status"] == "waiting" and result["processed"] == 100
    assert check_account(tubeops, sim, 300)["pending"] == 200
    sim.set_faults("")
    tubeops.run("keys", "enable", tubeops.json("keys", "list")[0]["name"], check=0)
    last = run(tubeops)
    assert last["number"] == result["number"] and last["processed"] == 300
    check_account(tubeops, sim, 300)


# ---- a bad id among good ones ----

def test_poison_is_found_by_halving(make_tubeops, make_sim):
    sim = make_sim(log_ids=True)
    ids = alive_ids(make_sim(), 100)
    poison = sorted(ids)[17]
    sim.set_faults("poison:" + poison)
    tubeops = make_tubeops(sim)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert (result["done"], result["failed"]) == (99, 1)
    assert check_account(tubeops, sim, 100)["failed"] == 1
    letter = dict(tubeops.sql("SELECT * FROM dead_letters")[0])
    assert letter["channel_id"] == poison and letter["reason"] and letter["message"] and letter["attempts"] >= 1
    assert set(stored_rows(tubeops)) == set(ids) - {poison}
    # halving 50 takes at most twice six questions more
    assert sim.stats()["requests"] <= 2 + 12
    asked = [e["idlist"].split(",") for e in sim.log_entries()]
    assert [poison] in asked
    # a good id was answered for once
    answered = [i for e, names in zip(sim.log_entries(), asked) if e["status"] == 200 for i in names]
    assert sorted(answered) == sorted(set(ids) - {poison})
    # it stays aside until somebody asks for it
    assert run(tubeops)["total"] == 0
    sim.set_faults("")
    assert "1 channel is tried again" in tubeops.run("jobs", result["number"], "retry", check=0).out
    assert check_account(tubeops, sim, 100)["pending"] == 1
    again = run(tubeops)
    assert (again["number"], again["done"], again["failed"], again["total"]) == (result["number"], 100, 0, 100)
    assert check_account(tubeops, sim, 100)["done"] == 100


def test_several_poisons_in_one_call(make_tubeops, make_sim):
    sim = make_sim()
    ids = alive_ids(make_sim(), 50)
    bad = sorted(ids)[3], sorted(ids)[4], sorted(ids)[44]
    sim.set_faults(",".join("poison:" + i for i in bad))
    tubeops = make_tubeops(sim)
    tubeops.import_ids(ids)
    result = run(tubeops)
    assert (result["done"], result["failed"]) == (47, 3)
    assert {r[0] for r in tubeops.sql("SELECT channel_id FROM dead_letters")} == set(bad)
    check_account(tubeops, sim, 50)


# ---- everything at once ----

# a few are certain, so that each storm has many kinds; together about one answer in five is bad
STORM = ("html502@5,truncate@7,badjson@9,nuljson@11,wrongtype@13,wrongtype@14,reset@15,429minute@17,deepjson@19,"
         "accessNotConfigured@20,empty503@21,processingFailure400@23,delkey@30:%s,"
         "429minute:0.02,html502:0.02,backendError503:0.02,truncate:0.02,badjson:0.02,wrongtype:0.02,reset:0.02,"
         "internalError500:0.02,slow:0.02:100000,stall:0.01:1,userRateLimitExceeded:0.01")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_ends_with_every_id_accounted_for(make_tubeops, make_sim, seed):
    sim = make_sim(channels=9000, seed=seed, keys=KEYS, latency="0-20")
    ids = sim.ids(2500)
    poison = sorted(ids)[:3]
    # the first rule that fits counts, and an answer that is slow is an answer
    sim.set_faults(",".join("poison:" + i for i in poison) + "," + STORM % KEYS[1])
    tubeops = make_tubeops(sim, keys=KEYS, MAX_ATTEMPTS=4)
    tubeops.import_ids(ids)
    result = run(tubeops)
    found = check_account(tubeops, sim, 2500)
    assert found["pending"] == 0
    assert found["done"] + found["absent"] + found["failed"] == result["processed"] == 2500
    assert result["done"] == found["done"] and result["absent_once"] == found["absent"]
    dead = {r[0] for r in tubeops.sql("SELECT channel_id FROM dead_letters")}
    assert set(poison) <= dead
    assert all(r[0] for r in tubeops.sql("SELECT reason FROM dead_letters"))
    assert len(sim.stats()["faults"]) >= 8
    # what was a storm's fault comes right when it is over
    sim.set_faults("")
    tubeops.run("jobs", result["number"], "retry", check=0)
    last = run(tubeops)
    assert last["failed"] == 0 and last["processed"] == 2500
    found = check_account(tubeops, sim, 2500)
    absent = {r[0] for r in tubeops.sql("SELECT i.channel_id FROM absence a JOIN channel_id i ON i.cid = a.cid")}
    assert found["done"] + found["absent"] == 2500
    truth = {i for i in sorted(absent)[:10] if isinstance(sim.describe(i), dict)}
    assert truth == set(), "told absent, but alive"


def test_a_storm_and_signals(make_tubeops, make_sim):
    """Stopped by signals again and again in a storm, the same job comes to its end."""
    sim = make_sim(channels=9000, seed=5, keys=KEYS[:2], latency="10-60")
    sim.set_faults("html502:0.1,reset:0.1,badjson:0.1,429minute:0.05,truncate:0.1")
    tubeops = make_tubeops(sim, keys=KEYS[:2], MAX_ATTEMPTS=50)
    tubeops.import_ids(sim.ids(6000))
    numbers = set()
    for _ in range(4):
        before = sim.stats()["requests"]
        process = tubeops.start("run", "batch_metadata", "--json")
        while sim.stats()["requests"] < before + 8 and process.poll() is None:
            pass
        process.terminate()
        out, _ = process.communicate(timeout=PATIENCE)
        numbers.add(re.search(r'"number":"(J-\d+)"', out).group(1))
        check_account(tubeops, sim, 6000)
    sim.set_faults("")
    sim.set_latency("0")
    last = run(tubeops)
    assert numbers == {last["number"]} and last["processed"] == 6000
    assert check_account(tubeops, sim, 6000)["pending"] == 0
