"""What is in two stores of any kind, table by table, in a form that can be compared."""

import hashlib
import json
import sqlite3
import subprocess

from postgresql import BIN

# When and in which order a schema came about is the store's own.
OWN = {"schema_migrations", "perennial_migrations"}


def digest(lines):
    whole = hashlib.sha256()
    count = 0
    for line in sorted(lines):
        whole.update(line.encode() + b"\n")
        count += 1
    return count, whole.hexdigest()


def operational(store):
    """`store`: the path of a SQLite file, or a postgres:// address. {table: (rows, digest)}"""
    return _postgresql(store) if str(store).startswith("postgres") else _sqlite(store)


def _sqlite(path):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {
            name: digest(_line(dict(row)) for row in connection.execute(f'SELECT * FROM "{name}"'))
            for (name,) in names.fetchall()
            if name not in OWN
        }
    finally:
        connection.close()


def _postgresql(url):
    def ask(sql):
        command = [f"{BIN}/psql", "-X", "-A", "-t", url, "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    names = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        name: digest(_line(json.loads(row)) for row in ask(f'SELECT to_jsonb(t) FROM "{name}" AS t'))
        for name in names
        if name not in OWN
    }


def _line(row):
    plain = {name: "\\x" + value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    return json.dumps(plain, sort_keys=True)


def analytics(store, database="perennial"):
    """`store`: a Cluster or an Embedded. {table: (rows, digest)}; of rows that replace one another, the current ones."""
    sql = f"SELECT database, name, engine FROM system.tables WHERE database IN ('{database}', '{database}_local')"
    (found,) = store.answers([sql])
    names = sorted(name for place, name, _ in found if place == database and name not in OWN)
    replacing = {name for _, name, engine in found if "Replacing" in engine}
    final = {name: " FINAL" if name in replacing else "" for name in names}
    answers = store.answers([f"SELECT * FROM {database}.{name}{final[name]}" for name in names])
    return {name: digest(_plain("\t".join(row)) for row in rows) for name, rows in zip(names, answers)}


def _plain(line):
    """Old ClickHouse writes the beginning of time in another way."""
    return line.replace("0000-00-00", "1970-01-01")
