"""The web tracker in real Chromium, on a site of another origin: what it records, what it leaves alone, and that nothing
is lost or doubled when the network is slow, fails, or goes away with the page."""

import gzip
import json
import os
import re
import sys
import time
import urllib.parse
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from acceptance import PORT, Checks, Server, request  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
import heatmap  # noqa: E402
import shop  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
SECONDS = 20


class Track:
    """One browser context, the events it posted, and what the server knows of them."""

    def __init__(self, browser, api, agent=AGENT, script=None):
        self.api = api
        self.context = browser.new_context(user_agent=agent, viewport={"width": 1280, "height": 800})
        if script:
            self.context.add_init_script(script)
        self.posted = {}
        self.requests = 0
        self.context.on("request", self.note)
        self.page = self.context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def note(self, asked):
        if "/t/events" not in asked.url or asked.method != "POST":
            return
        self.requests += 1
        for event in json.loads(asked.post_data or "[]"):
            self.posted[event["messageId"]] = event

    def wait(self, wanted, seconds=SECONDS):
        """Until an event of this name (or for which `wanted` is true) was posted; the newest, or None."""
        deadline = time.monotonic() + seconds
        test = wanted if callable(wanted) else lambda event: name(event) == wanted
        while time.monotonic() < deadline:
            found = [event for event in self.posted.values() if test(event)]
            if found:
                return found[-1]
            self.page.wait_for_timeout(100)
        return None

    def named(self, word):
        return [event for event in self.posted.values() if name(event) == word]

    def arrived(self, word, seconds=SECONDS):
        """An event of this name as the server has it: what goes by beacon as a page dies is seen by nobody else."""
        anonymous = next(event["anonymousId"] for event in self.posted.values())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.api.get("/api/v1/profiles?search=" + anonymous)[1].get("items", [])
            if found:
                events = self.api.get(f"/api/v1/profiles/{found[0]['id']}/events?limit=100")[1].get("items", [])
                good = [event for event in events if event.get("name") == word]
                if good:
                    return good[0]
            self.page.wait_for_timeout(200)
        return None

    def close(self):
        self.context.close()


def name(event):
    return {"page": "Page Viewed", "screen": "Screen Viewed", "identify": "Identify"}.get(event["type"], event.get("event"))


class API:
    def __init__(self, server, secret):
        self.url = server.url
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path):
        status, _, body = request("GET", self.url + path, headers=self.headers)
        return status, json.loads(body)

    def post(self, path, body):
        return json.loads(request("POST", self.url + path, body, self.headers)[2])

    def stored(self, message, seconds=SECONDS):
        """How an event ended: its receipt once it is processed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, answer = self.get("/api/v1/events/receipts/" + urllib.parse.quote(message, safe=""))
            if status == 200 and answer["receipts"][0]["status"] != "pending":
                return answer["receipts"][0]
            time.sleep(0.1)
        return None


def all_stored(checks, title, api, events):
    receipts = [api.stored(event["messageId"]) for event in events]
    good = [receipt for receipt in receipts if receipt and receipt["status"] == "stored"]
    checks.check(title, len(good) == len(events) and events, f"{len(good)} of {len(events)} stored")
    return receipts


def script(checks, api):
    _, _, body = request("GET", api.url + "/t/versions")
    latest = json.loads(body)["latest"]
    status, headers, body = request("GET", f"{api.url}/t/{latest}/perennial.js", headers={"Accept-Encoding": "gzip"})
    checks.check("the script is at most 6 KB compressed", status == 200 and len(body) <= 6 * 1024, f"{len(body)} bytes")
    checks.check("a version is kept for ever", "immutable" in headers["Cache-Control"], headers["Cache-Control"])
    checks.check("it unpacks to a script", b"perennial" in gzip.decompress(body))
    status, headers, _ = request("GET", f"{api.url}/t/perennial.js")
    again = request("GET", f"{api.url}/t/perennial.js", headers={"If-None-Match": headers["ETag"]})
    checks.equal("the newest is asked for again by its mark", again[0], 304)
    checks.equal("an unknown version is not there", request("GET", f"{api.url}/t/9.9.9/perennial.js")[0], 404)


def page_views(checks, browser, api, site):
    track = Track(browser, api)
    page = track.page
    page.goto(f"{site.url}/a?utm_source=wechat&utm_medium=social&gclid=g1&pn_code=POSTER1")
    first = track.wait("Page Viewed")
    checks.check("the script runs with its integrity hash, from another origin", first, str(track.errors))
    started = track.wait("Session Started")
    checks.equal("the session knows its campaign", started["context"]["campaign"], {"source": "wechat", "medium": "social"})
    checks.equal("click ids", started["context"]["clickIds"], {"gclid": "g1"})
    checks.equal("the channel code", (started["context"]["channelCode"], started["traits"]["first_channel_code"]), ("POSTER1",) * 2)
    page.evaluate("history.pushState({}, '', '/b?x=1')")
    second = track.wait(lambda event: name(event) == "Page Viewed" and event["properties"]["path"] == "/b")
    checks.check("a route of a single-page application is a page", second)
    checks.equal("its referrer is the page before", second["properties"]["referrer"], first["properties"]["url"])
    page.evaluate("history.replaceState({}, '', '/b?x=1#frag')")
    page.go_back()
    track.wait(lambda event: name(event) == "Page Viewed" and event["timestamp"] > second["timestamp"])
    checks.equal("pages counted once each", len(track.named("Page Viewed")), 3)
    page.evaluate("perennial.screen('Cart', {items: 2})")
    screen = track.wait("Screen Viewed")
    checks.equal("a screen has its name", (screen["name"], screen["properties"]["items"]), ("Cart", 2))
    checks.equal("one session throughout", len({event["context"]["sessionId"] for event in track.posted.values()}), 1)
    checks.equal("no script errors", track.errors, [])
    all_stored(checks, "page views are stored", api, list(track.posted.values()))
    track.close()


def interactions(checks, browser, api, site):
    track = Track(browser, api)
    page = track.page
    page.goto(f"{site.url}/c")
    track.wait("Page Viewed")
    page.mouse.click(150, 125)
    click = track.wait("Element Clicked")["properties"]
    checks.equal("a click knows the element", (click["selector"], click["text"]), ("#buy", "Buy now"))
    checks.equal("and the place inside it", (click["x"], click["y"]), (0.25, 0.5))
    checks.equal("and on the page", (click["page_x"], click["page_y"], click["viewport_width"]), (150, 125, 1280))
    page.click("text=Two")
    link = track.wait(lambda event: event.get("event") == "Element Clicked" and "href" in event["properties"])["properties"]
    checks.check("a list's link has a path", re.search(r"li:nth-of-type\(2\)>a$", link["selector"]), link["selector"])
    page.fill("input[name=mobile]", "13800000000")
    page.fill("input[name=secret]", "hunter2-secret")
    started = track.wait("Form Started")["properties"]
    checks.equal("a form is started", (started["form"], started["first_field"]), ("#join", "mobile"))
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(1200)
    page.goto(f"{site.url}/d")
    dwelt = track.wait("Page Dwelt")
    checks.check("the page before was dwelt on", dwelt and 1 <= dwelt["properties"]["seconds"] < 30, str(dwelt))
    checks.equal("and read to its end", dwelt["properties"]["scroll_depth"], 100)
    left = (track.arrived("Form Abandoned") or {}).get("properties", {})
    checks.equal("the form was abandoned", tuple(left.get(name) for name in ("form", "last_field", "fields")), ("#join", "secret", 2))
    page.fill("input[name=name]", "Li")
    page.click("#join button")
    checks.equal("a form is submitted", track.wait("Form Submitted")["properties"]["form"], "#join")
    text = json.dumps(list(track.posted.values()))
    checks.check("nothing typed is sent", "13800000000" not in text and "hunter2" not in text)
    all_stored(checks, "interactions are stored", api, list(track.posted.values()))
    track.close()


def sessions(checks, browser, api, site):
    track = Track(browser, api)
    page = track.page
    page.clock.install()
    page.goto(f"{site.url}/s")
    first = track.wait("Session Started")
    page.clock.fast_forward("20:00")
    page.mouse.click(150, 125)
    page.clock.run_for(5000)
    checks.equal("20 minutes later it is the same session", track.wait("Element Clicked")["context"]["sessionId"],
                 first["context"]["sessionId"])
    page.clock.fast_forward("31:00")
    page.mouse.click(150, 125)
    page.clock.run_for(5000)
    track.wait(lambda event: name(event) == "Session Started" and event is not first)
    checks.equal("31 idle minutes later it is another", len(track.named("Session Started")), 2)
    page.goto(f"{site.url}/s?utm_source=mail")
    page.clock.run_for(5000)
    track.wait(lambda event: name(event) == "Session Started" and "campaign" in event["context"])
    checks.equal("a campaign begins another", len(track.named("Session Started")), 3)
    page.reload()
    page.clock.run_for(5000)
    checks.equal("the same campaign again does not", len(track.named("Session Started")), 3)
    for _ in range(75):
        page.clock.fast_forward("20:00")
        page.mouse.click(150, 125)
    page.clock.run_for(5000)
    track.wait(lambda _: len(track.named("Session Started")) >= 4)
    checks.check("no session is longer than a day", len(track.named("Session Started")) == 4, str(len(track.named("Session Started"))))
    track.close()


def identity(checks, browser, api, site):
    track = Track(browser, api)
    track.page.goto(f"{site.url}/i")
    before = track.wait("Page Viewed")
    user = f"tracked-{before['messageId'][:8]}"
    track.page.evaluate(f"perennial.identify('{user}', {{plan: 'gold'}})")
    track.page.evaluate("perennial.track('Order Completed', {order_id: '%s', total: 12.5, currency: 'CNY'})" % user)
    order = track.wait("Order Completed")
    all_stored(checks, "an order is stored", api, [order])
    people = api.get(f"/api/v1/profiles?search={user}")[1]["items"]
    person = api.get("/api/v1/profiles/" + people[0]["id"])[1]
    kinds = {(identity["kind"], identity["value"]) for identity in person["identities"]}
    checks.check("who was anonymous is known, with what came before",
                 {("user_id", user), ("anonymous_id", before["anonymousId"])} <= kinds, str(kinds))
    checks.equal("orders count", (person["order_count"], person["net_spend"]), (1, 1250))
    track.page.goto(f"{site.url}/i2")
    later = track.wait(lambda event: name(event) == "Page Viewed" and event["properties"]["path"] == "/i2")
    checks.equal("the next page knows them", (later.get("userId"), later["anonymousId"]), (user, before["anonymousId"]))
    track.page.evaluate("perennial.reset(); perennial.track('After')")
    after = track.wait("After")
    checks.check("after a reset it is somebody else", "userId" not in after and after["anonymousId"] != before["anonymousId"])
    track.close()


def privacy(checks, browser, api, site):
    def kept(page):
        return page.evaluate("[document.cookie, Object.keys(localStorage).join()]")

    track = Track(browser, api)
    page = track.page
    page.goto(f"{site.url}/p?head=required")
    page.mouse.click(150, 125)
    page.evaluate("perennial.track('Early')")
    page.wait_for_timeout(2500)
    checks.equal("nothing is sent before consent", track.requests, 0)
    checks.equal("nothing is stored before consent", kept(page), ["", ""])
    page.evaluate("perennial.consent('granted')")
    checks.check("with consent the page is recorded", track.wait("Page Viewed"))
    checks.check("what was asked before is not", not track.named("Early"))
    page.goto(f"{site.url}/p2?head=required")
    checks.check("consent is remembered", track.wait(lambda e: name(e) == "Page Viewed" and e["properties"]["path"] == "/p2"))
    page.evaluate("perennial.consent('denied')")
    checks.equal("taken back, everything is removed", kept(page), ["", ""])
    count = track.requests
    page.mouse.click(150, 125)
    page.wait_for_timeout(2500)
    checks.equal("and nothing more is sent", track.requests, count)
    track.close()

    track = Track(browser, api)
    for path in ("/q1", "/q2"):
        track.page.goto(f"{site.url}{path}?head=cookieless")
        track.wait(lambda e: name(e) == "Page Viewed" and e["properties"]["path"] == path)
        checks.equal(f"without cookies nothing is stored ({path})", kept(track.page), ["", ""])
    receipts = all_stored(checks, "without cookies pages are stored", api, track.named("Page Viewed"))
    checks.equal("and both are one visitor's", len({receipt["profile_id"] for receipt in receipts if receipt}), 1)
    track.close()

    for title, wish in [("Global Privacy Control", "globalPrivacyControl', {get: () => true"), ("Do Not Track", "doNotTrack', {get: () => '1'")]:
        track = Track(browser, api, script=f"Object.defineProperty(Navigator.prototype, '{wish}}})")
        track.page.goto(f"{site.url}/g")
        track.page.wait_for_timeout(2500)
        checks.equal(f"{title} is respected", (track.requests, kept(track.page)), (0, ["", ""]))
        track.close()


def networks(checks, browser, api, site, server):
    track = Track(browser, api)
    page = track.page
    page.goto(f"{site.url}/n")
    track.wait("Page Viewed")
    track.context.set_offline(True)
    page.evaluate("for (let n = 0; n < 30; n++) perennial.track('Offline', {n})")
    page.wait_for_timeout(3000)
    track.context.set_offline(False)
    track.wait(lambda _: len(track.named("Offline")) == 30)
    all_stored(checks, "what happened offline arrives", api, track.named("Offline"))

    cdp = track.context.new_cdp_session(page)
    cdp.send("Network.emulateNetworkConditions",
             {"offline": False, "latency": 1500, "downloadThroughput": 20000, "uploadThroughput": 20000})
    page.evaluate("for (let n = 0; n < 60; n++) perennial.track('Throttled', {n, text: 'x'.repeat(300)})")
    track.wait(lambda _: len(track.named("Throttled")) == 60, 60)
    receipts = all_stored(checks, "a slow network only takes longer", api, track.named("Throttled"))
    checks.equal("without sending anything twice", sum(receipt["duplicates"] for receipt in receipts if receipt), 0)
    cdp.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

    failures = []

    def fail(route):
        if len(failures) < 2:
            failures.append(route.request.post_data)
            return route.fulfill(status=503, body="busy", headers={"Access-Control-Allow-Origin": "*"})
        return route.continue_()

    page.route("**/t/events*", fail)
    page.evaluate("perennial.track('Refused')")
    deadline = time.monotonic() + SECONDS
    while len(failures) < 2 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    # The route is only served while the page is waited for.
    page.wait_for_timeout(5000)
    all_stored(checks, "a server that is busy is asked again", api, [track.wait("Refused")])
    page.unroute("**/t/events*")

    server.kill()
    page.evaluate("perennial.track('Down')")
    page.wait_for_timeout(3000)
    server.start()
    all_stored(checks, "a server that died gets it when it is back", api, [track.wait("Down")])
    track.close()


def dying_pages(checks, browser, api, site):
    track = Track(browser, api)
    page = track.page
    page.goto(f"{site.url}/x")
    track.wait("Page Viewed")
    page.evaluate("perennial.track('Last Words'); location.href = '/y'")
    checks.check("what happens as the page goes arrives by beacon", track.arrived("Last Words"))
    track.wait(lambda e: name(e) == "Page Viewed" and e["properties"]["path"] == "/y")
    track.context.set_offline(True)
    lost = page.evaluate("perennial.track('Orphaned'), 1")
    page.wait_for_timeout(500)
    page.close()
    track.context.set_offline(False)
    track.posted.clear()
    track.page = track.context.new_page()
    # Left queues are taken over when they were not touched for half a minute.
    track.page.clock.install(time=time.time() + 60)
    track.page.goto(f"{site.url}/z")
    track.page.clock.run_for(3000)
    orphan = track.wait("Orphaned")
    checks.check("what a dead page left behind, the next one sends", lost and orphan)
    if orphan:
        all_stored(checks, "and it is stored once", api, [orphan])
    track.close()


def modules_and_machines(checks, browser, api, site):
    track = Track(browser, api)
    track.page.goto(f"{site.url}/m?head=module")
    view = track.wait("Page Viewed")
    checks.check("the module works too", view and view["context"]["library"]["name"] == "perennial.js", str(track.errors))
    track.close()
    before = filtered(api)
    track = Track(browser, api, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    track.page.goto(f"{site.url}/bot")
    view = track.wait("Page Viewed")
    time.sleep(3)
    track.page.mouse.click(150, 125)
    track.wait("Element Clicked")
    time.sleep(0.5)
    status, _ = api.get("/api/v1/events/receipts/" + view["messageId"])
    checks.equal("a machine's visit makes no event", status, 404)
    checks.check("but is counted", filtered(api) > before, f"{before} {filtered(api)}")
    track.close()
    track = Track(browser, api, script="Object.defineProperty(Navigator.prototype, 'webdriver', {get: () => true})")
    track.page.goto(f"{site.url}/driven")
    view = track.wait("Page Viewed")
    checks.equal("nor does a driven browser's", api.get("/api/v1/events/receipts/" + view["messageId"])[0], 404)
    track.close()


def filtered(api):
    return sum(row["hits"] for row in api.get("/api/v1/traffic/filtered")[1]["items"])


def main():
    with Checks() as checks, Server() as server:
        scopes = ["events:read", "events:write", "profiles:read", "orders:read", "sources:read", "sources:write", "insights:read", "insights:write"]
        made = server.command("keys", "api", "Tracker", *[word for scope in scopes for word in ("--scope", scope)])
        api = API(server, re.search(r"pk_[A-Za-z0-9_-]{20,}", made)[0])
        key = api.post("/api/v1/sources", {"name": "Site", "kind": "web"})["write_keys"][0]["key"]
        versions = json.loads(request("GET", api.url + "/t/versions")[2])
        files = {file["path"]: file["integrity"] for file in versions["files"]}
        source = f"/t/{versions['latest']}/perennial.js"
        tag = f'<script src="{api.url}{source}" integrity="{files[source]}" crossorigin="anonymous" data-key="{key}" %s></script>'
        site = shop.Site(PORT + 1, {
            "plain": tag % "", "required": tag % 'data-consent="required"', "cookieless": tag % 'data-consent="cookieless"',
            "module": f'<script type="module">import perennial from "{api.url}/t/{versions["latest"]}/perennial.mjs";'
                      f'perennial.load("{key}", {{host: "{api.url}"}});</script>',
        })
        script(checks, api)
        with sync_playwright() as playwright:
            # Beacons of a page that goes carry the browser's own agent, whatever the context says.
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[
                "--no-sandbox", "--disable-blink-features=AutomationControlled", f"--user-agent={AGENT}"])
            for part in (page_views, interactions, sessions, identity, privacy, dying_pages, modules_and_machines):
                part(checks, browser, api, site)
            heatmap.heat_map(checks, browser, api, site, server, Track(browser, api))
            networks(checks, browser, api, site, server)
            browser.close()
        site.close()


main()
