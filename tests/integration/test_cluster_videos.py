"""Uploads of channels by several nodes: rows reach PostgreSQL before the done map says so, and come home."""
import json
import signal

import pytest
from account import check_account, check_postgres
from cluster_nodes import CALM, HELD, chunks, done_by, has_ended, holds, make_node, metadata_job, wait_for

KIND = "batch_videos"
WORKERS = 2  # of each node
CHANNELS = 1600  # some 31 turns of 50; a node holds four for each of its workers at most



def calls(sim, method="playlistItems.list"):
    return sum(entry["method"] == method for entry in sim.log_entries())


def start(make_tubeops, make_sim, url, n_nodes, **settings):
    """Nodes of which the first one has metadata of its channels, all of it in PostgreSQL."""
    sim = make_sim(channels=20000, latency=10, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i, WORKER_CONCURRENCY=WORKERS, **settings) for i in range(1, n_nodes + 1)]
    nodes[0].import_ids(sim.ids(CHANNELS))
    with nodes[0].serve() as server:
        server.post("/api/batch-metadata", {})
        wait_for(lambda: has_ended(nodes[0]))
        wait_for(lambda: nodes[0].value("SELECT count(*) FROM outbox") == 0)
    return sim, nodes, sim.units()


def share(pg, name, sim, nodes, latency, **params):
    """All nodes at work on one job, each with chunks in hand, on answers that take so long."""
    sim.set_latency(HELD)
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/jobs", {"type": KIND, **params})
    wait_for(lambda: all(holds(pg, name, "n%d" % (i + 1)) for i in range(len(nodes))))
    sim.set_latency(latency)
    return servers


def zero_channels(node):
    return node.value("SELECT count(*) FROM channel_meta WHERE video_count = 0")


def check_home(pg, name, home):
    """Home has what PostgreSQL has, row by row, and each channel with metadata is done."""
    check_account(home)
    compared = check_postgres(home, pg, name)
    assert home.value("SELECT count(*) FROM channel WHERE metadata = 1 AND videos <> 1") == 0
    fetched = int(pg.psql("SELECT count(*) FROM channels WHERE videos_fetched", database=name))
    assert fetched == home.value("SELECT count(*) FROM channel WHERE videos = 1")
    counters = {row["name"]: row["value"] for row in home.sql("SELECT * FROM counter")}
    assert counters["videos"] == home.value("SELECT count(*) FROM video") > 0
    assert counters["videos.done"] == fetched
    # of each walk it is known how it ended
    assert home.value("SELECT count(*) FROM upload_list") == fetched - zero_channels(home)
    assert home.value("SELECT count(*) FROM upload_list WHERE at = 0") == 0
    return compared


def finish(pg, name, nodes, servers, alive):
    try:
        job = wait_for(lambda: has_ended(nodes[0], KIND), 120)
        for i in alive:
            assert wait_for(lambda node=nodes[i]: has_ended(node, KIND))["status"] == "completed"
    except AssertionError as error:
        raise AssertionError(chunks(pg, name)) from error
    assert job["status"] == "completed", job
    for i in alive:
        servers[i].stop()
        assert nodes[i].value("SELECT count(*) FROM outbox") == 0
        check_account(nodes[i])
    assert pg.psql("SELECT count(*) FROM work_chunk WHERE state <> 2 OR home_at IS NULL", database=name) == "0"
    return has_ended(nodes[0], KIND)


@pytest.mark.parametrize("n_nodes", [2, 3])
def test_nodes_share_the_uploads(make_tubeops, make_sim, pg, database, n_nodes):
    name, url = database
    sim, nodes, before = start(make_tubeops, make_sim, url, n_nodes, **CALM)
    servers = share(pg, name, sim, nodes, 60)
    job = finish(pg, name, nodes, servers, range(n_nodes))
    check_home(pg, name, nodes[0])
    # each has had its part, and every channel was listed by one of them
    parts = [done_by(pg, name, "n%d" % i) for i in range(1, n_nodes + 1)]
    due = nodes[0].value("SELECT count(*) FROM channel WHERE metadata = 1")
    told = json.loads(pg.psql("SELECT json_agg(c.done) FROM cluster_count c JOIN cluster_job j USING (job) "
                              "WHERE j.type = '%s'" % KIND, database=name))
    assert sum(told) == due == job["done"] and min(told) > 0 and len(told) == n_nodes, (told, parts)
    # channels without videos cost nothing on any node: each other one was listed by one page of 25
    assert zero_channels(nodes[0]) > 0
    assert calls(sim) == due - zero_channels(nodes[0])
    assert job["units"] == sim.units() - before
    # a node that fetched for another one has the channel's metadata, and does not pay for it again
    for node in nodes[1:]:
        assert node.value("SELECT count(*) FROM channel WHERE videos = 1 AND metadata <> 1") == 0
        assert node.value("SELECT count(*) FROM video") > 0
        check_postgres(node, pg, name, alone=False)
    for numbers in [dict(row) for row in nodes[0].sql("SELECT * FROM job_number WHERE job = ?", job["no"])]:
        if numbers["name"] in ("videos", "videos_new"):
            assert numbers["value"] == nodes[0].value("SELECT count(*) FROM video")


def test_a_killed_node_costs_what_it_had_in_hand(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, before = start(make_tubeops, make_sim, url, 3)
    servers = share(pg, name, sim, nodes, 60)
    wait_for(lambda: holds(pg, name, "n2") and nodes[1].value("SELECT count(*) FROM video") > 0)
    servers[1].stop(signal.SIGKILL)
    job = finish(pg, name, nodes, servers, [0, 2])
    check_home(pg, name, nodes[0])
    due = nodes[0].value("SELECT count(*) FROM channel WHERE metadata = 1")
    assert job["done"] == due and job["failed"] == 0
    # a turn of 50 channels of each worker, as many with the writer, and what was staged and not told
    staged = nodes[1].value("SELECT count(*) FROM outbox WHERE kind = 9")
    assert calls(sim) <= due - zero_channels(nodes[0]) + (WORKERS + WORKERS + staged) * 50
    granted = int(pg.psql("SELECT coalesce(sum(granted), 0) FROM quota_day", database=name))
    assert before + job["units"] <= sim.units() <= granted


def test_a_killed_home_goes_on_where_it_was(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, _ = start(make_tubeops, make_sim, url, 2)
    servers = share(pg, name, sim, nodes, 60)
    servers[0].stop(signal.SIGKILL)
    servers[0] = nodes[0].serve()
    finish(pg, name, nodes, servers, [0, 1])
    check_home(pg, name, nodes[0])


def test_a_person_pauses_goes_on_and_cancels_anywhere(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, _ = start(make_tubeops, make_sim, url, 2, **CALM)
    servers = share(pg, name, sim, nodes, 60)

    def act(i, what):
        number = metadata_job(nodes[i], KIND)["no"]
        assert servers[i].request("POST", "/api/jobs/J-%d/%s" % (number, what)).status == 200
    act(1, "pause")
    wait_for(lambda: metadata_job(nodes[0], KIND)["status"] == "paused")
    wait_for(lambda: holds(pg, name, "n1") == 0 and holds(pg, name, "n2") == 0)
    act(0, "resume")
    wait_for(lambda: metadata_job(nodes[1], KIND)["status"] == "running" and holds(pg, name, "n2"))
    act(1, "cancel")
    for node in nodes:
        wait_for(lambda n=node: metadata_job(n, KIND)["status"] == "cancelled")
    for server in servers:
        server.stop()
    for node in nodes:
        check_account(node)
    granted = int(pg.psql("SELECT coalesce(sum(granted), 0) FROM quota_day", database=name))
    assert sim.units() <= granted


def test_a_budget_of_uploads_is_all_nodes_together(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, before = start(make_tubeops, make_sim, url, 2, **CALM)
    servers = share(pg, name, sim, nodes, 60, units=150)
    job = wait_for(lambda: has_ended(nodes[0], KIND))
    assert job["status"] == "completed" and "150 units are spent" in job["reason"], job
    wait_for(lambda: has_ended(nodes[1], KIND))
    for server in servers:
        server.stop()
    job = has_ended(nodes[0], KIND)
    assert 150 - 2 <= sim.units() - before <= 150
    assert 0 < job["done"] < nodes[0].value("SELECT count(*) FROM channel WHERE metadata = 1")
    assert job["done"] == nodes[0].value("SELECT count(*) FROM channel WHERE videos = 1")
    # what others did is at home; videos of a channel whose list was not done may be in PostgreSQL alone
    done = set(r["cid"] for r in nodes[0].sql("SELECT cid FROM channel WHERE videos = 1"))
    assert int(pg.psql("SELECT count(*) FROM channels WHERE videos_fetched", database=name)) == len(done)
