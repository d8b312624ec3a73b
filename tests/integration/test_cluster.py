"""Several nodes on one simulator and one PostgreSQL: they share a job, every id is counted once, whatever dies."""
import json
import signal
import time

import pytest
from account import check_account, states
from cluster_nodes import (CHANNELS, begin, calls_of, extra_calls, finish, has_ended, holds,
                           make_node, metadata_job, verify, wait_for)


def test_two_nodes_share_a_job(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=20000, latency=250, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i) for i in (1, 2)]
    ids = sim.ids(CHANNELS)
    nodes[0].import_ids(ids)
    with nodes[0].serve() as one, nodes[1].serve():
        one.post("/api/batch-metadata", {})
        job = wait_for(lambda: has_ended(nodes[0]))
        assert job["status"] == "completed", job
        other = wait_for(lambda: has_ended(nodes[1]))
        assert other["status"] == "completed", other
    found = verify(pg, name, nodes[0], ids, sim, nodes)
    # every id was asked for once, by one of them, and both had a part
    asked = calls_of(sim)
    assert set(asked.values()) == {1} and len(asked) == len(ids)
    counts = json.loads("[%s]" % pg.psql("SELECT string_agg(done::text, ',') FROM cluster_count", database=name))
    assert sum(counts) == found["done"] and len(counts) == 2 and min(counts) > 0, counts
    home = metadata_job(nodes[0])
    assert home["done"] == found["done"] and home["absent"] == found["absent"], dict(home)


def test_a_list_is_shared_and_nothing_else_of_the_backlog(make_tubeops, make_sim, pg, database, tmp_path):
    name, url = database
    sim = make_sim(channels=20000, latency=250, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i) for i in (1, 2)]
    ids = sim.ids(CHANNELS)
    nodes[0].import_ids(ids)
    listed = ids[::3]
    table = tmp_path / "listed.csv"
    table.write_text("channel_id\n" + "".join(i + "\n" for i in listed))
    nodes[0].run("import", table, "--list", "some", check=0)
    with nodes[0].serve() as one, nodes[1].serve():
        one.post("/api/jobs", {"type": "list_metadata", "list": nodes[0].value("SELECT id FROM wanted_list")})
        for node in nodes:
            job = wait_for(lambda n=node: has_ended(n, "list_metadata"))
            assert job["status"] == "completed", job
    asked = calls_of(sim)
    assert set(asked) == set(listed) and set(asked.values()) == {1}
    for node in nodes:
        check_account(node)
    job = metadata_job(nodes[0], "list_metadata")
    assert job["done"] + job["missing"] + job["absent"] == len(listed), job
    assert pg.psql("SELECT count(*) FROM cluster_count WHERE done > 0", database=name) == "2"


def test_a_job_that_nodes_do_not_share_says_so(make_tubeops, make_sim, pg, database):
    name, url = database
    kind = "video_counts"
    sim = make_sim(channels=1000)
    node = make_node(make_tubeops, sim, url, 1)
    node.import_ids(sim.ids(1000))
    with node.serve() as server:
        server.post("/api/jobs", {"type": kind})
        wait_for(lambda: has_ended(node, kind))
        number = metadata_job(node, kind)["no"]
        events = wait_for(lambda: node.sql("SELECT text FROM job_event WHERE job = ? AND kind = 'cluster'", number))
    assert "nodes share batch_metadata, batch_videos, refresh, list_metadata" in events[0]["text"], events[0]["text"]
    assert pg.psql("SELECT count(*) FROM cluster_job", database=name) == "0"


def test_a_killed_node_costs_only_what_it_had_in_hand(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 3)
    wait_for(lambda: holds(pg, name, "n2") and calls_of(sim))
    servers[1].stop(signal.SIGKILL)
    finish(pg, name, sim, nodes, ids, servers, [0, 2])
    staged = nodes[1].value("SELECT count(*) FROM outbox WHERE kind = 9")
    # 4 calls in flight, 4 results with the writer, and what was stored but not told
    assert extra_calls(sim, ids) <= (4 + 4 + staged) * 50
    assert pg.psql("SELECT sum(lost) > 0 FROM work_chunk", database=name) == "t"


def test_a_killed_home_goes_on_where_it_was(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    servers[0].stop(signal.SIGKILL)
    time.sleep(1)
    servers[0] = nodes[0].serve()
    finish(pg, name, sim, nodes, ids, servers, [0, 1])
    job = metadata_job(nodes[0])
    assert job["done"] + job["missing"] + job["absent"] == len(ids)


def test_a_node_that_slept_past_its_lease_changes_nothing(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2)
    wait_for(lambda: holds(pg, name, "n2") and calls_of(sim))
    servers[1].process.send_signal(signal.SIGSTOP)
    # the other one takes over what it held, then it wakes
    wait_for(lambda: pg.psql("SELECT count(*) FROM work_chunk WHERE lost > 0", database=name) != "0", 60)
    servers[1].process.send_signal(signal.SIGCONT)
    finish(pg, name, sim, nodes, ids, servers, [0, 1])
    staged = 8  # calls in flight and results on their way when it fell asleep, and again when it woke
    assert extra_calls(sim, ids) <= staged * 2 * 50
    job = metadata_job(nodes[0])
    assert job["done"] + job["missing"] + job["absent"] == len(ids)


@pytest.mark.parametrize("way", ["restart", "kill"])
def test_postgresql_goes_and_comes_back(make_tubeops, make_sim, pg, database, way):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2)
    wait_for(lambda: holds(pg, name, "n1") and calls_of(sim))
    pg.kill() if way == "kill" else pg.stop()
    time.sleep(2)
    pg.start()
    finish(pg, name, sim, nodes, ids, servers, [0, 1])


def test_a_node_that_is_asked_to_end_leaves_nothing_behind(make_tubeops, make_sim, pg, database):
    name, url = database
    # calls that last longer than a look at the jobs: what is in flight when it is asked must still be told
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, latency=2000)
    wait_for(lambda: holds(pg, name, "n2") and calls_of(sim))
    assert servers[1].stop() == 0
    sim.set_latency(50)
    assert holds(pg, name, "n2") == 0
    assert nodes[1].value("SELECT count(*) FROM outbox") == 0
    assert pg.psql("SELECT stopped FROM cluster_node WHERE name = 'n2'", database=name) == "t"
    finish(pg, name, sim, nodes, ids, servers, [0])
    assert extra_calls(sim, ids) == 0  # what it gave back was told before
    # its grants are spent or given back
    assert int(pg.psql("SELECT granted FROM quota_day WHERE bucket = 'units'", database=name)) == sim.units()


def test_units_are_never_spent_twice(make_tubeops, make_sim, pg, database):
    name, url = database
    quota = 70
    sim = make_sim(channels=20000, quota=quota, latency=20, log_ids=True)
    nodes = [make_node(make_tubeops, sim, url, i, YOUTUBE_API_KEY_1_QUOTA=quota) for i in (1, 2, 3)]
    ids = sim.ids(CHANNELS)
    nodes[0].import_ids(ids)
    servers = [node.serve() for node in nodes]
    servers[0].post("/api/batch-metadata", {})
    wait_for(lambda: [metadata_job(n) and metadata_job(n)["status"] for n in nodes] == ["waiting"] * 3)
    assert sim.units() <= quota
    for server in servers:
        server.stop()
    assert all(entry["status"] == 200 for entry in sim.log_entries())  # no call was refused for its units
    assert int(pg.psql("SELECT granted FROM quota_day WHERE bucket = 'units'", database=name)) <= quota
    done = states(nodes[0])
    assert sum(done.values()) == len(ids)


def test_a_person_pauses_and_goes_on_at_any_node(make_tubeops, make_sim, pg, database):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2"))
    number = metadata_job(nodes[1])["no"]
    assert servers[1].request("POST", "/api/jobs/J-%d/pause" % number).status == 200
    wait_for(lambda: metadata_job(nodes[0])["status"] == "paused")
    wait_for(lambda: holds(pg, name, "n1") == 0 and holds(pg, name, "n2") == 0)
    number = metadata_job(nodes[0])["no"]
    assert servers[0].request("POST", "/api/jobs/J-%d/resume" % number).status == 200
    finish(pg, name, sim, nodes, ids, servers, [0, 1])


def commands_of(redis):
    """Commands that Redis has done, but those that looked at it."""
    text = redis.command("INFO", "commandstats")
    return {line.split(":")[0][len("cmdstat_"):]: int(line.split("calls=")[1].split(",")[0])
            for line in text.splitlines() if line.startswith("cmdstat_x") or line.startswith("cmdstat_multi")}


@pytest.mark.parametrize("way", ["quiet", "flushall", "group", "deleted", "consumer", "trimmed",
                                 "restart", "gone", "garbage", "twice"])
def test_redis_is_only_a_hint(make_tubeops, make_sim, pg, database, redis, way):
    name, url = database
    sim, nodes, ids, servers = begin(make_tubeops, make_sim, url, 2, REDIS_URL=redis.url, CLUSTER_CHUNK=100)
    wait_for(lambda: holds(pg, name, "n1") and holds(pg, name, "n2") and calls_of(sim))
    key = wait_for(lambda: redis.command("KEYS", "{tubeops:*"))[0]
    if way == "flushall":
        redis.command("FLUSHALL")
    elif way == "group":
        redis.command("XGROUP", "DESTROY", key, "w")
    elif way == "deleted":
        redis.command("DEL", key)
    elif way == "consumer":
        for node in nodes:
            with open(node.data + "/node.id", encoding="ascii") as f:
                redis.command("XGROUP", "DELCONSUMER", key, "w", f.read().split()[0])
    elif way == "trimmed":
        redis.command("XTRIM", key, "MAXLEN", "0")
    elif way == "twice":  # every chunk, whatever has become of it, three times over
        for chunk in pg.psql("SELECT id, replace(job::text, '-', '') FROM work_chunk", database=name).splitlines() * 3:
            redis.command("XADD", key, "*", "v", "1", "c", chunk.split("|")[0], "j", chunk.split("|")[1])
    elif way == "restart":
        redis.restart()
    elif way == "gone":
        redis.kill()
    elif way == "garbage":  # a later version, no body, no such chunk, a chunk twice
        for fields in (("v", "2", "x", "y"), ("c", "1"), ("v", "1", "c", "999999", "j", "0" * 32), ("v", "1", "c", "-", "j", "")):
            redis.command("XADD", key, "*", *fields)
    finish(pg, name, sim, nodes, ids, servers, [0, 1])
    assert extra_calls(sim, ids) == 0
    if way == "quiet":
        chunks = int(pg.psql("SELECT count(*) FROM work_chunk", database=name))
        done = commands_of(redis)
        assert done["xadd"] <= chunks + 5 and done["xdel"] >= chunks * 0.3, (chunks, done)
        assert sum(done.values()) <= chunks * 4 + 60, (chunks, done)


def test_every_node_sees_all_nodes(make_tubeops, make_sim, pg, database):
    name, url = database
    sim = make_sim(channels=1000)
    nodes = [make_node(make_tubeops, sim, url, i) for i in (1, 2)]
    with nodes[0].serve("--role", "dispatcher") as one, nodes[1].serve() as two:
        for server in (one, two):
            seen = wait_for(lambda s=server: [n for n in [s.request("GET", "/api/nodes").json()] if len(n["nodes"]) == 2])[0]
            assert seen["cluster"] and seen["ok"], seen
            assert [(n["name"], n["role"]) for n in seen["nodes"]] == [("n1", "dispatcher"), ("n2", "all")]
            assert sum(n["is_here"] for n in seen["nodes"]) == 1
        wait_for(lambda: [n for n in one.request("GET", "/api/nodes").json()["nodes"] if n["leads"]])
    assert nodes[0].run("serve", "--role", "cook").code == 1


def test_a_copied_data_folder_is_another_node(make_tubeops, make_sim, pg, database):
    import shutil
    name, url = database
    sim = make_sim(channels=1000)
    one = make_node(make_tubeops, sim, url, 1)
    one.import_ids(sim.ids(10))
    with one.serve():
        wait_for(lambda: pg.psql("SELECT count(*) FROM cluster_node", database=name) == "1")
    two = make_node(make_tubeops, sim, url, 2)
    shutil.copytree(one.data, two.data)
    with one.serve(), two.serve():
        wait_for(lambda: pg.psql("SELECT count(*) FROM cluster_node WHERE NOT stopped", database=name) == "2")
