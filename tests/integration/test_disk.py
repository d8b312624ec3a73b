"""The disk below the data folder or below PostgreSQL full and freed, read-only and writable again: a small tmpfs that the
tests mount.  Nothing is lost, what stopped goes on."""
import errno
import json
import os
import select
import subprocess
import time

import pytest
from account import check_account, check_postgres, check_result
from servers import Postgres, ServerMissing
from tubeops import PATIENCE, wait_until

JOBS = [["batch_metadata"], ["batch_videos", "--videos-per-channel", "20"]]


class Disk:
    """A mounted tmpfs."""

    def __init__(self, path, megabytes):
        self.path = path
        os.makedirs(path, exist_ok=True)
        self._run("mount", "-t", "tmpfs", "-o", "size=%dm,mode=0755" % megabytes, "tubeops-test", path)

    @staticmethod
    def _run(*words):
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError("%s: %s" % (words[0], done.stderr.strip()))

    def fill(self, leave=0):
        """Takes all bytes that are free, or all but so many."""
        with open(os.path.join(self.path, "ballast"), "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC
            file.truncate(file.tell() - leave)

    def free(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def read_only(self, on):
        """Possible only while nobody has a file open for writing."""
        self._run("mount", "-o", "remount,ro" if on else "remount,rw", self.path)

    def remove(self):
        self._run("umount", "--lazy", self.path)


@pytest.fixture
def make_disk(tmp_path):
    """Mounts disks; a test names this before make_tubeops, or the disk would go before the program."""
    made = []

    def make(path, megabytes):
        try:
            made.append(Disk(str(path), megabytes))
        except OSError as error:
            pytest.skip("a tmpfs cannot be mounted here: %s" % error)
        return made[-1]
    yield make
    for disk in made:
        disk.remove()


@pytest.fixture
def small(make_disk, make_sim, make_tubeops):
    """A simulator, a program whose data folder is a disk of its own, and that disk."""
    sim = make_sim(latency="10-30")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    disk = make_disk(tubeops.data, 64)
    os.chmod(tubeops.data, 0o700)
    return sim, tubeops, disk


def with_channels(tubeops, sim, job):
    """Channels to do for a job of this kind; gives their number."""
    count = 3000 if job[0] == "batch_metadata" else 800
    tubeops.import_ids(sim.ids(count))
    if job[0] != "batch_metadata":
        sim.set_latency("0")
        tubeops.run("run", "batch_metadata", check=0)
        sim.set_latency("10-30")
    return count


def heard(process, what, patience=PATIENCE):
    """Reads what it says until it says this, or ends, or patience does; what it said."""
    said, end = b"", time.monotonic() + patience
    while what.encode() not in said and time.monotonic() < end:
        if select.select([process.stderr], [], [], end - time.monotonic())[0]:
            read = os.read(process.stderr.fileno(), 65536)
            if not read:
                break
            said += read
    return said.decode(errors="replace")


def started_on_a_disk_that_fills(tubeops, sim, disk, job):
    """A job whose disk is full in its middle, at the moment when it said so, and what it said."""
    before = sim.stats()["requests"]
    process = tubeops.start("run", *job, "--json")
    wait_until(lambda: sim.stats()["requests"] > before + 5, "the job does not begin")
    disk.fill()
    sim.set_latency("0")
    said = heard(process, "staging cannot be written, trying on")
    assert "trying on" in said and process.poll() is None and ("disk full: free some space" in said or "disk I/O error" in said)
    return process, said


def check_done(tubeops, sim, job, count):
    """All of it is done, and kept as it should be."""
    found = check_account(tubeops, sim, count)
    assert found["pending"] == found["failed"] == 0
    if job[0] == "batch_videos":
        assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1 AND videos = 0") == 0
        assert tubeops.value("SELECT count(*) FROM video") == tubeops.value(
            "SELECT value FROM counter WHERE name = 'videos'") > 1000


# ---- full ----

@pytest.mark.parametrize("job", JOBS, ids=lambda j: j[0])
def test_a_job_waits_for_space(small, job):
    sim, tubeops, disk = small
    count = with_channels(tubeops, sim, job)
    process, said = started_on_a_disk_that_fills(tubeops, sim, disk, job)
    disk.free()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said + err
    result = check_result(json.loads(out))
    assert (result["status"], result["failed"]) == ("completed", 0)
    check_done(tubeops, sim, job, count)


@pytest.mark.parametrize("how, job", [("terminate", JOBS[0]), ("kill", JOBS[0]), ("kill", JOBS[1])],
                         ids=["stopped", "killed", "killed-videos"])
def test_a_job_ends_on_a_full_disk(small, how, job):
    sim, tubeops, disk = small
    count = with_channels(tubeops, sim, job)
    process, said = started_on_a_disk_that_fills(tubeops, sim, disk, job)
    getattr(process, how)()
    out, err = process.communicate(timeout=PATIENCE)
    assert how == "kill" or process.returncode == 1, said + err
    again = tubeops.start("run", *job, "--json")
    words = heard(again, "disk", 10)  # it cannot begin, or begins and waits
    again.terminate()
    words += again.communicate(timeout=PATIENCE)[1]
    assert again.returncode == 1, words
    disk.free()
    check_account(tubeops, sim, count)
    assert tubeops.json("run", *job)["status"] == "completed"
    check_done(tubeops, sim, job, count)


# how much a disk leaves: too little for the first page of the log, for a transaction
LEFT = [4096, 8192, 20000]


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("job", JOBS, ids=lambda j: j[0])
def test_a_job_that_begins_on_a_full_disk_says_so_at_once(small, job, left):
    sim, tubeops, disk = small
    count = with_channels(tubeops, sim, job)
    disk.fill(leave=left)
    process = tubeops.start("run", *job, "--json")
    said = heard(process, "staging cannot be written, trying on", 20)
    assert "disk full: free some space" in said and process.poll() is None, said
    disk.free()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said + err
    assert check_result(json.loads(out))["status"] == "completed"
    check_done(tubeops, sim, job, count)


def test_a_signal_ends_the_waiting_for_a_full_disk(small):
    sim, tubeops, disk = small
    count = with_channels(tubeops, sim, JOBS[0])
    disk.fill(leave=LEFT[0])
    process = tubeops.start("run", *JOBS[0])
    heard(process, "staging cannot be written, trying on", 20)
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "disk full" in err, err
    disk.free()
    assert tubeops.json("run", *JOBS[0])["status"] == "completed"
    check_done(tubeops, sim, JOBS[0], count)


def test_after_a_crash_a_full_disk_is_told_and_nothing_begins(small):
    sim, tubeops, disk = small
    count = with_channels(tubeops, sim, JOBS[0])
    process, _ = started_on_a_disk_that_fills(tubeops, sim, disk, JOBS[0])
    process.kill()
    process.communicate(timeout=PATIENCE)
    disk.free()
    disk.fill(leave=LEFT[0])
    for words in (["run", *JOBS[0]], ["serve", "--listen", "127.0.0.1:0"]):
        said = tubeops.run(*words, check=1)
        assert "free some space" in said.err, said
    disk.free()
    assert tubeops.json("run", *JOBS[0])["status"] == "completed"
    check_done(tubeops, sim, JOBS[0], count)


def test_an_import_waits_for_space(small):
    sim, tubeops, disk = small
    tubeops.import_ids(sim.ids(100))
    with open(os.path.join(tubeops.directory, "ids.csv"), "w", encoding="ascii") as file:
        file.write("channel_id\n" + "\n".join(sim.ids(20000)) + "\n")
    disk.fill(leave=400000)
    process = tubeops.start("import", "ids.csv", "--json")
    said = heard(process, "staging cannot be written, trying on")
    assert process.poll() is None and "disk full: free some space" in said, said
    disk.free()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said + err
    result = check_result(json.loads(out))
    assert (result["read"], result["added"], result["known"]) == (20000, 19900, 100)
    assert check_account(tubeops, sim, 20000)["pending"] == 20000


def test_an_import_without_space_begins_again(small):
    """Not a byte is free: it says so at once, and the same command does it later."""
    sim, tubeops, disk = small
    tubeops.import_ids(sim.ids(100))
    disk.fill()
    said = tubeops.run("import", "-", input="\n".join(sim.ids(20000)), check=1)
    assert "free some space" in said.err, said
    disk.free()
    check_account(tubeops, sim, 100)
    tubeops.import_ids(sim.ids(20000))
    assert check_account(tubeops, sim, 20000)["pending"] == 20000


def test_serve_goes_on_by_itself(small):
    sim, tubeops, disk = small
    tubeops.import_ids(sim.ids(3000))
    with tubeops.serve() as server:
        before = sim.stats()["requests"]
        job = server.post("/api/batch-metadata", {}).json()["job_id"]
        wait_until(lambda: sim.stats()["requests"] > before + 5, "the job does not begin")
        disk.fill()
        wait_until(lambda: "staging cannot be written, trying on" in server.err, "not a word of the full disk")
        assert server.get("/health").status == 200
        assert server.get("/api/jobs/" + job).json()["status"] == "running"
        disk.free()
        done = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert done["processed_items"] == done["total_items"] == 3000
        assert server.stop() == 0
    check_done(tubeops, sim, JOBS[0], 3000)


# ---- read-only ----

def test_a_data_folder_that_cannot_be_written(small):
    sim, tubeops, disk = small
    tubeops.import_ids(sim.ids(500))
    tubeops.run("run", "batch_metadata", "--limit", "100", check=0)
    requests = sim.stats()["requests"]
    disk.read_only(True)
    for words in (["run", "batch_metadata"], ["import", "-"], ["serve", "--listen", "127.0.0.1:0"]):
        said = tubeops.run(*words, input="UCBJycsmduvYEL83R_U4JriQ\n", check=1)
        assert "Read-only file system" in said.err and said.err.count("\n") == 1, said
    assert tubeops.json("status")["channels"] == 500  # looking needs no writing
    disk.read_only(False)
    check_account(tubeops, sim, 500)
    disk.read_only(True)  # but for SQLite's own files, which the check took away
    assert "can its folder be written?" in tubeops.run("status", check=1).err
    assert sim.stats()["requests"] == requests
    disk.read_only(False)
    check_account(tubeops, sim, 500)
    tubeops.json("run", "batch_metadata")
    check_done(tubeops, sim, JOBS[0], 500)


# ---- PostgreSQL ----

def test_postgresql_waits_for_space(make_disk, make_sim, make_tubeops):
    """Its tables are on a disk of their own; what waited there arrives."""
    try:
        server = Postgres({"fsync": "off"})
    except ServerMissing as missing:
        pytest.skip(str(missing))
    with server as pg:
        disk = make_disk(os.path.join(pg.dir, "small"), 32)
        own(disk.path, pg)
        pg.psql("CREATE TABLESPACE small LOCATION '%s'" % disk.path, database="postgres")
        pg.psql("CREATE DATABASE full_one TABLESPACE small", database="postgres")
        sim = make_sim(channels=5000)
        tubeops = make_tubeops(sim, DATABASE_URL=pg.url_of("full_one"))
        tubeops.import_ids(sim.ids(3000))
        tubeops.run("run", "batch_metadata", "--limit", "100", check=0)
        tubeops.run("sync", check=0)
        disk.fill()
        done = tubeops.run("run", "batch_metadata", "--json", check=0)
        assert done.json()["status"] == "completed"
        tubeops.run("run", "batch_videos", "--limit", "200", "--videos-per-channel", "10", check=0)
        refused = tubeops.run("sync")
        assert refused.code == 1 and "disk of the PostgreSQL server is full: make room" in refused.err, refused
        assert tubeops.value("SELECT count(*) FROM outbox") > 0
        check_postgres(tubeops, pg, "full_one")
        check_account(tubeops, sim, 3000)
        disk.free()
        tubeops.run("sync", check=0)
        assert tubeops.value("SELECT count(*) FROM outbox") == 0
        assert check_postgres(tubeops, pg, "full_one") == sum(
            tubeops.value("SELECT count(*) FROM " + table) for table in ("video", "edge", "channel_meta")) > 3000
        check_account(tubeops, sim, 3000)


def own(path, server):
    """The server's user may write there."""
    if server._user:
        os.chown(path, server._user.pw_uid, server._user.pw_gid)
