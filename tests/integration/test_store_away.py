"""PostgreSQL or Redis away: what the console says of it, that work goes on, and R which tries now."""
import contextlib
import time

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from cluster_nodes import make_node  # noqa: E402
from terminal import ENTER, TAB, Terminal  # noqa: E402
from tubeops import PATIENCE, wait_until  # noqa: E402


def shows(t, words):
    """Waits until it shows these words, however they are spaced."""
    end = time.monotonic() + PATIENCE
    while words not in " ".join(t.text().split()):
        assert time.monotonic() < end and not t.closed, f"{words!r} did not appear:\n{t.text()}"
        t.pump(0.05)


@contextlib.contextmanager
def console(node):
    with node.serve() as server, Terminal([node.binary], columns=80, lines=24, env={
            **node.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}) as t:
        t.server = server
        t.wait_for("@local RW", PATIENCE)
        yield t


def test_redis_stopped(make_tubeops, make_sim, pg, database, redis):
    sim = make_sim(channels=20000)
    node = make_node(make_tubeops, sim, database[1], 1, REDIS_URL=redis.url)
    ids = sim.ids(1500)
    node.import_ids(ids)
    with console(node) as t:
        t.server.wait_for("/api/snapshot", lambda s: s["redis_ok"] and s["facts"]["redis_last_ok"], PATIENCE)
        t.send(":store redis" + ENTER)
        t.wait_for("Redis answers at 127.0.0.1", PATIENCE)
        redis.kill()
        t.send(":sync" + ENTER)  # it is looked at now, and not within a minute
        t.wait_for("REDIS DOWN", PATIENCE)
        shows(t, "Redis does not answer at 127.0.0.1")
        for words in "down since", "next try", "last good", "tries", "still works all jobs", "slower handing out work", \
                "missing nothing", "risk none":
            shows(t, words)
        found = t.server.get("/api/snapshot").json()
        assert [b["what"] for b in found["blocked"] if b["state"] == "away"] == ["Redis"]
        # all of it is true: the job is done without it
        assert t.server.post("/api/batch-metadata", {}).status in (200, 202)
        wait_until(lambda: node.json("jobs")[0]["status"] == "completed", "the job does not end without Redis")
        assert "REDIS DOWN" in t.text()
        # from the dashboard: Tab, Enter
        t.send("1")
        t.wait_for("Blocked: what and why", PATIENCE)
        t.send(TAB + "/what:redis" + ENTER)
        shows(t, "> Redis")
        t.send(ENTER)
        t.wait_for("still works", PATIENCE)
        t.send("R")
        t.wait_for("Redis is tried", PATIENCE)
        redis.start()
        t.send("R")
        t.wait_gone("REDIS DOWN", PATIENCE)
        t.wait_for("Redis answers at 127.0.0.1", PATIENCE)


def test_postgres_stopped(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=20000)
    node = make_tubeops(sim, DATABASE_URL=url)
    node.import_ids(sim.ids(1000))
    with console(node) as t:
        t.server.wait_for("/api/snapshot", lambda s: s["pg_ok"] and not s["outbox"], PATIENCE)
        pg.stop()
        try:
            assert t.server.post("/api/batch-metadata", {}).status in (200, 202)
            wait_until(lambda: node.json("jobs")[0]["status"] == "completed", "the job does not end")
            t.wait_for("PG DOWN", PATIENCE)
            t.send(":store postgresql" + ENTER)
            shows(t, "PostgreSQL does not answer")
            for words in "down since", "next try", "last good", "tries", "work goes on: calls are made and units are spent", \
                    "rows in the outbox, which has no limit but the disk", "safe every result is in staging":
                shows(t, words)
            found = t.server.get("/api/snapshot").json()
            assert found["outbox"] > 0 and found["facts"]["pg_tries"] > 0 and found["facts"]["pg_last_ok"] > 0
            assert sim.units() >= 20  # they were spent all the same
        finally:
            pg.start()
        t.send("R")
        t.wait_gone("PG DOWN", PATIENCE)
        t.wait_for("PostgreSQL answers", PATIENCE)
        t.server.wait_for("/api/snapshot", lambda s: not s["outbox"], PATIENCE)
    assert int(pg.psql("SELECT count(*) FROM channels WHERE metadata_fetched", database=name)) == node.value(
        "SELECT count(*) FROM channel WHERE metadata = 1")
