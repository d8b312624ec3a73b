"""Real data: recorded replies must come through to staging field by field, and a real list of channels whole."""
import csv
import glob
import json
import os
import sqlite3

import pytest

from account import check_account, check_result, check_row, clean, expected_row, stored_rows
from tubeops import SHARED

RECORDED = os.path.join(SHARED, "fixtures", "channels")
LIST = os.path.join(SHARED, "data", "channels-3080.csv")


def need(path):
    if not os.path.exists(path):
        pytest.skip("../shared is not there: no %s" % os.path.relpath(path, SHARED))
    return path


def recorded_items():
    """The recorded channels by id; a channel that was recorded in pieces is put together in the files' order."""
    found = {}
    for path in sorted(glob.glob(os.path.join(need(RECORDED), "*.json"))):
        with open(path, encoding="utf-8") as text:
            body = json.load(text)
        items = body.get("items") if isinstance(body.get("items"), list) else [body]
        for item in items:
            if item.get("kind") == "youtube#channel" and item.get("id"):
                found.setdefault(item["id"], {}).update(item)
    return found


def test_recorded_channels_are_stored_as_they_were(make_tubeops, make_sim):
    items = recorded_items()
    assert len(items) >= 8
    sim = make_sim(replay=need(RECORDED))
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sorted(items))
    result = check_result(tubeops.json("run", "batch_metadata"))
    assert (result["done"], result["absent_once"], result["units_used"]) == (len(items), 0, 1)
    check_account(tubeops, sim, len(items))
    rows = stored_rows(tubeops)
    assert set(rows) == set(items)
    for channel_id, item in items.items():
        check_row(rows[channel_id], item)
    # the recordings do hold something for most columns
    told = {name for item in items.values() for name, value in expected_row(item).items() if value is not None}
    assert told >= {"title", "description", "published_at", "thumbnail_url", "subscriber_count", "hidden_subscribers",
                    "video_count", "view_count", "privacy_status"}


def test_recorded_titles_come_out_of_an_export(make_tubeops, make_sim):
    items = recorded_items()
    sim = make_sim(replay=need(RECORDED))
    tubeops = make_tubeops(sim)
    tubeops.import_ids(sorted(items))
    tubeops.run("run", "batch_metadata", check=0)
    done = tubeops.run("export", "channels", "--format", "jsonl", check=0)
    rows = {r["channel_id"]: r for r in map(json.loads, done.out.splitlines())}
    assert set(rows) == set(items)
    for channel_id, item in items.items():
        wanted = expected_row(item)
        assert rows[channel_id]["title"] == wanted["title"]
        assert rows[channel_id]["description"] == wanted["description"]
        for name in ("subscriber_count", "video_count", "view_count"):
            assert rows[channel_id][name] == wanted[name], (channel_id, name)


def test_a_real_list_with_every_id_accounted_for(make_tubeops, make_sim):
    with open(need(LIST), encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    ids = [r["Id"] for r in rows]
    distinct = set(ids)
    sim = make_sim(channels=10)
    tubeops = make_tubeops(sim)
    result = tubeops.json("import", os.path.abspath(LIST))
    assert (result["read"], result["added"]) == (len(ids), len(distinct))
    assert result["read"] == result["added"] + result["known"] + result["duplicates"] + result["invalid"]
    assert result["invalid"] == 0
    found = check_account(tubeops, sim, len(distinct))
    assert found["pending"] == len(distinct)
    assert {r[0] for r in tubeops.sql("SELECT channel_id FROM channels")} == distinct
    titles = dict(tuple(r) for r in tubeops.sql("SELECT channel_id, title FROM channels"))
    told = {r["Id"]: r["Title"] for r in rows}
    assert sum(titles[i] == told[i].strip() for i in distinct) >= len(distinct) - 5
    again = tubeops.json("import", os.path.abspath(LIST))
    assert (again["added"], again["known"]) == (0, len(distinct))
    # none of them is in the simulator's universe: each is asked for once, and none is lost
    run = check_result(tubeops.json("run", "batch_metadata"))
    assert (run["absent_once"], run["done"]) == (len(distinct), 0)
    assert run["units_used"] == sim.units() == -(-len(distinct) // 50)
    assert check_account(tubeops, sim, len(distinct))["absent"] == len(distinct)


VIDEOS = os.path.join(SHARED, "fixtures", "videos")


def recorded_videos():
    """The recorded videos that name their channel, by id; put together in the files' order."""
    found = {}
    for path in sorted(glob.glob(os.path.join(need(VIDEOS), "*.json"))):
        with open(path, encoding="utf-8") as text:
            body = json.load(text)
        for item in body.get("items", []):
            if item.get("kind") == "youtube#video":
                found.setdefault(item["id"], {}).update(item)
    return {i: item for i, item in found.items() if item.get("snippet", {}).get("channelId")}


def test_recorded_videos_are_stored_as_they_were(make_tubeops, make_sim):
    items = recorded_videos()
    channels = sorted({item["snippet"]["channelId"] for item in items.values()})
    assert len(items) > 100 and len(channels) > 30
    sim = make_sim(replay=need(VIDEOS))
    tubeops = make_tubeops(sim)
    tubeops.import_ids(channels)
    # most of these channels were not recorded themselves
    db = sqlite3.connect(os.path.join(tubeops.data, "staging.db"))
    with db:
        db.execute("UPDATE channel SET metadata = 1")
        db.execute("INSERT OR REPLACE INTO counter SELECT 'metadata.done', count(*) FROM channel")
        db.execute("UPDATE counter SET value = 0 WHERE name = 'metadata.pending'")
    db.close()
    result = check_result(tubeops.json("run", "batch_videos", "--videos-per-channel", "200"))
    assert (result["done"], result["videos"], result["videos_absent"]) == (len(channels), len(items), 0)
    assert result["units"]["playlist_items"] in (len(channels), len(channels) + 1)  # one may need a second page
    assert result["units"]["videos"] <= -(-len(items) // 50) + -(-len(channels) // 25)
    rows = {r["video_id"]: dict(r) for r in tubeops.sql("SELECT * FROM videos")}
    assert set(rows) == set(items)
    for video_id, item in items.items():
        row, snippet, counts = rows[video_id], item["snippet"], item.get("statistics", {})
        assert row["channel_id"] == snippet["channelId"]
        assert row["title"] == clean(snippet["title"]) and row["description"] == clean(snippet["description"])
        assert row["duration"] == item.get("contentDetails", {}).get("duration")
        assert row["category"] == int(snippet["categoryId"]) and row["live_state"] == snippet["liveBroadcastContent"]
        assert (json.loads(row["tags"]) if row["tags"] else None) == snippet.get("tags")
        for column, name in (("view_count", "viewCount"), ("like_count", "likeCount"),
                             ("comment_count", "commentCount")):
            assert row[column] == (int(counts[name]) if name in counts else None), (video_id, name)
    assert tubeops.run("doctor").code == 0
