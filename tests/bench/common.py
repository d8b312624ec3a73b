"""What the benchmarks share: commands that are timed, rows of results, folders, a youtube-sim."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP_SRCDIR", os.getcwd())
BUILD = os.environ.get("TOP_BUILDDIR", os.getcwd())
TUBEOPS = os.path.join(BUILD, "tubeops")
os.environ.setdefault("YOUTUBE_SIM", os.path.join(BUILD, "tests/youtube-sim/youtube-sim"))
RUNS = int(os.environ.get("BENCH_RUNS", "1"))
ROWS = []


def timed(command, watch=None, **kw):
    """Runs a command; returns (wall seconds, peak RSS in MiB of it alone, stdout). watch is called with its pid."""
    out = tempfile.TemporaryFile()
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=out, **kw)
    if watch:
        watch(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0)
    text = out.read().decode()
    if process.returncode != 0:
        sys.exit(f"bench: {command[0]} ended with {process.returncode}: {text[-500:]}")
    return seconds, usage.ru_maxrss / 1024, text


def report(what, ours, peer, peer_name, note="", better="less"):
    """One row; ours and peer are lists of (seconds, MiB)."""
    a, b = statistics.median(t for t, _ in ours), statistics.median(t for t, _ in peer)
    ratio = a / b if better == "less" else b / a
    ROWS.append((what, f"{a:.2f}", f"{b:.2f}", f"{ratio:.2f}", f"{max(m for _, m in ours):.0f}",
                 f"{max(m for _, m in peer):.0f}", peer_name, note))
    print(" | ".join(ROWS[-1]), flush=True)


def report_rate(what, ours, peer, ratio, peer_name, note):
    """One row of rates or shares: two texts and their ratio."""
    ROWS.append((what, ours, peer, f"{ratio:.{2 if ratio > 0.1 else 4}f}", "-", "-", peer_name, note))
    print(" | ".join(ROWS[-1]), flush=True)


def environment(**extra):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("YOUTUBE_API") and k not in ("DATABASE_URL", "REDIS_URL")}
    env.update({k: str(v) for k, v in extra.items()})
    return env


def tubeops(folder, *words):
    return [TUBEOPS, "--data", os.path.join(folder, "data"), "--env",
            os.path.join(folder, "empty.env"), "--no-rest", *words]


def work_folder():
    folder = tempfile.mkdtemp(prefix="tubeops-bench-", dir=os.environ.get("BENCH_TMP"))
    open(os.path.join(folder, "empty.env"), "w").close()
    return folder


def start_sim(channels, **more):
    from sim import Sim
    return Sim(channels=max(channels, 1000000), seed=1, keys="key-a", quota=0, **more).start()


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def feed(text):
    """A file to be read as standard input."""
    file = tempfile.TemporaryFile()
    file.write(text.encode())
    file.seek(0)
    return file
