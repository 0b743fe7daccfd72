"""Looks at pages: both languages, light and dark, a desk and a phone; nothing broken, nothing that axe finds serious.

A page is opened once for a language, at a desk by day. Then the window turns into a phone, night falls, and the phone
turns into a desk again: four looks of one visit, which also see that a page follows its window and the system's theme.
"""

import base64
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from driver import SKELETONS, frames

DESK, PHONE = (1440, 900), (390, 844)
# Each look differs from the one before in one thing alone.
LOOKS = [("light", DESK), ("light", PHONE), ("dark", PHONE), ("dark", DESK)]
# axe takes longer than all else of a look. It sees a page in both languages, light and dark, at both widths; what is
# open to both a filled and an empty workspace it sees in every theme at every width.
FILLED = {"zh-Hans": [("light", DESK)], "en": [("dark", PHONE)]}
EMPTY = {"zh-Hans": [("dark", DESK)], "en": [("light", PHONE)]}
JUDGE = Axe()
# Nothing but what is wrong, and where.
ONLY = {"resultTypes": ["violations"], "selectors": False}


def name_of(path):
    return re.sub(r"\d{6,}", "one", re.sub(r"\?.*", "", path)).strip("/").replace("/", "-") or "overview"


def keep(page, path):
    """The whole page; as JPEG and coded in haste, which takes a third of the time of a PNG, hundreds of times."""
    session = page.context.new_cdp_session(page)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    picture = session.send("Page.captureScreenshot", {
        "format": "jpeg", "quality": 85, "captureBeyondViewport": True, "optimizeForSpeed": True,
        "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}})
    Path(path).write_bytes(base64.b64decode(picture["data"]))
    session.detach()


def look(driver, path, shots, language, judged):
    """One page in one language: every theme at both widths. `shots` is what the names of its pictures begin with."""
    page = driver.page
    by_day(page)
    driver.errors.clear()
    answer = driver.open(path)
    faults = [] if answer.status == 200 else [f"status {answer.status}"]
    faults += turn(page, f"{shots}{name_of(path)}.{language}", judged)
    faults += driver.errors[:2]
    prefix = shots.rsplit("/", 1)[1]
    driver.checks.check(f"{prefix}{path} looks whole ({language})", not faults, "; ".join(faults)[:600])


def by_day(page):
    """A desk by day, where nothing moves by itself: what is drawn is there at once."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def turn(page, shot, judged):
    """The four looks of the page that is open; what is wrong with each, by axe too where it is judged."""
    faults = []
    for theme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": height})
        frames(page)
        keep(page, f"{shot}.{theme}.{width}.jpg")
        found = faults_of(page, width)
        if (theme, (width, height)) in judged:
            found += serious(page)
        faults += [f"{theme} {width}: {one}" for one in found]
    return faults


def glance(page, name, shots, checks):
    """A page that a task came to, as it stands: axe at every look, because it comes once."""
    language = page.evaluate("document.documentElement.lang")
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.evaluate("document.documentElement.dataset.theme = 'system'")
    size = page.viewport_size
    page.emulate_media(reduced_motion="reduce")
    faults = turn(page, shots / f"{name}.{language}", LOOKS)
    checks.check(f"{name} looks whole ({language})", not faults, "; ".join(faults)[:600])
    page.emulate_media(color_scheme="null", reduced_motion="null")
    page.set_viewport_size(size)
    page.evaluate("one => { document.documentElement.dataset.theme = one }", theme)


def faults_of(page, width):
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"wider than {width}")
    left = page.locator(SKELETONS).count()
    if left:
        found.append(f"{left} skeletons left")
    undrawn = page.locator("[data-chart]:not([data-drawn])").count()
    if undrawn:
        found.append(f"{undrawn} charts not drawn")
    # A key of the catalogues where a text should be, a template's braces, or a value that is none.
    left = re.findall(r"\{\{|\}\}|\b(?:undefined|NaN|null)\b|\{[a-z_]+\}", page.locator("main").inner_text())
    # Raw JSON is shown where somebody asked for it.
    if left and not page.locator("main pre, main textarea, main code").count():
        found.append(f"raw text {left[:3]}")
    return found


def serious(page):
    found = [one for one in JUDGE.run(page, options=ONLY).response["violations"] if one["impact"] in ("serious", "critical")]
    return [f"axe {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def signed_out(browser, url, shots, checks):
    """What a stranger sees: sign-in and an address that leads nowhere."""
    for locale in ("zh-CN", "en-GB"):
        context = browser.new_context(locale=locale, extra_http_headers={"Accept": "text/html,*/*"})
        page = context.new_page()
        for path, status in (("/sign-in", 200), ("/nothing/here", 404), ("/sign-in/link/of-yesterday", 410)):
            by_day(page)
            answer = page.goto(url + path)
            checks.equal(f"a stranger's {path} answers with its status", answer.status, status)
            glance(page, name_of(path), shots, checks)
        context.close()
