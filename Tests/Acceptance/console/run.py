"""Works in the console as a person would, in a real browser, and looks at every page.

Starts two servers of its own: one stays empty, into the other orders are imported; or visits, in place of the latter, the
one in CONSOLE_URL with the one-time link in CONSOLE_LINK. Both in development mode, which has the page of every component.
Screenshots of every page in both languages, light and dark, at 1440 and 390 px go to CONSOLE_SHOTS.
"""

import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import centre  # noqa: E402
import lists  # noqa: E402
import loyalty  # noqa: E402
import looks  # noqa: E402
import marks  # noqa: E402
import merges  # noqa: E402
import paint  # noqa: E402
import palette  # noqa: E402
import provider  # noqa: E402
import refusals  # noqa: E402
import stream  # noqa: E402
from acceptance import FOLDER, PORT, Checks, Server  # noqa: E402
from driver import PASSWORD, Driver  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from tour import Round, Tour  # noqa: E402

SHOTS = Path(os.environ.get("CONSOLE_SHOTS", FOLDER / "screenshots"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PAGES = [
    "/", "/people", "/segments", "/segments/new", "/segments/overlap", "/tags", "/tags/new", "/scores",
    "/scores/new", "/orders", "/rfm", "/lifecycle", "/program", "/tiers", "/tiers/edit", "/imports",
    "/sources", "/channels", "/traffic", "/live", "/exports", "/quarantine", "/catalogue", "/status", "/settings",
    "/settings/users", "/settings/sign-on", "/settings/member-centre", "/settings/keys", "/settings/retention", "/settings/webhooks",
    "/settings/audit", "/account", "/account/two-factor", "/dashboard", "/insight/traffic", "/insight/funnel",
    "/insight/retention", "/insight/paths", "/insight/heatmap", "/insight/touchpoints?support=1", "/insight/scenes", "/insight/purchases?days=365",
    "/insight/explore?by=source", "/members", "/points", "/points/currencies", "/points/currencies/new",
    "/points/trial-balance", "/coupons", "/coupons/new", "/coupons/try", "/rewards", "/rewards/new", "/rewards/claims", "/approvals", "/liability", "/console/design",
]


def orders_file(path, people=60):
    """A small shop's export, in Chinese, with a refused row."""
    lines = ["会员号,订单号,下单时间,实付金额,商品"]
    for person in range(people):
        for order in range(1 + person % 5):
            day = 1 + (person * 3 + order * 7) % 28
            month = 1 + (person + order * 2) % 10
            lines.append(
                f"M{person:04},T{person:04}-{order},2026-{month:02}-{day:02} 10:{person % 60:02}:00,"
                f"{18 + person % 40}.5,乌龙茶"
            )
    lines.append("M9999,T9999-0,no date,12,绿茶")
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


class Console(Driver):
    def sign_in(self, link):
        self.page.goto(link)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#again", PASSWORD)
        self.page.click("button[name=now]")
        self.page.wait_for_url(self.url + "/")
        self.checks.check("a one-time link and a new password open the console", self.page.locator(".nav").count() == 1)
        self.page.locator(".who").click()
        self.page.get_by_text(re.compile("^(退出登录|Sign out)$")).click()
        self.page.wait_for_url(re.compile("/sign-in"))
        self.page.fill("#email", "admin@localhost")
        self.page.fill("#password", PASSWORD)
        self.page.click("form button")
        self.page.wait_for_url(self.url + "/")
        self.checks.check("the password signs in again", self.page.locator("h1").count() == 1)

    def import_orders(self, file):
        self.open("/imports")
        self.page.set_input_files("input[type=file]", str(file))
        self.page.wait_for_url(re.compile(r"/imports/\d+$"))
        self.settle()
        mapped = self.page.locator("select[name^='column.']").evaluate_all("list => list.map(one => one.value)")
        self.checks.equal("columns of a Chinese GB18030 export are recognised", mapped[:4], ["member_id", "order_id", "time", "amount"])
        looks.glance(self.page, "import-mapping", SHOTS, self.checks)
        self.checks.check("the first rows are previewed", self.page.locator("#preview").count() == 1)
        self.page.select_option("select[name='column.4']", "keep")
        self.page.wait_for_load_state("networkidle")
        self.checks.equal("a changed column stays changed", self.page.locator("select[name='column.4']").input_value(), "keep")
        self.page.select_option("select[name='column.4']", "product")
        self.page.wait_for_load_state("networkidle")
        self.page.locator("#plan .button-main").click()
        self.page.wait_for_url(re.compile(r"/imports/\d+$"))
        self.page.wait_for_selector("#progress a[href='/people']", timeout=60000)
        self.checks.check("the import ends and leads to the people", True)
        self.checks.check("the refused row is offered as a file", self.page.locator("a[href$='/errors']").count() == 1)

    def find_person(self, text):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.open("/people")
            if self.page.locator("#q").count():
                self.page.fill("#q", text)
                self.page.wait_for_load_state("networkidle")
                self.page.wait_for_timeout(600)
                if self.page.locator("#people tbody tr").count() == 1:
                    break
            time.sleep(0.5)
        found = self.page.locator("#people tbody tr").count()
        self.checks.equal("a member number finds one person", found, 1)
        self.page.locator("#people tbody a").first.click()
        self.page.wait_for_url(re.compile(r"/people/\d+"))
        self.settle()
        self.checks.check("the person's page shows the identity", text in self.page.locator("main").inner_text())
        self.checks.check("the timeline has moments", self.page.locator(".moment").count() > 0)
        self.page.locator(".timeline details summary").first.click()
        return self.page.url.removeprefix(self.url)

    def behind(self):
        """Numbers on marks, and the people listed behind them."""
        marks = [
            ("/?days=365", "a[href*='mark=buyers']", "a[href*='mark=repeat_buyers']"),
            ("/rfm", ".heat a[href*='mark=rfm']:not(.heat-0)", "tbody a[href*='class=']"),
            ("/lifecycle", "a[href*='mark=stage']", "a[href*='mark=stage&']"),
        ]
        for path, *selectors in marks:
            for selector in selectors:
                self.open(path)
                mark = self.page.locator(selector + ":visible").first
                mark.wait_for(timeout=15000)
                href = mark.get_attribute("href")
                said = re.search(r"[?&]n=(\d+)", href)
                self.open(href)
                head = self.page.locator("#behind-count")
                listed = re.sub(r"\D", "", head.inner_text()) if head.count() else "0"
                if said and "of=" not in href:
                    self.checks.equal(f"as many people as the mark says ({href.split('&')[0]})", listed, said.group(1))
                else:
                    self.checks.check(f"a mark opens its people ({href.split('&')[0]})", int(listed) > 0)
        self.open("/")
        how = self.page.locator(".figure .how").first
        how.click()
        self.checks.check("a figure says how it is counted", self.page.locator(".how-text:popover-open").count() == 1)
        self.page.keyboard.press("Escape")
        self.open("/rfm")
        chart = self.page.locator("[data-chart]").first
        chart.locator("[data-chart-toggle]").click()
        self.checks.check("a chart shows its table with links", chart.locator(".chart-table a").count() > 0)
        for kind in ("save", "picture"):
            with self.page.expect_download() as download:
                chart.locator(f"[data-chart-{kind}]").click()
            self.checks.check(f"a chart is kept as a file ({kind})", download.value.suggested_filename.endswith((".csv", ".png")))

    def make_key(self):
        self.open("/sources")
        self.page.locator("[data-dialog=add]").first.click()
        self.page.fill("#source-name", "Web shop")
        self.page.locator("#add .button-main").click()
        self.page.wait_for_url(re.compile(r"/sources/\d+"))
        self.settle()
        key = self.page.locator("code[id^='key-']").first.inner_text()
        self.checks.check("a source has a key and snippets that carry it", key in self.page.locator("pre").first.inner_text())
        body = '{"userId":"M0001","event":"Product Viewed","properties":{"name":"白茶"}}'
        answer = self.page.request.post(
            self.url + "/v1/track", data=body, headers={"Content-Type": "application/json", "Authorization": _basic(key)}
        )
        self.checks.equal("the key is taken", answer.status, 200)
        self.checks.check("the page sees the first event arrive", self.appears("#arrival.banner-good"))
        return key

    def quarantine(self):
        key = None
        self.open("/sources")
        self.page.locator("table a").first.click()
        self.page.wait_for_url(re.compile(r"/sources/\d+"))
        key = self.page.locator("code[id^='key-']").first.inner_text()
        body = '{"batch":[{"type":"track","userId":"M0001","properties":{}}]}'
        self.page.request.post(
            self.url + "/v1/batch", data=body, headers={"Content-Type": "application/json", "Authorization": _basic(key)}
        )
        deadline = time.monotonic() + 30
        self.open("/quarantine")
        while not self.page.locator("tbody tr").count() and time.monotonic() < deadline:
            self.open("/quarantine")
        self.checks.check("a refused event is listed with its reason", self.page.locator("tbody tr").count() >= 1)
        self.page.locator("tbody a").first.click()
        self.page.wait_for_url(re.compile(r"/quarantine/\d+"))
        raw = self.page.locator("textarea").input_value()
        self.page.fill("textarea", raw.replace('"track"', '"track","event":"Product Viewed"', 1))
        self.page.locator("form .button-main").click()
        self.page.wait_for_url(re.compile(r"/quarantine$"))
        self.checks.check("a mended event is replayed", self.appears(".toast"))

    def details(self):
        """One page of each kind that stands behind a row of a list."""
        found = ["/catalogue/event?name=Product%20Viewed", "/behind?mark=stage&stage=churn"]
        for path, selector in (
            ("/imports", "#imports a, [data-table=imports] a"), ("/sources", "table a"), ("/lifecycle", "a[href^='/lifecycle/models']"),
            ("/quarantine?status=replayed", "tbody a"), ("/channels", "table a[href^='/channels/']"),
        ):
            self.open(path)
            link = self.page.locator(selector)
            if self.checks.check(f"{path} leads to one of its kind", link.count() > 0):
                found.append(link.first.get_attribute("href"))
        return found

    def invite(self, browser):
        """Somebody is invited, comes by the link, and signs in with a second factor from then on."""
        self.open("/settings/users")
        self.page.locator("[data-dialog=invite]").click()
        self.page.fill("#invite-email", "mei@example.com")
        self.page.locator("#invite .button-main").click()
        link = self.page.locator("#link").inner_text()
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(self.url + link)
        looks.glance(page, "invitation", SHOTS, self.checks)
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.click("button[name=now]")
        page.wait_for_url(self.url + "/")
        page.goto(self.url + "/account/two-factor")
        page.fill("#current", PASSWORD)
        page.locator("form[action='/account/two-factor/begin'] .button-main").click()
        secret = page.locator("#secret").inner_text().replace(" ", "")
        looks.glance(page, "two-factor-begun", SHOTS, self.checks)
        self.checks.check("the QR code is drawn", page.locator("svg.qr path").count() == 1)
        page.fill("#code", _totp(secret))
        stolen = browser.new_context(storage_state=page.context.storage_state(), locale="en-GB").new_page()
        stolen.goto(self.url + "/account")
        self.checks.check("a copied session is as good as the session", stolen.url.endswith("/account"), stolen.url)
        page.locator("form[action='/account/two-factor/confirm'] .button-main").click()
        codes = page.locator("#codes").inner_text().split()
        self.checks.equal("recovery codes are shown once", len(codes), 10)
        stolen.goto(self.url + "/account")
        self.checks.check("until its owner's second factor counts", "/sign-in" in stolen.url, stolen.url)
        stolen.context.close()
        page.locator(".who").click()
        page.get_by_text(re.compile("^(退出登录|Sign out)$")).click()
        page.wait_for_url(re.compile("/sign-in"))
        page.goto(self.url + "/people?stage=growth")
        page.fill("#email", "mei@example.com")
        page.fill("#password", PASSWORD)
        page.click("form button")
        page.wait_for_url(re.compile("/sign-in/code"))
        looks.glance(page, "sign-in-code", SHOTS, self.checks)
        page.fill("#code", "000000")
        page.click("form button")
        page.wait_for_selector("[role=alert]")
        self.checks.check("a wrong code is refused", page.locator("[role=alert]").count() == 1)
        page.fill("#code", _totp(secret, 1))
        page.click("form button")
        page.wait_for_url(re.compile("/people"))
        self.checks.check("the code opens the page that was asked for", page.url.endswith("/people?stage=growth"), page.url)
        page.context.close()

    def erase(self, person):
        """Everything about a person is saved as a file, then the person is erased and the progress ends."""
        import json

        self.open(person + "/privacy")
        with self.page.expect_download() as download:
            self.page.locator("form[action$='/export'] button").click()
        document = json.loads(Path(download.value.path()).read_text())
        self.checks.equal("an export says its format", document["format"], "perennial.person/1")
        self.checks.check("an export has orders and events", len(document["orders"]) > 0 and len(document["events"]) > 0)
        self.page.fill("#word", "no")
        self.page.locator("form[action$='/erase'] .button-bad").click()
        self.checks.check("a wrong word erases nobody", self.appears("[role=alert]"))
        self.page.fill("#word", self.page.locator("label code").inner_text())
        self.page.locator("form[action$='/erase'] .button-bad").click()
        self.page.wait_for_url(re.compile("/privacy$"))
        deadline = time.monotonic() + 40
        while self.page.locator("#erasure .dot-good").count() < 3 and time.monotonic() < deadline:
            self.page.wait_for_timeout(200)
        looks.glance(self.page, "erased", SHOTS, self.checks)
        self.checks.equal("the erasure reaches its end on the page", self.page.locator("#erasure .dot-good").count(), 3)

    def single_sign_on(self, browser):
        """A provider on loopback that is strict about every parameter."""
        with provider.Provider(self.url + "/sign-in/sso/callback") as one:
            self.open("/settings/sign-on")
            self.page.check("[name=on]")
            for name, value in (("issuer", one.issuer), ("client", "perennial"), ("secret", "s3cret"), ("domains", "example.com")):
                self.page.fill(f"#{name}", value)
            self.page.select_option("#newcomers", "viewer")
            with self.page.expect_navigation():
                self.page.locator("form[action='/settings/sign-on'] .button-main").click()
            page = browser.new_context(locale="en-GB").new_page()
            page.goto(self.url + "/people")
            page.get_by_text("Sign in with your organisation").click()
            page.wait_for_url(re.compile("/people"))
            self.checks.check("single sign-on opens the page that was asked for", page.locator(".nav").count() == 1)
            self.checks.equal("the provider had nothing to complain of", one.complaints, [])
            page.context.close()
            for fault, words in provider.FAULTS.items():
                one.fault = fault
                page = browser.new_context(locale="en-GB").new_page()
                page.goto(self.url + "/sign-in/sso")
                text = page.locator("main").inner_text()
                told = words in text and page.goto(self.url + "/account").url.find("/sign-in") > 0
                self.checks.check(f"a provider's fault is told and opens nothing: {fault}", told, text[:160])
                page.context.close()


def _totp(secret, steps=0):
    """RFC 6238 as an authenticator app has it."""
    import base64
    import hmac

    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30 + steps).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset:offset + 4], 'big') & 0x7FFFFFFF) % 1000000:06}"


def _basic(key):
    import base64

    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def tasks(console, browser):
    """Everything that is done in the console; the addresses of what was made there."""
    console.import_orders(orders_file(FOLDER / "orders.csv"))
    person = console.find_person("M0004")
    palette.hold(console)
    paint.hold(console, browser)
    console.behind()
    marks.hold(console)
    key = console.make_key()
    merges.undo(console, key, _basic)
    console.quarantine()
    console.invite(browser)
    console.single_sign_on(browser)
    lists.views_and_columns(console)
    lists.export(console)
    lists.live(console, key, _basic)
    stream.hold(console, lists.send, _basic(key))
    segment = lists.segment(console, SHOTS)
    tag = lists.tag(console)
    score = lists.score(console)
    lists.channel(console)
    lists.audit(console)
    loyal = loyalty.points(console, person) + loyalty.coupons(console, person)
    loyal += centre.hold(console, browser, loyal[0], SHOTS)
    program = lists.program(console)
    made = [path + end for path in (segment, tag, score, program) for end in ("", "/edit")]
    return person, [person, person + "/privacy", lists.orders(console), *made, *loyal, *console.details()]


def arrive(checks, browser, address):
    """An administrator who has chosen a password."""
    url, link = address
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    console = Console(checks, page, url)
    console.sign_in(link)
    return console


def empty(checks, tour, server):
    """What a stranger and another role see, then the empty workspace, then whatever is left to be looked at."""
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            console = arrive(checks, browser, first_link(server))
            looks.signed_out(browser, console.url, SHOTS, checks)
            refusals.hold(console, browser, server, SHOTS)
            tour.begin(console, PAGES)
            tour.walk(browser)
            browser.close()
    finally:
        tour.stop()


def filled(checks, tour, address):
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            console = arrive(checks, browser, address)
            console.prefer("en", "system")
            person, made = tasks(console, browser)
            tour.begin(console, PAGES + made)
            tour.walk(browser)
            console.erase(person)
            browser.close()
    finally:
        tour.stop()


def launch(playwright):
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


def first_link(server):
    """What the log offers whoever comes first."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        link = re.search(r"http://\S+/sign-in/link/\S+", server.tail(200_000))
        if link:
            return server.url, link.group(0)
        time.sleep(0.1)
    raise RuntimeError(f"no link in the log: {server.tail()}")


def work(checks, full, bare):
    """Two browsers: one does the tasks in a workspace that fills, one looks at an empty one; then both look at the rest."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    rounds = [Round(bare.url, language, judged, "empty-") for language, judged in looks.EMPTY.items()]
    rounds += [Round(full[0], language, judged) for language, judged in looks.FILLED.items()]
    tour = Tour(checks, SHOTS, rounds)
    with ThreadPoolExecutor(2) as hands:
        for hand in [hands.submit(filled, checks, tour, full), hands.submit(empty, checks, tour, bare)]:
            hand.result()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    development = {"PERENNIAL_LOG_LEVEL": "debug"}
    with Checks() as checks, Server(FOLDER / "empty", PORT + 1, development) as bare:
        if "CONSOLE_URL" in os.environ:
            return work(checks, (os.environ["CONSOLE_URL"], os.environ["CONSOLE_LINK"]), bare)
        with Server(environment=development) as server:
            work(checks, first_link(server), bare)


main()
