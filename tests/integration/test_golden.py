"""Pictures of every view, compared with those in tests/golden: 4 sizes, in colour, without colours, in ASCII.

A change of a picture is meant or it is a fault. When it is meant, make them anew and look at each one:

    GENERATE=1 python3 -m pytest tests/integration/test_golden.py

A view is a row of VIEWS. The lines that name all views (the tabs; the hints of the short size) are compared for the
first view alone, so that a new view changes no picture of another.
"""
import os
import re
import subprocess

import pytest

from tubeops import ROOT, TubeopsMissing, find_binary

GOLDEN = os.path.join(ROOT, "tests", "golden")
SGR = re.compile(r"\x1b\[[0-9;]*m")
SIZES = ["160x50", "80x24", "60x16", "40x12"]
MODES = {"colour": ["--colours", "256"], "mono": ["--colours", "0"], "ascii": ["--ascii"]}

# name of the picture: (view, scenario of the demo)
VIEWS = {
    "dash": ("dash", "campaign"),
    "dash-empty": ("dash", "empty"),
    "dash-spent": ("dash", "spent"),
    "dash-trouble": ("dash", "trouble"),
    "keys": ("keys", "campaign"),
    "keys-plan": ("keys::1", "campaign"),
    "keys-whatif": ("keys::2", "campaign"),
    "keys-empty": ("keys", "empty"),
    "key": ("key:k7", "campaign"),
    "workers": ("workers", "campaign"),
    "workers-stores": ("workers::2", "campaign"),
    "workers-trouble": ("workers", "trouble"),
    "workers-nodes": ("workers::3", "cluster"),
    "store-postgres": ("store:PostgreSQL", "postgres"),
    "store-redis": ("store:Redis", "redis"),
    "dash-redis": ("dash", "redis"),
    "dash-cluster": ("dash", "cluster"),
    "service": ("service:channels.list", "campaign"),
    "jobs": ("jobs", "campaign"),
    "job": ("job:J-1042", "campaign"),
    "channels": ("channels", "campaign"),
    "channels-filter": ("channels subs>=1m", "campaign"),
    "channels-none": ("channels subs>=1g", "campaign"),
    "channels-empty": ("channels", "empty"),
    "channel": ("channel:UCsn6cjffsvyOZCZxvGoJxGg", "campaign"),
    "channel-about": ("channel:UCsn6cjffsvyOZCZxvGoJxGg:1", "campaign"),
    "channel-found": ("channel:UCsn6cjffsvyOZCZxvGoJxGg:2", "campaign"),
    "channel-history": ("channel:UCsn6cjffsvyOZCZxvGoJxGg:3", "campaign"),
    "discovery": ("discovery", "campaign"),
    "discovery-empty": ("discovery", "empty"),
    "log": ("log", "campaign"),
    "log-filter": ("log backend", "campaign"),
    "alerts": ("alerts", "campaign"),
}
FIRST = "dash"
# a window that is too small looks the same whatever the view is
PICTURES = [(name, size, mode) for name, (view, _) in VIEWS.items() for size in SIZES for mode in MODES
            if size != "40x12" or view == "dash"]


def picture(name, size, mode):
    view, scenario = VIEWS[name]
    env = dict(os.environ, LC_ALL="C.UTF-8")
    try:
        program = find_binary()
    except TubeopsMissing as missing:
        pytest.skip(str(missing))
    done = subprocess.run([program, "screen", view, "--scenario", scenario, "--size", size, *MODES[mode]], env=env,
                          capture_output=True, timeout=60, check=True)
    lines = [line.rstrip() for line in done.stdout.decode().splitlines()]
    if name != FIRST and size in ("160x50", "80x24"):
        lines[1] = "(tabs)"
    if name != FIRST and size == "60x16":
        lines[-1] = "(hints)"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name, size, mode", PICTURES)
def test_picture(name, size, mode):
    path = os.path.join(GOLDEN, f"{name}-{size}.{mode}")
    now = picture(name, size, mode)
    if os.environ.get("GENERATE"):
        os.makedirs(GOLDEN, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(now)
    with open(path, encoding="utf-8") as f:
        was = f.read()
    assert now.splitlines() == was.splitlines(), f"{path}: see the head of this test"


def test_no_picture_is_left_over():
    assert set(os.listdir(GOLDEN)) == {f"{name}-{size}.{mode}" for name, size, mode in PICTURES}


def test_colours_add_nothing_but_colours():
    """Without its escape sequences a picture in colour is the one without colours: no fact hangs on colour alone."""
    for name in VIEWS:
        mono, colour = (picture(name, "80x24", mode) for mode in ("mono", "colour"))
        assert SGR.search(colour)
        assert [line.rstrip() for line in SGR.sub("", colour).splitlines()] == [
            line.rstrip() for line in SGR.sub("", mono).splitlines()]
