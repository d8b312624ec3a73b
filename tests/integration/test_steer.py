"""Steering what is at work: weights, ended jobs, the number of workers, a push to PostgreSQL at once."""
import time

import pytest

from account import check_account
from tubeops import PATIENCE


@pytest.fixture
def serve(make_tubeops, make_sim):
    running = []

    def start(sim=None, channels=100, **settings):
        sim = sim or make_sim()
        tubeops = make_tubeops(sim, **settings)
        tubeops.import_ids(sim.ids(channels))
        server = tubeops.serve()
        server.tubeops, server.sim = tubeops, sim
        running.append(server)
        return server
    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


def until(look, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        seen = look()
        if what(seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(seen)


def workers(server):
    return server.get("/api/snapshot").json()["workers"]


def test_fewer_and_more_workers(serve):
    server = serve(WORKER_CONCURRENCY=4)
    until(lambda: workers(server), lambda w: len(w) == 4)
    assert server.post("/api/workers/threads", {"n": 9}).json()["message"].startswith("9 workers, were 4")
    until(lambda: workers(server), lambda w: len(w) == 9)
    assert server.post("/api/workers/more").status == 200
    until(lambda: workers(server), lambda w: len(w) == 10)
    assert server.post("/api/workers/threads", {"n": 1}).status == 200
    until(lambda: workers(server), lambda w: len(w) == 1)
    refused = server.post("/api/workers/fewer")
    assert refused.status == 409 and "1 to 256" in refused.json()["error"], refused
    for body, said in (({}, "n"), ({"n": 0}, "1 to 256"), ({"n": 257}, "1 to 256"), ({"n": "two"}, "n")):
        refused = server.post("/api/workers/threads", body)
        assert 400 <= refused.status < 500 and said in refused.json()["error"], (body, refused)
    # the one that is left does everything, and those that come later help
    job = server.post("/api/batch-metadata").json()["job_id"]
    assert server.post("/api/workers/threads", {"n": 3}).status == 200
    until(lambda: server.get("/api/jobs/" + job).json()["status"], lambda s: s == "completed")
    until(lambda: server.get("/api/stats").json()["channels_with_metadata"], lambda n: n > 90)
    assert server.stop() == 0


def test_workers_come_and_go_while_they_work(serve, make_sim):
    """Every channel is asked once, whatever the number of workers meanwhile."""
    sim = make_sim(latency=20)
    server = serve(sim, channels=5000, WORKER_CONCURRENCY=2)
    job = server.post("/api/batch-metadata").json()["job_id"]
    for n in (7, 1, 12, 2, 5, 1, 8):
        assert server.post("/api/workers/threads", {"n": n}).status == 200
        time.sleep(0.1)
    done = until(lambda: server.get("/api/jobs/" + job).json(), lambda j: j["status"] == "completed")
    assert done["processed_items"] == 5000 and sim.units() == 100
    until(lambda: workers(server), lambda w: len(w) == 8)
    assert server.stop() == 0


def waiting_job(server):
    """One that waits for tomorrow's quota."""
    job = server.post("/api/batch-metadata").json()["job_id"]
    until(lambda: server.get("/api/jobs/" + job).json()["status"], lambda s: s == "waiting")
    return job


def test_a_jobs_weight(serve, make_sim):
    server = serve(make_sim(quota=2), channels=500, YOUTUBE_API_KEY_1_QUOTA=2)
    job = waiting_job(server)

    def weight():
        return next(j for j in server.get("/api/snapshot").json()["jobs"] if j["uuid"] == job)["weight"]

    assert server.post(f"/api/jobs/{job}/raise").json()["message"].endswith("weight 2, was 1")
    assert server.post(f"/api/jobs/{job}/raise").status == 200 and weight() == 4
    assert server.post(f"/api/jobs/{job}/lower").status == 200 and weight() == 2
    assert server.post(f"/api/jobs/{job}/weight", {"n": 100}).status == 200 and weight() == 100
    assert server.post(f"/api/jobs/{job}/raise").status == 200 and weight() == 100
    for body in ({}, {"n": 0}, {"n": 101}):
        assert 400 <= server.post(f"/api/jobs/{job}/weight", body).status < 500, body
    assert server.stop() == 0
    again = server.tubeops.serve()
    try:
        server = again
        assert weight() == 100
        assert server.post(f"/api/jobs/{job}/cancel").status == 200
        assert server.post(f"/api/jobs/{job}/raise").status == 409
    finally:
        assert again.stop() == 0


def test_an_ended_job_is_deleted(serve):
    server = serve()
    job = server.post("/api/batch-metadata").json()["job_id"]
    until(lambda: server.get("/api/jobs/" + job).json()["status"], lambda s: s == "completed")
    number = server.get("/api/jobs/" + job).json()["number"]
    until(lambda: server.post(f"/api/jobs/{job}/delete").status, lambda s: s == 200)
    assert server.get("/api/jobs/" + job).status == 404 and server.post(f"/api/jobs/{job}/delete").status == 404
    assert job not in [j["job_id"] for j in server.get("/api/jobs").json()]
    until(lambda: server.get("/api/stats").json()["channels_with_metadata"], lambda n: n > 90)
    # its number is nobody else's
    later = server.post("/api/batch-videos", {"limit": 1}).json()["job_id"]
    assert server.get("/api/jobs/" + later).json()["number"] > number
    assert server.stop() == 0
    check_account(server.tubeops, server.sim, 100)


def test_an_open_job_is_not_deleted(serve, make_sim):
    server = serve(make_sim(quota=2), channels=500, YOUTUBE_API_KEY_1_QUOTA=2)
    job = waiting_job(server)
    refused = server.post(f"/api/jobs/{job}/delete")
    assert refused.status == 409 and "cancel it first" in refused.json()["error"], refused
    assert server.get("/api/jobs/" + job).json()["status"] == "waiting"
    assert server.post(f"/api/jobs/{job}/cancel").status == 200
    until(lambda: server.post(f"/api/jobs/{job}/delete").status, lambda s: s == 200)
    assert server.get("/api/jobs/" + job).status == 404


def test_sync_without_postgresql(serve):
    server = serve()
    refused = server.post("/api/node/sync")
    assert refused.status == 503 and "DATABASE_URL" in refused.json()["error"], refused
