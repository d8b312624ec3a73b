"""The Pacific midnight while a job waits for it, on both days when clocks change, and a clock that is set back: with
libfaketime, whose moment stands in a file, and with the simulator's own clock."""
import datetime
import os
import time

import pytest
from account import alive_ids, check_account
from tubeops import PATIENCE

# Pacific midnights (UTC) of the days when clocks change in 2027, and how many hours these days have
DAYS = {"spring": ("2027-03-14 08:00:00", 23), "autumn": ("2027-11-07 07:00:00", 25)}


def epoch(text):
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp())


class Clock:
    """What the program and the simulator believe the time to be."""

    def __init__(self, tubeops, sim, library):
        self.path = os.path.join(tubeops.directory, "faketime")
        self.sim, self.now = sim, 0
        self.env = {"LD_PRELOAD": library, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_TIMESTAMP_FILE": self.path}

    def set(self, moment):
        """From now on it is this moment and later.  The program never runs ahead: what it asks for before the
        simulator's midnight belongs to a day that is spent, and then it waits for the next one."""
        if moment > self.now:
            self.sim.set_clock(moment)
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write("%+.3f\n" % (moment - time.time()))
        os.rename(self.path + ".new", self.path)
        if moment <= self.now:
            self.sim.set_clock(moment)
        self.now = moment


@pytest.fixture
def world(make_tubeops, make_sim, tomorrow):
    """A simulator that gives 4 units a day, a program with 500 channels, the clock of both."""
    sim = make_sim(quota=4)
    tubeops = make_tubeops(sim, YOUTUBE_API_KEY_1_QUOTA=4)
    clock = Clock(tubeops, sim, tomorrow.library)
    tubeops.environment.pop("FAKETIME")  # the file tells
    tubeops.environment.update(clock.env)
    clock.ids = alive_ids(make_sim(), 600)  # or the absent ones were asked for again each day
    return sim, tubeops, clock


def units_of_days(sim):
    return sorted(sim.stats()["units"]["project-1"]["units"].values())


@pytest.mark.parametrize("day", DAYS)
def test_a_job_goes_on_after_midnight(world, day):
    """Into the day of the change and out of it again: by 23 and by 25 hours."""
    sim, tubeops, clock = world
    midnight, hours = epoch(DAYS[day][0]), DAYS[day][1]
    clock.set(midnight - 3600)
    tubeops.import_ids(clock.ids)
    with tubeops.serve() as server:
        job = server.post("/api/batch-metadata", {}).json()["job_id"]

        def waits(done, until):
            seen = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "waiting" and
                                   j["processed_items"] == done, PATIENCE)
            assert "quota" in seen["reason"]
            assert abs(epoch(seen["until"][:19].replace("T", " ")) - until) <= 600, seen["until"]
            assert sim.units() == done // 50
        waits(200, midnight)
        clock.set(midnight - 700)
        time.sleep(1.5)
        assert sim.units() == 4  # not a minute too soon
        clock.set(midnight + 700)
        waits(400, midnight + hours * 3600)
        clock.set(midnight + hours * 3600 - 700)  # another day's length would be wrong by an hour here
        time.sleep(1.5)
        assert sim.units() == 8
        clock.set(midnight + hours * 3600 + 700)
        done = server.wait_for("/api/jobs/" + job, lambda j: j["status"] == "completed", PATIENCE)
        assert done["processed_items"] == 600
        assert server.stop() == 0
    assert units_of_days(sim) == [4, 4, 4]
    assert not [e for e in sim.log_entries() if e["status"] != 200]
    found = check_account(tubeops, sim, 600)
    assert found["pending"] == found["failed"] == 0


@pytest.mark.parametrize("back", [86400, 3600 * 30, 5 * 86400])
def test_a_clock_that_is_set_back_spends_nothing_twice(world, back):
    """What was booked for the later day counts on the earlier one too: the true day is never overspent."""
    sim, tubeops, clock = world
    now = epoch("2027-06-10 20:00:00")
    clock.set(now)
    tubeops.import_ids(clock.ids)
    waits = tubeops.run("run", "batch_metadata", "--json", check=3).json()
    assert waits["processed"] == 200 and sim.units() == 4
    clock.set(now - back)
    sim.set_clock(now)  # the server's clock is right
    again = tubeops.run("run", "batch_metadata", "--json", check=3)
    assert again.json()["processed"] == 200 and sim.units() == 4 == sim.stats()["requests"], again
    assert "was it set back?" in tubeops.log()
    check_account(tubeops, sim, 600)
    clock.set(now + 86400)
    last = tubeops.run("run", "batch_metadata", "--json", check=3).json()
    assert last["job_id"] == waits["job_id"] and last["processed"] == 400
    check_account(tubeops, sim, 600)
    clock.set(now + 2 * 86400)
    assert tubeops.json("run", "batch_metadata")["processed"] == 600
    found = check_account(tubeops, sim, 600)
    assert found["pending"] == found["failed"] == 0 and units_of_days(sim) == [4, 4, 4]
