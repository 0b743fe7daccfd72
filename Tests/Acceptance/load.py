"""Writers that send batches until each is acknowledged, as SDKs do, and remember what that was."""

import json
import random
import threading
import time

from acceptance import request

WRITERS = 4
BATCH = 30
PEOPLE = 200


class Load:
    def __init__(self, urls, key, seed):
        self.urls = urls
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.seed = seed
        self.acknowledged = 0
        self.refused = 0
        self.retries = 0
        self.messages = set()
        self.visits = {}
        self.orders = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads = []

    def begin(self):
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def end(self):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer):
        draw = random.Random(self.seed + writer)
        number = 0
        while not self._ending.is_set():
            events, visits, orders = self._batch(draw, writer, number)
            number += 1
            body = json.dumps(events).encode()
            if not self._deliver(body, draw):
                continue
            # Now and then a client that lost the answer sends the batch again.
            if draw.random() < 0.1:
                self._deliver(body, draw)
            with self._lock:
                self.acknowledged += len(events)
                self.messages.update(event["messageId"] for event in events)
                for person in visits:
                    self.visits[person] = self.visits.get(person, 0) + 1
                self.orders.update(orders)

    def _batch(self, draw, writer, number):
        events, visits, orders = [], [], {}
        for index in range(BATCH):
            person = f"person-{draw.randrange(PEOPLE)}"
            message = f"{self.seed}-{writer}-{number}-{index}"
            event = {"messageId": message, "userId": person}
            if index % 3 == 0:
                event |= {"type": "identify", "traits": {"visits": 1}, "traitOperation": "increment"}
                visits.append(person)
            elif index % 3 == 1:
                cents = draw.randrange(100, 100_000)
                orders[f"order-{message}"] = (person, cents)
                properties = {"order_id": f"order-{message}", "total": cents / 100, "currency": "CNY"}
                event |= {"type": "track", "event": "Order Completed", "properties": properties}
            else:
                event |= {"type": "track", "event": "Product Viewed", "properties": {"product_id": f"SKU-{index}"}}
            events.append(event)
        return events, visits, orders

    def _deliver(self, body, draw):
        """Until acknowledged: a connection that breaks, or 503, says nothing about whether it was stored."""
        first = True
        while True:
            if not first:
                with self._lock:
                    self.retries += 1
                time.sleep(0.05)
            first = False
            try:
                status = request("POST", draw.choice(self.urls) + "/api/v1/events", body, self.headers, timeout=20)[0]
            except OSError:
                continue
            except Exception as error:  # an answer cut off in the middle
                if type(error).__module__ == "http.client":
                    continue
                raise
            if status < 300:
                return True
            if status not in (429, 502, 503):
                with self._lock:
                    self.refused += 1
                return False
