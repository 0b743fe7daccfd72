"""A Postfix of one's own on the loopback interface: real queues, real delivery reports. It has to be started by root."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from acceptance import answers

SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

SETTINGS = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.provider.example
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = none
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
transport_maps = inline:{{ {routes} }}
default_transport = error:5.1.2 no such domain
smtp_destination_concurrency_limit = 4
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
alias_maps =
"""


class Postfix:
    """`routes`: port of the server that takes the letters of a domain."""

    def __init__(self, port, routes, cert, key):
        self.port = port
        self.folder = Path(tempfile.mkdtemp(prefix="perennial-postfix-"))
        self.folder.chmod(0o755)
        self.config = self.folder / "config"
        self.config.mkdir()
        # Readable by nobody but root, who opens it before Postfix drops its rights.
        shutil.copy(cert, self.config / "cert.pem")
        shutil.copy(key, self.config / "key.pem")
        (self.config / "key.pem").chmod(0o600)
        routed = ", ".join(f"{{ {domain} = smtp:[127.0.0.1]:{to} }}" for domain, to in routes.items())
        (self.config / "main.cf").write_text(SETTINGS.format(
            folder=self.folder, cert=self.config / "cert.pem", key=self.config / "key.pem", routes=routed))
        (self.config / "master.cf").write_text(SERVICES.format(port=port))
        self.root = [] if os.getuid() == 0 else ["sudo", "-n"]

    @staticmethod
    def can_run():
        """Whether it is installed, and there are the rights to start it."""
        if not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
            return False
        return os.getuid() == 0 or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0

    def _control(self, word, check=True):
        done = subprocess.run(
            [*self.root, "/usr/sbin/postfix", "-c", str(self.config), word], capture_output=True, text=True)
        if check and done.returncode:
            raise RuntimeError(f"postfix {word}: {done.stderr or done.stdout} {self.log()}")

    def log(self):
        try:
            return (self.folder / "log").read_text(errors="replace")[-3000:]
        except OSError:
            return ""

    def __enter__(self):
        subprocess.run([*self.root, "mkdir", "-p", f"{self.folder}/queue", f"{self.folder}/data"], check=True)
        subprocess.run([*self.root, "chown", "postfix", f"{self.folder}/data"], check=True)
        subprocess.run([*self.root, "chown", "-R", "root", str(self.config)], check=True)
        self._control("start")
        if not answers(self.port):
            raise RuntimeError(f"Postfix does not answer: {self.log()}")
        return self

    def __exit__(self, *_):
        self._control("stop", check=False)
        subprocess.run([*self.root, "rm", "-rf", str(self.folder)])
