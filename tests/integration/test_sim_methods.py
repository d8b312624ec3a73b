"""youtube-sim: the methods beyond channels.list, judged by Google's discovery document and Google's own client."""
import base64
import json
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sim import Sim, SimMissing, find_binary  # noqa: E402
from test_sim import DISCOVERY, ERRORS, check, make_sim, need  # noqa: E402, F401

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


# -- playlistItems.list: uploads --------------------------------------------------------------------------------------
def test_video_count_is_what_the_uploads_list_gives(plain, counts):
    wanted = [(c, n) for c, n in counts.items() if 0 < n < 3000][:60]
    repeated = short = empty = 0
    for channel_id, count in wanted:
        ids = []
        for body in pages(plain, "playlistItems", part="contentDetails", playlistId=uploads(channel_id), maxResults=50):
            ids += [i["contentDetails"]["videoId"] for i in body["items"]]
            if "nextPageToken" in body:
                short += 0 < len(body["items"]) < 50
                empty += not body["items"]
        assert len(set(ids)) == count
        assert list(dict.fromkeys(ids)) == list(dict.fromkeys(listed(plain, channel_id, maxResults=37)))
        repeated += len(ids) - len(set(ids))
    assert repeated > 5 and short > 10 and empty > 1


def test_uploads_come_newest_first(plain, counts):
    channel_id = next(c for c, n in counts.items() if 200 < n < 400)
    born = plain.describe(channel_id)["snippet"]["publishedAt"][:19]
    times, positions = [], []
    for item in items_of(plain, "playlistItems", part="id,snippet,contentDetails,status",
                         playlistId=uploads(channel_id), maxResults=50):
        snippet, details = item["snippet"], item["contentDetails"]
        times.append(details["videoPublishedAt"])
        positions.append(snippet["position"])
        assert snippet["channelId"] == snippet["videoOwnerChannelId"] == channel_id
        assert snippet["channelTitle"] == snippet["videoOwnerChannelTitle"]
        assert snippet["playlistId"] == uploads(channel_id) and item["status"] == {"privacyStatus": "public"}
        assert snippet["resourceId"] == {"kind": "youtube#video", "videoId": details["videoId"]}
        assert base64.urlsafe_b64decode(item["id"]).decode() == uploads(channel_id) + "." + details["videoId"]
    assert times == sorted(times, reverse=True) and times[-1][:19] > born
    assert positions == sorted(positions) and positions[0] == 0


@pytest.mark.parametrize("size", [1, 49, 50, 51, 100, 101])
def test_lists_of_every_size_end(plain, size):
    ids = plain.ids(3000)
    for at in range(0, 3000, 50):
        for item in plain.channels(ids[at:at + 50], part="statistics").json()["items"]:
            if item.get("statistics", {}).get("videoCount") == str(size):
                assert len(set(listed(plain, item["id"]))) == size
                return
    pytest.skip("no channel of this universe has that many videos")


def test_no_more_than_twenty_thousand(plain, counts):
    channel_id, count = max(counts.items(), key=lambda pair: pair[1])
    assert count > 20000
    ids = listed(plain, channel_id)
    assert len(set(ids)) == 20000
    first = call(plain, "playlistItems", part="id", playlistId=uploads(channel_id)).json()
    assert first["pageInfo"]["totalResults"] >= 20000 and first["pageInfo"]["resultsPerPage"] == 5


def test_totals_are_not_always_what_is_listed(plain, counts):
    more = same = 0
    for channel_id, count in list(counts.items())[:200]:
        if not 100 < count <= 20000:
            continue
        total = call(plain, "playlistItems", part="id", playlistId=uploads(channel_id)).json()["pageInfo"]["totalResults"]
        assert count <= total <= count * 1.02 + 1
        more += total > count
        same += total == count
    assert 0 < more < same


def test_lists_that_are_not_there(plain, counts, terminated):
    without = next(c for c, n in counts.items() if n == 0)
    for name in (terminated[0], without, plain.ids(1, "--unknown")[0]):
        answer = call(plain, "playlistItems", part="snippet", playlistId=uploads(name))
        assert (answer.status, answer.reason) == (404, "playlistNotFound")
    for name in ("PLnothing", "UU", "WL", "PL" + "a" * 32):
        assert call(plain, "playlistItems", part="snippet", playlistId=name).status == 404


def test_tokens_hold_for_one_list_only(plain, counts):
    a, b = [c for c, n in counts.items() if n > 200][:2]
    token = call(plain, "playlistItems", part="id", playlistId=uploads(a)).json()["nextPageToken"]
    assert call(plain, "playlistItems", part="id", playlistId=uploads(a), pageToken=token).status == 200
    for name, text in ((b, token), (a, token[:-1]), (a, token + "A"), (a, "CDIQAA"), (a, token.swapcase())):
        answer = call(plain, "playlistItems", part="id", playlistId=uploads(name), pageToken=text)
        assert (answer.status, answer.reason) == (400, "invalidPageToken")
    again = call(plain, "playlistItems", part="id", playlistId=uploads(a), pageToken=token, maxResults=7).json()
    assert "prevPageToken" in again


def test_items_by_id_and_by_video(plain, counts):
    channel_id = next(c for c, n in counts.items() if 50 < n < 200)
    items = call(plain, "playlistItems", part="id,snippet", playlistId=uploads(channel_id), maxResults=20).json()["items"]
    again = call(plain, "playlistItems", part="id,snippet", id=[i["id"] for i in items], maxResults=50).json()
    assert again["items"] == items
    one = call(plain, "playlistItems", part="id", playlistId=uploads(channel_id),
               videoId=items[7]["snippet"]["resourceId"]["videoId"]).json()
    assert [i["id"] for i in one["items"]] == [items[7]["id"]] and one["pageInfo"]["totalResults"] == 1
    assert call(plain, "playlistItems", part="id", id="not_a_playlist_item_id").json()["items"] == []


# -- videos.list ------------------------------------------------------------------------------------------------------
def test_videos_in_the_order_asked(plain, counts):
    ids = some_videos(plain, counts, 50)
    body = call(plain, "videos", part="id", id=ids[::-1] + [])
    got = [i["id"] for i in body.json()["items"]]
    assert got == [i for i in ids[::-1] if i in got] and len(got) > 40
    assert body.json()["pageInfo"] == {"totalResults": len(got), "resultsPerPage": len(got)}
    assert re.fullmatch(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]", got[0])
    strangers = call(plain, "videos", part="id", id=["aaaaaaaaaaA", "not_a_video_id", got[0], got[0]]).json()
    assert [i["id"] for i in strangers["items"]] == [got[0]]
    assert call(plain, "videos", part="id", id="aaaaaaaaaaA").json()["items"] == []


def test_a_hundredth_of_the_listed_videos_is_gone(plain, counts):
    ids = some_videos(plain, counts, 5000)
    got = {i["id"] for i in videos(plain, ids, "id")}
    assert 0.003 < 1 - len(got) / len(ids) < 0.02


def test_videos_are_varied(plain, counts):
    items = list(videos(plain, some_videos(plain, counts, 3000)))
    n = len(items)
    durations = [i["contentDetails"].get("duration") for i in items]
    assert None in durations and "P0D" in durations
    assert all(d is None or re.fullmatch(r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?", d) and d not in ("P", "PT")
               for d in durations)
    for form in (r"PT\d+S", r"PT\d+M", r"PT\d+M\d+S", r"PT\d+H.*", r"P1D.*", "P1D"):
        assert any(re.fullmatch(form, d or "") for d in durations), form
    for name in ("viewCount", "likeCount", "commentCount"):
        absent = sum(name not in i["statistics"] for i in items)
        assert 0 < absent < n / 10, name
        assert all(re.fullmatch(r"\d+", i["statistics"].get(name, "0")) for i in items)
    for name in ("tags", "defaultLanguage", "defaultAudioLanguage"):
        assert 0 < sum(name in i["snippet"] for i in items) < n, name
    assert all(i["snippet"]["categoryId"].isdigit() and 0 < len(i["snippet"]["title"]) <= 100 for i in items)
    assert {i["snippet"]["liveBroadcastContent"] for i in items} == {"none", "live", "upcoming"}
    assert any("&" in i["snippet"]["title"] for i in items) and not any("&amp;" in i["snippet"]["title"] for i in items)
    assert {i["contentDetails"]["caption"] for i in items} == {"true", "false"}
    for item in items:
        assert ("liveStreamingDetails" in item) >= (item["snippet"]["liveBroadcastContent"] != "none")
        assert item["snippet"]["localized"]["title"] == item["snippet"]["title"]
    assert any("localizations" in i for i in items) and max(len(i["snippet"]["description"]) for i in items) > 2000


def test_lists_and_videos_agree(plain, counts):
    channel_id = next(c for c, n in counts.items() if 50 < n < 200)
    items = call(plain, "playlistItems", part="snippet,contentDetails", playlistId=uploads(channel_id), maxResults=50)
    told = {i["contentDetails"]["videoId"]: i for i in items.json()["items"]}
    for video in videos(plain, list(told)):
        item = told[video["id"]]
        for name in ("title", "description", "channelId", "channelTitle", "thumbnails"):
            assert video["snippet"][name] == item["snippet"][name]
        assert video["snippet"]["publishedAt"] == item["contentDetails"]["videoPublishedAt"]


def test_refused_videos(plain, counts):
    ids = some_videos(plain, counts, 51)
    for params, status, reason in (
            (dict(id=ids), 400, "invalidFilters"), (dict(), 400, "missingRequiredParameter"),
            (dict(id=ids[0], chart="mostPopular"), 400, "incompatibleParameters"),
            (dict(id=ids[0], part="fileDetails"), 403, "forbidden"), (dict(myRating="like"), 401, "required"),
            (dict(id=ids[0], part="nonsense"), 400, "unknownPart"), (dict(chart="worst"), 400, "badRequest"),
            (dict(id=ids[0], maxResults=0), 400, "invalidParameter")):
        answer = call(plain, "videos", **{"part": "id", **params})
        assert (answer.status, answer.reason) == (status, reason), params
    assert "myRating, id, chart" in call(plain, "videos", part="id").json()["error"]["message"]


def test_the_chart_has_pages(plain):
    got = [i["id"] for i in items_of(plain, "videos", part="id", chart="mostPopular", maxResults=50)]
    assert 100 < len(set(got)) <= 200
    other = call(plain, "videos", part="id", chart="mostPopular", maxResults=50, regionCode="DE").json()["items"]
    assert [i["id"] for i in other] != got[:len(other)]


def test_batch_get_stats(plain, counts):
    ids = some_videos(plain, counts, 50)
    body = call(plain, "videos:batchGetStats", part="id,snippet,contentDetails,statistics", id=ids).json()
    assert body["kind"] == "youtube#batchGetStatsResponse" and "summary" not in body and "pageInfo" not in body
    whole = {i["id"]: i for i in videos(plain, ids)}
    assert [i["id"] for i in body["items"]] == list(whole)
    for item in body["items"]:
        full = whole[item["id"]]
        wanted = {k: v for k, v in full["statistics"].items() if k != "favoriteCount"}
        assert item["statistics"] == wanted and item["snippet"] == {"publishTime": full["snippet"]["publishedAt"]}
        assert re.fullmatch(r"\d+s", item["contentDetails"].get("duration", "0s"))
    for params, missing in ((dict(part="id"), "id"), (dict(id=ids[0]), "part")):
        error = call(plain, "videos:batchGetStats", **params).json()["error"]["errors"][0]
        assert (error["reason"], error["location"]) == ("missingRequiredParameter", missing)


# -- channelSections.list ---------------------------------------------------------------------------------------------
def test_sections_are_the_known_graph(plain, counts, terminated):
    with_edges = dead = 0
    everything = set(plain.ids(3000))
    for channel_id in list(counts)[:150]:
        body = call(plain, "channelSections", part="id,snippet,contentDetails", channelId=channel_id).json()
        assert set(body) == {"kind", "etag", "items"} and len(body["items"]) <= 12
        assert [i["snippet"]["position"] for i in body["items"]] == list(range(len(body["items"])))
        featured = []
        for item in body["items"]:
            kind, details = item["snippet"]["type"], item.get("contentDetails", {})
            assert item["id"].startswith(channel_id + ".") and item["snippet"]["channelId"] == channel_id
            assert set(details) == {"multipleChannels": {"channels"}, "singlePlaylist": {"playlists"},
                                    "multiplePlaylists": {"playlists"}}.get(kind, set())
            featured += details.get("channels", [])
            assert len(set(details.get("channels", []))) == len(details.get("channels", []))
        assert plain.edges(channel_id) == list(dict.fromkeys(featured))
        assert set(featured) <= everything - {channel_id}
        with_edges += bool(featured)
        dead += len(set(featured) & set(terminated))
    assert 30 < with_edges < 120 and dead > 0


def test_the_graph_leads_to_most_channels(plain):
    start = [i for i in plain.ids(20) if plain.describe(i) != "terminated"][:5]
    seen, waiting = set(start), list(start)
    for _ in range(400):
        if not waiting:
            break
        answer = call(plain, "channelSections", part="contentDetails", channelId=waiting.pop())
        for item in answer.json().get("items", []):
            fresh = set(item.get("contentDetails", {}).get("channels", [])) - seen
            seen |= fresh
            waiting += fresh
    assert len(seen) > 500


def test_sections_by_id_and_of_nobody(plain, counts, terminated):
    items = next(items for items in (call(plain, "channelSections", part="id,snippet,contentDetails", channelId=c)
                                     .json()["items"] for c in counts) if len(items) > 3)
    again = call(plain, "channelSections", part="id,snippet,contentDetails", id=[i["id"] for i in items]).json()
    assert again["items"] == items
    for name in (plain.ids(1, "--unknown")[0], "UCbad", terminated[0]):
        answer = call(plain, "channelSections", part="id", channelId=name)
        assert (answer.status, answer.reason) == (404, "channelNotFound")
    assert call(plain, "channelSections", part="id", mine="true").reason == "required"


# -- playlists.list and what is in ordinary playlists -------------------------------------------------------------------
def own_playlists(sim, counts, n):
    found = []
    for channel_id in counts:
        answer = call(sim, "playlists", part="id,snippet,status,contentDetails,player", channelId=channel_id, maxResults=50)
        if answer.status == 200:
            found += answer.json()["items"]
        if len(found) >= n:
            break
    return found


def test_playlists_of_a_channel(plain, counts):
    sizes, refused = [], 0
    for channel_id in list(counts)[:400]:
        first = call(plain, "playlists", part="id", channelId=channel_id)
        if first.status == 404:
            assert first.reason == "channelNotFound"
            refused += 1
            continue
        items = items_of(plain, "playlists", part="id,snippet", channelId=channel_id, maxResults=10)
        assert len({i["id"] for i in items}) == len(items) == first.json()["pageInfo"]["totalResults"]
        assert all(re.fullmatch(r"PL[A-Za-z0-9_-]{32}", i["id"]) and i["snippet"]["channelId"] == channel_id
                   for i in items)
        sizes.append(len(items))
    assert 0 in sizes and max(sizes) > 30 and 0 < refused < 20


def test_playlists_by_id_in_the_order_asked(plain, counts):
    lists = own_playlists(plain, counts, 30)[:30]
    ids = [i["id"] for i in lists]
    mine = uploads(lists[0]["snippet"]["channelId"])
    body = call(plain, "playlists", part="id,snippet,status,contentDetails,player", maxResults=50,
                id=["PLnothing"] + ids[::-1] + [ids[0][:-1] + ("A" if ids[0][-1] != "A" else "B")]).json()
    assert body["items"] == lists[::-1] and body["pageInfo"]["totalResults"] == 30
    if counts[lists[0]["snippet"]["channelId"]]:
        item, = call(plain, "playlists", part="snippet,contentDetails", id=mine).json()["items"]
        assert item["snippet"]["title"].startswith("Uploads from ")
        assert item["contentDetails"]["itemCount"] == min(20000, counts[lists[0]["snippet"]["channelId"]])
    assert call(plain, "playlists", part="id", id="not_a_playlist_id").json()["items"] == []


def test_ordinary_playlists_hold_strangers_and_tombstones(plain, counts):
    items = []
    for one in own_playlists(plain, counts, 60):
        got = items_of(plain, "playlistItems", part="id,snippet,contentDetails,status", playlistId=one["id"], maxResults=50)
        assert len({i["id"] for i in got}) == one["contentDetails"]["itemCount"]
        assert all(i["snippet"]["channelId"] == one["snippet"]["channelId"] for i in got)
        for item in got[:3]:
            name, _, tail = base64.urlsafe_b64decode(item["id"]).decode().partition(".")
            assert name == one["id"] and re.fullmatch("[0-9A-F]{16}", tail)
        items += got
    buried = [i for i in items if i["snippet"]["title"] in ("Private video", "Deleted video")]
    shown = [i for i in items if "videoOwnerChannelId" in i["snippet"]]
    assert len(buried) + len(shown) == len(items) and 0.01 < len(buried) / len(items) < 0.1
    assert {i["status"]["privacyStatus"] for i in buried} == {"private", "privacyStatusUnspecified"}
    assert {i["status"]["privacyStatus"] for i in shown} == {"public", "unlisted"}
    for item in buried:
        private = item["status"]["privacyStatus"] == "private"
        assert item["snippet"]["title"] == ("Private video" if private else "Deleted video")
        assert item["snippet"]["description"] == ("This video is private." if private else "This video is unavailable.")
        assert item["snippet"]["thumbnails"] == {} and set(item["contentDetails"]) == {"videoId"}
    strangers = [i for i in shown if i["snippet"]["videoOwnerChannelId"] != i["snippet"]["channelId"]]
    assert len(items) / 4 < len(strangers) < len(items) * 3 / 4
    ids = list(dict.fromkeys(i["contentDetails"]["videoId"] for i in items))
    alive = {i["contentDetails"]["videoId"] for i in shown}
    assert {i["id"] for i in videos(plain, ids, "id")} == alive
    again = call(plain, "playlistItems", part="id,snippet,contentDetails,status", id=[i["id"] for i in items[:50]],
                 maxResults=50).json()
    assert again["items"] == items[:50]


# -- subscriptions.list -----------------------------------------------------------------------------------------------
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


def test_subscriptions(plain, counts, terminated):
    found, refused = public_subscribers(plain, counts, 5)
    assert refused > 30
    repeated, dead = 0, set(terminated)
    for channel_id in found:
        asked = dict(part="id,snippet,contentDetails", channelId=channel_id, maxResults=20)
        plainly = items_of(plain, "subscriptions", **asked)
        sorted_ones = items_of(plain, "subscriptions", order="alphabetical", **asked)
        repeated += len(plainly) - len({i["id"] for i in plainly})
        assert len({i["id"] for i in sorted_ones}) == len(sorted_ones)
        assert {i["id"] for i in sorted_ones} == {i["id"] for i in plainly}
        titles = [i["snippet"]["title"].encode() for i in sorted_ones]
        assert titles == sorted(titles)
        targets = [i["snippet"]["resourceId"]["channelId"] for i in sorted_ones]
        assert len(set(targets)) == len(targets) and not set(targets) & dead and channel_id not in targets
        assert all(i["snippet"]["channelId"] == channel_id and len(i["id"]) == 43 for i in plainly)
        again = call(plain, "subscriptions", part="id,snippet,contentDetails", id=[i["id"] for i in plainly[:9]],
                     maxResults=50).json()["items"]
        assert again == plainly[:9]
        one = call(plain, "subscriptions", part="id", channelId=channel_id, forChannelId=targets[3]).json()["items"]
        assert [i["id"] for i in one] == [sorted_ones[3]["id"]]
    assert repeated > 5
    title = plain.channels([targets[0]], part="snippet").json()["items"][0]["snippet"]["title"]
    assert title.encode() == titles[0]


def test_subscriptions_of_nobody(plain, terminated):
    reasons = {call(plain, "subscriptions", part="id", channelId=i).reason for i in terminated}
    assert reasons == {"accountClosed", "accountSuspended"}
    unknown = call(plain, "subscriptions", part="id", channelId=plain.ids(1, "--unknown")[0])
    assert (unknown.status, unknown.reason) == (404, "subscriberNotFound")
    assert call(plain, "subscriptions", part="id", mine="true").status == 401
    assert call(plain, "subscriptions", part="id", channelId=terminated[0], order="random").status == 400


# -- commentThreads.list ----------------------------------------------------------------------------------------------
def test_comment_threads(plain, counts):
    everything = set(plain.ids(3000))
    closed = nameless = replies = markup = 0
    authors = set()
    for video in list(videos(plain, some_videos(plain, counts, 150), "id,statistics,snippet")):
        first = call(plain, "commentThreads", part="id", videoId=video["id"], maxResults=1)
        if "commentCount" not in video["statistics"]:
            assert (first.status, first.reason) == (403, "commentsDisabled")
            closed += 1
            continue
        bodies = list(pages(plain, "commentThreads", part="id,snippet,replies", videoId=video["id"], maxResults=100))
        assert all(b["pageInfo"]["totalResults"] == len(b["items"]) for b in bodies)
        assert all(b["nextPageToken"].endswith("=") for b in bodies[:-1])
        threads = [i for b in bodies for i in b["items"]]
        assert len({t["id"] for t in threads}) == len(threads)
        below = [c for t in threads for c in t.get("replies", {}).get("comments", [])]
        assert int(video["statistics"]["commentCount"]) == len(threads) + len(below)
        times = [t["snippet"]["topLevelComment"]["snippet"]["publishedAt"] for t in threads]
        assert times == sorted(times, reverse=True) and all(t > video["snippet"]["publishedAt"] for t in times)
        for thread in threads:
            assert re.fullmatch(r"Ug[A-Za-z0-9_-]{17}4AaABAg", thread["id"]) and thread["snippet"]["videoId"] == video["id"]
            assert thread["snippet"]["totalReplyCount"] == len(thread.get("replies", {}).get("comments", []))
        replies += len(below)
        for comment in [t["snippet"]["topLevelComment"] for t in threads] + below:
            snippet = comment["snippet"]
            markup += snippet["textDisplay"] != snippet["textOriginal"]
            if "authorChannelId" not in snippet:
                nameless += 1
                continue
            authors.add(snippet["authorChannelId"]["value"])
            assert snippet["authorChannelUrl"].endswith(snippet["authorChannelId"]["value"])
        assert all(c["snippet"]["parentId"] + "." == c["id"][:27] for c in below)
    assert closed > 0 and nameless > 0 and replies > 100 and markup > 0
    assert authors <= everything and len(authors) > 1000
    again = call(plain, "commentThreads", part="id,snippet,replies", id=[t["id"] for t in threads[:20]]).json()["items"]
    assert again == threads[:20]


def test_comments_of_a_channel_and_other_filters(plain, counts):
    channel_id = next(c for c, n in counts.items() if 30 < n < 100)
    threads = items_of(plain, "commentThreads", part="snippet", allThreadsRelatedToChannelId=channel_id, maxResults=100)
    assert len({t["snippet"]["videoId"] for t in threads}) > 2
    assert {t["snippet"]["channelId"] for t in threads} == {channel_id}
    video = threads[0]["snippet"]["videoId"]
    asked = dict(part="id,snippet", videoId=video, maxResults=100)
    whole = items_of(plain, "commentThreads", **asked)
    assert {t["id"] for t in items_of(plain, "commentThreads", order="relevance", **asked)} == {t["id"] for t in whole}
    word = whole[0]["snippet"]["topLevelComment"]["snippet"]["textOriginal"][:8]
    some = items_of(plain, "commentThreads", searchTerms=word, **asked)
    assert [t["id"] for t in some] == [t["id"] for t in whole if word in t["snippet"]["topLevelComment"]["snippet"]
                                      ["textOriginal"]]
    for thread in items_of(plain, "commentThreads", textFormat="plainText", **asked):
        snippet = thread["snippet"]["topLevelComment"]["snippet"]
        assert snippet["textDisplay"] == snippet["textOriginal"]
    assert call(plain, "commentThreads", part="id", videoId="aaaaaaaaaaA").reason == "videoNotFound"
    assert call(plain, "commentThreads", part="id", videoId=video, maxResults=0).status == 400
    assert call(plain, "commentThreads", part="id", videoId=video, maxResults=101).status == 400
    assert call(plain, "commentThreads", part="id").json()["error"]["errors"][0]["reason"] == "missingRequiredParameter"
    assert call(plain, "commentThreads", part="id", channelId=channel_id).json()["items"] == []
    unknown = call(plain, "commentThreads", part="id", allThreadsRelatedToChannelId=plain.ids(1, "--unknown")[0])
    assert (unknown.status, unknown.reason) == (404, "channelNotFound")


# -- search.list ------------------------------------------------------------------------------------------------------
def test_search_finds_channels_by_the_words_of_their_titles(plain, terminated):
    import html
    got = items_of(plain, "search", part="snippet", type="channel", q="garage", maxResults=50)
    found = {i["id"]["channelId"] for i in got}
    titles = {i["id"]: i["snippet"]["title"] for at in range(0, 3000, 50)
              for i in plain.channels(plain.ids(50, "--first", str(at)), part="snippet").json()["items"]}
    assert found == {c for c, title in titles.items() if "garage" in title.lower()} and not found & set(terminated)
    for item in got:
        assert item["id"] == {"kind": "youtube#channel", "channelId": item["snippet"]["channelId"]}
        assert html.unescape(item["snippet"]["title"]) == titles[item["id"]["channelId"]]
    escaped = items_of(plain, "search", part="snippet", type="channel", q="gardens Co", maxResults=50)
    assert escaped and all("Gardens &amp; Co" in i["snippet"]["title"] for i in escaped)
    assert items_of(plain, "search", part="snippet", type="channel", q="no such words") == []


def test_search_ends_at_five_hundred_and_repeats(plain):
    bodies = list(pages(plain, "search", part="id", type="channel", maxResults=50))
    got = [i["id"]["channelId"] for b in bodies for i in b["items"]]
    assert len(got) == 500 and len(set(got)) < 500
    assert bodies[0]["pageInfo"]["totalResults"] > 500 and bodies[0]["regionCode"] == "US"


def test_search_within_a_channel(plain, counts):
    channel_id = next(c for c, n in counts.items() if 100 < n < 300)
    got = items_of(plain, "search", part="id,snippet", type="video", channelId=channel_id, maxResults=50)
    ids = [i["id"]["videoId"] for i in got]
    shown = [i["id"] for i in videos(plain, list(dict.fromkeys(listed(plain, channel_id))), "id")]
    assert list(dict.fromkeys(ids)) == shown
    times = [i["snippet"]["publishedAt"] for i in got]
    middle = times[len(times) // 2]
    late = items_of(plain, "search", part="snippet", type="video", channelId=channel_id, maxResults=50, publishedAfter=middle)
    assert {i["id"]["videoId"] for i in late} == {v for v, t in zip(ids, times) if t >= middle}
    both = ",".join(list(counts)[:2])
    assert call(plain, "search", part="id", channelId=both).json()["items"] == []
    kinds = {i["id"]["kind"] for i in call(plain, "search", part="id", maxResults=50).json()["items"]}
    assert kinds == {"youtube#channel", "youtube#video"}


def test_refused_searches(plain, counts):
    for params, status, reason in (
            (dict(part="statistics"), 400, "unknownPart"), (dict(channelId="UCbad"), 400, "badRequest"),
            (dict(videoDuration="short"), 400, "invalidSearchFilter"), (dict(forMine="true"), 401, "required"),
            (dict(type="film"), 400, "badRequest"), (dict(order="best"), 400, "badRequest"),
            (dict(pageToken="CDIQAA"), 400, "invalidPageToken")):
        answer = call(plain, "search", **{"part": "id", "q": "x", **params})
        assert (answer.status, answer.reason) == (status, reason), params
    assert call(plain, "search", part="statistics", q="x").json()["error"]["message"] == "statistics"
    assert call(plain, "search", part="id", type="video", videoDuration="short").status == 200


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
