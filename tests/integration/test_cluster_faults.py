"""Faults between the nodes of a cluster and its servers; each test ends in the same verification (cluster_nodes.verify)."""
import os
import signal
import uuid

import pytest
from cluster_nodes import (begin, calls_of, done_by, extra_calls, finish, has_ended, holds,
                           in_bounds, make_node, metadata_job, wait_for)
from upstash_front import Trouble, UpstashFront
from wires import Places

SLOW, FAST = 1500, 50  # ms of the simulator: nothing ends before the fault, and then it does
WORKERS = 4            # of each node


@pytest.fixture
def places():
    with Places() as made:
        yield made


def lost(pg, name):
    return int(pg.psql("SELECT coalesce(sum(lost), 0) FROM work_chunk", database=name))


def is_all_done(pg, name):
    return pg.psql("SELECT count(*) FROM work_chunk WHERE state < 2", database=name) == "0"


# ---- cuts ----

def begin_in_places(make_tubeops, make_sim, pg, name, url, redis, places, record):
    """Two nodes in places of their own, at work on one job."""
    sim = make_sim(channels=20000, latency=SLOW, log_ids=True)
    ids, nodes, servers, made = sim.ids(6000), [], [], [places.new() for _ in range(2)]
    record("network", "namespaces" if places.namespaces else "loopback alone")
    for number, place in enumerate(made, 1):
        node = make_node(make_tubeops, sim, place.url(url, pg.port), number, REDIS_URL=place.url(redis.url, redis.port),
                         YOUTUBE_API_BASE=place.url(sim.url, sim.port))
        nodes.append(node)
        if number == 1:
            node.import_ids(ids)
        place.dress(node)
        servers.append(node.serve(*(("--start", "batch_metadata") if number == 1 else ())))
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    return sim, nodes, ids, servers, made


@pytest.mark.parametrize("node, server, way", [
    (1, "postgres", "silence"), (2, "postgres", "silence"), (2, "redis", "silence"), (1, "sim", "silence"),
    (2, "all", "silence"), (1, "postgres", "reset"), (1, "redis", "reset"), (2, "sim", "reset")])
def test_a_cut_between(make_tubeops, make_sim, pg, database, redis, places, record_property, node, server, way):
    name, url = database
    sim, nodes, ids, servers, made = begin_in_places(make_tubeops, make_sim, pg, name, url, redis, places, record_property)
    ports = {"postgres": [pg.port], "redis": [redis.port], "sim": [sim.port], "all": [pg.port, redis.port, sim.port]}[server]
    other = "n%d" % (3 - node)
    before = done_by(pg, name, other)
    getattr(made[node - 1], way)(*ports)
    sim.set_latency(FAST)
    if server in ("postgres", "all"):  # until the other one has taken what this one had
        wait_for(lambda: lost(pg, name))
    else:
        wait_for(lambda: done_by(pg, name, other) >= before + 500 or is_all_done(pg, name))
    assert way == "reset" or server == "redis" or made[node - 1].swallowed() != 0
    made[node - 1].heal()
    finish(pg, name, sim, nodes, ids, servers, [0, 1])
    # a node that is cut off from PostgreSQL goes on within its lease, one from YouTube asks again
    in_bounds(pg, name, sim, WORKERS if server in ("sim", "all") else 0)


@pytest.mark.parametrize("way, words", [("sessions", "terminating connection"), ("read_only", "read-only"),
                                        ("frozen", "does not answer")])
def test_postgresql_refuses_for_a_while(make_tubeops, make_sim, pg, database, way, words):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, latency=SLOW)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    end_sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % name
    if way == "frozen":
        pg.pause()
    elif way == "read_only":
        pg.psql('ALTER DATABASE "%s" SET default_transaction_read_only = on' % name, database="postgres")
    try:
        if way != "frozen":
            pg.psql(end_sessions, database="postgres")
        wait_for(lambda: all(words in node.log() for node in nodes))
    finally:
        pg.resume()
    sim.set_latency(FAST)
    pg.psql('ALTER DATABASE "%s" RESET default_transaction_read_only' % name, database="postgres")
    pg.psql(end_sessions, database="postgres")
    finish(pg, name, sim, nodes, ids, servers, [0, 1])
    in_bounds(pg, name, sim, 0)


# ---- nodes ----

@pytest.mark.parametrize("victim", [2, 3, 4])
def test_one_of_four_is_killed(make_tubeops, make_sim, pg, database, redis, victim):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 4, latency=SLOW, REDIS_URL=redis.url)
    dead = "n%d" % victim
    wait_for(lambda: holds(pg, name, dead) and done_by(pg, name, dead))
    servers[victim - 1].stop(signal.SIGKILL)
    sim.set_latency(FAST)
    finish(pg, name, sim, nodes, ids, servers, [i for i in range(4) if i != victim - 1])
    # in flight: with YouTube, with the writer, and what was stored and not told
    staged = nodes[victim - 1].value("SELECT count(*) FROM outbox WHERE kind = 9")
    assert extra_calls(sim, ids) <= (WORKERS + WORKERS + staged) * 50
    in_bounds(pg, name, sim, 0)


def test_two_processes_with_one_name(make_tubeops, make_sim, pg, database):
    """A data folder that was copied with all that tells it apart: the second process has no part."""
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, latency=SLOW)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    third = make_node(make_tubeops, sim, url, 3)
    os.makedirs(third.data)
    with open(nodes[1].data + "/node.id", encoding="ascii") as f:
        identity = f.read().replace(nodes[1].data, third.data)
    with open(third.data + "/node.id", "w", encoding="ascii") as f:
        f.write(identity)
    with third.serve():
        wait_for(lambda: "another process is at work as this node" in third.log())
        sim.set_latency(FAST)
        wait_for(lambda: has_ended(nodes[0]))
        assert metadata_job(third) is None
        finish(pg, name, sim, nodes, ids, servers, [0, 1])
    in_bounds(pg, name, sim, 0)
    assert extra_calls(sim, ids) == 0


def test_two_leaders(make_tubeops, make_sim, pg, database, redis):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 3, latency=SLOW, REDIS_URL=redis.url, CLUSTER_CHUNK=100)
    leader = "SELECT n.name FROM cluster_leader l JOIN cluster_node n USING (node) WHERE until > clock_timestamp()"
    wait_for(lambda: holds(pg, name, "n2") and calls_of(sim))
    first = wait_for(lambda: pg.psql(leader, database=name))
    # it sleeps, its lead is over, another one leads; then both believe that they do
    process = servers[int(first[1:]) - 1].process
    process.send_signal(signal.SIGSTOP)
    pg.psql("UPDATE cluster_leader SET until = '-infinity'", database=name)
    wait_for(lambda: pg.psql(leader, database=name) not in ("", first))
    process.send_signal(signal.SIGCONT)
    sim.set_latency(FAST)
    finish(pg, name, sim, nodes, ids, servers, [0, 1, 2])
    in_bounds(pg, name, sim, WORKERS)
    assert int(pg.psql("SELECT term FROM cluster_leader", database=name)) >= 2


def test_what_a_later_version_has_made_is_left_alone(make_tubeops, make_sim, pg, database, redis):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, latency=SLOW, REDIS_URL=redis.url)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    job, home = uuid.uuid4(), uuid.uuid4()
    pg.psql("INSERT INTO cluster_job (job, home, type, params) VALUES ('%s', '%s', 'batch_dreams', '{\"depth\": [1]}')"
            % (job, home), database=name)
    pg.psql("INSERT INTO work_chunk (job, seq, n, ids, outcome, n_left) VALUES ('%s', 0, 1, '\\x%s', '\\x00', 1)"
            % (job, "07" * 16), database=name)
    chunk = pg.psql("SELECT id FROM work_chunk WHERE job = '%s'" % job, database=name)
    key = wait_for(lambda: redis.command("KEYS", "{tubeops:*"))[0]
    for version in (1, 2):
        redis.command("XADD", key, "*", "v", version, "c", chunk, "j", job.hex)
    sim.set_latency(FAST)
    finish(pg, name, sim, nodes, ids, servers, [0, 1], others=1)
    assert pg.psql("SELECT state, epoch FROM work_chunk WHERE job = '%s'" % job, database=name) == "0|0"
    assert extra_calls(sim, ids) == 0


# ---- Upstash ----

PENDING = b'{"error":"ERR XReadGroup is cancelled. Pending Entries List limit per consumer is about to be reached."}'


@pytest.mark.parametrize("trouble", [
    Trouble(401, b'{"error":"Unauthorized"}'), Trouble(429, b"slow down"), Trouble(500, b'{"error":"ERR internal error"}'),
    Trouble(502, b"<html>bad gateway</html>"), Trouble(200, b'{"result":"PO'), Trouble(400, PENDING),
    Trouble(400, b'{"error":"ERR max requests limit exceeded"}'), Trouble(silence=True, after=True), Trouble()],
    ids=["token", "too_many", "internal", "html", "torn", "pending", "plan", "lost_answer", "hung_up"])
def test_upstash_is_only_a_hint(make_tubeops, make_sim, pg, database, redis, trouble):
    name, url = database
    with UpstashFront(redis) as front:
        sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, latency=SLOW, CLUSTER_CHUNK=100,
                                         UPSTASH_REDIS_REST_URL=front.url, UPSTASH_REDIS_REST_TOKEN=front.token)
        wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim) and "XADD" in front.commands)
        front.trouble = [trouble] * 6
        sim.set_latency(FAST)
        finish(pg, name, sim, nodes, ids, servers, [0, 1])
        assert len(front.trouble) < 6
    assert extra_calls(sim, ids) == 0
    assert not any(front.token in node.log() for node in nodes)
