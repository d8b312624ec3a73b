"""A cluster seen and steered from any of its nodes: who lives, what all do together, what people want of a job."""
import os
import signal
import subprocess
from types import SimpleNamespace

import pytest
from unit_programs import ROOT, program
from cluster_nodes import holds, make_node, metadata_job, wait_for

CHANNELS = 6000
HELD = 60000  # ms that an answer takes: nothing ends until the test lets it


@pytest.fixture
def two(make_tubeops, make_sim, database):
    """Two nodes at work, the first one with channels; .sim, .nodes, .servers."""
    made = SimpleNamespace(sim=make_sim(channels=20000, latency=100))
    made.nodes = [make_node(make_tubeops, made.sim, database[1], i, YOUTUBE_API_KEY_1_QUOTA=9000) for i in (1, 2)]
    made.nodes[0].import_ids(made.sim.ids(CHANNELS))
    made.servers = [node.serve() for node in made.nodes]
    return made


def test_what_is_read_of_postgresql(pg):
    """tests/unit/test_cluster_nodes, in a schema of its own."""
    done = subprocess.run([program("test_cluster_nodes")], env=dict(os.environ, TEST_DATABASE_URL=pg.url, TOP_SRCDIR=ROOT),
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "4 test(s) run." in done.stdout + done.stderr, done.stdout + done.stderr


def nodes_of(server):
    return {n["name"]: n for n in server.get("/api/nodes").json()["nodes"]}


def states_of(server):
    return {name: n["state"] for name, n in nodes_of(server).items()}


def metric(server, name):
    """Samples of one metric: {labels: value}."""
    text = server.get("/metrics").body.decode()
    lines = [line for line in text.splitlines() if line.startswith("tubeops_" + name) and line[len("tubeops_" + name)] in " {"]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def status_of(node):
    """The job's status there; None before there is one."""
    job = metadata_job(node)
    return job and job["status"]


def steer(node, server, what):
    number = metadata_job(node)["no"]
    answer = server.post("/api/jobs/J-%d/%s" % (number, what))
    assert answer.status == 200, answer


def work_at_both(pg, name, two):
    """A job that lasts: both nodes hold chunks of it, and no call ends any more."""
    two.servers[0].post("/api/batch-metadata", {})
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2"))
    two.sim.set_latency(HELD)


def test_any_node_tells_of_all_of_them(pg, database, two):
    name, _ = database
    work_at_both(pg, name, two)
    for server, here in zip(two.servers, ("n1", "n2")):
        wait_for(lambda s=server: states_of(s) == {"n1": "up", "n2": "up"})
        wait_for(lambda s=server: all(n["leases"] and n["units_used"] for n in nodes_of(s).values()))
        told = server.get("/api/nodes").json()
        assert told["cluster"] and told["ok"] and told["up"] == 2 and told["gone"] == 0
        assert [n["name"] for n in told["nodes"] if n["is_here"]] == [here]
        assert told["units_per_day"] == 9000  # of one project, which both nodes have
        wait_for(lambda s=server: s.get("/api/nodes").json()["has_leader"])
        snapshot = server.get("/api/snapshot").json()
        assert snapshot["cluster"]["units_used"] >= two.sim.units()
        assert snapshot["units_left"] <= 9000 - two.sim.units()
        assert [n["redis"] for n in snapshot["nodes"]] == ["none", "none"]
    used = [n["units_used"] for n in nodes_of(two.servers[0]).values()]
    assert min(used) > 0 and sum(used) <= int(pg.psql("SELECT granted FROM quota_day WHERE bucket = 'units'", database=name))


def test_metrics_and_status_name_the_nodes(pg, database, two):
    name, _ = database
    work_at_both(pg, name, two)
    wait_for(lambda: states_of(two.servers[1]) == {"n1": "up", "n2": "up"})
    wait_for(lambda: all(n["leases"] for n in nodes_of(two.servers[1]).values()))
    leases = metric(two.servers[1], "node_leases")
    assert len(leases) == 2 and all(v > 0 for v in leases.values()), leases
    assert metric(two.servers[1], "cluster_up") == {"tubeops_cluster_up": 1}
    assert metric(two.servers[1], "cluster_quota_day_units") == {"tubeops_cluster_quota_day_units": 9000}
    assert len(metric(two.servers[1], "cluster_node_info")) == 2
    for node in two.nodes:
        done = node.run("status")
        assert "2 of 2 nodes at work" in done.out, done
        assert any(line.split()[:2] == ["n1", "up"] for line in done.out.splitlines()), done
        assert any(line.split()[:2] == ["n2", "up"] for line in done.out.splitlines()), done
        told = node.run("status", "--json").json()["cluster"]
        assert {n["name"] for n in told["nodes"]} == {"n1", "n2"}
        assert [n["is_here"] for n in told["nodes"]].count(True) == 1


def test_a_silent_node_is_an_alert_elsewhere(pg, database, two):
    name, _ = database
    wait_for(lambda: states_of(two.servers[0]) == {"n1": "up", "n2": "up"})
    two.servers[1].stop(signal.SIGKILL)
    wait_for(lambda: states_of(two.servers[0])["n2"] == "silent")
    alerts = wait_for(lambda: [a for a in two.servers[0].get("/api/snapshot").json()["alerts"] if a["kind"] == "node_silent"])
    assert alerts[0]["subject"] == "n2" and alerts[0]["person"]
    done = two.nodes[0].run("status")
    assert done.code != 0 and "node n2 is silent" in done.out, done
    doctor = two.nodes[0].run("doctor")
    assert "1 node at work, 1 silent" in doctor.out + doctor.err, doctor
    # it comes back: the alert ends
    two.servers[1] = two.nodes[1].serve()
    wait_for(lambda: states_of(two.servers[0])["n2"] == "up")
    wait_for(lambda: all(a["until"] for a in two.servers[0].get("/api/snapshot").json()["alerts"] if a["kind"] == "node_silent"))
    # and one that is stopped is no alert
    assert two.servers[1].stop() == 0
    wait_for(lambda: states_of(two.servers[0])["n2"] == "stopped")


def test_pause_and_cancel_at_one_node_reach_the_other(pg, database, two):
    name, _ = database
    two.servers[0].post("/api/batch-metadata", {})
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2"))
    two.sim.set_latency(2000)
    steer(two.nodes[1], two.servers[1], "pause")
    wait_for(lambda: [status_of(n) for n in two.nodes] == ["paused", "paused"])
    wait_for(lambda: holds(pg, name, "n1") == holds(pg, name, "n2") == 0)
    steer(two.nodes[1], two.servers[1], "resume")
    wait_for(lambda: [status_of(n) for n in two.nodes] == ["running", "running"])
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2"))
    steer(two.nodes[1], two.servers[1], "cancel")
    wait_for(lambda: [status_of(n) for n in two.nodes] == ["cancelled", "cancelled"])
    wait_for(lambda: holds(pg, name, "n1") == holds(pg, name, "n2") == 0)
    wait_for(lambda: pg.psql("SELECT count(*) FROM cluster_job WHERE NOT ended", database=name) == "0")
    assert [s.stop() for s in two.servers] == [0, 0]
    # what was granted is spent or given back, and nothing was fetched behind anybody's back
    assert int(pg.psql("SELECT granted FROM quota_day WHERE bucket = 'units'", database=name)) == two.sim.units()
    assert two.sim.units() * 50 < CHANNELS


def test_a_job_is_started_at_the_node_that_has_the_channels(pg, database, two):
    name, _ = database
    here, there = two.servers[1], two.nodes[0]
    wait_for(lambda: states_of(here) == {"n1": "up", "n2": "up"})
    # by name, with a number of channels; the job has its id from the start and is the same everywhere
    said = here.post("/api/nodes/n1/fetch", {"limit": 3000})
    assert said.status == 200, said
    job = said.json()["job_id"]
    wait_for(lambda: status_of(there) == "completed")
    done = two.servers[0].get("/api/jobs/" + job).json()
    assert done["status"] == "completed" and done["params"]["limit"] == 3000, done
    assert done["processed_items"] == 3000, done
    assert wait_for(lambda: here.get("/api/jobs/" + job)).json()["job_type"] == "batch_metadata"
    assert pg.psql("SELECT count(*) FROM cluster_ask", database=name) == "0"
    assert "audit" in two.nodes[1].log() and "fetch node n1" in two.nodes[1].log()
    # at this node itself, by its id
    said = here.post("/api/nodes/%s/fetch" % nodes_of(here)["n2"]["id"], {})
    assert said.status == 200 and said.json()["message"].startswith("J-"), said
    # what cannot be
    assert here.post("/api/nodes/n9/fetch", {}).status == 404
    assert here.post("/api/nodes/n1/fetch", {"limit": "x"}).status == 400
    assert two.servers[0].stop() == 0
    wait_for(lambda: states_of(here)["n1"] == "stopped")
    assert here.post("/api/nodes/%s/fetch" % nodes_of(here)["n1"]["id"], {}).status == 409


def test_what_another_node_asks_is_checked(pg, database, two):
    """Whoever writes into the table of what is asked gets no more than a job on channels, once, and soon."""
    name, _ = database
    wait_for(lambda: states_of(two.servers[0]) == {"n1": "up", "n2": "up"})
    target = nodes_of(two.servers[0])["n1"]["id"]
    rows = [("migration", '{"source_path":"/etc/passwd"}', "now()"), ("batch_metadata", "[]", "now()"),
            ("batch_metadata", '{"no_such":1}', "now()"), ("no_such_type", "{}", "now()"), ("purge", "{}", "now()"),
            ("batch_metadata", "{}", "now() - interval '2 hours'")]
    before = two.nodes[0].value("SELECT count(*) FROM job")
    for kind, params, at in rows:
        pg.psql("INSERT INTO cluster_ask VALUES (gen_random_uuid(), '%s', '%s', '%s', 'mallory', %s)" % (target, kind, params, at),
                database=name)
    wait_for(lambda: pg.psql("SELECT count(*) FROM cluster_ask", database=name) == "0")
    assert two.nodes[0].value("SELECT count(*) FROM job") == before
    assert two.nodes[0].log().count("mallory asked for a job") == len(rows)
    # the same one twice is one job
    wanted = "11111111-2222-4333-8444-555555555555"
    for _ in range(2):
        pg.psql("INSERT INTO cluster_ask VALUES ('%s', '%s', 'batch_metadata', '{\"limit\":50}', 'oper', now())" % (wanted, target),
                database=name)
        wait_for(lambda: pg.psql("SELECT count(*) FROM cluster_ask", database=name) == "0")
    assert two.nodes[0].value("SELECT count(*) FROM job") == before + 1


def test_while_postgresql_is_away_nobody_knows_of_others(pg, database, two):
    wait_for(lambda: states_of(two.servers[0]) == {"n1": "up", "n2": "up"})
    pg.stop()
    try:
        wait_for(lambda: states_of(two.servers[0]) == {"n1": "unknown", "n2": "unknown"})
        told = two.servers[0].get("/api/nodes").json()
        assert not told["ok"] and told["trouble"] and told["up"] == 0, told
        done = two.nodes[0].run("status")
        assert done.code != 0 and "cluster:" in done.out, done
        assert two.nodes[0].run("doctor").code != 0
    finally:
        pg.start()
    wait_for(lambda: states_of(two.servers[0]) == {"n1": "up", "n2": "up"})


def doctor_lines(node):
    done = node.run("doctor")
    return [line for line in (done.out + done.err).splitlines() if "cluster " in line], done


def test_doctor_checks_the_cluster(make_tubeops, make_sim, pg, database):
    sim = make_sim(channels=1000)
    one = make_node(make_tubeops, sim, database[1], 1)
    lines, done = doctor_lines(one)
    assert any("brings it up to date" in line for line in lines), done
    assert any("PostgreSQL's" in line for line in lines), done
    one.import_ids(sim.ids(10))
    with one.serve():
        wait_for(lambda: "1 node at work, 0 silent, one leads" in "".join(doctor_lines(one)[0]))
        assert any("no other node is called n1" in line for line in doctor_lines(one)[0])
        twin = make_node(make_tubeops, sim, database[1], 2, NODE_NAME="n1")
        twin.import_ids(sim.ids(10))
        assert any("is called n1 too" in line for line in doctor_lines(twin)[0])
    wrong = make_node(make_tubeops, sim, database[1], 3, CLUSTER_ROLE="cook")
    lines, done = doctor_lines(wrong)
    assert done.code != 0 and any("CLUSTER_ROLE cook" in line for line in lines), done


def test_without_a_cluster_nothing_is_said_of_one(make_tubeops, make_sim):
    sim = make_sim(channels=1000)
    one = make_tubeops(sim)
    one.import_ids(sim.ids(10))
    with one.serve() as server:
        told = server.get("/api/nodes").json()
        assert not told["cluster"] and told["nodes"] == [] and told["units_per_day"] == 0
        assert not metric(server, "cluster_up") and not metric(server, "node_leases")
        assert server.post("/api/nodes/n1/fetch", {}).status == 409
        assert "cluster" not in one.run("status", "--json").json()
        assert "cluster" not in one.run("status").out
    assert not doctor_lines(one)[0]
