"""The acceptance checks of the console, by their numbers: what is seen and pressed.  test_acceptance_work.py has those about
the engine behind it; what other tests show in full stands in SHOWN_BY and is not run again here.

Checks: 1 mock-ups as pictures; 2 every size; 3 resizes; 4 idle; 5 large lists; 6 key to action; 7 bulk; 8 all that match;
9 undo; 10 poor terminals; 11 hostile titles; 12 the cursor; 13 secrets; 14 midnight; 15 forecast; 16 refused below the limit;
17 killed; 18 PostgreSQL away; 19 Redis away; 20 attach; 21 read-only; 22 signals; 23 help; 24 two consoles; 25 status.
"""
import ast
import csv
import os
import random
import re
import threading
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
import pyte  # noqa: E402
from terminal import ENTER, ESC, TAB, Terminal, on_terminal  # noqa: E402
from tubeops import PATIENCE, ROOT  # noqa: E402

HERE = ["test_acceptance.py", "test_acceptance_work.py"]
# number of the check: tests elsewhere that show it, or parts of it
SHOWN_BY = {
    1: ["integration/test_golden.py::test_picture", "integration/test_golden.py::test_no_picture_is_left_over"],
    2: ["unit/test_layout.c::test_every_size", "unit/test_screen.c::test_every_scenario_and_size",
        "unit/test_draw.c::test_text_every_width"],
    3: ["unit/test_session.c::test_resizes"],
    # times are for benchmarks: a test on a busy machine proves nothing by them
    4: ["bench/console.py::bench_screen"],
    5: ["bench/console.py::bench_channels", "bench/console.py::bench_keys"],
    9: ["integration/test_console.py::test_undo_takes_back_what_was_not_sent_yet"],
    11: ["unit/test_text.c::test_clean", "unit/test_draw.c::test_text_hostile",
         "integration/test_console.py::test_hostile_texts_reach_no_terminal"],
    13: ["integration/test_secrets.py::test_the_screen", "integration/test_secrets.py::test_commands_logs_and_files",
         "integration/test_secrets.py::test_answers_of_the_rest_server_and_the_process_list",
         "integration/test_secrets.py::test_a_server_that_says_the_key_back"],
    14: ["integration/test_midnight.py::test_a_job_goes_on_after_midnight", "unit/test_day.c::test_known_days",
         "unit/test_ledger_day.c::test_both_days_around_midnight"],
    15: ["unit/test_forecast.c::test_against_simulation", "unit/test_engine_plan.c::test_one_forecast"],
    16: ["unit/test_ledger_day.c::test_probe_and_lag", "integration/test_faults.py::test_spent_for_today_waits_for_tomorrow",
         "integration/test_faults.py::test_too_fast_is_slowed_down_with_retry_after"],
    17: ["integration/test_crash_all.py::test_every_kind_of_job_is_killed"],
    # nothing pauses: what was fetched waits in staging, and no unit is lost
    18: ["integration/test_postgres.py::test_equality_after_the_server_was_stopped_and_started",
         "integration/test_postgres.py::test_a_server_that_is_away_keeps_nothing_back",
         "integration/test_store_away.py::test_postgres_stopped"],
    19: ["integration/test_store_away.py::test_redis_stopped",
         "integration/test_redis.py::test_server_goes_and_comes", "integration/test_redis.py::test_server_stands_still"],
    20: ["integration/test_attach.py::test_a_lost_line_comes_back",
         "integration/test_attach_held.py::test_unchanged_is_sent",
         "integration/test_attach_held.py::test_changed_is_dropped_and_shown",
         "integration/test_attach_held.py::test_cancel_is_never_held"],
    21: ["integration/test_attach.py::test_a_token_that_only_looks"],
    22: ["integration/test_leaving.py::test_the_terminal_is_lost", "integration/test_console.py::test_crash_gives_the_terminal_back"],
    23: ["unit/test_screen.c::test_no_key_means_two_things", "unit/test_action_route.c::test_every_action_finds_its_route"],
    24: ["integration/test_attach.py::test_two_consoles_on_one_folder"],
}


def functions(path):
    """Names of what a file defines."""
    with open(os.path.join(ROOT, "tests", path), encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".py"):
        return {f.name for f in ast.walk(ast.parse(text)) if isinstance(f, ast.FunctionDef)}
    return set(re.findall(r"^static void (\w+)\(void \*\*state\)", text, re.M))  # the compiler knows those that are not run


def test_every_number_is_shown():
    here = [int(n) for file in HERE for f in functions("integration/" + file) for n in re.findall(r"^test_check_(\d+)_", f)]
    assert set(here) | set(SHOWN_BY) == set(range(1, 26))
    for number, names in SHOWN_BY.items():
        for name in names:
            path, function = name.split("::")
            assert function in functions(path), f"{number}: there is no {name}"


# ---- helpers ----

def demo(tubeops, *words, **more):
    """The console on made-up data that moves."""
    return Terminal([tubeops.binary, "demo", *words], **more)


def under_the_cursor(t):
    """The id in the row that is marked by > in the list of jobs."""
    found = [m.group(1) for m in (re.match(r"> [ *] ?(J-\d+)", line) for line in t.display()) if m]
    assert len(found) == 1, t.text()
    return found[0]


def paused_jobs(tubeops, n):
    """Jobs that wait for somebody, written while nothing runs; their numbers."""
    last = tubeops.value("SELECT max(no) FROM job")
    for no in range(last + 1, last + 1 + n):
        tubeops.sql_write("INSERT INTO job (no, uuid, type, status, params, total, created_ms, started_ms)"
                          " VALUES (?, randomblob(16), 'batch_metadata', 'paused', '{\"limit\":1000}', 1000, ?, ?)",
                          no, 1600000000000 + no, 1600000000001 + no)
    return range(last + 1, last + 1 + n)


class Calls:
    """Something that is called again and again while a test goes on."""

    def __init__(self, call, pause):
        self.call, self.pause, self.n, self.ended = call, pause, 0, threading.Event()

    def run(self):
        while not self.ended.wait(self.pause):
            self.call()
            self.n += 1

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


# ---- 3 to 5: sizes, idle, much data ----

class Deaf:
    """Takes what a program writes and makes no picture of it."""

    def feed(self, data):
        pass


def test_check_03_a_thousand_resizes(tubeops):
    dice = random.Random(3)
    with demo(tubeops, "--scenario", "campaign") as t:
        t.wait_for("? help")
        t.send("2jjj")
        t.settle()
        chosen = under_the_cursor(t)
        t.stream = Deaf()
        for _ in range(1000):
            t.resize(dice.randrange(1, 301), dice.randrange(1, 101))
            t.pump(0.004)
        t.settle()
        t.resize(40, 12)
        t.screen = pyte.Screen(40, 12)
        t.stream = pyte.ByteStream(t.screen)
        t.wait_for("This window is 40x12.")
        t.resize(80, 24)
        t.wait_for("? help  q back")
        assert under_the_cursor(t) == chosen
        t.resize(160, 50)
        t.wait_for("─ States ─")
        t.send("Qs")
        assert t.exit_code() == 0
        assert t.is_restored()


def console_cpu(t):
    """Seconds of a processor that the console's thread, the first of the process, has used."""
    with open(f"/proc/{t.pid}/task/{t.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def written(t, seconds):
    before, end = len(t.raw), time.monotonic() + seconds
    while time.monotonic() < end:
        t.pump(end - time.monotonic())
    return len(t.raw) - before


def test_check_04_idle_with_a_clock_that_stands_still(tubeops, tomorrow):
    tubeops.environment.update({"LD_PRELOAD": tomorrow.library, "FAKETIME": "2027-01-05 20:00:00",
                                "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    with on_terminal(tubeops, "--no-rest") as t:
        t.wait_for("? help", PATIENCE)
        t.settle(1.5)
        for view in "235671":  # Workers tells times of threads, by a clock that goes on
            t.send(view)
            t.settle(1.5)
            assert written(t, 2) == 0, (view, t.raw[-300:])
        assert written(t, 10) == 0


def test_check_04_idle_at_one_picture_a_second(tubeops):
    with on_terminal(tubeops, "--no-rest") as t:
        t.wait_for("? help", PATIENCE)
        t.settle(1.5)
        used = console_cpu(t)
        assert 0 < written(t, 10) <= 10 * 200
        used = console_cpu(t) - used
        assert used <= 0.1 or os.environ.get("SANITIZERS"), used
        t.send("Qy")
        assert t.exit_code(PATIENCE) == 0


def own_memory(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon")) / 1024


def test_check_05_every_one_of_10000_jobs_is_reached(tubeops, sim):
    """Far more jobs than a snapshot has: counted, filtered, gone through to the end; what is done is done to those meant."""
    tubeops.import_ids(sim.ids(100))
    numbers = tubeops.add_ended_jobs(9999)
    failed = [no for no in numbers if no % 100 == 0]
    with on_terminal(tubeops, lines=40) as t:
        t.wait_for("? help", PATIENCE)
        t.send("2")
        t.wait_for("row 1 of 10,000 jobs", PATIENCE)
        t.send("G")
        t.wait_for("row 10,000 of 10,000 jobs", PATIENCE)
        assert under_the_cursor(t) == "J-1001"
        t.send("kkkkk")
        t.wait_for("row 9,995 of", PATIENCE)
        chosen = under_the_cursor(t)
        t.send(ENTER)  # its page knows it too
        t.wait_for(f"Jobs > {chosen} metadata", PATIENCE)
        t.wait_for("50 / 50", PATIENCE)
        t.send(ESC)
        t.wait_for("row 9,995 of", PATIENCE)
        assert under_the_cursor(t) == chosen
        t.send("D")
        t.wait_for("Type 1 to go on", PATIENCE)
        t.send("1" + ENTER)
        t.wait_for(f"{chosen} is deleted", PATIENCE)
        t.wait_for("of 9,999 jobs", PATIENCE)
        assert under_the_cursor(t) != chosen
        assert {int(chosen[2:])} == set(numbers) - {r[0] for r in tubeops.sql("SELECT no FROM job")}
        t.send("/state=failed" + ENTER)
        t.wait_for(f"{len(failed)} of 9,999 jobs", PATIENCE)
        t.send("G")
        t.wait_for(f">  J-{failed[0]} ", PATIENCE)
        saved = os.path.join(tubeops.directory, "failed.csv")  # all of them, however many the list holds
        t.send(f":export {saved}{ENTER}")
        t.wait_for("100 rows in", PATIENCE)
        with open(saved, encoding="utf-8", newline="") as file:
            assert [int(row["number"]) for row in csv.DictReader(file)] == failed[::-1]
        t.send("\\/done" + ENTER)
        t.wait_for(f"{9999 - len(failed):,} of 9,999 jobs", PATIENCE)


def test_check_05_all_jobs_that_match_are_deleted_and_no_other(tubeops, sim):
    """More than the list holds: the number is that of those that can, which is typed, and the filter is what counts."""
    tubeops.import_ids(sim.ids(100))
    paused_jobs(tubeops, 3)
    numbers = tubeops.add_ended_jobs(3000)
    before = {r[0] for r in tubeops.sql("SELECT no FROM job")}
    gone = {no for no in numbers if no % 100}
    with on_terminal(tubeops, lines=40) as t:
        t.wait_for("? help", PATIENCE)
        t.send("2/!state=failed type=metadata" + ENTER)
        t.wait_for("2,973 of 3,004 jobs", PATIENCE)
        t.send("**")
        t.wait_for("Mark all 2,973 jobs that match", PATIENCE)
        t.send("y")
        t.wait_for("all 2,973 jobs that match are marked", PATIENCE)
        t.send("D")
        t.wait_for("Type 2970 to go on", PATIENCE)
        t.wait_for("3 that it cannot be done to are left alone", PATIENCE)
        assert "All jobs that match  !state=failed type=metadata" in t.text() and " more" not in t.text()
        t.send("2970" + ENTER)
        t.wait_for("2970 jobs are deleted", PATIENCE)
        t.wait_for("3 of 34 jobs", PATIENCE)
        t.send("U**X")
        t.wait_for("Cancel 3 jobs?", PATIENCE)
        t.send("y")
        t.wait_for("3 cancelled", PATIENCE)
    assert {r[0] for r in tubeops.sql("SELECT no FROM job")} == before - gone
    assert tubeops.value("SELECT count(*) FROM job WHERE status = 'cancelled'") == 3


def test_check_05_much_data_fits_in_little_memory(tubeops, sim):
    """10,000 jobs and a long list: what the console needs beyond serve, which is asked for as much."""
    if os.environ.get("SANITIZERS"):
        pytest.skip("a sanitizer's own memory is measured with it")
    tubeops.import_ids(sim.ids(20000))
    tubeops.add_ended_jobs(10000)
    with tubeops.serve() as server:
        for path in ("/api/channels?limit=200", "/api/channels?limit=200&before=end", "/api/jobs?sort=state&limit=200",
                     "/api/jobs?sort=state&limit=200&before=end"):
            assert server.get(path).status == 200
        alone = own_memory(server.process.pid)
    with on_terminal(tubeops, columns=160, lines=50) as t:
        t.wait_for("? help", PATIENCE)
        t.send("5")
        t.wait_for("row 1 of 20,000", PATIENCE)
        for _ in range(40):
            t.send("\x06")
            t.pump(0.05)
        t.send("G")
        t.wait_for("row 20,000 of 20,000", PATIENCE)
        t.send("g12")
        t.wait_for("row 1 of 10,001 jobs", PATIENCE)
        for _ in range(60):
            t.send("\x06")
            t.pump(0.05)
        t.send("G")
        t.wait_for("row 10,001 of 10,001 jobs", PATIENCE)
        t.settle()
        assert own_memory(t.pid) - alone < 32


# ---- 6 to 9: what is meant is what is done to ----

def test_check_06_a_key_means_what_it_stood_on(tubeops, sim):
    """Jobs begin and end all the time, so that rows move; `p` names the one that stood under the cursor."""
    tubeops.import_ids(sim.ids(3000))
    paused_jobs(tubeops, 5)
    dice = random.Random(6)

    def line_of(job):
        return next((i for i, line in enumerate(t.display()) if f" {job} " in line), None)

    with on_terminal(tubeops, columns=100, lines=50) as t:
        t.wait_for("? help", PATIENCE)
        t.send("2")
        t.wait_for("sort: state", PATIENCE)
        t.send(">")
        t.wait_for("sort: ID", PATIENCE)
        with Calls(lambda: tubeops.run("run", "batch_metadata", "--limit", "50", check=0), 0) as jobs:
            for _ in range(8):
                t.send(dice.choice(["j", "G", "kk", "jjj", "g"]))
                t.settle()
                chosen = under_the_cursor(t)
                more, end = jobs.n + 2, time.monotonic() + PATIENCE
                while jobs.n < more:  # until others have come above it
                    assert time.monotonic() < end, t.text()
                    t.pump(0.05)
                t.settle()
                assert under_the_cursor(t) == chosen
                t.send("p")
                t.wait_for(": cannot" if " done " in t.display()[line_of(chosen)] else "   u undo", PATIENCE)
                assert chosen in next(line for line in t.display() if ": cannot" in line or "   u undo" in line)
                t.send("u")
                t.wait_gone("   u undo", PATIENCE)
    assert not re.search(r"audit.*(pause|resume)", tubeops.log())


def test_check_07_bulk_means_those_that_were_marked(tubeops, sim):
    """500 channels are marked; while the question is open 50 more come between them."""
    tubeops.import_ids(sim.ids(3000))
    marked = [r[0] for r in tubeops.sql("SELECT cid FROM channel ORDER BY cid LIMIT 500")]
    others = [r[0] for r in tubeops.sql("SELECT cid FROM channel ORDER BY cid LIMIT -1 OFFSET 500")]
    more = ["UC" + "-" * 17 + "%04dA" % n for n in range(25)] + ["UCB" + "-" * 16 + "%04dA" % n for n in range(25)]
    with on_terminal(tubeops) as t:
        t.wait_for("? help", PATIENCE)
        t.send("5")
        t.wait_for("row 1 of 3,000", PATIENCE)
        for n in range(50, 501, 50):
            t.send(" " * 50)
            t.wait_for(f"{n} marked", PATIENCE)
            t.wait_for(f"row {n + 1:,} of", PATIENCE)
        t.send("D")
        t.wait_for("Type 500 to go on", PATIENCE)
        assert tubeops.import_ids(more)["added"] == 50
        t.send("500" + ENTER)
        t.wait_for("erased with", PATIENCE)
    left = {r[0] for r in tubeops.sql("SELECT cid FROM channel")}
    assert not left & set(marked) and left >= set(others)
    assert len(left) == len(others) + 50


def test_check_07_bulk_cancel_while_jobs_begin(tubeops, sim):
    """More jobs begin while the question is open than the list has room for: those that were marked are cancelled."""
    tubeops.import_ids(sim.ids(3000))
    marked = {"J-%d" % no for no in paused_jobs(tubeops, 60)}
    sim.set_latency(5000)
    with on_terminal(tubeops) as t:
        t.wait_for("? help", PATIENCE)
        t.send("2")
        t.wait_for("61 jobs", PATIENCE)
        t.send("/state=paused" + ENTER)
        t.wait_for("60 of 61 jobs", PATIENCE)
        t.send("**y")
        t.wait_for("60 marked", PATIENCE)
        t.send("X")
        t.wait_for("Cancel 60 jobs?", PATIENCE)
        for n in range(50):
            tubeops.run("run", "batch_metadata", "--limit", "50", "--param", f"batch_size={n + 1}", "--detach", check=0)
        t.send("y")
        t.wait_for("60 cancelled", PATIENCE)
        jobs = tubeops.json("jobs", "--limit", "500")
    assert {j["number"] for j in jobs if j["status"] == "cancelled"} == marked
    assert len(jobs) == 111


def test_check_08_all_that_match_are_erased_and_no_other(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    tubeops.json("run", "batch_metadata", "--limit", "2000")
    least = tubeops.value("SELECT min(subscriber_count) FROM (SELECT subscriber_count FROM channel_meta "
                          "ORDER BY subscriber_count DESC LIMIT 60)")
    many = tubeops.value("SELECT count(*) FROM channel_meta WHERE subscriber_count >= ?", least)
    with on_terminal(tubeops, "--no-rest") as t:
        t.wait_for("? help", PATIENCE)
        t.send(":channels subs>=%d%s" % (least, ENTER))
        t.wait_for("%d match (exact)" % many)
        t.send("**")
        t.wait_for("Mark all %d channels" % many)
        t.send("y")
        t.wait_for("all channels that match are marked")
        t.send("D")
        t.wait_for("Type %d to go on" % many)
        t.send("%d%s" % (many, ENTER))
        t.wait_for("%d channels erased with" % many)
        t.wait_for("nothing matches")
    assert tubeops.value("SELECT count(*) FROM channel") == 3000 - many
    assert tubeops.value("SELECT count(*) FROM channel_meta WHERE subscriber_count >= ?", least) == 0
    assert tubeops.value("SELECT count(*) FROM erased") == many


def test_check_09_the_engine_never_sees_what_was_undone(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    sim.set_latency(3000)
    with on_terminal(tubeops, "console", "--start", "batch_metadata") as t:
        t.wait_for("J-1002", PATIENCE)
        t.send("2")
        t.wait_for("sort: state", PATIENCE)
        t.wait_for("running", PATIENCE)
        t.send("p")
        t.wait_for("pause J-1002 in", PATIENCE)
        t.send("u")
        t.wait_for("undone: nothing was changed", PATIENCE)
        written(t, 6)  # it would have been sent by now
        assert tubeops.json("jobs")[0]["status"] == "running"
        assert "pause job" not in tubeops.log()
        t.send("p")  # and this time nobody takes it back
        t.wait_for("paused", PATIENCE)
        t.wait_gone("   u undo", PATIENCE)
        assert "pause job J-1002" in tubeops.log()


# ---- 10 to 13: terminals, texts, the cursor ----

COLOUR = re.compile(rb"\x1b\[[0-9;]*(?<![0-9])(3[0-79]|4[0-79]|9[0-7]|10[0-7]|38;5;[0-9]+|48;5;[0-9]+)[0-9;]*m")


def leave(t):
    t.send("Q")
    t.wait_for("Leave")
    t.send("s" if "Leave and stop" in t.text() else "y")
    assert t.exit_code() == 0


@pytest.mark.parametrize("term,most", [("xterm-256color", 255), ("xterm-16color", 15), ("xterm", 7)])
def test_check_10_no_more_colours_than_the_terminal_has(tubeops, term, most):
    with demo(tubeops, "--scenario", "trouble", env={"TERM": term}) as t:
        t.wait_for("? help")
        for theme in ("dark", "light", "high", "mono"):
            t.send(":theme " + theme + ENTER)
            t.settle()
        leave(t)
        used = {int(n) for n in re.findall(rb"\x1b\[[0-9;]*38;5;([0-9]+)", t.raw)}
        assert all(n <= most for n in used)
        assert bool(used) == (most > 15) and COLOUR.search(t.raw)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "vt100"}])
def test_check_10_readable_without_colour(tubeops, env):
    with demo(tubeops, "--scenario", "trouble", env=env) as t:
        t.wait_for("? help")
        t.send("?")
        t.wait_for("Help")
        t.send(ESC)
        t.settle()
        assert "! storing          disk full" in t.text()
        leave(t)
        assert not COLOUR.search(t.raw), COLOUR.search(t.raw)
        assert b"\x1b[7m" in t.raw or b"\x1b[0;7m" in t.raw or b";7m" in t.raw  # the chosen row


@pytest.mark.parametrize("scenario", ["busy", "many", "trouble", "campaign"])
def test_check_10_ascii_alone_where_utf_8_is_not(tubeops, scenario):
    with demo(tubeops, "--scenario", scenario, env={"LC_ALL": "C", "LANG": "C"}) as t:
        t.wait_for("? help")
        for keys in ("i", "ä€" + ESC, "2", "3", "4", "5", "6", "7", "1"):
            t.send(keys)
            t.settle()
        t.resize(160, 50)
        t.wait_for("Channels a second")
        leave(t)
        assert max(t.raw) < 0x80


@pytest.mark.parametrize("term", ["dumb", "no-such-terminal", ""])
def test_check_10_a_terminal_that_cannot_is_told(tubeops, term):
    with demo(tubeops, env={"TERM": term}) as t:
        assert t.exit_code() == 1
        assert b"use:" in t.raw and b"\x1b" not in t.raw


HOSTILE = [b"plain", b"\x1b[2Jesc", b"\x1b]52;c;aGFjaw==\x07osc", b"\xc2\x9b31mc1", "\u202ebidi\u2066".encode(),
           b"\xff\xfe\xc3broken", b"e" + "\u0301".encode() * 300 + b"marks", "日本語".encode() * 12, b"\xf0\x9f\x98\x80" * 20,
           "\u200d\u200b\ufeffnone".encode(), b"\x9b\x90raw", b"tab\tcr\rbell\x07"]


def test_check_11_hostile_titles_keep_their_columns(tubeops, tmp_path):
    path = tmp_path / "hostile.csv"
    lines = [b"channel_id,title"] + [b'UC%021dA,"%s"' % (n, title) for n, title in enumerate(HOSTILE)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    tubeops.json("import", str(path))
    for columns, height in ((80, 24), (160, 50)):
        with on_terminal(tubeops, "--no-rest", columns=columns, lines=height) as t:
            t.wait_for("? help", PATIENCE)
            t.send("5")
            t.wait_for("plain", PATIENCE)
            t.send("j" * len(HOSTILE))
            t.wait_for(f"row {len(HOSTILE)} of", PATIENCE)
            first = next(y for y, line in enumerate(t.display()) if " plain " in line)
            rows = range(first, first + len(HOSTILE))
            # no channel has data yet: from its first dash on a row is what the others are
            plain = t.columns_of(first, 0, columns).index(" -   ")
            assert len({t.columns_of(y, plain, 76) for y in rows}) == 1, t.text()
            assert all(title in t.text() for title in ("日本語", "[2Jesc", "tab cr bell"))
            t.send("Qy")
            assert t.exit_code(PATIENCE) == 0
        for bad in (b"\x1b[2Je", b"\x1b]52", b"\xc2\x9b", b"\xe2\x80\xae", b"\xe2\x81\xa6", b"\xff", b"\x07", b"\xe2\x80\x8d", b"\x9b\x90"):
            assert bad not in t.raw, bad
        assert t.raw.count("\u0301".encode()) < 300


def test_check_12_the_cursor_stands_in_the_chosen_row(tubeops):
    with demo(tubeops, "--scenario", "campaign") as t:
        t.wait_for("? help")
        for place in ("1", "2", "3", "4", "5", "6", "7", ":alerts" + ENTER, "6" + TAB, "3" + TAB, "4" + TAB):
            t.send(place)
            t.settle(0.3)
            before, moved = None, 0
            for key in ("", "k", "j", "k"):
                t.send(key)
                t.settle()
                row = t.display()[t.screen.cursor.y]
                assert row.startswith(">"), (place, key, t.text())
                moved += row != before
                before = row
            assert moved > 1, place
        leave(t)
