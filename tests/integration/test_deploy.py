"""assets/deploy: start_production.sh run for real, and what can be checked of the files without an engine of containers."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

from servers import Postgres, ServerMissing
from sim import Sim, SimMissing
from tubeops import PATIENCE, ROOT, Tubeops, TubeopsMissing

TOP = os.environ.get("TOP_SRCDIR") or ROOT
DEPLOY = os.path.join(TOP, "assets", "deploy")
SCRIPT = os.path.join(DEPLOY, "start_production.sh")
KEY = "AIzaSyDeployDeployDeployDeployDeployDe1"


def text_of(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def needs(program):
    return shutil.which(program) or pytest.skip("no %s here" % program)


@pytest.fixture
def tubeops(tmp_path):
    try:
        made = Tubeops(tmp_path, keys=[KEY])
    except TubeopsMissing as missing:
        pytest.skip(str(missing))
    made.environment.update(TUBEOPS=made.binary, START_WAIT="0")
    return made


class Script:
    """start_production.sh at work, with what it and its nodes say line by line."""

    def __init__(self, tubeops, *words, **env):
        self.process = subprocess.Popen(["bash", SCRIPT, *words], cwd=tubeops.directory, text=True,
                                        env={**tubeops.environment, **env}, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = ""

    def until(self, pattern, times=1):
        while len(re.findall(pattern, self.said)) < times:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        return re.findall(pattern, self.said)

    def end(self, how=None):
        """Its exit status; with no signal given it must end by itself, and soon."""
        if how:
            self.process.send_signal(how)
        self.said += self.process.communicate(timeout=PATIENCE / 4)[0]
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGTERM)


# ---- the script ----

def test_one_node_starts_when_all_is_well_and_stops_when_told(tubeops):
    with Script(tubeops, "--listen", "127.0.0.1:0") as script:
        script.until("listening on")
        # the script has become the program, so signals reach it
        assert str(script.process.pid) in tubeops.run("health", check=0).out
        assert script.end(signal.SIGTERM) == 0, script.said


def test_options_reach_serve_and_doctor(tubeops, tmp_path):
    other = tmp_path / "elsewhere"
    (tmp_path / "my.env").write_text("NODE_NAME=from-file\n")
    with Script(tubeops, "--data=%s" % other, "--env", "my.env", "--listen", "127.0.0.1:0", "--start", "cleanup") as script:
        script.until("listening on")
        assert tubeops.json("status", "--data", str(other), "--env", "my.env", check=None)["jobs"]


@pytest.mark.parametrize("env,said", [
    ({"YOUTUBE_API_KEY_1": ""}, "no YouTube API key"),
    ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "postgres"),
    ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "redis"),
    ({"WORKER_CONCURRENCY": "many"}, "WORKER_CONCURRENCY"),
])
def test_what_is_broken_is_said_and_nothing_starts(tubeops, env, said):
    with Script(tubeops, "--listen", "127.0.0.1:0", **env) as script:
        assert script.end() == 1
        assert said in script.said
        assert "listening" not in script.said
    assert not os.path.exists(os.path.join(tubeops.data, "staging.db"))


@pytest.mark.parametrize("words,env,said", [
    (["--nodes"], {}, "--nodes needs a value"),
    (["--nodes", "0"], {}, "is not a number from 1 to 99"),
    (["--nodes=two"], {}, "is not a number from 1 to 99"),
    (["--data"], {}, "--data needs a value"),
    ([], {"START_WAIT": "long"}, "START_WAIT"),
    (["--frobnicate"], {}, "serve has no option --frobnicate"),
    (["--nodes", "2"], {}, "CLUSTER=1"),
])
def test_wrong_options_are_2(tubeops, words, env, said):
    with Script(tubeops, *words, **env) as script:
        assert script.end() == 2, script.said
        assert said in script.said


def test_a_program_that_is_not_there_is_named(tubeops):
    with Script(tubeops, TUBEOPS="/nowhere/tubeops") as script:
        assert script.end() == 1
        assert "there is no program /nowhere/tubeops" in script.said


def test_it_waits_for_a_server_that_comes_up_later(tubeops, redis):
    redis.stop()
    with Script(tubeops, "--listen", "127.0.0.1:0", START_WAIT=str(PATIENCE), REDIS_URL=redis.url) as script:
        time.sleep(1.5)
        assert script.process.poll() is None
        redis.start()
        script.until("listening on")


def test_a_secret_is_never_said(tubeops):
    with Script(tubeops, DATABASE_URL="postgresql://nobody:hunter2secret@127.0.0.1:1/none") as script:
        assert script.end() == 1
        assert "hunter2secret" not in script.said and KEY not in script.said


@pytest.fixture
def cluster(tubeops, redis):
    """Settings of a cluster on servers of its own."""
    try:
        with Postgres() as pg, Sim(channels=500, seed=5, keys=KEY) as sim:
            tubeops.environment.update(CLUSTER="1", DATABASE_URL=pg.url, REDIS_URL=redis.url, YOUTUBE_API_BASE=sim.url)
            yield tubeops
    except (ServerMissing, SimMissing) as missing:
        pytest.skip(str(missing))


def free_pair():
    """A port whose follower is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            try:
                second.bind(("127.0.0.1", first.getsockname()[1] + 1))
                return first.getsockname()[1]
            except OSError:
                continue


def test_two_nodes_on_one_machine(cluster):
    port = free_pair()
    with Script(cluster, "--nodes", "2", "--listen", "127.0.0.1:%d" % port, NODE_NAME="metal") as script:
        assert set(script.until("listening on http://127.0.0.1:([0-9]+)", 2)) == {str(port), str(port + 1)}
        nodes = dict(script.until("node (metal-[12]): process ([0-9]+)", 2))
        for i in (1, 2):
            folder = os.path.join(cluster.data, "node-%d" % i)
            assert nodes["metal-%d" % i] in cluster.run("health", "--data", folder, check=0).out
        assert script.end(signal.SIGTERM) == 0, script.said
    for pid in nodes.values():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_node_that_dies_ends_the_others_and_is_reported(cluster):
    with Script(cluster, "--nodes", "2", "--listen", "127.0.0.1:%d" % free_pair()) as script:
        script.until("listening on", 2)
        (_, first), (_, second) = script.until("node ([^ ]+): process ([0-9]+)", 2)
        os.kill(int(second), signal.SIGKILL)
        assert script.end() == 128 + signal.SIGKILL, script.said
        with pytest.raises(ProcessLookupError):
            os.kill(int(first), 0)


def test_the_scripts_are_clean():
    shellcheck = needs("shellcheck")
    for script in ("start_production.sh", "make-deb"):
        subprocess.run([shellcheck, os.path.join(DEPLOY, script)], check=True)
    for script in ("rules", "postinst", "postrm"):
        assert text_of("assets", "deploy", "debian", script).startswith("#!/")
    subprocess.run([shellcheck, *(os.path.join(DEPLOY, "debian", s) for s in ("postinst", "postrm"))], check=True)


# ---- systemd ----

UNITS = ("tubeops.service", "tubeops@.service")


@pytest.fixture
def units(tubeops, tmp_path):
    """The units as they are, but for the place of the program."""
    made = []
    for name in UNITS:
        path = tmp_path / name
        path.write_text(text_of("assets", "deploy", "systemd", name).replace("/usr/bin/tubeops", tubeops.binary))
        made.append(str(path))
    return made


def test_systemd_takes_the_units(units):
    analyze = needs("systemd-analyze")
    for unit in units:
        done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done


def test_the_sandbox_is_tight(units):
    analyze = needs("systemd-analyze")
    for unit in units:
        done = subprocess.run([analyze, "security", "--offline=true", "--threshold=20", unit],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_both_units_have_the_same_sandbox():
    one, many = (text_of("assets", "deploy", "systemd", name).split("nothing else\n")[1] for name in UNITS)
    assert one == many


# ---- what the files say fits the program ----

def test_the_units_and_the_image_use_options_that_there_are(tubeops):
    known = {line.split("\t")[0] for line in tubeops.run("completions", "words", "--", "serve", "-", check=0).out.splitlines()}
    used = set()
    for name in UNITS:
        used |= set(re.findall(r" (--[a-z-]+)", re.search("(?m)^ExecStart=.*", text_of("assets", "deploy", "systemd", name))[0]))
    assert used and used <= known
    assert 'CMD ["tubeops", "health"]' in text_of("assets", "deploy", "Dockerfile")
    commands = re.findall(r'command: \["(--[a-z]+)", "([a-z]+)"\]', text_of("assets", "deploy", "compose.yaml"))
    assert {option for option, _ in commands} == {"--role"} <= known
    roles = {line.split("\t")[0] for line in tubeops.run("completions", "words", "--", "serve", "--role", "", check=0).out.splitlines()}
    assert {role for _, role in commands} == {"dispatcher", "worker"} < roles


def dockerfile():
    """(instruction, the rest) of the Dockerfile."""
    text = re.sub(r"(?m)^#.*\n", "", text_of("assets", "deploy", "Dockerfile")).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_the_dockerfile():
    steps = dockerfile()
    stages = [rest for word, rest in steps if word == "FROM"]
    assert len(stages) == 2 and stages[0].endswith(" AS build")
    last = steps[max(i for i, (word, _) in enumerate(steps) if word == "FROM"):]
    # unprivileged, by number so that an orchestrator can see it
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", dict(last)["USER"])
    assert [word for word, _ in last].index("USER") > max(i for i, (word, _) in enumerate(last) if word == "RUN")
    assert "HEALTHCHECK" in dict(last)
    for word, rest in steps:
        if word == "COPY":
            for source in rest.split()[:-1]:
                assert os.path.exists(os.path.join(TOP, source)), source
    installed = re.search(r"/usr/lib/tubeops/\S+\.sh", dict(last)["ENTRYPOINT"])[0].rstrip('"]')
    assert "debian/tubeops" + installed in text_of("assets", "deploy", "debian", "rules")
    if shutil.which("hadolint"):
        subprocess.run(["hadolint", "--ignore", "DL3008", os.path.join(DEPLOY, "Dockerfile")], check=True)


def test_what_the_image_is_built_from_is_not_left_out():
    """The rules of .dockerignore: the last that fits decides; a trailing slash means nothing."""
    rules = [line for line in text_of("assets", "deploy", "Dockerfile.dockerignore").splitlines()
             if line and not line.startswith("#")]

    def left_out(path):
        out = False
        for rule in rules:
            keep, pattern = rule.startswith("!"), rule.lstrip("!").strip("/")
            regex = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
            if any(re.fullmatch(regex, "/".join(path.split("/")[:i + 1])) for i in range(path.count("/") + 1)):
                out = not keep
        return out

    assert left_out("build-dev/tubeops") and left_out("assets/deploy/.env") and left_out(".git/config")
    wanted = [os.path.relpath(os.path.join(folder, name), TOP) for top in ("assets", "build-aux", "engine", "tui", "db")
              for folder, _, names in os.walk(os.path.join(TOP, top)) for name in names
              if name.endswith((".c", ".h", ".awk", ".sql", ".sh", "make-deb", "control", "rules"))]
    assert len(wanted) > 300
    assert not [path for path in wanted + ["configure.ac", "Makefile.am", "README.md", "LICENSE"] if left_out(path)]


def settings_known(tubeops):
    listed = re.findall(r"(?m)^#([A-Z][A-Z0-9_]*)=", tubeops.run("settings", "--example", check=0).out)
    return set(listed)


def test_the_image_and_the_composition_set_what_there_is(tubeops):
    yaml = pytest.importorskip("yaml")
    known = settings_known(tubeops)
    image = {pair.split("=")[0] for word, rest in dockerfile() if word == "ENV" for pair in rest.split()}
    assert image - known == {"LANG"}
    compose = yaml.safe_load(text_of("assets", "deploy", "compose.yaml"))
    for name in ("dispatcher", "worker"):
        service = compose["services"][name]
        assert set(service["environment"]) <= known
        assert service["environment"]["CLUSTER"] == "1"
        assert set(service["depends_on"]) == {"postgres", "redis"}
    # what there is several times can have neither a name nor a port nor a volume of its own
    assert not {"ports", "container_name", "volumes"} & set(compose["services"]["worker"])
    build = compose["services"]["dispatcher"]["build"]
    assert os.path.exists(os.path.join(DEPLOY, build["context"], build["dockerfile"]))


def test_compose_takes_the_file(tmp_path):
    compose = needs("docker-compose")
    for name in ("compose.yaml", ".env.example"):
        shutil.copy(os.path.join(DEPLOY, name), tmp_path)
    shutil.copy(tmp_path / ".env.example", tmp_path / ".env")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    words = [compose, "-f", "compose.yaml", "config", "-q"]
    bare = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert bare.returncode != 0 and "set it in .env" in bare.stderr
    with open(tmp_path / ".env", "a") as settings:
        settings.write("POSTGRES_PASSWORD=secret\nAPI_TOKEN=token\n")
    subprocess.run(words, cwd=tmp_path, env=env, check=True)


def test_yaml_is_clean():
    subprocess.run([needs("yamllint"), "-d", "{extends: default, rules: {line-length: {max: 130}, document-start: disable}}",
                    os.path.join(DEPLOY, "compose.yaml")], check=True)


# ---- versions ----

def test_all_files_name_the_same_version():
    configure = text_of("configure.ac")
    version = re.search(r"AC_INIT\(\[tubeops\], \[([0-9.]+)\]", configure)[1]
    day = re.search(r'RELEASE_DATE\], \["([0-9-]+)"\]', configure)[1]
    assert re.match(r"tubeops \((.*?)\)", text_of("assets", "deploy", "debian", "changelog"))[1] == version
    assert re.search(r"(?m)^## (\S+), (\S+)", text_of("assets", "doc", "CHANGELOG.md")).groups() == (version, day)
