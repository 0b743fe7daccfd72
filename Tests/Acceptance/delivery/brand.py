"""A brand that sends while its servers die: a journey that orders let people into, broadcasts, and a new version now and then."""

import random
import threading
import time

from shop import OPEN_POLICY, Shop

PEOPLE = 160
SCOPES = ["events:write", "profiles:read", "segments:read", "segments:write", "journeys:read", "journeys:write",
          "messages:read", "messages:write"]


class Brand:
    def __init__(self, servers, port, seed):
        self.servers = servers
        self.port = port
        self.seed = seed
        self.addresses = [f"p{number:03}@orders.example" for number in range(PEOPLE)]
        # Orders that were acknowledged, by id: whose they are.
        self.orders = {}
        self.broadcasts = []
        self.versions = 1
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.threads = []

    def shop(self):
        return random.choice(self.shops)

    def insist(self, method, path, body=None):
        while True:
            try:
                return self.shop().insist(method, path, body)
            except RuntimeError:
                if self.ending.is_set():
                    raise

    def set_up(self):
        first = Shop(self.servers[0], SCOPES)
        self.shops = [first]
        for server in self.servers[1:]:
            other = object.__new__(Shop)
            other.server, other.headers = server, first.headers
            self.shops.append(other)
        first.call("PUT", "/api/v1/message-policy", OPEN_POLICY)
        first.call("PUT", "/api/v1/email", {
            "host": "127.0.0.1", "port": self.port, "security": "none", "from_address": "shop@brand.example",
            "dkim_domain": "brand.example", "per_second": 0, "per_domain_minute": 0})
        self.people = first.people(self.addresses)
        block = [{"kind": "text", "text": "[Look](https://shop.example/{{ event.order_id }})"}]
        self.first = first.template("Ordered", "Thanks for {{ event.order_id }}", block)
        self.second = first.template("Shipped", "On its way: {{ event.order_id }}", block)
        self.news = first.template("News", "News", block)
        self.segment = first.segment("Everybody", list(self.people.values()))
        self.journey = first.call("POST", "/api/v1/journeys", self._draft())["id"]
        first.call("POST", f"/api/v1/journeys/{self.journey}/publications", {})

    def _draft(self):
        return {"name": "Orders", "description": f"version {self.versions}", "definition": {
            "version": 1, "entry": {"kind": "event", "event": {"names": ["Order Completed"]}},
            "reentry": {"kind": "per_key", "key": "order_id"},
            "steps": [
                {"id": "first", "kind": "message", "template": self.first},
                {"id": "wait", "kind": "wait_event", "amount": 2, "unit": "days",
                 "paths": [{"name": "shipped", "event": {"names": ["Order Shipped"]}, "steps": []}], "otherwise": []},
                {"id": f"mark{self.versions}", "kind": "trait", "trait": "name", "value": f"version {self.versions}"},
                {"id": "second", "kind": "message", "template": self.second},
            ]}}

    def republish(self):
        """Another version under load; who is on the way moves over."""
        self.versions += 1
        self.insist("PUT", f"/api/v1/journeys/{self.journey}", self._draft())
        self.insist("POST", f"/api/v1/journeys/{self.journey}/publications", {"people": "move"})

    def broadcast(self):
        """One to everybody, started for certain; a start that is asked for again changes nothing."""
        status, made = self.insist("POST", "/api/v1/broadcasts", {
            "name": f"News {len(self.broadcasts)}", "segment_id": self.segment, "template_id": self.news})
        if status == 201:
            self.insist("POST", f"/api/v1/broadcasts/{made['id']}/starts")
            self.broadcasts.append(made["id"])

    def begin(self):
        self.threads = [threading.Thread(target=self._order, args=(number,)) for number in range(3)]
        for thread in self.threads:
            thread.start()

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def _order(self, writer):
        draw = random.Random(self.seed + writer)
        number = 0
        while not self.ending.is_set():
            batch, orders = [], {}
            for _ in range(4):
                number += 1
                order, person = f"o-{writer}-{number}", draw.choice(self.addresses)
                orders[order] = person
                batch.append({"type": "track", "messageId": f"m-{order}", "userId": person, "event": "Order Completed",
                              "properties": {"order_id": order, "total": 10, "currency": "CNY"}})
            batch.append({"type": "track", "messageId": f"s-{writer}-{number}", "userId": draw.choice(self.addresses),
                          "event": "Order Shipped", "properties": {"order_id": "x"}})
            # Now and then a client that lost the answer sends the batch again.
            for _ in range(2 if draw.random() < 0.1 else 1):
                self._deliver(batch)
            with self.lock:
                self.orders.update(orders)
            time.sleep(0.12)

    def _deliver(self, batch):
        while self.insist("POST", "/api/v1/events", batch)[0] >= 300:
            time.sleep(0.1)

    def finish(self, store, seconds=240):
        """Lets everybody on who still waits; whether all came to an end."""
        deadline = time.monotonic() + seconds
        rounds = 0
        while time.monotonic() < deadline:
            entered = int(store.rows("SELECT count(*) FROM journey_runs")[0][0])
            waiting = int(store.rows("SELECT count(*) FROM journey_runs WHERE status <> 'ended'")[0][0])
            open_messages = int(store.rows(
                "SELECT count(*) FROM messages WHERE state IN ('planned', 'sending')")[0][0])
            planning = int(store.rows("SELECT count(*) FROM broadcasts WHERE status = 'planning'")[0][0])
            if entered >= len(self.orders) and not waiting and not open_messages and not planning:
                return True
            if waiting and entered >= len(self.orders) and rounds % 10 == 0:
                self._deliver([
                    {"type": "track", "messageId": f"last-{rounds}-{person}", "userId": person, "event": "Order Shipped",
                     "properties": {"order_id": "x"}} for person in self.addresses])
            rounds += 1
            time.sleep(0.5)
        print(f"     left: {entered} of {len(self.orders)} entered, {waiting} on the way, {open_messages} messages, "
              f"{planning} planning", flush=True)
        return False
