"""Benchmarks of the REST server; see bench.py."""

import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

import rest_load
from common import BUILD, RUNS, cpu_of, environment, feed, report_rate, start_sim, timed, tubeops, work_folder


def serving(folder, **settings):
    """A `tubeops serve` and its address."""
    words = [w for w in tubeops(folder, "serve", "--listen", "127.0.0.1:0") if w != "--no-rest"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True,
                               stdin=subprocess.DEVNULL, env=environment(**settings))
    for line in process.stderr:
        if "listening on " in line:
            break
    else:
        sys.exit("bench: tubeops serve did not start")
    url = line.split("listening on ")[1].strip()
    threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
    return process, url


def bench_health(seconds):
    """Requests a second of /health, beside a bare libmicrohttpd server that answers the same bytes."""
    folder = work_folder()
    process, url = serving(folder)
    peer = None
    try:
        body = urllib.request.urlopen(url + "/health").read().decode()
        peer = subprocess.Popen([os.path.join(BUILD, "tests/bench/mhd_peer"), "2", body], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        bare = f"http://127.0.0.1:{int(peer.stdout.readline())}/health"
        ours, theirs = [], []
        for _ in range(max(RUNS, 3)):
            theirs.append(rest_load.requests_per_second(bare, seconds))
            ours.append(rest_load.requests_per_second(url + "/health", seconds))
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        report_rate(f"/health for {seconds} s", f"{ours:.0f}/s", f"{theirs:.0f}/s", ours / theirs,
                    "bare libmicrohttpd, same bytes", "rate ratio, target >= 0.6")
    finally:
        process.terminate()
        process.wait()
        if peer:
            peer.stdin.close()
            peer.wait()
        shutil.rmtree(folder)


def bench_streams(streams):
    """Processor share of an idle node with so many event streams and a client that asks ten times a second."""
    folder, seconds = work_folder(), 20
    process, url = serving(folder, REST_PER_ADDRESS=streams + 20, REST_CONNECTIONS=2 * streams + 64)
    host, port = url.split("://")[1].split(":")
    open_streams = []
    try:
        for _ in range(streams):
            s = socket.create_connection((host, int(port)))
            s.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            open_streams.append(s)
        for s in open_streams:
            assert b"hello" in s.recv(4096) or b"hello" in s.recv(4096)
        for path in ("/api/stats", "/api/snapshot"):
            before, end = cpu_of(process.pid), time.monotonic() + seconds
            while time.monotonic() < end:
                urllib.request.urlopen(url + path).read()
                time.sleep(0.1)
            used = cpu_of(process.pid) - before
            report_rate(f"{streams} event streams, {path} 10 times a second", f"{used:.2f}", f"{seconds}",
                        used / seconds, "one core", "target < 0.02")
    finally:
        process.terminate()
        process.wait()
        for s in open_streams:
            s.close()
        shutil.rmtree(folder)


def bench_pages(rows):
    """Requests a second of a page of channels: the first, and one far behind."""
    folder = work_folder()
    csv = os.path.join(folder, "channels.csv")
    with open(csv, "wb") as f:
        subprocess.run([os.path.join(BUILD, "tests/bench/import_gen"), str(rows)], stdout=f, check=True)
    timed(tubeops(folder, "import", csv, "--json"), env=environment())
    process, url = serving(folder)
    far = json.loads(urllib.request.urlopen(url + "/api/stats").read())["total_channels"] // 20
    try:
        first, last = [], []
        for _ in range(max(RUNS, 3)):
            for page, rates in ((1, first), (far, last)):
                rates.append(rest_load.requests_per_second(f"{url}/api/channels?per_page=20&page={page}", 4))
        first, last = statistics.median(first), statistics.median(last)
        report_rate(f"/api/channels?per_page=20 over {rows:,} rows", f"{first:.0f}/s", "3000/s", first / 3000,
                    "the figure asked for", "rate ratio, target >= 1")
        report_rate(f"the same at page {far:,}", f"{last:.0f}/s", f"{first:.0f}/s", last / first,
                    "page 1", "rate ratio, target >= 0.5")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


class Flood:
    """So many slow clients that never end their request, and one that asks as fast as it may."""

    def __init__(self, host, port, slow):
        self.address, self.flooded, self.held, self.stop = (host, int(port)), 0, [], threading.Event()
        for i in range(slow):
            s = socket.create_connection(self.address, source_address=(f"127.0.0.{2 + i % 4}", 0))
            s.sendall(b"GET /api/stats HTTP/1.1\r\nHost: lo")
            self.held.append(s)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop.is_set():
            with socket.create_connection(self.address, source_address=("127.0.0.9", 0)) as s:
                s.sendall(b"GET /api/stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                s.recv(4096)
            self.flooded += 1
            time.sleep(0.002)

    def end(self):
        self.stop.set()
        self.thread.join()
        for s in self.held:
            s.close()


def bench_flood(slow):
    """Rate of a metadata job by turns with and without so many slow clients and a client that floods."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, slow + 1024), hard))
    folder, seconds = work_folder(), 5
    sim = start_sim(300000, latency=40)
    settings = {"YOUTUBE_API_BASE": sim.url, "YOUTUBE_API_KEY_1": "key-a", "API_RATE_LIMIT_DELAY": "0",
                "YOUTUBE_API_KEY_1_QUOTA": "1000000000"}
    timed(tubeops(folder, "import", "-", "--json"), env=environment(**settings),
          stdin=feed("".join(i + "\n" for i in sim.ids(300000))))
    process, url = serving(folder, REST_PER_ADDRESS=slow, **settings)

    def done(job):
        return json.loads(urllib.request.urlopen(url + "/api/jobs/" + job).read())["processed_items"]

    flood, asked = None, 0
    try:
        request = urllib.request.Request(url + "/api/batch-metadata", data=b"")
        job = json.loads(urllib.request.urlopen(request).read())["job_id"]
        while done(job) < 1000:
            time.sleep(0.1)
        rates = {False: [], True: []}
        for loaded in (False, True, False, True, False):
            if loaded:
                flood = Flood(*url.split("://")[1].split(":"), slow)
            first, began = done(job), time.monotonic()
            time.sleep(seconds)
            rates[loaded].append((done(job) - first) / (time.monotonic() - began))
            if flood:
                flood.end()
                flood, asked = None, flood.flooded
        alone, beside = statistics.mean(rates[False]), statistics.mean(rates[True])
        report_rate(f"a job beside {slow} slow clients and {asked / seconds:.0f} requests/s", f"{beside:.0f}/s",
                    f"{alone:.0f}/s", beside / alone, "the same job alone", "rate ratio, target > 0.9")
    finally:
        if flood:
            flood.end()
        process.terminate()
        process.wait()
        sim.close()
        shutil.rmtree(folder)
