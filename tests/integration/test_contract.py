"""Walks the table of the original's endpoints (contract.py): each is asked and its answer judged field by field."""
import json
import uuid

import pytest

import contract
from sim import Sim, SimMissing
from tubeops import Tubeops, TubeopsMissing

KEY = "AIzaSyContractContractContractContract1"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A server on a folder with 300 channels, a simulator behind it, and files to import."""
    folder = tmp_path_factory.mktemp("contract")
    root = folder / "lists"
    root.mkdir()
    known = folder / "known.txt"
    known.write_text("UCBJycsmduvYEL83R_U4JriQ\n")
    try:
        with Sim(channels=2000, seed=5, keys=KEY, adopt=known) as sim:
            ids = [i for i in sim.ids(321) if i not in known.read_text()]
            (root / "list.csv").write_text("channel_id,title\n" + "".join(i + ",t\n" for i in ids[300:310]))
            (root / "list.json").write_text(json.dumps([{"channel_id": i} for i in ids[310:]]))
            tubeops = Tubeops(folder, sim=sim, keys=[KEY], IMPORT_ROOT=root)
            assert tubeops.run("import", "-", input="".join(i + "\n" for i in ids[:300])).code == 0
            with tubeops.serve() as server:
                server.root, server.tubeops = str(root), tubeops
                server.job = server.get("/api/jobs").json()[0]["job_id"]
                yield server
                assert server.stop() == 0
    except (SimMissing, TubeopsMissing) as missing:
        pytest.skip(str(missing))


def filled(world, text):
    return text.replace("{job}", world.job).replace("{unknown}", str(uuid.uuid4())).replace("{root}", world.root)


def ask(world, method, path, body=None):
    headers = {}
    if body is not None:
        body, headers = filled(world, json.dumps(body)), {"Content-Type": "application/json"}
    return world.request(method, filled(world, path), body, headers=headers, timeout=60)


def rest(world):
    """Ends what was started, so that the next request has the workers for itself."""
    for job in world.get("/api/jobs?limit=20").json():
        if job["status"] not in ("completed", "failed", "cancelled"):
            world.post("/api/jobs/%s/cancel" % job["job_id"])


@pytest.mark.parametrize("endpoint", contract.ENDPOINTS, ids=repr)
def test_endpoint(world, endpoint):
    answer = ask(world, endpoint.method, endpoint.path, endpoint.body)
    assert answer.status == endpoint.status, answer
    assert answer.headers["Content-Type"] == "application/json"
    value = answer.json()
    assert contract.misfits(endpoint.shape, value) == []
    # compact, sorted, ASCII, one newline, as Flask sent it
    wanted = json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"
    assert answer.body.decode("ascii").lower() == wanted.lower() or any(
        isinstance(v, float) for v in numbers(value))
    if endpoint.method == "GET":
        head = world.request("HEAD", filled(world, endpoint.path))
        assert head.status == endpoint.status and head.body == b""
    if value and "job_id" in value and endpoint.method == "POST":
        check_job(world, value["job_id"], endpoint)
        rest(world)


def numbers(value):
    if isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    else:
        yield value


def check_job(world, job, endpoint):
    """What was started is a job as any other, found by its id, with the original's word for its type."""
    row = world.get("/api/jobs/" + job).json()
    assert contract.misfits({**contract.JOB_WHOLE, "job_type": contract.JOB_TYPES}, row) == []
    words = {"metadata": "batch_metadata", "videos": "batch_videos", "discovery": "batch_discovery",
             "migrate": "migration", "legacy-fetch-metadata": "metadata_fetch"}
    assert row["job_type"] == words[endpoint.path.rsplit("/", 1)[1].replace("batch-", "")]


@pytest.mark.parametrize("path,body,status,said", contract.MISTAKES)
def test_mistakes(world, path, body, status, said):
    before = world.get("/api/jobs?limit=1000").json()
    answer = ask(world, "POST", path, body)
    assert answer.status == status, answer
    assert list(answer.json()) == ["error"] and said in answer.json()["error"], answer
    for word in ("SELECT", "INSERT", "sqlite", world.root, world.tubeops.data, KEY):
        assert word not in answer.json()["error"], answer
    assert len(world.get("/api/jobs?limit=1000").json()) == len(before)


def test_every_endpoint_of_the_original_is_in_the_table():
    """/api/channels has a table of its own where lists are tested."""
    asked = {(e.method, e.path.split("?")[0].replace("{job}", "{job_id}")) for e in contract.ENDPOINTS}
    for method, path in [("GET", p) for p in (
            "/health", "/api/stats", "/api/system-status", "/api/redis-test", "/api/worker-status", "/api/api-keys",
            "/api/jobs", "/api/jobs/{job_id}")] + [("POST", p) for p in (
            "/api/batch-metadata", "/api/batch-videos", "/api/batch-discovery", "/api/migrate",
            "/api/legacy-fetch-metadata", "/api/bulk-add-channels", "/api/test-youtube",
            "/api/fetch-sample-metadata", "/api/fetch-sample-videos", "/api/add-sample-channels")]:
        assert (method, path) in asked, (method, path)


def test_samples_have_nothing_to_do_and_no_key(make_tubeops):
    tubeops = make_tubeops(keys=())
    with tubeops.serve() as server:
        for path in ("/api/test-youtube", "/api/fetch-sample-metadata", "/api/fetch-sample-videos"):
            answer = server.post(path)
            assert (answer.status, answer.json()) == (400, {"error": "No active YouTube API keys found"}), path
        assert server.get("/api/api-keys").json() == []
        server.stop()
    tubeops = make_tubeops(keys=(KEY,))
    with tubeops.serve() as server:
        assert server.post("/api/fetch-sample-metadata").json() == {
            "message": "All sample channels already have metadata", "updated": 0}
        assert server.post("/api/fetch-sample-videos").json() == {
            "message": "No channels ready for video fetching", "processed": 0}
        server.stop()


def test_samples_cost_what_jobs_cost(make_sim, make_tubeops):
    """Three channels in one call; two channels' newest ten videos; a second time the next ones."""
    sim = make_sim(channels=200)
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(50))
    with tubeops.serve() as server:
        first = server.post("/api/fetch-sample-metadata", timeout=60).json()
        second = server.post("/api/fetch-sample-metadata", timeout=60).json()
        ids = [r["channel_id"] for r in first["results"] + second["results"]]
        assert len(set(ids)) == len(ids) == 6
        assert sim.units() == 2
        videos = server.post("/api/fetch-sample-videos", timeout=60).json()
        assert videos["processed"] == len(videos["results"]) <= 2
        assert all(r["videos_added"] <= 10 for r in videos["results"])
        assert {j["job_type"] for j in server.get("/api/jobs?limit=3").json()} == {"metadata_fetch", "video_fetch"}
        server.stop()


def test_keys_are_not_shown(world):
    text = world.get("/api/api-keys").body + world.get("/api/keys").body + world.get("/api/system-status").body + \
        world.get("/api/snapshot").body
    assert KEY.encode() not in text
    for part in (KEY[:8], KEY[-4:]):  # what the original showed
        assert part.encode() not in text


def test_the_snapshot(world):
    answer = world.get("/api/snapshot")
    assert answer.status == 200
    s = answer.json()
    assert s["channels"] == world.get("/api/stats").json()["total_channels"]
    assert len(s["items"]) == 3 and all(len(row) == 5 for row in s["items"])
    assert len(s["workers"]) == world.get("/api/worker-status").json()["total_workers"]
    assert s["jobs"] and s["jobs"][0]["uuid"] and s["log"][-1]["level"] in ("error", "warning", "info", "debug")
    assert "refs" not in s and "n_jobs" not in s
