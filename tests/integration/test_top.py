"""`tubeops top`: the numbers of `tubeops status`, round after round."""
import json
import re
import signal
import time

import pytest

from sim import Sim, SimMissing
from tubeops import PATIENCE, Tubeops, TubeopsMissing

KEY = "AIzaSyTopTopTopTopTopTopTopTopTopTopTo1"


@pytest.fixture
def sim():
    try:
        with Sim(channels=3000, seed=12, keys=KEY) as running:
            yield running
    except SimMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def tubeops(tmp_path, sim):
    try:
        made = Tubeops(tmp_path, sim=sim, keys=[KEY])
    except TubeopsMissing as missing:
        pytest.skip(str(missing))
    made.import_ids(sim.ids(1000))
    return made


def same(text):
    """What does not depend on the second in which it was printed."""
    return re.sub(r"reset in \S+|\d\d:\d\dZ", "", text)


def test_a_round_is_the_block_of_status(tubeops):
    tubeops.run("run", "batch_metadata", check=0)
    status = tubeops.run("status").out
    rounds = tubeops.run("top", "-b", "-n", "2", "-d", "0.1", check=0).out.split("\ntop ")
    assert len(rounds) == 2
    for text in rounds:
        assert same(text.split("\n", 1)[1].rstrip("\n")) == same(status.rstrip("\n"))
    assert re.match(r"top +\d{4}-\d\d-\d\dT[0-9:]+Z\n", rounds[0])
    assert "0 units an hour in the last" in rounds[1].split("\n")[0]


def test_json_is_a_line_a_round(tubeops):
    lines = tubeops.run("top", "-n3", "-d0.1", "--json", check=0).out.splitlines()
    assert len(lines) == 3
    assert len({tuple(sorted(json.loads(line))) for line in lines}) == 1
    assert json.loads(lines[0])["channels"] == 1000


def test_jobs_at_work_have_rates_and_leave_when_they_end(tubeops, sim):
    tubeops.environment["API_RATE_LIMIT_DELAY"] = "0.2"
    with tubeops.serve("--start", "batch_metadata"):
        top = tubeops.start("top", "-b", "-d", "0.3")
        seen, end = [], time.monotonic() + PATIENCE
        while not any(float(rate) > 0 for rate in seen):
            line = top.stdout.readline()
            assert line and time.monotonic() < end
            seen += re.findall(r"J-\d+ +batch_metadata +running +[\d,]+ +[\d,]+ +[\d.]+ +([\d.]+) ", line)
        while "jobs       none open" not in top.stdout.readline():
            assert time.monotonic() < end
        top.send_signal(signal.SIGINT)
        rest, err = top.communicate(timeout=PATIENCE)
    assert top.returncode == 0 and not err
    assert "J-" not in rest


@pytest.mark.parametrize("words,said", [
    (["-n"], "-n needs a value"),
    (["-n", "0"], '-n: "0" is not a whole number from 1'),
    (["-d", "never"], '-d: "never" is not a number of seconds'),
    (["-d", "0.01"], "from 0.1 to 86400"),
    (["-x"], "unknown option -x"),
    (["-bn"], "unknown option -bn"),
    (["more"], "one word too many"),
])
def test_wrong_usage(tubeops, words, said):
    done = tubeops.run("top", *words, check=2)
    assert said in done.err


def test_a_folder_without_data_is_said(tubeops, tmp_path):
    done = tubeops.run("top", "-n", "1", "--data", str(tmp_path / "none"), check=1)
    assert "nothing was imported" in done.err
