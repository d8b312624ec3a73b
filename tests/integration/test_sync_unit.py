"""Runs tests/unit/test_sync_* against a private PostgreSQL; in one test the server stops in mid-push."""
import os
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import PASSWORD, PASSWORD_IN_URL, Postgres, ServerMissing  # noqa: E402
from unit_programs import ROOT, program  # noqa: E402

@pytest.fixture
def postgres():
    try:
        with Postgres() as pg:
            yield pg
    except ServerMissing as missing:
        pytest.skip(str(missing))


def environment(pg, **more):
    return dict(os.environ, TEST_DATABASE_URL=pg.url, TOP_SRCDIR=ROOT, **more)


@pytest.mark.parametrize("name, tests", [("test_sync_schema", 7), ("test_sync_rows", 6), ("test_sync_trouble", 4),
                                         ("test_sync_videos", 9)])
def test_all(postgres, name, tests):
    done = subprocess.run([program(name)], env=environment(postgres), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tests} test(s) run." in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert PASSWORD_IN_URL not in done.stdout + done.stderr
    assert postgres.psql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tubeops\\_test\\_%'") == "0"


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_server_restarts_in_mid_push(postgres, way):
    child = subprocess.Popen([program("test_sync_trouble")],
                             env=environment(postgres, TEST_ONLY="test_restart", TEST_RESTART="1"),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for line in child.stdout:
            if line.strip() == "pushing":
                break
        getattr(postgres, way)()
        time.sleep(1.5)
        postgres.start()
        out, errors = child.communicate(timeout=120)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0, out + errors
    assert "1 test(s) run." in out + errors
