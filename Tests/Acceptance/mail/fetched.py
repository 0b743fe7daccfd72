"""Letters that came back, fetched over TLS from the mailbox of a real Dovecot."""

import time

from dovecot import Dovecot

PATH = "/api/v1/email/mailbox"


def from_mailbox(checks, shop, sink, cert, key, port):
    """Behind a server that takes every letter; what comes back is laid into the mailbox."""
    if not Dovecot.can_run():
        print("     no Dovecot can be started here: its mailbox is not read", flush=True)
        return
    names = ["vanished", "cross", "calm"]
    addresses = {name: f"{name}@mailbox.example" for name in names}
    people = shop.people(list(addresses.values()))
    template = shop.template("Mailbox", "Will it come back", [{"kind": "text", "text": "x"}])
    ids = {name: shop.send(f"mailbox-{name}", people[addresses[name]], template) for name in names}
    for name, identifier in ids.items():
        shop.until(identifier, lambda one: one["state"] == "sent")
        sink.wait(addresses[name])
    with Dovecot(port, cert, key, "geheim") as dovecot:
        read(checks, shop, dovecot, ids)
        shop.call("PUT", PATH, {"enabled": False})


def read(checks, shop, dovecot, ids):
    place = {"enabled": True, "host": "localhost", "port": dovecot.port, "security": "tls", "user": "bounces",
             "password": "wrong", "after_reading": "deleted", "every_minutes": 1}
    shop.call("PUT", PATH, place)
    tried = shop.call("POST", PATH + "/trials")
    checks.check("a wrong password is told in the server's words",
                 not tried["opened"] and "AUTHENTICATIONFAILED" in tried["answer"], tried)
    failing = until(shop, lambda one: one["failures"] > 0)
    checks.check("and so does the look", "AUTHENTICATIONFAILED" in failing["last_error"], failing)
    dovecot.deliver(report(ids["vanished"], "failed", "5.1.1"))
    dovecot.deliver(complaint(ids["cross"]))
    dovecot.deliver(b"From: somebody@example.com\r\nSubject: On holiday\r\n\r\nA001 OK\r\nA999 BAD\r\n")
    dovecot.deliver(report(ids["vanished"], "failed", "5.1.1") + b"x" * 3_000_000)
    shop.call("PUT", PATH, {"password": "geheim", "enabled": False})
    checks.equal("the right one opens the folder", shop.call("POST", PATH + "/trials"),
                 {"opened": True, "letters": 4, "answer": ""})
    shop.call("PUT", PATH, {"enabled": True})
    done = until(shop, lambda one: one["letters"] >= 4 and one["last_poll_at"])
    checks.equal("all were read once", (done["letters"], done["reports"], done["failures"]), (4, 3, 0)) or print(dovecot.log())
    states = {name: (shop.message(identifier)["state"], shop.message(identifier)["reason"]) for name, identifier in ids.items()}
    checks.equal("and say what became of the messages", states, {
        "vanished": ("bounced", "no_such_address"), "cross": ("complained", "complaint"), "calm": ("sent", "")})
    left = dovecot.letters()
    checks.check("reports are deleted; another letter stays, marked as read", len(left) == 1 and left[0].endswith("S"), left)
    dovecot.deliver(report(ids["calm"], "failed", "5.2.2"))
    shop.call("POST", PATH + "/polls")
    until(shop, lambda one: one["letters"] >= 5)
    found = shop.message(ids["calm"])
    checks.equal("looked into at once when asked", (found["state"], found["reason"]), ("bounced", "mailbox_full"))


def until(shop, test, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        found = shop.call("GET", PATH)
        if test(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.3)


def report(identifier, action, status):
    return f"""From: MAILER-DAEMON@provider.example
To: bounce+{identifier}@bounce.brand.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_dsn"

--=_dsn
Content-Type: text/plain

It did not arrive.

--=_dsn
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.provider.example

Final-Recipient: rfc822; somebody@mailbox.example
Action: {action}
Status: {status}

--=_dsn--
""".replace("\n", "\r\n").encode()


def complaint(identifier):
    return f"""From: fbl@provider.example
To: abuse@brand.example
Subject: Complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_arf"

--=_arf
Content-Type: message/feedback-report

Feedback-Type: abuse

--=_arf
Content-Type: message/rfc822

Message-ID: <{identifier}@brand.example>
Subject: x

--=_arf--
""".replace("\n", "\r\n").encode()
