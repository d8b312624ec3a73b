"""The Log view on a real engine: lines of the file behind those in memory, the search, repeated lines."""
import gzip
import os
import re
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, Terminal  # noqa: E402

OLD = 7000  # more than the view holds at a time


def console(tubeops, **settings):
    env = {**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "LOG_RING": "100", **settings}
    return Terminal([tubeops.binary, "--no-rest", "console"], env=env, columns=100, lines=70)


def chosen(t):
    """The text of the row under the cursor."""
    row = [line for line in t.display() if line.startswith(">")]
    return row[0] if row else ""


@pytest.fixture(params=["one file", "rotated"])
def written(tubeops, request):
    """A log of an earlier day, as the program writes it; and as logrotate leaves it."""
    os.makedirs(tubeops.data, exist_ok=True)
    lines = []
    for i in range(OLD):
        what = "needle %d" % i if i in (40, 3500) else "old line %d" % i
        lines.append("2026-11-20T%02d:%02d:%02d.000Z I %-9s J-%d %s\n"
                     % (i // 3600, i // 60 % 60, i % 60, "early", 1000 + i % 7, what))
    lines += ["2026-11-20T23:00:00.000Z W %-9s the same again\n" % "early"] * 37
    path = os.path.join(tubeops.data, "tubeops.log")
    cuts = (2000, 6000) if request.param == "rotated" else (0, 0)
    with open(path, "w", encoding="utf-8") as log:
        log.writelines(lines[cuts[1]:])
    if cuts[1]:
        with open(path + ".1", "w", encoding="utf-8") as log:
            log.writelines(lines[cuts[0]:cuts[1]])
        with gzip.open(path + ".2.gz", "wt", encoding="utf-8") as log:
            log.writelines(lines[:cuts[0]])
    return tubeops


def test_older_lines_come_from_the_file(written):
    with console(written) as t:
        t.wait_for("? help")
        t.send("7")
        t.wait_for("FOLLOW")
        t.send("k" * 60)
        t.wait_for("the same again (x37)")
        t.wait_for("old line %d" % (OLD - 1))
        # up to the first line of the file: what is far below is let go meanwhile
        for _ in range(40):
            t.send("g")
            t.settle()
            if "old line 0 " in chosen(t) + " ":
                break
        assert "old line 0 " in chosen(t) + " ", t.text()
        assert "5,000 lines" in t.text()
        assert "11-20 00:00Z I early" in chosen(t)
        # and down again, without a gap
        seen = set()
        for _ in range(500):
            seen.update(int(n) for n in re.findall(r"old line (\d+)", t.text()))
            if OLD - 1 in seen:
                break
            before, end = chosen(t), time.monotonic() + 2
            t.send("\x06")
            while chosen(t) == before and time.monotonic() < end:  # more lines may have to be read
                t.pump(0.02)
            t.settle(0.02)  # a frame may come in parts
        missing = sorted(set(range(OLD)) - seen - {40, 3500})
        assert not missing, " ".join(map(str, missing))
        t.send("f")
        t.wait_for("FOLLOW")


def test_from_match_to_match(written):
    with console(written) as t:
        t.wait_for("? help")
        t.send("7")
        t.wait_for("FOLLOW")
        t.send("/needle" + ENTER)
        t.wait_for("needle 3500")
        t.wait_for("needle 40")
        t.send("\\")  # the lines around come back, the search stays
        t.wait_for("n N needle")
        t.send("G")
        t.settle()
        t.send("N")
        t.wait_for("needle 3500", 20)
        assert "needle 3500" in chosen(t)
        t.wait_for("old line 3499")
        t.send("N")
        t.wait_for("needle 40", 20)
        assert "needle 40" in chosen(t)
        t.send("N")
        t.wait_for("no other line", 20)
        t.send("n")
        t.wait_for("needle 40", 20)
