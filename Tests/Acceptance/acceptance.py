"""What the acceptance scripts share: counting checks, and a server of one's own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from threading import Lock

BINARY = os.environ.get("PERENNIAL_BINARY", ".build/debug/perennial")
FOLDER = Path(os.environ.get("ACCEPTANCE_FOLDER", "/tmp/perennial-acceptance"))
PORT = int(os.environ.get("ACCEPTANCE_PORT", "18100"))


def answers(port, seconds=20):
    """Whether a server on loopback takes connections, waited for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


class Checks:
    """Counts and prints. `with Checks() as checks:` prints the sum and exits at the end."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.turn = Lock()

    def check(self, name, good, detail=""):
        with self.turn:
            if good:
                self.passed += 1
            else:
                self.failed += 1
            print(f"ok   {name}" if good else f"FAIL {name} {detail}", flush=True)
        return good

    def equal(self, name, found, expected):
        return self.check(name, found == expected, f"expected {expected!r}, found {found!r}")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and kind is not SystemExit:
            import traceback

            traceback.print_exception(kind, error, trace, file=sys.stdout)
            self.failed += 1
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed else 0)


def request(method, url, body=None, headers=None, timeout=30):
    """One HTTP exchange: (status, headers, bytes). Statuses are answers, not exceptions."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, bytearray)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    asked = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


class Server:
    """A `perennial serve` on its own data folder and port."""

    def __init__(self, data=None, port=None, environment=None, arguments=(), through=()):
        """`through`: a program that starts it."""
        self.data = Path(data or FOLDER / "data")
        self.port = port or PORT
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = list(arguments)
        self.through = list(through)
        self.environment = {
            **os.environ,
            "PERENNIAL_DATA": str(self.data),
            "PERENNIAL_PORT": str(self.port),
            "PERENNIAL_LOG_LEVEL": "notice",
            **(environment or {}),
        }
        self.process = None
        self.log = None

    def start(self, seconds=60, wait=True, path="/readyz"):
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.log = open(self.data.parent / f"server-{self.port}.log", "ab")
        self.process = subprocess.Popen(
            [*self.through, BINARY, "serve", *self.arguments], env=self.environment, stdout=self.log, stderr=self.log
        )
        if wait:
            self.wait_ready(seconds, path)
        return self

    def wait_ready(self, seconds=60, path="/readyz"):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}: {self.tail()}")
            try:
                if request("GET", self.url + path, timeout=5)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server was not ready in {seconds} s: {self.tail()}")

    def tail(self, characters=2000):
        text = (self.data.parent / f"server-{self.port}.log").read_text(errors="replace")
        return text[-characters:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=30):
        if self.process is None or self.process.poll() is not None:
            return 0 if self.process is None else self.process.returncode
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def command(self, *arguments, check=True, data=None):
        """Runs a `perennial` command on the same data folder and returns its standard output."""
        done = subprocess.run([*self.through, BINARY, *arguments], env=self.environment, capture_output=True, text=True, input=data)
        if check and done.returncode:
            raise RuntimeError(f"{arguments}: {done.returncode}: {done.stderr or done.stdout}")
        return done.stdout

    def metrics(self):
        """Every series of /metrics as {"name{labels}": value}."""
        text = request("GET", self.url + "/metrics")[2].decode()
        return {
            match[1]: float(match[2]) for match in re.finditer(r"^([^#\s]\S*(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
        }

    def resident(self):
        """Bytes of memory, now."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def until_still(self, seconds=180):
        """Waits until the log is processed and archived; whether it came to that."""
        # Figures are read every two seconds: let them see what was sent just now.
        time.sleep(2.5)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            figures = self.metrics()
            end = figures.get("perennial_log_end_position", -1)
            places = [figures.get(f"perennial_{consumer}_position") for consumer in ("processor", "archiver")]
            if end >= 0 and places == [end, end]:
                return True
            time.sleep(0.5)
        return False

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
