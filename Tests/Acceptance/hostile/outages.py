"""Stores that go away under load: clear answers, nothing acknowledged lost, and all is well when they are back."""

import json
import os
import shutil
import subprocess
import threading
import time

from acceptance import Server, request
from clickhouse import Cluster, Embedded
from load import Load
from postgresql import PostgreSQL
from reconcile import SQLiteReader, reconcile

EVENT = {"type": "track", "userId": "probe", "event": "Probe"}


def probe(server, key):
    """One event: status, code, whether there is a message, seconds."""
    start = time.monotonic()
    status, _, body = request("POST", server.url + "/v1/track", EVENT, {"Authorization": f"Bearer {key}"}, timeout=60)
    answer = json.loads(body)
    return status, answer.get("code"), bool(answer.get("message")), time.monotonic() - start


def recovers(ask, seconds=60):
    """Whether `ask` comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ask():
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def postgresql(checks, folder, port, database_port):
    name = "PostgreSQL stopped"
    with PostgreSQL(database_port) as database:
        with Server(folder / "postgresql/data", port, {"PERENNIAL_STORE_URL": database.url}) as server:
            key = server.command("keys", "source", "Faults", "--kind", "server").split()[-1]
            load = Load([server.url], key, 7)
            load.begin()
            try:
                time.sleep(2)
                database.down()
                status, code, told, seconds = probe(server, key)
                checks.equal(f"{name}: a collector says so", (status, code, told), (503, "unavailable", True))
                checks.check(f"{name}: and says it soon", seconds < 20, f"{seconds:.1f} s")
                checks.equal(f"{name}: the process lives", request("GET", server.url + "/healthz")[0], 200)
                checks.equal(f"{name}: but is not ready", request("GET", server.url + "/readyz", timeout=60)[0], 503)
                page = request("GET", server.url + "/sign-in", timeout=60)
                checks.check(f"{name}: a page says so too", page[0] == 503 and b"<html" in page[2], f"{page[0]} {page[2][:200]}")
                database.up()
                checks.check(f"{name}: started again, it is ready", recovers(lambda: request("GET", server.url + "/readyz")[0] == 200))
                time.sleep(2)
            finally:
                load.end()
            checks.check(f"{name}: load got through", load.acknowledged > 0 and load.refused == 0, f"refused {load.refused}")
            checks.check(f"{name}: everything was processed and archived", server.until_still(), server.tail())
        reconcile(checks, name, load, database, Embedded(server.data / "analytics"))


def cluster(checks, folder, port, cluster_port):
    name = "ClickHouse stopped"
    with Cluster(folder / "clickhouse", cluster_port) as nodes:
        data = folder / "cluster/data"
        shutil.rmtree(data.parent, ignore_errors=True)
        with Server(data, port, {"PERENNIAL_ANALYTICS_URL": nodes.url()}) as server:
            key = server.command("keys", "source", "Faults", "--kind", "server").split()[-1]
            reader = server.command("keys", "api", "Reader", "--scope", "insights:read", "--scope", "profiles:read").split()[-1]
            bearer = {"Authorization": f"Bearer {reader}"}
            load = Load([server.url], key, 11)
            load.begin()
            try:
                time.sleep(2)
                nodes.stop()
                at = load.acknowledged
                time.sleep(2)
                checks.check(f"{name}: collection goes on", load.acknowledged > at, f"{at}, {load.acknowledged}")
                status, headers, body = request("GET", server.url + "/api/v1/overview", headers=bearer, timeout=90)
                told = json.loads(body)
                checks.equal(f"{name}: a report says so", (status, told["code"], bool(told["detail"])), (503, "unavailable", True))
                people = request("GET", server.url + "/api/v1/profiles", headers=bearer)
                checks.check(f"{name}: people are still served", people[0] == 200 and json.loads(people[2])["items"])
            finally:
                load.end()
            nodes.start()
            checks.check(f"{name}: started again, a report is answered", recovers(
                lambda: request("GET", server.url + "/api/v1/overview", headers=bearer, timeout=90)[0] == 200))
            checks.check(f"{name}: everything was processed and archived", server.until_still(), server.tail())
        checks.check(f"{name}: the replicas are at rest", nodes.settled())
        reconcile(checks, name, load, SQLiteReader(data / "perennial.sqlite"), nodes)


class SmallDisk:
    """A disk of its own of a few megabytes."""

    def __init__(self, folder, megabytes):
        self.folder = folder
        self.size = f"size={megabytes}m"
        self.root = [] if os.getuid() == 0 else ["sudo", "-n"]

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([*self.root, "mount", "-t", "tmpfs", "-o", f"{self.size},mode=0777", "perennial", str(self.folder)], capture_output=True, text=True)
        self.reason = done.stderr.strip()
        self.mounted = done.returncode == 0
        return self

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run([*self.root, "umount", "--lazy", str(self.folder)], check=True)

    def fill(self):
        """Leaves no room at all."""
        for number, size in enumerate((1 << 20, 4096)):
            with open(self.folder / f"filler-{number}", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def free(self):
        for file in self.folder.glob("filler-*"):
            file.unlink()


class Senders:
    """Threads that send events and note every answer."""

    def __init__(self, server, key):
        self.server, self.key = server, key
        self.answers = []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(number,)) for number in range(3)]

    def _send(self, sender):
        number = 0
        while not self.ending.is_set():
            ids = [f"{sender}-{number}-{index}" for index in range(20)]
            number += 1
            # Texts that do not shrink: the disk is to be full soon.
            batch = [EVENT | {"messageId": one, "userId": f"u-{one}", "properties": {"text": os.urandom(300).hex()}} for one in ids]
            status, _, body = request("POST", self.server.url + "/v1/batch", {"batch": batch}, {"Authorization": f"Bearer {self.key}"}, timeout=60)
            self.answers.append((status, body, ids))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def refusals(self):
        return [(status, json.loads(body)) for status, body, _ in self.answers if status != 200]

    def acknowledged(self):
        return [one for status, _, ids in self.answers if status == 200 for one in ids]


def disk(checks, folder, port):
    name = "a full disk"
    with SmallDisk(folder / "disk", 160) as small:
        if not small.mounted:
            print(f"skip {name}: no small disk can be mounted here ({small.reason})", flush=True)
            return
        with Server(small.folder / "data", port) as server:
            key = server.command("keys", "source", "Faults", "--kind", "server").split()[-1]
            reader = server.command("keys", "api", "Reader", "--scope", "profiles:read").split()[-1]
            with Senders(server, key) as senders:
                time.sleep(2)
                small.fill()
                checks.check(f"{name}: events are refused", recovers(lambda: len(senders.refusals()) > 20, 90), len(senders.answers))
                bearer = {"Authorization": f"Bearer {reader}"}
                checks.equal(f"{name}: people are still served", request("GET", server.url + "/api/v1/profiles", headers=bearer)[0], 200)
                unclear = [one for one in senders.refusals() if not (500 <= one[0] < 600 and one[1].get("code") and one[1].get("message"))]
                checks.check(f"{name}: every refusal has code and message", not unclear, unclear[:3])
                codes = {(status, answer.get("code")) for status, answer in senders.refusals()}
                checks.check(f"{name}: and names the disk", (507, "store_full") in codes, codes)
                small.free()
                before = len(senders.acknowledged())
                checks.check(f"{name}: with room again, events are taken", recovers(lambda: len(senders.acknowledged()) > before + 100))
            checks.check(f"{name}: everything was processed and archived", server.until_still(), server.tail())
            acknowledged = senders.acknowledged()
        outcomes = SQLiteReader(small.folder / "data/perennial.sqlite").rows("SELECT message_id FROM event_receipts")
        lost = set(acknowledged) - {one for (one,) in outcomes}
        checks.check(f"{name}: nothing acknowledged is lost", not lost, f"{len(lost)} of {len(acknowledged)}")
        found, damaged = Embedded(small.folder / "data/analytics").answers([
            "SELECT message_id, count() FROM perennial.events WHERE source_id > 0 GROUP BY 1",
            "SELECT table, name, reason FROM system.detached_parts WHERE database = 'perennial'",
        ])
        checks.check(f"{name}: no part of analytics is damaged", not damaged, damaged)
        counts = {row[0]: row[1] for row in found}
        wrong = [one for one in acknowledged if counts.get(one) != "1"]
        checks.check(f"{name}: and is in analytics once", not wrong,
            f"{len(wrong)} of {len(acknowledged)}, {sum(one in counts for one in wrong)} of them more than once")
