"""Works in the console as a person would, in a real browser, and looks at every page.

Starts two servers of its own: one stays empty, into the other orders are imported; or visits, in place of the latter, the
one in CONSOLE_URL with the one-time link in CONSOLE_LINK. Both in development mode, which has the page of every component.
Three browsers share the work: two do the tasks in the workspace that fills, one looks at the empty one; whoever has nothing
else to do looks at pages that are ready for it. What each task took is printed. With CONSOLE_SHOTS a picture of every page
in both languages, light and dark, at 1440 and 390 px goes into that folder.
"""

import os
import re
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import accounts  # noqa: E402
import centre  # noqa: E402
import lists  # noqa: E402
import loyalty  # noqa: E402
import looks  # noqa: E402
import marks  # noqa: E402
import merges  # noqa: E402
import paint  # noqa: E402
import palette  # noqa: E402
import reach  # noqa: E402
import refusals  # noqa: E402
import stream  # noqa: E402
from acceptance import FOLDER, PORT, Checks, Server  # noqa: E402
from desk import Console, basic, orders_file  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from tour import Round, Tour  # noqa: E402

SHOTS = Path(os.environ.get("CONSOLE_SHOTS", FOLDER / "screenshots"))
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Pages that are worth looking at as soon as there are people, and those that tasks fill first.
PAGES = [
    "/", "/people", "/orders", "/rfm", "/lifecycle", "/imports", "/traffic", "/catalogue", "/status", "/settings",
    "/settings/retention", "/settings/webhooks", "/account", "/account/two-factor", "/dashboard", "/insight/traffic",
    "/insight/funnel", "/insight/retention", "/insight/paths", "/insight/heatmap", "/insight/touchpoints?support=1",
    "/insight/scenes", "/insight/purchases?days=365", "/insight/explore?by=source", "/segments/new", "/segments/overlap",
    "/tags/new", "/scores/new", "/coupons/new", "/rewards/new", "/points/currencies/new", "/journeys/playbooks", "/journeys/new",
    "/experiments/new", "/experiments/size", "/console/design",
]
FILLED_BY_DESK = ["/sources", "/live", "/exports", "/quarantine", "/settings/users", "/settings/keys", "/settings/audit"]
FILLED_BY_SHOP = [
    "/segments", "/tags", "/scores", "/program", "/tiers", "/tiers/edit", "/channels", "/settings/sign-on", "/members", "/points",
    "/points/currencies", "/points/trial-balance", "/coupons", "/coupons/try", "/rewards", "/rewards/claims", "/approvals",
    "/liability", "/settings/member-centre", "/journeys", "/templates", "/broadcasts", "/broadcasts/new", "/messages", "/sending",
    "/sending/policy", "/sending/suppressions", "/sending/webhook", "/experiments", "/experiments/holdout",
]


def timed(name, task, *given):
    """Does a task, and says what it took."""
    begun = time.monotonic()
    try:
        return task(*given)
    finally:
        print(f"     {time.monotonic() - begun:5.1f} s {name}", flush=True)


class Hands:
    """Three threads, each with a browser, over two consoles."""

    def __init__(self, checks):
        self.checks = checks
        SHOTS.mkdir(parents=True, exist_ok=True)
        # Of three hands each may add pages.
        self.tour = Tour(checks, SHOTS, 3)
        # What the shop's hand needs of the desk's: its address, a session, a person, a source's key, the rounds.
        self.ready = Future()

    def work(self, full, bare):
        jobs = [(self.desk, full), (self.shop,), (self.empty, bare)]
        with ThreadPoolExecutor(len(jobs)) as hands:
            for hand in [hands.submit(self._with_browser, *job) for job in jobs]:
                hand.result()

    def _with_browser(self, job, *given):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            try:
                job(browser, *given)
            except BaseException as error:
                if not self.ready.done():
                    self.ready.set_exception(error)
                raise
            finally:
                self.tour.done()
            timed("looking", self.tour.walk, browser)
            browser.close()

    def _arrive(self, browser, address):
        """An administrator who has chosen a password."""
        url, link = address
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        console = Console(self.checks, page, url)
        console.sign_in(link)
        return console

    def _rounds(self, console, browser, judged, prefix=""):
        """One for each language, with a user who speaks it."""
        rounds = []
        for language in judged:
            one = accounts.newcomer(console, browser, f"looks-{language}")
            held = one.prefer(language, "system")
            self.checks.check(f"preferences hold ({prefix}{language})", held)
            state = one.page.context.storage_state()
            rounds.append(Round(console.url, language, judged[language], state, prefix))
            one.page.context.close()
        return rounds

    def desk(self, browser, address):
        """Data comes in, people are found, numbers opened, lists kept."""
        console = self._arrive(browser, address)
        console.prefer("en", "system")
        timed("import", console.import_orders, orders_file(FOLDER / "orders.csv"), SHOTS)
        person = console.find_person("M0004")
        key = basic(timed("key", console.make_key))
        rounds = self._rounds(console, browser, looks.FILLED)
        colleague = accounts.newcomer(console, browser, "shop")
        self.ready.set_result((console.url, colleague.page.context.storage_state(), person, key, rounds))
        self.tour.begin(rounds, PAGES)
        timed("palette", palette.hold, console)
        timed("paint", paint.hold, console, browser)
        timed("behind", console.behind)
        timed("marks", marks.hold, console)
        timed("merges", merges.undo, console, key)
        timed("quarantine", console.quarantine)
        timed("views", lists.views_and_columns, console)
        timed("export", lists.export, console)
        timed("live", lists.live, console, key)
        timed("stream", stream.hold, console, lists.send, key)
        timed("audit", lists.audit, console)
        timed("invite", accounts.invite, console, browser, SHOTS)
        made = [person, person + "/privacy", lists.orders(console), *console.details()]
        self.tour.add(rounds, FILLED_BY_DESK + made)
        timed("erase", accounts.erase, console, console.find_person("M0011"), SHOTS)

    def shop(self, browser):
        """Segments, the program, what members see, and what reaches them, by a second user."""
        url, state, person, key, rounds = self.ready.result()
        page = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state).new_page()
        console = Console(self.checks, page, url)
        console.prefer("en", "system")
        segment = timed("segment", lists.segment, console, SHOTS)
        tag = timed("tag", lists.tag, console)
        score = timed("score", lists.score, console)
        timed("completion", lists.completion, console)
        timed("channel", lists.channel, console)
        loyal = timed("points", loyalty.points, console, person) + timed("coupons", loyalty.coupons, console, person)
        loyal += timed("centre", centre.hold, console, browser, loyal[0], SHOTS)
        program = timed("program", lists.program, console)
        reached = self._reach(console, browser, key)
        timed("sign-on", accounts.single_sign_on, console, browser)
        made = [path + end for path in (segment, tag, score, program) for end in ("", "/edit")]
        self.tour.add(rounds, FILLED_BY_SHOP + made + loyal + reached)

    def _reach(self, console, browser, key):
        """The addresses of what was made."""
        timed("rules", reach.rules, console)
        letter, leave = timed("letter", reach.letter, console)
        item = timed("item", reach.item, console)
        everybody = reach.everybody(console)
        broadcast = timed("broadcast", reach.broadcast, console, everybody)
        journey, run = timed("journey", reach.journey, console, lambda who, event: lists.send(console, key, f"{who} {event}", event, who))
        experiment = timed("experiment", reach.experiment, console)
        timed("leave", reach.leave, console, browser, leave)
        return [
            letter, item, broadcast, journey, journey + "/edit", journey + "/runs", run, experiment, experiment + "/edit",
        ]

    def empty(self, browser, server):
        """What a stranger and another role see, and the empty workspace."""
        console = self._arrive(browser, first_link(server))
        rounds = self._rounds(console, browser, looks.EMPTY, "empty-")
        self.tour.begin(rounds, [])
        pages = PAGES + FILLED_BY_DESK + FILLED_BY_SHOP
        for place, one in enumerate(rounds):
            self.tour.add([one], pages[place::len(rounds)])
        timed("signed out", looks.signed_out, browser, console.url, SHOTS, self.checks)
        timed("refusals", refusals.hold, console, browser, server, SHOTS)


def first_link(server):
    """What the log offers whoever comes first."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        link = re.search(r"http://\S+/sign-in/link/\S+", server.tail(200_000))
        if link:
            return server.url, link.group(0)
        time.sleep(0.1)
    raise RuntimeError(f"no link in the log: {server.tail()}")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    development = {"PERENNIAL_LOG_LEVEL": "debug"}
    with Checks() as checks, Server(FOLDER / "empty", PORT + 1, development) as bare:
        if "CONSOLE_URL" in os.environ:
            return Hands(checks).work((os.environ["CONSOLE_URL"], os.environ["CONSOLE_LINK"]), bare)
        with Server(environment=development) as server:
            Hands(checks).work(first_link(server), bare)


main()
