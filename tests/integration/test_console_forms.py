"""Forms of the console on the real engine, with youtube-sim: what a job costs, dry runs, keys."""
import os
import re

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from conftest import KEY  # noqa: E402
from terminal import ENTER, ESC, TAB, Terminal  # noqa: E402
from tubeops import wait_until  # noqa: E402

SECOND = "AIzaSyTest0000000000000000000000000000B"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


@pytest.fixture
def console(make_sim, make_tubeops):
    """A program with 300 imported channels, and the terminal of its console."""
    sim = make_sim(keys=KEY + "," + SECOND)
    program = make_tubeops(sim=sim)
    program.import_ids(sim.ids(300))
    here = os.getcwd()
    os.chdir(program.directory)
    try:
        with Terminal([program.binary, "console", "--no-rest"], env=program.environment) as terminal:
            terminal.wait_for("? help")
            terminal.program, terminal.sim = program, sim
            yield terminal
    finally:
        os.chdir(here)


def command(t, line):
    t.send(":" + line + ENTER)


def leave(t):
    command(t, "quit")
    t.settle()
    if not t.closed and "Leave" in t.text():
        t.send("y")
    assert t.exit_code(60) == 0


def test_a_form_says_what_the_job_costs(console):
    command(console, "new metadata")
    console.wait_for("units     6 for 300 channels")
    console.wait_for("0.0200 each")
    console.wait_for("finish")
    assert console.sim.units() == 0  # nothing was started
    console.send("120")
    console.wait_for("units     3 for 120 channels")
    console.send(ENTER)
    console.wait_for("started")
    leave(console)
    assert console.sim.units() == 3


def test_a_try_takes_twenty_and_the_form_stays(console):
    command(console, "new metadata limit=200")
    console.wait_for("units     4 for 200 channels")
    console.send("d")
    console.wait_for("started")
    assert "New job: metadata" in console.text() and "[200" in console.text()
    console.send(ESC)
    command(console, "jobs")
    console.wait_for("20/20")
    leave(console)
    assert console.sim.units() == 1


def test_a_dry_run_says_what_it_would_do_and_does_nothing(console):
    command(console, "new metadata limit=200")
    console.wait_for("units     4 for 200 channels")
    console.send("\x12")
    console.wait_for("dry run: 200 items, 4 units, 0.0 days, done ")
    assert "nothing started" in console.text()
    console.send(TAB)
    console.wait_gone("dry run: ")
    console.send(ESC)
    leave(console)
    assert console.sim.units() == 0
    assert len(console.program.json("jobs")) == 1  # the import alone


def test_what_the_engine_refuses_stands_in_the_form(console):
    command(console, "new discovery method=nonsense")
    console.wait_for("nonsense")
    console.wait_for("note      ")
    assert console.text().count("nonsense") == 2  # in the field, and in what is said of it
    console.send(ESC)
    command(console, "new import")
    console.wait_for("costs no quota")
    assert "Ctrl-d" not in console.text()  # an import can be tried by nothing smaller
    console.send(ESC)
    command(console, "new metadata colour=red")
    console.wait_for("metadata jobs have no parameter for: colour=red")
    console.send(ESC)
    leave(console)


def test_a_key_is_added_without_echo_tested_and_grouped(console):
    command(console, "key spare add")
    console.wait_for("New API key")
    console.send(PASTE + SECOND + "\n" + PASTED)
    console.wait_for("39 characters (not shown)")
    console.send(TAB + TAB + "lab" + TAB + "500" + ENTER)
    console.wait_for("key spare works")
    command(console, "group spare")
    console.wait_for("project")
    console.send("prod" + ENTER)
    console.wait_for("key spare is in project prod now")
    leave(console)
    assert SECOND.encode() not in console.raw and SECOND not in console.program.log()
    keys = console.program.json("keys", "list")
    assert [(k["name"], k["project"]) for k in keys][1:] == [("spare", "prod")]
    console.program.run("keys", "group", "spare", "--project", "lab", check=0)
    console.program.run("keys", "group", "spare", check=2)
    with console.program.serve() as server:
        assert server.post("/api/keys/spare/group", {"project": "last"}).status == 200
        assert server.post("/api/keys/spare/group", {}).status == 400
    assert [k["project"] for k in console.program.json("keys", "list")][1:] == ["last"]


def test_the_bell_rings_when_it_is_asked_for(console):
    command(console, "new! metadata limit=50")
    command(console, "jobs")
    console.wait_for("50/50")
    console.settle(quiet=1)
    assert b"\x07" not in console.raw
    command(console, "set bell on")
    console.wait_for("bell is on")
    command(console, "new! metadata limit=50")
    command(console, "jobs")
    wait_until(lambda: b"\x07" in console.raw, "no bell", pause=console.pump)
    assert b"\x1b]9;" not in console.raw
    command(console, "set bell off")
    command(console, "set note on")
    console.wait_for("note is on")
    command(console, "new! metadata limit=50")
    wait_until(lambda: re.search(rb"\x1b\]9;tubeops: J-10\d\d metadata is completed\x1b", console.raw), "no note",
               pause=console.pump)
    leave(console)


def test_a_key_that_is_refused_is_not_tested(console):
    command(console, "key twice add")
    console.wait_for("New API key")
    console.send(PASTE + KEY + PASTED + ENTER)
    console.wait_for("this key is known already")
    console.settle(quiet=1)
    assert "this key is known already" in console.text()
    leave(console)
    assert console.sim.units() == 0
