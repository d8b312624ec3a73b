"""POST /api/migrate and imports by POST /api/jobs: only files below IMPORT_ROOT, links and .. resolved."""
import os

import pytest

from account import check_account
from tubeops import PATIENCE


@pytest.fixture
def world(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim, IMPORT_ROOT="lists")
    root = os.path.join(tubeops.directory, "lists")
    os.makedirs(os.path.join(root, "deep"))
    for path in (os.path.join(root, "deep", "ids.csv"), os.path.join(tubeops.directory, "outside.csv")):
        with open(path, "w", encoding="ascii") as file:
            file.write("channel_id\n" + "\n".join(sim.ids(20)) + "\n")
    os.symlink(os.path.join(tubeops.directory, "outside.csv"), os.path.join(root, "link.csv"))
    tubeops.import_ids(sim.ids(1))
    return tubeops, sim


def test_a_file_below_the_root(world):
    tubeops, sim = world
    with tubeops.serve() as server:
        answer = server.post("/api/migrate", {"source_type": "csv", "source_path": "lists/deep/../deep/ids.csv"})
        assert answer.status == 200 and answer.json()["status"] == "started", answer
        assert answer.json()["message"] == "Migration started for csv source with batch size 5000"
        done = server.wait_for("/api/jobs/" + answer.json()["job_id"], lambda j: j["status"] == "completed", PATIENCE)
        assert done["job_type"] == "migration" and done["processed_items"] == 20
        assert server.stop() == 0
    check_account(tubeops, sim, 20)


@pytest.mark.parametrize("path", ["lists/link.csv", "outside.csv", "lists/../outside.csv", "/etc/passwd", "lists/none.csv",
                                  "listsx/ids.csv"])
def test_files_elsewhere_are_not_opened(world, path):
    tubeops, _ = world
    with tubeops.serve() as server:
        for route, body in (("/api/migrate", {}), ("/api/jobs", {"type": "migration"})):
            answer = server.post(route, dict(body, source_path=path))
            assert answer.status in (403, 404, 409) and "IMPORT_ROOT" in answer.json()["error"], answer
        assert [j for j in server.get("/api/jobs").json() if j["status"] != "completed"] == []
        assert server.post("/api/migrate", {}).json() == {"error": "source_path is required"}
        assert server.stop() == 0


def test_without_a_root_there_are_no_files(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sim.ids(10))
    with tubeops.serve() as server:
        answer = server.post("/api/migrate", {"source_path": "list.csv"})
        assert answer.status in (403, 409) and "IMPORT_ROOT" in answer.json()["error"], answer
        assert server.stop() == 0
