"""The stream of live events on a bare socket: what a browser gets, and what it gets when it comes back."""

import json
import socket
import time
from urllib.parse import quote, urlsplit


class Stream:
    """One GET that stays open. `with Stream(...) as stream: stream.events()`."""

    def __init__(self, console, query="", last=None, signed_in=True):
        at = urlsplit(console.url)
        kept = console.page.context.cookies() if signed_in else []
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in kept)
        head = [
            f"GET /live/stream{query} HTTP/1.1", f"Host: {at.netloc}", f"Cookie: {cookies}", "Accept: text/event-stream",
        ]
        if last:
            head.append(f"Last-Event-ID: {last}")
        self.socket = socket.create_connection((at.hostname, at.port), timeout=10)
        self.socket.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        self.bytes = b""
        self.last = last
        self.head = self._until(b"\r\n\r\n").decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError("the server ended the stream")
        self.bytes += piece

    def _until(self, mark):
        while mark not in self.bytes:
            self._more()
        piece, self.bytes = self.bytes.split(mark, 1)
        return piece

    def _chunk(self):
        size = int(self._until(b"\r\n").split(b";")[0], 16)
        while len(self.bytes) < size + 2:
            self._more()
        piece, self.bytes = self.bytes[:size], self.bytes[size + 2:]
        return piece.decode()

    def messages(self, wanted, seconds=10):
        """Message ids in the order they came, until all of `wanted` are there or the time is over."""
        seen, text, deadline = [], "", time.monotonic() + seconds
        while not set(wanted) <= set(seen) and time.monotonic() < deadline:
            self.socket.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                text += self._chunk()
            except TimeoutError:
                break
            while "\n\n" in text:
                block, text = text.split("\n\n", 1)
                for line in block.split("\n"):
                    if line.startswith("id: "):
                        self.last = line[4:]
                    if line.startswith("data: "):
                        seen += [one["message"] for one in json.loads(line[6:]).get("events", [])]
        return seen


def hold(console, send, authorization):
    """`send(message, event)` gives the server one event."""
    checks = console.checks
    with Stream(console) as stream:
        checks.check("the stream is one of events", "text/event-stream" in stream.head.lower(), stream.head[:200])
        checks.check("nothing on the way may keep it", "no-store" in stream.head.lower(), stream.head[:300])
        stream.messages(["?"], seconds=1)
        send(console, authorization, "sse-1", "Product Viewed")
        seen = stream.messages(["sse-1"])
        checks.check("what is sent arrives on the open socket", "sse-1" in seen, str(seen))
        last = stream.last
    checks.check("every piece names the place to go on from", bool(last))
    away = ["sse-2", "sse-3", "sse-4"]
    for message in away:
        send(console, authorization, message, "Product Viewed")
    with Stream(console, last=last) as stream:
        # Others are at work beside.
        seen = [one for one in stream.messages(away) if one in away]
        checks.equal("back again, exactly what was missed comes, in order", seen, away)
        last = stream.last
    with Stream(console, query="?name=" + quote("Product Added"), last=last) as stream:
        send(console, authorization, "sse-5", "Product Viewed")
        send(console, authorization, "sse-6", "Product Added")
        checks.equal("a filter holds on the stream", stream.messages(["sse-6"]), ["sse-6"])
    with Stream(console, last="nonsense") as stream:
        checks.check("an unknown place begins anew", " 200 " in stream.head.split("\r\n")[0], stream.head[:80])
    with Stream(console, signed_in=False) as stream:
        checks.check("nobody watches without signing in", " 303 " in stream.head.split("\r\n")[0], stream.head[:80])
