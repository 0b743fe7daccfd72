"""ClickHouse in both shapes: a cluster of one's own, and the folder of an embedded store. Both answer `answers`."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

from acceptance import request

CACHE = os.environ.get("PERENNIAL_CACHE", str(Path.home() / ".cache/perennial"))
SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts/clickhouse-cluster"
NODES = ("s1r1", "s1r2", "s2r1", "s2r2")


class Cluster:
    """2 shards of 2 replicas and a ZooKeeper on 13 ports from `port` on."""

    def __init__(self, folder, port):
        self.folder = Path(folder)
        self.port = port
        self.environment = {**os.environ, "CLUSTER_FOLDER": str(folder), "CLUSTER_PORT": str(port)}

    def _run(self, *arguments):
        done = subprocess.run([SCRIPT, *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"clickhouse-cluster {' '.join(arguments)}: {done.stderr}")
        return done.stdout.strip()

    def start(self):
        self._run("start")
        return self

    def stop(self):
        self._run("stop")

    def kill(self, node):
        self._run("kill", node)

    def up(self, node):
        self._run("up", node)

    def url(self, database="perennial"):
        return self._run("url", database)

    def query(self, sql, node="s1r1"):
        """Rows of one node's answer, as lists of texts."""
        port = self.port + 1 + 3 * NODES.index(node)
        address = f"http://127.0.0.1:{port}/?" + urllib.parse.urlencode({"default_format": "TabSeparated"})
        status, _, body = request("POST", address, sql.encode(), timeout=60)
        if status != 200:
            raise RuntimeError(f"{node}: {body.decode()[:500]}")
        return [line.split("\t") for line in body.decode().splitlines()]

    def answers(self, queries):
        return [self.query(query) for query in queries]

    def settled(self, seconds=90):
        """Waits until every node answers and no replica has anything to fetch."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                # A replica that just came back has an empty queue until it has read on in the shared log.
                lag = (
                    "SELECT sum(queue_size + is_readonly + (total_replicas != active_replicas)"
                    " + (log_max_index > 0 AND log_max_index >= log_pointer)) FROM system.replicas"
                )
                if all(self.query(lag, node) == [["0"]] for node in NODES):
                    return True
            except (OSError, RuntimeError):
                pass
            time.sleep(0.2)
        return False

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Embedded:
    """The folder of an embedded analytics store that no server holds."""

    def __init__(self, folder):
        self.folder = folder

    def answers(self, queries):
        """Runs the queries in a process of its own: a process opens one store."""
        program = (
            "import json, sys\n"
            f"sys.path.insert(0, {CACHE + '/chdb-core-26.9.0'!r})\n"
            "from chdb import session\n"
            f"s = session.Session({str(self.folder)!r})\n"
            f"queries = {queries!r}\n"
            "answers = [[line.split('\\t') for line in str(s.query(q, 'TabSeparated')).splitlines()] for q in queries]\n"
            "print('ANSWER ' + json.dumps(answers))\n"
            "s.close()\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
        lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
        if not lines:
            raise RuntimeError(f"the analytics store could not be read: {done.stderr[-1000:]}")
        return json.loads(lines[0][len("ANSWER ") :])
