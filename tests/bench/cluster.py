"""Benchmarks of several nodes; see bench.py."""

import json
import os
import shutil
import statistics
import sys
import time
import urllib.request

from common import RUNS, environment, feed, report_rate, start_sim, timed, tubeops, work_folder
from rest import serving
from servers import Postgres, Redis

WORKERS = 1  # of each node: then the simulator's latency is the limit, and not the cores of one machine
LATENCY = 100
CHUNK_IDS, WHOLE_JOB = 2500, 15000000


def busy_cores():
    """Seconds that all processors together have worked."""
    with open("/proc/stat") as f:
        fields = [int(x) for x in f.readline().split()[1:8]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def redis_commands(redis):
    """Commands that the server has done, but those that looked at it."""
    calls = (line.split(":") for line in redis.command("INFO", "commandstats").splitlines() if line.startswith("cmdstat_"))
    return sum(int(rest.split("calls=")[1].split(",")[0]) for name, rest in calls
               if not name.startswith(("cmdstat_info", "cmdstat_ping")))


class Cluster:
    """Nodes on one PostgreSQL that share a job of so many channels."""

    def __init__(self, pg, redis, sim, ids, nodes):
        self.pg, self.database = pg, "bench_%d%s" % (nodes, "" if redis else "_alone")
        self.folders = [work_folder() for _ in range(nodes)]
        self.processes = []
        settings = {"CLUSTER": 1, "DATABASE_URL": pg.new_database(self.database), "WORKER_CONCURRENCY": WORKERS,
                    "YOUTUBE_API_BASE": sim.url, "YOUTUBE_API_KEY_1": "key-a", "YOUTUBE_API_KEY_1_QUOTA": 1000000000,
                    "API_RATE_LIMIT_DELAY": 0, **({"REDIS_URL": redis.url} if redis else {})}
        timed(tubeops(self.folders[0], "import", "-", "--json"), stdin=feed("".join(i + "\n" for i in ids)),
              env=environment(YOUTUBE_API_KEY_1="key-a"))
        self.urls = []
        for number, folder in enumerate(self.folders):
            process, url = serving(folder, NODE_NAME="n%d" % (number + 1), **settings)
            self.processes.append(process)
            self.urls.append(url)

    def ask(self, sql):
        return self.pg.psql(sql, database=self.database)

    def get(self, path, body=None):
        return json.loads(urllib.request.urlopen(urllib.request.Request(self.urls[0] + path, data=body)).read())

    def settled(self, ids):
        """All nodes know each other, and what was imported is in PostgreSQL."""
        return (self.ask("SELECT to_regclass('channels') IS NOT NULL") == "t"
                and self.ask("SELECT count(*) FROM cluster_node") == str(len(self.urls))
                and self.ask("SELECT count(*) FROM channels") == str(len(ids)))

    def transactions(self):
        time.sleep(1.5)  # sessions tell their numbers once a second
        return int(self.ask("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"))

    def run(self, ids):
        """(seconds, what became of the channels, transactions, share of the cores)"""
        until = time.monotonic() + 600
        while not self.settled(ids):
            if time.monotonic() > until:
                sys.exit("bench: the nodes did not join")
            time.sleep(0.5)
        before, cores, began = self.transactions(), busy_cores(), time.monotonic()
        job = self.get("/api/batch-metadata", b"")["job_id"]
        while True:
            state = self.get("/api/jobs/" + job)
            if state["status"] in ("completed", "failed", "cancelled"):
                break
            time.sleep(0.1)
        seconds, cores = time.monotonic() - began, busy_cores() - cores
        found = self.ask("SELECT sum(done), sum(missing), sum(absent), sum(failed) FROM cluster_count")
        if state["status"] != "completed" or sum(int(n) for n in found.split("|")) != len(ids):
            sys.exit("bench: the job ended %s with %s of %d" % (state["status"], found, len(ids)))
        return seconds, found, self.transactions() - before, cores / seconds / os.cpu_count()

    def waits(self):
        """Of each node since its start: leases, claims, how long it waited for ids."""
        rows = [json.loads(line)["since_start"] for line in
                self.ask("SELECT facts FROM cluster_node ORDER BY name").splitlines()]
        return "; ".join("{leases} leases in {claim_ms} ms, waited {wait_ms} ms, brought {brought} in {bring_ms} ms".format(**r)
                         for r in rows)

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        for folder in self.folders:
            shutil.rmtree(folder)
        self.pg.psql('DROP DATABASE "%s" WITH (FORCE)' % self.database, database="postgres")


def one(pg, redis, sim, ids, nodes):
    """A run of so many nodes: its seconds, its result, commands of Redis for each chunk."""
    cluster = Cluster(pg, redis, sim, ids, nodes)
    try:
        before = redis_commands(redis) if redis else 0
        seconds, found, transactions, cores = cluster.run(ids)
        chunks = int(cluster.ask("SELECT count(*) FROM work_chunk"))
        commands = redis_commands(redis) - before if redis else 0
        print(f"# {nodes} nodes{'' if redis else ', no Redis'}: {seconds:.1f} s, {len(ids) / seconds:.0f} channels/s, "
              f"{cores:.0%} of the cores busy, {transactions} transactions, {chunks} chunks, {commands} commands\n"
              f"#   {cluster.waits()}", flush=True)
        return seconds, found, transactions, commands / chunks
    finally:
        cluster.end()


def bench_cluster(channels):
    """A metadata job by 1, 2 and 4 nodes, and by 4 without Redis, on one simulator with latency."""
    sim = start_sim(channels, latency=LATENCY)
    ids = sim.ids(channels)
    what = f"{channels:,} channels at {LATENCY} ms, {WORKERS} worker a node: "
    try:
        with Postgres() as pg, Redis() as redis:
            few = {n: one(pg, redis, sim, ids, n) for n in (1, 2)}
            alone, four = [], []
            for _ in range(max(RUNS, 2)):  # by turns: whatever else the machine does meets both
                alone.append(one(pg, None, sim, ids, 4))
                four.append(one(pg, redis, sim, ids, 4))
        seconds = {1: few[1][0], 2: few[2][0], 4: statistics.median(run[0] for run in four)}
        for n in (2, 4):
            report_rate(f"{what}{n} nodes", f"{channels / seconds[n]:.0f}/s", f"{channels / seconds[1]:.0f}/s",
                        seconds[1] / seconds[n], "1 node", "rate ratio, target >= %s" % (3.5 if n == 4 else "1.8"))
        without = statistics.median(run[0] for run in alone)
        report_rate("the same without Redis, 4 nodes", f"{channels / without:.0f}/s", f"{channels / seconds[4]:.0f}/s",
                    seconds[4] / without, "with Redis", "rate ratio, target >= 0.83")
        whole = four[0][3] * WHOLE_JOB / CHUNK_IDS
        report_rate(f"commands of Redis for {WHOLE_JOB:,} channels", f"{whole:.0f}", "40000", whole / 40000,
                    "what they may be", "4 nodes, by the chunk; target <= 1")
        report_rate("transactions of PostgreSQL for 1,000 channels", f"{four[0][2] * 1000 / channels:.1f}",
                    f"{few[1][2] * 1000 / channels:.1f}", four[0][2] / few[1][2], "1 node", "4 nodes")
        if len({run[1] for run in (*few.values(), *alone, *four)}) > 1:
            sys.exit("bench: not all runs have the same result")
    finally:
        sim.close()
