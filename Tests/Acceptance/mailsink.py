"""A mail server that keeps what comes, and answers as it is told at each stage of a letter."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Letter:
    def __init__(self, sender, recipients, content, at):
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.at = at

    @property
    def message(self):
        """The id of the message that it is, by the address that it would come back to."""
        return self.sender.partition("+")[2].partition("@")[0]


class Sink:
    """`rules[address]` is a list of (stage, answer), one used up by each attempt; stages are `mail`, `rcpt`, `data`.

    An answer `drop` ends the connection without a word, `hang` says nothing for a while and then drops. `always`: (stage,
    answer) for everybody. `delay`: seconds before a letter is taken.
    """

    def __init__(self, port, tls=None, users=None, host="127.0.0.1"):
        self.port = port
        self.host = host
        self.tls = tls
        self.users = users
        self.letters = []
        self.attempts = []
        self.rules = {}
        self.always = None
        self.delay = 0
        self.sessions = 0
        self.lock = threading.Lock()
        self.controller = None

    # What aiosmtpd asks.

    def auth(self, server, session, envelope, mechanism, data):
        good = (self.users or {}).get(getattr(data, "login", b"").decode()) == getattr(data, "password", b"").decode()
        # `handled=False`: aiosmtpd then writes the refusal itself.
        return AuthResult(success=good, handled=False)

    async def answer(self, server, stage, address):
        rule = self.always if self.always and self.always[0] == stage else None
        if rule is None:
            with self.lock:
                waiting = self.rules.get(address) or []
                if waiting and waiting[0][0] == stage:
                    rule = waiting.pop(0)
        if rule is None:
            return None
        if rule[1] in ("drop", "hang"):
            if rule[1] == "hang":
                await asyncio.sleep(2)
            server.transport.abort()
            return "451 4.4.2 gone"
        return rule[1]

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self.answer(server, "mail", "") or "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        with self.lock:
            self.attempts.append((address, time.time()))
        refusal = await self.answer(server, "rcpt", address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.delay:
            await asyncio.sleep(self.delay)
        refusal = await self.answer(server, "data", envelope.rcpt_tos[0])
        if refusal and not refusal.startswith("451 4.4.2 gone"):
            return refusal
        # Dropped behind the last dot: the letter is here, and the sender does not know.
        with self.lock:
            # Of reports, whose sender is nobody, aiosmtpd keeps `<>`.
            sender = envelope.mail_from.removeprefix("<>")
            self.letters.append(Letter(sender, list(envelope.rcpt_tos), envelope.original_content, time.time()))
        return refusal or "250 2.0.0 taken"

    # What tests ask.

    def start(self):
        sink = self

        class Listener(Controller):
            def factory(self):
                sink.sessions += 1
                return SMTP(
                    sink, hostname="sink.example", data_size_limit=4_000_000, tls_context=sink.tls,
                    require_starttls=sink.tls is not None, auth_required=sink.users is not None,
                    auth_require_tls=sink.tls is not None, authenticator=sink.auth, enable_SMTPUTF8=False)

        self.controller = Listener(self, hostname=self.host, port=self.port)
        self.controller.start()
        return self

    def stop(self):
        if self.controller:
            self.controller.stop(no_assert=True)
            self.controller = None

    def to(self, address):
        with self.lock:
            return [letter for letter in self.letters if letter.recipients == [address]]

    def taken(self):
        with self.lock:
            return list(self.letters)

    def tried(self, address):
        with self.lock:
            return [at for to, at in self.attempts if to == address]

    def wait(self, address, count=1, seconds=20):
        """The letters to an address, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.to(address)) < count and time.monotonic() < deadline:
            time.sleep(0.03)
        return self.to(address)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def certificate(folder):
    """A certificate for localhost that signs itself: the paths of it and of its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30)).add_extension(x509.SubjectAlternativeName(names), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True).sign(key, hashes.SHA256()))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


def tls_context(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
