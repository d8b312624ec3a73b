"""Handles and names from imports: who they are, what it costs, what is known for nothing, what stays and why."""
import os
import sqlite3

import pytest

from account import alive_ids, check_account, check_result, check_row, items_of, stored_rows


@pytest.fixture
def named(make_sim):
    """Channels with a handle: id -> item, in the simulator's order."""
    asked = make_sim()
    items = items_of(asked, alive_ids(asked, 400))
    return {i: item for i, item in items.items() if item["snippet"].get("customUrl", "").startswith("@")}


def handle(item):
    return item["snippet"]["customUrl"]


def import_names(tubeops, names, titles=False):
    head = "channel_id,title\n" if titles else ""
    lines = ("%s,%s" % (n, "Title %d" % i) if titles else n for i, n in enumerate(names))
    result = tubeops.json("import", "-", input=head + "\n".join(lines) + "\n")
    assert result["invalid"] == 0 and result["read"] == len(names)
    return result


def waiting(tubeops):
    return {(r["kind"], r["name"]): r["reason"] for r in tubeops.sql("SELECT kind, name, reason FROM unresolved_names")}


def change(tubeops, sql, *values):
    """Nothing works on the folder meanwhile."""
    db = sqlite3.connect(os.path.join(tubeops.data, "staging.db"))
    with db:
        db.execute(sql, values)
    db.close()


def test_a_handle_becomes_a_channel_with_its_metadata(tubeops, sim, named):
    chosen = dict(list(named.items())[:45])
    names = [handle(item) for item in chosen.values()]
    names[1] = "https://www.youtube.com/" + names[1]
    names[2] = names[2].upper()
    assert import_names(tubeops, names, titles=True)["unresolved"] == 45
    told = tubeops.run("status")
    assert "45 names not resolved (tubeops run names)" in told.out, told
    result = check_result(tubeops.json("run", "names"))
    assert (result["total"], result["done"], result["units_used"]) == (45, 45, 45)
    assert sim.units() == 45 and not waiting(tubeops)
    rows = stored_rows(tubeops)
    assert set(rows) == set(chosen)
    for channel, item in chosen.items():
        check_row(rows[channel], item)
    found = check_account(tubeops, sim, 45)
    assert found["done"] == 45
    # whose they are and what the import called them stays
    titles = {r["title"] for r in tubeops.sql("SELECT title FROM channel")}
    assert titles == {"Title %d" % i for i in range(45)}
    assert tubeops.value("SELECT count(*) FROM channel JOIN origin o ON o.id = origin AND o.source = 'migration'") == 45
    assert tubeops.json("run", "names")["units_used"] == 0
    # the same names again cost nothing
    assert import_names(tubeops, names)["unresolved"] == 45
    again = check_result(tubeops.json("run", "names"))
    assert again["units_used"] == 0 and not waiting(tubeops)
    assert tubeops.value("SELECT sum(value) FROM job_number WHERE name = 'resolved_free'") == 45


def test_what_was_fetched_answers_for_nothing(tubeops, sim, named):
    ids = list(named)[:120]
    early, late = ids[:60], ids[60:]
    tubeops.import_ids(early)
    check_result(tubeops.json("run", "batch_metadata"))
    names = [handle(named[i]) for i in ids]
    import_names(tubeops, names[::2] + ["https://youtube.com/c/" + n[1:] for n in names[1::2]])
    # those fetched before: when the job begins; those to come: when they are fetched
    assert check_result(tubeops.json("run", "names", "--units", "0", "--limit", "1"))["units_used"] <= 1
    assert len(waiting(tubeops)) in (59, 60)
    tubeops.import_ids(late)
    check_result(tubeops.json("run", "batch_metadata"))
    assert not waiting(tubeops)
    found = check_account(tubeops, sim, 120)
    assert found["done"] == 120
    assert tubeops.json("run", "names")["units_used"] == 0


def test_each_kind_and_those_that_nobody_can_resolve(tubeops, sim, make_sim, named, tomorrow):
    asked = make_sim()
    items = list(named.values())
    users = []
    for item in items:
        name = "user" + handle(item)[-8:]
        if asked.channels(forUsername=name, part="id").json().get("items"):
            users.append((name, item["id"]))
    assert len(users) > 10
    own = items[0]
    import_names(tubeops, ["https://www.youtube.com/user/" + n for n, _ in users[:10]] + [
        "https://www.youtube.com/c/" + handle(own)[1:], "https://www.youtube.com/c/Nobody-Has-This",
        "https://www.youtube.com/c/under_the_.._hill", "https://www.youtube.com/user/nobody-at-all",
        "@nobody-at-all", "@..", "@dots.at.the.end..."])
    result = check_result(tubeops.json("run", "names"))
    assert (result["total"], result["done"], result["missing"], result["failed"]) == (16, 11, 5, 0), result
    rows = stored_rows(tubeops)
    assert set(rows) == {i for _, i in users[:10]} | {own["id"]}
    left = waiting(tubeops)
    assert left.pop(("handle", "@..")).startswith("this cannot be")
    assert left == {
        ("custom", "nobody-has-this"): "no API call resolves /c/ names, and no channel has it as its handle",
        ("custom", "under_the_.._hill"): "no API call resolves /c/ names, and no channel has it as its handle",
        ("user", "nobody-at-all"): "no channel has this user name",
        ("handle", "@nobody-at-all"): "no channel has this handle",
        ("handle", "@dots.at.the.end"): "no channel has this handle"}
    check_account(tubeops, sim, 11)
    # a miss is believed for two months, then asked once more
    units = sim.units()
    assert tubeops.json("run", "names")["total"] == 0 and sim.units() == units
    sim.set_clock(tomorrow.epoch(62))
    again = check_result(tubeops.json("run", "names", env=tomorrow(62)))
    assert (again["total"], again["missing"]) == (5, 5) and len(waiting(tubeops)) == 6


def test_a_c_name_must_be_the_address_that_the_channel_gives_itself(tubeops, sim, make_sim, named):
    asked = make_sim()
    former = [(i, "user" + handle(item)[-8:]) for i, item in named.items()]
    former = [(i, n) for i, n in former if asked.channels(forHandle=n, part="id").json().get("items")][:4]
    assert len(former) == 4
    import_names(tubeops, ["https://www.youtube.com/c/" + n for _, n in former[:2]] + ["@" + n for _, n in former[2:]])
    result = check_result(tubeops.json("run", "names"))
    # a handle that was given up still belongs to its channel; a /c/ name may be anybody's
    assert (result["done"], result["missing"]) == (2, 2)
    assert set(waiting(tubeops)) == {("custom", n) for _, n in former[:2]}
    assert set(stored_rows(tubeops)) == {i for i, _ in former[2:]}


def test_imports_come_first_then_the_most_mentioned_within_the_days_budget(tubeops, sim, named, tomorrow):
    names = [handle(i)[1:] for i in list(named.values())[:12]]
    import_names(tubeops, ["@" + names[11], "@" + names[10]])
    for i, name in enumerate(names[:10]):
        change(tubeops, "INSERT INTO handle (kind, name, state, mentions, checked_at) VALUES ('handle', ?, 0, ?, 0)",
               name, i + 1)

    def known():
        return {r["name"] for r in tubeops.sql("SELECT name FROM handle WHERE state = 1")}
    first = tubeops.run("run", "names", "--units-per-day", 5, "--json", check=3)
    result = check_result(first.json())
    assert (result["status"], result["done"], result["units_used"]) == ("waiting", 5, 5), first
    assert known() == {names[11], names[10], names[9], names[8], names[7]}
    sim.set_clock(tomorrow.epoch(1))
    rest = tubeops.run("run", "names", "--units-per-day", 5, "--json", check=3, env=tomorrow(1)).json()
    assert rest["job_id"] == result["job_id"] and rest["done"] == 10
    sim.set_clock(tomorrow.epoch(2))
    last = check_result(tubeops.json("run", "names", "--units-per-day", 5, env=tomorrow(2)))
    assert (last["status"], last["done"], last["total"]) == ("completed", 12, 12)
    # only what an import waited for has become a channel
    check_account(tubeops, sim, 2)


def test_a_thousand_units_a_day_unless_told_otherwise(tubeops, sim):
    import_names(tubeops, ["@nobody-%d" % i for i in range(1010)])
    result = check_result(tubeops.run("run", "names", "--json", check=3).json())
    assert (result["status"], result["missing"], result["units_used"]) == ("waiting", 1000, 1000)


def test_a_dry_run_counts_the_names_that_are_to_be_asked(tubeops, sim):
    def due(*words):
        return tubeops.json("run", "names", "--dry-run", *words)["items"]
    import_names(tubeops, ["@nobody-%d" % i for i in range(7)])
    assert (due(), due("--limit", "2")) == (7, 2)
    assert tubeops.json("run", "names", "--units", "3")["missing"] == 3
    assert due() == 4
    assert tubeops.json("run", "names")["missing"] == 4
    assert due() == 0  # nobody has them: they wait, and cost nothing for now


def test_trouble_loses_no_name(make_tubeops, make_sim, named):
    sim = make_sim()
    tubeops = make_tubeops(sim, MAX_ATTEMPTS=50)
    names = [handle(i) for i in list(named.values())[:25]]
    import_names(tubeops, names)
    sim.set_faults("backendError503:0.15,truncate:0.1")
    result = check_result(tubeops.json("run", "names"))
    assert (result["total"], result["done"], result["failed"]) == (25, 25, 0)
    check_account(tubeops, sim, 25)


def test_names_that_were_refused_are_tried_by_the_next_job(make_tubeops, make_sim, named):
    sim = make_sim(faults="processingFailure400:1")
    tubeops = make_tubeops(sim)
    import_names(tubeops, [handle(i) for i in list(named.values())[:3]])
    result = check_result(tubeops.json("run", "names"))
    assert (result["total"], result["failed"]) == (3, 3), result
    assert len(waiting(tubeops)) == 3
    sim.set_faults("")
    again = check_result(tubeops.json("run", "names"))
    assert (again["total"], again["done"]) == (3, 3)


def test_the_name_of_an_erased_channel_brings_it_back_no_more(tubeops, sim, named):
    channel, item = next(iter(named.items()))
    tubeops.import_ids([channel])
    tubeops.json("purge", channel)
    import_names(tubeops, [handle(item)])
    result = check_result(tubeops.json("run", "names"))
    assert (result["total"], result["units_used"]) == (1, 1)
    assert waiting(tubeops) == {("handle", handle(item)): "its channel was erased"}
    assert tubeops.json("run", "names")["total"] == 0
    check_account(tubeops, sim, 0)
