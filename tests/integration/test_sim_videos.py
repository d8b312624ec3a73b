"""youtube-sim: uploads, videos and their counts."""
import base64
import re

import pytest
from sim_method_checks import *  # noqa: F401, F403


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
