"""Private servers for tests: PostgreSQL, Redis, MariaDB.  Standard library only.

    from servers import Postgres, Redis, MariaDB, ServerMissing
    with Postgres() as pg:
        os.environ["DATABASE_URL"] = pg.url
        assert pg.psql("SELECT 1") == "1"
        pg.stop(); pg.start()                # the same data, the same port
        pg.kill()                            # as a crash does it

Each has a temporary directory and a free port of its own, listens on 127.0.0.1 alone, runs as an unprivileged user when
the tests run as root, and is ended by its process id alone.  ServerMissing: not installed, the test should be skipped.
"""
import atexit
import ctypes
import glob
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

PASSWORD = "p4ss/w0rd#of:tests"
PASSWORD_IN_URL = "p4ss%2Fw0rd%23of%3Atests"


class ServerMissing(Exception):
    """The server's program is not installed: a test that needs it should be skipped."""


def find_program(*names):
    """The path of the first of these programs that there is."""
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True) + ["/usr/sbin", "/usr/bin", "/usr/local/bin"]
    for name in names:
        for place in os.environ.get("PATH", "").split(":") + places:
            path = os.path.join(place, name)
            if place and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    raise ServerMissing("%s is not installed" % names[0])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _end_with_parent(sig):
    """A child that ends when the tests end, however they end."""
    libc = ctypes.CDLL(None)

    def prepare():
        libc.prctl(1, sig)  # PR_SET_PDEATHSIG
        signal.pthread_sigmask(signal.SIG_SETMASK, [])

    return prepare


class Server:
    """One server process with its directory; the subclasses say how it is made, started and asked."""

    account = "nobody"
    stop_signal = signal.SIGTERM
    patience = 30.0

    def __init__(self):
        self.port = free_port()
        self.process = None
        self._user = None
        if os.geteuid() == 0:
            for name in (self.account, "nobody"):
                try:
                    self._user = pwd.getpwnam(name)
                    break
                except KeyError:
                    continue
        self.dir = tempfile.mkdtemp(prefix="tubeops-%s-" % type(self).__name__.lower())
        if self._user:
            os.chown(self.dir, self._user.pw_uid, self._user.pw_gid)
        atexit.register(self.remove)
        try:
            self.make()
            self.start()
        except BaseException:
            self.remove()
            raise

    # ---- for subclasses ----

    def make(self):
        """Creates the data once."""

    def command_line(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    # ---- for tests ----

    @property
    def log(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as f:
            return f.read()

    def start(self):
        """Starts it and waits until it answers."""
        if self.process and self.process.poll() is None:
            return
        with open(os.path.join(self.dir, "log"), "ab") as out:
            self.process = subprocess.Popen(self.command_line(), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            cwd=self.dir, preexec_fn=_end_with_parent(self.stop_signal),
                                            **self._as_user())
        until = time.monotonic() + self.patience
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError("%s did not start:\n%s" % (type(self).__name__, self.log[-2000:]))
            time.sleep(0.05)

    def stop(self):
        """Asks it to end and waits; then it is killed."""
        self._end(self.stop_signal)

    def kill(self):
        """Ends it as a crash does."""
        self._end(signal.SIGKILL)

    def restart(self):
        self.stop()
        self.start()

    def pause(self):
        """It keeps its connections but answers nothing until resume()."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def remove(self):
        """Ends it and removes its directory."""
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)
        atexit.unregister(self.remove)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.remove()

    # ---- inside ----

    def _as_user(self):
        if not self._user:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _run(self, *argv, env=None, text=None, check=True):
        done = subprocess.run(argv, input=text, capture_output=True, text=True, cwd=self.dir, timeout=120,
                              env=dict(os.environ, **(env or {})), **self._as_user())
        if check and done.returncode != 0:
            raise RuntimeError("%s: %s" % (os.path.basename(argv[0]), (done.stderr or done.stdout).strip()[-2000:]))
        return done

    def _end(self, sig):
        process, self.process = self.process, None
        if not process:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(sig)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()


class Postgres(Server):
    """PostgreSQL with stock settings; options such as {"fsync": "off"} go to its command line."""

    account = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions

    def __init__(self, options=None, database="tubeops"):
        self.options = dict(options or {})
        self.database = database
        super().__init__()
        if self.psql("SELECT 1 FROM pg_database WHERE datname = '%s'" % database, database="postgres") != "1":
            self.psql('CREATE DATABASE "%s"' % database, database="postgres")

    def make(self):
        secret = os.path.join(self.dir, "password")
        with open(secret, "w") as f:
            f.write(PASSWORD + "\n")
        if self._user:
            os.chown(secret, self._user.pw_uid, self._user.pw_gid)
        self._run(find_program("initdb"), "-D", os.path.join(self.dir, "data"), "-U", "tubeops", "--pwfile", secret,
                  "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def command_line(self):
        line = [find_program("postgres"), "-D", os.path.join(self.dir, "data"), "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + self.dir]
        for name, value in self.options.items():
            line += ["-c", "%s=%s" % (name, value)]
        return line

    def is_ready(self):
        return self._psql("SELECT 1", "postgres", check=False).returncode == 0

    def pause(self):
        """The sessions too, each of which is a process. To be resumed, whatever happens."""
        super().pause()
        self._signal_children(signal.SIGSTOP)

    def resume(self):
        self._signal_children(signal.SIGCONT)
        super().resume()

    def _signal_children(self, sig):
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid), encoding="ascii") as children:
            for pid in children.read().split():
                try:
                    os.kill(int(pid), sig)
                except ProcessLookupError:
                    pass

    @property
    def url(self):
        return self.url_of(self.database)

    def url_of(self, database):
        return "postgresql://tubeops:%s@127.0.0.1:%d/%s" % (PASSWORD_IN_URL, self.port, database)

    def psql(self, sql, database=None):
        """Runs SQL (also psql's own commands and many lines) and returns rows of |-separated fields."""
        return self._psql(sql, database or self.database).stdout.rstrip("\n")

    def new_database(self, name):
        """An empty database of this name; returns its address."""
        self.psql('DROP DATABASE IF EXISTS "%s" WITH (FORCE)' % name, database="postgres")
        self.psql('CREATE DATABASE "%s"' % name, database="postgres")
        return self.url_of(name)

    def _psql(self, sql, database, check=True):
        return self._run(find_program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                         "-U", "tubeops", "-d", database, "-f", "-", text=sql,
                         env={"PGPASSWORD": PASSWORD, "PGCONNECT_TIMEOUT": "5"}, check=check)


class RedisError(Exception):
    """An error that Redis answered."""


class RedisConnection:
    """A connection to Redis; replies are bytes, numbers, None, lists of these, or RedisErrors that are not raised."""

    def __init__(self, port, password=None, tls=None, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.file = self.socket.makefile("rwb")
        if password:
            self.ask(("AUTH", password))

    def close(self):
        self.file.close()
        self.socket.close()

    def ask(self, *commands):
        """Sends all commands, then reads a reply to each; the last one is returned, or all of several."""
        for words in commands:
            self.file.write(b"*%d\r\n" % len(words))
            for word in words:
                data = word if isinstance(word, bytes) else str(word).encode()
                self.file.write(b"$%d\r\n%s\r\n" % (len(data), data))
        self.file.flush()
        replies = [self._receive() for _ in commands]
        return replies if len(commands) > 1 else replies[0]

    def _receive(self):
        line = self.file.readline()
        if not line:
            raise ConnectionError("redis closed the connection")
        kind, rest = line[:1], line[1:].rstrip(b"\r\n")
        if kind == b"-":
            return RedisError(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._receive() for _ in range(int(rest))]
        return rest


class Redis(Server):
    """Redis without persistence (it starts empty after a restart) unless options say otherwise.

    users: more of them, as {"name": "ACL rules"}.  tls: a Certificate (certificates.py); then there is no plain port.
    """

    account = "redis"

    def __init__(self, options=None, password=None, users=None, tls=None):
        self.options = dict(options or {})
        self.password = password
        self.users = dict(users or {})
        self.tls = tls
        super().__init__()

    def command_line(self):
        line = [find_program("redis-server"), "--bind", "127.0.0.1", "--dir", self.dir,
                "--save", "", "--appendonly", "no", "--daemonize", "no"]
        if self.tls:
            line += ["--port", "0", "--tls-port", str(self.port), "--tls-cert-file", self.tls.certificate,
                     "--tls-key-file", self.tls.key, "--tls-ca-cert-file", self.tls.ca, "--tls-auth-clients", "no"]
        else:
            line += ["--port", str(self.port)]
        if self.password:
            line += ["--requirepass", self.password]
        for name, rules in self.users.items():
            line += ["--user", name] + rules.split()
        for name, value in self.options.items():
            line += ["--" + name, str(value)]
        return line

    def is_ready(self):
        try:
            return self.command("PING") == "PONG"
        except OSError:
            return False

    @property
    def scheme(self):
        return "rediss" if self.tls else "redis"

    @property
    def url(self):
        password = ":%s@" % urllib.parse.quote(self.password, safe="") if self.password else ""
        return "%s://%s127.0.0.1:%d/0" % (self.scheme, password, self.port)

    def connect(self):
        context = None
        if self.tls:  # whatever the certificate is worth: that is for the program under test to find out
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return RedisConnection(self.port, self.password, context)

    def command(self, *words):
        """Sends one command and returns its reply: text, number, None, or a list of these."""
        connection = self.connect()
        try:
            return self._text(connection.ask(words))
        finally:
            connection.close()

    @classmethod
    def _text(cls, reply):
        if isinstance(reply, RedisError):
            raise RuntimeError(str(reply))
        if isinstance(reply, list):
            return [cls._text(item) for item in reply]
        return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


class MariaDB(Server):
    """MariaDB with one user "tubeops" that may do everything in the database of that name."""

    account = "mysql"
    patience = 60.0

    def make(self):
        data = os.path.join(self.dir, "data")
        self._run(find_program("mariadb-install-db", "mysql_install_db"), "--no-defaults", "--datadir=" + data,
                  "--auth-root-authentication-method=normal", "--skip-test-db")
        with open(os.path.join(self.dir, "init.sql"), "w") as f:
            f.write("CREATE DATABASE IF NOT EXISTS tubeops CHARACTER SET utf8mb4;\n"
                    "CREATE USER IF NOT EXISTS 'tubeops'@'127.0.0.1' IDENTIFIED BY '%s';\n"
                    "GRANT ALL ON *.* TO 'tubeops'@'127.0.0.1';\n" % PASSWORD)
        os.chmod(os.path.join(self.dir, "init.sql"), 0o644)

    def command_line(self):
        return [find_program("mariadbd", "mysqld"), "--no-defaults", "--datadir=" + os.path.join(self.dir, "data"),
                "--port=%d" % self.port, "--bind-address=127.0.0.1", "--socket=" + os.path.join(self.dir, "socket"),
                "--pid-file=" + os.path.join(self.dir, "pid"), "--init-file=" + os.path.join(self.dir, "init.sql"),
                "--skip-name-resolve", "--skip-log-bin"] + self.tls

    tls = ["--skip-ssl"]  # newer servers make a certificate of their own otherwise

    def is_ready(self):
        return self._client("SELECT 1", check=False).returncode == 0

    def version(self):
        return tuple(int(n) for n in self.sql("SELECT VERSION()").split("-")[0].split(".")[:2])

    @property
    def url(self):
        return "mysql://tubeops:%s@127.0.0.1:%d/tubeops" % (PASSWORD_IN_URL, self.port)

    def sql(self, text):
        """Runs SQL and returns rows of tab-separated fields."""
        return self._client(text).stdout.rstrip("\n")

    def _client(self, text, check=True):
        return self._run(find_program("mariadb", "mysql"), "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port),
                         "--protocol=TCP", "-u", "tubeops", "-D", "tubeops", "-N", "-B", "--connect-timeout=5", "--default-character-set=utf8mb4",
                         text=text, env={"MYSQL_PWD": PASSWORD}, check=check)
