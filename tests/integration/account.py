"""What must be true of a data folder whatever happened, and what a row must hold.  Standard library only."""
import datetime
import json
import re

STATES = ("pending", "done", "absent", "missing", "failed")
PARTS = "id,snippet,statistics,status,topicDetails,brandingSettings"


def states(tubeops):
    """How many channels are in each state of the metadata operation, counted row by row."""
    found = {name: 0 for name in STATES}
    for row in tubeops.sql("SELECT metadata, count(*) FROM channel GROUP BY metadata"):
        found[STATES[row[0]]] = row[1]
    return found


def check_account(tubeops, sim=None, channels=None):
    """Every id is in exactly one state, all counters are exact, no unit was spent unbooked.  Gives the states."""
    for database, ask in (("staging.db", tubeops.sql), ("quota.db", tubeops.quota_sql)):
        assert [r[0] for r in ask("PRAGMA integrity_check")] == ["ok"], database
    found = states(tubeops)
    total = tubeops.value("SELECT count(*) FROM channel")
    assert sum(found.values()) == total
    assert channels is None or total == channels
    assert tubeops.value("SELECT count(DISTINCT channel_id) FROM channels") == total
    # a state and the row that proves it belong together
    for table, state in (("channel_meta", "1"), ("dead_letter", "4"), ("absence", "2, 3")):
        where = "" if table == "channel_meta" else " WHERE op = 0"
        wanted = tubeops.value("SELECT count(*) FROM channel WHERE metadata IN (%s)" % state)
        assert tubeops.value("SELECT count(*) FROM " + table + where) == wanted, table
        assert tubeops.value("SELECT count(*) FROM channel c WHERE metadata IN (%s) AND NOT EXISTS (SELECT 1 FROM %s t"
                             " WHERE t.cid = c.cid%s)" % (state, table, " AND op = 0" if where else "")) == 0, table
    counted = {r["name"]: r["value"] for r in tubeops.sql("SELECT name, value FROM counter")}
    assert counted.get("channels", 0) == total
    for name, number in found.items():
        assert counted.get("metadata." + name, 0) == number, name
    for job in tubeops.sql("SELECT * FROM job"):
        assert job["processed"] == job["done"] + job["missing"] + job["absent"] + job["failed"], dict(job)
        assert min(job[n] for n in ("done", "missing", "absent", "failed", "units")) >= 0, dict(job)
    if sim:
        assert sim.units() <= tubeops.units_booked()
    return found


def check_result(result):
    """The sum that every job shows at its end."""
    assert result["total"] == result["done"] + result["missing"] + result["failed"] + result["pending"], result
    assert result["processed"] == result["done"] + result["missing"] + result["failed"] + result["absent_once"], result
    return result


# ---- what a simulator knows, asked without tubeops ----

def items_of(sim, ids):
    """The items that the API has for ids, by id.  What this costs is billed: ask a simulator of your own."""
    found = {}
    for at in range(0, len(ids), 50):
        answer = sim.channels(ids[at:at + 50], part=PARTS)
        assert answer.status == 200
        found.update((item["id"], item) for item in answer.json().get("items", []))
    return found


def alive_ids(sim, count):
    """count ids of the simulator's universe that it answers for."""
    ids = sim.ids(count + count // 10 + 50)
    alive = items_of(sim, ids)
    chosen = [i for i in ids if i in alive][:count]
    assert len(chosen) == count
    return chosen


# ---- from an item to the row it must become ----

def clean(text):
    """Texts without control characters, CR LF as LF; None for nothing."""
    if text is None:
        return None
    text = text.replace("\r\n", "\n")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text) or None


def keywords(text):
    """Words and "quoted phrases"."""
    words = [(phrase or word).strip() for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', text)]
    return [w for w in words if w]


def thumbnail(thumbnails):
    if thumbnails.get("high", {}).get("url"):
        return thumbnails["high"]["url"]
    rest = [t for t in thumbnails.values() if t.get("url")]
    return max(rest, key=lambda t: t.get("width", -1))["url"] if rest else None


def seconds(text):
    if text is None:
        return None
    when = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    return int(when.replace(tzinfo=datetime.timezone.utc).timestamp())


def expected_row(item):
    """The columns of channel_meta for an item of the API; only those that the item decides alone."""
    snippet, counts = item.get("snippet", {}), item.get("statistics", {})
    branding, status = item.get("brandingSettings", {}), item.get("status", {})
    channel = branding.get("channel", {})

    def count(name):
        return int(counts[name]) if name in counts else None

    def flag(value):
        return None if value is None else int(value)
    hidden = counts.get("hiddenSubscriberCount")
    return {
        "title": clean(snippet.get("title")), "description": clean(snippet.get("description")),
        "custom_url": clean(snippet.get("customUrl")), "published_at": seconds(snippet.get("publishedAt")),
        "country": snippet.get("country") or channel.get("country"),
        "default_language": snippet.get("defaultLanguage") or channel.get("defaultLanguage"),
        "thumbnail_url": thumbnail(snippet.get("thumbnails", {})),
        "banner_url": branding.get("image", {}).get("bannerExternalUrl"),
        "subscriber_count": None if hidden else count("subscriberCount"), "hidden_subscribers": flag(hidden),
        "video_count": count("videoCount"), "view_count": count("viewCount"),
        "privacy_status": status.get("privacyStatus"), "made_for_kids": flag(status.get("madeForKids")),
        "keywords": keywords(channel["keywords"]) if "keywords" in channel else None,
        "topics": item.get("topicDetails", {}).get("topicCategories"),
    }


def stored_rows(tubeops):
    """The rows of channel_meta by the text of their id, lists as lists."""
    rows = {}
    for row in tubeops.sql("SELECT i.channel_id, m.* FROM channel_meta m JOIN channel_id i ON i.cid = m.cid"):
        made = dict(row)
        for name in ("keywords", "topics"):
            made[name] = json.loads(made[name]) if made[name] is not None else None
        rows[made.pop("channel_id")] = made
    return rows


def check_row(stored, item):
    """Every column that the item decides, by name."""
    wanted = expected_row(item)
    assert {name: stored[name] for name in wanted} == wanted, item["id"]
    if wanted["default_language"]:
        assert stored["language_source"] == "youtube", item["id"]
        assert stored["language"].lower().split("-")[0] == wanted["default_language"].lower().split("-")[0]
    elif wanted["title"] or wanted["description"]:
        assert stored["language_source"] == "cld2" and stored["language"], item["id"]
    else:
        assert stored["language"] is None and stored["language_source"] is None, item["id"]
    assert stored["language_confidence"] is None or 0 <= stored["language_confidence"] <= 100


# ---- what PostgreSQL holds: SQLite = PostgreSQL + outbox ----

WALK, ORIGIN, CHANNEL, VIDEOS, EDGES, ERASE, FORGET = 1, 2, 3, 5, 6, 7, 8
LETTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def id_text(key):
    """The text of a channel's 16-byte key."""
    bits = int.from_bytes(key, "big")
    return "UC" + "".join(LETTERS[bits >> shift & 63] for shift in range(122, 1, -6)) + "AQgw"[bits & 3]


def video_text(number):
    """The text of a video's number."""
    bits = number + 2 ** 63
    return "".join(LETTERS[bits >> shift & 63] for shift in range(58, 3, -6)) + "048AEIMQUYcgkosw"[bits & 15]


def pairs(columns):
    """"ours=theirs" or one name for both, as two lists."""
    both = [c.split("=") if "=" in c else (c, c) for c in columns.split()]
    return [b[0] for b in both], [b[1] for b in both]


# table in staging, its column with the channel, what makes a row its own; ours=theirs; table in PostgreSQL; the outbox
# kind that excuses a difference.  Times and days are compared as numbers.
COPIES = (
    ("video", "channel", 1, "vid=video_id channel=channel_external_id title description duration "
     "duration_s=duration_seconds view_count like_count comment_count category=category_id language language_source "
     "language_confidence live_state default_language audio_language thumbnail_url privacy_status made_for_kids tags "
     "published_at fetched_at counted_at absent_day=absent_on", "videos", VIDEOS),
    ("edge", "source", 3, "source target=discovered_channel_id method=discovery_method service=service_name "
     "confidence=confidence_score seen=times_seen known=already_exists first_seen last_seen",
     "channel_discoveries", EDGES),
    ("channel_meta", "cid", 1, "cid=channel_id title description subscriber_count video_count view_count country "
     "language custom_url keywords topics=topic_categories published_at fetched_at", "channels", CHANNEL),
)


def ours_of(tubeops, table, names):
    rows = []
    for row in tubeops.sql("SELECT %s FROM %s" % (", ".join(names), table)):
        made = []
        for name, value in zip(names, row):
            if isinstance(value, bytes):
                value = id_text(value)
            elif name == "vid":
                value = video_text(value)
            elif name in ("tags", "keywords", "topics") and value is not None:
                value = json.loads(value)
            made.append(value)
        rows.append(tuple(json.dumps(v) for v in made))
    return rows


def theirs_of(pg, database, table, names):
    """The same out of PostgreSQL, as JSON so that NULL, texts and lists stay apart."""
    def expression(name):
        if name in ("published_at", "fetched_at", "counted_at", "first_seen", "last_seen"):
            return "extract(epoch FROM %s)::bigint" % name
        if name == "absent_on":
            return "absent_on - DATE '1970-01-01'"
        if name in ("already_exists", "made_for_kids"):
            return "%s::int" % name
        if name == "source":
            return "(SELECT c.channel_id FROM channels c WHERE c.id = source_channel_id)"
        return name
    text = pg.psql("SELECT json_build_array(%s)::text FROM %s%s" % (
        ", ".join(expression(n) for n in names), table, " WHERE metadata_fetched" if table == "channels" else ""),
        database=database)
    return [tuple(json.dumps(v) for v in json.loads(line)) for line in text.splitlines() if line]


def check_postgres(tubeops, pg, database, alone=True):
    """PostgreSQL has all that staging has, but for what waits in the outbox; alone: and nothing else."""
    waiting = tubeops.sql("SELECT kind, num, key FROM outbox")
    walks = any(row["kind"] == WALK for row in waiting)
    origins = {row["num"] for row in waiting if row["kind"] == ORIGIN}
    excused = {kind: {id_text(row["key"]) for row in waiting if row["kind"] == kind and row["key"] is not None}
               for kind in (CHANNEL, VIDEOS, EDGES, ERASE, FORGET)}
    if origins:
        excused[CHANNEL] |= {id_text(row["cid"]) for row in tubeops.sql("SELECT cid, origin FROM channel")
                             if row["origin"] in origins}
    compared = 0
    for table, channel, size, columns, their_table, kind in COPIES:
        names, their_names = pairs(columns)
        at = names.index(channel)
        ours = {row[:size]: row for row in ours_of(tubeops, table, names)}
        theirs = {row[:size]: row for row in theirs_of(pg, database, their_table, their_names)}
        for key in set(ours) | (set(theirs) if alone else set()):
            if ours.get(key) == theirs.get(key):
                compared += 1
                continue
            owner = json.loads((ours.get(key) or theirs.get(key))[at])
            assert walks or owner in excused[kind] | excused[CHANNEL] | excused[ERASE] | excused[FORGET], (
                table, ours.get(key), theirs.get(key))
    return compared
