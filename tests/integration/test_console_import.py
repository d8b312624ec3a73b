"""The form of an import shows what it would read before it is started; REST shows the same below IMPORT_ROOT."""
import gzip
import os

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, ESC, Terminal  # noqa: E402
from tubeops import PATIENCE  # noqa: E402

ROWS = 5000


def console(tubeops):
    return Terminal([tubeops.binary, "--no-rest", "console"], columns=110, lines=30,
                    env={**tubeops.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})


def write_table(path, ids, opens=open):
    with opens(path, "wt", encoding="utf-8") as table:
        table.write("no,channel_id,name\n")
        for i in range(ROWS):
            what = "UC_bad" if i == 16 else ids[i % len(ids)]
            table.write("%d,%s,Name %d\n" % (i, what, i))


@pytest.fixture
def table(tubeops, sim):
    ids = sim.ids(2000)
    tubeops.import_ids(ids[:500])
    path = os.path.join(tubeops.directory, "t.csv")
    write_table(path, ids)
    write_table(path + ".gz", ids, gzip.open)
    return path


def test_the_form_shows_what_would_be_read(tubeops, table):
    with console(tubeops) as t:
        t.wait_for("? help")
        t.send(":new import source_path=%s%s" % (table, ENTER))
        t.wait_for("csv, column 2")
        t.wait_for("999 of the first 1,000 name a channel")
        t.wait_for("50% are known")
        t.wait_for('line 18 "UC_bad"')
        t.wait_for("Name 0")
        assert tubeops.value("SELECT count(*) FROM channel") == 500
        # of a packed one the number of rows is a guess as well
        t.send(ESC)
        t.wait_gone("New job")
        t.send(":new import source_path=%s.gz%s" % (table, ENTER))
        t.wait_for("csv, column 2")
        # another column, another answer; what cannot be read says why
        t.send(ESC)
        t.wait_gone("New job")
        t.send(":new import source_path=%s column=name%s" % (table, ENTER))
        t.wait_for("0 of the first 1,000 name a channel")
        t.send(ESC)
        t.wait_gone("New job")
        t.send(":new import source_path=/no/such/file.csv" + ENTER)
        t.wait_for("! /no/such/file.csv: No such file or directory")
        t.send(ESC)
        t.wait_gone("New job")
        t.send(":new import source_path=%s%s" % (table, ENTER))
        t.wait_for("csv, column 2")
        t.send(ENTER)
        t.wait_for("migration started")
        end = PATIENCE
        while tubeops.value("SELECT count(*) FROM channel") < 2000 and end > 0:
            t.pump(0.2)
            end -= 0.2
        assert tubeops.value("SELECT count(*) FROM channel") == 2000


def preview(server, path, **more):
    reply = server.post("/api/jobs/price", {"type": "migration", "source_path": path, **more})
    assert reply.status == 200, reply
    return reply.json()["preview"]


def test_rest_shows_files_below_the_root_alone(make_tubeops, make_sim, tmp_path):
    sim = make_sim()
    root = tmp_path / "root"
    root.mkdir()
    tubeops = make_tubeops(sim, IMPORT_ROOT=str(root))
    ids = sim.ids(100)
    write_table(str(root / "in.csv"), ids)
    write_table(str(tmp_path / "out.csv"), ids)
    (root / "few.txt").write_text("\n".join(ids[:3]) + "\nhttps://example.com/?key=AIzaSyA-0123456789abcdefghijklmnopqrstu\n")
    os.mkfifo(str(root / "pipe"))
    with tubeops.serve() as server:
        seen = preview(server, str(root / "in.csv"))
        assert seen["format"] == "csv" and seen["column"] == 2 and seen["rows"] == 1000 and not seen["whole"]
        assert 0.8 * ROWS < seen["rows_about"] < 1.2 * ROWS, seen
        assert seen["channels"] == 999 and [b["line"] for b in seen["bad"]] == [18]
        assert [f["channel"] for f in seen["first"]] == ids[:5] and seen["first"][1]["title"] == "Name 1"
        seen = preview(server, str(root / "few.txt"))
        assert seen["whole"] and seen["rows_about"] == 4 and seen["channels"] == 3 and seen["known"] == 0
        assert "AIza" not in str(seen)  # what looks like a key is nobody's to see
        for path in (str(tmp_path / "out.csv"), str(root / ".." / "out.csv"), "/etc/passwd"):
            assert "no such file below IMPORT_ROOT" in preview(server, path)["error"]
        assert "looked into" in preview(server, str(root / "pipe"))["error"]
        assert "Unsupported source type" in preview(server, str(root / "in.csv"), source_type="tar")["error"]
        assert preview(server, "mysql://somebody@127.0.0.1/x")["error"]
        assert server.post("/api/jobs/price", {"type": "batch_metadata"}).json()["preview"] is None
    assert tubeops.value("SELECT count(*) FROM channel") == 0
