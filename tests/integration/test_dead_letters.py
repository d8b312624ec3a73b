"""Dead letters: seeing them, trying them again, letting them go; here and over the owner's REST server."""
from account import check_account
from test_jobs import PATIENCE

import pytest


@pytest.fixture
def world(make_tubeops, make_sim):
    """Three poison ids among 200, given up."""
    sim = make_sim()
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2)
    ids = sim.ids(200)
    poison = [ids[3], ids[77], ids[150]]
    sim.set_faults(",".join("poison:" + i for i in poison))
    tubeops.import_ids(ids)
    job = tubeops.run("run", "batch_metadata", "--json", check=0).json()
    assert job["failed"] == 3
    return tubeops, sim, poison, job


def states(tubeops, sim):
    return check_account(tubeops, sim, 200)


def test_they_are_listed_with_reasons(world):
    tubeops, sim, poison, job = world
    told = tubeops.json("dead")
    assert [(r["op"], r["letters"]) for r in told["reasons"]] == [("metadata", 3)]
    assert {x["channel_id"] for x in told["letters"]} == set(poison)
    assert all(x["job"] == job["number"] and x["message"] and x["attempts"] >= 1 for x in told["letters"])
    assert len(tubeops.json("dead", "list", "--limit", "2")["letters"]) == 2
    assert tubeops.json("dead", "--op", "videos") == {"letters": [], "reasons": []}
    assert tubeops.json("dead", "--reason", told["reasons"][0]["reason"])["letters"] == told["letters"]
    text = tubeops.run("dead", check=0).out
    assert "3  dead letters" in text and poison[0] in text


def test_some_or_all_are_tried_again(world):
    tubeops, sim, poison, _ = world
    sim.set_faults("")
    assert "which" in tubeops.run("dead", "retry", check=1).err
    assert "1 dead letter" in tubeops.run("dead", "retry", poison[0], check=0).out
    done = tubeops.run("run", "batch_metadata", "--json", check=0).json()
    assert done["processed"] >= 1 and len(tubeops.json("dead")["letters"]) == 2
    assert "2 dead letters" in tubeops.run("dead", "retry", "--all", check=0).out
    tubeops.run("run", "batch_metadata", check=0)
    assert tubeops.json("dead")["letters"] == [] and states(tubeops, sim)["failed"] == 0


def test_a_dropped_one_stays_failed_and_is_not_tried_again(world):
    tubeops, sim, poison, job = world
    sim.set_faults("")
    tubeops.run("dead", "drop", poison[1], check=0)
    assert len(tubeops.json("dead")["letters"]) == 2
    tubeops.run("dead", "retry", "--job", job["number"], check=0)
    before = sim.units()
    tubeops.run("run", "batch_metadata", check=0)
    assert sim.units() == before + 1
    assert tubeops.json("status")["items"]["metadata"]["failed"] == 1


def test_bad_words_are_told(world):
    tubeops, _, poison, _ = world
    assert "metadata, videos or discovery" in tubeops.run("dead", "retry", "--op", "nonsense", check=1).err
    assert "no channel id" in tubeops.run("dead", "retry", "UCnonsense", check=1).err
    assert len(tubeops.json("dead")["letters"]) == 3
    tubeops.run("dead", "explode", check=2)


def test_the_owner_is_asked_over_rest(world):
    tubeops, sim, poison, _ = world
    sim.set_faults("")
    with tubeops.serve() as server:
        told = server.get("/api/dead-letters?op=metadata&limit=2").json()
        assert len(told["letters"]) == 2 and told["reasons"][0]["letters"] == 3
        assert server.post("/api/dead-letters/retry", {}).status == 400
        assert server.post("/api/dead-letters/retry", {"ops": "metadata"}).status == 400
        for narrower in ({"reason": 5}, {"job": 0}, {"job": True}, {"op": 1}, {"channels": "UC"}):
            assert server.post("/api/dead-letters/retry", {"all": True, **narrower}).status == 400, narrower
        tubeops.run("dead", "retry", "--all", check=0)
        job = server.post("/api/jobs", {"type": "batch_metadata"}).json()["job_id"]
        done = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert done["processed_items"] >= 3 and done["failed"] == 0
        assert server.get("/api/dead-letters").json()["letters"] == []
        assert server.stop() == 0
