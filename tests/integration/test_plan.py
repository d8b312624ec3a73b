"""The plan: stages share a day's units, lend what they do not need, wait for the reset; forecasts and prices in all faces."""
import datetime
import time

import pytest

PATIENCE = 60
KEY_QUOTA = 200
VIDEOS = {"playlistItems.list", "videos.list"}


def spent(sim):
    """Units by the simulator's own log: for channels, for videos."""
    entries = [e for e in sim.log_entries() if e["billed"]]
    videos = sum(e["cost"] for e in entries if e["method"] in VIDEOS)
    return sum(e["cost"] for e in entries) - videos, videos


def far_from_midnight():
    """Seconds to the next midnight in Los Angeles, by either offset."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return min((datetime.timedelta(hours=h) - datetime.timedelta(hours=now.hour, minutes=now.minute)).total_seconds() % 86400
               for h in (7, 8))


@pytest.fixture
def place(make_sim, make_tubeops):
    if far_from_midnight() < 300:
        pytest.skip("the quota day is about to end")
    sim = make_sim(quota=KEY_QUOTA, log_ids=True)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=KEY_QUOTA, PLAN_LEND=0, API_RATE_LIMIT_DELAY=0)
    ids = sim.ids(16000)
    tubeops.import_ids(ids[:1000])
    tubeops.run("run", "batch_metadata", "--json", check=0)
    tubeops.import_ids(ids[1000:])
    return sim, tubeops


def stage(plan, name):
    return next(s for s in plan["stages"] if s["name"] == name)


def start(server, **what):
    return "/api/jobs/" + server.post("/api/jobs", what).json()["job_id"]


def wait_spent(sim, units):
    end = time.monotonic() + PATIENCE
    while sim.units() < units and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)  # nothing follows
    assert sim.units() == units


def test_two_stages_share_the_day_as_planned(place):
    sim, tubeops = place
    assert spent(sim) == (20, 0)
    with tubeops.serve() as server:
        metadata, videos = start(server, type="batch_metadata"), start(server, type="batch_videos")
        for path, name in ((metadata, "metadata"), (videos, "videos")):
            job = server.wait_for(path, lambda j: j["status"] == "waiting", PATIENCE)
            assert job["reason"].startswith("share of %s spent" % name) and job["until"]
        wait_spent(sim, 180)
        assert spent(sim) == (120, 60)  # 60 and 30 percent of 200
        plan = server.get("/api/plan").json()
        assert (stage(plan, "metadata")["spent_today"], stage(plan, "videos")["spent_today"]) == (120, 60)
        assert stage(plan, "metadata")["left_today"] == 0 and plan["units_left"] == 20
        assert stage(plan, "videos")["dry_at"] and plan["dry_at"] and plan["idle_seconds"] > 0
        assert sum(plan["units_by_hour"]) == 180 and len(plan["units_by_hour"]) in (23, 24, 25)
        assert stage(plan, "videos")["measured"] and 1 < stage(plan, "videos")["units_per_item"] < 2
        # more for videos: what they get is theirs at once
        done = server.post("/api/plan/share", {"stage": "videos", "percent": 35})
        assert done.status == 200 and "videos 35%" in done.json()["message"], done
        wait_spent(sim, 190)
        assert spent(sim) == (120, 70)
        assert server.post("/api/plan/lend", {"lend": True}).status == 200
        wait_spent(sim, 200)
        assert server.stop() == 0
    # not forgotten: not the shares, not what was spent
    with tubeops.serve() as server:
        for path in (metadata, videos):
            server.wait_for(path, lambda j: j["status"] == "waiting", PATIENCE)
        plan = server.get("/api/plan").json()
        assert plan["lend"] is True and stage(plan, "videos")["share"] == 35
        channels, films = spent(sim)
        assert (stage(plan, "metadata")["spent_today"], stage(plan, "videos")["spent_today"]) == (channels, films)
        assert server.stop() == 0
    assert sim.units() == 200


def test_a_share_is_lent_when_its_stage_has_no_work(place):
    sim, tubeops = place
    tubeops.run("plan", "lend", "on", check=0)
    with tubeops.serve() as server:
        videos = start(server, type="batch_videos", videos_per_channel=1)
        metadata = start(server, type="batch_metadata", limit=1000)
        server.wait_for(metadata, lambda j: j["status"] == "completed", PATIENCE)
        server.wait_for(videos, lambda j: j["status"] == "waiting", PATIENCE)
        wait_spent(sim, 200)
        assert spent(sim) == (40, 160)
        assert "all quota" in server.get(videos).json()["reason"]
        assert server.stop() == 0


def test_a_killed_process_forgets_no_stage(place):
    sim, tubeops = place
    sim.set_latency(20)
    with tubeops.serve() as server:
        videos = start(server, type="batch_videos")
        server.wait_for(videos, lambda j: j["processed_items"] >= 5, PATIENCE)
        server.process.kill()
        server.process.wait()
    booked = tubeops.units_booked()
    rows = tubeops.quota_sql("SELECT stage, sum(units) AS units FROM spending GROUP BY stage")
    by_stage = {r["stage"]: r["units"] for r in rows}
    assert sum(by_stage.values()) == booked >= sim.units()
    assert by_stage["metadata"] == 20 and by_stage["videos"] >= spent(sim)[1]
    with tubeops.serve() as server:
        server.wait_for(videos, lambda j: j["status"] == "waiting", PATIENCE)
        assert 60 - 20 <= spent(sim)[1] <= 60  # what died with a lease counts as spent
        assert server.stop() == 0


def test_the_plan_is_shown_and_changed_by_the_command_line(place):
    sim, tubeops = place
    shown = tubeops.run("plan", check=0).out
    assert "metadata" in shown and " 60%" in shown and "lending off" in shown and "20 of 200 units" in shown
    assert "metadata 52%, videos 40%" in tubeops.run("plan", "share", "videos", "40", check=0).out
    assert "pace even" in tubeops.run("plan", "pace", "even", "--json", check=0).json()["message"]
    tubeops.run("plan", "target", "videos", "2020-01-01", check=0)
    for words in (["share"], ["share", "videos"], ["pace"], ["slow"], ["target", "videos"]):
        assert tubeops.run("plan", *words).code == 2, words
    for words in (["share", "films", "4"], ["share", "videos", "140"], ["pace", "slow"], ["lend", "perhaps"],
                  ["target", "videos", "soon"]):
        assert tubeops.run("plan", *words).code == 1, words
    plan = tubeops.json("plan")
    assert (plan["pace"], plan["lend"], stage(plan, "videos")["share"]) == ("even", False, 40)
    assert stage(plan, "videos")["target_date"] == "2020-01-01" and stage(plan, "videos")["late"]
    status = tubeops.run("status")
    assert status.code == 1 and "videos is wanted by 2020-01-01" in status.out
    assert "campaign" in status.out and "metadata" in status.out
    same = tubeops.json("status", check=1)["plan"]
    assert [s["finish"] for s in same["stages"]] == [s["finish"] for s in plan["stages"]] or far_from_midnight() < 900
    tubeops.run("plan", "target", "videos", "none", check=0)
    assert tubeops.run("status").code == 0
    # with a process at work the same words go there, and it heeds them
    with tubeops.serve() as server:
        tubeops.run("plan", "pace", "fast", check=0)
        assert server.get("/api/plan").json()["pace"] == "fast"
        assert server.stop() == 0
    for name, value in (("PLAN_SHARES", "60,30,5"), ("PLAN_PACE", "slow")):
        done = tubeops.run("plan", env={name: value})
        assert done.code == 1 and name in done.err, done


def test_prices_and_what_if_over_rest(place):
    sim, tubeops = place
    with tubeops.serve() as server:
        whole = server.post("/api/jobs/price", {"type": "batch_videos"}).json()
        assert whole["share"]["stage"] == "videos" and whole["share"]["units_per_day"] == 60
        assert whole["limited_by"] == "quota" and whole["waits_for_midnights"] >= whole["units"] // 60 - 1
        less = next(c for c in whole["cheaper"] if "10 newest" in c["text"])
        again = server.post("/api/jobs/price", {"type": "batch_videos", **less["params"]}).json()
        assert again["units"] == less["units"] < whole["units"]
        large = next(c for c in whole["cheaper"] if "subscribers" in c["text"])
        counted = tubeops.value("SELECT count(*) FROM channel_meta WHERE subscriber_count >= 10000")
        assert large["items"] == counted and "channels" in large["loses"]
        assert server.post("/api/jobs/price", {"type": "nothing"}).status == 400
        assert server.post("/api/jobs/price", {"type": "batch_videos", "limit": "x"}).status == 400
        answer = server.get("/api/plan/what-if").json()
        for row in answer["videos"]:
            least = row["min_subscribers"]
            sql = "SELECT count(*) FROM channel_meta" + (" WHERE subscriber_count >= %d" % least if least else "")
            assert row["channels"] == tubeops.value(sql), row
        twice = server.get("/api/plan/what-if?videos=60&pace=even").json()
        assert twice["pace"] == "even" and answer["pace"] == "fast"
        assert twice["videos"][-1]["days"] < answer["videos"][-1]["days"]
        assert server.get("/api/plan/what-if?videos=600").status == 400
        # the job that was priced: its channels and no others
        job = start(server, type="batch_videos", min_subscribers=10000, videos_per_channel=1)
        server.wait_for(job, lambda j: j["status"] in ("waiting", "completed"), PATIENCE)
        wrong = tubeops.value("SELECT count(*) FROM channel c JOIN channel_meta m USING (cid) WHERE c.videos > 0 AND "
                              "coalesce(m.subscriber_count, 0) < 10000")
        assert wrong == 0 and tubeops.value("SELECT count(*) FROM channel WHERE videos > 0") > 0
        assert server.stop() == 0


def test_even_pace_spreads_what_is_left(make_sim, make_tubeops):
    left = far_from_midnight()
    if left < 600:
        pytest.skip("the quota day is about to end")
    quota = int(left * 20)
    sim = make_sim(quota=0)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=quota, PLAN_PACE="even", API_RATE_LIMIT_DELAY=0)
    tubeops.import_ids(sim.ids(2000))
    done = tubeops.json("run", "batch_metadata")
    assert done["processed"] == 2000 and done["units_used"] == 40
    times = [e["t"] for e in sim.log_entries() if e["billed"]]
    assert len(times) == 40
    assert max(times) - min(times) > 39 / 20 * 900  # by the simulator's clock: no sooner than 20 a second
