"""Every kind of job over a real list of channels, which a simulator adopts: what it has for the first of its made-up
channels, it then has for these."""
import csv
import os

import pytest

from account import check_account, check_result
from tubeops import SHARED

LIST = os.path.join(SHARED, "data", "channels-3080.csv")
VIDEOS = 10


@pytest.fixture
def real(make_tubeops, make_sim):
    if not os.path.exists(LIST):
        pytest.skip("../shared is not there: no data/channels-3080.csv")
    sim = make_sim(channels=10000, seed=5, adopt=os.path.abspath(LIST), quota=0)
    tubeops = make_tubeops(sim)
    imported = tubeops.json("import", LIST)
    assert (imported["read"], imported["added"], imported["invalid"]) == (3080, 3080, 0)
    return tubeops, sim


def test_every_kind_of_job_over_a_real_list(real, tomorrow):
    tubeops, sim = real
    with open(LIST, encoding="utf-8-sig", newline="") as rows:
        ids = {row["Id"] for row in csv.DictReader(rows)}

    metadata = check_result(tubeops.json("run", "batch_metadata"))
    assert metadata["total"] == 3080 and metadata["done"] > 2900
    assert metadata["units_used"] == (3080 + 49) // 50
    assert {r["channel_id"] for r in tubeops.sql("SELECT channel_id FROM channels")} == ids
    check_account(tubeops, sim, 3080)

    videos = check_result(tubeops.json("run", "batch_videos", "--videos-per-channel", str(VIDEOS)))
    assert videos["total"] == metadata["done"]
    assert videos["videos"] > 5000
    with_videos = videos["channels_with_videos"]
    assert videos["units_used"] <= 1.5 * with_videos
    assert tubeops.value("SELECT count(*) FROM videos") == videos["videos"]
    most = tubeops.value("SELECT max(n) FROM (SELECT count(*) AS n FROM videos GROUP BY channel_id)")
    assert most <= VIDEOS

    discovery = check_result(tubeops.json("run", "batch_discovery", "--limit", "300"))
    found = sum(method.get("new", 0) for method in discovery["methods"].values())
    assert discovery["done"] == 300 and found > 300
    check_account(tubeops, sim, 3080 + found)

    tubeops.import_ids(["@some%dhandle" % i for i in range(20)])
    names = check_result(tubeops.json("run", "resolve_names", "--limit", "20"))
    assert names["total"] == 20
    env = tomorrow(31)
    sim.set_clock(tomorrow.epoch(31))
    refresh = check_result(tubeops.json("run", "refresh", "--limit", "500", env=env))
    assert refresh["processed"] == 500 and refresh["units_used"] == 10
    check_account(tubeops, sim)
    assert sim.units() == sum(r["units_used"] for r in (metadata, videos, discovery, names, refresh))
