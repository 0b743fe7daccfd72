"""One template to many people, reconciled with what arrived."""

import email
import email.policy
import threading
import time
from collections import Counter

from acceptance import request
from shop import BROWSER

PEOPLE = 300


def count(sink, subject):
    """Letters of a subject, by recipient, with when they were taken."""
    found = {}
    for letter in sink.taken():
        parsed = email.message_from_bytes(letter.content, policy=email.policy.default)
        if parsed["Subject"] == subject:
            found.setdefault(letter.recipients[0], []).append((letter.at, letter.message, parsed["List-Unsubscribe"].strip("<>")))
    return found


def one_fails(checks, shop, sink):
    """A template that cannot be made for one person stops nobody else."""
    addresses = [f"share-{number}@fails.example" for number in range(30)]
    people = shop.people(addresses, lambda number: {"parts": 0 if number == 17 else 4})
    template = shop.template("Share", "Share", [{"kind": "text", "text": "{{ 100 | divided_by: person.traits.parts }}"}])
    report = shop.settled(shop.broadcast("Share", shop.segment("Share", list(people.values())), template))
    checks.equal("one of thirty cannot be made, and the others go", report["states"], {"sent": 29, "failed": 1})
    failed = shop.call("GET", "/api/v1/messages?state=failed&limit=10")["items"]
    checks.equal("it says whose, and why", [(one["profile_id"], one["reason"]) for one in failed],
                 [(people["share-17@fails.example"], "template")])
    checks.equal("nobody else is missing", len(count(sink, "Share")), 29)


def reconcile(checks, shop, sink):
    addresses = [f"p{number:03}@many.example" for number in range(PEOPLE)]
    people = shop.people(addresses, lambda number: {"email_consent": number % 10 != 3})
    for number in (7, 77):
        shop.call("POST", "/api/v1/suppressions", {"channel": "email", "address": addresses[number].upper()})
    shop.call("POST", f"/api/v1/profiles/{people[addresses[8]]}/message-consents",
              {"channel": "email", "topic": "offers", "granted": False, "proof": "by telephone"})
    template = shop.template("Many", "Many of you", [{"kind": "text", "text": "[Go](https://shop.example/)"}])
    broadcast = shop.broadcast("Many", shop.segment("Many", list(people.values())), template, holdout_permille=100)
    report = shop.settled(broadcast)
    arrived = count(sink, "Many of you")
    checks.equal("everybody is written down once or held out", report["planned"] + report["held_out"], PEOPLE)
    checks.check("about a tenth is held out", 10 <= report["held_out"] <= 60, report["held_out"])
    checks.equal("as many as were sent arrived", len(arrived), report["sent"])
    checks.equal("each once", {len(one) for one in arrived.values()}, {1})
    rows = shop.pages(f"/api/v1/messages?broadcast_id={broadcast}")
    states = Counter(one["state"] for one in rows)
    checks.equal("rows, report and letters agree", (len(rows), dict(states)), (report["planned"], report["states"]))
    names = {identifier: address for address, identifier in people.items()}
    checks.check("every letter is its row's", all(
        one["address"] == names[one["profile_id"]] and arrived[one["address"]][0][1] == one["id"]
        for one in rows if one["state"] == "sent"))
    left = {names[one["profile_id"]]: one["reason"] for one in rows if one["state"] == "suppressed"}
    held = set(addresses) - {names[one["profile_id"]] for one in rows}
    wanted = {addresses[number]: "consent_refused" for number in range(3, PEOPLE, 10)}
    wanted |= {addresses[7]: "suppression_list", addresses[77]: "suppression_list", addresses[8]: "topic_left"}
    checks.equal("who is left out, and why", left, {address: reason for address, reason in wanted.items() if address not in held})
    again = shop.call("POST", f"/api/v1/broadcasts/{broadcast}/starts")
    checks.equal("started again it is the same", (again["status"], len(count(sink, "Many of you"))), ("sending", report["sent"]))


def leave_meanwhile(checks, shop, sink):
    """Who leaves while it is being sent gets nothing after they were told that they have left."""
    links = {address: one[0][2] for address, one in count(sink, "Many of you").items()}
    people = {one["display_name"]: one["id"] for one in shop.pages("/api/v1/profiles") if one["display_name"] in links}
    template = shop.template("Slow", "Slow one", [{"kind": "text", "text": "s"}])
    sink.delay = 0.15
    before = len(sink.taken())
    broadcast = shop.broadcast("Slow", shop.segment("Slow", list(people.values())), template)
    told = {}

    def leave(address):
        status, _, _ = request("POST", links[address], b"List-Unsubscribe=One-Click",
                               {"Content-Type": "application/x-www-form-urlencoded", **BROWSER}, timeout=60)
        if status == 200:
            told[address] = time.time()

    def reached():
        return {letter.recipients[0] for letter in sink.taken()[before:]} & set(people)

    deadline = time.monotonic() + 20
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.02)
    # All at once: whose letter is on its way is answered only when it has arrived, and nobody else waits behind them.
    leaving = sorted(set(people) - reached())[::3]
    threads = [threading.Thread(target=leave, args=(address,)) for address in leaving]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = shop.settled(broadcast)
    sink.delay = 0
    arrived = count(sink, "Slow one")
    late = [address for address in told if any(at > told[address] for at, _, _ in arrived.get(address, []))]
    spared = [address for address in told if address not in arrived]
    checks.equal("everybody who left was told so", len(told), len(leaving))
    checks.equal("no letter after it", late, [])
    checks.check("most of them got none at all", len(spared) > len(told) / 2, f"{len(spared)} of {len(told)}")
    checks.equal("the report says who", (report["suppressed"].get("topic_left", 0), report["sent"]), (len(spared), len(arrived)))
