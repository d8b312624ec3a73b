"""What is pressed while the line of an attached console is cut: held, and sent only if nothing has changed meanwhile."""
import contextlib
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import Terminal  # noqa: E402
from tubeops import PATIENCE, wait_until  # noqa: E402
from wires import Wire  # noqa: E402

ESC = "\x1b"


def shows(t, words):
    """Waits until it shows these words, however they are spaced."""
    end = time.monotonic() + PATIENCE
    while words not in " ".join(t.text().split()):
        assert time.monotonic() < end and not t.closed, f"{words!r} did not appear:\n{t.text()}"
        t.pump(0.05)


class Line:
    """A console on a node with a job at work, and the line between them."""

    def __init__(self, tubeops, server, wire, terminal):
        self.tubeops, self.server, self.wire, self.t = tubeops, server, wire, terminal

    def cut(self):
        self.wire.refuses = True
        self.wire.drop()
        self.t.wait_for("LINK LOST", PATIENCE)
        self.t.wait_for("Nothing you press is sent before it is back", PATIENCE)

    def mend(self):
        self.wire.refuses = False
        self.t.send("R")
        self.t.wait_gone("LINK LOST", PATIENCE)

    def status(self):
        return self.tubeops.json("jobs")[0]["status"]

    def posted(self):
        """What REST callers have done, by the log."""
        return [line for line in self.tubeops.log().splitlines() if " via rest: " in line]


@pytest.fixture
def line(make_tubeops, sim):
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(6000))
    sim.set_latency(40000)  # the job stays at work; a client waits for 60 s at most
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(tubeops.serve("--start", "batch_metadata"))
        wire = Wire("127.0.0.1", int(server.url.rstrip("/").rsplit(":", 1)[1]))
        stack.callback(wire.close)
        t = stack.enter_context(Terminal(
            [tubeops.binary, "attach", "127.0.0.1:%d" % wire.port], columns=120, lines=24,
            env={**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}))
        shows(t, "J-1002 metadata running")
        t.send("2")
        t.wait_for("sort: state", PATIENCE)
        yield Line(tubeops, server, wire, t)
        sim.set_latency(0)


def test_unchanged_is_sent(line):
    line.cut()
    line.t.send("p")
    line.t.wait_for("1 action is held: pause J-1002   (u drops it)", PATIENCE)
    line.t.send("p")
    line.t.wait_for("it is held already", PATIENCE)
    assert line.status() == "running" and line.posted() == []
    line.mend()
    wait_until(lambda: line.status() == "paused", "what was held was not sent")
    line.t.wait_for("paused", PATIENCE)
    line.t.wait_gone("held", PATIENCE)
    wait_until(lambda: len(line.posted()) == 1, "it was not sent once")


def test_changed_is_dropped_and_shown(line):
    line.cut()
    line.t.send("p")
    line.t.wait_for("1 action is held: pause J-1002", PATIENCE)
    assert line.server.post("/api/jobs/1002/cancel").status == 200
    wait_until(lambda: line.status() == "cancelled", "it was not cancelled")
    line.mend()
    line.t.wait_for("! not sent: J-1002 was running, is cancelled (pause J-1002). Decide anew", PATIENCE)
    assert "action is held" not in line.t.text()
    assert [" cancel job " in done for done in line.posted()] == [True]
    line.t.send(ESC)  # read
    line.t.wait_gone("not sent", PATIENCE)


def test_cancel_is_never_held(line):
    line.cut()
    for key, word in ("X", "cancel"), ("n", "start"):
        line.t.send(key)
        line.t.wait_for(word + ": not sent, the connection is lost; ", PATIENCE)
    assert "action is held" not in line.t.text() and "New job" not in line.t.text()
    line.t.send("X")
    line.t.wait_for("what ends or deletes is never held for later", PATIENCE)
    line.mend()
    assert line.status() == "running" and line.posted() == []


def test_the_last_is_dropped_by_u(line):
    line.cut()
    line.t.send("p")
    line.t.wait_for("1 action is held: pause J-1002", PATIENCE)
    line.t.send("+")
    line.t.wait_for("2 actions are held, the last: raise J-1002   (u drops it)", PATIENCE)
    line.t.send("u")
    line.t.wait_for("1 action is held: pause J-1002", PATIENCE)
    line.t.send("u")
    line.t.wait_gone("action is held", PATIENCE)
    line.t.send("u")
    line.t.wait_for("there is nothing to undo", PATIENCE)
    line.mend()
    assert line.status() == "running" and line.posted() == []


def test_what_waited_to_be_undone_is_held(line):
    """Its time is over while the line is cut."""
    line.t.send("p")
    line.t.wait_for("u undo", PATIENCE)
    line.cut()
    line.t.wait_for("1 action is held: pause J-1002", PATIENCE)
    assert line.posted() == []
    line.mend()
    wait_until(lambda: line.status() == "paused", "what was held was not sent")


def test_another_weight_takes_the_place(line):
    line.cut()
    for weight in 5, 7:
        line.t.send(":weight %d\r" % weight)
        line.t.wait_for("1 action is held: weight J-1002", PATIENCE)
        line.t.wait_for("weight J-1002 is held until", PATIENCE)
    line.mend()
    wait_until(lambda: len(line.posted()) == 1, "it was not sent once")
    assert "7" in line.posted()[0].split(" via rest: ")[1], line.posted()


def test_leaving_tells_what_it_drops(line):
    line.cut()
    line.t.send("p")
    line.t.wait_for("1 action is held: pause J-1002", PATIENCE)
    line.t.send("Q")
    line.t.wait_for("1 action is held and would be dropped; Q again leaves", PATIENCE)
    line.t.send("Q")
    wait_until(lambda: line.t.closed, "it did not leave", pause=line.t.pump)
    assert line.status() == "running" and line.posted() == []
