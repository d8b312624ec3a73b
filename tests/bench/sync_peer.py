"""How fast is the sync, measured against psql doing the same?

    sync_peer.py FOLDER [--runs N] -- tubeops sync --data {data}

FOLDER holds a staging.db that was never synced.  Each run copies it, starts from empty tables in a private PostgreSQL
with stock settings, and times the command ({data} is the copy; DATABASE_URL is set).  Then the peer: the same rows, in
the same order, by psql's \\copy into the same temporary table and the same upsert, in one transaction.  Prints the
seconds of both, the medians and their ratio (1.0: as fast as psql; above: faster).
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
from servers import Postgres  # noqa: E402


def statements(name):
    with open(os.path.join(ROOT, "db", "sql", name)) as f:
        return f.read()


def columns():
    """The columns of the temporary table, as they are called in channels."""
    body = statements("postgres-session.sql").split("(", 1)[1]
    names = re.findall(r"^\t(\w+) ", body, re.M)
    return ", ".join("metadata_fetched" if name == "fetched" else name for name in names)


def timed(command, **kw):
    """Runs a command; (seconds, peak MiB of it alone, output)."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **kw)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("%s ended with %d" % (command[0], process.returncode))
    return time.monotonic() - began, usage.ru_maxrss / 1024, ""


def one_run(pg, folder, command, file, timed=timed):
    """One pair: rows, (our seconds, our MiB), (psql's seconds, its MiB)."""
    url = pg.new_database("ours")
    with tempfile.TemporaryDirectory() as copy:
        data = os.path.join(copy, "data")
        shutil.copytree(folder, data)
        line = [word.replace("{data}", data) for word in command]
        ours = timed(line, env=dict(os.environ, DATABASE_URL=url))[:2]
    rows = int(pg.psql("SELECT count(*) FROM channels", database="ours"))
    pg.psql("\\copy (SELECT %s FROM channels ORDER BY id) TO '%s'" % (columns(), file), database="ours")
    pg.psql("TRUNCATE channels CASCADE; CHECKPOINT", database="ours")
    script = file + ".sql"
    with open(script, "w") as f:
        f.write(statements("postgres-session.sql") + "BEGIN;\n\\copy tubeops_channels_in FROM '%s'\n" % file +
                statements("postgres-upsert.sql") + "COMMIT;\n")
    peer = timed(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", script, url])[:2]
    if int(pg.psql("SELECT count(*) FROM channels", database="ours")) != rows:
        raise RuntimeError("the peer stored another number of rows")
    return rows, ours, peer


def main(argv):
    if "--" not in argv or not argv[:argv.index("--")]:
        sys.exit(__doc__)
    options, command = argv[:argv.index("--")], argv[argv.index("--") + 1:]
    runs = int(options[options.index("--runs") + 1]) if "--runs" in options else 3
    times = []
    with Postgres() as pg:
        for _ in range(runs):
            rows, ours, peer = one_run(pg, options[0], command, os.path.join(pg.dir, "rows"))
            ours, peer = ours[0], peer[0]
            times.append((ours, peer))
            print("%d rows: ours %.2f s, psql %.2f s" % (rows, ours, peer), flush=True)
    ours, peer = (statistics.median(column) for column in zip(*times))
    print("median of %d: ours %.2f s, psql %.2f s, ratio %.2f" % (runs, ours, peer, peer / ours))


if __name__ == "__main__":
    main(sys.argv[1:])
