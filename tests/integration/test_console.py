"""The console on a real pseudo terminal, with an engine that only plays (tests/unit/console_demo.c)."""
import os
import re
import signal
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import DOWN, ENTER, ESC, TAB, Terminal, commands_in, find_program  # noqa: E402
from tubeops import wait_until  # noqa: E402

DEMO = find_program("console_demo", "CONSOLE_DEMO")
pytestmark = pytest.mark.skipif(DEMO is None, reason="tests/unit/console_demo has not been built")

COLOUR = re.compile(rb"\x1b\[[0-9;]*(?<![0-9])(3[0-79]|4[0-79]|9[0-7]|10[0-7]|38;5;[0-9]+|48;5;[0-9]+)[0-9;]*m")


def start(*args, **kw):
    return Terminal([DEMO, *args], **kw)


@pytest.fixture
def commands(tmp_path):
    path = tmp_path / "commands"

    read = commands_in(path)
    read.path = str(path)
    return read


def leave(t):
    t.send("q")
    t.settle()
    if t.status is None and "Leave and stop" in t.text():
        t.send("y")
    assert t.exit_code() == 0
    assert b"exit: quit" in t.raw


def test_starts_and_shows_the_dashboard():
    with start() as t:
        t.wait_for("? help")
        lines = t.display()
        assert lines[0].startswith(" tubeops local RW  pg ok  yt ok")
        assert re.search(r"\d\d:\d\d:\d\dZ  reset 13:1\d:\d\d $", lines[0])
        assert lines[1].startswith(" [1 Dash]  2 Jobs 2>")
        assert "62,843 / 90,000" in t.text()
        assert "project prod, 2 keys of 3 usable" in t.text()
        assert ">  J-1043 import    running      300k/1.00M  30.0 91.0k/s" in t.text()
        assert "   J-1042 metadata  running     1.08M/2.00M  54.1  39.5/s" in t.text()
        assert "J-1044 metadata  quota spent" in t.text()
        leave(t)
        assert t.is_restored()


def test_quit_asks_while_jobs_run():
    with start() as t:
        t.wait_for("? help")
        t.send("q")
        t.wait_for("Leave and stop cleanly")
        t.send("n")
        t.wait_gone("Leave and stop cleanly")
        t.send("Q")
        t.wait_for("Leave and stop cleanly")
        t.send("y")
        assert t.exit_code() == 0
        assert b"exit: quit" in t.raw
        assert t.is_restored()


def test_quit_at_rest_does_not_ask():
    with start("--scenario", "rest") as t:
        t.wait_for("? help")
        t.send("q")
        assert t.exit_code() == 0


def test_leaving_at_rest_wants_one_key_more():
    with start("--scenario", "rest") as t:
        t.wait_for("? help")
        t.send("Q")
        t.wait_for("Leave tubeops? No job is at work. y/N")
        t.send("n")
        t.wait_gone("Leave tubeops?")
        t.send("Qy")
        assert t.exit_code() == 0
        assert t.is_restored()


def test_leaving_with_jobs_has_the_safe_answer_in_focus():
    with start() as t:
        t.wait_for("? help")
        t.send("Q")
        t.wait_for("3 jobs are at work in this process")
        assert "h  Go on without a screen" in t.text()
        t.send("h")  # nobody to hand over to: these jobs are made up
        t.settle()
        assert "Stay here" in t.text()
        t.send(ENTER)
        t.wait_gone("Stay here")
        t.send("Q")
        t.wait_for("Stay here")
        t.send("s")
        assert t.exit_code() == 0
        assert b"exit: quit" in t.raw


def test_ctrl_c_asks_and_twice_leaves():
    with start() as t:
        t.wait_for("? help")
        t.send("\x03")
        t.wait_for("Leave and stop cleanly")
        t.send("\x03")
        assert t.exit_code() == 0
        assert t.is_restored()


def test_help_opens_and_closes():
    with start() as t:
        t.wait_for("? help")
        t.send("?")
        t.wait_for("Help: Dashboard (keys that work here)")
        assert "import channel ids" in t.text()
        t.send("j")
        t.wait_for("leave (asks)")
        t.send("jjjk")
        t.wait_for("import channel ids")
        t.send(TAB)
        t.wait_for("Help: all keys")
        t.send(ESC)
        t.wait_gone("Help: ")
        t.send("?")
        t.wait_for("Help: Dashboard")
        t.send("?")
        t.wait_gone("Help: ")
        leave(t)


def test_metadata_job_from_the_menu(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("n")
        t.wait_for("1  metadata")
        t.send("1")
        t.wait_for("New job: metadata")
        assert "batch size" in t.text() and "[1000" in t.text()
        t.send(TAB + "2000000" + ENTER)
        assert commands() == ['start - batch_metadata {"batch_size":1000,"limit":2000000} console']
        t.wait_for("J-1045: batch_metadata started")
        leave(t)


def test_import_with_a_path(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("i")
        t.wait_for("New job: import")
        t.send(ENTER)
        t.wait_for("source path: is needed")
        t.send('/data/späť "a".csvx\x7f' + ENTER)
        assert commands() == [
            'start - migration {"source_path":"/data/späť \\"a\\".csv","dry_run":false} console']
        leave(t)


def test_a_number_out_of_range_is_refused_in_the_dialog(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("n" + ENTER)
        t.wait_for("New job: metadata")
        t.send("\x15" + "abc0" + ENTER)
        t.wait_for("batch size: a whole number from 1 to 100000")
        t.send(ESC)
        t.wait_gone("New job")
        assert commands(timeout=0.3) == []
        leave(t)


def test_pause_resume_retry_take_the_chosen_job(commands):
    with start("--scenario", "trouble", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("2")
        t.wait_for("sort: state, then newest")
        t.send("p")
        assert commands(1) == ["pause J-1043 - - console"]
        t.wait_for(">  J-1043  import    paused")  # sorted anew, and the cursor with it
        t.send("j" + DOWN)
        t.wait_for(">  J-1034")
        t.send("r")
        assert commands(2)[1:] == ["resume J-1034 - - console"]
        t.wait_for("J-1034: resume")
        t.send("r")
        t.wait_for("J-1034 is pending: cannot")
        assert len(commands(3, timeout=0.3)) == 2
        leave(t)


def test_undo_takes_back_what_was_not_sent_yet(commands):
    with start("--undo", "60000", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("p")
        t.wait_for("pause J-1043 in 60 s   u undo")
        t.send("u")
        t.wait_for("undone: nothing was changed")
        assert commands(timeout=0.3) == []
        t.send("p")
        t.wait_for("u undo")
        t.send("j")
        t.wait_for(">  J-1042")
        t.send("p")  # the next thing that is done lets the one before go
        assert commands() == ["pause J-1043 - - console"]
        t.wait_for("pause J-1042 in")
        leave(t)  # and so does leaving
        assert commands(2)[1:] == ["pause J-1042 - - console"]


def test_marks_name_what_is_acted_on(commands):
    with start("--scenario", "campaign", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("2")
        t.wait_for("13 jobs")
        t.send("  ")
        t.wait_for("2 marked: J-1042 running, J-1041 running")
        assert "p pause (2 can)" in t.text() and "r resume or retry (none can)" in t.text()
        t.send("X")
        t.wait_for("Cancel 2 jobs?")
        assert "Finished work is kept" in t.text()
        t.send(ENTER)  # the safe answer has the focus
        t.wait_gone("Cancel 2 jobs?")
        assert commands(timeout=0.3) == []
        t.send("Xy")
        assert commands(2) == ["cancel J-1041 - - console", "cancel J-1042 - - console"]
        t.wait_gone("2 marked")
        assert "2 cancelled" in t.text()
        leave(t)


def test_leaving_drops_nothing_of_a_batch(commands):
    """More things than the node is sent at a time, and somebody who leaves at once."""
    with start("--scenario", "many", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("2")
        t.wait_for("[2 Jobs")
        t.send("**")
        t.wait_for("Mark all")
        t.send("y")
        t.wait_for("64 marked")
        t.send(":delete" + ENTER)
        t.wait_for("to go on")
        asked = int(re.search(r"Type (\d+) to go on", t.text()).group(1))
        t.send(str(asked) + ENTER + "Qy")
        assert t.exit_code() == 0
        assert b"exit: quit" in t.raw
        gone = [line.split()[1] for line in commands() if line.startswith("delete ")]
        assert len(gone) == len(set(gone)) == asked > 24


def test_alerts_are_listed_and_silenced(commands):
    with start("--scenario", "campaign", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send(":alerts" + ENTER)
        t.wait_for("3 alerts")
        assert "key prod/k7: 400 API_KEY_INVALID" in t.text()
        t.send("A")
        assert commands() == ["ack 1 - - console"]
        t.wait_for(">  acked")
        t.send("A")
        t.wait_for("1 is acked: cannot ack it")
        t.send("q")
        t.wait_for("[1 Dash]")
        assert b"\x07" not in t.raw
        leave(t)


def test_themes_of_ones_own(tmp_path):
    """Found by completion, used at once, kept; a wrong one is named with its line and changes nothing."""
    folder = tmp_path / "tubeops" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.theme").write_text("[256]\nrule = 33\n")
    (folder / "bad.theme").write_text("[256]\n\nrule = chartreuse\n")
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    with start(env=env) as t:
        t.wait_for("? help")
        t.send(":theme mi" + TAB + ENTER)
        t.settle()
        assert b"38;5;33m" in t.raw
        t.send(":theme bad" + ENTER)
        t.wait_for("bad.theme:3: a colour is")
        t.send(":set refresh 1m" + ENTER)
        t.wait_for("refresh is 200ms to 60s")
        t.send(":set undo=off" + ENTER)
        t.wait_for("undo is off; :write keeps it")
        t.send(":set" + ENTER)
        t.wait_for("Settings of the screen")
        assert "theme    mine     set here" in t.text()
        t.send(ESC + ":write" + ENTER)
        t.wait_for("kept in")
        leave(t)
    assert (tmp_path / "tubeops" / "console.conf").read_text().splitlines()[1:] == ["theme = mine", "undo = off"]
    with start(env=env) as t:
        t.wait_for("? help")
        assert b"38;5;33m" in t.raw
        leave(t)
    with start(env={**env, "NO_COLOR": "1"}) as t:
        t.wait_for("? help")
        leave(t)
        assert not COLOUR.search(t.raw)
    (folder / "mine.theme").write_text("[none]\nok = 1\n")
    with start(env=env) as t:
        t.wait_for("mine.theme:2: without colours")
        leave(t)


def test_filter_and_commands(commands):
    with start("--scenario", "campaign", "--commands", commands.path) as t:
        t.wait_for("? help")
        t.send(":jobs" + ENTER)
        t.wait_for("13 jobs")
        t.send("/type=videos")
        t.wait_for("3 of 13 jobs")
        t.send(ENTER)
        t.wait_for("filter: type=videos")
        assert "J-1042" not in t.text()
        t.send("/ nonsense>>" + ENTER)
        t.wait_for("!")
        t.send("\\")
        t.wait_for("─ 13 jobs ─")
        t.send(":pause J-1041" + ENTER)
        assert commands() == ["pause J-1041 - - console"]
        t.send(":nothing" + ENTER)
        t.wait_for("nothing")
        leave(t)


def test_job_page_opens_and_closes():
    with start("--scenario", "campaign") as t:
        t.wait_for("? help")
        t.send("2" + ENTER)
        t.wait_for("Jobs > J-1042 metadata")
        t.wait_for("Errors by reason")
        t.send("e")
        t.wait_for("[Errors 212]")
        t.send(TAB)
        t.wait_for("[Items]")
        t.send(ESC)
        t.wait_for("13 jobs")
        t.send("]")
        t.wait_for("Jobs > J-1042 metadata")
        t.send("q")
        t.wait_for("13 jobs")
        leave(t)


def test_cancel_asks(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("X")
        t.wait_for("Cancel J-1043?")
        assert "What is not done stays pending." in t.text()
        t.send("n")
        t.wait_gone("Cancel J-1043?")
        assert commands(timeout=0.3) == []
        t.send("X")
        t.wait_for("Cancel J-1043?")
        t.send("y")
        assert commands() == ["cancel J-1043 - - console"]
        t.wait_for("J-1043: cancel")
        t.send("G")
        t.wait_for(">  J-10")
        t.send("X")
        t.wait_for("J-1040 is completed: cannot cancel it")
        leave(t)


def test_read_only_sends_nothing(commands):
    with start("--read-only", "--commands", commands.path) as t:
        t.wait_for("tubeops local RO")
        t.send("p")
        t.wait_for("this console only looks")
        assert commands(timeout=0.3) == []
        leave(t)


def test_pasted_text_presses_no_keys(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("\x1b[200~pXyQ\rqy\x1b[201~")
        t.wait_for("pasted text was dropped")
        t.send("i")
        t.wait_for("New job: import")
        t.send("\x1b[200~/tmp/ids.csv\r\nqqq\x1b[201~")
        t.wait_for("[/tmp/ids.csv")
        t.send(ENTER)
        assert commands() == ['start - migration {"source_path":"/tmp/ids.csv","dry_run":false} console']
        leave(t)


def test_size_in_the_environment_does_not_freeze_the_screen():
    with start(env={"LINES": "10", "COLUMNS": "30"}) as t:
        t.wait_for("? help")
        leave(t)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE])
def test_crash_gives_the_terminal_back(number):
    with start("--crash", str(int(number))) as t:
        t.wait_for("? help")
        t.send(":retry J-1043" + ENTER)
        # a sanitizer's own handler, which ours gives the signal to, exits
        assert t.exit_code() == -number or b"Sanitizer" in t.raw
        assert t.is_restored()


def test_exit_from_somewhere_gives_the_terminal_back():
    with start("--crash", "-1") as t:
        t.wait_for("? help")
        t.send(":retry J-1043" + ENTER)
        assert t.exit_code() == 3
        assert t.is_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_cleanly(number):
    with start() as t:
        t.wait_for("? help")
        t.kill(number)
        assert t.exit_code() == 0
        assert b"exit: signalled" in t.raw
        assert t.is_restored()


def test_suspend_and_go_on():
    script = f"set -m; {DEMO} --scenario rest; echo HALTED; stty -a; sleep 0.3; fg >/dev/null; echo ENDED"
    with Terminal(["bash", "-c", script]) as t:
        t.wait_for("? help")
        t.send("\x1a")
        t.pump(0.2)
        end = time.monotonic() + 5
        while b"HALTED" not in t.raw and time.monotonic() < end:
            t.pump(0.05)
        halted = t.raw.index(b"HALTED")
        assert b"\x1b[?1049l" in t.raw[:halted]
        assert b"\x1b[?2004l" in t.raw[:halted]
        while b"\x1b[?1049h" not in t.raw[halted:] and time.monotonic() < end:
            t.pump(0.05)
        assert b" icanon" in t.raw[halted:] and b"-icanon" not in t.raw[halted:]
        t.wait_for("? help")
        assert ">  J-1041" in t.text()
        t.send("q")
        end = time.monotonic() + 5
        while b"ENDED" not in t.raw and time.monotonic() < end:
            t.pump(0.05)
        assert b"exit: quit" in t.raw


def test_a_new_size_while_suspended():
    """Only the shell in front is told of it: the console has to look when it goes on."""
    script = f"set -m; {DEMO} --scenario rest; echo HALTED; read -r line; fg >/dev/null; echo ENDED"
    with Terminal(["bash", "-c", script]) as t:
        t.wait_for("? help")
        t.send(":")  # and whatever was open stays open
        t.settle()
        t.send("\x1a")
        end = time.monotonic() + 5
        while b"HALTED" not in t.raw and time.monotonic() < end:
            t.pump(0.05)
        t.resize(130, 35)
        t.send("\n")
        wait_until(lambda: t.display()[33].startswith(":"), "no prompt in the last line but one", pause=t.pump)
        assert "1 Dashboard" in t.text()
        t.send(ESC + "q")
        end = time.monotonic() + 5
        while b"ENDED" not in t.raw and time.monotonic() < end:
            t.pump(0.05)
        assert b"exit: quit" in t.raw


def test_signals_that_stop_it_from_outside():
    with start("--scenario", "rest") as t:
        t.wait_for("? help")
        for _ in range(3):
            t.kill(signal.SIGCONT)  # without a stop before: nothing but a redraw
        t.settle()
        t.kill(signal.SIGTSTP)
        t.settle()
        assert t.raw.rfind(b"\x1b[?1049l") > t.raw.rfind(b"\x1b[?1049h") or "? help" in t.text()
        t.kill(signal.SIGCONT)
        t.settle()
        t.wait_for("? help")
        leave(t)
        assert t.is_restored()


def test_pasting_into_prompts(commands):
    """The first line of it, without controls; a paste whose end got lost is taken after a while."""
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("2/\x1b[200~meta\x1b[2Jdata\r\nq\x1b[201~")
        t.wait_for("meta[2Jdata")
        t.send(ESC + ":\x1b[200~save /nonexistent/\xe2\x80\xaeevil\x1b[201~")
        t.wait_for(":save /nonexistent/")
        assert "\u202e" not in t.text()
        t.send(ESC)
        t.send(":\x1b[200~jobs st")  # the terminal lost the rest
        t.wait_for(":jobs st")
        t.send("\x15jobs" + ENTER)
        t.wait_for("[2 Jobs")
        assert commands(timeout=0.2) == []
        leave(t)


def test_unknown_key_sequences_press_nothing(commands):
    with start("--commands", commands.path) as t:
        t.wait_for("? help")
        t.send("\x1b[1;5X\x1bOX\x1b[25~\x1b[?62;c")
        t.settle()
        assert "Cancel" not in t.text()
        t.send("\x1bOB\x1b[B")
        t.wait_for(">  J-1044")
        assert commands(timeout=0.2) == []
        leave(t)


def test_a_changed_picture_leaves_nothing_behind():
    """Lines that only moved are written anew: scrolling regions are not the same on all terminals."""
    with start("--scenario", "empty", "--then", "nokey") as t:
        t.wait_for("? help")
        t.send("i")
        t.wait_for("New job")
        t.send("/x" + ENTER)
        t.wait_for("migration started")
        changed = t.display()[2:22]
        assert not re.search(rb"\x1b\[[0-9]*[STLM]", t.raw), "scrolled"
        t.send("\x0c")
        t.settle()
        assert t.display()[2:22] == changed
        leave(t)


def test_redraw_repairs_the_screen():
    with start("--scenario", "rest") as t:
        t.wait_for("? help")
        good = t.display()[2:6]
        t.stream.feed(b"\x1b[5;1Hgarbage from somewhere else")
        assert t.display()[2:6] != good
        t.send("\x0c")
        t.wait_gone("garbage")
        t.settle()
        assert t.display()[2:6] == good
        leave(t)


def test_hostile_texts_reach_no_terminal():
    with start("--scenario", "many") as t:
        t.wait_for("? help")
        for _ in range(20):
            t.send("j")
        t.resize(160, 50)
        t.wait_for("evil")
        leave(t)
        for bad in (b"\x1b[2J?", b"evil\x1b", b"\xe2\x80\xae", b"\xc2\x9b", b"\xff", b"\x07", b"\xe2\x80\x8d"):
            assert bad not in t.raw
        assert b"?[2J? evil" in t.raw


def test_the_terminal_goes_away():
    with start() as t:
        t.wait_for("? help")
        pid = t.pid
        os.close(t.fd)
        end = time.monotonic() + 5
        done = 0
        while not done and time.monotonic() < end:
            done, t.status = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.05)
        assert done == pid
        t.fd = os.open("/dev/null", os.O_RDONLY)


def test_stderr_does_not_reach_the_screen(tmp_path):
    log = tmp_path / "log"
    with start("--log", str(log), "--crash", str(int(signal.SIGABRT))) as t:
        t.wait_for("? help")
        assert log.exists() and (log.stat().st_mode & 0o777) == 0o600
        leave(t)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 30), (160, 50), (60, 16), (40, 12), (20, 4)])
def test_the_screen_is_the_text_rendering(size):
    """What the terminal shows is what session_text says, but for the clock."""
    import subprocess

    env = {"LC_ALL": "C.UTF-8"}
    text = subprocess.run([DEMO, "--scenario", "rest", "--screen", "dash", str(size[0]), str(size[1])],
                          env=env, capture_output=True, check=True).stdout.decode().splitlines()
    with start("--scenario", "rest", columns=size[0], lines=size[1]) as t:
        t.wait_for(" RW" if size[0] > 20 else "q leave")
        t.settle()
        shown = t.display()
        assert len(shown) == len(text) == size[1]
        for i, (a, b) in enumerate(zip(shown, text)):
            assert len(b) == size[0]
            if not re.search(r"\d\d:\d\d|\dh\d\d|in \d|\d\d [A-Z][a-z][a-z] 20\d\d|updated", b):
                assert a == b, i
        leave(t)
