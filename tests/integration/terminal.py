"""Runs a program on a real pseudo terminal and shows what a person would see (pyte is the terminal).

    with Terminal(["./tubeops"], columns=80, lines=24, env={"TERM": "xterm-256color"}) as t:
        t.wait_for("Quota")
        t.send("n")
        print(t.text())
        t.resize(60, 16)
"""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

from tubeops import PATIENCE

ROOT = os.environ.get("TOP_SRCDIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENTER_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"
UP, DOWN, ENTER, ESC, TAB = "\x1b[A", "\x1b[B", "\r", "\x1b", "\t"


def find_program(name, variable):
    """A built test program: $variable, or where a build puts it; None when it has not been built."""
    places = [os.environ.get(variable, "")]
    places += [os.path.join(folder, "tests/unit", name) for folder in (".", "build", ROOT, os.path.join(ROOT, "build"))]
    for place in places:
        if place and os.path.isfile(place) and os.access(place, os.X_OK):
            return os.path.abspath(place)
    return None


class Terminal:
    """One program on one terminal."""

    running = []  # all that there are: a program whose terminal nobody reads waits

    def __init__(self, argv, columns=80, lines=24, env=None):
        self.argv, self.columns, self.lines = argv, columns, lines
        self.env = {"PATH": os.environ.get("PATH", ""), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        for name, value in (env or {}).items():
            if value is None:
                self.env.pop(name, None)
            else:
                self.env[name] = value
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.status = None
        self.closed = False

    def __enter__(self):
        wait, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(go)
            os.read(wait, 1)  # until the terminal's first modes were read
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
            try:
                os.execvpe(self.argv[0], self.argv, self.env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        self.first_modes = termios.tcgetattr(self.fd)
        os.close(wait)
        os.close(go)
        Terminal.running.append(self)
        return self

    def __exit__(self, *_):
        Terminal.running.remove(self)
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.wait(2)
        os.close(self.fd)

    def pump(self, seconds):
        """Takes what the program writes for so long."""
        end = time.monotonic() + seconds
        while not self.closed:
            left = end - time.monotonic()
            if left <= 0:
                return
            if not select.select([self.fd], [], [], left)[0]:
                return
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the other side is gone
                data = b""
            if not data:
                self.closed = True
                return
            self.raw += data
            self.stream.feed(data)

    def settle(self, quiet=0.15, timeout=5):
        """Pumps until nothing came for a while."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and not self.closed:
            before = len(self.raw)
            self.pump(quiet)
            if len(self.raw) == before:
                return

    def wait_for(self, text, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while text not in self.text():
            assert time.monotonic() < end and not self.closed, f"{text!r} did not appear:\n{self.text()}"
            self.pump(0.05)

    def wait_gone(self, text, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while text in self.text():
            assert time.monotonic() < end and not self.closed, f"{text!r} stayed:\n{self.text()}"
            self.pump(0.05)

    def send(self, keys):
        os.write(self.fd, keys.encode() if isinstance(keys, str) else keys)

    def kill(self, number):
        os.kill(self.pid, number)

    def resize(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def columns_of(self, line, first, last):
        """What stands in some columns of a line; the right half of a wide character is no text."""
        cells = [self.screen.buffer[line][x].data for x in range(self.columns)]
        # pyte leaves the right half of a wide character whose left half was overwritten
        wide = [len(c) > 0 and pyte.screens.wcwidth(c[0]) == 2 for c in cells]
        return "".join(c or ("" if x > 0 and wide[x - 1] else " ") for x, c in enumerate(cells) if first <= x < last)

    def display(self):
        return [self.columns_of(y, 0, self.columns) for y in range(self.lines)]

    def text(self):
        return "\n".join(line.rstrip() for line in self.display())

    def wait(self, timeout=PATIENCE):
        """Pumps until the program has ended; its wait status."""
        end = time.monotonic() + timeout
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                before = -1
                while not self.closed and len(self.raw) > before:  # all that it still said
                    before = len(self.raw)
                    self.pump(0.1)
            else:
                assert time.monotonic() < end, f"still running:\n{self.text()}"
                self.pump(0.05)
        return self.status

    def exit_code(self, timeout=PATIENCE):
        return os.waitstatus_to_exitcode(self.wait(timeout))

    def is_restored(self):
        """Alternate screen left, paste mode off, cursor shown, terminal modes as they were."""
        alternate = self.raw.rfind(LEAVE_ALTERNATE) > self.raw.rfind(ENTER_ALTERNATE)
        paste = self.raw.rfind(PASTE_OFF) > self.raw.rfind(PASTE_ON)
        cursor = self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l")
        return alternate and paste and cursor and termios.tcgetattr(self.fd)[:4] == self.first_modes[:4]



def on_terminal(tubeops, *words, columns=80, lines=24, **settings):
    """A program of tubeops.py with its data folder, on a terminal; without words: its console."""
    env = {**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **settings}
    return Terminal([tubeops.binary, *words], env=env, columns=columns, lines=lines)


def let_pass(seconds):
    """Lets time pass, and terminals be read."""
    end = time.monotonic() + seconds
    for t in Terminal.running:
        t.pump(seconds / len(Terminal.running))
    time.sleep(max(0, end - time.monotonic()))


def commands_in(path):
    """A function that waits for n commands which console_demo writes to path, and gives all that there are."""
    def commands(n=1, timeout=PATIENCE):
        end, lines = time.monotonic() + timeout, []
        while time.monotonic() < end:
            lines = path.read_text().splitlines() if path.exists() else []
            if len(lines) >= n:
                break
            let_pass(0.05)
        return lines
    return commands
