"""A PostgreSQL server of one's own on the loopback interface; never run as root."""

import os
import shutil
import subprocess
import tempfile

BIN = "/usr/lib/postgresql/15/bin"


class PostgreSQL:
    def __init__(self, port):
        self.port = port
        self.folder = tempfile.mkdtemp(prefix="perennial-postgresql-")
        self.url = f"postgres://perennial@127.0.0.1:{port}/perennial"

    def _as_owner(self, *command):
        if os.getuid() == 0:
            command = ("runuser", "-u", "postgres", "--", *command)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def __enter__(self):
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder + "/data"
        self._as_owner(f"{BIN}/initdb", "-D", data, "-U", "perennial", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self.up()
        self._as_owner(f"{BIN}/createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "perennial", "perennial")
        return self

    def __exit__(self, *_):
        if os.path.exists(self.folder + "/data/postmaster.pid"):
            self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, name):
        """Makes a further database and returns its address."""
        self._as_owner(f"{BIN}/createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "perennial", name)
        return f"postgres://perennial@127.0.0.1:{self.port}/{name}"

    def _control(self, *arguments):
        self._as_owner(f"{BIN}/pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", *arguments)

    def down(self, mode="immediate"):
        self._control("-m", mode, "stop")

    def up(self):
        self._control("-o", self.options, "start")

    def rows(self, sql):
        done = subprocess.run(
            [f"{BIN}/psql", "-X", "-A", "-t", "-F", "\t", self.url, "-c", sql], check=True, capture_output=True, text=True
        )
        return [tuple(line.split("\t")) for line in done.stdout.splitlines() if line]
