"""Load on a REST server for bench.py: wrk or ab, whichever is installed."""
import re
import shutil
import subprocess


def requests_per_second(url, seconds, connections=32):
    """How many requests a second url answers; ends the run when there is no load generator."""
    if shutil.which("wrk"):
        done = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, url], capture_output=True,
                              text=True, check=True)
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        errors = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
        assert found and not errors, done.stdout
        return float(found.group(1))
    if shutil.which("ab"):
        done = subprocess.run(["ab", "-k", "-c", str(connections), "-t", str(seconds), "-n", "100000000", url],
                              capture_output=True, text=True, check=True)
        found = re.search(r"Requests per second:\s+([\d.]+)", done.stdout)
        assert found and "Non-2xx" not in done.stdout, done.stdout
        return float(found.group(1))
    raise SystemExit("bench: install the Debian package wrk or apache2-utils for load on the REST server")
