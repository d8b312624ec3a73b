"""A small HTTP service that knows similar channels, for tests of external providers.  Standard library only.

    with StubService() as service:
        service.answers = lambda path: (200, "application/json", b"{}", {})
        service.url, service.requests       # every request: (path, headers, time.monotonic())
"""
import http.server
import threading
import time


class StubService:
    def __init__(self):
        self.requests = []
        self.posts = []  # (path, headers, body)
        self.answers = lambda path: (404, "text/plain", b"", {})
        self.lock = threading.Lock()

    def __enter__(self):
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with stub.lock:
                    stub.requests.append((self.path, dict(self.headers), time.monotonic()))
                status, kind, body, headers = stub.answers(self.path)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the other side had enough

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with stub.lock:
                    stub.posts.append((self.path, dict(self.headers), body))
                self.do_GET()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
