"""The newest uploads of channels, and their counts anew: what is stored, what it costs, what goes wrong."""
import collections
import json
import signal
import sqlite3
import time

import pytest

from account import alive_ids, check_account, check_result, clean, seconds, thumbnail
from tubeops import PATIENCE

FIRST = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PARTS = "snippet,contentDetails,statistics,status"


def video_id(vid):
    """The text of a key of the table video."""
    bits = vid + (1 << 63)
    return "".join(FIRST[bits >> (58 - 6 * i) & 63] for i in range(10)) + "048AEIMQUYcgkosw"[bits & 15]


def video_key(text):
    bits = sum(FIRST.index(c) << (58 - 6 * i) for i, c in enumerate(text[:10]))
    return bits + "048AEIMQUYcgkosw".index(text[10]) - (1 << 63)


# ---- what the simulator knows, asked without tubeops ----

def ask(sim, method, **params):
    answer = sim.request("/youtube/v3/" + method, {"key": sim.options["keys"], **params})
    assert answer.status in (200, 404), answer.body
    return answer.json() if answer.status == 200 else None


def listed(sim, channel, most):
    """The newest video ids of a channel, and what its pages were like."""
    ids, token, shape = [], None, collections.Counter()
    while len(ids) < most:
        page = ask(sim, "playlistItems", part="contentDetails", playlistId="UU" + channel[2:], maxResults=50,
                   **({"pageToken": token} if token else {}))
        if page is None:
            break
        shape["pages"] += 1
        shape["empty"] += not page["items"]
        token = page.get("nextPageToken")
        shape["short"] += bool(token) and len(page["items"]) < 50
        for item in page["items"]:
            video = item["contentDetails"]["videoId"]
            shape["repeated"] += video in ids
            if video not in ids and len(ids) < most:
                ids.append(video)
        if not token:
            break
    return ids, shape


def details(sim, ids):
    found = {}
    for at in range(0, len(ids), 50):
        page = ask(sim, "videos", part=PARTS, id=",".join(ids[at:at + 50]))
        found.update((item["id"], item) for item in page["items"])
    return found


def length(text):
    """Seconds of a duration such as P1DT2H3M4S."""
    if text is None:
        return None
    total, number, time_part = 0, "", False
    for c in text[1:]:
        if c.isdigit():
            number += c
        elif c == "T":
            time_part = True
        else:
            total += int(number) * {"D": 86400, "H": 3600, "M": 60, "S": 1}[c]
            assert time_part or c == "D"
            number = ""
    return total


def expected_video(item):
    snippet, counts, status = item["snippet"], item.get("statistics", {}), item.get("status", {})

    def count(name):
        return int(counts[name]) if name in counts else None
    return {
        "title": clean(snippet.get("title")), "description": clean(snippet.get("description")),
        "published_at": seconds(snippet["publishedAt"]), "duration": item["contentDetails"].get("duration"),
        "duration_s": length(item["contentDetails"].get("duration")), "category": int(snippet["categoryId"]),
        "tags": [clean(t) for t in snippet["tags"]] if "tags" in snippet else None,
        "thumbnail_url": thumbnail(snippet["thumbnails"]), "view_count": count("viewCount"),
        "like_count": count("likeCount"), "comment_count": count("commentCount"),
        "live_state": snippet["liveBroadcastContent"], "default_language": snippet.get("defaultLanguage"),
        "audio_language": snippet.get("defaultAudioLanguage"), "privacy_status": status["privacyStatus"],
        "made_for_kids": int(status["madeForKids"]), "absent_day": None,
    }


# ---- what tubeops stored ----

def stored(tubeops):
    """The rows of the table video by channel and video id."""
    rows = {}
    for row in tubeops.sql("SELECT i.channel_id, v.* FROM video v JOIN channel_id i ON i.cid = v.channel"):
        made = dict(row)
        made["tags"] = json.loads(made["tags"]) if made["tags"] is not None else None
        rows[made.pop("channel_id"), video_id(made["vid"])] = made
    return rows


def videos_of(tubeops, channel):
    return {video for owner, video in stored(tubeops) if owner == channel}


def states(tubeops):
    return collections.Counter(dict(tuple(r) for r in tubeops.sql(
        "SELECT CASE videos WHEN 0 THEN 'pending' WHEN 1 THEN 'done' WHEN 4 THEN 'failed' ELSE 'other' END, count(*)"
        " FROM channel GROUP BY videos")))


def check_videos(tubeops, sim, channels):
    """The account of channels, and the same of videos."""
    check_account(tubeops, sim, channels)
    counted = {r["name"]: r["value"] for r in tubeops.sql("SELECT name, value FROM counter")}
    assert counted.get("videos", 0) == tubeops.value("SELECT count(*) FROM video")
    assert tubeops.value("SELECT count(*) FROM (SELECT DISTINCT channel, vid FROM video)") == counted.get("videos", 0)
    found = states(tubeops)
    for name in ("pending", "done", "failed"):
        assert counted.get("videos." + name, 0) == found[name], name
    assert tubeops.value("SELECT count(*) FROM dead_letter WHERE op = 1") == found["failed"]
    assert tubeops.run("doctor").code == 0
    return found


def with_metadata(tubeops, ids):
    tubeops.import_ids(ids)
    done = check_result(tubeops.json("run", "batch_metadata"))["done"]
    assert tubeops.value("SELECT count(*) FROM channel WHERE metadata = 1") == done
    return done


def change(tubeops, sql, *values):
    """Changes staging while nothing works on it; what is summed up there is summed up anew."""
    db = sqlite3.connect(tubeops.data + "/staging.db")
    with db:
        n = db.execute(sql, values).rowcount
        db.execute("DELETE FROM sums WHERE kind = 0")
        db.execute("INSERT INTO sums SELECT 0, coalesce(length(m.subscriber_count), 0), count(*) FROM channel c"
                   " JOIN channel_meta m ON m.cid = c.cid WHERE c.metadata = 1 AND c.videos IN (0, 2) GROUP BY 2")
    db.close()
    return n


def run(tubeops, *words, check=0, **more):
    return check_result(tubeops.json("run", "batch_videos", *words, check=check, **more))


def calls(sim, method):
    return [e for e in sim.log_entries() if e["method"] == method]


def channel_with(sim, least, most=1 << 40, **wanted):
    """An id of a channel with so many videos whose pages are as wanted: empty=1, repeated=1 …"""
    for channel in sim.ids(3000):
        told = sim_counts(sim).get(channel, 0)
        if least <= told <= most:
            shape = listed(sim, channel, least)[1] if wanted else {}
            if all(shape[name] >= n for name, n in wanted.items()):
                return channel
    raise AssertionError("no channel of the universe is like that")


def sim_counts(sim):
    """videoCount by channel, of the first 3,000; asked once for each simulator."""
    if not hasattr(sim, "video_counts"):
        sim.video_counts = {}
        ids = sim.ids(3000)
        for at in range(0, len(ids), 50):
            for item in sim.channels(ids[at:at + 50], part="statistics").json().get("items", []):
                if "statistics" in item:
                    sim.video_counts[item["id"]] = int(item["statistics"]["videoCount"])
    return sim.video_counts


def whole_pages(sim, channel, pages):
    """Are the first pages of a channel full ones without repetitions?"""
    shape = listed(sim, channel, 50 * pages)[1]
    return shape["pages"] == pages and not shape["repeated"] + shape["short"]


def plain_channel(sim, pages):
    for channel, n in sorted(sim_counts(sim).items()):
        if n > 50 * pages and whole_pages(sim, channel, pages):
            return channel
    raise AssertionError("no channel of the universe is like that")


# ---- what is stored ----

def test_every_field_of_every_video(tubeops, sim, make_sim):
    ids, other = sim.ids(300), make_sim()
    done = with_metadata(tubeops, ids)
    before = sim.units()
    result = run(tubeops, "--videos-per-channel", 30)
    assert (result["total"], result["done"], result["pending"]) == (done, done, 0)
    wanted, empty, absent = {}, 0, 0
    alive = {r[0] for r in tubeops.sql("SELECT i.channel_id FROM channel_meta m JOIN channel_id i ON i.cid = m.cid")}
    for channel in alive:
        videos = listed(other, channel, 30)[0]
        items = details(other, videos)
        empty += not videos
        absent += len(videos) - len(items)
        wanted.update(((channel, video), item) for video, item in items.items())
    rows = stored(tubeops)
    assert set(rows) == set(wanted)
    for key, item in wanted.items():
        row, fields = rows[key], expected_video(item)
        assert {name: row[name] for name in fields} == fields, key
        assert row["fetched_at"] == row["counted_at"] > 0
        declared = fields["default_language"]
        if declared:
            assert row["language_source"] == "youtube" and row["language"].split("-")[0] == declared.split("-")[0]
        else:
            assert row["language"] and row["language_source"] in ("cld2", "audio")
    assert result["videos"] == result["videos_new"] == len(rows) and result["videos_absent"] == absent > 0
    assert (result["channels_with_videos"], result["channels_without"]) == (done - empty, empty) and empty
    assert result["units_used"] == sum(result["units"].values()) == sim.units() - before
    assert result["units_per_channel"] == round(result["units_used"] / (done - empty), 2)
    assert check_videos(tubeops, sim, 300)["done"] == done
    # the sample is one in which it matters
    assert {r["live_state"] for r in rows.values()} == {"none", "live", "upcoming"}
    assert any(r["duration"] == "P0D" and r["duration_s"] == 0 for r in rows.values())
    assert any(r["duration"] is None for r in rows.values())
    assert any(r["duration_s"] and r["duration_s"] > 86400 for r in rows.values())
    for name in ("view_count", "like_count", "comment_count", "tags"):
        assert any(r[name] is None for r in rows.values()) and any(r[name] for r in rows.values()), name
    # people see the same
    assert {(r[0], r[1]) for r in tubeops.sql("SELECT channel_id, video_id FROM videos")} == set(rows)
    assert tubeops.json("status")["items"]["videos"]["done"] == done
    again = run(tubeops)
    assert (again["total"], again["units_used"]) == (0, 0)


def test_a_unit_and_a_half_per_channel(tubeops, sim, make_sim):
    """25 videos of each of 2,000 channels; those without videos cost nothing; calls are full."""
    with_metadata(tubeops, alive_ids(make_sim(), 2000))
    before = sim.units()
    told = dict(tuple(r) for r in tubeops.sql("SELECT cid, video_count FROM channel_meta"))
    zero = sum(n == 0 for n in told.values())
    result = run(tubeops)
    units = sim.units() - before
    assert result["units_used"] == units and zero > 20
    assert result["channels_with_videos"] == 2000 - zero
    assert units <= 1.5 * result["channels_with_videos"] and result["units_per_channel"] <= 1.5
    lists, asked = calls(sim, "playlistItems.list"), calls(sim, "videos.list")
    assert len(lists) >= 2000 - zero and all(e["ids"] <= 50 for e in asked)
    # only the last call of a chunk of 50 channels may be short
    assert sum(e["ids"] < 50 for e in asked) <= 2000 / 50
    assert check_videos(tubeops, sim, 2000)["done"] == 2000
    assert tubeops.value("SELECT max(n) FROM (SELECT count(*) AS n FROM video GROUP BY channel)") == 25
    lists = dict(tuple(r) for r in tubeops.sql("SELECT cid, listed FROM upload_list"))
    assert len(lists) == 2000 - zero and all(min(25, told[c] or 25) >= n >= 1 for c, n in lists.items())


def test_the_price_is_told_before(tubeops, sim):
    with_metadata(tubeops, sim.ids(400))
    price = tubeops.json("run", "batch_videos", "--dry-run")
    assert tubeops.value("SELECT count(*) FROM job WHERE type = 'batch_videos'") == 0
    result = run(tubeops)
    assert price["items"] == result["total"]
    assert abs(price["buckets"]["units"]["units"] - result["units_used"]) <= 0.05 * result["units_used"] + 10
    counts = tubeops.json("run", "batch_videos", "--counts-only", "--dry-run")
    assert set(counts["buckets"]) <= {"stats"} and counts["type"] == "video_counts"


@pytest.mark.parametrize("most", [1, 49, 50, 51, 100, 101, 230])
def test_as_many_as_were_asked_for(tubeops, sim, make_sim, most):
    other = make_sim()
    channel = channel_with(other, 240)
    with_metadata(tubeops, [channel])
    result = run(tubeops, "--videos-per-channel", most)
    videos = listed(other, channel, most)[0]
    assert len(videos) == most and videos_of(tubeops, channel) == set(details(other, videos))
    assert result["videos"] + result["videos_absent"] == most
    assert result["units"]["videos"] == -(-most // 50)


def test_the_setting_is_the_default(make_tubeops, sim):
    tubeops = make_tubeops(sim, MAX_VIDEOS_PER_CHANNEL=3)
    with_metadata(tubeops, sim.ids(60))
    run(tubeops)
    assert tubeops.value("SELECT max(listed) FROM upload_list") == 3
    refused = tubeops.run("run", "batch_videos", "--videos-per-channel", 20001)
    assert refused.code == 2 and "20000" in refused.err


# ---- lists as they are ----

def test_no_videos_costs_nothing_and_keeps_what_is_stored(tubeops, sim):
    with_metadata(tubeops, sim.ids(200))
    zero = [r[0] for r in tubeops.sql("SELECT cid FROM channel_meta WHERE video_count = 0")]
    first = run(tubeops)
    rows = stored(tubeops)
    # all videos are gone, says a newer metadata
    change(tubeops, "UPDATE channel_meta SET video_count = 0")
    change(tubeops, "UPDATE channel SET videos = 0 WHERE videos = 1")
    change(tubeops, "UPDATE counter SET value = CASE name WHEN 'videos.done' THEN 0 ELSE value + ? END"
                    " WHERE name IN ('videos.done', 'videos.pending')", first["done"])
    before = sim.units()
    again = run(tubeops)
    assert (again["done"], again["units_used"], sim.units()) == (first["done"], 0, before) and zero
    assert again["channels_without"] == first["done"] and again["channels_with_videos"] == 0
    assert stored(tubeops) == rows
    check_videos(tubeops, sim, 200)


def test_404_on_a_live_channel_means_no_videos(tubeops, sim):
    with_metadata(tubeops, sim.ids(300))
    zero = tubeops.value("SELECT count(*) FROM channel_meta WHERE video_count = 0")
    assert change(tubeops, "UPDATE channel_meta SET video_count = NULL WHERE video_count = 0") == zero > 3
    result = run(tubeops)
    assert (result["failed"], result["channels_without"]) == (0, zero)
    assert sum(e["status"] == 404 for e in calls(sim, "playlistItems.list")) == zero
    assert tubeops.value("SELECT count(*) FROM upload_list WHERE empty = 1 AND listed = 0") == zero
    assert {k["state"] for k in tubeops.json("keys", "list")} == {"ok"}
    check_videos(tubeops, sim, 300)


@pytest.mark.parametrize("kind", ["short", "empty", "repeated"])
def test_pages_that_are_not_whole(tubeops, sim, make_sim, kind):
    other = make_sim()
    channel = channel_with(other, 700, **{kind: 1})
    with_metadata(tubeops, [channel])
    result = run(tubeops, "--videos-per-channel", 700)
    videos, shape = listed(other, channel, 700)
    assert shape[kind] and len(videos) == 700
    assert videos_of(tubeops, channel) == set(details(other, videos))
    assert result["units"] == {"playlist_items": shape["pages"], "videos": 14}
    assert tubeops.value("SELECT listed FROM upload_list") == 700


def test_twenty_thousand_is_the_end(make_tubeops, make_sim):
    sim, other = make_sim(channels=300000, seed=3), make_sim(channels=300000, seed=3)
    tubeops = make_tubeops(sim)
    channel = next(c for c in sim.ids(3000) if sim_counts(other).get(c, 0) > 21000)
    with_metadata(tubeops, [channel])
    result = run(tubeops, "--videos-per-channel", 20000, timeout=5 * PATIENCE)
    assert result["videos"] + result["videos_absent"] == 20000
    row = dict(tubeops.sql("SELECT listed, truncated, empty FROM upload_list")[0])
    assert row == {"listed": 20000, "truncated": 1, "empty": 0}
    assert result["units"]["videos"] == 400 and 400 <= result["units"]["playlist_items"] < 480
    check_videos(tubeops, sim, 1)


def test_a_stale_page_token_begins_the_list_anew_once(make_tubeops, make_sim):
    other, sim = make_sim(), make_sim()
    tubeops = make_tubeops(sim)
    channel = plain_channel(other, 3)
    with_metadata(tubeops, [channel])
    # 1 page, 2 its videos, 3 page: stale, 4 the first page again, 5 the second one …
    sim.set_faults("invalidPageToken@+3")
    result = run(tubeops, "--videos-per-channel", 150)
    assert result["failed"] == 0 and result["units"] == {"playlist_items": 5, "videos": 3}
    videos = listed(other, channel, 150)[0]
    assert videos_of(tubeops, channel) == set(details(other, videos))


def test_a_token_that_is_stale_again_keeps_what_there_is(make_tubeops, make_sim):
    other, sim = make_sim(), make_sim()
    tubeops = make_tubeops(sim)
    channel = plain_channel(other, 3)
    with_metadata(tubeops, [channel])
    sim.set_faults("invalidPageToken@+3,invalidPageToken@+5")
    result = run(tubeops, "--videos-per-channel", 150)
    assert (result["failed"], result["done"]) == (1, 0)
    assert videos_of(tubeops, channel) == set(details(other, listed(other, channel, 50)[0]))
    letter = dict(tubeops.sql("SELECT * FROM dead_letter")[0])
    assert letter["reason"] == "invalidPageToken" and letter["op"] == 1
    assert check_videos(tubeops, sim, 1)["failed"] == 1


# ---- what goes wrong ----

def test_page_2_that_fails_for_good_keeps_page_1(make_tubeops, make_sim):
    other, sim = make_sim(), make_sim()
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=2)
    channel = plain_channel(other, 2)
    with_metadata(tubeops, [channel])
    sim.set_faults("backendError503@+3-1000000")  # 1 page, 2 its videos
    result = run(tubeops, "--videos-per-channel", 100)
    assert (result["failed"], result["done"], result["videos"]) == (1, 0, result["videos_new"])
    first = set(details(other, listed(other, channel, 50)[0]))
    assert videos_of(tubeops, channel) == first and result["videos"] == len(first) > 40
    assert check_videos(tubeops, sim, 1)["failed"] == 1
    sim.set_faults("")
    tubeops.run("jobs", result["number"], "retry", check=0)
    again = run(tubeops, "--videos-per-channel", 100)
    assert (again["number"], again["failed"], again["done"]) == (result["number"], 0, 1)
    assert videos_of(tubeops, channel) == set(details(other, listed(other, channel, 100)[0]))
    check_videos(tubeops, sim, 1)


def test_ids_that_wait_get_their_details_before_their_list_is_given_up(make_tubeops, make_sim):
    """A short first page does not fill a call: its ids wait for the second page, which never comes."""
    other, sim = make_sim(), make_sim()
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=2)
    channel = next(c for c, n in sorted(sim_counts(other).items())
                   if n > 100 and 0 < len(ask(other, "playlistItems", part="id", playlistId="UU" + c[2:],
                                              maxResults=50)["items"]) < 50)
    with_metadata(tubeops, [channel])
    sim.set_faults("backendError503@+2,backendError503@+4-1000000")  # 1 page, 2 page, 3 videos of the first
    result = run(tubeops, "--videos-per-channel", 100)
    assert result["failed"] == 1
    page = [i["contentDetails"]["videoId"] for i in ask(
        other, "playlistItems", part="contentDetails", playlistId="UU" + channel[2:], maxResults=50)["items"]]
    assert videos_of(tubeops, channel) == set(details(other, page)) and len(page) < 50
    check_videos(tubeops, sim, 1)


@pytest.mark.parametrize("fault", ["backendError500", "reset", "truncate", "badjson", "wrongtype",
                                   "html502", "processingFailure400"])
def test_what_passes_is_tried_again(make_tubeops, make_sim, fault):
    sim, other = make_sim(), make_sim()
    tubeops, calm = make_tubeops(sim), make_tubeops(other)
    ids = sim.ids(60)
    for t in (tubeops, calm):
        with_metadata(t, ids)
    sim.set_faults("%s@+5,%s@+9" % (fault, fault))
    result, wanted = run(tubeops), run(calm)
    assert sim.stats()["faults"] == {fault: 2}
    assert (result["failed"], result["done"]) == (0, wanted["done"])
    assert result["units_used"] <= wanted["units_used"] + 4
    assert set(stored(tubeops)) == set(stored(calm))
    check_videos(tubeops, sim, 60)


def test_a_refused_video_is_found_by_halving(make_tubeops, make_sim):
    sim, other = make_sim(log_ids=True), make_sim()
    tubeops = make_tubeops(sim)
    ids = sim.ids(40)
    with_metadata(tubeops, ids)
    bad = [listed(other, c, 25)[0][3] for c in ids if len(listed(other, c, 25)[0]) > 3][5:7]
    wanted = set()
    for channel in ids:
        if isinstance(sim.describe(channel), dict):
            wanted |= set(details(other, listed(other, channel, 25)[0]))
    sim.set_faults(",".join("poison:" + b for b in bad))
    result = run(tubeops)
    assert (result["failed"], result["videos_refused"]) == (0, 2)
    assert {video for _, video in stored(tubeops)} == wanted - set(bad)
    assert all(b in tubeops.log() for b in bad)
    assert result["units"]["videos"] <= -(-len(wanted) // 50) + 2 * 12 + 2
    check_videos(tubeops, sim, 40)


def test_a_channel_of_which_everything_is_refused_is_no_channel_without_videos(make_tubeops, make_sim):
    sim, other = make_sim(), make_sim()
    tubeops = make_tubeops(sim)
    channel = next(c for c, n in sorted(sim_counts(other).items()) if 1 <= n <= 3)
    with_metadata(tubeops, [channel])
    sim.set_faults(",".join("poison:" + v for v in listed(other, channel, 25)[0]))
    result = run(tubeops)
    assert (result["failed"], result["done"], result["channels_without"]) == (1, 0, 0)
    assert check_videos(tubeops, sim, 1)["failed"] == 1


def test_details_that_never_come_set_their_channels_aside(make_tubeops, make_sim):
    sim, other = make_sim(), make_sim()
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=2)
    ids = sorted(c for c, n in sim_counts(other).items() if n > 60)[:3]
    with_metadata(tubeops, ids)
    sim.set_faults("backendError503@+4-1000000")  # 1 and 2 lists of two channels, 3 their videos, 4 the third list
    result = run(tubeops)
    assert (result["failed"], result["done"]) == (1, 2)
    assert {owner for owner, _ in stored(tubeops)} == set(ids[:2])
    sim.set_faults("")
    tubeops.run("jobs", result["number"], "retry", check=0)
    sim.set_faults("backendError503@+2-1000000")  # 1 the third list, 2 its videos
    again = run(tubeops)
    assert (again["failed"], again["done"]) == (1, 2)
    assert check_videos(tubeops, sim, 3) == {"done": 2, "failed": 1}
    sim.set_faults("")
    tubeops.run("jobs", result["number"], "retry", check=0)
    last = run(tubeops)
    assert (last["number"], last["failed"], last["done"]) == (result["number"], 0, 3)
    assert {video for owner, video in stored(tubeops) if owner == ids[2]} == set(
        details(other, listed(other, ids[2], 25)[0]))
    check_videos(tubeops, sim, 3)


def test_spent_quota_loses_a_unit_or_two(make_tubeops, make_sim, tomorrow):
    sim, other = make_sim(quota=60), make_sim()
    tubeops, calm = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=60, WORKER_CONCURRENCY=1), make_tubeops(other)
    ids = sim.ids(60)
    for t in (tubeops, calm):
        with_metadata(t, ids)
    wanted = run(calm)
    result = run(tubeops, check=3)
    assert result["status"] == "waiting" and sim.units() <= 61
    # of 58 units at one and a half a channel, all but two or three brought rows
    assert result["videos"] > 25 * 50 * 0.5 and 0 < result["done"] < wanted["done"]
    check_videos(tubeops, sim, 60)
    sim.set_clock(tomorrow.epoch(1))
    again = run(tubeops, env=tomorrow(1))
    assert (again["number"], again["status"], again["done"]) == (result["number"], "completed", wanted["done"])
    assert set(stored(tubeops)) == set(stored(calm))
    assert again["units_used"] <= wanted["units_used"] + 4
    check_videos(tubeops, sim, 60)


def test_a_budget_of_units_is_kept(tubeops, sim):
    with_metadata(tubeops, sim.ids(200))
    before = sim.units()
    result = run(tubeops, "--units", 40)
    assert result["status"] == "completed" and result["units_used"] == 40 == sim.units() - before
    assert 0 < result["done"] < 60 and result["videos"] > 0
    check_videos(tubeops, sim, 200)


def test_killed_again_and_again(make_tubeops, make_sim):
    """SIGKILL at any moment: what is stored is true, and in the end everything is there, nothing twice."""
    sim, other = make_sim(latency="5-20"), make_sim()
    tubeops, calm = make_tubeops(sim, WORKER_CONCURRENCY=4), make_tubeops(other)
    ids = sim.ids(600)
    for t in (tubeops, calm):
        with_metadata(t, ids)
    wanted = run(calm)
    units = sim.units()
    kills, last = 0, 0
    for number in range(6):
        process = tubeops.start("run", "batch_videos")
        end = time.monotonic() + PATIENCE
        # let it store something, so that each life brings the work on
        while process.poll() is None and tubeops.value("SELECT count(*) FROM video") <= last:
            assert time.monotonic() < end
            time.sleep(0.01 * (number + 1))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate()
        last = tubeops.value("SELECT count(*) FROM video")
        assert tubeops.value("SELECT coalesce(sum(value), 0) FROM counter WHERE name = 'videos'") == last
        assert sim.units() <= tubeops.units_booked()
    assert kills >= 3
    sim.set_latency("0")
    result = run(tubeops)
    assert result["status"] == "completed"
    rows, same = stored(tubeops), stored(calm)
    assert set(rows) == set(same)
    assert check_videos(tubeops, sim, 600)["done"] == wanted["done"]
    # a crash costs each worker the calls since its last rows, not its chunk
    assert sim.units() - units <= wanted["units_used"] + kills * 4 * 12


# ---- counts ----

def age(tubeops):
    """Counts were read an hour ago."""
    change(tubeops, "UPDATE video SET counted_at = counted_at - 3600")


def test_counts_alone_from_their_own_bucket(tubeops, sim):
    with_metadata(tubeops, sim.ids(300))
    run(tubeops)
    rows = stored(tubeops)
    age(tubeops)
    change(tubeops, "UPDATE video SET view_count = 1, like_count = 2, comment_count = 3, title = 'kept'")
    before = sim.units(), sim.units(bucket="batchGetStats")
    result = run(tubeops, "--counts-only")
    assert result["type"] == "video_counts" and result["status"] == "completed"
    assert sim.units() == before[0]  # not one common unit
    spent = sim.units(bucket="batchGetStats") - before[1]
    assert spent == result["units_used"] == result["units"]["videos_batch_get_stats"]
    assert result["videos"] == len(rows) and result["videos_absent"] == 0
    chunks = -(-result["done"] // 50)
    assert spent <= -(-len(rows) // 50) + chunks
    now = stored(tubeops)
    assert set(now) == set(rows)
    for key, row in rows.items():
        assert now[key]["title"] == "kept" and now[key]["counted_at"] >= row["counted_at"]
        for name in ("view_count", "like_count", "comment_count", "fetched_at", "duration"):
            assert now[key][name] == row[name], (key, name)
    assert any(r["comment_count"] is None for r in now.values())  # off is not none
    again = check_result(tubeops.json("run", "video_counts", "--older-than-days", 1))
    assert (again["total"], again["units_used"]) == (0, 0)
    check_videos(tubeops, sim, 300)


def test_a_stored_video_that_is_gone_is_marked_and_kept(tubeops, sim, make_sim):
    other = make_sim()
    with_metadata(tubeops, sim.ids(60))
    run(tubeops)
    rows = stored(tubeops)
    owner, gone = next((c, v) for c in sorted({c for c, _ in rows}) for v in listed(other, c, 25)[0]
                       if (c, v) not in rows)
    row = next(r for (c, _), r in rows.items() if c == owner)
    assert change(tubeops, "UPDATE video SET vid = ? WHERE id = ?", video_key(gone), row["id"]) == 1
    age(tubeops)
    result = run(tubeops, "--counts-only")
    assert result["videos_absent"] == 1
    marked = stored(tubeops)[owner, gone]
    assert marked["absent_day"] and {n: marked[n] for n in ("title", "view_count")} == {
        n: row[n] for n in ("title", "view_count")}
    # the same from videos.list
    change(tubeops, "UPDATE video SET absent_day = NULL")
    change(tubeops, "UPDATE channel SET videos = 0 WHERE videos = 1")
    change(tubeops, "UPDATE counter SET value = (SELECT count(*) FROM channel WHERE videos = 0) WHERE name ="
                    " 'videos.pending'")
    change(tubeops, "UPDATE counter SET value = 0 WHERE name = 'videos.done'")
    run(tubeops)
    assert stored(tubeops)[owner, gone]["absent_day"] and stored(tubeops)[owner, gone]["title"] == row["title"]
    assert sum(r["absent_day"] is not None for r in stored(tubeops).values()) == 1
    check_videos(tubeops, sim, 60)


def test_counts_that_never_come_have_an_end(make_tubeops, make_sim, tomorrow):
    sim = make_sim()
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=1)
    with_metadata(tubeops, sim.ids(60))
    run(tubeops)
    age(tubeops)
    rows = stored(tubeops)
    sim.set_faults("backendError503:1")
    result = run(tubeops, "--counts-only")
    assert result["status"] == "completed" and result["failed"] > 0 and result["done"] == 0
    sim.set_faults("")
    today = run(tubeops, "--counts-only")
    assert today["units_used"] == 0
    assert {k: r["view_count"] for k, r in stored(tubeops).items()} == {k: r["view_count"] for k, r in rows.items()}
    sim.set_clock(tomorrow.epoch(1))
    later = run(tubeops, "--counts-only", env=tomorrow(1))
    assert later["videos"] == len(rows) and later["failed"] == 0


def test_a_refused_video_among_counts(make_tubeops, make_sim):
    sim = make_sim()
    tubeops = make_tubeops(sim)
    with_metadata(tubeops, sim.ids(60))
    run(tubeops)
    age(tubeops)
    rows = stored(tubeops)
    bad = sorted(rows)[100]
    sim.set_faults("poison:" + bad[1])
    result = run(tubeops, "--counts-only")
    assert (result["videos"], result["videos_refused"], result["failed"]) == (len(rows) - 1, 1, 0)
    old = [k for k, r in stored(tubeops).items() if r["counted_at"] < rows[k]["counted_at"] + 3600 - 1
           and r["counted_at"] == rows[k]["counted_at"]]
    assert old == [bad]


def test_counts_only_takes_no_other_parameter_of_videos(tubeops):
    refused = tubeops.run("run", "batch_videos", "--counts-only", "--videos-per-channel", "5")
    assert refused.code != 0 and "video_counts has no parameter videos_per_channel" in refused.err
