"""The console with a real engine on a real terminal: leaving, handing over, a terminal that is lost."""
import os
import signal

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from account import check_account  # noqa: E402
from terminal import ENTER, ESC, Terminal  # noqa: E402
from tubeops import PATIENCE, wait_until  # noqa: E402


def owner_words(tubeops):
    path = os.path.join(tubeops.data, "tubeops.lock")
    if not os.path.exists(path):
        return ["", "", ""]
    with open(path, encoding="utf-8") as file:
        return (file.read().split("\n") + ["", "", ""])[:3]


def owner_pid(tubeops):
    return int(owner_words(tubeops)[0] or 0)


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def console():
    """Opens consoles; whoever owns a folder in the end is ended."""
    programs = []

    def open_console(tubeops, *words, **settings):
        programs.append(tubeops)
        env = {**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **settings}
        return Terminal([tubeops.binary, *words], env=env)
    yield open_console
    for tubeops in programs:
        pid = owner_pid(tubeops)
        if pid and alive(pid) and tubeops.run("stop").code:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def busy(tubeops, sim):
    """Enough to do, slowly."""
    tubeops.import_ids(sim.ids(6000))
    sim.set_latency(400)
    return tubeops


START = ("console", "--start", "batch_metadata")


def job(tubeops):
    return tubeops.json("jobs")[0]


def test_leave_and_stop(busy, sim, console):
    with console(busy, *START) as t:
        t.wait_for("running", PATIENCE)
        t.send("Q")
        t.wait_for("1 job is at work in this process")
        t.send(ENTER)  # the safe answer
        t.wait_gone("is at work in this process")
        t.send("Q")
        t.wait_for("Leave and stop cleanly")
        t.send("s")
        assert t.exit_code(PATIENCE) == 0
        assert t.is_restored()
    assert owner_pid(busy) == 0
    assert job(busy)["status"] == "interrupted"
    check_account(busy, sim, 6000)


def test_nothing_at_work(tubeops, console):
    with console(tubeops) as t:
        t.wait_for("? help", PATIENCE)
        t.send("Q")
        t.wait_for("No job is at work. y/N")
        t.send("y")
        assert t.exit_code(PATIENCE) == 0
        assert t.is_restored()
    assert owner_pid(tubeops) == 0


def test_hand_over(busy, sim, console):
    with console(busy, *START) as t:
        t.wait_for("running", PATIENCE)
        before = owner_words(busy)
        assert int(before[0]) == t.pid
        t.send("Q")
        t.wait_for("Go on without a screen")
        t.send("h")
        assert t.exit_code(PATIENCE) == 0
        assert t.is_restored()
        pid = owner_pid(busy)
        assert pid not in (0, t.pid) and alive(pid)
        assert "process %d goes on without a screen" % pid in t.text().replace("\n", " ")
    after = owner_words(busy)
    assert after[1] == before[1] and after[2] != before[2]  # the same address, another token
    sim.set_latency(0)
    wait_until(lambda: job(busy)["status"] == "completed", "the job does not go on")
    assert job(busy)["number"] == "J-1002" and len(busy.json("jobs")) == 2
    assert busy.json("stop") == {"pid": pid, "stopped": True}
    check_account(busy, sim, 6000)


@pytest.mark.parametrize("how", ["hup", "eio"])
@pytest.mark.parametrize("word", ["auto", "headless", "stop"])
def test_the_terminal_is_lost(busy, sim, console, how, word):
    t = console(busy, *START, ON_HANGUP=word)
    with t:
        t.wait_for("running", PATIENCE)
        if how == "hup":
            t.kill(signal.SIGHUP)
        else:
            os.close(t.fd)  # the terminal goes away, and with it comes a SIGHUP of the system
        if word == "stop":
            assert os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == 0
        else:
            wait_until(lambda: "goes on without a screen" in busy.log(), "it does not go on")
            assert owner_pid(busy) == t.pid and alive(t.pid)
            sim.set_latency(0)
            wait_until(lambda: job(busy)["status"] == "completed", "the job does not go on")
            # from now on a HUP is about the log
            os.rename(os.path.join(busy.data, "tubeops.log"), os.path.join(busy.data, "old.log"))
            os.kill(t.pid, signal.SIGHUP)
            wait_until(lambda: os.path.exists(os.path.join(busy.data, "tubeops.log")), "no new log")
            os.kill(t.pid, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == 0
        t.status = 0
        if how == "eio":
            t.fd = os.open("/dev/null", os.O_RDONLY)
    assert owner_pid(busy) == 0
    assert job(busy)["status"] == ("interrupted" if word == "stop" else "completed")
    check_account(busy, sim, 6000)


def test_a_lost_terminal_with_nothing_to_do_ends(tubeops, console):
    with console(tubeops) as t:
        t.wait_for("? help", PATIENCE)
        t.kill(signal.SIGHUP)
        assert t.exit_code(PATIENCE) == 0
    assert owner_pid(tubeops) == 0


def test_on_hangup_must_make_sense(tubeops, console):
    with console(tubeops, ON_HANGUP="sometimes") as t:
        assert t.exit_code(PATIENCE) == 1
        assert "none of auto, headless and stop" in t.text()
