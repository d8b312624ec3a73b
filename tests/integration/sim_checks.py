"""What the tests of youtube-sim share: fixtures and where the evidence lies. It is
judged by Google's discovery document, Google's own client and the recorded replies."""
import json
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sim import ROOT, Sim, SimMissing, find_binary  # noqa: E402

SHARED = os.path.join(ROOT, "..", "shared")
DISCOVERY = os.path.join(SHARED, "youtube.v3.json")
RECORDED = os.path.join(SHARED, "fixtures", "channels")
ERRORS = os.path.join(SHARED, "fixtures", "errors")
ALL_PARTS = ("id,snippet,contentDetails,statistics,topicDetails,status,brandingSettings,contentOwnerDetails,"
             "localizations")
try:
    find_binary()
except SimMissing as missing:
    pytestmark = pytest.mark.skip(reason=str(missing))


def need(path):
    if not os.path.exists(path):
        pytest.skip("../shared is not there: no %s" % os.path.relpath(path, SHARED))
    return path


@pytest.fixture
def make_sim():
    """Starts simulators and ends them all, each with a clean exit."""
    made = []

    def make(**options):
        made.append(Sim(**options))
        return made[-1].start()
    yield make
    for sim in made:
        code = sim.stop()
        sim.close()
        assert code in (0, None)


@pytest.fixture(scope="module")
def plain():
    """One simulator without limits, for tests that change nothing."""
    with Sim(channels=5000, seed=11, quota=0, keys="a") as sim:
        yield sim


@pytest.fixture(scope="module")
def discovery():
    with open(need(DISCOVERY), encoding="utf-8") as text:
        return json.load(text)


def every_item(sim, count, **params):
    ids = sim.ids(count)
    for at in range(0, count, 50):
        yield from sim.channels(ids[at:at + 50], part=ALL_PARTS, **params).json().get("items", [])


PYTHON = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int}


def check(schema, value, document, where):
    """Every member must be in the schema, with its type; formats uint64 and int64 are strings."""
    schema = document["schemas"][schema["$ref"]] if "$ref" in schema else schema
    kind = PYTHON[schema["type"]]
    assert type(value) is kind, where
    if schema.get("format") in ("uint64", "int64"):
        assert re.fullmatch(r"\d+", value), where
    if schema.get("format") == "date-time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", value), where
    if "enum" in schema:
        assert value in schema["enum"], where
    if kind is list:
        for element in value:
            check(schema["items"], element, document, where)
    if kind is dict:
        for name, below in value.items():
            if name in ("fhd", "qhd", "uhd") and where.endswith("thumbnails"):
                name = "maxres"                     # newer than this document; the keys are an open set
            known = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            assert known, "%s/%s is not in the schema" % (where, name)
            check(known, below, document, where + "/" + name)
