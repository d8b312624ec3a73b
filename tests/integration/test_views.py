"""Views of the console on a real engine, seen on a pseudo terminal: channels, discovery, log."""
import re

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, TAB, Terminal  # noqa: E402
from tubeops import wait_until  # noqa: E402


def console(tubeops, columns=80, lines=24):
    return Terminal([tubeops.binary, "--no-rest", "console"], columns=columns, lines=lines,
                    env={**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})


def rows(t):
    """Titles of the rows that are seen, with the sign before them."""
    return [line for line in t.display()[4:18] if line.strip()]


@pytest.fixture
def filled(tubeops, sim):
    tubeops.import_ids(sim.ids(3000))
    tubeops.json("run", "batch_metadata", "--limit", "2000")
    return tubeops


def subscribers(t):
    """The column SUBS as numbers."""
    units = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
    found = [re.fullmatch(r" *([0-9,.]+)([kMG]?) *", t.columns_of(y, 36, 42)) for y in range(4, 18)]
    return [float(f.group(1).replace(",", "")) * units[f.group(2)] for f in found]


def test_channels_page_by_page(filled):
    with console(filled) as t:
        t.wait_for("? help")
        t.send("5")
        t.wait_for("row 1 of 3,000")
        t.send("G")
        t.wait_for("row 3,000 of 3,000")
        last = rows(t)[-1]
        for row in range(3000 - 14, 2700, -14):
            t.send("\x02")
            t.wait_for("row {:,} of 3,000".format(row))
        t.send("g")
        t.wait_for("row 1 of 3,000")
        t.send("\x06" * 300)  # faster than the rows come
        t.settle()
        for _ in range(60):
            if "row 3,000 of 3,000" in t.text():
                break
            t.send("\x06" * 10)
            t.settle()
        t.wait_for("row 3,000 of 3,000")
        assert rows(t)[-1] == last


def test_channels_are_sorted_filtered_and_searched(filled):
    some, = filled.sql("SELECT m.custom_url FROM channel_meta m WHERE m.custom_url LIKE '@%' LIMIT 1")
    least = filled.value("SELECT min(subscriber_count) FROM (SELECT subscriber_count FROM channel_meta "
                         "ORDER BY subscriber_count DESC LIMIT 100)")
    many = filled.value("SELECT count(*) FROM channel_meta WHERE subscriber_count >= ?", least)
    with console(filled) as t:
        t.wait_for("? help")
        t.send(":channels subs>=%d%s" % (least, ENTER))
        t.wait_for("%d match (exact) of 3,000" % many)
        t.send(">>")
        t.wait_for("sort: SUBS")
        t.settle()
        subs = subscribers(t)
        assert subs == sorted(subs, reverse=True) and len(subs) == 14
        t.send("I")
        t.settle()
        subs = subscribers(t)
        assert subs == sorted(subs)
        t.send("\\/" + some[0][:-1] + ENTER)  # a handle's beginning
        t.wait_for("/ " + some[0][:-1])
        t.wait_for(" " + some[0] + " ")
        t.send("\\/title:zz" + ENTER)  # nothing helps with the middle of a title: a small file is read all the same
        t.wait_for("/ title:zz")
        t.settle()
        t.send("\\")
        t.wait_for("with data of 3,000")
        t.settle()
        t.send(ENTER)
        t.wait_for("Channels > UC")
        t.send(TAB)
        t.wait_for(">  id            UC")
        t.send(TAB + TAB)
        t.wait_for("metadata   done")
        t.send(ENTER)
        t.wait_for("Jobs > J-1002 metadata")
        t.send("q")
        t.wait_for("[History]")


def test_marked_channels_are_fetched_again_and_erased(filled):
    with console(filled) as t:
        t.wait_for("? help")
        t.send("5")
        t.wait_for("row 1 of 3,000")
        first = [r[0] for r in filled.sql("SELECT fetched_at FROM channel_meta ORDER BY cid LIMIT 3")]
        t.send("  m")
        t.wait_for("fetch 2 channels in 5 s   u undo")
        t.wait_for("fetches the metadata of 2 channels", timeout=20)
        t.wait_gone("2 marked")
        t.send("7")
        t.wait_for("metadata_fetch completed: 2 done", timeout=30)
        again = [r[0] for r in filled.sql("SELECT fetched_at FROM channel_meta ORDER BY cid LIMIT 3")]
        assert again[0] > first[0] and again[1] > first[1] and again[2] == first[2]
        t.send("5")
        t.wait_for("row 3 of 3,000")
        t.send("v")
        t.wait_for("videos UC")
        t.send("u")
        t.wait_for("undone: nothing was changed")
        t.send("D")
        t.wait_for("Type 1 to go on")
        t.send("1" + ENTER)
        t.wait_for("erased with")
    assert filled.value("SELECT count(*) FROM channel") == 2999
    assert filled.value("SELECT count(*) FROM erased") == 1


def test_the_log_follows_a_job(filled):
    earlier = max(int(n) for n in re.findall(r"J-(\d+)", filled.log()))
    job = "J-%d" % (earlier + 1)
    with console(filled) as t:
        t.wait_for("? help")
        t.send("7")
        t.wait_for("FOLLOW")
        t.send(":new! metadata limit=500" + ENTER)
        wait_until(lambda: re.search(job + r"\b.* batch_metadata completed: ", t.text()), "it did not end", pause=t.pump)
        assert "FOLLOW" in t.text()
        t.send("M")
        t.wait_for("-- mark by ")
        t.send("/job=%s level>=info !source=audit%s" % (job, ENTER))
        t.wait_gone("-- mark by ")
        t.wait_for("batch_metadata completed: ")
        lines = [line for line in t.display()[4:18] if job in line]
        assert lines and all("audit" not in line for line in lines)


def test_discovery_shows_what_was_found(filled):
    filled.json("run", "batch_discovery", "--limit", "50")
    links = filled.value("SELECT count(*) FROM edge")
    assert links > 0
    with console(filled) as t:
        t.wait_for("? help")
        t.send("6")
        t.wait_for("featured ")
        t.wait_for("Latest links")
        t.send(TAB)
        t.wait_for("Latest links  <")
        t.send(ENTER)
        t.wait_for("Channels > UC")
