"""The member centre: opened in the settings, a member's link made, and the site used on a phone as a customer would."""

import re

import looks

PHONE = {"width": 390, "height": 844}
PAGES = ["/m", "/m/inbox", "/m/benefits", "/m/points", "/m/coupons", "/m/rewards", "/m/claims", "/m/transfer", "/m/donate",
         "/m/rules"]
BYTES_MAX = 50 * 1024


def hold(console, browser, member, shots):
    """`member`: the path of one with points and a coupon, a reward being offered. What the console has to be looked at."""
    link = opened(console, member)
    walk(console, browser, link, shots)
    claim(console, browser, link)
    console.open(member + "/centre")
    console.page.locator("form[action$='/revoke'] button").first.click()
    console.page.wait_for_load_state()
    stranger = browser.new_context(viewport=PHONE, locale="en-GB").new_page()
    console.checks.equal("a link taken back opens nothing", stranger.goto(link).status, 410)
    stranger.context.close()
    return ["/settings/member-centre", member + "/centre"]


def opened(console, member):
    """The address of a link that opens as often as one likes."""
    page = console.page
    console.open("/settings/member-centre")
    page.check("[name=on]")
    page.fill("#brand-name", "Tea House")
    page.fill("#causes", "植树 | Trees")
    with page.expect_navigation():
        page.locator("form[action='/settings/member-centre'] .button-main").click()
    console.open(member + "/centre")
    page.select_option("#kind", "many")
    page.locator("form[action$='/links'] .button-main").click()
    page.wait_for_selector("#link")
    return page.locator("#link").inner_text()


def walk(console, browser, link, shots):
    """Every page in both languages, by day and by night; axe, the width of a phone, and what the phone had to fetch."""
    checks = console.checks
    for language, locale in (("zh-Hans", "zh-CN"), ("en", "en-GB")):
        page = browser.new_context(viewport=PHONE, locale=locale).new_page()
        fetched = {}
        page.on("response", lambda answer, kept=fetched: kept.__setitem__(answer.url, size(answer)))
        page.goto(link)
        coupon = None
        for path in PAGES + [None]:
            path = path or coupon
            if path is None:
                continue
            fetched.clear()
            answer = page.goto(console.url + path)
            faults = [] if answer.status == 200 else [f"status {answer.status}"]
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                looks.frames(page)
                looks.keep(page, shots / f"centre-{looks.name_of(path)}.{language}.{theme}.jpg")
                # All that axe asks in one language by day, contrast in the other by night.
                rules = {("en", "light"): looks.ALL, ("zh-Hans", "dark"): looks.CONTRAST}.get((language, theme))
                faults += looks.faults_of(page, PHONE["width"]) + ([] if rules is None else looks.serious(page, rules))
            checks.equal(f"{path} speaks the phone's language", page.evaluate("document.documentElement.lang"), language)
            checks.check(f"{path} looks whole on a phone ({language})", not faults, "; ".join(faults)[:600])
            own = sum(count for url, count in fetched.items() if not url.endswith(".svg"))
            checks.check(f"{path} is under 50 KB before pictures ({own})", own < BYTES_MAX)
            if path == "/m/coupons" and page.locator("a[href^='/m/coupons/']").count():
                coupon = page.locator("a[href^='/m/coupons/']").first.get_attribute("href")
        if coupon:
            checks.equal("a coupon has its QR code", page.locator("svg.qr path").count(), 1)
        page.goto(console.url + "/m")
        page.keyboard.press("Tab")
        checks.check("the first key leads past the frame", page.locator(".skip:focus").count() == 1)
        page.context.close()


def size(answer):
    try:
        return len(answer.body())
    except Exception:  # A redirect has none.
        return 0


def claim(console, browser, link):
    """A reward is claimed and taken back by a phone without JavaScript."""
    page = browser.new_context(viewport=PHONE, locale="en-GB", java_script_enabled=False).new_page()
    page.goto(link)
    page.goto(console.url + "/m/rewards")
    page.locator("a[href^='/m/rewards/']").first.click()
    for field, value in (("name", "Mei"), ("phone", "13800138000"), ("address", "Hangzhou")):
        if page.locator(f"#{field}").count():
            page.fill(f"#{field}", value)
    page.locator(".button-main").click()
    page.wait_for_url(re.compile(r"/m/claims/\d+$"))
    console.checks.check("a reward is claimed without JavaScript", page.locator("[role=status]").count() == 1)
    page.locator("summary").click()
    page.locator("form[action$='/cancellation'] button").click()
    page.wait_for_url(re.compile(r"/m/claims/\d+$"))
    console.checks.check("and taken back", "Cancelled" in page.locator("main").inner_text())
    page.context.close()
