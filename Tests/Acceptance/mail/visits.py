"""What people, and machines, do with a letter: opening, clicking, leaving, choosing."""

import email
import email.policy
import re
import time
import urllib.parse

from acceptance import request
from shop import BROWSER, links

SCANNER = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}


class Stay:
    """Follows no redirect."""

    def __init__(self):
        import urllib.request

        class Handler(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        self.opener = urllib.request.build_opener(Handler)

    def get(self, url, headers, method="GET"):
        import urllib.error
        import urllib.request

        try:
            with self.opener.open(urllib.request.Request(url, headers=headers, method=method), timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()


def follow(checks, shop, sink):
    """Returns links that have to work for ever, and where the first one leads."""
    # `scan` last, and the browser first: they have two seconds from when it was sent.
    names = ["click", "open", "leave", "choose", "none", "scan"]
    people = shop.people([f"{name}@visits.example" for name in names])
    template = shop.template("Visits", "Look", [
        {"kind": "text", "text": "[Tea](https://shop.example/tea?sku=1#top)"}, {"kind": "button", "text": "All", "url": "https://shop.example/all"}])
    sent = {}
    for name in names:
        identifier = shop.send(f"visit-{name}", people[f"{name}@visits.example"], template)
        letter = sink.wait(f"{name}@visits.example")[0]
        sent[name] = (identifier, letter, links(letter), people[f"{name}@visits.example"])
    stay = Stay()
    scanned(checks, shop, stay, sent["scan"])
    time.sleep(2.1)
    kept = clicked(checks, shop, stay, sent["click"])
    identifier, _, found, _ = sent["open"]
    status, headers, body = stay.get(found["opens"][0], BROWSER)
    checks.equal("the picture is a picture", (status, headers["Content-Type"], body[:3]), (200, "image/gif", b"GIF"))
    opened = shop.until(identifier, lambda one: one["state"] == "opened")
    checks.check("opened by a person", opened["state"] == "opened" and not opened["scanned_at"] and not opened["clicked_at"], opened)
    one_click(checks, shop, sent["leave"], template)
    choose(checks, shop, stay, sent["choose"], template)
    leave_all(checks, shop, stay, sent["none"], template)
    return kept


def scanned(checks, shop, stay, sent):
    identifier, _, found, _ = sent
    for method, headers in (("GET", BROWSER), ("HEAD", BROWSER), ("GET", SCANNER), ("GET", {"User-Agent": ""})):
        checks.equal(f"a {method} in the first seconds is led on", stay.get(found["clicks"][0], headers, method)[0], 302)
    seen = shop.until(identifier, lambda one: one["scanned_at"])
    checks.check("and counts as a machine's", seen["scanned_at"] and not seen["clicked_at"] and seen["state"] == "sent", seen)


def clicked(checks, shop, stay, sent):
    identifier, _, found, _ = sent
    status, headers, _ = stay.get(found["clicks"][0], BROWSER)
    target = urllib.parse.urlparse(headers["Location"])
    query = dict(urllib.parse.parse_qsl(target.query))
    checks.equal("a click leads where it was to lead", (status, target.netloc, target.path, target.fragment, query["sku"]),
                 (302, "shop.example", "/tea", "top", "1"))
    checks.equal("and says where it came from", (query["utm_source"], query["utm_medium"], query["utm_campaign"]),
                 ("perennial", "email", "Visits"))
    seen = shop.until(identifier, lambda one: one["state"] == "clicked")
    checks.check("by a person", seen["clicked_at"] and seen["opened_at"] and not seen["scanned_at"], seen)
    token = found["clicks"][0]
    for name, changed in (("changed", token[:-2] + ("AA" if token[-2:] != "AA" else "BB")), ("made up", re.sub(r"/o/.*", "/o/cAAAA.AAAA", token))):
        checks.equal(f"a link that was {name} leads nowhere", stay.get(changed, BROWSER)[0], 404)
    return found["clicks"] + found["opens"] + found["leave"][:1], headers["Location"]


def header(letter):
    parsed = email.message_from_bytes(letter.content, policy=email.policy.default)
    return parsed["List-Unsubscribe"].strip("<>")


def outcome(shop, key, person, template):
    found = shop.until(shop.send(key, person, template), lambda one: one["state"] != "planned" and one["state"] != "sending")
    return found["state"], found["reason"]


def one_click(checks, shop, sent, template):
    identifier, letter, _, person = sent
    url = header(letter)
    status, _, page = request("GET", url, headers=SCANNER)
    checks.check("a GET shows the choices", status == 200 and b"<form" in page)
    checks.equal("and changes nothing", shop.call("GET", f"/api/v1/profiles/{person}/message-consents")["items"], [])
    status, _, _ = request("POST", url, b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"})
    said = shop.call("GET", f"/api/v1/profiles/{person}/message-consents")["items"]
    checks.equal("a POST leaves the topic", (status, [(one["topic"], one["granted"], one["source"]) for one in said]),
                 (200, [("offers", False, "one_click")]))
    checks.check("with proof", "One-Click" in said[0]["proof"])
    checks.equal("nothing more of it is sent", outcome(shop, "left-1", person, template), ("suppressed", "topic_left"))
    news = shop.template("News", "News", [{"kind": "text", "text": "n"}], topic="news")
    checks.equal("other topics are", outcome(shop, "left-2", person, news), ("sent", ""))


def choose(checks, shop, stay, sent, template):
    _, _, found, person = sent
    page = request("GET", found["leave"][0], headers=BROWSER)[2].decode()
    checks.check("the page offers the topics, in both languages", all(f'value="{one}"' in page for one in ("offers", "news")))
    chinese = request("GET", found["leave"][0], headers={**BROWSER, "Accept-Language": "zh-CN"})[2].decode()
    checks.check("the page speaks Chinese to who reads Chinese", 'lang="zh' in chinese and chinese != page)
    form = {"Content-Type": "application/x-www-form-urlencoded", **BROWSER}
    status = request("POST", found["leave"][0], b"topic=news", form)[0]
    said = {one["topic"]: one["granted"] for one in shop.call("GET", f"/api/v1/profiles/{person}/message-consents")["items"]}
    checks.equal("what is chosen counts", (status, said), (200, {"": True, "offers": False, "news": True}))
    checks.equal("and what is not, is not sent", outcome(shop, "chosen", person, template), ("suppressed", "topic_left"))
    request("POST", found["leave"][0], b"topic=news&topic=offers", form)
    checks.equal("chosen again, it is", outcome(shop, "rechosen", person, template), ("sent", ""))


def leave_all(checks, shop, stay, sent, template):
    _, _, found, person = sent
    form = {"Content-Type": "application/x-www-form-urlencoded", **BROWSER}
    checks.equal("nothing at all", request("POST", found["leave"][0], b"act=none", form)[0], 200)
    checks.equal("is nothing at all", outcome(shop, "none-1", person, template), ("suppressed", "consent_refused"))
    receipt = shop.template("Receipt 2", "Order", [{"kind": "text", "text": "r"}], topic="", transactional=True)
    checks.equal("but for what was ordered", outcome(shop, "none-2", person, receipt), ("sent", ""))


def survive(checks, server, kept):
    """The server was started anew: links say themselves where they lead."""
    addresses, target = kept
    stay = Stay()
    status, headers, _ = stay.get(addresses[0], BROWSER)
    checks.equal("a link of before leads on", (status, headers["Location"]), (302, target))
    checks.equal("all links work", {stay.get(one, BROWSER)[0] for one in addresses}, {200, 302})
