"""The cluster's nodes by keyboard, on the demo's cluster: what is seen, what is asked of them, where alerts lead."""

import pytest

pytest.importorskip("pyte", reason="pyte (Debian: python3-pyte) is not installed")
from terminal import ENTER, TAB, Terminal, commands_in, find_program  # noqa: E402

DEMO = find_program("console_demo", "CONSOLE_DEMO")
pytestmark = pytest.mark.skipif(DEMO is None, reason="tests/unit/console_demo has not been built")


def started(path, scenario):
    t = Terminal([DEMO, "--scenario", scenario, "--commands", str(path)])
    t.commands = commands_in(path)
    return t


@pytest.fixture
def console(tmp_path):
    with started(tmp_path / "commands", "cluster") as t:
        t.wait_for("? help")
        yield t


def to_nodes(t):
    t.send("4")
    t.wait_for("DOING NOW")
    t.send(TAB * 3)
    t.wait_for("Nodes of this cluster")


def test_the_header_tells_of_all_nodes(console):
    console.wait_for("! 2/3 nodes 71/s")
    console.wait_for("Quota of all nodes, Pacific day")
    console.wait_for("77,162 / 90,000")


def test_nodes_are_listed_and_filtered(console):
    to_nodes(console)
    console.wait_for("all  71.3/s  7,520 u/h  77,162 / 90,000 units")
    console.wait_for(">  local (here)")
    console.send("G")
    console.wait_for("prod-us on fetch-us-1  ! clock -3 s  version 0.9")
    console.send("/silent" + ENTER)
    console.wait_for("! prod-eu on fetch-eu-1 was seen 1m ago")
    console.wait_gone("   prod-us")


def test_a_job_is_started_at_a_node(console):
    to_nodes(console)
    console.send("G")
    console.wait_for(">  prod-us")
    console.send("m")
    console.send(ENTER)  # a wait that can be undone ends with the next thing
    assert console.commands() == ["fetch c27f4b83-1e95-4b7d-b1c6-91d2a4e58f03 - - console"]
    # one that is silent takes nothing
    console.send("k")
    console.wait_for(">  prod-eu")
    console.send("m")
    console.wait_for("silent: cannot fetch it")
    assert len(console.commands()) == 1


def test_an_alert_of_a_node_leads_to_the_nodes(console):
    console.send("!" * 5)
    console.wait_for("Nodes of this cluster")


def test_without_a_cluster_there_is_no_such_pane(tmp_path):
    with started(tmp_path / "commands", "campaign") as t:
        t.wait_for("? help")
        t.send("4")
        t.wait_for("DOING NOW")
        t.send(TAB * 2)
        t.wait_for("Databases")
        t.send(TAB)
        t.wait_for("Outside services")  # from the databases on to the threads
        assert "Nodes" not in t.text() and "nodes" not in t.text()
