"""youtube-sim: its universe and channels.list."""
import base64
import json
import re
import zlib

import pytest
from sim_checks import *  # noqa: F401, F403


# -- the universe ---------------------------------------------------------------------------------------------------
def test_ids_have_the_real_form_and_are_distinct_and_unsorted(plain):
    ids = plain.ids(5000)
    assert all(re.fullmatch(r"UC[A-Za-z0-9_-]{21}[AQgw]", text) for text in ids)
    assert len(set(ids)) == 5000 and ids != sorted(ids)
    for text in ids[:100]:
        assert len(base64.urlsafe_b64decode(text[2:] + "==")) == 16
    assert plain.ids(7000) == ids + ids[:2000]
    assert plain.ids(3, "--first", "4") == ids[4:7]


def test_another_seed_is_another_universe(plain):
    other = plain.run("ids", "--channels", "5000", "--seed", "12", "--count", "100").split()[1:]
    assert not set(other) & set(plain.ids(5000))
    assert plain.describe(other[0]) == "unknown"


def test_titles_of_ids_agree_with_describe(plain):
    import csv
    rows = list(csv.reader(plain.run("ids", *plain.universe(), "--count", "300", "--titles").splitlines()))
    assert rows[0] == ["channel_id", "title"] and len(rows) == 301
    for channel_id, title in rows[1:40]:
        found = plain.describe(channel_id)
        assert found == "terminated" or found["snippet"]["title"] == title


def test_served_items_agree_with_describe(plain):
    ids = plain.ids(50)
    served = {item["id"]: item for item in plain.channels(ids, part=ALL_PARTS).json()["items"]}
    for channel_id in ids:
        told = plain.describe(channel_id)
        if told == "terminated":
            assert channel_id not in served
            continue
        mine = dict(served[channel_id], etag="")
        assert mine == dict(told, etag="")


def test_the_universe_is_as_varied_as_it_says(plain):
    items = list(every_item(plain, 5000))
    n = len(items)
    assert 0.96 < n / 5000 < 0.99
    hidden = [i["statistics"] for i in items if i.get("statistics", {}).get("hiddenSubscriberCount")]
    assert 0.02 < len(hidden) / n < 0.06
    assert {s.get("subscriberCount") for s in hidden} == {None, "0"}
    assert any("statistics" not in i for i in items)
    assert any(i.get("statistics", {}).get("videoCount") == "0" for i in items)
    for item in items:
        count = item.get("statistics", {}).get("subscriberCount", "0")
        assert re.fullmatch(r"\d{1,3}0*", count)
        assert item["contentDetails"]["relatedPlaylists"] == {"likes": "", "uploads": "UU" + item["id"][2:]}
        assert len(item["snippet"]["description"]) <= 1000 and len(item["snippet"]["title"]) <= 100
    lengths = sorted(len(i["snippet"]["description"].encode()) for i in items)
    assert lengths[0] == 0 and 300 < lengths[n // 2] < 500 and max(len(i["snippet"]["description"]) for i in items) == 1000
    digits = {len(i["snippet"]["publishedAt"].partition(".")[2]) for i in items}
    assert digits == {0, 4, 5, 7}
    assert {frozenset(i["snippet"]["thumbnails"]) for i in items} >= {
        frozenset(("default", "medium", "high")), frozenset(("default",)), frozenset()}
    for member in ("customUrl", "country", "defaultLanguage"):
        assert 0 < sum(member in i["snippet"] for i in items) < n
    for part in ("topicDetails", "brandingSettings", "localizations"):
        assert 0 < sum(part in i for i in items) < n
    handles = [i["snippet"]["customUrl"].lower() for i in items if "customUrl" in i["snippet"]]
    assert len(set(handles)) == len(handles)
    titles = "".join(i["snippet"]["title"] for i in items)
    for script in ("[a-z]", "[\u00e0-\u017f]", "[\u0370-\u03ff]", "[\u0400-\u04ff]", "[\u0590-\u05ff]",
                   "[\u0600-\u06ff]", "[\u0900-\u097f]", "[\u0e00-\u0e7f]", "[\u3040-\u30ff]", "[\u4e00-\u9fff]",
                   "[\uac00-\ud7af]", "[\U0001f300-\U0001faff]", "[<\"]"):
        assert re.search(script, titles), script


# -- channels.list --------------------------------------------------------------------------------------------------
def test_plain_reply(plain):
    ids = [i for i in plain.ids(60) if plain.describe(i) != "terminated"][:50]
    answer = plain.channels(ids, part="snippet,statistics")
    body = answer.json()
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert answer.headers["Cache-Control"].startswith("private") and answer.headers["Vary"]
    assert answer.headers["ETag"] == body["etag"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{26}[AEIMQUYcgkosw048]", body["etag"])
    assert body["kind"] == "youtube#channelListResponse"
    assert body["pageInfo"] == {"totalResults": 50, "resultsPerPage": 50}
    got = [item["id"] for item in body["items"]]
    assert sorted(got) == sorted(ids) and got != ids
    assert plain.channels(ids, part="snippet,statistics").body == answer.body
    assert list(body["items"][0]) == ["kind", "etag", "id", "snippet", "statistics"]


def test_print_layout(plain):
    ids = plain.ids(3)
    pretty = plain.channels(ids).body.decode()
    assert pretty.startswith('{\n  "kind": "youtube#channelListResponse",\n  "etag": "') and pretty.endswith("\n}\n")
    tight = plain.channels(ids, prettyPrint="false").body.decode()
    assert "\n" not in tight and tight.startswith('{"kind":"')
    assert "<" not in plain.channels(plain.ids(50)).body.decode()
    strip = lambda text: json.loads(re.sub(r'"etag": ?"[^"]*"', '"etag":""', text))
    assert strip(pretty) == strip(tight)


def test_missing_channels_are_silently_absent(plain):
    ids = plain.ids(200)
    terminated = [i for i in ids if plain.describe(i) == "terminated"]
    strangers = plain.ids(3, "--unknown")
    assert terminated and all(plain.describe(i) == "unknown" for i in strangers)
    alive = next(i for i in ids if i not in terminated)
    body = plain.channels(strangers + terminated[:3] + [alive, alive]).json()
    assert [i["id"] for i in body["items"]] == [alive] and body["pageInfo"]["totalResults"] == 1
    nothing = plain.channels(strangers + terminated[:3])
    assert nothing.status == 200
    assert set(nothing.json()) == {"kind", "etag", "pageInfo"}
    wrong_padding = alive[:-1] + ("B" if alive[-1] != "B" else "C")
    assert "items" not in plain.channels([wrong_padding]).json()


def test_five_results_unless_asked_for_more(plain):
    ids = [i for i in plain.ids(30) if plain.describe(i) != "terminated"][:20]
    body = plain.channels(ids, maxResults=None).json()
    assert len(body["items"]) == 5 and body["pageInfo"]["resultsPerPage"] == 5 and "nextPageToken" not in body
    assert len(plain.channels(ids, maxResults=7).json()["items"]) == 7
    assert "items" not in plain.channels(ids, maxResults=0).json()


def test_handles_and_user_names(plain):
    items = [i for i in every_item(plain, 100) if "customUrl" in i["snippet"]]
    for item in items[:20]:
        handle = item["snippet"]["customUrl"]
        for form in (handle, handle[1:], handle.upper() if handle.isascii() else handle):
            body = plain.channels(forHandle=form, part="id").json()
            assert [i["id"] for i in body["items"]] == [item["id"]]
    # a former handle still leads to the channel, which calls itself by its present one
    former = [(i, "user" + i["snippet"]["customUrl"][-8:]) for i in items]
    former = [(i, n) for i, n in former if plain.channels(forUsername=n, part="id").json().get("items")]
    assert len(former) > 3
    for item, name in former:
        found, = plain.channels(forHandle="@" + name).json()["items"]
        assert found["id"] == item["id"] and found["snippet"]["customUrl"] == item["snippet"]["customUrl"]
    assert "items" not in plain.channels(forHandle="@nobody-at-all", part="id").json()
    assert "items" not in plain.channels(forUsername="nobody", part="id").json()


def test_hl_chooses_a_localization(plain):
    item = next(i for i in every_item(plain, 500) if "localizations" in i)
    lang, texts = next(iter(item["localizations"].items()))
    seen = plain.channels([item["id"]], part="snippet", hl=lang).json()["items"][0]["snippet"]
    assert seen["localized"] == texts and seen["title"] == item["snippet"]["title"]
    seen = plain.channels([item["id"]], part="snippet", hl="xx").json()["items"][0]["snippet"]
    assert seen["localized"]["title"] == seen["title"]


def test_repeated_parameters_count_as_joined(plain):
    ids = plain.ids(4)
    one = plain.request("/youtube/v3/channels", [("key", "a"), ("part", "id,status"), ("id", ",".join(ids))]).json()
    many = [("key", "a"), ("part", "id"), ("part", "status")] + [("id", i) for i in ids]
    assert plain.request("/youtube/v3/channels", many).json() == one


@pytest.mark.parametrize("params, status, reason", [
    (dict(id=None), 400, "missingRequiredParameter"),
    (dict(id=""), 400, "missingRequiredParameter"),
    (dict(part=None), 400, "missingRequiredParameter"),
    (dict(part="snippet,nonsense"), 400, "unknownPart"),
    (dict(part="auditDetails"), 403, "channelForbidden"),
    (dict(forHandle="@x"), 400, "incompatibleParameters"),
    (dict(id=None, mine="true"), 401, "required"),
    (dict(id=None, mine="true", access_token="t"), 401, "authError"),
    (dict(id=None, mySubscribers="true"), 401, "required"),
    (dict(id=None, mine="false"), 400, "missingRequiredParameter"),
    (dict(id=None, categoryId="x"), 404, "categoryNotFound"),
    (dict(id="UC123"), 400, "badRequest"),
    (dict(maxResults="51"), 400, "invalidParameter"),
    (dict(maxResults="many"), 400, "badRequest"),
    (dict(maxResults="-1"), 400, "badRequest"),
    (dict(mine="perhaps"), 400, "badRequest"),
    (dict(pageToken="CDIQAA"), 400, "invalidPageToken"),
    (dict(fields="items("), 400, "invalidParameter"),
    (dict(fields="items/nonsense"), 400, "invalidParameter"),
    (dict(alt="proto"), 400, "badRequest"),
    (dict(maxresults="50"), 400, "badRequest"),
    (dict(key=None), 403, "forbidden"),
    (dict(key="wrong"), 400, "badRequest"),
])
def test_refusals(plain, params, status, reason):
    asked = dict(dict(id=plain.ids(1)[0]), **params)
    ids = asked.pop("id")
    answer = plain.channels(ids, **asked)
    assert (answer.status, answer.reason) == (status, reason)
    assert answer.headers["ETag"] is None and answer.json()["error"]["code"] == status


def test_more_than_fifty_ids(plain):
    answer = plain.channels(plain.ids(51))
    assert (answer.status, answer.reason) == (400, "invalidFilters")
    assert answer.json()["error"]["message"] == "The request specifies an invalid filter parameter."


def test_unknown_path_is_a_web_page(plain):
    for path in ("/youtube/v3/channels/", "/youtube/v3/nothing", "/", "/$discovery/rest?version=v3"):
        answer = plain.request(path)
        assert answer.status == 404 and answer.headers["Content-Type"].startswith("text/html")
    assert plain.request("/youtube/v3/channels", data="{}").status == 405


def test_key_in_the_header(plain):
    ids = plain.ids(1)
    assert plain.channels(ids, key=None, headers={"X-Goog-Api-Key": "a"}).status == 200
    assert plain.channels(ids, key=None, headers={"X-Goog-Api-Key": "b"}).status == 400


def test_fields(plain):
    ids = plain.ids(20)
    whole = plain.channels(ids, part="snippet,statistics").json()
    body = plain.channels(ids, fields="items(id,snippet(title,thumbnails/*/url),statistics/viewCount),pageInfo").json()
    assert list(body) == ["pageInfo", "items"]
    for cut, full in zip(body["items"], whole["items"]):
        assert cut["id"] == full["id"]
        assert cut["snippet"] == {"title": full["snippet"]["title"], "thumbnails": {
            name: {"url": t["url"]} for name, t in full["snippet"]["thumbnails"].items()}}
        assert cut["statistics"] == {"viewCount": full["statistics"]["viewCount"]}
    assert list(plain.channels(ids, fields="kind").json()) == ["kind"]
    assert plain.channels(ids, fields="*").json()["items"][0].keys() == whole["items"][0].keys()
    both = plain.channels(ids, fields="items/snippet/title,items(id),items/snippet(country,localized)").json()
    assert all(set(i) == {"id", "snippet"} and set(i["snippet"]) <= {"title", "country", "localized"}
               for i in both["items"])
    for bad in ("", ",", "items(id", "items)", "items/", "a b", "items//id", "items(id)x"):
        assert plain.channels(ids, fields=bad).reason == "invalidParameter", bad


def test_not_modified(make_sim):
    sim = make_sim(channels=100, quota=3, projects="p")
    ids = sim.ids(10)
    etag = sim.channels(ids).headers["ETag"]
    for form in (etag, '"%s"' % etag):
        answer = sim.channels(ids, headers={"If-None-Match": form})
        assert answer.status == 304 and answer.body == b"" and answer.headers["ETag"] == etag
    assert sim.units("p") == 3
    assert sim.channels(ids, headers={"If-None-Match": etag}).status == 403


def test_gzip_needs_both_headers(plain):
    ids = plain.ids(50)
    accept, agent = {"Accept-Encoding": "gzip"}, {"User-Agent": "test (gzip)"}
    identity = plain.channels(ids, headers=agent)
    for headers in (accept, agent, {}):
        assert plain.channels(ids, headers=headers).headers["Content-Encoding"] is None
    for _ in range(3):
        packed = plain.channels(ids, headers={**accept, **agent})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert zlib.decompress(packed.body, 31) == identity.body and len(packed.body) < len(identity.body) / 2
        assert packed.headers["ETag"] == identity.headers["ETag"]


def test_no_gzip(make_sim):
    sim = make_sim(no_gzip=True)
    answer = sim.channels(sim.ids(5), headers={"Accept-Encoding": "gzip", "User-Agent": "gzip"})
    assert answer.headers["Content-Encoding"] is None and answer.json()["items"]
