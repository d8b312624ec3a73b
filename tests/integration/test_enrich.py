"""tubeops enrich: the file as it was with columns behind its rows, fetched once, whatever interrupts it."""
import csv
import io
import os
import random
import re
import signal
import time

import pytest

from account import alive_ids, check_account, expected_row, items_of, stored_rows
from tubeops import PATIENCE, SHARED

DEFAULT = ["title", "subscriber_count", "video_count", "view_count", "country", "language", "custom_url",
           "published_at", "topics", "fetched_at", "status"]
STATES = ("pending", "done", "absent", "missing", "failed")


def path(tubeops, name):
    return os.path.join(tubeops.directory, name)


def write(tubeops, name, data):
    with open(path(tubeops, name), "wb") as file:
        file.write(data)


def read(tubeops, name):
    with open(path(tubeops, name), "rb") as file:
        return file.read()


def enrich(tubeops, *words, source="in.csv", out="out.csv", check=0, **more):
    return tubeops.json("enrich", source, "--out", out, *words, check=check, **more)


def asked_ids(sim):
    """Every id of every answered call."""
    return [i for e in sim.log_entries() if e["method"] == "channels.list" and e["status"] == 200
            for i in e["idlist"].split(",")]


def cells(values, sep):
    """Cells as they are appended: each with its separator before it."""
    out = io.StringIO(newline="")
    for value in values:
        quoted = any(c in value for c in (sep, '"', "\r", "\n")) or value.startswith((" ", "=", "+", "\t"))
        guard = "'" if value.startswith(("=", "+", "\t")) else ""
        out.write(sep + ('"%s%s"' % (guard, value.replace('"', '""')) if quoted else value))
    return out.getvalue().encode()


def check_sum(result):
    assert result["rows"] == (result["enriched"] + result["pending"] + result["missing"] + result["failed"]
                              + result["invalid"] + result["unresolved"]), result
    return result


# ---- bytes ----

@pytest.mark.parametrize("sep", [b",", b";", b"\t"])
@pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
@pytest.mark.parametrize("shape", ["header", "none", "words"])
def test_every_byte_stays_where_it_was(tubeops, sim, make_sim, sep, eol, shape):
    ids = sim.ids(120)
    items = items_of(make_sim(), ids)
    heads = {"header": [b"No", b'"The Channel ID"', b"channel_id", b"note"],
             "words": [b"Zahl", b'"was ""auch"" immer"', b"Kennung", b"Wort"], "none": None}[shape]
    rows, states = [], []  # (bytes of the row, its cells, the id that it names, or a status)
    for n, channel in enumerate(ids):
        text = channel.encode()
        ref = [text, b'"' + text + b'"', b"https://www.youtube.com/channel/" + text, b" " + text][n % 4]
        note = [b"plain", b'"quoted, and; more"', b'"two' + eol + b'lines"', b'"say ""so"""', b"", b"\xff\xfe bytes",
                b'"closed" \t'.rstrip(b"\t"), b"'"][n % 8]
        rows.append(([b"%d" % n, b" a ", ref, note], channel))
    rows.insert(3, ([b"", b"", b"no id at all", b""], "invalid"))
    rows.insert(9, ([b"a", b"b", b"@nobody.has.this", b""], "unresolved"))
    rows.insert(12, ([b"short", b"b", ids[5].encode()], ids[5]))
    rows.insert(2, ([b"shorter"], "invalid"))
    rows.insert(17, ([b"a", b"b", ids[6].encode(), b"d", b"long", b"row"], ids[6]))
    rows.insert(20, (None, None))  # a blank line
    source, wanted = [b"\xef\xbb\xbf"], [b"\xef\xbb\xbf"]
    if heads:
        source.append(sep.join(heads) + eol)
        wanted.append(sep.join(heads) + cells(["title", "country", "view_count", "status"], sep.decode()) + eol)
    for number, (row, name) in enumerate(rows):
        end = eol if number + 1 < len(rows) else b""
        if row is None:
            source.append(eol)
            wanted.append(eol)
            continue
        item = items.get(name)
        status = "done" if item else name if name in ("invalid", "unresolved") else "absent"
        states.append(status)
        told = expected_row(item) if item else {}
        values = ["" if told.get(c) is None else str(told[c]) for c in ("title", "country", "view_count")]
        source.append(sep.join(row) + end)
        wanted.append(sep.join(row) + sep * max(0, 4 - len(row)) + cells(values + [status], sep.decode()) + end)
    write(tubeops, "in.csv", b"".join(source))
    result = check_sum(enrich(tubeops, "--columns", "title, country,view_count,status"))
    assert read(tubeops, "out.csv") == b"".join(wanted)
    assert read(tubeops, "in.csv") == b"".join(source)
    assert result["rows"] == len(states) and result["long_rows"] == 1
    assert (result["enriched"], result["absent_once"]) == (states.count("done"), states.count("absent"))
    assert (result["invalid"], result["unresolved"]) == (2, 1)
    assert result["units_used"] == sim.units() == 3
    check_account(tubeops, sim, 120)


def test_broken_and_odd_rows_stay_too(tubeops, sim, make_sim):
    good = alive_ids(make_sim(), 4)
    long_line = b"x" * (6 << 20)
    source = (b"channel_id,name\n" + good[0].encode() + b',"never closed\n' + good[1].encode() + b",b\n"
              + long_line + b"\n" + good[2].encode() + b",nul\0byte\n\n  \n" + good[3].encode() + b",last\r")
    write(tubeops, "in.csv", source)
    result = check_sum(enrich(tubeops, "--columns", "status"))
    out = read(tubeops, "out.csv")
    assert out == (b"channel_id,name,status\n" + good[0].encode() + b',"never closed,invalid\n' + good[1].encode()
                   + b",b,done\n" + long_line + b",invalid\n" + good[2].encode() + b",nul\0byte,invalid\n\n  \n"
                   + good[3].encode() + b",last,done\r")
    assert (result["rows"], result["enriched"], result["invalid"]) == (5, 2, 3)


def test_a_plain_list_and_standard_input(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 30)
    result = enrich(tubeops, "--columns", "channel_id,status", source="-", input="\n".join(ids) + "\n")
    assert (result["rows"], result["enriched"]) == (30, 30)
    assert read(tubeops, "out.csv").decode() == "".join("%s,%s,done\n" % (i, i) for i in ids)
    assert not os.path.exists(os.path.join(tubeops.data, "enrich-stdin.csv"))
    # nothing is asked again, and no key is needed for what is there
    again = enrich(tubeops, "--columns", "status", "--overwrite", source="-", input=ids[3] + "\n",
                   env={"YOUTUBE_API_KEY_1": ""})
    assert (again["enriched"], again["units_used"], sim.units()) == (1, 0, 1)
    assert read(tubeops, "out.csv").decode() == ids[3] + ",done\n"


def test_default_columns_and_names_that_the_header_has(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 20)
    write(tubeops, "in.csv", ("Title,STATUS,id,yt_status,topics\n"
                              + "".join("t,s,%s,y,z\n" % i for i in ids)).encode())
    enrich(tubeops)
    with open(path(tubeops, "out.csv"), encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    renamed = {"title": "yt_title", "status": "yt_yt_status", "topics": "yt_topics"}
    assert rows[0] == ["Title", "STATUS", "id", "yt_status", "topics"] + [renamed.get(c, c) for c in DEFAULT]
    stored = stored_rows(tubeops)
    for row, channel in zip(rows[1:], ids):
        kept = stored[channel]
        told = dict(zip(DEFAULT, row[5:]))
        assert row[:5] == ["t", "s", channel, "y", "z"] and told["status"] == "done"
        for name in ("country", "language", "custom_url"):
            assert told[name] == (kept[name] or ""), name
        for name in ("subscriber_count", "video_count", "view_count"):
            assert told[name] == ("" if kept[name] is None else str(kept[name])), name
        assert told["topics"] == "|".join(kept["topics"] or [])
        assert told["fetched_at"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(kept["fetched_at"]))


def test_a_real_file(tubeops, sim):
    name = os.path.join(SHARED, "data", "channels-3080.csv")
    if not os.path.exists(name):
        pytest.skip("there is no such file")
    with open(name, "rb") as file:
        source = file.read()
    write(tubeops, "in.csv", source)
    result = check_sum(enrich(tubeops))
    # the simulator knows none of these channels: what is added is the same for each
    none = b"," * len(DEFAULT)
    header, rest = source.split(b"\n", 1)
    cr = b"\r" if header.endswith(b"\r") else b""
    names = ["yt_" + c if c in ("title", "status") else c for c in DEFAULT]
    out = read(tubeops, "out.csv")
    head, body = out.split(b"\n", 1)
    assert head == header[:len(header) - len(cr)] + cells(names, ",") + cr
    assert re.sub(re.escape(none) + rb"(absent|invalid)(?=\r?\n|$)", b"", body) == rest
    assert len(re.findall(re.escape(none) + rb"absent\r?\n", body)) == result["absent_once"]
    assert result["rows"] == len(list(csv.reader(io.StringIO(source.decode("utf-8-sig"), newline="")))) - 1
    assert result["absent_once"] + result["invalid"] == result["rows"] and result["invalid"] < 5
    # its own result once more
    again = enrich(tubeops, source="out.csv", out="again.csv")
    assert again["rows"] == result["rows"] and again["units_used"] == 0
    assert read(tubeops, "again.csv").startswith(head[:len(head) - len(cr)] + b",yt_yt_title,yt_subscriber_count,")


# ---- what is fetched ----

def test_only_what_this_file_lacks_is_fetched(make_tubeops, make_sim):
    sim = make_sim(log_ids=True)
    tubeops = make_tubeops(sim)
    ids = alive_ids(make_sim(), 700)
    tubeops.import_ids(ids[:500])  # a backlog that has nothing to do with the file but for 100 of them
    tubeops.json("run", "batch_metadata", "--limit", "50")
    fetched = set(asked_ids(sim))
    wanted = [i for i in ids[400:] if i not in fetched]
    write(tubeops, "in.csv", ("id\n" + "".join(i + "\n" for i in ids[400:] + ids[400:450])).encode())
    result = check_sum(enrich(tubeops, "--columns", "status"))
    assert (result["rows"], result["enriched"]) == (350, 350)
    assert sorted(asked_ids(sim)) == sorted(fetched | set(wanted))
    assert result["units_used"] == -(-len(wanted) // 50)
    assert check_account(tubeops, sim, 700)["pending"] == 700 - len(fetched) - len(wanted)
    assert tubeops.value("SELECT count(*) FROM wanted") == tubeops.value("SELECT count(*) FROM wanted_list") == 0


def test_handles_of_channels_that_were_fetched(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 60)
    tubeops.import_ids(ids)
    tubeops.json("run", "batch_metadata")
    handles = {r["custom_url"]: i for i, r in stored_rows(tubeops).items() if r["custom_url"]}
    assert handles
    known = sorted(handles)[:10]
    rows = known + ["https://www.youtube.com/" + known[0].upper(), "@nobody.has.this", "https://youtube.com/c/NoOne"]
    write(tubeops, "in.csv", ("url\n" + "".join(r + "\n" for r in rows)).encode())
    result = check_sum(enrich(tubeops, "--columns", "channel_id,status"))
    assert (result["enriched"], result["unresolved"], result["units_used"]) == (11, 2, 0)
    lines = read(tubeops, "out.csv").decode().split("\n")
    assert lines[1:11] == ["%s,%s,done" % (h, handles[h]) for h in known]
    assert lines[11:13] == ["%s,%s,done" % (rows[10], handles[known[0]]), "@nobody.has.this,,unresolved"]


def test_the_column_that_is_named(tubeops, sim, make_sim):
    ids = alive_ids(make_sim(), 40)
    pairs = list(zip(ids[:20], ids[20:]))
    write(tubeops, "in.csv", ("one,Other Ones\n" + "".join("%s,%s\n" % p for p in pairs)).encode())
    enrich(tubeops, "--columns", "channel_id", "--column", "other ones")
    assert read(tubeops, "out.csv").decode() == "one,Other Ones,channel_id\n" + "".join(
        "%s,%s,%s\n" % (a, b, b) for a, b in pairs)
    assert sim.units() == 1 and check_account(tubeops, sim)["done"] == 20
    write(tubeops, "bare.csv", "".join("%s,%s\n" % p for p in pairs).encode())
    enrich(tubeops, "--columns", "channel_id", "--column", "2", source="bare.csv", out="bare-out.csv")
    assert read(tubeops, "bare-out.csv").decode() == "".join("%s,%s,%s\n" % (a, b, b) for a, b in pairs)
    # one channel a row, though there are two of them
    result = enrich(tubeops, "--columns", "channel_id", source="bare.csv", out="bare-out.csv", check=0,
                    *["--overwrite"])
    assert result["rows"] == 20
    wrong = tubeops.run("enrich", "in.csv", "--out", "none.csv", "--column", "no such one", check=1)
    assert "no such one" in wrong.err and "one,Other Ones" in wrong.err
    assert not os.path.exists(path(tubeops, "none.csv"))


# ---- refusals ----

def test_what_is_refused_costs_nothing(tubeops, sim):
    write(tubeops, "in.csv", ("id\n" + "\n".join(sim.ids(10))).encode())
    write(tubeops, "there.csv", b"mine")
    write(tubeops, "in.json", b'[{"id": "UCkKk1XTkh1d4bv7t_cNrfjg"}]')
    for words, code, text in (
            (("in.csv",), 2, "--out"),
            (("in.csv", "--out", "there.csv"), 1, "--overwrite"),
            (("in.csv", "--out", "o.csv", "--columns", "title,nonsense"), 2, "nonsense"),
            (("none.csv", "--out", "o.csv"), 1, "none.csv"),
            ((".", "--out", "o.csv"), 1, "file"),
            (("in.json", "--out", "o.csv"), 1, "")):
        done = tubeops.run("enrich", *words)
        assert done.code == code and text in done.err, (words, done)
    assert "country" in tubeops.run("enrich", "in.csv", "--out", "o.csv", "--columns", "x", check=2).err
    assert read(tubeops, "there.csv") == b"mine" and not os.path.exists(path(tubeops, "o.csv"))
    assert sim.stats()["requests"] == 0


# ---- interruptions ----

def test_quota_spent_is_3_and_the_same_command_goes_on(make_tubeops, make_sim):
    sim = make_sim(log_ids=True)
    # of several workers one that is back early may ask for the 20 at the end with the last unit
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=3, WORKER_CONCURRENCY=1)
    ids = alive_ids(make_sim(), 420)
    write(tubeops, "in.csv", ("id,n\n" + "".join("%s,%d\n" % (i, n) for n, i in enumerate(ids))).encode())
    first = tubeops.run("enrich", "in.csv", "--out", "out.csv", "--columns", "status", "--json", check=3)
    result = check_sum(first.json())
    assert "quota" in first.err and result["out"] is None
    assert (result["rows"], result["enriched"], result["pending"], result["units_used"]) == (420, 150, 270, 3)
    assert not [n for n in os.listdir(tubeops.directory) if n.startswith("out.csv")]
    part = tubeops.json("enrich", "in.csv", "--out", "part.csv", "--columns", "status", "--partial", check=3)
    assert part["out"] == "part.csv" and part["enriched"] == 150 and sim.units() == 3
    text = read(tubeops, "part.csv").decode()
    assert text.count(",done\n") == 150 and text.count(",pending\n") == 270
    more = {"YOUTUBE_API_KEY_1_QUOTA": "100"}
    last = check_sum(enrich(tubeops, "--columns", "status", env=more))
    assert (last["enriched"], last["pending"], sim.units()) == (420, 0, 9)
    assert sorted(asked_ids(sim)) == sorted(ids)
    assert read(tubeops, "out.csv").decode() == "id,n,status\n" + "".join(
        "%s,%d,done\n" % (i, n) for n, i in enumerate(ids))
    jobs = [tuple(r) for r in tubeops.sql("SELECT status, done FROM job WHERE type = 'list_metadata'")]
    assert jobs == [("completed", 420)]
    check_account(tubeops, sim, 420)


def test_a_waiting_list_goes_on_in_serve(make_tubeops, make_sim):
    sim = make_sim(log_ids=True)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=2)
    ids = alive_ids(make_sim(), 300)
    tubeops.import_ids(ids[200:])
    write(tubeops, "in.csv", ("id\n" + "".join(i + "\n" for i in ids[:250])).encode())
    tubeops.run("enrich", "in.csv", "--out", "out.csv", check=3)
    tubeops.environment["YOUTUBE_API_KEY_1_QUOTA"] = "100"
    with tubeops.serve() as server:
        # a job over the whole backlog takes its turn, before it or after it, and asks for nothing twice
        waits = [j["job_id"] for j in server.get("/api/jobs").json() if j["job_type"] == "list_metadata"]
        assert len(waits) == 1
        jobs = [server.post("/api/batch-metadata", {}).json()["job_id"]] + waits
        assert server.post("/api/jobs/%s/resume" % waits[0]).status == 200
        for job in jobs:
            server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert server.stop() == 0
    assert sorted(asked_ids(sim)) == sorted(ids)
    assert {r[0] for r in tubeops.sql("SELECT status FROM job")} == {"completed"}
    result = enrich(tubeops)
    assert (result["enriched"], result["units_used"]) == (250, 0)
    check_account(tubeops, sim, 300)


def test_a_signal_leaves_no_file(make_tubeops, make_sim):
    sim = make_sim(latency="200", log_ids=True)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=1)
    ids = alive_ids(make_sim(), 1000)
    write(tubeops, "in.csv", ("id\n" + "".join(i + "\n" for i in ids)).encode())
    process = tubeops.start("enrich", "in.csv", "--out", "out.csv", "--columns", "status")
    end = time.monotonic() + PATIENCE
    while sim.stats()["requests"] < 2:
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "stopp" in err, err
    assert not [n for n in os.listdir(tubeops.directory) if n.startswith("out.csv")]
    sim.set_latency("0")
    assert enrich(tubeops, "--columns", "status")["enriched"] == 1000
    assert sorted(asked_ids(sim)) == sorted(ids)


def test_killed_again_and_again_and_fetched_once(make_tubeops, make_sim):
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed)
    dice = random.Random(seed)
    sim = make_sim(channels=60000, latency="20-60", log_ids=True)
    tubeops = make_tubeops(sim, WORKER_CONCURRENCY=2, YOUTUBE_API_KEY_1_QUOTA=1000000)
    ids = alive_ids(make_sim(channels=60000), 4000)
    tubeops.import_ids(sim.ids(5000, "--first", "20000"))  # of no interest here
    write(tubeops, "in.csv", ("id;n\r\n" + "".join("%s;%d\r\n" % (i, n) for n, i in enumerate(ids))).encode())
    words = ("enrich", "in.csv", "--out", "out.csv", "--columns", "channel_id,status")
    kills = 0
    for number in range(12):
        # while it imports, or after some more calls
        calls = sim.stats()["requests"] + dice.randrange(1, 8) if number % 4 else None
        process = tubeops.start(*words)
        end = time.monotonic() + (PATIENCE if calls else dice.uniform(0, 0.3))
        while process.poll() is None and time.monotonic() < end and not (calls and sim.stats()["requests"] >= calls):
            time.sleep(0.002)
        if process.poll() is not None:
            break
        process.kill()
        process.communicate()
        kills += 1
        assert not os.path.exists(path(tubeops, "out.csv"))
        if sim.units():
            assert sim.units() <= tubeops.units_booked()
    assert kills >= 6
    sim.set_latency("0")
    if not os.path.exists(path(tubeops, "out.csv")):
        result = enrich(tubeops, "--columns", "channel_id,status")
        assert (result["rows"], result["enriched"]) == (4000, 4000)
    assert read(tubeops, "out.csv").decode() == "id;n;channel_id;status\r\n" + "".join(
        "%s;%d;%s;done\r\n" % (i, n, i) for n, i in enumerate(ids))
    # the backlog was left alone; what was asked twice was in flight when it was killed: two workers,
    # and what they had not had stored
    asked = asked_ids(sim)
    assert set(asked) == set(ids)
    assert len(asked) - len(ids) <= kills * 2 * 2 * 50
    found = check_account(tubeops, sim)
    assert found["done"] == 4000
    assert tubeops.value("SELECT count(*) FROM wanted") == 0
