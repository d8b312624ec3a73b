"""The methods of discovery that cost more, and external services, against youtube-sim and a stub service."""
import json
import os
import re
import sqlite3
import time

import pytest

from account import check_account, check_result
from stub_service import StubService
from tubeops import PATIENCE

API = "/youtube/v3/"
SECRET = "hush-hush-4711-provider-key"


# ---- help ----

def ready(make_tubeops, sim, seeds, **settings):
    """A folder whose first channels have metadata."""
    tubeops = make_tubeops(sim, **{"YOUTUBE_API_KEY_1_QUOTA": 1000000, **settings})
    tubeops.import_ids(sim.ids(seeds))
    tubeops.json("run", "batch_metadata")
    return tubeops


def alive(tubeops):
    return {r[0] for r in tubeops.sql("SELECT channel_id FROM channels WHERE metadata = 'done'")}


def edges(tubeops):
    return {(r[0], r[1]): r[2] for r in tubeops.sql(
        "SELECT source_channel_id, discovered_channel_id, confidence FROM discoveries")}


def call(sim, method, **params):
    return sim.request(API + method, {"key": str(sim.options["keys"]).split(",", 1)[0], **params})


def items(sim, method, pages=1000, **params):
    """Items of the first pages; None for a list that is not shown."""
    found = []
    for _ in range(pages):
        answer = call(sim, method, **params)
        if answer.status in (403, 404):
            return None
        assert answer.status == 200, answer.body
        body = answer.json()
        found += body.get("items", [])
        params["pageToken"] = body.get("nextPageToken")
        if not params["pageToken"]:
            break
    return found


def calls(sim, method):
    return [e for e in sim.log_entries() if e["method"] == method]


def ask_again(tubeops):
    """All channels may be searched once more: what a later version may offer, done by hand."""
    db = sqlite3.connect(os.path.join(tubeops.data, "staging.db"))
    with db:
        done = db.execute("UPDATE channel SET discovery = 0 WHERE discovery = 1").rowcount
        db.execute("UPDATE counter SET value = value + ? WHERE name = 'discovery.pending'", (done,))
        db.execute("UPDATE counter SET value = value - ? WHERE name = 'discovery.done'", (done,))
    db.close()


def number(result, method, name):
    return result["methods"][method].get(name, 0)


# ---- subscriptions ----

def test_subscriptions_are_those_that_are_shown(make_tubeops, make_sim, tomorrow):
    sim, oracle = make_sim(channels=2000, log_ids=True), make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 120)
    sources = sorted(alive(tubeops))
    lists = {s: items(oracle, "subscriptions", part="snippet", channelId=s, maxResults=50, order="alphabetical")
             for s in sources}
    hidden = {s for s in sources if lists[s] is None}
    truth = {(s, i["snippet"]["resourceId"]["channelId"]) for s in sources for i in lists[s] or []}
    assert len(hidden) > 50 and len(truth) > 200
    result = check_result(tubeops.json("run", "batch_discovery", "--method", "subscriptions", "--pages", "20"))
    assert result["done"] == len(sources) and result["failed"] == 0
    assert set(edges(tubeops)) == truth and set(edges(tubeops).values()) == {0.5}
    assert number(result, "subscriptions", "closed") == len(hidden) == tubeops.value(
        "SELECT count(*) FROM target_note WHERE what = 'subscriptions' AND state = 'closed'")
    assert number(result, "subscriptions", "units") == len(calls(sim, "subscriptions.list"))
    check_account(tubeops, sim)
    # a hidden list is not asked for again: its unit would be spent for nothing
    ask_again(tubeops)
    before = len(calls(sim, "subscriptions.list"))
    result = tubeops.json("run", "batch_discovery", "--method", "subscriptions")
    asked = calls(sim, "subscriptions.list")[before:]
    assert len(asked) == len(sources) - len(hidden) and not {e["value"] for e in asked} & hidden
    assert number(result, "subscriptions", "skipped") == len(hidden)
    # but after three months
    ask_again(tubeops)
    before = len(calls(sim, "subscriptions.list"))
    tubeops.json("run", "batch_discovery", "--method", "subscriptions", env=tomorrow(91))
    assert hidden <= {e["value"] for e in calls(sim, "subscriptions.list")[before:]}


def test_one_page_is_one_unit(make_tubeops, make_sim):
    sim = make_sim(channels=2000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 60)
    result = tubeops.json("run", "batch_discovery", "--method", "subscriptions", "--per-source", "3")
    assert number(result, "subscriptions", "units") == len(calls(sim, "subscriptions.list")) == result["done"]
    assert max(r[0] for r in tubeops.sql("SELECT count(*) FROM edge GROUP BY source")) == 3


# ---- comment authors ----

def authors(sim, source):
    """Who wrote on the first page of comments; None: comments are closed."""
    threads = items(sim, "commentThreads", pages=1, part="snippet,replies", allThreadsRelatedToChannelId=source,
                    maxResults=100, order="time")
    if threads is None:
        return None
    below = [c for t in threads for c in [t["snippet"]["topLevelComment"]] + t.get("replies", {}).get("comments", [])]
    return {c["snippet"]["authorChannelId"]["value"] for c in below if "authorChannelId" in c["snippet"]} - {source}


def test_comment_authors_count_below_several_sources(make_tubeops, make_sim):
    sim, oracle = make_sim(channels=1500), make_sim(channels=1500)
    tubeops = ready(make_tubeops, sim, 250, WORKER_CONCURRENCY=8)
    sources = sorted(alive(tubeops))
    known = set(sim.ids(250))
    wrote = {s: authors(oracle, s) or set() for s in sources}
    below = {}
    for source, names in wrote.items():
        for name in names:
            below.setdefault(name, set()).add(source)
    denied = sorted(a for a, s in below.items() if len(s) > 1)[0]
    before = sim.units()
    result = check_result(tubeops.json("run", "batch_discovery", "--method", "comment_authors", "--deny", denied))
    assert number(result, "comment_authors", "units") == sim.units() - before == len(sources)
    for enough in (2, 3):
        truth = {(s, a) for a, where in below.items() if len(where) >= enough and a != denied for s in where}
        assert len(truth) > 50
        if enough == 2:
            assert set(edges(tubeops)) == truth and set(edges(tubeops).values()) == {0.05}
            fresh = {a for _, a in truth} - known
            stored = {r[0] for r in tubeops.sql("SELECT channel_id FROM channels WHERE source = 'discovery'")}
            assert stored == fresh and number(result, "comment_authors", "new") == len(fresh)
            assert number(result, "comment_authors", "found") == len(truth)
            assert number(result, "comment_authors", "seen") == sum(len(n - {denied}) for n in wrote.values())
            check_account(tubeops, sim)
            # weak signs are not confirmed by the job itself
            assert result.get("confirm", {}).get("units", 0) == 0
            again = tubeops.json("run", "batch_metadata")
            assert again["total"] == len(fresh)
        else:
            other = ready(make_tubeops, sim, 250)
            other.json("run", "batch_discovery", "--method", "comment_authors", "--deny", denied, "--comment-sources", "3")
            assert set(edges(other)) == truth


# ---- playlists ----

def owners(sim, source, lists):
    """How many videos of each stranger stand on the first pages of a channel's first lists."""
    found = {}
    made = items(sim, "playlists", pages=1, part="id,contentDetails", channelId=source, maxResults=50) or []
    for one in [i for i in made if i["contentDetails"]["itemCount"]][:lists]:
        for item in items(sim, "playlistItems", pages=1, part="snippet", playlistId=one["id"], maxResults=50) or []:
            owner = item["snippet"].get("videoOwnerChannelId")
            if owner and owner != source:
                found[owner] = found.get(owner, 0) + 1
    return found


def test_playlists_lead_to_whose_videos_are_in_them(make_tubeops, make_sim):
    sim, oracle = make_sim(channels=2000), make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 80)
    sources = sorted(alive(tubeops))
    found = {s: owners(oracle, s, 3) for s in sources}
    result = check_result(tubeops.json("run", "batch_discovery", "--method", "playlists", "--per-source", "1000"))
    truth = {(s, o): 0.4 * (0.25 + 0.75 * n / sum(owned.values())) for s, owned in found.items() for o, n in owned.items()}
    got = edges(tubeops)
    assert len(truth) > 300 and set(got) == set(truth)
    assert all(abs(got[e] - truth[e]) < 1e-9 for e in truth)
    assert number(result, "playlists", "units") <= 4 * len(sources)
    check_account(tubeops, sim)
    # the cap takes those with most videos
    capped = ready(make_tubeops, sim, 80)
    capped.json("run", "batch_discovery", "--method", "playlists", "--per-source", "2", "--playlists", "1")
    for source in sources[:40]:
        owned = owners(oracle, source, 1)
        mine = {t for s, t in edges(capped) if s == source}
        assert len(mine) == min(2, len(owned))
        assert sorted(owned[t] for t in mine) == sorted(sorted(owned.values())[-2:])


# ---- keyword search ----

def test_keyword_search_finds_channels_of_the_same_words(make_tubeops, make_sim):
    sim = make_sim(channels=3000)
    sim.set_quota("project-1", 0, "search")
    tubeops = ready(make_tubeops, sim, 60)
    result = check_result(tubeops.json("run", "batch_discovery", "--method", "keyword_search"))
    searches = calls(sim, "search.list")
    wordless = number(result, "keyword_search", "wordless")
    assert len(searches) == result["done"] - wordless > 20  # one search for a source
    assert sim.units(bucket="search") == number(result, "keyword_search", "units")
    rows = tubeops.sql("SELECT source_channel_id AS s, discovered_channel_id AS t, confidence AS c FROM discoveries")
    assert len(rows) > 30
    assert max(r["c"] for r in rows) == 0.4 and min(r["c"] for r in rows) >= 0.2
    for row in rows[:60]:
        source, title = sim.describe(row["s"]), sim.describe(row["t"])["snippet"]["title"].lower()
        texts = json.dumps([source["snippet"], source.get("brandingSettings"), source.get("topicDetails")],
                           ensure_ascii=False).lower().replace("_", " ")
        assert any(word in texts for word in re.findall(r"\w+", title)), (title, texts)
    # titles come without the HTML that this method alone sends
    assert not tubeops.sql("SELECT 1 FROM channel WHERE title LIKE '%&amp;%' OR title LIKE '%&#39;%'")
    check_account(tubeops, sim)


def test_a_spent_search_bucket_does_not_hold_up_other_methods(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    sim.set_quota("project-1", 7, "search")
    tubeops = ready(make_tubeops, sim, 60)
    sources = alive(tubeops)
    result = check_result(tubeops.json("run", "batch_discovery", "--method", "youtube_featured,keyword_search"))
    assert result["status"] == "completed" and result["done"] == len(sources)
    assert {e["value"] for e in calls(sim, "channelSections.list")} == sources
    assert sum(e["status"] == 200 for e in calls(sim, "search.list")) == 7
    left = number(result, "keyword_search", "skipped")
    assert left == len(sources) - 7 - number(result, "keyword_search", "wordless")
    assert left == tubeops.value("SELECT count(*) FROM target_note WHERE what = 'keyword_search' AND state = 'later'")
    check_account(tubeops, sim)


def test_keyword_search_alone_waits_for_its_bucket(make_tubeops, make_sim):
    sim = make_sim(channels=3000)
    sim.set_quota("project-1", 7, "search")
    tubeops = ready(make_tubeops, sim, 60)
    units = sim.units()
    result = tubeops.run("run", "batch_discovery", "--method", "keyword_search", "--json", check=3).json()
    assert result["status"] == "waiting" and result["done"] < result["total"]
    assert sum(e["status"] == 200 for e in calls(sim, "search.list")) == 7
    assert tubeops.value("SELECT count(*) FROM target_note") == 0
    assert sim.units() - units <= 10  # confirming what was found


# ---- external services ----

def describe(tubeops, service, name="stub", **members):
    """Writes a provider file; the settings then name it."""
    path = os.path.join(tubeops.directory, name + ".json")
    wanted = {"name": name, "url": service.url + "/similar/{channel_id}", "format": "json", "items": "data[]", "id": "id",
              "title": "name", "confidence": 0.55, "requests_per_minute": 6000, **members}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({k: v for k, v in wanted.items() if v is not None}, file)
    before = tubeops.environment.get("DISCOVERY_PROVIDERS", "")
    tubeops.environment["DISCOVERY_PROVIDERS"] = before + ", " + path if before else path
    return path


def run_external(tubeops, *more, **kwargs):
    return check_result(tubeops.json("run", "batch_discovery", "--method", "external", *more, **kwargs))


def as_json(ids):
    return 200, "application/json", json.dumps({"data": [{"id": i, "name": "Name of " + i} for i in ids]}).encode(), {}


def test_a_json_service_with_a_key(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 40, PROVIDER_KEY_3=SECRET, LOG_LEVEL="debug")
    sources = alive(tubeops)
    others = sim.ids(100, "--first", "1000")
    with StubService() as service:
        service.answers = lambda path: as_json([others[hash(path) % 90], others[hash(path) % 90 + 1], "nonsense"])
        describe(tubeops, service, key="PROVIDER_KEY_3", key_header="Authorization", key_prefix="Bearer ")
        said = tubeops.run("doctor", "--verbose", check=0)
        assert "stub" in said.out and not service.requests
        result = run_external(tubeops)
        asked = service.requests
    assert sorted(p for p, _, _ in asked) == sorted("/similar/" + s for s in sources)
    assert {h["Authorization"] for _, h, _ in asked} == {"Bearer " + SECRET}
    assert {h["Accept"] for _, h, _ in asked} == {"application/json"}
    assert set(edges(tubeops)) == {(s, others[hash("/similar/" + s) % 90 + n]) for s in sources for n in (0, 1)}
    assert {(r[0], r[1]) for r in tubeops.sql("SELECT service, confidence FROM edge")} == {("stub", 0.55)}
    assert result["methods"]["external"]["stub"]["answered"] == len(sources)
    assert number(result, "external", "confirmed") > 0
    for text in (said.out, said.err, tubeops.log(), json.dumps(result)):
        assert SECRET not in text
    assert SECRET.encode() not in tubeops.everything()
    check_account(tubeops, sim)


def test_a_page_with_links(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 20)
    sources = alive(tubeops)
    a, b, c = sim.ids(3, "--first", "1500")
    page = ("<html><!-- <a href='/youtube/channel/%s'>no</a> --><a href=\"https://s.example/youtube/channel/%s\"><b>Tom"
            "</b> &amp; Co</a><A HREF='/youtube/channel/%s?x=1&amp;y'>B</A><a href=/elsewhere/%s>no</a>" % (c, a, b, c))
    with StubService() as service:
        service.answers = lambda path: (200, "text/html", page.encode(), {})
        describe(tubeops, service, format="html", items=None, id=None, title=None, link="/youtube/channel/")
        run_external(tubeops)
        assert {h["Accept"] for _, h, _ in service.requests} == {"text/html"}
    assert set(edges(tubeops)) == {(s, t) for s in sources for t in (a, b)}


TROUBLES = {
    "500": lambda path: (500, "text/plain", b"", {}),
    "nonsense": lambda path: (200, "application/json", b"{\"data\":", {}),
    "elsewhere": lambda path: (200, "application/json", b"{}", {}),
    "key": lambda path: (403, "text/plain", b"", {}),
    "slow down": lambda path: (429, "text/plain", b"", {"Retry-After": "120"}),
    "huge": lambda path: (200, "application/json", b"[" + b" " * 3000000 + b"]", {}),
    "redirect": lambda path: (302, "text/plain", b"", {"Location": "/trap"}),
}


@pytest.mark.parametrize("trouble, most", [("500", 10), ("nonsense", 10), ("elsewhere", 10), ("key", 8),
                                           ("slow down", 8), ("huge", 10), ("redirect", 10)])
def test_a_service_in_trouble_is_left_alone(make_tubeops, make_sim, trouble, most):
    sim = make_sim(channels=2000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 60)
    sources = alive(tubeops)
    with StubService() as service:
        service.answers = TROUBLES[trouble]
        describe(tubeops, service)
        result = check_result(tubeops.json("run", "batch_discovery", "--method", "external,youtube_featured"))
        asked = [p for p, _, _ in service.requests]
    # no more than three in a row, and those that were out already; then it is paused
    assert 1 <= len(asked) <= most and "/trap" not in asked
    mine = result["methods"]["external"]["stub"]
    assert mine["failed"] == len(asked) and mine["failed"] + mine["skipped"] == len(sources)
    assert result["failed"] == 0 and result["done"] == len(sources)
    assert {e["value"] for e in calls(sim, "channelSections.list")} == sources
    assert "left alone" in tubeops.log()
    check_account(tubeops, sim)


def test_a_slow_service_and_one_that_knows_nobody(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 30, WORKER_CONCURRENCY=2)
    sources = alive(tubeops)
    with StubService() as slow, StubService() as empty:
        slow.answers = lambda path: time.sleep(8) or as_json([])
        describe(tubeops, slow, name="slow", timeout_seconds=1)
        describe(tubeops, empty, name="nobody")
        result = run_external(tubeops)
        assert len(slow.requests) <= 5
    assert result["done"] == len(sources)
    assert result["methods"]["external"]["nobody"] == {"nothing": len(sources)}
    assert result["methods"]["external"]["slow"]["failed"] == len(slow.requests)
    assert "timeout" in tubeops.log()


def test_requests_keep_to_the_rate_over_all_workers(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 130, WORKER_CONCURRENCY=4)
    with StubService() as service:
        service.answers = lambda path: as_json([])
        describe(tubeops, service, requests_per_minute=1200)
        run_external(tubeops)
        times = sorted(t for _, _, t in service.requests)
    assert len(times) == len(alive(tubeops)) > 100
    # 50 ms each: never faster over all of it (a single one may be late and the next in time)
    assert times[-1] - times[0] >= (len(times) - 1) * 0.05 - 0.5


def test_handles_go_in_and_come_out(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 40)
    handles = {r[0]: r[1] for r in tubeops.sql("SELECT channel_id, custom_url FROM channels WHERE metadata = 'done'")}
    target = next(i for i in sim.ids(200, "--first", "1000")
                  if isinstance(sim.describe(i), dict) and "customUrl" in sim.describe(i)["snippet"])
    name = sim.describe(target)["snippet"]["customUrl"]
    with StubService() as service:
        service.answers = lambda path: as_json([name])
        describe(tubeops, service, url=service.url + "/by/{handle}")
        result = run_external(tubeops)
        asked = sorted(p for p, _, _ in service.requests)
    with_handle = {i for i, handle in handles.items() if handle}
    assert len(asked) == len(with_handle) and all(p.startswith("/by/") and "@" not in p for p in asked)
    assert result["methods"]["external"]["stub"].get("skipped", 0) == len(handles) - len(with_handle)
    assert set(edges(tubeops)) == {(s, target) for s in with_handle}


def test_faulty_files_are_named_and_the_rest_goes_on(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 10)
    bad = os.path.join(tubeops.directory, "bad.json")
    with open(bad, "w", encoding="utf-8") as file:
        file.write('{\n"name": "bad",\n"url": "http://elsewhere.example/{channel_id}"\n}')
    tubeops.environment["DISCOVERY_PROVIDERS"] = bad + ",/nowhere/at-all.json"
    with StubService() as service:
        service.answers = lambda path: as_json([])
        describe(tubeops, service, name="good")
        describe(tubeops, service, name="keyless", key="PROVIDER_KEY_9", key_header="X-Key")
        said = tubeops.run("doctor", "--verbose")
        assert said.code != 0
        for text in ("bad.json:3: url is refused", "/nowhere/at-all.json: ", "set PROVIDER_KEY_9", "good ("):
            assert text in said.out, said.out
        result = run_external(tubeops)
        assert set(result["methods"]["external"]) & {"good", "keyless", "bad"} == {"good"}
    assert "bad.json:3: url is refused" in tubeops.log()


def test_without_files_nobody_is_asked(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 10)
    result = run_external(tubeops)
    assert number(result, "external", "unavailable") == result["done"] and not edges(tubeops)


def test_stopping_does_not_wait_for_a_service(make_tubeops, make_sim):
    sim = make_sim(channels=2000)
    tubeops = ready(make_tubeops, sim, 60, WORKER_CONCURRENCY=2)
    with StubService() as service:
        service.answers = lambda path: as_json([])
        describe(tubeops, service, requests_per_minute=0.2)  # the second one would go out after five minutes
        process = tubeops.start("run", "batch_discovery", "--method", "external")
        end = time.monotonic() + PATIENCE
        while not service.requests and time.monotonic() < end:
            time.sleep(0.05)
        process.terminate()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 1 and len(service.requests) <= 2
    assert tubeops.value("SELECT count(*) FROM channel WHERE discovery IN (3, 4)") == 0
