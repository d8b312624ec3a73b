"""Fixtures that several files use.  A file may define its own of the same name."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sim import Sim, SimMissing  # noqa: E402
from tubeops import Tubeops, TubeopsMissing, on_another_day  # noqa: E402

# of the form that Google gives them: AIza and 35 more characters
KEY = "AIzaSyTest0000000000000000000000000000A"


@pytest.fixture
def make_sim():
    """Starts simulators and ends them all."""
    made = []

    def make(**options):
        options = {"channels": 20000, "seed": 7, "keys": KEY, "quota": 0, **options}
        try:
            made.append(Sim(**options).start())
        except SimMissing as missing:
            pytest.skip(str(missing))
        return made[-1]
    yield make
    for sim in made:
        sim.close()


@pytest.fixture
def make_tubeops(tmp_path):
    """Makes programs with a folder each, and ends what they started."""
    made = []

    def make(sim=None, keys=(KEY,), folder=None, **settings):
        directory = tmp_path / (folder or "t%d" % len(made))
        directory.mkdir(exist_ok=True)
        try:
            made.append(Tubeops(directory, sim=sim, keys=keys, **settings))
        except TubeopsMissing as missing:
            pytest.skip(str(missing))
        return made[-1]
    yield make
    for tubeops in made:
        tubeops.kill_all()


@pytest.fixture
def sim(make_sim):
    return make_sim()


@pytest.fixture
def tubeops(make_tubeops, sim):
    return make_tubeops(sim)


@pytest.fixture
def tomorrow(make_tubeops):
    """Environments of later days: tomorrow(1) is a day from now."""
    probe = make_tubeops(folder="probe")

    def env(days=1):
        found = on_another_day(probe, days)
        if found is None:
            pytest.skip("libfaketime is not installed or does not work with this build")
        return found
    return env
