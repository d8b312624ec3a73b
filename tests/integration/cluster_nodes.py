"""Nodes of a cluster for tests, and the verification that every fault ends in.

    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 3)
    wait_for(lambda: holds(pg, name, "n2"))
    …
    finish(pg, name, sim, nodes, ids, servers, alive=[0, 2])
"""
import base64
import time
from collections import Counter

from account import check_account
from tubeops import PATIENCE

CHANNELS = 6000
HELD = 3000  # ms that an answer takes while a test waits until nodes have their part
CALM = {"CLUSTER_LEASE": 60}  # of nodes that nobody kills: none may lose a lease because the machine is busy


def make_node(make_tubeops, sim, url, number, **more):
    settings = {"CLUSTER": 1, "DATABASE_URL": url, "NODE_NAME": "n%d" % number, "CLUSTER_LEASE": 6, "WORKER_CONCURRENCY": 4,
                "LOG_LEVEL": "debug", **more}
    return make_tubeops(sim, folder="n%d" % number, **settings)


def wait_for(what, seconds=90, every=0.1):
    """Waits until what() is true; its last value."""
    until = time.monotonic() + max(seconds, PATIENCE)
    while True:
        value = what()
        if value or time.monotonic() > until:
            assert value, "still not so after %d s" % max(seconds, PATIENCE)
            return value
        time.sleep(every)


def metadata_job(node, kind="batch_metadata"):
    """The node's row of the shared job; None before it has one."""
    rows = node.sql("SELECT * FROM job WHERE type = ? ORDER BY no DESC LIMIT 1", kind)
    return dict(rows[0]) if rows else None


def has_ended(node, kind="batch_metadata"):
    job = metadata_job(node, kind)
    return job if job and job["status"] in ("completed", "failed", "cancelled") else None


def calls_of(sim):
    """How often the simulator was asked for each channel id, answered with 200."""
    asked = Counter()
    for entry in sim.log_entries():
        if entry["method"] == "channels.list" and entry["status"] == 200:
            asked.update(entry["idlist"].split(","))
    return asked


def verify(pg, name, home, ids, sim, nodes, others=0):
    """P1, P3, P4, P6: each id in one state at home, PostgreSQL holds each row, no unit beyond what was granted.
    others: chunks that are none of this job's."""
    found = check_account(home, channels=len(ids))
    assert found["pending"] == found["failed"] == 0, found
    for node in nodes:
        check_account(node)
        assert node.value("SELECT count(*) FROM outbox") == 0
    rows = int(pg.psql("SELECT count(*) FROM channels WHERE metadata_fetched", database=name))
    assert rows == found["done"]
    assert pg.psql("SELECT count(*) FROM work_chunk WHERE state <> 2", database=name) == str(others)
    granted = int(pg.psql("SELECT coalesce(sum(granted), 0) FROM quota_day", database=name))
    assert sim.units() <= granted
    return found


def begin(make_tubeops, make_sim, url, n_nodes, latency=250, count=CHANNELS, **settings):
    """Nodes at work on one job, and what is needed to judge them."""
    sim = make_sim(channels=20000, latency=latency, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i, **settings) for i in range(1, n_nodes + 1)]
    ids = sim.ids(count)
    nodes[0].import_ids(ids)
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/batch-metadata", {})
    return sim, nodes, ids, servers


def holds(pg, name, node):
    """Chunks that the node with this name has leased, as PostgreSQL sees it."""
    return int(pg.psql("SELECT count(*) FROM work_chunk w JOIN cluster_node n ON n.node = w.owner "
                       "WHERE w.state = 1 AND n.name = '%s'" % node, database=name))


def extra_calls(sim, ids):
    """Ids asked for more than once, of a job that asked for all of them."""
    asked = calls_of(sim)
    assert set(asked) == set(ids)
    return sum(n - 1 for n in asked.values())


def done_by(pg, name, node):
    """Channels that the node with this name has told PostgreSQL of."""
    return int(pg.psql("SELECT coalesce(sum(c.done + c.missing + c.absent), 0) FROM cluster_count c "
                       "JOIN cluster_node n USING (node) WHERE n.name = '%s'" % node, database=name))


def in_bounds(pg, name, sim, calls):
    """P2: an id is asked for once, and once more for each lease that ran out; so many calls may come on top."""
    asked, over = calls_of(sim), 0
    for row in pg.psql("SELECT lost, encode(ids, 'hex') FROM work_chunk", database=name).splitlines():
        lost, ids = row.split("|")
        for at in range(0, len(ids), 32):
            cid = "UC" + base64.urlsafe_b64encode(bytes.fromhex(ids[at:at + 32])).decode().rstrip("=")
            over += max(asked[cid] - 1 - int(lost), 0)
    assert over <= calls * 50, (over, calls)


def chunks(pg, name):
    """What PostgreSQL says of each node and of the chunks that are not done: for a test that fails."""
    return (pg.psql("SELECT * FROM cluster_node", database=name) + "\n" +
            pg.psql("SELECT w.id, w.n, w.n_left, w.state, n.name, w.epoch, w.lost, w.lease_until, w.home_at FROM work_chunk w"
                    " LEFT JOIN cluster_node n ON n.node = w.owner WHERE w.state <> 2 OR w.home_at IS NULL", database=name))


def finish(pg, name, sim, nodes, ids, servers, alive, others=0):
    try:
        job = wait_for(lambda: has_ended(nodes[0]), 120)
    except AssertionError as error:
        raise AssertionError(chunks(pg, name)) from error
    assert job["status"] == "completed", job
    for i in alive:
        other = wait_for(lambda node=nodes[i]: has_ended(node))
        assert other["status"] == "completed", other
    for i in alive:
        servers[i].stop()
    return verify(pg, name, nodes[0], ids, sim, [nodes[i] for i in alive], others)
