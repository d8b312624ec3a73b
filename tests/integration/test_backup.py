"""tubeops backup and restore: a copy while all is at work, a folder made of it, and files that are no backup."""
import hashlib
import os
import random
import re
import sqlite3
import stat
import time

import pytest

from account import alive_ids, check_account, check_result, stored_rows
from servers import Postgres, ServerMissing
from tubeops import PATIENCE

LINE = 256
ADDED = "AIzaSyAdded00000000000000000000000000B"


def folder(tubeops, directory=None):
    """Every file of a data folder with its content's sum, but for the lock."""
    found = {}
    for name in sorted(os.listdir(directory or tubeops.data)):
        path = os.path.join(directory or tubeops.data, name)
        if os.path.isfile(path) and name != "tubeops.lock":
            with open(path, "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def backup_path(tubeops, name="b.tubeops"):
    return os.path.join(tubeops.directory, name)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


@pytest.fixture
def filled(tubeops, sim):
    """A folder with 600 channels, 300 of them fetched, and a backup of it."""
    tubeops.import_ids(sim.ids(600))
    tubeops.json("run", "batch_metadata", "--limit", "300")
    tubeops.json("backup", "b.tubeops")
    return tubeops


# ---- what a backup is ----

def test_a_backup_is_whole_and_a_restored_folder_is_the_same(make_tubeops, filled, sim):
    path = backup_path(filled)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    told = filled.json("backup", "again.tubeops")
    assert told["out"] == "again.tubeops" and told["keys"] == 0
    assert told["bytes"] + LINE == os.path.getsize(backup_path(filled, "again.tubeops"))
    assert [n for n in os.listdir(filled.directory) if "part" in n] == []
    # SQLite itself reads it
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        assert db.execute("SELECT count(*) FROM channels WHERE metadata = 'done'").fetchone()[0] > 250
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    other = make_tubeops(sim)
    done = other.json("restore", path)
    assert done["data"] == other.data and done["bytes"] == told["bytes"]
    assert stored_rows(other) == stored_rows(filled)
    assert check_account(other, sim, 600) == check_account(filled, sim, 600)
    assert other.units_booked() == filled.units_booked() == 6
    for name in ("staging.db", "quota.db"):
        assert stat.S_IMODE(os.stat(os.path.join(other.data, name)).st_mode) == 0o600
    assert not [n for n in os.listdir(other.data) if "restor" in n]
    result = check_result(other.json("run", "batch_metadata"))
    assert (result["total"], result["units_used"]) == (300, 6)
    assert check_account(other, sim, 600)["pending"] == 0


def test_a_backup_while_everything_is_at_work(make_tubeops, make_sim):
    sim = make_sim(channels=60000, latency="2-10")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=4, YOUTUBE_API_KEY_1_QUOTA=1000000)
    tubeops.import_ids(sim.ids(30000))
    tubeops.environment["IMPORT_ROOT"] = tubeops.directory
    more = os.path.join(tubeops.directory, "more.csv")
    write(more, ("id\n" + "\n".join(sim.ids(60000))).encode())
    restored = []
    with tubeops.serve() as server:
        job = server.post("/api/batch-metadata", {}).json()["job_id"]
        server.wait_for("/api/jobs/" + job, lambda j: j["done"] > 500, PATIENCE)
        for number in range(4):
            name = "b%d.tubeops" % number
            tubeops.json("backup", name)
            restored.append(name)
            if number == 1:
                answer = server.post("/api/jobs", {"type": "migration", "source_path": more})
                assert answer.status in (200, 201, 202), answer
        assert server.get("/api/jobs/" + job).json()["status"] in ("running", "completed")
        assert server.stop() == 0
    before = 0
    for number, name in enumerate(restored):
        other = make_tubeops(sim, folder="r%d" % number, WORKER_CONCURRENCY=8, YOUTUBE_API_KEY_1_QUOTA=1000000)
        other.json("restore", os.path.join(tubeops.directory, name))
        found = check_account(other)  # counts, states, jobs: all of one moment
        fetched = sum(found.values()) - found["pending"]
        assert before <= fetched
        before = fetched
        row = other.sql("SELECT processed, units FROM job WHERE type = 'batch_metadata'")[0]
        assert row["processed"] == fetched > 0
        # the book of the backup knows of every call whose result is in it
        assert row["units"] <= other.units_booked()
    # the work goes on in the last one: the same job, to its end
    sim.set_latency("0")
    with other.serve() as server:
        server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", 5 * PATIENCE)
        assert server.stop() == 0
    assert check_account(other)["pending"] == 0
    assert other.value("SELECT count(*) FROM job WHERE type = 'batch_metadata'") == 1


# ---- keys ----

def test_keys_are_in_it_only_where_quota_db_has_them(make_tubeops, make_sim):
    sim = make_sim(keys="AIzaSyTest0000000000000000000000000000A," + ADDED)
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(60))
    tubeops.run("keys", "add", "second", input=ADDED + "\n", check=0)
    told = tubeops.run("backup", "with", "--json", check=0)
    assert told.json()["keys"] == 1 and "--without-keys" in told.err and ADDED not in told.out + told.err
    assert tubeops.json("backup", "without", "--without-keys")["keys"] == 0
    of_settings = tubeops.environment["YOUTUBE_API_KEY_1"].encode()
    assert ADDED.encode() in read(backup_path(tubeops, "with"))
    assert ADDED.encode() not in read(backup_path(tubeops, "without"))
    for name in ("with", "without"):
        assert of_settings not in read(backup_path(tubeops, name))
    for name, keys in (("with", 1), ("without", 0)):
        other = make_tubeops(sim, keys=(), folder=name + "-restored")
        other.json("restore", backup_path(tubeops, name))
        assert other.quota_sql("SELECT count(*) FROM key WHERE secret IS NOT NULL")[0][0] == keys
        assert ADDED.encode() not in read(os.path.join(other.data, "staging.db"))
    assert other.run("run", "batch_metadata").code != 0  # it has no key
    other = make_tubeops(sim, keys=(), folder="with-restored")
    assert other.json("run", "batch_metadata")["units_used"] == 2


# ---- refusals ----

def test_what_a_backup_refuses(filled, make_tubeops, sim):
    again = filled.run("backup", "b.tubeops", check=1)
    assert "--overwrite" in again.err
    before = read(backup_path(filled))
    filled.json("run", "batch_metadata", "--limit", "50")
    filled.json("backup", "b.tubeops", "--overwrite")
    assert read(backup_path(filled)) != before
    for name in ("staging.db", "quota.db"):
        mine = os.path.join(filled.data, name)
        done = filled.run("backup", mine, "--overwrite", check=1)
        assert name in done.err
    assert check_account(filled, sim, 600)
    assert "ordinary file" in filled.run("backup", ".", "--overwrite", check=1).err
    nowhere = filled.run("backup", "no/such/folder/b", check=1)
    assert "no/such/folder" in nowhere.err
    empty = make_tubeops(sim).run("backup", "b", check=1)
    assert "import" in empty.err
    assert filled.run("backup", check=2).err


def test_a_file_that_is_damaged_changes_nothing(filled, make_tubeops, sim):
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    whole = read(backup_path(filled))
    bad = backup_path(filled, "bad")
    assert re.match(rb"\ntubeops-backup 1 made \d+ staging \d+ version \d+ quota \d+ version \d+ keys 0 sha256 "
                    rb"[0-9a-f]{64} +\n$", whole[-LINE:])
    files = {"empty": b"", "short": whole[:100], "line alone": whole[-LINE:], "text": b"channel_id\n" * 100,
             "database": read(os.path.join(filled.data, "staging.db")), "longer": whole + b"\n",
             "less a byte": whole[:-1], "cut in front": whole[4096:]}
    for _ in range(6):
        files["cut %d" % len(files)] = whole[:dice.randrange(len(whole))]
    for at in [dice.randrange(len(whole) - LINE) for _ in range(12)] + [len(whole) - LINE + n for n in (0, 5, 20, 40, 150)]:
        files["bit at %d" % at] = whole[:at] + bytes([whole[at] ^ (1 << dice.randrange(8))]) + whole[at + 1:]
    before = folder(filled)
    fresh = make_tubeops(sim)
    for what, data in files.items():
        write(bad, data)
        done = filled.run("restore", bad, "--overwrite")
        assert done.code == 1 and "nothing was changed" in done.err, (what, done)
        assert folder(filled) == before, what
        assert fresh.run("restore", bad).code == 1
        assert folder(fresh) == {}, what
    assert filled.run("restore", "none-such", check=1).err
    check_account(filled, sim, 600)


def test_a_newer_backup_is_refused_and_nothing_is_changed(filled):
    whole = read(backup_path(filled))
    line = re.sub(rb"version \d+ quota", b"version 999 quota", whole[-LINE:])
    text = line[:line.index(b"sha256 ") + 7]
    made = whole[:-LINE] + text + hashlib.sha256(whole[:-LINE] + text).hexdigest().encode()
    made += b" " * (len(whole[:-LINE]) + LINE - 1 - len(made)) + b"\n"
    write(backup_path(filled, "newer"), made)
    before = folder(filled)
    done = filled.run("restore", "newer", "--overwrite", check=1)
    assert "newer tubeops" in done.err and folder(filled) == before


def test_a_folder_with_data_or_at_work_is_left_alone(filled, make_tubeops, sim):
    before = folder(filled)
    refused = filled.run("restore", "b.tubeops", check=1)
    assert "--overwrite" in refused.err and folder(filled) == before
    with filled.serve() as server:
        busy = filled.run("restore", "b.tubeops", "--overwrite", check=1)
        assert "in use by process %d" % server.process.pid in busy.err
        assert server.stop() == 0
    assert check_account(filled, sim, 600)["done"] > 250
    half = make_tubeops(sim)
    os.mkdir(half.data)
    write(os.path.join(half.data, "quota.db"), read(os.path.join(filled.data, "quota.db")))
    assert "--overwrite" in half.run("restore", backup_path(filled), check=1).err


# ---- what a restore keeps ----

def test_units_spent_after_the_backup_stay_spent(filled, sim):
    was = stored_rows(filled)
    result = filled.json("run", "batch_metadata")
    assert result["units_used"] == 6 and sim.units() == 12
    booked, now = filled.units_booked(), stored_rows(filled)
    filled.json("restore", "b.tubeops", "--overwrite")
    assert filled.units_booked() == booked == 12
    assert stored_rows(filled) == was
    check_account(filled, sim, 600)
    kept = os.path.join(filled.data, "staging.db.before-restore")
    with sqlite3.connect("file:%s?mode=ro" % kept, uri=True) as db:
        assert db.execute("SELECT count(*) FROM channel_meta").fetchone()[0] == len(now)
    # once more: the first one is still there
    filled.json("restore", "b.tubeops", "--overwrite")
    names = set(os.listdir(filled.data))
    assert {"staging.db.before-restore", "staging.db.before-restore-2", "quota.db.before-restore",
            "quota.db.before-restore-2"} <= names
    assert filled.units_booked() == 12
    # and the limit holds: of 13 units one is left
    left = filled.run("run", "batch_metadata", "--json", env={"YOUTUBE_API_KEY_1_QUOTA": "13"}, check=3).json()
    assert sim.units() == 13 and left["status"] == "waiting"


def test_ruins_are_replaced(filled, sim):
    for name in ("staging.db", "quota.db"):
        write(os.path.join(filled.data, name), b"this was a database" * 1000)
        write(os.path.join(filled.data, name + "-wal"), b"and this its log" * 1000)
    done = filled.run("restore", "b.tubeops", "--overwrite", check=0)
    assert "quota.db could not be read" in done.err
    assert check_account(filled, sim, 600)["done"] > 250 and filled.units_booked() == 6
    assert read(os.path.join(filled.data, "staging.db.before-restore")).startswith(b"this was")
    assert read(os.path.join(filled.data, "staging.db.before-restore-wal")).startswith(b"and this")


def test_killed_while_it_restores(filled, sim):
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    filled.json("run", "batch_metadata", "--limit", "100")
    booked = filled.units_booked()
    assert booked == 8
    states = [check_account(filled, sim, 600)]
    began = time.monotonic()
    filled.json("restore", "b.tubeops", "--overwrite")
    length = time.monotonic() - began
    states.append(check_account(filled, sim, 600))
    assert states[0] != states[1]
    for _ in range(25):
        process = filled.start("restore", "b.tubeops", "--overwrite")
        end = time.monotonic() + dice.uniform(0, length)
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.0005)
        process.kill()
        process.communicate()
        # whatever moment it was: a whole folder, and no unit is forgotten
        assert filled.run("status", "--json").json()["channels"] == 600
        assert filled.units_booked() == booked
        assert check_account(filled, sim, 600) in states
        for name in os.listdir(filled.data):
            if ".before-restore" in name:
                os.unlink(os.path.join(filled.data, name))
    filled.json("restore", "b.tubeops", "--overwrite")
    assert check_account(filled, sim, 600) == states[1]
    assert not [n for n in os.listdir(filled.data) if ".restoring" in n]


# ---- PostgreSQL ----

def test_postgresql_is_made_right_again(make_tubeops, make_sim):
    try:
        with Postgres() as pg:
            postgres_after_a_restore(make_tubeops, make_sim, pg)
    except ServerMissing as missing:
        pytest.skip(str(missing))


def postgres_after_a_restore(make_tubeops, make_sim, pg):
    url = pg.new_database("restored")

    def rows(sql):
        return {tuple(line.split("|")) for line in
                pg.psql("COPY (%s) TO STDOUT (DELIMITER '|')" % sql, database="restored").split("\n") if line}
    sim = make_sim()
    tubeops = make_tubeops(sim, DATABASE_URL=url)
    ids = alive_ids(make_sim(), 400)
    tubeops.import_ids(ids[:300])
    tubeops.json("run", "batch_metadata", "--limit", "100")
    tubeops.json("sync")
    tubeops.json("backup", "b")
    # pushed after the backup: more channels, more metadata, a job that ended
    tubeops.import_ids(ids[300:])
    tubeops.json("run", "batch_metadata", "--limit", "100")
    tubeops.json("sync")
    newer = rows("SELECT channel_id FROM channels WHERE metadata_fetched")
    assert len(newer) == 200
    tubeops.json("restore", "b", "--overwrite")
    assert tubeops.value("SELECT count(*) FROM outbox WHERE kind = 1") == 1
    # lost there meanwhile: a restored staging does not believe that PostgreSQL has anything
    lost = sorted(i for i, in newer if i in set(ids[:300]))[:5]
    pg.psql("DELETE FROM channels WHERE channel_id IN (%s)" % ",".join("'%s'" % i for i in lost), database="restored")
    tubeops.json("sync")
    assert {i for i, in rows("SELECT channel_id FROM channels")} == set(ids)
    # what it learned after the backup is not taken from it
    assert {i for i, in newer} - set(lost) <= {i for i, in rows("SELECT channel_id FROM channels WHERE metadata_fetched")}
    jobs = {r["type"] + "|" + r["status"] for r in tubeops.sql("SELECT type, status FROM job")}
    assert jobs <= {"|".join(r) for r in rows("SELECT job_type, status FROM processing_jobs")}
    # and all is well once the restored folder has caught up
    tubeops.import_ids(ids[300:])
    tubeops.json("run", "batch_metadata")
    tubeops.json("sync")
    stored = {(i, hashlib.md5(r["title"].encode()).hexdigest(), str(r["fetched_at"]))
              for i, r in stored_rows(tubeops).items()}
    assert len(stored) == 400 and stored == rows(
        "SELECT channel_id, md5(title), extract(epoch FROM fetched_at)::bigint FROM channels WHERE metadata_fetched")
    assert tubeops.json("status")["postgres"]["outbox"] == 0
