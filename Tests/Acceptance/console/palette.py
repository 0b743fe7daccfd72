"""The command palette: people, places and actions under one key, and what it says when there is nothing."""

import re

LATE = "Nobody who is still asked for"


def hold(console):
    page, checks = console.page, console.checks
    _find(console)
    page.fill("#palette input", "zzzz no such thing")
    told = _told(console, "zzzz no such thing")
    checks.check("it says plainly that nothing is called so", "zzzz no such thing" in told, told)
    checks.equal("and lists nothing", page.locator(".palette-item").count(), 0)
    _late(console)
    page.fill("#palette input", "")
    checks.check("emptied, it offers pages again and says nothing", page.locator(".palette-note").is_hidden())
    page.keyboard.press("ArrowDown")
    active = page.locator("#palette input").get_attribute("aria-activedescendant")
    chosen = page.locator(".palette-item[aria-selected=true]").get_attribute("id")
    checks.check("the arrows choose a line, also for a screen reader", bool(chosen) and active == chosen, f"{active} {chosen}")
    page.keyboard.press("Escape")
    checks.check("Escape closes it", page.locator("#palette[open]").count() == 0)
    _act(console)


def _find(console):
    page, checks = console.page, console.checks
    console.open("/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open]")
    page.keyboard.type("M0001")
    checks.check("one key opens a search that finds people", console.appears(".palette-item[href^='/people/']"))
    # A place that matches too stays where it was when people come.
    page.fill("#palette input", page.locator(".nav a[href='/people']").inner_text().strip())
    _told(console, "")
    first = page.locator(".palette-item").first.get_attribute("href")
    checks.equal("what is known at once stands first and stays", first, "/people")


def _late(console):
    """The first of two answers comes last: it belongs to what is no longer asked."""
    page, checks = console.page, console.checks
    held = []

    def answer(route):
        if re.search(r"q=M000$", route.request.url):
            held.append(route)
        else:
            route.continue_()

    page.route("**/palette?*", answer)
    page.fill("#palette input", "M000")
    page.wait_for_timeout(400)
    page.fill("#palette input", "M0002")
    console.appears(".palette-item[href^='/people/']")
    before = page.locator(".palette-list").inner_text()
    for route in held:
        try:
            route.fulfill(json={"people": [{"title": LATE, "href": "/people/1", "detail": ""}]})
        except Exception:
            pass  # The browser itself has given it up: as good as dropped.
    page.wait_for_timeout(300)
    after = page.locator(".palette-list").inner_text()
    checks.check("an answer that comes late is dropped", len(held) == 1 and LATE not in after and after == before, after[:200])
    # An answer to a text that has been taken back altogether is late too.
    held.clear()
    page.fill("#palette input", "M000")
    page.wait_for_timeout(400)
    page.fill("#palette input", "")
    for route in held:
        try:
            route.fulfill(json={"people": [{"title": LATE, "href": "/people/1", "detail": ""}]})
        except Exception:
            pass
    page.wait_for_timeout(300)
    checks.check("also when nothing is asked any more", LATE not in page.locator(".palette-list").inner_text())
    page.unroute("**/palette?*")
    page.route("**/palette?*", lambda route: route.abort())
    console.errors.clear()
    page.fill("#palette input", "M0003")
    told = _told(console, "cannot be reached")
    checks.check("a server that cannot be reached is told", "cannot be reached" in told, told)
    page.unroute("**/palette?*")


def _told(console, words):
    """What the palette says once it says this: the words, or nothing at all where they are empty."""
    note = console.page.locator(".palette-note")
    for _ in range(100):
        said = note.text_content()
        if words in said if words else not said:
            break
        console.page.wait_for_timeout(50)
    return said


def _act(console):
    page, checks = console.page, console.checks
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open]")
    page.locator(".palette-item[href='/sources#add']").click()
    checks.check("it does things too: a dialog on the page where they are done", console.appears("#add[open]"))
