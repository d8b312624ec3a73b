"""`serve` below a service manager: what it tells its NOTIFY_SOCKET, and `tubeops health`."""
import signal
import socket
import time

import pytest

from certificates import Authority
from tubeops import PATIENCE, Tubeops, TubeopsMissing


@pytest.fixture
def tubeops(tmp_path):
    try:
        return Tubeops(tmp_path)
    except TubeopsMissing as missing:
        pytest.skip(str(missing))


class Manager:
    """A service manager's end of the socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.news = []

    def until(self, wanted):
        """Reads news until one holds the line that is wanted."""
        self.socket.settimeout(PATIENCE)
        while not self.news or wanted not in self.news[-1]:
            self.news.append(self.socket.recv(4096).decode().split("\n"))
        return self.news[-1]

    def rest(self):
        """All that came since."""
        self.socket.settimeout(0)
        try:
            while True:
                self.news.append(self.socket.recv(4096).decode().split("\n"))
        except BlockingIOError:
            return self.news


def test_a_service_manager_hears_ready_then_beats_then_stopping(tubeops, tmp_path):
    manager = Manager(tmp_path / "notify")
    tubeops.environment.update(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000")
    with tubeops.serve() as server:
        manager.until("READY=1")
        # ready means that REST answers
        assert server.get("/health").status == 200
        for _ in range(3):
            manager.news.append([])
            beat = manager.until("WATCHDOG=1")
            assert "STATUS=0 jobs running, 0 waiting; 0 of 0 units today" in beat
        assert server.stop(signal.SIGTERM) == 0
    news = manager.rest()
    ready = [n for n in news if "READY=1" in n]
    assert ready == [["READY=1"]]
    assert "STOPPING=1" in news[-1], news[-1]
    assert not any("STOPPING=1" in n for n in news[:-1])


def test_a_process_that_hangs_sends_no_beat(tubeops, tmp_path):
    manager = Manager(tmp_path / "notify")
    tubeops.environment.update(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000")
    with tubeops.serve() as server:
        manager.until("WATCHDOG=1")
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        heard = len(manager.rest())
        time.sleep(1)
        assert len(manager.rest()) == heard
        server.process.send_signal(signal.SIGCONT)
        manager.until("WATCHDOG=1")


def test_a_bad_socket_is_a_warning_and_the_work_goes_on(tubeops):
    tubeops.environment["NOTIFY_SOCKET"] = "somewhere"
    with tubeops.serve() as server:
        assert server.get("/health").status == 200
        server.stop()
        assert "NOTIFY_SOCKET" in server.err


def test_health_asks_the_process_that_owns_the_folder(tubeops):
    nobody = tubeops.run("health", check=1)
    assert "nothing is at work" in nobody.err
    with tubeops.serve() as server:
        assert server.url in tubeops.run("health", check=0).out
        assert tubeops.json("health")["status"] == "healthy"
        server.stop()
    assert "error" in tubeops.json("health", check=1)


def test_health_says_no_without_rest_and_when_nobody_answers(tubeops):
    silent = tubeops.start("serve", "--no-rest")
    end = time.monotonic() + PATIENCE
    while "no REST server" not in (said := tubeops.run("health", check=1).err):
        assert "nothing is at work" in said and time.monotonic() < end, said
    silent.terminate()
    silent.communicate()
    assert silent.returncode == 0


def test_health_needs_no_token_and_knows_the_certificate(tubeops, tmp_path):
    made = Authority(tmp_path).issue(["localhost"])
    token = "t0ken-t0ken-t0ken-t0ken-t0ken-t0k"
    tubeops.environment.update(TLS_CERT_FILE=made.certificate, TLS_KEY_FILE=made.key)
    with tubeops.start("serve", "--listen", "127.0.0.1:0", env={"API_TOKEN": token}) as process:
        while "listening on https" not in process.stderr.readline():
            assert process.poll() is None
        assert "https://" in tubeops.run("health", check=0).out
        # another certificate than the one that is known is nobody's health
        other = Authority(tmp_path, "others").issue(["localhost"])
        assert "does not answer" in tubeops.run("health", check=1, env={"TLS_CERT_FILE": other.certificate}).err
        process.terminate()
        process.communicate()
