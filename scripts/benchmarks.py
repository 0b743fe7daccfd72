"""Measures what docs/benchmarks.md reports, and prints the table. `make bench`; names as arguments choose some.

BENCH_SECONDS (60) of load, BENCH_RATE (20000) events a second, BENCH_ORDERS (1000000) rows to import; BENCH_WALKERS (50000)
people through a journey, BENCH_MEMBERS (1000000) of a what-if, BENCH_RECIPIENTS (1000000) of a broadcast, BENCH_LETTERS
(20000); RFM of PEOPLE (1000000) with ORDERS (10000000); pages and reports over BENCH_PEOPLE (1000000) and BENCH_EVENTS (20000000). BENCH_BASE keeps that
base in a folder and takes it up again, BENCH_FOLDER says where the rest goes.
"""

import datetime
import http.client
import json
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Tests/Acceptance"), str(ROOT / "Tests/Acceptance/faults")]

BASE = Path(tempfile.mkdtemp(prefix="perennial-bench-", dir=os.environ.get("BENCH_FOLDER")))
os.environ.setdefault("ACCEPTANCE_FOLDER", str(BASE))
os.environ.setdefault("ACCEPTANCE_PORT", "18900")

from acceptance import PORT, Server, request  # noqa: E402
import pages  # noqa: E402
from postgresql import PostgreSQL  # noqa: E402

SECONDS = os.environ.get("BENCH_SECONDS", "60")
RATE = os.environ.get("BENCH_RATE", "20000")
ORDERS = int(os.environ.get("BENCH_ORDERS", "1000000"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "20000000"))
ROWS = []


def report(job, goal, found):
    ROWS.append((job, goal, found))
    print(f"{job}: {found} (goal {goal})", flush=True)


def ingest(name, environment=None):
    server = Server(BASE / name.replace(" ", "-"), PORT, {"PERENNIAL_LOG_LEVEL": "warning", **(environment or {})})
    with server:
        text = server.command("bench", "ingest", "--rate", RATE, "--duration", SECONDS, "--json", check=False)
    found = json.loads(text)
    report(
        f"ingest, {name}",
        "≥ 20,000 events/s, p99 < 100 ms, lag < 5 s, RSS < 1 GiB",
        f"{found['events_per_second']:,.0f} events/s acknowledged, {found['sustained_per_second']:,.0f} through to "
        f"analytics, p50 {found['p50_ms']:.0f} ms, p99 {found['p99_ms']:.0f} ms, lag "
        f"{max(found['processing_lag_s'], found['archiving_lag_s']):.1f} s, {found['peak_rss_mb']:.0f} MiB, "
        f"server {found['server_cpu_s'] / found['seconds']:.2f} cores",
    )


def bench_sqlite():
    ingest("SQLite and chDB")


def bench_postgresql():
    with PostgreSQL(PORT + 5) as database:
        ingest("PostgreSQL and chDB", {"PERENNIAL_STORE_URL": database.url})


def orders_file(path):
    """Orders of a brand: each person with a rhythm, skewed amounts; deterministic."""
    draw = random.Random(7)
    people = ORDERS // 10
    start = datetime.date(2024, 1, 1)
    with open(path, "w") as file:
        file.write("order_id,customer,date,amount\n")
        for number in range(ORDERS):
            person = int(people * draw.random() ** 2)
            day = start + datetime.timedelta(days=draw.randrange(720))
            file.write(f"o{number},c{person},{day},{draw.lognormvariate(4.5, 0.8):.2f}\n")


def used(command, environment):
    """Runs a command; returns (seconds, CPU seconds, peak MB)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, cpu, after.ru_maxrss / 1024


PEER = """
import duckdb, sys
c = duckdb.connect()
c.execute("SET threads TO 2")
c.execute(f"CREATE TABLE o AS SELECT * FROM read_csv('{sys.argv[1]}')")
c.execute('''CREATE TABLE m AS SELECT customer, DATE '2026-01-01' - max(date) AS r, count(*) AS f, sum(amount) AS m
             FROM o GROUP BY customer''')
print(c.execute('''SELECT r < ar, f > af, m.m > am, count(*) FROM m, (SELECT avg(r) ar, avg(f) af, avg(m) am FROM m) a
                   GROUP BY ALL''').fetchall())
"""


def bench_import():
    path = BASE / "orders.csv"
    orders_file(path)
    server = Server(BASE / "import", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    seconds, _, _ = used(
        [os.environ["PERENNIAL_BINARY"], "import", "orders", str(path), "--yes",
         "--map", "order_id=order_id,customer=customer,time=date,amount=amount"],
        server.environment,
    )
    report("import of orders, processed", "≥ 50,000 rows/s", f"{ORDERS / seconds:,.0f} rows/s ({seconds:.1f} s)")
    command = [os.environ["PERENNIAL_BINARY"], "report", "rfm", "--as-of", "2026-01-01", "--format", "json"]
    seconds, cpu, peak = used(command, server.environment)
    _, peer_cpu, peer_peak = used([sys.executable, "-c", PEER, str(path)], dict(os.environ))
    report(
        f"RFM of {ORDERS:,} orders", "≤ duckdb's CPU time and memory",
        f"{cpu:.2f} CPU-s, {peak:.0f} MB; duckdb with reading the file {peer_cpu:.2f} CPU-s, {peer_peak:.0f} MB; "
        f"ratio {cpu / peer_cpu:.2f}",
    )
    bench_start(server)


def bench_start(server=None):
    server = server or Server(BASE / "start", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    if not server.data.exists():
        server.start().stop()
    times = []
    for _ in range(3):
        begun = time.monotonic()
        server.start(wait=False)
        while True:
            try:
                if request("GET", server.url + "/sign-in", timeout=5)[0] == 200:
                    break
            except OSError:
                time.sleep(0.005)
        times.append(time.monotonic() - begun)
        server.wait_ready()
        server.stop()
    report("start-up to first page, existing store", "< 1 s", f"{min(times):.2f}–{max(times):.2f} s")


def bench_rfm():
    """Quintiles and classes of everybody, beside duckdb: with all orders merged, and with a day's orders on top."""
    for tail in (0, 10_000):
        found = json.loads(subprocess.run(
            [sys.executable, ROOT / "scripts/bench-rfm.py", "--json"], check=True, stdout=subprocess.PIPE,
            env={**os.environ, "TAIL": str(tail), "BENCH_FOLDER": str(BASE)}).stdout)
        ours, peer = found["perennial"], found["duckdb"]
        report(
            f"RFM of {found['people']:,} people, {found['orders']:,} orders"
            + (f" and {tail:,} since the parts were merged" if tail else ""),
            "≤ duckdb's CPU time and memory",
            f"{ours['cpu']:.2f} CPU-s, {ours['memory']:.0f} MB (heap {ours['heap']:.0f}); duckdb {peer['cpu']:.2f} "
            f"CPU-s, {peer['memory']:.0f} MB (heap {peer['heap']:.0f}); ratios {ours['cpu'] / peer['cpu']:.2f} and "
            f"{ours['memory'] / peer['memory']:.2f} (heap {ours['heap'] / peer['heap']:.2f})",
        )


def bench_insight():
    """Reports of a large base beside duckdb on the same rows."""
    server = large_base("pages")
    found = json.loads(subprocess.run(
        [sys.executable, ROOT / "scripts/bench-insight.py", "--json"], check=True, stdout=subprocess.PIPE,
        env={**os.environ, "DATA": str(server.data), "BENCH_FOLDER": str(BASE)}).stdout)
    for name, figures in found.items():
        ours, peer = figures["perennial"], figures["duckdb"]
        report(
            f"{name}, {PEOPLE:,} people, {EVENTS:,} events", "≤ duckdb on the same rows",
            f"{ours['cpu']:.2f} CPU-s, {ours['seconds']:.2f} s; duckdb {peer['cpu']:.2f} CPU-s, {peer['seconds']:.2f} s; "
            f"ratio {ours['cpu'] / peer['cpu']:.2f}")
    for arguments in (["--queries"], ["--sweep", "--definitions", "200"]):
        report("segments " + " ".join(arguments), "", server.command("bench", "segments", *arguments).strip())


def bench_entered():
    """From an event's own time until its person is in a segment, at a steady rate of events by people who are new."""
    server = Server(BASE / "entered", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    with server:
        made = server.command("keys", "api", "Bench", "--scope", "segments:write", "--scope", "segments:read")
        secret = re.search(r"pk_[A-Za-z0-9_-]{20,}", made)[0]
        # A definition may only ask for events that were seen.
        server.command("bench", "ingest", "--rate", "500", "--duration", "2", "--people", "100")
        names = ["Product Viewed", "Product Added", "Cart Viewed", "Products Searched", "Product Clicked"]
        status, _, body = request(
            "POST", server.url + "/api/v1/segments", headers={"Authorization": "Bearer " + secret},
            body={"name": "Active", "kind": "dynamic", "criteria": {"where": {
                "kind": "did", "event": {"names": names}, "compare": {"is": "at_least", "value": 1},
                "within": {"last_days": 30}}}})
        if status != 201:
            sys.exit(f"the segment was refused: {body}")
        time.sleep(15)
        begun = int(time.time() * 1000)
        server.command(
            "bench", "ingest", "--rate", os.environ.get("BENCH_RATE", "5000"), "--duration", SECONDS,
            "--people", "10000000")
        with sqlite3.connect(f"file:{server.data}/perennial.sqlite?mode=ro", uri=True) as store:
            waits = sorted(row[0] for row in store.execute(
                "SELECT m.entered_ms - p.first_seen_ms FROM segment_members m JOIN profiles p ON p.id = m.profile_id "
                "WHERE p.first_seen_ms > ?", [begun]))
    report(
        "in a segment after the event that put one there", "p95 < 1 s at 5,000 events/s",
        f"p50 {waits[len(waits) // 2]:,} ms, p95 {waits[len(waits) * 95 // 100]:,} ms, longest {waits[-1]:,} ms, "
        f"{len(waits):,} people")


def large_base(name, environment=None):
    """A stopped server on a large base, made if it is not there."""
    kept = os.environ.get("BENCH_BASE")
    server = Server(
        Path(kept) / name if kept else BASE / name, PORT, {"PERENNIAL_LOG_LEVEL": "warning", **(environment or {})})
    if not server.data.exists():
        begun = time.monotonic()
        server.command("bench", "base", "--people", str(PEOPLE), "--events", str(EVENTS))
        print(f"made {PEOPLE:,} people and {EVENTS:,} events in {time.monotonic() - begun:.0f} s", flush=True)
    return server


def bench_pages(name="pages", environment=None):
    server = large_base(name, environment)
    bench_start(server)
    with server:
        link = server.command("users", "link", "admin@localhost").strip().splitlines()[-1]
        rows = pages.measure(PORT, server.process.pid, link, PEOPLE)
    for address, count, p50, p95, longest, cpu in rows:
        report(
            f"{address} ({count})", "p95 < 100 ms",
            f"p50 {p50:.1f}, p95 {p95:.1f}, longest {longest:.1f} ms; {cpu:.1f} ms of processor time each")


def bench_pages_postgresql():
    with PostgreSQL(PORT + 5) as database:
        bench_pages("pages-postgresql", {"PERENNIAL_STORE_URL": database.url})


def peak_memory(process):
    """MiB that a process held at the most."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024


def bench_whatif():
    """A draft replayed over everybody's orders of two years, with tiers, beside the version in force."""
    members, orders_times = int(os.environ.get("BENCH_MEMBERS", "1000000")), 8
    server = Server(BASE / "whatif", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    # Six in ten people of a base can be members.
    server.command(
        "bench", "base", "--people", str(members * 169 // 100), "--events", "1000000", "--orders-times", str(orders_times))
    rules = [
        {"id": "base", "name": "Points", "kind": "order_amount", "points": 1, "per": 1, "rounding": "down",
         "pending": {"days": 7}},
        {"id": "first", "name": "First order", "kind": "order_fixed", "points": 100,
         "when": [{"kind": "first_purchase"}], "caps": [{"per": "member", "times": 1}]},
        {"id": "gold", "name": "Gold", "kind": "multiplier", "times": 1.5, "rules": ["base"],
         "when": [{"kind": "tier", "values": ["gold"]}]}]
    tiers = {
        "period": {"kind": "rolling", "months": 12},
        "tiers": [{"code": "member", "names": {"en": "Member"}}] + [
            {"code": code, "names": {"en": code.title()},
             "rule": {"combine": "all", "indicators": [{"kind": "spend", "at_least": least}]}}
            for code, least in (("silver", 100_000), ("gold", 500_000))]}
    with server:
        made = server.command("keys", "api", "Bench", "--scope", "loyalty:read", "--scope", "loyalty:write")
        headers = {"Authorization": "Bearer " + re.search(r"pk_[A-Za-z0-9_-]{20,}", made)[0]}

        def call(method, path, body=None):
            status, _, answer = request(method, server.url + path, headers=headers, body=body)
            if status >= 300:
                sys.exit(f"{path} was refused: {answer}")
            return json.loads(answer)

        call("POST", "/api/v1/points/currencies", {"code": "points", "expiry": {"kind": "rolling", "months": 12}})
        draft = call("POST", "/api/v1/program/versions", {
            "title": "Bench", "document": {"version": 1, "enrolment": {"when": "identified", "backdated_days": 720},
                                           "rules": rules, "tiers": tiers}})["id"]
        begun = time.monotonic()
        trial = call("POST", f"/api/v1/program/versions/{draft}/trials", {"from": str(
            datetime.date.today() - datetime.timedelta(days=700))})["id"]
        while (found := call("GET", f"/api/v1/program/trials/{trial}"))["status"] == "running":
            time.sleep(1)
        seconds, memory = time.monotonic() - begun, peak_memory(server.process.pid)
    if found["status"] != "done":
        sys.exit(f"the trial ended as {found['status']}")
    result = found["result"]
    report(
        f"what-if over {result['replayed']:,} members and {result['orders']:,} orders", "1 M and 10 M in < 5 min, < 2 GiB",
        f"{seconds:.0f} s, {memory:,.0f} MiB of the whole server; {result['after']['points']['issued']:,} points issued")


def bench_points():
    """Redemptions of 16 clients beside the bare store writing the same rows, and awards in batches; on both stores."""
    def measure(name, goal, *options):
        found = json.loads(subprocess.run(
            [os.environ["PERENNIAL_BINARY"], "bench", "points", "--json", *options], check=True,
            stdout=subprocess.PIPE).stdout)
        report(
            f"one redemption, durable, 16 clients, {name}", "≥ 0.7 × the bare store doing the same rows",
            f"{found['redemptions_per_second']:,}/s, the bare store {found['bare_per_second']:,}/s, "
            f"ratio {found['ratio']:.2f}; committed together as ours are {found['bare_together_per_second']:,}/s")
        report(f"awards in batches of 1,000, {name}", goal, f"{found['award_entries_per_second']:,} entries/s")

    measure("SQLite", "≥ 50,000 entries/s")
    with PostgreSQL(PORT + 5) as database:
        measure("PostgreSQL", "≥ 30,000 entries/s", "--store", database.url)


def bench_coupons():
    server = Server(BASE / "coupons", PORT, {})
    found = json.loads(server.command("bench", "coupons", "--json"))
    report(
        f"{found['codes']:,} unique codes through the job, SQLite", "< 20 s", f"{found['codesSeconds']:.1f} s")
    report(
        f"a cart of 10 lines against {found['held']} live coupons, store included, without HTTP", "p95 < 20 ms",
        f"median {found['millisecondsMedian']:.1f} ms, p95 {found['milliseconds95']:.1f} ms; {found['applied']} apply on "
        f"average, {found['proved']} of {found['carts']} combinations proved best")


def bench_till():
    """A till's quotes of a person with many coupons under many rules: the whole request over HTTP, one after the other."""
    server = Server(BASE / "till", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    found = json.loads(server.command("bench", "till", "--json"))
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Authorization": "Bearer " + found["secret"], "Content-Type": "application/json"}

    def ask(path, question):
        begun = time.perf_counter()
        connection.request("POST", path, body=json.dumps(question), headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {text[:300]}")
        return 1000 * (time.perf_counter() - begun)

    questions = [json.loads(text) for text in found["questions"]]
    job = f"a cart of 10 lines against {found['held']} live coupons and {found['rules']} rules"
    with server:
        for name, path, bodies in [
            ("a till's quote", "/api/v1/till/quotes", questions),
            ("coupons alone", "/api/v1/coupons/validations",
             [{"cart": question["cart"], "profile_id": found["profile"]} for question in questions]),
        ]:
            for body in bodies[:20]:
                ask(path, body)
            times = sorted(ask(path, body) for body in bodies)
            report(
                f"{job}, {name}, the whole request", "p95 < 20 ms",
                f"median {times[len(times) // 2]:.1f} ms, p95 {times[len(times) * 95 // 100]:.1f} ms")
    kept, read = found["kept"], found["readEachTime"]
    report(
        f"{job}, a till's quote without HTTP", "p95 < 20 ms",
        f"median {kept['millisecondsMedian']:.1f} ms, p95 {kept['milliseconds95']:.1f} ms; with the program read each time "
        f"{read['millisecondsMedian']:.1f} and {read['milliseconds95']:.1f} ms")
def bench_journeys():
    """People through a journey of six nodes and two waits; a step is one of them taken on, from wait to wait."""
    def measure(name, goal, *options):
        found = json.loads(subprocess.run(
            [os.environ["PERENNIAL_BINARY"], "bench", "journeys", "--people", os.environ.get("BENCH_WALKERS", "50000"),
             "--json", *options], check=True, stdout=subprocess.PIPE).stdout)
        report(
            f"journey steps, durable, exactly once, {name}", goal,
            f"{found['steps_per_second']:,} steps/s ({found['message_steps_per_second']:,} that plan a message, "
            f"{found['last_steps_per_second']:,} that end the way), {found['nodes_per_second']:,} nodes/s with coming in, "
            f"{found['entered_per_second']:,} people/s come in and take their first step; "
            f"{'every count is right' if found['whole'] else 'COUNTS ARE WRONG'}")

    measure("SQLite", "≥ 5,000/s")
    with PostgreSQL(PORT + 5) as database:
        measure("PostgreSQL", "≥ 3,000/s", "--store", database.url)


def bench_broadcast():
    """Planned, and held against the policy, person by person."""
    def measure(name, *options):
        found = json.loads(subprocess.run(
            [os.environ["PERENNIAL_BINARY"], "bench", "broadcast", "--people",
             os.environ.get("BENCH_RECIPIENTS", "1000000"), "--json", *options], check=True, stdout=subprocess.PIPE).stdout)
        report(
            f"broadcast to {found['people']:,} people, planned and policy-checked, {name}", "1 M in < 60 s, < 500 MiB",
            f"{found['seconds']:.1f} s, {found['people'] / found['seconds']:,.0f} people/s, {found['suppressed']:,} left out; "
            f"at most {found['peak_mib']:,} MiB, with what made the people")

    measure("SQLite")
    with PostgreSQL(PORT + 5) as database:
        measure("PostgreSQL", "--store", database.url)


def bench_mail():
    """Letters into Postfix's smtp-sink, beside libcurl alone with the same letters in the same run."""
    port = PORT + 7
    sink = subprocess.Popen(["/usr/sbin/smtp-sink", *(["-u", "postfix"] if os.getuid() == 0 else []), f"127.0.0.1:{port}", "1000"])
    try:
        time.sleep(1)
        for connections in ("1", "4"):
            command = [os.environ["PERENNIAL_BINARY"], "bench", "mail", "--port", str(port), "--json", "--letters",
                       os.environ.get("BENCH_LETTERS", "20000"), "--connections", connections]
            found = json.loads(subprocess.run(
                command + (["--dispatch"] if connections == "4" else []), check=True, stdout=subprocess.PIPE).stdout)
            report(
                f"letters of {found['bytes']:,} bytes rendered, signed and handed over, {connections} connections",
                "≥ 0.7 × libcurl alone with the same letters",
                f"{found['per_second']:,}/s, libcurl alone {found['bare_per_second']:,}/s, ratio {found['ratio']:.2f}; "
                f"with nothing but the two signatures {found['signed_bare_per_second']:,}/s, "
                f"ratio {found['signed_ratio']:.2f}")
            if "durable_per_second" in found:
                report("the same through the store (SQLite): claimed, allowed, written down before and after", "",
                       f"{found['durable_per_second']:,}/s")
    finally:
        sink.terminate()
        sink.wait()


class Queue(threading.Thread):
    """Looks every 50 ms which messages are there to be sent, and how long ago their events were."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.waits = []
        self.ending = threading.Event()

    def run(self):
        with sqlite3.connect(self.address, uri=True) as store:
            last = store.execute("SELECT coalesce(max(rowid), 0) FROM messages").fetchone()[0]
            while not self.ending.wait(0.05):
                rows = store.execute(
                    "SELECT m.rowid, p.first_seen_ms FROM messages m JOIN profiles p ON p.id = m.profile_id "
                    "WHERE m.rowid > ? ORDER BY m.rowid", [last]).fetchall()
                now = time.time() * 1000
                self.waits += [now - row[1] for row in rows]
                last = rows[-1][0] if rows else last

    def end(self):
        self.ending.set()
        self.join()
        return sorted(self.waits)


def bench_queued():
    """From an event's own time until the message that it causes is planned, at a steady rate of events by new people."""
    rate = os.environ.get("BENCH_RATE", "2000")
    server = Server(BASE / "queued", PORT, {"PERENNIAL_LOG_LEVEL": "warning"})
    with server:
        scopes = ["messages:read", "messages:write", "journeys:read", "journeys:write"]
        made = server.command("keys", "api", "Bench", *(word for scope in scopes for word in ("--scope", scope)))
        secret = re.search(r"pk_[A-Za-z0-9_-]{20,}", made)[0]

        def call(method, path, body):
            status, _, answer = request(method, server.url + path, headers={"Authorization": "Bearer " + secret}, body=body)
            if status >= 300:
                sys.exit(f"{path} was refused: {answer}")
            return json.loads(answer)

        template = call("POST", "/api/v1/templates", {
            "name": "Seen", "channel": "email", "content": {"variants": [{"subject": "Seen", "blocks": [
                {"kind": "text", "text": "{{ event.name }}"}, {"kind": "footer", "text": "x"}]}]}})["id"]
        call("POST", f"/api/v1/templates/{template}/versions", {})
        journey = call("POST", "/api/v1/journeys", {"name": "Seen", "definition": {
            "version": 1, "entry": {"kind": "event", "event": {"names": [
                "Product Viewed", "Product Added", "Cart Viewed", "Products Searched", "Product Clicked"]}},
            "reentry": {"kind": "never"}, "steps": [{"id": "say", "kind": "message", "template": template}]}})["id"]
        call("POST", f"/api/v1/journeys/{journey}/publications", {})
        server.command("bench", "ingest", "--rate", rate, "--duration", "3", "--people", "10000000")
        watch = Queue(f"file:{server.data}/perennial.sqlite?mode=ro")
        watch.start()
        server.command("bench", "ingest", "--rate", rate, "--duration", SECONDS, "--people", "10000000")
        time.sleep(5)
        waits = watch.end()
    report(
        f"event to message queued, at {int(rate):,} events/s, nearly each by somebody new", "p95 < 1 s",
        f"p50 {waits[len(waits) // 2]:,.0f} ms, p95 {waits[len(waits) * 95 // 100]:,.0f} ms, longest {waits[-1]:,.0f} ms, "
        f"{len(waits):,} messages, looked at every 50 ms")


JOBS = {
    "journeys": bench_journeys, "queued": bench_queued, "broadcast": bench_broadcast, "mail": bench_mail,
    "sqlite": bench_sqlite, "postgresql": bench_postgresql, "import": bench_import, "start": bench_start,
    "rfm": bench_rfm, "insight": bench_insight, "entered": bench_entered, "points": bench_points, "whatif": bench_whatif,
    "coupons": bench_coupons, "till": bench_till, "pages": bench_pages, "pages-postgresql": bench_pages_postgresql,
}


def main():
    chosen = sys.argv[1:] or [
        "sqlite", "postgresql", "import", "rfm", "insight", "entered", "points", "whatif", "coupons", "till", "pages",
        "journeys", "queued", "broadcast", "mail"]
    try:
        for name in chosen:
            JOBS[name]()
    finally:
        shutil.rmtree(BASE, ignore_errors=True)
    print("\n| job | goal | found |\n| --- | --- | --- |")
    for row in ROWS:
        print("| " + " | ".join(row) + " |")


main()
