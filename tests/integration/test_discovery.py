"""Discovery against youtube-sim's known graph: methods, depth, budgets, lists, names, crashes, reach."""
import json
import random
import re
import time

import pytest

from account import check_account, check_result
from tubeops import PATIENCE

DEFAULTS = ("youtube_featured", "youtube_collaborations", "mentioned_videos", "similar_content")
CALLING = DEFAULTS[:3]
# how the simulator's graph leads on, by method; a lone @name may or may not speak of YouTube
KINDS = {"youtube_featured": ("featured",), "youtube_collaborations": ("id", "handle"), "mentioned_videos": ("video",)}


def ready(make_tubeops, sim, seeds, **settings):
    """A folder whose first channels have metadata."""
    tubeops = make_tubeops(sim, **{"YOUTUBE_API_KEY_1_QUOTA": 1000000, **settings})
    tubeops.import_ids(sim.ids(seeds))
    tubeops.json("run", "batch_metadata")
    return tubeops


def edges(tubeops, *methods):
    """(source, target) of the stored edges of these methods."""
    return {(r[0], r[1]) for r in tubeops.sql(
        "SELECT source_channel_id, discovered_channel_id, method FROM discoveries") if not methods or r[2] in methods}


def alive(tubeops):
    return {r[0] for r in tubeops.sql("SELECT channel_id FROM channels WHERE metadata = 'done'")}


def truth(sim, sources, *kinds):
    return {(s, t) for s, kind, t, can in sim.all_edges(sorted(sources)) if can and s != t and kind in kinds}


def asked_for(sim, method="channelSections.list", status=200):
    """What each answered request of a method was about."""
    return [e["value"] for e in sim.log_entries() if e["method"] == method and "value" in e and e["status"] == status]


def fetched(sim):
    """Channels that channels.list was asked for by id."""
    return [i for e in sim.log_entries() if e["method"] == "channels.list" and "idlist" in e
            for i in e["idlist"].split(",") if i]


# ---- what is found ----

def test_every_default_method_finds_what_is_there(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 400, WORKER_CONCURRENCY=1)
    sources, before = alive(tubeops), sim.units()
    result = check_result(tubeops.json("run", "batch_discovery", "--handles-per-source", "50"))
    assert result["done"] == result["total"] == len(sources)
    assert set(result["methods"]) == set(DEFAULTS)
    # the graph
    assert edges(tubeops, "youtube_featured") == truth(sim, sources, "featured")
    assert edges(tubeops, "mentioned_videos") == truth(sim, sources, "video")
    named = edges(tubeops, "youtube_collaborations")
    assert truth(sim, sources, "id", "handle") <= named <= truth(sim, sources, "id", "handle", "bare")
    assert len(truth(sim, sources, "handle")) > 5 and len(truth(sim, sources, "video")) > 5
    # no source fetched twice, every unit has an owner
    assert sorted(asked_for(sim)) == sorted(sources)
    spent = sum(m.get("units", 0) for m in result["methods"].values()) + result["confirm"]["units"]
    assert spent == result["units_used"] == sim.units() - before
    # channels that nobody knew stand there with metadata, those that are gone as absent once; none asked for twice
    found = {t for _, t in edges(tubeops)}
    fresh = found - set(sim.ids(400))
    assert fresh and len(fetched(sim)) == len(set(fetched(sim)))
    state = {r[0]: r[1] for r in tubeops.sql("SELECT channel_id, metadata FROM channels WHERE source = 'discovery'")}
    assert set(state) == fresh and set(state.values()) == {"done", "absent"}
    assert all((state[i] == "absent") == (sim.describe(i) == "terminated") for i in sorted(fresh)[:60])
    assert tubeops.value("SELECT count(*) FROM found WHERE depth = 1") == len(fresh)
    check_account(tubeops, sim, 400 + len(fresh))
    assert tubeops.run("doctor", check=0)


def test_numbers_of_methods_are_those_of_the_edges(make_tubeops, make_sim):
    sim = make_sim(channels=3000)
    tubeops = ready(make_tubeops, sim, 400)
    result = tubeops.json("run", "batch_discovery")
    state = {r[0]: r[1] for r in tubeops.sql("SELECT channel_id, metadata FROM channels WHERE source = 'discovery'")}
    for name, numbers in result["methods"].items():
        mine = edges(tubeops, name)
        assert numbers["found"] == len(mine) and numbers["sources"] == result["done"]
        assert numbers.get("known", 0) == tubeops.value("SELECT count(*) FROM edge WHERE method = ? AND known", name)
        # what another chunk brought before is known, and nobody's to confirm again
        assert numbers.get("confirmed", 0) <= len({t for _, t in mine if state.get(t) == "done"})
        if numbers.get("units"):
            assert numbers["confirmed_per_100_units"] <= 100 * numbers["confirmed"] / numbers["units"]
    assert sum(n.get("new", 0) for n in result["methods"].values()) == len(state)
    assert sum(n.get("confirmed", 0) for n in result["methods"].values()) >= list(state.values()).count("done")
    assert result["methods"]["youtube_featured"]["missing"] > 0
    # a priced dry run starts nothing
    tubeops.import_ids(sim.ids(500))
    tubeops.json("run", "batch_metadata")
    jobs = tubeops.value("SELECT count(*) FROM job")
    price = tubeops.json("run", "batch_discovery", "--dry-run")
    assert price["items"] > 50 and price["buckets"]["units"]["units"] > price["items"]
    assert tubeops.value("SELECT count(*) FROM job") == jobs


def test_similar_channels_cost_nothing_and_score_as_they_should(make_tubeops, make_sim):
    sim = make_sim(channels=3000)
    tubeops = ready(make_tubeops, sim, 600)
    before = sim.units()
    result = tubeops.json("run", "batch_discovery", "--method", "similar_content")
    assert sim.units() == before and result["units_used"] == 0 and set(result["methods"]) == {"similar_content"}
    meta = {r[0]: r for r in tubeops.sql(
        "SELECT channel_id, topic_categories, keywords, subscriber_count, language FROM channels")}
    rows = tubeops.sql("SELECT source_channel_id, discovered_channel_id, confidence FROM discoveries")

    def jaccard(a, b, at):
        x, y = ({w.encode().lower() for w in json.loads(m[at] or "[]")[:20]} for m in (a, b))
        return len(x & y) / len(x | y) if x & y else 0

    def score(a, b):
        small, large = sorted((a[3] or 0, b[3] or 0))
        ratio = small / large if small > 0 and small / large > 0.1 else 0
        same = a[4] == b[4] and a[4] not in (None, "und")
        return min(1, 0.4 * jaccard(a, b, 1) + 0.3 * jaccard(a, b, 2) + 0.2 * ratio + 0.1 * same)

    assert len(rows) > 300
    by_source = {}
    for source, target, confidence in rows:
        by_source.setdefault(source, []).append(target)
        assert source != target and target in meta
        assert abs(confidence - score(meta[source], meta[target])) < 1e-6 and confidence >= 0.3
    assert max(map(len, by_source.values())) == 8
    assert tubeops.value("SELECT max(channels) FROM term") <= 1000


def test_two_steps(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 100, WORKER_CONCURRENCY=1)
    first = alive(tubeops)
    result = check_result(tubeops.json("run", "batch_discovery", "--depth", "2", "--method", "youtube_featured"))
    depth = {r[0]: r[1] for r in tubeops.sql(
        "SELECT i.channel_id, f.depth FROM found f JOIN channel_id i ON i.cid = f.cid")}
    one = {t for _, t in truth(sim, first, "featured")} - set(sim.ids(100))
    assert {c for c, d in depth.items() if d == 1} == one
    second = first | (one & alive(tubeops))
    assert edges(tubeops) == truth(sim, second, "featured")
    assert sorted(asked_for(sim)) == sorted(second) and result["done"] == len(second)
    assert set(depth.values()) == {1, 2} and len(fetched(sim)) == len(set(fetched(sim)))
    # a third step goes on where the second ended
    tubeops.json("run", "batch_discovery", "--depth", "3", "--method", "youtube_featured", "--limit", "60")
    assert len(asked_for(sim)) == len(set(asked_for(sim))) == len(second) + 60
    check_account(tubeops, sim)


# ---- limits ----

def test_a_budget_stops_it_exactly_and_nothing_is_asked_again(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    whole = ready(make_tubeops, sim, 300)
    whole.json("run", "batch_discovery")
    wanted = edges(whole, *CALLING)
    sim = make_sim(channels=3000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 300)
    before, rounds, results = sim.units(), 0, []
    while tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1 AND discovery = 0 AND NOT EXISTS "
                        "(SELECT 1 FROM found f WHERE f.cid = channel.cid)"):
        results.append(tubeops.json("run", "batch_discovery", "--units", "37"))
        rounds += 1
        assert sim.units() - before <= 37 * rounds
        if rounds == 1:
            assert sim.units() - before == 37 == results[0]["units_used"]
            assert results[0]["status"] == "completed" and "37 units are spent" in results[0]["reason"]
        check_account(tubeops, sim)
        assert rounds < 30
    assert rounds > 5
    assert edges(tubeops, *CALLING) == wanted
    assert sum(r["units_used"] for r in results) == sim.units() - before
    # sources whose own calls were answered are closed although the budget ended: what waited for other calls is bounded
    asked = asked_for(sim)
    assert len(asked) - len(set(asked)) < len(set(asked)) / 10
    # what was found and not confirmed any more waits for the metadata job
    assert sum(m.get("unconfirmed", 0) for r in results for m in r["methods"].values()) > 0
    tubeops.json("run", "batch_metadata")
    assert len(fetched(sim)) == len(set(fetched(sim)))


def test_lists_caps_and_small_sources(make_tubeops, make_sim, tmp_path):
    sim = make_sim(channels=3000, log_ids=True)
    whole = ready(make_tubeops, sim, 200)
    sources = alive(whole)
    real = truth(sim, sources, "featured")
    targets = sorted({t for _, t in real} - set(sim.ids(200)))
    denied, listed, allowed = targets[:10], targets[10:20], targets[10:40]
    (tmp_path / "deny").write_text("# never\n\n" + "".join("https://www.youtube.com/channel/%s\r\n" % i for i in listed))
    run = ("run", "batch_discovery", "--method", "youtube_featured")

    tubeops = ready(make_tubeops, sim, 200)
    tubeops.json(*run, "--deny", ",".join(denied[:5]), *(w for i in denied[5:] for w in ("--deny", i)),
                 "--deny-file", str(tmp_path / "deny"))
    assert edges(tubeops) == {(s, t) for s, t in real if t not in denied + listed}
    assert not tubeops.sql("SELECT 1 FROM channels WHERE channel_id IN (%s)" % ",".join("'%s'" % i for i in denied))

    tubeops = ready(make_tubeops, sim, 200)
    tubeops.json(*run, "--allow", ",".join(allowed), "--deny-file", str(tmp_path / "deny"))
    assert edges(tubeops) == {(s, t) for s, t in real if t in allowed and t not in listed}

    tubeops = ready(make_tubeops, sim, 200)
    tubeops.json(*run, "--per-source", "2")
    per = [r[0] for r in tubeops.sql("SELECT count(*) FROM edge GROUP BY source")]
    assert max(per) == 2 and edges(tubeops) < real

    tubeops = ready(make_tubeops, sim, 200)
    large = {r[0] for r in tubeops.sql("SELECT channel_id FROM channels WHERE subscriber_count >= 10000")}
    before = len(asked_for(sim))
    result = tubeops.json(*run, "--min-subscribers", "10000")
    assert 10 < len(large) < result["done"] == len(sources)
    assert set(asked_for(sim)[before:]) == large and result["passed_over"] == len(sources) - len(large)


@pytest.mark.parametrize("words, said", [
    (("--method", "nothing"), r"there is no nothing; there are .*youtube_featured"),
    (("--method", "youtube_featured,related_channels"), "related_channels is an external service: .*provider file"),
    (("--method", "noxinfluencer"), "external service"),
    (("--method", "channelcrawler"), "external service"),
    (("--deny", "UCnot"), 'deny: "UCnot" is no channel id'),
    (("--deny-file", "/nowhere/file"), "deny_file: .*/nowhere/file"),
    (("--deny-file", "@bad"), r"deny_file: .*bad:2: no channel id"),
    (("--depth", "11"), "1 to 10"),
])
def test_what_is_refused(tubeops, tmp_path, words, said):
    (tmp_path / "bad").write_text("UCx4xkrz9Zxgc7gjqsi1iEZg\nnothing\n")
    tubeops.import_ids(["UCx4xkrz9Zxgc7gjqsi1iEZg"])
    words = [str(tmp_path / "bad") if w == "@bad" else w for w in words]
    done = tubeops.run("run", "batch_discovery", *words)
    assert done.code != 0 and re.search(said, done.err + done.out), done
    assert tubeops.value("SELECT count(*) FROM job WHERE type = 'batch_discovery'") == 0


# ---- names ----

def test_a_name_is_asked_for_once(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 1500, WORKER_CONCURRENCY=1)
    run = ("run", "batch_discovery", "--method", "youtube_collaborations,mentioned_videos", "--handles-per-source", "50")
    first, before = alive(tubeops), sim.units()
    result = tubeops.json(*run)
    assert result["units_used"] == sim.units() - before
    links = truth(sim, first, "handle")
    assert links <= edges(tubeops)
    names = asked_for(sim, "channels.list")
    # customUrl of the half that was fetched answers for nothing; the rest is asked for once, and told all about it
    assert len(links) / 5 < len(names) == len(set(names))
    cache = {r[0]: r[1] for r in tubeops.sql("SELECT name, state FROM handle WHERE checked_at > 0")}
    assert set(cache) == set(names) and set(cache.values()) <= {1, 3}
    resolved = {r[0] for r in tubeops.sql("SELECT i.channel_id FROM handle h JOIN channel_id i ON i.cid = h.cid")}
    assert resolved and not resolved & set(fetched(sim)[1500:])
    # the other half mentions the same: hits and misses are in the cache
    tubeops.import_ids(sim.ids(1500, "--first", "1500"))
    tubeops.json("run", "batch_metadata")
    tubeops.json(*run)
    names = asked_for(sim, "channels.list")
    assert len(names) == len(set(names))
    watched = [i for e in sim.log_entries() if e["method"] == "videos.list" for i in e["idlist"].split(",")]
    assert len(watched) == len(set(watched)) > 20


def test_handles_of_one_source_are_limited_and_wait_in_the_cache(make_tubeops, make_sim):
    sim = make_sim(channels=20000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 600)
    result = tubeops.json("run", "batch_discovery", "--method", "youtube_collaborations", "--handles-per-source", "0")
    assert result["methods"]["youtube_collaborations"].get("units", 0) == 0 and not asked_for(sim, "channels.list")
    waiting = tubeops.value("SELECT count(*) FROM handle WHERE state = 0 AND checked_at = 0")
    assert waiting > 10
    assert truth(sim, alive(tubeops) & set(sim.ids(600)), "id") <= edges(tubeops)


# ---- trouble ----

def test_faults_cost_calls_and_no_answer(make_tubeops, make_sim):
    sim = make_sim(channels=3000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 180)
    sources = alive(tubeops)
    sim.set_faults("backendError503:0.06,truncate:0.04")
    result = check_result(tubeops.json("run", "batch_discovery", "--handles-per-source", "50"))
    sim.set_faults("")
    assert result["done"] == len(sources) and result["failed"] == 0
    assert edges(tubeops, "youtube_featured") == truth(sim, sources, "featured")
    assert edges(tubeops, "mentioned_videos") == truth(sim, sources, "video")
    assert truth(sim, sources, "id", "handle") <= edges(tubeops, "youtube_collaborations")
    good = [e for e in sim.log_entries() if e["method"] == "channelSections.list" and e["status"] == 200
            and not e["fault"]]
    assert sorted(e["value"] for e in good) == sorted(sources)
    check_account(tubeops, sim)


def test_kill_and_go_on(make_tubeops, make_sim):
    sim = make_sim(channels=6000, latency="1-4", log_ids=True)
    tubeops = ready(make_tubeops, sim, 1200, WORKER_CONCURRENCY=2)
    sources, dice, kills = alive(tubeops), random.Random(5), 0
    arguments = ("run", "batch_discovery", "--handles-per-source", "50")
    done_before = set()
    for _ in range(4):
        start = len(asked_for(sim))
        process = tubeops.start(*arguments, "--json")
        end = time.monotonic() + PATIENCE
        wanted = start + dice.randrange(60, 350)
        while process.poll() is None and len(asked_for(sim)) < wanted and time.monotonic() < end:
            time.sleep(0.01)
        kills += process.poll() is None
        process.kill()
        process.communicate()
        asked = asked_for(sim)[start:]
        assert not set(asked) & done_before  # what staging has is never asked again
        done_before = {r[0] for r in tubeops.sql("SELECT i.channel_id FROM channel c JOIN channel_id i ON i.cid = c.cid"
                                                 " WHERE c.discovery = 1")}
        # lost is at most what each of two workers had in hand, and one chunk more that was not stored
        assert len(set(asked) - done_before) <= 2 * 2 * 50
    tubeops.json(*arguments)
    assert kills
    asked = asked_for(sim)
    assert set(asked) == sources
    assert edges(tubeops, "youtube_featured") == truth(sim, sources, "featured")
    assert edges(tubeops, "mentioned_videos") == truth(sim, sources, "video")
    assert truth(sim, sources, "id", "handle") <= edges(tubeops, "youtube_collaborations")
    check_account(tubeops, sim)
    assert tubeops.run("doctor", check=0)


# ---- reach ----

def test_reach_in_a_universe_of_100_000(make_tubeops, make_sim):
    sim = make_sim(channels=100000, log_ids=True)
    tubeops = ready(make_tubeops, sim, 2000)
    seeds = alive(tubeops)
    result = check_result(tubeops.json("run", "batch_discovery", "--depth", "2", timeout=PATIENCE * 3))
    kinds = sum(KINDS.values(), ())
    first = truth(sim, seeds, *kinds)
    living = alive(tubeops)
    near = {t for _, t in first}
    second = truth(sim, near & living, *kinds)
    reachable = near | {t for _, t in second}
    stored = {r[0] for r in tubeops.sql("SELECT channel_id FROM channel_id")}
    assert len(reachable) > 10000
    assert len(reachable & stored) >= 0.95 * len(reachable)
    assert len((first | second) & edges(tubeops)) >= 0.95 * len(first | second)
    # the nearest way counts, in whatever order sources were looked at
    depth = {r[0]: r[1] for r in tubeops.sql(
        "SELECT i.channel_id, f.depth FROM found f JOIN channel_id i ON i.cid = f.cid")}
    assert {depth[t] for t in near & stored if t in depth} == {1}
    assert near & living <= set(asked_for(sim)) | set(sim.ids(2000))
    asked = asked_for(sim)
    assert len(asked) == len(set(asked)) == result["done"]
    for name in CALLING:
        assert result["methods"][name]["confirmed_per_100_units"] > 100, result
    check_account(tubeops, sim)


def test_searched_channels_are_sources_again_when_asked_for(make_tubeops, make_sim):
    sim = make_sim(log_ids=True)
    tubeops = ready(make_tubeops, sim, 60)
    first = tubeops.json("run", "batch_discovery", "--method", "youtube_featured")
    assert first["done"] > 40
    none = tubeops.json("run", "batch_discovery", "--method", "subscriptions")
    assert none["processed"] == 0 and none["units_used"] == 0
    price = tubeops.json("run", "batch_discovery", "--method", "subscriptions", "--again", "--dry-run")
    assert price["items"] == first["done"]
    again = tubeops.json("run", "batch_discovery", "--method", "subscriptions", "--again")
    assert again["done"] == first["done"] and again["methods"]["subscriptions"]["sources"] == first["done"]
    assert len(asked_for(sim)) == first["done"]  # the shelves were not asked for again
    check_account(tubeops, sim)
