"""PostgreSQL from outside: continuous sync while a job runs, servers that stop, equality row by row."""
import json
import sqlite3
import time

from account import check_account, check_postgres
from tubeops import PATIENCE

COLUMNS = ("channel_id, title, description, subscriber_count, video_count, view_count, country, language, "
           "custom_url, thumbnail_url, banner_url, metadata_fetched, source")


def staged(tubeops):
    """channel_id -> what PostgreSQL should hold, out of SQLite."""
    with sqlite3.connect("file:%s/staging.db?mode=ro" % tubeops.data, uri=True) as db:
        rows = db.execute(
            "SELECT i.channel_id, coalesce(m.title, c.title), coalesce(m.description, t.description), "
            "m.subscriber_count, m.video_count, m.view_count, m.country, m.language, m.custom_url, "
            "m.thumbnail_url, m.banner_url, m.cid IS NOT NULL, o.source FROM channel c "
            "JOIN channel_id i ON i.cid = c.cid JOIN origin o ON o.id = c.origin "
            "LEFT JOIN channel_meta m ON m.cid = c.cid LEFT JOIN channel_text t ON t.cid = c.cid")
        return {row[0]: row[1:] for row in rows}


def stored(pg, name):
    """The same out of PostgreSQL, by COPY so that NULL and texts stay apart."""
    import csv
    import io
    text = pg.psql("COPY (SELECT %s FROM channels) TO STDOUT (FORMAT csv, NULL '~null~', FORCE_QUOTE *)" % COLUMNS,
                   database=name)
    rows = {}
    for row in csv.reader(io.StringIO(text, newline="")):
        values = [None if v == "~null~" else v for v in row]
        for i in (3, 4, 5):
            values[i] = None if values[i] is None else int(values[i])
        values[11] = int(values[11] == "t")
        rows[values[0]] = tuple(values[1:])
    return rows


def assert_equal(pg, name, tubeops):
    ours, theirs = staged(tubeops), stored(pg, name)
    assert len(ours) == len(theirs)
    for channel, row in ours.items():
        if not row[10]:  # an unfetched channel's title is only an import's word
            assert theirs[channel][10] == 0, channel
            continue
        assert theirs[channel] == row, channel


def import_ids(tubeops, sim, count):
    ids = sim.ids(count)
    tubeops.run("import", "-", "--json", input="\n".join(ids) + "\n", check=0)
    return ids


def test_a_run_syncs_and_nothing_is_sent_twice(make_tubeops, make_sim, pg, database):
    name, url = database
    tubeops = make_tubeops(make_sim(channels=5000), DATABASE_URL=url)
    import_ids(tubeops, make_sim(channels=5000), 3000)
    tubeops.run("run", "batch_metadata", "--json", check=0)
    tubeops.run("sync", "--json", check=0)
    assert_equal(pg, name, tubeops)
    again = tubeops.run("sync", "--json", check=0).json()
    assert again.get("rows", 0) == 0
    status = tubeops.run("status", "--json").json()
    assert status["postgres"]["outbox"] == 0


def test_equality_after_the_server_was_stopped_and_started(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=20000, latency=15)
    tubeops = make_tubeops(sim, DATABASE_URL=url, WORKER_CONCURRENCY=2)
    import_ids(tubeops, sim, 8000)
    process = tubeops.start("run", "batch_metadata", "--json")
    for _ in range(3):
        time.sleep(0.4)
        pg.stop()
        time.sleep(0.4)
        pg.start()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    done = json.loads(out)
    assert done["status"] == "completed"
    assert done["done"] + done["pending"] == 8000
    tubeops.run("sync", "--json", check=0)
    assert_equal(pg, name, tubeops)


def test_a_push_at_once_ends_a_wait(make_tubeops, make_sim, pg, database):
    """A database that is not there is looked for once a minute, and when somebody says so."""
    name, url = database
    tubeops = make_tubeops(make_sim(), DATABASE_URL=url)
    pg.psql("ALTER DATABASE %s RENAME TO %s_away" % (name, name), database="postgres")
    with tubeops.serve() as server:
        found = server.wait_for("/api/snapshot", lambda s: s["facts"]["pg_retry_at"] > time.time() + 30, PATIENCE)
        assert not found["pg_ok"] and name in found["pg_trouble"]
        pg.psql("ALTER DATABASE %s_away RENAME TO %s" % (name, name), database="postgres")
        assert server.post("/api/node/sync").status == 200
        server.wait_for("/api/snapshot", lambda s: s["pg_ok"], PATIENCE)
        assert time.time() < found["facts"]["pg_retry_at"]  # by itself it would still wait
        assert server.stop() == 0


def read_only(pg, name, on):
    """The server takes nothing from now on, or does again."""
    pg.psql("ALTER DATABASE %s SET default_transaction_read_only = %s" % (name, "on" if on else "off"), database="postgres")
    cut_off(pg, name)


def cut_off(pg, name):
    return pg.psql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '%s' AND pid <> "
                   "pg_backend_pid()" % name, database="postgres")


def test_connections_that_are_killed(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=20000, latency=40)
    tubeops = make_tubeops(sim, DATABASE_URL=url, WORKER_CONCURRENCY=2)
    import_ids(tubeops, sim, 8000)
    tubeops.run("sync", "--json", check=0)  # its tables take longer than connections are left alone here
    process, killed = tubeops.start("run", "batch_metadata", "--json"), 0
    while process.poll() is None:
        time.sleep(0.1)
        killed += int(cut_off(pg, name))
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and killed > 0, (killed, err)
    assert json.loads(out)["status"] == "completed"
    check_account(tubeops, sim, 8000)
    check_postgres(tubeops, pg, name)
    tubeops.run("sync", "--json", check=0)
    assert tubeops.value("SELECT count(*) FROM outbox") == 0
    check_postgres(tubeops, pg, name)
    assert_equal(pg, name, tubeops)


def test_a_server_that_turns_read_only(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=20000)
    tubeops = make_tubeops(sim, DATABASE_URL=url)
    import_ids(tubeops, sim, 3000)
    tubeops.run("run", "batch_metadata", "--limit", "500", "--json", check=0)
    tubeops.run("sync", "--json", check=0)
    read_only(pg, name, True)
    done = tubeops.run("run", "batch_metadata", "--json", check=0).json()
    assert done["status"] == "completed"
    tubeops.run("run", "batch_videos", "--limit", "100", "--videos-per-channel", "5", "--json", check=0)
    refused = tubeops.run("sync", check=1)
    assert "the database only reads" in refused.err, refused
    assert tubeops.value("SELECT count(*) FROM outbox") > 0
    check_postgres(tubeops, pg, name)
    read_only(pg, name, False)
    tubeops.run("sync", "--json", check=0)
    assert tubeops.value("SELECT count(*) FROM outbox") == 0
    check_account(tubeops, sim, 3000)
    check_postgres(tubeops, pg, name)
    assert_equal(pg, name, tubeops)


def test_the_original_database_is_adopted(make_tubeops, make_sim, pg, database):
    import os
    name, url = database
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "original_schema.sql")) as f:
        pg.psql(f.read(), database=name)
    pg.psql("INSERT INTO channels (channel_id, title, metadata_fetched) VALUES "
            "('UCBJycsmduvYEL83R_U4JriQ', 'kept as it was', true)", database=name)
    before = pg.psql("SELECT id FROM channels", database=name)
    sim = make_sim(channels=5000)
    tubeops = make_tubeops(sim, DATABASE_URL=url)
    import_ids(tubeops, sim, 200)
    tubeops.run("import", "-", "--json", input="UCBJycsmduvYEL83R_U4JriQ\n", check=0)
    tubeops.run("run", "batch_metadata", "--json", check=0)
    tubeops.run("sync", "--json", check=0)
    assert pg.psql("SELECT id FROM channels WHERE channel_id = 'UCBJycsmduvYEL83R_U4JriQ'", database=name) == before
    assert pg.psql("SELECT title FROM channels WHERE channel_id = 'UCBJycsmduvYEL83R_U4JriQ'",
                   database=name).strip() == "kept as it was"
    assert int(pg.psql("SELECT count(*) FROM channels WHERE metadata_fetched", database=name)) > 150
    jobs = pg.psql("SELECT job_type, status, processed_items FROM processing_jobs ORDER BY created_at", database=name)
    assert "batch_metadata|completed|201" in jobs.replace("\t", "|").replace(" ", "").replace(",", "|"), jobs


def test_a_server_that_is_away_keeps_nothing_back(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = make_tubeops(sim, DATABASE_URL="postgresql://nobody:Secret-Pass-1@127.0.0.1:1/none")
    import_ids(tubeops, sim, 500)
    done = tubeops.run("run", "batch_metadata", "--json", check=0)
    assert done.json()["status"] == "completed"
    failed = tubeops.run("sync")
    assert failed.code == 1
    assert "Secret-Pass-1" not in failed.out + failed.err + done.err


def videos_and_discoveries(tubeops, sim, count):
    import_ids(tubeops, sim, count)
    tubeops.run("run", "batch_metadata", "--json", check=0)
    tubeops.run("run", "batch_videos", "--videos-per-channel", "10", "--json", check=0)
    tubeops.run("run", "batch_discovery", "--limit", "100", "--json", check=0)


def test_videos_and_discoveries_arrive(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=5000)
    tubeops = make_tubeops(sim, DATABASE_URL=url)
    videos_and_discoveries(tubeops, sim, 400)
    tubeops.run("sync", "--json", check=0)
    videos, edges = (tubeops.value("SELECT count(*) FROM " + table) for table in ("video", "edge"))
    assert videos > 1000 and edges > 100
    assert tubeops.value("SELECT count(*) FROM outbox") == 0
    assert check_postgres(tubeops, pg, name) == videos + edges + tubeops.value("SELECT count(*) FROM channel_meta")
    check_account(tubeops)
    # what is done with a channel is told there too
    assert int(pg.psql("SELECT count(*) FROM channels WHERE videos_fetched", database=name)) == tubeops.value(
        "SELECT count(*) FROM channel WHERE videos = 1")
    assert_found_from(tubeops, pg, name)
    again = tubeops.run("sync", "--json", check=0).json()
    assert again["rows"] == 0


def assert_found_from(tubeops, pg, name):
    """A channel that discovery brought points to the one that led to it."""
    ours = {(r["target"], r["source"]) for r in tubeops.sql(
        "SELECT d.discovered_channel_id AS target, d.source_channel_id AS source FROM discoveries d "
        "JOIN channels c ON c.channel_id = d.discovered_channel_id WHERE NOT d.known AND c.source = 'discovery'")}
    text = pg.psql("SELECT c.channel_id, f.channel_id FROM channels c JOIN channels f ON f.id = c.discovered_from",
                   database=name)
    theirs = {tuple(line.replace("|", "\t").split("\t")) for line in text.splitlines() if line}
    assert theirs <= ours and {target for target, _ in theirs} == {target for target, _ in ours} != set()


def test_a_killed_sync_loses_nothing(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=5000)
    tubeops = make_tubeops(sim)
    videos_and_discoveries(tubeops, sim, 400)
    tubeops.environment["DATABASE_URL"] = url
    for _ in range(4):
        process = tubeops.start("sync", "--json")
        time.sleep(0.25)
        process.kill()
        process.communicate()
        if pg.psql("SELECT to_regclass('tubeops_schema')", database=name).strip():
            check_postgres(tubeops, pg, name)
    tubeops.run("sync", "--json", check=0)
    assert tubeops.value("SELECT count(*) FROM outbox") == 0
    assert check_postgres(tubeops, pg, name) > 1000
    assert_found_from(tubeops, pg, name)
