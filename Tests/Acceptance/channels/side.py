"""The other side of a provider: an HTTP server that looks at every byte of a request, says what is wrong with it, and answers
as it is told. A driver's stand-in is a subclass in a file of its own."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_plus


class Flaw(Exception):
    """What is wrong with a request."""


def want(good, words):
    if not good:
        raise Flaw(words)


def same(name, found, expected):
    want(found == expected, f"{name}: expected {expected!r}, found {found!r}")


class Request:
    def __init__(self, handler, body):
        self.method = handler.command
        self.target = handler.path
        self.path, _, self.query = handler.path.partition("?")
        # In order, and as they came: a header that stands twice is a flaw.
        self.headers = {}
        for name, value in handler.headers.items():
            want(name.lower() not in self.headers, f"{name} stands twice")
            self.headers[name.lower()] = value
        self.body = body

    def parameters(self):
        pairs = [pair.split("=", 1) for pair in self.query.split("&")] if self.query else []
        want(all(len(pair) == 2 for pair in pairs), f"query {self.query!r}")
        names = [unquote_plus(name) for name, _ in pairs]
        want(len(set(names)) == len(names), "a parameter stands twice")
        return {unquote_plus(name): unquote_plus(value) for name, value in pairs}

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Flaw(f"the body is no JSON: {error}") from error


CUT = "cut"  # hears the request, and closes the connection
GARBAGE = "garbage"  # hears the request, and answers what nobody can read
DEAF = "deaf"  # closes the connection without having read anything


class Side:
    """`plan[address]`: what the next messages to an address meet, in order; nothing: they are taken."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.authority = f"127.0.0.1:{port}"
        self.flaws = []
        self.taken = []
        self.plan = {}
        self.lock = threading.Lock()
        self.connections = 0
        side = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with side.lock:
                    side.connections += 1

            def do_POST(self):
                side.serve(self)

            do_GET = do_POST
            do_PUT = do_DELETE = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler):
        try:
            if "Transfer-Encoding" in handler.headers:
                raise Flaw("the body is chunked")
            length = int(handler.headers.get("Content-Length") or 0)
            request = Request(handler, handler.rfile.read(length))
            status, headers, body = self.answer(request)
        except Flaw as flaw:
            with self.lock:
                self.flaws.append(str(flaw))
            status, headers, body = self.refusal(str(flaw))
        if status in (CUT, DEAF):
            handler.close_connection = True
            handler.connection.close()
            return
        if status == GARBAGE:
            status, headers, body = 200, {"Content-Type": "text/html"}, b"<html>Gateway</html>"
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def next(self, address):
        with self.lock:
            waiting = self.plan.get(address)
            return waiting.pop(0) if waiting else None

    def take(self, message):
        with self.lock:
            self.taken.append(message)
            return len(self.taken)

    def to(self, address):
        with self.lock:
            return [message for message in self.taken if message["to"] == address]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        raise NotImplementedError

    def refusal(self, words):
        return reply({"error": words}, 400)


def reply(value, status=200, headers=None):
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value, ensure_ascii=False).encode()


def until(condition, seconds=20):
    """The first true value of `condition`, or its last one."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
