"""Settings from .env, environment and flags; the log; and files of another version."""
import json
import os
import re
import signal
import sqlite3
import time

import pytest

from conftest import KEY
from tubeops import PATIENCE


@pytest.fixture
def alone(make_tubeops):
    """A program that has its settings from files alone."""
    tubeops = make_tubeops(keys=())
    del tubeops.environment["API_RATE_LIMIT_DELAY"]
    return tubeops


def write_env(tubeops, text, name=".env"):
    path = os.path.join(tubeops.directory, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def settings(tubeops, *words):
    """What doctor says that each setting is: {name: (value, origin)}."""
    checks = json.loads(tubeops.run("doctor", "--json", *words).out)
    found = (re.fullmatch(r"(\S+) = (.*) \((.*)\)", c["text"], re.S) for c in checks if c["part"] == "setting")
    return {m.group(1): (m.group(2), m.group(3)) for m in found}


# ---- the file ----

@pytest.mark.parametrize("line,value", [
    ("NODE_NAME=plain", "plain"),
    ("NODE_NAME = spaced  ", "spaced"),
    ("export NODE_NAME=exported", "exported"),
    ("export\tNODE_NAME='exported too'", "exported too"),
    ('NODE_NAME="in quotes # no comment"', "in quotes # no comment"),
    ("NODE_NAME='single # quotes'   # a comment", "single # quotes"),
    ("NODE_NAME=value # a comment", "value"),
    ("NODE_NAME=a#b", "a#b"),
    ('NODE_NAME="with \\"quotes\\""', 'with "quotes"'),
    ("NODE_NAME='no \\escapes'", "no \\escapes"),
    ("NODE_NAME=first\nNODE_NAME=last", "last"),
    ("# NODE_NAME=commented\nNODE_NAME=not commented", "not commented"),
    ("\n\n   NODE_NAME=indented", "indented"),
    ("UNKNOWN_TO_US=1\nNODE_NAME=known", "known"),
    ("NODE_NAME=ünïcödé", "ünïcödé"),
])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_forms_of_a_line(alone, line, value, end, bom):
    write_env(alone, bom + (line.replace("\n", end) + end).encode())
    got, origin = settings(alone)["NODE_NAME"]
    assert got == value
    assert re.fullmatch(r"\.env:\d+", origin)


def test_no_newline_at_the_end_and_an_empty_file(alone):
    write_env(alone, "NODE_NAME=end")
    assert settings(alone)["NODE_NAME"] == ("end", ".env:1")
    write_env(alone, "")
    assert settings(alone)["NODE_NAME"] == ("local", "default")


def test_the_later_origin_wins(alone):
    write_env(alone, "NODE_NAME=file\nLISTEN=127.0.0.1:1\nWORKER_CONCURRENCY=3\n")
    assert settings(alone)["NODE_NAME"] == ("file", ".env:1")
    alone.environment["NODE_NAME"] = "environment"
    alone.environment["LISTEN"] = "127.0.0.1:2"
    found = settings(alone, "--listen", "127.0.0.1:3")
    assert found["NODE_NAME"] == ("environment", "environment")
    assert found["LISTEN"] == ("127.0.0.1:3", "--listen")
    assert found["WORKER_CONCURRENCY"] == ("3", ".env:3")
    assert found["TUBEOPS_DATA"][1] == "environment"
    other = os.path.join(alone.directory, "elsewhere")
    assert settings(alone, "--data", other)["TUBEOPS_DATA"] == (other, "--data")


def test_another_file_is_read_instead(alone):
    write_env(alone, "NODE_NAME=usual\nENVIRONMENT=usual\n")
    path = write_env(alone, "NODE_NAME=other\n", "other.env")
    found = settings(alone, "--env", path)
    assert found["NODE_NAME"] == ("other", path + ":1") and found["ENVIRONMENT"][1] == "default"


def test_names_of_the_original(alone):
    write_env(alone, "CELERY_CONCURRENCY=5\n")
    assert settings(alone)["WORKER_CONCURRENCY"] == ("5", ".env:1")


def test_numbered_keys_from_a_file(alone, make_sim):
    keys = [KEY[:-1] + c for c in "XYZ"]
    sim = make_sim(keys=keys)
    write_env(alone, "".join("export YOUTUBE_API_KEY_%d='%s'\r\n" % (n, k) for n, k in zip((1, 2, 7), keys)) +
              "YOUTUBE_API_KEY_7_QUOTA=77\r\nYOUTUBE_API_KEY_1_PROJECT=p\r\nYOUTUBE_API_BASE=%s\r\n"
              "API_RATE_LIMIT_DELAY=0\r\n" % sim.url)
    alone.import_ids(sim.ids(400))
    alone.json("run", "batch_metadata")
    listed = alone.json("keys", "list")
    assert len(listed) == 3
    assert [k["limit"] for k in listed if k["limit"] != 10000] == [77]
    assert [k["project"] for k in listed if k["project"] == "p"] == ["p"]
    assert sim.units() == 8 and set(e["key"] for e in sim.log_entries()) <= set(keys)


# ---- bad values ----

@pytest.mark.parametrize("line,said", [
    ("WORKER_CONCURRENCY=9000", ["1", "256", "9000"]),
    ("WORKER_CONCURRENCY=0", ["1", "256"]),
    ("WORKER_CONCURRENCY=many", ["many", "1", "256"]),
    ("WORKER_CONCURRENCY=8.5", ["8.5"]),
    ("WORKER_CONCURRENCY=99999999999999999999", ["1", "256"]),
    ("API_RATE_LIMIT_DELAY=-1", ["0", "60"]),
    ("API_RATE_LIMIT_DELAY=nan", ["0", "60"]),
    ("API_RATE_LIMIT_DELAY=soon", ["soon", "0", "60"]),
    ("CLUSTER=perhaps", ["perhaps"]),
    ("YOUTUBE_API_KEY_3_QUOTA=none", ["none"]),
    ("DEFAULT_BATCH_SIZE=100001", ["1", "100000"]),
])
def test_a_bad_value_is_named_with_its_place_and_range(alone, line, said):
    write_env(alone, "# one\n\n%s\n" % line)
    name = line.split("=")[0]
    for words in (["status"], ["import", "-"], ["run", "batch_metadata"], ["serve"]):
        done = alone.run(*words, input="")
        assert done.code in (1, 2), done
        assert ".env:3" in done.err and name in done.err and all(s in done.err for s in said), done
        assert done.out == ""
    assert not os.path.exists(alone.data)
    os.unlink(os.path.join(alone.directory, ".env"))
    alone.environment[name] = line.split("=")[1]
    done = alone.run("status")
    assert done.code in (1, 2) and "environment" in done.err and name in done.err, done


@pytest.mark.parametrize("text,said", [
    ("NODE_NAME='never closed\n", "quote"),
    ("NODE_NAME=\"closed\" and more\n", "after the closing quote"),
    ("just words\n", "NAME=value"),
    (b"NODE_NAME=a\x00b\n", "control"),
    (b"NODE_NAME=\xff\xfe\n", "UTF-8"),
])
def test_a_bad_line_is_named(alone, text, said):
    write_env(alone, text)
    done = alone.run("status")
    assert done.code in (1, 2) and ".env:1" in done.err and said in done.err, done


def test_a_file_that_is_not_there(alone):
    done = alone.run("status", "--env", "nowhere.env")
    assert done.code in (1, 2) and "nowhere.env" in done.err


# ---- the log ----

def test_the_log_as_json_lines(make_tubeops, make_sim):
    sim = make_sim(faults="badjson@1,html502@2,backendError503@3")
    tubeops = make_tubeops(sim, LOG_FORMAT="json", LOG_LEVEL="debug")
    tubeops.import_ids(sim.ids(200))
    tubeops.run("import", "-", input='"quote\\ \n\tUC\x01\x1b[31m\n')
    tubeops.json("run", "batch_metadata")
    entries = [json.loads(line) for line in tubeops.log().splitlines()]
    assert len(entries) > 5
    for entry in entries:
        assert {"time", "level", "source", "message"} <= set(entry)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"])
        assert entry["level"] in ("error", "warning", "info", "debug")
    assert any("J-" in e.get("job", "") for e in entries)
    assert any("completed" in e["message"] for e in entries)


def test_the_log_as_text_and_its_level(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim, LOG_LEVEL="error")
    tubeops.import_ids(sim.ids(50))
    tubeops.json("run", "batch_metadata")
    assert tubeops.log() == ""
    tubeops.environment["LOG_LEVEL"] = "info"
    tubeops.json("run", "batch_metadata")
    for line in tubeops.log().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [EWI] ", line), line
    assert "completed" in tubeops.log()
    elsewhere = os.path.join(tubeops.directory, "my.log")
    size = len(tubeops.log())
    tubeops.environment["LOG_FILE"] = elsewhere
    tubeops.json("run", "batch_metadata")
    assert len(tubeops.log()) == size and os.path.getsize(elsewhere) > 0
    tubeops.environment.update(LOG_FORMAT="yaml")
    assert "LOG_FORMAT" in tubeops.run("status").err + tubeops.run("run", "batch_metadata", check=1).err


def test_hangup_opens_the_log_anew(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim, LOG_FORMAT="json", LOG_LEVEL="debug")
    tubeops.import_ids(sim.ids(50))
    log = os.path.join(tubeops.data, "tubeops.log")
    with tubeops.serve() as server:
        os.rename(log, log + ".1")
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + PATIENCE
        while not os.path.exists(log):
            assert time.monotonic() < end, "no new log"
            server.get("/health")
            time.sleep(0.02)
        job = server.post("/api/batch-metadata").json()["job_id"]
        server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert server.stop() == 0
    assert "completed" in tubeops.log()
    with open(log + ".1", encoding="utf-8") as old:
        assert "completed: " not in [json.loads(line)["message"] for line in old][-1]


# ---- files of another version or program ----

@pytest.mark.parametrize("name", ["staging.db", "quota.db"])
def test_a_newer_schema_is_refused_with_words(tubeops, sim, name):
    tubeops.import_ids(sim.ids(50))
    path = os.path.join(tubeops.data, name)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=99")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with open(path, "rb") as file:
        before = file.read()
    for words in (("run", "batch_metadata"), ("status",), ("import", "-"), ("serve",), ("jobs",)):
        done = tubeops.run(*words, input="")
        assert done.code == 1, (words, done)
        assert "newer" in done.err and "99" in done.err and name in done.err, (words, done)
    assert sim.units() == 0
    with open(path, "rb") as file:
        assert file.read() == before


@pytest.mark.parametrize("content", [b"this is no database at all\n" * 100, b"\0" * 4096])
def test_a_file_that_is_no_database(tubeops, content):
    os.makedirs(tubeops.data)
    path = os.path.join(tubeops.data, "staging.db")
    with open(path, "wb") as file:
        file.write(content)
    done = tubeops.run("import", "-", input="")
    assert done.code == 1 and "staging.db" in done.err
    with open(path, "rb") as file:
        assert file.read() == content


def test_another_programs_database(tubeops):
    os.makedirs(tubeops.data)
    db = sqlite3.connect(os.path.join(tubeops.data, "staging.db"))
    db.execute("CREATE TABLE theirs (x)")
    db.execute("PRAGMA user_version=1")
    db.commit()
    db.close()
    done = tubeops.run("import", "-", input="")
    assert done.code == 1 and "another program" in done.err
    assert [r[0] for r in tubeops.sql("SELECT name FROM sqlite_schema")] == ["theirs"]


def test_what_is_private_stays_private(tubeops, sim):
    old = os.umask(0)
    try:
        tubeops.import_ids(sim.ids(50))
        tubeops.run("run", "batch_metadata", check=0)
    finally:
        os.umask(old)
    assert os.stat(tubeops.data).st_mode & 0o077 == 0
    for name in os.listdir(tubeops.data):
        assert os.stat(os.path.join(tubeops.data, name)).st_mode & 0o077 == 0, name
