"""d in the list of channels: discovery of those that are marked, through the form with its cost."""
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, Terminal  # noqa: E402
from tubeops import PATIENCE  # noqa: E402


def console(tubeops):
    return Terminal([tubeops.binary, "--no-rest", "console"], columns=100, lines=30,
                    env={**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})


def searched(tubeops):
    return tubeops.value("SELECT count(*) FROM channel WHERE discovery = 1")


def test_discovery_of_what_is_marked(tubeops, sim):
    tubeops.import_ids(sim.ids(300))
    tubeops.json("run", "batch_metadata")
    with console(tubeops) as t:
        t.wait_for("? help")
        t.send("5")
        t.wait_for("row 1 of 300")
        t.settle()
        t.send("  ")
        t.wait_for("2 marked")
        t.send("d")
        t.wait_for("New job: discovery")
        t.wait_for("What this will cost")
        t.wait_for("for 2 channels")
        t.send(ENTER)
        t.wait_for("batch_discovery started")
        t.wait_for("J-1003")
        end = time.monotonic() + PATIENCE
        while searched(tubeops) < 2:
            assert time.monotonic() < end, t.text()
            t.pump(0.1)
        t.send("U")
        # the page of one; it is looked at once more
        t.send("g" + ENTER)
        t.wait_for("Channels >")
        t.send("d")
        t.wait_for("for 1 channel")
        t.send(ENTER)
        t.wait_for("J-1004")
        t.send("2")
        end = time.monotonic() + PATIENCE
        while not [line for line in t.display() if "J-1004" in line and " done " in line]:
            assert time.monotonic() < end, t.text()
            t.pump(0.1)
        t.send("Q")
        t.wait_for("Leave")
        t.send("yy")
        assert t.exit_code(PATIENCE) == 0
    assert searched(tubeops) == 2
    rows = tubeops.json("jobs")
    assert [j["total_items"] for j in rows if j["job_type"] == "batch_discovery"] == [1, 2]


def test_a_form_takes_no_filter(tubeops, sim):
    tubeops.import_ids(sim.ids(300))
    with console(tubeops) as t:
        t.wait_for("? help")
        t.send("5")
        t.wait_for("row 1 of 300")
        t.settle()
        t.send("**")
        t.wait_for("y/N")
        t.send("y")
        t.send("d")
        t.wait_for("what is marked one by one")


def test_named_channels_by_the_command_line(tubeops, sim):
    tubeops.import_ids(sim.ids(300))
    tubeops.json("run", "batch_metadata")
    some = sim.ids(300)[7:10]
    done = tubeops.json("run", "batch_discovery", "--channel-ids", ",".join(some), "--dry-run")
    assert done["items"] == 3, done
    for _ in range(2):  # named ones are looked at again
        done = tubeops.json("run", "batch_discovery", "--channel-ids", ",".join(some))
        assert done["done"] == 3, done
    assert searched(tubeops) == 3
    done = tubeops.run("run", "batch_discovery", "--channel-ids", "UCshort")
    assert done.code != 0 and "is no channel id" in done.err + done.out
    # one that is given none goes through all
    done = tubeops.json("run", "batch_discovery", "--limit", "20")
    assert done["done"] == 20 and searched(tubeops) == 23
