"""Redis over TCP, TLS and Upstash's REST interface, with real servers: the suite of test_redis_live.c over each way,
outages, certificates, and what doctor and REST say of it."""
import os
import subprocess

import pytest

from certificates import Authority
from servers import Redis, ServerMissing
from unit_programs import program
from upstash_front import Trouble, UpstashFront

PASSWORD = "p4ss/w0rd#of:redis@tests"
QUOTED = "p4ss%2Fw0rd%23of%3Aredis%40tests"
TOKEN = "AXtokenMARKED0123456789"
TESTS = 13


@pytest.fixture
def make_redis():
    made = []

    def make(**options):
        try:
            made.append(Redis(**options))
        except ServerMissing as missing:
            pytest.skip(str(missing))
        return made[-1]
    yield make
    for redis in made:
        redis.stop()
        redis.remove()


@pytest.fixture
def make_front(make_redis):
    made = []

    def make(**options):
        made.append(UpstashFront(make_redis(), token=TOKEN, **options).__enter__())
        return made[-1]
    yield make
    for front in made:
        front.__exit__()


@pytest.fixture
def authority(tmp_path):
    os.chmod(tmp_path, 0o755)
    for folder in list(tmp_path.parents)[:3]:
        if os.stat(folder).st_uid == os.getuid() and str(folder) != "/":
            os.chmod(folder, os.stat(folder).st_mode | 0o055)  # servers run as users of their own
    try:
        return Authority(tmp_path)
    except ServerMissing as missing:
        pytest.skip(str(missing))


def environment(**names):
    return dict({k: v for k, v in os.environ.items() if not k.startswith("TEST_REDIS")}, **names)


def run_suite(**names):
    done = subprocess.run([program("test_redis_live")], env=environment(**names), capture_output=True, text=True,
                          timeout=300)
    out = done.stdout + done.stderr
    assert done.returncode == 0, out
    assert "%d test(s) run." % TESTS in out
    for secret in (PASSWORD, QUOTED, TOKEN):
        assert secret not in out


def says(**names):
    """What a client says of a server when it asks once: (code, words)."""
    done = subprocess.run([program("test_redis_live")], env=environment(TEST_ONLY="test_says", **names),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("says "))
    for secret in (PASSWORD, QUOTED, TOKEN):
        assert secret not in line
    return tuple(line[len("says "):].split(": ", 1))


# ---- the suite over every way ----

def test_tcp(make_redis):
    run_suite(TEST_REDIS_URL=make_redis().url)


def test_tcp_with_a_password_and_a_number(make_redis):
    redis = make_redis(password=PASSWORD)
    run_suite(TEST_REDIS_URL=redis.url[:-1] + "3")


def test_tcp_with_a_user(make_redis):
    redis = make_redis(password="another", users={"worker": "on >%s ~* +@all" % PASSWORD})
    run_suite(TEST_REDIS_URL="redis://worker:%s@localhost:%d/0" % (QUOTED, redis.port))


def test_tls(make_redis, authority):
    redis = make_redis(password=PASSWORD, tls=authority.issue(["127.0.0.1", "localhost"]))
    run_suite(TEST_REDIS_URL=redis.url, TEST_REDIS_CA=authority.certificate)
    run_suite(TEST_REDIS_URL=redis.url.replace("127.0.0.1", "localhost"), TEST_REDIS_CA=authority.certificate)


@pytest.mark.parametrize("knows_base64", [True, False])
def test_upstash(make_front, knows_base64):
    front = make_front(knows_base64=knows_base64)
    if knows_base64:
        run_suite(TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN)
        assert set(front.tokens) == {"Bearer " + TOKEN}
        assert "MULTI" not in front.commands and "CLIENT" not in front.commands
    else:  # a server that only imitates Upstash: texts are texts all the same
        assert says(TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN) == ("ok", "fine")


def test_upstash_over_tls(make_front, authority):
    front = make_front(certificate=authority.issue(["127.0.0.1"]))
    run_suite(TEST_UPSTASH_URL=front.url.replace("https://", "https://:%s@" % TOKEN), TEST_REDIS_CA=authority.certificate)


# ---- refusals ----

def test_wrong_passwords(make_redis):
    redis = make_redis(password=PASSWORD, users={"reader": "on >pw1 ~data:* +get +ping"})
    for before, number, code, words in ((":wrongpass@", 0, "refused", "check user and password"),
                                        ("nobody:%s@" % QUOTED, 0, "refused", "check user and password"),
                                        ("", 0, "refused", "the server wants to be told one"),
                                        (":%s@" % QUOTED, 99, "invalid", "smaller number"),
                                        ("reader:pw1@", 0, "ok", "fine")):
        got = says(TEST_REDIS_URL="redis://%s127.0.0.1:%d/%d" % (before, redis.port, number))
        assert got[0] == code and words in got[1], got
        assert "wrongpass" not in got[1]


def test_a_password_that_the_server_does_not_have(make_redis):
    code, words = says(TEST_REDIS_URL="redis://:%s@127.0.0.1:%d/0" % (QUOTED, make_redis().port))
    assert code == "refused" and "has no password" in words


def test_certificates(make_redis, authority, tmp_path):
    other = Authority(tmp_path, "strangers")
    good = make_redis(tls=authority.issue(["127.0.0.1"]))
    for redis, ca, words in ((good, None, "REDIS_CA"), (good, other.certificate, "REDIS_CA"),
                             (make_redis(tls=authority.issue(["redis.example.org", "127.0.0.2"])), authority.certificate,
                              "write the host as the certificate names it"),
                             (make_redis(tls=authority.issue(["127.0.0.1"], expired=True)), authority.certificate,
                              "expired")):
        code, said = says(TEST_REDIS_URL=redis.url, **({"TEST_REDIS_CA": ca} if ca else {}))
        assert code == "refused" and words in said, (code, said)
    code, said = says(TEST_REDIS_URL=good.url.replace("127.0.0.1", "localhost"), TEST_REDIS_CA=authority.certificate)
    assert code == "refused" and "ost" in said
    code, said = says(TEST_REDIS_URL=good.url, TEST_REDIS_CA=str(tmp_path / "none.pem"))
    assert code == "invalid" and "REDIS_CA" in said
    assert says(TEST_REDIS_URL=good.url, TEST_REDIS_CA=authority.certificate) == ("ok", "fine")


def test_plain_and_tls_mixed_up(make_redis, authority):
    tls = make_redis(tls=authority.issue(["127.0.0.1"]))
    code, said = says(TEST_REDIS_URL=tls.url.replace("rediss", "redis"))
    assert code != "ok" and "rediss://" in said
    with UpstashFront(tls, token=TOKEN) as front:  # HTTP is no Redis
        code, said = says(TEST_REDIS_URL=front.url.replace("http", "redis"))
        assert code == "corrupt data" and "rediss://" in said
        code, said = says(TEST_REDIS_URL=front.url.replace("http", "rediss"))
        assert code == "unavailable" and "redis://" in said


def test_certificates_of_upstash(make_front, authority, tmp_path):
    for names, expired in ((["127.0.0.1"], True), (["redis.example.org"], False)):
        front = make_front(certificate=authority.issue(names, expired=expired))
        code, said = says(TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN, TEST_REDIS_CA=authority.certificate)
        assert code == "refused" and "certificate" in said and not front.commands, said
    front = make_front(certificate=authority.issue(["127.0.0.1"]))
    code, said = says(TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN)
    assert code == "refused" and "REDIS_CA" in said and not front.tokens


def test_what_upstash_answers(make_front):
    front = make_front()

    def ask(token=TOKEN):
        return says(TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=token)

    code, said = ask("AXanother")
    assert code == "refused" and "token" in said and "AXanother" not in said
    for trouble, code, words in (
            (Trouble(429, b"slow down", {"Retry-After": "7"}), "unavailable", "too many requests"),
            (Trouble(502, b"<html>bad gateway</html>"), "unavailable", "HTTP 502"),
            (Trouble(500, b'{"error":"ERR internal error"}'), "unavailable", "HTTP 500"),
            (Trouble(200, b"<html>welcome</html>"), "corrupt data", "no JSON"),
            (Trouble(200, b'{"result":"PO'), "corrupt data", "no JSON"),
            (Trouble(200, b'{"result":"PONG"}', cut=True), "unavailable", "too early"),
            (Trouble(200, b'{"result":"UG90YXRv"}'), "corrupt data", "UPSTASH_REDIS_URL"),
            (Trouble(404, b"not here"), "invalid", "UPSTASH_REDIS_URL"),
            (Trouble(302, b"", {"Location": "http://127.0.0.1:1/"}), "corrupt data", "HTTP 302"),
            (Trouble(400, b'{"error":"ERR max requests limit exceeded"}'), "quota spent", "plan"),
            (Trouble(200, b" " * (17 << 20)), "limit exceeded", "larger"),
            (Trouble(), "unavailable", "hung up"),
            (Trouble(200, b'{"error":"ERR Geheim ' + TOKEN.encode() + b'"}'), "invalid", "***")):
        front.trouble = [trouble]
        got = ask()
        assert got[0] == code and words in got[1], got
    front.requests_left = 0
    assert ask()[0] == "quota spent"


def test_upstash_hangs(make_front):
    """Silence and an answer that never ends: the call ends by its own deadline, and the next one works."""
    front = make_front()
    for trouble in (Trouble(silence=True), Trouble(drip=True), Trouble(silence=True, after=True)):
        front.trouble = [trouble]
        outage(lambda: setattr(front, "trouble", [trouble] * 1000), lambda: setattr(front, "trouble", []),
               TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN)


# ---- outages ----

def outage(take_away, bring_back, **names):
    """test_outage, which says when the server is to be taken away and brought back."""
    child = subprocess.Popen([program("test_redis_live")], env=environment(TEST_ONLY="test_outage", **names),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = []
    try:
        for line in child.stdout:
            seen.append(line)
            if line.strip() == "take away":
                take_away()
            if line.strip() == "bring back":
                bring_back()
        child.wait(120)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0, "".join(seen)
    assert [line.strip() for line in seen if line.strip() in ("take away", "bring back")] == ["take away", "bring back"]


@pytest.mark.parametrize("way", ["stop", "kill"])
@pytest.mark.parametrize("over", ["tcp", "tls", "rest"])
def test_server_goes_and_comes(make_redis, authority, over, way):
    redis = make_redis(tls=authority.issue(["127.0.0.1"]) if over == "tls" else None)
    if over == "rest":
        with UpstashFront(redis, token=TOKEN) as front:
            outage(getattr(redis, way), redis.start, TEST_UPSTASH_URL=front.url, TEST_UPSTASH_TOKEN=TOKEN)
    else:
        outage(getattr(redis, way), redis.start, TEST_REDIS_URL=redis.url, TEST_REDIS_CA=authority.certificate)
    assert redis.command("GET", "outage") is not None


@pytest.mark.parametrize("over", ["tcp", "tls"])
def test_server_stands_still(make_redis, authority, over):
    redis = make_redis(tls=authority.issue(["127.0.0.1"]) if over == "tls" else None)
    outage(redis.pause, redis.resume, TEST_REDIS_URL=redis.url, TEST_REDIS_CA=authority.certificate)


# ---- doctor ----

def test_what_rest_is_told(make_redis):
    redis = make_redis(password=PASSWORD)
    done = subprocess.run([program("test_redis_probe")], env=environment(TEST_REDIS_URL=redis.url), capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 0 and "SKIPPED" not in done.stdout + done.stderr, done.stdout + done.stderr


def redis_lines(tubeops, **names):
    tubeops.environment.update(names)
    done = tubeops.run("doctor", "--json")
    for secret in (PASSWORD, QUOTED, TOKEN):
        assert secret not in done.out + done.err
    return done, [line for line in done.json() if line["part"] == "redis"]


def test_doctor(make_tubeops, make_redis, authority):
    tubeops = make_tubeops()
    _, lines = redis_lines(tubeops)
    assert [(line["level"], "not configured" in line["text"]) for line in lines] == [("ok", True)]
    redis = make_redis(password=PASSWORD, options={"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"})
    _, lines = redis_lines(tubeops, REDIS_URL=redis.url)
    assert [line["level"] for line in lines] == ["ok", "note"]
    assert "ms" in lines[0]["text"] and redis.command("INFO", "server").split("redis_version:")[1].split()[0] in lines[0]["text"]
    assert "allkeys-lru" in lines[1]["text"] and "noeviction" in lines[1]["text"]
    redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert [line["level"] for line in redis_lines(tubeops)[1]] == ["ok"]
    redis.stop()
    done, lines = redis_lines(tubeops)
    assert [line["level"] for line in lines] == ["broken"] and done.code == 1
    secure = make_redis(tls=authority.issue(["127.0.0.1"]))
    assert [line["level"] for line in redis_lines(tubeops, REDIS_URL=secure.url)[1]] == ["broken"]
    assert [line["level"] for line in redis_lines(tubeops, REDIS_CA=authority.certificate)[1]] == ["ok"]


def test_doctor_and_upstash(make_tubeops, make_front, make_redis):
    tubeops, front, redis = make_tubeops(), make_front(), make_redis()
    _, lines = redis_lines(tubeops, UPSTASH_REDIS_REST_URL=front.url, UPSTASH_REDIS_REST_TOKEN=TOKEN, REDIS_URL=redis.url)
    assert [line["level"] for line in lines] == ["ok"] and front.url in lines[0]["text"]
    assert len(front.commands) < 10  # each is billed
    _, lines = redis_lines(tubeops, UPSTASH_REDIS_REST_TOKEN="")
    assert [line["level"] for line in lines] == ["ok", "note"] and "127.0.0.1:%d/0" % redis.port in lines[0]["text"]
    assert "UPSTASH_REDIS_REST_TOKEN" in lines[1]["text"]
