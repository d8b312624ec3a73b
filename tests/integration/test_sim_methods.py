"""youtube-sim: all methods together: buckets, the discovery document, Google's client."""
import json
import os
import subprocess

import pytest
from sim_method_checks import *  # noqa: F401, F403


# -- quota ------------------------------------------------------------------------------------------------------------
def test_buckets_are_apart(make_sim):
    sim = make_sim(channels=500, keys="a,b", projects="p,p", quota=7)
    for _ in range(100):
        assert call(sim, "search", part="id", q="x", type="channel").status == 200
    spent = call(sim, "search", part="id", q="x", key="b")
    assert (spent.status, spent.reason) == (429, "rateLimitExceeded")
    assert spent.json()["error"]["details"][0]["metadata"]["quota_unit"] == "1/d/{project}"
    sim.set_quota("p", 2, "batchGetStats")
    asked = dict(part="id", id="aaaaaaaaaaA")
    assert [call(sim, "videos:batchGetStats", **asked).status for _ in range(3)] == [200, 200, 429]
    channel_id = sim.ids(1)[0]
    for method, params in (
            ("videos", asked), ("playlistItems", dict(part="id", playlistId="PLx")), ("playlists", dict(part="id", id="PLx")),
            ("channelSections", dict(part="id", id="x")), ("subscriptions", dict(part="id", channelId=channel_id)),
            ("commentThreads", dict(part="id", id="x")), ("channels", dict(part="id", id=channel_id))):
        assert call(sim, method, **params).status in (200, 403, 404), method
    over = call(sim, "videos", **asked)
    assert (over.status, over.reason) == (403, "quotaExceeded")
    assert [sim.units("p", b) for b in ("units", "search", "batchGetStats")] == [8, 101, 3]
    names = {e["method"]: e["bucket"] for e in sim.log_entries()}
    assert names["search.list"] == "search" and names["videos.batchGetStats"] == "batchGetStats"
    assert names["playlistItems.list"] == names["subscriptions.list"] == "units"


@pytest.mark.parametrize("name, fixture", [
    ("playlistNotFound", "issue-404-playlistNotFound"), ("commentsDisabled", "issue-403-commentsDisabled"),
    ("subscriptionForbidden", "fsyt-subscriptions-403-003"), ("playlistChannelNotFound", "issue-404-channelNotFound-playlists"),
])
def test_refusals_have_the_recorded_shape(make_sim, name, fixture):
    with open(need(os.path.join(ERRORS, fixture + ".json")), encoding="utf-8") as text:
        recorded = json.loads(text.read().partition("{")[2].join(("{", "")))["error"]
    sim = make_sim(faults=name + "@1")
    got = sim.channels(sim.ids(1)).json()["error"]
    assert (got["code"], got["message"]) == (recorded["code"], recorded["message"])
    for key in ("domain", "reason", "location", "locationType", "message"):
        assert got["errors"][0].get(key) == recorded["errors"][0].get(key)


# -- the whole, judged from outside -----------------------------------------------------------------------------------
def samples(plain, counts):
    """A reply or more of each method, with all parts."""
    channel_id = next(c for c, n in counts.items() if 60 < n < 200)
    ids = some_videos(plain, counts, 1500)
    lists = [i["id"] for i in own_playlists(plain, counts, 30)]
    readers, _ = public_subscribers(plain, counts, 2)
    yield "playlistItems", "list", dict(part="id,snippet,contentDetails,status", playlistId=uploads(channel_id), maxResults=50)
    for name in lists[:20]:
        yield "playlistItems", "list", dict(part="id,snippet,contentDetails,status", playlistId=name, maxResults=50)
    for at in range(0, 1500, 50):
        yield "videos", "list", dict(part=VIDEO_PARTS, id=ids[at:at + 50])
        yield "videos", "batchGetStats", dict(part="id,snippet,contentDetails,statistics", id=ids[at:at + 50])
    for name in list(counts)[:50]:
        yield "channelSections", "list", dict(part="id,snippet,contentDetails", channelId=name)
    yield "playlists", "list", dict(part="id,snippet,status,contentDetails,player,localizations", id=lists[:40], maxResults=50)
    for name in readers:
        yield "subscriptions", "list", dict(part="id,snippet,contentDetails", channelId=name, maxResults=50)
    yield "commentThreads", "list", dict(part="id,snippet,replies", allThreadsRelatedToChannelId=channel_id, maxResults=100)
    yield "search", "list", dict(part="id,snippet", maxResults=50, q="a")


def address_of(resource, method):
    return resource if method == "list" else resource + ":" + method


def test_every_member_is_in_the_discovery_document(plain, discovery, counts):
    seen = set()
    for resource, method, params in samples(plain, counts):
        answer = call(plain, address_of(resource, method), **params)
        assert answer.status == 200, (resource, params, answer.body)
        body = answer.json()
        for item in body["items"]:
            if resource == "search":                # newer than this document
                assert item["snippet"].pop("publishTime") == item["snippet"]["publishedAt"]
            if method == "batchGetStats":           # a duration of protocol buffers: text, whatever its format
                item.get("contentDetails", {}).pop("duration", None)
            tombstones = [i for i in body["items"] if i.get("status") == {"privacyStatus": "privacyStatusUnspecified"}]
            for item in tombstones:                 # seen in replies, not in this document
                assert resource == "playlistItems" and item.pop("status")
        check(discovery["resources"][resource]["methods"][method]["response"], body, discovery, "")
        seen.add((resource, method, bool(body["items"])))
    assert {(r, m) for r, m, some in seen if some} == {
        ("playlistItems", "list"), ("videos", "list"), ("videos", "batchGetStats"), ("channelSections", "list"),
        ("playlists", "list"), ("subscriptions", "list"), ("commentThreads", "list"), ("search", "list")}


def test_replies_repeat_and_etags_hold(plain, counts):
    for resource, method, params in samples(plain, counts):
        first, second = (call(plain, address_of(resource, method), **params) for _ in range(2))
        assert first.body == second.body and first.headers["ETag"] == first.json()["etag"]
        held = plain.request(BASE + address_of(resource, method), {"key": "a", **{
            k: ",".join(v) if isinstance(v, list) else v for k, v in params.items()}},
            headers={"If-None-Match": first.headers["ETag"]})
        assert held.status == 304 and held.body == b""


def test_parameters_and_fields_agree_with_the_discovery_document(plain, discovery):
    values = {"integer": "1", "boolean": "false", "string": "x"}
    for resource, method in (("playlistItems", "list"), ("videos", "list"), ("videos", "batchGetStats"),
                             ("channelSections", "list"), ("playlists", "list"), ("subscriptions", "list"),
                             ("commentThreads", "list"), ("search", "list")):
        about = discovery["resources"][resource]["methods"][method]
        assert about["path"] == "youtube/v3/" + address_of(resource, method)
        for name, param in about["parameters"].items():
            for value in param.get("enum", [param.get("default", values[param["type"]])]):
                answer = call(plain, address_of(resource, method), **{"part": "id", name: value})
                assert b"Unknown name" not in answer.body and b"TYPE_" not in answer.body, (resource, name, value)
        largest = about["parameters"].get("maxResults", {}).get("maximum")
        if largest:
            over = call(plain, resource, part="id", maxResults=int(largest) + 1)
            assert over.reason == "invalidParameter"
        assert call(plain, address_of(resource, method), part="id", nonsense="1").reason == "badRequest"
        asked = dict(part="id", q="x") if resource == "search" else dict(part="id", id="x")
        for path in member_paths(discovery, about["response"], ()):
            answer = call(plain, address_of(resource, method), fields=path, **asked)
            assert b"Invalid field selection" not in answer.body, (resource, path)
        wrong = call(plain, address_of(resource, method), fields="items/nonsense", **asked)
        assert b"Invalid field selection" in wrong.body, resource


def member_paths(discovery, schema, above):
    while "$ref" in schema or "items" in schema:
        schema = discovery["schemas"][schema["$ref"]] if "$ref" in schema else schema["items"]
    for name, below in schema.get("properties", {}).items():
        yield "/".join(above + (name,))
        if len(above) < 4:
            yield from member_paths(discovery, below, above + (name,))


def test_fields_cut_all_methods(plain, counts):
    for resource, method, params in samples(plain, counts):
        if method == "batchGetStats" or resource == "search":
            continue
        paged = "" if resource == "channelSections" else "nextPageToken,"
        whole = call(plain, resource, **params).json()
        cut = call(plain, resource, fields=paged + "items(id,snippet/channelId)", **params).json()
        assert set(cut) <= {"nextPageToken", "items"} and cut.get("nextPageToken") == whole.get("nextPageToken")
        assert cut["items"] == [{"id": i["id"], "snippet": {k: v for k, v in i["snippet"].items() if k == "channelId"}}
                                for i in whole["items"]]


@pytest.fixture
def google(discovery):
    module = pytest.importorskip("googleapiclient.discovery", reason="python3-googleapi is not installed")

    def client(sim, key="a"):
        document = dict(discovery, rootUrl=sim.url + "/", baseUrl=sim.url + "/")
        document.pop("mtlsRootUrl", None)
        return module.build_from_document(json.dumps(document), developerKey=key)
    return client


def test_googles_client_pages_through_everything(google, plain, counts):
    youtube = google(plain)

    def every(resource, **params):
        request, found = resource.list(**params), []
        while request is not None:
            reply = request.execute()
            found += reply["items"]
            request = resource.list_next(request, reply)
        return found
    channel_id = next(c for c, n in counts.items() if 300 < n < 600)
    got = every(youtube.playlistItems(), part="contentDetails", playlistId=uploads(channel_id), maxResults=50)
    ids = list(dict.fromkeys(i["contentDetails"]["videoId"] for i in got))
    assert len(ids) == counts[channel_id]
    body = youtube.videos().list(part="snippet,statistics", id=",".join(ids[:50])).execute()
    assert 45 < len(body["items"]) <= 50
    stats = youtube.videos().batchGetStats(part="statistics", id=",".join(ids[:50])).execute()
    assert [i["id"] for i in stats["items"]] == [i["id"] for i in body["items"]]
    threads = every(youtube.commentThreads(), part="snippet", allThreadsRelatedToChannelId=channel_id, maxResults=100)
    assert len({t["id"] for t in threads}) == len(threads) > 100
    reader = public_subscribers(plain, counts, 1)[0][0]
    subscriptions = every(youtube.subscriptions(), part="snippet", channelId=reader, order="alphabetical", maxResults=50)
    assert len(subscriptions) > 60
    assert len(every(youtube.search(), part="snippet", type="channel", maxResults=50)) == 500
    sections = youtube.channelSections().list(part="contentDetails", channelId=channel_id).execute()
    assert sections["kind"] == "youtube#channelSectionListResponse"
    assert isinstance(every(youtube.playlists(), part="snippet", channelId=reader, maxResults=2), list)


def test_googles_client_sees_the_refusals(google, plain, counts, terminated):
    errors = pytest.importorskip("googleapiclient.errors")
    with pytest.raises(errors.HttpError) as caught:
        google(plain).playlistItems().list(part="id", playlistId=uploads(terminated[0])).execute()
    assert caught.value.resp.status == 404 and "cannot be found" in str(caught.value)


def test_a_handle_leads_to_the_uploads(plain, counts):
    channel_id = next(c for c, n in counts.items() if 10 < n < 50 and "customUrl" in plain.describe(c)["snippet"])
    handle = plain.describe(channel_id)["snippet"]["customUrl"]
    item, = plain.channels(None, part="contentDetails,statistics", forHandle=handle).json()["items"]
    name = item["contentDetails"]["relatedPlaylists"]["uploads"]
    got = items_of(plain, "playlistItems", part="contentDetails", playlistId=name, maxResults=50)
    assert len({i["contentDetails"]["videoId"] for i in got}) == int(item["statistics"]["videoCount"])


def test_another_seed_has_other_videos(make_sim, plain, counts):
    other = make_sim(channels=3000, seed=12, quota=0, keys="a")
    ids = some_videos(plain, counts, 50)
    assert call(other, "videos", part="id", id=ids).json()["items"] == []
    assert call(other, "playlistItems", part="id", playlistId=uploads(next(iter(counts)))).status == 404


def test_edges_of_nobody():
    import subprocess
    for words in (["edges"], ["edges", "UCbad"]):
        done = subprocess.run([find_binary(), *words], capture_output=True, timeout=10)
        assert done.returncode == 2 and done.stderr


def test_small_universes_answer(make_sim):
    for channels in (0, 1, 2):
        sim = make_sim(channels=channels, seed=3, quota=0)
        for channel_id in sim.ids(channels):
            for method, params in (("channelSections", dict(part="id,snippet,contentDetails", channelId=channel_id)),
                                   ("playlists", dict(part="id,snippet", channelId=channel_id)),
                                   ("subscriptions", dict(part="id,snippet", channelId=channel_id)),
                                   ("playlistItems", dict(part="id,snippet", playlistId=uploads(channel_id)))):
                assert call(sim, method, **params).status in (200, 403, 404)
        assert call(sim, "search", part="snippet", q="a").status == 200
        assert call(sim, "videos", part="snippet", chart="mostPopular").status == 200
