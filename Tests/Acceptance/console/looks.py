"""Looks at pages: both languages, light and dark, a desk and a phone; nothing broken, nothing that axe finds serious.

A page is opened once for a language, at a desk by day. Then the window turns into a phone and night falls, which also sees
that a page follows its window and the system's theme. Whoever wants pictures (CONSOLE_SHOTS) gets all four looks of each.
"""

import base64
import os
import re
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from driver import SKELETONS, frames

DESK, PHONE = (1440, 900), (390, 844)
KEPT = "CONSOLE_SHOTS" in os.environ
# Each look differs from the one before in one thing alone, where there are pictures.
LOOKS = [("light", DESK), ("light", PHONE), ("dark", PHONE), ("dark", DESK)] if KEPT else [("light", DESK), ("dark", PHONE)]
# axe takes longer than all else of a look, and most of what it asks is the same in every one. All its rules are asked
# once of a page that is filled and once of an empty one, by day at a desk and by night on a phone; what becomes of
# contrast by night also of the filled one. An empty page is looked at in one language, the next one in the other. A page that
# a task comes to once is asked as a filled one is.
ALL, CONTRAST = {}, {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
ONCE = {("light", DESK): ALL, ("dark", PHONE): CONTRAST}
FILLED = {"en": ONCE, "zh-Hans": {}}
EMPTY = {language: {("dark", PHONE): ALL} for language in FILLED}


def name_of(path):
    return re.sub(r"\d{6,}", "one", re.sub(r"\?.*", "", path)).strip("/").replace("/", "-") or "overview"


def keep(page, path):
    """The whole page, where pictures are wanted; as JPEG and coded in haste, which takes a third of the time of a PNG."""
    if not KEPT:
        return
    session = page.context.new_cdp_session(page)
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    picture = session.send("Page.captureScreenshot", {
        "format": "jpeg", "quality": 85, "captureBeyondViewport": True, "optimizeForSpeed": True,
        "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}})
    Path(path).write_bytes(base64.b64decode(picture["data"]))
    session.detach()


def look(driver, path, shots, language, judged):
    """One page in one language. `shots` is what the names of its pictures begin with; `judged`: looks with axe's rules."""
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
    """The looks of the page that is open; what is wrong with each, by axe too where it is judged."""
    faults = []
    for theme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": height})
        frames(page)
        keep(page, f"{shot}.{theme}.{width}.jpg")
        found = faults_of(page, width)
        rules = judged.get((theme, (width, height)))
        if rules is not None:
            found += serious(page, rules)
        faults += [f"{theme} {width}: {one}" for one in found]
    return faults


def glance(page, name, shots, checks):
    """A page that a task came to, as it stands."""
    language = page.evaluate("document.documentElement.lang")
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.evaluate("document.documentElement.dataset.theme = 'system'")
    size = page.viewport_size
    page.emulate_media(reduced_motion="reduce")
    faults = turn(page, shots / f"{name}.{language}", ONCE)
    checks.check(f"{name} looks whole ({language})", not faults, "; ".join(faults)[:600])
    page.emulate_media(color_scheme="null", reduced_motion="null")
    page.set_viewport_size(size)
    page.evaluate("one => { document.documentElement.dataset.theme = one }", theme)


# What is asked of a page in one go. The words that a key of the catalogues, a template's braces or a value that is none
# would leave are looked for where nobody asked for raw JSON.
STATE = """skeletons => ({
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    left: document.querySelectorAll(skeletons).length,
    undrawn: document.querySelectorAll("[data-chart]:not([data-drawn])").length,
    raw: document.querySelector("main pre, main textarea, main code") ? "" : document.querySelector("main").innerText,
})"""
RAW = re.compile(r"\{\{|\}\}|\b(?:undefined|NaN|null)\b|\{[a-z_]+\}")


def faults_of(page, width):
    state = page.evaluate(STATE, SKELETONS)
    found = [f"wider than {width}"] if state["wide"] else []
    if state["left"]:
        found.append(f"{state['left']} skeletons left")
    if state["undrawn"]:
        found.append(f"{state['undrawn']} charts not drawn")
    raw = RAW.findall(state["raw"])
    if raw:
        found.append(f"raw text {raw[:3]}")
    return found


JUDGE = """options => axe.run(document, options).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `axe ${id}: ${nodes[0].html.slice(0, 160)}`))"""


def serious(page, rules=ALL):
    """What axe finds, of the rules that are asked; nothing but what is wrong, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(JUDGE, {"resultTypes": ["violations"], "selectors": False, **rules})


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
