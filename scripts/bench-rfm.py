"""RFM quintiles and the eight classes of a base, from the analytics store, beside duckdb on the same rows.

Each measurement is a process of its own that does nothing else; the best of ROUNDS counts, for both alike.
Environment: PERENNIAL_BINARY; PEOPLE, ORDERS, ROUNDS, BENCH_FOLDER may change the size and the place; TAIL puts so
many orders on top of the merged ones, a tenth of them newer versions. `--json` prints one object.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

PEOPLE = int(os.environ.get("PEOPLE", 1_000_000))
ORDERS = int(os.environ.get("ORDERS", 10_000_000))
ROUNDS = int(os.environ.get("ROUNDS", 3))
TAIL = int(os.environ.get("TAIL", 0))
AS_OF_DAY = 20_100

DUCKDB_QUERY = f"""
CREATE OR REPLACE TEMP TABLE customers AS
    SELECT profile_id, {AS_OF_DAY} - max(datediff('day', DATE '1970-01-01', d)) AS r, count(*) AS f, sum(net)::BIGINT AS m
    FROM orders
    WHERE is_deleted = 0 AND status IN ('completed', 'partially_refunded')
        AND d <= DATE '1970-01-01' + {AS_OF_DAY}
    GROUP BY profile_id;
CREATE OR REPLACE TEMP TABLE cuts AS
    SELECT list_transform(quantile_cont(r, [0.2, 0.4, 0.6, 0.8]), lambda q: q + 1) AS r,
        list_transform(quantile_cont(f, [0.2, 0.4, 0.6, 0.8]), lambda q: q + 1) AS f,
        list_transform(quantile_cont(m, [0.2, 0.4, 0.6, 0.8]), lambda q: q + 100) AS m,
        avg(r) AS mean_r, avg(f) AS mean_f, avg(m) AS mean_m
    FROM customers;
CREATE OR REPLACE TEMP TABLE scored AS
    SELECT profile_id,
        5 - (c.r >= t.r[1])::INT - (c.r >= t.r[2])::INT - (c.r >= t.r[3])::INT - (c.r >= t.r[4])::INT AS rs,
        1 + (c.f >= t.f[1])::INT + (c.f >= t.f[2])::INT + (c.f >= t.f[3])::INT + (c.f >= t.f[4])::INT AS fs,
        1 + (c.m >= t.m[1])::INT + (c.m >= t.m[2])::INT + (c.m >= t.m[3])::INT + (c.m >= t.m[4])::INT AS ms,
        (c.r < mean_r)::INT * 4 + (c.f > mean_f)::INT * 2 + (c.m > mean_m)::INT AS class
    FROM customers c, cuts t;
"""


def heap(process):
    """A process's memory without pages of files, now, in bytes."""
    try:
        with open(f"/proc/{process}/status") as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon")), 0)
    except OSError:
        return 0


def measure_duckdb(database):
    """In a process of its own: CPU seconds of the query and the process's peak memory."""
    import duckdb

    connection = duckdb.connect(database, read_only=True)
    connection.execute("SELECT count(*) FROM orders").fetchall()
    before = resource.getrusage(resource.RUSAGE_SELF)
    connection.execute(DUCKDB_QUERY)
    after = resource.getrusage(resource.RUSAGE_SELF)
    classes = connection.execute("SELECT class, count(*) FROM scored GROUP BY class").fetchall()
    print(json.dumps({
        "cpuSeconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peakResidentBytes": after.ru_maxrss * 1024,
        "classes": {format(number, "03b"): count for number, count in classes},
    }))


def run(command):
    """A measurement with the highest heap that was seen from outside."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, heap(process.pid))
        time.sleep(0.003)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return {**json.loads(process.stdout.read()), "peakHeapBytes": peak}


def best(command):
    runs = [run(command) for _ in range(ROUNDS)]
    return {
        "cpu": min(one["cpuSeconds"] for one in runs),
        "memory": min(one["peakResidentBytes"] for one in runs) / 1e6,
        "heap": min(one["peakHeapBytes"] for one in runs) / 1e6,
        "classes": runs[0]["classes"],
    }


def main(folder, as_json):
    binary = os.environ["PERENNIAL_BINARY"]
    data, rows, database = folder / "data", folder / "orders.parquet", folder / "duckdb.db"
    subprocess.run(
        [binary, "bench", "rfm", "--data", data, "--make", "--people", str(PEOPLE), "--orders", str(ORDERS),
         "--tail", str(TAIL), "--export", rows], check=True, stdout=sys.stderr)
    subprocess.run(
        [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1]).execute("
         "\"CREATE TABLE orders AS SELECT * FROM read_parquet('\" + sys.argv[2] + \"')\")", database, rows], check=True)
    ours = best([binary, "bench", "rfm", "--data", data, "--json"])
    peer = best([sys.executable, __file__, "duckdb", database])
    if ours["classes"] != peer["classes"]:
        sys.exit(f"the two disagree: {ours['classes']} and {peer['classes']}")
    if as_json:
        print(json.dumps({"people": PEOPLE, "orders": ORDERS, "perennial": ours, "duckdb": peer}))
        return
    print(f"RFM quintiles and eight classes, {PEOPLE:,} people, {ORDERS:,} orders, {TAIL:,} on top (best of {ROUNDS})")
    print(f"{'':12}{'CPU s':>8}{'peak MB':>9}{'heap MB':>9}")
    for name, figures in (("perennial", ours), ("duckdb", peer)):
        print(f"{name:12}{figures['cpu']:8.2f}{figures['memory']:9.0f}{figures['heap']:9.0f}")
    print(f"{'ratio':12}" + "".join(
        f"{ours[name] / peer[name]:{width}.2f}" for name, width in (("cpu", 8), ("memory", 9), ("heap", 9))))


if __name__ == "__main__":
    if sys.argv[1:2] == ["duckdb"]:
        measure_duckdb(sys.argv[2])
    else:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
            main(pathlib.Path(folder), "--json" in sys.argv)
