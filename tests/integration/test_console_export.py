"""Lists of the console as files: all rows that a filter matches, here and at another node."""
import csv
import gzip
import os

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, Terminal  # noqa: E402

MANY = 6000  # more than the console holds of a list


def console(tubeops, *words):
    """In a folder of its own, where files go to."""
    env = {**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    return Terminal([tubeops.binary, *words], env=env, columns=120, lines=24)


def path(tubeops, name):
    return os.path.join(tubeops.directory, name)


def read(name, opens=open):
    with opens(name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leftovers(tubeops):
    return [name for name in os.listdir(tubeops.directory) if ".part-" in name]


@pytest.fixture
def filled(tubeops, sim):
    tubeops.import_ids(sim.ids(MANY))
    tubeops.json("run", "batch_metadata", "--limit", "5000")
    return tubeops


def check_all(filled, t, name):
    """Everything that the view shows goes into the file, in its order."""
    least = filled.value("SELECT min(subscriber_count) FROM (SELECT subscriber_count FROM channel_meta "
                         "ORDER BY subscriber_count DESC LIMIT 3500)")
    want = [r[0] for r in filled.sql("SELECT subscriber_count FROM channel_meta WHERE subscriber_count >= ? "
                                     "ORDER BY subscriber_count DESC, id DESC", least)]
    t.send(":channels subs>=%d%s" % (least, ENTER))
    t.wait_for("match (exact)")
    t.send(">>")
    t.wait_for("sort: SUBS")
    t.send(":export %s%s" % (path(filled, name), ENTER))
    t.wait_for("saved: {:,} rows in".format(len(want)))
    rows = read(path(filled, name))
    assert len({r["channel_id"] for r in rows}) == len(want)
    assert [int(r["subscriber_count"]) for r in rows] == want
    assert not leftovers(filled)
    # what is there stays
    t.send(":export %s%s" % (path(filled, name), ENTER))
    t.wait_for("! not saved: ")
    assert read(path(filled, name)) == rows


def test_all_that_the_filter_matches(filled):
    with console(filled, "--no-rest", "console") as t:
        t.wait_for("? help")
        check_all(filled, t, "some.csv")
        t.send("\\<<:export csv %s%s" % (path(filled, "all.csv.gz"), ENTER))
        t.wait_for("saved: {:,} rows in".format(MANY))
        assert len(read(path(filled, "all.csv.gz"), gzip.open)) == MANY
        t.send(":export %s%s" % (path(filled, "no/such/folder.csv"), ENTER))
        t.wait_for("! not saved: ")
        assert not leftovers(filled)


def test_all_of_another_node(filled):
    with filled.serve() as node:
        with console(filled, "attach") as t:
            t.wait_for("@local")
            t.send("5")
            t.wait_for("row 1 of {:,}".format(MANY))
            check_all(filled, t, "far.csv")
            t.send(":export jsonl %s%s" % (path(filled, "far.jsonl"), ENTER))
            t.wait_for("far.jsonl")
            t.wait_for("saved: 3,")
            with open(path(filled, "far.jsonl"), encoding="utf-8") as lines:
                assert len(list(lines)) == len(read(path(filled, "far.csv")))
        assert node.process.poll() is None


def test_what_a_filter_finds_by_the_command_line(filled):
    done = filled.run("export", "channels", "--where", "metadata=pending", "--columns", "channel_id", check=0)
    assert len(done.out.splitlines()) == MANY - 5000 + 1
    done = filled.run("export", "channels", "--where", "luck=3")
    assert done.code == 2 and "luck" in done.err


def test_videos_of_one_channel(tubeops, sim):
    """The list of a page about a channel: all videos of that channel that the filter matches, of no other."""
    tubeops.import_ids(sim.ids(20))
    tubeops.json("run", "batch_metadata")
    tubeops.json("run", "batch_videos")
    channel, most = tubeops.sql("SELECT channel_id, count(*) FROM videos GROUP BY 1 ORDER BY 2 DESC")[0]
    views = tubeops.value("SELECT min(view_count) FROM videos WHERE channel_id = ?", channel)
    with console(tubeops, "--no-rest", "console") as t:
        t.wait_for("? help")
        t.send(":channels id=%s%s" % (channel, ENTER))
        t.wait_for("1 match (exact)")
        t.send(ENTER)
        t.wait_for("Channels > ")
        t.send(":export %s%s" % (path(tubeops, "videos.csv"), ENTER))
        t.wait_for("saved: {:,} rows in".format(most))
        assert {row["channel_id"] for row in read(path(tubeops, "videos.csv"))} == {channel}
        t.send("/views>%d%s:export %s%s" % (views, ENTER, path(tubeops, "some.csv"), ENTER))
        t.wait_for("some.csv")
        t.wait_for("saved: {:,} rows in".format(
            tubeops.value("SELECT count(*) FROM videos WHERE channel_id = ? AND view_count > ?", channel, views)))


def test_the_demo_saves_what_it_holds_and_says_so(tubeops):
    with console(tubeops, "demo") as t:
        t.wait_for("? help")
        t.send("2")
        t.wait_for("13 jobs")
        t.send(":export %s%s" % (path(tubeops, "jobs.csv"), ENTER))
        t.wait_for("13 of 13 rows, as held")
        assert len(read(path(tubeops, "jobs.csv"))) == 13
        t.send("5")
        t.wait_for("row 1 of")
        t.send(":export %s%s" % (path(tubeops, "channels.csv"), ENTER))
        t.wait_for("of 15,000,000 rows, as held")
