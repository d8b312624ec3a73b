"""Budgets of units of jobs that nodes share, and refresh, which has one on each day."""
import datetime

import os
import subprocess

import pytest
from account import check_account, states, stored_rows
from cluster_nodes import (CALM, HELD, begin, calls_of, chunks, done_by, finish, has_ended, holds, make_node,
                           metadata_job, wait_for)
from unit_programs import ROOT, program

DAY = 86400
IN_FLIGHT = 4  # calls of a node: its workers


def counted(pg, name):
    """Units that the nodes have told PostgreSQL of, in all."""
    return int(pg.psql("SELECT coalesce(sum(units), 0) FROM cluster_count", database=name))


def test_budgets_facts_and_videos_in_postgresql(pg):
    """tests/unit/test_cluster_work, in schemas of its own."""
    done = subprocess.run([program("test_cluster_work")], env=dict(os.environ, TEST_DATABASE_URL=pg.url, TOP_SRCDIR=ROOT),
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "10 test(s) run." in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_budget_is_all_nodes_together(make_tubeops, make_sim, pg, database):
    name, url = database
    budget = 31
    sim = make_sim(channels=20000, latency=HELD, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i, **CALM) for i in (1, 2, 3)]
    ids = sim.ids(6000)
    nodes[0].import_ids(ids)
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/jobs", {"type": "batch_metadata", "units": budget})
    wait_for(lambda: sum(holds(pg, name, "n%d" % i) > 0 for i in (1, 2, 3)) >= 2)
    sim.set_latency(150)
    job = wait_for(lambda: has_ended(nodes[0]))
    assert job["status"] == "completed" and "its %d units are spent" % budget in job["reason"], job
    for node in nodes[1:]:
        assert wait_for(lambda n=node: has_ended(n))["status"] == "completed"
    for server in servers:
        server.stop()
    job = has_ended(nodes[0])
    assert budget - 2 <= sim.units() <= budget, chunks(pg, name)
    assert job["units"] == sim.units() == counted(pg, name), job
    assert sum(done_by(pg, name, "n%d" % i) > 0 for i in (1, 2, 3)) >= 2
    # what was fetched is at home, whoever fetched it, and nothing else is counted
    found = check_account(nodes[0], channels=len(ids))
    asked = calls_of(sim)
    assert set(asked.values()) == {1}
    assert found["done"] + found["missing"] + found["absent"] == len(asked) == job["processed"]
    assert int(pg.psql("SELECT count(*) FROM channels WHERE metadata_fetched", database=name)) == found["done"]
    assert nodes[0].value("SELECT count(*) FROM outbox") == 0


def test_a_killed_node_spends_no_unit_of_the_budget_twice(make_tubeops, make_sim, pg, database):
    name, url = database
    budget = 60
    sim = make_sim(channels=20000, latency=HELD, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i) for i in (1, 2)]
    nodes[0].import_ids(sim.ids(6000))
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/jobs", {"type": "batch_metadata", "units": budget})
    wait_for(lambda: holds(pg, name, "n2") and sim.units() > 10)
    servers[1].stop(9)
    sim.set_latency(50)
    servers[1] = nodes[1].serve()
    job = wait_for(lambda: has_ended(nodes[0]))
    assert job["status"] == "completed", job
    wait_for(lambda: has_ended(nodes[1]))
    for server in servers:
        server.stop()
    assert sim.units() <= budget
    check_account(nodes[0])


@pytest.fixture
def aged(make_tubeops, make_sim, pg, database, tomorrow):
    """aged(n_nodes, count): nodes of 40 days later whose home has old metadata of that many channels."""
    def make(n_nodes, count, **settings):
        name, url = database
        sim = make_sim(channels=20000, latency=20, log_ids=True)
        nodes = [make_node(make_tubeops, sim, url, i, **settings) for i in range(1, n_nodes + 1)]
        ids = sim.ids(count)
        nodes[0].import_ids(ids)
        with nodes[0].serve() as server:
            server.post("/api/batch-metadata", {})
            wait_for(lambda: has_ended(nodes[0]))
        sim.set_clock(tomorrow.epoch(40))
        sim.set_latency(HELD)
        for node in nodes:
            node.environment.update(tomorrow(40))
        return name, sim, nodes, ids
    return make


def refreshed(sim, before):
    """Ids that were asked for since, how often."""
    now = calls_of(sim)
    return {i: n - before.get(i, 0) for i, n in now.items() if n > before.get(i, 0)}


@pytest.mark.parametrize("way", ["quiet", "kill"])
def test_nodes_share_a_refresh(aged, pg, way):
    name, sim, nodes, ids = aged(2, 4000, **CALM) if way == "quiet" else aged(3, 4000)
    before, first, units = calls_of(sim), states(nodes[0]), sim.units()
    old = {i: row["fetched_at"] for i, row in stored_rows(nodes[0]).items()}
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/jobs", {"type": "refresh"})
    wait_for(lambda: all(holds(pg, name, "n%d" % (i + 1)) for i in range(len(nodes))))
    sim.set_latency(250)
    if way == "kill":
        wait_for(lambda: done_by(pg, name, "n2") > 0)
        servers[1].stop(9)
    job = wait_for(lambda: has_ended(nodes[0], "refresh"))
    assert job["status"] == "completed", job
    alive = [0, 1] if way == "quiet" else [0, 2]
    for i in alive:
        wait_for(lambda n=nodes[i]: has_ended(n, "refresh"))
        servers[i].stop()
    # each that was done is so anew, with one call each, and each is counted once
    again = refreshed(sim, before)
    rows = stored_rows(nodes[0])
    assert set(old) <= set(again)
    assert all(row["fetched_at"] - old[i] > 39 * DAY for i, row in rows.items())
    if way == "quiet":
        assert set(again.values()) == {1}
        assert job["units"] == sim.units() - units
    assert job["done"] == first["done"] and job["failed"] == 0, (job, first)
    assert pg.psql("SELECT count(*) FROM work_chunk WHERE state <> 2", database=name) == "0"
    shared = pg.psql("SELECT count(*) FROM cluster_count c JOIN cluster_job j USING (job) WHERE j.type = 'refresh' "
                     "AND c.done > 0", database=name)
    assert int(shared) >= 2
    # SQLite = PostgreSQL + outbox
    for i in alive:
        assert nodes[i].value("SELECT count(*) FROM outbox") == 0
    theirs = dict(line.split("|") for line in pg.psql(
        "SELECT channel_id, extract(epoch FROM fetched_at)::bigint FROM channels WHERE metadata_fetched",
        database=name).splitlines())
    assert {i: int(t) for i, t in theirs.items()} == {i: row["fetched_at"] for i, row in rows.items()}


def test_a_refused_refresh_is_halved_and_all_of_it_counted(aged):
    name, sim, nodes, ids = aged(1, 100, **CALM)
    sim.set_latency(0)
    first, before = states(nodes[0]), calls_of(sim)
    poison = min(stored_rows(nodes[0]))
    sim.set_faults("poison:" + poison)
    with nodes[0].serve() as server:
        server.post("/api/jobs", {"type": "refresh"})
        job = wait_for(lambda: has_ended(nodes[0], "refresh"))
    assert (job["done"], job["failed"]) == (first["done"] - 1, 1), job
    assert poison not in refreshed(sim, before)
    assert [row["channel_id"] for row in nodes[0].sql("SELECT channel_id FROM dead_letters")] == [poison]


def test_a_refresh_keeps_to_its_units_of_a_day_over_all_nodes(aged, pg):
    name, sim, nodes, ids = aged(3, 4000)
    sim.set_latency(150)
    units = sim.units()
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/jobs", {"type": "refresh", "units_per_day": 25})
    wait_for(lambda: [metadata_job(n, "refresh") and metadata_job(n, "refresh")["status"] for n in nodes] == ["waiting"] * 3)
    for server in servers:
        server.stop()
    assert 25 - 2 <= sim.units() - units <= 25
    for node in nodes:
        assert "units of today are spent" in metadata_job(node, "refresh")["reason"]
    assert pg.psql("SELECT count(*) FROM work_chunk WHERE state = 1", database=name) == "0"
