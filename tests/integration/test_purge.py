"""Erasing a channel, deleting what is old, removing old jobs; with PostgreSQL and with a process that owns the folder."""
import json
import os
import signal
import sqlite3
import time


from account import alive_ids, check_account, check_result, items_of, states, stored_rows
from tubeops import PATIENCE

DAY = 86400


def change(tubeops, script):
    """Nothing works on the folder meanwhile."""
    db = sqlite3.connect(os.path.join(tubeops.data, "staging.db"))
    db.executescript(script)
    db.close()


def key(tubeops, channel):
    return tubeops.value("SELECT hex(cid) FROM channel_id WHERE channel_id = ?", channel)


def give_videos(tubeops, channel, other, at):
    """Two videos and an edge to another channel, as a fetch would have left them."""
    change(tubeops, """
        INSERT INTO video (channel, vid, title, fetched_at, counted_at) VALUES
            (x'{0}', {2}, 'Video-of-victim', {3}, {3}), (x'{0}', {2} + 1, 'Video-of-victim', {3}, {3});
        INSERT INTO upload_list VALUES (x'{0}', 2, 0, 0, {3});
        INSERT INTO edge VALUES (x'{0}', x'{1}', 'youtube_featured', 's', 1, 1, 1, {3}, {3});
        INSERT INTO counter VALUES ('videos', 2) ON CONFLICT DO UPDATE SET value = value + 2;
        INSERT INTO counter VALUES ('edges', 1) ON CONFLICT DO UPDATE SET value = value + 1;
        """.format(key(tubeops, channel), key(tubeops, other), int(key(tubeops, channel)[:8], 16) * 16, int(at)))


def fetched(tubeops, ids):
    tubeops.import_ids(ids)
    return check_result(tubeops.json("run", "batch_metadata"))


def doctor_is_content(tubeops):
    done = tubeops.run("doctor")
    assert "counter" not in done.out or "says" not in done.out, done


# ---- one channel ----

def test_an_erased_channel_leaves_no_byte_and_stays_away(tubeops, sim, make_sim):
    asked = make_sim()
    ids = alive_ids(asked, 60)
    fetched(tubeops, ids)
    rows = stored_rows(tubeops)
    victim = next(i for i in ids if rows[i]["custom_url"])
    change(tubeops, "UPDATE channel_meta SET title = 'Title-of-victim', description = '%s' WHERE cid = x'%s'" % (
        "About-the-victim " * 500, key(tubeops, victim)))
    give_videos(tubeops, victim, ids[0] if ids[0] != victim else ids[1], time.time())
    traces = (b"Title-of-victim", b"About-the-victim", b"Video-of-victim")
    assert all(trace in tubeops.everything() for trace in traces)
    look = tubeops.json("purge", rows[victim]["custom_url"], "--dry-run")
    assert (look["channel_id"], look["known"], look["videos"], look["discoveries"]) == (victim, True, 2, 1)
    assert look["title"] == "Title-of-victim" and victim in stored_rows(tubeops)

    done = tubeops.json("purge", "https://www.youtube.com/channel/" + victim)
    assert done["ok"] and victim in done["message"] and "2 videos" in done["message"]
    left = tubeops.everything()
    assert [trace for trace in traces if trace in left] == []
    assert set(stored_rows(tubeops)) == set(ids) - {victim}
    found = check_account(tubeops, sim, 59)
    assert found["done"] == 59
    assert tubeops.value("SELECT count(*) FROM video") == tubeops.value("SELECT count(*) FROM edge") == 0

    again = tubeops.json("import", "-", input="\n".join(ids) + "\n")
    assert (again["read"], again["known"], again["erased"], again["added"]) == (60, 59, 1, 0)
    assert tubeops.json("run", "batch_metadata")["total"] == 0
    told = tubeops.run("import", "-", input=victim + "\n", check=0)
    assert "--readmit" in told.out, told
    # until it is readmitted
    assert tubeops.json("purge", victim, "--dry-run")["erased"] is True
    tubeops.run("purge", victim, "--readmit", check=0)
    refused = tubeops.run("purge", victim, "--readmit", check=1)
    assert "was not erased" in refused.err
    assert tubeops.import_ids([victim])["added"] == 1
    assert check_result(tubeops.json("run", "batch_metadata"))["done"] == 1
    check_account(tubeops, sim, 60)
    doctor_is_content(tubeops)


def test_sources_erased_after_they_were_handed_out_harm_no_others(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 60)
    fetched(tubeops, ids)
    with tubeops.serve() as server:
        def search(**limits):
            job = server.post("/api/jobs", dict(type="batch_discovery", method=["youtube_featured"], **limits)).json()["job_id"]
            return server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        search(limit=1)  # the rest of its feed waits for the next job
        left = [row[0] for row in tubeops.sql("SELECT channel_id FROM channels WHERE channel_id IN (SELECT i.channel_id"
                                              " FROM channel_id i JOIN channel c ON c.cid = i.cid WHERE c.discovery = 0)")]
        victims = [i for i in sorted(left) if i in ids][5:7]
        for victim in victims:
            assert server.post("/api/channels/%s/erase" % victim).json()["ok"]
        search()
        assert server.stop() == 0
    assert [tuple(row) for row in tubeops.sql("SELECT reason, message FROM dead_letter")] == []
    assert tubeops.value("SELECT count(*) FROM channel WHERE discovery = 4") == 0
    assert tubeops.value("SELECT count(*) FROM channel WHERE discovery = 1") == len(ids) - len(victims)
    assert not set(victims) & set(stored_rows(tubeops))


def test_what_cannot_be_purged_is_said(tubeops, sim):
    tubeops.import_ids(sim.ids(3))
    for words, code, text in (
            ((), 2, "what is to be deleted"), (("UCBJycsmduvYEL83R_U4JriQ", "--older-than", "3"), 2, "what is to be"),
            (("--older-than", "0"), 2, "older-than"), (("--older-than", "x"), 2, "older-than"),
            (("--readmit", "--older-than", "3"), 2, "which channel"),
            (("nonsense",), 1, "neither a channel id"), (("UC123",), 1, "24 characters"),
            (("@nobody-here",), 1, "give its id")):
        done = tubeops.run("purge", *words, check=code)
        assert text in done.err, done
    check_account(tubeops, sim, 3)
    # one that was never here is kept away too
    stranger = sim.ids(4)[3]
    assert "was not here" in tubeops.json("purge", stranger)["message"]
    assert tubeops.json("import", "-", input=stranger + "\n")["erased"] == 1
    check_account(tubeops, sim, 3)


def test_a_channel_erased_while_it_is_fetched(make_tubeops, make_sim):
    """Calls in flight bring nothing back, lose nothing else, and the process that owns the folder is asked."""
    sim = make_sim(latency="30-60")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=4)
    ids = sim.ids(2000)
    tubeops.import_ids(ids)
    victims = ids[::97]
    with tubeops.serve() as server:
        job = server.post("/api/batch-metadata", {}).json()["job_id"]
        for victim in victims[:-1]:
            assert server.post("/api/channels/%s/erase" % victim).json()["ok"]
        assert victims[-1] in tubeops.run("purge", victims[-1], "--yes", check=0).out
        assert server.post("/api/channels/nonsense/erase").status == 400
        done = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert server.stop() == 0
    assert done["failed"] == 0
    found = check_account(tubeops, sim, 2000 - len(victims))
    assert found["pending"] == found["failed"] == 0
    assert not set(victims) & set(stored_rows(tubeops))
    assert tubeops.value("SELECT count(*) FROM erased") == len(victims)
    doctor_is_content(tubeops)


# ---- by age ----

def test_old_data_goes_and_is_pending_again(tubeops, sim, make_sim, tomorrow):
    ids = alive_ids(make_sim(), 200)
    old, young = ids[:120], ids[120:]
    fetched(tubeops, old)
    give_videos(tubeops, old[0], old[1], time.time())
    env = tomorrow(20)
    sim.set_clock(tomorrow.epoch(20))
    tubeops.import_ids(young)
    check_result(tubeops.json("run", "batch_metadata", env=env))
    env = tomorrow(31)
    sim.set_clock(tomorrow.epoch(31))
    look = tubeops.json("purge", "--older-than", 30, "--dry-run", env=env)
    assert (look["metadata"], look["videos"], look["uploads"], look["discoveries"], look["rows"]) == (120, 2, 1, 1, 124)
    assert len(stored_rows(tubeops)) == 200
    words = tubeops.run("purge", "--older-than", 30, "--dry-run", env=env, check=0).out
    assert words.startswith("would delete 124 rows older than 30 days: ") and "metadata 120" in words
    result = check_result(tubeops.json("purge", "--older-than", 30, env=env))
    assert (result["done"], result["metadata"], result["videos"]) == (124, 120, 2)
    assert set(stored_rows(tubeops)) == set(young)
    found = check_account(tubeops, sim, 200)
    assert (found["pending"], found["done"]) == (120, 80)
    assert tubeops.value("SELECT count(*) FROM video") == 0
    assert tubeops.json("purge", "--older-than", 30, env=env)["done"] == 0
    again = check_result(tubeops.json("run", "batch_metadata", env=env))
    assert again["done"] == 120
    check_account(tubeops, sim, 200)
    doctor_is_content(tubeops)


def test_the_owner_of_the_folder_purges_as_a_job(tubeops, sim, make_sim):
    fetched(tubeops, alive_ids(make_sim(), 100))
    change(tubeops, "UPDATE channel_meta SET fetched_at = fetched_at - 40 * 86400")
    with tubeops.serve() as server:
        said = tubeops.json("purge", "--older-than", 30)
        assert (said["type"], said["status"]) == ("purge", "completed"), said
        server.wait_for("/api/jobs?limit=1", lambda jobs: jobs[0]["job_type"] == "purge" and
                        jobs[0]["status"] == "completed", PATIENCE)
        refused = server.post("/api/jobs", {"type": "purge", "days": 0})
        assert refused.status == 400 and "days" in refused.json()["error"]
        assert server.stop() == 0
    assert states(tubeops)["pending"] == 100 and not stored_rows(tubeops)
    check_account(tubeops, sim, 100)


def test_a_purge_that_is_stopped_goes_on(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim)
    fetched(tubeops, alive_ids(make_sim(), 6000))
    change(tubeops, "UPDATE channel_meta SET fetched_at = fetched_at - 40 * 86400")
    process = tubeops.start("purge", "--older-than", "30", "--json")
    end = time.monotonic() + PATIENCE
    while tubeops.value("SELECT count(*) FROM channel_meta") == 6000 and time.monotonic() < end:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    left = len(stored_rows(tubeops))
    assert left % 1000 == 0 and states(tubeops)["done"] == left
    tubeops.json("purge", "--older-than", 30)
    assert not stored_rows(tubeops) and check_account(tubeops, sim, 6000)["pending"] == 6000


# ---- PostgreSQL ----

def channels_there(pg, name, where="TRUE"):
    text = pg.psql("SELECT channel_id FROM channels WHERE %s" % where, database=name)
    return set(line for line in text.split() if line.startswith("UC"))


def test_postgresql_follows_both_ways_of_deleting(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim()
    tubeops = make_tubeops(sim, DATABASE_URL=url)
    ids = alive_ids(make_sim(), 90)
    fetched(tubeops, ids)
    victim, old = ids[7], ids[40:]
    give_videos(tubeops, victim, ids[0], time.time())
    # the first walk may have passed the victim
    change(tubeops, "INSERT INTO outbox (kind, num) VALUES (1, 0); "
                    "UPDATE counter SET value = value + 1 WHERE name = 'outbox'")
    tubeops.json("sync")
    assert channels_there(pg, name, "metadata_fetched") == set(ids)
    assert pg.psql("SELECT count(*) FROM videos", database=name).strip() == "2"

    tubeops.json("purge", victim)
    change(tubeops, "UPDATE channel_meta SET fetched_at = fetched_at - 40 * 86400 WHERE hex(cid) IN (%s)" % ", ".join(
        "'%s'" % key(tubeops, i) for i in old))
    pg.psql("UPDATE channels SET fetched_at = fetched_at - interval '40 days' WHERE channel_id IN (%s)" % ", ".join(
        "'%s'" % i for i in old), database=name)
    assert tubeops.json("purge", "--older-than", 30)["metadata"] == len(old)
    tubeops.json("sync")
    assert channels_there(pg, name) == set(ids) - {victim}
    assert pg.psql("SELECT count(*) FROM videos", database=name).strip() == "0"
    assert channels_there(pg, name, "metadata_fetched") == set(ids) - {victim} - set(old)
    assert channels_there(pg, name, "title IS NULL AND description IS NULL AND subscriber_count IS NULL AND "
                          "fetched_at IS NULL AND keywords IS NULL") == set(old)
    assert tubeops.json("status", check=None)["postgres"]["outbox"] == 0


# ---- old jobs ----

def test_jobs_that_ended_long_ago_leave_the_list(tubeops, sim, tomorrow):
    tubeops.import_ids(sim.ids(60))
    tubeops.json("run", "batch_metadata")
    change(tubeops, "UPDATE job SET status = 'paused' WHERE no = 1001")
    assert tubeops.json("run", "cleanup")["done"] == 0
    env = tomorrow(8)
    sim.set_clock(tomorrow.epoch(8))
    assert tubeops.json("run", "cleanup", env=env)["done"] == 2
    numbers = [j["number"] for j in json.loads(tubeops.run("jobs", "--json", env=env).out)]
    assert numbers == ["J-1004", "J-1001"]  # what is open stays, and numbers are not given twice
    assert tubeops.value("SELECT count(*) FROM job_number WHERE job NOT IN (SELECT no FROM job)") == 0
