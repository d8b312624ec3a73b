"""All jobs over REST: in pages, by the filter language, exported, and acted upon by what a filter finds."""
import csv
import io
import json
import urllib.parse

import pytest

from tubeops import wait_until

JOBS = 1500


@pytest.fixture
def world(tubeops, sim):
    tubeops.import_ids(sim.ids(100))
    tubeops.add_ended_jobs(JOBS - 1)
    with tubeops.serve() as server:
        yield server


def path(**query):
    return "/api/jobs?" + urllib.parse.urlencode({"sort": "state", "limit": 200, **query})


def numbers(answer):
    return [row["no"] for row in answer["jobs"]]


@pytest.mark.parametrize("sort", ["state", "id", "created:asc", "type:desc", "rate"])
def test_every_job_comes_once_and_in_both_directions(world, sort):
    found, answer = [], world.get(path(sort=sort)).json()
    assert (answer["position"], answer["total"], answer["all"]) == (0, JOBS, JOBS)
    assert answer["previous"] is None
    while answer["next"]:
        found += numbers(answer)
        answer = world.get(path(sort=sort, after=answer["next"])).json()
    found += numbers(answer)
    assert sorted(found) == list(range(1001, 1001 + JOBS))
    back, answer = [], world.get(path(sort=sort, before="end")).json()
    assert answer["next"] is None and answer["position"] == JOBS - 200
    while answer["previous"]:
        back = numbers(answer) + back
        answer = world.get(path(sort=sort, before=answer["previous"])).json()
    assert numbers(answer) + back == found


def test_a_page_around_a_job(world):
    answer = world.get(path(sort="id", around="J-9999,J-1500,J-1400")).json()
    assert 1500 in numbers(answer) and len(numbers(answer)) == 200
    assert numbers(world.get(path(sort="id", around="J-9999")).json()) == numbers(world.get(path(sort="id")).json())


def test_words_of_the_screen_and_of_the_api_are_one(world):
    failed = [no for no in range(1002, 1001 + JOBS) if no % 100 == 0]
    for q in ("state=failed", "status=failed", "failed type=metadata", 'why:"not valid" type=batch_metadata'):
        answer = world.get(path(q=q)).json()
        assert numbers(answer) == failed[::-1], q
        assert answer["states"] == {"failed": len(failed)}
        assert (answer["can"]["delete"], answer["can"]["cancel"]) == (len(failed), 0)
    assert numbers(world.get(path(status="failed")).json()) == failed[::-1]
    assert {row["status"] for row in world.get("/api/jobs?before=1500&status=failed").json()} == {"failed"}
    assert len(world.get("/api/jobs?q=state%3Dfailed").json()) == len(failed)  # the older form, an array
    rows = list(csv.DictReader(io.StringIO(world.get("/api/export/jobs?q=state%3Dfailed&sort=id:asc").body.decode())))
    assert [int(row["number"]) for row in rows] == failed


@pytest.mark.parametrize("query, says", [
    ({"sort": "colour"}, "is no order"), ({"after": "nonsense"}, "is no place"), ({"before": "7"}, "is no place"),
    ({"q": "colour=red"}, "colour"), ({"after": "x", "before": "end"}, "exclude"),
    ({"status": "failed", "q": "a | b"}, "exclude"), ({"status": "a|b"}, "no state"), ({"status": "red"}, "status"),
])
def test_what_is_wrong_is_said(world, query, says):
    answer = world.get(path(**query))
    assert answer.status == 400 and says in answer.json()["error"]


def test_all_that_match_are_deleted_when_they_are_as_many_as_was_said(world, tubeops):
    failed = [no for no in range(1002, 1001 + JOBS) if no % 100 == 0]
    answer = world.post("/api/jobs/-/delete", {"q": "state=failed", "n": len(failed) + 1})
    assert answer.status != 200 and "look again" in answer.json()["error"]
    assert world.post("/api/jobs/-/cancel", {"q": "state=failed"}).status == 404
    assert world.post("/api/jobs/-/delete", {"q": "colour=red"}).status == 400
    assert world.post("/api/jobs/-/delete", {}).status == 400
    assert world.get(path()).json()["total"] == JOBS
    assert "%d jobs are deleted" % len(failed) in world.post(
        "/api/jobs/-/delete", {"q": "state=failed", "n": len(failed)}).body.decode()
    assert world.get(path()).json()["total"] == JOBS - len(failed)
    assert tubeops.value("SELECT count(*) FROM job WHERE status = 'failed'") == 0

    def audit():
        return [line for line in tubeops.log().split("\n") if "audit" in line and "jobs are deleted" in line]

    wait_until(audit, "the log does not tell of it")  # a thread writes it
    assert len(audit()) == 1 and "state=failed" in audit()[0]


def test_an_open_job_is_seen_however_many_came_after_it(tubeops, sim):
    """Snapshots read the newest jobs; those that are not at their end count all the same."""
    tubeops.import_ids(sim.ids(100))
    tubeops.sql_write("INSERT INTO job (uuid, type, status, params, total, created_ms) VALUES"
                      " (randomblob(16), 'batch_metadata', 'paused', '{\"limit\":1000}', 1000, 1600000000000)")
    tubeops.add_ended_jobs(JOBS)
    seen = json.loads(tubeops.run("status", "--json", check=1).out)["jobs"]  # 1: failed ones need a person
    assert (seen[0]["number"], seen[0]["status"]) == ("J-1002", "paused")
    with tubeops.serve() as server:
        seen = server.get("/api/snapshot").json()
        assert seen["jobs_paused"] == 1 and [j["no"] for j in seen["jobs"] if j["open"]] == [1002]
        assert numbers(server.get(path(limit=1)).json()) == [1002]
