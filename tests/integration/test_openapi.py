"""Properties that hold for every request made up from our own /openapi.json, good and bad ones."""
import json
import os
import re

import pytest

from openapi_client import Maker, fits
from sim import Sim, SimMissing
from tubeops import Tubeops, TubeopsMissing

KEY = "AIzaSyOpenapiOpenapiOpenapiOpenapiOpen1"
ROUNDS = int(os.environ.get("OPENAPI_ROUNDS", "12"))
# of every status, when it may be the answer
STATUSES = {200, 400, 404, 405, 409, 413, 415, 422, 429, 503}
SECRETS = re.compile(r"SELECT |INSERT |sqlite|/tmp/|postgresql://[^ ]*:[^ ]*@|AIza[0-9A-Za-z_-]{20}")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    try:
        with Sim(channels=2000, seed=5, keys=KEY) as sim:
            tubeops = Tubeops(tmp_path_factory.mktemp("openapi"), sim=sim, keys=[KEY])
            ids = sim.ids(100)
            assert tubeops.run("import", "-", input="".join(i + "\n" for i in ids)).code == 0
            with tubeops.serve() as server:
                server.ids, server.tubeops = ids, tubeops
                server.document = server.get("/openapi.json").json()
                server.job = server.get("/api/jobs").json()[0]["job_id"]
                yield server
                assert server.stop() == 0
    except (SimMissing, TubeopsMissing) as missing:
        pytest.skip(str(missing))


def operations(document):
    return [(method.upper(), path, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]


def test_the_document(world):
    """3.1, ids of operations once each, every {name} of a path declared, no word of the notation left over."""
    document = world.document
    assert document["openapi"] == "3.1.0"
    ids = [o["operationId"] for _, _, o in operations(document)]
    assert len(set(ids)) == len(ids) > 30
    for method, path, operation in operations(document):
        assert set(re.findall(r"{(\w+)}", path)) == {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert operation["summary"] and "200" in operation["responses"] and "default" in operation["responses"]
        assert next(iter(operation["responses"]["200"]["content"].values()))["schema"], path
        for parameter in operation["parameters"]:
            assert parameter["in"] == "path" or parameter["description"], (path, parameter)


def test_it_names_every_route_and_every_method(world):
    """What OPTIONS says of a path is what the document has; the page for people lists the same."""
    page = world.get("/").body.decode()
    for path, methods in world.document["paths"].items():
        concrete = re.sub(r"{\w+}", "x", path)
        allow = set(world.request("OPTIONS", concrete).headers["Allow"].split(", "))
        wanted = {m.upper() for m in methods}
        assert allow == wanted | {"OPTIONS"} | ({"HEAD"} if "GET" in wanted else set()), path
        assert "<code>%s</code>" % path in page
        for _, _, operation in [o for o in operations(world.document) if o[1] == path]:
            for name in [p["name"] for p in operation["parameters"] if p["in"] == "query"]:
                assert "<code>?%s" % name in page, (path, name)


def check(world, method, path, operation, answer, was_broken):
    what = "%s %s: %r" % (method, path, answer)
    assert answer.status in STATUSES, what
    if was_broken:
        assert 400 <= answer.status < 500, what
    if answer.status == 200 and "application/json" in operation["responses"]["200"]["content"]:
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert fits(world.document, schema, answer.json()) == [], what
    if answer.status == 503:
        assert int(answer.headers["Retry-After"]) > 0, what
    if answer.status != 200:
        assert list(answer.json()) == ["error"] and answer.json()["error"].strip(), what
        assert not SECRETS.search(answer.json()["error"]), what
        assert world.tubeops.directory not in answer.json()["error"], what


def rest(world):
    for job in world.get("/api/jobs?limit=50").json():
        if job["status"] not in ("completed", "failed", "cancelled"):
            world.post("/api/jobs/%s/cancel" % job["job_id"])


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_requests_from_the_document(world, seed):
    known = {"id": [world.job, "J-1001", "1001", world.ids[0]], "name": ["key1", "cleanup", "nightly"],
             "channel_ids": world.ids, "what": ["channels", "videos", "discoveries", "jobs"], "type": [
                 "batch_metadata", "refresh", "cleanup"], "rule": ["6h", "daily 03:00"], "job": [world.job]}
    for number, (method, path, operation) in enumerate(operations(world.document)):
        if path == "/api/events":
            continue
        for break_one in (False, True):
            maker = Maker(world.document, seed * 1000 + number * 2 + break_one, known)
            target = maker.path(path)
            query, query_broken = maker.query(operation, break_one)
            body, body_broken = maker.body(operation, break_one and not query_broken)
            headers = {"Content-Type": "application/json"} if body else {}
            whole = target + ("?" + query if query else "")
            answer = world.request(method, whole, body, headers=headers, timeout=60)
            check(world, method, whole, operation, answer, query_broken or body_broken)
            if method == "POST":
                rest(world)
    assert world.get("/health").status == 200


def test_a_body_of_another_kind(world):
    """415 for whatever is not JSON, on every POST that gets a body."""
    for method, path, _ in operations(world.document):
        if method != "POST":
            continue
        target = re.sub(r"{\w+}", "x", path)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = world.post(target, b"{}", headers={"Content-Type": kind})
            assert answer.status == 415, (path, kind, answer)
            assert "Content-Type" in answer.json()["error"]


def test_what_is_no_route(world):
    for method, path, _ in operations(world.document):
        target = re.sub(r"{\w+}", "x", path)
        for wrong in ("PUT", "DELETE", "PATCH", "TRACE" if method == "GET" else "GET"):
            if wrong.lower() in world.document["paths"][path]:
                continue
            answer = world.request(wrong, target)
            assert answer.status in (405, 501) and answer.headers["Allow"], (wrong, path, answer)
        if path != "/":
            assert world.request(method, target + "/").status == 404
    assert json.loads(world.get("/openapi.json").body) == world.document
