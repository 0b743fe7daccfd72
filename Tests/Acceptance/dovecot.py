"""A Dovecot of one's own on the loopback interface: real mailboxes over IMAP. It has to be started by root."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from acceptance import answers

SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{folder}/mail
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
ssl = required
ssl_cert = <{folder}/config/cert.pem
ssl_key = <{folder}/config/key.pem
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/home
}}
"""


class Dovecot:
    """One mailbox, whoever asks with the password."""

    def __init__(self, port, cert, key, password):
        self.port = port
        self.count = 0
        self.folder = Path(tempfile.mkdtemp(prefix="perennial-dovecot-"))
        self.folder.chmod(0o755)
        config = self.folder / "config"
        config.mkdir()
        shutil.copy(cert, config / "cert.pem")
        shutil.copy(key, config / "key.pem")
        (config / "dovecot.conf").write_text(SETTINGS.format(folder=self.folder, port=port, password=password))
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / name).mkdir(parents=True)
        (self.folder / "home").mkdir()
        self.root = [] if os.getuid() == 0 else ["sudo", "-n"]

    @staticmethod
    def can_run():
        """Whether it is installed, and there are the rights to start it."""
        if not shutil.which("dovecot", path="/usr/sbin:/usr/bin") or not Path("/usr/lib/dovecot/imap").exists():
            return False
        return os.getuid() == 0 or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0

    def _run(self, *command, check=True):
        return subprocess.run([*self.root, *command], capture_output=True, text=True, check=check)

    def _dovecot(self, *arguments, check=True):
        # Nothing of it is read: the server itself keeps what it is given open for as long as it lives.
        subprocess.run([*self.root, "/usr/sbin/dovecot", "-c", f"{self.folder}/config/dovecot.conf", *arguments],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=check)

    def deliver(self, mail):
        """As a delivery agent does it: written aside, then moved to where the server looks."""
        self.count += 1
        aside = self.folder / f"letter-{self.count}"
        aside.write_bytes(mail)
        aside.chmod(0o644)
        self._run("chown", "nobody:nogroup", str(aside))
        self._run("mv", str(aside), f"{self.folder}/mail/new/{self.count}.example")

    def letters(self):
        """The names of the letters that are there; flags stand behind the colon."""
        found = self._run("find", f"{self.folder}/mail/new", f"{self.folder}/mail/cur", "-type", "f").stdout.split()
        return sorted(Path(one).name for one in found)

    def log(self):
        try:
            return (self.folder / "log").read_text(errors="replace")[-3000:]
        except OSError:
            return ""

    def __enter__(self):
        self._run("chown", "-R", "nobody:nogroup", f"{self.folder}/mail", f"{self.folder}/home")
        self._dovecot()
        if not answers(self.port):
            raise RuntimeError(f"Dovecot does not answer: {self.log()}")
        return self

    def __exit__(self, *_):
        self._dovecot("stop", check=False)
        self._run("rm", "-rf", str(self.folder), check=False)
