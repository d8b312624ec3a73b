"""Fixtures that several files use.  A file may define its own of the same name."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sim import Sim, SimMissing  # noqa: E402
from clock import Clock  # noqa: E402
from servers import Postgres, Redis, ServerMissing  # noqa: E402
from tubeops import Tubeops, TubeopsMissing  # noqa: E402

# of the form that Google gives them: AIza and 35 more characters
KEY = "AIzaSyTest0000000000000000000000000000A"


@pytest.fixture
def clock():
    """What programs and simulators of a test believe the time to be: no test has Pacific midnight in its middle."""
    made = Clock()
    made.pass_midnight()
    return made


@pytest.fixture
def make_sim(clock):
    """Starts simulators and ends them all."""
    made = []

    def make(**options):
        options = {"channels": 20000, "seed": 7, "keys": KEY, "quota": 0, **options}
        try:
            made.append(clock.of_sim(Sim(**options).start()))
        except SimMissing as missing:
            pytest.skip(str(missing))
        return made[-1]
    yield make
    for sim in made:
        sim.close()


@pytest.fixture
def make_tubeops(tmp_path, clock):
    """Makes programs with a folder each, and ends what they started."""
    made = []

    def make(sim=None, keys=(KEY,), folder=None, **settings):
        directory = tmp_path / (folder or "t%d" % len(made))
        directory.mkdir(exist_ok=True)
        try:
            made.append(clock.of_program(Tubeops(directory, sim=sim, keys=keys, **settings)))
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
def tomorrow(clock):
    """A test of several days: it begins at noon of a Pacific day.  tomorrow(1) is the environment of a day later, and
    tomorrow.epoch(1) what a simulator's clock is set to then."""
    if not clock.hold_at_noon():
        pytest.skip("libfaketime is not installed or does not work with this build")
    return clock.days


@pytest.fixture(scope="module")
def pg():
    """A PostgreSQL server of the file's own."""
    try:
        with Postgres() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def database(pg, request):
    """Name and address of a database of the test's own."""
    name = "t_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[:58].lower()
    return name, pg.new_database(name)


@pytest.fixture
def redis():
    try:
        with Redis() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))
