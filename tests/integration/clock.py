"""The time that programs and simulators of a test believe: a day's quota must not begin anew in the middle of a test because
the tests were started late in the Pacific evening.  Standard library only; programs need libfaketime for it."""
import datetime
import glob
import subprocess
import time
import zoneinfo

from tubeops import PATIENCE, TubeopsMissing, find_binary

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1",
             "/usr/local/lib/faketime/libfaketimeMT.so.1")
NEAR = 15 * 60  # seconds in which a test should have come to its end


def pacific(moment):
    return datetime.datetime.fromtimestamp(moment, zoneinfo.ZoneInfo("America/Los_Angeles"))


def until(hour):
    """Seconds from now to this hour of the Pacific clock."""
    now = pacific(time.time())
    coming = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if coming <= now:
        coming += datetime.timedelta(days=1)
    return int(coming.timestamp() - now.timestamp())


def faketime():
    """libfaketime, or None where it is not installed or does not work with this build."""
    for path in sum((sorted(glob.glob(p)) for p in LIBRARIES), []):
        try:
            if subprocess.run([find_binary(), "--version"], env=ahead(path, 60), capture_output=True,
                              timeout=PATIENCE).returncode == 0:
                return path
        except (subprocess.TimeoutExpired, TubeopsMissing):
            pass
    return None


def ahead(library, seconds):
    """The environment of a program whose clock is so many seconds ahead."""
    return {"LD_PRELOAD": library, "FAKETIME": "%+d" % seconds, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Days:
    """Later days of a clock."""

    def __init__(self, clock):
        self._clock = clock
        self.library = clock.library

    def __call__(self, days=1):
        return ahead(self.library, self._clock.ahead + days * 86400)

    def epoch(self, days=1):
        return int(time.time()) + self._clock.ahead + days * 86400


class Clock:
    """The true time, until it is moved on; programs and simulators made before and afterwards believe it."""

    def __init__(self):
        self.ahead = 0
        self.library = None
        self._programs, self._sims = [], []

    def of_program(self, program):
        self._programs.append(program)
        if self.ahead:
            program.environment.update(ahead(self.library, self.ahead))
        return program

    def of_sim(self, sim):
        self._sims.append(sim)
        if self.ahead:
            sim.set_clock(int(time.time()) + self.ahead)
        return sim

    def _move(self, seconds):
        self.library = self.library or faketime()
        if not self.library:
            return False
        self.ahead = seconds
        programs, sims, self._programs, self._sims = self._programs, self._sims, [], []
        for program in programs:
            self.of_program(program)
        for sim in sims:
            self.of_sim(sim)
        return True

    def pass_midnight(self):
        """When Pacific midnight is near, goes on to the minute behind it, if that can be had."""
        left = until(0)
        if left < NEAR:
            self._move(left + 60)

    def hold_at_noon(self):
        """Goes on to noon; False where that cannot be had."""
        return self._move(until(12))

    @property
    def days(self):
        return Days(self)
