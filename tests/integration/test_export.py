"""Exports from outside: what a run has fetched, packed files, stopping, memory."""
import csv
import gzip
import io
import json
import os
import random
import signal
import sqlite3
import time

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


def test_a_name_with_gz_is_packed(make_tubeops):
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(30000)) + "\n", check=0)
    plain = tubeops.run("export", "channels", check=0).out
    told = tubeops.run("export", "channels", "--out", "all.csv.gz", "--json", check=0).json()
    assert told == {"out": "all.csv.gz", "rows": 30000}
    with open(os.path.join(tubeops.directory, "all.csv.gz"), "rb") as f:
        packed = f.read()
    same = gzip.decompress(packed).decode().replace("\r\n", "\n") == plain
    assert same  # nobody wants to see how they differ
    assert len(packed) < len(plain) / 2
    full = tubeops.run("export", "channels", "--out", "/dev/full")
    assert full.code == 1 and "No space left" in full.err


def test_a_stopped_export_leaves_nothing(make_tubeops):
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(300000)) + "\n", check=0)
    before = sorted(os.listdir(tubeops.directory))
    with tubeops.start("export", "channels", "--out", "all.jsonl.gz", "--format", "jsonl") as process:
        end = time.monotonic() + 30
        while not any(".part-" in name for name in os.listdir(tubeops.directory)) and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert sorted(os.listdir(tubeops.directory)) == before


def test_memory_does_not_grow_with_the_rows(make_tubeops):
    """400,000 channels with a description of 1 KB each are half a gigabyte of JSON."""
    tubeops = make_tubeops()
    tubeops.run("import", "-", input="\n".join(made_up_ids(400000)) + "\n", check=0)
    with sqlite3.connect(os.path.join(tubeops.data, "staging.db")) as db:
        db.execute("INSERT INTO channel_text SELECT cid, printf('%.*c', 1000, 'd') FROM channel")
    process = tubeops.start("export", "channels", "--format", "jsonl", "--out", "/dev/null")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    with open(tubeops.binary, "rb") as f:
        if b"__asan_init" not in f.read():  # a sanitizer's memory is its own
            assert usage.ru_maxrss / 1024 < 350  # of pages that SQLite keeps, and libraries
