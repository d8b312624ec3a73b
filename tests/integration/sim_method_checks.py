"""youtube-sim: the methods beyond channels.list, judged by Google's discovery document and Google's own client."""
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sim import Sim, SimMissing, find_binary  # noqa: E402
from sim_checks import DISCOVERY, ERRORS, check, make_sim, need  # noqa: E402, F401

try:
    find_binary()
except SimMissing as missing:
    pytestmark = pytest.mark.skip(reason=str(missing))

BASE = "/youtube/v3/"
VIDEO_PARTS = ("id,snippet,contentDetails,status,statistics,player,topicDetails,recordingDetails,"
               "liveStreamingDetails,localizations,paidProductPlacementDetails")


@pytest.fixture(scope="module")
def plain():
    """One simulator without limits, for tests that change nothing."""
    with Sim(channels=3000, seed=11, quota=0, keys="a") as sim:
        for bucket in ("search", "batchGetStats"):
            sim.set_quota("project-1", 0, bucket)
        yield sim


@pytest.fixture(scope="module")
def discovery():
    with open(need(DISCOVERY), encoding="utf-8") as text:
        return json.load(text)


@pytest.fixture(scope="module")
def terminated(plain):
    """The terminated channels among all."""
    ids, alive = plain.ids(3000), set()
    for at in range(0, 3000, 50):
        alive |= {i["id"] for i in plain.channels(ids[at:at + 50], part="id").json()["items"]}
    assert plain.describe(next(i for i in ids if i not in alive)) == "terminated"
    return [i for i in ids if i not in alive]


@pytest.fixture(scope="module")
def counts(plain):
    """videoCount of the first thousand channels that are alive."""
    found, ids = {}, plain.ids(1000)
    for at in range(0, 1000, 50):
        for item in plain.channels(ids[at:at + 50], part="statistics").json()["items"]:
            if "statistics" in item:
                found[item["id"]] = int(item["statistics"]["videoCount"])
    return found


def call(sim, method, **params):
    asked = {"key": str(sim.options["keys"]).split(",", 1)[0], **params}
    return sim.request(BASE + method, {k: ",".join(v) if isinstance(v, list) else v for k, v in asked.items()})


def pages(sim, method, **params):
    """All pages of a list; a token that comes twice would be a loop."""
    seen = set()
    while True:
        answer = call(sim, method, **params)
        assert answer.status == 200, answer.body
        body = answer.json()
        yield body
        token = body.get("nextPageToken")
        if token is None:
            return
        assert token not in seen and len(token) > 100
        seen.add(token)
        params["pageToken"] = token


def items_of(sim, method, **params):
    return [item for body in pages(sim, method, **params) for item in body["items"]]


def uploads(channel_id):
    return "UU" + channel_id[2:]


def listed(sim, channel_id, **params):
    return [i["contentDetails"]["videoId"] for i in items_of(
        sim, "playlistItems", **{"part": "contentDetails", "playlistId": uploads(channel_id), "maxResults": 50, **params})]


def some_videos(sim, counts, n):
    """Ids of n listed videos of many channels."""
    found = []
    for channel_id, count in counts.items():
        if count:
            page = call(sim, "playlistItems", part="contentDetails", playlistId=uploads(channel_id), maxResults=10)
            found += [i["contentDetails"]["videoId"] for i in page.json()["items"]]
        if len(found) >= n:
            return found[:n]
    raise AssertionError("too few videos")


def videos(sim, ids, part=VIDEO_PARTS):
    for at in range(0, len(ids), 50):
        yield from call(sim, "videos", part=part, id=ids[at:at + 50]).json()["items"]


def own_playlists(sim, counts, n):
    found = []
    for channel_id in counts:
        answer = call(sim, "playlists", part="id,snippet,status,contentDetails,player", channelId=channel_id, maxResults=50)
        if answer.status == 200:
            found += answer.json()["items"]
        if len(found) >= n:
            break
    return found


def public_subscribers(sim, counts, n):
    """Channels with a public list, and how many were refused on the way."""
    found, refused = [], 0
    for channel_id in counts:
        answer = call(sim, "subscriptions", part="id", channelId=channel_id)
        if answer.status == 403:
            assert answer.reason == "subscriptionForbidden"
            refused += 1
        elif answer.json()["pageInfo"]["totalResults"] > 60:
            found.append(channel_id)
        if len(found) == n:
            return found, refused
    raise AssertionError("too few public lists")
