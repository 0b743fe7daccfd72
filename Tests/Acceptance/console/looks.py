"""Looks at pages: both languages, light and dark, a desk and a phone; nothing broken, nothing that axe finds serious.

A page is opened once for a language and a theme, and seen at both widths, as somebody turns a window into a phone.
"""

import re

from axe_playwright_python.sync_playwright import Axe

DESK, PHONE = (1440, 900), (390, 844)
LOOKS = [("zh-Hans", "light"), ("en", "dark"), ("zh-Hans", "dark"), ("en", "light")]


def name_of(path):
    return re.sub(r"\d{6,}", "one", re.sub(r"\?.*", "", path)).strip("/").replace("/", "-") or "overview"


def keep(page, path):
    """The whole page; as JPEG, which takes half the time of PNG, hundreds of times."""
    page.screenshot(path=path, full_page=True, type="jpeg", quality=85)


def look(console, paths, shots, looks=LOOKS, axe=True, prefix=""):
    """Every path in every language and theme at both widths; axe at the desk's."""
    checks, page = console.checks, console.page
    judge = Axe()
    for language, theme in looks:
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        checks.check(f"preferences hold ({language} {theme})", console.prefer(language, theme))
        for path in paths:
            page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
            console.errors.clear()
            answer = console.open(path)
            faults = [] if answer.status == 200 else [f"status {answer.status}"]
            for width, height in (DESK, PHONE):
                if width != DESK[0]:
                    page.set_viewport_size({"width": width, "height": height})
                    page.wait_for_timeout(80)
                keep(page, shots / f"{prefix}{name_of(path)}.{language}.{theme}.{width}.jpg")
                faults += faults_of(page, width)
                if axe and width == DESK[0] and (language, theme) in LOOKS[:2]:
                    faults += serious(judge, page)
            faults += console.errors[:2]
            checks.check(f"{prefix}{path} looks whole ({language} {theme})", not faults, "; ".join(faults)[:600])
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})


def faults_of(page, width):
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"wider than {width}")
    if page.locator(".skeleton").count():
        found.append(f"{page.locator('.skeleton').count()} skeletons left")
    undrawn = page.locator("[data-chart]:not([data-drawn])").count()
    if undrawn:
        found.append(f"{undrawn} charts not drawn")
    # A key of the catalogues where a text should be, a template's braces, or a value that is none.
    left = re.findall(r"\{\{|\}\}|\b(?:undefined|NaN|null)\b|\{[a-z_]+\}", page.locator("main").inner_text())
    # Raw JSON is shown where somebody asked for it.
    if left and not page.locator("main pre, main textarea, main code").count():
        found.append(f"raw text {left[:3]}")
    return found


def serious(judge, page):
    found = [one for one in judge.run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    return [f"axe {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def signed_out(browser, url, shots, checks):
    """What a stranger sees: sign-in and an address that leads nowhere."""
    judge = Axe()
    for language, locale in (("zh-Hans", "zh-CN"), ("en", "en-GB")):
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": DESK[0], "height": DESK[1]}, locale=locale, color_scheme=theme,
                extra_http_headers={"Accept": "text/html,*/*"})
            page = context.new_page()
            for path, status in (("/sign-in", 200), ("/nothing/here", 404)):
                answer = page.goto(url + path)
                faults = [] if answer.status == status else [f"status {answer.status}"]
                for width, height in (DESK, PHONE):
                    page.set_viewport_size({"width": width, "height": height})
                    page.wait_for_timeout(80)
                    keep(page, shots / f"{name_of(path)}.{language}.{theme}.{width}.jpg")
                    faults += faults_of(page, width)
                faults += serious(judge, page)
                checks.check(f"a stranger's {path} looks whole ({language} {theme})", not faults, "; ".join(faults)[:600])
            context.close()
