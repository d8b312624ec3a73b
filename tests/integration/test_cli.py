"""The command line as scripts see it: exit statuses, what goes to stdout, files, other processes."""
import csv
import io
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import string
import subprocess
import time

import pytest

from sim import Sim, SimMissing
from tubeops import PATIENCE, Tubeops, TubeopsMissing

KEY = "AIzaSyCliCliCliCliCliCliCliCliCliCliCl1"


@pytest.fixture
def alone(tmp_path):
    try:
        return Tubeops(tmp_path)
    except TubeopsMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def sim():
    try:
        with Sim(channels=2000, seed=11, keys=KEY) as running:
            yield running
    except SimMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def tubeops(tmp_path, sim):
    try:
        return Tubeops(tmp_path, sim=sim, keys=[KEY])
    except TubeopsMissing as missing:
        pytest.skip(str(missing))


def lines(ids):
    return "".join(i + "\n" for i in ids)


def in_terminal(program, words, feed=b"", wait_for=b"", timeout=60):
    """Runs it on a pseudo terminal; feed is typed when wait_for was shown.  (exit status, what was shown)"""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(program.directory)
        os.execve(program.binary, [program.binary, *words], {**program.environment, "TERM": "xterm"})
    shown, typed, end = b"", False, time.monotonic() + timeout
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        if feed and not typed and wait_for in shown:
            os.write(terminal, feed)
            typed = True
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return status, shown.decode(errors="replace")


# ---- usage ----

@pytest.mark.parametrize("words,said", [
    (["frobnicate"], 'there is no command "frobnicate"'),
    (["--frobnicate"], "unknown option --frobnicate"),
    (["-x"], "unknown option -x"),
    (["status", "--frobnicate"], "status has no option --frobnicate"),
    (["status", "more"], "one word too many"),
    (["status", "--data"], "--data needs a value"),
    (["status", "--data="], "--data needs a value"),
    (["status", "--json=1"], "--json takes no value"),
    (["import"], "import needs: FILE|-"),
    (["run"], "run needs: TYPE"),
    (["run", "frobnicate"], "batch_metadata"),
    (["run", "batch_metadata", "--limit", "many"], '--limit: "many" is not a whole number'),
    (["run", "batch_metadata", "--limit=-1"], "is not a whole number"),
    (["run", "batch_metadata", "--source-type", "csv"], "batch_metadata jobs have no option --source-type"),
    (["run", "batch_metadata", "--param", "frobnicate=1"], "write NAME=VALUE with a parameter of batch_metadata"),
    (["run", "batch_metadata", "--param", "limit"], "write NAME=VALUE"),
    (["jobs", "J-1001", "explode"], "pause, resume, retry, cancel, delete"),
    (["jobs", "--limit", "x"], None),
    (["keys", "explode"], "list, add, disable, enable, remove, test, group"),
    (["keys", "disable"], "which key?"),
    (["keys", "add"], "needs a name"),
    (["export", "planets"], "there are channels, videos, discoveries, jobs"),
    (["export", "jobs", "--min-subscribers", "5"], "jobs cannot be chosen by their number of subscribers"),
    (["export", "videos", "--columns", "colour"], "there is no column"),
    (["export", "channels", "--since", "yesterday"], "--since: write a day as"),
    (["export", "channels", "--out", "all.csv.xz"], "packed as .gz or .zst"),
    (["export", "channels", "--format", "xml"], "neither csv nor jsonl"),
    (["help", "frobnicate"], "there is no command"),
    ([], "needs a terminal"),
])
def test_wrong_usage_is_2_and_says_what_to_do(alone, words, said):
    if words[:1] == ["jobs"] and said is None:
        assert alone.run("import", "-", input="").code == 0
        said = "--limit"
    done = alone.run(*words)
    assert done.code == 2, done
    assert said in done.err and "tubeops help" in done.err
    assert done.out == ""


def test_an_error_with_json_is_one_object(alone):
    done = alone.run("status", "--json")
    assert done.code == 1
    assert list(done.json()) == ["error"]
    assert done.json()["error"] in done.err.replace("tubeops: ", "", 1)


def test_help_names_every_command_option_and_setting(alone):
    done = alone.run("--help")
    assert done.code == 0 and done.err == ""
    assert alone.run("help").out == done.out
    for word in ("serve", "import", "run", "status", "jobs", "keys", "export", "sync", "doctor", "--data", "--env",
                 "--listen", "--json", "--no-rest", "--verbose", "YOUTUBE_API_KEY_#", "DATABASE_URL", "API_TOKEN"):
        assert re.search(r"^ +" + re.escape(word), done.out, re.M), word
    assert "Exit status" in done.out


def test_help_of_run_shows_the_parameters_of_job_types(alone):
    done = alone.run("run", "--help")
    assert done.code == 0
    assert "batch_metadata" in done.out and "--batch-size" in done.out and "--limit" in done.out
    assert alone.run("help", "run").out == done.out


def test_version(alone):
    done = alone.run("--version")
    assert done.code == 0
    assert re.fullmatch(r"tubeops \d+\.\d+\.\d+\S*\n", done.out)
    assert alone.run("version").out == done.out


# ---- import ----

def test_import_counts_every_line(tubeops, sim):
    ids = sim.ids(10)
    text = lines(ids) + lines(ids[:2]) + "not a channel\nUCshort\n"
    done = tubeops.run("import", "-", "--json", input=text)
    assert done.code == 0, done
    result = done.json()
    assert {k: result[k] for k in ("read", "added", "known", "invalid", "duplicates")} == {
        "read": 14, "added": 10, "known": 0, "invalid": 2, "duplicates": 2}
    assert done.out.count("\n") == 1
    assert "line 13: " in done.err and "line 14: " in done.err
    again = tubeops.run("import", "-", "--json", input=lines(ids)).json()
    assert (again["added"], again["known"]) == (0, 10)


def test_import_for_people(tubeops, sim, tmp_path):
    source = tmp_path / "ids.csv"
    source.write_text("channel_id\n" + lines(sim.ids(1234)) + "rubbish\n")
    done = tubeops.run("import", "ids.csv")
    assert done.code == 0, done
    assert re.search(r"^added +1,234 ", done.out, re.M)
    assert re.search(r"^invalid +1 ", done.out, re.M)
    rejects = re.search(r"^all rejected lines: (.+)$", done.err, re.M)
    assert rejects and "rubbish" in open(rejects.group(1), encoding="utf-8").read()


def test_import_packed(make_tubeops, tmp_path):
    """gzip's and zstd's own programs pack what we unpack, from a file and from a pipe; a torn one fails and says where."""
    dice = random.Random(5)
    letters = string.ascii_letters + string.digits + "-_"
    ids = ["UC" + "".join(dice.choices(letters, k=21)) + "A" for _ in range(50000)]
    plain = tmp_path / "ids.csv"
    plain.write_text("channel_id\n" + lines(ids))
    for n, packer in enumerate(("gzip", "zstd")):
        if not shutil.which(packer):
            continue
        packed = tmp_path / ("ids." + packer)
        packed.write_bytes(subprocess.run([packer, "-c", str(plain)], stdout=subprocess.PIPE, check=True).stdout)
        tubeops = make_tubeops(folder=packer)
        assert tubeops.json("import", packed)["added"] == 50000
        with open(packed, "rb") as pipe:
            out = tubeops.start("import", "-", "--json", stdin=pipe).communicate(timeout=PATIENCE)[0]
        assert json.loads(out)["known"] == 50000
        whole = packed.read_bytes()
        packed.write_bytes(whole[:len(whole) * 3 // 4])
        torn = make_tubeops(folder=packer + "-torn").run("import", packed, "--json", check=1)
        assert 20000 < torn.json()["added"] < 50000, torn
        assert torn.json()["unstored"] == 0
        assert re.search(r"ids\.%s: line \d+: the %s data ends too early" % (packer, packer), torn.err), torn


@pytest.mark.parametrize("source,said", [
    ("https://example.org/x.csv", "download it first"),
    ("/nowhere/at/all.csv", "No such file"),
    (".", "this is a folder"),
])
def test_import_of_what_cannot_be_read_is_1(alone, source, said):
    done = alone.run("import", source)
    assert done.code == 1 and said in done.err, done
    assert not os.path.exists(os.path.join(alone.data, "staging.db"))


# ---- run ----

def test_run_reconciles(tubeops, sim):
    ids = sim.ids(230)
    alive = sum(isinstance(sim.describe(i), dict) for i in ids)
    assert tubeops.run("import", "-", input=lines(ids)).code == 0
    done = tubeops.run("run", "batch_metadata", "--json", "--batch-size=100")
    assert done.code == 0, done
    result = done.json()
    assert result["status"] == "completed"
    assert result["total"] == 230
    assert result["done"] == alive
    assert result["total"] == result["done"] + result["missing"] + result["failed"] + result["pending"]
    assert result["units_used"] == sim.units() == 5
    assert result["seconds"] > 0
    assert re.fullmatch(r"[0-9a-f-]{36}", result["job_id"])


def test_run_prints_one_line_of_reconciliation(tubeops, sim):
    ids = sim.ids(100)
    tubeops.run("import", "-", input=lines(ids))
    done = tubeops.run("run", "metadata", "--param", "limit=60")
    assert done.code == 0, done
    found = re.fullmatch(
        r"requested ([\d,]+) = done ([\d,]+) \+ missing ([\d,]+) \+ failed ([\d,]+) \+ pending ([\d,]+)"
        r"( \([\d,]+ absent once, asked again from \d{4}-\d\d-\d\d \d\d:\d\dZ\))?; units ([\d,]+), "
        r"\d+\.\d channels per unit, \d+\.\d s(, [\d,]+/s)?\n", done.out)
    assert found, done
    total, fetched, missing, failed, pending = (int(found.group(n).replace(",", "")) for n in range(1, 6))
    assert total == 60 == fetched + missing + failed + pending
    assert bool(found.group(6)) == (pending > 0)


def test_run_without_quota_is_3_and_goes_on_later(tmp_path):
    try:
        with Sim(channels=1000, seed=3, keys=KEY, quota=4) as sim:
            tubeops = Tubeops(tmp_path, sim=sim, keys=[KEY], YOUTUBE_API_KEY_1_QUOTA=4)
            ids = sim.ids(500)
            tubeops.run("import", "-", input=lines(ids))
            done = tubeops.run("run", "batch_metadata", "--json")
            assert done.code == 3, done
            result = done.json()
            assert result["status"] == "waiting"
            assert result["processed"] == 200 and result["units_used"] == 4
            assert result["total"] == result["done"] + result["missing"] + result["failed"] + result["pending"]
            assert "quota" in done.err and "run the same command again after" in done.err
            assert sim.units() == 4
            again = tubeops.run("run", "batch_metadata", "--json")
            assert again.code == 3 and again.json()["job_id"] == result["job_id"]
            assert sim.units() == 4
    except (SimMissing, TubeopsMissing) as missing:
        pytest.skip(str(missing))


def test_a_signal_stops_run_and_the_next_one_goes_on(tubeops, sim):
    ids = sim.ids(2000)
    tubeops.run("import", "-", input=lines(ids))
    sim.set_latency(400)
    with tubeops.start("run", "batch_metadata", "--json") as process:
        end = time.monotonic() + 20
        while sim.stats()["requests"] < 2 and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    first = json.loads(out)
    assert first["status"] != "completed" and first["processed"] < 2000
    assert "goes on where this one ended" in err
    sim.set_latency(0)
    second = tubeops.run("run", "batch_metadata", "--json")
    assert second.code == 0, second
    assert second.json()["job_id"] == first["job_id"]
    assert second.json()["processed"] == 2000
    assert sim.units() == second.json()["units_used"] == 40


def test_the_progress_bar_is_for_terminals_only(tubeops, sim):
    ids = sim.ids(1000)
    tubeops.run("import", "-", input=lines(ids))
    sim.set_latency(300)
    code, shown = in_terminal(tubeops, ["run", "batch_metadata"])
    assert code == 0, shown
    assert re.search(r"\rmetadata  \[[#.]+\] \d+(\.\d)? %  [\d,]+ / 1,000  ", shown), shown
    assert "\x1b[K" in shown and "requested 1,000 = done" in shown
    assert "\r\n" not in shown[:shown.index("requested")]
    assert tubeops.run("run", "batch_metadata").err == ""


# ---- looking ----

def test_status_of_a_folder_without_anything(alone):
    done = alone.run("status")
    assert done.code == 1
    assert "tubeops import FILE" in done.err
    assert not os.path.exists(alone.data)


def test_status_is_0_when_all_is_well_and_1_when_a_key_is_missing(tubeops, sim, tmp_path):
    tubeops.run("import", "-", input=lines(sim.ids(20)))
    done = tubeops.run("status")
    assert done.code == 0, done
    assert re.search(r"^channels +20$", done.out, re.M)
    assert re.search(r"^needs you +nothing$", done.out, re.M)
    assert tubeops.run("status", "--json").json()["channels"] == 20
    bare = Tubeops(tmp_path / "bare")
    bare.directory = str(tmp_path)
    bare.run("import", "-", input="")
    done = bare.run("status")
    assert done.code == 1 and "needs you  there is no API key" in done.out, done


def test_status_shows_the_buckets_of_searches_and_counts(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(60)))
    assert re.search(r"^search +0 of 100 calls \([0.]+%\)$", tubeops.run("status").out, re.M)
    tubeops.run("run", "batch_metadata")
    tubeops.run("run", "batch_videos", "--videos-per-channel", "5")
    tubeops.run("run", "batch_discovery", "--method", "keyword_search", "--limit", "4")
    tubeops.sql_write("UPDATE video SET fetched_at = fetched_at - 3600, counted_at = counted_at - 3600")
    counts = tubeops.run("run", "batch_videos", "--counts-only", "--json").json()
    calls = [e["method"] for e in sim.log_entries() if e["billed"]]
    buckets = tubeops.run("status", "--json").json()["quota"]["buckets"]
    searches = calls.count("search.list")
    assert searches >= 4 and counts["units_used"] >= 1
    assert buckets["search"] == {"used": searches, "left": 100 - searches, "per_day": 100}
    assert buckets["stats"] == {"used": counts["units_used"], "left": 10000 - counts["units_used"], "per_day": 10000}
    assert buckets["units"]["used"] == len(calls) - searches - counts["units_used"]
    shown = tubeops.run("status").out
    assert re.search(r"^search +%d of 100 calls \(%d[.0]*%%\)$" % (searches, searches), shown, re.M), shown
    assert re.search(r"^stats +%d of 10,000 calls" % counts["units_used"], shown, re.M), shown


def test_jobs_are_listed_and_shown_by_any_name(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(20)))
    job = tubeops.run("run", "batch_metadata", "--json").json()
    rows = tubeops.run("jobs", "--json").json()
    assert [r["job_type"] for r in rows] == ["batch_metadata", "migration"]
    assert rows[0]["job_id"] == job["job_id"] and rows[0]["status"] == "completed"
    assert len(tubeops.run("jobs", "--json", "--limit", "1").json()) == 1
    assert tubeops.run("jobs", "--json", "--status", "failed").json() == []
    number = rows[0]["number"]
    for name in (number, number[2:], job["job_id"], job["job_id"].replace("-", "").upper()):
        assert tubeops.run("jobs", name, "--json").json()["job_id"] == job["job_id"]
        shown = tubeops.run("jobs", name)
        assert shown.code == 0 and job["job_id"] in shown.out
    assert number in tubeops.run("jobs").out
    missing = tubeops.run("jobs", "J-9")
    assert missing.code == 1 and missing.err != ""


def test_an_interrupted_job_is_steered_without_a_server(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(1000)))
    sim.set_latency(500)
    with tubeops.start("run", "batch_metadata") as process:
        end = time.monotonic() + 20
        while sim.stats()["requests"] < 2 and time.monotonic() < end:
            time.sleep(0.05)
        process.kill()
        process.communicate()
    row = next(r for r in tubeops.run("jobs", "--json").json() if r["job_type"] == "batch_metadata")
    done = tubeops.run("jobs", row["number"], "cancel")
    assert done.code == 0 and row["number"] in done.out, done
    assert tubeops.run("jobs", row["job_id"], "--json").json()["status"] == "cancelled"
    refused = tubeops.run("jobs", row["number"], "pause", "--json")
    assert refused.code == 1 and refused.json()["error"]


def test_export_appears_when_it_is_complete(tubeops, sim, tmp_path):
    ids = sim.ids(30)
    tubeops.run("import", "-", input=lines(ids))
    tubeops.run("run", "batch_metadata")
    plain = tubeops.run("export", "channels")
    assert plain.code == 0, plain
    rows = list(csv.DictReader(io.StringIO(plain.out)))
    assert sorted(r["channel_id"] for r in rows) == sorted(ids)
    done = tubeops.run("export", "channels", "--format", "jsonl", "--out", "out.jsonl")
    assert done.code == 0 and "30 rows" in done.out
    objects = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert sorted(o["channel_id"] for o in objects) == sorted(ids)
    assert tubeops.run("export", "jobs", "--format=jsonl").out.count("\n") == 2
    bad = tubeops.run("export", "channels", "--out", "no/such/folder/x")
    assert bad.code == 1 and "no/such/folder/x" in bad.err
    assert sorted(os.listdir(tmp_path)) == ["data", "out.jsonl"]


def test_doctor(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(5)))
    done = tubeops.run("doctor")
    assert done.code == 0, done
    assert done.out.splitlines()[-1] == "nothing is broken"
    checks = tubeops.run("doctor", "--json").json()
    assert len(checks) > 3 and all(set(c) == {"level", "part", "text"} for c in checks)
    assert {c["level"] for c in checks} <= {"ok", "note"}


def test_a_bad_setting_is_named(tubeops, tmp_path):
    (tmp_path / ".env").write_text("WORKER_CONCURRENCY=9000\n")
    done = tubeops.run("doctor")
    assert done.code == 1
    assert ".env:1" in done.err and "WORKER_CONCURRENCY" in done.err
    assert tubeops.run("doctor", "--env", "elsewhere.env").code == 1
    (tmp_path / ".env").write_text("WORKER_CONCURRENCY=2\n")
    done = tubeops.run("doctor", "--env=.env")
    assert done.code == 0, done
    assert "WORKER_CONCURRENCY" in done.out and ".env:1" in done.out


def test_doctor_finds_what_is_missing(alone):
    done = alone.run("doctor", "--json")
    assert done.code == 1
    assert any(c["level"] == "broken" and "key" in c["text"].lower() for c in done.json()), done


# ---- keys ----

SECRET = "AIzaSyTESTTESTTESTTESTTESTTESTTESTTEST1"


def test_a_key_is_read_from_stdin_and_never_shown(alone):
    done = alone.run("keys", "add", "spare", "--project", "p1", "--quota", "500", "--verbose", input=SECRET + "\n")
    assert done.code == 0, done
    listed = alone.run("keys", "list")
    assert listed.code == 0 and "spare" in listed.out and "p1" in listed.out
    row = next(k for k in alone.run("keys", "list", "--json").json() if k["name"] == "spare")
    assert row["limit"] == 500 and row["project"] == "p1"
    for verb, state in (("disable", "off"), ("enable", None)):
        assert alone.run("keys", verb, "spare").code == 0
        row = next(k for k in alone.run("keys", "list", "--json").json() if k["name"] == "spare")
        assert (row["state"] == "off") == (state == "off")
    assert alone.run("keys", "remove", "spare").code == 0
    assert all(k["name"] != "spare" for k in alone.run("keys", "list", "--json").json())
    assert SECRET not in done.out + done.err + listed.out
    assert SECRET.encode() not in alone.everything()


def test_a_key_is_typed_without_echo(alone):
    code, shown = in_terminal(alone, ["keys", "add", "typed"], (SECRET + "\r").encode(), b"not shown")
    assert code == 0, shown
    assert SECRET not in shown and SECRET[:8] not in shown
    assert [k["name"] for k in alone.run("keys", "list", "--json").json()] == ["typed"]
    code, shown = in_terminal(alone, ["keys", "add", "never"], b"AIza\x03", b"not shown")
    assert code == 1 and "nothing was changed" in shown
    assert len(alone.run("keys", "list", "--json").json()) == 1


def test_no_key_at_all(alone):
    done = alone.run("keys", "add", "empty", input="\n")
    assert done.code == 1 and "no key was given" in done.err


def test_a_key_is_tested_with_one_unit(tubeops, sim):
    name = tubeops.run("keys", "list", "--json").json()[0]["name"]
    done = tubeops.run("keys", "test", name)
    assert done.code == 0 and name in done.out, done
    assert sim.units() == 1
    sim.set_faults("keyInvalid:1")
    refused = tubeops.run("keys", "test", name)
    assert refused.code == 1, refused


# ---- two processes ----

def test_who_owns_the_folder_is_said(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(5)))
    with tubeops.serve() as server:
        done = tubeops.run("serve", "--listen", "127.0.0.1:0")
        assert done.code == 1, done
        assert "process %d" % server.process.pid in done.err and server.url in done.err
        status = tubeops.run("status")
        assert status.code == 0 and "process %d" % server.process.pid in status.out
        assert server.url in status.out
        assert tubeops.run("keys", "list").code == 0
        assert tubeops.run("export", "channels").code == 0
        assert server.stop() == 0
    assert "nothing is at work" in tubeops.run("status").out


def test_jobs_and_keys_of_a_running_process_are_steered_over_rest(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(2000)))
    sim.set_latency(500)
    tubeops.environment["API_TOKEN"] = "a-token-for-this-test"
    with tubeops.serve() as server:
        bearer = {"Authorization": "Bearer a-token-for-this-test"}
        job = server.post("/api/batch-metadata", headers=bearer).json()["job_id"]
        done = tubeops.run("jobs", job, "pause")
        assert done.code == 0 and "J-" in done.out, done
        state = server.get("/api/jobs/" + job, headers=bearer).json()
        assert state["status"] == "paused", state
        asjson = tubeops.run("jobs", job, "resume", "--json")
        assert asjson.code == 0 and asjson.json()["ok"] is True
        again = tubeops.run("jobs", job, "cancel")
        assert again.code == 0
        refused = tubeops.run("jobs", job, "pause")
        assert refused.code == 1 and refused.err.startswith("tubeops: ")
        assert tubeops.run("jobs", "J-99", "pause").code == 1
        assert tubeops.run("keys", "add", "over/rest", "--quota=7", input=SECRET).code == 0
        row = next(k for k in tubeops.run("keys", "list", "--json").json() if k["name"] == "over/rest")
        assert row["limit"] == 7
        assert tubeops.run("keys", "disable", "over/rest").code == 0
        assert tubeops.run("keys", "remove", "over/rest").code == 0
        assert server.stop() == 0
        assert SECRET not in server.err and "a-token" not in server.err
    assert SECRET.encode() not in tubeops.everything()


def test_without_rest_the_owner_is_named(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(5)))
    process = tubeops.start("serve", "--no-rest")
    try:
        assert "without REST" in process.stderr.readline()
        done = tubeops.run("jobs", "J-1001", "pause")
        assert done.code == 1 and "process %d" % process.pid in done.err
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_hangup_opens_the_log_anew(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(5)))
    log = os.path.join(tubeops.data, "tubeops.log")
    with tubeops.serve("--verbose") as server:
        os.rename(log, log + ".1")
        server.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while not os.path.exists(log) and time.monotonic() < end:
            server.get("/health")
            time.sleep(0.05)
        assert server.get("/api/stats?key=should-not-be-logged").status == 200
        assert server.stop() == 0
    assert "GET /api/stats 200" in tubeops.log()
    assert "should-not-be-logged" not in tubeops.log()


def test_a_second_signal_is_quicker(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(2000)))
    sim.set_latency(9000)
    with tubeops.serve() as server:
        server.post("/api/batch-metadata")
        end = time.monotonic() + 20
        while sim.stats()["requests"] < 1 and time.monotonic() < end:
            time.sleep(0.05)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None  # calls in flight may end
        server.process.send_signal(signal.SIGINT)
        assert server.stop() == 0
        assert time.monotonic() - began < 5
    job = tubeops.run("jobs", "--json").json()[0]
    assert job["processed_items"] == 0 and job["status"] in ("interrupted", "pending", "running"), job


def test_a_burst_of_signals_leaves_cleanly(tubeops, sim):
    tubeops.run("import", "-", input=lines(sim.ids(100)))
    for _ in range(3):
        with tubeops.serve() as server:
            server.post("/api/batch-metadata")
            for _ in range(60):
                if server.process.poll() is None:
                    server.process.send_signal(signal.SIGTERM)
                time.sleep(0.002)
            assert server.stop() == 0, server.err


def test_several_ids_on_a_line_are_all_taken(tubeops, sim):
    ids = sim.ids(6)
    text = ",".join(ids[:3]) + "\n" + ",".join(ids[3:]) + "\n"
    done = tubeops.run("import", "-", "--json", input=text, check=0).json()
    assert (done["read"], done["added"], done["invalid"]) == (6, 6, 0)


def test_export_leaves_devices_and_links_alone(tubeops, sim, tmp_path):
    import os
    tubeops.run("import", "-", input="\n".join(sim.ids(5)) + "\n", check=0)
    fifo, link, target = tmp_path / "fifo", tmp_path / "link.csv", tmp_path / "target.csv"
    os.mkfifo(fifo)
    os.symlink("target.csv", link)
    target.write_text("old")
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    tubeops.run("export", "channels", "--out", str(fifo), check=0)
    assert os.read(reader, 65536).startswith(b"channel_id,")
    os.close(reader)
    tubeops.run("export", "channels", "--out", str(link), "--overwrite", check=0)
    assert link.is_symlink() and target.read_text().startswith("channel_id,")
    assert tubeops.run("export", "channels", "--out", str(tmp_path)).code == 1


def test_a_wait_for_quota_outlives_the_process(make_tubeops, make_sim):
    sim = make_sim(quota=1)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=1)
    tubeops.run("import", "-", input="\n".join(sim.ids(200)) + "\n", check=0)
    assert tubeops.run("run", "batch_metadata").code == 3
    tubeops.run("import", "-", input="\n".join(sim.ids(5)) + "\n", check=0)
    jobs = tubeops.run("jobs", "--json", check=0).json()
    assert "waiting" in [job["status"] for job in jobs]
    assert tubeops.run("status").code == 0


def test_a_refusal_is_said_once_and_what_was_done_is_named(tubeops, sim):
    tubeops.import_ids(sim.ids(3))
    for words, code, text in (
            (("jobs", "1001", "pause"), 1, "cannot pause"),
            (("schedules", "remove", "nosuch"), 1, "there is no schedule"),
            (("schedules", "add", "x", "nosuch", "--every", "6h"), 2, "there is no job type \"nosuch\"; there are: batch_"),
            (("dead", "retry"), 1, "say which dead letters")):
        done = tubeops.run(*words, check=code)
        assert done.err.count("tubeops: ") == 1 and text in done.err, done
    for words, text in (
            (("schedules", "add", "x", "refresh", "--daily", "08:10"), "schedule x added"),
            (("schedules", "disable", "x"), "schedule x disabled"),
            (("schedules", "remove", "x"), "schedule x removed"),
            (("keys", "disable", "key1"), "key key1 disabled")):
        assert tubeops.run(*words, check=0).out.strip() == text


def test_nothing_is_said_of_a_reader_that_had_enough(tubeops, sim):
    tubeops.import_ids(sim.ids(3))
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([tubeops.binary, "jobs"], cwd=tubeops.directory, env=tubeops.environment, stdout=writer,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
