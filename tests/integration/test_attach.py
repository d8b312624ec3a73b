"""The console attached to another process: at an address, or as the second one on a data folder."""
import contextlib
import http.server
import json
import os
import signal
import socket
import stat
import threading
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from account import check_account  # noqa: E402
from certificates import Authority  # noqa: E402
from servers import ServerMissing, free_port  # noqa: E402
from terminal import ENTER, Terminal  # noqa: E402
from tubeops import PATIENCE, wait_until  # noqa: E402

TOKEN, LOOK = "token-MARK-for-all-0123456789", "token-MARK-to-look-0123456789"


def shows(t, words):
    """Waits until it shows these words, however they are spaced."""
    end = time.monotonic() + PATIENCE
    while words not in " ".join(t.text().split()):
        assert time.monotonic() < end and not t.closed, f"{words!r} did not appear:\n{t.text()}"
        t.pump(0.05)


def console(tubeops, *words, columns=80, lines=24, **settings):
    env = {**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **settings}
    return Terminal([tubeops.binary, *words], env=env, columns=columns, lines=lines)


def status(tubeops):
    return tubeops.json("jobs")[0]["status"]


def end_owner(tubeops):
    assert tubeops.run("stop").code == 0


@pytest.fixture
def busy(tubeops, sim):
    tubeops.import_ids(sim.ids(6000))
    sim.set_latency(2000)
    return tubeops


# ---- a second console on one folder ----

def test_two_consoles_on_one_folder(busy, sim):
    with console(busy, "console", "--start", "batch_metadata") as first:
        shows(first, "J-1002 metadata running")
        with console(busy) as second:
            shows(second, "J-1002 metadata running")
            assert "tubeops @local RW" in second.display()[0]
            # what is done at one is seen at the other
            second.send("p")
            shows(second, "J-1002 metadata paused")
            shows(first, "J-1002 metadata paused")
            assert status(busy) == "paused"
            second.send("r")
            shows(first, "J-1002 metadata running")
            # a page: a resource
            second.send(ENTER)
            second.wait_for("Outcome so far", PATIENCE)
            second.send("Q")  # leaves at once: nothing stops
            assert second.exit_code(PATIENCE) == 0
            assert second.is_restored()
        first.pump(0.5)
        assert status(busy) == "running"
        first.send("Q")
        first.wait_for("Leave and stop cleanly", PATIENCE)
        first.send("s")
        assert first.exit_code(PATIENCE) == 0
    assert status(busy) == "interrupted"
    check_account(busy, sim, 6000)


def test_the_second_console_follows_a_hand_over(busy, sim):
    first, second = console(busy, "console", "--start", "batch_metadata"), console(busy)
    with contextlib.ExitStack() as both:
        shows(both.enter_context(first), "J-1002 metadata running")
        shows(both.enter_context(second), "J-1002 metadata running")
        first.send("Q")
        first.wait_for("Go on without a screen", PATIENCE)
        first.send("h")
        assert first.exit_code(PATIENCE) == 0
        second.wait_gone("LINK LOST", PATIENCE)
        sim.set_latency(0)
        shows(second, "J-1002 metadata done")
        assert "LINK LOST" not in second.text()
        # and when nobody has the folder any more it says so
        end_owner(busy)
        second.wait_for("LINK LOST", PATIENCE)
        second.wait_for("no process works in", PATIENCE)
        second.send("q")
        assert second.exit_code(PATIENCE) == 0
    check_account(busy, sim, 6000)


def test_a_second_console_of_one_without_rest(tubeops):
    process = tubeops.start("serve", "--no-rest")
    wait_until(lambda: os.path.exists(os.path.join(tubeops.data, "tubeops.lock")), "it does not begin")
    wait_until(lambda: tubeops.run("stop", "--help").code == 0, "")
    with console(tubeops) as t:
        assert t.exit_code(PATIENCE) == 1
        assert "in use by process" in t.text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


# ---- at an address ----

def test_every_action_is_a_call(make_tubeops, sim):
    serving = make_tubeops(sim, API_TOKEN=TOKEN, API_TOKEN_READ=LOOK)
    serving.import_ids(sim.ids(3000))
    sim.set_latency(5000)
    other = make_tubeops(sim, keys=())
    with serving.serve() as server:
        with console(other, "attach", server.url, API_TOKEN=TOKEN) as t:
            host = server.url.split("://")[1]
            t.wait_for("@" + host[:15], PATIENCE)
            assert " RW " in t.display()[0]
            t.send("n1")
            t.wait_for("New job: metadata", PATIENCE)
            t.send(ENTER)
            shows(t, "J-1002 metadata running")  # before the list is seen: its cursor stays where it was
            t.send("2")
            t.wait_for("sort: state", PATIENCE)
            t.send("X")
            t.wait_for("Cancel", PATIENCE)
            t.send("y")
            wait_until(lambda: status(serving) == "cancelled", "it was not cancelled")
            t.wait_for("cancelled", PATIENCE)
            t.send("q")
            t.settle()
            if t.status is None:
                t.send("Q")
            assert t.exit_code(PATIENCE) == 0
            assert b"MARK" not in t.raw
        assert serving.json("status")["channels"] == 3000
        assert "start job" in serving.log() and " via rest: cancel job J-1002" in serving.log()
        assert "MARK" not in serving.log()
    assert not os.path.exists(os.path.join(other.data, "staging.db"))  # nothing of it is here


def test_a_token_that_only_looks(make_tubeops, sim):
    serving = make_tubeops(sim, API_TOKEN=TOKEN, API_TOKEN_READ=LOOK)
    serving.import_ids(sim.ids(3000))
    sim.set_latency(5000)
    with serving.serve("--start", "batch_metadata") as server:
        token = os.path.join(serving.directory, "token")
        with open(token, "w", encoding="utf-8") as file:
            file.write(LOOK + "\n")
        with console(serving, "attach", server.url, "--token-file", token, API_TOKEN="") as t:
            assert t.exit_code(PATIENCE) == 1 and "chmod 600" in t.text()
        os.chmod(token, stat.S_IRUSR | stat.S_IWUSR)
        with console(serving, "attach", server.url, "--token-file", token, API_TOKEN="") as t:
            shows(t, "J-1002 metadata running")
            t.wait_for(" RO ", PATIENCE)
            t.send("p")
            t.settle()
            t.pump(1)
            assert status(serving) == "running"
            t.send("q")
            assert t.exit_code(PATIENCE) == 0


def test_a_wrong_token_is_refused(make_tubeops, sim):
    serving = make_tubeops(sim, API_TOKEN=TOKEN)
    with serving.serve() as server:
        with console(serving, "attach", server.url, API_TOKEN="MARK-wrong") as t:
            t.wait_for("refused", PATIENCE)
            t.wait_for("Authorization", PATIENCE)
            assert "MARK" not in t.text()
            t.send("q")
            assert t.exit_code(PATIENCE) == 0


def test_a_lost_line_comes_back(make_tubeops, sim):
    port = free_port()
    serving = make_tubeops(sim, LISTEN="127.0.0.1:%d" % port)
    serving.import_ids(sim.ids(4000))
    sim.set_latency(2000)
    words = "serve", "--listen", "127.0.0.1:%d" % port
    process = serving.start(*words, "--start", "batch_metadata")
    with console(serving, "attach", "127.0.0.1:%d" % port) as t:
        # whether it answers already or not
        shows(t, "J-1002 metadata running")
        process.kill()
        process.wait()
        t.wait_for("LINK LOST", PATIENCE)
        t.wait_for("trying again in", PATIENCE)
        t.wait_for("old ", PATIENCE)  # and what is seen is said to be old
        t.send("X")  # what ends something is not held for later
        t.wait_for("not sent, the connection is lost", PATIENCE)
        process = serving.start(*words)
        wait_until(lambda: serving.json("jobs")[0]["status"] == "running", "it does not go on")
        t.send("R")
        t.wait_gone("LINK LOST", PATIENCE)
        sim.set_latency(0)
        shows(t, "J-1002 metadata done")
        t.send("q")
        assert t.exit_code(PATIENCE) == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    check_account(serving, sim, 4000)


class Fake(http.server.BaseHTTPRequestHandler):
    """A node that says one thing to whatever is asked."""
    reply = {}

    def do_GET(self):
        body = json.dumps(self.reply).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("reply,words", [
    ({"version": "99.0.1", "may": "all", "as": "rest", "now_ms": 0}, "the node is tubeops 99.0.1"),
    ({"version": "\u001b[31mred", "may": "all"}, "version differs"), ({"version": "0"}, "version differs"),
    ([1, 2], "version differs"), ({}, "version differs")])
def test_another_version(make_tubeops, sim, reply, words):
    tubeops = make_tubeops(sim)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("One", (Fake,), {"reply": reply}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with console(tubeops, "attach", "http://127.0.0.1:%d" % server.server_port) as t:
            t.wait_for(words, PATIENCE)
            assert b"\x1b[31mred" not in t.raw
            t.send("q")
            assert t.exit_code(PATIENCE) == 0
            assert t.is_restored()
    finally:
        server.shutdown()
        server.server_close()


def test_a_node_that_never_answers_keeps_nobody_waiting(make_tubeops, sim):
    tubeops = make_tubeops(sim)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        with console(tubeops, "attach", "127.0.0.1:%d" % deaf.getsockname()[1]) as t:
            t.wait_for("connecting to the node", PATIENCE)
            t.send("q")
            assert t.exit_code(PATIENCE) == 0
            assert t.is_restored()


def test_tls(make_tubeops, sim, tmp_path):
    try:
        cert = Authority(tmp_path).issue(["127.0.0.1"])
    except ServerMissing as missing:
        pytest.skip(str(missing))
    serving = make_tubeops(sim, API_TOKEN=TOKEN, TLS_CERT=cert.certificate, TLS_KEY=cert.key)
    serving.import_ids(sim.ids(30))
    other = make_tubeops(sim, API_TOKEN=TOKEN)
    with serving.serve() as server:
        assert server.url.startswith("https://")
        with console(other, "attach", server.url) as t:  # nobody vouches for it
            t.wait_for("certificate", PATIENCE)
            t.send("q")
            assert t.exit_code(PATIENCE) == 0
        with console(other, "attach", server.url, "--ca-file", cert.ca) as t:
            t.wait_for(" RW ", PATIENCE)
            t.send("q")
            assert t.exit_code(PATIENCE) == 0
        with console(serving) as t:  # the folder's own is known by its certificate, whatever it says
            t.wait_for("@local RW", PATIENCE)
            t.send("q")
            assert t.exit_code(PATIENCE) == 0


def test_usage(make_tubeops, sim):
    tubeops = make_tubeops(sim)
    for words, code, said in ((("attach",), 1, "no process works in"),
                              (("attach", "http://example.com:5000"), 2, "use https://"),
                              (("attach", "ftp://127.0.0.1"), 2, "https://"),
                              (("attach", "https://me:MARK@127.0.0.1"), 2, "may have no user"),
                              (("attach", "127.0.0.1:1", "--token-file", "none"), 1, "No such file")):
        with console(tubeops, *words, columns=250) as t:
            assert t.exit_code(PATIENCE) == code, t.text()
            assert said in t.text().replace("\n", " ")
            assert "MARK" not in t.text()
    assert tubeops.run("attach", "127.0.0.1:1").code == 2
