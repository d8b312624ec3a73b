"""Importing from tables: MariaDB and PostgreSQL with keys of all kinds, connections that break, secrets."""
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from servers import PASSWORD, PASSWORD_IN_URL, MariaDB, Postgres, ServerMissing
from tubeops import PATIENCE

PAGES = 45000  # rows: more than two pages
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def cid(n):
    """The n-th channel id; neighbours differ by the case of letters too, which many collations do not see."""
    text = ""
    for _ in range(6):
        text += LETTERS[n % 64]
        n //= 64
    return "UC" + "x" * 15 + text + "A"


def server(kind):
    try:
        return kind()
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def mariadb():
    with server(MariaDB) as running:
        yield running


@pytest.fixture(scope="module")
def postgres():
    with server(Postgres) as running:
        yield running


@pytest.fixture
def tubeops(make_tubeops):
    return make_tubeops()


def fill(mariadb, columns, rows=PAGES, table="channels", options="CHARSET=utf8mb4"):
    """A table of the ids 0 … rows - 1, in which n is a number that leaves gaps."""
    mariadb.sql("DROP TABLE IF EXISTS `%s`; CREATE TABLE `%s` (%s) %s;" % (table, table, columns, options))
    for start in range(0, rows, 5000):
        mariadb.sql("INSERT INTO `%s` (n, channel_id, title) VALUES %s;" % (table, ",".join(
            "(%d,'%s','title %d 😀 é')" % (n * 7, cid(n), n) for n in range(start, min(rows, start + 5000)))))
    if "half" in columns:
        mariadb.sql("UPDATE `%s` SET half = n DIV 70;" % table)


def check_all(tubeops, rows=PAGES):
    assert tubeops.value("SELECT count(*) FROM channels") == rows
    for n in (0, 19999, 20000, rows - 1):
        assert tubeops.value("SELECT title FROM channels WHERE channel_id = ?", cid(n)) == "title %d 😀 é" % n


class Proxy:
    """Passes bytes on to a server; after `most` bytes from there it calls cut() and closes that connection."""

    def __init__(self, port, most, cut=None, times=1):
        self.to, self.most, self.cut, self.times, self.cuts = port, most, cut, times, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, url):
        return url.replace(":%d/" % self.to, ":%d/" % self.port)

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pass, args=(client, there, None), daemon=True).start()
            threading.Thread(target=self._pass, args=(there, client, self.most), daemon=True).start()

    def _pass(self, source, target, most):
        try:
            while data := source.recv(65536):
                target.sendall(data)
                most = most - len(data) if most is not None else None
                if most is not None and most <= 0 and self.cuts < self.times:
                    self.cuts += 1
                    if self.cut:
                        self.cut()
                    break
        except OSError:
            pass
        for s in (source, target):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


KEYS = {
    "number": "n BIGINT UNSIGNED PRIMARY KEY, channel_id VARCHAR(24) NOT NULL, title TEXT",
    "text": "n INT, channel_id VARCHAR(24) COLLATE utf8mb4_bin PRIMARY KEY, title TEXT",
    "bytes": "n INT, channel_id VARBINARY(24) PRIMARY KEY, title TEXT",
    "two": "n INT, half INT NOT NULL DEFAULT 0, channel_id VARCHAR(24) COLLATE utf8mb4_bin, title TEXT, "
           "PRIMARY KEY (half, channel_id)",
    "unique": "n DECIMAL(30, 5) NOT NULL, channel_id VARCHAR(24), title TEXT, e ENUM('b', 'a'), UNIQUE KEY `k``1` (n), "
              "KEY (channel_id)",
    "none": "n INT, channel_id VARCHAR(24), title TEXT, KEY (channel_id)",
    "useless": "n FLOAT, channel_id VARCHAR(24) COLLATE utf8mb4_bin, title TEXT, UNIQUE KEY (channel_id), PRIMARY KEY (n)",
}


@pytest.mark.parametrize("key", KEYS)
def test_mariadb_keys(mariadb, tubeops, key):
    fill(mariadb, KEYS[key])
    mariadb.sql("SET GLOBAL general_log_file = '%s/queries-%s'; SET GLOBAL general_log = 1;" % (mariadb.dir, key))
    result = tubeops.json("import", mariadb.url)
    mariadb.sql("SET GLOBAL general_log = 0;")
    assert (result["read"], result["added"], result["invalid"]) == (PAGES, PAGES, 0)
    check_all(tubeops)
    with open("%s/queries-%s" % (mariadb.dir, key), encoding="utf-8", errors="replace") as log:
        queries = [line for line in log if "SELECT LEFT" in line]
    # a page after the other, or all at once
    assert len(queries) == (1 if key in ("none", "useless") else 3)
    assert tubeops.json("import", mariadb.url)["known"] == PAGES


def test_mariadb_latin1(mariadb, tubeops):
    mariadb.sql("DROP TABLE IF EXISTS channels; CREATE TABLE channels (channel_id VARCHAR(24) PRIMARY KEY, title TEXT, "
                "description TEXT) CHARSET=latin1 COLLATE latin1_bin; INSERT INTO channels VALUES "
                "('%s', 'Café ü', REPEAT('é', 30000)), ('%s', NULL, NULL), ('nonsense', 'x', ''), "
                "('%s', 'a''b\\\\c', 'd');" % (cid(1), cid(2), cid(3)))
    result = tubeops.json("import", mariadb.url)
    assert (result["read"], result["added"], result["invalid"]) == (4, 3, 1)
    assert result["rejects"][0]["line"] == 4
    rows = dict(tubeops.sql("SELECT channel_id, title FROM channels"))
    assert rows == {cid(1): "Café ü", cid(2): None, cid(3): "a'b\\c"}
    assert set(tubeops.value("SELECT description FROM channel_text ORDER BY length(description) DESC")) == {"é"}


def test_mariadb_names(mariadb, tubeops):
    mariadb.sql("DROP TABLE IF EXISTS `my ``t``?`; CREATE TABLE `my ``t``?` (`the id` VARCHAR(24), `näme` TEXT, title TEXT);"
                "INSERT INTO `my ``t``?` VALUES ('%s', 'One', 'not this');" % cid(1))
    url = mariadb.url + "?table=my%20%60t%60%3F&column=the%20id"
    tubeops.run("import", url + "&title=n%C3%A4me", "--source-type", "mysql", check=0)
    assert tubeops.value("SELECT title FROM channels") == "One"
    for more, words in (("?table=nothing", "nothing"),
                        ("?table=my%20%60t%60%3F", "has no column channel_id"),
                        ("?table=my%20%60t%60%3F&column=the%20id&title=gone", "has no column gone"),
                        ("?tabel=x", "option"), ("?ssl-mode=maybe", "ssl-mode"),
                        ("?ssl-mode=required", "TLS"), ("?ssl-mode=verify-identity", "TLS")):
        done = tubeops.run("import", mariadb.url + more, check=1)
        assert words in done.err, done
        assert PASSWORD not in done.err + done.out


def test_mariadb_passwords(mariadb, tubeops):
    """A password is taken from the URL or from the environment, and is kept nowhere."""
    fill(mariadb, KEYS["number"], rows=10)
    bare = mariadb.url.replace(":" + PASSWORD_IN_URL, "")
    wrong = mariadb.url.replace(PASSWORD_IN_URL, "Wrong-Secret-1")
    spoken = ""
    for url, env, code, words in (
            (mariadb.url, {}, 0, "10"), (bare, {"IMPORT_PASSWORD": PASSWORD}, 0, "10"), (bare, {"MYSQL_PWD": PASSWORD}, 0, "10"),
            (bare, {}, 1, "IMPORT_PASSWORD"), (wrong, {}, 1, "denied"), (wrong, {"IMPORT_PASSWORD": PASSWORD}, 1, "denied"),
            (mariadb.url + "wrong", {}, 1, "tubeopswrong"),
            (mariadb.url.replace("127.0.0.1:%d" % mariadb.port, "127.0.0.1:1"), {}, 1, "127.0.0.1"),
            (mariadb.url.replace(":%d" % mariadb.port, ":port"), {}, 1, "port"),
            (mariadb.url + "?password=" + PASSWORD_IN_URL, {}, 1, "option"),
            (mariadb.url.replace("mysql:", "mysqlx:"), {}, 1, "mysql://")):
        done = tubeops.run("import", url, "--verbose", env=env, check=code)
        assert words in done.out + done.err, done
        spoken += done.out + done.err
    spoken += tubeops.run("jobs", "--json", check=0).out + tubeops.run("status").out + tubeops.run("doctor").out
    for secret in (PASSWORD, PASSWORD_IN_URL, "Wrong-Secret-1"):
        assert secret not in spoken
        assert secret.encode() not in tubeops.everything()
    assert "tubeops:***@127.0.0.1" in tubeops.value("SELECT group_concat(params) FROM job")


def test_mariadb_breaks(mariadb, tubeops):
    """A connection that breaks thrice costs waits, no rows."""
    fill(mariadb, KEYS["two"])
    proxy = Proxy(mariadb.port, most=400000, times=3)
    result = tubeops.json("import", proxy.url(mariadb.url))
    proxy.close()
    assert proxy.cuts == 3
    assert (result["read"], result["added"], result["duplicates"]) == (PAGES, PAGES, 0)
    check_all(tubeops)
    assert tubeops.log().count("tried again") == 3
    assert PASSWORD not in tubeops.log()


@pytest.mark.parametrize("key", ("number", "none"))
def test_mariadb_vanishes(mariadb, tubeops, key):
    """The server is gone: what came is stored; the same import completes it when the server is back."""
    fill(mariadb, KEYS[key])
    proxy = Proxy(mariadb.port, most=1000000, cut=mariadb.kill)
    url = proxy.url(mariadb.url)
    failed = tubeops.run("import", url, "--json", check=1)
    first = failed.json()
    assert 0 < first["added"] < PAGES
    assert first["read"] == first["added"] and first["status"] == "failed" and first["unstored"] == 0
    assert ("no key" if key == "none" else "given up") in failed.err
    mariadb.start()
    second = tubeops.json("import", url)
    proxy.close()
    assert (second["read"], second["known"], second["added"]) == (PAGES, first["added"], PAGES - first["added"])
    check_all(tubeops)
    assert tubeops.json("doctor", check=0) is not None


def test_mariadb_silent(mariadb, tubeops):
    """A server that says nothing any more does not hold up the end; the same command goes on."""
    fill(mariadb, KEYS["number"])
    paused = threading.Event()

    def pause():
        mariadb.pause()
        paused.set()
        time.sleep(PATIENCE)

    proxy = Proxy(mariadb.port, most=1000000, cut=pause)
    process = tubeops.start("import", proxy.url(mariadb.url))
    assert paused.wait(PATIENCE)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    mariadb.resume()
    proxy.close()
    assert process.returncode == 1
    assert "goes on" in err, out + err
    assert tubeops.json("import", mariadb.url)["read"] == PAGES
    check_all(tubeops)


def test_another_process(mariadb, make_tubeops):
    """A process that did not get the password says so, or finds it in its environment."""
    fill(mariadb, KEYS["number"], rows=100)
    make_tubeops(folder="one").run("import", mariadb.url, check=0)
    for settings, wanted in (({}, "failed"), ({"IMPORT_PASSWORD": PASSWORD}, "completed")):
        with make_tubeops(folder="one", **settings).serve() as server:
            uuid = server.get("/api/jobs").json()[0]["job_id"]
            server.post("/api/jobs/%s/retry" % uuid, {})
            job = server.wait_for("/api/jobs/" + uuid, lambda j: j["status"] in ("failed", "completed"), PATIENCE)
            assert job["status"] == wanted, job
            assert wanted == "completed" or "IMPORT_PASSWORD" in str(job)


def test_mariadb_tls(tubeops, tmp_path):
    """A certificate is verified when that is asked for, against the name too."""
    def make(name, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                        "-keyout", tmp_path / (name + ".key"), "-out", tmp_path / (name + ".pem"), *more],
                       check=True, capture_output=True)
        return tmp_path / (name + ".pem"), tmp_path / (name + ".key")

    cert, key = make("tubeops", "-addext", "subjectAltName=IP:127.0.0.1")
    other, _ = make("other")

    class Secure(MariaDB):
        def make(self):
            super().make()
            for name, path in (("cert", cert), ("key", key)):
                shutil.copy(path, os.path.join(self.dir, name))
                os.chmod(os.path.join(self.dir, name), 0o644)

        def command_line(self):
            self.tls = []
            return super().command_line() + ["--ssl-cert=" + os.path.join(self.dir, "cert"),
                                             "--ssl-key=" + os.path.join(self.dir, "key")]

    with server(Secure) as running:
        fill(running, KEYS["number"], rows=100)
        running.sql("ALTER USER 'tubeops'@'127.0.0.1' REQUIRE SSL;")
        url = running.url
        for more, code in (("", 0), ("?ssl-mode=required", 0), ("?ssl-mode=disabled", 1), ("?ssl-ca=%s" % cert, 0),
                           ("?ssl-ca=%s&ssl-mode=verify-identity" % cert, 0), ("?ssl-ca=%s" % other, 1),
                           ("?ssl-mode=verify-identity", 1)):
            if more == "?ssl-mode=verify-identity" and running.version() >= (11, 4):
                continue  # it proves its certificate by the password's hash then
            done = tubeops.run("import", url + more)
            assert done.code == code, (more, done)
        # the same certificate under a name that it does not hold
        done = tubeops.run("import", url.replace("127.0.0.1", "localhost") + "?ssl-ca=%s" % cert, check=1)
        assert "ssl-ca" in done.err, done


def test_rest_needs_leave(mariadb, make_tubeops):
    """Callers over REST reach only the hosts that a setting names; schedules keep no password."""
    fill(mariadb, KEYS["number"], rows=100)
    body = {"type": "migration", "source_type": "mysql", "source_path": mariadb.url}
    schedule = {"type": "migration", "rule": "6h", "params": {"source_path": mariadb.url}}
    tubeops = make_tubeops(folder="rest")
    with tubeops.serve() as server:
        answer = server.post("/api/jobs", body)
        assert answer.status == 409 and "MIGRATE_HOSTS" in answer.json()["error"], answer
        assert server.post("/api/schedules/s/add", schedule).status == 409
        assert server.get("/api/jobs").json() == []
    tubeops = make_tubeops(folder="rest", MIGRATE_HOSTS="elsewhere, 127.0.0.1:%d" % mariadb.port)
    with tubeops.serve() as server:
        answer = server.post("/api/schedules/s/add", schedule)
        assert answer.status == 409 and "no password" in answer.json()["error"], answer
        answer = server.post("/api/jobs", body)
        assert answer.status == 200, answer
        path = "/api/jobs/" + answer.json()["job_id"]
        job = server.wait_for(path, lambda j: j["status"] in ("failed", "completed"), PATIENCE)
        assert job["status"] == "completed", job
        elsewhere = dict(body, source_path=mariadb.url.replace("127.0.0.1", "localhost"))
        assert server.post("/api/jobs", elsewhere).status == 409
        texts = str(job) + str(server.get("/api/jobs").json()) + str(server.get("/api/schedules").json())
    assert tubeops.value("SELECT count(*) FROM channels") == 100
    for secret in (PASSWORD, PASSWORD_IN_URL):
        assert secret not in texts
        assert secret.encode() not in tubeops.everything()


def fill_postgres(postgres, name, columns, rows=PAGES):
    """A database with one table; its address."""
    url = postgres.new_database(name)
    postgres.psql("CREATE TABLE channels (%s);" % columns, database=name)
    for start in range(0, rows, 5000):
        postgres.psql("INSERT INTO channels (n, channel_id, title) VALUES %s;" % ",".join(
            "(%d,'%s','title %d 😀 é')" % (n * 7, cid(n), n) for n in range(start, min(rows, start + 5000))), database=name)
    return url


@pytest.mark.parametrize("columns", (
    "n bigint PRIMARY KEY, channel_id text, title text", "n int, channel_id varchar(24) PRIMARY KEY, title text",
    "n int, half int GENERATED ALWAYS AS (n / 70) STORED, channel_id text, title text, PRIMARY KEY (half, channel_id)",
    "n int, channel_id text UNIQUE, title text", "n numeric, channel_id text, title text"))
def test_postgres_keys(postgres, tubeops, columns):
    url = fill_postgres(postgres, "keys", columns)
    result = tubeops.json("import", url)
    assert (result["read"], result["added"], result["invalid"]) == (PAGES, PAGES, 0)
    check_all(tubeops)


def test_postgres_original(postgres, tubeops):
    """The tables that the original's set-up script leaves, as a source."""
    url = postgres.new_database("original")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "original_schema.sql"), encoding="utf-8") as schema:
        postgres.psql(schema.read(), database="original")
    postgres.psql("INSERT INTO channels (channel_id, title, description) SELECT 'UC' || right(repeat('0', 21) || i, 21) || 'A', "
                  "'title ' || i || ' 😀', CASE WHEN i % 2 = 0 THEN E'line\\nline ' || i END FROM generate_series(1, 30000) i",
                  database="original")
    before = postgres.psql("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM channels c", database="original")
    result = tubeops.json("import", url, "--source-type", "postgresql")
    assert (result["read"], result["added"]) == (30000, 30000)
    assert tubeops.value("SELECT title FROM channels WHERE channel_id = ?", "UC" + "%021d" % 7 + "A") == "title 7 😀"
    assert tubeops.value("SELECT count(*) FROM channel_text") == 15000
    assert before == postgres.psql("SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM channels c", database="original")
    for more, words in (("?table=nothing", "no table nothing"), ("?column=gone", "has no column gone"),
                        ("?schema=elsewhere", "no table channels"), ("?sslmode=require", "SSL"),
                        ("?password=" + PASSWORD_IN_URL, "option")):
        done = tubeops.run("import", url + more, check=1)
        assert words in done.err, done
        assert PASSWORD not in done.out + done.err
    done = tubeops.run("import", url.replace(PASSWORD_IN_URL, "Wrong-Secret-1"), check=1)
    assert "the URL" in done.err and "DATABASE_URL" not in done.err, done
    for secret in (PASSWORD, PASSWORD_IN_URL, "Wrong-Secret-1"):
        assert secret not in done.out + done.err
        assert secret.encode() not in tubeops.everything()


def test_postgres_breaks(postgres, tubeops):
    """Broken connections cost waits, no rows."""
    url = fill_postgres(postgres, "breaks", "n int, channel_id text PRIMARY KEY, title text")
    proxy = Proxy(postgres.port, most=700000, times=2)
    result = tubeops.json("import", proxy.url(url) + "?sslmode=disable")
    proxy.close()
    assert (proxy.cuts, result["read"], result["added"]) == (2, PAGES, PAGES)
    check_all(tubeops)


def test_postgres_vanishes(postgres, tubeops):
    url = fill_postgres(postgres, "vanishes", "n int, channel_id text PRIMARY KEY, title text")
    proxy = Proxy(postgres.port, most=1000000, cut=postgres.stop)
    url = proxy.url(url) + "?sslmode=disable"
    first = tubeops.json("import", url, check=1)
    assert 0 < first["added"] < PAGES and first["unstored"] == 0
    postgres.start()
    second = tubeops.json("import", url)
    proxy.close()
    assert (second["known"], second["added"]) == (first["added"], PAGES - first["added"])
    check_all(tubeops)
