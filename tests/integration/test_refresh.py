"""Fetched data that has grown old: what is fetched again and when, gone and returned channels, the daily share."""
import pytest

from account import alive_ids, check_result, states, stored_rows

DAY = 86400


@pytest.fixture
def later(tomorrow):
    """later(sim, days): the environment of a day to come; the simulator's quota goes along."""
    def env(sim, days):
        found = tomorrow(days)
        sim.set_clock(tomorrow.epoch(days))
        return found
    return env


def fetched_at(tubeops):
    return {i: row["fetched_at"] for i, row in stored_rows(tubeops).items()}


def counters_are_exact(tubeops):
    counted = {r["name"]: r["value"] for r in tubeops.sql("SELECT name, value FROM counter")}
    for name, number in states(tubeops).items():
        assert counted.get("metadata." + name, 0) == number, name
    return states(tubeops)


def test_only_what_is_older_than_the_setting(make_tubeops, sim, make_sim, later):
    tubeops = make_tubeops(sim, REFRESH_AFTER_DAYS=20)
    old, young = (lambda ids: (ids[:300], ids[300:]))(alive_ids(make_sim(), 450))
    tubeops.import_ids(old)
    check_result(tubeops.json("run", "batch_metadata"))
    first = fetched_at(tubeops)
    today = check_result(tubeops.json("run", "refresh"))
    assert (today["total"], today["units_used"]) == (0, 0)
    env = later(sim, 10)
    tubeops.import_ids(young)
    check_result(tubeops.json("run", "batch_metadata", env=env))
    env = later(sim, 21)
    result = check_result(tubeops.json("run", "refresh", env=env))
    assert (result["total"], result["done"], result["units_used"]) == (300, 300, 6)
    now = fetched_at(tubeops)
    assert all(now[i] - first[i] >= 21 * DAY - 600 for i in old)
    assert all(now[i] - first[old[0]] < 11 * DAY for i in young)
    assert (counters_are_exact(tubeops)["done"], sim.units()) == (450, 15)
    # nothing is due twice, and --days moves the border
    assert tubeops.json("run", "refresh", env=env)["total"] == 0
    assert check_result(tubeops.json("run", "refresh", "--days", 5, env=env))["done"] == 150


def test_the_oldest_come_first_and_a_stop_keeps_what_is_done(tubeops, sim, make_sim, later):
    ids = alive_ids(make_sim(), 300)
    for day, part in ((0, ids[200:]), (1, ids[:100]), (2, ids[100:200])):
        env = later(sim, day) if day else None
        tubeops.import_ids(part)
        check_result(tubeops.json("run", "batch_metadata", env=env))
    env, before = later(sim, 40), fetched_at(tubeops)
    env["WORKER_CONCURRENCY"] = "1"  # or the third unit may go to a later chunk
    result = check_result(tubeops.json("run", "refresh", "--units", 3, env=env))
    assert (result["done"], result["units_used"]) == (150, 3)
    now = fetched_at(tubeops)
    again = {i for i in ids if now[i] != before[i]}
    assert len(again) == 150 and set(ids[200:]) < again and again < set(ids[200:] + ids[:100])
    rest = check_result(tubeops.json("run", "refresh", env=env))
    assert (rest["total"], rest["done"]) == (150, 150)


def test_gone_channels_keep_their_data_until_they_are_missing_and_may_return(make_tubeops, make_sim, later):
    whole, poor = make_sim(), make_sim(channels=100)
    tubeops = make_tubeops(whole)
    ids = alive_ids(make_sim(), 260)
    stay = sum(isinstance(poor.describe(i), dict) for i in ids)
    gone = 260 - stay
    assert stay > 40 and gone > 100
    tubeops.import_ids(ids)
    check_result(tubeops.json("run", "batch_metadata"))
    rows = stored_rows(tubeops)

    tubeops.environment["YOUTUBE_API_BASE"] = poor.url
    env = later(poor, 31)
    first = check_result(tubeops.json("run", "refresh", env=env))
    assert (first["done"], first["absent_once"], first["missing"]) == (stay, gone, 0)
    assert tubeops.json("run", "refresh", env=env)["total"] == 0  # not twice on one day
    assert set(stored_rows(tubeops)) == set(rows)
    env = later(poor, 32)
    second = check_result(tubeops.json("run", "refresh", env=env))
    assert (second["total"], second["missing"], second["absent_once"]) == (gone, gone, 0)
    found = counters_are_exact(tubeops)
    assert (found["done"], found["missing"], found["absent"]) == (stay, gone, 0)

    # a month later they are looked for again, and are there
    tubeops.environment["YOUTUBE_API_BASE"] = whole.url
    env = later(whole, 50)
    assert tubeops.json("run", "refresh", env=env)["total"] == 0
    env = later(whole, 64)
    third = check_result(tubeops.json("run", "refresh", env=env))
    assert (third["total"], third["done"]) == (260, 260)
    assert counters_are_exact(tubeops)["done"] == 260
    assert tubeops.value("SELECT count(*) FROM absence") == 0
    same = stored_rows(tubeops)
    for row in list(rows.values()) + list(same.values()):
        del row["fetched_at"], row["id"]
    assert same == rows


def test_a_backlog_is_spread_over_days_unless_told_otherwise(tubeops, sim, make_sim, later):
    tubeops.import_ids(alive_ids(make_sim(), 5100))
    check_result(tubeops.json("run", "batch_metadata"))
    env = later(sim, 31)
    first = tubeops.run("run", "refresh", "--json", check=3, env=env)
    result = check_result(first.json())
    assert (result["status"], result["done"], result["units_used"]) == ("waiting", 5000, 100), first
    assert "100 units of today" in result["reason"]
    env = later(sim, 32)
    rest = check_result(tubeops.json("run", "refresh", env=env))
    assert rest["job_id"] == result["job_id"]
    assert (rest["status"], rest["done"], rest["total"], rest["units_used"]) == ("completed", 5100, 5100, 102)
    env = later(sim, 64)
    assert tubeops.json("run", "refresh", "--units-per-day", 500, env=env)["done"] == 5100
