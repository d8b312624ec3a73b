"""youtube-sim: how channels lead to others: sections, playlists, subscriptions, comments, search."""
import base64
import re
from sim_method_checks import *  # noqa: F401, F403


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
