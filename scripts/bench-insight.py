"""Reports over a large base beside duckdb on the same rows: visits by day, a funnel, retention, paths.

Each measurement is a process of its own that answers one question; of ROUNDS the best counts, for both alike, and the
two answers must agree. What a process takes to open the base and be asked about days without events is measured beside
it and taken off, of both alike. Environment: PERENNIAL_BINARY; DATA, the data folder of a base
(`perennial bench base`); BENCH_FOLDER for what is made. `--json` prints one object; names as arguments choose some.
"""

import datetime
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("ROUNDS", 3))
DAYS, FUNNEL_DAYS, WINDOW, WEEKS, DEPTH = 90, 30, 7, 8, 4
# The last day of a question to which there is nothing to answer.
NO_EVENTS = "2020-12-31"
STEPS = ["Product Viewed", "Product Added", "Cart Viewed", "Order Completed"]

QUESTIONS = {
    "visits by day, 90 days": ("traffic", "trend", ["--days", str(DAYS)]),
    "funnel of 4 steps, 30 days": ("funnel", "steps", [
        "--days", str(FUNNEL_DAYS), "--set", f"window={WINDOW}", *[x for s in STEPS for x in ("--set", f"steps={s}")]]),
    "retention over 8 weeks": ("retention", "matrix", [
        "--days", str(7 * WEEKS), "--set", f"periods={WEEKS}", "--set", "cohort=event",
        "--set", "start=Product Viewed", "--set", "return=Order Completed"]),
    "top paths, 30 days": ("paths", "sequences", ["--days", str(FUNNEL_DAYS), "--set", f"depth={DEPTH}"]),
}

# Events of people, each of the person that it belongs to now.
ACTS = """SELECT coalesce(a.winner_id, e.profile_id) AS pid, e.name, e.ts_ms AS t, e.position AS place, e.d
    FROM events e LEFT JOIN aliases a USING (profile_id)
    WHERE e.kind IN ('track', 'page', 'screen') AND e.profile_id <> 0"""


def visits(connection, first, last):
    views = connection.execute(f"""
        SELECT d::VARCHAR, count(*), count(DISTINCT pid) FROM ({ACTS} AND name IN ('Page Viewed', 'Screen Viewed')
            AND d BETWEEN '{first}' AND '{last}') GROUP BY d""").fetchall()
    begun = dict(connection.execute(f"""
        WITH items AS (
            SELECT pid, t, place, name IN ('Page Viewed', 'Screen Viewed') AS is_view FROM ({ACTS}
                AND d BETWEEN DATE '{first}' - 1 AND DATE '{last}' + 1)
            UNION ALL SELECT profile_id, t, place, false FROM orders
                WHERE d BETWEEN DATE '{first}' - 1 AND DATE '{last}' + 1),
        breaks AS (
            SELECT *, coalesce(t - lag(t) OVER (PARTITION BY pid ORDER BY t, place) > 1800000, true)::INT AS is_break
            FROM items),
        numbered AS (
            SELECT pid, t, is_view, sum(is_break) OVER (PARTITION BY pid ORDER BY t, place) AS number FROM breaks),
        visits AS (SELECT min(t) AS begun FROM numbered GROUP BY pid, number HAVING bool_or(is_view))
        SELECT (epoch_ms(begun + 28800000)::DATE)::VARCHAR AS day, count(*) FROM visits GROUP BY day""").fetchall())
    return {day: [seen, people, begun.get(day, 0)] for day, seen, people in views}


def peer_visits(connection, today):
    first = today - datetime.timedelta(days=DAYS - 1)
    now = visits(connection, first, today)
    before = visits(connection, first - datetime.timedelta(days=DAYS), first - datetime.timedelta(days=1))
    days = [first + datetime.timedelta(days=n) for n in range(DAYS)]
    return [
        now.get(str(day), [0, 0, 0]) + before.get(str(day - datetime.timedelta(days=DAYS)), [0, 0, 0]) for day in days]


def peer_funnel(connection, today):
    first = today - datetime.timedelta(days=FUNNEL_DAYS - 1)
    midnight = int(datetime.datetime(first.year, first.month, first.day).replace(
        tzinfo=datetime.timezone.utc).timestamp()) * 1000 - 28_800_000
    end = midnight + FUNNEL_DAYS * 86_400_000
    over = "(PARTITION BY pid ORDER BY t, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    table = f"""SELECT *, CASE WHEN name = '{STEPS[0]}' AND t >= {midnight} AND t < {end} THEN t END AS s1
        FROM ({ACTS} AND name IN {tuple(STEPS)} AND d BETWEEN '{first}' AND DATE '{today}' + {WINDOW})"""
    # The latest start from which a step can still be reached is carried from event to event.
    for step in range(2, len(STEPS) + 1):
        table = f"""SELECT *,
                CASE WHEN name = '{STEPS[step - 1]}' AND t - m <= {WINDOW * 86_400_000} THEN m END AS s{step}
            FROM (SELECT * EXCLUDE (s{step - 1}), s{step - 1} AS s{step - 1},
                max(s{step - 1}) OVER {over} AS m FROM ({table})) AS x{step}"""
        table = f"SELECT * EXCLUDE (m) FROM ({table})"
    counts = ", ".join(f"count(DISTINCT CASE WHEN s{n} IS NOT NULL THEN pid END)" for n in range(1, len(STEPS) + 1))
    return list(connection.execute(f"SELECT {counts} FROM ({table})").fetchone())


def peer_retention(connection, today):
    monday = today - datetime.timedelta(days=today.weekday())
    begin = today - datetime.timedelta(days=7 * WEEKS - 1)
    begin -= datetime.timedelta(days=begin.weekday())
    rows = connection.execute(f"""
        WITH weeks AS (
            SELECT pid, date_trunc('week', d)::DATE AS week, bool_or(name = 'Product Viewed') AS began,
                bool_or(name = 'Order Completed') AS came
            FROM ({ACTS} AND d BETWEEN '{begin}' AND '{today}' AND name IN ('Product Viewed', 'Order Completed'))
            GROUP BY ALL),
        cohorts AS (SELECT pid, min(week) AS cohort FROM weeks WHERE began GROUP BY pid)
        SELECT cohort::VARCHAR, datediff('week', cohort, week) AS after, count(*) FILTER (came), count(DISTINCT pid)
        FROM weeks JOIN cohorts USING (pid) WHERE week >= cohort GROUP BY ALL""").fetchall()
    sizes = dict(connection.execute(f"""
        WITH weeks AS (SELECT pid, date_trunc('week', d)::DATE AS week
            FROM ({ACTS} AND d BETWEEN '{begin}' AND '{today}' AND name = 'Product Viewed'))
        SELECT cohort::VARCHAR, count(*) FROM (SELECT pid, min(week) AS cohort FROM weeks GROUP BY pid) GROUP BY ALL
        """).fetchall())
    cells = {(cohort, after): came for cohort, after, came, _ in rows}
    whole = [str(monday - datetime.timedelta(weeks=n)) for n in range(1, WEEKS + 1)]
    return {cohort: [sizes.get(cohort, 0)] + [
        cells.get((cohort, after), 0) for after in range(WEEKS + 1)
        if datetime.date.fromisoformat(cohort) + datetime.timedelta(weeks=after) < monday
    ] for cohort in whole if datetime.date.fromisoformat(cohort) >= begin}


def peer_paths(connection, today):
    first = today - datetime.timedelta(days=FUNNEL_DAYS - 1)
    rows = connection.execute(f"""
        WITH acts AS (
            SELECT pid, name, t, place, min(CASE WHEN name = 'Page Viewed' THEN (t, place) END)
                OVER (PARTITION BY pid) AS begun
            FROM ({ACTS} AND d BETWEEN '{first}' AND '{today}')),
        following AS (
            SELECT pid, name, t, place, lag(name) OVER w AS former,
                coalesce(t - lag(t) OVER w > 1800000, false)::INT AS is_pause
            FROM acts WHERE (t, place) >= begun WINDOW w AS (PARTITION BY pid ORDER BY t, place)),
        reached AS (
            SELECT *, sum(is_pause) OVER (PARTITION BY pid ORDER BY t, place) AS pauses FROM following),
        folded AS (
            SELECT pid, name, row_number() OVER (PARTITION BY pid ORDER BY t, place) AS step
            FROM reached WHERE pauses = 0 AND (former IS NULL OR former <> name)),
        paths AS (
            SELECT pid, string_agg(name, ' → ' ORDER BY step) FILTER (step <= {DEPTH + 1})
                || CASE WHEN max(step) <= {DEPTH} THEN ' → end' ELSE '' END AS path
            FROM folded GROUP BY pid)
        SELECT path, count(*) AS people FROM paths GROUP BY path ORDER BY people DESC, path LIMIT 30""").fetchall()
    return {path: people for path, people in rows}


PEERS = dict(zip(QUESTIONS, (peer_visits, peer_funnel, peer_retention, peer_paths)))


def ours_plain(name, panel):
    """Our answer in the shape of the peer's."""
    values = [row["values"] for row in panel["rows"]]
    labels = [row["labels"] for row in panel["rows"]]
    if name.startswith("visits"):
        return [[int(v or 0) for v in row[:6]] for row in values]
    if name.startswith("funnel"):
        return [int(row[0]) for row in values]
    if name.startswith("retention"):
        return {label[0]: [int(row[0])] + [round(v * row[0]) for v in row[1:] if v is not None]
                for label, row in zip(labels, values)}
    return {label[0]: int(row[0]) for label, row in zip(labels, values)}


def agree(name, ours, peer):
    if name.startswith("retention"):
        # Weeks under way are marked, not compared; the total row is ours alone.
        return all(ours.get(cohort, [])[: len(row)] == row for cohort, row in peer.items())
    if name.startswith("top paths"):
        floor = min(peer.values())
        return all(ours.get(path) == people for path, people in peer.items() if people > floor)
    return ours == peer


def measure(command, environment=None):
    """CPU seconds, seconds and peak megabytes of a process, and what it printed."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    process = os.fork()
    if process == 0:
        os.dup2(writer, 1)
        os.close(reader)
        os.execvpe(command[0], command, {**os.environ, **(environment or {})})
    os.close(writer)
    with os.fdopen(reader, "rb") as out:
        text = out.read()
    _, status, used = os.wait4(process, 0)
    if status:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}: {text.decode()[-2000:]}")
    return {
        "cpu": used.ru_utime + used.ru_stime, "seconds": time.monotonic() - begun, "memory": used.ru_maxrss / 1024,
        "text": text.decode()}


def best(command):
    runs = [measure(command) for _ in range(ROUNDS)]
    found = min(runs, key=lambda run: run["cpu"])
    return {**found, "memory": min(run["memory"] for run in runs), "seconds": min(run["seconds"] for run in runs)}


def less(run, start):
    return {**run, "cpu": run["cpu"] - start["cpu"], "seconds": run["seconds"] - start["seconds"]}


def answer_peer(database, name, today):
    import duckdb

    connection = duckdb.connect(database, read_only=True)
    connection.execute("SET threads TO 2")
    print(json.dumps(PEERS[name](connection, datetime.date.fromisoformat(today))))


def make_database(data, folder):
    database = folder / "duckdb.db"
    if database.exists():
        return database
    subprocess.run([os.environ["PERENNIAL_BINARY"], "bench", "base", "--data", data, "--export", folder], check=True,
                   stdout=sys.stderr)
    import duckdb

    connection = duckdb.connect(str(database))
    for table in ("events", "aliases", "orders"):
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{folder / table}.parquet')")
    connection.close()
    return database


def main(folder, wanted, as_json):
    data = os.environ["DATA"]
    database = make_database(data, folder)
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date().isoformat()
    found = {}
    for name, (report, panel, arguments) in QUESTIONS.items():
        if wanted and not any(name.startswith(word) for word in wanted):
            continue
        command = [
            os.environ["PERENNIAL_BINARY"], "report", report, "--data", data, "--panel", panel, "--format", "json"]
        ours = less(best([*command, "--to", today, *arguments]), best([*command, "--to", NO_EVENTS, *arguments]))
        command = [sys.executable, __file__, "duckdb", str(database), name]
        peer = less(best([*command, today]), best([*command, NO_EVENTS]))
        mine = ours_plain(name, json.loads(ours.pop("text"))["panels"][0])
        other = json.loads(peer.pop("text"))
        if not agree(name, mine, other):
            sys.exit(f"{name}: the two disagree: {str(mine)[:1500]} and {str(other)[:1500]}")
        found[name] = {"perennial": ours, "duckdb": peer}
        if not as_json:
            print(f"{name}: CPU {ours['cpu']:.2f} s / {peer['cpu']:.2f} s = {ours['cpu'] / peer['cpu']:.2f}, "
                  f"seconds {ours['seconds']:.2f} / {peer['seconds']:.2f}, MB {ours['memory']:.0f} / "
                  f"{peer['memory']:.0f}", flush=True)
    if as_json:
        print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1:2] == ["duckdb"]:
        answer_peer(*sys.argv[2:])
    else:
        names = [word for word in sys.argv[1:] if not word.startswith("--")]
        kept = os.environ.get("BENCH_EXPORT")
        if kept:
            pathlib.Path(kept).mkdir(parents=True, exist_ok=True)
            main(pathlib.Path(kept), names, "--json" in sys.argv)
        else:
            with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as made:
                main(pathlib.Path(made), names, "--json" in sys.argv)
