"""youtube-sim, the simulator, judged by Google's discovery document, Google's own client and the recorded replies."""
import base64
import http.client
import json
import os
import re
import socket
import sys
import time
import zlib

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


# -- quota ----------------------------------------------------------------------------------------------------------
def test_quota_is_shared_by_the_keys_of_a_project_and_refused_at_the_limit(make_sim):
    sim = make_sim(keys="a,b,c", projects="shared,shared", quota=5)
    ids = sim.ids(2)
    seen = [sim.channels(ids, key=key).status for key in "ababa"]
    assert seen == [200] * 5
    for key in "ab":
        answer = sim.channels(ids, key=key)
        assert (answer.status, answer.reason) == (403, "quotaExceeded")
        assert answer.json()["error"]["errors"][0]["domain"] == "youtube.quota"
    assert b"\\u003ca href" in answer.body
    assert sim.channels(ids, key="c").status == 200
    stats = sim.stats()
    day = next(iter(stats["units"]["shared"]["units"]))
    assert stats["units"]["shared"]["units"][day] == 7 and stats["refused"]["shared"]["units"][day] == 2
    assert sim.units() == 8 and stats["status"] == {"200": 6, "403": 2} and stats["requests"] == 8
    entries = sim.log_entries()
    assert [e["n"] for e in sorted(entries, key=lambda e: e["n"])] == list(range(1, 9))
    assert sum(e["cost"] for e in entries if e["billed"] and e["project"] == "shared") == 7
    sim.set_quota("shared", 100)
    assert sim.channels(ids, key="a").status == 200


def test_refused_requests_are_billed_and_keyless_ones_are_not(make_sim):
    sim = make_sim(keys="a", projects="p")
    assert sim.channels("UCbad").status == 400
    assert sim.channels(None).status == 400
    assert sim.channels("UCbad", nonsense="1").status == 400
    assert sim.units("p") == 3
    sim.channels("UCbad", key="x")
    sim.channels("UCbad", key=None)
    sim.request("/nothing")
    assert sim.units("p") == 3
    assert [e["billed"] for e in sim.log_entries()] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("midnight, before, after", [
    (1793516400, "2026-10-31", "2026-11-01"),       # the day summer time ends begins at 07:00 UTC
    (1793606400, "2026-11-01", "2026-11-02"),       # and lasts 25 hours
    (1805011200, "2027-03-13", "2027-03-14"),
    (1805094000, "2027-03-14", "2027-03-15"),       # 23 hours
    (1798790400, "2026-12-31", "2027-01-01"),
    (1835510400, "2028-02-29", "2028-03-01"),
])
def test_a_new_pacific_day_is_a_new_quota(make_sim, midnight, before, after):
    sim = make_sim(now=midnight - 5, quota=1, projects="p", keys="a")
    ids = sim.ids(1)
    assert [sim.channels(ids).status for _ in range(2)] == [200, 403]
    sim.set_clock(midnight)
    assert [sim.channels(ids).status for _ in range(2)] == [200, 403]
    assert sim.stats()["units"]["p"]["units"] == {before: 2, after: 2}
    assert [e["day"] for e in sim.log_entries()] == [before] * 2 + [after] * 2


# -- the log --------------------------------------------------------------------------------------------------------
def test_log_lines(make_sim):
    sim = make_sim(keys="a", projects="pa", log_ids=True, now=1795600000)
    ids = sim.ids(3) + sim.ids(1, "--unknown")
    sim.channels(ids)
    line, = sim.log_entries()
    assert list(line) == ["n", "t", "method", "key", "project", "bucket", "cost", "billed", "day", "status", "reason",
                          "ids", "found", "fault", "idlist"]
    assert 1795600000000 <= line.pop("t") < 1795600060000
    assert line == {"n": 1, "method": "channels.list", "key": "a", "project": "pa", "bucket": "units", "cost": 1,
                    "billed": True, "day": "2026-11-25", "status": 200, "reason": "", "ids": 4,
                    "found": 3, "fault": "", "idlist": ",".join(ids)}


def test_everything_is_logged_at_the_end(make_sim):
    sim = make_sim(quota=0)
    for _ in range(50):
        sim.channels("UCbad")
    assert sim.stop() == 0
    assert len(sim.log_entries()) == 50


# -- faults ---------------------------------------------------------------------------------------------------------
def test_every_error_by_number(make_sim):
    names = [n for n in Sim().run("--faults", "list").split()]
    transport = ["truncate", "badjson", "nuljson", "hugejson", "deepjson", "wrongtype", "stall", "reset", "slow",
                 "poison", "delkey"]
    assert names[:len(transport)] == transport
    errors = names[len(transport):]
    sim = make_sim(faults=",".join("%s@%d" % (name, n) for n, name in enumerate(errors, 2)))
    ids = sim.ids(2)
    assert sim.channels(ids).status == 200
    for name in errors:
        answer = sim.channels(ids)
        digits = re.search(r"(\d{3})", name)
        if digits and "html" not in name:
            assert answer.status == int(digits.group(1)), name
        assert answer.status >= 400
        if name.startswith("html") or name in ("notFound", "methodNotAllowed"):
            assert answer.body.startswith(b"<!DOCTYPE html>")
        elif name == "empty503":
            assert answer.body == b""
        else:
            error = answer.json()["error"]
            assert error["code"] == answer.status and error["errors"][0]["message"] == error["message"]
            assert "{" not in error["message"]
    assert sim.channels(ids).status == 200
    assert sim.stats()["faults"] == {name: 1 for name in errors}
    assert [e["fault"] for e in sim.log_entries()] == [""] + errors + [""]


@pytest.mark.parametrize("name, fixture", [
    ("quotaExceeded", "issue-403-quotaExceeded"), ("dailyLimitExceeded", "issue-403-dailyLimitExceeded"),
    ("accessNotConfigured", "joostlek-youtube_not_activated"), ("keyInvalid", "quoted-400-API_KEY_INVALID"),
    ("forbiddenReferrer", "quoted-403-referrer-blocked"), ("429search", "quoted-429-search-queries-per-day"),
    ("backendError500", "issue-500-backendError"), ("backendError503", "issue-503-backendError"),
    ("failedPrecondition400", "issue-400-failedPrecondition"), ("invalidArgument", "issue-400-INVALID_ARGUMENT"),
    ("authError", "fsyt-channels-401-002"),
])
def test_envelopes_have_the_recorded_shape(make_sim, name, fixture):
    with open(need(os.path.join(ERRORS, fixture + ".json")), encoding="utf-8") as text:
        recorded = json.load(text)["error"]
    sim = make_sim(faults=name + "@1", projects="42")
    got = sim.channels(sim.ids(1)).json()["error"]
    plain_text = lambda s: re.sub(r"(projects?[ /=]|project_number:)\d+", r"\1N", s)
    assert got["code"] == recorded["code"] and got.get("status") == recorded.get("status")
    assert plain_text(got["message"]) == plain_text(recorded["message"])
    for key in ("domain", "reason", "location", "locationType"):
        assert got["errors"][0].get(key) == recorded["errors"][0].get(key)
    kinds = lambda e: [(d["@type"], d.get("reason")) for d in e.get("details", [])]
    assert kinds(got) == kinds(recorded)


def test_429_tells_a_minute_from_a_day(make_sim):
    sim = make_sim(faults="429minute@1:7,429day@2,429plain@3", projects="p")
    answers = [sim.channels(sim.ids(1)) for _ in range(3)]
    assert [(a.status, a.reason) for a in answers] == [(429, "rateLimitExceeded")] * 3
    units = [a.json()["error"].get("details", [{}])[0].get("metadata", {}).get("quota_unit") for a in answers]
    assert units == ["1/min/{project}", "1/d/{project}", None]
    assert [a.headers["Retry-After"] for a in answers] == ["7", None, None]


def test_v2_error_format(plain):
    error = plain.channels("UCbad", **{"$.xgafv": "2"}).json()["error"]
    assert "errors" not in error and error["status"] == "INVALID_ARGUMENT"


def test_rates_repeat_and_are_about_right(make_sim):
    runs = []
    for _ in range(2):
        sim = make_sim(faults="backendError503:0.3,429minute:0.1", quota=0)
        ids = sim.ids(1)
        runs.append([sim.channels(ids).status for _ in range(400)])
        sim.stop()
    assert runs[0] == runs[1]
    assert 85 < runs[0].count(503) < 155 and 12 < runs[0].count(429) < 50


def test_ranges_and_changes_at_run_time(make_sim):
    sim = make_sim(faults="html502@2-4")
    ids = sim.ids(1)
    assert [sim.channels(ids).status for _ in range(5)] == [200, 502, 502, 502, 200]
    sim.set_faults("empty503@+1,html500@+3")
    assert [sim.channels(ids).status for _ in range(4)] == [503, 200, 500, 200]
    sim.set_faults("")
    for bad in ("nonsense:0.1", "html500", "html500:2", "html500@0", "html500@5-4", "poison", "delkey:a", "stall:0.1:x",
                ",html500:0.1"):
        with pytest.raises(RuntimeError):
            sim.set_faults(bad)
    assert sim.channels(ids).status == 200


def test_poison_and_deleted_keys(make_sim):
    sim = make_sim(keys="a,b", channels=100)
    ids = sim.ids(20)
    sim.set_faults("poison:%s,delkey@5:b" % ids[7])
    assert sim.channels(ids).json()["error"]["status"] == "INVALID_ARGUMENT"
    assert sim.channels(ids[:7] + ids[8:]).status == 200
    assert sim.channels([ids[7]]).status == 400
    assert sim.channels(ids[:5], key="b").status == 200
    gone = sim.channels(ids[:5], key="b")
    assert gone.json()["error"]["details"][-1]["reason"] == "API_KEY_INVALID"
    assert sim.channels(ids[:5], key="a").status == 200
    assert sim.log_entries()[4]["billed"] is False


def raw(sim, ids, read=True):
    connection = http.client.HTTPConnection("127.0.0.1", sim.port, timeout=10)
    connection.request("GET", "/youtube/v3/channels?key=key-a&part=snippet&maxResults=50&id=" + ",".join(ids))
    return connection, connection.getresponse() if read else None


def test_truncated_and_reset_bodies(make_sim):
    sim = make_sim(faults="truncate@1,reset@2")
    ids = sim.ids(20)
    connection, reply = raw(sim, ids)
    with pytest.raises(http.client.IncompleteRead) as cut:
        reply.read()
    assert len(cut.value.partial) == int(reply.headers["Content-Length"]) // 2
    connection.close()
    connection, reply = raw(sim, ids)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
        reply.read()
    connection.close()
    assert sim.channels(ids).status == 200


def test_spoilt_bodies(make_sim):
    sim = make_sim(faults="badjson@1,nuljson@2,deepjson@3,wrongtype@4-5,hugejson@6")
    ids = sim.ids(20)
    for wanted in (b"}", b"\0"):
        answer = sim.channels(ids)
        assert answer.status == 200 and wanted in answer.body
        with pytest.raises(ValueError):
            answer.json()
    assert sim.channels(ids).body.count(b"[") == 10000
    types = [type(sim.channels(ids[:n]).json()["items"]) for n in (2, 3)]
    assert set(types) <= {str, list}
    huge = sim.channels(ids).body
    assert len(huge) == 50 << 20 and len(json.loads(huge)["items"]) == 1


def test_slow_bodies_and_stalls_hold_nobody_up(make_sim):
    sim = make_sim(faults="slow@1:2000,stall@2-9:30", threads=2)
    ids = sim.ids(3)
    started = time.monotonic()
    slow_connection, _ = raw(sim, ids, read=False)
    stalled = []
    for _ in range(8):
        stalled.append(raw(sim, ids, read=False)[0])
        while sim.stats()["requests"] < 1 + len(stalled):
            time.sleep(0.01)
    quick = time.monotonic()
    for _ in range(20):
        assert sim.channels(ids).status == 200
    assert time.monotonic() - quick < 2
    reply = slow_connection.getresponse()
    body = reply.read()
    assert json.loads(body)["items"] and time.monotonic() - started > len(body) / 2000 * 0.8
    stalled[0].sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        stalled[0].sock.recv(1)
    assert sum(e["status"] == 0 for e in sim.log_entries()) == 8
    ending = time.monotonic()
    assert sim.stop() == 0                          # with seven connections waiting
    assert time.monotonic() - ending < 5
    for connection in stalled + [slow_connection]:
        connection.close()


def test_a_stall_ends_by_itself(make_sim):
    sim = make_sim(faults="stall@1:1")
    started = time.monotonic()
    connection, _ = raw(sim, sim.ids(1), read=False)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    assert 0.8 < time.monotonic() - started < 4


def test_latency_does_not_block(make_sim):
    sim = make_sim(latency=300, threads=2)
    ids = sim.ids(1)
    started = time.monotonic()
    waiting = [raw(sim, ids, read=False)[0] for _ in range(20)]
    for connection in waiting:
        assert connection.getresponse().read()
        connection.close()
    assert 0.29 < time.monotonic() - started < 1.5
    sim.set_latency(0)
    started = time.monotonic()
    sim.channels(ids)
    assert time.monotonic() - started < 0.2
    sim.set_latency("10-20")
    sim.channels(ids)
    with pytest.raises(RuntimeError):
        sim.set_latency("soon")


# -- replay ---------------------------------------------------------------------------------------------------------
def test_replay_of_the_recorded_channels(make_sim):
    folder = need(RECORDED)
    recorded = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as text:
                for item in json.load(text).get("items", []):
                    recorded.setdefault(item["id"], {}).update(item)
    assert len(recorded) > 5
    sim = make_sim(replay=folder)
    ids = sorted(recorded)
    body = sim.channels(ids + sim.ids(2), part=ALL_PARTS).json()
    assert {i["id"] for i in body["items"]} == set(ids)
    for item in body["items"]:
        wanted = {k: v for k, v in recorded[item["id"]].items() if k in ALL_PARTS.split(",") or k == "kind"}
        assert {k: v for k, v in item.items() if k != "etag"} == wanted
    cut = sim.channels(ids, part="statistics", fields="items(id,statistics/viewCount)").json()["items"]
    assert all(set(i) <= {"id", "statistics"} and set(i.get("statistics", {})) <= {"viewCount"} for i in cut)
    assert sim.channels(forHandle="@GoogleDevelopers", part="id").json()["items"][0]["id"] == \
        "UC_x5XG1OV2P6uZZ5FSM9Ttw"


def test_replay_leaves_out_what_does_not_parse(make_sim, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "good.json").write_text(json.dumps({"items": [
        {"kind": "youtube#channel", "id": "UC" + "a" * 21 + "A", "snippet": {"title": "t<\u00e9\"", "n": [1, None, -2]}}]}))
    sim = make_sim(replay=str(tmp_path))
    item, = sim.channels(["UC" + "a" * 21 + "A"], part="snippet").json()["items"]
    assert item["snippet"]["title"] == "t<\u00e9\""
    with open(sim.errors_path, encoding="utf-8") as text:
        assert "broken.json" in text.read()


# -- Google's discovery document and client ---------------------------------------------------------------------------
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


def test_every_member_is_in_the_discovery_document(plain, discovery):
    ids = plain.ids(1000)
    for at in range(0, 1000, 50):
        body = plain.channels(ids[at:at + 50], part=ALL_PARTS).json()
        check({"$ref": "ChannelListResponse"}, body, discovery, "")


def test_parameters_agree_with_the_discovery_document(plain, discovery):
    method = discovery["resources"]["channels"]["methods"]["list"]
    assert method["path"] == "youtube/v3/channels" and method["httpMethod"] == "GET"
    samples = {"integer": "1", "boolean": "true", "string": "x"}
    for name, about in {**discovery["parameters"], **method["parameters"]}.items():
        params = {"key": "a", "part": "id", "id": plain.ids(1)[0], name: about.get("default", samples[about["type"]])}
        answer = plain.request("/youtube/v3/channels", params)
        assert b"Unknown name" not in answer.body, name
    for name, about in method["parameters"].items():
        if not about.get("required"):
            continue
        asked = dict(key="a", part="id", id=plain.ids(1)[0])
        del asked[name]
        assert plain.request("/youtube/v3/channels", asked).status == 400
    largest = int(method["parameters"]["maxResults"]["maximum"])
    assert plain.channels(plain.ids(1), maxResults=largest).status == 200
    assert plain.channels(plain.ids(1), maxResults=largest + 1).status == 400
    assert plain.channels(plain.ids(9), maxResults=None).json()["pageInfo"]["resultsPerPage"] == \
        int(method["parameters"]["maxResults"]["default"])


def test_fields_take_every_name_of_the_discovery_document(plain, discovery):
    def paths(schema, depth=0):
        schema = discovery["schemas"][schema["$ref"]] if "$ref" in schema else schema
        schema = schema.get("items", schema)
        schema = discovery["schemas"][schema["$ref"]] if "$ref" in schema else schema
        for name, below in schema.get("properties", {}).items():
            yield name
            if depth < 6:
                yield from (name + "/" + rest for rest in paths(below, depth + 1))
    unknown = [path for path in paths({"$ref": "ChannelListResponse"}) if "Image" not in path.split("/")[-1]
               and "/image/" not in path and not plain.channels(plain.ids(1), fields=path).status == 200]
    assert unknown == []


@pytest.fixture
def google(discovery):
    module = pytest.importorskip("googleapiclient.discovery", reason="python3-googleapi is not installed")

    def client(sim, key="key-a"):
        document = dict(discovery, rootUrl=sim.url + "/", baseUrl=sim.url + "/")
        document.pop("mtlsRootUrl", None)
        return module.build_from_document(json.dumps(document), developerKey=key)
    return client


def test_googles_client_lists_fifty_channels(google, make_sim):
    sim = make_sim(channels=500)
    ids = sim.ids(50)
    youtube = google(sim)
    request = youtube.channels().list(part="snippet,statistics", id=",".join(ids), maxResults=50)
    reply = request.execute()
    assert {i["id"] for i in reply["items"]} == {i for i in ids if sim.describe(i) != "terminated"}
    assert youtube.channels().list_next(request, reply) is None
    reply = youtube.channels().list(part="snippet", id=ids, maxResults=50, fields="items(id,snippet/title)").execute()
    assert all(set(i) == {"id", "snippet"} and set(i["snippet"]) == {"title"} for i in reply["items"])
    assert sim.units() == 2


@pytest.mark.parametrize("fault, status, reason", [
    ("quotaExceeded", 403, "quotaExceeded"), ("keyInvalid", 400, "badRequest"),
    ("accessNotConfigured", 403, "accessNotConfigured"), ("429day", 429, "rateLimitExceeded"),
    ("backendError503", 503, "backendError"), ("processingFailure400", 400, "processingFailure"),
])
def test_googles_client_sees_the_errors(google, make_sim, fault, status, reason):
    errors = pytest.importorskip("googleapiclient.errors")
    sim = make_sim(faults=fault + "@1")
    with pytest.raises(errors.HttpError) as caught:
        google(sim).channels().list(part="id", id=sim.ids(1)[0]).execute(num_retries=0)
    assert caught.value.resp.status == status
    assert json.loads(caught.value.content)["error"]["errors"][0]["reason"] == reason
    sent = json.loads(caught.value.content)["error"]["message"]
    assert sent in str(caught.value)


# -- the program ----------------------------------------------------------------------------------------------------
def test_exit_statuses():
    import subprocess
    run = lambda *words: subprocess.run([find_binary(), *words], capture_output=True, timeout=10)
    assert run("--help").returncode == 0 and b"--faults" in run("--help").stdout
    assert run("--version").returncode == 0
    for words in (["--nonsense"], ["--port", "x"], ["--channels", "-1"], ["nonsense"], ["describe"], ["ids", "x"],
                  ["--faults", "nonsense:1"], ["--keys", "a,a"], ["--keys", "a b"], ["--replay", "/nonexistent"]):
        done = run(*words)
        assert done.returncode == 2 and done.stderr, words


def test_ready_file_and_a_taken_port(make_sim, tmp_path):
    sim = make_sim()
    with open(os.path.join(sim.directory, "port"), encoding="utf-8") as text:
        assert int(text.read()) == sim.port
    with pytest.raises(RuntimeError):
        Sim(port=sim.port).start()


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT"])
def test_clean_exit(make_sim, how):
    import signal
    sim = make_sim(latency=5000)
    idle = socket.create_connection(("127.0.0.1", sim.port))
    waiting = raw(sim, sim.ids(1), read=False)[0]
    time.sleep(0.2)
    started = time.monotonic()
    assert sim.stop(getattr(signal, how)) == 0 and time.monotonic() - started < 5
    idle.close()
    waiting.close()
