"""Who may come in: invitations, the second factor, single sign-on, and a person's right to be forgotten."""

import json
import re
import time
from pathlib import Path

import looks
import provider
from desk import Console
from driver import PASSWORD


def newcomer(console, browser, name):
    """Another administrator, signed in: somebody's language and notices are theirs, so each at work has a user of their own."""
    page = console.page
    console.open("/settings/users")
    page.locator("[data-dialog=invite]").click()
    page.fill("#invite-email", f"{name}@example.com")
    page.check("#invite input[name=role][value=admin]")
    page.locator("#invite .button-main").click()
    link = page.locator("#link").inner_text()
    visitor = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    visitor.goto(link)
    visitor.fill("#password", PASSWORD)
    visitor.fill("#again", PASSWORD)
    visitor.click("button[name=now]")
    visitor.wait_for_url(console.url + "/")
    return Console(console.checks, visitor, console.url)


def invite(console, browser, shots):
    """Somebody is invited, comes by the link, and signs in with a second factor from then on."""
    console.open("/settings/users")
    console.page.locator("[data-dialog=invite]").click()
    console.page.fill("#invite-email", "mei@example.com")
    console.page.locator("#invite .button-main").click()
    link = console.page.locator("#link").inner_text()
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(link)
    looks.glance(page, "invitation", shots, console.checks)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button[name=now]")
    page.wait_for_url(console.url + "/")
    page.goto(console.url + "/account/two-factor")
    page.fill("#current", PASSWORD)
    page.locator("form[action='/account/two-factor/begin'] .button-main").click()
    secret = page.locator("#secret").inner_text().replace(" ", "")
    looks.glance(page, "two-factor-begun", shots, console.checks)
    console.checks.check("the QR code is drawn", page.locator("svg.qr path").count() == 1)
    page.fill("#code", _totp(secret))
    stolen = browser.new_context(storage_state=page.context.storage_state(), locale="en-GB").new_page()
    stolen.goto(console.url + "/account")
    console.checks.check("a copied session is as good as the session", stolen.url.endswith("/account"), stolen.url)
    page.locator("form[action='/account/two-factor/confirm'] .button-main").click()
    codes = page.locator("#codes").inner_text().split()
    console.checks.equal("recovery codes are shown once", len(codes), 10)
    stolen.goto(console.url + "/account")
    console.checks.check("until its owner's second factor counts", "/sign-in" in stolen.url, stolen.url)
    stolen.context.close()
    page.locator(".who").click()
    page.get_by_text(re.compile("^(退出登录|Sign out)$")).click()
    page.wait_for_url(re.compile("/sign-in"))
    page.goto(console.url + "/people?stage=growth")
    page.fill("#email", "mei@example.com")
    page.fill("#password", PASSWORD)
    page.click("form button")
    page.wait_for_url(re.compile("/sign-in/code"))
    looks.glance(page, "sign-in-code", shots, console.checks)
    page.fill("#code", "000000")
    page.click("form button")
    page.wait_for_selector("[role=alert]")
    console.checks.check("a wrong code is refused", page.locator("[role=alert]").count() == 1)
    page.fill("#code", _totp(secret, 1))
    page.click("form button")
    page.wait_for_url(re.compile("/people"))
    console.checks.check("the code opens the page that was asked for", page.url.endswith("/people?stage=growth"), page.url)
    page.context.close()


def single_sign_on(console, browser):
    """A provider on loopback that is strict about every parameter."""
    with provider.Provider(console.url + "/sign-in/sso/callback") as one:
        console.open("/settings/sign-on")
        console.page.check("[name=on]")
        for name, value in (("issuer", one.issuer), ("client", "perennial"), ("secret", "s3cret"), ("domains", "example.com")):
            console.page.fill(f"#{name}", value)
        console.page.select_option("#newcomers", "viewer")
        with console.page.expect_navigation():
            console.page.locator("form[action='/settings/sign-on'] .button-main").click()
        page = browser.new_context(locale="en-GB").new_page()
        page.goto(console.url + "/people")
        page.get_by_text("Sign in with your organisation").click()
        page.wait_for_url(re.compile("/people"))
        console.checks.check("single sign-on opens the page that was asked for", page.locator(".nav").count() == 1)
        console.checks.equal("the provider had nothing to complain of", one.complaints, [])
        page.context.close()
        for fault, words in provider.FAULTS.items():
            one.fault = fault
            page = browser.new_context(locale="en-GB").new_page()
            page.goto(console.url + "/sign-in/sso")
            text = page.locator("main").inner_text()
            told = words in text and page.goto(console.url + "/account").url.find("/sign-in") > 0
            console.checks.check(f"a provider's fault is told and opens nothing: {fault}", told, text[:160])
            page.context.close()


def erase(console, person, shots):
    """Everything about a person is saved as a file, then the person is erased and the progress ends."""
    console.open(person + "/privacy")
    with console.page.expect_download() as download:
        console.page.locator("form[action$='/export'] button").click()
    document = json.loads(Path(download.value.path()).read_text())
    console.checks.equal("an export says its format", document["format"], "perennial.person/1")
    console.checks.check("an export has orders and events", len(document["orders"]) > 0 and len(document["events"]) > 0)
    console.page.fill("#word", "no")
    console.page.locator("form[action$='/erase'] .button-bad").click()
    console.checks.check("a wrong word erases nobody", console.appears("[role=alert]"))
    console.page.fill("#word", console.page.locator("label code").inner_text())
    console.page.locator("form[action$='/erase'] .button-bad").click()
    console.page.wait_for_url(re.compile("/privacy$"))
    deadline = time.monotonic() + 40
    while console.page.locator("#erasure .dot-good").count() < 3 and time.monotonic() < deadline:
        console.page.wait_for_timeout(200)
    looks.glance(console.page, "erased", shots, console.checks)
    console.checks.equal("the erasure reaches its end on the page", console.page.locator("#erasure .dot-good").count(), 3)


def _totp(secret, steps=0):
    """RFC 6238 as an authenticator app has it."""
    import base64
    import hmac

    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30 + steps).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset:offset + 4], 'big') & 0x7FFFFFFF) % 1000000:06}"
