"""Exports from outside: what a run has fetched, packed files, stopping, memory."""
import csv
import gzip
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from tubeops import PATIENCE

LETTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def made_up_ids(count):
    pick = random.Random(7)
    return ["UC" + "".join(pick.choices(LETTERS, k=21)) + pick.choice("AQgw") for _ in range(count)]


def rows_of(done):
    assert done.code == 0, done
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


def test_all_kinds_of_what_a_run_has_fetched(make_tubeops, make_sim):
    sim = make_sim(channels=5000)
    tubeops = make_tubeops(sim)
    tubeops.run("import", "-", input="\n".join(sim.ids(300)) + "\n", check=0)
    tubeops.run("run", "batch_metadata", "--json", check=0)
    tubeops.run("run", "batch_videos", "--videos-per-channel", "8", "--json", check=0)
    tubeops.run("run", "batch_discovery", "--limit", "60", "--json", check=0)
    videos = rows_of(tubeops.run("export", "videos"))
    assert len(videos) == tubeops.value("SELECT count(*) FROM video") > 500
    stored = {r["video_id"]: r for r in tubeops.sql("SELECT * FROM videos")}
    for row in videos:
        assert stored[row["video_id"]]["channel_id"] == row["channel_id"]
        assert (stored[row["video_id"]]["title"] or "") in (row["title"], row["title"][1:])
        assert str(stored[row["video_id"]]["view_count"] or 0) == (row["view_count"] or "0")
    found = [json.loads(line) for line in tubeops.run("export", "discoveries", "--format", "jsonl").out.splitlines()]
    assert len(found) == tubeops.value("SELECT count(*) FROM edge") > 50
    assert all(0 < r["combined"] <= 1 and 0 < r["confidence_score"] <= 1 for r in found)
    method = found[0]["discovery_method"]
    chosen = rows_of(tubeops.run("export", "discoveries", "--method", method, "--columns",
                                 "discovered_channel_id,source_channel_id"))
    assert list(chosen[0]) == ["discovered_channel_id", "source_channel_id"]
    assert len(chosen) == sum(r["discovery_method"] == method for r in found)
    new = rows_of(tubeops.run("export", "channels", "--source", "discovery"))
    assert len(new) == tubeops.value("SELECT count(*) FROM found") > 0
    big = rows_of(tubeops.run("export", "channels", "--min-subscribers", "1000", "--state", "done"))
    assert len(big) == tubeops.value("SELECT count(*) FROM channel_meta m JOIN channel c ON c.cid = m.cid "
                                     "WHERE subscriber_count >= 1000 AND metadata = 1")
    assert len(rows_of(tubeops.run("export", "jobs", "--state", "completed"))) == 4
    one = rows_of(tubeops.run("export", "videos", "--channel", videos[0]["channel_id"]))
    assert one == [r for r in videos if r["channel_id"] == videos[0]["channel_id"]]


def unpacked(path):
    """The text of a packed file, by another program than ours."""
    if path.endswith(".gz"):
        with gzip.open(path) as f:
            return f.read().decode()
    if not shutil.which("zstd"):
        pytest.skip("zstd is not installed")
    return subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("name", ["all.csv.gz", "all.csv.zst"])
def test_a_name_with_an_ending_is_packed(make_tubeops, name):
    tubeops = make_tubeops()
    ids = made_up_ids(30000)
    tubeops.run("import", "-", input="\n".join(ids) + "\n", check=0)
    plain = tubeops.run("export", "channels", check=0).out
    told = tubeops.run("export", "channels", "--out", name, "--json", check=0).json()
    assert told == {"out": name, "rows": 30000}
    path = os.path.join(tubeops.directory, name)
    same = unpacked(path).replace("\r\n", "\n") == plain
    assert same  # nobody wants to see how they differ
    assert os.path.getsize(path) < len(plain) / 2
    # and what it packed it reads again
    again = make_tubeops().run("import", path, "--json", check=0).json()
    assert (again["read"], again["added"]) == (30000, 30000)
    full = tubeops.run("export", "channels", "--out", "/dev/full")
    assert full.code == 1 and "No space left" in full.err


def test_a_file_that_exists_is_replaced_only_when_that_is_said(make_tubeops):
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(2000)) + "\n", check=0)
    path = os.path.join(tubeops.directory, "all.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("mine")
    before = sorted(os.listdir(tubeops.directory))
    refused = tubeops.run("export", "channels", "--out", "all.csv", check=1)
    assert "all.csv exists" in refused.err and "--overwrite" in refused.err
    assert tubeops.run("export", "channels", "--out", "all.csv", "--json", check=1).json()["error"]
    os.symlink("all.csv", os.path.join(tubeops.directory, "link.csv"))
    assert "exists" in tubeops.run("export", "channels", "--out", "link.csv", check=1).err
    with open(path, encoding="ascii") as file:
        assert file.read() == "mine"
    tubeops.run("export", "channels", "--out", "link.csv", "--overwrite", check=0)
    assert os.path.islink(os.path.join(tubeops.directory, "link.csv"))
    with open(path, encoding="ascii") as file:
        assert sum(1 for _ in file) == 2001
    os.unlink(os.path.join(tubeops.directory, "link.csv"))
    assert sorted(os.listdir(tubeops.directory)) == before


def test_a_file_that_comes_meanwhile_stays(make_tubeops):
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(300000)) + "\n", check=0)
    path = os.path.join(tubeops.directory, "all.csv")
    with tubeops.start("export", "channels", "--out", "all.csv") as process:
        end = time.monotonic() + PATIENCE
        while not any(".part-" in name for name in os.listdir(tubeops.directory)) and time.monotonic() < end:
            time.sleep(0.001)
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "exists" in err, err
    with open(path, encoding="ascii") as file:
        assert file.read() == "mine"
    assert not any(".part-" in name for name in os.listdir(tubeops.directory))


def test_a_stopped_export_leaves_nothing(make_tubeops):
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(300000)) + "\n", check=0)
    before = sorted(os.listdir(tubeops.directory))
    with tubeops.start("export", "channels", "--out", "all.jsonl.gz", "--format", "jsonl") as process:
        end = time.monotonic() + 30
        while not any(".part-" in name for name in os.listdir(tubeops.directory)) and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert sorted(os.listdir(tubeops.directory)) == before


def peak_mib(pid):
    """The most memory that a process has had since it became this program; 0: it has ended."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
    return int(found.group(1)) / 1024 if found else 0


def test_memory_does_not_grow_with_the_rows(make_tubeops):
    """400,000 channels with a description of 1 KB each are half a gigabyte of JSON."""
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(400000)) + "\n", check=0)
    with sqlite3.connect(os.path.join(tubeops.data, "staging.db")) as db:
        db.execute("INSERT INTO channel_text SELECT cid, printf('%.*c', 1000, 'd') FROM channel")
    process = tubeops.start("export", "channels", "--format", "jsonl", "--out", "/dev/null")
    most = 0
    while process.poll() is None:  # ru_maxrss would count what this program itself had when it forked
        most = max(most, peak_mib(process.pid))
        time.sleep(0.01)
    assert process.returncode == 0
    assert most > 1
    with open(tubeops.binary, "rb") as f:
        if b"__asan_init" not in f.read():  # a sanitizer's memory is its own
            assert most < 350  # of pages that SQLite keeps, and libraries
