"""What screens need to know, over REST: a job's page, workers, alerts, the log; against youtube-sim."""
import json
import signal
import time
import urllib.parse

import pytest

from account import alive_ids
from servers import Postgres, ServerMissing, free_port
from stub_service import StubService
from tubeops import PATIENCE

KEYS = ["AIzaSyTest000000000000000000000000000%02d" % n for n in range(4)]


def start(server, path="/api/batch-metadata", **body):
    return server.post(path, body).json()["job_id"]


def ended(server, job):
    return server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)


def page(server, job):
    answer = server.get("/api/jobs/%s/page" % job)
    assert answer.status == 200, answer
    return answer.json()


def kinds(found):
    return [e["kind"] for e in found["timeline"]]


# ---- the page of a job ----

def test_page_of_a_job_that_ended(tubeops, sim):
    ids = sim.ids(1000)
    tubeops.import_ids(ids)
    with tubeops.serve() as server:
        job = start(server)
        whole = ended(server, job)
        found = server.wait_for("/api/jobs/%s/page" % job, lambda p: "completed" in kinds(p))
        assert found["job"] == {k: v for k, v in whole.items() if k not in ("params", "numbers", "eta", "rate")}
        outcome = found["outcome"]
        assert (outcome["done"], outcome["absent_once"]) == (whole["done"], whole["absent_once"])
        assert outcome["done"] + outcome["absent_once"] == 1000 and outcome["pending"] == outcome["absent_once"]
        assert found["errors"] == found["in_hand"] == found["in_line"] == []
        assert kinds(found) == ["action", "running", "completed"]
        assert [e["text"] for e in found["timeline"][:2]] == ["start", "started"]
        assert found["timeline"][0]["who"] == "rest"
        assert found["rate"]["average"] > 0 and found["rate"]["now"] == 0
        assert sum(found["rate"]["minutes"]) == 1000 and len(found["rate"]["minutes"]) == 60
        assert found["units"]["spent"] == 20 and found["units"]["per_item"] == pytest.approx(0.02)
        assert found["args"] == server.get("/api/jobs/" + job).json()["params"]
        lines = [line["text"] for line in found["log"]]
        assert any("batch_metadata completed" in line for line in lines)
        assert all(line["job"] == whole["number"] for line in found["log"])
        for name in (whole["number"], whole["number"][2:]):
            assert page(server, name)["job"]["job_id"] == job
        assert server.get("/api/jobs/J-77/page").status == 404
        assert server.get("/api/jobs/nothing/page").status == 400
    # after a restart all of it but the lines and minutes in memory is still there
    with tubeops.serve() as server:
        again = page(server, job)
        assert (again["timeline"], again["outcome"]) == (found["timeline"], outcome)
        assert again["rate"]["average"] == found["rate"]["average"] and not again["live"]


def test_errors_by_reason_and_what_became_of_them(make_tubeops, make_sim):
    sim = make_sim(faults="backendError503@2-4,429minute@8", keys=KEYS[:2])
    tubeops = make_tubeops(sim, keys=KEYS[:2])
    tubeops.import_ids(alive_ids(make_sim(), 600))
    with tubeops.serve() as server:
        job = start(server)
        whole = ended(server, job)
        found = server.wait_for("/api/jobs/%s/page" % job, lambda p: "completed" in kinds(p))
        errors = {e["reason"]: e for e in found["errors"]}
        assert set(errors) == {"backendError", "RATE_LIMIT_EXCEEDED"}
        backend = errors["backendError"]
        assert (backend["seen"], backend["retried"], backend["waiting"], backend["dead"]) == (3, 3, 0, 0)
        assert 1 <= backend["recovered"] <= 3 and backend["last_ms"] > 1e12
        assert errors["RATE_LIMIT_EXCEEDED"]["seen"] == 1
        slow = [e for e in found["timeline"] if e["kind"] == "slow"]
        assert len(slow) == 1 and "too fast with key" in slow[0]["text"] and slow[0]["n"] == 1
        assert whole["failed"] == 0
        for key in KEYS:
            assert key not in server.get("/api/jobs/%s/page" % job).body.decode()


def test_channels_given_up_stand_under_their_reason(make_tubeops, make_sim):
    sim = make_sim(faults="invalidArgument@1-99")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    tubeops.import_ids(sim.ids(3))
    with tubeops.serve() as server:
        job = start(server)
        whole = ended(server, job)
        assert whole["failed"] == 3
        errors = page(server, job)["errors"]
        assert sum(e["dead"] for e in errors) == 3
        given_up = [e for e in errors if e["dead"]]
        assert len(given_up) == 1 and given_up[0]["seen"] >= 3
        reasons = server.get("/api/dead-letters?job=" + job).json()["reasons"]
        assert [(r["reason"], r["letters"]) for r in reasons] == [(given_up[0]["reason"], 3)]


def test_items_in_hand_and_steps_of_people(make_tubeops, make_sim):
    sim = make_sim(latency=600)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    ids = set(sim.ids(3000))
    tubeops.import_ids(sorted(ids))
    with tubeops.serve() as server:
        job = start(server)
        found = server.wait_for("/api/jobs/%s/page" % job,
                                lambda p: any(h["state"] == "calling" for h in p["in_hand"]))
        hand = [h for h in found["in_hand"] if h["state"] == "calling"][0]
        assert hand["doing"] == "channels.list 50 ids" and hand["items"] == len(hand["ids"]) == 50
        assert set(hand["ids"]) <= ids and 0 <= hand["hand_ms"] < 60000 and hand["attempts"] == 0
        assert found["outcome"]["waiting"] == sum(w["items"] for w in found["in_line"]) > 0
        assert found["limited_by"]
        assert server.post("/api/jobs/%s/pause" % job).status == 200
        server.wait_for("/api/jobs/%s/page" % job, lambda p: not p["in_hand"], PATIENCE)
        assert server.post("/api/jobs/%s/resume" % job).status == 200
        server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "running", PATIENCE)
        assert server.post("/api/jobs/%s/cancel" % job).status == 200
        found = server.wait_for("/api/jobs/%s/page" % job, lambda p: "cancelled" in kinds(p))
        assert kinds(found) == ["action", "running", "paused", "action", "running", "cancelled"]
        assert (found["timeline"][3]["text"], found["timeline"][3]["who"]) == ("resume", "rest")
        assert found["timeline"][2]["text"] == "paused by rest"
        assert [e["text"] for e in found["timeline"] if e["kind"] == "running"] == ["started", "goes on"]


# ---- who did what ----

def audit(server):
    return [(line["level"], line["text"]) for line in server.get("/api/log?source=audit&limit=5000").json()["lines"]]


def test_every_action_leaves_one_line(make_tubeops, make_sim):
    sim = make_sim(latency=300)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    tubeops.import_ids(sim.ids(3000))
    with tubeops.serve() as server:
        job = start(server)
        number = server.get("/api/jobs/" + job).json()["number"]
        server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "running")
        for action in ("pause", "pause", "resume"):
            server.post("/api/jobs/%s/%s" % (job, action))
        server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "running")
        server.post("/api/jobs/%s/cancel" % number)
        key = tubeops.json("keys", "list")[0]["name"]
        server.post("/api/keys/%s/disable" % key)
        server.post("/api/keys/mine/add", {"key": KEYS[2], "project": "other"})
        server.post("/api/keys/mine/remove")
        server.post("/api/schedules/health/disable")
        server.post("/api/dead-letters/retry", {"reason": "badRequest"})
        server.post("/api/workers/77/kick")
        lines = audit(server)
        wanted = [
            ("info", "rest via rest: start job %s: %s: batch_metadata started" % (number, number)),
            ("info", "rest via rest: pause job %s (running -> paused): " % number),
            ("warning", "rest via rest: pause job %s: " % number),
            ("info", "rest via rest: resume job %s (paused -> " % number),
            ("info", "rest via rest: cancel job %s (running -> cancelled): " % number),
        ]
        for (level, text), (is_level, begin) in zip(lines, wanted):
            assert level == is_level and text.startswith(begin), lines
        rest = [text for _, text in lines[len(wanted):]]
        assert rest[0].startswith("rest via rest: disable key %s (" % key) and " -> off)" in rest[0], lines
        assert rest[1].startswith("rest via rest: add key mine (new -> untested): "), lines
        assert rest[2].startswith("rest via rest: remove key mine (untested -> gone): "), lines
        assert rest[3].startswith("rest via rest: disable schedule health (on -> off): "), lines
        assert rest[4].startswith('rest via rest: retry dead letters {"reason":"badRequest"}: '), lines
        assert rest[5].startswith("rest via rest: kick worker 77: there is no worker"), lines
        assert len(rest) == 6
        assert not [t for _, t in lines if KEYS[2] in t]
    done = tubeops.run("jobs", number, "retry", check=0)
    assert done.code == 0
    me = [text for text in tubeops.log().splitlines() if " audit " in text][-1]
    assert "via cli: retry job %s (cancelled -> pending): " % number in me and "rest" not in me


# ---- workers ----

def test_workers_say_what_they_do(make_tubeops, make_sim):
    sim = make_sim(latency=300)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=3)
    tubeops.import_ids(sim.ids(3000))
    with tubeops.serve() as server:
        start(server)
        status = server.wait_for("/api/workers", lambda w: len([
            k for k in w["workers"] if k["state"] == "calling" and k["calls"] > 2]) >= 2, PATIENCE)
        busy = [k for k in status["workers"] if k["state"] == "calling"]
        assert all(k["doing"] == "channels.list 50 ids" and k["job"].startswith("J-") for k in busy)
        assert all(k["p95_ms"] >= 300 and 0 < k["busy"] <= 1 and not k["stalled"] for k in busy)
        assert status["limits"]["what"] and "threads" in status["limits"]["text"]
        process = status["process"]
        assert process["rss_bytes"] > 1e6 and process["files"] > 5 and process["threads"] > 5
        assert process["writer_room"] > process["writer_queued"] >= 0
        service = [s for s in status["services"] if s["name"] == "channels.list"][0]
        assert service["group"] == "youtube" and service["breaker"] == "closed"
        assert service["calls"] >= sum(k["calls"] for k in busy) and service["errors"] == 0
        assert service["p50_ms"] >= 300 * 0.8 and sum(service["minutes"]) == service["calls"]


def test_a_worker_that_waits_in_vain_is_kicked(make_tubeops, make_sim):
    sim = make_sim(faults="stall@1:50")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(100))
    with tubeops.serve() as server:
        assert server.post("/api/workers/1/kick").status == 409  # it does nothing
        assert server.post("/api/workers/9/kick").status == 404
        assert server.post("/api/workers/me/kick").status == 400
        began = time.monotonic()
        job = start(server)
        server.wait_for("/api/workers", lambda w: w["workers"][0]["state"] == "calling", PATIENCE)
        assert server.post("/api/workers/1/kick").json()["message"] == "worker 1 is interrupted"
        whole = ended(server, job)
        assert time.monotonic() - began < 45
        assert (whole["processed_items"], whole["failed"]) == (100, 0)
        assert sim.units() == whole["units_used"] == 3  # the call that was cut off may have counted


def test_services_and_their_breaker(make_tubeops, make_sim):
    sim = make_sim(faults="backendError503@1-12")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2, MAX_ATTEMPTS=50)
    tubeops.import_ids(alive_ids(make_sim(), 600))
    with tubeops.serve() as server:
        assert server.post("/api/services/youtube/reset").status == 409
        assert server.post("/api/services/nobody/reset").status == 404
        job = start(server)
        found = server.wait_for("/api/services/channels.list", lambda s: s["breaker"] != "closed", PATIENCE)
        assert found["trouble"] == "backendError" and found["until"] >= found["since"] > 1e9
        assert found["errors"] == found["calls"] >= 10
        page_now = page(server, job)
        assert page_now["limited_by"].startswith("YouTube: it does not answer usefully")
        assert any(e["kind"] == "breaker" for e in page(server, job)["timeline"]) or server.wait_for(
            "/api/jobs/%s/page" % job, lambda p: "breaker" in kinds(p))
        assert server.post("/api/services/channels.list/reset").json()["message"] == "YouTube is asked again"
        whole = ended(server, job)
        assert whole["failed"] == 0 and whole["done"] == 600
        found = server.wait_for("/api/services/channels.list", lambda s: s["calls"] == 24, PATIENCE)
        assert found["breaker"] == "closed" and found["errors"] == 12
        assert sum(b["calls"] for b in found["histogram"]) == 24
        assert all(b["from_ms"] < b["to_ms"] for b in found["histogram"])
        assert server.get("/api/services/commit").json()["calls"] > 3
        assert server.get("/api/services/nobody").status == 404


# ---- alerts and what is blocked ----

def alerts(server, **wanted):
    """Those that last, once all that is wanted is among them: kind=subject."""
    def there(found):
        lasting = {a["kind"]: a["subject"] for a in found["alerts"] if not a["until"]}
        return all(lasting.get(kind) == subject for kind, subject in wanted.items())
    return server.wait_for("/api/alerts", there)


def test_alerts_begin_end_and_are_silenced(make_tubeops, make_sim):
    sim = make_sim(faults="keyInvalid@1", keys=KEYS[0])
    tubeops = make_tubeops(sim, keys=KEYS[:1])
    tubeops.import_ids(sim.ids(200))
    with tubeops.serve() as server:
        assert server.get("/api/alerts").json() == {"alerts": [], "blocked": [], "need_person": 0, "bell": 0}
        job = start(server)
        key = tubeops.json("keys", "list")[0]["name"]
        found = alerts(server, key_refused=key, no_key="")
        assert found["need_person"] == 2 and found["bell"] == 2
        refused = [a for a in found["alerts"] if a["kind"] == "key_refused"][0]
        assert refused["level"] == "error" and refused["needs_person"] and not refused["acked"]
        assert abs(refused["since"] - time.time()) < 60 and key in refused["text"] and refused["help"]
        blocked = found["blocked"]
        assert [b["what"] for b in blocked] == ["key " + key, "J-1002 metadata"]
        assert all(b["needs_person"] and b["why"] and b["help"] for b in blocked)
        assert server.post("/api/alerts/%d/ack" % refused["id"]).status == 200
        found = server.wait_for("/api/alerts", lambda a: a["need_person"] == 1)
        assert [a["acked"] for a in found["alerts"] if a["kind"] == "key_refused"] == [True]
        assert server.post("/api/alerts/99/ack").status == 404
        assert server.post("/api/alerts/one/ack").status == 400
        assert server.post("/api/keys/%s/enable" % key).status == 200
        ended(server, job)
        found = server.wait_for("/api/alerts", lambda a: all(x["until"] for x in a["alerts"]))
        assert len(found["alerts"]) == 2 and found["need_person"] == 0 and found["blocked"] == []
        assert found["bell"] == 3  # the job ended


def test_the_web_hook_is_told_once(make_tubeops, make_sim):
    sim = make_sim(faults="keyInvalid@1", keys=KEYS[:2])
    with StubService() as hook:
        answers = [500, 200]
        hook.answers = lambda path: (answers.pop(0) if len(answers) > 1 else answers[0], "text/plain", b"", {})
        tubeops = make_tubeops(sim, keys=KEYS[:2], ALERT_WEBHOOK=hook.url + "/in?token=hush-hush-hush")
        tubeops.import_ids(sim.ids(200))
        with tubeops.serve() as server:
            job = start(server)
            ended(server, job)
            key = [k["name"] for k in tubeops.json("keys", "list") if k["state"] == "refused"][0]
            end = time.monotonic() + 30
            while len(hook.posts) < 3 and time.monotonic() < end:
                time.sleep(0.05)
            for again in ("enable", "disable", "enable"):  # it comes and goes: nobody is told again
                server.post("/api/keys/%s/%s" % (key, again))
            time.sleep(4.5)
            posts = [json.loads(body) for _, _, body in hook.posts]
            assert all(path == "/in?token=hush-hush-hush" for path, _, _ in hook.posts)
            assert all(h["Content-Type"] == "application/json" for _, h, _ in hook.posts)
            told = sorted((p["kind"], p["subject"]) for p in posts)
            # the first answer was a 500: that one was sent once more
            assert told in ([("job_ended", "J-1002"), ("key_refused", key), ("key_refused", key)],
                            [("job_ended", "J-1002"), ("key_refused", key)]), posts
            assert all(p["level"] in ("error", "info") and p["node"] == "local" and p["text"] for p in posts)
            for secret in [*KEYS, "hush"]:
                assert secret not in server.get("/api/log?limit=5000").body.decode()
                assert not any(secret.encode() in body for _, _, body in hook.posts)
    assert b"hush" not in tubeops.everything()


def test_a_bad_web_hook_is_said_and_does_no_harm(make_tubeops, make_sim):
    tubeops = make_tubeops(make_sim(), ALERT_WEBHOOK="http://example.com/hook?token=hush-hush-hush")
    with tubeops.serve() as server:
        lines = server.wait_for("/api/log?source=alert", lambda found: found["lines"])["lines"]
        assert len(lines) == 1 and lines[0]["level"] == "error" and "https://" in lines[0]["text"]
        assert "hush" not in lines[0]["text"]


def test_a_run_that_was_killed_is_told_of(make_tubeops, make_sim):
    sim = make_sim(latency=400)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    tubeops.import_ids(sim.ids(3000))
    server = tubeops.serve()
    job = start(server)
    server.wait_for("/api/jobs/" + job, lambda j: j["processed_items"] > 0, PATIENCE)
    server.stop(signal.SIGKILL)
    with tubeops.serve() as server:
        found = alerts(server, crashed="")
        assert found["alerts"][0]["text"].startswith("the last run ended without stopping; 1 job was interrupted")
    with tubeops.serve() as server:  # that one was stopped
        server.wait_for("/api/workers", lambda w: w["workers"])
        time.sleep(2.5)
        assert not [a for a in server.get("/api/alerts").json()["alerts"] if a["kind"] == "crashed"]


def test_postgres_as_a_service(make_tubeops, make_sim):
    sim = make_sim()
    try:
        with Postgres() as pg:
            tubeops = make_tubeops(sim, DATABASE_URL=pg.new_database("numbers"))
            tubeops.import_ids(sim.ids(500))
            with tubeops.serve() as server:
                ended(server, start(server))
                found = server.wait_for("/api/services/upsert%20channels", lambda s: s["calls"] > 0, PATIENCE)
                assert found["group"] == "postgres" and found["errors"] == 0 and found["p50_ms"] > 0
                names = {s["name"] for s in server.get("/api/workers").json()["services"] if s["group"] == "postgres"}
                assert names >= {"connect", "upsert channels", "upsert videos", "upsert job", "ping"}
                assert not server.get("/api/alerts").json()["blocked"]
    except ServerMissing as missing:
        pytest.skip(str(missing))


def test_postgres_that_is_away_is_blocked(make_tubeops, make_sim):
    tubeops = make_tubeops(make_sim(), DATABASE_URL="postgresql://u:hush-hush@127.0.0.1:%d/none" % free_port())
    with tubeops.serve() as server:
        found = server.wait_for("/api/alerts", lambda a: a["blocked"])["blocked"]
        assert [(b["what"], b["state"], b["needs_person"]) for b in found] == [("PostgreSQL", "away", False)]
        assert found[0]["until"] > 0 and "hush" not in found[0]["why"] and "refused" in found[0]["why"]
        connect = server.wait_for("/api/services/connect", lambda s: s["errors"] > 1)
        assert connect["calls"] == connect["errors"]


# ---- discovery ----

def test_discovery_keeps_its_sums(make_tubeops, make_sim):
    sim = make_sim(quota=400)
    tubeops = make_tubeops(sim)
    tubeops.import_ids(alive_ids(make_sim(), 150))
    tubeops.json("run", "batch_metadata")
    with tubeops.serve() as server:
        empty = server.get("/api/discovery").json()
        assert all(m["found"] == m["units"] == 0 and m["new_per_100_units"] is None for m in empty["methods"])
        assert (empty["sources_done"], empty["sources_left"]) == (0, 150)
        job = start(server, "/api/jobs", type="batch_discovery", limit=100)
        numbers = ended(server, job)["numbers"]["methods"]
        found = server.wait_for("/api/discovery", lambda d: d["sources_done"] == 100)
        methods = {m["method"]: m for m in found["methods"]}
        for name, counted in numbers.items():
            for what, value in counted.items():
                if what in methods[name] and what != "new_per_100_units":
                    assert methods[name][what] == value, (name, what)
        featured = methods["youtube_featured"]
        assert featured["sources"] == 100 and featured["new"] > 0 and featured["state"] == "ok"
        assert featured["new_per_source"] == pytest.approx(featured["new"] / 100)
        assert featured["new_per_100_units"] == pytest.approx(100 * featured["new"] / featured["units"])
        assert featured["units_per_new"] == pytest.approx(featured["units"] / featured["new"])
        fresh = sum(m["new"] for m in found["methods"])
        assert found["funnel_24h"]["new"] == fresh == sum(found["new_per_hour"]) and len(found["new_per_hour"]) == 168
        assert found["funnel_24h"]["found"] == sum(m["found"] for m in found["methods"])
        assert sum(found["confidence"]) == tubeops.value("SELECT count(*) FROM discoveries") > 0
        assert (found["sources_done"], found["sources_left"] + 100) == (100, 150 + fresh)
        assert found["providers"] == [] and methods["external"]["state"] == "off"
        best = max((m for m in found["methods"] if m["new_per_100_units"] and m["state"] == "ok"),
                   key=lambda m: m["new_per_100_units"])
        assert found["best"] == best["method"]
        assert found["best_new_per_100_units"] == pytest.approx(best["new_per_100_units"])
    # the sums outlive the job that made them
    tubeops.sql_write("DELETE FROM job_number")
    with tubeops.serve() as server:
        assert server.get("/api/discovery").json()["methods"] == found["methods"]


# ---- the log ----

def test_the_log_is_read_and_searched(tubeops, sim):
    tubeops.import_ids(sim.ids(200))
    with tubeops.serve() as server:
        job = start(server)
        whole = ended(server, job)
        all_lines = server.get("/api/log?limit=5000").json()
        seqs = [line["seq"] for line in all_lines["lines"]]
        assert seqs == sorted(seqs) and seqs[0] == all_lines["oldest"] and seqs[-1] <= all_lines["newest"]
        assert all_lines["dropped"] == 0 and all_lines["levels"]["info"] > 0
        of_job = server.get("/api/log?job=" + whole["number"]).json()["lines"]
        assert of_job and all(line["job"] == whole["number"] for line in of_job)
        found = server.get("/api/log?q=%22batch_metadata%20completed%22").json()["lines"]
        assert len(found) == 1 and found[0]["text"].startswith("batch_metadata completed: ")

        def asked(q):
            answer = server.get("/api/log?q=" + urllib.parse.quote(q))
            return answer.json()["lines"] if answer.status == 200 else answer.status
        assert asked("job=%s" % whole["number"]) == of_job
        assert asked(whole["number"] + " level>=info") == of_job
        assert asked("level>=warn") == [x for x in all_lines["lines"] if x["level"] in ("warning", "error")]
        assert {x["source"] for x in asked("source=audit,dispatch")} == {"audit", "dispatch"}
        assert asked('time<1h !source=audit "metadata completed"') == found
        assert asked("time>1h") == []
        assert asked("colour=red") == 400
        # newest first until the limit, among those that the filter takes
        assert [x["seq"] for x in server.get("/api/log?limit=1&q=job=" + whole["number"]).json()["lines"]] == [
            of_job[-1]["seq"]]
        sums = server.get("/api/log/summary").json()
        lines = server.get("/api/log?limit=5000").json()["lines"]
        assert sums["lines"] >= len(all_lines["lines"]) and sum(sums["levels"].values()) == sums["lines"]
        assert {x["source"] for x in sums["sources"]} == {x["source"] for x in lines}
        assert sums["hours"][0] + sums["hours"][1] == sums["lines"]
        assert server.get("/api/log/summary?since=%d" % ((time.time() + 3600) * 1000)).json()["lines"] == 0
        assert server.post("/api/node/mark").status == 200
        marks = server.get("/api/log?source=mark").json()["lines"]
        assert len(marks) == 1 and marks[0]["text"].startswith("mark by ")
        after = server.get("/api/log?after=%d&limit=2" % seqs[0]).json()["lines"]
        assert [line["seq"] for line in after] == seqs[1:3]
        before = server.get("/api/log?before=%d&limit=2" % seqs[3]).json()["lines"]
        assert [line["seq"] for line in before] == seqs[1:3]
        assert server.get("/api/log?level=error").json()["lines"] == []
        late = server.get("/api/log?since=%d" % ((time.time() + 3600) * 1000)).json()["lines"]
        assert late == []
        assert server.get("/api/log?level=loud").status == 400
        assert server.get("/api/log?limit=x").status == 400
        assert server.get("/api/log?job=J-9999").status == 404
        assert server.get("/api/dead-letters?job=J-9999").status == 404
