""":attach and :detach inside a console: another node is shown, the own one goes on."""
import os
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, Terminal  # noqa: E402
from tubeops import PATIENCE, Tubeops  # noqa: E402

TOKEN = "token-MARK-for-all-0123456789"


def console(tubeops):
    return Terminal([tubeops.binary, "--no-rest", "console"], columns=180, lines=24,
                    env={**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})


def left(tubeops):
    return tubeops.value("SELECT count(*) FROM channel WHERE metadata = 0")


def wait_until(t, true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end and not t.closed, t.text()
        t.pump(0.1)


@pytest.fixture
def far(tmp_path, sim):
    """Another node with some channels, and its token in a file."""
    folder = tmp_path / "far"
    folder.mkdir()
    node = Tubeops(folder, sim, API_TOKEN=TOKEN)
    node.import_ids(sim.ids(1234))
    (folder / "token").write_text(TOKEN + "\n")
    os.chmod(folder / "token", 0o600)
    (folder / "open").write_text(TOKEN + "\n")
    os.chmod(folder / "open", 0o644)
    yield node
    node.kill_all()


def test_another_node_and_back(tubeops, sim, far):
    tubeops.import_ids(sim.ids(300))
    with far.serve() as server, console(tubeops) as t:
        place = server.url.split("//")[1].rstrip("/")
        t.wait_for("? help")
        t.send("5")
        t.wait_for("row 1 of 300")
        t.send("  ")
        t.wait_for("2 marked")
        sim.set_latency(300)
        t.send(":new! metadata" + ENTER)
        t.send(":attach %s %s%s" % (place, os.path.join(far.directory, "token"), ENTER))
        t.wait_for("@" + place)
        t.send("5")
        t.wait_for("row 1 of 1,234")
        # the own one goes on meanwhile, also what waited to be undone
        wait_until(t, lambda: left(tubeops) == 0)
        # something is done there
        t.send("6:mark" + ENTER)
        t.settle()
        t.send(":detach" + ENTER)
        t.wait_for("tubeops local")
        t.wait_for("of 300")
        t.wait_for("2 marked")  # as it was left
        t.send(":detach" + ENTER)
        t.wait_for("this is the console's own node")
        # leaving the other one leads back to the own one, which asks
        t.send(":attach %s %s%s" % (place, os.path.join(far.directory, "token"), ENTER))
        t.wait_for("@" + place)
        t.send("Q")
        t.wait_for("tubeops local")
        t.wait_for("Leave tubeops?")
        t.send("y")
        assert t.exit_code(PATIENCE) == 0 and t.is_restored()
        assert server.get("/health").status == 200
    assert TOKEN.encode() not in t.raw and TOKEN not in tubeops.log()


def test_what_cannot_be_attached_to(tubeops, far):
    with console(tubeops) as t:
        t.wait_for("? help")
        for words, said in (("", "write  :attach HOST"), ("ftp://a.example", "https://"),
                            ("127.0.0.1:1 /no/such/token", "! /no/such/token: No such file"),
                            ("127.0.0.1:1 " + os.path.relpath(os.path.join(far.directory, "open")), "other users may read")):
            t.send(":attach %s%s" % (words, ENTER))
            t.wait_for(said)
            assert "tubeops local" in t.display()[0]
            t.send("5")
        # nobody is there: it says so, and leads back
        t.send(":attach 127.0.0.1:1" + ENTER)
        t.wait_for("connecting to the node")
        t.wait_for("trying again in")
        t.send(":detach" + ENTER)
        t.wait_for("tubeops local")
