"""youtube-sim: quota, log, faults, replay, and the program itself."""
import http.client
import json
import os
import re
import socket
import time
import subprocess

import pytest
from sim_checks import *  # noqa: F401, F403


# -- quota ----------------------------------------------------------------------------------------------------------
def test_quota_is_shared_by_the_keys_of_a_project_and_refused_at_the_limit(make_sim):
    sim = make_sim(keys="a,b,c", projects="shared,shared", quota=5)
    ids = sim.ids(2)
    seen = [sim.channels(ids, key=key).status for key in "ababa"]
    assert seen == [200] * 5
    for key in "ab":
        answer = sim.channels(ids, key=key)
        assert (answer.status, answer.reason) == (403, "quotaExceeded")
        assert answer.json()["error"]["errors"][0]["domain"] == "youtube.quota"
    assert b"\\u003ca href" in answer.body
    assert sim.channels(ids, key="c").status == 200
    stats = sim.stats()
    day = next(iter(stats["units"]["shared"]["units"]))
    assert stats["units"]["shared"]["units"][day] == 7 and stats["refused"]["shared"]["units"][day] == 2
    assert sim.units() == 8 and stats["status"] == {"200": 6, "403": 2} and stats["requests"] == 8
    entries = sim.log_entries()
    assert [e["n"] for e in sorted(entries, key=lambda e: e["n"])] == list(range(1, 9))
    assert sum(e["cost"] for e in entries if e["billed"] and e["project"] == "shared") == 7
    sim.set_quota("shared", 100)
    assert sim.channels(ids, key="a").status == 200


def test_refused_requests_are_billed_and_keyless_ones_are_not(make_sim):
    sim = make_sim(keys="a", projects="p")
    assert sim.channels("UCbad").status == 400
    assert sim.channels(None).status == 400
    assert sim.channels("UCbad", nonsense="1").status == 400
    assert sim.units("p") == 3
    sim.channels("UCbad", key="x")
    sim.channels("UCbad", key=None)
    sim.request("/nothing")
    assert sim.units("p") == 3
    assert [e["billed"] for e in sim.log_entries()] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("midnight, before, after", [
    (1793516400, "2026-10-31", "2026-11-01"),       # the day summer time ends begins at 07:00 UTC
    (1793606400, "2026-11-01", "2026-11-02"),       # and lasts 25 hours
    (1805011200, "2027-03-13", "2027-03-14"),
    (1805094000, "2027-03-14", "2027-03-15"),       # 23 hours
    (1798790400, "2026-12-31", "2027-01-01"),
    (1835510400, "2028-02-29", "2028-03-01"),
])
def test_a_new_pacific_day_is_a_new_quota(make_sim, midnight, before, after):
    sim = make_sim(now=midnight - 5, quota=1, projects="p", keys="a")
    ids = sim.ids(1)
    assert [sim.channels(ids).status for _ in range(2)] == [200, 403]
    sim.set_clock(midnight)
    assert [sim.channels(ids).status for _ in range(2)] == [200, 403]
    assert sim.stats()["units"]["p"]["units"] == {before: 2, after: 2}
    assert [e["day"] for e in sim.log_entries()] == [before] * 2 + [after] * 2


# -- the log --------------------------------------------------------------------------------------------------------
def test_log_lines(make_sim):
    sim = make_sim(keys="a", projects="pa", log_ids=True, now=1795600000)
    ids = sim.ids(3) + sim.ids(1, "--unknown")
    sim.channels(ids)
    line, = sim.log_entries()
    assert list(line) == ["n", "t", "method", "key", "project", "bucket", "cost", "billed", "day", "status", "reason",
                          "ids", "found", "fault", "idlist"]
    assert 1795600000000 <= line.pop("t") < 1795600060000
    assert line == {"n": 1, "method": "channels.list", "key": "a", "project": "pa", "bucket": "units", "cost": 1,
                    "billed": True, "day": "2026-11-25", "status": 200, "reason": "", "ids": 4,
                    "found": 3, "fault": "", "idlist": ",".join(ids)}


def test_everything_is_logged_at_the_end(make_sim):
    sim = make_sim(quota=0)
    for _ in range(50):
        sim.channels("UCbad")
    assert sim.stop() == 0
    assert len(sim.log_entries()) == 50


# -- faults ---------------------------------------------------------------------------------------------------------
def test_every_error_by_number(make_sim):
    names = [n for n in Sim().run("--faults", "list").split()]
    transport = ["truncate", "badjson", "nuljson", "hugejson", "deepjson", "wrongtype", "stall", "reset", "slow",
                 "poison", "delkey"]
    assert names[:len(transport)] == transport
    errors = names[len(transport):]
    sim = make_sim(faults=",".join("%s@%d" % (name, n) for n, name in enumerate(errors, 2)))
    ids = sim.ids(2)
    assert sim.channels(ids).status == 200
    for name in errors:
        answer = sim.channels(ids)
        digits = re.search(r"(\d{3})", name)
        if digits and "html" not in name:
            assert answer.status == int(digits.group(1)), name
        assert answer.status >= 400
        if name.startswith("html") or name in ("notFound", "methodNotAllowed"):
            assert answer.body.startswith(b"<!DOCTYPE html>")
        elif name == "empty503":
            assert answer.body == b""
        else:
            error = answer.json()["error"]
            assert error["code"] == answer.status and error["errors"][0]["message"] == error["message"]
            assert "{" not in error["message"]
    assert sim.channels(ids).status == 200
    assert sim.stats()["faults"] == {name: 1 for name in errors}
    assert [e["fault"] for e in sim.log_entries()] == [""] + errors + [""]


@pytest.mark.parametrize("name, fixture", [
    ("quotaExceeded", "issue-403-quotaExceeded"), ("dailyLimitExceeded", "issue-403-dailyLimitExceeded"),
    ("accessNotConfigured", "joostlek-youtube_not_activated"), ("keyInvalid", "quoted-400-API_KEY_INVALID"),
    ("forbiddenReferrer", "quoted-403-referrer-blocked"), ("429search", "quoted-429-search-queries-per-day"),
    ("backendError500", "issue-500-backendError"), ("backendError503", "issue-503-backendError"),
    ("failedPrecondition400", "issue-400-failedPrecondition"), ("invalidArgument", "issue-400-INVALID_ARGUMENT"),
    ("authError", "fsyt-channels-401-002"),
])
def test_envelopes_have_the_recorded_shape(make_sim, name, fixture):
    with open(need(os.path.join(ERRORS, fixture + ".json")), encoding="utf-8") as text:
        recorded = json.load(text)["error"]
    sim = make_sim(faults=name + "@1", projects="42")
    got = sim.channels(sim.ids(1)).json()["error"]
    plain_text = lambda s: re.sub(r"(projects?[ /=]|project_number:)\d+", r"\1N", s)
    assert got["code"] == recorded["code"] and got.get("status") == recorded.get("status")
    assert plain_text(got["message"]) == plain_text(recorded["message"])
    for key in ("domain", "reason", "location", "locationType"):
        assert got["errors"][0].get(key) == recorded["errors"][0].get(key)
    kinds = lambda e: [(d["@type"], d.get("reason")) for d in e.get("details", [])]
    assert kinds(got) == kinds(recorded)


def test_429_tells_a_minute_from_a_day(make_sim):
    sim = make_sim(faults="429minute@1:7,429day@2,429plain@3", projects="p")
    answers = [sim.channels(sim.ids(1)) for _ in range(3)]
    assert [(a.status, a.reason) for a in answers] == [(429, "rateLimitExceeded")] * 3
    units = [a.json()["error"].get("details", [{}])[0].get("metadata", {}).get("quota_unit") for a in answers]
    assert units == ["1/min/{project}", "1/d/{project}", None]
    assert [a.headers["Retry-After"] for a in answers] == ["7", None, None]


def test_v2_error_format(plain):
    error = plain.channels("UCbad", **{"$.xgafv": "2"}).json()["error"]
    assert "errors" not in error and error["status"] == "INVALID_ARGUMENT"


def test_rates_repeat_and_are_about_right(make_sim):
    runs = []
    for _ in range(2):
        sim = make_sim(faults="backendError503:0.3,429minute:0.1", quota=0)
        ids = sim.ids(1)
        runs.append([sim.channels(ids).status for _ in range(400)])
        sim.stop()
    assert runs[0] == runs[1]
    assert 85 < runs[0].count(503) < 155 and 12 < runs[0].count(429) < 50


def test_ranges_and_changes_at_run_time(make_sim):
    sim = make_sim(faults="html502@2-4")
    ids = sim.ids(1)
    assert [sim.channels(ids).status for _ in range(5)] == [200, 502, 502, 502, 200]
    sim.set_faults("empty503@+1,html500@+3")
    assert [sim.channels(ids).status for _ in range(4)] == [503, 200, 500, 200]
    sim.set_faults("")
    for bad in ("nonsense:0.1", "html500", "html500:2", "html500@0", "html500@5-4", "poison", "delkey:a", "stall:0.1:x",
                ",html500:0.1"):
        with pytest.raises(RuntimeError):
            sim.set_faults(bad)
    assert sim.channels(ids).status == 200


def test_poison_and_deleted_keys(make_sim):
    sim = make_sim(keys="a,b", channels=100)
    ids = sim.ids(20)
    sim.set_faults("poison:%s,delkey@5:b" % ids[7])
    assert sim.channels(ids).json()["error"]["status"] == "INVALID_ARGUMENT"
    assert sim.channels(ids[:7] + ids[8:]).status == 200
    assert sim.channels([ids[7]]).status == 400
    assert sim.channels(ids[:5], key="b").status == 200
    gone = sim.channels(ids[:5], key="b")
    assert gone.json()["error"]["details"][-1]["reason"] == "API_KEY_INVALID"
    assert sim.channels(ids[:5], key="a").status == 200
    assert sim.log_entries()[4]["billed"] is False


def raw(sim, ids, read=True):
    connection = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=10)
    connection.request("GET", "/youtube/v3/channels?key=key-a&part=snippet&maxResults=50&id=" + ",".join(ids))
    return connection, connection.getresponse() if read else None


def test_truncated_and_reset_bodies(make_sim):
    sim = make_sim(faults="truncate@1,reset@2")
    ids = sim.ids(20)
    connection, reply = raw(sim, ids)
    with pytest.raises(http.client.IncompleteRead) as cut:
        reply.read()
    assert len(cut.value.partial) == int(reply.headers["Content-Length"]) // 2
    connection.close()
    connection, reply = raw(sim, ids)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        reply.read()
    connection.close()
    assert sim.channels(ids).status == 200


def test_spoilt_bodies(make_sim):
    sim = make_sim(faults="badjson@1,nuljson@2,deepjson@3,wrongtype@4-5,hugejson@6")
    ids = sim.ids(20)
    for wanted in (b"}", b"\0"):
        answer = sim.channels(ids)
        assert answer.status == 200 and wanted in answer.body
        with pytest.raises(ValueError):
            answer.json()
    assert sim.channels(ids).body.count(b"[") == 10000
    types = [type(sim.channels(ids[:n]).json()["items"]) for n in (2, 3)]
    assert set(types) <= {str, list}
    huge = sim.channels(ids).body
    assert len(huge) == 50 << 20 and len(json.loads(huge)["items"]) == 1


def test_slow_bodies_and_stalls_hold_nobody_up(make_sim):
    sim = make_sim(faults="slow@1:2000,stall@2-9:30", threads=2)
    ids = sim.ids(3)
    started = time.monotonic()
    waiting = []
    for _ in range(9):                              # one by one: the first is slow, the others stall
        waiting.append(raw(sim, ids, read=False)[0])
        while sim.stats()["requests"] < len(waiting):
            time.sleep(0.01)
    slow_connection, *stalled = waiting
    for _ in range(20):                             # gives up long before a stall ends
        assert sim.channels(ids).status == 200
    reply = slow_connection.getresponse()
    body = reply.read()
    assert json.loads(body)["items"] and time.monotonic() - started > len(body) / 2000 * 0.8
    stalled[0].sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        stalled[0].sock.recv(1)
    assert sum(e["status"] == 0 for e in sim.log_entries()) == 8
    ending = time.monotonic()
    assert sim.stop() == 0                          # with seven connections waiting
    assert time.monotonic() - ending < 25           # a stall lasts 30 s
    for connection in waiting:
        connection.close()


def test_a_stall_ends_by_itself(make_sim):
    sim = make_sim(faults="stall@1:1")
    started = time.monotonic()
    connection, _ = raw(sim, sim.ids(1), read=False)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    assert 0.8 < time.monotonic() - started < 4


def test_latency_does_not_block(make_sim):
    sim = make_sim(latency=300, threads=2)
    ids = sim.ids(1)
    started = time.monotonic()
    waiting = [raw(sim, ids, read=False)[0] for _ in range(20)]
    for connection in waiting:
        assert connection.getresponse().read()
        connection.close()
    assert 0.29 < time.monotonic() - started < 1.5
    sim.set_latency(0)
    started = time.monotonic()
    sim.channels(ids)
    assert time.monotonic() - started < 0.2
    sim.set_latency("10-20")
    sim.channels(ids)
    with pytest.raises(RuntimeError):
        sim.set_latency("soon")


# -- replay ---------------------------------------------------------------------------------------------------------
def test_replay_of_the_recorded_channels(make_sim):
    folder = need(RECORDED)
    recorded = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as text:
                for item in json.load(text).get("items", []):
                    recorded.setdefault(item["id"], {}).update(item)
    assert len(recorded) > 5
    sim = make_sim(replay=folder)
    ids = sorted(recorded)
    body = sim.channels(ids + sim.ids(2), part=ALL_PARTS).json()
    assert {i["id"] for i in body["items"]} == set(ids)
    for item in body["items"]:
        wanted = {k: v for k, v in recorded[item["id"]].items() if k in ALL_PARTS.split(",") or k == "kind"}
        assert {k: v for k, v in item.items() if k != "etag"} == wanted
    cut = sim.channels(ids, part="statistics", fields="items(id,statistics/viewCount)").json()["items"]
    assert all(set(i) <= {"id", "statistics"} and set(i.get("statistics", {})) <= {"viewCount"} for i in cut)
    assert sim.channels(forHandle="@GoogleDevelopers", part="id").json()["items"][0]["id"] == \
        "UC_x5XG1OV2P6uZZ5FSM9Ttw"


def test_replay_leaves_out_what_does_not_parse(make_sim, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "good.json").write_text(json.dumps({"items": [
        {"kind": "youtube#channel", "id": "UC" + "a" * 21 + "A", "snippet": {"title": "t<\u00e9\"", "n": [1, None, -2]}}]}))
    sim = make_sim(replay=str(tmp_path))
    item, = sim.channels(["UC" + "a" * 21 + "A"], part="snippet").json()["items"]
    assert item["snippet"]["title"] == "t<\u00e9\""
    with open(sim.errors_path, encoding="utf-8") as text:
        assert "broken.json" in text.read()


# -- the program ----------------------------------------------------------------------------------------------------
def test_exit_statuses():
    import subprocess
    run = lambda *words: subprocess.run([find_binary(), *words], capture_output=True, timeout=10)
    assert run("--help").returncode == 0 and b"--faults" in run("--help").stdout
    assert run("--version").returncode == 0
    for words in (["--nonsense"], ["--port", "x"], ["--channels", "-1"], ["nonsense"], ["describe"], ["ids", "x"],
                  ["--faults", "nonsense:1"], ["--keys", "a,a"], ["--keys", "a b"], ["--replay", "/nonexistent"]):
        done = run(*words)
        assert done.returncode == 2 and done.stderr, words


def test_ready_file_and_a_taken_port(make_sim, tmp_path):
    sim = make_sim()
    with open(os.path.join(sim.directory, "port"), encoding="utf-8") as text:
        assert int(text.read()) == sim.port
    with pytest.raises(RuntimeError):
        Sim(port=sim.port).start()


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_clean_exit(make_sim, how):
    import signal
    sim = make_sim(latency=5000)
    idle = socket.create_connection(("127.0.0.1", sim.port))
    waiting = raw(sim, sim.ids(1), read=False)[0]
    time.sleep(0.2)
    started = time.monotonic()
    assert sim.stop(getattr(signal, how)) == 0 and time.monotonic() - started < 5
    idle.close()
    waiting.close()
