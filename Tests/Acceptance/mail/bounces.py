"""Real delivery reports of a real Postfix, complaints, and what they come to."""

import time

from acceptance import FOLDER
from mailsink import Sink
from postfix import Postfix


def reports(checks, shop, cert, key, port):
    if not Postfix.can_run():
        print("     no Postfix can be started here: its reports are not tried", flush=True)
        return
    with Sink(port + 1) as provider, Sink(port + 2) as returned:
        routes = {"people.example": port + 1, "bounce.brand.example": port + 2}
        with Postfix(port, routes, cert, key) as postfix:
            shop.call("PUT", "/api/v1/email", {"host": "localhost", "port": port, "user": "", "password": ""})
            checks.check("Postfix takes a trial by STARTTLS", shop.call(
                "POST", "/api/v1/email/trials", {"to": "owner@people.example"})["accepted"], postfix.log())
            exchange(checks, shop, provider, returned, postfix)


def exchange(checks, shop, provider, returned, postfix):
    names = ["gone", "full", "strange", "fine", "angry", "nowhere"]
    addresses = {name: f"{name}@people.example" for name in names}
    addresses["nowhere"] = "somebody@nowhere.example"
    people = shop.people(list(addresses.values()))
    provider.rules = {
        addresses["gone"]: [("rcpt", "550 5.1.1 there is nobody of that name")],
        addresses["full"]: [("rcpt", "552 5.2.2 the mailbox is full")],
        addresses["strange"]: [("data", "554 5.6.0 the letter cannot be read")],
    }
    template = shop.template("Bounces", "Will it come", [{"kind": "text", "text": "x"}])
    ids = {name: shop.send(f"bounce-{name}", people[addresses[name]], template) for name in names}
    for name, identifier in ids.items():
        found = shop.until(identifier, lambda one: one["state"] not in ("planned", "sending"))
        checks.equal(f"{name}: Postfix took it", found["state"], "sent")
    back = {f"bounce+{ids[name]}@bounce.brand.example": name for name in ("gone", "full", "strange", "nowhere")}
    deadline = time.monotonic() + 30
    while len(returned.letters) < len(back) and time.monotonic() < deadline:
        time.sleep(0.1)
    mails = {letter.recipients[0]: letter for letter in returned.taken()}
    checks.equal("reports come back to the message's own address", set(mails), set(back)) or print(postfix.log())
    checks.equal("from nobody, as reports do", {one.sender for one in mails.values()}, {""})
    for address, name in back.items():
        take(checks, shop, name, address, mails[address].content)
    wanted = {"gone": "no_such_address", "nowhere": "no_such_address", "full": "mailbox_full", "strange": "refused"}
    for name, reason in wanted.items():
        found = shop.message(ids[name])
        checks.equal(f"{name}: what the report says", (found["state"], found["reason"]), ("bounced", reason))
        listed = shop.call("GET", f"/api/v1/suppressions?search={addresses[name]}")["items"]
        checks.equal(f"{name}: on the list or not", len(listed), 1 if reason == "no_such_address" else 0)
    again = shop.until(shop.send("bounce-again", people[addresses["gone"]], template), lambda one: one["state"] != "planned")
    checks.equal("gone: nothing more is sent", (again["state"], again["reason"]), ("suppressed", "suppression_list"))
    checks.equal("fine: it arrived", (len(provider.to(addresses["fine"])), shop.message(ids["fine"])["state"]), (1, "sent"))
    complain(checks, shop, provider, addresses["angry"], people, ids["angry"], template)


def take(checks, shop, name, address, mail):
    """Half of them through the command that a mail server pipes into, half over the API; each twice."""
    if name in ("gone", "strange"):
        said = shop.server.command("bounce", "--recipient", address, data=mail.decode())
        checks.check(f"{name}: the command takes it", said.startswith("failed: message ") and "nothing new" not in said, said)
        said = shop.server.command("bounce", data=mail.decode())
        checks.check(f"{name}: twice it says nothing new, and finds the message without the envelope",
                     said.startswith("failed: message ") and "nothing new" in said, said)
    else:
        body = {"mail": mail.decode(), "recipient": address}
        first, second = (shop.call("POST", "/api/v1/bounces", body) for _ in range(2))
        checks.equal(f"{name}: the API takes it, once", (first["changed"], second["changed"]), (True, False))


def complain(checks, shop, provider, address, people, identifier, template):
    """As a provider's feedback loop tells it (RFC 5965), with the letter enclosed."""
    head = ["From: fbl@provider.example", "To: abuse@brand.example", "Subject: FW: complaint", "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=feedback-report;', '\tboundary="=_arf"']
    parts = [
        "Content-Type: text/plain; charset=us-ascii\n\nThis is an email abuse report.",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n",
        # As it came: what a library would fold and encode anew is no longer the letter.
        "Content-Type: message/rfc822\n\n" + provider.to(address)[0].content.decode().replace("\r\n", "\n"),
    ]
    report = "\n".join(head) + "\n\n" + "".join(f"--=_arf\n{part}\n" for part in parts) + "--=_arf--\n"
    (FOLDER / "complaint.eml").write_text(report)
    said = shop.server.command("bounce", data=report)
    found = shop.message(identifier)
    checks.equal("a complaint is one", (found["state"], found["reason"]), ("complained", "complaint")) or print(said)
    after = shop.until(shop.send("angry-again", people[address], template), lambda one: one["state"] != "planned")
    checks.equal("and whoever complained gets nothing more", (after["state"], after["reason"]), ("suppressed", "suppression_list"))
    other = shop.server.command("bounce", data="Subject: hello\n\nNo report.\n", check=False)
    checks.check("another mail is none", "neither" in other, other)
