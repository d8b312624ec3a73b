"""What Upstash's REST interface is, in front of a real redis-server.  Standard library only.

    with UpstashFront(redis, token="…") as front:
        front.url                           # http://127.0.0.1:PORT, or https:// with certificate=
        front.commands                      # names of all commands that came, in order; each is billed
        front.trouble = [Trouble(...)]      # what the next requests meet instead, one after the other
        front.requests_left = 10            # then "ERR max requests limit exceeded"

From Upstash's documentation (REST API, Troubleshooting): POST / with one command, /pipeline and /multi-exec with many;
{"result"} or {"error"}; 400, 401, 405; base64 on demand for all texts but "OK", otherwise broken UTF-8 as U+FFFD;
no blocking commands, of connection commands PING and ECHO alone; 1,000 entries waiting for one consumer at most;
10 MB a request; a transaction with a command that is not supported is discarded whole.
"""
import base64
import http.server
import json
import ssl
import threading
import time

from servers import RedisError

PENDING_MOST = 1000
REQUEST_MOST = 10 * 1024 * 1024
BLOCKING = {"BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT"}
NOT_SERVED = {"AUTH", "SELECT", "CLIENT", "HELLO", "QUIT", "RESET", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH",
              "SUBSCRIBE", "PSUBSCRIBE", "MONITOR", "CLUSTER", "SYNC", "PSYNC", "REPLICAOF", "DEBUG", "SHUTDOWN"}


class Trouble:
    """Instead of an answer: status and body; or silence; after=True: when the commands were done already."""

    def __init__(self, status=None, body=b"", headers=None, silence=False, cut=False, drip=False, after=False):
        self.status, self.body, self.headers = status, body, dict(headers or {})
        self.silence, self.cut, self.drip, self.after = silence, cut, drip, after


class UpstashFront:
    def __init__(self, redis, token="AXtoken0123456789abcdef", certificate=None, knows_base64=True):
        self.redis, self.token, self.knows_base64 = redis, token, knows_base64
        self.commands, self.trouble, self.tokens = [], [], []
        self.requests_left = None
        self.lock = threading.Lock()
        self.local = threading.local()
        self.over = threading.Event()
        front = self

        class Handler(_Handler):
            pass
        Handler.front = front
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if certificate else "http", self.port)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    # ---- commands ----

    def ask(self, *commands):
        """On the connection of this thread; a new one when the server was away."""
        connection = getattr(self.local, "connection", None)
        try:
            if not connection:
                connection = self.local.connection = self.redis.connect()
            return connection.ask(*commands)
        except OSError:
            if connection:
                connection.close()
            self.local.connection = None
            raise

    def refusal(self, words):
        """Why Upstash would not even try this command; None: it would."""
        name = words[0].upper()
        with self.lock:
            self.commands.append(name)
            if self.requests_left is not None:
                self.requests_left -= 1
                if self.requests_left < 0:
                    return "ERR max requests limit exceeded"
        upper = [str(word).upper() for word in words]
        if name in NOT_SERVED or name in BLOCKING:
            return "ERR Command is not available: '%s'. See https://upstash.com/docs/redis for details" % words[0]
        if name in ("XREAD", "XREADGROUP") and "BLOCK" in upper[:upper.index("STREAMS") if "STREAMS" in upper else None]:
            return "ERR blocking %s is not supported" % name
        return self.pending_refusal(words, upper) if name == "XREADGROUP" and words[-1] == ">" else None

    def pending_refusal(self, words, upper):
        try:
            group, consumer = words[upper.index("GROUP") + 1], words[upper.index("GROUP") + 2]
            key = words[upper.index("STREAMS") + 1]
            wanted = int(words[upper.index("COUNT") + 1]) if "COUNT" in upper else None
        except (ValueError, IndexError):
            return None  # Redis has words for it
        pending = self.ask(("XPENDING", key, group))
        if isinstance(pending, RedisError):
            return None
        mine = sum(int(n) for name, n in pending[3] or [] if name.decode() == consumer)
        there = self.ask(("XLEN", key))
        wanted = there if wanted is None else min(wanted, there)
        if mine + wanted <= PENDING_MOST:
            return None
        return ("ERR XReadGroup is cancelled. Pending Entries List limit per consumer is about to be reached. "
                "Limit: %d, Current PEL size: %d, Requested Read: %d, Key: %s, Group: %s, Consumer: %s."
                % (PENDING_MOST, mine, wanted, key, group, consumer))

    def one(self, words):
        refused = self.refusal(words)
        return RedisError(refused) if refused else self.ask(words)

    def all_or_none(self, commands):
        for words in commands:
            refused = self.refusal(words)
            if refused:
                return RedisError(refused)
        replies = self.ask(("MULTI",), *commands, ("EXEC",))
        if isinstance(replies[-1], RedisError):
            return next(reply for reply in replies if isinstance(reply, RedisError))
        return replies[-1]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front = None

    def setup(self):
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(10)
            try:
                self.request.do_handshake()
            except OSError:
                pass  # the client did not like the certificate
            self.request.settimeout(None)
        super().setup()

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(405, {"error": "ERR method not allowed"})

    do_PUT = do_DELETE = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.front.lock:
            trouble = self.front.trouble.pop(0) if self.front.trouble else None
            self.front.tokens.append(self.headers.get("Authorization", ""))
        if trouble and not trouble.after:
            return self.meet(trouble)
        status, answer = self.perform(body)
        if trouble:
            return self.meet(trouble)
        self.answer(status, answer)

    def perform(self, body):
        front = self.front
        if self.headers.get("Authorization") != "Bearer " + front.token:
            return 401, {"error": "WRONGPASS invalid or missing auth token"}
        if len(body) > REQUEST_MOST:
            return 400, {"error": "ERR max request size exceeded"}
        try:
            commands = self.read(json.loads(body), self.path in ("/pipeline", "/multi-exec"))
        except (ValueError, TypeError):
            return 400, {"error": "ERR failed to parse command"}
        try:
            if self.path == "/pipeline":
                return 200, [self.item(front.one(words)) for words in commands]
            if self.path == "/multi-exec":
                replies = front.all_or_none(commands)
                if isinstance(replies, RedisError):
                    return 400, self.item(replies)
                return 200, [self.item(reply) for reply in replies]
            if self.path != "/":
                return 404, {"error": "ERR no such path"}
            reply = front.one(commands[0])
            return (400 if isinstance(reply, RedisError) else 200), self.item(reply)
        except OSError:
            return 500, {"error": "ERR internal error"}

    @staticmethod
    def read(parsed, many):
        commands = parsed if many else [parsed]
        if not isinstance(commands, list) or not commands:
            raise ValueError
        for words in commands:
            if not isinstance(words, list) or not words or not all(isinstance(w, (str, int, float)) for w in words):
                raise ValueError
        return [tuple(str(w) for w in words) for words in commands]

    def item(self, reply):
        return {"error": str(reply)} if isinstance(reply, RedisError) else {"result": self.value(reply)}

    def value(self, reply):
        if isinstance(reply, list):
            return [self.value(item) for item in reply]
        if isinstance(reply, RedisError):
            return str(reply)
        if not isinstance(reply, bytes):
            return reply
        if reply != b"OK" and self.front.knows_base64 and self.headers.get("Upstash-Encoding") == "base64":
            return base64.b64encode(reply).decode()
        return reply.decode(errors="replace")

    def answer(self, status, answer):
        self.send(status, "application/json", json.dumps(answer).encode(), {})

    def send(self, status, kind, body, headers, whole=True):
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if whole else body[:len(body) // 2])
        except OSError:
            whole = False  # the other side had enough
        self.close_connection = self.close_connection or not whole

    def meet(self, trouble):
        if trouble.silence:
            self.front.over.wait(60)
            self.close_connection = True
        elif trouble.drip:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(1000):
                if self.front.over.wait(0.02):
                    break
                self.wfile.write(b" ")
            self.close_connection = True
        elif trouble.status is None:
            self.close_connection = True  # hangs up without a word
        else:
            self.send(trouble.status, "text/html", trouble.body, trouble.headers, whole=not trouble.cut)


if __name__ == "__main__":
    from servers import Redis
    with Redis() as server, UpstashFront(server) as served:
        print("UPSTASH_REDIS_REST_URL=%s UPSTASH_REDIS_REST_TOKEN=%s" % (served.url, served.token), flush=True)
        while True:
            time.sleep(3600)
