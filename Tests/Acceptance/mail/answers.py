"""What a mail server may answer, at each stage of a letter, and what becomes of the message."""

import time

# stage, answer, state, reason, whether the address is suppressed
CASES = {
    "mail-451": ("mail", "451 4.3.0 not now", "planned", "deferred", False),
    "rcpt-450": ("rcpt", "450 4.2.1 greylisted", "planned", "deferred", False),
    "data-452": ("data", "452 4.3.1 no room", "planned", "deferred", False),
    "rcpt-421": ("rcpt", "421 4.3.2 too many letters", "planned", "busy", False),
    "rcpt-552": ("rcpt", "552 5.2.2 mailbox full", "planned", "mailbox_full", False),
    "rcpt-550": ("rcpt", "550 5.1.1 no such user", "bounced", "no_such_address", True),
    "rcpt-553": ("rcpt", "553 no such user here", "bounced", "no_such_address", True),
    "data-554": ("data", "554 5.6.0 cannot be read", "bounced", "refused", False),
    "data-drop": ("data", "drop", "unknown", "no_answer", False),
    "data-hang": ("data", "hang", "unknown", "no_answer", False),
    "rcpt-drop": ("rcpt", "drop", "planned", "unreachable", False),
}


def at_each_stage(checks, shop, sink):
    """Returns the messages that were put off, by address."""
    addresses = {name: f"{name}@answers.example" for name in CASES}
    people = shop.people(list(addresses.values()))
    template = shop.template("Answers", "One", [{"kind": "text", "text": "[Go](https://shop.example/)"}])
    deferred = {}
    for name, (stage, answer, state, reason, suppressed) in CASES.items():
        address = addresses[name]
        sink.rules[address if stage != "mail" else ""] = [(stage, answer)]
        identifier = shop.send(f"answer-{name}", people[address], template)
        found = shop.until(identifier, lambda one: one["reason"] != "")
        checks.equal(f"{name}: state and reason", (found["state"], found["reason"]), (state, reason))
        wanted = answer if answer[0].isdigit() else ""
        checks.check(f"{name}: the server's own words", wanted in found["detail"], found["detail"])
        listed = shop.call("GET", f"/api/v1/suppressions?search={address}")["items"]
        checks.equal(f"{name}: on the list or not", [one["reason"] for one in listed], ["bounce"] if suppressed else [])
        if state == "planned":
            deferred[address] = identifier
        if name in ("data-drop", "data-hang"):
            checks.equal(f"{name}: it did arrive, and nobody here knows", len(sink.to(address)), 1)
    again = shop.send("again", people[addresses["rcpt-550"]], template)
    found = shop.until(again, lambda one: one["state"] != "planned")
    checks.equal("who is on the list gets nothing more", (found["state"], found["reason"]), ("suppressed", "suppression_list"))
    deferred["blocked@answers.example"] = refused_as_a_whole(checks, shop, sink, template)
    return deferred


def refused_as_a_whole(checks, shop, sink, template):
    """It is we who are refused: the way closes, others wait, and it opens again. Returns the message that was refused."""
    people = shop.people(["blocked@answers.example", "other@answers.example"])
    sink.rules["blocked@answers.example"] = [("data", "550 5.7.1 blocked by policy")]
    blocked = shop.send("blocked", people["blocked@answers.example"], template)
    shop.until(blocked, lambda one: one["attempts"] > 0)
    for _ in range(100):
        state = shop.call("GET", "/api/v1/email")
        if state["closed_until"]:
            break
        time.sleep(0.05)
    checks.check("refused as a whole, the way closes and says why", state["closed_until"] and "5.7.1" in state["closed_because"], state)
    other = shop.send("other", people["other@answers.example"], template)
    time.sleep(1)
    checks.equal("others wait", shop.message(other)["state"], "planned")
    opened = shop.call("POST", "/api/v1/email/openings")
    found = shop.until(other, lambda one: one["state"] == "sent")
    checks.check("opened by hand, they go", opened["closed_until"] is None and found["state"] == "sent", found)
    return blocked


def deferred_arrive(checks, shop, sink, deferred):
    """What was put off comes again by itself, once each."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(shop.message(one)["state"] == "planned" for one in deferred.values()):
        time.sleep(0.5)
    for address, identifier in deferred.items():
        found = shop.message(identifier)
        checks.equal(f"{address}: sent in the end", (found["state"], found["attempts"]), ("sent", 2))
        checks.equal(f"{address}: once", len(sink.to(address)), 1)
    for name in ("data-drop", "data-hang"):
        checks.equal(f"{name}: never sent again", len(sink.tried(f"{name}@answers.example")), 1)


def server_goes_away(checks, shop, sink):
    """Nothing is lost while the server is down; the way closes and opens by itself."""
    addresses = [f"down-{number:02}@answers.example" for number in range(40)]
    people = shop.people(addresses)
    template = shop.template("Down", "Two", [{"kind": "text", "text": "x"}])
    sink.stop()
    ids = [shop.send(f"down-{number}", people[one], template) for number, one in enumerate(addresses)]
    time.sleep(2)
    found = [shop.message(one) for one in ids]
    checks.check("while the server is down everything waits", all(one["state"] == "planned" for one in found),
                 {one["state"] for one in found})
    checks.check("and hardly anything was tried", sum(one["attempts"] for one in found) <= 5 * 48, [one["attempts"] for one in found])
    sink.start()
    for identifier in ids:
        if shop.message(identifier)["attempts"] == 0:
            last = shop.until(identifier, lambda one: one["state"] == "sent", 40)
            checks.equal("back again, what was not tried goes", last["state"], "sent")
            break
    else:
        checks.check("back again, they are put off and go later", all(shop.message(one)["state"] == "planned" for one in ids))
