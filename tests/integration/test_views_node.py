"""Dashboard, Keys and Workers by keyboard, on the demo's campaign: what is asked of the engine, and where keys lead."""

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, ESC, TAB, Terminal, commands_in, find_program  # noqa: E402
from conftest import KEY  # noqa: E402
from tubeops import TubeopsMissing, find_binary  # noqa: E402

DEMO = find_program("console_demo", "CONSOLE_DEMO")
pytestmark = pytest.mark.skipif(DEMO is None, reason="tests/unit/console_demo has not been built")


@pytest.fixture
def console(tmp_path):
    """The campaign at 80x24; t.commands(n) waits for n commands."""
    path = tmp_path / "commands"
    with Terminal([DEMO, "--scenario", "campaign", "--commands", str(path)]) as t:
        t.commands = commands_in(path)
        t.wait_for("? help")
        yield t


def to_keys(t, row=None):
    t.send("3")
    t.wait_for("PROJECT / bucket")
    if row:
        t.send("/" + row + ENTER)
        t.wait_for(">    " + row)


def test_a_share_is_changed_in_hand_and_applied_by_enter(console):
    to_keys(console)
    console.send(TAB + "j" + "+++")
    console.wait_for("30>33%")
    console.wait_for("videos 33% is not applied yet: Enter applies it")
    assert console.commands(timeout=0.3) == []
    console.send(ESC)
    console.wait_gone("not applied yet")
    console.send("--")
    console.wait_for("30>28%")
    console.send(ENTER)
    assert console.commands() == ['share videos - {"percent":28} console']


def test_what_if_opens_the_job_filled_in():
    try:
        program = find_binary()
    except TubeopsMissing as missing:
        pytest.skip(str(missing))
    with Terminal([program, "demo"]) as t:  # which knows all kinds of jobs
        t.wait_for("? help")
        to_keys(t)
        t.send("w")
        t.wait_for("only >=")
        t.send("jj")
        t.wait_for(">  10k")
        t.wait_for("  22.8 ")
        t.send(ENTER)
        t.wait_for("New job: videos")
        t.wait_for("10000")
        t.send(ESC + "w")
        t.wait_for("left today")


@pytest.mark.parametrize("keys, sent", [
    (":share videos 40", 'share - - {"percent":"40","stage":"videos"} console'),
    (":pace even", 'pace - - {"pace":"even"} console'),
    (":lend off", 'lend - - {"lend":"off"} console'),
    (":target videos 2026-12-31", 'target - - {"date":"2026-12-31","stage":"videos"} console'),
])
def test_the_plan_is_changed_by_commands_from_anywhere(console, keys, sent):
    console.send(keys + ENTER)
    assert console.commands() == [sent]


def test_half_a_command_says_how_it_goes_on(console):
    console.send(":share videos" + ENTER)
    console.wait_for("write  :share STAGE PERCENT")
    assert console.commands(timeout=0.3) == []


def test_actions_on_keys(console):
    to_keys(console, "k7")
    console.send("t")
    assert console.commands() == ["test k7 - - console"]
    console.send("X")
    console.wait_for("Remove k7?")
    console.send(ESC)
    to_keys(console)
    console.send("\\\\g")
    console.wait_for(">  prod")
    console.send("t")
    console.wait_for("prod/ is a project: cannot test it")
    assert console.commands() == ["test k7 - - console"]


def test_enter_shows_the_history_of_a_key(console):
    to_keys(console, "k2")
    console.send(ENTER)
    console.wait_for("Keys > prod / k2")
    console.wait_for("15,422")
    console.send("D")
    console.wait_for("Disable k2? y/N")
    console.send("y")
    assert console.commands() == ["disable k2 - - console"]
    console.wait_for("state     off")
    console.send("q")
    console.wait_for("PROJECT / bucket")


def test_workers_are_kicked_and_breakers_reset(console):
    console.send("4")
    console.wait_for("DOING NOW")
    console.send("G")
    console.wait_for(">  w8")
    console.wait_for("! w8 has not reported for")
    console.send("K")
    console.wait_for("y/N")
    console.send("y")
    assert console.commands() == ["kick w8 - - console"]
    console.send(TAB + "g")
    console.wait_for("! socialblade.com is left alone since")
    console.send("b")
    console.wait_for("y/N")
    console.send("y")
    assert console.commands(2)[1] == "reset socialblade.com - - console"
    console.send("+")
    assert console.commands(3)[2] == "more - - - console"


def test_enter_on_a_thread_opens_its_job_and_on_a_service_its_latencies(console):
    console.send("4")
    console.wait_for("DOING NOW")
    console.send(ENTER)
    console.wait_for("Jobs > J-1042")
    console.send("4" + TAB + "j" + ENTER)
    console.wait_for("Workers > channels.list, latency in ms")
    console.wait_for("200-250")
    console.send(ESC)
    console.wait_for("DOING NOW")


@pytest.mark.parametrize("downs, place", [(0, "Keys > prod / k7"), (1, "Jobs > J-1038"), (4, "Jobs > J-1036")])
def test_enter_on_what_is_blocked_leads_there(console, downs, place):
    console.send(TAB + "j" * downs)
    console.settle()
    console.send(ENTER)
    console.wait_for(place)
    console.send("q")


def test_the_next_thing_that_needs_a_person(console):
    """! goes round: the key, then the jobs; what helps is said."""
    console.send("!")
    console.wait_for("key k7: 400 API_KEY_INVALID x5, off since 16:20Z   you: 3 then t")
    console.wait_for(">    k7")
    console.send("!")
    console.wait_for("J-1038 metadata: ids not valid   you: 2 then r")
    console.wait_for(">  J-1038")
    console.send("!")
    console.wait_for(">  J-1034")


def test_w_on_the_dashboard_leads_to_what_if(console):
    console.send("w")
    console.wait_for("What if: videos, by subscribers")
    console.wait_for(">  1M")


def test_the_key_that_disables_a_key_enables_it_again(console):
    to_keys(console, "k3")
    console.send("D")
    console.wait_for("Disable k3? y/N")
    console.send("y")
    console.wait_for("812          off")
    console.send("D")
    assert console.commands(2) == ["disable k3 - - console", "enable k3 - - console"]
    console.wait_for("812          ok")


def test_a_campaign_by_keyboard_alone(make_sim, make_tubeops):
    """A real engine and the simulator: a key, an import, metadata, the plan, a refused key and where it is seen."""
    sim = make_sim(channels=3000, quota=10000)
    tubeops = make_tubeops(sim, keys=())
    ids = sim.ids(400)
    path = tubeops.directory + "/ids.csv"
    with open(path, "w", encoding="utf-8") as f:
        f.write("channel_id\n" + "\n".join(ids) + "\n")
    with Terminal([tubeops.binary], env={**tubeops.environment, "LC_ALL": "C.UTF-8"}) as t:
        t.wait_for("Nothing imported yet")
        t.wait_for("you: 3 then n")
        t.send("3")
        t.wait_for("No YouTube API key yet.")
        t.send("n")
        t.wait_for("New API key")
        t.send(KEY + ENTER)
        t.wait_for("untested")
        t.send("/key1" + ENTER + "Gt")
        t.wait_for("works (", timeout=30)
        t.send("\\1")
        t.send("i")
        t.wait_for("New job: import")
        t.send(path + ENTER)
        t.wait_for("400 / 400", timeout=30)
        t.wait_for("n, then")
        t.send(":new! metadata" + ENTER)
        t.wait_for("J-1002", timeout=30)
        t.wait_for("metadata", timeout=30)
        t.wait_for("rest on another day", timeout=60)  # those that were absent once
        t.send(":share videos 40" + ENTER)
        t.wait_for("share of videos 40% (it was 30%)", timeout=30)
        t.send(":key bad add other" + ENTER)
        t.wait_for("New API key")
        t.send("AIzaSyNoneOfTheSimulators00000000000000" + ENTER)
        t.wait_for("added", timeout=30)
        t.send(":test bad" + ENTER)
        t.wait_for("! key bad", timeout=30)
        t.send("!")
        t.wait_for("you: 3 then t")
        t.wait_for(">    bad")
        t.send("4")
        t.wait_for("YouTube channels.list")
        t.wait_for("threads")
        t.send("Q")
        t.settle()
        if t.status is None and "Leave" in t.text():
            t.send("y")
        assert t.exit_code(60) == 0
        assert KEY.encode() not in t.raw
