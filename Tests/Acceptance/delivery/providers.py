"""A mail provider in every kind of trouble, and clocks that jump, under libfaketime."""

import os
import socket
import threading
import time
from collections import Counter
from pathlib import Path

from acceptance import Server
from mailsink import Sink
from reconcile import SQLiteReader
from shop import OPEN_POLICY, Shop

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
PEOPLE = 120
HOUR = 3_600


class Nonsense:
    """Answers everything with bytes that are no SMTP."""

    ANSWERS = (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"\x00\xff\xfe" * 700 + b"\r\n", b"220" * 40_000, b"")

    def __init__(self, port):
        self.port = port
        self.served = 0

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            try:
                client.sendall(self.ANSWERS[self.served % len(self.ANSWERS)])
                client.settimeout(0.2)
                client.recv(4096)
            except OSError:
                pass
            self.served += 1
            client.close()

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Clock:
    """The server's clock, as far ahead of the real one as it is told."""

    # With a cache of one second the library looks into the file every other second.
    SEEN = 2.2

    def __init__(self, folder):
        self.file = folder / "clock"
        self.ahead = 0
        self.jump(0)

    def environment(self):
        return {
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        }

    def jump(self, seconds, waits=True):
        self.ahead += seconds
        written = self.file.with_suffix(".new")
        written.write_text(f"{self.ahead:+d}")
        os.replace(written, self.file)
        if waits:
            self.wait()

    def wait(self):
        """Until the server has seen the last jump."""
        time.sleep(self.SEEN)


def run(checks, folder, port):
    clock = Clock(folder)
    can_jump = LIBRARY.exists()
    if not can_jump:
        print("     libfaketime is not installed: clocks stay as they are", flush=True)
    # The library adds to the environment of the first process that it is in, and Swift then finds no arguments: `env` is first.
    server = Server(folder / "data", port, clock.environment() if can_jump else {}, through=["env"])
    sink = Sink(port + 1)
    store = SQLiteReader(server.data / "perennial.sqlite")
    with server:
        shop = Shop(server)
        shop.call("PUT", "/api/v1/message-policy", OPEN_POLICY)
        shop.call("PUT", "/api/v1/email", {
            "host": "127.0.0.1", "port": port + 1, "security": "none", "from_address": "shop@brand.example",
            "per_second": 0, "per_domain_minute": 0})
        addresses = [f"p{number:03}@trouble.example" for number in range(PEOPLE)]
        people = list(shop.people(addresses).values())
        segment = shop.segment("Everybody", people)
        template = shop.template("Trouble", "In trouble", [{"kind": "text", "text": "x"}])

        def send(name):
            return shop.broadcast(name, segment, template)

        def states(broadcast):
            return Counter(dict(shop.call("GET", f"/api/v1/broadcasts/{broadcast}/report")["states"]))

        def settled(broadcast):
            """The same once nothing is on its way just then."""
            found = states(broadcast)
            for _ in range(60):
                if not found.get("sending"):
                    break
                time.sleep(0.5)
                found = states(broadcast)
            return found

        down = send("Down")
        time.sleep(3)
        checks.equal("down: nothing is lost", settled(down), Counter(planned=PEOPLE))
        gate = shop.call("GET", "/api/v1/email")
        tried = int(store.rows("SELECT sum(attempts) FROM messages")[0][0])
        checks.check("down: the way closes before many are tried", tried <= 5 * 48 and (gate["closed_until"] or tried < PEOPLE), f"{tried}")
        if can_jump:
            clock.jump(HOUR)
            time.sleep(2)
            checks.equal("down for an hour: still nothing is lost", settled(down), Counter(planned=PEOPLE))
        with Nonsense(port + 1) as nonsense:
            shop.call("POST", "/api/v1/email/openings")
            clock.jump(HOUR if can_jump else 0)
            time.sleep(4)
            checks.check("nonsense: it was asked", nonsense.served > 0)
            checks.equal("nonsense: nothing is lost, nothing is thought to be sent", settled(down), Counter(planned=PEOPLE))
            checks.equal("nonsense: the server lives", shop.call("GET", "/api/v1/email")["is_set_up"], True)
        patience(checks, shop, sink, clock, can_jump, states, down)
        slow(checks, sink, send, states)
        if can_jump:
            jumps(checks, shop, sink, clock, send, states, store)
    checks.equal("all in all: nothing twice", [one for one, count in Counter(letter.message for letter in sink.taken()).items() if count > 1], [])


def until(test, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if test():
            return True
        time.sleep(0.3)
    return False


def patience(checks, shop, sink, clock, can_jump, states, down):
    """421 for everybody, then 450, then all is well."""
    with_room = Counter(planned=PEOPLE)
    sink.start()
    for stage, answer in (("rcpt", "421 4.7.0 too many connections"), ("rcpt", "450 4.2.1 rate limited")):
        sink.always = (stage, answer)
        shop.call("POST", "/api/v1/email/openings")
        clock.jump(HOUR if can_jump else 0)
        time.sleep(3)
        checks.equal(f"{answer[:3]}: everybody waits", states(down), with_room)
        checks.equal(f"{answer[:3]}: nothing was taken", len(sink.letters), 0)
    sink.always = None
    shop.call("POST", "/api/v1/email/openings")
    if can_jump:
        clock.jump(6 * HOUR)
    done = until(lambda: states(down) == Counter(sent=PEOPLE), 60 if can_jump else 5)
    checks.check("afterwards all of it is sent", done or not can_jump, states(down))


def slow(checks, sink, send, states):
    before = len(sink.letters)
    sink.delay = 0.4
    broadcast = send("Slow")
    checks.check("slow: it goes on as the provider goes", until(lambda: states(broadcast) == Counter(sent=PEOPLE), 90), states(broadcast))
    checks.equal("slow: once each", len(sink.letters) - before, PEOPLE)
    sink.delay = 0


def jumps(checks, shop, sink, clock, send, states, store):
    """The clock jumps ahead and back while letters are on their way."""
    before = len(sink.letters)
    # So that some are on their way when the clock has jumped.
    sink.delay = 0.2
    ahead = send("Ahead")
    time.sleep(0.5)
    clock.jump(2 * HOUR)
    early = send("Begun while the clock is ahead")
    time.sleep(0.5)
    # This one is begun by the old clock and planned by the new one.
    clock.jump(-3 * HOUR, waits=False)
    between = send("Begun just before the clock went back")
    clock.wait()
    after = send("After")
    begun = (ahead, early, between, after)
    ended = [until(lambda one=one: states(one) == Counter(sent=PEOPLE), 60) for one in begun]
    checks.check("a clock that jumps: what is wanted at once is sent at once", all(ended), [states(one) for one in begun])
    clock.jump(3 * HOUR)
    time.sleep(1)
    checks.equal("a clock that jumps: once each", len(sink.letters) - before, len(begun) * PEOPLE)
    sink.delay = 0
    unknown = store.rows("SELECT count(*) FROM messages WHERE state = 'unknown'")[0][0]
    checks.equal("a clock that jumps: nothing is taken for lost", unknown, "0")
