"""The acceptance checks of the console that are about the engine behind it, 14 to 25; see test_acceptance.py."""
import datetime
import json
import re
import signal
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from account import alive_ids, check_account  # noqa: E402
from servers import free_port  # noqa: E402
from terminal import ENTER, ESC, Terminal, on_terminal  # noqa: E402
from tubeops import PATIENCE  # noqa: E402


def until(true, what, t):
    """Pumps a terminal until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what}:\n{t.text()}"
        t.pump(0.1)


def row(t, beginning):
    """The words of the first line that begins so, whatever stands before it and however they are spaced; "": none does."""
    for line in t.display():
        words = " ".join(line.strip(" >│!").split())
        if words.startswith(beginning):
            return words
    return ""


# ---- 14 to 16: days and units ----

# the second before Pacific midnight (UTC), and how many hours the day behind it has
MIDNIGHTS = {"winter": ("2027-01-06 07:59:59", 24), "summer": ("2027-07-06 06:59:59", 24),
             "spring": ("2027-03-14 07:59:59", 23), "autumn": ("2027-11-07 06:59:59", 25)}


@pytest.mark.parametrize("name", MIDNIGHTS)
def test_check_14_a_second_before_pacific_midnight(make_sim, make_tubeops, tomorrow, tmp_path, name):
    before, hours = MIDNIGHTS[name]
    midnight = datetime.datetime.fromisoformat(before) + datetime.timedelta(seconds=1)
    sim = make_sim(quota=4)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=4, TZ="UTC")
    path = tmp_path / "time"

    def clock(moment):
        """The program's clock stands still at this moment; the simulator's stands there, too."""
        new = tmp_path / "time.new"
        new.write_text(moment.strftime("%Y-%m-%d %H:%M:%S\n"))
        new.rename(path)
        sim.set_clock(int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()))

    tubeops.environment.pop("FAKETIME", None)
    tubeops.environment.update({"LD_PRELOAD": tomorrow.library, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
                                "FAKETIME_TIMESTAMP_FILE": str(path)})
    clock(midnight - datetime.timedelta(hours=2))
    tubeops.import_ids(alive_ids(make_sim(), 400))
    assert tubeops.run("run", "batch_metadata", check=3).code == 3  # 4 units are 200 channels; the rest waits for the day
    clock(midnight - datetime.timedelta(seconds=1))
    with on_terminal(tubeops) as t:
        t.wait_for("reset 00:00:01", PATIENCE)
        t.wait_for("All quota of this Pacific day is spent", PATIENCE)
        plan = json.loads(tubeops.run("plan", "--json").out)
        assert plan["reset_at"] == midnight.strftime("%Y-%m-%dT%H:%M:%SZ")
        clock(midnight + datetime.timedelta(minutes=20))  # it waits some minutes longer, for clocks that differ
        t.wait_for(f"reset {hours - 1}:40:00", PATIENCE)
        until(lambda: sim.units() == 8, "it does not go on", t)
        t.wait_for("done", PATIENCE)
        plan = json.loads(tubeops.run("plan", "--json").out)
        assert plan["day_start"] == midnight.strftime("%Y-%m-%dT%H:%M:%SZ")
        end = midnight + datetime.timedelta(hours=hours)
        assert plan["reset_at"] == end.strftime("%Y-%m-%dT%H:%M:%SZ")
        status = tubeops.json("status")
        assert status["quota"]["units_used"] == 4 and status["quota"]["units_per_day"] == 4
    found = check_account(tubeops, sim, 400)
    assert found["pending"] == found["failed"] == 0


def test_check_15_one_finish_time_wherever_it_stands(make_sim, make_tubeops):
    """Weeks of work, so that it does not matter which second it is when each of them is looked at."""
    sim = make_sim(quota=4)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=4, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(6100))  # not a whole number of days: the stage has a few channels more than the job
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        t.wait_for("wait:quota", PATIENCE)
        until(lambda: re.search(r"\d\d \w\w\w 20\d\d$", row(t, "metadata ")), "no finish", t)
        day = row(t, "metadata ")[-11:]
        t.send("3")
        t.wait_for("who may spend what", PATIENCE)
        assert row(t, "metadata 60%").endswith(day)
        stage = next(s for s in json.loads(tubeops.run("plan", "--json").out)["stages"] if s["name"] == "metadata")
        assert datetime.date.fromisoformat(stage["finish"][:10]).strftime("%d %b %Y") == day
        status = next(s for s in tubeops.json("status")["plan"]["stages"] if s["name"] == "metadata")
        assert status["finish"][:10] == stage["finish"][:10]
        t.send("w")
        t.wait_for("What if", PATIENCE)
        t.send("2")
        t.wait_for("sort: state", PATIENCE)
        t.send(ENTER)
        t.wait_for("Jobs > J-1002", PATIENCE)
        until(lambda: day in t.text(), "the job's page says something else", t)
        t.send("q:new metadata units=1" + ENTER)
        until(lambda: day in row(t, "finish "), "the form says something else", t)


def test_check_16_refused_below_the_limit(make_sim, make_tubeops):
    """The program believes in 90 units, the project has 20: one call is refused, and no other follows."""
    sim = make_sim(quota=20)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=90, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(6000))
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        t.wait_for("NO QUOTA", PATIENCE)
        t.wait_for("was refused at 21 of 90 units", PATIENCE)  # the refused call counts: nobody knows that it does not
        assert "ledger differs" in t.text() and "wait:quota" in t.text()
        t.send("3")
        t.wait_for("refused", PATIENCE)
        until(lambda: re.fullmatch(r"units 21/90 .* refused", row(t, "units ")), "the bucket is not shown", t)
        t.send("R")
        t.pump(3)
        assert [e["status"] for e in sim.log_entries()] == [200] * 20 + [403]
    check_account(tubeops, sim, 6000)


def test_check_16_too_fast_is_not_too_much(make_sim, make_tubeops):
    sim = make_sim(faults="429minute@3-4:5")
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    tubeops.import_ids(sim.ids(500))
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        t.wait_for("throttled", PATIENCE)
        assert "NO QUOTA" not in t.text() and "ledger differs" not in t.text()
        t.wait_for("J-1002 metadata  done", PATIENCE)
        assert "NO QUOTA" not in t.text()
    assert check_account(tubeops, sim, 500)["pending"] == 0


# ---- 17, 19: what is away or ended without warning ----

def test_check_17_killed_and_gone_on_with(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    sim.set_latency(100)
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        until(lambda: sim.stats()["requests"] > 5, "no call goes out", t)
        t.kill(signal.SIGKILL)
        t.wait(PATIENCE)
    assert tubeops.json("jobs")[0]["status"] == "interrupted"
    assert "J-1002 interrupted" in tubeops.run("status", check=1).out
    sim.set_latency(0)
    with on_terminal(tubeops) as t:  # it goes on by itself, and says why it had to
        t.wait_for("the last run ended without stopping; 1 j", PATIENCE)
        t.wait_for("J-1002 metadata  done", PATIENCE)
        t.send(":job J-1002" + ENTER)  # its page too, with the time
        t.wait_for("its process ended without stopping: found at the next start", PATIENCE)
    assert len(tubeops.json("jobs")) == 2  # the import and the same job
    found = check_account(tubeops, sim, 3000)
    assert found["pending"] == found["failed"] == 0
    assert tubeops.value("SELECT count(*) FROM (SELECT cid FROM channel_meta GROUP BY cid HAVING count(*) > 1)") == 0


# ---- 21 to 25: rights, signals, help, numbers ----

def test_check_21_a_token_that_looks_changes_nothing(make_sim, make_tubeops):
    tubeops = make_tubeops(make_sim(), API_TOKEN="token-for-all-0123456789", API_TOKEN_READ="token-to-look-0123456789")
    look = {"Authorization": "Bearer token-to-look-0123456789"}
    with tubeops.serve() as server:
        paths = server.get("/openapi.json").json()["paths"]
        changes = [(method.upper(), path) for path, methods in paths.items() for method in methods
                   if method.upper() not in ("GET", "HEAD", "PARAMETERS")]
        refused = {(m, p): server.request(m, re.sub(r"\{\w+\}", "J-1", p), {}, headers=look) for m, p in changes}
        asks = {call for call, answer in refused.items() if answer.status != 403}
        # what a question costs is asked by POST, and nothing is changed by it
        assert all("price" in path or "dry" in path for _, path in asks), asks
        assert len(changes) - len(asks) > 20
        assert not [line for line in tubeops.log().splitlines() if "audit" in line and " via rest: " in line]


@pytest.mark.parametrize("keys", ["2p", "2X", "2D", "3t", "3D", "4K", "5m", "5D"])
def test_check_21_a_console_that_looks_sends_nothing(tubeops, keys):
    with Terminal([tubeops.binary, "demo", "--scenario", "campaign", "--read-only"]) as t:
        t.wait_for("local RO")
        t.send(keys[0])
        t.settle(0.3)
        t.send(keys[1])
        t.wait_for("this console only looks")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_check_22_the_terminal_is_given_back(tubeops, sim, number):
    tubeops.import_ids(sim.ids(3000))
    sim.set_latency(300)
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        until(lambda: sim.stats()["requests"] > 2, "no call goes out", t)
        t.kill(number)
        code = t.exit_code(PATIENCE)
        assert code == (0 if number == signal.SIGTERM else -number) or b"Sanitizer" in t.raw
        assert t.is_restored()
    sim.set_latency(0)
    jobs = tubeops.json("jobs")
    assert jobs[0]["status"] == "interrupted"
    assert tubeops.run("jobs", "J-1002", "resume").code in (0, 1)
    tubeops.json("run", "batch_metadata")
    assert check_account(tubeops, sim, 3000)["pending"] == 0


@pytest.mark.parametrize("view", "234567")
def test_check_23_help_has_every_action_of_the_view(tubeops, view):
    with Terminal([tubeops.binary, "demo", "--scenario", "campaign"], columns=160, lines=50) as t:
        t.wait_for("? help")
        t.send(view)
        t.settle(0.3)
        t.send("a")
        t.wait_for("Actions")
        found = [re.match(r"(\S)\s+\S+\s+(\S.*?)(\s\s+.*)?$", line.split("│")[0].strip()) for line in actions_box(t)]
        actions = [(m.group(1), m.group(2)) for m in found if m]
        assert actions
        t.send(ESC + "?")
        t.wait_for("Help: ")
        helped = t.text()
        for _ in range(12):
            t.send("jjjj")
            t.settle()
            helped += "\n" + t.text()
        for key, says in actions:
            assert says[:30] in helped, (key, says)


def actions_box(t):
    """Lines of the box "Actions"."""
    lines = t.display()
    top = next(y for y, line in enumerate(lines) if "┌─ Actions" in line)
    left = lines[top].index("┌─ Actions") + 1
    end = next(y for y in range(top + 1, len(lines)) if "└──" in lines[y][left - 1:left + 3])
    return [lines[y][left:] for y in range(top + 1, end)]


def test_check_25_status_says_what_the_dashboard_says(make_sim, make_tubeops):
    sim = make_sim()
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=500, LISTEN="127.0.0.1:%d" % free_port())
    tubeops.import_ids(sim.ids(4000))
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        t.wait_for("metadata  done", PATIENCE)
        until(lambda: re.search(r"units \S+ 80 / 500", row(t, "units")), "the units are not shown", t)
        status = tubeops.json("status")
        text = tubeops.run("status").out
        assert status["quota"]["units_used"] == 80 and "80 of 500 units" in text  # and not what the lease has reserved
        shown = row(t, "metadata")
        items = status["items"]["metadata"]
        stage = next(s for s in status["plan"]["stages"] if s["name"] == "metadata")
        assert shown.startswith(f"metadata {stage['done']:,} / {stage['target']:,} "), shown
        assert stage["done"] == items["done"] + items["missing"] + items["failed"] and stage["target"] == 4000
        assert row(t, "import").startswith("import 4,000 / 4,000") and "channels   4,000" in text
        assert "project key1, 1 key of 1 usable" in t.text() and "keys       1, usable 1" in text
        assert [j["number"] for j in status["jobs"]] == ["J-1002", "J-1001"]
        assert f"process {t.pid}" in text
