"""Commands beside a process that owns the data folder: it does the work, they say the same as if they did."""
import csv
import json
import os
import signal
import stat
import subprocess

import pytest

from account import check_account, check_result
from servers import Postgres, ServerMissing
from tubeops import PATIENCE, wait_until

TOKEN = "a-token-for-REST-0123456789"


def owner_words(tubeops):
    """Pid, address and token of the lock file."""
    with open(os.path.join(tubeops.data, "tubeops.lock"), encoding="utf-8") as file:
        return (file.read().split("\n") + ["", "", ""])[:3]


def lines(ids):
    return "".join(i + "\n" for i in ids)


def open_jobs(server):
    return [j for j in server.get("/api/jobs").json() if j["status"] in ("pending", "running", "waiting")]


# ---- imports and jobs ----

def test_an_import_beside_prints_what_one_alone_prints(make_tubeops, sim):
    ids = sim.ids(700)
    alone, beside = make_tubeops(sim), make_tubeops(sim)
    text = lines(ids) + "no id at all\n" + ids[0] + "\n"
    wanted = alone.json("import", "-", input=text)
    with beside.serve():
        for source in ("-", "ids.txt"):
            with open(os.path.join(beside.directory, "ids.txt"), "w", encoding="utf-8") as file:
                file.write(text)
            got = beside.json("import", source, input=text)
            assert set(got) == set(wanted), source
            assert got["status"] == "completed" and got["read"] == wanted["read"]
            assert (got["added"], got["known"]) == ((700, 0) if source == "-" else (0, 700))
            assert (got["invalid"], got["duplicates"]) == (wanted["invalid"], wanted["duplicates"]) == (1, 1)
            assert [r["line"] for r in got["rejects"]] == [701]
        # what was read from standard input is not kept
        assert not os.listdir(os.path.join(beside.data, "spool"))
    check_account(beside, sim, 700)


def test_a_run_beside_prints_what_one_alone_prints(make_tubeops, make_sim):
    sims = make_sim(), make_sim()
    alone, beside = make_tubeops(sims[0]), make_tubeops(sims[1])
    ids = sims[0].ids(1200)
    for one in (alone, beside):
        one.import_ids(ids)
    wanted = alone.json("run", "batch_metadata")
    with beside.serve() as server:
        done = beside.run("run", "batch_metadata", "--json", check=0)
        got = check_result(done.json())
        assert set(got) == set(wanted)
        same = ("type", "status", "total", "processed", "done", "missing", "absent_once", "failed", "units_used")
        assert {n: got[n] for n in same} == {n: wanted[n] for n in same}
        assert "process %d does this as %s" % (server.process.pid, got["number"]) in done.err
        text = beside.run("run", "batch_metadata", check=0).out
        assert text.startswith("requested ")
        # what is refused is refused in the same words
        for program in (alone, beside):
            bad = program.run("run", "batch_metadata", "--param", "no_such=1")
            assert bad.code == 2, bad
        job = beside.json("jobs", got["number"])
        assert job["job_id"] == got["job_id"] and job["status"] == "completed"
        assert [j["job_id"] for j in beside.json("jobs")][-1] == beside.json("jobs")[-1]["job_id"]
        assert beside.json("status")["channels"] == 1200
        rows = beside.run("export", "channels", check=0).out
        assert len(list(csv.reader(rows.splitlines()))) == 1201
    check_account(beside, sims[1], 1200)
    assert "owner: start job" in beside.log()


def test_detached_and_watched_again(tubeops, sim):
    sim.set_latency(300)
    tubeops.import_ids(sim.ids(3000))
    with tubeops.serve():
        first = tubeops.json("run", "batch_metadata", "--detach")
        assert set(first) == {"job_id", "number", "pid", "status"}
        sim.set_latency(0)
        done = check_result(tubeops.json("run", "batch_metadata"))
        assert done["job_id"] == first["job_id"]  # an equal one that is open goes on; no second one begins
        assert done["status"] == "completed" and done["total"] == 3000
    alone = tubeops.run("run", "batch_metadata", "--detach")
    assert alone.code == 1 and "serve --background" in alone.err


def test_stopping_the_watcher_leaves_the_job(tubeops, sim):
    sim.set_latency(400)
    tubeops.import_ids(sim.ids(4000))
    with tubeops.serve() as server:
        watcher = tubeops.start("run", "batch_metadata", "--json", stdin=subprocess.DEVNULL)
        wait_until(lambda: open_jobs(server), "no job began")
        watcher.send_signal(signal.SIGINT)
        out, err = watcher.communicate(timeout=PATIENCE)
        assert watcher.returncode == 1 and "goes on in process %d" % server.process.pid in err, err
        assert json.loads(out)["status"] == "running"
        assert open_jobs(server)[0]["job_id"] == json.loads(out)["job_id"]
        sim.set_latency(0)
        server.wait_for("/api/jobs/" + json.loads(out)["job_id"], lambda j: j["status"] == "completed", PATIENCE)
    check_account(tubeops, sim, 4000)


def test_a_spent_quota_is_exit_status_3(make_tubeops, make_sim):
    sim = make_sim(quota=5)
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(600))
    with tubeops.serve() as server:
        done = tubeops.run("run", "batch_metadata", "--json")
        assert done.code == 3, done
        assert "goes on in process %d by itself" % server.process.pid in done.err
        assert check_result(done.json())["status"] == "waiting"


def test_the_owner_is_killed_and_another_goes_on(tubeops, sim):
    sim.set_latency(300)
    tubeops.import_ids(sim.ids(4000))
    server = tubeops.serve()
    watcher = tubeops.start("run", "batch_metadata", "--json", stdin=subprocess.DEVNULL)
    wait_until(lambda: open_jobs(server), "no job began")
    server.stop(signal.SIGKILL)
    sim.set_latency(0)
    with tubeops.serve():
        out, err = watcher.communicate(timeout=PATIENCE)
    assert watcher.returncode == 0, err
    assert check_result(json.loads(out))["total"] == 4000
    check_account(tubeops, sim, 4000)


def test_no_process_comes_back(tubeops, sim):
    sim.set_latency(300)
    tubeops.import_ids(sim.ids(4000))
    server = tubeops.serve()
    watcher = tubeops.start("run", "batch_metadata", stdin=subprocess.DEVNULL)
    # its first answers take 300 ms: the command has long been told by then that its job began
    wait_until(lambda: any(j["processed_items"] for j in open_jobs(server)), "no job came on")
    server.stop(signal.SIGKILL)
    out, err = watcher.communicate(timeout=PATIENCE)
    assert watcher.returncode == 1 and "goes on when a process works here again" in err, err


def test_enrich_beside(make_tubeops, make_sim):
    results = []
    for serving in (False, True):
        sim = make_sim()
        tubeops = make_tubeops(sim)
        with open(os.path.join(tubeops.directory, "in.csv"), "w", encoding="utf-8", newline="") as file:
            rows = [[i, "n,%d" % n] for n, i in enumerate(sim.ids(400))]
            csv.writer(file).writerows([["channel_id", "note"]] + rows)
        server = tubeops.serve() if serving else None
        wanted = "--columns", "title,subscriber_count,topics,status"
        told = tubeops.json("enrich", "in.csv", "--out", "out.csv", *wanted)
        with open(os.path.join(tubeops.directory, "in.csv"), "rb") as file:
            piped = tubeops.run("enrich", "-", "--out", "piped.csv", "--json", *wanted, check=0,
                                input=file.read().decode())
        if server:
            server.stop()
        with open(os.path.join(tubeops.directory, "out.csv"), "rb") as one, \
                open(os.path.join(tubeops.directory, "piped.csv"), "rb") as two:
            results.append((one.read(), two.read(), {**told, "seconds": 0}, {**piped.json(), "seconds": 0}))
        assert tubeops.value("SELECT count(*) FROM wanted") == 0
    alone, beside = results
    assert alone[0] == beside[0] == alone[1] == beside[1]
    assert alone[2:] == beside[2:] and alone[2]["enriched"] > 300


def test_sync_beside(make_tubeops, sim):
    try:
        pg = Postgres()
    except ServerMissing as missing:
        pytest.skip(str(missing))
    with pg:
        tubeops = make_tubeops(sim, DATABASE_URL=pg.url)
        with tubeops.serve():
            tubeops.import_ids(sim.ids(500))
            done = tubeops.json("sync")
            assert done["complete"] is True
        assert pg.psql("SELECT count(*) FROM channels") == "500"
    without = make_tubeops(sim)
    with without.serve():
        done = without.run("sync")
        assert done.code == 1 and "give DATABASE_URL" in done.err, done


# ---- the token of the lock file ----

def test_the_owners_token(make_tubeops, sim):
    serving = make_tubeops(sim, API_TOKEN=TOKEN)
    with serving.serve() as server:
        pid, url, token = owner_words(serving)
        assert int(pid) == server.process.pid and url == server.url and len(token) == 64
        mode = os.stat(os.path.join(serving.data, "tubeops.lock")).st_mode
        assert stat.S_IMODE(mode) == 0o600
        # a command of the same user needs no API_TOKEN, and may name any file that the process can read
        command = make_tubeops(sim, TUBEOPS_DATA=serving.data)
        command.data = serving.data
        command.import_ids(sim.ids(50))
        assert command.json("run", "batch_metadata")["status"] == "completed"
        assert command.json("keys", "add", "second", input="AIzaSyTest0000000000000000000000000000B\n")["ok"]
        for sent, status in ((token, 200), (TOKEN, 200), (token[:-1], 401), ("", 401), (token + "0", 401)):
            headers = {"Authorization": "Bearer " + sent} if sent else {}
            assert server.get("/api/jobs", headers=headers).status == status, sent
        # what the token of REST may not name, the owner's may
        body = {"type": "migration", "source_path": os.path.join(serving.directory, "none.csv")}
        for sent, words in ((TOKEN, "IMPORT_ROOT"), (token, "cannot read it")):
            answer = server.post("/api/jobs", body, headers={"Authorization": "Bearer " + sent})
            assert answer.status >= 400 and words in answer.json()["error"], answer
    assert owner_words(serving)[2] == ""
    with serving.serve():
        again = owner_words(serving)[2]
        assert len(again) == 64 and again != token
    log = serving.log()
    assert token not in log and again not in log


def test_an_owner_without_rest(tubeops, sim):
    tubeops.import_ids(sim.ids(50))
    process = tubeops.start("serve", "--no-rest", stdin=subprocess.DEVNULL)
    wait_until(lambda: owner_words(tubeops)[0] == str(process.pid), "it does not begin")
    done = tubeops.run("run", "batch_metadata")
    assert done.code == 1 and "works without REST" in done.err and str(process.pid) in done.err, done
    assert tubeops.json("status")["channels"] == 50
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


# ---- as a process of its own ----

def alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def background(tubeops):
    """Starts it in the background; ends it whatever happens."""
    pids = []

    def start(*words):
        told = tubeops.json("serve", "--background", "--listen", "127.0.0.1:0", *words)
        pids.append(told["pid"])
        return told
    yield start
    for pid in pids:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_serve_in_the_background(tubeops, sim, background):
    tubeops.import_ids(sim.ids(1000))
    told = background("--start", "batch_metadata")
    assert alive(told["pid"]) and owner_words(tubeops)[:2] == [str(told["pid"]), told["listen"]]
    assert os.getsid(told["pid"]) == told["pid"]
    done = check_result(tubeops.json("run", "batch_metadata"))
    assert done["total"] in (0, 1000)
    second = tubeops.run("serve", "--background", "--listen", "127.0.0.1:0")
    assert second.code == 1 and "in use by process %d" % told["pid"] in second.err, second
    assert tubeops.json("stop") == {"pid": told["pid"], "stopped": True}
    assert not alive(told["pid"])
    nothing = tubeops.run("stop", check=0)
    assert "no process is at work" in nothing.out
    check_account(tubeops, sim, 1000)


def test_a_background_that_cannot_begin_says_why(tubeops, make_tubeops, sim, background):
    told = background()
    other = make_tubeops(sim)
    done = other.run("serve", "--background", "--listen", told["listen"].split("://")[1])
    assert done.code == 1 and "in use" in done.err, done
    assert not [r for r in owner_words(other) if r]
    tubeops.run("stop", check=0)


def test_hup_opens_the_log_anew(tubeops, background):
    pid = background()["pid"]
    log, old = (os.path.join(tubeops.data, n) for n in ("tubeops.log", "tubeops.log.1"))
    os.rename(log, old)
    os.kill(pid, signal.SIGHUP)
    wait_until(lambda: os.path.exists(log), "no new log")
    with open(old, encoding="utf-8") as file:
        before = file.read()
    assert tubeops.run("keys", "disable", "key-1").code in (0, 1)
    tubeops.run("stop", check=0)
    assert "stopping" in tubeops.log() and alive(pid) is False
    with open(old, encoding="utf-8") as file:
        assert file.read() == before
