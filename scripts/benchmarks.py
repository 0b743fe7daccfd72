"""Measures what docs/benchmarks.md reports, and prints the table. `make bench`; names as arguments choose some.

BENCH_SECONDS (60) of load, BENCH_RATE (20000) events a second, BENCH_ORDERS (1000000) rows to import; RFM of PEOPLE
(1000000) with ORDERS (10000000); pages and reports over BENCH_PEOPLE (1000000) and BENCH_EVENTS (20000000). BENCH_BASE keeps that
base in a folder and takes it up again, BENCH_FOLDER says where the rest goes.
"""

import datetime
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


def bench_points():
    """Redemptions of 16 clients beside the bare store writing the same rows, and awards in batches; on both stores."""
    def measure(name, goal, *options):
        found = json.loads(subprocess.run(
            [os.environ["PERENNIAL_BINARY"], "bench", "points", "--json", *options], check=True,
            stdout=subprocess.PIPE).stdout)
        report(
            f"one redemption, durable, 16 clients, {name}", "≥ 0.7 × the bare store doing the same rows",
            f"{found['redemptions_per_second']:,}/s, the bare store {found['bare_per_second']:,}/s, "
            f"ratio {found['ratio']:.2f}")
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


JOBS = {
    "sqlite": bench_sqlite, "postgresql": bench_postgresql, "import": bench_import, "start": bench_start,
    "rfm": bench_rfm, "insight": bench_insight, "entered": bench_entered, "points": bench_points,
    "coupons": bench_coupons, "pages": bench_pages, "pages-postgresql": bench_pages_postgresql,
}


def main():
    chosen = sys.argv[1:] or [
        "sqlite", "postgresql", "import", "rfm", "insight", "entered", "points", "coupons", "pages"]
    try:
        for name in chosen:
            JOBS[name]()
    finally:
        shutil.rmtree(BASE, ignore_errors=True)
    print("\n| job | goal | found |\n| --- | --- | --- |")
    for row in ROWS:
        print("| " + " | ".join(row) + " |")


main()
